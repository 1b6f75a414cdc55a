#include "budget.h"

#define STEADY   4       /* the pace settles where used = STEADY * free */
#define SANE_MAX 1000000 /* of numbers in headers; keeps products in range */

/* ---- The window ------------------------------------------------------------------------------ */

static void set_window(struct budget *b, int64_t quota, int64_t window_ms)
{
    b->quota = quota;
    b->window_ms = window_ms;
    /* One slice more than the window has, so that the oldest is wholly outside when it goes. */
    b->slice_ms = (window_ms + BUDGET_SLICES - 2) / (BUDGET_SLICES - 1);
}

void budget_init(struct budget *b, unsigned requests, unsigned seconds, unsigned second_ms)
{
    *b = (struct budget){.second_ms = second_ms};
    set_window(b, requests, (int64_t)seconds * second_ms);
}

/* Forgets the slices that left the window. */
static void roll(struct budget *b, int64_t now_ms)
{
    int64_t slice = now_ms / b->slice_ms;
    for (int i = 0; i < BUDGET_SLICES && b->newest < slice; i++) {
        b->newest++;
        int64_t *count = &b->counts[b->newest % BUDGET_SLICES];
        b->used -= *count;
        *count = 0;
    }
    if (b->newest < slice)
        b->newest = slice;
}

/* When the oldest slice with requests in it leaves the window. */
static int64_t oldest_leaves_ms(const struct budget *b)
{
    int64_t slice = b->newest - BUDGET_SLICES + 1;
    if (slice < 0)
        slice = 0;
    while (slice < b->newest && b->counts[slice % BUDGET_SLICES] == 0)
        slice++;
    return (slice + BUDGET_SLICES) * b->slice_ms;
}

/* When the next request may follow the last one, as far as our own count goes. */
static int64_t window_free_ms(const struct budget *b)
{
    int64_t free = b->quota - b->used;
    int64_t leaves = oldest_leaves_ms(b);
    if (b->used < (b->quota + 1) / 2)
        return 0;
    if (free <= 0)
        return leaves;
    int64_t paced = b->last_ms + b->window_ms / (STEADY * free);
    return paced < leaves ? paced : leaves;
}

/* The same by the service's count. */
static int64_t service_free_ms(const struct budget *b, int64_t now_ms)
{
    if (now_ms >= b->reset_ms || b->left >= (b->left_quota + 1) / 2)
        return 0;
    if (b->left <= 0)
        return b->reset_ms;
    int64_t paced = b->last_ms + (b->reset_ms - now_ms) / (STEADY * b->left);
    return paced < b->reset_ms ? paced : b->reset_ms;
}

uint64_t budget_wait_ms(struct budget *b, int64_t now_ms)
{
    roll(b, now_ms);
    int64_t at = b->hold_ms;
    int64_t window = window_free_ms(b), service = service_free_ms(b, now_ms);
    at = window > at ? window : at;
    at = service > at ? service : at;
    return at > now_ms ? (uint64_t)(at - now_ms) : 0;
}

void budget_take(struct budget *b, int64_t now_ms)
{
    roll(b, now_ms);
    b->counts[b->newest % BUDGET_SLICES]++;
    b->used++;
    b->last_ms = now_ms;
    if (b->left > 0)
        b->left--;
}

int64_t budget_left(struct budget *b, int64_t now_ms)
{
    roll(b, now_ms);
    int64_t left = b->quota > b->used ? b->quota - b->used : 0;
    return now_ms < b->reset_ms && b->left < left ? b->left : left;
}

void budget_hold(struct budget *b, int64_t until_ms)
{
    if (until_ms > b->hold_ms)
        b->hold_ms = until_ms;
}

/* ---- Headers --------------------------------------------------------------------------------- */

/* One item of a header: a name and parameters of one letter. */
struct budget_item {
    struct bytes name;
    int64_t q, w, r, t; /* -1: not there */
};

static void skip(struct bytes *in, const char *chars)
{
    while (in->len > 0 && in->data[0] && strchr(chars, in->data[0])) {
        in->data++;
        in->len--;
    }
}

/* The bytes up to one of `stops`, taken off `in`. */
static struct bytes take_until(struct bytes *in, const char *stops)
{
    struct bytes out = {in->data, 0};
    while (out.len < in->len && (!in->data[out.len] || !strchr(stops, in->data[out.len])))
        out.len++;
    in->data += out.len;
    in->len -= out.len;
    return out;
}

static struct bytes take_name(struct bytes *in)
{
    bool quoted = in->len > 0 && in->data[0] == '"';
    if (!quoted)
        return take_until(in, ";, \t");
    in->data++;
    in->len--;
    struct bytes name = take_until(in, "\"");
    skip(in, "\"");
    return name;
}

/* -1 when it does not begin with a digit. Fractions are dropped. */
static int64_t number(struct bytes text)
{
    int64_t n = 0;
    size_t i = 0;
    for (; i < text.len && text.data[i] >= '0' && text.data[i] <= '9'; i++)
        n = n >= SANE_MAX ? SANE_MAX : n * 10 + (text.data[i] - '0');
    return i == 0 ? -1 : n > SANE_MAX ? SANE_MAX : n;
}

static void set_parameter(struct budget_item *item, struct bytes name, int64_t value)
{
    static const char letters[] = "qwrt";
    int64_t *const values[] = {&item->q, &item->w, &item->r, &item->t};
    const char *letter = name.len == 1 ? memchr(letters, name.data[0], 4) : NULL;
    if (letter)
        *values[letter - letters] = value;
}

/* Takes one item off `in`; false when there is none left. */
static bool take_item(struct bytes *in, struct budget_item *item)
{
    skip(in, ", \t");
    if (in->len == 0)
        return false;
    *item = (struct budget_item){.q = -1, .w = -1, .r = -1, .t = -1};
    item->name = take_name(in);
    skip(in, " \t");
    while (in->len > 0 && in->data[0] == ';') {
        skip(in, "; \t");
        struct bytes name = take_until(in, "=;, \t");
        skip(in, "=");
        set_parameter(item, name, number(take_until(in, ";, \t")));
        skip(in, " \t");
    }
    take_until(in, ","); /* whatever stands where an item should end */
    return true;
}

static struct budget_policy *policy_named(struct budget *b, struct bytes name)
{
    for (size_t i = 0; i < b->n_policies; i++)
        if (bytes_equal(bytes_of(b->policies[i].name), name))
            return &b->policies[i];
    return NULL;
}

static void remember_policy(struct budget *b, const struct budget_item *item)
{
    struct budget_policy *p = policy_named(b, item->name);
    if (!p) {
        if (b->n_policies == BUDGET_POLICIES || item->name.len >= sizeof p->name)
            return;
        p = &b->policies[b->n_policies++];
        *p = (struct budget_policy){0};
        if (item->name.len > 0)
            memcpy(p->name, item->name.data, item->name.len);
    }
    p->quota = item->q;
}

/* Narrows our window to a slower one. What was sent so far counts as sent now. */
static void narrow(struct budget *b, const struct budget_item *item, int64_t now_ms)
{
    int64_t window_ms = item->w * b->second_ms;
    if (item->q * b->window_ms >= b->quota * window_ms)
        return;
    roll(b, now_ms);
    int64_t used = b->used;
    set_window(b, item->q, window_ms);
    memset(b->counts, 0, sizeof b->counts);
    b->newest = now_ms / b->slice_ms;
    b->counts[b->newest % BUDGET_SLICES] = used;
}

void budget_learn_policy(struct budget *b, struct bytes value, int64_t now_ms)
{
    struct budget_item item;
    while (take_item(&value, &item)) {
        if (item.q < 1)
            continue;
        remember_policy(b, &item);
        if (item.w >= 1)
            narrow(b, &item, now_ms);
    }
}

void budget_learn(struct budget *b, struct bytes value, unsigned in_flight, int64_t now_ms)
{
    struct budget_item item, tightest = {.r = -1};
    int64_t tightest_quota = 1;
    while (take_item(&value, &item)) {
        const struct budget_policy *policy = policy_named(b, item.name);
        int64_t quota = policy ? policy->quota : b->quota;
        if (item.r < 0 || item.t < 0)
            continue;
        if (tightest.r < 0 || item.r * tightest_quota < tightest.r * quota) {
            tightest = item;
            tightest_quota = quota;
        }
    }
    if (tightest.r < 0)
        return;
    b->left = tightest.r > in_flight ? tightest.r - in_flight : 0;
    b->left_quota = tightest_quota;
    b->reset_ms = now_ms + tightest.t * b->second_ms;
}
