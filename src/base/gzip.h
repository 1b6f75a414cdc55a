/*
 * gzip.h: files that may be compressed. The only includer of zlib.
 *
 * Reading takes both: what begins with the magic bytes of gzip is inflated (several members in a
 * row too), all else is given as it is. A compressed file that ends too early or fails its checksum
 * is ERR_FORMAT, never a short file.
 *
 * Over inflate and deflate, not over zlib's gzread and gzwrite: gzread ends without a word at what
 * follows the last member (tried with 1.2.13), so that a damaged second member is a short file, and
 * gzwrite writes past the fault point of file.h.
 */
#ifndef CFKV_BASE_GZIP_H
#define CFKV_BASE_GZIP_H

#include "bytes.h"
#include "error.h"

struct gzip_reader;

/* Takes over `fd` (closed by gzip_reader_close); `name` is for messages and is borrowed. */
struct gzip_reader *gzip_reader_open(int fd, const char *name);

/* Up to `size` bytes into `to`; `*n` is 0 only at the end. */
bool gzip_read(struct gzip_reader *r, void *to, size_t size, size_t *n, struct error *err);
void gzip_reader_close(struct gzip_reader *r); /* NULL is fine */

struct gzip_writer;

/* Compresses onto `fd`, which stays the caller's. The same input gives the same bytes (no name, no
 * time). Fault point "file.write". */
struct gzip_writer *gzip_writer_open(int fd, const char *name);
bool gzip_write(struct gzip_writer *w, struct bytes data, struct error *err);

/* Writes what is pending and the trailer. Frees `w` in any case. */
bool gzip_writer_finish(struct gzip_writer *w, struct error *err);
void gzip_writer_abandon(struct gzip_writer *w); /* NULL is fine */

#endif
