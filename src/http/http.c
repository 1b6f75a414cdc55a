#include "http.h"

#include "curl.h"
#include <stdlib.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "budget.h"
#include "credentials.h"
#include "retry.h"
#include "transfer.h"
#include "url.h"
#include "window.h"

#define JOBS_MAX     64
#define POLL_MS      1000
#define POLL_FLAG_MS 50 /* while there is a flag to look at: a signal may just miss the poll */
#define SECONDS_MAX  1000000
#define REQUESTS_MAX 1000000

struct http {
    CURLM *multi;
    bool curl_ready; /* curl_global_init succeeded */
    struct transfer_shared shared;
    struct transfer *transfers; /* window.most of them */
    struct window window;       /* of those in flight or waiting for their turn */
    unsigned flying, due;
    struct transfer *begun; /* on its way for a run that is to come; not among those flying */
    struct buf begun_path;
    struct http *along;
    unsigned max_attempts, wait_unit_ms;
    unsigned budget_requests; /* of each identity */
    size_t cap_identities;
    uint64_t total_ms, random;
    const volatile int *interrupted;
    unsigned interrupt_grace_ms;
    http_log_fn log;
    void *log_ctx;
    struct buf line; /* of the log */
    http_wait_fn wait;
    void *wait_ctx;
    void (*beat)(void *ctx);
    void *beat_ctx;
    int64_t beat_ms;   /* when it is due */
    bool wait_told;    /* and not that it is over */
    bool has_clock;    /* an answer told the time: */
    int64_t ahead_s;   /* how far it is ahead of ours, by the answer that took */
    int64_t trip_ms;   /* … so long, the quickest so far */
    unsigned window_s; /* of the budget, as configured */
    int64_t held_ms;   /* since when requests wait for the budget; 0: none does */

    /* While running. */
    http_next_fn next;
    http_done_fn done;
    void *ctx;
    bool ended;          /* HTTP_NEXT_END was said */
    bool waiting;        /* HTTP_NEXT_WAIT was said, and nothing was reported since */
    int64_t stop_ms;     /* an interrupt came: when what is in flight is ended; 0: none came */
    struct error *fatal; /* where what ends the run goes; its code is ERR_NONE until then */
};

/* ---- Opening and closing --------------------------------------------------------------------- */

static unsigned or_default(unsigned n, unsigned fallback, unsigned max)
{
    n = n ? n : fallback;
    return n < max ? n : max;
}

/* splitmix64 */
static uint64_t random_next(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

static void set_options(struct http *h, const struct http_options *o)
{
    struct transfer_shared *s = &h->shared;
    window_init(&h->window, o->jobs < JOBS_MAX ? o->jobs : JOBS_MAX);
    h->max_attempts = or_default(o->max_attempts, 8, 1000);
    h->wait_unit_ms = or_default(o->wait_unit_ms, 1000, 1000);
    h->total_ms = or_default(o->total_timeout_s, 900, SECONDS_MAX) * UINT64_C(1000);
    h->random = o->seed;
    if (o->seed == 0 &&
        getrandom(&h->random, sizeof h->random, GRND_NONBLOCK) != (ssize_t)sizeof h->random)
        h->random = (uint64_t)clock_monotonic_ms();
    h->interrupted = o->interrupted;
    h->interrupt_grace_ms = o->interrupt_grace_ms;
    h->log = o->log;
    h->log_ctx = o->log_ctx;
    h->wait = o->wait;
    h->wait_ctx = o->wait_ctx;
    h->along = o->along;
    h->beat = o->beat;
    h->beat_ctx = o->beat_ctx;
    s->cert_pem = o->cert_pem;
    s->key_pem = o->key_pem;
    s->ca_pem = o->ca_pem;
    s->connect_timeout_s = or_default(o->connect_timeout_s, 10, SECONDS_MAX);
    s->request_timeout_s = or_default(o->request_timeout_s, 100, SECONDS_MAX);
    h->budget_requests =
        o->unbudgeted ? REQUESTS_MAX : or_default(o->budget_requests, 1200, REQUESTS_MAX);
    h->window_s = or_default(o->budget_seconds, 300, SECONDS_MAX);
}

static void add_identity(struct http *h, const struct http_credentials *c)
{
    struct transfer_shared *s = &h->shared;
    mem_grow((void **)&s->identities, &h->cap_identities, s->n_identities + 1,
             sizeof *s->identities);
    struct identity *who = &s->identities[s->n_identities++];
    *who = (struct identity){.credentials = *c};
    if (credentials_any(c))
        who->headers = credentials_headers(c);
    budget_init(&who->budget, h->budget_requests, h->window_s, h->wait_unit_ms);
}

bool http_add_credentials(struct http *h, const struct http_credentials *c, size_t *which,
                          struct error *err)
{
    if (!http_check_credentials(c, err))
        return false;
    for (*which = 0; *which < h->shared.n_identities; ++*which)
        if (credentials_same(&h->shared.identities[*which].credentials, c))
            return true;
    add_identity(h, c);
    return true;
}

static bool open_all(struct http *h, const struct http_options *options, struct error *err)
{
    if (!curl_load(err))
        return false;
    CURLcode code = curl()->global_init(CURL_GLOBAL_DEFAULT);
    h->curl_ready = code == CURLE_OK;
    if (code == CURLE_OUT_OF_MEMORY)
        mem_exhausted();
    if (code != CURLE_OK)
        return error_set(err, ERR_FAILED, "libcurl cannot start: %s", curl()->easy_strerror(code));
    const struct http_credentials *given = &options->credentials;
    if ((credentials_any(given) && !http_check_credentials(given, err)) ||
        !url_parse(&h->shared.url, options->base_url, err))
        return false;
    if (options->ca_file)
        h->shared.ca_file = mem_text(bytes_of(options->ca_file));
    h->multi = curl()->multi_init();
    if (!h->multi ||
        curl()->multi_setopt(h->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX) != CURLM_OK ||
        curl()->multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, (long)h->window.most) != CURLM_OK)
        mem_exhausted();
    add_identity(h, given);
    h->transfers = mem_zalloc(h->window.most, sizeof *h->transfers);
    for (unsigned i = 0; i < h->window.most; i++)
        h->transfers[i].shared = &h->shared;
    return true;
}

struct http *http_open(const struct http_options *options, struct error *err)
{
    struct http *h = mem_zalloc(1, sizeof *h);
    set_options(h, options);
    if (open_all(h, options, err))
        return h;
    http_close(h);
    return NULL;
}

/* Nobody wants it. */
static void drop_begun(struct http *h)
{
    struct transfer *t = h->begun;
    h->begun = NULL;
    if (!t)
        return;
    curl()->multi_remove_handle(h->multi, t->easy);
    transfer_end(t);
}

void http_close(struct http *h)
{
    if (!h)
        return;
    drop_begun(h);
    for (unsigned i = 0; h->transfers && i < h->window.most; i++)
        transfer_release(&h->transfers[i]);
    if (h->curl_ready) { /* else libcurl may not even be loaded, and made nothing */
        curl()->multi_cleanup(h->multi);
        for (size_t i = 0; i < h->shared.n_identities; i++)
            credentials_free(h->shared.identities[i].headers);
        curl()->global_cleanup();
    }
    url_release(&h->shared.url);
    mem_free(h->shared.ca_file);
    mem_free(h->transfers);
    mem_free(h->shared.identities);
    buf_release(&h->line);
    buf_release(&h->begun_path);
    mem_free(h);
}

const char *http_library(struct error *err)
{
    return curl_load(err) ? curl()->version() : NULL;
}

bool http_shows_credentials(const struct http *h, const char *text)
{
    return transfer_shows_credentials(&h->shared, text);
}

struct http_stats http_stats(struct http *h)
{
    struct http_stats stats = h->shared.stats;
    for (size_t i = 0; i < h->shared.n_identities; i++) {
        struct identity *who = &h->shared.identities[i];
        if (who->taken == 0 && (i > 0 || h->shared.stats.requests > 0))
            continue;
        stats.budget += who->budget.quota;
        stats.budget_left += budget_left(&who->budget, clock_monotonic_ms());
    }
    return stats;
}

int64_t http_clock_ahead(const struct http *h)
{
    bool is_apart = h->ahead_s > HTTP_CLOCK_LEAST || h->ahead_s < -HTTP_CLOCK_LEAST;
    return is_apart ? h->ahead_s : 0;
}

/* ---- The log --------------------------------------------------------------------------------- */

/* `delay_ms`: until it is tried again; NULL: it was the last attempt. */
static void log_attempt(struct http *h, const struct transfer *t, const struct outcome *o,
                        const uint64_t *delay_ms)
{
    if (!h->log)
        return;
    buf_clear(&h->line);
    buf_addf(&h->line, "%s %s → ", transfer_method(t), t->request.path);
    if (o->status > 0)
        buf_addf(&h->line, "%u", o->status);
    if (o->error.code != ERR_NONE)
        buf_addf(&h->line, "%s%s", o->status > 0 ? ", " : "", o->error.message);
    if (delay_ms)
        buf_addf(&h->line, " (attempt %u of %u, again in %llu ms)", t->attempts, h->max_attempts,
                 (unsigned long long)*delay_ms);
    else
        buf_addf(&h->line, " (%u attempt%s, %llu ms)", t->attempts, text_plural(t->attempts),
                 (unsigned long long)t->spent_ms);
    h->log(h->log_ctx, h->line.data);
}

/* ---- Telling what is waited for -------------------------------------------------------------- */

static void tell_wait(struct http *h, const struct http_wait *wait)
{
    if (!h->wait || (!wait && !h->wait_told))
        return;
    h->wait_told = wait != NULL;
    h->wait(h->wait_ctx, wait);
}

static void tell_retry(struct http *h, const struct transfer *t, const struct outcome *o,
                       uint64_t delay_ms)
{
    char status[32];
    snprintf(status, sizeof status, "HTTP %u", o->status);
    tell_wait(h, &(struct http_wait){.cause = o->status > 0 ? status : o->error.message,
                                     .method = transfer_method(t),
                                     .path = t->request.path,
                                     .again_ms = delay_ms,
                                     .until_ms = h->total_ms - t->spent_ms,
                                     .attempt = t->attempts + 1,
                                     .attempts = retry_attempts(o->kind, h->max_attempts)});
}

/* The pace that the budget sets is made of short waits: they are told once they come to a second.
 * A hold after a refusal is told with that. */
static void tell_budget(struct http *h, struct budget *b, int64_t now_ms, int64_t wait_ms)
{
    if (h->held_ms == 0)
        h->held_ms = now_ms;
    if (!h->wait || b->hold_ms > now_ms || now_ms + wait_ms - h->held_ms < h->wait_unit_ms)
        return;
    tell_wait(h, &(struct http_wait){.again_ms = (uint64_t)wait_ms * 1000 / h->wait_unit_ms,
                                     .budget = b->quota,
                                     .budget_seconds = h->window_s,
                                     .budget_left = budget_left(b, now_ms)});
}

/* ---- The end of an attempt ------------------------------------------------------------------- */

/* Reports the request and frees its slot. */
static void report(struct http *h, struct transfer *t, const struct outcome *o)
{
    bool unreached = (o->kind == RETRY_UNSENT || o->kind == RETRY_REFUSED) && t->attempts > 0 &&
                     !t->maybe_done && o->status == 0;
    bool success = o->whole && o->status / 100 == 2;
    struct http_response response = {.ok = o->whole,
                                     .error = o->error,
                                     .status = o->status,
                                     .body = buf_bytes(&t->body),
                                     .cf_ray = o->cf_ray,
                                     .expiration = o->expiration,
                                     .unreached = unreached ? o->unreached : HTTP_REACHED,
                                     .is_challenge = o->is_challenge,
                                     .maybe_done = t->maybe_done && !success,
                                     .retry_after_s = o->retry_after_s > 0 ? o->retry_after_s : 0,
                                     .attempts = t->attempts,
                                     .waited_ms = t->waited_ms,
                                     .transfer = o->status > 0 ? t : NULL};
    log_attempt(h, t, o, NULL);
    if (t->attempts > 1)
        tell_wait(h, NULL);
    h->waiting = false;
    h->done(h->ctx, &t->request, &response);
    transfer_end(t);
}

static void report_unsent(struct http *h, struct transfer *t, const struct error *error)
{
    struct outcome o = {.error = *error};
    report(h, t, &o);
}

/* Nominal milliseconds as they are really waited, rounded up. */
static int64_t scaled(const struct http *h, uint64_t ms)
{
    return (int64_t)((ms * h->wait_unit_ms + 999) / 1000);
}

/* true, with the pause in `*delay_ms`, when the request is to be tried again. */
static bool wants_again(struct http *h, const struct transfer *t, const struct outcome *o,
                        uint64_t *delay_ms)
{
    *delay_ms = retry_delay_ms(t->attempts, o->retry_after_s, random_next(&h->random));
    return h->fatal->code == ERR_NONE && h->stop_ms == 0 &&
           (o->status == 0 || o->status != t->request.final_status) &&
           retry_again(o->kind, t->request.repeatable, t->attempts, h->max_attempts) &&
           t->spent_ms + *delay_ms < h->total_ms;
}

static void learn(struct http *h, struct transfer *t, int64_t now_ms)
{
    struct budget *b = &transfer_identity(t)->budget;
    const char *value;
    for (size_t i = 0; i < 8 && (value = transfer_header(t, "ratelimit-policy", i)); i++)
        budget_learn_policy(b, bytes_of(value), now_ms);
    value = transfer_header(t, "ratelimit", 0);
    if (value)
        budget_learn(b, bytes_of(value), h->flying, now_ms);
}

/* The clock that expirations are reckoned by is the service's. */
static void learn_clock(struct http *h, struct transfer *t, const struct outcome *o, int64_t now_ms)
{
    const char *date =
        o->status / 100 >= 2 && o->status / 100 <= 4 ? transfer_header(t, "date", 0) : NULL;
    int64_t then = date ? retry_date_seconds(date) : -1;
    int64_t trip_ms = now_ms - t->started_ms;
    int64_t ahead_s = then - (clock_now() - trip_ms / 2000);
    bool is_likely = then >= 0 && ahead_s <= HTTP_CLOCK_MOST && ahead_s >= -HTTP_CLOCK_MOST;
    if (!is_likely || (h->has_clock && trip_ms >= h->trip_ms))
        return;
    h->has_clock = true;
    h->ahead_s = ahead_s;
    h->trip_ms = trip_ms;
}

static void settle(struct http *h, struct transfer *t, CURLcode code)
{
    struct outcome o;
    uint64_t delay_ms;
    int64_t now_ms = clock_monotonic_ms();
    curl()->multi_remove_handle(h->multi, t->easy);
    h->flying--;
    h->shared.is_warm = true;
    transfer_finish(t, code, now_ms, &o);
    if (o.status > 0) {
        learn(h, t, now_ms);
        learn_clock(h, t, &o, now_ms);
    }
    t->maybe_done = t->maybe_done || retry_maybe_done(o.kind, o.sent);
    window_learn(&h->window, o.kind, t->started_ms, now_ms,
                 budget_wait_ms(&transfer_identity(t)->budget, now_ms) == 0);
    bool again = wants_again(h, t, &o, &delay_ms);
    if (o.kind == RETRY_LIMITED) /* the limit is that of all who ask as this one */
        budget_hold(&transfer_identity(t)->budget, now_ms + scaled(h, delay_ms));
    if (!again) {
        report(h, t, &o);
        return;
    }
    log_attempt(h, t, &o, &delay_ms);
    tell_retry(h, t, &o, delay_ms);
    t->state = TRANSFER_DUE;
    t->due_ms = now_ms + scaled(h, delay_ms);
    t->spent_ms += delay_ms;
    t->waited_ms += delay_ms;
    h->due++;
}

/* Reports the attempts that ended; how many. */
static unsigned settle_ended(struct http *h)
{
    unsigned n = 0;
    int left;
    CURLMsg *m;
    while ((m = curl()->multi_info_read(h->multi, &left)) != NULL) {
        char *owner = NULL;
        if (m->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &owner);
        settle(h, (struct transfer *)(void *)owner, m->data.result);
        n++;
    }
    return n;
}

/* Ends everything with what is in h->fatal. */
static void abort_all(struct http *h)
{
    for (unsigned i = 0; i < h->window.most; i++) {
        struct transfer *t = &h->transfers[i];
        if (t == h->begun)
            continue;
        if (t->state == TRANSFER_FLYING) {
            /* Do not wait for a resolver's thread. */
            (void)curl_easy_setopt(t->easy, CURLOPT_QUICK_EXIT, 1L);
            curl()->multi_remove_handle(h->multi, t->easy);
            t->maybe_done = t->maybe_done || t->sends > 0;
            buf_clear(&t->body);
            h->flying--;
        } else if (t->state == TRANSFER_DUE) {
            h->due--;
        } else {
            continue;
        }
        report_unsent(h, t, h->fatal);
    }
}

/* ---- Starting -------------------------------------------------------------------------------- */

static struct transfer *free_slot(struct http *h)
{
    if (h->flying + h->due >= h->window.size)
        return NULL;
    for (unsigned i = 0; i < h->window.most; i++)
        if (h->transfers[i].state == TRANSFER_FREE)
            return &h->transfers[i];
    return NULL;
}

/* What was begun is the run's from here on, if it is what the run asks for first. */
static bool take_begun(struct http *h, const struct http_request *request)
{
    struct transfer *t = h->begun;
    if (!t)
        return false;
    int64_t age_ms = clock_monotonic_ms() - t->started_ms;
    bool same = request->method == HTTP_GET && !request->verb && request->delay_ms == 0 &&
                request->credentials == t->request.credentials &&
                strcmp(request->path, t->request.path) == 0;
    if (!same || age_ms > HTTP_BEGUN_S * (int64_t)1000) {
        drop_begun(h);
        return false;
    }
    h->begun = NULL;
    t->request = *request;
    h->flying++;
    return true;
}

/* Asks for requests while there is a slot. What was begun has one, and is taken or gives it up. */
static void pull(struct http *h)
{
    while (!h->ended && !h->waiting && (h->begun || free_slot(h))) {
        struct http_request request = {0};
        enum http_next answer = h->next(h->ctx, &request);
        if (answer == HTTP_NEXT_REQUEST && !take_begun(h, &request)) {
            transfer_begin(free_slot(h), &request,
                           clock_monotonic_ms() + scaled(h, request.delay_ms));
            h->due++;
        }
        h->ended = answer == HTTP_NEXT_END;
        h->waiting = answer == HTTP_NEXT_WAIT;
    }
}

/* The transfer of that identity that may start first. */
static struct transfer *first_due_of(struct http *h, size_t who)
{
    struct transfer *first = NULL;
    for (unsigned i = 0; i < h->window.most; i++) {
        struct transfer *t = &h->transfers[i];
        if (t->state == TRANSFER_DUE && t->request.credentials == who &&
            (!first || t->due_ms < first->due_ms))
            first = t;
    }
    return first;
}

/* The transfer that may start first, and in how many milliseconds: none waits for the budget of
 * others. */
static struct transfer *first_due(struct http *h, int64_t now_ms, int64_t *wait_ms)
{
    struct transfer *first = NULL;
    for (size_t i = 0; i < h->shared.n_identities; i++) {
        struct transfer *t = first_due_of(h, i);
        if (!t)
            continue;
        int64_t wait = (int64_t)budget_wait_ms(&h->shared.identities[i].budget, now_ms);
        if (t->due_ms - now_ms > wait)
            wait = t->due_ms - now_ms;
        if (first && wait >= *wait_ms)
            continue;
        first = t;
        *wait_ms = wait;
    }
    return first;
}

static void start(struct http *h, struct transfer *t, int64_t now_ms)
{
    struct error err = {.code = ERR_NONE};
    h->due--;
    if (!transfer_start(t, now_ms, h->total_ms - t->spent_ms, &err)) {
        report_unsent(h, t, &err);
        return;
    }
    if (curl()->multi_add_handle(h->multi, t->easy) != CURLM_OK)
        mem_exhausted();
    identity_take(transfer_identity(t), now_ms);
    h->shared.stats.retries += t->attempts > 1;
    h->flying++;
}

/* The first request goes alone until its connection stands: the others may then share it, where
 * HTTP/2 is spoken, instead of each making its own. (CURLOPT_PIPEWAIT would do the same, but it can
 * leave requests waiting until another one ends.) */
static bool is_alone(const struct http *h)
{
    return h->flying > 0 && !h->shared.is_warm && h->shared.url.is_https;
}

/* Starts what may start; the milliseconds until more may, at most `limit_ms`. */
static int start_due(struct http *h, int limit_ms)
{
    struct transfer *t;
    int64_t now_ms, wait_ms = 0;
    while (!is_alone(h) && (t = first_due(h, now_ms = clock_monotonic_ms(), &wait_ms)) != NULL) {
        if (wait_ms > 0 && t->due_ms <= now_ms)
            tell_budget(h, &transfer_identity(t)->budget, now_ms, wait_ms);
        if (wait_ms > 0)
            return wait_ms < limit_ms ? (int)wait_ms : limit_ms;
        start(h, t, now_ms);
    }
    h->held_ms = 0;
    return limit_ms;
}

/* ---- The loop -------------------------------------------------------------------------------- */

/* Reports what waits for its turn: nothing is started any more. */
static void drop_due(struct http *h)
{
    struct error interrupted = {0};
    error_set(&interrupted, ERR_INTERRUPTED, "interrupted");
    for (unsigned i = 0; i < h->window.most; i++)
        if (h->transfers[i].state == TRANSFER_DUE) {
            h->due--;
            report_unsent(h, &h->transfers[i], &interrupted);
        }
}

static void check_interrupt(struct http *h)
{
    if (h->fatal->code != ERR_NONE || !h->interrupted || *h->interrupted == 0)
        return;
    int64_t now_ms = clock_monotonic_ms();
    if (h->stop_ms == 0)
        h->stop_ms = now_ms + (int64_t)h->interrupt_grace_ms;
    h->ended = true;
    drop_due(h);
    if (h->flying == 0 || now_ms >= h->stop_ms)
        error_set(h->fatal, ERR_INTERRUPTED, "interrupted");
}

static void check_multi(struct http *h, CURLMcode code)
{
    if (code == CURLM_OUT_OF_MEMORY)
        mem_exhausted();
    if (code != CURLM_OK)
        error_set(h->fatal, ERR_FAILED, "libcurl failed: %s", curl()->multi_strerror(code));
}

/* ---- What is begun ahead -----------------------------------------------------------------------
 */

void http_begin(struct http *h, const struct http_request *request)
{
    struct error ignored;
    struct http_request r = *request;
    struct transfer *t = h->begun ? NULL : free_slot(h);
    int64_t now_ms = clock_monotonic_ms();
    int running;
    if (!t)
        return;
    buf_clear(&h->begun_path);
    buf_add_str(&h->begun_path, request->path);
    r.path = h->begun_path.data;
    transfer_begin(t, &r, now_ms);
    if (!transfer_start(t, now_ms, h->total_ms, &ignored)) {
        transfer_end(t);
        return;
    }
    if (curl()->multi_add_handle(h->multi, t->easy) != CURLM_OK)
        mem_exhausted();
    identity_take(transfer_identity(t), now_ms);
    h->begun = t;
    curl()->multi_perform(h->multi, &running); /* what becomes of it the run will hear */
}

/* The sockets that what was begun in `h` waits for, at most `max` of them; `*wait_ms` becomes less
 * when it wants to be moved sooner. */
static unsigned begun_sockets(struct http *h, struct curl_waitfd *out, unsigned max, int *wait_ms)
{
    fd_set in, out_set, odd;
    int highest = -1;
    unsigned n = 0;
    long most_ms = -1;
    FD_ZERO(&in);
    FD_ZERO(&out_set);
    FD_ZERO(&odd);
    curl()->multi_timeout(h->multi, &most_ms);
    if (most_ms >= 0 && most_ms < *wait_ms)
        *wait_ms = (int)most_ms;
    if (curl()->multi_fdset(h->multi, &in, &out_set, &odd, &highest) != CURLM_OK)
        return 0;
    for (int fd = 0; fd <= highest && n < max; fd++) {
        short events = (short)((FD_ISSET(fd, &in) ? CURL_WAIT_POLLIN : 0) |
                               (FD_ISSET(fd, &out_set) ? CURL_WAIT_POLLOUT : 0));
        if (events)
            out[n++] = (struct curl_waitfd){.fd = fd, .events = events};
    }
    return n;
}

#define ALONG_MAX 8

/* Waits until something may move, here or in what was begun elsewhere, and moves that. */
static void wait_for_any(struct http *h, int wait_ms)
{
    struct curl_waitfd sockets[ALONG_MAX];
    bool along = h->along && h->along->begun;
    unsigned n = along ? begun_sockets(h->along, sockets, ALONG_MAX, &wait_ms) : 0;
    int running;
    check_multi(h, curl()->multi_poll(h->multi, sockets, n, wait_ms, NULL));
    if (along)
        curl()->multi_perform(h->along->multi, &running);
}

/* One turn: move what moves, report what ended, and when nothing did, wait until something may. */
static void turn(struct http *h)
{
    int running;
    bool was_alone, again;
    int wait_ms = start_due(h, h->interrupted ? POLL_FLAG_MS
                               : h->beat      ? (int)h->wait_unit_ms
                                              : POLL_MS);
    was_alone = is_alone(h);
    check_multi(h, curl()->multi_perform(h->multi, &running));
    again = was_alone && !is_alone(h);
    if (settle_ended(h) > 0 || again || h->fatal->code != ERR_NONE || h->flying + h->due == 0)
        return;
    wait_for_any(h, wait_ms);
}

static void give_beat(struct http *h)
{
    int64_t now_ms = clock_monotonic_ms();
    if (!h->beat || now_ms < h->beat_ms)
        return;
    h->beat(h->beat_ctx);
    h->beat_ms = clock_monotonic_ms() + (int64_t)h->wait_unit_ms;
}

bool http_run(struct http *h, http_next_fn next, http_done_fn done, void *ctx, struct error *err)
{
    err->code = ERR_NONE;
    h->next = next;
    h->done = done;
    h->ctx = ctx;
    h->fatal = err;
    h->ended = h->waiting = false;
    h->stop_ms = 0;
    int64_t began_ms = clock_monotonic_ms();
    for (;;) {
        give_beat(h);
        check_interrupt(h);
        if (err->code == ERR_NONE)
            pull(h);
        if (err->code != ERR_NONE || h->flying + h->due == 0)
            break;
        turn(h);
    }
    abort_all(h);
    h->shared.stats.busy_ms += (uint64_t)(clock_monotonic_ms() - began_ms);
    tell_wait(h, NULL);
    if (err->code == ERR_NONE && h->waiting)
        return error_set(err, ERR_FAILED, "http was told to wait while nothing is in flight");
    return err->code == ERR_NONE;
}
