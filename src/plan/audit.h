/*
 * audit.h: every namespace of the account: who takes care of it, and where it is bound.
 *
 * What is live comes from one listing an account; keys are not looked at. Declarations are resolved
 * as a plan resolves them, so that "declared" is what the next apply would adopt. One that cannot
 * be resolved is a warning here.
 */
#ifndef CFKV_PLAN_AUDIT_H
#define CFKV_PLAN_AUDIT_H

#include "plan.h"

enum audit_status {
    AUDIT_MANAGED,  /* live, and the state records it */
    AUDIT_DECLARED, /* live and not recorded; a declaration is about to take it */
    AUDIT_ORPHAN,   /* live, and neither */
    AUDIT_GONE,     /* recorded, and no longer live */
    AUDIT_MISSING   /* declared, and neither recorded nor live */
};

const char *audit_status_name(enum audit_status status); /* "managed" … */

/* A binding of a declared wrangler config whose id (or preview_id) is that of a namespace. */
struct audit_binding {
    const char *file;  /* relative to the project root */
    struct bytes env;  /* wrangler's; data NULL: the top level */
    struct bytes name; /* of the binding */
    size_t line;
    bool preview; /* it is the preview_id */
};

struct audit_row {
    enum audit_status status;
    struct bytes account;                /* empty: the target's default */
    struct bytes address;                /* as recorded, else as declared; data NULL: an orphan */
    struct bytes id;                     /* data NULL: missing, and not pinned */
    struct bytes title;                  /* as it is, else as recorded, else as declared */
    const struct state_namespace *entry; /* NULL: not recorded */
    const struct namespace_decl *decl;   /* NULL: not declared, or recorded */
    struct audit_binding *bindings;
    size_t n_bindings, cap_bindings;
};

struct audit {
    struct arena arena;
    struct audit_row *rows; /* by title */
    size_t n, cap;
    size_t counts[AUDIT_MISSING + 1];
    size_t unsure;        /* managed ones of which nobody can tell whether they exist */
    struct error verdict; /* ERR_NONE: there are none; else what stood in the way */
};

/*
 * Looks. `a` and `p` are zeroed, and the caller ends them with audit_release and plan_release
 * whatever happens; `a` borrows from p, m and t. Of `options` the filters count: they narrow the
 * rows (an orphan has no environment). p->notes gets what people must know, all of it warnings,
 * unless a wrangler config cannot be used, which is ERR_FAILED.
 */
bool audit_find(struct audit *a, struct plan *p, const struct model *m, struct target *t,
                const struct plan_options *options, struct error *err);

/* {"accounts":[…],"diagnostics":[…],"format_version":1,"namespaces":[…],"summary":{…},"target":…}
 */
void audit_write_json(const struct audit *a, const struct plan *p, struct buf *out);

void audit_release(struct audit *a);

#endif
