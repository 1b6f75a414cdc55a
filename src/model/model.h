/*
 * model.h: what a configuration declares. Pure data: no I/O, no Lua, no store.
 *
 * The script layer fills a model while it evaluates a file, through the model_add_* functions;
 * model_validate (validate.h) judges it; plan compares it with the account. Everything a model
 * holds lives in its arena and ends with model_release. Pointers to elements (namespaces, puts …)
 * move while the model grows: remember indexes until evaluation is over.
 */
#ifndef CFKV_MODEL_MODEL_H
#define CFKV_MODEL_MODEL_H

#include <stdint.h>

#include "base/hash.h"
#include "base/map.h"
#include "accounts.h"
#include "diag.h"
#include "field.h"
#include "namespace_fields.h"

/* Limits of Workers KV and of cfkv (Cloudflare docs "Limits"; design section 3). */
#define KV_KEY_MAX        512                /* bytes of UTF-8 */
#define KV_VALUE_MAX      (25 * 1024 * 1024) /* bytes, inclusive */
#define KV_METADATA_MAX   1024               /* bytes of JSON text */
#define KV_TTL_MIN        60                 /* seconds */
#define KV_EXPIRATION_MAX INT64_C(2147483647)
#define KV_TITLE_MAX      512  /* characters, Cloudflare's */
#define KV_NAMESPACES_MAX 1000 /* per account, unless project.limits says more */
/* Of a namespace of mode "instant" (fact sheet 3.2: as clients of the beta tell it). MB are taken
 * for 10^6 bytes, the less of both readings; what counts besides keys and values is not known. */
#define MODE_INSTANT         "instant"
#define KV_INSTANT_KEY_MAX   300
#define KV_INSTANT_PAIRS_MAX 10000
#define KV_INSTANT_BYTES_MAX 1000000
/* The way on where an account has no room. */
#define NAMESPACES_RAISED_HINT                                                                     \
    "where Cloudflare lets the account have more, say how many: cfkv.project { limits = { "        \
    "namespaces = N } }"
#define ACCOUNT_ID_HINT        "the Cloudflare dashboard shows it, in the address of each page, too"
#define CFKV_TITLE_MAX_DEFAULT 64  /* characters, ours (project.title_max raises it) */
#define CFKV_MASS_PERCENT      30  /* guards.mass_percent unless given, */
#define CFKV_MASS_FROM         100 /* guards.mass_from: keys of a namespace */
#define CFKV_BACKUPS_KEEP      20  /* backups.keep: files, */
#define CFKV_BACKUPS_DAYS      30  /* backups.days */
#define CFKV_EPHEMERAL_DAYS    7   /* ephemeral.days */
/* What settings may say at most. */
#define CFKV_MASS_FROM_MAX         1000000000
#define CFKV_BACKUPS_KEEP_MAX      100000
#define CFKV_BACKUPS_DAYS_MAX      36500
#define CFKV_EPHEMERAL_DAYS_MAX    36500
#define CFKV_NAMESPACES_RAISED_MAX 1000000
#define CFKV_OPTIONS_MAX           8192          /* bytes of create_options as JSON */
#define CFKV_VALUE_WARN            (1024 * 1024) /* bytes; R2 suits larger values better */

/* ---- Values that may depend on a namespace id ------------------------------------------------ */

enum part_kind {
    PART_TEXT,   /* literal bytes */
    PART_ID,     /* the id of a declared namespace, as it is */
    PART_ID_JSON /* the same, escaped for the inside of a JSON string */
};

struct part {
    enum part_kind kind;
    struct bytes text; /* PART_TEXT */
    size_t ns;         /* PART_ID*: index into model.namespaces */
};

/*
 * A string known now or at apply: literal text and ids in a row. `ns.id .. "/x"` has two parts. A
 * value marked secret is never shown: not in plans, logs, errors or outputs.
 */
struct deferred {
    struct part *parts;
    size_t n;
    bool secret;
};

/* ---- Seeds ----------------------------------------------------------------------------------- */

enum seed_policy {
    SEED_MANAGED, /* made equal to the declaration at each apply */
    SEED_ONCE     /* put only while the key is absent */
};

/* The attributes of one seeded key, of a put or of a bulk item. */
struct seed_key {
    struct bytes key;
    struct deferred value;
    struct bytes metadata;  /* canonical JSON text; data NULL: none (also for a declared null) */
    int64_t expiration_ttl; /* seconds; 0: not given */
    int64_t expiration;     /* seconds since the epoch; 0: not given */
    bool no_ttl;          /* `expiration_ttl = 0` was given: the namespace's default is not meant */
    bool zero_expiration; /* `expiration = 0` was given: no time at all, which the rules tell */
    struct srcpos pos;
};

struct put_decl {
    struct seed_key seed;
    enum seed_policy policy;
};

enum source_format {
    SOURCE_INLINE, /* items in the model */
    SOURCE_JSON,   /* wrangler's bulk format: an array of objects */
    SOURCE_JSONL,  /* one such object a line */
    SOURCE_CSV,    /* a header that names the members, then a row an item */
    SOURCE_DIR,    /* a folder: the path of a file below it is the key, its bytes are the value */
    SOURCE_DETECT  /* by name and first bytes; only for sources outside a configuration */
};

/* One ns:bulk call. */
struct bulk_decl {
    enum source_format format;
    struct bytes path;      /* of a file source, relative to the project root */
    struct seed_key *items; /* SOURCE_INLINE */
    size_t n;
    size_t cap;
    enum seed_policy policy;
    struct srcpos pos;
};

struct prune_decl {
    struct bytes prefix; /* empty: every undeclared key of the namespace */
    struct srcpos pos;
};

/* ---- Namespaces ------------------------------------------------------------------------------ */

enum on_remove { ON_REMOVE_DEFAULT, ON_REMOVE_DELETE, ON_REMOVE_KEEP };

/* The C types of the kinds in namespace_fields.h. */
#define FIELD_TYPE_OBJECT                           struct bytes
#define FIELD_TYPE_WORD                             struct bytes
#define FIELD_TYPE_STRING                           struct bytes
#define FIELD_TYPE_DURATION                         int64_t
#define FIELD_TYPE_BOOLEAN                          bool
#define FIELD_TYPE_TRISTATE                         enum tristate
#define FIELD_TYPE_ON_REMOVE                        enum on_remove
#define FIELD_MEMBER(name, kind, at_most, use, doc) FIELD_TYPE_##kind name;

struct namespace_decl {
    /* Its title is explicit or built from `naming`, and never NULL data after validation; protect
     * UNSET is YES when env is one of project.protected_envs. */
    NAMESPACE_FIELDS(FIELD_MEMBER)
    bool title_explicit;
    bool unnamed;     /* what should name it was wrong, which was told: the title is a stand-in */
    bool keeps_title; /* pinned by id alone: its title is whatever it is live, and until that is
                         known the id stands for it */
    struct bytes address; /* app/purpose/env when all three are given, else the title */
    size_t preview_of;    /* it is the preview of that one; SIZE_MAX: of none */

    struct put_decl *puts;
    size_t n_puts, cap_puts;
    struct bulk_decl *bulks;
    size_t n_bulks, cap_bulks;
    struct prune_decl *prunes;
    size_t n_prunes, cap_prunes;

    struct srcpos pos;
    struct srcpos *chain; /* the call chain, innermost first; chain[0] is pos */
    size_t n_chain;
};

/* ---- The rest -------------------------------------------------------------------------------- */

/* Where the state is kept (state/address.h judges it); data NULL: not said. */
struct state_decl {
    struct bytes url, endpoint, region, lock_address, unlock_address, lock_method, unlock_method;
};

struct project {
    bool declared;
    struct bytes name;           /* data NULL: the folder's name is used for state */
    struct bytes account_id;     /* data NULL: none */
    struct renamings accounts;   /* from names to ids (accounts.h) */
    bool account_assumed;        /* `account_id` is not declared: it is what the target says */
    struct bytes naming;         /* template, "{app}-{purpose}-{env}" unless given */
    struct strings environments; /* allowed env names; n 0: any */
    struct strings protected_envs;
    int64_t title_max;                  /* characters */
    int64_t namespaces_max;             /* limits.namespaces: that an account may have */
    int64_t mass_percent, mass_from;    /* guards: more than so much of so many keys */
    struct bytes backups_dir;           /* below the root; data NULL: .cfkv/backups */
    int64_t backups_keep, backups_days; /* what is beyond both is swept */
    struct bytes ephemeral;             /* glob over env; data NULL: none are */
    int64_t ephemeral_days;             /* ephemeral.days */
    struct state_decl state;            /* url.data NULL: beside the configuration */
    struct srcpos pos;
};

struct output_decl {
    const char *name;
    struct deferred value; /* a string */
    struct bytes json;     /* for a value that is no string (number, boolean, table without ids):
                              canonical JSON; data NULL otherwise */
    struct srcpos pos;
};

/* cfkv.removed: the reviewed word that a namespace may go. */
struct removed_decl {
    struct bytes title, address; /* one of them; the other has data NULL */
    bool allow_data_loss, allow_mass_delete;
    struct srcpos pos;
};

enum config_ids {
    IDS_FILL, /* a binding without an id gets it */
    IDS_AUTO  /* it stays without one: wrangler makes its namespace at the first deploy */
};

struct wrangler_decl {
    struct bytes path;             /* relative to the project root; data NULL: it was no text */
    struct bytes top_level;        /* env whose bindings stand at the top level; data NULL: none */
    struct renamings environments; /* from cfkv's env to wrangler's: one or several */
    struct bytes previews;         /* env whose bindings stand in [previews]; data NULL: none */
    struct bytes app;              /* only namespaces of this app; data NULL: all */
    struct strings select;         /* addresses or titles (globs); n 0: all */
    struct renamings bindings;     /* from a glob over address and title to a name that differs from
                                      the namespace's own: an address or title counts before a glob,
                                      a longer glob before a shorter one. `part`: the section in
                                      which it does (section_word) */
    enum config_ids ids;
    struct bytes persist_to; /* as wrangler's --persist-to; data NULL: none */
    struct srcpos pos;
};

enum input_kind { INPUT_VAR, INPUT_ENV };

/* A value of --var NAME=VALUE. */
struct given_var {
    const char *name, *value;
};

/* A declared input: cfkv.var or cfkv.getenv. */
struct input_decl {
    enum input_kind kind;
    const char *name;
    const char *type;           /* "string", "integer", "number", "boolean", "duration", "time" */
    const char *doc;            /* or NULL */
    struct bytes default_value; /* text form; data NULL: none */
    struct bytes value;         /* text form of what the file saw; data NULL: unset */
    bool given;                 /* the value came from outside, not from the default */
    bool secret;
    struct bytes *oneof;
    size_t n_oneof;
    struct srcpos pos;
};

/* A file that evaluation read (require, cfkv.file): part of a saved plan's digests. */
struct input_file {
    const char *path; /* relative to the root, or as given for the main file */
    uint64_t size;
    struct digest digest;
};

struct model {
    struct arena arena;
    struct project project;
    struct namespace_decl *namespaces;
    size_t n_namespaces, cap_namespaces;
    struct output_decl *outputs;
    size_t n_outputs, cap_outputs;
    struct removed_decl *removed;
    size_t n_removed, cap_removed;
    struct wrangler_decl *wranglers;
    size_t n_wranglers, cap_wranglers;
    struct input_decl *inputs;
    size_t n_inputs, cap_inputs;
    struct input_file *files;
    size_t n_files, cap_files;
    struct lua_texts texts; /* of the Lua files that were evaluated */
    struct diag_list diags;
};

/* A fresh model with the project's defaults. Zero-fills; cannot fail. */
void model_init(struct model *m);
void model_release(struct model *m);

/*
 * Append one zeroed element and return it. The pointer is good until the next call on the same
 * list. model_add_namespace sets `create`.
 */
struct namespace_decl *model_add_namespace(struct model *m);
struct put_decl *model_add_put(struct model *m, size_t ns);
struct bulk_decl *model_add_bulk(struct model *m, size_t ns);
struct seed_key *model_add_bulk_item(struct model *m, size_t ns, size_t bulk);
struct prune_decl *model_add_prune(struct model *m, size_t ns);
struct output_decl *model_add_output(struct model *m);
struct removed_decl *model_add_removed(struct model *m);
struct wrangler_decl *model_add_wrangler(struct model *m);
struct input_decl *model_add_input(struct model *m);
void model_add_file(struct model *m, const char *path, uint64_t size, struct digest digest);

/*
 * Declares the preview namespace of each namespace with `preview`, behind all others: what
 * `wrangler dev` reads instead of it, and what goes into `preview_id`. Its title is that of the
 * namespace and "_preview", as `wrangler kv namespace create --preview` makes it, and so is its
 * address; it is otherwise declared like the namespace, but seeds nothing and has no binding of its
 * own. Not called for the local target, where one store is enough. Call it once, when evaluation is
 * over and before validation.
 */
void model_add_previews(struct model *m);

/* The preview of namespaces[ns]; SIZE_MAX when it has none. */
size_t model_preview(const struct model *m, size_t ns);

/* Fills `title` (from project.naming, when there is none) and `address` of a namespace, and takes
 * its own account from the front of `renamed_from`. Called by the script layer at the declaration,
 * so that ns.title and ns.address read right. */
void model_name_namespace(struct model *m, struct namespace_decl *ns);

/* ---- Derived answers ------------------------------------------------------------------------ */

/* true when `env` (data NULL: none) is one of the project's ephemeral environments. */
bool environment_is_ephemeral(const struct project *project, struct bytes env);

/* true when `r` is about a namespace of that account, address and title: it may write either as
 * ACCOUNT:NAME. */
bool removed_names(const struct model *m, const struct removed_decl *r, struct bytes account,
                   struct bytes address, struct bytes title);

/* The word that was said for such a namespace; NULL: none. */
const struct removed_decl *model_find_removed(const struct model *m, struct bytes account,
                                              struct bytes address, struct bytes title);

bool namespace_is_protected(const struct model *m, const struct namespace_decl *ns);

/* The account a namespace belongs to: its own, by id or by name, the project's, or empty (the
 * target's default). */
struct bytes namespace_account(const struct model *m, const struct namespace_decl *ns);

/* The relative ttl to send for a key: its own, else the namespace's when it has no expiration
 * either; 0: none. */
int64_t namespace_effective_ttl(const struct namespace_decl *ns, const struct seed_key *seed);

/* It says nothing of its expiry, so the default of its namespace holds. */
bool seed_takes_default(const struct seed_key *seed);

/*
 * The bytes of a deferred value. `ids[i]` is the id of model.namespaces[i], data NULL while
 * unknown. A value of one literal part is returned without copying; else it is built in `scratch`
 * (cleared first). false when an id is unknown.
 */
bool deferred_resolve(const struct deferred *d, const struct bytes *ids, struct buf *scratch,
                      struct bytes *value);

/* true when no part is an id. */
bool deferred_is_literal(const struct deferred *d);

/* true when it is an id as Cloudflare's are: 32 lowercase hexadecimal digits. What comes from
 * outside, an answer, a file or the environment, is no id unless it passes. */
bool id_valid(struct bytes id);

/* ---- Selection ------------------------------------------------------------------------------ */

/* `*` stands for any run of bytes (slashes too), `?` for one byte; all else for itself. */
bool glob_match(struct bytes pattern, struct bytes text);

/* The sections of that file (section.h) that hold the bindings of an env (data NULL: of none), each
 * once: those that top_level, previews and environments say, else the environment of its name. */
struct strings wrangler_sections(const struct wrangler_decl *w, struct bytes env,
                                 struct arena *arena);

/* A binding of a namespace in a wrangler file. */
struct wrangler_place {
    struct bytes env; /* the section */
    struct bytes name;
};

struct wrangler_places {
    struct wrangler_place *items;
    size_t n;
};

/* Where that file binds the namespace: in the sections of its env in which it has a name, when
 * `app` and `select` allow it. A glob may match the address or the title. */
struct wrangler_places wrangler_places(const struct wrangler_decl *w,
                                       const struct namespace_decl *ns, struct arena *arena);

#endif
