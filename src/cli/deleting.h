/*
 * deleting.h: keys being deleted at the terminal (kv key delete, kv namespace clear): asked for,
 * told, and counted in JSON. What may be deleted and what is saved first is kv/delete.h's.
 */
#ifndef CFKV_CLI_DELETING_H
#define CFKV_CLI_DELETING_H

#include "command.h"
#include "loss.h"

struct deleting {
    struct cli *cli;
    struct kv_namespace ns;        /* the caller's to find, */
    struct kv_delete del;          /* and to say what of it goes: `doomed`, `reason`, */
    struct loss_question question; /* and how that is asked for: `which`, `always` */
    struct kv_counts counts;
    struct kv_section saved;
    struct buf failed; /* keys, as a JSON array; empty: none */
};

void deleting_init(struct deleting *d, struct cli *cli);
void deleting_release(struct deleting *d);

/*
 * Asks, saves, deletes and tells; prints with --json
 *
 *     {"backup":PATH|null,"backup_requests":N,"deleted":N,"failed":[KEY…]}
 *
 * What was done in part is told as such, with its own exit code.
 */
bool deleting_run(struct deleting *d, enum exit_code *code, struct error *err);

#endif
