#include "credentials.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/file.h"
#include "base/text.h"
#include "model/model.h"

#define TOKEN      "CLOUDFLARE_API_TOKEN"
#define TOKEN_FILE "CLOUDFLARE_API_TOKEN_FILE"
#define KEY        "CLOUDFLARE_API_KEY"
#define EMAIL      "CLOUDFLARE_EMAIL"
#define ACCOUNT    "CLOUDFLARE_ACCOUNT_ID"
#define BASE_URL   "CLOUDFLARE_API_BASE_URL"

extern char **environ;

#define TOKEN_MAX 4096 /* bytes of a token file; tokens have 40 to some hundred */

static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

static bool common_given(void)
{
    return variable(TOKEN) || variable(TOKEN_FILE) || variable(KEY) || variable(EMAIL);
}

/* A token of one account; which names there are is not known yet. */
static bool own_given(void)
{
    static const char prefix[] = TOKEN "_";
    for (char *const *v = environ; *v; v++) {
        const char *equals = strchr(*v, '=');
        if (strncmp(*v, prefix, sizeof prefix - 1) == 0 && equals && equals[1] &&
            strncmp(*v, TOKEN_FILE "=", sizeof TOKEN_FILE) != 0)
            return true;
    }
    return false;
}

bool credentials_given(void)
{
    return common_given() || own_given();
}

/* ---- The token ------------------------------------------------------------------------------- */

static bool read_token_file(struct arena *arena, const char *path, const char **token,
                            struct error *err)
{
    static const char blanks[] = " \t\r\n";
    struct buf text = {0};
    char name[200];
    bool ok = file_read(path, TOKEN_MAX, &text, err);
    if (!ok)
        error_wrap(err, "%s", TOKEN_FILE);
    struct bytes t = buf_bytes(&text);
    while (t.len > 0 && memchr(blanks, t.data[t.len - 1], 4))
        t.len--;
    while (t.len > 0 && memchr(blanks, t.data[0], 4))
        t = bytes_make(t.data + 1, t.len - 1);
    if (ok && !text_check_utf16(t, err))
        ok = error_wrap(err, "%s names %s", TOKEN_FILE,
                        text_quoted(bytes_of(path), name, sizeof name));
    else if (ok && (t.len == 0 || memchr(t.data, '\0', t.len)))
        ok = error_set(err, ERR_USAGE, "%s names %s, which holds no token", TOKEN_FILE,
                       text_quoted(bytes_of(path), name, sizeof name));
    if (ok)
        *token = arena_copy(arena, t).data;
    if (text.data)
        explicit_bzero(text.data, text.cap);
    buf_release(&text);
    return ok;
}

/* ---- Which form ------------------------------------------------------------------------------ */

/* No credential begins with a quotation mark: it is the shell's or an env file's, and the service
 * would only say "Invalid request headers". `value` NULL: there is none. */
static bool check_unquoted(const char *name, const char *value, struct error *err)
{
    if (!value || (*value != '"' && *value != '\''))
        return true;
    error_set(err, ERR_USAGE, "%s begins with a quotation mark, which is no part of it", name);
    return error_hint(err, "take the quotation marks out: what sets it (an env file, a CI "
                           "variable) keeps them as they are");
}

static bool read_key(struct http_credentials *c, struct error *err)
{
    c->key = variable(KEY);
    c->email = variable(EMAIL);
    if (c->key && c->email)
        return check_unquoted(KEY, c->key, err) && check_unquoted(EMAIL, c->email, err);
    error_set(err, ERR_USAGE, "%s is set, but not %s", c->key ? KEY : EMAIL, c->key ? EMAIL : KEY);
    return error_hint(err, "set both, or %s alone", TOKEN);
}

static bool read_either(struct arena *arena, struct http_credentials *c, struct error *err)
{
    c->token = variable(TOKEN);
    const char *path = variable(TOKEN_FILE);
    if (c->token && path)
        return error_set(err, ERR_USAGE, "%s and %s are both set", TOKEN, TOKEN_FILE);
    if (path)
        return read_token_file(arena, path, &c->token, err) &&
               check_unquoted("the token in " TOKEN_FILE, c->token, err);
    return c->token ? check_unquoted(TOKEN, c->token, err) : read_key(c, err);
}

const char *credentials_base_url(void)
{
    const char *base_url = variable(BASE_URL);
    return base_url ? base_url : CLOUDFLARE_API_URL;
}

bool credentials_account(const char **id, struct error *err)
{
    char shown[120];
    *id = variable(ACCOUNT);
    if (!*id || id_valid(bytes_of(*id)))
        return true;
    error_set(err, ERR_USAGE, "%s is %s, which is no account id", ACCOUNT,
              text_quoted(bytes_of(*id), shown, sizeof shown));
    return error_hint(err, "an account id is 32 hexadecimal digits, 0-9 and a-f; the Cloudflare "
                           "dashboard shows it");
}

bool credentials_read(struct arena *arena, struct cloudflare_options *options, struct error *err)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_CORE, &limit) == 0) {
        limit.rlim_cur = 0; /* a dump of the process would hold them, in the project's folder */
        setrlimit(RLIMIT_CORE, &limit);
    }
    options->http.base_url = credentials_base_url();
    return credentials_account(&options->account_id, err) &&
           (!common_given() || read_either(arena, &options->http.credentials, err));
}

bool credentials_of_accounts(struct arena *arena, const struct renamings *names,
                             struct store *store, struct error *err)
{
    for (size_t i = 0; i < names->n; i++) {
        struct bytes name = names->items[i].from;
        if (account_name_fault(name)) /* no configuration has it: somebody wrote it into a state */
            continue;
        struct cloudflare_named_account named = {.id = names->items[i].to,
                                                 .variable = account_variable(arena, name)};
        named.token = variable(named.variable);
        if (!check_unquoted(named.variable, named.token, err) ||
            !cloudflare_store_name_account(store, &named, err))
            return false;
    }
    return true;
}
