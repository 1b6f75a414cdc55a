/*
 * question.h: the question before something is lost.
 */
#ifndef CFKV_CLI_QUESTION_H
#define CFKV_CLI_QUESTION_H

#include "kv/fill.h"
#include "session.h"

struct question {
    bool always;       /* also where the project is known: then words alone do not do it */
    const char *which; /* " beginning with 'a/'", behind "3 keys"; NULL: nothing */
    const char *fill;  /* what a restore or a copy does: "Copy 'a'"; a rename: "to 'b/'" */
};

/* Asks whether that may go of `ns`. Says that nobody knows whether the namespace is protected where
 * that is so: then it asks in any case. */
bool question_ask(const struct question *q, struct session *s, const struct kv_namespace *ns,
                  const struct kv_loss *loss, struct error *err);

/* Asks whether `ns` may be filled, when something that is there may be replaced or deleted. */
bool question_ask_fill(const struct question *q, struct session *s, const struct kv_namespace *ns,
                       const struct kv_fill_loss *loss, struct error *err);

/* Asks whether keys of `ns` may be renamed: those that `which` says, as `fill` says. */
bool question_ask_rename(const struct question *q, struct session *s, const struct kv_namespace *ns,
                         const struct kv_fill_loss *loss, struct error *err);

#endif
