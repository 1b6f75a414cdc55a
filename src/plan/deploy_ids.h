/*
 * deploy_ids.h: ids in wrangler configs that a deploy would read and that only the local store has.
 *
 * `apply --local` gives a binding without an id one of the local store, for `wrangler dev`. A
 * deploy with it fails, or binds what is not there, until `cfkv apply` has put the account's in its
 * place. An id is one of these when the account's state does not have it, and cfkv made it for a
 * title that is declared or recorded anywhere, or the local store's state says that cfkv wrote it
 * there. preview_id is for `wrangler dev` alone: no deploy reads it.
 */
#ifndef CFKV_PLAN_DEPLOY_IDS_H
#define CFKV_PLAN_DEPLOY_IDS_H

#include "config_files.h"
#include "plan.h"
#include "target.h"

struct deploy_ids {
    struct arena arena;
    struct map made; /* ids that cfkv makes for the known titles */
    const struct model *m;
    struct target *local; /* with the account's state beside its own */
};

/* Borrows both until deploy_ids_close. `local`: opened as TARGET_LOCAL, with_remote. */
void deploy_ids_open(struct deploy_ids *d, const struct model *m, struct target *local);
void deploy_ids_close(struct deploy_ids *d);

/* How many such ids a config holds now, whatever it held when it was read; none when it cannot be
 * read. */
size_t deploy_ids_count(const struct deploy_ids *d, const struct config *config);

/*
 * Adds a warning, "wrangler.local_id", with its line for each in `config`; returns how many. With
 * filters only bindings of declared namespaces inside them count.
 */
size_t deploy_ids_note(const struct deploy_ids *d, const struct config *config,
                       const struct plan_options *filters, struct diag_list *notes);

#endif
