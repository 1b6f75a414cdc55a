#include "env_files.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "credentials.h"
#include "state_access.h"
#include "wrangler_login.h"

#define ENV_FILE     ".env"
#define ENV_FILE_MAX (1024 * 1024)

/* ---- What is taken --------------------------------------------------------------------------- */

/* Where requests go and what is loaded; beside what begins with one of `own_prefixes`. */
static const char *const never[] = {"CLOUDFLARE_API_BASE_URL",
                                    "CF_API_BASE_URL",
                                    "CLOUDFLARE_ENV",
                                    "HTTP_PROXY",
                                    "HTTPS_PROXY",
                                    "ALL_PROXY",
                                    "NO_PROXY",
                                    "SSL_CERT_FILE",
                                    "SSL_CERT_DIR",
                                    "CURL_CA_BUNDLE",
                                    "NODE_OPTIONS",
                                    "PATH",
                                    NULL};
static const char *const never_prefixes[] = {"CFKV_", "LD_", "DYLD_", "LUA_", NULL};

/* wrangler's names of before, and of today. */
static const char *const renamed[][2] = {{"CF_API_TOKEN", "CLOUDFLARE_API_TOKEN"},
                                         {"CF_API_KEY", "CLOUDFLARE_API_KEY"},
                                         {"CF_EMAIL", "CLOUDFLARE_EMAIL"},
                                         {"CF_ACCOUNT_ID", "CLOUDFLARE_ACCOUNT_ID"}};

static bool begins_with(const char *name, const char *prefix)
{
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* Proxies have both cases. */
static bool is_never(const char *name)
{
    for (const char *const *n = never; *n; n++)
        if (strcasecmp(name, *n) == 0)
            return true;
    for (const char *const *p = never_prefixes; *p; p++)
        if (begins_with(name, *p))
            return true;
    return state_access_never(name);
}

/* Those of the other reserved names are settings of wrangler's own. */
static bool is_taken(const char *name)
{
    return credentials_variable(name) || state_access_variable(name) ||
           (!is_never(name) && !begins_with(name, "CLOUDFLARE_") && !begins_with(name, "CF_"));
}

static const char *name_today(const char *name)
{
    for (size_t i = 0; i < sizeof renamed / sizeof *renamed; i++)
        if (strcmp(name, renamed[i][0]) == 0)
            return renamed[i][1];
    return NULL;
}

/* ---- Reading --------------------------------------------------------------------------------- */

static bool read_file(struct arena *arena, const char *path, struct dotenv *out, struct error *err)
{
    struct buf text = {0};
    int fd = file_open_input(path, err);
    bool ok = fd >= 0 && file_read_fd(fd, path, ENV_FILE_MAX, &text, err);
    if (fd >= 0)
        close(fd);
    if (!ok)
        error_wrap(err, "--env-file");
    ok = ok && dotenv_read(arena, arena_str(arena, path), buf_bytes(&text), out, err);
    if (text.data)
        explicit_bzero(text.data, text.cap);
    buf_release(&text);
    return ok;
}

/* A credential with another variable's name in it would be sent as it is. */
static bool check_credentials(const struct dotenv *d, struct error *err)
{
    for (size_t i = 0; i < d->n; i++) {
        const struct dotenv_variable *v = &d->items[i];
        bool secret = credentials_variable(v->name) || state_access_variable(v->name);
        if (!v->refers || !secret || dotenv_find(d, v->name) != v)
            continue;
        error_set(err, ERR_FORMAT, "%s:%zu: %s names another variable, which cfkv does not replace",
                  v->file, v->line, v->name);
        return error_hint(err, "write the value itself; \\$ is a dollar");
    }
    return true;
}

static void tell(const struct dotenv_variable *v, struct buf *ignored, struct buf *old)
{
    const char *today = name_today(v->name);
    if (today)
        buf_addf(old, "%s%s (%s:%zu) is not read: it is called %s by now", old->len ? "; " : "",
                 v->name, v->file, v->line, today);
    else if (is_never(v->name))
        buf_addf(ignored, "%s%s (%s:%zu)", ignored->len ? ", " : "", v->name, v->file, v->line);
}

bool env_files_read(struct arena *arena, const struct text_list *files, struct dotenv *out,
                    struct buf *told, struct error *err)
{
    struct dotenv all = {0};
    struct buf ignored = {0}, old = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < files->n; i++)
        ok = read_file(arena, files->items[i], &all, err);
    for (size_t i = 0; ok && i < all.n; i++) {
        const struct dotenv_variable *v = &all.items[i];
        if (!is_taken(v->name)) {
            tell(v, &ignored, &old);
            continue;
        }
        arena_grow(arena, (void **)&out->items, &out->cap, out->n + 1, sizeof *out->items);
        out->items[out->n++] = *v;
    }
    if (ignored.len)
        buf_addf(told, "not taken from a file, only from the environment itself: %s", ignored.data);
    if (old.len)
        buf_addf(told, "%s%s", told->len ? "; " : "", old.data);
    buf_release(&ignored);
    buf_release(&old);
    return ok && check_credentials(out, err);
}

/* ---- Without credentials --------------------------------------------------------------------- */

static bool is_named(const struct text_list *files, const char *path)
{
    for (size_t i = 0; i < files->n; i++)
        if (strcmp(files->items[i], path) == 0)
            return true;
    return false;
}

void env_files_hint(const struct text_list *files, const char *folder, struct buf *hint)
{
    struct arena arena = {0};
    const char *places[] = {ENV_FILE, folder ? path_join(&arena, folder, ENV_FILE) : ENV_FILE};
    size_t n = strcmp(places[0], places[1]) == 0 ? 1 : 2;
    for (size_t i = 0; i < files->n; i++)
        buf_addf(hint, "; %s has none of them", files->items[i]);
    for (size_t i = 0; i < n; i++) {
        if (is_named(files, places[i]) || !file_exists(places[i]))
            continue;
        buf_addf(hint, "; %s is there, and read only with --env-file ", places[i]);
        text_shell_word(hint, bytes_of(places[i]));
    }
    for (size_t i = 0; i < sizeof renamed / sizeof *renamed; i++) {
        const char *value = getenv(renamed[i][0]);
        if (value && *value)
            buf_addf(hint, "; %s is set, which is called %s by now", renamed[i][0], renamed[i][1]);
    }
    wrangler_login_hint(hint);
    arena_release(&arena);
}
