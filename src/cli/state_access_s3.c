#include "state_access_s3.h"

#include <stdlib.h>
#include <strings.h>

#include "aws_profile.h"
#include "base/text.h"
#include "state/address.h"
#include "state_host.h"
#include "state_keys.h"

#define ID      "AWS_ACCESS_KEY_ID"
#define SECRET  "AWS_SECRET_ACCESS_KEY"
#define SESSION "AWS_SESSION_TOKEN"

#define EXPORT_HINT                                                                                \
    "give it 'credential_process = aws configure export-credentials --profile %s --format "        \
    "process'"

struct reading {
    struct arena *arena;
    const struct state_access_wanted *w;
    struct state_access *out;
    struct error *err;
    const char *profile_name;
    bool profile_named; /* by AWS_PROFILE */
    struct aws_profile profile;
    const char *trusted, *trusted_source; /* the endpoint that the user named; NULL: none */
    struct state_host host;
    bool is_trusted;
};

static const char *variable(const struct reading *r, const char *name)
{
    const char *value = dotenv_get(r->w->env, name);
    return value && *value ? value : NULL;
}

/* Never from a file of --env-file. */
static const char *own_variable(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

static const char *told(const struct reading *r, const char *name)
{
    char text[DOTENV_TOLD_SIZE];
    return arena_str(r->arena, dotenv_told(r->w->env, name, text));
}

/* ---- The endpoint ---------------------------------------------------------------------------- */

static bool read_profile(struct reading *r)
{
    const char *name = variable(r, "AWS_PROFILE");
    char shown[QUOTED_SIZE];
    if (!name)
        name = variable(r, "AWS_DEFAULT_PROFILE");
    r->profile_named = name != NULL;
    r->profile_name = name ? name : "default";
    if (!aws_profile_read(r->arena, r->profile_name, &r->profile, r->err))
        return false;
    if (r->profile.found || !r->profile_named)
        return true;
    error_set(r->err, ERR_USAGE, "AWS_PROFILE is %s, and there is no such profile",
              text_quoted(bytes_of(name), shown, sizeof shown));
    return error_hint(r->err, "profiles are those of %s", aws_profile_files(r->arena));
}

/* As an address has it, so that two spellings of one endpoint are one; NULL with the error. */
static const char *canonical(struct reading *r, const char *endpoint, const char *source)
{
    struct state_said said = {.url = r->w->address->text, .endpoint = endpoint};
    struct state_address a;
    if (state_address_parse(r->arena, &said, &a, r->err))
        return a.endpoint;
    error_wrap(r->err, "%s", source);
    return NULL;
}

static bool find_trusted(struct reading *r)
{
    static const char *const names[] = {"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"};
    const char *ignore = own_variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"), *endpoint = NULL;
    if (r->w->named_by_user && r->w->address->endpoint) {
        r->trusted = r->w->address->endpoint;
        r->trusted_source = "--state";
        return true;
    }
    if (ignore && strcasecmp(ignore, "true") == 0)
        return true;
    for (size_t i = 0; !endpoint && i < 2; i++)
        if ((endpoint = own_variable(names[i])))
            r->trusted_source = names[i];
    if (!endpoint && (endpoint = r->profile.endpoint))
        r->trusted_source = r->profile.endpoint_source;
    return !endpoint || (r->trusted = canonical(r, endpoint, r->trusted_source)) != NULL;
}

static const char *regional(const struct reading *r)
{
    const char *region = variable(r, "AWS_REGION");
    if (!region)
        region = variable(r, "AWS_DEFAULT_REGION");
    return region ? region : r->profile.region;
}

static bool check_region(struct reading *r, const char *region)
{
    struct state_said said = {.url = r->w->address->text, .region = region};
    struct state_address a;
    return state_address_parse(r->arena, &said, &a, r->err);
}

/* Amazon's own, since nobody named another. */
static bool settle_aws(struct reading *r)
{
    const char *region = r->w->address->region ? r->w->address->region : regional(r);
    if (!region) {
        error_set(r->err, ERR_USAGE, "the state %s is in no region and at no endpoint",
                  r->w->address->text);
        return error_hint(r->err, "set region = \"eu-central-1\", or for R2 endpoint = "
                                  "\"https://ACCOUNT_ID.r2.cloudflarestorage.com\", in state of "
                                  "cfkv.project; or AWS_REGION, or AWS_ENDPOINT_URL_S3");
    }
    bool china = strncmp(region, "cn-", 3) == 0;
    if (!check_region(r, region))
        return false;
    r->out->endpoint =
        arena_printf(r->arena, "https://s3.%s.amazonaws.com%s", region, china ? ".cn" : "");
    return true;
}

static bool refuse_r2(struct reading *r, const char *host)
{
    char account[80];
    if (r->w->account.len == 0) {
        error_set(r->err, ERR_DENIED,
                  "the state's endpoint %s is R2 of an account, and which account is worked on is "
                  "not known, so nothing is signed for it",
                  host);
        return error_hint(r->err, "set CLOUDFLARE_ACCOUNT_ID, or account_id in cfkv.project");
    }
    error_set(r->err, ERR_DENIED,
              "the state's endpoint %s is R2 of another account than %s, which is worked on, so "
              "nothing is signed for it",
              host, text_quoted(r->w->account, account, sizeof account));
    return error_hint(r->err, "if it is meant: AWS_ENDPOINT_URL_S3=%s names it outside the project",
                      r->out->endpoint);
}

/* Whose word is it that the keys may go there? */
static bool check_endpoint(struct reading *r)
{
    const char *endpoint = r->out->endpoint;
    r->host = state_host_of(r->arena, endpoint);
    r->is_trusted = r->trusted && strcmp(r->trusted, endpoint) == 0;
    if (r->is_trusted || r->host.service == SERVICE_AWS ||
        (r->host.service == SERVICE_R2 && bytes_equal(r->host.account, r->w->account)))
        return true;
    if (r->host.service == SERVICE_R2)
        return refuse_r2(r, endpoint);
    error_set(r->err, ERR_DENIED,
              "the state's endpoint %s is named by the project alone, so nothing is signed for it",
              endpoint);
    return error_hint(r->err,
                      "keys go to Amazon, to R2 of the account, and to what you name: if it is "
                      "meant, AWS_ENDPOINT_URL_S3=%s names it outside the project%s%s",
                      endpoint, r->trusted ? "; it is now named by " : "",
                      r->trusted ? r->trusted_source : "");
}

static bool settle_endpoint(struct reading *r)
{
    r->out->endpoint = r->w->address->endpoint ? r->w->address->endpoint : r->trusted;
    return (r->out->endpoint || settle_aws(r)) && check_endpoint(r);
}

/* R2 has one region, whatever the environment says for Amazon's. */
static bool settle_region(struct reading *r)
{
    const char *region = r->w->address->region;
    if (!region && r->host.service == SERVICE_R2)
        region = "auto";
    if (!region)
        region = r->host.region;
    if (!region)
        region = regional(r);
    r->out->region = region ? region : "us-east-1";
    return check_region(r, r->out->region);
}

/* ---- The keys -------------------------------------------------------------------------------- */

/* An id that Amazon gave is known by its beginning, and of no use at R2 (AWS Identity and Access
 * Management, "IAM identifiers"). */
static bool is_useless(const struct reading *r, const char *id)
{
    return r->host.service == SERVICE_R2 && strlen(id) == 20 &&
           (strncmp(id, "AKIA", 4) == 0 || strncmp(id, "ASIA", 4) == 0);
}

static bool take_variables(struct reading *r, bool *taken)
{
    const char *id = variable(r, ID), *secret = variable(r, SECRET);
    *taken = false;
    if (!id != !secret) {
        error_set(r->err, ERR_USAGE, "%s is set, but not %s", told(r, id ? ID : SECRET),
                  id ? SECRET : ID);
        return error_hint(r->err, "set both, or neither");
    }
    if (!id || is_useless(r, id))
        return true;
    r->out->aws_id = id;
    r->out->aws_secret = secret;
    r->out->aws_session = variable(r, SESSION);
    r->out->source = told(r, ID);
    return *taken = true;
}

static bool take_profile(struct reading *r)
{
    const struct aws_profile *p = &r->profile;
    if (p->id && !is_useless(r, p->id)) {
        r->out->aws_id = p->id;
        r->out->aws_secret = p->secret;
        r->out->aws_session = p->session;
        r->out->source = p->source;
    } else if (p->process) {
        state_keys_by_process(r->arena, p->process, p->source, r->out);
    }
    return r->out->source != NULL;
}

/* Whether the profile is meant for this endpoint, and not just the one that is there. */
static bool is_profile_meant(const struct reading *r)
{
    return r->profile_named || r->host.service != SERVICE_R2 ||
           (r->is_trusted && r->profile.endpoint_source == r->trusted_source);
}

/* Of this account's R2 only: nobody else can tell the keys, nor is told the token. */
static bool take_token(struct reading *r)
{
    const struct state_access_wanted *w = r->w;
    struct bytes name = account_name_of(w->names, w->account);
    const char *own =
        name.data && !account_name_fault(name) ? account_variable(r->arena, name) : NULL;
    const char *token = own ? variable(r, own) : NULL;
    if (r->host.service != SERVICE_R2 || !bytes_equal(r->host.account, w->account) || !w->api)
        return false;
    const char *source = token ? own : w->api->source;
    if (!token)
        token = w->api->http.credentials.token;
    if (token)
        state_keys_of_token(r->arena, w->api, token, arena_copy(r->arena, w->account).data,
                            source ? source : "CLOUDFLARE_API_TOKEN", r->out);
    return token != NULL;
}

static const char *hint(const struct reading *r)
{
    if (r->profile.unsupported)
        return arena_printf(
            r->arena,
            "profile '%s' gets its keys by %s, which only AWS's own program does: " EXPORT_HINT,
            r->profile_name, r->profile.unsupported, r->profile_name);
    return arena_printf(
        r->arena, "set " ID " and " SECRET ", or AWS_PROFILE to a profile of %s%s",
        aws_profile_files(r->arena),
        r->host.service == SERVICE_R2
            ? "; for R2, CLOUDFLARE_API_TOKEN with permission to the bucket is enough"
            : "");
}

static bool find_keys(struct reading *r)
{
    bool taken;
    if (!take_variables(r, &taken))
        return false;
    taken = taken || (is_profile_meant(r) && take_profile(r)) || take_token(r) || take_profile(r);
    r->out->hint = hint(r);
    return state_access_check(arena_printf(r->arena, "the key id of %s", r->out->source),
                              r->out->aws_id, r->err) &&
           state_access_check(arena_printf(r->arena, "the session token of %s", r->out->source),
                              r->out->aws_session, r->err);
}

bool state_access_s3(struct arena *arena, const struct state_access_wanted *w,
                     struct state_access *out, struct error *err)
{
    struct reading r = {.arena = arena, .w = w, .out = out, .err = err};
    if (!read_profile(&r) || !find_trusted(&r) || !settle_endpoint(&r) || !settle_region(&r) ||
        !find_keys(&r))
        return false;
    out->ca_file = own_variable("AWS_CA_BUNDLE");
    return true;
}
