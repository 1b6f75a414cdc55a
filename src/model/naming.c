#include "naming.h"

const char *const naming_parts[] = {"app", "purpose", "env", NULL};

static struct bytes take(struct bytes *rest, size_t len)
{
    struct bytes piece = bytes_make(rest->data, len);
    *rest = bytes_make(rest->data + len, rest->len - len);
    return piece;
}

static size_t text_length(struct bytes b)
{
    size_t n = 0;
    while (n < b.len && b.data[n] != '{' && b.data[n] != '}')
        n++;
    return n;
}

enum naming_token naming_next(struct bytes *rest, struct bytes *piece)
{
    if (rest->len == 0)
        return NAMING_END;
    size_t len = text_length(*rest);
    if (len > 0) {
        *piece = take(rest, len);
        return NAMING_TEXT;
    }
    size_t inside = text_length(bytes_make(rest->data + 1, rest->len - 1));
    if (rest->data[0] == '}' || 1 + inside == rest->len || rest->data[1 + inside] != '}') {
        *piece = take(rest, rest->len);
        return NAMING_BROKEN;
    }
    struct bytes braced = take(rest, inside + 2);
    *piece = bytes_make(braced.data + 1, inside);
    return NAMING_PART;
}

const struct bytes *naming_part(const struct namespace_decl *ns, struct bytes name)
{
    if (bytes_equal(name, bytes_of("app")))
        return &ns->app;
    if (bytes_equal(name, bytes_of("purpose")))
        return &ns->purpose;
    if (bytes_equal(name, bytes_of("env")))
        return &ns->env;
    return NULL;
}

bool naming_expand(struct bytes naming, const struct namespace_decl *ns, struct buf *out)
{
    struct bytes piece;
    enum naming_token token;
    while ((token = naming_next(&naming, &piece)) != NAMING_END) {
        if (token == NAMING_BROKEN)
            return false;
        const struct bytes *text = token == NAMING_PART ? naming_part(ns, piece) : &piece;
        if (!text || !text->data)
            return false;
        buf_add_bytes(out, *text);
    }
    return true;
}
