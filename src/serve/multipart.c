#define _GNU_SOURCE 1 /* memmem */
#include "multipart.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define FORM_TYPE    "multipart/form-data"
#define BOUNDARY_MAX 70 /* RFC 2046 */

/* Where `what` begins in `in`; in.len when it is not there. */
static size_t find(struct bytes in, struct bytes what)
{
    const char *at = memmem(in.data, in.len, what.data, what.len);
    return at ? (size_t)(at - in.data) : in.len;
}

static struct bytes skip(struct bytes b, size_t n)
{
    return bytes_make(b.data + n, b.len - n);
}

static bool equals_nocase(struct bytes b, const char *text)
{
    return b.len == strlen(text) && strncasecmp(b.data, text, b.len) == 0;
}

/* ---- Parameters: ; name=token; name="text" --------------------------------------------------- */

/* The length of a quoted string's inside, from behind its first quote; in.len when it never ends.
 */
static size_t quoted_end(struct bytes in)
{
    size_t i = 0;
    while (i < in.len && in.data[i] != '"')
        i += in.data[i] == '\\' && i + 1 < in.len ? 2 : 1;
    return i < in.len ? i : in.len;
}

/* The parameter `name` of a header value like 'form-data; name="value"'; data NULL: none. */
static struct bytes parameter(struct bytes header, const char *name)
{
    header = skip(header, find(header, bytes_of(";")));
    while (header.len > 0) {
        header = skip(header, 1);
        size_t equals = find(header, bytes_of("="));
        if (equals == header.len)
            break;
        struct bytes key = bytes_trim(bytes_make(header.data, equals), " \t");
        header = skip(header, equals + 1);
        bool quoted = header.len > 0 && header.data[0] == '"';
        if (quoted)
            header = skip(header, 1);
        size_t end = quoted ? quoted_end(header) : find(header, bytes_of(";"));
        struct bytes value = bytes_make(header.data, end);
        if (equals_nocase(key, name))
            return quoted ? value : bytes_trim(value, " \t");
        header = skip(header, end);
        header = skip(header, find(header, bytes_of(";")));
    }
    return bytes_make(NULL, 0);
}

bool multipart_is(const char *content_type)
{
    size_t n = sizeof FORM_TYPE - 1;
    return content_type && strncasecmp(content_type, FORM_TYPE, n) == 0 &&
           (content_type[n] == '\0' || content_type[n] == ';' || content_type[n] == ' ');
}

/* ---- Parts ----------------------------------------------------------------------------------- */

/* The name of a part, from its header lines; data NULL when none says it. */
static struct bytes part_name(struct bytes headers)
{
    while (headers.len > 0) {
        size_t end = find(headers, bytes_of("\r\n"));
        struct bytes line = bytes_make(headers.data, end);
        headers = skip(headers, end == headers.len ? end : end + 2);
        size_t colon = find(line, bytes_of(":"));
        if (colon < line.len && equals_nocase(bytes_make(line.data, colon), "content-disposition"))
            return parameter(skip(line, colon + 1), "name");
    }
    return bytes_make(NULL, 0);
}

/* Takes what stands between two delimiters apart: header lines, an empty line, the data. */
static bool part_take(struct bytes part, const char *const *names, size_t n, struct bytes *parts)
{
    size_t end = find(part, bytes_of("\r\n\r\n"));
    if (end == part.len)
        return false;
    /* Its first CRLF ended the delimiter's line; with no header at all it is also the empty one. */
    struct bytes name = part_name(bytes_make(part.data + 2, end > 2 ? end - 2 : 0));
    for (size_t i = 0; i < n; i++)
        if (name.data && bytes_equal(name, bytes_of(names[i])) && !parts[i].data)
            parts[i] = skip(part, end + 4);
    return true;
}

/* `delimiter` is CRLF "--" BOUNDARY; the first one may stand at the very start, without its CRLF.
 */
static bool parts_take(struct bytes body, struct bytes delimiter, const char *const *names,
                       size_t n, struct bytes *parts)
{
    bool at_start = bytes_starts_with(body, skip(delimiter, 2));
    size_t at = at_start ? 0 : find(body, delimiter);
    if (at == body.len)
        return false;
    body = skip(body, at + delimiter.len - (at_start ? 2 : 0));
    while (!bytes_starts_with(body, bytes_of("--"))) {
        size_t end = find(body, delimiter);
        if (end == body.len || !bytes_starts_with(body, bytes_of("\r\n")) ||
            !part_take(bytes_make(body.data, end), names, n, parts))
            return false;
        body = skip(body, end + delimiter.len);
    }
    return true;
}

bool multipart_find(const char *content_type, struct bytes body, const char *const *names, size_t n,
                    struct bytes *parts)
{
    char delimiter[BOUNDARY_MAX + 5];
    struct bytes boundary = parameter(bytes_of(content_type), "boundary");
    memset(parts, 0, n * sizeof *parts);
    if (boundary.len == 0 || boundary.len > BOUNDARY_MAX)
        return false;
    int len = snprintf(delimiter, sizeof delimiter, "\r\n--%.*s", BYTES_FMT(boundary));
    return len > 4 && parts_take(body, bytes_make(delimiter, (size_t)len), names, n, parts);
}
