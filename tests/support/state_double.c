/*
 * state_double.c: services that hold a remote state, for specs; support/state_server.lua starts it.
 *
 *     state_double FOLDER
 *
 * Listens on a port of loopback that the kernel chooses, prints "http://127.0.0.1:PORT\n", and
 * serves until it is killed. All it knows is in FOLDER, where specs may look and write:
 *
 *     options       one JSON object, read once (see struct options)
 *     faults        {"rules": [ … ]}, read again for each request; need not be there
 *     clock         seconds that its clock is ahead of ours; need not be there
 *     objects/NAME  each document, NAME being the path below the root with "/" as "%2F"
 *     locks/NAME    the lock info of each lock that is held; NAME.expires: until when
 *     serials/NAME  the serials that were written (mode gitlab)
 *     log           a JSON line a request, written before it is answered: n, verb, path, query,
 *                   headers (names in lower case, credentials included), body, status (0: there was
 *                   no answer), fault (null: none), done (it had its effect)
 *
 * A rule is {"match": {"method", "path" (a glob), "nth", "from", "every"}, "times", "fault", …}, as
 * those of `cfkv serve --faults`; the first that fires decides. "fault":
 *
 *     status        "status" (503) with "body", "retry_after"
 *     drop          the connection ends without an answer
 *     reset         it is reset
 *     hang          no answer for "ms" or until the client is gone; then no effect either
 *     truncate      it ends in the middle of the answer
 *     delay         "ms" later all is well, be the client gone or not
 *     twice         it is done twice, and the second answer is given
 *     echo          the answer is sent twice
 *     other         something else wrote the document just before: its "serial" and "nonce" are
 *                   others
 * "after": true does the work before a status, drop, reset or hang.
 */
#define _GNU_SOURCE 1 /* POLLRDHUP */

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <nettle/md5.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/mem.h"

#define BODY_MAX   ((size_t)256 << 20)
#define HEAD_MAX   ((size_t)64 << 10)
#define RULES_MAX  64
#define PACED_MAX  64
#define LOGGED_MAX ((size_t)1 << 20) /* of a body */

/* ---- What it is told ------------------------------------------------------------------------- */

enum mode { MODE_S3, MODE_HTTP, MODE_GITLAB, MODE_LEASES };
enum conditions { QUOTED, UNQUOTED, EITHER, IGNORED };

struct options {
    enum mode mode;             /* "mode": "s3", "http", "gitlab", "leases" */
    enum conditions conditions; /* "conditions": how s3 wants If-Match: "quoted" (R2: else 500),
                                   "unquoted" (Ceph: else 412), "either" (AWS), "ignored" */
    bool etag;                  /* "etag": answers carry one, and http looks at If-Match */
    bool locks;                 /* "locks": false: 405 */
    int64_t missing;            /* "missing": to If-Match where nothing is: 412 or 404 */
    int64_t empty;              /* "empty": to a GET of http where nothing is: 404, 204 or 200 */
    int64_t pace_ms;            /* "pace_ms": a second write of a key within it is a 429; 0: none */
    int64_t limit;              /* "limit": bytes of a document, else 413; 0: none */
    const char *bucket;         /* "bucket" */
    const char *access;         /* "access": the AWS access key id; NULL: nobody is asked */
    const char *authorization;  /* "authorization": the whole header of http; NULL: as above */
};

static struct {
    const char *folder;
    struct options options;
    pthread_mutex_t mutex; /* of all that follows, and of the folder */
    uint64_t n;
    int log;
    struct buf rules_text;
    uint64_t seen[RULES_MAX], fired[RULES_MAX];
    struct {
        char name[256];
        int64_t at_ms;
    } paced[PACED_MAX];
} server = {.mutex = PTHREAD_MUTEX_INITIALIZER};

/* A path in the folder; of the caller. */
static char *in_folder(const char *kind, const char *name, const char *end)
{
    struct buf path = {0};
    buf_addf(&path, "%s/%s%s", server.folder, kind, *name ? "/" : "");
    for (const char *c = name; *c; c++)
        if (*c == '/')
            buf_add_str(&path, "%2F");
        else
            buf_add_char(&path, *c);
    buf_add_str(&path, end);
    buf_add_char(&path, '\0');
    return path.data;
}

static bool slurp(const char *kind, const char *name, const char *end, struct buf *out)
{
    struct error err;
    char *path = in_folder(kind, name, end);
    buf_clear(out);
    bool there = file_read(path, BODY_MAX, out, &err);
    mem_free(path);
    return there;
}

static void store(const char *kind, const char *name, const char *end, struct bytes text)
{
    struct error err;
    char *path = in_folder(kind, name, end);
    if (!file_rewrite(path, text, &err)) {
        fprintf(stderr, "state_double: %s\n", err.message);
        exit(1);
    }
    mem_free(path);
}

static void drop(const char *kind, const char *name, const char *end)
{
    char *path = in_folder(kind, name, end);
    unlink(path);
    mem_free(path);
}

static int64_t number_in(const char *kind, const char *name, const char *end)
{
    struct buf text = {0};
    int64_t n = 0;
    if (slurp(kind, name, end, &text)) {
        buf_add_char(&text, '\0');
        n = strtoll(text.data, NULL, 10);
    }
    buf_release(&text);
    return n;
}

static int64_t now_s(void)
{
    return clock_now() + number_in("clock", "", "");
}

static const char *member_str(const struct json *object, const char *name, const char *otherwise)
{
    const char *s = otherwise;
    json_as_str(json_member(object, name), &s);
    return s;
}

static int64_t member_int(const struct json *object, const char *name, int64_t otherwise)
{
    json_as_int(json_member(object, name), &otherwise);
    return otherwise;
}

static bool member_bool(const struct json *object, const char *name, bool otherwise)
{
    json_as_bool(json_member(object, name), &otherwise);
    return otherwise;
}

static size_t word(const char *text, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(text, words[i]) == 0)
            return i;
    fprintf(stderr, "state_double: what is \"%s\"?\n", text);
    exit(1);
}

/* Their tree stays: the texts are its. */
static void read_options(void)
{
    static const char *const modes[] = {"s3", "http", "gitlab", "leases"};
    static const char *const conditions[] = {"quoted", "unquoted", "either", "ignored"};
    struct error err = {0};
    struct buf text = {0};
    const struct json *o = NULL;
    if (!slurp("options", "", "", &text) || !(o = json_doc_parse(buf_bytes(&text), &err))) {
        fprintf(stderr, "state_double: options: %s\n", err.message);
        exit(1);
    }
    buf_release(&text);
    enum mode mode = (enum mode)word(member_str(o, "mode", ""), modes, 4);
    server.options = (struct options){
        .mode = mode,
        .conditions = (enum conditions)word(member_str(o, "conditions", "quoted"), conditions, 4),
        .etag = member_bool(o, "etag", mode != MODE_GITLAB),
        .locks = member_bool(o, "locks", true),
        .missing = member_int(o, "missing", 412),
        .empty = member_int(o, "empty", mode == MODE_GITLAB ? 204 : 404),
        .pace_ms = member_int(o, "pace_ms", 0),
        .limit = member_int(o, "limit", 0),
        .bucket = member_str(o, "bucket", "bucket"),
        .access = member_str(o, "access", NULL),
        .authorization = member_str(o, "authorization", NULL),
    };
}

/* ---- Requests and answers -------------------------------------------------------------------- */

struct request {
    struct buf head, body;
    const char *verb, *path, *query; /* in `head`; the path decoded, without its first slash */
    char *headers;                   /* in `head`: "Name: value\0…\0\0" */
};

struct answer {
    int status;
    struct buf headers, body;
};

static const char *header(const struct request *r, const char *name)
{
    size_t len = strlen(name);
    for (const char *h = r->headers; *h; h += strlen(h) + 1)
        if (strncasecmp(h, name, len) == 0 && h[len] == ':')
            return h + len + 1 + strspn(h + len + 1, " \t");
    return NULL;
}

static void decode_percent(char *s)
{
    char *to = s;
    for (; *s; s++, to++) {
        unsigned value;
        if (*s == '%' && isxdigit((unsigned char)s[1]) && isxdigit((unsigned char)s[2]) &&
            sscanf(s + 1, "%2x", &value) == 1) {
            *to = (char)value;
            s += 2;
        } else {
            *to = *s;
        }
    }
    *to = '\0';
}

/* Splits what `head` holds, up to its empty line. */
static bool split_head(struct request *r)
{
    buf_add_char(&r->head, '\0');
    char *line = r->head.data, *end = strstr(line, "\r\n");
    char *target = strchr(line, ' '), *version = target ? strchr(target + 1, ' ') : NULL;
    if (!end || !version || version > end || target[1] != '/')
        return false;
    *target = *version = '\0';
    r->verb = line;
    char *query = strchr(target + 1, '?');
    if (query)
        *query++ = '\0';
    r->query = query ? query : "";
    r->path = target + 2;
    decode_percent(target + 2);
    r->headers = end + 2;
    char *to = r->headers; /* each "\r\n" becomes one NUL */
    for (char *from = to, *eol; (eol = strstr(from, "\r\n")); from = eol + 2) {
        memmove(to, from, (size_t)(eol - from));
        to += eol - from;
        *to++ = '\0';
    }
    *to = '\0';
    return true;
}

static void say(struct answer *a, int status, const char *body)
{
    a->status = status;
    buf_clear(&a->body);
    buf_add_str(&a->body, body);
}

static void say_xml(struct answer *a, int status, const char *code)
{
    say(a, status, "");
    buf_addf(&a->headers, "Content-Type: application/xml\r\n");
    buf_addf(
        &a->body,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>%s</Code><Message>%s, says the "
        "double</Message></Error>",
        code, code);
}

static void make_etag(struct bytes text, char out[40])
{
    struct md5_ctx md5;
    uint8_t digest[MD5_DIGEST_SIZE];
    md5_init(&md5);
    md5_update(&md5, text.len, (const uint8_t *)text.data);
    md5_digest(&md5, sizeof digest, digest);
    struct buf hex = {0};
    buf_add_hex(&hex, digest, sizeof digest);
    snprintf(out, 40, "\"%.32s\"", hex.data);
    buf_release(&hex);
}

static void add_etag(struct answer *a, struct bytes text)
{
    char etag[40];
    make_etag(text, etag);
    if (server.options.etag)
        buf_addf(&a->headers, "ETag: %s\r\n", etag);
}

static void give(struct answer *a, const struct buf *text)
{
    a->status = 200;
    add_etag(a, buf_bytes(text));
    buf_add_bytes(&a->body, buf_bytes(text));
}

/* ---- Conditions ------------------------------------------------------------------------------ */

/* 0, or the status that refuses: what If-Match and If-None-Match ask of `now` (NULL: nothing). */
static int judge_conditions(const struct request *r, const struct buf *now, enum conditions how)
{
    const char *match = header(r, "If-Match"), *none = header(r, "If-None-Match");
    char quoted[40] = "", bare[40] = "";
    if (how == IGNORED)
        return 0;
    if (now) {
        make_etag(buf_bytes(now), quoted);
        snprintf(bare, sizeof bare, "%.32s", quoted + 1);
    }
    if (none && now && (strcmp(none, "*") == 0 || strcmp(none, quoted) == 0))
        return 412;
    if (!match)
        return 0;
    if (!now)
        return (int)server.options.missing;
    if (strcmp(match, "*") == 0)
        return 0;
    if (how == QUOTED && *match != '"' && strncmp(match, "W/", 2) != 0)
        return 500;
    bool same = (how != UNQUOTED && strcmp(match, quoted) == 0) ||
                (how != QUOTED && strcmp(match, bare) == 0);
    return same ? 0 : 412;
}

static bool is_too_soon(const char *name)
{
    if (server.options.pace_ms == 0)
        return false;
    int64_t now = clock_monotonic_ms();
    size_t at = 0;
    for (size_t i = 0; i < PACED_MAX; i++)
        if (strcmp(server.paced[i].name, name) == 0) {
            at = i;
            break;
        } else if (server.paced[i].at_ms < server.paced[at].at_ms) {
            at = i;
        }
    bool same = strcmp(server.paced[at].name, name) == 0;
    if (same && now - server.paced[at].at_ms < server.options.pace_ms)
        return true;
    snprintf(server.paced[at].name, sizeof server.paced[at].name, "%s", name);
    server.paced[at].at_ms = now;
    return false;
}

static bool is_too_large(const struct request *r)
{
    return server.options.limit > 0 && r->body.len > (size_t)server.options.limit;
}

/* ---- S3 -------------------------------------------------------------------------------------- */

/* The signature is not looked at, what it is about is. */
static bool s3_admits(const struct request *r, struct answer *a)
{
    const char *auth = header(r, "Authorization"), *sent = header(r, "x-amz-content-sha256");
    if (server.options.access) {
        static const char kind[] = "AWS4-HMAC-SHA256 Credential=";
        size_t len = strlen(server.options.access);
        if (!auth)
            return say_xml(a, 403, "AccessDenied"), false;
        if (strncmp(auth, kind, sizeof kind - 1) != 0 ||
            strncmp(auth + sizeof kind - 1, server.options.access, len) != 0 ||
            auth[sizeof kind - 1 + len] != '/')
            return say_xml(a, 403, "InvalidAccessKeyId"), false;
        if (!sent)
            return say_xml(a, 400, "InvalidRequest"), false;
    }
    struct digest digest = hash_sha256(buf_bytes(&r->body));
    char hex[HASH_HEX_SIZE];
    digest_hex(&digest, hex);
    if (sent && strcmp(sent, "UNSIGNED-PAYLOAD") != 0 && strcmp(sent, hex) != 0)
        return say_xml(a, 400, "XAmzContentSHA256Mismatch"), false;
    return true;
}

static void s3_put(const struct request *r, const struct buf *now, struct answer *a)
{
    int refused = judge_conditions(r, now, server.options.conditions);
    if (is_too_large(r))
        say_xml(a, 400, "EntityTooLarge");
    else if (refused == 500)
        say_xml(a, 500, "InternalError");
    else if (refused == 404)
        say_xml(a, 404, "NoSuchKey");
    else if (refused)
        say_xml(a, refused, "PreconditionFailed");
    else if (is_too_soon(r->path))
        say_xml(a, 429, "TooManyRequests");
    else {
        store("objects", r->path, "", buf_bytes(&r->body));
        add_etag(a, buf_bytes(&r->body));
        a->status = 200;
    }
}

static void serve_s3(const struct request *r, struct answer *a)
{
    size_t bucket = strlen(server.options.bucket);
    struct buf now = {0};
    if (!s3_admits(r, a))
        return;
    if (strncmp(r->path, server.options.bucket, bucket) != 0 || r->path[bucket] != '/') {
        say_xml(a, 404, "NoSuchBucket");
        return;
    }
    bool exists = slurp("objects", r->path, "", &now);
    if (strcmp(r->verb, "PUT") == 0) {
        s3_put(r, exists ? &now : NULL, a);
    } else if (strcmp(r->verb, "DELETE") == 0) {
        drop("objects", r->path, "");
        a->status = 204;
    } else if (strcmp(r->verb, "GET") != 0 && strcmp(r->verb, "HEAD") != 0) {
        say_xml(a, 405, "MethodNotAllowed");
    } else if (exists) {
        give(a, &now);
    } else {
        say_xml(a, 404, "NoSuchKey");
    }
    buf_release(&now);
}

/* ---- Terraform's protocol -------------------------------------------------------------------- */

/* The member "ID" of a lock info; "" for none. */
static void read_id(struct bytes info, char out[128])
{
    struct error err;
    struct json *doc = json_doc_parse(info, &err);
    snprintf(out, 128, "%s", member_str(doc, "ID", ""));
    json_doc_free(doc);
}

static bool is_leased(void)
{
    return server.options.mode == MODE_LEASES;
}

/* true: it is held, by `info` with `id`. A lease that is over is gone. */
static bool held(const char *name, struct buf *info, char id[128])
{
    int64_t until = is_leased() ? number_in("locks", name, ".expires") : 0;
    if (!slurp("locks", name, "", info) || (until != 0 && until <= now_s()))
        return false;
    read_id(buf_bytes(info), id);
    return true;
}

static void say_held(struct answer *a, const struct buf *info)
{
    say(a, server.options.mode == MODE_GITLAB ? 409 : 423, "");
    buf_add_str(&a->headers, "Content-Type: application/json\r\n");
    buf_add_bytes(&a->body, buf_bytes(info));
}

/* NULL, or the member of Terraform's seven that is not there, as GitLab asks. */
static const char *missing_field(struct bytes info)
{
    static const char *const fields[] = {"ID",      "Operation", "Info", "Who",
                                         "Version", "Created",   "Path"};
    struct error err;
    struct json *doc = json_doc_parse(info, &err);
    const char *missing = NULL;
    for (size_t i = 0; i < 7 && !missing; i++)
        if (!json_member(doc, fields[i]))
            missing = fields[i];
    json_doc_free(doc);
    return missing;
}

/* The lock info again, and until when it is held: Lease seconds from now, if it asks for that. */
static void grant(const char *name, const struct request *r, struct answer *a)
{
    struct error err;
    struct json *doc = json_doc_parse(buf_bytes(&r->body), &err);
    int64_t lease = is_leased() ? member_int(doc, "Lease", 0) : 0;
    char until[32] = "";
    store("locks", name, "", buf_bytes(&r->body));
    drop("locks", name, ".expires");
    a->status = 200;
    if (lease > 0) {
        snprintf(until, sizeof until, "%" PRId64, now_s() + lease);
        store("locks", name, ".expires", bytes_of(until));
        buf_add_str(&a->headers, "Content-Type: application/json\r\n");
        struct json_writer w = json_writer_to(&a->body, 0);
        json_begin_object(&w);
        for (const struct json *m = json_first(doc); m; m = json_next(m)) {
            struct buf value = {0};
            json_print(m, &value);
            json_key(&w, json_name(m));
            json_raw(&w, buf_bytes(&value));
            buf_release(&value);
        }
        json_field_int(&w, "Expires", now_s() + lease);
        json_end_object(&w);
    }
    json_doc_free(doc);
}

static void serve_lock(const char *name, const struct request *r, struct answer *a)
{
    struct buf info = {0};
    char id[128] = "", asked[128];
    const char *missing =
        server.options.mode == MODE_GITLAB ? missing_field(buf_bytes(&r->body)) : NULL;
    read_id(buf_bytes(&r->body), asked);
    bool is_held = held(name, &info, id);
    if (!server.options.locks)
        say(a, 405, "no locks here\n");
    else if (missing || !*asked) {
        say(a, 400, "");
        buf_addf(&a->body, "{\"error\":\"%s is missing\"}", missing ? missing : "ID");
    } else if (is_held && !(is_leased() && strcmp(id, asked) == 0))
        say_held(a, &info);
    else
        grant(name, r, a);
    buf_release(&info);
}

static void serve_unlock(const char *name, const struct request *r, struct answer *a)
{
    struct buf info = {0};
    char id[128] = "", asked[128];
    read_id(buf_bytes(&r->body), asked);
    bool is_held = held(name, &info, id);
    if (!server.options.locks)
        say(a, 405, "no locks here\n");
    else if (is_held && strcmp(id, asked) != 0 &&
             !(server.options.mode == MODE_GITLAB && !*asked)) {
        say_held(a, &info);
        a->status = 409;
    } else {
        drop("locks", name, "");
        drop("locks", name, ".expires");
        a->status = 200;
    }
    buf_release(&info);
}

/* 0, or the status that refuses the document's serial: GitLab wants each once. */
static int judge_serial(const struct request *r)
{
    struct error err;
    struct buf used = {0};
    struct json *doc = json_doc_parse(buf_bytes(&r->body), &err);
    int64_t serial = member_int(doc, "serial", -1);
    json_doc_free(doc);
    if (serial < 0)
        return 400;
    char line[32];
    snprintf(line, sizeof line, "\n%" PRId64 "\n", serial);
    if (!slurp("serials", r->path, "", &used))
        buf_add_char(&used, '\n');
    bool repeated = memmem(used.data, used.len, line, strlen(line)) != NULL;
    if (!repeated) {
        buf_add_str(&used, line + 1);
        store("serials", r->path, "", buf_bytes(&used));
    }
    buf_release(&used);
    return repeated ? 422 : 0;
}

static void http_post(const struct request *r, const struct buf *now, struct answer *a)
{
    struct buf info = {0};
    char id[128] = "";
    const char *given = strncmp(r->query, "ID=", 3) == 0 ? r->query + 3 : strstr(r->query, "&ID=");
    given = given && *given == '&' ? given + 4 : given;
    size_t len = given ? strcspn(given, "&") : 0;
    bool is_held = held(r->path, &info, id);
    bool by_us = is_held && given && strlen(id) == len && strncmp(id, given, len) == 0;
    int refused = server.options.etag ? judge_conditions(r, now, EITHER) : 0;
    if (is_too_large(r))
        say(a, 413, "too large\n");
    else if (is_held && !by_us)
        say_held(a, &info);
    else if (is_leased() && given && !is_held)
        say(a, 409, "{\"error\":\"that lock is not held\"}");
    else if (refused)
        say(a, refused, "{\"error\":\"it is not what you think\"}");
    else if (server.options.mode == MODE_GITLAB && (refused = judge_serial(r)) != 0)
        say(a, refused, "{\"message\":{\"version\":[\"has already been taken\"]}}");
    else {
        store("objects", r->path, "", buf_bytes(&r->body));
        a->status = 200;
        add_etag(a, buf_bytes(&r->body));
    }
    buf_release(&info);
}

static void serve_http_document(const struct request *r, struct answer *a)
{
    struct buf now = {0};
    bool exists = slurp("objects", r->path, "", &now);
    if (strcmp(r->verb, "GET") == 0 && exists)
        give(a, &now);
    else if (strcmp(r->verb, "GET") == 0)
        a->status = (int)server.options.empty;
    else if (strcmp(r->verb, "POST") == 0 || strcmp(r->verb, "PUT") == 0)
        http_post(r, exists ? &now : NULL, a);
    else if (strcmp(r->verb, "DELETE") == 0) {
        drop("objects", r->path, "");
        a->status = 200;
    } else
        say(a, 405, "what?\n");
    buf_release(&now);
}

static void serve_http(const struct request *r, struct answer *a)
{
    const char *auth = header(r, "Authorization");
    bool lock_path =
        server.options.mode != MODE_HTTP && bytes_ends_with(bytes_of(r->path), bytes_of("/lock"));
    char name[1024];
    snprintf(name, sizeof name, "%.*s", (int)(strlen(r->path) - (lock_path ? 5 : 0)), r->path);
    if (server.options.authorization && !auth)
        say(a, 401, "{\"message\":\"401 Unauthorized\"}");
    else if (server.options.authorization && strcmp(auth, server.options.authorization) != 0)
        say(a, 403, "{\"message\":\"403 Forbidden\"}");
    else if (lock_path && strcmp(r->verb, "POST") == 0)
        serve_lock(name, r, a);
    else if (lock_path && strcmp(r->verb, "DELETE") == 0)
        serve_unlock(name, r, a);
    else if (server.options.mode != MODE_GITLAB && strcmp(r->verb, "LOCK") == 0)
        serve_lock(name, r, a);
    else if (server.options.mode != MODE_GITLAB && strcmp(r->verb, "UNLOCK") == 0)
        serve_unlock(name, r, a);
    else
        serve_http_document(r, a);
}

static void serve(const struct request *r, struct answer *a)
{
    a->status = 500;
    buf_clear(&a->headers);
    buf_clear(&a->body);
    if (server.options.mode == MODE_S3)
        serve_s3(r, a);
    else
        serve_http(r, a);
}

/* ---- Faults ---------------------------------------------------------------------------------- */

struct fault {
    char kind[16], *body;
    bool after;
    int64_t ms, status, retry_after;
};

/* Counts the request, also when an earlier rule has fired. */
static bool rule_fires(const struct json *rule, size_t i, const struct request *r)
{
    const struct json *match = json_member(rule, "match");
    const char *method = member_str(match, "method", r->verb);
    const char *path = member_str(match, "path", "*");
    uint64_t nth = (uint64_t)member_int(match, "nth", 0);
    uint64_t every = (uint64_t)member_int(match, "every", 0);
    uint64_t from = (uint64_t)member_int(match, "from", 0);
    uint64_t times = (uint64_t)member_int(rule, "times", 0);
    if (strcmp(method, r->verb) != 0 || fnmatch(path, r->path - 1, 0) != 0)
        return false;
    uint64_t seen = ++server.seen[i];
    return (nth == 0 || seen == nth) && seen >= from && (every == 0 || seen % every == 0) &&
           (times == 0 || server.fired[i] < times);
}

/* Other rules are counted anew. */
static bool pick_fault(const struct request *r, struct fault *fault)
{
    struct error err;
    struct buf text = {0};
    bool fires = false;
    slurp("faults", "", "", &text);
    if (!bytes_equal(buf_bytes(&text), buf_bytes(&server.rules_text))) {
        buf_clear(&server.rules_text);
        buf_add_bytes(&server.rules_text, buf_bytes(&text));
        memset(server.seen, 0, sizeof server.seen);
        memset(server.fired, 0, sizeof server.fired);
    }
    struct json *doc = text.len ? json_doc_parse(buf_bytes(&text), &err) : NULL;
    size_t i = 0;
    for (const struct json *rule = json_first(json_member(doc, "rules")); rule && i < RULES_MAX;
         rule = json_next(rule), i++) {
        if (!rule_fires(rule, i, r) || fires)
            continue;
        fires = true;
        server.fired[i]++;
        *fault = (struct fault){.after = member_bool(rule, "after", false),
                                .ms = member_int(rule, "ms", 0),
                                .status = member_int(rule, "status", 503),
                                .retry_after = member_int(rule, "retry_after", -1),
                                .body = strdup(member_str(rule, "body", ""))};
        snprintf(fault->kind, sizeof fault->kind, "%s", member_str(rule, "fault", "drop"));
    }
    json_doc_free(doc);
    buf_release(&text);
    return fires;
}

/* Somebody else writes: one serial more, and another nonce. */
static void write_as_another(const char *name)
{
    struct error err;
    struct buf text = {0}, out = {0};
    struct json *doc =
        slurp("objects", name, "", &text) ? json_doc_parse(buf_bytes(&text), &err) : NULL;
    struct json_writer w = json_writer_to(&out, 2);
    json_begin_object(&w);
    for (const struct json *m = json_first(doc); m; m = json_next(m)) {
        struct buf value = {0};
        json_print(m, &value);
        json_key(&w, json_name(m));
        if (strcmp(json_name(m), "serial") == 0)
            json_int(&w, member_int(doc, "serial", 0) + 1);
        else if (strcmp(json_name(m), "nonce") == 0)
            json_str(&w, "0123456789abcdef0123456789abcdef");
        else
            json_raw(&w, buf_bytes(&value));
        buf_release(&value);
    }
    json_end_object(&w);
    buf_add_char(&out, '\n');
    if (doc)
        store("objects", name, "", buf_bytes(&out));
    json_doc_free(doc);
    buf_release(&text);
    buf_release(&out);
}

/* ---- The log --------------------------------------------------------------------------------- */

static void write_headers(struct json_writer *w, const struct request *r)
{
    json_field_object(w, "headers");
    for (const char *h = r->headers; *h; h += strlen(h) + 1) {
        char name[128];
        size_t len = strcspn(h, ":");
        snprintf(name, sizeof name, "%.*s", (int)len, h);
        for (char *c = name; *c; c++)
            *c = (char)tolower((unsigned char)*c);
        const char *value = h[len] ? h + len + 1 : "";
        json_field_str(w, name, value + strspn(value, " \t"));
    }
    json_end_object(w);
}

static void note(const struct request *r, int status, const char *fault, bool done)
{
    struct buf line = {0};
    struct json_writer w = json_writer_to(&line, 0);
    bool whole = r->body.len <= LOGGED_MAX;
    json_begin_object(&w);
    json_field_int(&w, "n", (int64_t)++server.n);
    json_field_str(&w, "verb", r->verb);
    json_field_str(&w, "path", r->path - 1);
    json_field_str(&w, "query", r->query);
    write_headers(&w, r);
    json_field_string(&w, "body", whole ? buf_bytes(&r->body) : bytes_of(""));
    json_field_int(&w, "bytes", (int64_t)r->body.len);
    json_field_int(&w, "status", status);
    json_field_str(&w, "fault", fault);
    json_field_bool(&w, "done", done);
    json_end_object(&w);
    buf_add_char(&line, '\n');
    if (write(server.log, line.data, line.len) < 0)
        perror("state_double: log");
    buf_release(&line);
}

/* ---- Connections ----------------------------------------------------------------------------- */

static bool send_all(int fd, struct bytes b)
{
    while (b.len > 0) {
        ssize_t n = send(fd, b.data, b.len, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        b = bytes_make(b.data + n, b.len - (size_t)n);
    }
    return true;
}

static void print_answer(const struct request *r, const struct answer *a, struct buf *out)
{
    char date[64];
    time_t now = (time_t)now_s();
    struct tm tm;
    gmtime_r(&now, &tm);
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &tm);
    bool head = strcmp(r->verb, "HEAD") == 0, empty = a->status == 204;
    buf_addf(out, "HTTP/1.1 %d Said by the double\r\nDate: %s\r\n", a->status, date);
    buf_add_bytes(out, buf_bytes(&a->headers));
    if (!empty)
        buf_addf(out, "Content-Length: %zu\r\n", a->body.len);
    buf_add_str(out, "\r\n");
    if (!head && !empty)
        buf_add_bytes(out, buf_bytes(&a->body));
}

static void wait_ms(int fd, int64_t ms, bool until_gone)
{
    struct pollfd p = {.fd = until_gone ? fd : -1, .events = POLLRDHUP};
    poll(&p, 1, (int)ms);
}

static void reset_connection(int fd)
{
    struct linger hard = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
}

/* Does, notes and answers a request with what goes wrong with it; false: the connection ends. */
static bool handle_fault(int fd, const struct request *r, const struct fault *f, struct answer *a,
                         struct buf *out)
{
    bool silent = strcmp(f->kind, "drop") == 0 || strcmp(f->kind, "reset") == 0 ||
                  strcmp(f->kind, "hang") == 0;
    bool status = strcmp(f->kind, "status") == 0;
    if (strcmp(f->kind, "delay") == 0) {
        pthread_mutex_unlock(&server.mutex);
        wait_ms(fd, f->ms, false);
        pthread_mutex_lock(&server.mutex);
    } else if (strcmp(f->kind, "other") == 0) {
        write_as_another(r->path);
    }
    if (!(silent || status) || f->after)
        serve(r, a);
    if (strcmp(f->kind, "twice") == 0)
        serve(r, a);
    if (status) {
        say(a, (int)f->status, f->body);
        buf_clear(&a->headers);
        if (f->retry_after >= 0)
            buf_addf(&a->headers, "Retry-After: %" PRId64 "\r\n", f->retry_after);
    }
    note(r, silent ? 0 : a->status, f->kind, !(silent || status) || f->after);
    print_answer(r, a, out);
    if (strcmp(f->kind, "echo") == 0)
        print_answer(r, a, out);
    if (strcmp(f->kind, "truncate") == 0)
        out->len -= a->body.len ? a->body.len - a->body.len / 2 : out->len / 2;
    if (strcmp(f->kind, "hang") == 0) {
        pthread_mutex_unlock(&server.mutex);
        wait_ms(fd, f->ms, true);
        pthread_mutex_lock(&server.mutex);
    }
    if (strcmp(f->kind, "reset") == 0)
        reset_connection(fd);
    if (silent)
        buf_clear(out);
    return !silent && strcmp(f->kind, "truncate") != 0;
}

static bool handle(int fd, const struct request *r)
{
    struct answer a = {0};
    struct fault fault = {0};
    struct buf out = {0};
    bool stays = true;
    pthread_mutex_lock(&server.mutex);
    if (pick_fault(r, &fault)) {
        stays = handle_fault(fd, r, &fault, &a, &out);
    } else {
        serve(r, &a);
        note(r, a.status, NULL, true);
        print_answer(r, &a, &out);
    }
    pthread_mutex_unlock(&server.mutex);
    stays = send_all(fd, buf_bytes(&out)) && stays;
    free(fault.body);
    buf_release(&a.headers);
    buf_release(&a.body);
    buf_release(&out);
    return stays;
}

/* Reads a request; `rest` are bytes that came behind the last one, and behind this one. */
static bool receive(int fd, struct buf *rest, struct request *r)
{
    char piece[16384], *end = NULL;
    ssize_t n = 1;
    for (;;) {
        end = rest->len ? memmem(rest->data, rest->len, "\r\n\r\n", 4) : NULL;
        if (end || rest->len > HEAD_MAX || (n = recv(fd, piece, sizeof piece, 0)) <= 0)
            break;
        buf_add(rest, piece, (size_t)n);
    }
    if (!end)
        return false;
    size_t head = (size_t)(end - rest->data) + 2;
    buf_add(&r->head, rest->data, head);
    if (!split_head(r))
        return false;
    const char *length = header(r, "Content-Length"), *expect = header(r, "Expect");
    size_t wanted = length ? strtoul(length, NULL, 10) : 0;
    if (wanted > BODY_MAX || (expect && !send_all(fd, bytes_of("HTTP/1.1 100 Continue\r\n\r\n"))))
        return false;
    size_t had = rest->len - head - 2, taken = had < wanted ? had : wanted;
    buf_add(&r->body, rest->data + head + 2, taken);
    memmove(rest->data, rest->data + head + 2 + taken, had - taken);
    rest->len = had - taken;
    while (r->body.len < wanted) {
        size_t left = wanted - r->body.len;
        n = recv(fd, piece, left < sizeof piece ? left : sizeof piece, 0);
        if (n <= 0)
            return false;
        buf_add(&r->body, piece, (size_t)n);
    }
    return true;
}

static void *serve_connection(void *ctx)
{
    int fd = (int)(intptr_t)ctx;
    struct buf rest = {0};
    bool stays = true;
    while (stays) {
        struct request r = {0};
        stays = receive(fd, &rest, &r) && handle(fd, &r);
        buf_release(&r.head);
        buf_release(&r.body);
    }
    buf_release(&rest);
    close(fd);
    return NULL;
}

int main(int argc, char **argv)
{
    static const char *const folders[] = {"objects", "locks", "serials"};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (argc != 2) {
        fputs("usage: state_double FOLDER\n", stderr);
        return 64;
    }
    server.folder = argv[1];
    read_options();
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        char *path = in_folder(folders[i], "", "");
        mkdir(path, 0700);
        mem_free(path);
    }
    char *log = in_folder("log", "", "");
    server.log = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    mem_free(log);
    if (fd < 0 || server.log < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(fd, 128) != 0 || getsockname(fd, (struct sockaddr *)&address, &size) != 0) {
        perror("state_double");
        return 1;
    }
    printf("http://127.0.0.1:%u\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        pthread_t thread;
        int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
        if (client < 0)
            continue;
        if (pthread_create(&thread, NULL, serve_connection, (void *)(intptr_t)client) != 0)
            close(client);
        else
            pthread_detach(thread);
    }
}
