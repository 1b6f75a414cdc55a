#include "route.h"

#include "base/text.h"

#define SEGMENTS 16

#define ROW(constant, name, op, method, path)  {ENDPOINT_##constant, method, path},
#define NAME(constant, name, op, method, path) [ENDPOINT_##constant] = #name,

static const struct {
    enum endpoint endpoint;
    const char *method;
    const char *path;
} table[] = {ENDPOINTS(ROW)};

static const char *const names[ENDPOINT_COUNT + 1] = {[ENDPOINT_NONE] = "none", ENDPOINTS(NAME)};

const char *endpoint_name(enum endpoint e)
{
    return names[e];
}

const char *const *endpoint_names(void)
{
    return names;
}

/* ---- Decoding -------------------------------------------------------------------------------- */

bool percent_decode(struct bytes text, bool plus, struct arena *arena, struct bytes *out)
{
    char *to = arena_alloc(arena, text.len + 1, 1);
    *out = bytes_make(to, 0);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (c == '%') {
            int high = i + 1 < text.len ? text_hex_digit(text.data[i + 1]) : -1;
            int low = i + 2 < text.len ? text_hex_digit(text.data[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        } else if (plus && c == '+') {
            c = ' ';
        }
        to[out->len++] = c;
    }
    return true;
}

/* The bytes of `text` up to `c`, which is skipped; `text` is moved behind it. */
static struct bytes take_until(struct bytes *text, char c)
{
    const char *end = text->len > 0 ? memchr(text->data, c, text->len) : NULL;
    struct bytes taken = bytes_make(text->data, end ? (size_t)(end - text->data) : text->len);
    size_t used = taken.len + (end ? 1 : 0);
    *text = bytes_make(text->len > 0 ? text->data + used : NULL, text->len - used);
    return taken;
}

/* What does not decode is taken as it is. */
static struct bytes decoded(struct bytes text, struct arena *arena)
{
    struct bytes out;
    return percent_decode(text, true, arena, &out) ? out : arena_copy(arena, text);
}

struct bytes query_get(struct bytes query, const char *name, struct arena *arena)
{
    while (query.len > 0) {
        struct bytes text = take_until(&query, '&');
        struct bytes key = take_until(&text, '=');
        if (bytes_equal(decoded(key, arena), bytes_of(name)))
            return decoded(text, arena);
    }
    return bytes_make(NULL, 0);
}

/* ---- Matching -------------------------------------------------------------------------------- */

static size_t split(struct bytes path, struct bytes *segments)
{
    size_t n = 0;
    while (path.len > 0 && path.data[0] == '/')
        path = bytes_make(path.data + 1, path.len - 1);
    for (;;) {
        const char *slash = path.len > 0 ? memchr(path.data, '/', path.len) : NULL;
        if (n == SEGMENTS)
            return n + 1; /* matches nothing */
        segments[n++] = take_until(&path, '/');
        if (!slash)
            return n;
        if (path.len == 0)
            path.data = "";
    }
}

static bool matches(const char *pattern, const struct bytes *segments, size_t n)
{
    struct bytes rest = bytes_of(pattern);
    for (size_t i = 0; i < n; i++) {
        if (rest.len == 0)
            return false;
        struct bytes want = take_until(&rest, '/');
        if (want.data[0] != ':' && !bytes_equal(want, segments[i]))
            return false;
    }
    return rest.len == 0;
}

/* Gives the route what the segments under ":account", ":id" and ":key" say. */
static void take_names(const char *pattern, const struct bytes *segments, struct arena *arena,
                       struct route *route)
{
    struct bytes rest = bytes_of(pattern);
    for (size_t i = 0; rest.len > 0; i++) {
        struct bytes name = take_until(&rest, '/');
        struct bytes *to = bytes_equal(name, bytes_of(":account")) ? &route->account
                           : bytes_equal(name, bytes_of(":id"))    ? &route->id
                           : bytes_equal(name, bytes_of(":key"))   ? &route->key
                                                                   : NULL;
        if (to && !percent_decode(segments[i], false, arena, to)) {
            route->undecodable = true;
            *to = segments[i];
        }
    }
}

/* "…/namespaces/" is the collection; "…/values/" is a value whose key is empty. */
static size_t drop_last_empty(const struct bytes *segments, size_t n)
{
    bool drop = n > 1 && n <= SEGMENTS && segments[n - 1].len == 0 &&
                !bytes_equal(segments[n - 2], bytes_of("values")) &&
                !bytes_equal(segments[n - 2], bytes_of("metadata"));
    return drop ? n - 1 : n;
}

struct route route_find(const char *method, struct bytes target, struct arena *arena)
{
    struct bytes storage[SEGMENTS] = {{0}}, *segments = storage;
    struct route route = {.query = target};
    route.path = take_until(&route.query, '?');
    size_t n = split(route.path, segments);
    n = drop_last_empty(segments, n);
    if (n > SEGMENTS)
        return route;
    if (n > 2 && bytes_equal(segments[0], bytes_of("client")) &&
        bytes_equal(segments[1], bytes_of("v4"))) {
        segments += 2;
        n -= 2;
    }
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (!matches(table[i].path, segments, n))
            continue;
        route.path_known = true;
        if (strcmp(table[i].method, method) != 0)
            continue;
        route.endpoint = table[i].endpoint;
        take_names(table[i].path, segments, arena, &route);
        break;
    }
    return route;
}
