#include "diag_groups.h"

#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/mem.h"

/* ---- What is the same ------------------------------------------------------------------------ */

struct bytes diag_quoted_at(const char *message, size_t at)
{
    if (message[at] != '\'' || (at > 0 && isalnum((unsigned char)message[at - 1])))
        return bytes_make(NULL, 0);
    const char *end = strchr(message + at + 1, '\'');
    return end ? bytes_make(message + at, (size_t)(end + 1 - (message + at))) : bytes_make(NULL, 0);
}

/* The length of a number, an id or the number of a request (cf-ray) at `at`; 0: there is none. */
static size_t number_at(const char *message, size_t at)
{
    size_t len = 0, digits = 0, hex = 0;
    if (at > 0 && isalnum((unsigned char)message[at - 1]))
        return 0;
    for (; isalnum((unsigned char)message[at + len]); len++) {
        digits += isdigit((unsigned char)message[at + len]) != 0;
        hex += isxdigit((unsigned char)message[at + len]) != 0;
    }
    return digits == len || (digits > 0 && hex == len && (len == 32 || len == 16)) ? len : 0;
}

/* " keys" behind a number is " key". */
static size_t add_counted(struct buf *out, const char *rest)
{
    size_t len = rest[0] == ' ';
    while (len > 0 && isalpha((unsigned char)rest[len]))
        len++;
    buf_add(out, rest, len > 2 && rest[len - 1] == 's' ? len - 1 : len);
    return len;
}

/* The message with holes where those of one cause may differ. */
static void add_cause(struct buf *out, const char *message)
{
    for (size_t i = 0; message[i];) {
        size_t quoted = diag_quoted_at(message, i).len;
        size_t number = quoted > 0 ? 0 : number_at(message, i);
        buf_add_char(out, quoted > 0 ? '\'' : number > 0 ? '0' : message[i]);
        i += quoted + number > 0 ? quoted + number : 1;
        if (number > 0)
            i += add_counted(out, message + i);
    }
}

bool diag_same_cause(const char *a, const char *b)
{
    struct buf left = {0}, right = {0};
    if (strcmp(a, b) == 0)
        return true;
    add_cause(&left, a);
    add_cause(&right, b);
    bool same = bytes_equal(buf_bytes(&left), buf_bytes(&right));
    buf_release(&left);
    buf_release(&right);
    return same;
}

/* With severity and code. */
static struct bytes cause_of(struct arena *arena, const struct diag *d)
{
    struct buf out = {0};
    buf_addf(&out, "%d %s ", (int)d->severity, d->code);
    add_cause(&out, d->message);
    struct bytes cause = arena_copy(arena, buf_bytes(&out));
    buf_release(&out);
    return cause;
}

/* ---- What it is about ------------------------------------------------------------------------ */

/* Diagnostics of one cause, while groups are made. */
struct cause {
    const struct diag **items;
    size_t n, cap;
};

static struct bytes nth_quoted(const struct diag *d, size_t n)
{
    for (size_t i = 0; d->message[i];) {
        struct bytes quoted = diag_quoted_at(d->message, i);
        if (quoted.data && n-- == 0)
            return quoted;
        i += quoted.data ? quoted.len : 1;
    }
    return bytes_make(NULL, 0);
}

static bool differs(const struct cause *c, size_t n)
{
    struct bytes first = nth_quoted(c->items[0], n);
    for (size_t i = 1; i < c->n; i++)
        if (!bytes_equal(nth_quoted(c->items[i], n), first))
            return true;
    return false;
}

/* Names by what distinguishes them; NULL when nothing does. */
static void name_also(struct diag_groups *g, struct diag_group *group, const struct cause *c)
{
    struct buf names[DIAG_ALSO_MAX] = {0};
    size_t n = c->n - 1 < DIAG_ALSO_MAX ? c->n - 1 : DIAG_ALSO_MAX;
    for (size_t k = 0; nth_quoted(c->items[0], k).data; k++) {
        bool told = differs(c, k);
        for (size_t i = 0; told && i < n; i++)
            buf_addf(&names[i], "%s%.*s", names[i].len > 0 ? " of " : "",
                     BYTES_FMT(nth_quoted(c->items[i + 1], k)));
    }
    for (size_t i = 0; i < n; i++) {
        const struct srcpos *pos = &c->items[i + 1]->pos, *first = &c->items[0]->pos;
        bool elsewhere = pos->file && (!first->file || strcmp(pos->file, first->file) != 0 ||
                                       pos->line != first->line);
        bool named = names[i].len > 0;
        if (elsewhere)
            buf_addf(&names[i], "%s%s:%d%s", named ? " (" : "", pos->file, pos->line,
                     named ? ")" : "");
        if (names[i].len > 0)
            group->also[group->n_also++] = arena_str(&g->arena, names[i].data);
        buf_release(&names[i]);
    }
}

/* ---- One hint -------------------------------------------------------------------------------- */

/* How much of them all hints begin with, and end with, in whole words. */
struct common {
    size_t start, end;
};

static bool same_hints(const struct cause *c)
{
    const char *first = c->items[0]->hint;
    for (size_t i = 1; i < c->n; i++) {
        const char *hint = c->items[i]->hint;
        if ((hint == NULL) != (first == NULL) || (hint && strcmp(hint, first) != 0))
            return false;
    }
    return true;
}

static struct common common_of(const struct cause *c)
{
    const char *first = c->items[0]->hint;
    size_t len = strlen(first);
    struct common common = {len, len};
    for (size_t i = 1; i < c->n; i++) {
        const char *hint = c->items[i]->hint;
        size_t other = strlen(hint), n = 0;
        while (n < common.start && n < other && first[n] == hint[n])
            n++;
        common.start = n;
        for (n = 0; n < common.end && n < other && first[len - 1 - n] == hint[other - 1 - n];)
            n++;
        common.end = n;
    }
    while (common.start > 0 && first[common.start - 1] != ' ')
        common.start--;
    while (common.end > 0 && !strchr(" ;,)", first[len - common.end]))
        common.end--;
    return common;
}

static struct bytes own_words(const struct diag *d, struct common common)
{
    size_t len = strlen(d->hint);
    return len < common.start + common.end
               ? bytes_make(NULL, 0)
               : bytes_make(d->hint + common.start, len - common.start - common.end);
}

/* Options stand beside each other as they are typed. */
static void list_words(const struct cause *c, struct common common, size_t named, struct buf *out)
{
    for (size_t i = 0; i < named; i++) {
        struct bytes words = own_words(c->items[i], common);
        bool option = bytes_starts_with(words, bytes_of("--"));
        buf_addf(out, "%s%.*s", i == 0 ? "" : option ? " " : ", ", BYTES_FMT(words));
    }
    if (named < c->n)
        buf_addf(out, " … (and so on, %zu more)", c->n - named);
}

static const char *hint_of_all(struct diag_groups *g, const struct cause *c, size_t named)
{
    const struct diag *first = c->items[0];
    struct buf out = {0};
    if (same_hints(c))
        return first->hint;
    for (size_t i = 0; i < c->n; i++)
        if (!c->items[i]->hint)
            return first->hint;
    struct common common = common_of(c);
    if (common.start + common.end == 0)
        return first->hint;
    buf_add(&out, first->hint, common.start);
    if (first->together)
        buf_add_str(&out, first->together);
    else
        list_words(c, common, named, &out);
    buf_add_str(&out, first->hint + strlen(first->hint) - common.end);
    const char *hint = arena_str(&g->arena, out.data);
    buf_release(&out);
    return hint;
}

/* ---- Making them ----------------------------------------------------------------------------- */

static void add_alone(struct diag_groups *g, const struct diag *d)
{
    g->items[g->n++] = (struct diag_group){.first = d, .n = 1, .hint = d->hint};
}

static void add_group(struct diag_groups *g, const struct cause *c)
{
    struct diag_group *group = &g->items[g->n++];
    *group = (struct diag_group){.first = c->items[0], .n = c->n};
    name_also(g, group, c);
    group->hint = hint_of_all(g, c, group->n_also + 1);
}

void diag_groups_make(struct diag_groups *g, const struct diag_list *list, bool all)
{
    struct cause *causes = mem_zalloc(list->n + 1, sizeof *causes);
    size_t *cause = mem_zalloc(list->n + 1, sizeof *cause); /* of each diagnostic */
    struct map index = {0};
    *g = (struct diag_groups){0};
    g->items = arena_alloc(&g->arena, list->n + 1, sizeof *g->items);
    for (size_t i = 0; i < list->n && !all; i++) {
        size_t existing;
        map_add(&index, cause_of(&g->arena, &list->items[i]), i, &existing);
        cause[i] = existing == MAP_NONE ? i : existing;
        struct cause *c = &causes[cause[i]];
        mem_grow((void **)&c->items, &c->cap, c->n + 1, sizeof *c->items);
        c->items[c->n++] = &list->items[i];
    }
    for (size_t i = 0; i < list->n; i++) {
        const struct cause *c = &causes[all ? i : cause[i]];
        if (c->n <= DIAG_ALONE_MAX)
            add_alone(g, &list->items[i]);
        else if (cause[i] == i)
            add_group(g, c);
    }
    for (size_t i = 0; i < list->n; i++)
        mem_free(causes[i].items);
    mem_free(causes);
    mem_free(cause);
    map_release(&index);
}

void diag_groups_release(struct diag_groups *g)
{
    arena_release(&g->arena);
    *g = (struct diag_groups){0};
}

void diag_group_write_rest(const struct diag_group *group, struct buf *out)
{
    size_t left = group->n - 1 - group->n_also;
    for (size_t i = 0; i < group->n_also; i++)
        buf_addf(out, "%s%s", i == 0 ? "  also " : ", ", group->also[i]);
    if (left > 0)
        buf_addf(out, "%s%zu more (--verbose shows all)", group->n_also > 0 ? " and " : "  also ",
                 left);
    if (group->n > 1)
        buf_add_char(out, '\n');
    if (group->hint)
        buf_addf(out, "  hint: %s\n", group->hint);
}
