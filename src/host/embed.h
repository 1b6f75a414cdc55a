/*
 * embed.h: the Lua sources of the host state (base/embed.h), from lua/host. Nothing of src/script
 * may name them: tests/support/boundaries.sh.
 */
#ifndef CFKV_HOST_EMBED_H
#define CFKV_HOST_EMBED_H

#include "base/embed.h"

extern const struct embed_file embed_host[]; /* "host/state.lua" */

#endif
