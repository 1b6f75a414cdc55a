#include "id_folder.h"

#include "base/text.h"

#define UNITS_MAX 255 /* of UTF-16: where miniflare cuts */
#define BYTES_MAX 255 /* of the name of a file */

/* Names that Windows keeps for devices, with or without an extension. */
static bool windows_device(struct bytes name)
{
    static const char *const names[] = {"con", "prn", "aux", "nul", "com", "lpt"};
    char start[4] = {0};
    for (size_t i = 0; i < 3 && i < name.len; i++)
        start[i] = (char)(name.data[i] | 0x20);
    size_t i = 0;
    while (i < 6 && strcmp(start, names[i]) != 0)
        i++;
    if (i == 6)
        return false;
    size_t end = i < 4 ? 3 : 4; /* com and lpt take a digit */
    if (end == 4 && (name.len < 4 || name.data[3] < '0' || name.data[3] > '9'))
        return false;
    return name.len == end || name.data[end] == '.';
}

/* The length of the part of a path at `at` when it is dots alone; else 0. */
static size_t dots_at(struct bytes id, size_t at)
{
    size_t n = 0;
    bool starts = at == 0 || id.data[at - 1] == '/' || id.data[at - 1] == '\\';
    while (starts && at + n < id.len && id.data[at + n] == '.')
        n++;
    bool ends = at + n == id.len || id.data[at + n] == '/' || id.data[at + n] == '\\';
    return ends ? n : 0;
}

/* What Windows does not like, and control characters: those of C1 are two bytes. */
static size_t illegal_at(struct bytes id, size_t at)
{
    unsigned char c = (unsigned char)id.data[at];
    if (c < 0x20 || strchr("?<>*\"'^/\\:|", c))
        return 1;
    bool control = c == 0xc2 && (unsigned char)id.data[at + 1] < 0xa0;
    return control ? 2 : 0;
}

static void replace(struct bytes id, struct buf *out)
{
    for (size_t i = 0; i < id.len;) {
        size_t dots = dots_at(id, i), illegal = illegal_at(id, i);
        for (size_t k = 0; k < dots; k++)
            buf_add_char(out, '_');
        if (dots == 0)
            buf_add_char(out, illegal ? '_' : id.data[i]);
        i += dots ? dots : illegal ? illegal : 1;
    }
}

static void replace_outer_spaces(struct buf *name)
{
    for (size_t i = 0; i < name->len && name->data[i] == ' '; i++)
        name->data[i] = '_';
    for (size_t i = name->len; i > 0 && name->data[i - 1] == ' '; i--)
        name->data[i - 1] = '_';
}

/* false when that would cut a character in two. */
static bool cut(struct buf *name, size_t *units)
{
    size_t at = 0;
    for (*units = 0; at < name->len && *units < UNITS_MAX;) {
        unsigned char c = (unsigned char)name->data[at];
        *units += c >= 0xf0 ? 2 : 1;
        at += c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
    }
    name->len = at;
    return *units <= UNITS_MAX;
}

bool id_folder_find(struct id_folder *f, struct bytes id)
{
    size_t units;
    if (id.len == 0 || !utf8_valid(id))
        return false;
    replace(id, &f->name);
    if (windows_device(buf_bytes(&f->name))) {
        buf_clear(&f->name);
        buf_add_char(&f->name, '_');
    }
    replace_outer_spaces(&f->name);
    bool ok = cut(&f->name, &units) && f->name.len <= BYTES_MAX;
    f->shared = units == UNITS_MAX || memchr(f->name.data, '_', f->name.len);
    f->hidden = f->name.data[0] == '.';
    return ok;
}

void id_folder_release(struct id_folder *f)
{
    buf_release(&f->name);
}

bool id_folder_refuse(struct bytes id, struct error *err)
{
    char name[QUOTED_SIZE];
    error_set(err, ERR_LIMIT, "wrangler keeps nothing under the namespace id %s",
              text_quoted(id, name, sizeof name));
    return error_hint(err, "give the binding an id of 32 hexadecimal digits");
}

bool id_folder_check(struct bytes id, struct error *err)
{
    struct id_folder f = {0};
    bool ok = id_folder_find(&f, id) && !f.hidden;
    id_folder_release(&f);
    return ok || id_folder_refuse(id, err);
}
