#include "serve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "server.h"
#include "store/memory.h"
#include "transport.h"

#define BACKLOG 4096 /* the kernel takes less where it must */

/* ---- Where it listens ------------------------------------------------------------------------ */

struct address {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } at;
    socklen_t len;
    bool loopback;
};

static bool address_parse(const char *text, unsigned short port, struct address *a,
                          struct error *err)
{
    *a = (struct address){0};
    if (!text || strcasecmp(text, "localhost") == 0)
        text = "127.0.0.1";
    if (inet_pton(AF_INET, text, &a->at.v4.sin_addr) == 1) {
        a->at.v4.sin_family = AF_INET;
        a->at.v4.sin_port = htons(port);
        a->len = sizeof a->at.v4;
        a->loopback = ntohl(a->at.v4.sin_addr.s_addr) >> 24 == 127;
        return true;
    }
    if (inet_pton(AF_INET6, text, &a->at.v6.sin6_addr) == 1) {
        a->at.v6.sin6_family = AF_INET6;
        a->at.v6.sin6_port = htons(port);
        a->len = sizeof a->at.v6;
        a->loopback = IN6_IS_ADDR_LOOPBACK(&a->at.v6.sin6_addr);
        return true;
    }
    error_set(err, ERR_USAGE, "'%s' is not an IP address to listen on", text);
    return error_hint(err, "the default is 127.0.0.1");
}

static int listen_on(struct address *a, const char *text, unsigned short port, struct error *err)
{
    int yes = 1;
    int fd = socket(a->at.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
        bind(fd, &a->at.any, a->len) == 0 && listen(fd, BACKLOG) == 0 &&
        getsockname(fd, &a->at.any, &a->len) == 0)
        return fd;
    int why = errno;
    error_errno(err, why, "cannot listen on %s, port %u", text ? text : "127.0.0.1", port);
    if (why == EADDRINUSE)
        error_hint(err, "another program does; choose another port, or 0 for any free one");
    if (fd >= 0)
        close(fd);
    return -1;
}

static unsigned short port_of(const struct address *a)
{
    return ntohs(a->at.any.sa_family == AF_INET ? a->at.v4.sin_port : a->at.v6.sin6_port);
}

static void write_url(const struct address *a, char *url, size_t size)
{
    char text[INET6_ADDRSTRLEN] = "";
    bool v4 = a->at.any.sa_family == AF_INET;
    const void *ip = v4 ? (const void *)&a->at.v4.sin_addr : (const void *)&a->at.v6.sin6_addr;
    inet_ntop(a->at.any.sa_family, ip, text, sizeof text);
    snprintf(url, size, v4 ? "http://%s:%u/client/v4" : "http://[%s]:%u/client/v4", text,
             (unsigned)port_of(a));
}

/* ---- The server ------------------------------------------------------------------------------ */

static bool server_init(struct server *s, const struct serve_options *options, struct error *err)
{
    *s = (struct server){.options = options, .store = options->store};
    faults_init(&s->faults);
    s->started_ms = clock_monotonic_ms();
    s->rate.requests = options->rate_requests;
    s->rate.seconds = options->rate_seconds > 0 ? options->rate_seconds : 1;
    s->admit.token = options->token;
    if (!hash_random(&s->ray_seed, sizeof s->ray_seed))
        return error_set(err, ERR_FAILED, "the kernel gives no random numbers");
    if (!s->store)
        s->store = s->owned = memory_store_new();
    return !options->faults || faults_load(&s->faults, options->faults, err);
}

static void server_release(struct server *s)
{
    store_close(s->owned);
    faults_release(&s->faults);
    rate_release(&s->rate);
    usage_release(&s->usage);
    stale_release(&s->stale);
    map_release(&s->jurisdictions);
    map_release(&s->instant);
    arena_release(&s->arena);
}

static bool listen_and_serve(struct server *s, struct error *err)
{
    const struct serve_options *options = s->options;
    struct address address;
    if (!address_parse(options->address, options->port, &address, err))
        return false;
    if (!address.loopback && !options->token) {
        error_set(err, ERR_USAGE, "'%s' is not a loopback address", options->address);
        return error_hint(
            err, "beyond loopback it serves only with a token: set CFKV_SERVE_TOKEN to one");
    }
    int fd = listen_on(&address, options->address, options->port, err);
    if (fd < 0)
        return false;
    s->admit.port = port_of(&address);
    s->admit.any_host = !address.loopback;
    write_url(&address, s->url, sizeof s->url);
    return transport_run(s, fd, err);
}

bool serve_run(const struct serve_options *options, struct error *err)
{
    struct server server;
    bool ok = server_init(&server, options, err) && listen_and_serve(&server, err);
    server_release(&server);
    return ok;
}
