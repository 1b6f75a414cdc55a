/*
 * seed.h: streams of key-value pairs from a bulk source.
 *
 * A reader gives one item after the other and never holds more of a file than one item and a
 * buffer. Formats: a Lua array (items already in the model), wrangler's bulk JSON array, JSON Lines
 * (one such object a line; blank lines are skipped). An item is
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
    struct seed_key seed; /* pos.file is the source's path; bytes are good until the next call */
    struct bytes value;   /* the value when it is literal (always, for files), decoded */
    uint64_t number;      /* from 1 */
    uint64_t offset;      /* byte offset of the item's first byte; 0 for inline items */
};

enum seed_status {
    SEED_ITEM,  /* *item is filled */
    SEED_BAD,   /* the item was wrong and is skipped; diagnostics were added */
    SEED_END,   /* all read */
    SEED_FAILED /* cannot go on: err is set (unreadable file, broken JSON, out of memory) */
};

/* Opens `bulk` below `root`. Everything is borrowed until seed_close. NULL with err. */
struct seed_reader *seed_open(const struct file_root *root, const struct bulk_decl *bulk,
                              struct error *err);

enum seed_status seed_next(struct seed_reader *r, struct seed_item *item, struct diag_list *diags,
                           struct error *err);

/* After SEED_END: size and SHA-256 of the content. For inline items the digest covers key, value,
 * metadata and expiry of each (ids of namespaces by index). */
void seed_content(const struct seed_reader *r, uint64_t *size, struct digest *digest);

/* Where reading stands: the item given last, or what made it fail. */
struct srcpos seed_position(const struct seed_reader *r);

void seed_close(struct seed_reader *r); /* NULL is fine */

/* The name a source has in state and plans: its path, or "inline:N". */
bool seed_source_name(struct arena *arena, const struct namespace_decl *ns, size_t bulk,
                      struct bytes *name);

/*
 * The first pass: reads every item of every bulk source of every namespace, checks it with
 * seed_key_check and looks for duplicates inside a source, across sources, and against the puts of
 * the same namespace (the message names both places). All problems go to model->diags. Returns
 * false only when it could not finish for want of memory or an I/O error; broken JSON is a
 * diagnostic like the others.
 */
bool seed_validate(struct model *m, const struct file_root *root, int64_t now, struct error *err);

#endif
