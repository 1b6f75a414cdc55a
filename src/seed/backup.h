/*
 * backup.h: backup format version 1: what `cfkv backup` writes, and a guard before it deletes or
 * overwrites.
 *
 * JSON Lines, UTF-8, gzipped or not. First line, the header:
 *     {"account_id":…|null,"cfkv_backup":1,"created":"2026-11-24T06:15:00Z","id":"…",
 *      "partial":true?,"prefix":"…"?,"reason":"…","title":"…"}
 * Then one line a key, in wrangler's bulk form (base64 only where the value is not UTF-8,
 * `expiration` absolute, metadata as JSON), so that any line stands for itself:
 *     {"base64":true?,"expiration":…?,"key":"…","metadata":…?,"value":"…"}
 * Last line, the trailer, over every byte before it (as they are without gzip):
 *     {"bytes":…,"keys":…,"sha256":"…"}
 * A file without a valid trailer is not a backup: reading it ends in ERR_FORMAT.
 *
 * A file may hold several sections, one behind the other, each with header, keys and trailer (its
 * `keys` are those of the section; `bytes` and `sha256` are over every byte of the file before it).
 * What a command loses is kept like that: the file has its name once its first section is durable,
 * and a last section that was cut off is of something that was not done.
 */
#ifndef CFKV_SEED_BACKUP_H
#define CFKV_SEED_BACKUP_H

#include "base/buf.h"
#include "base/hash.h"

struct backup_info {
    struct bytes account_id; /* data NULL: none */
    struct bytes id;
    struct bytes title;
    struct bytes jurisdiction, mode; /* of the namespace; data NULL: none, or not known */
    struct bytes prefix;             /* only keys that begin with it were read; empty: all */
    struct bytes reason; /* "delete", "prune", "overwrite"; "backup" when somebody asked for it */
    bool partial;        /* some keys of the namespace (or of those under the prefix), not all */
    int64_t created;     /* seconds since the epoch */
};

struct backup_key {
    struct bytes key;
    struct bytes value;
    struct bytes metadata; /* JSON text; data NULL: none. Numbers keep their digits */
    int64_t expiration;    /* 0: none */
    bool zero_expiration;  /* … but where this says that 0 stands there */
};

/* What the trailer says. */
struct backup_totals {
    uint64_t keys;
    uint64_t bytes; /* before the trailer, without gzip */
    struct digest digest;
};

/* ---- Writing --------------------------------------------------------------------------------- */

struct backup_writer;

/*
 * Starts a new file at PATH.partial with mode 0600 (its folder must exist; see backup_path).
 * backup_finish makes it durable under `path`; until then nothing is there under that name. When it
 * fails or is abandoned PATH.partial is removed. Fault points as file.h. NULL with err.
 */
struct backup_writer *backup_create(const char *path, const struct backup_info *info,
                                    struct error *err);

/* What an unfinished backup holds already. */
struct backup_begun {
    uint64_t keys;     /* 0: it starts from the beginning */
    int64_t since;     /* when it was begun */
    struct bytes last; /* its last key; lives as long as the writer; data NULL: none */
    bool too_old;      /* there was one, too old to go on with */
};

/* An unfinished backup is not gone on with after so long: it would show no moment any more. */
#define BACKUP_RESUME_SECONDS 86400

/*
 * As backup_create for a backup whose keys come in byte order, and which an interrupted run may
 * have begun: goes on behind the last whole line of PATH.partial, unless `restart` or it was begun
 * more than BACKUP_RESUME_SECONDS before info->created. When it fails or is abandoned PATH.partial
 * stays for the next run. ERR_EXISTS when PATH.partial is of another namespace or prefix,
 * ERR_LOCKED while another run writes it.
 *
 * A `path` that ends in ".gz" is compressed; PATH.partial never is: it is compressed at the end.
 */
struct backup_writer *backup_resume(const char *path, const struct backup_info *info, bool restart,
                                    struct backup_begun *begun, struct error *err);

/* Onto an open descriptor, which stays the caller's; `name` is for messages. */
struct backup_writer *backup_stream(int fd, const char *name, const struct backup_info *info,
                                    struct error *err);

/* Adds the key as one line, without its line break: a line of a backup, and a pair in the form that
 * `kv bulk put` takes; a value that is no text is base64. */
void backup_write_key(const struct backup_key *key, struct buf *out);

/* ERR_FORMAT for a key that is not UTF-8 or metadata that is not JSON: such a key cannot be kept.
 */
bool backup_add(struct backup_writer *w, const struct backup_key *key, struct error *err);

/*
 * For files of several sections, begun with backup_create under a name without ".gz": ends the
 * section (trailer, fsync; the first one gives the file its name), and begins another one. Between
 * the two, and when either failed, only backup_close_sections is left, which takes an unfinished
 * section out again; the file stays locked (flock) until then.
 */
bool backup_end_section(struct backup_writer *w, struct backup_totals *totals, struct error *err);
bool backup_begin_section(struct backup_writer *w, const struct backup_info *info,
                          struct error *err);
void backup_close_sections(struct backup_writer *w); /* NULL is fine */

/* Writes the trailer, fsyncs, renames. Frees `w` in any case. */
bool backup_finish(struct backup_writer *w, struct backup_totals *totals, struct error *err);
void backup_abandon(struct backup_writer *w); /* NULL is fine */

/* Makes the folder `dir` (0700) with a .gitignore of "*", and gives a name that is free in it:
 * "STAMP-TITLE-REASON.jsonl", odd characters of the title replaced by "_". The caller frees `path`
 * with mem_free. */
bool backup_path(const char *dir, const struct backup_info *info, char **path, struct error *err);

/* The name of a namespace's backup in a folder of several, "TITLE.jsonl": with the id behind the
 * title where that alone would not do, so that no two of an account are the same. */
void backup_file_name(const struct backup_info *info, struct buf *name);

/* ---- Reading --------------------------------------------------------------------------------- */

struct backup_reader;

/* Opens a file and reads its header. ERR_FORMAT when it is no backup. NULL with err. */
struct backup_reader *backup_open(const char *path, struct error *err);

/* The header; lives as long as the reader. */
const struct backup_info *backup_header(const struct backup_reader *r);

/*
 * The next key, good until the next call. At the end, when trailer and checksum were found right,
 * `*end`. ERR_FORMAT says where it is damaged. Keys are given before the trailer was seen: who must
 * not act on a broken file reads it twice.
 */
bool backup_next(struct backup_reader *r, struct backup_key *key, bool *end, struct error *err);

/* Says of the key that was given last what is wrong with it: "FILE line 7: WHY". ERR_FORMAT. */
bool backup_refuse(const struct backup_reader *r, const struct error *why, struct error *err);

/* After `*end`: goes on to the next section, whose header is backup_header then; `*there` false:
 * there is none. */
bool backup_next_section(struct backup_reader *r, bool *there, struct error *err);

/* true when reading failed because the file ends within a section that is not its first. */
bool backup_is_cut_off(const struct backup_reader *r);

/* What was read so far of the section; at its end what the trailer says. */
void backup_count(const struct backup_reader *r, struct backup_totals *totals);

/* true while each key was behind the one before it, in byte order. */
bool backup_ordered(const struct backup_reader *r);

void backup_close(struct backup_reader *r); /* NULL is fine */

#endif
