#define _GNU_SOURCE 1 /* memmem */
#include "patch.h"

void patch_add(struct patch *patch, size_t at, size_t remove, struct bytes text)
{
    arena_grow(&patch->tree->arena, (void **)&patch->splices, &patch->cap, patch->n + 1,
               sizeof *patch->splices);
    size_t i = patch->n++;
    for (; i > 0 && patch->splices[i - 1].at > at; i--)
        patch->splices[i] = patch->splices[i - 1];
    patch->splices[i] = (struct splice){.at = at, .remove = remove, .text = text};
}

void patch_remove(struct patch *patch, size_t start, size_t end)
{
    patch_add(patch, start, end - start, bytes_make(NULL, 0));
}

void patch_insert(struct patch *patch, size_t at, const struct buf *text)
{
    patch_add(patch, at, 0, arena_copy(&patch->tree->arena, buf_bytes(text)));
}

void patch_apply(const struct patch *patch, struct buf *out)
{
    struct bytes text = patch->tree->text;
    size_t at = 0;
    for (size_t i = 0; i < patch->n; i++) {
        const struct splice *splice = &patch->splices[i];
        buf_add(out, text.data + at, splice->at - at);
        buf_add_bytes(out, splice->text);
        at = splice->at + splice->remove;
    }
    buf_add(out, text.data + at, text.len - at);
}

/* ---- Lines ----------------------------------------------------------------------------------- */

size_t line_start(const struct tree *tree, size_t at)
{
    while (at > tree->start && tree->text.data[at - 1] != '\n')
        at--;
    return at;
}

size_t line_end(const struct tree *tree, size_t at)
{
    while (at < tree->text.len && tree->text.data[at] != '\n')
        at++;
    return at < tree->text.len ? at + 1 : at;
}

size_t skip_blanks(const struct tree *tree, size_t at)
{
    while (at < tree->text.len && (tree->text.data[at] == ' ' || tree->text.data[at] == '\t'))
        at++;
    return at;
}

struct bytes line_indent(const struct tree *tree, size_t at)
{
    size_t start = line_start(tree, at);
    return bytes_make(tree->text.data + start, skip_blanks(tree, start) - start);
}

struct bytes deeper_indent(struct patch *patch, struct bytes indent, struct bytes unit,
                           size_t steps)
{
    struct buf b = {0};
    buf_add_bytes(&b, indent);
    while (steps-- > 0)
        buf_add_bytes(&b, unit);
    struct bytes deeper = arena_copy(&patch->tree->arena, buf_bytes(&b));
    buf_release(&b);
    return deeper;
}

bool starts_line(const struct tree *tree, size_t at)
{
    return skip_blanks(tree, line_start(tree, at)) >= at;
}

bool is_blank_line(const struct tree *tree, size_t at)
{
    if (at >= tree->text.len)
        return false;
    at = skip_blanks(tree, at);
    if (at < tree->text.len && tree->text.data[at] == '\r')
        at++;
    return at == tree->text.len || tree->text.data[at] == '\n';
}

bool has_newline(const struct tree *tree, size_t start, size_t end)
{
    return end > start && memchr(tree->text.data + start, '\n', end - start) != NULL;
}

bool mentions(const struct tree *tree, size_t start, size_t end, struct bytes name)
{
    return memmem(tree->text.data + start, end - start, name.data, name.len) != NULL;
}

const char *line_ending(const struct tree *tree)
{
    struct bytes text = tree->text;
    const char *newline = text.len > 0 ? memchr(text.data, '\n', text.len) : NULL;
    return newline && newline > text.data && newline[-1] == '\r' ? "\r\n" : "\n";
}

static bool text_at(const struct tree *tree, size_t at, const char *what)
{
    return bytes_starts_with(bytes_make(tree->text.data + at, tree->text.len - at), bytes_of(what));
}

size_t comment_end(const struct tree *tree, size_t at)
{
    size_t len = tree->text.len;
    bool json = tree->syntax == WRANGLER_JSON;
    if (json && text_at(tree, at, "/*")) {
        for (at += 2; at < len && !text_at(tree, at, "*/");)
            at++;
        return at < len ? at + 2 : len;
    }
    if (!text_at(tree, at, json ? "//" : "#"))
        return at;
    size_t end = line_end(tree, at);
    while (end > at && (tree->text.data[end - 1] == '\n' || tree->text.data[end - 1] == '\r'))
        end--;
    return end;
}
