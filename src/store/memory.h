/*
 * memory.h: the store contract in RAM, for the emulator and tests.
 */
#ifndef CFKV_STORE_MEMORY_H
#define CFKV_STORE_MEMORY_H

#include "store.h"

/* An empty store; ids of namespaces are the wanted ones, else made from a counter. */
struct store *memory_store_new(void);

#endif
