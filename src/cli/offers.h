/*
 * offers.h: words that may stand at the cursor, each once; and those of them that are recorded on
 * this machine.
 */
#ifndef CFKV_CLI_OFFERS_H
#define CFKV_CLI_OFFERS_H

#include "base/arena.h"
#include "base/map.h"
#include "interrupt.h"
#include "output.h"

struct offer {
    struct bytes word, about; /* about empty: nothing is said of it */
};

struct offers {
    struct arena *arena;
    struct output *output; /* of the sessions that look; they print nothing */
    struct interrupt *interrupt;
    struct offer *items;
    size_t n, cap;
    struct map seen;
};

/* Both are copied. A word that is there stays as it is. */
void offers_add(struct offers *offers, struct bytes word, struct bytes about);
void offers_release(struct offers *offers);

enum recorded {
    RECORDED_TITLES,
    RECORDED_LOCAL, /* "local:TITLE" */
    RECORDED_ADDRESSES,
    RECORDED_IDS,
    RECORDED_ENVS,
    RECORDED_OUTPUTS,
    RECORDED_BACKUPS, /* paths of what was kept before a loss */
    RECORDED_BINDINGS /* names in the wrangler config, of the environment that --env says */
};

/* Adds what the state of these options holds: the local store's with --local, or where there is no
 * other. `config` is the configuration when it is an argument, else NULL. */
void offers_add_recorded(struct offers *offers, enum recorded what, const struct options *o,
                         const char *config);

/* Adds the environments of the wrangler config. */
void offers_add_sections(struct offers *offers, const struct options *o);

#endif
