/*
 * backup.h: a namespace into a backup (seed/backup.h), in key order and bounded memory.
 *
 * What cfkv keeps for itself in the metadata of keys (fingerprints) is left out. An interrupted one
 * is gone on with behind its last key; what was read before is not read again.
 */
#ifndef CFKV_KV_BACKUP_H
#define CFKV_KV_BACKUP_H

#include "seed/backup.h"
#include "store/store.h"
#include "counts.h"
#include "find.h"

struct backup_options {
    struct store *store;
    struct bytes account; /* empty: the target has none */
    struct bytes id, title;
    struct kv_kind kind; /* of the namespace, for who makes it anew */
    struct bytes prefix; /* empty: all keys */
    const char *path;    /* of the file; NULL: standard output */
    bool restart;        /* do not go on with an unfinished one */
    bool replace;        /* a file that is there already may be replaced */
    unsigned jobs;       /* 0: STORE_JOBS */
    int64_t now;
    kv_progress_fn progress; /* NULL: none */
    void *progress_ctx;
    struct kv_counts *counts; /* brought up to date all the time; the caller's */
};

struct backup_report {
    struct backup_totals totals;
    struct backup_begun begun; /* what was gone on with; `last` is not kept */
};

/* ERR_EXISTS when `path` is there. */
bool backup_namespace(const struct backup_options *o, struct backup_report *report,
                      struct error *err);

/* Reads and verifies a whole backup that should be of this namespace and prefix. ERR_EXISTS when it
 * is of something else. */
bool backup_verify(const struct backup_options *o, struct backup_report *report, struct error *err);

#endif
