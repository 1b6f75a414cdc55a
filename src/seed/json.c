/*
 * json.c: items out of the bytes of a file.
 *
 * A JSON array is one document that one json_stream reads, up to the end of an item at a time: so
 * there is never more than one item between the parser and the caller, whatever the chunk holds.
 */
#include "reader.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- Bytes ----------------------------------------------------------------------------------- */

/* Notes what the parser is about to be fed. */
static void mark_fed(struct seed_reader *r)
{
    r->fed_offset = r->in.offset;
    r->fed_line = r->in.line;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* ---- Failing --------------------------------------------------------------------------------- */

/* Puts the offset that the parser gave ("at byte N: …", from where its document starts) into terms
 * of the file; returns it, or UINT64_MAX when there is none. */
static uint64_t reword(const struct seed_reader *r, struct error *err)
{
    static const char start[] = "at byte ";
    struct error raw = *err;
    char *rest;
    if (strncmp(raw.message, start, sizeof start - 1) != 0)
        return UINT64_MAX;
    uint64_t at = strtoull(raw.message + sizeof start - 1, &rest, 10) + r->stream_offset;
    error_set(err, ERR_FORMAT, "%s%" PRIu64 "%s", start, at, rest);
    return at;
}

/* The line of an offset in what was fed last. */
static int line_of(const struct seed_reader *r, uint64_t offset)
{
    uint64_t fed = r->in.offset - r->fed_offset;
    const char *data = r->in.chunk + r->in.at - fed;
    int line = r->fed_line;
    if (offset < r->fed_offset || offset > r->in.offset)
        return line;
    for (uint64_t i = 0; i < offset - r->fed_offset; i++)
        line += data[i] == '\n' && line < INT_MAX;
    return line;
}

static enum seed_status fail(struct seed_reader *r, struct error *err)
{
    struct error raw = *err;
    char item[32] = "";
    if (err->code != ERR_FORMAT && err->code != ERR_LIMIT)
        return SEED_FAILED;
    r->pos.line = line_of(r, reword(r, &raw));
    if (r->pos.line == 0) /* nothing was fed yet */
        r->pos.line = r->in.line;
    bool begun = r->bulk->format == SOURCE_JSONL ? r->number > 0 : r->in_item && r->item.level > 0;
    if (begun)
        snprintf(item, sizeof item, "item %" PRIu64 ": ", r->number);
    error_set(err, raw.code, "%s:%d: %s%s", r->path, r->pos.line, item, raw.message);
    if (raw.hint[0] || raw.code == ERR_FORMAT)
        error_hint(err, "%s", raw.hint[0] ? raw.hint : JSON_SYNTAX_HINT);
    return SEED_FAILED;
}

/* ---- JSON array ------------------------------------------------------------------------------ */

static void count_lines(struct seed_reader *r, struct bytes text)
{
    const char *at = text.data, *end = text.data + text.len;
    while (at < end && (at = memchr(at, '\n', (size_t)(end - at)))) {
        input_next_line(&r->in);
        at++;
    }
}

/* What is between items, as far as the chunk goes. */
static struct bytes gap_here(const struct seed_reader *r)
{
    struct bytes left = input_left(&r->in);
    size_t n = 0;
    while (n < left.len && (is_blank(left.data[n]) || left.data[n] == ','))
        n++;
    return bytes_make(left.data, n);
}

/* Feeds the parser up to the end of an item, or of what comes before it, or of the chunk. An item
 * starts at the first byte inside the array that is neither blank nor a comma nor its end. */
static bool feed_element(struct seed_reader *r, struct diag_list *diags, struct error *err)
{
    struct bytes piece = input_left(&r->in), gap;
    if (!r->in_item && r->item.level == 1) {
        gap = gap_here(r);
        if (gap.len > 0)
            piece = gap;
        else if (piece.data[0] != ']') {
            r->in_item = true;
            reader_start_item(r, diags);
        }
    }
    mark_fed(r);
    size_t used;
    bool ok = json_stream_feed_until(r->stream, piece, &r->item.done, &used, err);
    if (!ok)
        used = piece.len; /* what is wrong is somewhere in it */
    count_lines(r, bytes_make(piece.data, used));
    input_advance(&r->in, used);
    return ok;
}

static void start_stream(struct seed_reader *r)
{
    r->stream = json_stream_new(item_event, &r->item);
    r->stream_offset = r->in.offset;
    json_stream_give_parts(r->stream);
}

static void start_array(struct seed_reader *r)
{
    if (r->stream)
        return;
    start_stream(r);
    r->item.in_array = true;
}

enum seed_status reader_next_element(struct seed_reader *r, struct diag_list *diags,
                                     struct error *err)
{
    for (;;) {
        r->item.done = false;
        if (!input_fill(&r->in, err))
            return fail(r, err);
        start_array(r);
        if (r->in.len == 0) {
            mark_fed(r);
            return json_stream_end(r->stream, err) ? SEED_END : fail(r, err);
        }
        r->item.diags = diags;
        if (!feed_element(r, diags, err))
            return fail(r, err);
        if (!r->in_item || !r->item.done)
            continue;
        r->in_item = false;
        return reader_end_item(r);
    }
}

/* ---- JSON Lines ------------------------------------------------------------------------------ */

static void start_line(struct seed_reader *r, struct diag_list *diags)
{
    if (r->stream)
        return;
    reader_start_item(r, diags);
    r->skip_line = false;
    start_stream(r);
}

/* A line that is no JSON is a wrong item: the next line is sound for all that. */
static void line_is_broken(struct seed_reader *r, struct error *why)
{
    reword(r, why);
    if (!r->skip_line)
        item_problem(&r->item, "source.syntax", "%s", why->message);
    if (!r->skip_line)
        item_hint(&r->item, JSON_SYNTAX_HINT);
    r->skip_line = true;
}

static void feed_line(struct seed_reader *r, struct bytes piece, struct diag_list *diags)
{
    struct error why;
    while (!r->stream && piece.len > 0 && is_blank(piece.data[0])) {
        piece = bytes_make(piece.data + 1, piece.len - 1);
        input_advance(&r->in, 1);
    }
    if (piece.len == 0)
        return;
    start_line(r, diags);
    if (!r->skip_line && !json_stream_feed(r->stream, piece, &why))
        line_is_broken(r, &why);
    input_advance(&r->in, piece.len);
}

static enum seed_status end_line(struct seed_reader *r)
{
    struct error why;
    if (!r->skip_line && !json_stream_end(r->stream, &why))
        line_is_broken(r, &why);
    json_stream_free(r->stream);
    r->stream = NULL;
    return r->skip_line ? SEED_BAD : reader_end_item(r);
}

/* ---- Backups --------------------------------------------------------------------------------- */

/* Known by the members that lines of keys do not have (backup.h). */
static bool is_backup_line(struct bytes line, const char *number, const char *text)
{
    struct error why;
    struct json *doc = line.len > 0 ? json_doc_parse(line, &why) : NULL;
    int64_t n;
    const char *t;
    bool is = json_as_int(json_member(doc, number), &n) &&
              json_as_str(json_member(doc, text), &t) && !json_member(doc, "key");
    json_doc_free(doc);
    return is;
}

/* The line that `left` starts with when it is there with its newline; else empty. */
static struct bytes first_line(struct bytes left)
{
    const char *newline = memchr(left.data, '\n', left.len);
    return bytes_make(left.data, newline ? (size_t)(newline - left.data) + 1 : 0);
}

/* The line that starts here when the chunk holds it. */
static struct bytes whole_line(const struct seed_reader *r)
{
    return first_line(input_left(&r->in));
}

/* Skips the line that starts here when it is such a one, and all there is when it must be the
 * last. */
static bool skip_line(struct seed_reader *r, const char *number, const char *text, bool last)
{
    struct bytes line = whole_line(r);
    if (!is_backup_line(line, number, text) || (last && !(r->in.ended && line.len == r->in.len)))
        return false;
    input_next_line(&r->in);
    input_advance(&r->in, line.len);
    return true;
}

/* What the trailer says of all that was before it must be so: a backup that lost a line is none. */
static bool check_trailer(struct seed_reader *r, struct bytes line, struct error *err)
{
    struct json *doc = json_doc_parse(line, err);
    struct digest declared, found = hash_end(&r->section);
    const char *hex = NULL;
    int64_t keys = -1;
    if (!doc)
        return false;
    bool same = json_as_int(json_member(doc, "keys"), &keys) &&
                json_as_str(json_member(doc, "sha256"), &hex) &&
                digest_parse(bytes_of(hex), &declared) && digest_equal(&declared, &found) &&
                (uint64_t)keys == r->number;
    json_doc_free(doc);
    if (same)
        return true;
    error_set(err, ERR_FORMAT, "the backup is damaged: its content does not match its checksum");
    return error_hint(err, "each of its lines stands for itself: without the first and the last "
                           "they can be read");
}

/* Behind the line that starts here another section begins: which of them is meant? */
static bool check_single(const struct seed_reader *r, struct error *err)
{
    struct bytes rest = input_left(&r->in);
    size_t len = whole_line(r).len;
    rest = bytes_make(rest.data + len, rest.len - len);
    if (!is_backup_line(first_line(rest), "cfkv_backup", "created"))
        return true;
    error_set(err, ERR_FORMAT, "this is a backup of several namespaces");
    return error_hint(err, "'cfkv restore' reads it: --from-namespace says which of them");
}

/* Skips the header of a backup, the very first line, and its trailer, the very last. */
static bool skip_backup_line(struct seed_reader *r, bool *skipped, struct error *err)
{
    *skipped = false;
    if (r->in.line == 1 && r->number == 0) {
        struct bytes header = whole_line(r);
        *skipped = skip_line(r, "cfkv_backup", "created", false);
        r->backup = *skipped ? BACKUP_OPEN : BACKUP_NONE;
        hash_init(&r->section);
        hash_add(&r->section, header);
    } else if (r->backup == BACKUP_OPEN &&
               bytes_starts_with(input_left(&r->in), bytes_of("{\"bytes\":"))) {
        if (!input_top_up(&r->in, err) || !check_single(r, err))
            return false;
        struct bytes trailer = whole_line(r);
        *skipped = skip_line(r, "keys", "sha256", true);
        if (*skipped && !check_trailer(r, trailer, err))
            return false;
        r->backup = *skipped ? BACKUP_CLOSED : BACKUP_OPEN;
    }
    return true;
}

static enum seed_status end_of_lines(struct seed_reader *r, struct error *err)
{
    if (r->backup != BACKUP_OPEN)
        return SEED_END;
    r->pos.line = r->in.line;
    error_set(err, ERR_FORMAT, "%s:%d: the backup has no trailer: it was not finished", r->path,
              r->pos.line);
    error_hint(err, "each of its lines stands for itself: without the first they can be read");
    return SEED_FAILED;
}

/* ---- Lines ----------------------------------------------------------------------------------- */

/* Feeds up to the end of a line (true) or of the chunk. */
static bool feed_to_newline(struct seed_reader *r, struct diag_list *diags)
{
    const char *start = r->in.chunk + r->in.at;
    const char *newline = memchr(start, '\n', r->in.len);
    struct bytes piece = bytes_make(start, newline ? (size_t)(newline - start) : r->in.len);
    mark_fed(r);
    if (r->backup == BACKUP_OPEN)
        hash_add(&r->section, bytes_make(start, piece.len + (newline != NULL)));
    feed_line(r, piece, diags);
    if (newline) {
        input_advance(&r->in, 1);
        input_next_line(&r->in);
    }
    return newline != NULL;
}

enum seed_status reader_next_line(struct seed_reader *r, struct diag_list *diags, struct error *err)
{
    for (;;) {
        bool skipped;
        if (!input_fill(&r->in, err))
            return fail(r, err);
        if (r->in.len == 0)
            return r->stream ? end_line(r) : end_of_lines(r, err);
        if (!r->stream && !skip_backup_line(r, &skipped, err))
            return fail(r, err);
        if (!r->stream && skipped)
            continue;
        r->item.diags = diags;
        if (feed_to_newline(r, diags) && r->stream)
            return end_line(r);
    }
}
