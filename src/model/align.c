#include "align.h"

#include "base/mem.h"

/* A stretch of both sequences. */
struct stretch {
    uint32_t a, a_end, b, b_end;
};

struct aligner {
    const uint32_t *a, *b;
    uint32_t *partner;
    size_t work; /* comparisons that are left to all stretches together */
};

#define EDITS_MAX 256 /* in one stretch */
#define WORK_MAX  ((size_t)20 * 1000 * 1000)

/* ---- Longest ascending subsequence ---------------------------------------------------------- */

void longest_ascending(const uint32_t *items, uint32_t n, bool *stays)
{
    uint32_t *tails = mem_zalloc(n, sizeof *tails); /* of each length, where the lowest ends */
    uint32_t *before = mem_zalloc(n, sizeof *before);
    uint32_t length = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t low = 0, high = length;
        stays[i] = false;
        while (low < high) {
            uint32_t middle = low + (high - low) / 2;
            if (items[tails[middle]] < items[i])
                low = middle + 1;
            else
                high = middle;
        }
        before[i] = low > 0 ? tails[low - 1] : ALIGN_NONE;
        tails[low] = i;
        length += low == length;
    }
    for (uint32_t i = length > 0 ? tails[length - 1] : ALIGN_NONE; i != ALIGN_NONE; i = before[i])
        stays[i] = true;
    mem_free(tails);
    mem_free(before);
}

/* ---- Few edits: Myers' greedy algorithm ------------------------------------------------------ */

/*
 * reach[d][k]: how far along `a` a path of d edits comes on diagonal k (of a - b). Rows lie one
 * behind the other, row d from d * d on with its diagonals -d to d.
 */
static uint32_t *reach_of(uint32_t *reach, int d, int k)
{
    return reach + d * d + d + k;
}

/* Where a path of d edits begins on diagonal k, before the equal elements that follow: behind an
 * element of `b` more (`*down`) or one of `a` less. */
static uint32_t step_to(uint32_t *reach, int d, int k, bool *down)
{
    *down = k == -d || (k != d && *reach_of(reach, d - 1, k - 1) < *reach_of(reach, d - 1, k + 1));
    return *down ? *reach_of(reach, d - 1, k + 1) : *reach_of(reach, d - 1, k - 1) + 1;
}

static uint32_t follow(struct aligner *al, const struct stretch *s, uint32_t x, uint32_t y)
{
    uint32_t start = x, n = s->a_end - s->a, m = s->b_end - s->b;
    while (x < n && y < m && al->a[s->a + x] == al->b[s->b + y]) {
        x++;
        y++;
    }
    uint32_t took = x - start + 1;
    al->work -= took < al->work ? took : al->work;
    return x;
}

/* Notes the path that d edits took to the end, from its end. */
static void note_path(struct aligner *al, const struct stretch *s, uint32_t *reach, int d)
{
    int k = (int)(s->a_end - s->a) - (int)(s->b_end - s->b);
    for (; d >= 0; d--) {
        bool down = false;
        uint32_t x = *reach_of(reach, d, k), start = d > 0 ? step_to(reach, d, k, &down) : 0;
        for (; x > start; x--)
            al->partner[s->a + x - 1] = s->b + (uint32_t)((int)(x - 1) - k);
        k += down ? 1 : -1;
    }
}

static bool is_inside(const struct stretch *s, int64_t x, int64_t y)
{
    return x >= 0 && y >= 0 && x <= s->a_end - s->a && y <= s->b_end - s->b;
}

static void align_by_edits(struct aligner *al, const struct stretch *s)
{
    int n = (int)(s->a_end - s->a), m = (int)(s->b_end - s->b);
    int most = n + m < EDITS_MAX ? n + m : EDITS_MAX;
    uint32_t *reach = mem_alloc((size_t)(most + 1) * (size_t)(most + 1) * sizeof *reach);
    for (int d = 0; d <= most && al->work > 0; d++) {
        for (int k = -d; k <= d; k += 2) {
            bool down;
            uint32_t x = d > 0 ? step_to(reach, d, k, &down) : 0;
            bool inside = is_inside(s, x, (int64_t)x - k);
            *reach_of(reach, d, k) = inside ? follow(al, s, x, (uint32_t)((int)x - k)) : x;
            if (inside && k == n - m && *reach_of(reach, d, k) == (uint32_t)n) {
                note_path(al, s, reach, d);
                mem_free(reach);
                return;
            }
        }
    }
    mem_free(reach);
}

/* ---- Both ends, and elements that occur once ------------------------------------------------ */

static void trim(struct aligner *al, struct stretch *s)
{
    while (s->a < s->a_end && s->b < s->b_end && al->a[s->a] == al->b[s->b])
        al->partner[s->a++] = s->b++;
    while (s->a < s->a_end && s->b < s->b_end && al->a[s->a_end - 1] == al->b[s->b_end - 1])
        al->partner[--s->a_end] = --s->b_end;
}

static void align_stretch(struct aligner *al, struct stretch s)
{
    trim(al, &s);
    if (s.a < s.a_end && s.b < s.b_end)
        align_by_edits(al, &s);
}

/* How often a kind occurs in a stretch, 2 for more, and where in `b`. */
struct occurrence {
    uint8_t in_a, in_b;
    uint32_t at;
};

static void count_occurrences(const struct aligner *al, const struct stretch *s,
                              struct occurrence *kinds)
{
    for (uint32_t i = s->a; i < s->a_end; i++)
        if (kinds[al->a[i]].in_a < 2)
            kinds[al->a[i]].in_a++;
    for (uint32_t j = s->b; j < s->b_end; j++) {
        if (kinds[al->b[j]].in_b < 2)
            kinds[al->b[j]].in_b++;
        kinds[al->b[j]].at = j;
    }
}

/* The elements that occur once in either stretch: at[i] in `a`, its partner's place in to[i]. */
static uint32_t find_unique(const struct aligner *al, const struct stretch *s, uint32_t kinds,
                            uint32_t *at, uint32_t *to)
{
    struct occurrence *seen = mem_zalloc(kinds, sizeof *seen);
    uint32_t n = 0;
    count_occurrences(al, s, seen);
    for (uint32_t i = s->a; i < s->a_end; i++) {
        const struct occurrence *o = &seen[al->a[i]];
        if (o->in_a == 1 && o->in_b == 1) {
            at[n] = i;
            to[n++] = o->at;
        }
    }
    mem_free(seen);
    return n;
}

static void align_between_unique(struct aligner *al, struct stretch s, uint32_t kinds)
{
    size_t most = s.a_end - s.a;
    uint32_t *at = mem_zalloc(most, sizeof *at), *to = mem_zalloc(most, sizeof *to);
    bool *stays = mem_zalloc(most, sizeof *stays);
    uint32_t n = find_unique(al, &s, kinds, at, to);
    longest_ascending(to, n, stays);
    struct stretch left = s;
    for (uint32_t i = 0; i < n; i++) {
        if (!stays[i])
            continue;
        align_stretch(al, (struct stretch){left.a, at[i], left.b, to[i]});
        al->partner[at[i]] = to[i];
        left.a = at[i] + 1;
        left.b = to[i] + 1;
    }
    align_stretch(al, left);
    mem_free(at);
    mem_free(to);
    mem_free(stays);
}

void align(struct sequence a, struct sequence b, uint32_t kinds, uint32_t *partner)
{
    struct aligner al = {a.items, b.items, partner, WORK_MAX};
    struct stretch all = {0, a.n, 0, b.n};
    for (uint32_t i = 0; i < a.n; i++)
        partner[i] = ALIGN_NONE;
    trim(&al, &all);
    if (all.a < all.a_end && all.b < all.b_end)
        align_between_unique(&al, all, kinds);
}
