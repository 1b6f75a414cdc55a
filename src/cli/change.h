/*
 * change.h: what the commands have in common that plan, ask and do it: apply, destroy, sweep.
 */
#ifndef CFKV_CLI_CHANGE_H
#define CFKV_CLI_CHANGE_H

#include "command.h"

struct change {
    bool destroy; /* nothing counts as declared; without a state it is refused */
    bool by_name; /* the answer that is asked for is the project's name */
    const char *question;
    bool (*prepare)(struct cli *cli, void *ctx, struct error *err); /* each time the state was
                                                                       opened; NULL: nothing */
    void *ctx;
};

/* Evaluates, opens the target for writing, plans, shows, guards, asks, applies and tells. */
bool change_run(struct cli *cli, const struct change *change, struct error *err);

#endif
