/*
 * test_diff_apply.h: what a reader of a diff document (model/value_diff.h) does to an old value:
 * apply the changes by path, or the hunks. Any document that does not fit the old value ends the
 * test.
 */
#ifndef CFKV_TESTS_UNIT_TEST_DIFF_APPLY_H
#define CFKV_TESTS_UNIT_TEST_DIFF_APPLY_H

#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "model/json_tree.h"
#include "model/value_diff.h"

static inline void insist(bool holds)
{
    if (!holds)
        abort();
}

static inline struct bytes diff_text(const struct json *object, const char *name)
{
    const char *text = NULL;
    insist(json_as_str(json_member(object, name), &text));
    return bytes_of(text);
}

/* ---- Paths ---------------------------------------------------------------------------------- */

struct path_step {
    bool index;
    uint32_t at;
    struct bytes name;
};

static inline bool apply_keep_string(void *ctx, const struct json_event *e, struct error *err)
{
    (void)err;
    insist(e->type == JSON_STRING);
    buf_add_bytes(ctx, e->text);
    return true;
}

/* The length of `["…"]`. */
static inline size_t bracket_length(struct bytes path)
{
    size_t n = 2;
    while (path.data[n] != '"')
        n += path.data[n] == '\\' ? 2 : 1;
    return n + 2;
}

/* Takes one step off a path. */
static inline struct path_step next_step(struct arena *arena, struct bytes *path)
{
    struct path_step step = {0};
    struct bytes p = *path;
    struct buf name = {0};
    size_t n = 0;
    if (bytes_starts_with(p, bytes_of("[\""))) {
        struct error err;
        n = bracket_length(p);
        insist(json_parse(bytes_make(p.data + 1, n - 2), apply_keep_string, &name, &err));
    } else if (p.data[0] == '[') {
        step.index = true;
        for (n = 1; p.data[n] != ']'; n++)
            step.at = step.at * 10 + (uint32_t)(p.data[n] - '0');
        n++;
    } else {
        size_t start = p.data[0] == '.';
        for (n = start; n < p.len && p.data[n] != '.' && p.data[n] != '['; n++)
            buf_add_char(&name, p.data[n]);
    }
    step.name = arena_copy(arena, buf_bytes(&name));
    *path = bytes_make(p.data + n, p.len - n);
    buf_release(&name);
    return step;
}

static inline struct json_node **slot_of(struct json_node *v, const struct path_step *step)
{
    struct json_node **slot = &v->child;
    insist(v->type == (step->index ? JSON_BEGIN_ARRAY : JSON_BEGIN_OBJECT));
    if (step->index)
        for (uint32_t i = 0; *slot && i < step->at; i++)
            slot = &(*slot)->next;
    else
        while (*slot && !bytes_equal((*slot)->name, step->name))
            slot = &(*slot)->next;
    return slot;
}

/* The last step of a path; `*parent` is the path up to there. */
static inline struct path_step last_step(struct arena *arena, struct bytes path,
                                         struct bytes *parent)
{
    const char *start = path.data;
    for (;;) {
        *parent = bytes_make(start, (size_t)(path.data - start));
        struct path_step step = next_step(arena, &path);
        if (path.len == 0)
            return step;
    }
}

static inline struct json_node *follow_path(struct arena *arena, struct json_node *root,
                                            struct bytes path)
{
    struct json_node *v = root;
    while (path.len > 0) {
        struct path_step step = next_step(arena, &path);
        v = *slot_of(v, &step);
        insist(v != NULL);
    }
    return v;
}

/* ---- Changes -------------------------------------------------------------------------------- */

static inline struct json_node *value_of_change(struct arena *arena, const struct json *change)
{
    struct json_node *v = json_tree_read(arena, diff_text(change, "after"));
    insist(v != NULL);
    return v;
}

static inline void insist_before(const struct json_node *v, const struct json *change)
{
    struct buf printed = {0};
    struct json_writer w = json_writer_to(&printed, 0);
    insist(v != NULL);
    json_node_write(&w, v);
    insist(bytes_equal(buf_bytes(&printed), diff_text(change, "before")));
    buf_release(&printed);
}

static inline bool is_op(const struct json *change, const char *op)
{
    return bytes_equal(diff_text(change, "op"), bytes_of(op));
}

/* Replaces, adds or takes out what a slot holds. */
static inline void apply_to_slot(struct arena *arena, struct json_node **slot, struct bytes name,
                                 const struct json *change)
{
    struct json_node *old = *slot;
    if (is_op(change, "add"))
        insist(old == NULL);
    else
        insist_before(old, change);
    *slot = is_op(change, "remove") ? NULL : value_of_change(arena, change);
    if (*slot) {
        (*slot)->name = name;
        (*slot)->next = old ? old->next : NULL;
    } else
        *slot = old->next;
}

/* Whether it is a change of an array's places; `*parent` is the path of its container. */
static inline bool places_change(struct arena *arena, const struct json *change,
                                 struct bytes *parent)
{
    return change && last_step(arena, diff_text(change, "path"), parent).index &&
           !is_op(change, "set");
}

static inline uint32_t last_index(struct arena *arena, struct bytes path)
{
    struct bytes parent;
    struct path_step last = last_step(arena, path, &parent);
    insist(last.index);
    return last.at;
}

/* All changes of one array's places, at once; returns the first change that is another's. */
static inline const struct json *apply_places(struct arena *arena, struct json_node *array,
                                              const struct json *change, struct bytes parent)
{
    uint32_t n = 0, n_new = array->n, max = array->n;
    struct bytes other;
    for (const struct json *c = change; c; c = json_next(c))
        max++;
    struct json_node **old = mem_zalloc(max, sizeof *old), **now = mem_zalloc(max, sizeof *now);
    for (struct json_node *c = array->child; c; c = c->next)
        old[n++] = c;
    for (; places_change(arena, change, &other) && bytes_equal(other, parent);
         change = json_next(change)) {
        uint32_t at = last_index(arena, diff_text(change, "path")), from = at;
        insist(at < max);
        if (is_op(change, "add")) {
            now[at] = value_of_change(arena, change);
            n_new++;
            continue;
        }
        if (is_op(change, "move"))
            from = last_index(arena, diff_text(change, "from"));
        else
            insist_before(old[at], change);
        insist(from < n && old[from]);
        if (is_op(change, "move"))
            now[at] = old[from];
        else
            n_new--;
        old[from] = NULL;
    }
    struct json_node **end = &array->child;
    uint32_t i = 0;
    for (uint32_t j = 0; j < n_new; j++, end = &(*end)->next) {
        while (!now[j] && i < n && !old[i])
            i++;
        *end = now[j] ? now[j] : old[i++];
        insist(*end != NULL);
    }
    *end = NULL;
    array->n = n_new;
    mem_free(old);
    mem_free(now);
    return change;
}

/* Adds the value that `old` becomes by the changes of a document of kind "json". */
static inline void apply_changes(struct bytes old, const struct json *diff, struct buf *out)
{
    struct arena arena = {0};
    struct json_node *root = json_tree_read(&arena, old);
    insist(root != NULL);
    for (const struct json *c = json_first(json_member(diff, "changes")); c;) {
        struct bytes path = diff_text(c, "path"), parent;
        if (path.len == 0) {
            apply_to_slot(&arena, &root, bytes_make(NULL, 0), c);
            c = json_next(c);
            continue;
        }
        bool places = places_change(&arena, c, &parent);
        struct path_step last = last_step(&arena, path, &parent);
        struct json_node *v = follow_path(&arena, root, parent);
        if (places)
            c = apply_places(&arena, v, c, parent);
        else {
            apply_to_slot(&arena, slot_of(v, &last), last.name, c);
            c = json_next(c);
        }
    }
    struct json_writer w = json_writer_to(out, 0);
    json_node_write(&w, root);
    arena_release(&arena);
}

/* ---- Hunks ---------------------------------------------------------------------------------- */

static inline struct bytes take_line(struct bytes *text)
{
    const char *newline = text->len > 0 ? memchr(text->data, '\n', text->len) : NULL;
    size_t len = newline ? (size_t)(newline - text->data) + 1 : text->len;
    struct bytes line = bytes_make(text->data, len);
    *text = bytes_make(text->data + len, text->len - len);
    return line;
}

static inline int64_t range_part(const struct json *hunk, const char *name, bool count)
{
    int64_t n = 0;
    const struct json *first = json_first(json_member(hunk, name));
    insist(json_as_int(count ? json_next(first) : first, &n));
    return n;
}

/* Adds the text that `old` becomes by the hunks of a document of kind "text". */
static inline void apply_hunks(struct bytes old, const struct json *diff, struct buf *out)
{
    int64_t at = 1, at_new = 1;
    const struct json *hunk = json_first(json_member(diff, "hunks"));
    for (; hunk; hunk = json_next(hunk)) {
        int64_t n = range_part(hunk, "before", true), n_new = range_part(hunk, "after", true);
        int64_t from = range_part(hunk, "before", false) + (n == 0);
        for (; at < from; at++, at_new++)
            buf_add_bytes(out, take_line(&old));
        insist(range_part(hunk, "after", false) + (n_new == 0) == at_new);
        at += n;
        at_new += n_new;
        for (const struct json *l = json_first(json_member(hunk, "lines")); l; l = json_next(l)) {
            const char *line = "", *next = "";
            insist(json_as_str(l, &line));
            bool bare = json_as_str(json_next(l), &next) && next[0] == '\\';
            struct bytes text = bytes_of(line + 1);
            if (line[0] == ' ' || line[0] == '-') {
                struct bytes had = take_line(&old);
                insist(had.len == text.len + !bare && bytes_starts_with(had, text));
                n--;
            }
            if (line[0] == ' ' || line[0] == '+') {
                buf_add_bytes(out, text);
                if (!bare)
                    buf_add_char(out, '\n');
                n_new--;
            }
        }
        insist(n == 0 && n_new == 0);
    }
    buf_add_bytes(out, old);
}

#endif
