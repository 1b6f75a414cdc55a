/* json.c: the reading half of json.h, over yajl (events) and cJSON (trees). */
#include "json.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <setjmp.h>
#include <stdlib.h>
#include <yajl/yajl_parse.h>

#include "map.h"
#include "mem.h"
#include "text.h"

/* ---- Where tokens end ----------------------------------------------------------------------- */

/*
 * A look at the raw bytes before yajl sees them, for three things that yajl does not do:
 *
 *   - It lexes a token that is spread over pieces from its start with every piece, which is
 *     quadratic for long strings. So it gets whole tokens only: up to the last "safe" place.
 *   - It replaces an unpaired surrogate escape by "?" and swallows what follows.
 *   - It takes vertical tab and form feed for white space.
 *
 * It knows strings from what is between them, no more; the rest of the grammar is yajl's.
 */
struct scan {
    enum { BETWEEN, IN_STRING, IN_ESCAPE, IN_HEX } state;
    bool high;       /* a high surrogate was read, its other half must follow */
    int digits;      /* of a \u escape */
    unsigned unit;   /* their value so far */
    uint64_t bytes;  /* accepted so far, over all pieces */
    uint64_t escape; /* of them before the escape at hand; a pair of surrogates is one */
};

static int hex_value(unsigned char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* NULL, or what is wrong with the \u escape that just became complete. */
static const char *scan_unit(struct scan *s)
{
    bool low = s->unit >= 0xDC00 && s->unit <= 0xDFFF;
    s->state = IN_STRING;
    if (s->high != low)
        return "unpaired surrogate escape";
    s->high = s->unit >= 0xD800 && s->unit <= 0xDBFF;
    return NULL;
}

static const char *scan_hex(struct scan *s, unsigned char c)
{
    int value = hex_value(c);
    if (value < 0)
        return "a \\u escape needs four hexadecimal digits";
    s->unit = s->unit << 4 | (unsigned)value;
    return ++s->digits < 4 ? NULL : scan_unit(s);
}

static const char *scan_in_string(struct scan *s, unsigned char c, bool *safe)
{
    if (s->high && c != '\\')
        return "unpaired surrogate escape";
    if (c == '\\') {
        s->state = IN_ESCAPE;
        if (!s->high)
            s->escape = s->bytes;
    } else if (c == '"') {
        s->state = BETWEEN;
        *safe = true;
    }
    return NULL;
}

/* No token goes on behind it. */
static bool is_safe(unsigned char c)
{
    switch (c) {
    case '{':
    case '}':
    case '[':
    case ']':
    case ':':
    case ',':
    case ' ':
    case '\t':
    case '\r':
    case '\n':
        return true;
    default:
        return false;
    }
}

static const char *scan_between(struct scan *s, unsigned char c, bool *safe)
{
    if (c == '\v' || c == '\f')
        return "a control character between tokens";
    if (c == '"')
        s->state = IN_STRING;
    else
        *safe = is_safe(c);
    return NULL;
}

static const char *scan_byte(struct scan *s, unsigned char c, bool *safe)
{
    *safe = false;
    switch (s->state) {
    case BETWEEN:
        return scan_between(s, c, safe);
    case IN_STRING:
        return scan_in_string(s, c, safe);
    case IN_ESCAPE:
        if (s->high && c != 'u')
            return "unpaired surrogate escape";
        s->state = c == 'u' ? IN_HEX : IN_STRING;
        s->digits = 0;
        s->unit = 0;
        return NULL;
    case IN_HEX:
        break;
    }
    return scan_hex(s, c);
}

/* How many bytes at `i` the state does not change on. */
static size_t scan_plain(const struct scan *s, struct bytes piece, size_t i)
{
    size_t start = i;
    if (s->state != IN_STRING || s->high)
        return 0;
    while (i < piece.len && piece.data[i] != '"' && piece.data[i] != '\\')
        i++;
    return i - start;
}

/* Scans a piece; `*safe_end` becomes where its last whole token ends. NULL, or what is wrong at
 * s->bytes. */
static const char *scan_piece(struct scan *s, struct bytes piece, size_t *safe_end)
{
    *safe_end = 0;
    for (size_t i = 0; i < piece.len; i++) {
        size_t plain = scan_plain(s, piece, i);
        i += plain;
        s->bytes += plain;
        if (i == piece.len)
            break;
        bool safe;
        const char *wrong = scan_byte(s, (unsigned char)piece.data[i], &safe);
        if (wrong)
            return wrong;
        s->bytes++;
        if (safe)
            *safe_end = i + 1;
    }
    return NULL;
}

/* ---- Memory of the parser ------------------------------------------------------------------- */

/*
 * yajl does not check what its allocator returns. Ours does not return without memory: it jumps
 * out of yajl, to guarded_parse or json_stream_new. What yajl held then is lost to it, so all its
 * blocks hang in a list of the stream, which is how they are freed in any case.
 */
struct block {
    struct block *prev, *next;
    _Alignas(max_align_t) char data[];
};

struct json_stream {
    const struct json_handlers *handlers;
    void *ctx;
    yajl_handle parser;
    yajl_alloc_funcs alloc;
    struct block *blocks;
    jmp_buf no_memory;
    struct scan scan;
    struct buf held;   /* the start of a token whose rest is still to come */
    struct buf number; /* the text of a number, with its NUL */
    uint64_t parsed;   /* bytes yajl took in earlier calls */
    int depth;
    uint64_t objects;  /* bit n - 1: level n is an object */
    bool after_name;   /* its value is due */
    bool in_part;      /* what yajl reads is a part of a string */
    bool parsing;      /* inside a call of yajl */
    bool broken;       /* an error came, and is kept in `error` */
    struct error *err; /* where handlers report, while parsing */
    struct error error;
};

static void block_link(struct json_stream *s, struct block *b)
{
    b->prev = NULL;
    b->next = s->blocks;
    if (s->blocks)
        s->blocks->prev = b;
    s->blocks = b;
}

static void block_unlink(struct json_stream *s, struct block *b)
{
    if (b->next)
        b->next->prev = b->prev;
    if (b->prev)
        b->prev->next = b->next;
    else
        s->blocks = b->next;
}

static struct block *block_of(void *data)
{
    return (struct block *)(void *)((char *)data - offsetof(struct block, data));
}

static void parser_free(void *ctx, void *data)
{
    if (!data)
        return;
    block_unlink(ctx, block_of(data));
    mem_free(block_of(data));
}

static void *parser_realloc(void *ctx, void *data, size_t size)
{
    struct json_stream *s = ctx;
    struct block *old = data ? block_of(data) : NULL;
    if (size > SIZE_MAX - sizeof(struct block))
        longjmp(s->no_memory, 1);
    if (old)
        block_unlink(s, old);
    struct block *b = mem_realloc(old, sizeof *b + size);
    if (b || old)
        block_link(s, b ? b : old);
    if (!b)
        longjmp(s->no_memory, 1);
    return b->data;
}

static void *parser_malloc(void *ctx, size_t size)
{
    return parser_realloc(ctx, NULL, size);
}

/* ---- Events --------------------------------------------------------------------------------- */

static bool fail_at(struct json_stream *s, uint64_t offset, const char *what)
{
    return error_set(s->err, ERR_FORMAT, "at byte %llu: %s", (unsigned long long)offset, what);
}

static bool fail_here(struct json_stream *s, const char *what)
{
    return fail_at(s, json_stream_offset(s), what);
}

static int on_null(void *ctx)
{
    struct json_stream *s = ctx;
    s->after_name = false;
    return !s->handlers->null || s->handlers->null(s->ctx, s->err);
}

static int on_boolean(void *ctx, int b)
{
    struct json_stream *s = ctx;
    s->after_name = false;
    return !s->handlers->boolean || s->handlers->boolean(s->ctx, b != 0, s->err);
}

static bool has_fraction(struct bytes number)
{
    for (size_t i = 0; i < number.len; i++)
        if (strchr(".eE", number.data[i]))
            return true;
    return false;
}

static bool is_integer(struct bytes text, int64_t *n)
{
    return !has_fraction(text) && text_to_int64(text, n);
}

bool json_number_changes(struct bytes text)
{
    int64_t n;
    return !has_fraction(text) && !text_to_int64(text, &n);
}

static int on_number(void *ctx, const char *data, size_t len)
{
    struct json_stream *s = ctx;
    const struct json_handlers *h = s->handlers;
    struct bytes text = bytes_make(data, len);
    int64_t n;
    s->after_name = false;
    if (is_integer(text, &n))
        return !h->integer || h->integer(s->ctx, n, s->err);
    buf_clear(&s->number);
    if (!buf_add_bytes(&s->number, text))
        return error_nomem(s->err);
    double d = strtod(s->number.data, NULL);
    if (!isfinite(d))
        return fail_here(s, "number out of range");
    return !h->number || h->number(s->ctx, d, buf_bytes(&s->number), s->err);
}

static int on_string(void *ctx, const unsigned char *data, size_t len)
{
    struct json_stream *s = ctx;
    struct bytes text = bytes_make((const char *)data, len);
    /* yajl lets overlong forms and raw surrogates pass. */
    if (!utf8_valid(text))
        return fail_here(s, "string is not valid UTF-8");
    if (s->in_part)
        return s->handlers->string_part(s->ctx, text, s->err);
    s->after_name = false;
    return !s->handlers->string || s->handlers->string(s->ctx, text, s->err);
}

static int on_key(void *ctx, const unsigned char *data, size_t len)
{
    struct json_stream *s = ctx;
    struct bytes name = bytes_make((const char *)data, len);
    if (!utf8_valid(name))
        return fail_here(s, "member name is not valid UTF-8");
    s->after_name = true;
    return !s->handlers->key || s->handlers->key(s->ctx, name, s->err);
}

static bool enter(struct json_stream *s, bool object)
{
    uint64_t level = UINT64_C(1) << s->depth % JSON_MAX_DEPTH;
    if (s->depth == JSON_MAX_DEPTH)
        return fail_here(s, "more than 64 levels deep");
    s->depth++;
    s->objects = object ? s->objects | level : s->objects & ~level;
    s->after_name = false;
    return true;
}

_Static_assert(JSON_MAX_DEPTH == 64, "the message says so");

static int on_begin_object(void *ctx)
{
    struct json_stream *s = ctx;
    return enter(s, true) &&
           (!s->handlers->begin_object || s->handlers->begin_object(s->ctx, s->err));
}

static int on_end_object(void *ctx)
{
    struct json_stream *s = ctx;
    s->depth--;
    return !s->handlers->end_object || s->handlers->end_object(s->ctx, s->err);
}

static int on_begin_array(void *ctx)
{
    struct json_stream *s = ctx;
    return enter(s, false) &&
           (!s->handlers->begin_array || s->handlers->begin_array(s->ctx, s->err));
}

static int on_end_array(void *ctx)
{
    struct json_stream *s = ctx;
    s->depth--;
    return !s->handlers->end_array || s->handlers->end_array(s->ctx, s->err);
}

static const yajl_callbacks callbacks = {
    .yajl_null = on_null,
    .yajl_boolean = on_boolean,
    .yajl_number = on_number,
    .yajl_string = on_string,
    .yajl_start_map = on_begin_object,
    .yajl_map_key = on_key,
    .yajl_end_map = on_end_object,
    .yajl_start_array = on_begin_array,
    .yajl_end_array = on_end_array,
};

/* ---- The stream ----------------------------------------------------------------------------- */

/* false: no memory. */
static bool guarded_alloc(struct json_stream *s)
{
    if (setjmp(s->no_memory) != 0)
        return false;
    s->parser = yajl_alloc(&callbacks, &s->alloc, s);
    return s->parser != NULL;
}

struct json_stream *json_stream_new(const struct json_handlers *handlers, void *ctx)
{
    struct json_stream *s = mem_zalloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->handlers = handlers;
    s->ctx = ctx;
    s->alloc = (yajl_alloc_funcs){parser_malloc, parser_realloc, parser_free, s};
    if (guarded_alloc(s))
        return s;
    json_stream_free(s);
    return NULL;
}

void json_stream_free(struct json_stream *s)
{
    if (!s)
        return;
    while (s->blocks)
        parser_free(s, s->blocks->data);
    buf_release(&s->held);
    buf_release(&s->number);
    mem_free(s);
}

uint64_t json_stream_offset(const struct json_stream *s)
{
    return s->parsed + (s->parsing ? yajl_get_bytes_consumed(s->parser) : s->held.len);
}

/* One call of yajl; no data: the input is over. false: no memory, and yajl must not be called
 * again. */
static bool guarded_parse(struct json_stream *s, struct bytes b, yajl_status *status)
{
    if (setjmp(s->no_memory) != 0)
        return false;
    *status = b.data ? yajl_parse(s->parser, (const unsigned char *)b.data, b.len)
                     : yajl_complete_parse(s->parser);
    return true;
}

/* yajl's word for its last error, which it allocates. false: no memory. */
static bool guarded_message(struct json_stream *s, char *out, size_t size)
{
    if (setjmp(s->no_memory) != 0)
        return false;
    unsigned char *text = yajl_get_error(s->parser, 0, NULL, 0);
    const char *detail = strstr((const char *)text, "error: ");
    detail = detail ? detail + strlen("error: ") : (const char *)text;
    size_t len = strcspn(detail, "\n");
    while (len > 0 && (len >= size || detail[len - 1] == '.'))
        len--;
    memcpy(out, detail, len);
    out[len] = '\0';
    yajl_free_error(s->parser, text);
    return true;
}

/* What yajl says that we would say otherwise. */
static const char *reworded(const char *message)
{
    static const char *const words[][2] = {
        {"premature EOF", "the document ends too early"},
        {"trailing garbage", "something follows the document"},
        {"unallowed token at this point in JSON text", "unexpected token"},
        {"invalid bytes in UTF8 string", "string is not valid UTF-8"},
        {"invalid char in json text", "unexpected character"},
        {"invalid string in json text", "unexpected word"},
        {"invalid object key (must be a string)", "a member name must be a string"},
        {"object key and value must be separated by a colon (':')", "expected ':'"},
        {"after array element, I expect ',' or ']'", "expected ',' or ']'"},
        {"after key and value, inside map, I expect ',' or '}'", "expected ',' or '}'"},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(message, words[i][0]) == 0)
            return words[i][1];
    return message;
}

static bool fail_syntax(struct json_stream *s)
{
    char message[256];
    uint64_t offset = json_stream_offset(s);
    if (!guarded_message(s, message, sizeof message))
        return error_nomem(s->err);
    /* The end of input is fed as a space that is not there. */
    return fail_at(s, offset < s->scan.bytes ? offset : s->scan.bytes, reworded(message));
}

static bool parse(struct json_stream *s, struct bytes b)
{
    yajl_status status;
    s->parsing = true;
    bool ok = guarded_parse(s, b, &status) || error_nomem(s->err);
    if (ok && status == yajl_status_error)
        ok = fail_syntax(s);
    s->parsing = false;
    s->parsed += b.len;
    return ok && status == yajl_status_ok;
}

/* ---- Strings in parts ------------------------------------------------------------------------ */

static bool name_is_due(const struct json_stream *s)
{
    return s->depth > 0 && s->objects >> (s->depth - 1) & 1 && !s->after_name;
}

/* How many of the held bytes, the start of a string, can be parted from the rest: no escape and no
 * character is cut. */
static size_t part_len(const struct json_stream *s)
{
    bool plain = s->scan.state == IN_STRING && !s->scan.high;
    size_t len = s->held.len - (plain ? 0 : (size_t)(s->scan.bytes - s->scan.escape));
    for (size_t back = 1; back <= 3 && back < len; back++) {
        unsigned char c = (unsigned char)s->held.data[len - back];
        size_t need = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC0 ? 2 : 1;
        if ((c & 0xC0) != 0x80)
            return need > back ? len - back : len;
    }
    return len;
}

/* A part between quotes is a document of its own, so a parser of its own decodes it. */
static bool parse_part(struct json_stream *s, struct bytes part)
{
    yajl_handle whole = s->parser;
    bool ok = guarded_alloc(s) || error_nomem(s->err);
    s->in_part = true;
    ok = ok && parse(s, part);
    s->in_part = false;
    if (ok) /* else it may be in disorder, and ends with the stream */
        yajl_free(s->parser);
    s->parser = whole;
    return ok;
}

/* Hands out most of what is held of a string, and keeps its quote and its end: as if the string
 * began there. */
static bool give_part(struct json_stream *s)
{
    char *held = s->held.data;
    uint64_t start = s->parsed;
    if (held[0] != '"')
        return fail_at(s, start, "a word or number is longer than 64 KiB");
    if (name_is_due(s))
        return fail_at(s, start, "a member name is longer than 64 KiB");
    size_t len = part_len(s);
    char next = held[len]; /* the NUL behind, at the end */
    held[len] = '"';
    bool ok = parse_part(s, bytes_make(held, len + 1));
    held[len] = next;
    s->parsed = start + len - 1;
    memmove(held + 1, held + len, s->held.len - len + 1);
    s->held.len -= len - 1;
    return ok;
}

_Static_assert(JSON_PART == 64 * 1024, "the messages say so");

/* ---- Pieces ---------------------------------------------------------------------------------- */

/* Parses what is whole of the held bytes and the piece, and holds the rest. */
static bool advance(struct json_stream *s, struct bytes piece, size_t safe_end)
{
    struct bytes rest = bytes_make(piece.data + safe_end, piece.len - safe_end);
    if (safe_end > 0 && s->held.len > 0) {
        if (!buf_add(&s->held, piece.data, safe_end))
            return error_nomem(s->err);
        struct bytes whole = buf_bytes(&s->held);
        s->held.len = 0; /* offsets count from `parsed` now */
        if (!parse(s, whole))
            return false;
    } else if (safe_end > 0 && !parse(s, bytes_make(piece.data, safe_end)))
        return false;
    if (!buf_add_bytes(&s->held, rest))
        return error_nomem(s->err);
    return s->held.len < JSON_PART || !s->handlers->string_part || give_part(s);
}

static bool feed(struct json_stream *s, struct bytes piece)
{
    size_t safe_end;
    uint64_t before = s->scan.bytes;
    const char *wrong = scan_piece(&s->scan, piece, &safe_end);
    if (wrong)
        piece.len = (size_t)(s->scan.bytes - before);
    if (piece.len > 0 && !advance(s, piece, safe_end))
        return false;
    return !wrong || fail_at(s, s->scan.bytes, wrong);
}

static bool finish(struct json_stream *s)
{
    static const struct bytes end = {NULL, 0};
    if (s->held.len > 0) {
        struct bytes last = buf_bytes(&s->held);
        s->held.len = 0;
        if (!parse(s, last))
            return false;
    }
    return parse(s, end);
}

/* Runs one step unless an earlier one failed; remembers its error. */
static bool step(struct json_stream *s, const struct bytes *piece, struct error *err)
{
    if (s->broken) {
        *err = s->error;
        return false;
    }
    s->err = err;
    if (piece ? feed(s, *piece) : finish(s))
        return true;
    s->broken = true;
    s->error = *err;
    return false;
}

bool json_stream_feed(struct json_stream *s, struct bytes piece, struct error *err)
{
    return step(s, &piece, err);
}

bool json_stream_end(struct json_stream *s, struct error *err)
{
    return step(s, NULL, err);
}

bool json_parse(struct bytes text, const struct json_handlers *handlers, void *ctx,
                struct error *err)
{
    struct json_stream *s = json_stream_new(handlers, ctx);
    if (!s)
        return error_nomem(err);
    bool ok = json_stream_feed(s, text, err) && json_stream_end(s, err);
    json_stream_free(s);
    if (!ok && err->code == ERR_FORMAT && text_is_utf16(text)) {
        error_set(err, ERR_FORMAT, TEXT_UTF16);
        error_hint(err, TEXT_UTF16_HINT);
    }
    return ok;
}

/* ---- Trees ---------------------------------------------------------------------------------- */

/*
 * cJSON reads laxly ("01", raw control characters, …), so a document first passes the strict reader
 * above, and cJSON builds the tree of a text known to be good. What is good but beyond cJSON is
 * refused there as well: then cJSON can only fail for want of memory.
 */

static const cJSON *item_of(const struct json *v)
{
    return (const cJSON *)(const void *)v;
}

static const struct json *json_of(const cJSON *item)
{
    return (const struct json *)(const void *)item;
}

static bool check_text(void *ctx, struct bytes s, struct error *err)
{
    (void)ctx;
    if (s.len > 0 && memchr(s.data, '\0', s.len))
        return error_set(err, ERR_FORMAT, "a string of this document holds a NUL (\\u0000)");
    return true;
}

/* cJSON copies numbers to an array of 64 characters. */
static bool check_number(void *ctx, double d, struct bytes text, struct error *err)
{
    (void)ctx;
    (void)d;
    if (text.len > 63)
        return error_set(err, ERR_FORMAT, "a number of more than 63 characters");
    return true;
}

static bool check_names(const cJSON *object, struct error *err)
{
    char quoted[160];
    struct map names = {0};
    bool ok = true;
    for (const cJSON *member = object->child; ok && member; member = member->next) {
        size_t existing;
        struct bytes name = bytes_of(member->string);
        if (!map_add(&names, name, 0, &existing))
            ok = error_nomem(err);
        else if (existing != MAP_NONE)
            ok = error_set(err, ERR_FORMAT, "member %s appears twice",
                           text_quoted(name, quoted, sizeof quoted));
    }
    map_release(&names);
    return ok;
}

/* No deeper than JSON_MAX_DEPTH, as the strict reader found. */
static bool check_tree(const cJSON *item, struct error *err)
{
    if (cJSON_IsObject(item) && !check_names(item, err))
        return false;
    for (const cJSON *child = item->child; child; child = child->next)
        if (!check_tree(child, err))
            return false;
    return true;
}

struct json *json_doc_parse(struct bytes text, struct error *err)
{
    static const struct json_handlers strict = {
        .string = check_text, .key = check_text, .number = check_number};
    if (!json_parse(text, &strict, NULL, err))
        return NULL;

    /* cJSON keeps its allocator in a static variable: always these two, set before each use. */
    cJSON_Hooks hooks = {mem_alloc, mem_free};
    cJSON_InitHooks(&hooks);
    cJSON *root = cJSON_ParseWithLengthOpts(text.data, text.len, NULL, 0);
    if (!root) {
        error_nomem(err);
        return NULL;
    }
    if (!check_tree(root, err)) {
        cJSON_Delete(root);
        return NULL;
    }
    return (struct json *)(void *)root;
}

void json_doc_free(struct json *root)
{
    cJSON_Delete((cJSON *)(void *)root);
}

const struct json *json_member(const struct json *object, const char *name)
{
    if (!json_is_object(object))
        return NULL;
    const cJSON *item = item_of(object)->child;
    while (item && strcmp(item->string, name) != 0)
        item = item->next;
    return json_of(item);
}

const struct json *json_first(const struct json *container)
{
    return container ? json_of(item_of(container)->child) : NULL;
}

const struct json *json_next(const struct json *item)
{
    return item ? json_of(item_of(item)->next) : NULL;
}

const char *json_name(const struct json *member)
{
    return member ? item_of(member)->string : NULL;
}

size_t json_count(const struct json *container)
{
    size_t n = 0;
    for (const struct json *v = json_first(container); v; v = json_next(v))
        n++;
    return n;
}

bool json_is_object(const struct json *v)
{
    return cJSON_IsObject(item_of(v));
}

bool json_is_array(const struct json *v)
{
    return cJSON_IsArray(item_of(v));
}

bool json_is_null(const struct json *v)
{
    return cJSON_IsNull(item_of(v));
}

bool json_as_str(const struct json *v, const char **out)
{
    if (!cJSON_IsString(item_of(v)))
        return false;
    *out = item_of(v)->valuestring;
    return true;
}

bool json_as_int(const struct json *v, int64_t *out)
{
    if (!cJSON_IsNumber(item_of(v)))
        return false;
    double d = item_of(v)->valuedouble;
    if (fabs(d) >= 9007199254740992.0 || d != trunc(d))
        return false;
    *out = (int64_t)d;
    return true;
}

bool json_as_bool(const struct json *v, bool *out)
{
    if (!cJSON_IsBool(item_of(v)))
        return false;
    *out = cJSON_IsTrue(item_of(v));
    return true;
}

/* ---- Printing a tree ------------------------------------------------------------------------ */

static void write_item(struct json_writer *w, const cJSON *item);

static void write_children(struct json_writer *w, const cJSON *container)
{
    for (const cJSON *child = container->child; child; child = child->next) {
        if (cJSON_IsObject(container))
            json_key(w, child->string);
        write_item(w, child);
    }
}

static void write_item(struct json_writer *w, const cJSON *item)
{
    if (cJSON_IsObject(item)) {
        json_begin_object(w);
        write_children(w, item);
        json_end_object(w);
    } else if (cJSON_IsArray(item)) {
        json_begin_array(w);
        write_children(w, item);
        json_end_array(w);
    } else if (cJSON_IsString(item))
        json_str(w, item->valuestring);
    else if (cJSON_IsNumber(item))
        json_double(w, item->valuedouble);
    else if (cJSON_IsBool(item))
        json_bool(w, cJSON_IsTrue(item));
    else
        json_null(w);
}

bool json_print(const struct json *v, struct buf *out)
{
    struct json_writer w = json_writer_to(out, 0);
    write_item(&w, item_of(v));
    return !out->failed;
}
