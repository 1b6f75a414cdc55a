/*
 * s3_client.h: one request to the service, and what its refusal is called. Private to s3*.c.
 */
#ifndef CFKV_STATE_S3_CLIENT_H
#define CFKV_STATE_S3_CLIENT_H

#include "s3.h"

#define S3_ETAG_MAX REMOTE_ETAG_MAX

struct s3 {
    const struct state_address *address;
    struct state_access *access;
    struct http *http;
    bool has_credentials;
    size_t credentials; /* of http_add_credentials */
    char *path;         /* "/bucket/key" */
    bool unquoted;      /* the service wants ETags without their quotes */
    bool is_r2;         /* paced */
    unsigned wait_unit_ms;
    int64_t put_ms; /* when the last PUT that was accepted was answered; 0: there was none */
    char *put_path; /* of it */
};

/* What must hold for a PUT to happen. */
enum s3_condition { S3_NONE, S3_IF_ABSENT, S3_IF_MATCH };

struct s3_request {
    enum http_method method;
    const char *path;
    struct bytes body;
    enum s3_condition condition;
    const char *etag; /* of S3_IF_MATCH, as the service gave it */
    bool unquoted;    /* sent without its quotes */
    unsigned delay_ms;
};

/*
 * Sends it, retries included; zeroes `answer` first, whose body the caller releases. false: no
 * answer came, with err worded; answer->maybe_done says whether it may have happened.
 */
bool s3_send(struct s3 *s, const struct s3_request *r, struct http_answer *answer,
             struct error *err);

static inline bool s3_accepted(const struct http_answer *answer)
{
    return answer->status / 100 == 2;
}

/* Words an answer that is not what was hoped for: "cannot write s3://…: HTTP 403, AccessDenied:
 * …", with a code and a hint. `doing` is "read" or "write". Returns false. */
bool s3_refused(const struct s3 *s, const char *doing, const struct http_answer *answer,
                struct error *err);

/* true when the body's code is `code`. */
bool s3_code_is(const struct http_answer *answer, const char *code);

/* Whether an ETag can be a condition: there is one, quoted, and not weak (W/"…"), which no service
 * takes in If-Match. false with ERR_ANSWER. */
bool s3_check_etag(const struct s3 *s, const char *etag, struct error *err);

/* remote_object's probe. */
bool s3_probe(void *ctx, struct buf *service, struct error *err);

/* How long a PUT waits so that R2 sees at most one a second of one key: milliseconds of http's
 * `delay_ms`, with a "second" of `unit_ms`. `last_ms` 0: there was none. */
unsigned s3_pace_ms(int64_t last_ms, int64_t now_ms, unsigned unit_ms);

#endif
