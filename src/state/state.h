/*
 * state.h: what cfkv knows it made: addresses, ids, titles and digests of keys. Never a value.
 *
 * The state of one configuration is one JSON document with a section per account, plus a journal:
 * while an apply runs, each completed action appends one line, so that a run killed at any instant
 * loses at most the action in flight. Opening replays the journal onto the document; saving folds
 * it in. Where document and journal live is the backend's business: state_file.h keeps them beside
 * the configuration, the local target in its registry.
 *
 * Every change goes through a state_* function below, which changes the memory image and queues a
 * journal line; state_commit makes the queued lines durable. A torn last line (no newline) was
 * never committed and is dropped. A kill between saving and dropping the journal costs nothing: a
 * backend gives no line to replay that its document holds already.
 *
 * Losing a state is survivable: without it everything declared is adopted or created, and nothing
 * is ever deleted.
 */
#ifndef CFKV_STATE_STATE_H
#define CFKV_STATE_STATE_H

#include "contents.h"

/*
 * Loads the state and replays its journal. Takes over `backend` (closed by state_close, also when
 * this fails). `project` may be empty; when both it and the recorded name are given they must be
 * equal (ERR_FAILED: "belongs to project 'x'"). A document that does not parse, has wrong types or
 * a newer version is ERR_FORMAT, with the reason and a hint, and is left as it is. Members that are
 * not known are kept. A fresh state gets a random salt.
 */
bool state_open(struct state *s, struct state_backend backend, struct bytes project,
                struct error *err);

/* Frees everything; queued lines that were not committed are lost. */
void state_close(struct state *s);

/* ---- Asking (the rest is in contents.h) ------------------------------------------------------ */

/* What on_remove means for this entry: as declared, else delete for created, keep for adopted. */
enum on_remove state_on_remove(const struct state_namespace *ns);

/*
 * The salted digest by which cfkv recognises what it wrote: HMAC-SHA-256, keyed by the state's
 * salt, over the key, value digest, canonical metadata (data NULL: none) and the declared relative
 * ttl. The key is in it so that equal values do not look equal.
 */
struct digest state_hmac(const struct state *s, struct bytes key, const struct digest *value,
                         struct bytes metadata, int64_t expiration_ttl);

/* true when that is what was recorded of the key, by whichever version. */
bool state_key_holds(const struct state *s, const struct state_key *record,
                     const struct digest *value, struct bytes metadata, int64_t expiration_ttl);

/* ---- Changing --------------------------------------------------------------------------------
 *
 * Each queues one journal line, or none when nothing would change. On failure neither the memory
 * image nor the queue has changed. They fail with ERR_INVALID for text that is not UTF-8 (it could
 * not be read back as it was), and those about keys and bulks with ERR_NOT_FOUND when there is no
 * entry under that address; removing what is absent is fine.
 */

bool state_set_project(struct state *s, struct bytes project, struct error *err);

/* A create of that title is about to be sent; or was answered with a refusal, so that a namespace
 * of that title, should one turn up, is not ours. */
bool state_set_creating(struct state *s, struct bytes account, struct bytes title,
                        struct error *err);
bool state_end_creating(struct state *s, struct bytes account, struct bytes title,
                        struct error *err);

/*
 * A put is about to be sent, and `key` is what is to be recorded of it: of the entry `ns`, or where
 * it has none (NULL) under the title, until an entry of that title is recorded. Then, once it is
 * known what came of it, `wrote`: it was done, and is the key's record now (origin KEY_WROTE); or
 * not: it surely was not. Recording or removing the key ends it, too. ERR_NOT_FOUND where there is
 * no entry, or nothing was about to be put.
 */
bool state_set_writing(struct state *s, struct bytes account, const struct state_namespace *ns,
                       struct bytes title, const struct state_key *key, struct error *err);
bool state_end_writing(struct state *s, struct bytes account, const struct state_namespace *ns,
                       struct bytes title, struct bytes key, bool wrote, struct error *err);

/* Records or updates the attributes of an entry (its keys and bulks stay; those of `ns` are not
 * looked at; `created` stays where `ns` has none) and ends "creating" for its title; what was about
 * to be put under its title is about to be put into it. Texts are copied; `id` must not be empty.
 * An entry of the same id under another address is moved to this one; when this one is taken by an
 * entry of another id, the two change places, so that no record of keys is lost. */
bool state_set_namespace(struct state *s, struct bytes account, const struct state_namespace *ns,
                         struct error *err);

bool state_remove_namespace(struct state *s, struct bytes account, struct bytes address,
                            struct error *err);

bool state_set_key(struct state *s, struct bytes account, struct bytes address,
                   const struct state_key *key, struct error *err);
bool state_remove_key(struct state *s, struct bytes account, struct bytes address, struct bytes key,
                      struct error *err);
bool state_set_bulk(struct state *s, struct bytes account, struct bytes address,
                    const struct state_bulk *bulk, struct error *err);
bool state_remove_bulk(struct state *s, struct bytes account, struct bytes address,
                       struct bytes source, struct error *err);

/* `json` is canonical. `refs` are the namespaces that the value names, in any order; an account may
 * be empty, as everywhere. A namespace that moves takes its outputs' refs along; one that is
 * removed leaves them. */
bool state_set_output(struct state *s, const char *name, struct bytes json,
                      const struct state_ref *refs, size_t n_refs, struct error *err);
bool state_remove_output(struct state *s, const char *name, struct error *err);

/* Records what was written into a wrangler config, or that it is not cfkv's any more. */
bool state_set_binding(struct state *s, const struct state_binding *b, struct error *err);
bool state_remove_binding(struct state *s, struct bytes file, struct bytes env,
                          struct bytes binding, struct error *err);

/* Records the settings, texts copied; what an other version recorded beside them stays. Read them
 * in s->settings. ERR_INVALID for a negative number. */
bool state_set_settings(struct state *s, const struct state_settings *settings, struct error *err);

/* The namespace of an entry got another id (the local target only): all that is recorded of it
 * stays. ERR_NOT_FOUND when no entry has `from`, ERR_EXISTS when one has `to`. */
bool state_set_id(struct state *s, struct bytes account, struct bytes from, struct bytes to,
                  struct error *err);

/* Renames an address (cfkv state mv). ERR_NOT_FOUND, ERR_EXISTS. */
bool state_move(struct state *s, struct bytes account, struct bytes from, struct bytes to,
                struct error *err);

/* ---- Keeping --------------------------------------------------------------------------------- */

/*
 * To be called when all that is about to be done is recorded (creates under way, values about to be
 * written) and nothing was sent yet that changes anything: commits, and with a remote state puts it
 * all where everybody sees it and takes the lock, if it is not ours yet. ERR_STALE: somebody else
 * wrote the state since it was opened, and nothing happened; open and plan again. ERR_LOCKED,
 * ERR_AWAY: likewise nothing happened. A state in a file only commits.
 */
bool state_begin(struct state *s, struct error *err);

/*
 * The state's heartbeat, for who waits long: with a remote state keeps the lock, and now and then
 * puts what was committed on the service. Cheap when it is not yet time (20 s), so it may be called
 * as often as one likes. ERR_LOCKED: the lock was taken from us; the caller starts nothing more.
 */
bool state_beat(struct state *s, struct error *err);

/* Makes queued lines durable. Nothing queued: does nothing. A document of an older version is saved
 * as one of ours instead, before any line of ours stands beside it. Then beats (state_beat). */
bool state_commit(struct state *s, struct error *err);

/* Folds everything into the document. When the document would be what was loaded and there is no
 * journal, nothing is written: a no-op apply leaves it byte-equal. */
bool state_save(struct state *s, struct error *err);

/* The document as it would be saved: pretty, sorted, newline at the end. Also what digests of the
 * state (saved plans) are made from. */
void state_print(const struct state *s, struct buf *out);

/* Writes the JSON Schema of what state_print prints, without words for people. */
void state_write_schema(struct json_writer *w);

#endif
