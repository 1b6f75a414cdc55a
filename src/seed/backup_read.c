/* backup_read.c: the reading half of backup.h. The file may hold anything. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup_place.h"

#include "base/duration.h"
#include "base/file.h"
#include "base/gzip.h"
#include "base/mem.h"
#include "base/nearby.h"
#include "base/text.h"
#include "item.h"
#include "reader.h"

#define NAME_SHOWN 300

/* ---- Lines ----------------------------------------------------------------------------------- */

/* Lines of a file, one at a time; memory holds the longest and a chunk. */
struct backup_lines {
    struct gzip_reader *in;
    char *chunk;
    size_t at, len;
    bool eof;
    struct buf line;       /* without its newline */
    uint64_t number;       /* of the line */
    char name[NAME_SHOWN]; /* the path, quoted */
};

static int open_regular(const struct backup_lines *l, const char *path, struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        error_errno(err, errno, "cannot open %s", l->name);
        nearby_hint(path, err);
        if (err->code == ERR_NOT_FOUND && !*err->hint)
            error_hint(err, "'cfkv backup list' shows those there are");
        return -1;
    }
    if (file_is_regular(fd, path, ERR_FORMAT, err))
        return fd;
    close(fd);
    return -1;
}

static bool lines_open(struct backup_lines *l, const char *path, struct error *err)
{
    text_quoted(bytes_of(path), l->name, sizeof l->name);
    l->chunk = mem_alloc(SEED_CHUNK);
    int fd = open_regular(l, path, err);
    if (fd < 0)
        return false;
    l->in = gzip_reader_open(fd, l->name);
    return true;
}

static void lines_close(struct backup_lines *l)
{
    gzip_reader_close(l->in);
    buf_release(&l->line);
    mem_free(l->chunk);
}

static bool fill(struct backup_lines *l, struct error *err)
{
    l->at = 0;
    if (!gzip_read(l->in, l->chunk, SEED_CHUNK, &l->len, err))
        return false;
    l->eof = l->len == 0;
    return true;
}

static bool bad_line(const struct backup_lines *l, struct error *err, const char *what)
{
    return error_set(err, ERR_FORMAT, "%s line %" PRIu64 ": %s", l->name, l->number, what);
}

/* Moves what the chunk has of the line; `*whole` when its newline was there. */
static bool take(struct backup_lines *l, bool *whole, struct error *err)
{
    const char *start = l->chunk + l->at;
    const char *newline = memchr(start, '\n', l->len);
    size_t n = newline ? (size_t)(newline - start) : l->len;
    if (l->line.len + n > SEED_ITEM_MAX)
        return bad_line(l, err, "it is longer than any key and value may be");
    buf_add(&l->line, start, n);
    *whole = newline != NULL;
    n += *whole;
    l->at += n;
    l->len -= n;
    return true;
}

/* The next whole line. `*end` instead: there is none. A line without newline was cut off. */
static bool lines_next(struct backup_lines *l, bool *end, struct error *err)
{
    bool whole = false;
    buf_clear(&l->line);
    l->number++;
    *end = false;
    while (!whole) {
        if (l->len == 0 && !fill(l, err))
            return false;
        if (l->eof) {
            *end = l->line.len == 0;
            return *end || bad_line(l, err, "it is cut off");
        }
        if (!take(l, &whole, err))
            return false;
    }
    return true;
}

/* ---- Header ---------------------------------------------------------------------------------- */

static bool no_backup(const struct backup_lines *l, struct error *err)
{
    error_set(err, ERR_FORMAT, "%s is not a backup of cfkv", l->name);
    return error_hint(err,
                      "'cfkv backup list' shows those there are; 'cfkv kv bulk put' reads other "
                      "files");
}

static bool check_version(const struct backup_lines *l, const struct json *header,
                          struct error *err)
{
    int64_t version;
    if (!json_as_int(json_member(header, "cfkv_backup"), &version))
        return no_backup(l, err);
    if (version == 1)
        return true;
    error_set(err, ERR_FORMAT, "%s has backup format version %" PRId64, l->name, version);
    return error_hint(err, "upgrade cfkv");
}

/* Copies the texts of the header behind each other into `texts`. */
static void keep_texts(struct backup_info *info, struct buf *texts)
{
    struct bytes *const members[] = {&info->account_id, &info->id,     &info->jurisdiction,
                                     &info->mode,       &info->prefix, &info->reason,
                                     &info->title};
    const size_t n = sizeof members / sizeof *members;
    size_t at = 0;
    for (size_t i = 0; i < n; i++)
        buf_add_bytes(texts, *members[i]);
    buf_add_char(texts, '\0'); /* there is something, though all may be empty */
    for (size_t i = 0; i < n; i++) {
        if (members[i]->data)
            members[i]->data = texts->data + at;
        at += members[i]->len;
    }
}

static bool optional_text(const struct json *member, bool nullable, struct bytes *text)
{
    const char *s = NULL;
    bool ok = !member || (nullable && json_is_null(member)) || json_as_str(member, &s);
    *text = bytes_of(s);
    return ok;
}

static bool read_header(const struct backup_lines *l, const struct json *header,
                        struct backup_info *info, struct buf *texts, struct error *err)
{
    const char *created, *id, *reason, *title;
    const struct json *account_id = json_member(header, "account_id");
    const struct json *partial = json_member(header, "partial");
    bool ok = account_id && optional_text(account_id, true, &info->account_id) &&
              json_as_str(json_member(header, "created"), &created) &&
              json_as_str(json_member(header, "id"), &id) &&
              optional_text(json_member(header, "jurisdiction"), false, &info->jurisdiction) &&
              optional_text(json_member(header, "mode"), false, &info->mode) &&
              optional_text(json_member(header, "prefix"), false, &info->prefix) &&
              (!partial || json_as_bool(partial, &info->partial)) &&
              json_as_str(json_member(header, "reason"), &reason) &&
              json_as_str(json_member(header, "title"), &title) &&
              moment_parse(bytes_of(created), &info->created);
    if (!ok)
        return bad_line(l, err, "the header is not as it must be");
    info->id = bytes_of(id);
    info->reason = bytes_of(reason);
    info->title = bytes_of(title);
    keep_texts(info, texts);
    return true;
}

/* From the line that was read. */
static bool parse_header(struct backup_lines *l, struct backup_info *info, struct buf *texts,
                         struct error *err)
{
    struct error why;
    struct json *header = json_doc_parse(buf_bytes(&l->line), &why);
    if (!header)
        return no_backup(l, err);
    bool ok = check_version(l, header, err) && read_header(l, header, info, texts, err);
    json_doc_free(header);
    return ok;
}

static bool read_first_header(struct backup_lines *l, struct backup_info *info, struct buf *texts,
                              struct error *err)
{
    bool end;
    if (!lines_next(l, &end, err))
        return false;
    if (end)
        return error_set(err, ERR_FORMAT, "%s is empty", l->name);
    return parse_header(l, info, texts, err);
}

/* ---- Keys ------------------------------------------------------------------------------------ */

struct backup_reader {
    struct backup_lines lines;
    struct backup_info info;
    struct buf texts; /* of the header */
    struct item item;
    struct diag_list diags; /* of one line */
    struct hash hash;
    uint64_t bytes, keys;
    bool at_end; /* of the section: what its trailer says is in `totals` */
    struct backup_totals totals;
    struct buf last; /* key */
    bool disordered;
    unsigned section; /* from 0 */
    bool more;        /* the line that was read is the header of the next section */
    bool cut_off;
};

static void count_line(struct backup_reader *r)
{
    hash_add(&r->hash, buf_bytes(&r->lines.line));
    hash_add(&r->hash, bytes_of("\n"));
    r->bytes += r->lines.line.len + 1;
}

static bool parse_item(struct backup_reader *r, struct error *err)
{
    struct item *it = &r->item;
    struct error why;
    diag_release(&r->diags);
    item_start(it, r->keys + 1, r->bytes, (struct srcpos){0}, &r->diags);
    if (!json_parse(buf_bytes(&r->lines.line), item_event, it, &why))
        return bad_line(&r->lines, err, why.message);
    item_finish(it);
    if (it->bad)
        return bad_line(&r->lines, err, r->diags.items[0].message);
    return (it->expiration_ttl == 0 && !it->no_ttl) ||
           bad_line(&r->lines, err, "a backup holds no 'expiration_ttl'");
}

/* The empty key, which no store holds, stands before all others. */
static void note_order(struct backup_reader *r)
{
    r->disordered = r->disordered || bytes_compare(buf_bytes(&r->last), r->item.key) >= 0;
    buf_clear(&r->last);
    buf_add_bytes(&r->last, r->item.key);
}

/* A key whose metadata is null is another one than a key without. */
static struct bytes metadata_of(const struct item *it)
{
    return it->metadata_text.len > 0 ? buf_bytes(&it->metadata_text) : bytes_make(NULL, 0);
}

static bool read_key(struct backup_reader *r, struct backup_key *key, struct error *err)
{
    if (!parse_item(r, err))
        return false;
    note_order(r);
    count_line(r);
    r->keys++;
    *key = (struct backup_key){.key = r->item.key,
                               .value = r->item.value,
                               .metadata = metadata_of(&r->item),
                               .expiration = r->item.expiration,
                               .zero_expiration = r->item.zero_expiration};
    return true;
}

bool backup_refuse(const struct backup_reader *r, const struct error *why, struct error *err)
{
    bad_line(&r->lines, err, why->message);
    return *why->hint ? error_hint(err, "%s", why->hint) : false;
}

/* ---- Trailer --------------------------------------------------------------------------------- */

/* Lines of keys cannot start like these: their members are others. */
static bool is_trailer(const struct backup_lines *l)
{
    return bytes_starts_with(buf_bytes(&l->line), bytes_of("{\"bytes\":"));
}

static bool is_header(const struct backup_lines *l)
{
    return bytes_starts_with(buf_bytes(&l->line), bytes_of("{\"account_id\":"));
}

static bool check_trailer(struct backup_reader *r, const struct json *trailer, struct error *err)
{
    const struct backup_lines *l = &r->lines;
    struct digest declared;
    const char *hex;
    int64_t bytes, keys;
    if (!json_as_int(json_member(trailer, "bytes"), &bytes) ||
        !json_as_int(json_member(trailer, "keys"), &keys) ||
        !json_as_str(json_member(trailer, "sha256"), &hex) ||
        !digest_parse(bytes_of(hex), &declared))
        return bad_line(l, err, "the trailer is not as it must be");
    struct hash upto = r->hash; /* hash_end starts it anew */
    r->totals = (struct backup_totals){r->keys, r->bytes, hash_end(&upto)};
    r->at_end = true;
    if (bytes < 0 || (uint64_t)bytes != r->bytes || !digest_equal(&r->totals.digest, &declared))
        return error_set(err, ERR_FORMAT, "%s is damaged: its content does not match its checksum",
                         l->name);
    if (keys < 0 || (uint64_t)keys != r->keys)
        return error_set(err, ERR_FORMAT, "%s is damaged: it holds %" PRIu64 " key%s, not %" PRId64,
                         l->name, r->keys, text_plural(r->keys), keys);
    return true;
}

static bool finish(struct backup_reader *r, struct error *err)
{
    struct error why;
    bool end;
    struct json *trailer = json_doc_parse(buf_bytes(&r->lines.line), &why);
    if (!trailer)
        return bad_line(&r->lines, err, "the trailer is not as it must be");
    bool ok = check_trailer(r, trailer, err);
    json_doc_free(trailer);
    if (!ok)
        return false;
    count_line(r);
    if (!lines_next(&r->lines, &end, &why)) { /* the header of a section that was not finished */
        r->cut_off = r->lines.eof;
        if (!r->cut_off)
            *err = why;
        return r->cut_off;
    }
    r->more = !end && is_header(&r->lines);
    return end || r->more || bad_line(&r->lines, err, "something follows the trailer");
}

/* ---- The whole ------------------------------------------------------------------------------- */

struct backup_reader *backup_open(const char *path, struct error *err)
{
    struct backup_reader *r = mem_zalloc(1, sizeof *r);
    hash_init(&r->hash);
    if (lines_open(&r->lines, path, err) &&
        read_first_header(&r->lines, &r->info, &r->texts, err)) {
        count_line(r);
        return r;
    }
    backup_close(r);
    return NULL;
}

void backup_close(struct backup_reader *r)
{
    if (!r)
        return;
    lines_close(&r->lines);
    item_release(&r->item);
    diag_release(&r->diags);
    buf_release(&r->texts);
    buf_release(&r->last);
    mem_free(r);
}

bool backup_next(struct backup_reader *r, struct backup_key *key, bool *end, struct error *err)
{
    bool over;
    *end = false;
    if (!lines_next(&r->lines, &over, err)) {
        r->cut_off = r->section > 0 && r->lines.eof;
        return false;
    }
    if (over) {
        r->cut_off = r->section > 0;
        error_set(err, ERR_FORMAT, "%s has no trailer: it was not finished", r->lines.name);
        return error_hint(err, "it is no whole backup, but each of its lines stands for itself");
    }
    if (!is_trailer(&r->lines))
        return read_key(r, key, err);
    *end = finish(r, err);
    return *end;
}

bool backup_next_section(struct backup_reader *r, bool *there, struct error *err)
{
    *there = r->more;
    if (!r->more)
        return true;
    r->more = r->disordered = r->at_end = false;
    r->section++;
    r->keys = 0;
    buf_clear(&r->last);
    buf_clear(&r->texts);
    r->info = (struct backup_info){0};
    if (!parse_header(&r->lines, &r->info, &r->texts, err))
        return false;
    count_line(r);
    return true;
}

bool backup_is_cut_off(const struct backup_reader *r)
{
    return r->cut_off;
}

const struct backup_info *backup_header(const struct backup_reader *r)
{
    return &r->info;
}

void backup_count(const struct backup_reader *r, struct backup_totals *totals)
{
    *totals = r->at_end ? r->totals : (struct backup_totals){.keys = r->keys, .bytes = r->bytes};
}

bool backup_ordered(const struct backup_reader *r)
{
    return !r->disordered;
}

struct backup_place backup_place(const struct backup_reader *r)
{
    return (struct backup_place){.hash = r->hash, .bytes = r->bytes, .keys = r->keys};
}
