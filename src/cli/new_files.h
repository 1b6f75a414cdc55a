/*
 * new_files.h: files that a command writes for people who may have one of that name already.
 *
 * One that is there and holds the same stays as it is. One that holds something else is replaced
 * only when somebody said so, on the terminal or with --yes, and stays beside as PATH.old
 * (PATH.old.2 where that is taken). All of them are written, or none is (base/file_set.h).
 *
 *     struct new_files files = {0};
 *     new_files_add(&files, "out/main.tf.json", text, false);
 *     bool ok = new_files_write(&files, session, err);
 *     new_files_release(&files);
 */
#ifndef CFKV_CLI_NEW_FILES_H
#define CFKV_CLI_NEW_FILES_H

#include "base/file_set.h"
#include "session.h"

enum new_file_done {
    NEW_FILE_MADE,
    NEW_FILE_SAME,    /* it was there, with this text */
    NEW_FILE_REPLACED /* what was there is `kept` now */
};

struct new_file {
    const char *path;
    const char *kept; /* what the old one is called; NULL: there was none */
    struct bytes text;
    struct file_part part; /* fd -1: it is the text */
    bool is_private;       /* for the eyes of its owner alone */
    enum new_file_done done;
};

struct new_files {
    struct arena arena;
    struct new_file *items;
    size_t n, cap;
    struct file_set set; /* a caller may add lines that files get (file_set_grow) */
};

/* The text is borrowed until new_files_release. */
void new_files_add(struct new_files *files, const char *path, struct bytes text, bool is_private);

/* The file that was added last gets these bytes instead of its text; `part->fd` is borrowed, too.
 */
void new_files_from(struct new_files *files, const struct file_part *part);

/* ERR_GUARD when somebody said no, or nobody could be asked; ERR_EXISTS where a folder has the
 * name. Nothing is written then. */
bool new_files_write(struct new_files *files, struct session *s, struct error *err);

/* A note a file, of what became of it. */
void new_files_tell(const struct new_files *files, const struct output *output);

void new_files_release(struct new_files *files);

#endif
