#include "diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "diag_groups.h"
#include "excerpt.h"

static const char *vprint(struct arena *arena, const char *fmt, va_list args)
    __attribute__((format(printf, 2, 0)));

static const char *vprint(struct arena *arena, const char *fmt, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, fmt, args);
    size_t size = len < 0 ? 1 : (size_t)len + 1;
    char *text = arena_alloc(arena, size, 1);
    vsnprintf(text, size, fmt, again);
    va_end(again);
    return text;
}

/* Neighbours mostly share their file, and then its copy too. */
static const char *file_copy(struct diag_list *list, const char *file)
{
    const char *last = list->n > 0 ? list->items[list->n - 1].pos.file : NULL;
    return last && strcmp(last, file) == 0 ? last : arena_str(&list->arena, file);
}

void diag_add_behind(struct diag_list *list, enum diag_severity severity, const char *code,
                     struct srcpos pos, const char *prefix, const char *fmt, va_list args)
{
    struct diag item = {.severity = severity, .code = code, .pos = pos, .order = list->n};
    item.message = vprint(&list->arena, fmt, args);
    if (*prefix)
        item.message = arena_printf(&list->arena, "%s%s", prefix, item.message);
    if (pos.file)
        item.pos.file = file_copy(list, pos.file);
    arena_grow(&list->arena, (void **)&list->items, &list->cap, list->n + 1, sizeof item);
    list->items[list->n++] = item;
    list->errors += severity == DIAG_ERROR;
}

void diag_add(struct diag_list *list, enum diag_severity severity, const char *code,
              struct srcpos pos, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    diag_add_behind(list, severity, code, pos, "", fmt, args);
    va_end(args);
}

void diag_hint(struct diag_list *list, const char *fmt, ...)
{
    if (list->n == 0)
        return;
    va_list args;
    va_start(args, fmt);
    list->items[list->n - 1].hint = vprint(&list->arena, fmt, args);
    va_end(args);
}

void diag_together(struct diag_list *list, const char *words)
{
    if (list->n > 0)
        list->items[list->n - 1].together = arena_str(&list->arena, words);
}

void diag_copy(struct diag_list *list, const struct diag *d)
{
    diag_add(list, d->severity, d->code, d->pos, "%s", d->message);
    if (d->hint)
        diag_hint(list, "%s", d->hint);
    if (d->together)
        diag_together(list, d->together);
    list->items[list->n - 1].spot = d->spot;
}

void diag_add_all(struct diag_list *list, const struct diag_list *from)
{
    for (size_t i = 0; i < from->n; i++)
        diag_copy(list, &from->items[i]);
}

void diag_make_strict(struct diag_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        list->items[i].severity = DIAG_ERROR;
    list->errors = list->n;
}

/* Tokens that are looked at for all of a list: thousands of problems in one long call are not each
 * worth a walk through it. Those behind keep the line of the call. */
#define LOOKED_AT_MAX ((size_t)4 * 1000 * 1000)

void diag_locate(struct diag_list *list, struct lua_texts *texts)
{
    size_t left = LOOKED_AT_MAX;
    for (size_t i = 0; i < list->n; i++) {
        struct diag *d = &list->items[i];
        const struct lua_text *text =
            d->pos.file && !d->spot.text ? lua_texts_find(texts, d->pos.file) : NULL;
        if (!text || text->n > left)
            continue;
        left -= text->n;
        d->spot = spot_find(text, d->code, d->message, d->pos.line);
        if (d->spot.text)
            d->pos.line = d->spot.line;
    }
}

/* ---- Sorting -------------------------------------------------------------------------------- */

/* NULL sorts first: what is wrong with the whole configuration leads. */
static int compare_text(const char *a, const char *b)
{
    if (!a || !b)
        return (a != NULL) - (b != NULL);
    return strcmp(a, b);
}

static int compare_place(const struct diag *a, const struct diag *b)
{
    int c = compare_text(a->pos.file, b->pos.file);
    return c != 0 ? c : (a->pos.line > b->pos.line) - (a->pos.line < b->pos.line);
}

static int compare_content(const struct diag *a, const struct diag *b)
{
    int c = compare_place(a, b);
    if (c == 0)
        c = (a->severity > b->severity) - (a->severity < b->severity);
    if (c == 0)
        c = strcmp(a->code, b->code);
    if (c == 0)
        c = strcmp(a->message, b->message);
    return c != 0 ? c : compare_text(a->hint, b->hint);
}

static int by_content(const void *left, const void *right)
{
    const struct diag *a = left, *b = right;
    int c = compare_content(a, b);
    return c != 0 ? c : (a->order > b->order) - (a->order < b->order);
}

static int by_place(const void *left, const void *right)
{
    const struct diag *a = left, *b = right;
    int c = compare_place(a, b);
    return c != 0 ? c : (a->order > b->order) - (a->order < b->order);
}

/* Keeps the first of each run of equals; `items` are sorted by content. */
static void drop_repeats(struct diag_list *list)
{
    size_t kept = 0;
    list->errors = 0;
    for (size_t i = 0; i < list->n; i++) {
        if (kept > 0 && compare_content(&list->items[kept - 1], &list->items[i]) == 0)
            continue;
        list->items[kept++] = list->items[i];
        list->errors += list->items[i].severity == DIAG_ERROR;
    }
    list->n = kept;
}

void diag_sort(struct diag_list *list)
{
    if (list->n == 0)
        return;
    qsort(list->items, list->n, sizeof *list->items, by_content);
    drop_repeats(list);
    qsort(list->items, list->n, sizeof *list->items, by_place);
}

/* ---- Printing ------------------------------------------------------------------------------- */

static const char *severity_name(enum diag_severity severity)
{
    return severity == DIAG_ERROR ? "error" : "warning";
}

static void write_members(const struct diag *d, const char *hint, struct json_writer *w)
{
    json_field_str(w, "code", d->code);
    json_key(w, "column");
    if (d->spot.column > 0)
        json_int(w, d->spot.column);
    else
        json_null(w);
    json_field_str(w, "file", d->pos.file);
    json_field_str(w, "hint", hint);
    json_key(w, "line");
    if (d->pos.file)
        json_int(w, d->pos.line);
    else
        json_null(w);
    json_field_str(w, "message", d->message);
    json_field_str(w, "severity", severity_name(d->severity));
}

void diag_write_json(const struct diag_list *list, struct json_writer *w)
{
    json_begin_array(w);
    for (size_t i = 0; i < list->n; i++) {
        json_begin_object(w);
        write_members(&list->items[i], list->items[i].hint, w);
        json_end_object(w);
    }
    json_end_array(w);
}

void diag_write_json_grouped(const struct diag_list *list, bool all, struct json_writer *w)
{
    struct diag_groups groups;
    diag_groups_make(&groups, list, all);
    json_begin_array(w);
    for (size_t i = 0; i < groups.n; i++) {
        const struct diag_group *group = &groups.items[i];
        json_begin_object(w);
        json_field_array(w, "also");
        for (size_t k = 0; k < group->n_also; k++)
            json_str(w, group->also[k]);
        json_end_array(w);
        json_field_count(w, "also_count", group->n - 1);
        write_members(group->first, group->hint, w);
        json_end_object(w);
    }
    json_end_array(w);
    diag_groups_release(&groups);
}

static void write_text_one(const struct diag_group *group, size_t width, struct buf *out)
{
    const struct diag *d = group->first;
    if (d->pos.file && d->pos.line > 0)
        buf_addf(out, "%s:%d: ", d->pos.file, d->pos.line);
    else if (d->pos.file)
        buf_addf(out, "%s: ", d->pos.file);
    buf_addf(out, "%s: %s\n", severity_name(d->severity), d->message);
    excerpt_add(&d->spot, width, out);
    diag_group_write_rest(group, out);
}

void diag_write_text(const struct diag_list *list, bool all, size_t width, struct buf *out)
{
    struct diag_groups groups;
    diag_groups_make(&groups, list, all);
    for (size_t i = 0; i < groups.n; i++)
        write_text_one(&groups.items[i], width, out);
    diag_groups_release(&groups);
}

bool diag_check(const struct diag_list *list, struct error *err)
{
    if (list->errors == 0)
        return true;
    return error_set(err, ERR_INVALID, "the configuration has %zu error%s", list->errors,
                     text_plural(list->errors));
}

void diag_release(struct diag_list *list)
{
    arena_release(&list->arena);
    memset(list, 0, sizeof *list);
}
