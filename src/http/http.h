/*
 * http.h: HTTP to one API origin: many requests in flight, retries, a shared budget. The only
 * folder that includes curl.
 *
 * http_run pulls its work the way a store does (store/store.h): it asks `next` for a request
 * whenever it has a free slot, and reports each request exactly once through `done`, after all
 * retries. Neither callback may call http_run.
 *
 * What is promised of every request:
 *   - It carries the credentials that it asks for, and no others. They go to the origin of
 * `base_url` and nowhere else: redirects are not followed, no netrc, no proxy for loopback; TLS is
 * verified; plain http only to loopback.
 *   - It is repeated only when that is safe (`repeatable`) or when it surely had no effect (the
 *     connection was never made; a 429). See retry.h for the table.
 *   - A Retry-After is never undercut.
 *   - It ends: connect, idle and overall timeouts. An interrupt starts nothing more, and ends what
 *     is in flight after `interrupt_grace_ms`.
 *   - Its answer is bounded: `max_body` bytes are kept, more is an error.
 *   - Its token is in no message, not even with --verbose.
 */
#ifndef CFKV_HTTP_HTTP_H
#define CFKV_HTTP_HTTP_H

#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/error.h"

struct http;

/* One form counts, in this order; all NULL and false: none are given. */
struct http_credentials {
    const char *token;           /* bearer token */
    const char *key, *email;     /* Cloudflare's global API key */
    const char *user, *password; /* Basic; password NULL is an empty one */
    /* AWS signature version 4 for the service s3. The body's SHA-256 goes into x-amz-content-sha256
     * and is signed, as is every line of http_request's `headers`. */
    const char *aws_id, *aws_secret, *aws_region;
    const char *aws_session; /* NULL: none */
    bool none;               /* the service asks for nothing, and nothing is shown */
};

typedef void (*http_log_fn)(void *ctx, const char *line); /* one line, no newline, no secrets */

/* What requests wait for. Texts are good during the call, hold no secrets, and are not ours: they
 * are to be shown, not printed raw. */
struct http_wait {
    const char *cause;  /* "HTTP 503", "no connection to …"; NULL: the budget */
    const char *method; /* of what failed, and where: */
    const char *path;   /* both NULL for the budget */
    uint64_t again_ms;  /* until it is tried again, */
    uint64_t until_ms;  /* or, at the latest, given up */
    unsigned attempt;   /* the one that comes, */
    unsigned attempts;  /* of so many */
    int64_t budget, budget_seconds, budget_left; /* requests, of a window of so many seconds */
};

/* Called when requests begin to wait, be it for a moment; NULL: what was told is over. */
typedef void (*http_wait_fn)(void *ctx, const struct http_wait *wait);

struct http_options {
    const char *base_url; /* "https://api.cloudflare.com/client/v4"; checked, see http_check_url */
    struct http_credentials credentials; /* borrowed until http_close; all NULL: every request asks
                                            for others (http_add_credentials) */
    unsigned jobs;                       /* requests in flight, 1..64; 0: as many as go well
                                            (window.h) */
    unsigned connect_timeout_s;          /* 0: 10 */
    /* For one attempt, and for silence within it; 0: 100. On top comes a second for every 128 KiB
     * that go up or may come down. */
    unsigned request_timeout_s;
    unsigned total_timeout_s; /* all attempts and waits of one request, 0: 900 */
    unsigned max_attempts;    /* 0: 8 */
    unsigned budget_requests; /* per budget_seconds; 0: 1200 */
    unsigned budget_seconds;  /* 0: 300 */
    unsigned wait_unit_ms;    /* how long a "second" of waiting, of Retry-After, of the budget and
                                 of delay_ms is; 0: 1000. Tests make it short. */
    uint64_t seed;            /* of the jitter; 0: random */
    const char *ca_file;      /* PEM file of the accepted CAs; NULL: the system's */
    /* PEM texts, borrowed until http_close; NULL: none. `ca_pem` counts instead of `ca_file`. */
    const char *cert_pem, *key_pem, *ca_pem;
    bool
        unbudgeted; /* no host of Cloudflare's API: requests are not paced; a 429 still is obeyed */
    http_log_fn log; /* --verbose; NULL: none */
    void *log_ctx;
    http_wait_fn wait; /* NULL: nobody is told */
    void *wait_ctx;
    /* Called about each second (wait_unit_ms) while http_run runs, between its turns; it may use
     * another http, never this one. NULL: none. */
    void (*beat)(void *ctx);
    void *beat_ctx;
    /* Another http, which outlives this one: while this one runs, what was begun there (http_begin)
     * goes on. NULL: none. */
    struct http *along;
    const volatile int *interrupted; /* != 0: end; NULL: never */
    unsigned interrupt_grace_ms; /* how long what is in flight then may still take; 0: not at all */
};

enum http_method { HTTP_GET, HTTP_POST, HTTP_PUT, HTTP_DELETE };

/* A part of a multipart/form-data body. */
struct http_part {
    const char *name;
    const char *content_type; /* or NULL */
    struct bytes data;
};

struct http_request {
    enum http_method method;
    const char *verb;              /* sent instead of the method's name: "LOCK"; NULL: that name */
    const char *const *headers;    /* more lines, "If-Match: …", NULL behind the last; NULL: none.
                                      Visible ASCII and blanks only */
    const char *path;              /* behind base_url, already percent-encoded: "/accounts/…" */
    const char *content_type;      /* of `body`; NULL: none */
    struct bytes body;             /* data NULL: none */
    const struct http_part *parts; /* instead of `body` */
    size_t n_parts;
    size_t credentials;    /* what http_add_credentials gave; 0: those of http_options */
    bool repeatable;       /* doing it twice is doing it once */
    unsigned final_status; /* a status that is not retried although the table says so (524, for one
                              who then asks for less); 0: none */
    unsigned delay_ms;     /* sent no earlier than this from now; holds its slot meanwhile */
    size_t max_body;       /* bytes of the answer that are kept; more is ERR_LIMIT */
    void *tag;             /* the caller's */
};

/* Why no connection was made. */
enum http_unreached {
    HTTP_REACHED,
    HTTP_NO_NAME,  /* the name does not resolve */
    HTTP_NO_PROXY, /* a proxy that is set cannot be reached, or does not let it through */
    HTTP_NO_TLS,   /* the other side speaks no TLS, or none that is understood */
    HTTP_NO_ANSWER /* refused, or silent */
};

struct http_response {
    bool ok;            /* an HTTP answer came, of any status; else `error` says what happened */
    struct error error; /* ERR_INTERRUPTED, ERR_FAILED (network, timeout), ERR_LIMIT */
    unsigned status;
    struct bytes body;             /* decoded (gzip); good only during `done` */
    const char *cf_ray;            /* "" when there was none */
    int64_t expiration;            /* the header of that name; 0: none */
    enum http_unreached unreached; /* no connection was made, in any attempt: of the last one */
    bool is_challenge; /* cf-mitigated: challenge: a firewall's page, no answer of the API */
    /* The request may have had its effect, and nothing says whether: some attempt was sent and got
     * no whole answer, or one of 408 or 5xx, which a proxy may have written. Never with a 2xx. */
    bool maybe_done;
    int64_t retry_after_s;     /* of a last 429 or 503; 0: none */
    unsigned attempts;         /* sent or tried to */
    uint64_t waited_ms;        /* spent waiting before retries */
    struct transfer *transfer; /* private: of http_header */
};

/* A header of the answer by its name in small letters, the first where it is repeated; good only
 * during `done`. NULL: none. It comes from outside: any bytes but NUL, CR and LF. */
const char *http_header(const struct http_response *response, const char *name);

enum http_next {
    HTTP_NEXT_REQUEST,
    HTTP_NEXT_WAIT, /* nothing may start before something in flight is done */
    HTTP_NEXT_END
};

/* `request` is zeroed; everything it points at is borrowed until its `done`. */
typedef enum http_next (*http_next_fn)(void *ctx, struct http_request *request);
typedef void (*http_done_fn)(void *ctx, const struct http_request *request,
                             const struct http_response *response);

/* "https://…", or "http://" to a loopback address; no userinfo, query or fragment; trailing slashes
 * are dropped by http_open. ERR_USAGE says what is wrong. */
bool http_check_url(const char *url, struct error *err);

/* Header values must be visible ASCII (a newline in a token would forge headers). ERR_USAGE, and
 * the token is not in the message. */
bool http_check_credentials(const struct http_credentials *c, struct error *err);

/*
 * NULL with err. Refuses what the two checks above refuse. Initialises libcurl's global state,
 * which libcurl counts and http_close takes back: with a libcurl that was built without thread
 * safety no other thread may use it meanwhile.
 */
struct http *http_open(const struct http_options *options, struct error *err);

/*
 * More credentials, borrowed until http_close, for requests to ask for by `*which`. Each has a
 * budget of its own, since the service counts by user or token; the same ones twice are one. Not
 * while http_run runs. ERR_USAGE as http_check_credentials.
 */
bool http_add_credentials(struct http *h, const struct http_credentials *c, size_t *which,
                          struct error *err);

/*
 * Runs until HTTP_NEXT_END and all is reported. false when http itself cannot go on:
 * ERR_INTERRUPTED, ERR_FAILED for a HTTP_NEXT_WAIT with nothing in flight; whatever it had asked
 * for was reported with that error by then. The failure of a request is in its response only. May
 * be called again; connections stay open in between.
 */
bool http_run(struct http *h, http_next_fn next, http_done_fn done, void *ctx, struct error *err);
void http_close(struct http *h); /* NULL is fine */

/*
 * Sends a GET ahead of the run that will ask for it, so that its way takes no time of its own while
 * something else is waited for: an http that goes `along` moves it. The next http_run takes its
 * answer when the first request that it is told is the same one, and else, or when it is older than
 * HTTP_BEGUN_S, drops it. Nothing is reported before, and a failure is dealt with as any other; so
 * nothing is lost by it but, now and then, a request. Not while `h` runs; one at a time.
 */
void http_begin(struct http *h, const struct http_request *request);

#define HTTP_BEGUN_S 5

/* What one request came to, for who has only one at a time. */
#define HTTP_ETAG_SIZE 512
struct http_answer {
    unsigned status; /* also of an answer that did not come whole; 0: none came */
    struct buf body; /* the caller releases it */
    /* As they came; "": none, or one that does not fit. */
    char etag[HTTP_ETAG_SIZE], content_type[128], content_md5[64], location[512];
    int64_t date;          /* seconds since the epoch, of the header Date; 0: none */
    int64_t retry_after_s; /* the rest as in http_response */
    bool maybe_done, is_challenge;
    enum http_unreached unreached;
    unsigned attempts;
};

/* http_run for one request. Fills `answer`, whatever was in it, also when it fails. true: an answer
 * of any status came. */
bool http_send(struct http *h, const struct http_request *request, struct http_answer *answer,
               struct error *err);

/* What libcurl says of itself and of what it is built with: "libcurl/7.88.1 OpenSSL/3.0.15 …";
 * lives as long as the program. NULL with err when it cannot be loaded. */
const char *http_library(struct error *err);

/* Totals since http_open, for progress and reports. */
struct http_stats {
    uint64_t requests; /* sent, retries included */
    uint64_t retries;
    uint64_t bytes_up, bytes_down;
    uint64_t busy_ms;            /* spent in http_run */
    int64_t budget, budget_left; /* requests: of a whole window, and what is left of this one, of
                                    all credentials that were used together */
};
struct http_stats http_stats(struct http *h);

/* Seconds that the clock of the API is ahead of ours, by the Date of the answer that came quickest;
 * negative: behind. 0 as well when it cannot be told: no answer of the API itself (2xx to 4xx) had
 * one, it is within HTTP_CLOCK_LEAST seconds, which a header and a round trip can make up, or more
 * than HTTP_CLOCK_MOST apart, which is more likely to be made up. */
int64_t http_clock_ahead(const struct http *h);

#define HTTP_CLOCK_LEAST 2
#define HTTP_CLOCK_MOST  (24 * 60 * 60)

/* true when `text` holds a token or a key of any of the credentials: what came from outside may
 * repeat them. */
bool http_shows_credentials(const struct http *h, const char *text);

/* Adds `segment` percent-encoded as one path segment: everything but A–Z a–z 0–9 - _ . ~ */
void http_encode(struct buf *out, struct bytes segment);

#endif
