#define _GNU_SOURCE 1 /* memmem */
#include "state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "change.h"

struct state_file {
    struct arena arena;
    const char *path; /* where a link points to */
    const char *journal;
    bool linked;
    int fd; /* of the journal, once something was appended; -1 before */
};

char *state_path_for(struct arena *arena, const char *config)
{
    size_t len = strlen(config);
    bool lua = strlen(path_name(config)) > 4 && strcmp(config + len - 4, ".lua") == 0;
    return arena_printf(arena, "%.*s.state.json", (int)(lua ? len - 4 : len), config);
}

static bool is_link(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
}

char *state_path_followed(struct arena *arena, const char *path, struct error *err)
{
    char name[512];
    if (!is_link(path))
        return arena_str(arena, path);
    char *real = path_real(arena, path, err);
    if (!real && err->code == ERR_NOT_FOUND) {
        error_set(err, ERR_NOT_FOUND, "%s is a link to a file that does not exist",
                  text_quoted(bytes_of(path), name, sizeof name));
        error_hint(err, "restore what it points to, or remove the link");
    }
    return real;
}

/* ---- Loading --------------------------------------------------------------------------------- */

static bool read_if_there(const char *path, struct buf *out, struct error *err)
{
    if (file_read(path, STATE_SIZE_MAX, out, err))
        return true;
    return err->code == ERR_NOT_FOUND;
}

/* The line that ends a journal whose lines are in `document`. */
static void folded_line(struct bytes document, struct buf *line)
{
    change_print(&(struct change){.op = OP_FOLDED, .digest = hash_sha256(document)}, line);
}

/* Where `line` starts in the journal the last time; 0 when it is not there. */
static size_t last_line(struct bytes journal, struct bytes line)
{
    const char *at = journal.data, *end = journal.data + journal.len;
    size_t last = 0;
    while (at < end && (at = memmem(at, (size_t)(end - at), line.data, line.len))) {
        if (at == journal.data || at[-1] == '\n')
            last = (size_t)(at - journal.data);
        at += line.len;
    }
    return last;
}

/* Takes the lines out of the journal that are in the document. The one that says so stays: there is
 * still a journal to drop. */
static void drop_folded(struct bytes document, struct buf *journal, size_t start)
{
    struct buf line = {0};
    folded_line(document, &line);
    size_t n = last_line(bytes_make(journal->data + start, journal->len - start), buf_bytes(&line));
    if (n > 0) {
        /* With the NUL behind it. */
        memmove(journal->data + start, journal->data + start + n, journal->len - start - n + 1);
        journal->len -= n;
    }
    buf_release(&line);
}

/* `found` is what was read of the document. */
static bool check_damage(const struct state_file *f, struct bytes found, struct error *err)
{
    char name[512];
    if (found.len > 0 || !file_exists(f->path))
        return true;
    error_set(err, ERR_FORMAT, "state %s is damaged: it is empty",
              text_quoted(bytes_of(f->path), name, sizeof name));
    return error_hint(err, "restore it from version control or a backup; only if there is none, "
                           "remove it: everything declared is then adopted or created");
}

static bool load(void *ctx, struct buf *document, struct buf *journal, struct error *err)
{
    const struct state_file *f = ctx;
    size_t document_start = document->len, journal_start = journal->len;
    if (!read_if_there(f->path, document, err) || !read_if_there(f->journal, journal, err))
        return false;
    struct bytes loaded = bytes_make(document->data ? document->data + document_start : NULL,
                                     document->len - document_start);
    if (!check_damage(f, loaded, err))
        return false;
    if (journal->len > journal_start)
        drop_folded(loaded, journal, journal_start);
    return true;
}

/* ---- Appending ------------------------------------------------------------------------------- */

static bool fail(const struct state_file *f, const char *what, struct error *err)
{
    char name[512];
    return error_errno(err, errno, "cannot %s %s", what,
                       text_quoted(bytes_of(f->journal), name, sizeof name));
}

/* Where the last whole line ends. */
static bool lines_end(const struct state_file *f, off_t size, off_t *end, struct error *err)
{
    char block[4096];
    while (size > 0) {
        size_t n = size < (off_t)sizeof block ? (size_t)size : sizeof block;
        ssize_t got = pread(f->fd, block, n, size - (off_t)n);
        if (got != (ssize_t)n) {
            errno = got < 0 ? errno : EIO;
            return fail(f, "read", err);
        }
        while (n > 0 && block[n - 1] != '\n') {
            n--;
            size--;
        }
        if (n > 0)
            break;
    }
    *end = size;
    return true;
}

/* A line that a killed run left unfinished must not become the start of ours. */
static bool trim(const struct state_file *f, struct error *err)
{
    struct stat st;
    off_t end;
    if (fstat(f->fd, &st) != 0)
        return fail(f, "examine", err);
    if (!lines_end(f, st.st_size, &end, err))
        return false;
    if (end < st.st_size && (FAULT("state.journal.trim") || ftruncate(f->fd, end) != 0))
        return fail(f, "shorten", err);
    return true;
}

static void shut(struct state_file *f)
{
    if (f->fd >= 0)
        close(f->fd);
    f->fd = -1;
}

static bool open_journal(struct state_file *f, struct error *err)
{
    if (f->fd >= 0)
        return true;
    f->fd = FAULT("state.journal.create")
                ? -1
                : open(f->journal, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (f->fd < 0)
        return fail(f, "open", err);
    return file_is_regular(f->fd, f->journal, ERR_IO, err) && trim(f, err) &&
           file_sync_parent(f->journal, err);
}

static bool append(void *ctx, struct bytes lines, struct error *err)
{
    struct state_file *f = ctx;
    if (open_journal(f, err) && file_append_sync(f->fd, f->journal, lines, err))
        return true;
    shut(f); /* a part may be written: the next call trims it */
    return false;
}

/* ---- Saving ---------------------------------------------------------------------------------- */

static bool drop_journal(struct state_file *f, struct error *err)
{
    shut(f);
    if (!file_exists(f->journal))
        return true;
    if (FAULT("state.journal.drop") || (unlink(f->journal) != 0 && errno != ENOENT))
        return fail(f, "remove", err);
    return file_sync_parent(f->journal, err);
}

static bool end_journal(struct state_file *f, struct bytes document, struct error *err)
{
    struct buf line = {0};
    folded_line(document, &line);
    bool ok = append(f, buf_bytes(&line), err);
    buf_release(&line);
    return ok;
}

static bool save(void *ctx, struct bytes document, struct error *err)
{
    struct state_file *f = ctx;
    if (file_exists(f->journal) && !end_journal(f, document, err))
        return false;
    return (f->linked ? file_rewrite(f->path, document, err)
                      : file_replace(f->path, document, 0600, err)) &&
           drop_journal(f, err);
}

/* ---- Life ------------------------------------------------------------------------------------ */

static void destroy(void *ctx)
{
    struct state_file *f = ctx;
    shut(f);
    arena_release(&f->arena);
    mem_free(f);
}

bool state_file_backend(const char *path, struct state_backend *backend, struct error *err)
{
    struct state_file *f = mem_zalloc(1, sizeof *f);
    f->fd = -1;
    f->linked = is_link(path);
    f->path = state_path_followed(&f->arena, path, err);
    if (!f->path) {
        destroy(f);
        return false;
    }
    f->journal = arena_printf(&f->arena, "%s.journal", f->path);
    *backend = (struct state_backend){.ctx = f,
                                      .name = arena_str(&f->arena, path),
                                      .load = load,
                                      .append = append,
                                      .save = save,
                                      .close = destroy};
    return true;
}
