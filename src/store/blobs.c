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
#include "model/model.h"

#define SHOWN 512 /* of a path, in messages */
#define MARK  "cfkv.writing"

/* ---- Folders that ids name ------------------------------------------------------------------- */

/* What miniflare's sanitisePath replaces, beside control characters, dots and outer spaces. */
static bool illegal_byte(char c)
{
    return (unsigned char)c < 0x20 || strchr("?<>*\"'^/\\:|", c) != NULL;
}

/* U+0080 to U+009F, which sanitisePath replaces too. */
static bool has_c1_control(struct bytes id)
{
    for (size_t i = 0; i + 1 < id.len; i++)
        if ((unsigned char)id.data[i] == 0xc2 && (unsigned char)id.data[i + 1] < 0xa0)
            return true;
    return false;
}

/* Names that Windows keeps for devices, with or without an extension. */
static bool windows_device(struct bytes id)
{
    static const char *const names[] = {"con", "prn", "aux", "nul", "com", "lpt"};
    char start[4] = {0};
    for (size_t i = 0; i < 3 && i < id.len; i++)
        start[i] = (char)(id.data[i] | 0x20);
    size_t i = 0;
    while (i < 6 && strcmp(start, names[i]) != 0)
        i++;
    if (i == 6)
        return false;
    size_t end = i < 4 ? 3 : 4; /* com and lpt take a digit */
    if (end == 4 && (id.len < 4 || id.data[3] < '0' || id.data[3] > '9'))
        return false;
    return id.len == end || id.data[end] == '.';
}

static bool names_folder(struct bytes id)
{
    bool dots = true;
    if (id.len == 0 || id.len > 255 || id.data[0] == ' ' || id.data[id.len - 1] == ' ')
        return false;
    for (size_t i = 0; i < id.len; i++) {
        if (illegal_byte(id.data[i]))
            return false;
        dots = dots && id.data[i] == '.';
    }
    return !dots && utf8_valid(id) && !has_c1_control(id) && !windows_device(id);
}

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

static bool folders_open(struct blobs *b, const char *home, struct error *err)
{
    if (!folder_open(b, AT_FDCWD, home, &b->home, err))
        return false;
    return b->home < 0 || folder_open(b, b->home, "blobs", &b->folder, err);
}

bool blobs_open(struct blobs *b, const char *kv, struct bytes id, bool create, struct error *err)
{
    char name[SHOWN];
    struct buf path = {0};
    *b = (struct blobs){.home = -1, .folder = -1};
    if (!names_folder(id))
        return error_set(err, ERR_LIMIT, "the namespace id %s cannot name a folder",
                         text_quoted(id, name, sizeof name));
    buf_addf(&path, "%s/", kv);
    buf_add_bytes(&path, id);
    size_t home = path.len;
    buf_add_str(&path, "/blobs");
    b->path = path.data;
    if (create && !file_make_dirs(b->path, 0777, err))
        return false;
    b->path[home] = '\0';
    bool ok = folders_open(b, b->path, err);
    b->path[home] = '/';
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

/* Most values are less than a page, which comes whole or not at all: one read, where others ask for
 * the size first and for the end afterwards. */
static bool read_small(const struct blobs *b, int fd, struct buf *out, bool *whole,
                       struct error *err)
{
    ssize_t n;
    buf_reserve(out, PAGE);
    do
        n = read(fd, out->data + out->len, PAGE);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return fail_at(b, "read a file in", err);
    out->len += (size_t)n;
    out->data[out->len] = '\0';
    *whole = n < PAGE;
    return true;
}

bool blob_read(const struct blobs *b, struct bytes name, struct buf *out, bool *found,
               struct error *err)
{
    bool whole = false;
    int fd = blob_fd(b, name);
    *found = fd >= 0;
    if (fd < 0)
        return errno == ENOENT || fail_at(b, "open a file in", err);
    bool ok = check_blob(b, fd, name, err) && read_small(b, fd, out, &whole, err) &&
              (whole || file_read_fd(fd, b->path, KV_VALUE_MAX, out, err));
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

static bool copy_all(const struct blobs *b, int to, int from, struct error *err)
{
    char piece[65536];
    ssize_t n;
    while ((n = read_full(from, piece, sizeof piece)) > 0)
        if (!file_write_fd(to, b->path, bytes_make(piece, (size_t)n), err))
            return false;
    return n == 0 || fail_at(b, "copy a file to", err);
}

static bool blob_copy(const struct blobs *b, const char *name, int from, struct error *err)
{
    int fd = create_fd(b, name);
    if (fd < 0)
        return fail_at(b, "create a file in", err);
    return create_end(b, name, fd, copy_all(b, fd, from, err), err);
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

static bool files_same(int a, int b)
{
    char x[8192], y[8192];
    ssize_t n, m;
    do {
        n = read_full(a, x, sizeof x);
        m = read_full(b, y, sizeof y);
        if (n < 0 || n != m || memcmp(x, y, (size_t)n) != 0)
            return false;
    } while (n > 0);
    return true;
}

static bool sizes_same(int a, int b)
{
    struct stat x, y;
    return fstat(a, &x) == 0 && fstat(b, &y) == 0 && S_ISREG(x.st_mode) && S_ISREG(y.st_mode) &&
           x.st_size == y.st_size;
}

bool blob_same(const struct blobs *a, struct bytes name_a, const struct blobs *b,
               struct bytes name_b)
{
    int x = blob_fd(a, name_a);
    int y = blob_fd(b, name_b);
    bool same = x >= 0 && y >= 0 && sizes_same(x, y) && files_same(x, y);
    if (x >= 0)
        close(x);
    if (y >= 0)
        close(y);
    return same;
}

bool blob_unlink(const struct blobs *b, const char *name)
{
    if (FAULT("blob.unlink"))
        return false;
    return unlinkat(b->folder, name, 0) == 0 || errno == ENOENT;
}

static bool each_in(DIR *dir, const struct blobs *b, const char *prefix, blob_each_fn each,
                    void *ctx, struct error *err)
{
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(dir);
        if (!entry)
            return errno == 0 || fail_at(b, "list", err);
        if (entry->d_name[0] == '.' || strncmp(entry->d_name, prefix, strlen(prefix)) != 0)
            continue;
        if (!each(ctx, entry->d_name, err))
            return false;
    }
}

bool blobs_each(const struct blobs *b, const char *prefix, blob_each_fn each, void *ctx,
                struct error *err)
{
    int fd = openat(b->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        fail_at(b, "list", err);
        if (fd >= 0)
            close(fd);
        return false;
    }
    bool ok = each_in(dir, b, prefix, each, ctx, err);
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
