/*
 * types_file.h: the file of `cfkv wrangler --types FILE`, as it is and as it should be.
 */
#ifndef CFKV_CLI_TYPES_FILE_H
#define CFKV_CLI_TYPES_FILE_H

#include "plan/config_files.h"
#include "session.h"

struct types_file {
    const char *name; /* as the user named it */
    const char *path; /* to open it by */
    struct buf before;
    struct buf after;
    bool exists;
    bool stale;
};

/*
 * Fills `t` for the bindings of these configs; zeroed, and ended by types_file_release whatever
 * happens. The session is evaluated. ERR_USAGE for a name that does not end in .d.ts or is not
 * below the project root, ERR_INVALID for one that cfkv does not write (file_root_may_write),
 * ERR_GUARD when another program's file is there.
 */
bool types_file_make(struct types_file *t, struct session *s, const char *name,
                     const struct config *const *configs, size_t n, struct error *err);
void types_file_release(struct types_file *t);

/* Appends what is stale as a unified diff. */
void types_file_diff(const struct types_file *t, struct buf *out);

/* Writes it, atomically, where it is stale. */
bool types_file_write(const struct types_file *t, struct error *err);

#endif
