/*
 * embed.h: the Lua sources that the sandbox and scripts run (base/embed.h).
 */
#ifndef CFKV_SCRIPT_EMBED_H
#define CFKV_SCRIPT_EMBED_H

#include "base/embed.h"

/* Trusted modules come from lua/cfkv, the rest from stdlib/. */
extern const struct embed_file embed_lua[];
extern const struct embed_file embed_stdlib[];

#endif
