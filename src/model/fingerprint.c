#include "fingerprint.h"

#include "base/json.h"

/* ---- Its text -------------------------------------------------------------------------------- */

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void print_mark(const struct fingerprint *mark, char text[FINGERPRINT_TEXT])
{
    for (size_t i = 0; i < FINGERPRINT_SIZE / 3; i++) {
        const uint8_t *b = &mark->bytes[3 * i];
        uint32_t bits = (uint32_t)b[0] << 16 | (uint32_t)b[1] << 8 | b[2];
        for (size_t k = 0; k < 4; k++)
            text[4 * i + k] = digits[bits >> (18 - 6 * k) & 63];
    }
}

static bool parse_mark(struct bytes text, struct fingerprint *mark)
{
    uint32_t bits = 0;
    if (text.len != FINGERPRINT_TEXT)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        const char *digit = text.data[i] ? strchr(digits, text.data[i]) : NULL;
        if (!digit)
            return false;
        bits = bits << 6 | (uint32_t)(digit - digits);
        if (i % 4 == 3) {
            mark->bytes[i / 4 * 3] = (uint8_t)(bits >> 16);
            mark->bytes[i / 4 * 3 + 1] = (uint8_t)(bits >> 8);
            mark->bytes[i / 4 * 3 + 2] = (uint8_t)bits;
        }
    }
    return true;
}

/* ---- Making ---------------------------------------------------------------------------------- */

struct bytes fingerprint_user(struct bytes metadata)
{
    return bytes_equal(metadata, bytes_of("{}")) ? bytes_make(NULL, 0) : metadata;
}

struct fingerprint fingerprint_make(struct bytes key, const struct digest *value,
                                    struct bytes metadata, int64_t ttl)
{
    struct fingerprint mark;
    struct hash h;
    struct bytes user = fingerprint_user(metadata);
    hash_init(&h);
    hash_add_field(&h, bytes_of("cfkv fingerprint 1"));
    hash_add_field(&h, key);
    hash_add(&h, bytes_make((const char *)value->bytes, sizeof value->bytes));
    hash_add_u64(&h, (uint64_t)ttl);
    hash_add_u64(&h, user.data != NULL);
    hash_add_field(&h, user);
    struct digest d = hash_end(&h);
    memcpy(mark.bytes, d.bytes, sizeof mark.bytes);
    return mark;
}

bool fingerprint_equal(const struct fingerprint *a, const struct fingerprint *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

bool fingerprint_add(struct bytes metadata, const struct fingerprint *mark, struct buf *out,
                     struct error *err)
{
    struct buf b = {0};
    char text[FINGERPRINT_TEXT];
    bool alone = !fingerprint_user(metadata).data;
    print_mark(mark, text);
    buf_add_str(&b, "{\"" FINGERPRINT_MEMBER "\":\"");
    buf_add(&b, text, sizeof text);
    buf_add_str(&b, alone ? "\"}" : "\",");
    if (!alone) /* behind its opening brace */
        buf_add(&b, metadata.data + 1, metadata.len - 1);
    bool ok = json_canonical(buf_bytes(&b), out, err);
    buf_release(&b);
    return ok;
}

/* ---- Taking apart ------------------------------------------------------------------------------
 *
 * Text is walked, not parsed: bytes outside the member must stay what they were. It was written by
 * others, so nothing is taken for granted about it.
 */

struct metadata_walk {
    struct bytes text;
    size_t at;
};

static char peek(const struct metadata_walk *w)
{
    return w->at < w->text.len ? w->text.data[w->at] : '\0';
}

static void skip_space(struct metadata_walk *w)
{
    while (w->at < w->text.len && strchr(" \t\r\n", w->text.data[w->at]) && w->text.data[w->at])
        w->at++;
}

static bool take(struct metadata_walk *w, char c)
{
    skip_space(w);
    if (peek(w) != c)
        return false;
    w->at++;
    return true;
}

/* A string, as it is spelt between its quotes. */
static bool take_string(struct metadata_walk *w, struct bytes *s)
{
    if (!take(w, '"'))
        return false;
    size_t from = w->at;
    while (w->at < w->text.len && peek(w) != '"')
        w->at += peek(w) == '\\' ? 2 : 1;
    if (w->at >= w->text.len)
        return false;
    *s = bytes_make(w->text.data + from, w->at++ - from);
    return true;
}

/* Any value: up to the comma or brace behind it. */
static bool skip_value(struct metadata_walk *w)
{
    struct bytes s;
    int depth = 0;
    for (; w->at < w->text.len; w->at++) {
        char c = peek(w);
        if (depth == 0 && (c == ',' || c == '}'))
            return true;
        if (c == '"') {
            if (!take_string(w, &s))
                return false;
            w->at--;
        }
        depth += (c == '{' || c == '[') - (c == '}' || c == ']');
    }
    return false;
}

/* Where the member is: [from, to), without commas. */
struct metadata_member {
    size_t from, to;
    struct fingerprint mark;
};

/* Reads one member; true when it is a fingerprint. `*ok` false: this is no object of JSON. */
static bool read_member(struct metadata_walk *w, struct metadata_member *m, bool *ok)
{
    struct bytes name, value;
    skip_space(w);
    m->from = w->at;
    *ok = take_string(w, &name) && take(w, ':');
    skip_space(w);
    struct metadata_walk peeked = *w;
    if (*ok && bytes_equal(name, bytes_of(FINGERPRINT_MEMBER)) && take_string(&peeked, &value) &&
        parse_mark(value, &m->mark)) {
        m->to = peeked.at;
        return true;
    }
    *ok = *ok && skip_value(w);
    return false;
}

static bool find_member(struct bytes metadata, struct metadata_member *m)
{
    struct metadata_walk w = {.text = metadata};
    bool ok = take(&w, '{');
    while (ok) {
        if (read_member(&w, m, &ok))
            return true;
        ok = ok && take(&w, ',');
    }
    return false;
}

/* Widens the cut by the comma behind it, else by the one before it. */
static void widen(struct bytes metadata, struct metadata_member *m)
{
    struct metadata_walk w = {.text = metadata, .at = m->to};
    if (take(&w, ',')) {
        skip_space(&w);
        m->to = w.at;
        return;
    }
    size_t from = m->from;
    while (from > 0 && strchr(" \t\r\n", metadata.data[from - 1]) && metadata.data[from - 1])
        from--;
    if (from > 0 && metadata.data[from - 1] == ',')
        m->from = from - 1;
}

/* Nothing but braces and space. */
static bool is_bare(struct bytes object)
{
    struct metadata_walk w = {.text = object};
    bool bare = take(&w, '{') && take(&w, '}');
    skip_space(&w);
    return bare && w.at == object.len;
}

struct fingerprint_parts fingerprint_read(struct bytes metadata, struct buf *scratch)
{
    struct metadata_member m;
    buf_clear(scratch);
    if (metadata.len < FINGERPRINT_TEXT || !find_member(metadata, &m))
        return (struct fingerprint_parts){.user = metadata};
    widen(metadata, &m);
    buf_add(scratch, metadata.data, m.from);
    buf_add(scratch, metadata.data + m.to, metadata.len - m.to);
    struct bytes user = buf_bytes(scratch);
    return (struct fingerprint_parts){
        .has = true, .mark = m.mark, .user = is_bare(user) ? bytes_make(NULL, 0) : user};
}

struct bytes fingerprint_strip(struct bytes metadata, struct buf *scratch)
{
    return fingerprint_read(metadata, scratch).user;
}
