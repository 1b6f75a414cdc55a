/*
 * file.h: files that are there whole or not at all, and files that stay below a root.
 *
 * Paths are C strings; results named `path` in an arena are owned by it. Every write that outlives
 * the process passes a fault point (fault.h) named in its comment.
 */
#ifndef CFKV_BASE_FILE_H
#define CFKV_BASE_FILE_H

#include <stdint.h>
#include <sys/types.h>

#include "arena.h"
#include "buf.h"

/* Reads a whole regular file of at most `max` bytes behind what `out` holds. ERR_NOT_FOUND when it
 * does not exist, ERR_LIMIT when it is larger. */
bool file_read(const char *path, size_t max, struct buf *out, struct error *err);

/* true when it is a regular file that holds just that; read piece by piece. */
bool file_holds(const char *path, struct bytes text);

/* Some bytes of an open file, for contents that are too large for memory. */
struct file_part {
    int fd;
    uint64_t from, size;
};

/* The same of the bytes of another file, and writing them, by pieces. Fault point "file.write". */
bool file_holds_part(const char *path, const struct file_part *part);
bool file_write_part(int fd, const char *name, const struct file_part *part, struct error *err);

/*
 * true when `fd` is a regular file; else `code`, saying what it is (a folder, a FIFO, …). Whoever
 * opens a file by its name opens it with O_NONBLOCK and asks: a FIFO would be waited for without
 * end.
 */
bool file_is_regular(int fd, const char *name, enum error_code code, struct error *err);

/* Opens what somebody named on the command line for reading: a regular file, a folder, or the pipe
 * that a shell made of a command (/dev/fd/63, /dev/stdin). ERR_IO for a FIFO, a device or a socket.
 * The descriptor, or -1. */
int file_open_input(const char *path, struct error *err);

/* As file_read from an open descriptor; `name` is for messages. The descriptor stays open. */
bool file_read_fd(int fd, const char *name, size_t max, struct buf *out, struct error *err);

/* Writes everything, resuming after short writes and EINTR. Fault point "file.write". */
bool file_write_fd(int fd, const char *name, struct bytes data, struct error *err);

/*
 * Replaces `path` by `data`: writes PATH.tmp beside it (fault point "file.create"), fsyncs it
 * ("file.sync"), renames it over `path` ("file.rename"), fsyncs the folder. A reader sees the old
 * or the new content, never a part; on failure the old content is intact and PATH.tmp is gone
 * (unless it is only the folder's fsync that failed: then the new content is there).
 * Callers serialise among themselves (a lock). `mode` as for open.
 */
bool file_replace(const char *path, struct bytes data, mode_t mode, struct error *err);

/*
 * Replaces the content of a file that is its user's: as file_replace, but a symbolic link stays and
 * its target is replaced, mode and (where permitted) owner are kept, and PATH.cfkv-tmp is what is
 * written beside it first; one that a killed run left is replaced. A file that does not exist is
 * made with mode 0666 less the umask.
 */
bool file_rewrite(const char *path, struct bytes data, struct error *err);

/* false with ERR_IO when it is known before that file_rewrite cannot put a file there: nobody may
 * write in its folder, or in that of the file that it links to. */
bool file_may_rewrite(const char *path, struct error *err);

/* Appends `data` to an open descriptor and fsyncs it. Fault points "file.write", "file.sync". */
bool file_append_sync(int fd, const char *name, struct bytes data, struct error *err);

/* Opens a file without a name, gone when it is closed, for writing and reading, in $TMPDIR (/tmp
 * when that is not set), mode 0600. Fault point "file.create". Returns the descriptor, or -1. */
int file_temporary(struct error *err);

/* fsyncs the folder that holds `path`. */
bool file_sync_parent(const char *path, struct error *err);

/* Makes `path` and its missing parents with `mode`. Fault point "file.mkdir". */
bool file_make_dirs(const char *path, mode_t mode, struct error *err);

bool file_exists(const char *path);

/* ---- Below a root --------------------------------------------------------------------------- */

/* The folder that an evaluated configuration may read from. */
struct file_root {
    int fd;     /* O_PATH of the folder; -1 when closed */
    char *path; /* as given, for messages; owned */
};

bool file_root_open(struct file_root *root, const char *path, struct error *err);
void file_root_close(struct file_root *root); /* safe on a closed or zeroed {-1} root */

/*
 * Opens the regular file `relative` below the root for reading. Refused (ERR_INVALID, with the
 * reason): an absolute path, an empty one, a slash at the end, a NUL, a component that is ".." or
 * starts with a dot, a symbolic link anywhere in it, anything but a regular file (never blocks on
 * a FIFO), and cfkv's own state files (*.state.json and their .journal, .lock, .tmp). ERR_NOT_FOUND
 * when there is none. Returns the descriptor, or -1.
 */
int file_root_read(const struct file_root *root, struct bytes relative, struct error *err);

/* As file_root_read, for the folder `relative`; its files are then opened by the caller, one
 * component at a time and never through a link. */
int file_root_folder(const struct file_root *root, struct bytes relative, struct error *err);

/* NULL when `relative` is a path that may be read and written below a root, as far as its text
 * tells (see file_root_read); else what is wrong with it: "is absolute". */
const char *file_path_fault(struct bytes relative);

/*
 * May the file `relative`, which need not be there, be written? By the rule of file_root_read, but
 * that the file itself may be a symbolic link to another one below the root of which the same is
 * true. Fails with ERR_INVALID, and with ERR_NOT_FOUND where its folder is not there.
 */
bool file_root_may_write(const struct file_root *root, struct bytes relative, struct error *err);

/* May files be put into the folder `relative`, which need not be there (it is made)? By the rule of
 * file_root_folder. */
bool file_root_may_fill(const struct file_root *root, struct bytes relative, struct error *err);

/* true when the name of `path` is one of cfkv's state files (see above). */
bool file_is_state(struct bytes path);

/* ---- Path text (no file system access unless said) ------------------------------------------ */

/* "." and "" vanish; an absolute `name` is itself. */
char *path_join(struct arena *arena, const char *dir, const char *name);
char *path_parent(struct arena *arena, const char *path); /* "." when it has none */
const char *path_name(const char *path);                  /* last component */

/* A relative path without "." and empty components, so that two spellings of one file are equal;
 * "" when nothing is left. */
char *path_plain(struct arena *arena, struct bytes path);

/* The absolute path without symbolic links (realpath); NULL with err when it does not exist. */
char *path_real(struct arena *arena, const char *path, struct error *err);

#endif
