#include "blobs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/text.h"
#include "id_folder.h"
#include "model/model.h"

#define SHOWN 512 /* of a path, in messages */
#define MARK  "cfkv.writing"

/* ---- Opening --------------------------------------------------------------------------------- */

static bool fail_at(const struct blobs *b, const char *what, struct error *err)
{
    char name[SHOWN];
    return error_errno(err, errno, "cannot %s %s", what,
                       text_quoted(bytes_of(b->path), name, sizeof name));
}

/* An open folder, or -1 in `*fd` when there is none. */
static bool folder_open(const struct blobs *b, int at, const char *name, int *fd, struct error *err)
{
    *fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *fd >= 0 || errno == ENOENT || errno == ENOTDIR || fail_at(b, "open", err);
}

/* Opens what is there. */
static bool open_folders(struct blobs *b, size_t home, struct error *err)
{
    b->path[home] = '\0';
    bool ok = (b->home >= 0 || folder_open(b, AT_FDCWD, b->path, &b->home, err)) &&
              (b->home < 0 || folder_open(b, b->home, "blobs", &b->folder, err));
    b->path[home] = '/';
    return ok;
}

bool blobs_open(struct blobs *b, const char *kv, struct bytes id, bool create, struct error *err)
{
    struct id_folder f = {0};
    struct buf path = {0};
    *b = (struct blobs){.home = -1, .folder = -1};
    bool possible = id_folder_find(&f, id), ok = true;
    buf_addf(&path, "%s/", kv);
    buf_add_bytes(&path, buf_bytes(&f.name));
    size_t home = path.len;
    buf_add_str(&path, "/blobs");
    b->path = path.data;
    b->shared = f.shared;
    if (possible)
        ok = open_folders(b, home, err);
    b->never = !possible || (f.hidden && b->home < 0);
    if (ok && create && b->never)
        ok = id_folder_refuse(id, err);
    else if (ok && create && b->folder < 0)
        ok = file_make_dirs(b->path, 0777, err) && open_folders(b, home, err);
    id_folder_release(&f);
    return ok;
}

void blobs_close(struct blobs *b)
{
    if (b->folder >= 0)
        close(b->folder);
    if (b->home >= 0)
        close(b->home);
    mem_free(b->path);
    *b = (struct blobs){.home = -1, .folder = -1};
}

/* ---- Names ----------------------------------------------------------------------------------- */

bool blob_series_start(struct blob_series *series, struct error *err)
{
    unsigned char random[24];
    if (!hash_random(random, sizeof random))
        return error_set(err, ERR_IO, "the system gives no random bytes");
    for (size_t i = 0; i < sizeof random; i++)
        snprintf(series->hex + 2 * i, 3, "%02x", random[i]);
    return true;
}

void blob_name(const struct blob_series *series, size_t i, char out[BLOB_NAME_SIZE])
{
    snprintf(out, BLOB_NAME_SIZE, BLOB_PREFIX "%s%016zx", series->hex, i);
}

/* Copies the name of a blob in a database; false when no file in the folder can be called so. */
static bool name_copy(struct bytes name, char out[256])
{
    if (name.len == 0 || name.len > 255 || memchr(name.data, '/', name.len) ||
        memchr(name.data, '\0', name.len))
        return false;
    memcpy(out, name.data, name.len);
    out[name.len] = '\0';
    return strcmp(out, ".") != 0 && strcmp(out, "..") != 0;
}

/* ---- Blobs ----------------------------------------------------------------------------------- */

static int create_fd(const struct blobs *b, const char *name)
{
    return openat(b->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
}

/* Closes a new blob, and takes it away when it is not whole. */
static bool create_end(const struct blobs *b, const char *name, int fd, bool ok, struct error *err)
{
    if (close(fd) != 0 && ok)
        ok = fail_at(b, "write a file in", err);
    if (!ok)
        unlinkat(b->folder, name, 0);
    return ok;
}

bool blob_create(const struct blobs *b, const char *name, struct bytes value, struct error *err)
{
    int fd = FAULT("blob.create") ? -1 : create_fd(b, name);
    if (fd < 0)
        return fail_at(b, "create a file in", err);
    return create_end(b, name, fd, file_write_fd(fd, b->path, value, err), err);
}

/* -1 with errno ENOENT when there is none. It may be anything: blob_read asks. */
static int blob_fd(const struct blobs *b, struct bytes name)
{
    char file[256];
    if (b->folder < 0 || !name_copy(name, file)) {
        errno = ENOENT;
        return -1;
    }
    return openat(b->folder, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
}

/* A FIFO or a device is no value: reading it might never end. */
static bool check_blob(const struct blobs *b, int fd, struct bytes name, struct error *err)
{
    struct stat st;
    struct buf path = {0};
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        return true;
    buf_addf(&path, "%s/%.*s", b->path, BYTES_FMT(name));
    bool ok = file_is_regular(fd, path.data, ERR_IO, err);
    buf_release(&path);
    return ok;
}

#define PAGE 4096

bool blob_read(const struct blobs *b, struct bytes name, struct buf *out, bool *found,
               struct error *err)
{
    int fd = blob_fd(b, name);
    *found = fd >= 0;
    if (fd < 0)
        return errno == ENOENT || fail_at(b, "open a file in", err);
    bool ok = check_blob(b, fd, name, err);
    if (ok) {
        /* Most values are less than a page, which comes whole or not at all: one read, where others
         * ask for the size first and for the end afterwards. */
        ssize_t n;
        buf_reserve(out, PAGE);
        do
            n = read(fd, out->data + out->len, PAGE);
        while (n < 0 && errno == EINTR);
        ok = n >= 0 || fail_at(b, "read a file in", err);
        out->len += ok ? (size_t)n : 0;
        out->data[out->len] = '\0';
        ok = ok && (n < PAGE || file_read_fd(fd, b->path, KV_VALUE_MAX, out, err));
    }
    close(fd);
    return ok;
}

/* As much as there is, up to `size`; -1 when it cannot be read. */
static ssize_t read_full(int fd, char *data, size_t size)
{
    size_t got = 0;
    while (got < size) {
        ssize_t n = read(fd, data + got, size - got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        got += (size_t)n;
    }
    return (ssize_t)got;
}

static bool blob_copy(const struct blobs *b, const char *name, int from, struct error *err)
{
    char piece[65536];
    ssize_t n;
    bool ok = true;
    int fd = create_fd(b, name);
    if (fd < 0)
        return fail_at(b, "create a file in", err);
    while (ok && (n = read_full(from, piece, sizeof piece)) != 0)
        ok = n > 0 ? file_write_fd(fd, b->path, bytes_make(piece, (size_t)n), err)
                   : fail_at(b, "copy a file to", err);
    return create_end(b, name, fd, ok, err);
}

bool blob_take(const struct blobs *b, const char *name, const struct blobs *from,
               struct bytes theirs, bool *found, struct error *err)
{
    char file[256];
    int fd = blob_fd(from, theirs); /* opened, because a link to a link is not wanted */
    *found = fd >= 0;
    if (fd < 0)
        return errno == ENOENT || fail_at(from, "open a file in", err);
    bool ok = check_blob(from, fd, theirs, err);
    if (ok && FAULT("blob.create"))
        ok = fail_at(b, "create a file in", err);
    else if (ok)
        ok = (name_copy(theirs, file) && linkat(from->folder, file, b->folder, name, 0) == 0) ||
             blob_copy(b, name, fd, err);
    close(fd);
    return ok;
}

bool blob_exists(const struct blobs *b, struct bytes name)
{
    int fd = blob_fd(b, name);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

bool blob_same(const struct blobs *a, struct bytes name_a, const struct blobs *b,
               struct bytes name_b)
{
    char left[8192], right[8192];
    struct stat x, y;
    int fd = blob_fd(a, name_a), other = blob_fd(b, name_b);
    bool same = fd >= 0 && other >= 0 && fstat(fd, &x) == 0 && fstat(other, &y) == 0 &&
                S_ISREG(x.st_mode) && S_ISREG(y.st_mode) && x.st_size == y.st_size;
    bool linked = same && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
    for (ssize_t n = 1, m; same && !linked && n > 0;) {
        n = read_full(fd, left, sizeof left);
        m = read_full(other, right, sizeof right);
        same = n >= 0 && n == m && memcmp(left, right, (size_t)n) == 0;
    }
    if (fd >= 0)
        close(fd);
    if (other >= 0)
        close(other);
    return same;
}

bool blob_unlink(const struct blobs *b, const char *name)
{
    if (FAULT("blob.unlink"))
        return false;
    return unlinkat(b->folder, name, 0) == 0 || errno == ENOENT;
}

bool blobs_each(const struct blobs *b, const char *prefix, blob_each_fn each, void *ctx,
                struct error *err)
{
    int fd = openat(b->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;
    bool ok = true;
    if (!dir) {
        fail_at(b, "list", err);
        if (fd >= 0)
            close(fd);
        return false;
    }
    while (ok && (errno = 0, entry = readdir(dir)) != NULL)
        if (entry->d_name[0] != '.' && strncmp(entry->d_name, prefix, strlen(prefix)) == 0)
            ok = each(ctx, entry->d_name, err);
    if (ok && errno != 0)
        ok = fail_at(b, "list", err);
    closedir(dir);
    return ok;
}

/* ---- The mark -------------------------------------------------------------------------------- */

bool blobs_marked(const struct blobs *b)
{
    return b->home >= 0 && faccessat(b->home, MARK, F_OK, 0) == 0;
}

bool blobs_mark(const struct blobs *b, struct error *err)
{
    int fd = FAULT("store.mark")
                 ? -1
                 : openat(b->home, MARK, O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0666);
    if (fd < 0)
        return fail_at(b, "create a file beside", err);
    close(fd);
    return true;
}

void blobs_unmark(const struct blobs *b)
{
    /* A mark that stays costs the next write one look through the folder, nothing else. */
    if (!FAULT("store.unmark"))
        unlinkat(b->home, MARK, 0);
}

void blobs_remove_folder(const struct blobs *b)
{
    if (unlinkat(b->home, "blobs", AT_REMOVEDIR) != 0)
        return;
    b->path[strlen(b->path) - strlen("/blobs")] = '\0';
    rmdir(b->path);
}
