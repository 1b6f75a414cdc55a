#include "lease.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/duration.h"
#include "base/text.h"
#include "envelope.h"

/* Copies text, cut at a character boundary to what fits, with nothing that a terminal would obey:
 * it may be another program's. */
static void take(char *out, size_t size, struct bytes text)
{
    struct buf shown = {0};
    text_show(&shown, text);
    size_t n = shown.len < size ? shown.len : size - 1;
    while (n > 0 && n < shown.len && ((unsigned char)shown.data[n] & 0xC0) == 0x80)
        n--;
    for (size_t i = 0; i < n; i++)
        out[i] = shown.data[i] == '\n' || shown.data[i] == '\t' ? ' ' : shown.data[i];
    out[n] = '\0';
    buf_release(&shown);
}

#define TAKE(member, text) take(member, sizeof(member), text)

/* ---- Ours ------------------------------------------------------------------------------------ */

static struct bytes of_env(const char *name)
{
    const char *value = getenv(name);
    return bytes_of(value ? value : "");
}

/* The page of the job that runs us, by the documented variables of GitHub Actions and GitLab. */
static void find_job(struct lease *lease)
{
    struct bytes server = of_env("GITHUB_SERVER_URL"), repository = of_env("GITHUB_REPOSITORY"),
                 run = of_env("GITHUB_RUN_ID");
    if (server.len && repository.len && run.len) {
        struct buf url = {0};
        buf_addf(&url, "%.*s/%.*s/actions/runs/%.*s", BYTES_FMT(server), BYTES_FMT(repository),
                 BYTES_FMT(run));
        TAKE(lease->job, buf_bytes(&url));
        buf_release(&url);
    } else {
        TAKE(lease->job, of_env("CI_JOB_URL"));
    }
}

bool lease_make(struct lease *lease, const char *command, struct error *err)
{
    char host[sizeof lease->host] = "";
    struct bytes user = of_env("USER");
    *lease = (struct lease){.pid = (int64_t)getpid(), .seconds = LEASE_SECONDS};
    if (!envelope_uuid(lease->id, err))
        return false;
    if (gethostname(host, sizeof host - 1) != 0)
        host[0] = '\0';
    TAKE(lease->host, bytes_of(*host ? host : "?"));
    if (!user.len)
        user = of_env("LOGNAME");
    struct buf who = {0};
    if (user.len)
        buf_addf(&who, "%.*s@", BYTES_FMT(user));
    buf_add_str(&who, lease->host);
    TAKE(lease->who, buf_bytes(&who));
    buf_release(&who);
    TAKE(lease->command, bytes_of(command));
    find_job(lease);
    return true;
}

bool lease_expired(const struct lease *lease, int64_t now)
{
    return lease->seconds > 0 && now - lease->renewed >= lease->seconds;
}

/* ---- In the envelope ------------------------------------------------------------------------- */

void lease_write(const struct lease *lease, struct json_writer *w)
{
    json_begin_object(w);
    json_field_str(w, "command", lease->command);
    json_field_str(w, "host", lease->host);
    json_field_str(w, "id", lease->id);
    json_field_str(w, "job", lease->job[0] ? lease->job : NULL);
    json_field_int(w, "pid", lease->pid);
    json_field_int(w, "renewed", lease->renewed);
    json_field_int(w, "seconds", lease->seconds);
    json_field_int(w, "taken", lease->taken);
    json_field_str(w, "who", lease->who);
    json_end_object(w);
}

static bool read_text(const struct json *object, const char *name, char *out, size_t size,
                      struct error *err)
{
    const struct json *v = json_member(object, name);
    const char *text;
    if (!v || json_is_null(v))
        return true;
    if (!json_as_str(v, &text))
        return error_set(err, ERR_FORMAT, "member '%s' of the lease is no text", name);
    take(out, size, bytes_of(text));
    return true;
}

static bool read_number(const struct json *object, const char *name, int64_t *out,
                        struct error *err)
{
    const struct json *v = json_member(object, name);
    if (!v || (json_as_int(v, out) && *out >= 0))
        return true;
    return error_set(err, ERR_FORMAT, "member '%s' of the lease is no number from 0 on", name);
}

bool lease_read(const struct json *object, struct lease *lease, struct error *err)
{
    *lease = (struct lease){0};
    if (!json_is_object(object))
        return error_set(err, ERR_FORMAT, "the lease is no object");
    return read_text(object, "command", lease->command, sizeof lease->command, err) &&
           read_text(object, "host", lease->host, sizeof lease->host, err) &&
           read_text(object, "id", lease->id, sizeof lease->id, err) &&
           read_text(object, "job", lease->job, sizeof lease->job, err) &&
           read_text(object, "who", lease->who, sizeof lease->who, err) &&
           read_number(object, "pid", &lease->pid, err) &&
           read_number(object, "renewed", &lease->renewed, err) &&
           read_number(object, "seconds", &lease->seconds, err) &&
           read_number(object, "taken", &lease->taken, err);
}

/* ---- Terraform's lock info ------------------------------------------------------------------- */

/* "pid 4711 on build-7, https://…" */
static void add_info(const struct lease *lease, struct buf *out)
{
    buf_addf(out, "pid %lld on %s", (long long)lease->pid, lease->host);
    if (lease->job[0])
        buf_addf(out, ", %s", lease->job);
}

void lease_write_lock_info(const struct lease *lease, const char *path, bool expiring,
                           struct buf *out)
{
    struct json_writer w = json_writer_to(out, 0);
    struct buf info = {0};
    char created[MOMENT_SIZE];
    moment_show(lease->taken, created);
    add_info(lease, &info);
    json_begin_object(&w);
    json_field_str(&w, "Created", created);
    json_field_str(&w, "ID", lease->id);
    json_field_string(&w, "Info", buf_bytes(&info));
    if (expiring)
        json_field_int(&w, "Lease", LEASE_SECONDS);
    json_field_str(&w, "Operation",
                   strncmp(lease->command, "cfkv ", 5) == 0 ? lease->command + 5 : lease->command);
    json_field_str(&w, "Path", path);
    json_field_str(&w, "Version", "cfkv " CFKV_VERSION);
    json_field_str(&w, "Who", lease->who);
    json_end_object(&w);
    buf_release(&info);
}

static struct bytes text_member(const struct json *object, const char *name)
{
    const char *text = "";
    json_as_str(json_member(object, name), &text);
    return bytes_of(text);
}

/* The words of our own Info, whoever wrote them. */
static void read_info(struct lease *lease, struct bytes info)
{
    const char *url = info.len ? strstr(info.data, "https://") : NULL;
    long long pid;
    if (!url && info.len)
        url = strstr(info.data, "http://");
    if (url)
        TAKE(lease->job, bytes_make(url, strcspn(url, " \t\r\n,;\"")));
    if (info.len && sscanf(info.data, "pid %18lld on ", &pid) == 1 && pid > 0)
        lease->pid = pid;
}

/* Seconds, as a number or as a time. */
static int64_t moment_member(const struct json *object, const char *name)
{
    const struct json *v = json_member(object, name);
    int64_t at = 0;
    if (!json_as_int(v, &at) && !moment_parse(text_member(object, name), &at))
        return 0;
    return at > 0 ? at : 0;
}

bool lease_read_lock_info(struct bytes text, struct lease *lease, int64_t *expires)
{
    struct error ignored;
    struct json *doc = text.len > 0 ? json_doc_parse(text, &ignored) : NULL;
    *lease = (struct lease){0};
    *expires = 0;
    if (json_is_object(doc)) {
        struct bytes who = text_member(doc, "Who"), version = text_member(doc, "Version");
        struct buf command = {0};
        buf_add_str(&command, bytes_starts_with(version, bytes_of("cfkv ")) ? "cfkv " : "");
        buf_add_bytes(&command, text_member(doc, "Operation"));
        const char *at = who.len ? strrchr(who.data, '@') : NULL;
        TAKE(lease->id, text_member(doc, "ID"));
        TAKE(lease->who, who);
        TAKE(lease->host, bytes_of(at ? at + 1 : ""));
        TAKE(lease->command, buf_bytes(&command));
        read_info(lease, text_member(doc, "Info"));
        lease->taken = lease->renewed = moment_member(doc, "Created");
        *expires = moment_member(doc, "Expires");
        json_as_int(json_member(doc, "Lease"), &lease->seconds);
        if (lease->seconds < 0)
            lease->seconds = 0;
        buf_release(&command);
    }
    json_doc_free(doc);
    return lease->id[0] != '\0';
}

/* ---- Words ----------------------------------------------------------------------------------- */

void lease_age(int64_t seconds, struct buf *out)
{
    int64_t n = seconds > 0 ? seconds : 0;
    if (n < 120)
        buf_addf(out, "%lld s", (long long)n);
    else if (n < 2 * 3600)
        buf_addf(out, "%lld min", (long long)(n / 60));
    else if (n < 2 * DURATION_DAY)
        buf_addf(out, "%lld h", (long long)(n / 3600));
    else
        buf_addf(out, "%lld days", (long long)(n / DURATION_DAY));
}

/* Adds one more of the things in parentheses. */
static void add_part(struct buf *out, bool *any, const char *before, const char *text)
{
    buf_add_str(out, *any ? ", " : " (");
    buf_addf(out, "%s%s", before, text);
    *any = true;
}

void lease_words(const struct lease *lease, int64_t now, struct buf *out)
{
    bool any = false;
    char pid[32];
    buf_add_str(out, lease->who[0] ? lease->who : lease->host[0] ? lease->host : "somebody");
    if (lease->command[0])
        add_part(out, &any, "", lease->command);
    if (lease->pid > 0) {
        snprintf(pid, sizeof pid, "%lld", (long long)lease->pid);
        add_part(out, &any, "pid ", pid);
    }
    if (now > 0 && lease->taken > 0) {
        struct buf age = {0};
        lease_age(now - lease->taken, &age);
        add_part(out, &any, "for ", age.data);
        buf_release(&age);
    }
    if (lease->job[0])
        add_part(out, &any, "", lease->job);
    buf_add_str(out, any ? ")" : "");
}
