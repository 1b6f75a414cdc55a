/* backup_write.c: the writing half of backup.h. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup_place.h"
#include "cfkv_folder.h"

#include "base/clock.h"
#include "base/duration.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/gzip.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"

#define FLUSH_AT    ((size_t)64 * 1024)
#define TITLE_SHOWN 100 /* bytes of a title in a file name */
#define NAMES_MAX   10000

struct backup_writer {
    int fd;
    bool borrowed;        /* the descriptor is the caller's, and there are no files */
    bool keep;            /* what is unfinished stays for the next run */
    bool failed;          /* a write did: what is pending may be there in part */
    bool named;           /* the file has its name: sections up to `ended` are whole */
    bool open;            /* a section is begun and not ended */
    uint64_t ended;       /* bytes */
    char *path, *partial; /* borrowed: `partial` is the name for messages */
    struct buf pending;   /* lines not written yet */
    struct hash hash;
    uint64_t bytes, keys;
    struct buf last; /* key that an interrupted run wrote last */
};

/* ---- Starting -------------------------------------------------------------------------------- */

static char *join(const char *a, const char *b)
{
    struct buf joined = {0};
    buf_addf(&joined, "%s%s", a, b);
    return joined.data;
}

static bool fail(const char *what, const char *path, struct error *err)
{
    char name[512];
    return error_errno(err, errno, "cannot %s %s", what,
                       text_quoted(bytes_of(path), name, sizeof name));
}

/* What a killed run left under that name was never finished. */
static bool create_partial(struct backup_writer *w, struct error *err)
{
    if (!FAULT("file.create") && (unlink(w->partial) == 0 || errno == ENOENT))
        w->fd = open(w->partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (w->fd < 0)
        return fail("create", w->partial, err);
    flock(w->fd, LOCK_EX | LOCK_NB); /* so that nobody sweeps it away; it is new, and ours */
    return true;
}

static bool add_header(struct backup_writer *w, const struct backup_info *info, struct error *err)
{
    struct json_writer j = json_writer_to(&w->pending, 0);
    char created[MOMENT_SIZE];
    if (!moment_show(info->created, created))
        return error_set(err, ERR_FAILED, "time %" PRId64 " has no date", info->created);
    if (info->title.len > 0 && memchr(info->title.data, '\0', info->title.len))
        return error_set(err, ERR_FORMAT, "the title of namespace '%.*s' has a NUL in it",
                         BYTES_FMT(info->id));
    json_begin_object(&j);
    json_field_text(&j, "account_id", info->account_id);
    json_field_int(&j, "cfkv_backup", 1);
    json_field_str(&j, "created", created);
    json_field_string(&j, "id", info->id);
    if (info->jurisdiction.data)
        json_field_text(&j, "jurisdiction", info->jurisdiction);
    if (info->mode.data)
        json_field_text(&j, "mode", info->mode);
    if (info->partial)
        json_field_bool(&j, "partial", true);
    if (info->prefix.len > 0)
        json_field_text(&j, "prefix", info->prefix);
    json_field_string(&j, "reason", info->reason);
    json_field_string(&j, "title", info->title);
    json_end_object(&j);
    buf_add_char(&w->pending, '\n');
    return true;
}

static void writer_free(struct backup_writer *w)
{
    if (w->fd >= 0 && !w->borrowed)
        close(w->fd);
    buf_release(&w->pending);
    buf_release(&w->last);
    mem_free(w->path);
    mem_free(w->partial);
    mem_free(w);
}

static bool flush(struct backup_writer *w, struct error *err)
{
    struct bytes lines = buf_bytes(&w->pending);
    if (!file_write_fd(w->fd, w->partial, lines, err)) {
        w->failed = true;
        return false;
    }
    hash_add(&w->hash, lines);
    w->bytes += lines.len;
    buf_clear(&w->pending);
    return true;
}

void backup_abandon(struct backup_writer *w)
{
    struct error ignored;
    if (!w)
        return;
    if (w->fd >= 0 && w->keep && !w->failed)
        flush(w, &ignored);
    if (w->fd >= 0 && !w->keep && !w->borrowed)
        unlink(w->partial);
    writer_free(w);
}

static struct backup_writer *writer_new(const char *path, const char *partial)
{
    struct backup_writer *w = mem_zalloc(1, sizeof *w);
    w->fd = -1;
    hash_init(&w->hash);
    w->path = join(path, "");
    w->partial = join(path, partial);
    return w;
}

struct backup_writer *backup_create(const char *path, const struct backup_info *info,
                                    struct error *err)
{
    struct backup_writer *w = writer_new(path, ".partial");
    if (create_partial(w, err) && add_header(w, info, err)) {
        w->open = true;
        return w;
    }
    backup_abandon(w);
    return NULL;
}

struct backup_writer *backup_stream(int fd, const char *name, const struct backup_info *info,
                                    struct error *err)
{
    struct backup_writer *w = writer_new(name, "");
    w->fd = fd;
    w->borrowed = true;
    if (add_header(w, info, err))
        return w;
    backup_abandon(w);
    return NULL;
}

/* ---- Going on -------------------------------------------------------------------------------- */

/* Holds the file against other runs. One that finished just now has given it its name. */
static bool lock_partial(struct backup_writer *w, struct error *err)
{
    struct stat ours, there;
    char name[512];
    text_quoted(bytes_of(w->partial), name, sizeof name);
    bool ours_now = flock(w->fd, LOCK_EX | LOCK_NB) == 0 && fstat(w->fd, &ours) == 0 &&
                    stat(w->partial, &there) == 0 && ours.st_ino == there.st_ino &&
                    ours.st_dev == there.st_dev;
    if (ours_now)
        return true;
    error_set(err, ERR_LOCKED, "another run is writing %s", name);
    return error_hint(err, "wait for it, or name another file");
}

static bool open_partial(struct backup_writer *w, struct error *err)
{
    const int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    if (!FAULT("file.create"))
        w->fd = open(w->partial, flags, 0600);
    if (w->fd < 0)
        return fail("create", w->partial, err);
    return file_is_regular(w->fd, w->partial, ERR_IO, err) && lock_partial(w, err);
}

static bool check_same(const struct backup_writer *w, const struct backup_info *info,
                       const struct backup_info *begun, struct error *err)
{
    char name[512];
    if (bytes_equal(info->account_id, begun->account_id) && bytes_equal(info->id, begun->id) &&
        bytes_equal(info->prefix, begun->prefix))
        return true;
    error_set(err, ERR_EXISTS, "%s is an unfinished backup of something else",
              text_quoted(bytes_of(w->partial), name, sizeof name));
    return error_hint(err, "name another file, or start it anew with --restart");
}

/* Reads all whole lines whose keys are in order; the writer stands behind the last of them then.
 * What comes behind (a torn line, a trailer) is not kept. */
static bool read_begun(struct backup_writer *w, struct backup_reader *r, struct error *err)
{
    struct backup_place place = backup_place(r);
    struct backup_key key;
    struct error why = {0};
    bool end = false;
    while (backup_next(r, &key, &end, &why) && !end && backup_ordered(r)) {
        place = backup_place(r);
        buf_clear(&w->last);
        buf_add_bytes(&w->last, key.key);
    }
    w->hash = place.hash;
    w->bytes = place.bytes;
    w->keys = place.keys;
    if (why.code == ERR_NONE || why.code == ERR_FORMAT)
        return true;
    *err = why;
    return false;
}

/* What an interrupted run left; `*w` stays at the start when that is nothing to go on with. */
static bool look_at_begun(struct backup_writer *w, const struct backup_info *info,
                          struct backup_begun *begun, struct error *err)
{
    struct error why;
    struct backup_reader *r = backup_open(w->partial, &why);
    if (!r) {
        *err = why;
        return why.code == ERR_FORMAT;
    }
    const struct backup_info *header = backup_header(r);
    begun->too_old = info->created - header->created > BACKUP_RESUME_SECONDS;
    begun->since = header->created;
    bool ok = check_same(w, info, header, err) && (begun->too_old || read_begun(w, r, err));
    backup_close(r);
    return ok;
}

/* Cuts the file to what is kept of it, and goes on there. */
static bool go_on(struct backup_writer *w, struct error *err)
{
    if (FAULT("file.write") || ftruncate(w->fd, (off_t)w->bytes) != 0 ||
        lseek(w->fd, 0, SEEK_END) < 0)
        return fail("write", w->partial, err);
    return true;
}

static bool resume(struct backup_writer *w, const struct backup_info *info, bool restart,
                   struct backup_begun *begun, struct error *err)
{
    *begun = (struct backup_begun){.since = info->created};
    if (!open_partial(w, err) || (!restart && !look_at_begun(w, info, begun, err)) ||
        !go_on(w, err))
        return false;
    begun->keys = w->keys;
    if (w->keys > 0)
        begun->last = buf_bytes(&w->last);
    return w->bytes > 0 || add_header(w, info, err);
}

struct backup_writer *backup_resume(const char *path, const struct backup_info *info, bool restart,
                                    struct backup_begun *begun, struct error *err)
{
    struct backup_writer *w = writer_new(path, ".partial");
    w->keep = true;
    if (resume(w, info, restart, begun, err))
        return w;
    writer_free(w);
    return NULL;
}

/* ---- Keys ------------------------------------------------------------------------------------ */

/* Metadata as it is, on one line: between tokens, which is the only place where JSON may hold a
 * line break, a space does as well. */
static void write_metadata(struct json_writer *j, struct bytes metadata, struct buf *out)
{
    json_key(j, "metadata");
    size_t start = out->len;
    json_raw(j, metadata);
    for (size_t i = start; i < out->len; i++)
        if (out->data[i] == '\n' || out->data[i] == '\r')
            out->data[i] = ' ';
}

static void write_value(struct json_writer *j, struct bytes value, bool base64, struct buf *out)
{
    json_key(j, "value");
    if (!base64) {
        json_string(j, value);
        return;
    }
    json_raw(j, bytes_of("\""));
    buf_add_base64(out, value);
    buf_add_char(out, '"');
}

void backup_write_key(const struct backup_key *key, struct buf *out)
{
    struct json_writer j = json_writer_to(out, 0);
    bool base64 = !utf8_valid(key->value);
    json_begin_object(&j);
    if (base64)
        json_field_bool(&j, "base64", true);
    if (key->expiration != 0) {
        json_field_int(&j, "expiration", key->expiration);
    }
    json_field_string(&j, "key", key->key);
    if (key->metadata.data)
        write_metadata(&j, key->metadata, out);
    write_value(&j, key->value, base64, out);
    json_end_object(&j);
}

/* A backup that cannot be read back as it was written is none. */
static bool check_key(const struct backup_key *key, struct error *err)
{
    char quoted[256];
    text_quoted(key->key, quoted, sizeof quoted);
    if (!utf8_valid(key->key))
        return error_set(err, ERR_FORMAT, "key %s is not valid UTF-8", quoted);
    return !key->metadata.data || json_parse(key->metadata, NULL, NULL, err) ||
           error_wrap(err, "metadata of key %s", quoted);
}

bool backup_add(struct backup_writer *w, const struct backup_key *key, struct error *err)
{
    if (!check_key(key, err))
        return false;
    backup_write_key(key, &w->pending);
    buf_add_char(&w->pending, '\n');
    w->keys++;
    return w->pending.len < FLUSH_AT || flush(w, err);
}

/* ---- Finishing ------------------------------------------------------------------------------- */

static void add_trailer(struct backup_writer *w, struct backup_totals *totals)
{
    struct json_writer j = json_writer_to(&w->pending, 0);
    char hex[HASH_HEX_SIZE];
    struct hash upto = w->hash; /* hash_end starts it anew */
    *totals = (struct backup_totals){w->keys, w->bytes, hash_end(&upto)};
    digest_hex(&totals->digest, hex);
    json_begin_object(&j);
    json_field_count(&j, "bytes", w->bytes);
    json_field_count(&j, "keys", w->keys);
    json_field_str(&j, "sha256", hex);
    json_end_object(&j);
    buf_add_char(&w->pending, '\n');
}

static bool is_compressed(const char *path)
{
    size_t n = strlen(path);
    return n > 3 && strcmp(path + n - 3, ".gz") == 0;
}

static bool compress_all(int from, const char *name, struct gzip_writer *gz, struct error *err)
{
    char chunk[16 * 1024];
    for (off_t at = 0;;) {
        ssize_t n = pread(from, chunk, sizeof chunk, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail("read", name, err);
        if (n == 0)
            return true;
        if (!gzip_write(gz, bytes_make(chunk, (size_t)n), err))
            return false;
        at += n;
    }
}

static bool compress_onto(struct backup_writer *w, int to, const char *name, struct error *err)
{
    struct gzip_writer *gz = gzip_writer_open(to, name);
    if (!compress_all(w->fd, w->partial, gz, err)) {
        gzip_writer_abandon(gz);
        return false;
    }
    if (!gzip_writer_finish(gz, err))
        return false;
    return (!FAULT("file.sync") && fsync(to) == 0) || fail("write", name, err);
}

/* The finished file in a compressed copy under its name; the plain one goes then. */
static bool give_compressed(struct backup_writer *w, struct error *err)
{
    char *name = join(w->path, ".tmp");
    int fd = -1;
    if (!FAULT("file.create") && (unlink(name) == 0 || errno == ENOENT))
        fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool ok = fd >= 0 || fail("create", name, err);
    ok = ok && compress_onto(w, fd, name, err);
    if (fd >= 0)
        close(fd);
    if (ok && (FAULT("file.rename") || rename(name, w->path) != 0))
        ok = fail("finish", w->path, err);
    if (!ok && fd >= 0)
        unlink(name);
    if (ok)
        unlink(w->partial);
    mem_free(name);
    return ok;
}

static bool give_name(struct backup_writer *w, struct error *err)
{
    if (is_compressed(w->path))
        return give_compressed(w, err);
    if (FAULT("file.rename") || rename(w->partial, w->path) != 0)
        return fail("finish", w->path, err);
    return true;
}

static bool finish_file(struct backup_writer *w, struct error *err)
{
    bool ok = file_append_sync(w->fd, w->partial, buf_bytes(&w->pending), err) && give_name(w, err);
    if (ok && !file_sync_parent(w->path, err)) {
        unlink(w->path);
        ok = false;
    }
    if (!ok && !w->keep)
        unlink(w->partial);
    return ok;
}

bool backup_finish(struct backup_writer *w, struct backup_totals *totals, struct error *err)
{
    bool ok = flush(w, err);
    if (ok)
        add_trailer(w, totals);
    if (ok && w->borrowed)
        ok = file_write_fd(w->fd, w->partial, buf_bytes(&w->pending), err);
    else if (ok)
        ok = finish_file(w, err);
    else if (!w->borrowed && !w->keep)
        unlink(w->partial);
    writer_free(w);
    return ok;
}

/* ---- Sections -------------------------------------------------------------------------------- */

/* A section that was cut out did not happen. */
static bool sync_section(struct backup_writer *w, struct error *err)
{
    if (!w->named)
        return finish_file(w, err);
    return file_append_sync(w->fd, w->path, buf_bytes(&w->pending), err);
}

bool backup_end_section(struct backup_writer *w, struct backup_totals *totals, struct error *err)
{
    if (!flush(w, err))
        return false;
    add_trailer(w, totals);
    if (!sync_section(w, err))
        return false;
    hash_add(&w->hash, buf_bytes(&w->pending));
    w->bytes += w->pending.len;
    w->ended = w->bytes;
    buf_clear(&w->pending);
    w->named = true;
    w->open = false;
    return true;
}

bool backup_begin_section(struct backup_writer *w, const struct backup_info *info,
                          struct error *err)
{
    w->open = true;
    w->keys = 0;
    return add_header(w, info, err);
}

void backup_close_sections(struct backup_writer *w)
{
    if (!w)
        return;
    if (!w->named) {
        backup_abandon(w);
        return;
    }
    /* A tail that stays says itself that it was cut off. */
    if (w->open && ftruncate(w->fd, (off_t)w->ended) != 0)
        w->failed = true;
    writer_free(w);
}

/* ---- Where ----------------------------------------------------------------------------------- */

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

static void add_plain(struct buf *out, struct bytes text)
{
    for (size_t i = 0; i < text.len && i < TITLE_SHOWN; i++)
        buf_add_char(out, is_plain(text.data[i]) ? text.data[i] : '_');
}

static void name_file(const char *dir, const struct backup_info *info, unsigned n, struct buf *out)
{
    char stamp[17];
    clock_stamp(info->created, stamp);
    buf_clear(out);
    buf_addf(out, "%s/%s-", dir, stamp);
    add_plain(out, info->title);
    buf_add_char(out, '-');
    add_plain(out, info->reason);
    if (n > 1)
        buf_addf(out, "-%u", n);
    buf_add_str(out, ".jsonl");
}

bool backup_path(const char *dir, const struct backup_info *info, char **path, struct error *err)
{
    struct buf name = {0};
    bool ok = cfkv_folder_make(dir, err);
    for (unsigned n = 1; ok; n++) {
        name_file(dir, info, n, &name);
        if (!file_exists(name.data))
            break;
        if (n == NAMES_MAX)
            ok = error_set(err, ERR_FAILED, "too many backups of one second in '%s'", dir);
    }
    if (!ok)
        buf_release(&name);
    *path = name.data;
    return ok;
}

/* true when the title itself is the name of a file that no other title has. */
static bool names_itself(struct bytes title)
{
    if (title.len == 0 || title.len > TITLE_SHOWN || title.data[0] == '.')
        return false;
    for (size_t i = 0; i < title.len; i++)
        if (!is_plain(title.data[i]))
            return false;
    return true;
}

void backup_file_name(const struct backup_info *info, struct buf *name)
{
    if (info->title.len > 0 && info->title.data[0] == '.')
        buf_add_char(name, '_');
    add_plain(name, info->title);
    if (!names_itself(info->title)) {
        if (info->title.len > 0)
            buf_add_char(name, '-');
        add_plain(name, info->id);
    }
    buf_add_str(name, ".jsonl");
}
