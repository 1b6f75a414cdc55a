/*
 * config_files.h: the wrangler configs that a configuration declares: what they hold, and how they
 * are written anew.
 *
 *     configs_read      reads and parses them
 *     configs_check     tells what wrangler will not take of them (config_notes.h)
 *     bindings_decide   compares with declarations and state: a list of changes each (bindings.h)
 *     configs_text      a config with its changes made, once the ids are known
 */
#ifndef CFKV_PLAN_CONFIG_FILES_H
#define CFKV_PLAN_CONFIG_FILES_H

#include "base/file.h"
#include "model/model.h"
#include "state/state.h"
#include "wrangler/wrangler.h"

#define CONFIG_NONE SIZE_MAX

/* What goes into a config for one namespace. */
struct binding_ids {
    struct bytes id;         /* data NULL: not known yet */
    struct bytes preview_id; /* data NULL: none, or not known yet; locally the id of the data */
};

/* Where wrangler dev looks with these. */
static inline struct bytes binding_data_id(const struct binding_ids *ids)
{
    return ids->preview_id.len ? ids->preview_id : ids->id;
}

/* A binding as it is declared: one for each section that a namespace goes into. */
struct wanted_binding {
    size_t ns;                            /* index into model.namespaces */
    struct bytes env;                     /* the section */
    struct bytes name;                    /* of the binding */
    const struct wrangler_binding *there; /* as it is in the config; NULL: it is not */
    bool elsewhere; /* wrangler would deploy it to another account than the namespace's: it is
                       left as it is (config_guards.h) */
};

enum binding_change_kind {
    BINDING_ADD,
    BINDING_SET,    /* other ids than the file has */
    BINDING_REMOVE, /* not declared any more */
    BINDING_RECORD, /* nothing in the file: it is as it should be, and cfkv's from now on */
    BINDING_FORGET  /* nothing in the file: it is not cfkv's any more */
};

struct binding_change {
    enum binding_change_kind kind;
    size_t ns;        /* of what is wanted; else CONFIG_NONE */
    struct bytes env; /* data NULL: the top level */
    struct bytes name;
    bool sets_id;      /* ADD, SET: the id is written, */
    bool sets_preview; /* and so is the preview_id */
    bool drop_preview; /* SET: the preview_id that cfkv wrote goes */
    bool owns_id;      /* what it has then is cfkv's, and recorded */
    bool owns_preview;
    struct bytes id; /* what the file has; data NULL: nothing */
    struct bytes preview_id;
};

struct config {
    const struct wrangler_decl *decl;
    const char *name; /* its path, relative to the project root, in one spelling */
    const char *path; /* to open it by */
    bool exists;
    enum wrangler_syntax syntax;
    struct buf text;
    struct wrangler_config content;
    struct wanted_binding *wanted;
    size_t n_wanted, cap_wanted;
    struct binding_change *changes;
    size_t n_changes, cap_changes;
    const char *built; /* what was built of it and has other ids (config_reads.h); NULL: nothing */
};

struct configs {
    struct arena arena;
    struct config *items;
    size_t n;
};

/*
 * Reads what `m` declares, below `root`. Zeroed `c`; ended by configs_release whatever happens.
 * Each config that cannot be read or changed is an error in `notes` (code "wrangler.config"); then
 * it is false. One that wrangler does not read is a warning (config_reads.h).
 */
bool configs_read(struct configs *c, const struct model *m, const char *root,
                  struct diag_list *notes, struct error *err);
void configs_release(struct configs *c);

/* The account that the config names for that environment, or for all of it (data NULL: the top
 * level); empty: none, or a placeholder. */
struct bytes config_account(const struct config *config, struct bytes env);

/* What a state records of a binding of the config; NULL: nothing. `env` data NULL: the top level.
 */
const struct state_binding *config_record(const struct config *config, const struct state *s,
                                          struct bytes env, struct bytes name);

/* true when cfkv made that id for the namespace on a local store. */
bool config_made_id(struct bytes project, const struct namespace_decl *ns, struct bytes id);

/* What the state records of a binding once the change is made with those ids; both ids data NULL:
 * nothing of it is cfkv's. */
struct state_binding config_record_after(const struct config *config,
                                         const struct binding_change *change,
                                         const struct binding_ids *ids);

/* A config for a folder that has none: its Worker is where templates have it, else `main`. */
struct config_first {
    const char *folder;
    struct bytes name; /* whatever it is; empty: "worker" */
    struct bytes main; /* data NULL: none */
    enum wrangler_syntax syntax;
};

/* true when a Worker is where templates have it. */
bool config_worker_is_there(const char *folder);

bool config_text_first(const struct config_first *first, const struct wrangler_edit *edits,
                       size_t n, struct buf *out, struct error *err);

/* true when the file changes, not only what is recorded of it. */
bool config_is_stale(const struct config *config);

/* Appends the new text. Changes whose ids are not known are left out. */
bool configs_text(const struct config *config, const struct model *m, const struct binding_ids *ids,
                  struct buf *out, struct error *err);

/* Writes the new text, atomically, keeping mode and owner and following a link. ERR_STALE when the
 * file is not what it was when it was read. */
bool config_write(const struct config *config, const struct model *m, const struct binding_ids *ids,
                  struct error *err);

/* Records in the state what the changes of a config, written with those ids, mean. */
bool configs_record(const struct config *config, const struct binding_ids *ids, struct state *state,
                    struct error *err);

#endif
