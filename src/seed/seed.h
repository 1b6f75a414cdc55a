/*
 * seed.h: streams of key-value pairs from a bulk source.
 *
 * A reader gives one item after the other and never holds more of a file than one item and a
 * buffer. Formats: a Lua array (items already in the model), wrangler's bulk JSON array, JSON Lines
 * (one such object a line; blank lines are skipped), CSV with a header, a folder of files; each but
 * the first and the last may be gzipped. The header and the trailer of a backup (backup.h) are no
 * items and are skipped. An item is
 *
 *     {"key": "…", "value": "…", "base64": true?, "expiration": 1700000000?,
 *      "expiration_ttl": 3600?, "metadata": any?}
 *
 * Strict: unknown members, wrong types, bad base64 and repeated members are problems, reported with
 * file, line, item number and byte offset; reading goes on with the next item as long as the JSON
 * itself is sound.
 */
#ifndef CFKV_SEED_SEED_H
#define CFKV_SEED_SEED_H

#include "base/file.h"
#include "model/model.h"

struct seed_reader;

struct seed_item {
    struct seed_key seed; /* pos.file is the source's path, in a folder the file's with line 0; all
                             of it is good until the next call */
    struct bytes value;   /* the value when it is literal (always, for files), decoded */
    uint64_t number;      /* from 1 */
    uint64_t offset;      /* byte offset of the item's first byte; 0 for inline items */
};

enum seed_status {
    SEED_ITEM,  /* *item is filled */
    SEED_BAD,   /* the item was wrong and is skipped; diagnostics were added */
    SEED_END,   /* all read */
    SEED_FAILED /* cannot go on: err is set (unreadable file, broken JSON) */
};

/* Opens `bulk` below `root`. Everything is borrowed until seed_close. NULL with err. */
struct seed_reader *seed_open(const struct file_root *root, const struct bulk_decl *bulk,
                              struct error *err);

enum seed_status seed_next(struct seed_reader *r, struct seed_item *item, struct diag_list *diags,
                           struct error *err);

/* After SEED_END: size and SHA-256 of the content, inflated where the file is compressed; for a
 * folder they are of the paths and the bytes of its files. For inline items the digest covers key,
 * value, metadata and expiry of each (ids of namespaces by index). */
void seed_content(const struct seed_reader *r, uint64_t *size, struct digest *digest);

/* Where reading stands: the item given last, or what made it fail. */
struct srcpos seed_position(const struct seed_reader *r);

void seed_close(struct seed_reader *r); /* NULL is fine */

/* ---- Sources outside a configuration ----------------------------------------------------------
 *
 * What `kv bulk put FILE` and its like read: a file, a folder, or standard input. It can be read
 * any number of times, so that a first pass can judge all of it before a second one sends: standard
 * input is spooled into an unlinked temporary file, and a file that is another one at the second
 * pass is told by its digest.
 */
struct seed_source;

/*
 * `path` "-" is standard input. SOURCE_DETECT: a folder is SOURCE_DIR; else by the name (.json,
 * .jsonl, .ndjson, .csv, each also with .gz behind), else by the first byte that is not white
 * space: "[" is JSON, "{" JSON Lines; ERR_INVALID asks for --format otherwise. NULL with err.
 */
struct seed_source *seed_source_open(const char *path, enum source_format format,
                                     struct error *err);
void seed_source_close(struct seed_source *s); /* NULL is fine */

const char *seed_source_path(const struct seed_source *s); /* for messages: "stdin" for "-" */

/* A pass over it, from the start; one at a time. Ends with seed_close. NULL with err. */
struct seed_reader *seed_source_read(struct seed_source *s, struct error *err);

/* What a first pass found. */
struct seed_survey {
    uint64_t items; /* good ones */
    uint64_t bytes; /* of their keys and values */
    uint64_t size;  /* of the content, inflated */
    struct digest digest;
};

/*
 * The first pass, in bounded memory: checks each item as seed_validate does and finds keys that are
 * given twice (both places named). All problems go to `diags`, sorted: after `max_problems` of them
 * (one item more may overshoot) it stops reading (0: never). false only for an I/O error; broken
 * JSON is a diagnostic. What was found counts only while
 * `diags` has no error.
 */
bool seed_survey(struct seed_source *s, int64_t now, size_t max_problems, struct diag_list *diags,
                 struct seed_survey *found, struct error *err);

/* ---- Sources of a configuration -------------------------------------------------------------- */

/* The name a source has in state and plans: its path, or "inline:N". */
struct bytes seed_source_name(struct arena *arena, const struct namespace_decl *ns, size_t bulk);

/*
 * The first pass: reads every item of every bulk source of every namespace, checks it with
 * seed_key_check and looks for duplicates inside a source, across sources, and against the puts of
 * the same namespace (the message names both places). All problems go to model->diags. Returns
 * false only for an I/O error; broken JSON is a diagnostic like the others.
 */
bool seed_validate(struct model *m, const struct file_root *root, int64_t now, struct error *err);

#endif
