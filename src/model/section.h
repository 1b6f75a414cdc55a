/*
 * section.h: where the bindings of a wrangler config stand.
 *
 * A section is a `struct bytes`, mostly called `env`: data NULL is the top level, WRANGLER_PREVIEWS
 * the [previews] block, and everything else the environment of that name.
 */
#ifndef CFKV_MODEL_SECTION_H
#define CFKV_MODEL_SECTION_H

#include "base/bytes.h"
#include "base/text.h"

/* Wrangler makes names of Workers of those of environments, so none is called this. */
#define WRANGLER_PREVIEWS "[previews]"

static inline bool wrangler_is_previews(struct bytes env)
{
    return env.data && bytes_equal(env, bytes_of(WRANGLER_PREVIEWS));
}

#define SECTION_SHOWN_SIZE (QUOTED_SIZE + 16)

/* As `bindings` of cfkv.wrangler names it: "top_level", "previews", or the environment's name. */
struct bytes wrangler_section_word(struct bytes env);

/* As a message names it: "the top level", "environment 'prod'", "[previews]". Returns `out`. */
const char *wrangler_section_shown(struct bytes env, char out[SECTION_SHOWN_SIZE]);

#endif
