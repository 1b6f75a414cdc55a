/* backup_write.c: the writing half of backup.h. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "backup.h"
#include "folder.h"

#include "base/clock.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"

#define FLUSH_AT    ((size_t)64 * 1024)
#define TITLE_SHOWN 100 /* bytes of a title in a file name */
#define NAMES_MAX   10000

struct backup_writer {
    int fd;
    char *path, *partial;
    struct buf pending; /* lines not written yet */
    struct hash hash;
    uint64_t bytes, keys;
};

/* ---- Starting -------------------------------------------------------------------------------- */

static char *join(const char *a, const char *b)
{
    struct buf joined = {0};
    buf_add_str(&joined, a);
    buf_add_str(&joined, b);
    if (joined.failed)
        buf_release(&joined);
    return joined.data;
}

static bool fail(const char *what, const char *path, struct error *err)
{
    char name[512];
    return error_errno(err, errno, "cannot %s %s", what,
                       text_quoted(bytes_of(path), name, sizeof name));
}

/* What a killed run left under that name was never finished. */
static bool open_partial(struct backup_writer *w, struct error *err)
{
    if (!FAULT("file.create") && (unlink(w->partial) == 0 || errno == ENOENT))
        w->fd = open(w->partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return w->fd >= 0 || fail("create", w->partial, err);
}

static bool format_time(int64_t at, char out[32])
{
    time_t t = (time_t)at;
    struct tm tm;
    return gmtime_r(&t, &tm) && tm.tm_year >= -1900 && tm.tm_year <= 9999 - 1900 &&
           strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &tm) > 0;
}

static void write_text(struct json_writer *j, const char *name, struct bytes text)
{
    json_key(j, name);
    if (text.data)
        json_string(j, text);
    else
        json_null(j);
}

static bool add_header(struct backup_writer *w, const struct backup_info *info, struct error *err)
{
    struct json_writer j = json_writer_to(&w->pending, 0);
    char created[32];
    if (!format_time(info->created, created))
        return error_set(err, ERR_FAILED, "time %" PRId64 " has no date", info->created);
    if (info->title.len > 0 && memchr(info->title.data, '\0', info->title.len))
        return error_set(err, ERR_FORMAT, "the title of namespace '%.*s' has a NUL in it",
                         BYTES_FMT(info->id));
    json_begin_object(&j);
    write_text(&j, "account_id", info->account_id);
    json_key(&j, "cfkv_backup");
    json_int(&j, 1);
    json_key(&j, "created");
    json_str(&j, created);
    json_key(&j, "id");
    json_string(&j, info->id);
    json_key(&j, "reason");
    json_string(&j, info->reason);
    json_key(&j, "title");
    json_string(&j, info->title);
    json_end_object(&j);
    buf_add_char(&w->pending, '\n');
    return buf_ok(&w->pending, err);
}

static void writer_free(struct backup_writer *w)
{
    if (w->fd >= 0)
        close(w->fd);
    buf_release(&w->pending);
    mem_free(w->path);
    mem_free(w->partial);
    mem_free(w);
}

void backup_abandon(struct backup_writer *w)
{
    if (!w)
        return;
    if (w->fd >= 0)
        unlink(w->partial);
    writer_free(w);
}

struct backup_writer *backup_create(const char *path, const struct backup_info *info,
                                    struct error *err)
{
    struct backup_writer *w = mem_zalloc(1, sizeof *w);
    if (!w) {
        error_nomem(err);
        return NULL;
    }
    w->fd = -1;
    hash_init(&w->hash);
    w->path = join(path, "");
    w->partial = join(path, ".partial");
    bool ok = (w->path && w->partial) || error_nomem(err);
    if (ok && open_partial(w, err) && add_header(w, info, err))
        return w;
    backup_abandon(w);
    return NULL;
}

/* ---- Keys ------------------------------------------------------------------------------------ */

static bool flush(struct backup_writer *w, struct error *err)
{
    struct bytes lines = buf_bytes(&w->pending);
    if (!file_write_fd(w->fd, w->partial, lines, err))
        return false;
    hash_add(&w->hash, lines);
    w->bytes += lines.len;
    buf_clear(&w->pending);
    return true;
}

/* Metadata as it is, on one line: between tokens, which is the only place where JSON may hold a
 * line break, a space does as well. */
static void write_metadata(struct backup_writer *w, struct json_writer *j, struct bytes metadata)
{
    json_key(j, "metadata");
    size_t start = w->pending.len;
    json_raw(j, metadata);
    for (size_t i = start; i < w->pending.len; i++)
        if (w->pending.data[i] == '\n' || w->pending.data[i] == '\r')
            w->pending.data[i] = ' ';
}

static void write_value(struct backup_writer *w, struct json_writer *j, struct bytes value,
                        bool base64)
{
    json_key(j, "value");
    if (!base64) {
        json_string(j, value);
        return;
    }
    json_raw(j, bytes_of("\""));
    buf_add_base64(&w->pending, value);
    buf_add_char(&w->pending, '"');
}

static void write_key(struct backup_writer *w, const struct backup_key *key)
{
    struct json_writer j = json_writer_to(&w->pending, 0);
    bool base64 = !utf8_valid(key->value);
    json_begin_object(&j);
    if (base64) {
        json_key(&j, "base64");
        json_bool(&j, true);
    }
    if (key->expiration != 0) {
        json_key(&j, "expiration");
        json_int(&j, key->expiration);
    }
    json_key(&j, "key");
    json_string(&j, key->key);
    if (key->metadata.data)
        write_metadata(w, &j, key->metadata);
    write_value(w, &j, key->value, base64);
    json_end_object(&j);
    buf_add_char(&w->pending, '\n');
}

/* A backup that cannot be read back as it was written is none. */
static bool check_key(const struct backup_key *key, struct error *err)
{
    static const struct json_handlers syntax_only;
    char quoted[256];
    text_quoted(key->key, quoted, sizeof quoted);
    if (!utf8_valid(key->key))
        return error_set(err, ERR_FORMAT, "key %s is not valid UTF-8", quoted);
    return !key->metadata.data || json_parse(key->metadata, &syntax_only, NULL, err) ||
           error_wrap(err, "metadata of key %s", quoted);
}

bool backup_add(struct backup_writer *w, const struct backup_key *key, struct error *err)
{
    if (!check_key(key, err))
        return false;
    write_key(w, key);
    if (!buf_ok(&w->pending, err))
        return false;
    w->keys++;
    return w->pending.len < FLUSH_AT || flush(w, err);
}

/* ---- Finishing ------------------------------------------------------------------------------- */

static bool add_trailer(struct backup_writer *w, struct error *err)
{
    struct json_writer j = json_writer_to(&w->pending, 0);
    struct digest digest = hash_end(&w->hash);
    char hex[HASH_HEX_SIZE];
    digest_hex(&digest, hex);
    json_begin_object(&j);
    json_key(&j, "bytes");
    json_int(&j, (int64_t)w->bytes);
    json_key(&j, "keys");
    json_int(&j, (int64_t)w->keys);
    json_key(&j, "sha256");
    json_str(&j, hex);
    json_end_object(&j);
    buf_add_char(&w->pending, '\n');
    return buf_ok(&w->pending, err);
}

static bool give_name(struct backup_writer *w, struct error *err)
{
    int fd = w->fd;
    w->fd = -1;
    if (close(fd) != 0 || FAULT("file.rename") || rename(w->partial, w->path) != 0)
        return fail("finish", w->path, err);
    return true;
}

bool backup_finish(struct backup_writer *w, uint64_t *keys, struct error *err)
{
    bool ok = flush(w, err) && add_trailer(w, err) &&
              file_append_sync(w->fd, w->partial, buf_bytes(&w->pending), err) && give_name(w, err);
    if (ok && !file_sync_parent(w->path, err)) {
        unlink(w->path);
        ok = false;
    }
    if (!ok)
        unlink(w->partial);
    *keys = w->keys;
    writer_free(w);
    return ok;
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

static bool name_file(const struct buf *folder, const struct backup_info *info, unsigned n,
                      struct buf *out, struct error *err)
{
    char stamp[17];
    clock_stamp(info->created, stamp);
    buf_clear(out);
    buf_add_bytes(out, buf_bytes(folder));
    buf_addf(out, "/%s-", stamp);
    add_plain(out, info->title);
    buf_add_char(out, '-');
    add_plain(out, info->reason);
    if (n > 1)
        buf_addf(out, "-%u", n);
    buf_add_str(out, ".jsonl");
    return buf_ok(out, err);
}

bool backup_path(const char *root, const struct backup_info *info, char **path, struct error *err)
{
    struct buf folder = {0}, name = {0};
    bool ok = folder_path(root, "backups", &folder, err) && folder_make(folder.data, err);
    for (unsigned n = 1; ok; n++) {
        ok = name_file(&folder, info, n, &name, err);
        if (!ok || !file_exists(name.data))
            break;
        if (n == NAMES_MAX)
            ok = error_set(err, ERR_FAILED, "too many backups of one second in '%s'", folder.data);
    }
    buf_release(&folder);
    if (!ok)
        buf_release(&name);
    *path = name.data;
    return ok;
}
