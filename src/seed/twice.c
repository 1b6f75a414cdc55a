#include "twice.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"

#define SHOWN 128 /* of a key, quoted */

/* One place of a key, and what reading it again tells. */
struct place {
    struct seen_place at;
    const char *file;
    int line;
    uint64_t offset;
};

struct twice {
    struct place here, first;
    char key[SHOWN];
};

/* Those to report: the first ones in the order of sources and items. */
struct twice_list {
    struct twice *items;
    size_t n, cap;
    size_t max; /* 0: all */
    uint64_t dropped;
    struct arena arena; /* of the names of files */
    const char *file;   /* the last of them */
};

/* ---- Reading again ----------------------------------------------------------------------------
 */

/* The next good item of a source that has one more, unless it changed. */
static bool next_item(struct seed_reader *r, struct seed_item *item, struct error *err)
{
    struct diag_list unused = {0}; /* what is wrong with items was said before */
    enum seed_status status;
    do {
        status = seed_next(r, item, &unused, err);
        diag_release(&unused);
    } while (status == SEED_BAD);
    if (status == SEED_END)
        return error_set(err, ERR_FAILED, "%s changed while it was read", seed_position(r).file);
    return status == SEED_ITEM;
}

/* Adds the keys that passed while they ascended: one behind them may be one of them. */
static bool add_passed(struct seen *seen, const struct twice_sources *from, struct error *err)
{
    struct seed_item item = {.number = 0};
    struct seed_reader *r = from->open(from->ctx, seen->passed.source, err);
    bool ok = r != NULL;
    while (ok && item.number < seen->passed.number)
        ok = next_item(r, &item, err) &&
             seen_add(seen, item.seed.key, (struct seen_place){seen->passed.source, item.number},
                      err);
    seed_close(r);
    return ok;
}

/* ---- Finding --------------------------------------------------------------------------------- */

static int compare_places(struct seen_place a, struct seen_place b)
{
    if (a.source != b.source)
        return a.source < b.source ? -1 : 1;
    return (a.number > b.number) - (a.number < b.number);
}

static int by_here(const void *left, const void *right)
{
    const struct twice *a = left, *b = right;
    return compare_places(a->here.at, b->here.at);
}

static void keep_the_first(struct twice_list *list)
{
    if (list->n > 1)
        qsort(list->items, list->n, sizeof *list->items, by_here);
    if (list->max > 0 && list->n > list->max) {
        list->dropped += list->n - list->max;
        list->n = list->max;
    }
}

static void add(struct twice_list *list, struct seen_place here, struct seen_place first)
{
    /* Room for as many again as are kept, so that sorting is rare. */
    if (list->max > 0 && list->n / 2 >= list->max)
        keep_the_first(list);
    mem_grow((void **)&list->items, &list->cap, list->n + 1, sizeof *list->items);
    list->items[list->n++] = (struct twice){.here.at = here, .first.at = first};
}

static bool find(struct seen *seen, struct twice_list *list, struct error *err)
{
    struct hash_tag last = {0}, tag;
    struct seen_place first = {0}, place;
    bool more, any = false;
    if (!seen_sort(seen, err))
        return false;
    while (seen_next(seen, &tag, &place, &more, err)) {
        if (!more) {
            keep_the_first(list);
            return true;
        }
        if (!any || tag.high != last.high || tag.low != last.low)
            first = place;
        else if (place.source > 0)
            add(list, place, first);
        last = tag;
        any = true;
    }
    return false;
}

/* ---- Reading the places again ---------------------------------------------------------------- */

struct wanted {
    struct place *place;
    struct twice *of;
};

static int by_place(const void *left, const void *right)
{
    const struct wanted *a = left, *b = right;
    return compare_places(a->place->at, b->place->at);
}

static void tell(struct twice_list *list, struct wanted *w, const struct seed_key *seed,
                 uint64_t offset)
{
    const char *file = seed->pos.file ? seed->pos.file : "the configuration";
    if (!list->file || strcmp(list->file, file) != 0)
        list->file = arena_str(&list->arena, file);
    w->place->file = list->file;
    w->place->line = seed->pos.line;
    w->place->offset = offset;
    text_quoted(seed->key, w->of->key, sizeof w->of->key);
}

/* Tells all that want that item. */
static void tell_all(struct twice_list *list, struct wanted **next, struct wanted *end,
                     const struct seed_item *item)
{
    struct wanted *w = *next;
    unsigned source = w->place->at.source;
    for (; w < end && w->place->at.source == source && w->place->at.number == item->number; w++)
        tell(list, w, &item->seed, item->offset);
    *next = w;
}

static bool read_again(struct twice_list *list, struct seed_reader *r, struct wanted **next,
                       struct wanted *end, struct error *err)
{
    unsigned source = (*next)->place->at.source;
    struct seed_item item;
    while (*next < end && (*next)->place->at.source == source) {
        if (!next_item(r, &item, err))
            return false;
        tell_all(list, next, end, &item);
    }
    return true;
}

static bool tell_places(struct twice_list *list, const struct twice_sources *from,
                        struct wanted *wanted, size_t n, struct error *err)
{
    struct wanted *next = wanted, *end = wanted + n;
    bool ok = true;
    for (; next < end && next->place->at.source == 0; next++)
        tell(list, next, from->declared(from->ctx, next->place->at.number), 0);
    while (ok && next < end) {
        struct seed_reader *r = from->open(from->ctx, next->place->at.source, err);
        ok = r && read_again(list, r, &next, end, err);
        seed_close(r);
    }
    return ok;
}

static bool resolve(struct twice_list *list, const struct twice_sources *from, struct error *err)
{
    struct wanted *wanted = mem_zalloc(2 * list->n, sizeof *wanted);
    for (size_t i = 0; i < list->n; i++) {
        struct twice *t = &list->items[i];
        wanted[2 * i] = (struct wanted){&t->here, t};
        wanted[2 * i + 1] = (struct wanted){&t->first, t};
    }
    qsort(wanted, 2 * list->n, sizeof *wanted, by_place);
    bool ok = tell_places(list, from, wanted, 2 * list->n, err);
    mem_free(wanted);
    return ok;
}

/* ---- Reporting ------------------------------------------------------------------------------- */

static void describe(const struct place *place, char *out, size_t size)
{
    if (place->at.source == 0)
        snprintf(out, size, "%s:%d", place->file, place->line);
    else if (place->line == 0)
        snprintf(out, size, "%s", place->file); /* a file of a folder */
    else
        snprintf(out, size, "%s:%d (item %" PRIu64 ", byte %" PRIu64 ")", place->file, place->line,
                 place->at.number, place->offset);
}

static void report(const struct twice *t, struct diag_list *diags)
{
    char here[320], first[320];
    struct srcpos pos = {t->here.file, t->here.line};
    describe(&t->here, here, sizeof here);
    describe(&t->first, first, sizeof first);
    diag_add(diags, DIAG_ERROR, "key.duplicate", pos, "key %s at %s is also at %s", t->key, here,
             first);
    diag_hint(diags, "a namespace holds one value under a key");
}

static void report_all(const struct twice_list *list, struct diag_list *diags)
{
    for (size_t i = 0; i < list->n; i++)
        report(&list->items[i], diags);
    if (list->dropped > 0)
        diag_add(diags, DIAG_ERROR, "source.more",
                 (struct srcpos){list->items[list->n - 1].here.file, 0},
                 "%" PRIu64 " more keys are given twice", list->dropped);
}

bool twice_report(struct seen *seen, const struct twice_sources *from, size_t max,
                  struct diag_list *diags, struct error *err)
{
    struct twice_list list = {.max = max};
    if (seen->ascending)
        return true;
    bool ok = (seen->passed.number == 0 || add_passed(seen, from, err)) && find(seen, &list, err) &&
              (list.n == 0 || resolve(&list, from, err));
    if (ok)
        report_all(&list, diags);
    arena_release(&list.arena);
    mem_free(list.items);
    return ok;
}
