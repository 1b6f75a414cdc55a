/* JSON with comments and trailing commas, as wrangler's parser takes it; strict in all else. */
#include "scan.h"

#include "base/text.h"

/* ---- Between the tokens ---------------------------------------------------------------------- */

static bool skip_block_comment(struct scan *s)
{
    size_t start = s->at;
    for (s->at += 2; s->at < s->len; s->at++)
        if (scan_starts(s, "*/")) {
            s->at += 2;
            return true;
        }
    s->at = start;
    return scan_error(s, "the comment does not end");
}

static bool skip_space(struct scan *s)
{
    for (;;) {
        int c = scan_peek(s, 0);
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
            s->at++;
        } else if (scan_starts(s, "//")) {
            /* Some take a carriage return alone for the end of the line, some do not: what is
             * behind it would be read by one and not by the other. */
            for (; s->at < s->len && s->text[s->at] != '\n'; s->at++)
                if (s->text[s->at] == '\r' && scan_peek(s, 1) != '\n')
                    return scan_error(s, "a carriage return alone in a comment");
        } else if (scan_starts(s, "/*")) {
            if (!skip_block_comment(s))
                return false;
        } else {
            return true;
        }
    }
}

/* ---- Strings --------------------------------------------------------------------------------- */

/* Behind "\u". A lone half of a pair stands for no character. */
static bool read_unicode(struct scan *s)
{
    unsigned code, low;
    if (!scan_hex(s, 4, &code))
        return scan_error(s, "\\u needs four hexadecimal digits");
    if (code >= 0xD800 && code < 0xDC00 && scan_starts(s, "\\u")) {
        s->at += 2;
        if (!scan_hex(s, 4, &low) || low < 0xDC00 || low > 0xDFFF)
            return scan_error(s, "the second half of a surrogate pair is missing");
        code = 0x10000 + ((code - 0xD800) << 10 | (low - 0xDC00));
    }
    if (code >= 0xD800 && code < 0xE000)
        return scan_error(s, "half of a surrogate pair stands alone");
    utf8_add(&s->scratch, code);
    return true;
}

static bool read_escape(struct scan *s)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    int c = scan_peek(s, 1);
    const char *found = c > 0 ? strchr(from, c) : NULL;
    if (!found && c != 'u')
        return scan_error(s, "there is no such escape");
    s->at += 2;
    if (!found)
        return read_unicode(s);
    buf_add_char(&s->scratch, to[found - from]);
    return true;
}

static bool read_string(struct scan *s, struct bytes *text)
{
    size_t start = s->at++;
    buf_clear(&s->scratch);
    while (!scan_take(s, '"')) {
        int c = scan_peek(s, 0);
        if (c < 0 || c == '\n') {
            s->at = start;
            return scan_error(s, "the string does not end");
        }
        if (c < 0x20)
            return scan_error(s, "a control character must be escaped in a string");
        if (c == '\\') {
            if (!read_escape(s))
                return false;
            continue;
        }
        buf_add_char(&s->scratch, s->text[s->at++]);
    }
    *text = scan_keep(s);
    return true;
}

/* ---- Numbers and words ----------------------------------------------------------------------- */

static size_t digits(const struct scan *s, size_t ahead)
{
    size_t n = 0;
    while (scan_is_digit(scan_peek(s, ahead + n)))
        n++;
    return n;
}

/* The length of the number at the place; 0 when there is none. */
static size_t number_length(const struct scan *s)
{
    size_t at = scan_peek(s, 0) == '-', whole = digits(s, at);
    if (whole == 0 || (whole > 1 && scan_peek(s, at) == '0'))
        return 0;
    at += whole;
    if (scan_peek(s, at) == '.') {
        size_t fraction = digits(s, at + 1);
        if (fraction == 0)
            return 0;
        at += 1 + fraction;
    }
    if (scan_peek(s, at) == 'e' || scan_peek(s, at) == 'E') {
        size_t sign = scan_peek(s, at + 1) == '+' || scan_peek(s, at + 1) == '-';
        size_t exponent = digits(s, at + 1 + sign);
        if (exponent == 0)
            return 0;
        at += 1 + sign + exponent;
    }
    return at;
}

static bool read_word(struct scan *s, struct node *node)
{
    size_t n = 0;
    while (scan_is_letter(scan_peek(s, n)))
        n++;
    struct bytes word = bytes_make(s->text + s->at, n);
    bool boolean = bytes_equal(word, bytes_of("true")) || bytes_equal(word, bytes_of("false"));
    if (!boolean && !bytes_equal(word, bytes_of("null"))) {
        n = number_length(s);
        int next = n > 0 ? scan_peek(s, n) : 0;
        if (n == 0 || scan_is_digit(next) || next == '.')
            return scan_error(s,
                              s->at == s->len ? "the text ends too early" : "a value is expected");
        word.len = n;
    }
    node->kind = boolean ? NODE_BOOLEAN : NODE_OTHER;
    node->text = word;
    s->at += n;
    return true;
}

/* ---- Values ---------------------------------------------------------------------------------- */

static bool read_value(struct scan *s, struct node *node);

/* The name of a member and its colon; in an array nothing. */
static bool read_name(struct scan *s, struct tree_item *item, struct bytes *key,
                      struct span *key_at)
{
    if (item->container->kind == NODE_ARRAY)
        return true;
    if (scan_peek(s, 0) != '"')
        return scan_error(s, "a name in double quotes is expected");
    key_at->start = s->at;
    if (!read_string(s, key) || (key_at->end = s->at, !skip_space(s)))
        return false;
    return scan_take(s, ':') ? skip_space(s) : scan_error(s, "':' is expected behind the name");
}

static bool read_item(struct scan *s, struct node *container)
{
    struct tree_item *item = tree_add_item(s->tree, container, s->at);
    struct span key_at = {s->at, s->at};
    struct bytes key = {NULL, 0};
    if (!read_name(s, item, &key, &key_at))
        return false;
    struct node *node = tree_add(s->tree, container, NODE_OTHER, key, item->at.start, s->err);
    if (!node)
        return false;
    node->key_at = key_at;
    node->item = item;
    item->node = node;
    if (!read_value(s, node))
        return false;
    item->at.end = s->at;
    return skip_space(s);
}

static bool read_value(struct scan *s, struct node *node)
{
    node->value.start = s->at;
    int c = scan_peek(s, 0);
    bool ok;
    if (c == '{' || c == '[') {
        node->kind = c == '{' ? NODE_TABLE : NODE_ARRAY;
        ok = scan_container(s, node, c == '{' ? '}' : ']', skip_space, read_item);
    } else if (c == '"') {
        node->kind = NODE_STRING;
        ok = read_string(s, &node->text);
    } else {
        ok = read_word(s, node);
    }
    node->value.end = s->at;
    return ok;
}

bool jsonc_document(struct scan *s)
{
    struct tree *tree = s->tree;
    tree->root = tree_add(tree, NULL, NODE_OTHER, bytes_make(NULL, 0), s->at, s->err);
    if (!tree->root || !skip_space(s) || !read_value(s, tree->root) || !skip_space(s))
        return false;
    if (s->at < s->len)
        return scan_error(s, "nothing more is expected");
    return tree->root->kind == NODE_TABLE ||
           tree_fail(tree, tree->root->value.start, s->err, "the file must hold an object");
}
