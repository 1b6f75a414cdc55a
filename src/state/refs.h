/*
 * refs.h: which namespaces an output names, as JSON: { ACCOUNT: [ADDRESS, …] }. Private to state/.
 */
#ifndef CFKV_STATE_REFS_H
#define CFKV_STATE_REFS_H

#include "contents.h"

/* Reads them into a record. ERR_FORMAT. */
bool refs_read(struct arena *arena, struct bytes json, struct state_output *output,
               struct error *err);

/* `refs` are sorted. */
void refs_write(const struct state_ref *refs, size_t n, struct json_writer *w);

/* Sorts them, and leaves out what is there twice. Returns how many are left. */
size_t refs_sort(struct state_ref *refs, size_t n);

#endif
