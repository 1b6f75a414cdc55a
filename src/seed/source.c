/*
 * source.c: what a command line names: a file, a folder, standard input.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/nearby.h"
#include "base/text.h"
#include "reader.h"

#define SHOWN 256

struct seed_source {
    int fd;
    off_t start; /* in the file, of the content */
    struct bulk_decl bulk;
    char path[];
};

static const char *shown(const struct seed_source *s, char out[SHOWN])
{
    return text_quoted(bytes_of(s->path), out, SHOWN);
}

/* ---- Opening --------------------------------------------------------------------------------- */

/* What cannot be read twice is copied to a file that can: as it comes, compressed or not. */
static bool copy_to_spool(int from, int to, const char *name, struct error *err)
{
    char *chunk = mem_alloc(SEED_CHUNK);
    ssize_t n = 1;
    bool ok = true;
    while (ok && n != 0) {
        n = read(from, chunk, SEED_CHUNK);
        if (n < 0 && errno != EINTR)
            ok = error_errno(err, errno, "cannot read %s", name);
        else if (n > 0 && !file_write_fd(to, "a temporary file", bytes_make(chunk, (size_t)n), err))
            ok = error_hint(err, "set TMPDIR to a folder with room for all of %s", name);
    }
    mem_free(chunk);
    return ok;
}

static bool spool(struct seed_source *s, struct error *err)
{
    char name[SHOWN];
    int copy = file_temporary(err);
    if (copy < 0)
        return false;
    bool ok = copy_to_spool(s->fd, copy, shown(s, name), err);
    close(s->fd);
    s->fd = copy;
    return ok;
}

static bool check_kind(const struct seed_source *s, bool is_folder, struct error *err)
{
    char name[SHOWN];
    enum source_format format = s->bulk.format;
    if (is_folder)
        return format == SOURCE_DIR || format == SOURCE_DETECT ||
               error_set(err, ERR_INVALID, "%s is a folder", shown(s, name));
    return format != SOURCE_DIR || error_set(err, ERR_INVALID, "%s is no folder", shown(s, name));
}

/* Looks at what was opened, and makes that it can be read again. */
static bool settle(struct seed_source *s, struct error *err)
{
    char name[SHOWN];
    struct stat st;
    if (fstat(s->fd, &st) != 0)
        return error_errno(err, errno, "cannot examine %s", shown(s, name));
    if (!check_kind(s, S_ISDIR(st.st_mode), err))
        return false;
    if (S_ISDIR(st.st_mode)) {
        s->bulk.format = SOURCE_DIR;
        return true;
    }
    s->start = S_ISREG(st.st_mode) ? lseek(s->fd, 0, SEEK_CUR) : -1;
    if (s->start >= 0)
        return true;
    s->start = 0;
    return spool(s, err);
}

/* ---- Its format ------------------------------------------------------------------------------ */

static bool ends_in(struct bytes name, const char *suffix)
{
    size_t n = strlen(suffix);
    return name.len > n && strncasecmp(name.data + name.len - n, suffix, n) == 0;
}

static enum source_format format_of_name(struct bytes name)
{
    static const struct {
        const char *suffix;
        enum source_format format;
    } known[] = {{".json", SOURCE_JSON},
                 {".jsonl", SOURCE_JSONL},
                 {".ndjson", SOURCE_JSONL},
                 {".csv", SOURCE_CSV}};
    if (ends_in(name, ".gz"))
        name.len -= strlen(".gz");
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (ends_in(name, known[i].suffix))
            return known[i].format;
    return SOURCE_DETECT;
}

/* The first byte of a chunk that is not white space; 0: there is none. */
static char first_byte(struct bytes b)
{
    for (size_t i = 0; i < b.len; i++)
        if (!strchr(" \t\r\n", b.data[i]))
            return b.data[i];
    return '\0';
}

int source_open_again(const struct seed_source *s, struct error *err)
{
    char name[SHOWN];
    bool is_folder = s->bulk.format == SOURCE_DIR;
    int fd = is_folder ? openat(s->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
                       : fcntl(s->fd, F_DUPFD_CLOEXEC, 0);
    if (fd >= 0 && (is_folder || lseek(fd, s->start, SEEK_SET) >= 0))
        return fd;
    error_errno(err, errno, "cannot read %s again", shown(s, name));
    if (fd >= 0)
        close(fd);
    return -1;
}

static bool look_inside(struct seed_source *s, struct error *err)
{
    char name[SHOWN];
    struct input in;
    int fd = source_open_again(s, err);
    if (fd < 0)
        return false;
    input_open(&in, fd, s->path);
    bool ok = input_fill(&in, err);
    char first = ok ? first_byte(input_left(&in)) : '\0';
    input_close(&in);
    if (!ok)
        return false;
    if (first == '[' || first == '{') {
        s->bulk.format = first == '[' ? SOURCE_JSON : SOURCE_JSONL;
        return true;
    }
    error_set(err, ERR_INVALID, "cannot tell the format of %s", shown(s, name));
    return error_hint(err, "say it with --format json, jsonl or csv");
}

static bool detect(struct seed_source *s, struct error *err)
{
    if (s->bulk.format == SOURCE_DETECT)
        s->bulk.format = format_of_name(bytes_of(s->path));
    return s->bulk.format != SOURCE_DETECT || look_inside(s, err);
}

/* ---- What a caller sees ---------------------------------------------------------------------- */

static struct seed_source *new_source(const char *path, enum source_format format)
{
    size_t size = strlen(path) + 1;
    struct seed_source *s = mem_zalloc(1, sizeof *s + size);
    memcpy(s->path, path, size);
    s->fd = -1;
    s->bulk = (struct bulk_decl){.format = format, .path = bytes_of(s->path)};
    return s;
}

struct seed_source *seed_source_open(const char *path, enum source_format format, struct error *err)
{
    char name[SHOWN];
    bool is_stdin = strcmp(path, "-") == 0;
    struct seed_source *s = new_source(is_stdin ? "stdin" : path, format);
    s->fd = is_stdin ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : file_open_input(path, err);
    bool ok = s->fd >= 0;
    if (!ok && is_stdin)
        error_errno(err, errno, "cannot open %s", shown(s, name));
    if (!ok && err->code == ERR_NOT_FOUND && !*err->hint)
        error_hint(err, FILE_HERE_HINT);
    if (ok && settle(s, err) && detect(s, err))
        return s;
    seed_source_close(s);
    return NULL;
}

void seed_source_close(struct seed_source *s)
{
    if (!s)
        return;
    if (s->fd >= 0)
        close(s->fd);
    mem_free(s);
}

const char *seed_source_path(const struct seed_source *s)
{
    return s->path;
}

struct seed_reader *seed_source_read(struct seed_source *s, struct error *err)
{
    int fd = source_open_again(s, err);
    if (fd < 0)
        return NULL;
    return s->bulk.format == SOURCE_DIR ? seed_open_folder(fd, &s->bulk, false, err)
                                        : seed_open_fd(fd, &s->bulk);
}
