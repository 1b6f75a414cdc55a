#include "rules.h"

#include <stdio.h>

#include "base/file.h"
#include "base/fold.h"

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

#define NAMES_MAX 10 /* of a list in a hint */

static void hint_all(struct check *c, const struct bytes *names, size_t n)
{
    struct buf text = {0};
    for (size_t i = 0; i < n && i < NAMES_MAX; i++)
        buf_addf(&text, "%s%s", i == 0 ? "known: " : ", ", QUOTE(names[i]));
    if (n > NAMES_MAX)
        buf_addf(&text, " and %zu more", n - NAMES_MAX);
    if (text.data)
        diag_hint(c->diags, "%s", text.data);
    buf_release(&text);
}

struct bytes nearest_name(struct check *c, struct bytes given, const struct strings *names)
{
    const char **list = arena_alloc(&c->scratch, names->n + 1, sizeof *list); /* ends with NULL */
    for (size_t i = 0; i < names->n; i++)
        list[i] = arena_copy(&c->scratch, names->items[i]).data;
    const char *nearest = text_nearest(given, list);
    return nearest ? bytes_of(nearest) : bytes_make(NULL, 0);
}

void hint_nearest(struct check *c, struct bytes given, const struct strings *names)
{
    struct bytes nearest = nearest_name(c, given, names);
    if (nearest.data)
        diag_hint(c->diags, "did you mean %s?", QUOTE(nearest));
    else
        hint_all(c, names->items, names->n);
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
        diag_hint(c->diags, "in a loop each turn needs its own");
        return;
    }
    bool swap = same_file(one, other) && one.line > other.line;
    struct srcpos first = swap ? other : one, later = swap ? one : other;
    diag_add(c->diags, DIAG_ERROR, code, later, "%s %s is declared twice: at %s and %s", what,
             QUOTE(value), PLACE(first), PLACE(later));
    diag_hint(c->diags, "keep one of the two, or call one something else");
}

/* ---- Names that look like one ---------------------------------------------------------------- */

static void report_pair(struct check *c, const char *code, const char *kind,
                        const struct named *one, const struct named *other)
{
    bool swap = same_file(one->pos, other->pos) && one->pos.line > other->pos.line;
    const struct named *first = swap ? other : one, *later = swap ? one : other;
    diag_add(c->diags, DIAG_WARNING, code, later->pos, "%s %s (%s) and %s (%s) differ only in %s",
             kind, QUOTE(first->text), PLACE(first->pos), QUOTE(later->text), PLACE(later->pos),
             fold_difference(first->text, later->text));
    diag_hint(c->diags, "to Workers KV they are two; is one of them a slip?");
}

/* What is plain folds to itself and is found under that, so that mostly nothing has to be kept. */
void report_alike(struct check *c, const char *code, const char *kind, const struct named *names,
                  size_t n)
{
    struct map folded = {0};
    for (size_t i = 0; i < n; i++) {
        if (fold_is_plain(names[i].text))
            continue;
        size_t first = note_once(&folded, fold_text(&c->scratch, names[i].text), i);
        if (first != MAP_NONE && !bytes_equal(names[first].text, names[i].text))
            report_pair(c, code, kind, &names[first], &names[i]);
    }
    for (size_t i = 0; folded.n > 0 && i < n; i++) {
        size_t other = fold_is_plain(names[i].text) ? map_get(&folded, names[i].text) : MAP_NONE;
        if (other != MAP_NONE)
            report_pair(c, code, kind, &names[i], &names[other]);
    }
    map_release(&folded);
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

bool strings_contain(const struct strings *list, struct bytes name)
{
    for (size_t i = 0; i < list->n; i++)
        if (bytes_equal(name, list->items[i]))
            return true;
    return false;
}

bool environment_known(const struct project *project, struct bytes name)
{
    return project->environments.n == 0 || strings_contain(&project->environments, name);
}

struct strings environments_declared(struct check *c)
{
    const struct model *m = c->m;
    struct strings envs = {arena_alloc(&c->scratch, m->n_namespaces, sizeof *envs.items), 0};
    if (m->project.environments.n > 0)
        return m->project.environments;
    for (size_t i = 0; i < m->n_namespaces; i++)
        if (m->namespaces[i].env.len > 0 && !strings_contain(&envs, m->namespaces[i].env))
            envs.items[envs.n++] = m->namespaces[i].env;
    return envs;
}

bool environment_declared(const struct strings *envs, struct bytes name)
{
    return envs->n == 0 || strings_contain(envs, name);
}
