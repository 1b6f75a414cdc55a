/*
 * saved.h: a saved plan as a document: saved.c writes and reads it, saved_moved.c compares two.
 */
#ifndef CFKV_PLAN_SAVED_H
#define CFKV_PLAN_SAVED_H

#include "plan.h"

/* The document of a plan. What is guessable is hashed with `nonce`. */
void saved_print(const struct plan *p, const struct model *m, const struct target *t,
                 const char *nonce, struct buf *out);

/* Reads one, of this version only; json_doc_free it. NULL: ERR_FORMAT, or what file_read says. */
struct json *saved_read(const char *path, struct error *err);

/* ERR_FORMAT: the file is no saved plan. */
bool saved_refuse(const char *path, struct error *err);

#endif
