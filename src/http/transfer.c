#include "transfer.h"

#include <errno.h>
#include <strings.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/text.h"
#include "credentials.h"

#if LIBCURL_VERSION_NUM < 0x080600
#define CURLE_TOO_LARGE ((CURLcode)100) /* older ones say CURLE_OUT_OF_MEMORY instead */
#endif

#define HEADER_BYTES_MAX 65536
#define HEADER_LINES_MAX 256
#define KEEP_BYTES       262144 /* of a buffer, for the next request */
#define BYTES_PER_S      131072 /* a slower line than this runs out of time */
#define TIMED_BODY_MAX   67108864

/* ---- What curl calls ------------------------------------------------------------------------- */

static size_t on_body(char *data, size_t size, size_t count, void *ctx)
{
    struct transfer *t = ctx;
    size_t len = size * count; /* size is 1 */
    size_t room = t->request.max_body - t->body.len;
    t->body_too_long = len > room;
    buf_add(&t->body, data, len > room ? room : len);
    return t->body_too_long ? CURL_WRITEFUNC_ERROR : len;
}

static size_t on_header(char *data, size_t size, size_t count, void *ctx)
{
    struct transfer *t = ctx;
    if (size * count >= 5 && memcmp(data, "HTTP/", 5) == 0)
        t->head_whole = false;
    else if (size * count <= 2)
        t->head_whole = true;
    t->header_bytes += size * count;
    t->header_lines++;
    t->headers_too_long = t->header_bytes > HEADER_BYTES_MAX || t->header_lines > HEADER_LINES_MAX;
    return t->headers_too_long ? 0 : size * count;
}

struct identity *transfer_identity(const struct transfer *t)
{
    return &t->shared->identities[t->request.credentials];
}

void identity_take(struct identity *who, int64_t now_ms)
{
    budget_take(&who->budget, now_ms);
    who->taken++;
}

bool transfer_shows_credentials(const struct transfer_shared *s, const char *text)
{
    for (size_t i = 0; i < s->n_identities; i++)
        if (credentials_shown(&s->identities[i].credentials, s->identities[i].headers, text))
            return true;
    return false;
}

/* Called when the connection stands and the request is about to go out, also when curl sends it
 * again because a kept connection turned out to be closed. By then the first may have been acted
 * on, so one that is not repeatable ends here. */
static int on_send(void *ctx, char *ip, char *local_ip, int port, int local_port)
{
    struct transfer *t = ctx;
    (void)ip;
    (void)local_ip;
    (void)port;
    (void)local_port;
    if (t->sends > 0 && !t->request.repeatable) {
        t->send_refused = true;
        return CURL_PREREQFUNC_ABORT;
    }
    if (t->sends++ > 0)
        identity_take(transfer_identity(t), clock_monotonic_ms());
    t->shared->stats.requests++;
    t->shared->is_warm = true;
    return CURL_PREREQFUNC_OK;
}

/* A part of a multipart body is read where it lies. */
struct part_reader {
    struct bytes data;
    size_t at;
};

static size_t on_part_read(char *out, size_t size, size_t count, void *ctx)
{
    struct part_reader *r = ctx;
    size_t len = size * count, rest = r->data.len - r->at;
    if (len > rest)
        len = rest;
    if (len > 0)
        memcpy(out, r->data.data + r->at, len);
    r->at += len;
    return len;
}

static int on_part_seek(void *ctx, curl_off_t offset, int origin)
{
    struct part_reader *r = ctx;
    if (origin != SEEK_SET || offset < 0 || (size_t)offset > r->data.len)
        return CURL_SEEKFUNC_FAIL;
    r->at = (size_t)offset;
    return CURL_SEEKFUNC_OK;
}

/* ---- Setting a handle up --------------------------------------------------------------------- */

#define SET(option, value)                                                                         \
    do {                                                                                           \
        CURLcode set_code = curl_easy_setopt(easy, option, value);                                 \
        if (set_code != CURLE_OK)                                                                  \
            return set_code;                                                                       \
    } while (0)

/* Who is talked to and how: one origin, whatever anyone says. */
static CURLcode set_connection(struct transfer *t, CURL *easy)
{
    const struct transfer_shared *s = t->shared;
    SET(CURLOPT_URL, t->url.data);
    SET(CURLOPT_PATH_AS_IS, 1L);
    SET(CURLOPT_PROTOCOLS_STR, s->url.is_loopback ? "http,https" : "https");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    if (s->ca_file && !s->ca_pem)
        SET(CURLOPT_CAINFO, s->ca_file);
    if (s->url.is_loopback)
        SET(CURLOPT_PROXY, "");
    SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    /* A curl built without HTTP/2 refuses this one, and speaks 1.1. */
    (void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    SET(CURLOPT_HTTP09_ALLOWED, 0L);
    SET(CURLOPT_USERAGENT, "cfkv/" CFKV_VERSION);
    SET(CURLOPT_TCP_KEEPALIVE, 1L);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_NOPROGRESS, 1L);
    return CURLE_OK;
}

/* The option's text is borrowed until the attempt is over. */
static CURLcode set_pem(CURL *easy, CURLoption option, const char *pem)
{
    struct curl_blob blob = {
        .data = (void *)(uintptr_t)pem, .len = pem ? strlen(pem) : 0, .flags = CURL_BLOB_NOCOPY};
    return pem ? curl()->easy_setopt(easy, option, &blob) : CURLE_OK;
}

static CURLcode set_certificates(struct transfer *t, CURL *easy)
{
    const struct transfer_shared *s = t->shared;
    CURLcode code = set_pem(easy, CURLOPT_CAINFO_BLOB, s->ca_pem);
    if (code == CURLE_OK)
        code = set_pem(easy, CURLOPT_SSLCERT_BLOB, s->cert_pem);
    return code == CURLE_OK ? set_pem(easy, CURLOPT_SSLKEY_BLOB, s->key_pem) : code;
}

static CURLcode set_times(struct transfer *t, CURL *easy, uint64_t limit_ms)
{
    /* The wait for an answer, and the way there and back. */
    const struct http_request *r = &t->request;
    uint64_t bytes = r->body.len + (r->max_body < TIMED_BODY_MAX ? r->max_body : TIMED_BODY_MAX);
    for (size_t i = 0; i < r->n_parts; i++)
        bytes += r->parts[i].data.len;
    uint64_t ms = t->shared->request_timeout_s * UINT64_C(1000) + bytes * 1000 / BYTES_PER_S;
    SET(CURLOPT_TIMEOUT_MS, (long)(ms < limit_ms ? ms : limit_ms));
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)t->shared->connect_timeout_s * 1000);
    SET(CURLOPT_LOW_SPEED_LIMIT, 1L);
    SET(CURLOPT_LOW_SPEED_TIME, (long)t->shared->request_timeout_s);
    return CURLE_OK;
}

static CURLcode set_sinks(struct transfer *t, CURL *easy)
{
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, t);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, t);
    SET(CURLOPT_PREREQFUNCTION, on_send);
    SET(CURLOPT_PREREQDATA, t);
    SET(CURLOPT_ERRORBUFFER, t->message);
    SET(CURLOPT_PRIVATE, t);
    /* An answer that says it will be too long is not even begun. */
    if (t->request.max_body > 0 && t->request.max_body < INT64_MAX)
        SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)t->request.max_body);
    return CURLE_OK;
}

static CURLcode add_part(curl_mime *mime, const struct http_part *part, struct part_reader *reader)
{
    curl_mimepart *p = curl()->mime_addpart(mime);
    if (!p)
        mem_exhausted();
    reader->data = part->data;
    CURLcode code = curl()->mime_name(p, part->name);
    if (code == CURLE_OK && part->content_type)
        code = curl()->mime_type(p, part->content_type);
    if (code == CURLE_OK)
        code = curl()->mime_data_cb(p, (curl_off_t)part->data.len, on_part_read, on_part_seek, NULL,
                                    reader);
    return code;
}

static CURLcode set_parts(struct transfer *t, CURL *easy)
{
    const struct http_request *r = &t->request;
    t->readers = mem_zalloc(r->n_parts, sizeof *t->readers);
    t->mime = curl()->mime_init(easy);
    if (!t->mime)
        mem_exhausted();
    for (size_t i = 0; i < r->n_parts; i++) {
        CURLcode code = add_part(t->mime, &r->parts[i], &t->readers[i]);
        if (code != CURLE_OK)
            return code;
    }
    SET(CURLOPT_MIMEPOST, t->mime);
    return CURLE_OK;
}

/* Without a type of its own curl would call the body a form. */
static CURLcode set_body(struct transfer *t, CURL *easy)
{
    const struct http_request *r = &t->request;
    buf_clear(&t->content_type);
    buf_add_str(&t->content_type, "Content-Type:");
    if (r->content_type)
        buf_addf(&t->content_type, " %s", r->content_type);
    SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body.len);
    SET(CURLOPT_POSTFIELDS, r->body.data ? r->body.data : "");
    return CURLE_OK;
}

static void add_own(struct transfer *t, const char *line)
{
    mem_grow((void **)&t->own, &t->cap_own, t->n_own + 1, sizeof *t->own);
    t->own[t->n_own++] = (struct curl_slist){.data = (char *)(uintptr_t)line};
}

/* The lines of this request, and behind them those of its identity. */
static struct curl_slist *all_headers(struct transfer *t)
{
    struct curl_slist *shared = transfer_identity(t)->headers;
    if (t->content_type.len > 0)
        add_own(t, t->content_type.data);
    if (t->content_hash.len > 0)
        add_own(t, t->content_hash.data);
    for (const char *const *line = t->request.headers; line && *line; line++)
        add_own(t, *line);
    for (size_t i = 0; i < t->n_own; i++)
        t->own[i].next = i + 1 < t->n_own ? &t->own[i + 1] : shared;
    return t->n_own > 0 ? t->own : shared;
}

/* curl signs what it sends, but takes the hash of the body from us. What is signed asks for no
 * compression: who compresses on the way makes an ETag weak, which is no condition any more. */
static CURLcode set_signature(struct transfer *t, CURL *easy)
{
    const struct http_credentials *c = &transfer_identity(t)->credentials;
    char hex[HASH_HEX_SIZE];
    if (!credentials_signed(c)) {
        SET(CURLOPT_ACCEPT_ENCODING, "gzip");
        return CURLE_OK;
    }
    struct digest digest = hash_sha256(t->request.body);
    digest_hex(&digest, hex);
    buf_addf(&t->content_hash, "x-amz-content-sha256: %s", hex);
    buf_clear(&t->signature);
    buf_addf(&t->signature, "aws:amz:%s:s3", c->aws_region);
    SET(CURLOPT_AWS_SIGV4, t->signature.data);
    SET(CURLOPT_USERNAME, c->aws_id);
    SET(CURLOPT_PASSWORD, c->aws_secret);
    return CURLE_OK;
}

static CURLcode set_request(struct transfer *t, CURL *easy)
{
    const struct http_request *r = &t->request;
    bool has_body = r->body.data || r->method == HTTP_POST || r->method == HTTP_PUT;
    CURLcode code = r->n_parts > 0 ? set_parts(t, easy) : has_body ? set_body(t, easy) : CURLE_OK;
    if (code == CURLE_OK)
        code = set_signature(t, easy);
    if (code != CURLE_OK)
        return code;
    if (strcmp(transfer_method(t), "HEAD") == 0) /* its answer has no body to wait for */
        SET(CURLOPT_NOBODY, 1L);
    SET(CURLOPT_CUSTOMREQUEST, transfer_method(t));
    SET(CURLOPT_HTTPHEADER, all_headers(t));
    return CURLE_OK;
}

static CURLcode set_all(struct transfer *t, uint64_t limit_ms)
{
    CURL *easy = t->easy;
    CURLcode code = set_connection(t, easy);
    if (code == CURLE_OK)
        code = set_certificates(t, easy);
    if (code == CURLE_OK)
        code = set_times(t, easy, limit_ms);
    if (code == CURLE_OK)
        code = set_sinks(t, easy);
    return code == CURLE_OK ? set_request(t, easy) : code;
}

/* Forgets the last attempt. The handle lets go of the form before it is freed. */
static void clear_attempt(struct transfer *t)
{
    if (t->easy)
        curl()->easy_reset(t->easy);
    curl()->mime_free(t->mime);
    t->mime = NULL;
    mem_free(t->readers);
    t->readers = NULL;
    buf_clear(&t->body);
    buf_clear(&t->content_type);
    buf_clear(&t->content_hash);
    t->n_own = 0;
    t->sends = 0;
    t->head_whole = false;
    t->send_refused = t->body_too_long = t->headers_too_long = false;
    t->header_bytes = 0;
    t->header_lines = 0;
    t->message[0] = '\0';
}

/* A line that is none would forge others. */
static bool check_headers(const struct http_request *r, struct error *err)
{
    for (const char *const *line = r->headers; line && *line; line++)
        for (const char *c = *line; *c; c++)
            if ((unsigned char)*c < 0x20 || (unsigned char)*c >= 0x7f)
                return error_set(err, ERR_FAILED,
                                 "a header cannot be sent: '%.*s' holds a byte "
                                 "that is not visible ASCII",
                                 (int)strcspn(*line, ":"), *line);
    return true;
}

bool transfer_start(struct transfer *t, int64_t now_ms, uint64_t limit_ms, struct error *err)
{
    char quoted[256];
    clear_attempt(t);
    if (!check_headers(&t->request, err))
        return false;
    if (!credentials_any(&transfer_identity(t)->credentials))
        return error_set(err, ERR_USAGE, "there are no credentials for this request");
    if (!url_path_ok(t->request.path))
        return error_set(err, ERR_FAILED, "the path %s cannot be sent",
                         text_quoted(bytes_of(t->request.path), quoted, sizeof quoted));
    if (!t->easy)
        t->easy = curl()->easy_init();
    if (!t->easy)
        mem_exhausted();
    buf_clear(&t->url);
    buf_add_str(&t->url, t->shared->url.base);
    buf_add_str(&t->url, t->request.path);
    CURLcode code = set_all(t, limit_ms);
    if (code == CURLE_OUT_OF_MEMORY)
        mem_exhausted();
    if (code != CURLE_OK)
        return error_set(err, ERR_FAILED, "the request cannot be set up: %s",
                         curl()->easy_strerror(code));
    t->state = TRANSFER_FLYING;
    t->started_ms = now_ms;
    t->attempts++;
    return true;
}

/* ---- Reading the result ---------------------------------------------------------------------- */

const char *transfer_header(struct transfer *t, const char *name, size_t index)
{
    struct curl_header *h = NULL;
    if (curl()->easy_header(t->easy, name, index, CURLH_HEADER, -1, &h) != CURLHE_OK)
        return NULL;
    return h->value;
}

/* The ray id, which goes into messages: only the characters it is made of. */
static void read_cf_ray(struct transfer *t, char *out, size_t size)
{
    const char *ray = transfer_header(t, "cf-ray", 0);
    size_t len = ray ? strspn(ray, "0123456789abcdefghijklmnopqrstuvwxyz"
                                   "ABCDEFGHIJKLMNOPQRSTUVWXYZ-")
                     : 0;
    if (len >= size)
        len = size - 1;
    if (len > 0)
        memcpy(out, ray, len);
    out[len] = '\0';
}

static void read_headers(struct transfer *t, struct outcome *o)
{
    const char *after = transfer_header(t, "retry-after", 0);
    const char *expiration = transfer_header(t, "expiration", 0);
    if (after && (o->status == 429 || o->status == 503)) {
        const char *date = transfer_header(t, "date", 0);
        o->retry_after_s = retry_after_seconds(after, date, clock_now());
    }
    if (expiration && !text_to_int64(bytes_of(expiration), &o->expiration))
        o->expiration = 0;
    const char *mitigated = transfer_header(t, "cf-mitigated", 0);
    o->is_challenge = mitigated && strcasecmp(mitigated, "challenge") == 0;
    read_cf_ray(t, o->cf_ray, sizeof o->cf_ray);
}

/* The other side ended the handshake for want of a certificate of ours that it takes. With TLS 1.3
 * that comes behind our request, of which nothing was read. The names are OpenSSL's. */
static bool is_unwelcome(const struct transfer *t, CURLcode code)
{
    static const char *const alerts[] = {"alert certificate required", "alert bad certificate",
                                         "alert unknown ca", "alert certificate expired",
                                         "alert unsupported certificate"};
    for (size_t i = 0; code != CURLE_OK && i < sizeof alerts / sizeof *alerts; i++)
        if (strstr(t->message, alerts[i]))
            return true;
    return false;
}

/* true when trying again would only fail again. */
static bool is_hopeless(const struct transfer *t, CURLcode code)
{
    if (t->body_too_long || t->headers_too_long || is_unwelcome(t, code))
        return true;
    switch ((int)code) {
    case CURLE_OUT_OF_MEMORY:
    case CURLE_FILESIZE_EXCEEDED:
    case CURLE_URL_MALFORMAT:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_ENGINE_INITFAILED:
    case CURLE_TOO_LARGE:
        return true;
    case CURLE_UNSUPPORTED_PROTOCOL: /* also what curl says of an answer that is no HTTP */
        return t->sends == 0;
    default:
        return false;
    }
}

/* What curl says of the failure. Some of it may come from outside. */
static const char *reason(const struct transfer *t, CURLcode code, char *out, size_t size)
{
    const char *text = t->message[0] ? t->message : curl()->easy_strerror(code);
    if (transfer_shows_credentials(t->shared, text))
        text = curl()->easy_strerror(code);
    size_t len = strlen(text);
    if (len >= size)
        len = size - 1;
    for (size_t i = 0; i < len; i++)
        out[i] = (unsigned char)text[i] < 0x20 || text[i] == 0x7f ? '?' : text[i];
    out[len] = '\0';
    return out;
}

/* true when it was a proxy that could not be reached, or that said no: then curl names another host
 * than ours, or an answer to its CONNECT came. */
static bool is_proxys(const struct transfer *t, CURLcode code)
{
    static const char failed[] = "Failed to connect to ";
    const struct url *url = &t->shared->url;
    const char *host = t->message + strlen(failed);
    long connect_status = 0;
    if (url->is_loopback) /* no proxy is asked */
        return false;
    if (code == CURLE_COULDNT_RESOLVE_PROXY || code == CURLE_PROXY ||
        (curl_easy_getinfo(t->easy, CURLINFO_HTTP_CONNECTCODE, &connect_status) == CURLE_OK &&
         connect_status != 0))
        return true;
    return code == CURLE_COULDNT_CONNECT && strncmp(t->message, failed, strlen(failed)) == 0 &&
           strncmp(host, url->authority, strcspn(host, " ")) != 0;
}

static enum http_unreached unreached(const struct transfer *t, CURLcode code)
{
    if (is_proxys(t, code))
        return HTTP_NO_PROXY;
    switch ((int)code) {
    case CURLE_COULDNT_RESOLVE_HOST:
        return HTTP_NO_NAME;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CIPHER:
        return HTTP_NO_TLS;
    default:
        return HTTP_NO_ANSWER;
    }
}

static bool fail_limit(const struct transfer *t, const struct outcome *o, struct error *err)
{
    char status[32] = "";
    if (o->status > 0)
        snprintf(status, sizeof status, " (HTTP %u)", o->status);
    if (t->headers_too_long)
        return error_set(err, ERR_LIMIT,
                         "the headers of the answer%s are longer than %d bytes or %d "
                         "lines",
                         status, HEADER_BYTES_MAX, HEADER_LINES_MAX);
    return error_set(err, ERR_LIMIT, "the answer%s is longer than the %zu bytes expected", status,
                     t->request.max_body);
}

static bool fail_transfer(const struct transfer *t, CURLcode code, const struct outcome *o,
                          struct error *err)
{
    const char *authority = t->shared->url.authority;
    char why[CURL_ERROR_SIZE];
    reason(t, code, why, sizeof why);
    if (t->body_too_long || t->headers_too_long || code == CURLE_FILESIZE_EXCEEDED)
        return fail_limit(t, o, err);
    if (code == CURLE_TOO_LARGE || code == CURLE_OUT_OF_MEMORY)
        return error_set(err, ERR_FAILED,
                         "the answer could not be taken in: a header line of more "
                         "than 100 KB, or out of memory");
    if (code == CURLE_PEER_FAILED_VERIFICATION) {
        error_set(err, ERR_FAILED, "the certificate of %s is not trusted: %s", authority, why);
        return error_hint(err, "nothing was sent; a proxy that opens TLS, a wrong clock or missing "
                               "CA certificates can be the cause");
    }
    if (is_unwelcome(t, code)) {
        error_set(err, ERR_DENIED,
                  "%s does not let us in without a client certificate that it "
                  "knows: %s",
                  authority, why);
        return error_hint(err, "nothing was done; give it certificate and key, or others");
    }
    if (code == CURLE_SSL_CERTPROBLEM || code == CURLE_SSL_CACERT_BADFILE) {
        error_set(err, ERR_DENIED, "a certificate or key for %s cannot be used: %s", authority,
                  why);
        return error_hint(err, "nothing was sent; both are PEM texts, and the key is the "
                               "certificate's, without a passphrase");
    }
    if (o->kind == RETRY_REFUSED && o->unreached != HTTP_NO_PROXY)
        return error_set(err, ERR_FAILED, "no connection to %s: connection refused", authority);
    if (!o->sent)
        return error_set(err, ERR_FAILED, "no connection to %s: %s", authority, why);
    if (t->send_refused)
        return error_set(err, ERR_FAILED, "the connection was closed before an answer came");
    return error_set(err, ERR_FAILED, "%s: %s",
                     o->status > 0 ? "the answer was cut short" : "no answer came", why);
}

/* Nobody listens at the port, and nobody did before: that is no passing weather, but a wrong
 * address or a service that is not there. */
static bool is_refused(struct transfer *t, CURLcode code)
{
    long why = 0;
    return code == CURLE_COULDNT_CONNECT && !t->shared->has_answered &&
           curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &why) == CURLE_OK && why == ECONNREFUSED;
}

static enum retry_kind classify(struct transfer *t, CURLcode code, const struct outcome *o)
{
    struct retry_facts facts = {.sent = o->sent,
                                .whole = o->whole,
                                .status = o->status,
                                .retry_after = o->retry_after_s >= 0,
                                .challenge = o->is_challenge,
                                .quota_spent =
                                    o->status == 429 && retry_quota_spent(buf_bytes(&t->body)),
                                .hopeless = is_hopeless(t, code),
                                .refused = is_refused(t, code)};
    return retry_classify(&facts);
}

void transfer_finish(struct transfer *t, CURLcode code, int64_t now_ms, struct outcome *outcome)
{
    long status = 0;
    /* For curl a connection that closes within the headers is the end of an answer. */
    if (code == CURLE_OK && !t->head_whole)
        code = CURLE_PARTIAL_FILE;
    curl_off_t up = 0, down = 0;
    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(t->easy, CURLINFO_SIZE_UPLOAD_T, &up);
    curl_easy_getinfo(t->easy, CURLINFO_SIZE_DOWNLOAD_T, &down);
    t->shared->stats.bytes_up += (uint64_t)up;
    t->shared->stats.bytes_down += (uint64_t)down;
    t->spent_ms += (uint64_t)(now_ms - t->started_ms);

    *outcome =
        (struct outcome){.sent = t->sends > 0 && !is_unwelcome(t, code), .whole = code == CURLE_OK};
    outcome->status = (unsigned)status;
    outcome->retry_after_s = -1;
    if (status > 0)
        read_headers(t, outcome);
    t->shared->has_answered = t->shared->has_answered || status > 0;
    outcome->kind = classify(t, code, outcome);
    if (code == CURLE_OUT_OF_MEMORY && !outcome->sent)
        mem_exhausted();
    if (!outcome->sent)
        outcome->unreached = unreached(t, code);
    if (code != CURLE_OK)
        fail_transfer(t, code, outcome, &outcome->error);
    outcome->whole = outcome->error.code == ERR_NONE;
}

/* ---- Its life -------------------------------------------------------------------------------- */

void transfer_begin(struct transfer *t, const struct http_request *request, int64_t due_ms)
{
    t->state = TRANSFER_DUE;
    t->request = *request;
    t->due_ms = due_ms;
    t->attempts = 0;
    t->spent_ms = t->waited_ms = 0;
    t->maybe_done = false;
}

/* A large buffer is not kept for the many small answers that follow. */
static void empty(struct buf *b)
{
    if (b->cap > KEEP_BYTES)
        buf_release(b);
    else
        buf_clear(b);
}

void transfer_end(struct transfer *t)
{
    clear_attempt(t);
    empty(&t->body);
    empty(&t->url);
    empty(&t->content_type);
    empty(&t->content_hash);
    t->state = TRANSFER_FREE;
}

void transfer_release(struct transfer *t)
{
    clear_attempt(t);
    curl()->easy_cleanup(t->easy);
    buf_release(&t->url);
    buf_release(&t->content_type);
    buf_release(&t->content_hash);
    buf_release(&t->signature);
    mem_free(t->own);
    buf_release(&t->body);
    *t = (struct transfer){0};
}

const char *transfer_method(const struct transfer *t)
{
    static const char *const names[] = {
        [HTTP_GET] = "GET", [HTTP_POST] = "POST", [HTTP_PUT] = "PUT", [HTTP_DELETE] = "DELETE"};
    return t->request.verb ? t->request.verb : names[t->request.method];
}
