/*
 * stream.c: items out of the bytes of a file.
 *
 * A JSON array is one document that one json_stream reads, but it is fed item by item: a scan of
 * the raw bytes, which knows strings and brackets and no more, finds where each element ends. So
 * there is never more than one item between the parser and the caller, whatever the chunk holds.
 * The scan cannot make wrong JSON right: every byte goes through the parser, in order.
 */
#include "reader.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"

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
    if (r->bulk->format == SOURCE_JSONL || (r->scan.in_item && r->item.level > 0))
        snprintf(item, sizeof item, "item %" PRIu64 ": ", r->number);
    error_set(err, raw.code, "%s:%d: %s%s", r->path, r->pos.line, item, raw.message);
    if (raw.hint[0])
        error_hint(err, "%s", raw.hint);
    return SEED_FAILED;
}

static bool check_size(const struct seed_reader *r, struct error *err)
{
    if (r->in.offset - r->item_offset <= SEED_ITEM_MAX)
        return true;
    error_set(err, ERR_LIMIT, "it is larger than %" PRIu64 " MiB", SEED_ITEM_MAX / 1024 / 1024);
    return error_hint(err, "a value may have 25 MiB");
}

/* ---- Items ----------------------------------------------------------------------------------- */

static void start_item(struct seed_reader *r, struct diag_list *diags)
{
    r->item_offset = r->in.offset;
    r->pos.line = r->in.line;
    r->number++;
    item_start(&r->item, r->number, r->item_offset, r->pos, diags);
}

static bool make_canonical(struct seed_reader *r, struct error *err)
{
    struct item *it = &r->item;
    struct error why;
    buf_clear(&r->canonical);
    if (!it->metadata.data)
        return true;
    if (json_canonical(it->metadata, &r->canonical, &why)) {
        it->metadata = buf_bytes(&r->canonical);
        return true;
    }
    if (why.code == ERR_NOMEM)
        return error_nomem(err);
    item_problem(it, "source.metadata", "metadata: %s", why.message);
    return true;
}

static enum seed_status end_item(struct seed_reader *r, struct error *err)
{
    if (!item_finish(&r->item, err) || !make_canonical(r, err))
        return fail(r, err);
    return r->item.bad ? SEED_BAD : SEED_ITEM;
}

/* ---- JSON array ------------------------------------------------------------------------------ */

/* Moves to the end of a run of bytes inside a string; returns its length. */
static size_t scan_string(struct array_scan *s, const char *data, size_t len)
{
    size_t i = 0;
    if (s->escaped) {
        s->escaped = false;
        return 1;
    }
    while (i < len && data[i] != '"' && data[i] != '\\')
        i++;
    if (i == len)
        return i;
    s->in_string = data[i] != '"';
    s->escaped = data[i] == '\\';
    return i + 1;
}

/* Looks at a byte between strings; true when an element ends with it. */
static bool scan_byte(struct array_scan *s, char c)
{
    if (c == '"')
        s->in_string = true;
    else if (c == '[' || c == '{')
        s->depth++;
    else if (c == ']' || c == '}')
        return --s->depth <= 1;
    return c == ',' && s->depth == 1;
}

/*
 * Feeds the parser up to the end of an element, or of the chunk. An element starts at the first
 * byte at depth 1 that is neither blank nor a comma nor the closing bracket.
 */
static bool feed_element(struct seed_reader *r, struct diag_list *diags, struct error *err)
{
    struct array_scan *s = &r->scan;
    const char *start = r->in.chunk + r->in.at;
    bool ends = false;
    mark_fed(r);
    while (r->in.len > 0 && !ends) {
        const char *data = r->in.chunk + r->in.at;
        size_t n = 1;
        if (s->in_string) {
            n = scan_string(s, data, r->in.len);
        } else {
            if (!s->in_item && s->depth == 1 && !is_blank(*data) && *data != ',' && *data != ']') {
                s->in_item = true;
                start_item(r, diags);
            }
            if (*data == '\n')
                input_next_line(&r->in);
            ends = scan_byte(s, *data);
        }
        input_advance(&r->in, n);
    }
    return json_stream_feed(r->stream, bytes_make(start, (size_t)(r->in.chunk + r->in.at - start)),
                            err) &&
           (!s->in_item || check_size(r, err));
}

static bool start_array(struct seed_reader *r, struct error *err)
{
    if (r->stream)
        return true;
    r->stream = json_stream_new(&item_handlers, &r->item);
    r->stream_offset = r->in.offset;
    r->item.in_array = true;
    return r->stream || error_nomem(err);
}

static enum seed_status array_next(struct seed_reader *r, struct diag_list *diags,
                                   struct error *err)
{
    r->item.done = false;
    for (;;) {
        if (!input_fill(&r->in, err) || !start_array(r, err))
            return fail(r, err);
        if (r->in.len == 0) {
            mark_fed(r);
            return json_stream_end(r->stream, err) ? SEED_END : fail(r, err);
        }
        r->item.diags = diags;
        if (!feed_element(r, diags, err))
            return fail(r, err);
        if (!r->item.done)
            continue;
        r->scan.in_item = false;
        return end_item(r, err);
    }
}

/* ---- JSON Lines ------------------------------------------------------------------------------ */

static bool start_line(struct seed_reader *r, struct diag_list *diags, struct error *err)
{
    if (r->stream)
        return true;
    start_item(r, diags);
    r->skip_line = false;
    r->stream_offset = r->in.offset;
    r->stream = json_stream_new(&item_handlers, &r->item);
    return r->stream || error_nomem(err);
}

/* A line that is no JSON is a wrong item: the next line is sound for all that. */
static bool line_is_broken(struct seed_reader *r, struct error *why, struct error *err)
{
    if (why->code != ERR_FORMAT) {
        *err = *why;
        return false;
    }
    reword(r, why);
    if (!r->skip_line)
        item_problem(&r->item, "source.syntax", "%s", why->message);
    r->skip_line = true;
    return true;
}

static bool feed_line(struct seed_reader *r, struct bytes piece, struct diag_list *diags,
                      struct error *err)
{
    struct error why;
    while (!r->stream && piece.len > 0 && is_blank(piece.data[0])) {
        piece = bytes_make(piece.data + 1, piece.len - 1);
        input_advance(&r->in, 1);
    }
    if (piece.len == 0)
        return true;
    if (!start_line(r, diags, err))
        return false;
    if (!r->skip_line && !json_stream_feed(r->stream, piece, &why) && !line_is_broken(r, &why, err))
        return false;
    input_advance(&r->in, piece.len);
    return check_size(r, err);
}

static enum seed_status end_line(struct seed_reader *r, struct error *err)
{
    struct error why;
    bool ok = r->skip_line || json_stream_end(r->stream, &why) || line_is_broken(r, &why, err);
    json_stream_free(r->stream);
    r->stream = NULL;
    if (!ok)
        return fail(r, err);
    return r->skip_line ? SEED_BAD : end_item(r, err);
}

/* Feeds up to the end of a line or of the chunk; `*ends` says which. */
static bool feed_to_newline(struct seed_reader *r, bool *ends, struct diag_list *diags,
                            struct error *err)
{
    const char *start = r->in.chunk + r->in.at;
    const char *newline = memchr(start, '\n', r->in.len);
    struct bytes piece = bytes_make(start, newline ? (size_t)(newline - start) : r->in.len);
    mark_fed(r);
    if (!feed_line(r, piece, diags, err))
        return false;
    *ends = newline != NULL;
    if (newline) {
        input_advance(&r->in, 1);
        input_next_line(&r->in);
    }
    return true;
}

static enum seed_status lines_next(struct seed_reader *r, struct diag_list *diags,
                                   struct error *err)
{
    for (;;) {
        bool ends = false;
        if (!input_fill(&r->in, err))
            return fail(r, err);
        if (r->in.len == 0)
            return r->stream ? end_line(r, err) : SEED_END;
        r->item.diags = diags;
        if (!feed_to_newline(r, &ends, diags, err))
            return fail(r, err);
        if (ends && r->stream)
            return end_line(r, err);
    }
}

enum seed_status stream_next(struct seed_reader *r, struct diag_list *diags, struct error *err)
{
    enum seed_status status =
        r->bulk->format == SOURCE_JSON ? array_next(r, diags, err) : lines_next(r, diags, err);
    if (status == SEED_END) {
        r->digest = hash_end(&r->in.hash);
        r->size = r->in.size;
    }
    return status;
}
