/*
 * duplicates.c: sorting more keys than memory holds. A sorted run costs one sequential write and one
 * sequential read of 24 bytes a key; an index on disk would be asked at random places.
 */
#include "duplicates.h"

#include <errno.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

/* The two halves of the tag, then source and number: the order of the words is that of records. */
struct seen_record {
    uint64_t words[3];
};

#define BUFFER_MAX  (SEEN_BUFFER / sizeof(struct seen_record))
#define NUMBER_BITS 48
#define NUMBER_MAX  UINT64_C(0xFFFFFFFFFFFF)
#define SOURCE_MAX  UINT64_C(0xFFFF)

/* What is left of a sorted run: a slice of it in memory, the rest in the file. */
struct seen_run {
    struct seen_record *slice;
    size_t at, len;     /* in the slice */
    uint64_t next, end; /* records in the file */
};

/* ---- Sorting in memory ----------------------------------------------------------------------- */

static bool is_less(const struct seen_record *a, const struct seen_record *b)
{
    size_t i = 0;
    while (i < 2 && a->words[i] == b->words[i])
        i++;
    return a->words[i] < b->words[i];
}

static void sort_few(struct seen_record *records, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct seen_record moved = records[i];
        size_t j = i;
        for (; j > 0 && is_less(&moved, &records[j - 1]); j--)
            records[j] = records[j - 1];
        records[j] = moved;
    }
}

/* Counted from the most significant one. */
static unsigned byte_of(const struct seen_record *r, size_t byte)
{
    return (unsigned)(r->words[byte / 8] >> (56 - byte % 8 * 8) & 0xFF);
}

/* By the bytes from `byte` on, each round moving every record into the bucket of its byte: tags
 * are random, so that two rounds leave next to nothing to compare. No two records are equal. */
static void sort_by_byte(struct seen_record *records, size_t n, size_t byte)
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
            struct seen_record *here = &records[next[b]];
            struct seen_record *there = &records[next[byte_of(here, byte)]++];
            if (here == there)
                continue;
            struct seen_record swapped = *there;
            *there = *here;
            *here = swapped;
        }
    for (size_t b = 0, start = 0; b < 256; start = end[b++])
        sort_by_byte(records + start, end[b] - start, byte + 1);
}

/* ---- Runs in a file -------------------------------------------------------------------------- */

static bool spill(struct seen *seen, struct error *err)
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
static bool refill(const struct seen *seen, struct seen_run *run, size_t slice, struct error *err)
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

static const struct seen_record *head(const struct seen_run *run)
{
    return &run->slice[run->at];
}

static void sift_down(struct seen *seen, size_t i)
{
    struct seen_run *runs = seen->runs;
    for (;;) {
        size_t least = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < seen->n_runs; child++)
            if (is_less(head(&runs[child]), head(&runs[least])))
                least = child;
        if (least == i)
            return;
        struct seen_run moved = runs[i];
        runs[i] = runs[least];
        runs[least] = moved;
        i = least;
    }
}

/* The one run that is all in memory. */
static void start_unspilled(struct seen *seen)
{
    sort_by_byte(seen->buffer, seen->n, 0);
    seen->runs = mem_zalloc(1, sizeof *seen->runs);
    seen->runs[0] = (struct seen_run){.slice = seen->buffer, .len = seen->n};
    seen->n_runs = seen->n > 0;
}

/* The buffer is empty now: each run gets a slice of it. */
static bool start_spilled(struct seen *seen, struct error *err)
{
    uint64_t count = (seen->kept + BUFFER_MAX - 1) / BUFFER_MAX;
    if (count > BUFFER_MAX)
        return error_set(err, ERR_LIMIT, "more than %zu keys", BUFFER_MAX * BUFFER_MAX);
    seen->runs = mem_zalloc((size_t)count, sizeof *seen->runs);
    size_t slice = BUFFER_MAX / (size_t)count;
    for (; seen->n_runs < count; seen->n_runs++) {
        struct seen_run *run = &seen->runs[seen->n_runs];
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
static bool goes_on(struct seen *seen, struct bytes key, struct seen_place place)
{
    if (seen->passed.number > 0 && bytes_compare(buf_bytes(&seen->last), key) >= 0)
        return false;
    buf_clear(&seen->last);
    buf_add_bytes(&seen->last, key);
    seen->passed = place;
    return true;
}

bool seen_add(struct seen *seen, struct bytes key, struct seen_place place, struct error *err)
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
    seen->buffer[seen->n++] = (struct seen_record){
        {tag.high, tag.low, (uint64_t)place.source << NUMBER_BITS | place.number}};
    return true;
}

bool seen_sort(struct seen *seen, struct error *err)
{
    if (!seen->spilled) {
        start_unspilled(seen);
        return true;
    }
    return (seen->n == 0 || spill(seen, err)) && start_spilled(seen, err);
}

bool seen_next(struct seen *seen, struct hash_tag *tag, struct seen_place *place, bool *more,
               struct error *err)
{
    *more = seen->n_runs > 0;
    if (!*more)
        return true;
    struct seen_run *run = &seen->runs[0];
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

void seen_release(struct seen *seen)
{
    if (seen->spilled)
        close(seen->fd);
    buf_release(&seen->last);
    mem_free(seen->runs);
    mem_free(seen->buffer);
    *seen = (struct seen){0};
}
