#define _GNU_SOURCE 1 /* O_PATH */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "fault.h"
#include "mem.h"
#include "nearby.h"
#include "text.h"

#define SHOWN 512 /* of a path, in messages */

static char *shown(const char *path, char out[SHOWN])
{
    return text_quoted(bytes_of(path), out, SHOWN);
}

/* ---- Reading -------------------------------------------------------------------------------- */

/* Forgets what was added since the length was `start`. */
static void truncate_to(struct buf *out, size_t start)
{
    out->len = start;
    if (out->data)
        out->data[start] = '\0';
}

static bool fail_too_large(const char *name, size_t max, struct error *err)
{
    char path[SHOWN];
    return error_set(err, ERR_LIMIT, "%s is larger than %zu bytes", shown(name, path), max);
}

/* One read into `out`; `*n` is 0 at the end. */
static bool read_some(int fd, const char *name, struct buf *out, size_t *n, struct error *err)
{
    char path[SHOWN];
    ssize_t got;
    do
        got = read(fd, out->data + out->len, out->cap - out->len - 1);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return error_errno(err, errno, "cannot read %s", shown(name, path));
    *n = (size_t)got;
    truncate_to(out, out->len + *n);
    return true;
}

static bool read_all(int fd, const char *name, size_t max, struct buf *out, struct error *err)
{
    size_t start = out->len, n;
    do {
        /* At least one byte past what a file of known size holds, to see its end. */
        if (out->cap - out->len < 2)
            buf_reserve(out, 16 * 1024);
        if (!read_some(fd, name, out, &n, err))
            return false;
        if (out->len - start > max)
            return fail_too_large(name, max, err);
    } while (n > 0);
    return true;
}

bool file_read_fd(int fd, const char *name, size_t max, struct buf *out, struct error *err)
{
    struct stat st;
    size_t start = out->len, size = 0;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0) {
        if ((uintmax_t)st.st_size > max)
            return fail_too_large(name, max, err);
        size = (size_t)st.st_size;
    }
    buf_reserve(out, size + 1);
    if (read_all(fd, name, max, out, err))
        return true;
    truncate_to(out, start);
    return false;
}

static bool fail_kind(const char *name, mode_t mode, enum error_code code, struct error *err)
{
    char path[SHOWN];
    const char *kind = S_ISDIR(mode)    ? "a folder"
                       : S_ISFIFO(mode) ? "a FIFO"
                       : S_ISSOCK(mode) ? "a socket"
                                        : "a device";
    error_set(err, code, "%s is not a regular file, but %s", shown(name, path), kind);
    return error_hint(err, "name a file%s", S_ISDIR(mode) ? " in it" : "");
}

bool file_is_regular(int fd, const char *name, enum error_code code, struct error *err)
{
    char path[SHOWN];
    struct stat st;
    if (fstat(fd, &st) != 0)
        return error_errno(err, errno, "cannot examine %s", shown(name, path));
    return S_ISREG(st.st_mode) || fail_kind(name, st.st_mode, code, err);
}

static bool check_input(int fd, const char *path, struct error *err)
{
    char name[SHOWN];
    struct stat st;
    struct statfs fs;
    if (fstat(fd, &st) != 0)
        return error_errno(err, errno, "cannot examine %s", shown(path, name));
    if (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode))
        return true;
    /* A pipe without a name, a shell's, has its other end already, or had it. */
    if (!S_ISFIFO(st.st_mode) || fstatfs(fd, &fs) != 0 || fs.f_type != PIPEFS_MAGIC)
        return fail_kind(path, st.st_mode, ERR_IO, err);
    return fcntl(fd, F_SETFL, O_RDONLY) == 0 ||
           error_errno(err, errno, "cannot read %s", shown(path, name));
}

int file_open_input(const char *path, struct error *err)
{
    char name[SHOWN];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        error_errno(err, errno, "cannot open %s", shown(path, name));
        nearby_hint(path, err);
        return -1;
    }
    if (check_input(fd, path, err))
        return fd;
    close(fd);
    return -1;
}

bool file_read(const char *path, size_t max, struct buf *out, struct error *err)
{
    char name[SHOWN];
    /* O_NONBLOCK: a FIFO is refused rather than waited for. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return error_errno(err, errno, "cannot open %s", shown(path, name)) ||
               nearby_hint(path, err);
    bool ok = file_is_regular(fd, path, ERR_IO, err) && file_read_fd(fd, path, max, out, err);
    close(fd);
    return ok;
}

/* ---- Writing -------------------------------------------------------------------------------- */

#define PIECE ((size_t)64 * 1024)

static bool read_piece(int fd, char *piece, size_t size, uint64_t at, size_t *n)
{
    ssize_t got;
    while ((got = pread(fd, piece, size, (off_t)at)) < 0 && errno == EINTR)
        ;
    *n = got > 0 ? (size_t)got : 0;
    return got >= 0;
}

static bool piece_equals(const char *piece, size_t n, uint64_t at, struct bytes text,
                         const struct file_part *part)
{
    char other[PIECE];
    size_t got = 0;
    if (!part)
        return memcmp(piece, text.data + at, n) == 0;
    return read_piece(part->fd, other, n, part->from + at, &got) && got == n &&
           memcmp(piece, other, n) == 0;
}

/* `part` NULL: the text. */
static bool holds(const char *path, struct bytes text, const struct file_part *part)
{
    char piece[PIECE];
    struct error unheard;
    struct stat st;
    uint64_t size = part ? part->size : text.len, at = 0;
    size_t n = 1;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool ok = fd >= 0 && file_is_regular(fd, path, ERR_IO, &unheard) && fstat(fd, &st) == 0 &&
              (uint64_t)st.st_size == size;
    for (; ok && n > 0 && at < size; at += n) {
        size_t most = size - at < PIECE ? (size_t)(size - at) : PIECE;
        ok = read_piece(fd, piece, most, at, &n) && piece_equals(piece, n, at, text, part);
    }
    if (fd >= 0)
        close(fd);
    return ok && at == size;
}

bool file_holds(const char *path, struct bytes text)
{
    return holds(path, text, NULL);
}

bool file_holds_part(const char *path, const struct file_part *part)
{
    return holds(path, bytes_make(NULL, 0), part);
}

bool file_write_part(int fd, const char *name, const struct file_part *part, struct error *err)
{
    char piece[PIECE];
    size_t n = 0;
    for (uint64_t at = 0; at < part->size; at += n) {
        size_t most = part->size - at < PIECE ? (size_t)(part->size - at) : PIECE;
        if (!read_piece(part->fd, piece, most, part->from + at, &n))
            return error_errno(err, errno, "cannot read back what goes into '%s'", name);
        if (n == 0)
            return error_set(err, ERR_IO, "what goes into '%s' has become shorter", name);
        if (!file_write_fd(fd, name, bytes_make(piece, n), err))
            return false;
    }
    return true;
}

bool file_write_fd(int fd, const char *name, struct bytes data, struct error *err)
{
    char path[SHOWN];
    bool failed = FAULT("file.write");
    while (!failed && data.len > 0) {
        ssize_t n = write(fd, data.data, data.len);
        failed = n < 0 && errno != EINTR;
        if (n > 0)
            data = bytes_make(data.data + n, data.len - (size_t)n);
    }
    return !failed || error_errno(err, errno, "cannot write %s", shown(name, path));
}

static bool sync_fd(int fd, const char *name, struct error *err)
{
    char path[SHOWN];
    if (FAULT("file.sync") || fsync(fd) != 0)
        return error_errno(err, errno, "cannot write %s to disk", shown(name, path));
    return true;
}

bool file_append_sync(int fd, const char *name, struct bytes data, struct error *err)
{
    return file_write_fd(fd, name, data, err) && sync_fd(fd, name, err);
}

/* The length of the folder part of `path`: 0 when it has none, 1 for the root. */
static size_t parent_len(const char *path)
{
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/')
        len--;
    while (len > 0 && path[len - 1] != '/')
        len--;
    while (len > 1 && path[len - 1] == '/')
        len--;
    return len;
}

bool file_sync_parent(const char *path, struct error *err)
{
    char dir[PATH_MAX], name[SHOWN];
    size_t len = parent_len(path);
    if (len >= sizeof dir)
        return error_errno(err, ENAMETOOLONG, "cannot open the folder of %s", shown(path, name));
    memcpy(dir, len > 0 ? path : ".", len > 0 ? len : 1);
    dir[len > 0 ? len : 1] = '\0';
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return error_errno(err, errno, "cannot open folder %s", shown(dir, name));
    /* EINVAL: a file system that has no such thing, and nothing to be done about it. */
    bool ok = fsync(fd) == 0 || errno == EINVAL ||
              error_errno(err, errno, "cannot write folder %s to disk", shown(dir, name));
    close(fd);
    return ok;
}

/* What a killed run left is no use, and must not be followed if somebody put a link there. */
static int create_anew(const char *path, mode_t mode)
{
    if (FAULT("file.create") || (unlink(path) != 0 && errno != ENOENT))
        return -1;
    return open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
}

static bool write_new(const char *path, struct bytes data, mode_t mode, struct error *err)
{
    char name[SHOWN];
    int fd = create_anew(path, mode);
    if (fd < 0)
        return error_errno(err, errno, "cannot create %s", shown(path, name));
    bool ok = file_write_fd(fd, path, data, err) && sync_fd(fd, path, err);
    if (close(fd) != 0 && ok)
        ok = error_errno(err, errno, "cannot write %s", shown(path, name));
    return ok;
}

static bool rename_over(const char *from, const char *to, struct error *err)
{
    char name[SHOWN];
    if (FAULT("file.rename") || rename(from, to) != 0)
        return error_errno(err, errno, "cannot replace %s", shown(to, name));
    return true;
}

bool file_replace(const char *path, struct bytes data, mode_t mode, struct error *err)
{
    struct buf tmp = {0};
    buf_add_str(&tmp, path);
    buf_add_str(&tmp, ".tmp");
    bool ok = write_new(tmp.data, data, mode, err) && rename_over(tmp.data, path, err);
    if (!ok)
        unlink(tmp.data);
    buf_release(&tmp);
    return ok && file_sync_parent(path, err);
}

/* ---- A file of the user's -------------------------------------------------------------------- */

/* Mode and owner of what is replaced; a refused owner is no error, as the new file is readable. */
static bool keep_attributes(int fd, const char *path, const struct stat *old, struct error *err)
{
    char name[SHOWN];
    if (fchown(fd, old->st_uid, old->st_gid) != 0 && errno != EPERM)
        return error_errno(err, errno, "cannot keep the owner of %s", shown(path, name));
    return fchmod(fd, old->st_mode & 07777) == 0 ||
           error_errno(err, errno, "cannot keep the mode of %s", shown(path, name));
}

/* Fills the new file and puts it in place of `path`; `old` NULL: there was none. Closes `fd`. */
static bool fill_beside(int fd, const char *tmp, const char *path, const struct stat *old,
                        struct bytes data, struct error *err)
{
    char name[SHOWN];
    mode_t mask = umask(0);
    umask(mask);
    struct stat fresh = {.st_mode = 0666 & ~mask, .st_uid = geteuid(), .st_gid = (gid_t)-1};
    bool ok = file_write_fd(fd, path, data, err) &&
              keep_attributes(fd, path, old ? old : &fresh, err) && sync_fd(fd, path, err);
    if (close(fd) != 0 && ok)
        ok = error_errno(err, errno, "cannot write %s", shown(path, name));
    ok = ok && rename_over(tmp, path, err);
    if (!ok)
        unlink(tmp);
    return ok && file_sync_parent(path, err);
}

bool file_rewrite(const char *path, struct bytes data, struct error *err)
{
    char real[PATH_MAX], tmp[PATH_MAX + 16], name[SHOWN];
    struct stat old;
    bool exists = realpath(path, real) != NULL && stat(real, &old) == 0;
    if (!exists && errno != ENOENT)
        return error_errno(err, errno, "cannot look at %s", shown(path, name));
    if (exists && !S_ISREG(old.st_mode))
        return error_set(err, ERR_IO, "cannot replace %s: it is not a regular file",
                         shown(path, name));
    if (!exists && lstat(path, &old) == 0)
        return error_set(err, ERR_NOT_FOUND, "%s is a link to a file that does not exist",
                         shown(path, name));
    if (!exists && strlen(path) >= sizeof real)
        return error_errno(err, ENAMETOOLONG, "cannot create %s", shown(path, name));
    if (!exists)
        memcpy(real, path, strlen(path) + 1);
    snprintf(tmp, sizeof tmp, "%s.cfkv-tmp", real);
    int fd = create_anew(tmp, 0600);
    if (fd < 0)
        return error_errno(err, errno, "cannot create a file beside %s", shown(real, name));
    return fill_beside(fd, tmp, real, exists ? &old : NULL, data, err);
}

bool file_may_rewrite(const char *path, struct error *err)
{
    char real[PATH_MAX], name[SHOWN];
    struct arena arena = {0};
    const char *folder = path_parent(&arena, realpath(path, real) ? real : path);
    bool ok = access(folder, W_OK | X_OK) == 0 ||
              error_errno(err, errno, "cannot write in folder %s", shown(folder, name));
    arena_release(&arena);
    return ok;
}

/* ---- Without a name -------------------------------------------------------------------------- */

/* Where the file system has no O_TMPFILE. -1 with errno. */
static int make_and_unlink(const char *dir)
{
    char path[PATH_MAX];
    int len = snprintf(path, sizeof path, "%s/cfkv-XXXXXX", dir);
    if (len < 0 || (size_t)len >= sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        unlink(path);
    return fd;
}

int file_temporary(struct error *err)
{
    char name[SHOWN];
    const char *dir = getenv("TMPDIR");
    int fd = -1;
    if (!dir || !dir[0])
        dir = "/tmp";
    if (!FAULT("file.create")) {
        fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
        if (fd < 0)
            fd = make_and_unlink(dir);
    }
    if (fd < 0) {
        error_errno(err, errno, "cannot create a temporary file in %s", shown(dir, name));
        error_hint(err, "set TMPDIR to a folder that can be written to");
    }
    return fd;
}

/* ---- Folders -------------------------------------------------------------------------------- */

static bool is_dir(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool make_dir(const char *path, mode_t mode, struct error *err)
{
    char name[SHOWN];
    if (is_dir(path))
        return true;
    if (FAULT("file.mkdir"))
        return error_errno(err, errno, "cannot make folder %s", shown(path, name));
    if (mkdir(path, mode) == 0)
        return file_sync_parent(path, err);
    int errnum = errno;
    /* Another process may have been faster. */
    return (errnum == EEXIST && is_dir(path)) ||
           error_errno(err, errnum, "cannot make folder %s", shown(path, name));
}

bool file_make_dirs(const char *path, mode_t mode, struct error *err)
{
    char dir[PATH_MAX], name[SHOWN];
    size_t len = strlen(path);
    if (len >= sizeof dir)
        return error_errno(err, ENAMETOOLONG, "cannot make folder %s", shown(path, name));
    memcpy(dir, path, len + 1);
    for (size_t i = 1; i < len; i++) {
        if (dir[i] != '/' || dir[i - 1] == '/')
            continue;
        dir[i] = '\0';
        if (!make_dir(dir, mode, err))
            return false;
        dir[i] = '/';
    }
    return make_dir(dir, mode, err);
}

bool file_exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

/* ---- Below a root --------------------------------------------------------------------------- */

bool file_root_open(struct file_root *root, const char *path, struct error *err)
{
    char name[SHOWN];
    *root = (struct file_root){.fd = -1, .path = mem_text(bytes_of(path))};
    root->fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root->fd >= 0)
        return true;
    error_errno(err, errno, "cannot open folder %s", shown(path, name));
    file_root_close(root);
    return false;
}

void file_root_close(struct file_root *root)
{
    /* Without a path it was never opened, whatever a zeroed fd says. */
    if (root->path && root->fd >= 0)
        close(root->fd);
    mem_free(root->path);
    *root = (struct file_root){.fd = -1};
}

bool file_is_state(struct bytes path)
{
    static const char *const companions[] = {".tmp", ".lock", ".journal"};
    for (size_t i = 0; i < sizeof companions / sizeof *companions; i++)
        if (bytes_ends_with(path, bytes_of(companions[i]))) {
            path.len -= strlen(companions[i]);
            i = (size_t)-1; /* once more: the journal has a .tmp as well */
        }
    return bytes_ends_with(path, bytes_of(".state.json"));
}

static struct bytes next_component(struct bytes *rest)
{
    const char *slash = rest->len > 0 ? memchr(rest->data, '/', rest->len) : NULL;
    struct bytes c = bytes_make(rest->data, slash ? (size_t)(slash - rest->data) : rest->len);
    size_t skip = slash ? c.len + 1 : c.len;
    *rest = bytes_make(rest->data + skip, rest->len - skip);
    return c;
}

const char *file_path_fault(struct bytes path)
{
    const char *problem = NULL;
    if (path.len == 0)
        return "is empty";
    if (memchr(path.data, '\0', path.len))
        return "has a NUL in it";
    if (path.data[0] == '/')
        return "is absolute";
    if (path.data[path.len - 1] == '/')
        return "ends in a slash";
    if (path.len >= PATH_MAX)
        return "is too long";
    for (struct bytes rest = path; rest.len > 0 && !problem;) {
        struct bytes c = next_component(&rest);
        if (bytes_equal(c, bytes_of("..")))
            problem = "has a '..' in it";
        else if (c.len > 0 && c.data[0] == '.')
            problem = "has a component that starts with a dot";
    }
    return problem || !file_is_state(path) ? problem : "is one of cfkv's own state files";
}

#define TO_READ   (O_RDONLY | O_NONBLOCK | O_CLOEXEC) /* never blocks on a FIFO */
#define TO_FOLDER (O_RDONLY | O_DIRECTORY | O_CLOEXEC)

/* Where there is no openat2: opens each component in turn, never through a link. -1 with errno. */
static int step_into(int dir, const char *name, int flags)
{
    int fd = openat(dir, name, flags | O_NOFOLLOW | O_CLOEXEC);
    struct stat st;
    if (fd < 0 && errno == ENOTDIR) {
        bool link = fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode);
        errno = link ? ELOOP : ENOTDIR;
    }
    return fd;
}

static int open_by_steps(int root, const char *path, int flags)
{
    struct bytes rest = bytes_of(path);
    int dir = root;
    while (rest.len > 0) {
        char name[PATH_MAX];
        struct bytes c = next_component(&rest);
        if (c.len == 0)
            continue;
        memcpy(name, c.data, c.len);
        name[c.len] = '\0';
        int fd = step_into(dir, name, rest.len == 0 ? flags : O_PATH | O_DIRECTORY);
        int errnum = errno;
        if (dir != root)
            close(dir);
        errno = errnum;
        if (fd < 0)
            return -1;
        dir = fd;
    }
    return dir;
}

static int open_below(int root, const char *path, int flags)
{
    struct open_how how = {
        .flags = (unsigned)flags,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };
    long fd = syscall(SYS_openat2, root, path, &how, sizeof how);
    /* EPERM: what container filters of the time before openat2 answer. */
    if (fd < 0 && (errno == ENOSYS || errno == EPERM))
        return open_by_steps(root, path, flags);
    return (int)fd;
}

/* Looks for what was meant below the root only. */
static bool fail_missing(const struct file_root *root, const char *path, const char *kind,
                         struct error *err)
{
    char name[SHOWN], in[SHOWN], folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
    error_set(err, ERR_NOT_FOUND, "no %s %s in %s", kind, shown(path, name), shown(root->path, in));
    return nearby_hint_in(open_below(root->fd, folder, TO_FOLDER), path, err);
}

static bool fail_open(int errnum, const struct file_root *root, const char *path, bool folder,
                      struct error *err)
{
    char name[SHOWN];
    const char *kind = folder ? "folder" : "file";
    if (errnum == ELOOP) {
        error_set(err, ERR_INVALID, "path %s leads through a symbolic link", shown(path, name));
        return error_hint(err, "copy the %s below the project root", kind);
    }
    if (errnum == ENOENT || errnum == ENOTDIR)
        return fail_missing(root, path, kind, err);
    if (errnum == ENXIO)
        return error_set(err, ERR_INVALID, "%s is not a regular file", shown(path, name));
    return error_errno(err, errnum, "cannot open %s", shown(path, name));
}

/* `path` becomes a C string, once it is found to be allowed. */
static bool check_path(struct bytes relative, char path[PATH_MAX], struct error *err)
{
    char name[SHOWN];
    const char *problem = file_path_fault(relative);
    if (problem) {
        error_set(err, ERR_INVALID, "path %s %s", text_quoted(relative, name, sizeof name),
                  problem);
        return error_hint(err, "name a file below the project root");
    }
    memcpy(path, relative.data, relative.len);
    path[relative.len] = '\0';
    return true;
}

int file_root_read(const struct file_root *root, struct bytes relative, struct error *err)
{
    char path[PATH_MAX];
    if (!check_path(relative, path, err))
        return -1;
    int fd = open_below(root->fd, path, TO_READ);
    if (fd < 0) {
        fail_open(errno, root, path, false, err);
        return -1;
    }
    if (file_is_regular(fd, path, ERR_INVALID, err))
        return fd;
    close(fd);
    return -1;
}

int file_root_folder(const struct file_root *root, struct bytes relative, struct error *err)
{
    char path[PATH_MAX];
    if (!check_path(relative, path, err))
        return -1;
    int fd = open_below(root->fd, path, TO_FOLDER);
    if (fd < 0)
        fail_open(errno, root, path, true, err);
    return fd;
}

/* Where a link that is the file itself leads: below the root, and there to a path of the rule. */
static bool check_link(const struct file_root *root, const char *path, struct error *err)
{
    char folder[PATH_MAX], target[PATH_MAX], whole[PATH_MAX], name[SHOWN];
    int n = snprintf(whole, sizeof whole, "%s/%s", root->path, path);
    if (n < 0 || (size_t)n >= sizeof whole)
        return error_set(err, ERR_INVALID, "path %s is too long", shown(path, name));
    if (!realpath(root->path, folder) || !realpath(whole, target)) {
        error_set(err, ERR_INVALID, "path %s is a symbolic link to nothing", shown(path, name));
        return error_hint(err, "make the file it leads to, or remove the link");
    }
    size_t len = strcmp(folder, "/") == 0 ? 0 : strlen(folder);
    bool below = strncmp(target, folder, len) == 0 && target[len] == '/';
    const char *fault = below ? file_path_fault(bytes_of(target + len + 1)) : NULL;
    if (below && !fault)
        return true;
    error_set(err, ERR_INVALID, "path %s is a symbolic link %s", shown(path, name),
              below ? "to a file that cfkv does not write" : "out of the project");
    return error_hint(err, "name a file below the project root");
}

/* `path`: one that is allowed. */
static bool may_fill(const struct file_root *root, const char *path, bool made, struct error *err)
{
    int fd = open_below(root->fd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int errnum = errno;
    if (fd >= 0)
        close(fd);
    if (fd >= 0 || (errnum == ENOENT && made))
        return true;
    if (errnum == ENOENT || errnum == ENOTDIR) {
        char name[SHOWN], in[SHOWN];
        error_set(err, ERR_NOT_FOUND, "path %s is no folder in %s", shown(path, name),
                  shown(root->path, in));
        return error_hint(err, "make that folder first, or correct the path");
    }
    fail_open(errnum, root, path, true, err);
    return errnum == ELOOP ? error_hint(err, "name the folder that it leads to") : false;
}

bool file_root_may_fill(const struct file_root *root, struct bytes relative, struct error *err)
{
    char path[PATH_MAX];
    return check_path(relative, path, err) && may_fill(root, path, true, err);
}

bool file_root_may_write(const struct file_root *root, struct bytes relative, struct error *err)
{
    char path[PATH_MAX], name[SHOWN];
    struct stat st;
    if (!check_path(relative, path, err))
        return false;
    char *slash = strrchr(path, '/');
    if (slash) {
        *slash = '\0';
        if (!may_fill(root, path, false, err))
            return false;
        *slash = '/';
    }
    if (fstatat(root->fd, path, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return true;
    if (S_ISLNK(st.st_mode))
        return check_link(root, path, err);
    return S_ISREG(st.st_mode) ||
           error_set(err, ERR_INVALID, "%s is not a regular file", shown(path, name));
}

/* ---- Path text ------------------------------------------------------------------------------ */

static bool is_here(const char *path)
{
    return path[0] == '\0' || strcmp(path, ".") == 0;
}

char *path_join(struct arena *arena, const char *dir, const char *name)
{
    if (is_here(dir) || name[0] == '/')
        return arena_str(arena, is_here(name) ? "." : name);
    if (is_here(name))
        return arena_str(arena, dir);
    bool has_slash = dir[strlen(dir) - 1] == '/';
    return arena_printf(arena, has_slash ? "%s%s" : "%s/%s", dir, name);
}

char *path_parent(struct arena *arena, const char *path)
{
    size_t len = parent_len(path);
    if (len == 0)
        return arena_str(arena, ".");
    return (char *)(uintptr_t)arena_copy(arena, bytes_make(path, len)).data;
}

const char *path_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

char *path_plain(struct arena *arena, struct bytes path)
{
    char *plain = arena_alloc(arena, path.len + 1, 1);
    size_t n = 0, start = 0;
    for (size_t i = 0; i <= path.len; i++) {
        if (i < path.len && path.data[i] != '/')
            continue;
        size_t len = i - start;
        if (len > 0 && !(len == 1 && path.data[start] == '.')) {
            if (n > 0)
                plain[n++] = '/';
            memcpy(plain + n, path.data + start, len);
            n += len;
        }
        start = i + 1;
    }
    return plain;
}

char *path_real(struct arena *arena, const char *path, struct error *err)
{
    char resolved[PATH_MAX], name[SHOWN];
    if (!realpath(path, resolved)) {
        error_errno(err, errno, "cannot find %s", shown(path, name));
        return NULL;
    }
    return arena_str(arena, resolved);
}
