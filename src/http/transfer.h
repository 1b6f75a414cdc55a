/*
 * transfer.h: one request on its way: a curl handle, and the memory of all its attempts. Private to
 * http/.
 *
 * A transfer is a slot of the loop in http.c, which moves it through its states:
 *
 *     FREE → DUE (transfer_begin) → FLYING (transfer_start) → DUE, or FREE (transfer_end)
 *
 * Its curl handle is made by the first transfer_start and kept, as are its buffers, within reason.
 */
#ifndef CFKV_HTTP_TRANSFER_H
#define CFKV_HTTP_TRANSFER_H

#include "curl.h"

#include "budget.h"
#include "http.h"
#include "retry.h"
#include "url.h"

/* Who asks: the service counts requests by credentials. */
struct identity {
    struct http_credentials credentials; /* borrowed */
    struct curl_slist *headers;          /* NULL: none */
    struct budget budget;
    uint64_t taken;
};

/* What all transfers of one http have in common. */
struct transfer_shared {
    struct url url;
    struct identity *identities; /* the first is that of http_options */
    size_t n_identities;
    char *ca_file;
    const char *cert_pem, *key_pem, *ca_pem; /* borrowed */
    unsigned connect_timeout_s, request_timeout_s;
    struct http_stats stats;
    bool has_answered; /* an answer came once, of any status */
    bool is_warm;      /* a connection stood once, or failed: what the server speaks is known */
};

enum transfer_state { TRANSFER_FREE, TRANSFER_DUE, TRANSFER_FLYING };

struct part_reader;

struct transfer {
    struct transfer_shared *shared;
    enum transfer_state state;
    struct http_request request;

    /* Over all attempts. Times that were waited count as asked for, not as wait_unit_ms makes them.
     */
    int64_t due_ms; /* when it may start, while DUE */
    unsigned attempts;
    uint64_t spent_ms, waited_ms;
    bool maybe_done;

    /* Of the current attempt. */
    CURL *easy;
    int64_t started_ms;
    unsigned
        sends; /* how often it began to go out: curl tries again by itself on a stale connection */
    bool send_refused;
    bool head_whole; /* the empty line behind the headers came */
    bool body_too_long, headers_too_long;
    size_t header_bytes;
    unsigned header_lines;
    struct buf url, content_type, content_hash, signature, body;
    struct curl_slist *own; /* lines of its own, linked, in front of those of its identity */
    size_t n_own, cap_own;
    curl_mime *mime;
    struct part_reader *readers;
    char message[CURL_ERROR_SIZE];
};

/* What one attempt came to. */
struct outcome {
    enum retry_kind kind;
    bool sent, whole;
    unsigned status;       /* 0: no status line came */
    int64_t retry_after_s; /* -1: none */
    bool is_challenge;
    enum http_unreached unreached; /* of one that was not sent */
    int64_t expiration;
    char cf_ray[64];
    struct error error; /* when not whole */
};

/* Who the request asks as. */
struct identity *transfer_identity(const struct transfer *t);

/* true when `text` holds a token or a key of any identity. */
bool transfer_shows_credentials(const struct transfer_shared *s, const char *text);

/* One more request goes out as that. */
void identity_take(struct identity *who, int64_t now_ms);

void transfer_begin(struct transfer *t, const struct http_request *request, int64_t due_ms);

/* Makes the next attempt ready for curl_multi_add_handle; it has `limit_ms` at most. ERR_FAILED
 * when it can never be sent. */
bool transfer_start(struct transfer *t, int64_t now_ms, uint64_t limit_ms, struct error *err);

/* Reads the result of the attempt, which has left the multi handle. */
void transfer_finish(struct transfer *t, CURLcode code, int64_t now_ms, struct outcome *outcome);

/* Back to FREE; the body of the answer goes. */
void transfer_end(struct transfer *t);

void transfer_release(struct transfer *t);

/* A header of the last answer; NULL when there is none. `index` counts repeated ones. */
const char *transfer_header(struct transfer *t, const char *name, size_t index);

const char *transfer_method(const struct transfer *t);

#endif
