/*
 * collect.h: the collector of evaluated files, at moments of ours.
 *
 * When memory is collected depends on the size of the heap, and so on the length of a path: a file
 * must not be able to tell. Weak tables could tell, and a check at setmetatable cannot keep them
 * away, because `__mode` may be assigned later. So Lua's own collector stays stopped; when the heap
 * has doubled, the allocator asks the count hook for a collection, and while it runs no metatable
 * has a `__mode`: weak tables hold what is in them. A script has Lua's collector as it is.
 */
#ifndef CFKV_SCRIPT_COLLECT_H
#define CFKV_SCRIPT_COLLECT_H

#include "vm.h"

/* Starts it; the collector of Lua is stopped. Raises when memory runs out. */
void collect_open(lua_State *L);

/* Every metatable that user code gives to a table passes here. Raises when memory runs out. */
void collect_know(lua_State *L, int metatable);

/* For the allocator: memory was taken, or refused with a collection to come that Lua itself starts
 * (`forced`). Calls no Lua; makes the hook look soon. */
void collect_note(struct vm *vm, bool forced);

/* For the count hook: collects when it is due. Raises (the end of the run) when a forced collection
 * may have emptied a weak table. */
void collect_look(lua_State *L);

#endif
