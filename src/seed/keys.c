/*
 * keys.c: a chunk of the file is fed to the parser at a time, and the keys that it held wait in a
 * row: so no more is in memory than a chunk and the longest text.
 */
#include "keys.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/text.h"
#include "reader.h"

#define KEY_SHOWN 128

struct keys {
    struct seed_source *source;
    struct digest checked; /* the content at the first pass */

    /* A pass. */
    bool reading;
    struct input in;
    bool lines; /* JSON Lines */
    struct json_stream *stream;
    uint64_t stream_start; /* in the content */
    uint64_t number;       /* of the item */
    struct diag_list *diags;
    size_t problems;

    /* The item that is being read. */
    int level; /* open containers, the array of all items included */
    bool is_key;
    bool has_key, is_frame;
    struct buf key;

    /* Keys that were read and not given: lengths of what is in `text`, one after the other. */
    struct buf text;
    size_t *lengths;
    size_t n, cap, at, text_at;
};

/* ---- Problems -------------------------------------------------------------------------------- */

/* The line of the token that was just read: it ends in the chunk. */
static int line_here(const struct keys *k)
{
    uint64_t end = k->stream_start + json_stream_offset(k->stream);
    const char *data = k->in.chunk + k->in.at;
    int line = k->in.line;
    for (uint64_t i = k->in.offset; i < end && i - k->in.offset < k->in.len; i++)
        line += data[i - k->in.offset] == '\n' && line < INT_MAX;
    return line;
}

static struct srcpos here(const struct keys *k)
{
    return (struct srcpos){seed_source_path(k->source), line_here(k)};
}

static void problem(struct keys *k, const char *code, const char *message)
{
    k->problems++;
    if (k->diags)
        diag_add(k->diags, DIAG_ERROR, code, here(k), "item %" PRIu64 ": %s", k->number, message);
    if (k->diags)
        diag_hint(k->diags, "take it out, or write the name of a key");
}

static void no_key(struct keys *k)
{
    problem(k, "keys.item", "it is no key: neither a string nor an object with 'key' or 'name'");
}

/* ---- Keys ------------------------------------------------------------------------------------ */

static const char *fault_of(struct bytes key)
{
    if (key.len == 0)
        return "is empty";
    if (key.len > KV_KEY_MAX)
        return "is longer than 512 bytes";
    if (bytes_equal(key, bytes_of(".")) || bytes_equal(key, bytes_of("..")))
        return "is refused by Workers KV";
    return NULL;
}

static void take_key(struct keys *k, struct bytes key)
{
    const char *fault = fault_of(key);
    if (fault) {
        char text[256], name[KEY_SHOWN];
        snprintf(text, sizeof text, "key %s %s", text_quoted(key, name, sizeof name), fault);
        problem(k, "key.name", text);
        return;
    }
    mem_grow((void **)&k->lengths, &k->cap, k->n + 1, sizeof *k->lengths);
    buf_add_bytes(&k->text, key);
    k->lengths[k->n++] = key.len;
}

/* ---- Events ---------------------------------------------------------------------------------- */

/* Containers around an item. */
static int base_of(const struct keys *k)
{
    return k->lines ? 0 : 1;
}

/* A value that is no text. */
static void take_other(struct keys *k)
{
    if (k->level == base_of(k)) {
        k->number++;
        no_key(k);
    } else if (k->level == base_of(k) + 1 && k->is_key) {
        problem(k, "keys.item", "its key is no string");
        k->has_key = true;
    }
}

static void take_string(struct keys *k, struct bytes s)
{
    if (k->level == base_of(k)) {
        k->number++;
        take_key(k, s);
    } else if (k->level == base_of(k) + 1 && k->is_key) {
        if (k->has_key && !bytes_equal(buf_bytes(&k->key), s))
            problem(k, "keys.item", "it has two keys that differ");
        k->has_key = true;
        buf_clear(&k->key);
        buf_add_bytes(&k->key, s);
    }
}

static void take_name(struct keys *k, struct bytes name)
{
    if (k->level != base_of(k) + 1)
        return;
    k->is_key = bytes_equal(name, bytes_of("key")) || bytes_equal(name, bytes_of("name"));
    k->is_frame = k->is_frame || bytes_equal(name, bytes_of("cfkv_backup")) ||
                  bytes_equal(name, bytes_of("sha256"));
}

static void begin(struct keys *k, bool object)
{
    if (k->level == base_of(k))
        k->has_key = k->is_key = k->is_frame = false;
    if (k->level == base_of(k) && object)
        k->number++;
    else
        take_other(k);
    k->level++;
}

static void end_object(struct keys *k)
{
    if (--k->level != base_of(k))
        return;
    if (k->has_key)
        take_key(k, k->key.data ? buf_bytes(&k->key) : bytes_of(""));
    else if (k->is_frame)
        k->number--;
    else
        no_key(k);
}

static bool on_event(void *ctx, const struct json_event *e, struct error *err)
{
    struct keys *k = ctx;
    (void)err;
    switch (e->type) {
    case JSON_STRING:
        take_string(k, e->text);
        break;
    case JSON_KEY:
        take_name(k, e->text);
        break;
    case JSON_BEGIN_OBJECT:
    case JSON_BEGIN_ARRAY:
        begin(k, e->type == JSON_BEGIN_OBJECT);
        break;
    case JSON_END_OBJECT:
        end_object(k);
        break;
    case JSON_END_ARRAY:
        k->level--;
        break;
    default:
        take_other(k);
        break;
    }
    return true;
}

/* ---- Feeding --------------------------------------------------------------------------------- */

static void open_stream(struct keys *k)
{
    k->level = 0;
    k->stream_start = k->in.offset;
    k->stream = json_stream_new(on_event, k);
}

static void close_stream(struct keys *k)
{
    json_stream_free(k->stream);
    k->stream = NULL;
}

/* Broken JSON is a problem like the others, but nothing can be read behind it. */
static bool broken(struct keys *k, struct error *err)
{
    if (err->code == ERR_FORMAT && k->diags)
        diag_add(k->diags, DIAG_ERROR, "keys.format", here(k), "item %" PRIu64 ": %s",
                 k->number + 1, err->message);
    if (err->code == ERR_FORMAT && k->diags)
        diag_hint(k->diags, JSON_SYNTAX_HINT);
    return false;
}

static bool feed(struct keys *k, size_t n, struct error *err)
{
    struct bytes piece = bytes_make(k->in.chunk + k->in.at, n);
    if (!json_stream_feed(k->stream, piece, err))
        return broken(k, err);
    for (const char *at = piece.data; (at = memchr(at, '\n', n - (size_t)(at - piece.data))); at++)
        input_next_line(&k->in);
    input_advance(&k->in, n);
    return true;
}

static bool end_stream(struct keys *k, struct error *err)
{
    bool ok = !k->stream || json_stream_end(k->stream, err) || broken(k, err);
    close_stream(k);
    return ok;
}

static size_t blanks(struct bytes b)
{
    size_t n = 0;
    while (n < b.len && b.data[n] != '\n' && strchr(" \t\r", b.data[n]) && b.data[n])
        n++;
    return n;
}

/* A line, or what the chunk has of it. Blank lines are none. */
static bool feed_line(struct keys *k, struct error *err)
{
    if (!k->stream)
        input_advance(&k->in, blanks(input_left(&k->in)));
    struct bytes left = input_left(&k->in);
    const char *end = left.len > 0 ? memchr(left.data, '\n', left.len) : NULL;
    size_t n = end ? (size_t)(end - left.data) : left.len;
    if (n > 0 && !k->stream)
        open_stream(k);
    if (n > 0 && !feed(k, n, err))
        return false;
    if (!end)
        return true;
    if (!end_stream(k, err))
        return false;
    input_next_line(&k->in);
    input_advance(&k->in, 1);
    return true;
}

/* Reads on until a key waits, or all is read. */
static bool read_on(struct keys *k, bool *end, struct error *err)
{
    k->n = k->at = k->text_at = 0;
    buf_clear(&k->text);
    while (k->n == 0) {
        if (!input_fill(&k->in, err))
            return false;
        *end = k->in.len == 0;
        if (*end)
            return end_stream(k, err);
        if (k->lines ? !feed_line(k, err) : !feed(k, k->in.len, err))
            return false;
    }
    return true;
}

/* ---- Passes ---------------------------------------------------------------------------------- */

static void stop_pass(struct keys *k)
{
    if (k->reading)
        input_close(&k->in);
    k->reading = false;
    close_stream(k);
}

static bool tell_format(struct keys *k, struct error *err)
{
    char name[KEY_SHOWN];
    struct bytes left = input_left(&k->in);
    size_t i = 0;
    while (i < left.len && (left.data[i] == '\n' || blanks(bytes_make(left.data + i, 1)) == 1))
        i++;
    char first = i < left.len ? left.data[i] : '{'; /* nothing at all is no line */
    k->lines = first != '[';
    if (strchr("[{\"", first) && first) {
        if (!k->lines)
            open_stream(k);
        return true;
    }
    error_set(err, ERR_INVALID, "%s holds no keys",
              text_quoted(bytes_of(seed_source_path(k->source)), name, sizeof name));
    return error_hint(err, "keys are a JSON array or JSON Lines of strings, or of objects with "
                           "'key' or 'name'");
}

bool keys_start(struct keys *k, struct error *err)
{
    stop_pass(k);
    int fd = source_open_again(k->source, err);
    if (fd < 0)
        return false;
    k->reading = true;
    k->number = 0;
    k->problems = 0;
    k->n = k->at = 0;
    input_open(&k->in, fd, seed_source_path(k->source));
    if (!input_fill(&k->in, err))
        return err->code == ERR_FORMAT ? error_wrap(err, "'%s'", seed_source_path(k->source))
                                       : false;
    return tell_format(k, err);
}

static struct digest content(struct keys *k)
{
    struct hash copy = k->in.hash;
    return hash_end(&copy);
}

static bool changed(const struct keys *k, struct error *err)
{
    char name[KEY_SHOWN];
    error_set(err, ERR_FORMAT, "%s changed while it was read",
              text_quoted(bytes_of(seed_source_path(k->source)), name, sizeof name));
    return error_hint(err, "run it again when nobody writes to it");
}

static bool next(struct keys *k, struct bytes *key, bool *end, struct error *err)
{
    *end = false;
    if (k->at == k->n && !read_on(k, end, err))
        return false;
    if (*end)
        return true;
    *key = bytes_make(k->text.data + k->text_at, k->lengths[k->at]);
    k->text_at += k->lengths[k->at++];
    return true;
}

bool keys_next(struct keys *k, struct bytes *key, bool *end, struct error *err)
{
    if (!next(k, key, end, err))
        return err->code == ERR_FORMAT ? changed(k, err) : false;
    struct digest now = *end ? content(k) : k->checked;
    return (k->problems == 0 && digest_equal(&now, &k->checked)) || changed(k, err);
}

static bool check_all(struct keys *k, size_t max_problems, uint64_t *n, struct error *err)
{
    struct bytes key;
    bool end;
    *n = 0;
    for (;;) {
        if (!next(k, &key, &end, err))
            return false;
        if (end || (max_problems > 0 && k->problems >= max_problems))
            return true;
        ++*n;
    }
}

bool keys_check(struct keys *k, size_t max_problems, struct diag_list *diags, uint64_t *n,
                struct error *err)
{
    if (!keys_start(k, err))
        return false;
    k->diags = diags;
    bool ok = check_all(k, max_problems, n, err);
    k->diags = NULL;
    k->checked = content(k);
    bool told = !ok && err->code == ERR_FORMAT && diags->errors > 0;
    return ok || told;
}

/* ---- Opening --------------------------------------------------------------------------------- */

struct keys *keys_open(const char *path, struct error *err)
{
    struct keys *k = mem_zalloc(1, sizeof *k);
    k->source = seed_source_open(path, SOURCE_JSON, err);
    if (k->source)
        return k;
    mem_free(k);
    return NULL;
}

void keys_close(struct keys *k)
{
    if (!k)
        return;
    stop_pass(k);
    seed_source_close(k->source);
    buf_release(&k->key);
    buf_release(&k->text);
    mem_free(k->lengths);
    mem_free(k);
}

const char *keys_path(const struct keys *k)
{
    return seed_source_path(k->source);
}
