/*
 * clients.h: who is connected, and who gives way when there are many. Private to transport.
 *
 * A connection that does nothing is closed after a while. It goes earlier when more than
 * three quarters of the connections that there may be are taken: then those that have done nothing
 * for the longest time are closed, so that a new one always finds room. One that waits for its
 * answer never gives way.
 */
#ifndef CFKV_SERVE_CLIENTS_H
#define CFKV_SERVE_CLIENTS_H

#include <stdbool.h>
#include <stddef.h>

struct client {
    struct client *next, *previous; /* the next one did something later */
    int fd;
    bool busy;    /* its request is complete, its answer not yet gone */
    bool leaving; /* told to go */
};

struct clients {
    struct client *first, *last;
    size_t n, leaving, max;
};

/*
 * How many connections there may be: half of the descriptors that the process may open, the other
 * half being the store's; at most 1,000. Raises the process's soft limit (RLIMIT_NOFILE) as far as
 * that number wants and the hard limit allows.
 */
size_t clients_limit(void);

/* One more, on descriptor `fd`; whoever has to give way is told to. */
struct client *clients_add(struct clients *clients, int fd);

/* It did something: it is the last to give way. */
void clients_touch(struct clients *clients, struct client *client, bool busy);

void clients_remove(struct clients *clients, struct client *client);

#endif
