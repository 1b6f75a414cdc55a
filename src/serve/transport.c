#define _GNU_SOURCE 1 /* POLLRDHUP */

#include "transport.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "clients.h"
#include "endpoints.h"
#include "exchange.h"
#include "microhttpd.h"

#define TICK_MS           200 /* an interrupt is noticed after this long at the latest */
#define IDLE_S            30
#define CONNECTION_MEMORY (256 * 1024)

LIBRARY_DEFINE(mhd, MHD_FUNCTIONS, "libmicrohttpd.so.12", "libmicrohttpd12")

struct transport {
    struct server *server;
    struct MHD_Daemon *daemon;
    struct waiting_list waiting;
    struct clients clients;
    bool closed; /* a connection was, in the last run of the library */
    struct pollfd *fds;
    size_t n_fds, cap_fds;
};

/* ---- libmicrohttpd's callbacks --------------------------------------------------------------- */

static void on_connection(void *ctx, struct MHD_Connection *connection, void **socket_context,
                          enum MHD_ConnectionNotificationCode what)
{
    struct transport *t = ctx;
    if (what == MHD_CONNECTION_NOTIFY_STARTED)
        *socket_context = clients_add(&t->clients, connection_fd(connection));
    else
        clients_remove(&t->clients, *socket_context);
    t->closed = t->closed || what == MHD_CONNECTION_NOTIFY_CLOSED;
}

static void touch(struct transport *t, struct MHD_Connection *connection, bool busy)
{
    const union MHD_ConnectionInfo *info =
        mhd()->get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    clients_touch(&t->clients, info->socket_context, busy);
}

/* Called with the request target as it came, before the library decodes it. */
static void *on_target(void *ctx, const char *target, struct MHD_Connection *connection)
{
    struct transport *t = ctx;
    (void)connection;
    return exchange_new(t->server, &t->waiting, target);
}

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *size, void **request)
{
    struct exchange *x = *request;
    (void)url;
    (void)version;
    enum MHD_Result result = exchange_handle(x, connection, method, data, size);
    touch(ctx, connection, x->stage != EXCHANGE_RECEIVE);
    return result;
}

static void on_completed(void *ctx, struct MHD_Connection *connection, void **request,
                         enum MHD_RequestTerminationCode why)
{
    (void)why;
    touch(ctx, connection, false);
    exchange_free(*request);
    *request = NULL;
}

/* ---- The loop -------------------------------------------------------------------------------- */

static bool interrupted(const struct transport *t)
{
    const volatile int *flag = t->server->options->interrupted;
    return flag && *flag != 0;
}

/* Resumes what is due, or whose client is gone. */
static void resume_due(struct transport *t)
{
    int64_t now = clock_monotonic_ms();
    struct exchange *next;
    for (struct exchange *x = t->waiting.first; x; x = next) {
        next = x->next;
        struct pollfd gone = {.fd = x->watched ? connection_fd(x->connection) : -1,
                              .events = POLLRDHUP};
        bool is_gone = x->watched && poll(&gone, 1, 0) > 0;
        if (x->due_ms <= now || is_gone)
            exchange_resume(x);
    }
}

static void add_fd(struct transport *t, int fd, short events)
{
    mem_grow((void **)&t->fds, &t->cap_fds, t->n_fds + 1, sizeof *t->fds);
    t->fds[t->n_fds++] = (struct pollfd){.fd = fd, .events = events};
}

/* How long nothing will happen of itself. Where a connection was closed the library may listen
 * again, but only in its next run. */
static int quiet_ms(const struct transport *t)
{
    MHD_UNSIGNED_LONG_LONG library_ms;
    int64_t now = clock_monotonic_ms(), quiet = TICK_MS;
    if (mhd()->get_timeout(t->daemon, &library_ms) == MHD_YES && library_ms < TICK_MS)
        quiet = (int64_t)library_ms;
    if (t->closed)
        quiet = 0;
    for (const struct exchange *x = t->waiting.first; x; x = x->next)
        if (x->due_ms - now < quiet)
            quiet = x->due_ms > now ? x->due_ms - now : 0;
    return (int)quiet;
}

static bool wait_for_work(struct transport *t, struct error *err)
{
    const union MHD_DaemonInfo *info = mhd()->get_daemon_info(t->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    t->n_fds = 0;
    add_fd(t, info->epoll_fd, POLLIN);
    for (const struct exchange *x = t->waiting.first; x; x = x->next)
        if (x->watched)
            add_fd(t, connection_fd(x->connection), POLLRDHUP);
    if (poll(t->fds, t->n_fds, quiet_ms(t)) < 0 && errno != EINTR)
        return error_errno(err, errno, "cannot wait for requests");
    return true;
}

static bool loop(struct transport *t, struct error *err)
{
    while (!interrupted(t)) {
        resume_due(t);
        t->closed = false;
        if (mhd()->run(t->daemon) != MHD_YES)
            return error_set(err, ERR_FAILED, "the HTTP library gave up");
        if (!wait_for_work(t, err))
            return false;
    }
    return true;
}

/* The library wants nothing suspended when it stops. */
static void stop(struct transport *t)
{
    while (t->waiting.first) {
        t->waiting.first->stage = EXCHANGE_DROP;
        exchange_resume(t->waiting.first);
    }
    mhd()->run(t->daemon);
    mhd()->stop_daemon(t->daemon);
    mem_free(t->fds);
}

static bool start(struct transport *t, int listen_fd, struct error *err)
{
    unsigned idle_s = t->server->options->idle_s > 0 ? t->server->options->idle_s : IDLE_S;
    const struct MHD_OptionItem options[] = {
        {MHD_OPTION_LISTEN_SOCKET, listen_fd, NULL},
        {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)on_target, t},
        {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)on_completed, t},
        {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)on_connection, t},
        {MHD_OPTION_CONNECTION_LIMIT, (intptr_t)t->clients.max, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, (intptr_t)idle_s, NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY, NULL},
        {MHD_OPTION_END, 0, NULL},
    };
    if (!mhd_load(err))
        return false;
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME |
                     MHD_USE_SUPPRESS_DATE_NO_CLOCK; /* ours is exchange.c's */
    t->daemon = mhd()->start_daemon(flags, 0, NULL, NULL, on_request, t, MHD_OPTION_ARRAY, options,
                                    MHD_OPTION_END);
    return t->daemon || error_set(err, ERR_FAILED, "cannot start the HTTP library");
}

bool transport_run(struct server *server, int listen_fd, struct error *err)
{
    struct transport t = {.server = server, .clients.max = clients_limit()};
    const struct serve_options *options = server->options;
    struct serve_ready ready = {.url = server->url};
    if (!start(&t, listen_fd, err)) {
        close(listen_fd);
        return false;
    }
    bool ok = account_first(server, &ready.account, err) &&
              (!options->on_ready || options->on_ready(options->ready_ctx, &ready, err)) &&
              loop(&t, err);
    stop(&t);
    return ok;
}
