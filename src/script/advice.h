/*
 * advice.h: what to do about an error of Lua's own, which says none.
 */
#ifndef CFKV_SCRIPT_ADVICE_H
#define CFKV_SCRIPT_ADVICE_H

#include <stdbool.h>
#include <stddef.h>

/* `syntax`: the message is the compiler's. NULL: nothing is known. `out` may hold it. */
const char *advice_of(const char *message, bool syntax, char *out, size_t size);

#endif
