/*
 * pieces.h: a value under construction: bytes, with namespace ids to be put in at apply.
 *
 * Text and the places of ids are kept apart: `text` holds all literal bytes in a row, each mark
 * says before which of them an id belongs. `struct pieces p = {0};` is empty. The vm owns the one
 * that is in use, so that a Lua error in the middle of building leaks nothing.
 */
#ifndef CFKV_SCRIPT_PIECES_H
#define CFKV_SCRIPT_PIECES_H

#include "base/buf.h"
#include "model/model.h"

struct mark {
    size_t at;           /* offset into the text */
    size_t ns;           /* index into model.namespaces */
    enum part_kind kind; /* PART_ID or PART_ID_JSON */
};

struct pieces {
    struct buf text;
    struct mark *marks; /* by rising `at` */
    size_t n_marks;
    size_t cap_marks;
    bool secret;
};

void pieces_clear(struct pieces *p);
void pieces_release(struct pieces *p);

/* Puts an id at the end of what is there. */
void pieces_add_id(struct pieces *p, size_t ns, enum part_kind kind);

#endif
