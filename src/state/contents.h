/*
 * contents.h: what a state holds, and how it is asked. state.h opens, changes and keeps one.
 */
#ifndef CFKV_STATE_CONTENTS_H
#define CFKV_STATE_CONTENTS_H

#include "base/arena.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/map.h"
#include "model/model.h"

#define STATE_VERSION  2                           /* of a document; those from 1 on are read */
#define STATE_SIZE_MAX ((size_t)512 * 1024 * 1024) /* bytes of a document or journal */
#define STATE_LOCAL    "local" /* the section of namespaces without an account id */

struct state;

/* Where a state is kept. Functions follow error.h; `ctx` is passed through. */
struct state_backend {
    void *ctx;
    const char *name; /* for messages: the path of the document */

    /* Reads document and journal behind what the bufs hold; both stay empty when there is none.
     * Lines that the document holds already, because a save was cut short, are left out. */
    bool (*load)(void *ctx, struct buf *document, struct buf *journal, struct error *err);

    /* Appends whole lines to the journal, durably. */
    bool (*append)(void *ctx, struct bytes lines, struct error *err);

    /* Replaces the document atomically and durably, then drops the journal. Also called for a
     * document that has not changed, when only the journal is to go. */
    bool (*save)(void *ctx, struct bytes document, struct error *err);

    /*
     * The next two are those of a remote state; NULL where nobody else can write while the lock is
     * ours. `document` is the state as it is now.
     *
     * begin: what is in `document` is about to be done: it must stand in the state, for everybody,
     * before the first request that changes anything. ERR_STALE: somebody else wrote the state
     * since it was loaded; nothing was changed, and all must be opened and planned again.
     *
     * beat: as often as one likes; does something when it is time: keeps the lock, and puts what
     * was committed where it outlives this machine. `print` makes the document. ERR_LOCKED: the
     * lock was taken from us, and nothing more may be done.
     */
    bool (*begin)(void *ctx, struct bytes document, struct error *err);
    bool (*beat)(void *ctx, void (*print)(const struct state *s, struct buf *out),
                 const struct state *s, struct error *err);

    /* Frees `ctx`. */
    void (*close)(void *ctx);
};

/* A member of a record that this version does not know: kept as it is. */
struct state_extra {
    struct bytes name, json; /* the value in canonical form */
};

struct state_extras {
    struct state_extra *items; /* sorted by name */
    size_t n, cap;
};

enum state_origin { STATE_CREATED, STATE_ADOPTED };

/* Whose a key is that a put stands for. */
enum key_origin {
    KEY_UNKNOWN, /* recorded by a version that did not tell */
    KEY_WROTE,   /* cfkv wrote it */
    KEY_FOUND    /* it was as declared before cfkv ever wrote it */
};

/* The digest of what is in a key. */
struct state_mac {
    struct digest digest;
    bool plain; /* as version 1 made it: without the key, so that equal values look equal */
};

/* One key that a put stands for. */
struct state_key {
    struct bytes key;
    struct state_mac hmac;  /* state_hmac of what was written or found; ask state_key_holds */
    int64_t expiration_ttl; /* the declared relative ttl that was applied; 0: none */
    int64_t expiration;     /* the declared absolute one, likewise; always 0 with origin unknown */
    enum key_origin origin;
    bool secret;                 /* what was written must not be shown, whatever is declared now */
    struct state_extras *extras; /* private, as everywhere below; NULL: none */
};

/*
 * Keys of one namespace that are about to be put, each with what is to be recorded of it then. A
 * run that ends before it knows whether they were leaves them; the next one sees by what is live.
 */
struct state_writing {
    struct state_key *keys; /* of origin KEY_WROTE */
    size_t n, cap;
    struct map index; /* private: key → index into keys, maybe outdated */
};

/* The same of a namespace that is not recorded yet. */
struct state_titled {
    struct bytes title;
    struct state_writing writing;
};

/* One bulk source that was applied. */
struct state_bulk {
    struct bytes source; /* its path, or "inline:N" (N-th inline bulk of the namespace, from 1) */
    uint64_t count;      /* items */
    struct digest digest;
    struct state_extras *extras;
};

struct state_namespace {
    struct bytes address;
    struct bytes id;
    struct bytes title;
    enum state_origin origin;
    enum on_remove on_remove; /* as declared; ON_REMOVE_DEFAULT: by origin */
    bool protect;
    bool borrowed; /* locally: its data is under an id that somebody else wrote into a config */
    NAMESPACE_RECORDED(FIELD_MEMBER) /* as declared; model/namespace_fields.h */
    struct bytes created; /* "2026-11-30", UTC; of ephemeral environments only; data NULL: none */
    struct bytes prunes;  /* a mark of the prefixes that were pruned last; data NULL: none were */
    struct state_key *keys;
    size_t n_keys, cap_keys;
    struct map key_index; /* key → index into keys */
    struct state_writing writing;
    struct state_bulk *bulks;
    size_t n_bulks, cap_bulks;
    bool removed; /* tombstone while in memory; not written */
    struct state_extras *extras;
};

struct state_account {
    struct bytes id; /* 32 hex digits, or STATE_LOCAL */
    bool aside;      /* not recorded: this run has nothing to do with that account */
    struct state_namespace *namespaces;
    size_t n, cap;
    struct bytes *creating; /* titles whose create was sent and not answered yet */
    size_t n_creating, cap_creating;
    struct state_titled *titled;
    size_t n_titled, cap_titled;
    struct map by_address, by_id; /* private (image.h): → index into namespaces, maybe outdated */
    struct state_extras *extras;
};

/* A namespace, by the account section and the address it is recorded under. */
struct state_ref {
    struct bytes account, address;
};

struct state_output {
    const char *name;
    struct bytes json;      /* canonical JSON of its value */
    struct state_ref *refs; /* the namespaces that the value names, sorted by account, address */
    size_t n_refs;
    struct state_extras *extras;
};

/* A binding that cfkv wrote into a wrangler config, as it wrote it. */
struct state_binding {
    struct bytes file;       /* relative to the project root */
    struct bytes env;        /* wrangler's; empty: the top level */
    struct bytes binding;    /* its name */
    struct bytes id;         /* data NULL: none was written */
    struct bytes preview_id; /* likewise */
    struct state_extras *extras;
};

/* What commands that never evaluate the configuration need of cfkv.project. Texts with data NULL
 * and numbers that are 0 were not declared: the default holds. */
struct state_settings {
    struct bytes account_id;
    struct renamings accounts; /* from names to ids, in any order */
    struct bytes assumed; /* ids, each with a blank behind it, of accounts that stood for a default
                             which was not declared */
    int64_t mass_percent, mass_from; /* guards: percent; keys from which it counts */
    struct bytes backups_dir;
    int64_t backups_keep, backups_days;
    struct bytes ephemeral_match;
    int64_t ephemeral_days;
};

struct state {
    struct arena arena;
    struct state_backend backend;
    bool fresh;           /* there was no document and no journal */
    struct bytes project; /* project.name; data NULL: none recorded */
    uint8_t salt[16];
    struct state_account *accounts;
    size_t n_accounts, cap_accounts;
    struct state_output *outputs; /* sorted by name */
    size_t n_outputs, cap_outputs;
    struct state_binding *bindings; /* sorted by file, env, binding */
    size_t n_bindings, cap_bindings;
    struct state_settings settings;
    struct bytes settings_json; /* private: as recorded; empty: nothing is */
    struct state_extras *extras;
    size_t loaded_size; /* of the document as it was read or saved; 0: there was none */
    struct digest loaded_digest;
    int64_t version;  /* of the document that was read or saved; 0: there was none */
    bool upgraded;    /* this run made a document of an older version one of ours */
    struct buf queue; /* journal lines not committed yet */
    bool journaled;   /* the backend holds a journal */
    bool salted;      /* private: document, journal or queue holds the salt */
};

/* ---- Asking ---------------------------------------------------------------------------------- */

/* The account of a section as a store wants it: empty for STATE_LOCAL. */
struct bytes state_store_account(struct bytes section);

/* The section of an account; NULL when it has none. Empty `account` means STATE_LOCAL. */
struct state_account *state_account(struct state *s, struct bytes account);

/* How many namespaces a section holds. */
size_t state_count(const struct state_account *section);

/* Namespaces by address, id or title; NULL when absent (tombstones count as absent). */
struct state_namespace *state_find(struct state *s, struct bytes account, struct bytes address);
struct state_namespace *state_find_id(struct state *s, struct bytes account, struct bytes id);
struct state_namespace *state_find_title(struct state *s, struct bytes account, struct bytes title);

/* The record of a key, or NULL. */
const struct state_key *state_find_key(const struct state_namespace *ns, struct bytes key);
const struct state_bulk *state_find_bulk(const struct state_namespace *ns, struct bytes source);

/* The record of a binding, or NULL. `env` empty: the top level. */
const struct state_binding *state_find_binding(const struct state *s, struct bytes file,
                                               struct bytes env, struct bytes binding);

/* The record of an output, or NULL. */
struct state_output *state_find_output(const struct state *s, struct bytes name);

/* What is about to be put into a namespace: of its entry `ns`, or, where it has none (NULL), by its
 * title. NULL: nothing is. */
const struct state_writing *state_writing(struct state *s, struct bytes account,
                                          const struct state_namespace *ns, struct bytes title);

/* One key of it, or NULL; also when `w` is NULL. */
const struct state_key *state_find_writing(const struct state_writing *w, struct bytes key);

/* true when a create of that title was sent and never answered. */
bool state_is_creating(struct state *s, struct bytes account, struct bytes title);

/* The attributes that stand in the state as they are declared (model/namespace_fields.h). */
bool state_same_recorded(const struct state_namespace *a, const struct state_namespace *b);
void state_take_recorded(struct state_namespace *to, const struct state_namespace *from);

/* Writes them as members of an object; null for a text that there is none of. */
void state_write_recorded(struct json_writer *w, const struct state_namespace *ns);

#endif
