/*
 * resume.h: how far a long piece of work came, so that the next run goes on where it stopped.
 *
 * One file a piece of work, ROOT/.cfkv/resume/DIGEST.jsonl (folders 0700, a .gitignore of "*"
 * beside it): a header line, then one line for what was done, appended by one write(2) each, so
 * that a kill -9 loses at most the lines of what was in flight. (No fsync: what a process wrote
 * outlives it; only a power cut may lose lines, and then their items are done again.) The name is
 * the digest of what the work is (its source's content, its target, its options): other work never
 * meets it. It is removed when all is done. Numbers are those of items in their source, from 1; a
 * mark is a key up to which (in byte order) all is done.
 *
 * Format: {"cfkv_resume":1,"started":SECONDS,"what":"…"} then [FIRST,LAST] or
 * {"done":ITEMS,"mark":"…"} lines. A torn last line is dropped. A file that cannot be read as such
 * is started anew.
 */
#ifndef CFKV_SEED_RESUME_H
#define CFKV_SEED_RESUME_H

#include "base/buf.h"
#include "base/hash.h"

struct resume;

/* What names a piece of work. Text fields in their order are hashed with their lengths. */
struct digest resume_work(const char *verb, struct bytes target, struct bytes account,
                          struct bytes id, const struct digest *content, struct bytes options);

/*
 * Reads what an earlier run left, unless `restart` or it is older than `max_age_seconds` (0: any
 * age). Creates nothing before the first line is added. `now` in seconds since the epoch. NULL with
 * err.
 */
struct resume *resume_open(const char *root, const struct digest *work, const char *what,
                           bool restart, int64_t now, int64_t max_age_seconds, struct error *err);

/* true when an earlier run did that item. In ascending order it takes constant time; it may be
 * asked from the start again. */
bool resume_has(struct resume *r, uint64_t number);

uint64_t resume_count(const struct resume *r);    /* items that earlier runs did */
bool resume_was_old(const struct resume *r);      /* one did, too long ago */
struct bytes resume_mark(const struct resume *r); /* data NULL: none */

/* Records numbers first..last, or a mark and how many items were done up to it, by all runs
 * together. */
bool resume_add(struct resume *r, uint64_t first, uint64_t last, struct error *err);
bool resume_set_mark(struct resume *r, struct bytes key, uint64_t done, struct error *err);

/* `complete`: all is done, the file goes; else it stays. Frees `r`. */
bool resume_end(struct resume *r, bool complete, struct error *err);

#endif
