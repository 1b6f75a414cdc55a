/*
 * loss.h: the question before something is lost.
 */
#ifndef CFKV_CLI_LOSS_H
#define CFKV_CLI_LOSS_H

#include "kv/delete.h"
#include "session.h"

struct loss_question {
    struct session *s;
    const struct kv_namespace *ns;
    const char *which; /* " beginning with 'a/'", behind "3 keys"; "" */
    bool always;       /* also where the project is known: then words alone do not do it */
};

/* A kv_confirm_fn; `ctx` is the struct loss_question. Says that nobody knows whether the namespace
 * is protected where that is so: then it asks in any case. */
bool loss_confirm(void *ctx, const struct kv_loss *loss, struct error *err);

/* Adds ", after a backup (3 requests)", as far as one is made. */
void loss_add_backup(struct buf *out, const struct kv_loss *loss);

/* Says that nobody knows whether `ns` is protected. */
void loss_tell_unknown(const struct session *s, const struct kv_namespace *ns);

#endif
