#define ZLIB_CONST 1 /* zlib reads its input, no more */
#include "gzip.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <unistd.h>
#include <zlib.h>

#include "buf.h"
#include "file.h"
#include "mem.h"
#include "text.h"

#define CHUNK  ((size_t)64 * 1024)
#define GZIP   (MAX_WBITS + 16) /* of zlib: gzip's header and trailer, not its own */
#define MEMORY 8                /* of zlib: its default */
#define SHOWN  512

static void *take_memory(void *unused, unsigned count, unsigned size)
{
    (void)unused;
    return mem_zalloc(count, size);
}

static void give_memory(void *unused, void *data)
{
    (void)unused;
    mem_free(data);
}

/* ---- Reading --------------------------------------------------------------------------------- */

struct gzip_reader {
    int fd;
    const char *name;
    enum { UNKNOWN, PLAIN, PACKED } kind;
    bool in_member; /* between the header and the trailer of one */
    uint64_t taken; /* bytes of the file that were read into the chunk */
    size_t at, len; /* what is left of the chunk */
    z_stream z;
    unsigned char chunk[CHUNK];
};

struct gzip_reader *gzip_reader_open(int fd, const char *name)
{
    struct gzip_reader *r = mem_alloc(sizeof *r);
    *r = (struct gzip_reader){.fd = fd, .name = name};
    r->z.zalloc = take_memory;
    r->z.zfree = give_memory;
    return r;
}

void gzip_reader_close(struct gzip_reader *r)
{
    if (!r)
        return;
    inflateEnd(&r->z); /* harmless where it never began */
    close(r->fd);
    mem_free(r);
}

static bool read_some(struct gzip_reader *r, void *to, size_t size, size_t *n, struct error *err)
{
    char name[SHOWN];
    ssize_t got;
    do
        got = read(r->fd, to, size);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return error_errno(err, errno, "cannot read %s",
                           text_quoted(bytes_of(r->name), name, sizeof name));
    *n = (size_t)got;
    r->taken += *n;
    return true;
}

/* Fills the chunk behind what is left of it, at least to `want` bytes unless the file ends. */
static bool fill(struct gzip_reader *r, size_t want, struct error *err)
{
    size_t n = 1;
    if (r->len > 0 && r->at > 0)
        memmove(r->chunk, r->chunk + r->at, r->len);
    r->at = 0;
    while (r->len < want && n > 0) {
        if (!read_some(r, r->chunk + r->len, CHUNK - r->len, &n, err))
            return false;
        r->len += n;
    }
    return true;
}

static bool broken(const struct gzip_reader *r, const char *what, struct error *err)
{
    char name[SHOWN];
    return error_set(err, ERR_FORMAT, "cannot inflate %s: at byte %llu of the compressed file: %s",
                     text_quoted(bytes_of(r->name), name, sizeof name),
                     (unsigned long long)(r->taken - r->len), what);
}

/* At the start of the file or behind a member: what comes next? */
static bool look(struct gzip_reader *r, struct error *err)
{
    if (r->len < 2 && !fill(r, 2, err))
        return false;
    if (r->len >= 2 && memcmp(r->chunk + r->at, "\x1F\x8B", 2) == 0) {
        int status = r->kind == PACKED ? inflateReset(&r->z) : inflateInit2(&r->z, GZIP);
        if (status != Z_OK)
            mem_exhausted();
        r->kind = PACKED;
        r->in_member = true;
        return true;
    }
    if (r->kind == PACKED)
        return r->len == 0 || broken(r, "something follows the compressed data", err);
    r->kind = PLAIN;
    return true;
}

static bool read_plain(struct gzip_reader *r, void *to, size_t size, size_t *n, struct error *err)
{
    if (r->len == 0)
        return read_some(r, to, size, n, err);
    *n = size < r->len ? size : r->len;
    memcpy(to, r->chunk + r->at, *n);
    r->at += *n;
    r->len -= *n;
    return true;
}

/* One call of zlib, with some input; may give nothing. */
static bool inflate_some(struct gzip_reader *r, void *to, size_t size, size_t *n, struct error *err)
{
    if (r->len == 0 && !fill(r, 1, err))
        return false;
    if (r->len == 0)
        return broken(r, "it ends too early", err);
    r->z.next_in = r->chunk + r->at;
    r->z.avail_in = (unsigned)r->len;
    r->z.next_out = to;
    r->z.avail_out = (unsigned)size;
    int status = inflate(&r->z, Z_NO_FLUSH);
    *n = size - r->z.avail_out;
    r->at += r->len - r->z.avail_in;
    r->len = r->z.avail_in;
    r->in_member = status != Z_STREAM_END;
    if (status == Z_MEM_ERROR)
        mem_exhausted();
    return status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR ||
           broken(r, r->z.msg ? r->z.msg : "it is damaged", err);
}

static bool read_packed(struct gzip_reader *r, void *to, size_t size, size_t *n, struct error *err)
{
    while (*n == 0) {
        if (!r->in_member && !look(r, err))
            return false;
        if (!r->in_member)
            return true; /* the end */
        if (!inflate_some(r, to, size, n, err))
            return false;
    }
    return true;
}

bool gzip_read(struct gzip_reader *r, void *to, size_t size, size_t *n, struct error *err)
{
    *n = 0;
    if (size == 0)
        return true;
    if (size > INT_MAX)
        size = INT_MAX; /* zlib counts in unsigned int */
    if (r->kind == UNKNOWN && !look(r, err))
        return false;
    return r->kind == PLAIN ? read_plain(r, to, size, n, err) : read_packed(r, to, size, n, err);
}

/* ---- Writing --------------------------------------------------------------------------------- */

struct gzip_writer {
    int fd;
    const char *name;
    z_stream z;
    unsigned char chunk[CHUNK];
};

struct gzip_writer *gzip_writer_open(int fd, const char *name)
{
    struct gzip_writer *w = mem_alloc(sizeof *w);
    *w = (struct gzip_writer){.fd = fd, .name = name};
    w->z.zalloc = take_memory;
    w->z.zfree = give_memory;
    if (deflateInit2(&w->z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP, MEMORY, Z_DEFAULT_STRATEGY) !=
        Z_OK)
        mem_exhausted();
    return w;
}

/* Deflates what z.next_in holds; with Z_FINISH to the end. Its memory was taken when it began. */
static bool deflate_all(struct gzip_writer *w, int flush, struct error *err)
{
    do {
        w->z.next_out = w->chunk;
        w->z.avail_out = CHUNK;
        deflate(&w->z, flush);
        struct bytes out = bytes_make((const char *)w->chunk, CHUNK - w->z.avail_out);
        if (out.len > 0 && !file_write_fd(w->fd, w->name, out, err))
            return false;
    } while (w->z.avail_out == 0);
    return true;
}

bool gzip_write(struct gzip_writer *w, struct bytes data, struct error *err)
{
    while (data.len > 0) {
        size_t n = data.len > INT_MAX ? INT_MAX : data.len;
        w->z.next_in = (const unsigned char *)data.data;
        w->z.avail_in = (unsigned)n;
        if (!deflate_all(w, Z_NO_FLUSH, err))
            return false;
        data = bytes_make(data.data + n, data.len - n);
    }
    return true;
}

bool gzip_writer_finish(struct gzip_writer *w, struct error *err)
{
    w->z.next_in = NULL;
    w->z.avail_in = 0;
    bool ok = deflate_all(w, Z_FINISH, err);
    gzip_writer_abandon(w);
    return ok;
}

void gzip_writer_abandon(struct gzip_writer *w)
{
    if (!w)
        return;
    deflateEnd(&w->z);
    mem_free(w);
}
