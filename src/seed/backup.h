/*
 * backup.h: backup format version 1: what a guard writes before it deletes or overwrites.
 *
 * JSON Lines, UTF-8. First line, the header:
 *     {"account_id":…|null,"cfkv_backup":1,"created":"2026-11-24T06:15:00Z","id":"…",
 *      "reason":"…","title":"…"}
 * Then one line a key, in wrangler's bulk form (base64 only where the value is not UTF-8,
 * `expiration` absolute, metadata as JSON), so that any line stands for itself:
 *     {"base64":true?,"expiration":…?,"key":"…","metadata":…?,"value":"…"}
 * Last line, the trailer, over every byte before it:
 *     {"bytes":…,"keys":…,"sha256":"…"}
 * A file without a valid trailer is not a backup: backup_read refuses it.
 */
#ifndef CFKV_SEED_BACKUP_H
#define CFKV_SEED_BACKUP_H

#include "base/buf.h"
#include "base/hash.h"

struct backup_info {
    struct bytes account_id; /* data NULL: none */
    struct bytes id;
    struct bytes title;
    struct bytes reason; /* "delete", "prune", "overwrite" */
    int64_t created;     /* seconds since the epoch */
};

struct backup_key {
    struct bytes key;
    struct bytes value;
    struct bytes metadata; /* JSON text; data NULL: none. Numbers keep their digits */
    int64_t expiration;    /* 0: none */
};

/* ---- Writing --------------------------------------------------------------------------------- */

struct backup_writer;

/*
 * Starts a new file at PATH.partial with mode 0600 (its folder must exist; see backup_path).
 * backup_finish makes it durable under `path`; until then nothing is there under that name.
 * Fault points as file.h. NULL with err.
 */
struct backup_writer *backup_create(const char *path, const struct backup_info *info,
                                    struct error *err);

/* ERR_FORMAT for a key that is not UTF-8 or metadata that is not JSON: such a key cannot be kept.
 */
bool backup_add(struct backup_writer *w, const struct backup_key *key, struct error *err);

/* Writes the trailer, fsyncs, renames. Frees `w` in any case; on failure the file is removed. */
bool backup_finish(struct backup_writer *w, uint64_t *keys, struct error *err);
void backup_abandon(struct backup_writer *w); /* removes the partial file; NULL is fine */

/* Makes ROOT/.cfkv/backups (0700) with a .gitignore of "*", and gives a name that is free in it:
 * "STAMP-TITLE-REASON.jsonl", odd characters of the title replaced by "_". The caller frees `path`
 * with mem_free. */
bool backup_path(const char *root, const struct backup_info *info, char **path, struct error *err);

/* ---- Reading --------------------------------------------------------------------------------- */

typedef bool (*backup_key_fn)(void *ctx, const struct backup_key *key, struct error *err);

/*
 * Reads and verifies a whole backup: header, every line, trailer, checksum. ERR_FORMAT says where.
 * `on_key` (may be NULL) gets each key before the trailer was seen: a caller that must not act on
 * a broken file runs it twice, first with NULL. Texts of `info` are copied into `scratch`.
 */
bool backup_read(const char *path, struct backup_info *info, struct buf *scratch,
                 backup_key_fn on_key, void *ctx, uint64_t *keys, struct error *err);

#endif
