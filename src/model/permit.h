/*
 * permit.h: the word that something may go: --allow-data-loss and --allow-mass-delete, bare or with
 * the namespaces they are meant for, and the same in the reviewed file (cfkv.removed).
 */
#ifndef CFKV_MODEL_PERMIT_H
#define CFKV_MODEL_PERMIT_H

#include "base/buf.h"

struct permit {
    bool bare;           /* said of no namespace: good where exactly one is concerned */
    struct bytes *globs; /* matched as --only is: against the address or the title; mem_free */
    size_t n, cap;
};

struct permits {
    struct permit data_loss, mass_delete;
};

/* One more glob; its bytes are borrowed. */
void permit_add(struct permit *p, struct bytes glob);
void permits_release(struct permits *p);

/* true when a glob names that namespace (account_matches); texts may have data NULL. */
bool permit_names(const struct permit *p, struct bytes account, struct bytes address,
                  struct bytes title);

#endif
