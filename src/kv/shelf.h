/*
 * shelf.h: the folder in which backups before a loss are kept: what is there, and what goes.
 *
 * Only files that cfkv itself wrote there count, by the pattern of their names
 * ("STAMP-TITLE-REASON.jsonl"); one that a run holds locked stays.
 */
#ifndef CFKV_KV_SHELF_H
#define CFKV_KV_SHELF_H

#include "kv.h"

struct shelf_file {
    const char *path;
    int64_t created; /* by its name */
    uint64_t size;   /* bytes */
    bool partial;    /* a run that was killed left it */
};

/* All of them, the newest first, in the arena. A folder that is not there holds none. */
bool shelf_list(const char *dir, struct arena *arena, struct shelf_file **files, size_t *n,
                struct error *err);

/* How many of these (the newest first) shelf_sweep would delete. */
uint64_t shelf_due(const struct kv_backups *backups, const struct shelf_file *files, size_t n,
                   int64_t now);

/* Deletes what is neither among the `keep` newest nor younger than `days`; and what killed runs
 * left unfinished more than a day ago. What cannot be deleted stays; `removed` (may be NULL) is how
 * many went. */
void shelf_sweep(const struct kv_backups *backups, int64_t now, uint64_t *removed);

#endif
