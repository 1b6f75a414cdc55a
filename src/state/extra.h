/*
 * extra.h: members of a record that this version does not know. They are kept, in memory and in the
 * document, so that an older cfkv of the same format version takes nothing away. Private to state/.
 */
#ifndef CFKV_STATE_EXTRA_H
#define CFKV_STATE_EXTRA_H

#include "contents.h"

/* The member of that name, or NULL; `extras` may be NULL. */
const struct state_extra *extra_find(const struct state_extras *extras, struct bytes name);

/* Sets a member, in its place by name; `*extras` is made when it is NULL. Texts are copied. */
void extra_set(struct arena *arena, struct state_extras **extras, struct bytes name,
               struct bytes json);

/* `extras` may be NULL, and may lack it. */
void extra_remove(struct state_extras *extras, struct bytes name);

/* ERR_FORMAT for canonical JSON that is nested so deeply that a document around it could not be
 * read again. */
bool extra_check_depth(struct bytes json, struct error *err);

/* Prints canonical JSON through a writer, so that it is indented like what stands around it. */
void extra_print_json(struct json_writer *w, struct bytes json);

#endif
