/*
 * namespace.h: namespaces made and renamed. (Deleting one is delete.h's.)
 */
#ifndef CFKV_KV_NAMESPACE_H
#define CFKV_KV_NAMESPACE_H

#include "find.h"

/* Makes one of that title in the account; empty: the target's. `kind` NULL: of none; the local
 * target has none. `*existed` (may be NULL): there were keys under its id already (the local
 * store). ERR_EXISTS names the id of the one that has the title. */
bool kv_create(struct kv *kv, struct bytes account, struct bytes title, const struct kv_kind *kind,
               struct kv_namespace *out, bool *existed, struct error *err);

/* Gives it another title; `ns->title` is that then. ERR_EXISTS as above. */
bool kv_rename(struct kv *kv, struct kv_namespace *ns, struct bytes title, struct error *err);

#endif
