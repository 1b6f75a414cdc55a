/* What the service, or something on the way to it, said no to: one error, with a hint. */
#include "cloudflare_job.h"

#include <stdio.h>

#include "base/text.h"

/* Codes of the fact sheet, sections 5.2 and 5.3. */
#define CODE_BAD_HEADERS         6003
#define CODE_KEY_NOT_FOUND       10009
#define CODE_NAMESPACE_ID        10011
#define CODE_NAMESPACE_NOT_FOUND 10013
#define CODE_TITLE_TAKEN         10014

struct meaning {
    int64_t code;
    enum error_code error;
    const char *hint; /* NULL: none, or one that depends on the account */
};

static const struct meaning meanings[] = {
    {CODE_BAD_HEADERS, ERR_FAILED, NULL},
    {7003, ERR_FAILED,
     "check the account id: 32 hexadecimal digits, from the Cloudflare dashboard"},
    {9106, ERR_FAILED,
     "the credentials were not understood: set CLOUDFLARE_API_TOKEN, or both CLOUDFLARE_API_KEY "
     "and "
     "CLOUDFLARE_EMAIL"},
    {9109, ERR_DENIED, NULL},
    {10000, ERR_DENIED, NULL},
    {CODE_KEY_NOT_FOUND, ERR_NOT_FOUND, NULL},
    {CODE_NAMESPACE_ID, ERR_FAILED,
     "an id is 32 hexadecimal digits, as 'cfkv kv namespace list' shows it"},
    {CODE_NAMESPACE_NOT_FOUND, ERR_NOT_FOUND,
     "it was deleted, or is another account's; 'cfkv kv namespace list' shows those there are"},
    {CODE_TITLE_TAKEN, ERR_EXISTS, NULL},
    {10018, ERR_LIMIT,
     "an account holds at most 1,000 namespaces: delete some ('cfkv drift' and the dashboard show "
     "them), or ask Cloudflare for more"},
    {10019, ERR_LIMIT, NULL},
    {10024, ERR_LIMIT, NULL},
    {10030, ERR_LIMIT, NULL},
    {10033, ERR_LIMIT, NULL},
    {10034, ERR_LIMIT, NULL},
    {10037, ERR_DENIED, "the user lacks the permission 'Workers KV Storage: Edit' in this account"},
    {10047, ERR_LIMIT, NULL},
    {10048, ERR_FAILED,
     "the free plan's daily quota for this operation is spent; it starts anew at 00:00 UTC, or "
     "upgrade to the paid plan"},
    {10147, ERR_LIMIT, NULL},
};

/* ---- Wording --------------------------------------------------------------------------------- */

static const char *method_name(const struct job *j)
{
    static const char *const names[] = {"GET", "POST", "PUT", "DELETE"};
    return names[j->method];
}

/* A long key, thrice as long when encoded, leaves room for what was answered. */
static const char *path_text(const struct job *j, char out[256])
{
    size_t len = j->path.len;
    snprintf(out, 256, "%.240s%s", j->path.data, len > 240 ? "…" : "");
    return out;
}

static const char *ray_text(const struct job *j, const struct http_response *r, char out[96])
{
    out[0] = '\0';
    if (r->cf_ray && *r->cf_ray && !http_shows_credentials(j->cf->http, r->cf_ray))
        snprintf(out, 96, " (cf-ray %s)", r->cf_ray);
    return out;
}

/* What was said, without a word at its end that was cut: it may be half of the credentials. */
static const char *said_text(const struct job *j, struct answer *a)
{
    char *last = strrchr(a->message, ' ');
    if (http_shows_credentials(j->cf->http, a->message))
        return "(a message that repeats the credentials)";
    if (strlen(a->message) + 4 >= sizeof a->message)
        *(last ? last : a->message) = '\0';
    return a->message;
}

#define BASE_URL_HINT "CLOUDFLARE_API_BASE_URL names that address: "

/* No connection was made; `own`: to Cloudflare's API, which nobody had to name. */
static const char *unreached_hint(enum http_unreached why, bool own)
{
    switch (why) {
    case HTTP_NO_PROXY:
        return "a proxy is set, and it cannot be reached or does not let this through: check "
               "HTTPS_PROXY and ALL_PROXY (in small letters, too); NO_PROXY takes a host out";
    case HTTP_NO_NAME:
        return own ? "check the network and its name servers (DNS)"
                   : BASE_URL_HINT "check its spelling, or unset it to reach Cloudflare's own API";
    case HTTP_NO_TLS:
        return own ? "something that speaks no TLS answers in its place: check VPN, proxy, firewall"
                   : BASE_URL_HINT "what answers there speaks no TLS that is understood; plain "
                                   "http is for loopback addresses only";
    default:
        return own ? "check the network, and what stands between: VPN, proxy, firewall"
                   : BASE_URL_HINT "start what should answer there, or unset it to reach "
                                   "Cloudflare's own API";
    }
}

/* A request that got no answer. */
static void say_lost(struct job *j, const struct http_response *r)
{
    struct error *err = &j->result.error;
    char path[256];
    *err = r->error;
    if (err->code != ERR_INTERRUPTED)
        error_wrap(err, "%s %s", method_name(j), path_text(j, path));
    if (r->unreached && err->code == ERR_FAILED && !*err->hint)
        error_hint(err, "%s", unreached_hint(r->unreached, j->cf->is_own_api));
    if (r->maybe_done && err->code == ERR_FAILED && !*err->hint)
        error_hint(err, j->method == HTTP_GET
                            ? "check the network, and what stands between; then try again"
                            : "it may have been done all the same: run the command again, it "
                              "finishes what is missing");
}

static void hint_status(struct error *err, const struct http_response *r)
{
    if (r->is_challenge)
        error_hint(err,
                   "a firewall in front of the API answered, not the API: check VPN, proxy and "
                   "the address it sees");
    else if (r->status / 100 == 3)
        error_hint(err, "redirects are not followed: check CLOUDFLARE_API_BASE_URL");
    else if (r->status == 429)
        error_hint(err, "too many requests, from cfkv or from others with the same credentials: "
                        "wait five minutes, or lower --rate");
    else if (r->status >= 500)
        error_hint(err, "the service has a problem; run the command again later, it goes on where "
                        "it stopped");
}

/* What that means of the namespace that was asked for, before what was answered. */
static void say_meaning(struct job *j, int64_t code)
{
    struct error *err = &j->result.error;
    struct bytes account = j->op.account.len ? j->op.account : bytes_of(j->cf->account);
    char id[QUOTED_SIZE], where[80];
    text_quoted(j->op.id, id, sizeof id);
    if (j->op.id.len > 0 && code == CODE_NAMESPACE_ID)
        error_wrap(err, "%s is no namespace id", id);
    else if (j->op.id.len > 0 && code == CODE_NAMESPACE_NOT_FOUND)
        error_wrap(err, "account %s has no namespace of the id %s",
                   text_quoted(account, where, sizeof where), id);
}

/* "GET /accounts/…: HTTP 404, code 10013: namespace not found (cf-ray …)" */
static void say_refused(struct job *j, const struct http_response *r)
{
    struct error *err = &j->result.error;
    struct answer a = answer_refusal(r->body);
    const struct meaning *m = meanings, *end = meanings + sizeof meanings / sizeof *meanings;
    const char *said = said_text(j, &a);
    char path[256], ray[96], code[48] = "";
    while (m < end && m->code != a.code)
        m++;
    if (a.code)
        snprintf(code, sizeof code, ", code %lld", (long long)a.code);
    /* A body that is too large may be refused by a gateway, without a code. */
    bool denied = (r->status == 401 || r->status == 403) && !r->is_challenge;
    enum error_code kind = m < end            ? m->error
                           : r->status == 413 ? ERR_LIMIT
                           : denied           ? ERR_DENIED
                                              : ERR_FAILED;
    error_set(err, kind, "%s %s: HTTP %u%s%s%s%s", method_name(j), path_text(j, path), r->status,
              code, *said ? ": " : "", said, ray_text(j, r, ray));
    say_meaning(j, a.code);
    if (kind == ERR_DENIED)
        job_name_account(j, err);
    if (m < end && m->hint)
        error_hint(err, "%s", m->hint);
    else if (a.code == CODE_BAD_HEADERS)
        job_hint_header(j, err);
    else if (kind == ERR_DENIED)
        job_hint_token(j, err);
    else
        hint_status(err, r);
}

/* ---- What the machines ask ------------------------------------------------------------------- */

bool job_accepted(const struct http_response *r)
{
    return r->ok && r->status / 100 == 2;
}

bool job_plain(const struct http_response *r, struct answer *a, struct error *why)
{
    if (r->body.len == 0 && r->status != 204 && r->status != 205)
        return error_set(why, ERR_FORMAT, "the answer is empty");
    return answer_plain(r->body, a, why);
}

int64_t job_code(const struct http_response *r)
{
    return r->ok ? answer_refusal(r->body).code : 0;
}

enum job_turn job_refused(struct job *j, const struct http_response *r)
{
    if (r->ok)
        say_refused(j, r);
    else
        say_lost(j, r);
    return JOB_OVER;
}

enum job_turn job_misheard(struct job *j, const struct http_response *r, bool parsed,
                           const struct error *why)
{
    struct error *err = &j->result.error;
    char path[256], ray[96];
    if (parsed)
        return job_refused(j, r);
    *err = *why;
    if (err->code != ERR_FORMAT)
        return JOB_OVER;
    if (http_shows_credentials(j->cf->http, err->message))
        error_set(err, ERR_FORMAT, "the answer does not parse, and repeats the credentials");
    error_wrap(err, "%s %s: HTTP %u%s", method_name(j), path_text(j, path), r->status,
               ray_text(j, r, ray));
    error_hint(err, "the answer is not one of Cloudflare's API: check CLOUDFLARE_API_BASE_URL and "
                    "what stands between");
    return JOB_OVER;
}
