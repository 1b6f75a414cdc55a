/*
 * audit.h: every namespace of the account: who takes care of it, and where it is bound.
 *
 * What is live comes from one listing an account; keys are looked at where that is asked for.
 * Declarations are resolved as a plan resolves them, so that "declared" is what the next apply
 * would adopt. One that cannot be resolved is a warning here.
 *
 *     audit.c        which namespaces there are, and what each of them is
 *     audit_keys.c   what their keys tell
 *     audit_json.c   the document
 */
#ifndef CFKV_PLAN_AUDIT_H
#define CFKV_PLAN_AUDIT_H

#include "below.h"
#include "model/titles.h"
#include "plan.h"

/* What a namespace is: one status, and any marks. */
enum audit_word {
    AUDIT_MANAGED,   /* live, and the state records it */
    AUDIT_DECLARED,  /* live and not recorded; a declaration is about to take it */
    AUDIT_ADOPTABLE, /* live, none of these, and a wrangler config below the folder binds it */
    AUDIT_FOREIGN,   /* live, and the state of another project below the folder records it */
    AUDIT_ORPHAN,    /* live, and none of these */
    AUDIT_GONE,      /* recorded, and no longer live */
    AUDIT_MISSING,   /* declared, and neither recorded nor live */
    AUDIT_STALE,     /* an id that a wrangler config holds, and that nothing has; a mark of what is
                        gone */
    AUDIT_STATUSES,
    AUDIT_MISNAMED = AUDIT_STATUSES, /* its title does not follow the project's naming */
    AUDIT_NO_EXPIRY,                 /* it has a default ttl, and keys without an expiration */
    AUDIT_WORDS
};

const char *audit_word_name(enum audit_word word); /* "managed" … "no-expiry" */

/* A binding of a wrangler config whose id (or preview_id) is that of a namespace. */
struct audit_binding {
    const char *file;  /* relative to the project root */
    struct bytes env;  /* wrangler's; data NULL: the top level */
    struct bytes name; /* of the binding */
    size_t line;
    bool preview; /* it is the preview_id */
};

#define AUDIT_KEYS_NAMED 5 /* keys without an expiration that are told by name */

/* What the keys of a namespace tell. */
struct audit_keys {
    uint64_t n;
    int64_t nearest;  /* expiration, in seconds since the epoch; 0: none expires */
    uint64_t lasting; /* keys without an expiration, */
    struct bytes names[AUDIT_KEYS_NAMED]; /* the first of them */
    size_t n_names;
};

struct observed_namespace;

struct audit_row {
    enum audit_word status;
    unsigned marks;       /* 1 << enum audit_word */
    struct bytes account; /* empty: the target's default */
    struct bytes address; /* as recorded, else as declared; data NULL: neither */
    struct bytes id;      /* data NULL: missing, and not pinned */
    struct bytes title;   /* as it is, else as recorded, else as declared; data NULL:
                             only a config tells of it */
    const struct observed_namespace *live; /* NULL: it is not, or nobody can tell */
    const struct state_namespace *entry;   /* NULL: not recorded */
    const struct namespace_decl *decl;     /* NULL: not declared */
    size_t elsewhere; /* in the state of another project: an entry of below; MAP_NONE: in none */
    struct audit_binding *bindings;
    size_t n_bindings, cap_bindings;
    struct audit_keys *keys; /* NULL: they were not listed */
};

/* The template of titles. */
struct audit_naming {
    struct bytes naming; /* data NULL: there is none */
    bool declared;       /* it is the project's; else what the titles show */
    struct titles_found found;
};

struct audit {
    const struct below *below; /* what lies below the folder; NULL: nobody looked */
    const char *configuration; /* the file; NULL: there is none */
    struct arena arena;
    struct audit_row *rows; /* by title */
    size_t n, cap;
    size_t counts[AUDIT_WORDS];
    struct audit_naming naming;
    size_t unsure;        /* managed ones of which nobody can tell whether they exist */
    struct error verdict; /* ERR_NONE: there are none; else what stood in the way */
};

/*
 * Looks. `a` (but for `below` and `configuration`) and `p` are zeroed, and the caller ends them
 * with audit_release and plan_release whatever happens; `a` borrows from p, m, t and below. Of
 * `options` the filters count: they narrow the rows (an orphan has no environment). p->notes gets
 * what people must know, all of it warnings, unless a wrangler config cannot be used, which is
 * ERR_FAILED.
 */
bool audit_find(struct audit *a, struct plan *p, const struct model *m, struct target *t,
                const struct plan_options *options, struct error *err);

/* The default ttl of its keys, as recorded or declared; 0: they have none. */
int64_t audit_ttl(const struct audit *a, const struct audit_row *row);

/* Which keys are listed. */
struct audit_wish {
    bool all; /* of every live namespace; else of those that are ours and have a default ttl */
};

/* What that costs at least: a request a namespace, and one more for each 1,000 keys. */
struct audit_forecast {
    size_t namespaces;
    uint64_t seconds; /* at the rate of what was sent so far */
};

/* false where nothing is listed, or nothing is sent. */
bool audit_keys_forecast(const struct audit *a, const struct target *t,
                         const struct audit_wish *wish, struct audit_forecast *forecast);

/*
 * Lists them, behind audit_find: a page is looked at and forgotten, so that memory goes with the
 * namespaces. Fills `keys` of the rows and the marks "no-expiry". A namespace that went meanwhile
 * is a warning in p->notes, "audit.keys".
 */
bool audit_keys_list(struct audit *a, struct plan *p, const struct audit_wish *wish,
                     struct error *err);

/*
 * {"accounts":[…],"configuration":…,"diagnostics":[…],"format_version":1,"namespaces":[…],"naming":…,"summary":{…},
 * "target":…}; `where` (NULL: left out) is a further member, for texts: the target in words.
 */
void audit_write_json(const struct audit *a, const struct plan *p, const char *where,
                      struct buf *out);

void audit_release(struct audit *a);

#endif
