/*
 * binding.h: a namespace as a wrangler config names it: by binding and environment.
 *
 * The config is the one that wrangler's kv commands read, and so is what they make of it, but that
 * without `preview` a binding with two ids is no question: the account's namespace is `id`, and
 * the local one is what `wrangler dev` reads (preview_id, else id, else the binding's own name).
 *
 * The config is read before there is a struct kv, for where it lies may be how the project, and so
 * the target, is found.
 */
#ifndef CFKV_KV_BINDING_H
#define CFKV_KV_BINDING_H

#include "find.h"

struct kv_binding {
    const char *name;
    const char *config; /* the file; NULL: the one wrangler takes, from the current folder up */
    struct bytes env;   /* data NULL: the top level */
    bool preview;       /* the one of preview_id */
    bool local;         /* in the local store */
};

struct kv_bound {
    const char *name;
    const char *config;      /* the path of the config that was read */
    struct bytes id;         /* never empty */
    struct bytes account_id; /* that the config gives, before CLOUDFLARE_ACCOUNT_ID; or data NULL */
    bool remote;             /* `wrangler dev` reads the account's namespace */
    bool either; /* the config has an id and another preview_id, and none was asked for */
};

/* Finds and reads the config. Texts are of the arena. ERR_NOT_FOUND when there is no config, no
 * such environment, binding or id; ERR_USAGE when wrangler is redirected to another config;
 * ERR_FORMAT with file, line and column. */
bool kv_binding_read(const struct kv_binding *binding, struct arena *arena, struct kv_bound *out,
                     struct error *err);

/* The namespace, in the account that the config names: that is the one wrangler would use. As
 * kv_find_id, but on the local target, with `need_title`, it must have a title or keys; without,
 * one that is not there yet is as one that is empty. Which of two ids it is of is told. */
bool kv_find_bound(struct kv *kv, const struct kv_bound *bound, bool need_title,
                   struct kv_namespace *out, struct error *err);

#endif
