/*
 * overwrites.h: what a restore or a copy would overwrite, told above its question.
 */
#ifndef CFKV_CLI_OVERWRITES_H
#define CFKV_CLI_OVERWRITES_H

#include "kv/preview.h"
#include "session.h"

#define OVERWRITES_SHOWN 10 /* keys; with --verbose all that were read */

/* On stderr, in the words of plans. false with err: the text cannot be made. */
bool overwrites_tell(const struct session *s, const struct kv_preview *p, struct error *err);

#endif
