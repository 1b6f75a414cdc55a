#include "exchange.h"

#include <stdio.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "endpoints.h"
#include "log.h"
#include "strict.h"

#define BODY_MAX    (100 * 1000 * 1000) /* a bulk put's documented limit */
#define SKIP_MAX    (UINT64_C(4) << 30) /* of a body that is too large; then the connection ends */
#define SLOW_PIECES 10
#define BLOCK_SIZE  (64 * 1024)

struct exchange *exchange_new(struct server *server, struct waiting_list *list, const char *target)
{
    struct exchange *x = mem_zalloc(1, sizeof *x);
    x->call.head.target = arena_copy(&x->arena, bytes_of(target));
    x->waiting_list = list;
    x->call.server = server;
    x->call.arena = &x->arena;
    x->call.reply = &x->reply;
    x->call.rate = rate_fresh(&server->rate);
    reply_clear(&x->reply);
    return x;
}

static void unlink_waiting(struct exchange *x)
{
    if (!x->waiting)
        return;
    if (x->next)
        x->next->previous = x->previous;
    *(x->previous ? &x->previous->next : &x->waiting_list->first) = x->next;
    x->next = x->previous = NULL;
    x->waiting = x->watched = false;
}

void exchange_free(struct exchange *x)
{
    if (!x)
        return;
    unlink_waiting(x);
    buf_release(&x->body);
    reply_release(&x->reply);
    arena_release(&x->arena);
    mem_free(x);
}

/* ---- Waiting --------------------------------------------------------------------------------- */

static void wait_ms(struct exchange *x, int64_t ms)
{
    x->due_ms = clock_monotonic_ms() + ms;
    x->waiting = true;
    x->previous = NULL;
    x->next = x->waiting_list->first;
    if (x->next)
        x->next->previous = x;
    x->waiting_list->first = x;
    mhd()->suspend_connection(x->connection);
}

void exchange_resume(struct exchange *x)
{
    unlink_waiting(x);
    mhd()->resume_connection(x->connection);
}

int connection_fd(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        mhd()->get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? info->connect_fd : -1;
}

/* ---- Receiving ------------------------------------------------------------------------------- */

static const char *header(struct exchange *x, const char *name)
{
    return mhd()->lookup_connection_value(x->connection, MHD_HEADER_KIND, name);
}

/* Such a request is refused by what stands before the service: nothing looks at its head. */
static void refuse(struct exchange *x, unsigned status, const char *title)
{
    struct call *c = &x->call;
    c->route = route_find(c->head.method, c->head.target, c->arena); /* for the log */
    reply_html(&x->reply, status, title);
    x->complete_ms = clock_monotonic_ms();
    x->stage = EXCHANGE_SEND;
    buf_release(&x->body);
}

static void too_large(struct exchange *x)
{
    refuse(x, 413, "Payload Too Large");
    x->too_large = true;
}

static void begin(struct exchange *x, const char *method)
{
    struct head *head = &x->call.head;
    struct server *server = x->call.server;
    head->method = method;
    head->host = header(x, "Host");
    head->origin = header(x, "Origin");
    head->authorization = header(x, "Authorization");
    head->auth_email = header(x, "X-Auth-Email");
    head->auth_key = header(x, "X-Auth-Key");
    head->content_type = header(x, "Content-Type");
    snprintf(
        x->ray, sizeof x->ray, "%016llx-LCL",
        (unsigned long long)(server->ray_seed + ++server->rays * UINT64_C(0x9e3779b97f4a7c15)));
    x->begun = true;
}

static enum MHD_Result receive(struct exchange *x, const char *data, size_t *size)
{
    if (!x->too_large && *size > BODY_MAX - x->body.len)
        too_large(x);
    if (!x->too_large)
        buf_add(&x->body, data, *size);
    x->moved += *size;
    if (x->too_large && x->moved > SKIP_MAX)
        return MHD_NO;
    *size = 0;
    return MHD_YES;
}

/* ---- Sending --------------------------------------------------------------------------------- */

static ssize_t read_padded(struct exchange *x, uint64_t at, char *to, size_t max)
{
    size_t len = x->reply.body.len;
    size_t n = at < len ? len - (size_t)at : max;
    if (n > max)
        n = max;
    if (at < len)
        memcpy(to, x->reply.body.data + at, n);
    else
        memset(to, ' ', n);
    return (ssize_t)n;
}

/* As far as `limit`; what is behind it depends on the kind of delivery. */
static ssize_t read_up_to(struct exchange *x, uint64_t at, uint64_t limit, char *to, size_t max)
{
    size_t n = (size_t)(limit - at) < max ? (size_t)(limit - at) : max;
    memcpy(to, x->reply.body.data + at, n);
    return (ssize_t)n;
}

static ssize_t read_slowly(struct exchange *x, uint64_t at, char *to, size_t max)
{
    uint64_t len = x->reply.body.len;
    if (at < x->moved)
        return read_up_to(x, at, x->moved, to, max);
    x->moved += len / SLOW_PIECES + 1;
    if (x->moved > len)
        x->moved = len;
    wait_ms(x, x->delivery.ms);
    return 0;
}

static ssize_t read_reply(void *ctx, uint64_t at, char *to, size_t max)
{
    struct exchange *x = ctx;
    switch (x->delivery.how) {
    case DELIVERY_PADDED:
        return read_padded(x, at, to, max);
    case DELIVERY_SLOW:
        return read_slowly(x, at, to, max);
    default:
        if (at >= x->delivery.length)
            return MHD_CONTENT_READER_END_WITH_ERROR;
        return read_up_to(x, at, x->delivery.length, to, max);
    }
}

/* Hands the body over where it goes out whole. */
static struct MHD_Response *make_response(struct exchange *x)
{
    struct buf *body = &x->reply.body;
    uint64_t length = x->delivery.how == DELIVERY_PADDED ? x->delivery.length : body->len;
    struct MHD_Response *response;
    x->moved = 0;
    if (x->delivery.how != DELIVERY_WHOLE) {
        response = mhd()->create_response_from_callback(length, BLOCK_SIZE, read_reply, x, NULL);
    } else if (body->len == 0) {
        response = mhd()->create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    } else {
        response =
            mhd()->create_response_from_buffer_with_free_callback(body->len, body->data, mem_free);
        *body = (struct buf){0};
    }
    if (!response)
        mem_exhausted();
    return response;
}

static bool add_header(struct MHD_Response *response, const char *name, const char *value)
{
    return mhd()->add_response_header(response, name, value) == MHD_YES;
}

static bool add_headers(const struct exchange *x, struct MHD_Response *response)
{
    char text[64];
    const struct rate_state *rate = &x->call.rate;
    bool ok =
        add_header(response, "cf-ray", x->ray) &&
        (!x->reply.content_type || add_header(response, "Content-Type", x->reply.content_type));
    snprintf(text, sizeof text, "\"default\";r=%u;t=%u", rate->remaining, rate->reset_s);
    ok = ok && add_header(response, "Ratelimit", text);
    snprintf(text, sizeof text, "\"default\";q=%u;w=%u", rate->quota, rate->window_s);
    ok = ok && add_header(response, "Ratelimit-Policy", text);
    reply_date(clock_now(), text);
    const char *date = x->call.server->faults.date ? x->call.server->faults.date : text;
    ok = ok && (!date[0] || add_header(response, "Date", date));
    for (size_t i = 0; ok && i < x->reply.n_headers; i++)
        ok = add_header(response, x->reply.headers[i].name, x->reply.headers[i].value);
    return ok;
}

static enum MHD_Result send_reply(struct exchange *x)
{
    unsigned status = x->reply.status;
    struct MHD_Response *response = make_response(x);
    enum MHD_Result result = MHD_NO;
    if (add_headers(x, response))
        result = mhd()->queue_response(x->connection, status, response);
    mhd()->destroy_response(response);
    return result;
}

/* The peer sees RST: dissolving the association is the one way that does so at once, whatever the
 * library does to the socket afterwards. Where that fails the connection is merely dropped. */
static void reset_connection(const struct exchange *x)
{
    struct sockaddr unspecified = {.sa_family = AF_UNSPEC};
    int ignored = connect(connection_fd(x->connection), &unspecified, sizeof unspecified);
    (void)ignored;
}

/* ---- Stages ---------------------------------------------------------------------------------- */

static void log_answer(const struct exchange *x)
{
    const struct server *server = x->call.server;
    struct log_entry entry = {.call = &x->call,
                              .ray = x->ray,
                              .at_ms = x->complete_ms - server->started_ms,
                              .ms = clock_monotonic_ms() - x->complete_ms,
                              .delivery = &x->delivery};
    log_request(server->options->log, &entry);
}

/* The request is complete: says whether it is admitted, then lets latency pass. */
static void complete(struct exchange *x)
{
    x->complete_ms = clock_monotonic_ms();
    x->call.body = buf_bytes(&x->body);
    x->stage = endpoints_admit(&x->call) ? EXCHANGE_WORK : EXCHANGE_SEND;
    int64_t ms = (int64_t)x->call.server->options->latency_ms + damage_delay_ms(&x->call);
    if (ms > 0)
        wait_ms(x, ms);
}

static void work(struct exchange *x)
{
    damage_answer(&x->call, &x->delivery);
    buf_release(&x->body);
    enum delivery_how how = x->delivery.how;
    bool answered = how != DELIVERY_DROP && how != DELIVERY_RESET && how != DELIVERY_HANG;
    x->stage = answered ? EXCHANGE_SEND : EXCHANGE_DROP;
    if (answered)
        return;
    if (how == DELIVERY_RESET)
        reset_connection(x);
    log_answer(x);
    if (how == DELIVERY_HANG) {
        wait_ms(x, x->delivery.ms);
        x->watched = true;
    }
}

static enum MHD_Result finish(struct exchange *x)
{
    log_answer(x);
    return send_reply(x);
}

static enum MHD_Result advance(struct exchange *x)
{
    if (x->stage == EXCHANGE_RECEIVE)
        complete(x);
    if (x->stage == EXCHANGE_WORK && !x->waiting)
        work(x);
    if (x->waiting)
        return MHD_YES;
    return x->stage == EXCHANGE_DROP ? MHD_NO : finish(x);
}

enum MHD_Result exchange_handle(struct exchange *x, struct MHD_Connection *connection,
                                const char *method, const char *data, size_t *size)
{
    x->connection = connection;
    if (!x->begun) {
        begin(x, method);
        if (!strict_head(connection)) {
            refuse(x, 400, "Bad Request");
            reply_header(&x->reply, "Connection", "close"); /* where its body ends is unknown */
            return finish(x);
        }
        const char *declared = header(x, "Content-Length");
        int64_t length;
        if (declared && text_to_int64(bytes_of(declared), &length) && length > BODY_MAX) {
            too_large(x);
            /* A client that waits for leave to send is spared the work; any other would not read
             * the answer before it has sent everything. */
            return header(x, "Expect") ? finish(x) : MHD_YES;
        }
        return MHD_YES;
    }
    if (*size > 0)
        return receive(x, data, size);
    return advance(x);
}
