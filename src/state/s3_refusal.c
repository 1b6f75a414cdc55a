/* What an S3 service said no to: one error, with what to do. */
#include "s3_client.h"

#include <stdio.h>

#include "base/clock.h"
#include "s3_error.h"

struct meaning {
    const char *code;
    enum error_code error;
    const char *hint; /* NULL: one that depends on more, see hint_code */
};

static const struct meaning meanings[] = {
    {"AccessDenied", ERR_DENIED, NULL},
    {"AllAccessDisabled", ERR_DENIED, NULL},
    {"AccountProblem", ERR_DENIED, NULL},
    {"Unauthorized", ERR_DENIED, NULL},
    {"InvalidAccessKeyId", ERR_DENIED, NULL},
    {"SignatureDoesNotMatch", ERR_DENIED, NULL},
    {"InvalidToken", ERR_DENIED, NULL},
    {"ExpiredToken", ERR_DENIED, NULL},
    {"TokenRefreshRequired", ERR_DENIED, NULL},
    {"RequestTimeTooSkewed", ERR_FAILED, NULL},
    {"NoSuchBucket", ERR_FAILED,
     "cfkv makes no buckets: mend the name, or create it first ('wrangler r2 bucket create', 'aws "
     "s3 mb')"},
    {"AuthorizationHeaderMalformed", ERR_FAILED, NULL},
    {"PermanentRedirect", ERR_FAILED, NULL},
    {"IllegalLocationConstraintException", ERR_FAILED, NULL},
    {"TemporaryRedirect", ERR_AWAY,
     "a bucket that was made today may be reached under its region's address only: name its "
     "region, "
     "or try again later"},
    {"XAmzContentSHA256Mismatch", ERR_FAILED,
     "something on the way changes what is sent: check proxies between here and the service"},
    {"BadDigest", ERR_FAILED,
     "something on the way changes what is sent: check proxies between here and the service"},
    {"EntityTooLarge", ERR_LIMIT, NULL},
    {"QuotaExceeded", ERR_LIMIT, "the bucket or its user is at its quota"},
    {"SlowDown", ERR_AWAY, NULL},
    {"ServiceUnavailable", ERR_AWAY, NULL},
    {"InternalError", ERR_AWAY, NULL},
};

static const struct meaning *find_meaning(const char *code)
{
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (strcmp(meanings[i].code, code) == 0)
            return &meanings[i];
    return NULL;
}

bool s3_code_is(const struct http_answer *answer, const char *code)
{
    struct s3_error e;
    s3_error_read(buf_bytes(&answer->body), &e);
    return strcmp(e.code, code) == 0;
}

/* ---- Hints ----------------------------------------------------------------------------------- */

static bool is_denied(unsigned status)
{
    return status == 401 || status == 403;
}

/* How far this machine's clock is from the service's, which a signature may be by 15 minutes. */
static bool hint_clock(const struct http_answer *answer, struct error *err)
{
    int64_t apart = answer->date > 0 ? clock_now() - answer->date : 0;
    if (apart == 0)
        return error_hint(err, "set this machine's clock");
    return error_hint(err, "this machine's clock is %lld s %s the service's: set it",
                      (long long)(apart < 0 ? -apart : apart), apart < 0 ? "behind" : "ahead of");
}

static bool hint_region(const struct s3 *s, const struct s3_error *e, struct error *err)
{
    const char *signed_for = s->access->region;
    if (*e->region)
        return error_hint(err,
                          "the bucket is in the region '%s', and '%s' was asked: say "
                          "region = \"%s\" beside the URL, or AWS_REGION",
                          e->region, signed_for, e->region);
    return error_hint(err,
                      "the bucket is not in the region '%s', or not behind this endpoint: say its "
                      "region beside the URL, or in AWS_REGION",
                      signed_for);
}

static const char *source_of(const struct s3 *s)
{
    return s->access->source ? s->access->source : "another place";
}

static bool hint_keys(const struct s3 *s, const char *doing, struct error *err)
{
    const char *source = source_of(s);
    if (strcmp(doing, "read") == 0)
        return error_hint(err,
                          "the keys are of %s: they need s3:GetObject and s3:PutObject here, and "
                          "s3:ListBucket, without which an object that is not there looks the "
                          "same; on R2 'Object Read & Write' of this bucket",
                          source);
    return error_hint(err,
                      "the keys are of %s: they need s3:PutObject here, and s3:DeleteObject; on R2 "
                      "'Object Read & Write' of this bucket",
                      source);
}

static bool hint_denied(const struct s3 *s, const char *doing, const char *code, struct error *err)
{
    const char *source = source_of(s);
    if (strcmp(code, "ExpiredToken") == 0 || strcmp(code, "TokenRefreshRequired") == 0)
        return error_hint(err, "the keys are of %s, and their time is over: get new ones", source);
    if (strcmp(code, "AccessDenied") == 0 || strcmp(code, "AllAccessDisabled") == 0)
        return hint_keys(s, doing, err);
    return error_hint(err,
                      "the keys are of %s: check that id and secret go together, and that the "
                      "service behind %s knows them%s%s",
                      source, s->access->endpoint, s->access->hint ? "; " : "",
                      s->access->hint ? s->access->hint : "");
}

static bool hint_status(const struct s3 *s, const struct http_answer *answer, struct error *err)
{
    if (answer->status / 100 == 3)
        return error_hint(err, "redirects are not followed: check the endpoint, %s",
                          s->access->endpoint);
    if (answer->status == 429)
        return error_hint(err, "others write there as well: run the command again later");
    if (answer->status >= 500)
        return error_hint(err, "the service has a problem: run the command again later");
    return error_hint(err, "is %s, with what is put behind it, the endpoint of an S3 service?",
                      s->access->endpoint);
}

static bool hint_code(const struct s3 *s, const char *doing, const struct http_answer *answer,
                      const struct s3_error *e, struct error *err)
{
    static const char *const elsewhere[] = {"AuthorizationHeaderMalformed", "PermanentRedirect",
                                            "IllegalLocationConstraintException"};
    const struct meaning *m = find_meaning(e->code);
    if (m && m->hint)
        return error_hint(err, "%s", m->hint);
    if (strcmp(e->code, "RequestTimeTooSkewed") == 0)
        return hint_clock(answer, err);
    for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++)
        if (strcmp(e->code, elsewhere[i]) == 0)
            return hint_region(s, e, err);
    if (err->code == ERR_LIMIT)
        return error_hint(err, "the state is larger than the service takes");
    if (err->code == ERR_DENIED)
        return hint_denied(s, doing, *e->code ? e->code : "AccessDenied", err);
    return hint_status(s, answer, err);
}

/* ---- The message ----------------------------------------------------------------------------- */

static enum error_code kind_of(const struct http_answer *answer, const char *code)
{
    const struct meaning *m = find_meaning(code);
    if (m)
        return m->error;
    return answer->status == 413                            ? ERR_LIMIT
           : is_denied(answer->status)                      ? ERR_DENIED
           : answer->status == 429 || answer->status >= 500 ? ERR_AWAY
                                                            : ERR_FAILED;
}

bool s3_refused(const struct s3 *s, const char *doing, const struct http_answer *answer,
                struct error *err)
{
    struct s3_error e;
    s3_error_read(buf_bytes(&answer->body), &e);
    const char *said = e.message;
    if (http_shows_credentials(s->http, e.message))
        said = "(a message that repeats the credentials)";
    error_set(err, kind_of(answer, e.code), "cannot %s %s: HTTP %u%s%s%s%s", doing,
              s->address->text, answer->status, *e.code ? ", " : "", e.code, *said ? ": " : "",
              said);
    return hint_code(s, doing, answer, &e, err);
}

bool s3_check_etag(const struct s3 *s, const char *etag, struct error *err)
{
    size_t len = strlen(etag);
    if (len == 0) {
        error_set(err, ERR_ANSWER, "the service gives no ETag with %s", s->address->text);
        return error_hint(err, "without one nothing can be replaced safely: is something between "
                               "here and the service that drops it?");
    }
    if (strncmp(etag, "W/", 2) == 0) {
        error_set(err, ERR_ANSWER, "the ETag of %s is a weak one", s->address->text);
        return error_hint(err, "no service takes one as a condition: something between here and "
                               "the service compresses what it answers; reach the service itself");
    }
    if (len < 3 || len + 1 >= S3_ETAG_MAX || etag[0] != '"' || etag[len - 1] != '"') {
        error_set(err, ERR_ANSWER, "the ETag of %s is none: it is not in quotes", s->address->text);
        return error_hint(err, "is %s an S3 service?", s->access->endpoint);
    }
    return true;
}
