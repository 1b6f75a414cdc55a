#include "resume.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "cfkv_folder.h"

#define LINE_SIZE 8192 /* a mark is at most 512 bytes, each of which may be escaped */

struct range {
    uint64_t first, last;
};

struct resume {
    int fd; /* -1: nothing was added yet */
    struct buf folder, path;
    struct buf what;
    struct buf line; /* being written */
    int64_t now;

    /* What earlier runs left. */
    int64_t started;
    bool was_old;         /* what they left was too old to say anything */
    long whole;           /* bytes up to the end of the last whole line; 0: no file to go on with */
    struct range *ranges; /* sorted, apart, and not adjacent */
    size_t n, cap;
    size_t at; /* of the first range that may still be asked for */
    uint64_t count;
    struct buf mark;
    bool has_mark;
};

struct digest resume_work(const char *verb, struct bytes target, struct bytes account,
                          struct bytes id, const struct digest *content, struct bytes options)
{
    struct hash h;
    hash_init(&h);
    hash_add_field(&h, bytes_of(verb));
    hash_add_field(&h, target);
    hash_add_field(&h, account);
    hash_add_field(&h, id);
    hash_add_field(&h, bytes_make((const char *)content->bytes, HASH_SIZE));
    hash_add_field(&h, options);
    return hash_end(&h);
}

/* ---- One line of an earlier run --------------------------------------------------------------
 *
 * All lines are read alike: the numbers of an array, and the members this program knows.
 */

enum member { MEMBER_NONE, MEMBER_VERSION, MEMBER_STARTED, MEMBER_DONE, MEMBER_MARK };

struct resume_line {
    struct resume *r;
    enum member member; /* whose value comes next */
    int64_t version, started, done;
    bool has_mark;
    int64_t numbers[2];
    size_t n;
};

static enum member member_named(struct bytes name)
{
    static const char *const names[] = {[MEMBER_VERSION] = "cfkv_resume",
                                        [MEMBER_STARTED] = "started",
                                        [MEMBER_DONE] = "done",
                                        [MEMBER_MARK] = "mark"};
    for (size_t i = MEMBER_VERSION; i < sizeof names / sizeof *names; i++)
        if (bytes_equal(name, bytes_of(names[i])))
            return (enum member)i;
    return MEMBER_NONE;
}

static void take_integer(struct resume_line *l, int64_t n)
{
    if (l->member == MEMBER_VERSION)
        l->version = n;
    else if (l->member == MEMBER_STARTED)
        l->started = n;
    else if (l->member == MEMBER_DONE)
        l->done = n;
    else if (l->n < 2)
        l->numbers[l->n++] = n;
}

static bool on_event(void *ctx, const struct json_event *e, struct error *err)
{
    struct resume_line *l = ctx;
    (void)err;
    if (e->type == JSON_KEY) {
        l->member = member_named(e->text);
    } else if (e->type == JSON_INTEGER) {
        take_integer(l, e->integer);
    } else if (e->type == JSON_STRING && l->member == MEMBER_MARK) {
        buf_clear(&l->r->mark);
        buf_add_bytes(&l->r->mark, e->text);
        l->has_mark = true;
    }
    return true;
}

/* false: it is no line of ours. */
static bool take_line(struct resume *r, const struct resume_line *l, bool is_first)
{
    if (is_first) {
        r->started = l->started;
        return l->version == 1 && l->started > 0;
    }
    if (l->has_mark && l->done >= 0) {
        r->has_mark = true;
        r->count = (uint64_t)l->done;
        return true;
    }
    if (l->n != 2 || l->numbers[0] <= 0 || l->numbers[1] < l->numbers[0])
        return false;
    mem_grow((void **)&r->ranges, &r->cap, r->n + 1, sizeof *r->ranges);
    r->ranges[r->n++] = (struct range){(uint64_t)l->numbers[0], (uint64_t)l->numbers[1]};
    return true;
}

static bool read_line(struct resume *r, struct bytes text, bool is_first)
{
    struct resume_line l = {.r = r};
    struct error why;
    return json_parse(text, on_event, &l, &why) && take_line(r, &l, is_first);
}

/* ---- All of them ----------------------------------------------------------------------------- */

static void forget(struct resume *r)
{
    mem_free(r->ranges);
    r->ranges = NULL;
    r->n = r->cap = 0;
    r->count = 0;
    r->started = 0;
    r->whole = 0;
    r->has_mark = false;
}

/* false when a line is no line of ours. What follows the last line break was never finished. */
static bool read_lines(struct resume *r, FILE *f)
{
    char text[LINE_SIZE];
    while (fgets(text, sizeof text, f)) {
        size_t len = strlen(text);
        if (len == 0 || text[len - 1] != '\n')
            return len > 0 && feof(f) && r->whole > 0;
        if (!read_line(r, bytes_make(text, len), r->whole == 0))
            return false;
        r->whole += (long)len;
    }
    return !ferror(f) && r->whole > 0;
}

static int by_first(const void *a, const void *b)
{
    const struct range *x = a, *y = b;
    return x->first < y->first ? -1 : x->first > y->first;
}

static void merge_ranges(struct resume *r)
{
    size_t n = 0;
    if (r->n > 0)
        qsort(r->ranges, r->n, sizeof *r->ranges, by_first);
    for (size_t i = 0; i < r->n; i++) {
        struct range *last = n > 0 ? &r->ranges[n - 1] : NULL;
        if (!last || r->ranges[i].first > last->last + 1)
            r->ranges[n++] = r->ranges[i];
        else if (r->ranges[i].last > last->last)
            last->last = r->ranges[i].last;
    }
    r->n = n;
    for (size_t i = 0; i < n; i++)
        r->count += r->ranges[i].last - r->ranges[i].first + 1;
}

static bool read_earlier(struct resume *r, int64_t max_age, struct error *err)
{
    int fd = open(r->path.data, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return true;
    if (!file_is_regular(fd, r->path.data, ERR_IO, err)) {
        close(fd);
        return false;
    }
    FILE *f = fdopen(fd, "r");
    if (!f)
        mem_exhausted();
    bool usable = read_lines(r, f);
    fclose(f);
    r->was_old = usable && max_age > 0 && r->now - r->started > max_age;
    if (!usable || r->was_old)
        forget(r);
    else
        merge_ranges(r);
    return true;
}

static void resume_free(struct resume *r)
{
    if (r->fd >= 0)
        close(r->fd);
    buf_release(&r->folder);
    buf_release(&r->path);
    buf_release(&r->what);
    buf_release(&r->line);
    buf_release(&r->mark);
    mem_free(r->ranges);
    mem_free(r);
}

static void name_file(struct resume *r, const char *root, const struct digest *work,
                      const char *what)
{
    char hex[HASH_HEX_SIZE];
    digest_hex(work, hex);
    cfkv_folder_path(root, "resume", &r->folder);
    buf_addf(&r->path, "%s/%s.jsonl", r->folder.data, hex);
    buf_add_str(&r->what, what);
}

struct resume *resume_open(const char *root, const struct digest *work, const char *what,
                           bool restart, int64_t now, int64_t max_age_seconds, struct error *err)
{
    struct resume *r = mem_zalloc(1, sizeof *r);
    r->fd = -1;
    r->now = now;
    name_file(r, root, work, what);
    if (restart || read_earlier(r, max_age_seconds, err))
        return r;
    resume_free(r);
    return NULL;
}

/* ---- Asking ---------------------------------------------------------------------------------- */

bool resume_has(struct resume *r, uint64_t number)
{
    if (r->at > 0 && r->ranges[r->at - 1].last >= number)
        r->at = 0; /* asked from the start again: what is written is read twice */
    while (r->at < r->n && r->ranges[r->at].last < number)
        r->at++;
    return r->at < r->n && r->ranges[r->at].first <= number;
}

uint64_t resume_count(const struct resume *r)
{
    return r->count;
}

bool resume_was_old(const struct resume *r)
{
    return r->was_old;
}

struct bytes resume_mark(const struct resume *r)
{
    if (!r->has_mark)
        return bytes_make(NULL, 0);
    return r->mark.data ? buf_bytes(&r->mark) : bytes_make("", 0);
}

/* ---- Recording ------------------------------------------------------------------------------- */

static bool fail(const struct resume *r, const char *what, struct error *err)
{
    char name[512];
    return error_errno(err, errno, "cannot %s %s", what,
                       text_quoted(buf_bytes(&r->path), name, sizeof name));
}

/* One write(2), so that a line is there or not. */
static bool write_line(struct resume *r, struct error *err)
{
    return file_write_fd(r->fd, r->path.data, buf_bytes(&r->line), err);
}

static bool write_header(struct resume *r, struct error *err)
{
    struct json_writer w = json_writer_to(&r->line, 0);
    buf_clear(&r->line);
    json_begin_object(&w);
    json_field_int(&w, "cfkv_resume", 1);
    json_field_int(&w, "started", r->now);
    json_field_string(&w, "what", buf_bytes(&r->what));
    json_end_object(&w);
    buf_add_char(&r->line, '\n');
    return write_line(r, err);
}

/* Goes on behind the last whole line of an earlier run, or starts anew. */
static bool open_file(struct resume *r, struct error *err)
{
    if (r->fd >= 0)
        return true;
    if (!cfkv_folder_make(r->folder.data, err))
        return false;
    if (!FAULT("file.create"))
        r->fd = open(r->path.data, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0600);
    if (r->fd < 0)
        return fail(r, "create", err);
    if (ftruncate(r->fd, (off_t)r->whole) != 0)
        return fail(r, "cut", err);
    return r->whole > 0 || write_header(r, err);
}

bool resume_add(struct resume *r, uint64_t first, uint64_t last, struct error *err)
{
    if (!open_file(r, err))
        return false;
    buf_clear(&r->line);
    buf_addf(&r->line, "[%" PRIu64 ",%" PRIu64 "]\n", first, last);
    return write_line(r, err);
}

bool resume_set_mark(struct resume *r, struct bytes key, uint64_t done, struct error *err)
{
    struct json_writer w = json_writer_to(&r->line, 0);
    if (!open_file(r, err))
        return false;
    buf_clear(&r->line);
    json_begin_object(&w);
    json_field_count(&w, "done", done);
    json_field_string(&w, "mark", key);
    json_end_object(&w);
    buf_add_char(&r->line, '\n');
    return write_line(r, err);
}

bool resume_end(struct resume *r, bool complete, struct error *err)
{
    bool ok = true;
    if (complete && (FAULT("file.unlink") || unlink(r->path.data) != 0))
        ok = errno == ENOENT || fail(r, "remove", err);
    resume_free(r);
    return ok;
}
