#include "state_access.h"

#include <stdlib.h>

#include "state/address.h"
#include "state_access_s3.h"
#include "state_host.h"

#define USER        "TF_HTTP_USERNAME"
#define PASSWORD    "TF_HTTP_PASSWORD"
#define CERTIFICATE "TF_HTTP_CLIENT_CERTIFICATE_PEM"
#define KEY         "TF_HTTP_CLIENT_PRIVATE_KEY_PEM"
#define CA          "TF_HTTP_CLIENT_CA_CERTIFICATE_PEM"

/* ---- What a file of --env-file may say ------------------------------------------------------- */

static bool begins_with(const char *name, const char *prefix)
{
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

static bool stands_in(const char *const *names, const char *name)
{
    while (*names && strcmp(name, *names) != 0)
        names++;
    return *names != NULL;
}

bool state_access_variable(const char *name)
{
    static const char *const names[] = {USER,
                                        PASSWORD,
                                        CERTIFICATE,
                                        KEY,
                                        CA,
                                        "AWS_ACCESS_KEY_ID",
                                        "AWS_SECRET_ACCESS_KEY",
                                        "AWS_SESSION_TOKEN",
                                        NULL};
    return stands_in(names, name) || begins_with(name, "CFKV_STATE_TOKEN_");
}

bool state_access_never(const char *name)
{
    static const char *const names[] = {"AWS_CONFIG_FILE",
                                        "AWS_SHARED_CREDENTIALS_FILE",
                                        "AWS_CA_BUNDLE",
                                        "TF_HTTP_ADDRESS",
                                        "TF_HTTP_LOCK_ADDRESS",
                                        "TF_HTTP_UNLOCK_ADDRESS",
                                        NULL};
    return stands_in(names, name) || begins_with(name, "AWS_ENDPOINT_URL");
}

/* ---- Terraform's protocol -------------------------------------------------------------------- */

static const char *variable(const struct state_access_wanted *w, const char *name)
{
    const char *value = dotenv_get(w->env, name);
    return value && *value ? value : NULL;
}

/* Whose word is it that Terraform's variables may go there? The variable counts where the user
 * exports it, never in a file. */
static bool is_terraforms(struct arena *arena, const struct state_access_wanted *w)
{
    const char *named = getenv("TF_HTTP_ADDRESS");
    struct state_said said = {.url = named};
    struct state_address a;
    struct error unheard;
    return w->named_by_user ||
           (named && *named && state_address_parse(arena, &said, &a, &unheard) &&
            a.kind == STATE_HTTP && strcmp(a.url, w->address->url) == 0);
}

/* The one credential that may do everything with the account stays with the account. */
static bool check_foreign(const struct state_access_wanted *w, const char *name, const char *value,
                          struct error *err)
{
    const char *token = variable(w, "CLOUDFLARE_API_TOKEN");
    const char *printed = w->api ? w->api->http.credentials.token : NULL;
    if ((!token || strcmp(token, value) != 0) && (!printed || strcmp(printed, value) != 0))
        return true;
    error_set(err, ERR_DENIED, "%s is the token of Cloudflare's API, which no state host gets",
              name);
    return error_hint(err, "make a token of its own for the state's host");
}

bool state_access_check(const char *what, const char *value, struct error *err)
{
    for (const char *c = value ? value : ""; *c; c++)
        if (*c <= 0x20 || *c >= 0x7f) {
            error_set(err, ERR_USAGE, "%s holds a character that no header may carry, at byte %zu",
                      what, (size_t)(c - value) + 1);
            return error_hint(err, "a line break, blank or quote may have been copied with it");
        }
    return true;
}

static bool take_token(const struct state_access_wanted *w, const char *name,
                       struct state_access *out, struct error *err)
{
    char told[DOTENV_TOLD_SIZE];
    out->token = variable(w, name);
    out->source = name;
    return state_access_check(dotenv_told(w->env, name, told), out->token, err) &&
           check_foreign(w, told, out->token, err);
}

static bool half(const struct state_access_wanted *w, const char *given, const char *missing,
                 struct error *err)
{
    char told[DOTENV_TOLD_SIZE];
    error_set(err, ERR_USAGE, "%s is set, but not %s", dotenv_told(w->env, given, told), missing);
    return error_hint(err, "set both, or neither");
}

/* Terraform takes the text, not the name of a file that has it. */
static bool take_pem(const struct state_access_wanted *w, const char *name, const char **out,
                     struct error *err)
{
    *out = variable(w, name);
    if (!*out || strstr(*out, "-----BEGIN "))
        return true;
    error_set(err, ERR_USAGE, "%s holds no PEM text", name);
    return error_hint(err, "it is the text itself: export %s=\"$(cat FILE)\"", name);
}

static bool take_terraforms(const struct state_access_wanted *w, struct state_access *out,
                            struct error *err)
{
    const char *user = variable(w, USER), *password = variable(w, PASSWORD);
    if (!take_pem(w, CERTIFICATE, &out->cert_pem, err) || !take_pem(w, KEY, &out->key_pem, err) ||
        !take_pem(w, CA, &out->ca_pem, err))
        return false;
    if (!out->cert_pem != !out->key_pem)
        return half(w, out->cert_pem ? CERTIFICATE : KEY, out->cert_pem ? KEY : CERTIFICATE, err);
    if (out->token || (!user && !password))
        return true;
    if (!user)
        return half(w, PASSWORD, USER, err);
    if (strchr(user, ':')) {
        error_set(err, ERR_USAGE, USER " holds a ':', which ends a user's name");
        return error_hint(err, "give the password in " PASSWORD);
    }
    out->user = user;
    out->password = password ? password : "";
    out->source = USER;
    return check_foreign(w, PASSWORD, out->password, err);
}

static bool read_http(struct arena *arena, const struct state_access_wanted *w,
                      struct state_access *out, struct error *err)
{
    const char *url = w->address->url;
    struct state_host_tokens t = {0};
    bool has_name = state_host_tokens(arena, url, &t);
    const char *name = has_name && variable(w, t.of_port)   ? t.of_port
                       : has_name && variable(w, t.of_host) ? t.of_host
                                                            : NULL;
    out->hint = arena_printf(arena,
                             "set %s%sTF_HTTP_ADDRESS=%s with TF_HTTP_USERNAME and "
                             "TF_HTTP_PASSWORD",
                             has_name ? t.of_host : "", has_name ? ", or " : "", url);
    return (!name || take_token(w, name, out, err)) &&
           (!is_terraforms(arena, w) || take_terraforms(w, out, err));
}

bool state_access_wants_api(const struct state_address *address)
{
    struct arena arena = {0};
    bool wants =
        address->kind == STATE_S3 &&
        (!address->endpoint || state_host_of(&arena, address->endpoint).service == SERVICE_R2);
    arena_release(&arena);
    return wants;
}

bool state_access_read(struct arena *arena, const struct state_access_wanted *w,
                       struct state_access *out, struct error *err)
{
    *out = (struct state_access){0};
    return w->address->kind == STATE_S3     ? state_access_s3(arena, w, out, err)
           : w->address->kind == STATE_HTTP ? read_http(arena, w, out, err)
                                            : true;
}
