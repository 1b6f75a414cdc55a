#include "grown.h"

#include <string.h>
#include <sys/stat.h>

#include "base/file.h"

#define GROWN_MAX (1024 * 1024) /* bytes of a file that gets lines */

static bool is_there(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

static struct bytes trimmed(struct bytes line)
{
    while (line.len > 0 && strchr(" \t\r", line.data[line.len - 1]))
        line.len--;
    return line;
}

static bool has_line(struct bytes text, struct bytes wanted)
{
    while (text.len > 0) {
        const char *end = memchr(text.data, '\n', text.len);
        size_t len = end ? (size_t)(end - text.data) : text.len;
        if (bytes_equal(trimmed(bytes_make(text.data, len)), wanted))
            return true;
        text = bytes_make(text.data + len + (end != NULL), text.len - len - (end != NULL));
    }
    return false;
}

static struct bytes text_of(const struct json *value)
{
    const char *text = "";
    json_as_str(value, &text);
    return bytes_of(text);
}

static void add_line(struct buf *out, const char *before, struct bytes line, const char *eol)
{
    buf_add_str(out, before);
    buf_add_bytes(out, line);
    buf_add_str(out, eol);
}

/* The lines that `text` has not, behind their comment; how many. */
static size_t missing_lines(const struct json *file, struct bytes text, struct buf *out)
{
    const char *crlf = memchr(text.data ? text.data : "", '\n', text.len);
    const char *eol = crlf && crlf > text.data && crlf[-1] == '\r' ? "\r\n" : "\n";
    size_t n = 0;
    if (text.len > 0)
        buf_add_str(out, text.data[text.len - 1] == '\n' ? "" : eol);
    if (text.len > 0)
        buf_add_str(out, eol);
    const struct json *comment = json_first(json_member(file, "comment"));
    for (; comment; comment = json_next(comment))
        add_line(out, "# ", text_of(comment), eol);
    const struct json *line = json_first(json_member(file, "lines"));
    for (; line; line = json_next(line))
        if (!has_line(text, text_of(line))) {
            add_line(out, "", text_of(line), eol);
            n++;
        }
    return n;
}

bool grown_plan(struct file_set *set, struct arena *arena, const char *place,
                const struct json *file, struct grown *grown, struct error *err)
{
    struct buf text = {0}, more = {0};
    *grown = (struct grown){.made = !is_there(place)};
    bool ok = grown->made || file_read(place, GROWN_MAX, &text, err);
    if (ok) {
        grown->lines = missing_lines(file, buf_bytes(&text), &more);
        struct bytes kept = arena_copy(arena, buf_bytes(&more));
        if (grown->made)
            file_set_make(set, place, kept);
        else if (grown->lines > 0)
            file_set_grow(set, place, kept);
    }
    buf_release(&text);
    buf_release(&more);
    return ok || error_hint(err, "git reads a file of that name: move away what is there");
}
