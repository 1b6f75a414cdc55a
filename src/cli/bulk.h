/*
 * bulk.h: what kv bulk put and kv bulk delete have in common: how they count, and how they end.
 */
#ifndef CFKV_CLI_BULK_H
#define CFKV_CLI_BULK_H

#include "command.h"
#include "failures.h"
#include "which.h"
#include "kv/save.h"
#include "progress.h"

#define BULK_PROBLEMS_MAX 10 /* of a source that are shown, unless --keep-going */

struct bulk {
    struct cli *cli;
    struct kv_namespace ns;
    struct kv_counts counts;
    struct failures failures;
    struct moving moving;
    const char *done; /* "written" */
    bool saving;      /* a backup is made first, and told in JSON: */
    struct kv_section saved;
};

/* The verbs: {"put", "writing", "written"} and {"delete", "deleting", "deleted"}. */
void bulk_init(struct bulk *b, struct cli *cli, const char *verb, const char *done);
void bulk_release(struct bulk *b);

/* Prints what is wrong with the source, and fails with ERR_INVALID when there is an error. */
bool bulk_judge(struct cli *cli, const char *source, struct error *err);

/* The source is another one at the second pass. */
bool bulk_changed(const char *source, struct error *err);

/* From here on the work is timed, and Ctrl-C lets what is in flight finish. */
void bulk_begin(struct bulk *b, const char *doing, uint64_t total);

/*
 * Tells what failed and what was done (`verb`: "wrote"), prints the document of --json, and says
 * how it ended: `ok` and `err` are those of the transfer. ERR_PARTIAL when a key is missing.
 */
bool bulk_end(struct bulk *b, bool ok, const char *verb, struct error *err);

#endif
