#include "credentials.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>

#include "base/file.h"
#include "base/text.h"
#include "credentials_command.h"
#include "model/model.h"

#define TOKEN      "CLOUDFLARE_API_TOKEN"
#define TOKEN_FILE "CLOUDFLARE_API_TOKEN_FILE"
#define KEY        "CLOUDFLARE_API_KEY"
#define EMAIL      "CLOUDFLARE_EMAIL"
#define ACCOUNT    "CLOUDFLARE_ACCOUNT_ID"
#define BASE_URL   "CLOUDFLARE_API_BASE_URL"

extern char **environ;

#define TOKEN_MAX 4096 /* bytes of a token file; tokens have 40 to some hundred */

/* Tokens of the accounts that a project names. */
static const char own_prefix[] = TOKEN "_";

static bool is_own(const char *name)
{
    return strncmp(name, own_prefix, sizeof own_prefix - 1) == 0 && strcmp(name, TOKEN_FILE) != 0;
}

bool credentials_variable(const char *name)
{
    static const char *const names[] = {TOKEN, TOKEN_FILE, KEY, EMAIL, ACCOUNT, NULL};
    for (const char *const *n = names; *n; n++)
        if (strcmp(name, *n) == 0)
            return true;
    return is_own(name);
}

static const char *variable(const struct dotenv *env, const char *name)
{
    const char *value = dotenv_get(env, name);
    return value && *value ? value : NULL;
}

static bool common_given(const struct dotenv *env)
{
    return variable(env, TOKEN) || variable(env, TOKEN_FILE) || variable(env, KEY) ||
           variable(env, EMAIL);
}

/* A token of one account; which names there are is not known yet. */
static bool own_given(const struct dotenv *env)
{
    for (char *const *v = environ; *v; v++) {
        const char *equals = strchr(*v, '=');
        if (strncmp(*v, own_prefix, sizeof own_prefix - 1) == 0 && equals && equals[1] &&
            strncmp(*v, TOKEN_FILE "=", sizeof TOKEN_FILE) != 0)
            return true;
    }
    for (size_t i = 0; i < env->n; i++)
        if (is_own(env->items[i].name) && *env->items[i].value)
            return true;
    return false;
}

/* One that cannot be found out about is: what is wrong with its file is told when it is read. */
static bool command_given(void)
{
    struct arena arena = {0};
    struct credentials_command c;
    struct error untold;
    bool given = !credentials_command_find(&arena, &c, &untold) || c.line;
    arena_release(&arena);
    return given;
}

bool credentials_given(const struct dotenv *env)
{
    return common_given(env) || own_given(env) || command_given();
}

const char *credentials_common(struct arena *arena, const struct dotenv *env)
{
    static const char *const names[] = {TOKEN, TOKEN_FILE, KEY, EMAIL};
    struct credentials_command c;
    struct error untold;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (variable(env, names[i]))
            return names[i];
    return credentials_command_find(arena, &c, &untold) && c.line
               ? credentials_command_name(arena, &c)
               : NULL;
}

bool credentials_source(const struct dotenv *env, const char *name, struct credentials_source *out)
{
    const struct dotenv_variable *v = dotenv_find(env, name);
    *out = (struct credentials_source){.value = variable(env, name)};
    if (v) {
        out->file = v->file;
        out->line = v->line;
    }
    return out->value != NULL;
}

struct told {
    char text[DOTENV_TOLD_SIZE];
};

static struct told told(const struct dotenv *env, const char *name)
{
    struct told t = {{0}};
    dotenv_told(env, name, t.text);
    return t;
}

/* ---- The token ------------------------------------------------------------------------------- */

static bool read_token_file(struct arena *arena, const struct dotenv *env, const char *path,
                            const char **token, struct error *err)
{
    static const char blanks[] = " \t\r\n";
    struct buf text = {0};
    char name[200];
    bool ok = file_read(path, TOKEN_MAX, &text, err);
    if (!ok)
        error_wrap(err, "%s", told(env, TOKEN_FILE).text);
    struct bytes t = buf_bytes(&text);
    while (t.len > 0 && memchr(blanks, t.data[t.len - 1], 4))
        t.len--;
    while (t.len > 0 && memchr(blanks, t.data[0], 4))
        t = bytes_make(t.data + 1, t.len - 1);
    if (ok && !text_check_utf16(t, err))
        ok = error_wrap(err, "%s names %s", told(env, TOKEN_FILE).text,
                        text_quoted(bytes_of(path), name, sizeof name));
    else if (ok && (t.len == 0 || memchr(t.data, '\0', t.len)))
        ok = error_set(err, ERR_USAGE, "%s names %s, which holds no token",
                       told(env, TOKEN_FILE).text, text_quoted(bytes_of(path), name, sizeof name));
    if (ok)
        *token = arena_copy(arena, t).data;
    if (text.data)
        explicit_bzero(text.data, text.cap);
    buf_release(&text);
    return ok;
}

/* ---- Which form ------------------------------------------------------------------------------ */

/* No credential begins with a quotation mark: it is the shell's, an editor's or an env file's, and
 * the service would only say "Invalid request headers". */
static bool begins_quoted(const char *value)
{
    static const char *const marks[] = {"\"", "'", "\u201c", "\u201d", "\u2018", "\u2019"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (strncmp(value, marks[i], strlen(marks[i])) == 0)
            return true;
    return false;
}

/* What people copy along with a credential. `value` NULL: there is none. */
static bool check_bare(const char *name, const char *value, struct error *err)
{
    if (value && begins_quoted(value)) {
        error_set(err, ERR_USAGE, "%s begins with a quotation mark, which is no part of it", name);
        return error_hint(err, "take the quotation marks out: what sets it (an env file, a CI "
                               "variable) keeps them as they are");
    }
    if (value && strncasecmp(value, "Bearer ", strlen("Bearer ")) == 0) {
        error_set(err, ERR_USAGE, "%s begins with 'Bearer', which is no part of it", name);
        return error_hint(err, "give the token alone: cfkv makes the header of it");
    }
    return true;
}

static bool read_key(const struct dotenv *env, struct http_credentials *c, struct error *err)
{
    c->key = variable(env, KEY);
    c->email = variable(env, EMAIL);
    if (c->key && c->email)
        return check_bare(told(env, KEY).text, c->key, err) &&
               check_bare(told(env, EMAIL).text, c->email, err);
    error_set(err, ERR_USAGE, "%s is set, but not %s", told(env, c->key ? KEY : EMAIL).text,
              c->key ? EMAIL : KEY);
    return error_hint(err, "set both, or %s alone", TOKEN);
}

static bool read_either(struct arena *arena, const struct dotenv *env, struct http_credentials *c,
                        struct error *err)
{
    c->token = variable(env, TOKEN);
    const char *path = variable(env, TOKEN_FILE);
    if (c->token && path)
        return error_set(err, ERR_USAGE, "%s and %s are both set", told(env, TOKEN).text,
                         told(env, TOKEN_FILE).text);
    if (path)
        return read_token_file(arena, env, path, &c->token, err) &&
               check_bare("the token in " TOKEN_FILE, c->token, err);
    return c->token ? check_bare(told(env, TOKEN).text, c->token, err) : read_key(env, c, err);
}

/* The program is run once, however often a command opens the store. */
static bool ask_command(struct arena *arena, struct http_credentials *printed,
                        struct http_credentials *c, struct error *err)
{
    struct credentials_command command = {0};
    if (!printed->token && !printed->key &&
        (!credentials_command_find(arena, &command, err) ||
         (command.line && !credentials_command_run(arena, &command, printed, err))))
        return false;
    *c = *printed;
    return true;
}

const char *credentials_base_url(void)
{
    const char *base_url = getenv(BASE_URL);
    return base_url && *base_url ? base_url : CLOUDFLARE_API_URL;
}

bool credentials_account(const struct dotenv *env, const char **id, struct error *err)
{
    char shown[120];
    *id = variable(env, ACCOUNT);
    if (!*id || id_valid(bytes_of(*id)))
        return true;
    if (dotenv_find(env, ACCOUNT)) /* what stands in the wrong line of a file may be anything */
        error_set(err, ERR_USAGE, "%s is no account id", told(env, ACCOUNT).text);
    else
        error_set(err, ERR_USAGE, "%s is %s, which is no account id", ACCOUNT,
                  text_quoted(bytes_of(*id), shown, sizeof shown));
    return error_hint(err, "an account id is 32 hexadecimal digits, 0-9 and a-f; the Cloudflare "
                           "dashboard shows it");
}

bool credentials_read(struct arena *arena, const struct dotenv *env,
                      struct http_credentials *printed, struct cloudflare_options *options,
                      struct error *err)
{
    struct http_credentials *c = &options->http.credentials;
    struct rlimit limit;
    if (getrlimit(RLIMIT_CORE, &limit) == 0) {
        limit.rlim_cur = 0; /* a dump of the process would hold them, in the project's folder */
        setrlimit(RLIMIT_CORE, &limit);
    }
    options->http.base_url = credentials_base_url();
    options->source = credentials_common(arena, env);
    return credentials_account(env, &options->account_id, err) &&
           (common_given(env) ? read_either(arena, env, c, err)
                              : ask_command(arena, printed, c, err));
}

bool credentials_of_accounts(struct arena *arena, const struct dotenv *env,
                             const struct renamings *names, struct store *store, struct error *err)
{
    for (size_t i = 0; i < names->n; i++) {
        struct bytes name = names->items[i].from;
        if (account_name_fault(name)) /* no configuration has it: somebody wrote it into a state */
            continue;
        struct cloudflare_named_account named = {.id = names->items[i].to,
                                                 .variable = account_variable(arena, name)};
        named.token = variable(env, named.variable);
        if (!check_bare(told(env, named.variable).text, named.token, err) ||
            !cloudflare_store_name_account(store, &named, err))
            return false;
    }
    return true;
}
