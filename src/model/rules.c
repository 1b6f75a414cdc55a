#include "rules.h"

#include <stdio.h>

#include "base/file.h"

/* ---- Texts for messages ---------------------------------------------------------------------- */

struct quoted quoted(struct bytes b)
{
    struct quoted q = {.text = ""};
    text_quoted(b, q.text, sizeof q.text);
    return q;
}

struct place place(struct srcpos pos)
{
    struct place p;
    if (pos.file)
        snprintf(p.text, sizeof p.text, "%.300s:%d", pos.file, pos.line);
    else
        snprintf(p.text, sizeof p.text, "an unknown place");
    return p;
}

static void hint_all(struct check *c, const struct bytes *names, size_t n)
{
    struct buf text = {0};
    for (size_t i = 0; i < n; i++)
        buf_addf(&text, "%s%s", i == 0 ? "known: " : ", ", QUOTE(names[i]));
    if (text.data)
        diag_hint(c->diags, "%s", text.data);
    buf_release(&text);
}

void hint_nearest(struct check *c, struct bytes given, const struct bytes *names, size_t n)
{
    const char **list = arena_alloc(&c->scratch, n + 1, sizeof *list); /* ends with NULL */
    for (size_t i = 0; i < n; i++)
        list[i] = arena_copy(&c->scratch, names[i]).data;
    const char *nearest = text_nearest(given, list);
    if (nearest)
        diag_hint(c->diags, "did you mean %s?", QUOTE(bytes_of(nearest)));
    else
        hint_all(c, names, n);
}

/* ---- Things declared twice ------------------------------------------------------------------- */

size_t note_once(struct map *seen, struct bytes key, size_t index)
{
    size_t existing = MAP_NONE;
    map_add(seen, key, index, &existing);
    return existing;
}

struct bytes key_pair(struct check *c, struct bytes scope, struct bytes name)
{
    size_t size = sizeof scope.len + scope.len + name.len;
    char *key = arena_alloc(&c->scratch, size, 1);
    memcpy(key, &scope.len, sizeof scope.len);
    if (scope.len > 0)
        memcpy(key + sizeof scope.len, scope.data, scope.len);
    if (name.len > 0)
        memcpy(key + sizeof scope.len + scope.len, name.data, name.len);
    return bytes_make(key, size);
}

static bool same_file(struct srcpos a, struct srcpos b)
{
    return a.file && b.file && strcmp(a.file, b.file) == 0;
}

void report_twice(struct check *c, const char *code, const char *what, struct bytes value,
                  struct srcpos one, struct srcpos other)
{
    if (same_file(one, other) && one.line == other.line) {
        diag_add(c->diags, DIAG_ERROR, code, other, "%s %s is declared twice, both times at %s",
                 what, QUOTE(value), PLACE(other));
        return;
    }
    bool swap = same_file(one, other) && one.line > other.line;
    struct srcpos first = swap ? other : one, later = swap ? one : other;
    diag_add(c->diags, DIAG_ERROR, code, later, "%s %s is declared twice: at %s and %s", what,
             QUOTE(value), PLACE(first), PLACE(later));
}

/* ---- Shapes of text -------------------------------------------------------------------------- */

const char *text_fault(struct bytes b)
{
    if (!utf8_valid(b))
        return "is not valid UTF-8";
    for (size_t i = 0; i < b.len; i++)
        if ((unsigned char)b.data[i] < 0x20 || b.data[i] == 0x7f)
            return "contains a control character";
    return NULL;
}

static bool has_parent_component(struct bytes path)
{
    size_t start = 0;
    for (size_t i = 0; i <= path.len; i++) {
        if (i < path.len && path.data[i] != '/')
            continue;
        if (i - start == 2 && path.data[start] == '.' && path.data[start + 1] == '.')
            return true;
        start = i + 1;
    }
    return false;
}

const char *path_fault(struct bytes path)
{
    if (path.len == 0)
        return "is empty";
    if (path.data[0] == '/')
        return "is absolute";
    if (has_parent_component(path))
        return "contains '..'";
    return text_fault(path);
}

const char *write_fault(struct check *c, struct bytes path)
{
    const char *fault = path_fault(path);
    return fault ? fault : file_path_fault(bytes_of(path_plain(&c->scratch, path)));
}

bool id_valid(struct bytes id)
{
    for (size_t i = 0; i < id.len; i++)
        if (!((id.data[i] >= '0' && id.data[i] <= '9') || (id.data[i] >= 'a' && id.data[i] <= 'f')))
            return false;
    return id.len == 32;
}

bool environment_known(const struct project *project, struct bytes name)
{
    for (size_t i = 0; i < project->environments.n; i++)
        if (bytes_equal(name, project->environments.items[i]))
            return true;
    return project->environments.n == 0;
}
