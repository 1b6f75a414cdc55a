/*
 * grown.h: lines that a file of somebody's gets, as the host state names them: { "path", "lines":
 * […], "comment": […] }. What is there already is not added again.
 */
#ifndef CFKV_CLI_GROWN_H
#define CFKV_CLI_GROWN_H

#include "base/file_set.h"
#include "base/json.h"

struct grown {
    bool made;    /* the file was not there */
    size_t lines; /* that it gets */
};

/* Adds to `set` what makes the file at `place` have all lines of `file`. Texts are of `arena`. */
bool grown_plan(struct file_set *set, struct arena *arena, const char *place,
                const struct json *file, struct grown *grown, struct error *err);

#endif
