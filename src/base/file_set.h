/*
 * file_set.h: several new files below one folder, of which all are there in the end or none is.
 *
 * Nothing that is there is overwritten: a file that is to be made must not be there, one that is
 * replaced stays beside under another name, and one that grows keeps its bytes, its mode, and the
 * link that it may be. Everything is written beside its
 * place first (PATH.cfkv-tmp); then each gets its name, and when one does not, those before it lose
 * theirs again, folders that were made for them included. Whoever is killed in between leaves
 * whole files, some of them; of two that do the same at once one has nothing of it.
 *
 *     struct file_set set = {0};
 *     file_set_make(&set, "app/kv.lua", text);
 *     file_set_grow(&set, "app/.gitignore", more);
 *     bool ok = file_set_write(&set, err);
 *     file_set_release(&set);
 */
#ifndef CFKV_BASE_FILE_SET_H
#define CFKV_BASE_FILE_SET_H

#include "arena.h"
#include "bytes.h"
#include "error.h"
#include "file.h"

struct file_set_item;

struct file_set {
    struct arena arena;
    struct file_set_item *items;
    size_t n, cap;
    const char **folders; /* that were made, the outermost first */
    size_t n_folders, cap_folders;
};

/* A file to be made, its missing folders with it. The text is borrowed. */
void file_set_make(struct file_set *set, const char *path, struct bytes text);

/* The same, for the eyes of its owner alone (mode 0600). */
void file_set_make_private(struct file_set *set, const char *path, struct bytes text);

/* A file that is there and gets the name `kept`, which nothing has yet; in its place comes one of
 * its mode with this text. The text is borrowed. */
void file_set_replace(struct file_set *set, const char *path, const char *kept, struct bytes text);

/* The new file that was named last gets these bytes instead of its text; `part->fd` is borrowed. */
void file_set_from(struct file_set *set, const struct file_part *part);

/* A regular file that is there and gets this text behind its own. */
void file_set_grow(struct file_set *set, const char *path, struct bytes more);

/*
 * Does it, in the order in which they were named, those that grow last. ERR_EXISTS where a file
 * that was to be made, or kept, is there by now. Fault points "file.mkdir", "file.create",
 * "file.write", "file.sync", "file.rename".
 */
bool file_set_write(struct file_set *set, struct error *err);

void file_set_release(struct file_set *set);

#endif
