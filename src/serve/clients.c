#include "clients.h"

#include <sys/resource.h>
#include <sys/socket.h>

#include "base/mem.h"

#define MOST 1000

size_t clients_limit(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return MOST;
    rlim_t want = files.rlim_max < 2 * MOST ? files.rlim_max : 2 * MOST;
    if (files.rlim_cur < want) {
        struct rlimit more = {.rlim_cur = want, .rlim_max = files.rlim_max};
        if (setrlimit(RLIMIT_NOFILE, &more) == 0)
            files.rlim_cur = want;
    }
    size_t half = files.rlim_cur < 2 * MOST ? (size_t)files.rlim_cur / 2 : MOST;
    return half > 0 ? half : 1;
}

/* ---- The list -------------------------------------------------------------------------------- */

static void take_out(struct clients *clients, struct client *client)
{
    *(client->previous ? &client->previous->next : &clients->first) = client->next;
    *(client->next ? &client->next->previous : &clients->last) = client->previous;
}

static void put_last(struct clients *clients, struct client *client)
{
    client->next = NULL;
    client->previous = clients->last;
    *(clients->last ? &clients->last->next : &clients->first) = client;
    clients->last = client;
}

static void make_room(struct clients *clients)
{
    size_t most = clients->max - clients->max / 4;
    /* Never the newest: it would be the only idle one. */
    for (struct client *c = clients->first; c != clients->last; c = c->next) {
        if (clients->n - clients->leaving <= most)
            return;
        if (c->busy || c->leaving)
            continue;
        clients->leaving++;
        c->leaving = true;
        shutdown(c->fd, SHUT_RDWR); /* the library sees that it has ended, and closes it */
    }
}

struct client *clients_add(struct clients *clients, int fd)
{
    struct client *client = mem_zalloc(1, sizeof *client);
    client->fd = fd;
    put_last(clients, client);
    clients->n++;
    make_room(clients);
    return client;
}

void clients_touch(struct clients *clients, struct client *client, bool busy)
{
    take_out(clients, client);
    put_last(clients, client);
    client->busy = busy;
}

void clients_remove(struct clients *clients, struct client *client)
{
    take_out(clients, client);
    clients->n--;
    clients->leaving -= client->leaving;
    mem_free(client);
}
