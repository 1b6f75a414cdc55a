/*
 * duplicates.c: sorting more keys than memory holds, and telling which are there twice. A sorted
 * run costs one sequential write and one sequential read of 24 bytes a key; an index on disk would
 * be asked at random places.
 */
#include "duplicates.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"

#define SHOWN 128 /* of a key, quoted */

/* The two halves of the tag, then source and number: the order of the words is that of records. */
struct tag_record {
    uint64_t words[3];
};

#define BUFFER_MAX  (DUPLICATES_BUFFER / sizeof(struct tag_record))
#define NUMBER_BITS 48
#define NUMBER_MAX  UINT64_C(0xFFFFFFFFFFFF)
#define SOURCE_MAX  UINT64_C(0xFFFF)

/* What is left of a sorted run: a slice of it in memory, the rest in the file. */
struct tag_run {
    struct tag_record *slice;
    size_t at, len;     /* in the slice */
    uint64_t next, end; /* records in the file */
};

/* ---- Sorting in memory ----------------------------------------------------------------------- */

static bool is_less(const struct tag_record *a, const struct tag_record *b)
{
    size_t i = 0;
    while (i < 2 && a->words[i] == b->words[i])
        i++;
    return a->words[i] < b->words[i];
}

static void sort_few(struct tag_record *records, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct tag_record moved = records[i];
        size_t j = i;
        for (; j > 0 && is_less(&moved, &records[j - 1]); j--)
            records[j] = records[j - 1];
        records[j] = moved;
    }
}

/* Counted from the most significant one. */
static unsigned byte_of(const struct tag_record *r, size_t byte)
{
    return (unsigned)(r->words[byte / 8] >> (56 - byte % 8 * 8) & 0xFF);
}

/* By the bytes from `byte` on, each round moving every record into the bucket of its byte: tags
 * are random, so that two rounds leave next to nothing to compare. No two records are equal. */
static void sort_by_byte(struct tag_record *records, size_t n, size_t byte)
{
    size_t next[256] = {0}, end[256], total = 0;
    if (n <= 16 || byte == sizeof *records) {
        sort_few(records, n);
        return;
    }
    for (size_t i = 0; i < n; i++)
        next[byte_of(&records[i], byte)]++;
    for (size_t b = 0; b < 256; b++) {
        size_t count = next[b];
        next[b] = total;
        end[b] = total += count;
    }
    for (size_t b = 0; b < 256; b++)
        while (next[b] < end[b]) {
            struct tag_record *here = &records[next[b]];
            struct tag_record *there = &records[next[byte_of(here, byte)]++];
            if (here == there)
                continue;
            struct tag_record swapped = *there;
            *there = *here;
            *here = swapped;
        }
    for (size_t b = 0, start = 0; b < 256; start = end[b++])
        sort_by_byte(records + start, end[b] - start, byte + 1);
}

/* ---- Runs in a file -------------------------------------------------------------------------- */

static bool spill(struct duplicates *seen, struct error *err)
{
    struct bytes data = bytes_make((const char *)seen->buffer, seen->n * sizeof *seen->buffer);
    sort_by_byte(seen->buffer, seen->n, 0);
    if (!seen->spilled) {
        seen->fd = file_temporary(err);
        seen->spilled = seen->fd >= 0;
        if (!seen->spilled)
            return false;
    }
    if (!file_write_fd(seen->fd, "a temporary file", data, err))
        return error_hint(err, "set TMPDIR to a folder with 24 bytes of room a key");
    seen->kept += seen->n;
    seen->n = 0;
    return true;
}

static bool read_at(int fd, char *to, size_t len, uint64_t offset, struct error *err)
{
    while (len > 0) {
        ssize_t n = pread(fd, to, len, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return error_errno(err, n < 0 ? errno : EIO, "cannot read a temporary file");
        to += n;
        len -= (size_t)n;
        offset += (uint64_t)n;
    }
    return true;
}

/* Makes that the slice holds the next record, unless the run is over. */
static bool refill(const struct duplicates *seen, struct tag_run *run, size_t slice,
                   struct error *err)
{
    if (run->at < run->len || run->next == run->end)
        return true;
    run->at = 0;
    run->len = run->end - run->next < slice ? (size_t)(run->end - run->next) : slice;
    uint64_t offset = run->next * sizeof *run->slice;
    run->next += run->len;
    return read_at(seen->fd, (char *)run->slice, run->len * sizeof *run->slice, offset, err);
}

/* ---- Merging --------------------------------------------------------------------------------- */

static const struct tag_record *head(const struct tag_run *run)
{
    return &run->slice[run->at];
}

static void sift_down(struct duplicates *seen, size_t i)
{
    struct tag_run *runs = seen->runs;
    for (;;) {
        size_t least = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < seen->n_runs; child++)
            if (is_less(head(&runs[child]), head(&runs[least])))
                least = child;
        if (least == i)
            return;
        struct tag_run moved = runs[i];
        runs[i] = runs[least];
        runs[least] = moved;
        i = least;
    }
}

/* The buffer is empty now: each run gets a slice of it. */
static bool start_spilled(struct duplicates *seen, struct error *err)
{
    uint64_t count = (seen->kept + BUFFER_MAX - 1) / BUFFER_MAX;
    if (count > BUFFER_MAX)
        return error_set(err, ERR_LIMIT, "more than %zu keys", BUFFER_MAX * BUFFER_MAX);
    seen->runs = mem_zalloc((size_t)count, sizeof *seen->runs);
    size_t slice = BUFFER_MAX / (size_t)count;
    for (; seen->n_runs < count; seen->n_runs++) {
        struct tag_run *run = &seen->runs[seen->n_runs];
        run->slice = seen->buffer + seen->n_runs * slice;
        run->next = seen->n_runs * BUFFER_MAX;
        run->end = run->next + BUFFER_MAX < seen->kept ? run->next + BUFFER_MAX : seen->kept;
        if (!refill(seen, run, slice, err))
            return false;
    }
    seen->slice = slice;
    for (size_t i = seen->n_runs / 2; i-- > 0;)
        sift_down(seen, i);
    return true;
}

/* ---- What a caller sees ---------------------------------------------------------------------- */

/* Whether nothing needs to be kept of it. */
static bool goes_on(struct duplicates *seen, struct bytes key, struct key_place place)
{
    if (seen->passed.number > 0 && bytes_compare(buf_bytes(&seen->last), key) >= 0)
        return false;
    buf_clear(&seen->last);
    buf_add_bytes(&seen->last, key);
    seen->passed = place;
    return true;
}

bool duplicates_note(struct duplicates *seen, struct bytes key, struct key_place place,
                     struct error *err)
{
    seen->ascending = seen->ascending && goes_on(seen, key, place);
    if (seen->ascending)
        return true;
    if (place.source > SOURCE_MAX || place.number > NUMBER_MAX)
        return error_set(err, ERR_LIMIT, "more sources or items than can be compared");
    if (seen->n == BUFFER_MAX && !spill(seen, err))
        return false;
    if (seen->n == seen->cap) {
        if (seen->cap == 0)
            hash_tagger_init(&seen->tagger);
        size_t cap = seen->cap ? seen->cap * 2 : 1024;
        cap = cap < BUFFER_MAX ? cap : BUFFER_MAX;
        seen->buffer = mem_realloc(seen->buffer, cap * sizeof *seen->buffer);
        seen->cap = cap;
    }
    struct hash_tag tag = hash_tag(&seen->tagger, key);
    seen->buffer[seen->n++] = (struct tag_record){
        {tag.high, tag.low, (uint64_t)place.source << NUMBER_BITS | place.number}};
    return true;
}

static bool sort_all(struct duplicates *seen, struct error *err)
{
    if (!seen->spilled) { /* one run, all of it in memory */
        sort_by_byte(seen->buffer, seen->n, 0);
        seen->runs = mem_zalloc(1, sizeof *seen->runs);
        seen->runs[0] = (struct tag_run){.slice = seen->buffer, .len = seen->n};
        seen->n_runs = seen->n > 0;
        return true;
    }
    return (seen->n == 0 || spill(seen, err)) && start_spilled(seen, err);
}

static bool next_record(struct duplicates *seen, struct hash_tag *tag, struct key_place *place,
                        bool *more, struct error *err)
{
    *more = seen->n_runs > 0;
    if (!*more)
        return true;
    struct tag_run *run = &seen->runs[0];
    const uint64_t *words = head(run)->words;
    *tag = (struct hash_tag){words[0], words[1]};
    place->source = (unsigned)(words[2] >> NUMBER_BITS);
    place->number = words[2] & NUMBER_MAX;
    run->at++;
    if (!refill(seen, run, seen->slice, err))
        return false;
    if (run->at == run->len)
        *run = seen->runs[--seen->n_runs];
    sift_down(seen, 0);
    return true;
}

/* One place of a key, and what reading it again tells. */
struct duplicate_place {
    struct key_place at;
    const char *file;
    int line;
    uint64_t offset;
};

struct duplicate {
    struct duplicate_place here, first;
    char key[SHOWN];
};

/* Those to report: the first ones in the order of sources and items. */
struct duplicate_list {
    struct duplicate *items;
    size_t n, cap;
    size_t max; /* 0: all */
    uint64_t dropped;
    struct arena arena; /* of the names of files */
    const char *file;   /* the last of them */
};

/* ---- Reading again --------------------------------------------------------------------------- */

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
static bool add_passed(struct duplicates *seen, const struct duplicate_sources *from,
                       struct error *err)
{
    struct seed_item item = {.number = 0};
    struct seed_reader *r = from->open(from->ctx, seen->passed.source, err);
    bool ok = r != NULL;
    while (ok && item.number < seen->passed.number)
        ok = next_item(r, &item, err) &&
             duplicates_note(seen, item.seed.key,
                             (struct key_place){seen->passed.source, item.number}, err);
    seed_close(r);
    return ok;
}

/* ---- Finding --------------------------------------------------------------------------------- */

static int compare_places(struct key_place a, struct key_place b)
{
    if (a.source != b.source)
        return a.source < b.source ? -1 : 1;
    return (a.number > b.number) - (a.number < b.number);
}

static int by_here(const void *left, const void *right)
{
    const struct duplicate *a = left, *b = right;
    return compare_places(a->here.at, b->here.at);
}

static void keep_the_first(struct duplicate_list *list)
{
    if (list->n > 1)
        qsort(list->items, list->n, sizeof *list->items, by_here);
    if (list->max > 0 && list->n > list->max) {
        list->dropped += list->n - list->max;
        list->n = list->max;
    }
}

static void add(struct duplicate_list *list, struct key_place here, struct key_place first)
{
    /* Room for as many again as are kept, so that sorting is rare. */
    if (list->max > 0 && list->n / 2 >= list->max)
        keep_the_first(list);
    mem_grow((void **)&list->items, &list->cap, list->n + 1, sizeof *list->items);
    list->items[list->n++] = (struct duplicate){.here.at = here, .first.at = first};
}

static bool find(struct duplicates *seen, struct duplicate_list *list, struct error *err)
{
    struct hash_tag last = {0}, tag;
    struct key_place first = {0}, place;
    bool more, any = false;
    if (!sort_all(seen, err))
        return false;
    while (next_record(seen, &tag, &place, &more, err)) {
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

struct unread {
    struct duplicate_place *place;
    struct duplicate *of;
};

static int by_place(const void *left, const void *right)
{
    const struct unread *a = left, *b = right;
    return compare_places(a->place->at, b->place->at);
}

static void tell(struct duplicate_list *list, struct unread *w, const struct seed_key *seed,
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
static void tell_all(struct duplicate_list *list, struct unread **next, struct unread *end,
                     const struct seed_item *item)
{
    struct unread *w = *next;
    unsigned source = w->place->at.source;
    for (; w < end && w->place->at.source == source && w->place->at.number == item->number; w++)
        tell(list, w, &item->seed, item->offset);
    *next = w;
}

static bool read_again(struct duplicate_list *list, struct seed_reader *r, struct unread **next,
                       struct unread *end, struct error *err)
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

static bool tell_places(struct duplicate_list *list, const struct duplicate_sources *from,
                        struct unread *wanted, size_t n, struct error *err)
{
    struct unread *next = wanted, *end = wanted + n;
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

static bool resolve(struct duplicate_list *list, const struct duplicate_sources *from,
                    struct error *err)
{
    struct unread *wanted = mem_zalloc(2 * list->n, sizeof *wanted);
    for (size_t i = 0; i < list->n; i++) {
        struct duplicate *t = &list->items[i];
        wanted[2 * i] = (struct unread){&t->here, t};
        wanted[2 * i + 1] = (struct unread){&t->first, t};
    }
    qsort(wanted, 2 * list->n, sizeof *wanted, by_place);
    bool ok = tell_places(list, from, wanted, 2 * list->n, err);
    mem_free(wanted);
    return ok;
}

/* ---- Reporting ------------------------------------------------------------------------------- */

static void describe(const struct duplicate_place *place, char *out, size_t size)
{
    if (place->at.source == 0)
        snprintf(out, size, "%s:%d", place->file, place->line);
    else if (place->line == 0)
        snprintf(out, size, "%s", place->file); /* a file of a folder */
    else
        snprintf(out, size, "%s:%d (item %" PRIu64 ", byte %" PRIu64 ")", place->file, place->line,
                 place->at.number, place->offset);
}

static void report(const struct duplicate *t, struct diag_list *diags)
{
    char here[320], first[320];
    struct srcpos pos = {t->here.file, t->here.line};
    describe(&t->here, here, sizeof here);
    describe(&t->first, first, sizeof first);
    diag_add(diags, DIAG_ERROR, "key.duplicate", pos, "key %s at %s is also at %s", t->key, here,
             first);
    diag_hint(diags, "a namespace holds one value under a key");
}

static void report_all(const struct duplicate_list *list, struct diag_list *diags)
{
    for (size_t i = 0; i < list->n; i++)
        report(&list->items[i], diags);
    if (list->dropped > 0)
        diag_add(diags, DIAG_ERROR, "source.more",
                 (struct srcpos){list->items[list->n - 1].here.file, 0},
                 "%" PRIu64 " more key%s given twice", list->dropped,
                 list->dropped == 1 ? " is" : "s are");
}

bool duplicates_report(struct duplicates *seen, const struct duplicate_sources *from, size_t max,
                       struct diag_list *diags, struct error *err)
{
    struct duplicate_list list = {.max = max};
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

void duplicates_release(struct duplicates *seen)
{
    if (seen->spilled)
        close(seen->fd);
    buf_release(&seen->last);
    mem_free(seen->runs);
    mem_free(seen->buffer);
    *seen = (struct duplicates){0};
}
