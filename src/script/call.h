/*
 * call.h: one row for each call that user code can make: its name as people write it, and the
 * arguments it takes. One wrapper checks what is true of all of them.
 */
#ifndef CFKV_SCRIPT_CALL_H
#define CFKV_SCRIPT_CALL_H

#include <lua.h>

#include "base/bytes.h"

struct script_call {
    const char *field;  /* where the Lua half, or a handle, finds it; NULL: the list ends here */
    const char *name;   /* "cfkv.source.csv", "ns:put" */
    const char *params; /* "path", "key, value, options": what it takes besides itself */
    lua_CFunction function;
    bool declares; /* it adds to the model; a policy only judges */
};

/* Sets each call as a field of the table on top of the stack. `calls` must outlive L. Raises when
 * memory runs out. An argument more than `params` is a problem (diagnosed; in a script raised) and
 * ignored; nil is none. The function finds the arguments from 1 on; a method its handle first. */
void call_set(lua_State *L, const struct script_call *calls);

/*
 * For the function of such a call: the string at `idx`, without which there is no going on. Raises
 * "cfkv.file.text takes a path, got nothing"; `what` with its article.
 */
struct bytes call_text(lua_State *L, int idx, const char *what);

/* Its row. */
const struct script_call *call_of(lua_State *L);

#endif
