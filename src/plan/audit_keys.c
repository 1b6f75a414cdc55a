#include "audit.h"

#include "base/mem.h"
#include "base/text.h"
#include "planner.h"
#include "store/queue.h"

/* ---- Whose keys ------------------------------------------------------------------------------ */

int64_t audit_ttl(const struct audit *a, const struct audit_row *row)
{
    int64_t recorded = row->entry ? row->entry->ttl_seconds
                       : row->elsewhere != MAP_NONE
                           ? a->below->entries[row->elsewhere].ns.ttl_seconds
                           : 0;
    return recorded > 0 ? recorded : row->decl ? row->decl->ttl_seconds : 0;
}

static bool is_wanted(const struct audit *a, const struct audit_row *row,
                      const struct audit_wish *wish)
{
    return row->status < AUDIT_GONE && (wish->all || audit_ttl(a, row) > 0);
}

static size_t count_wanted(const struct audit *a, const struct audit_wish *wish)
{
    size_t n = 0;
    for (size_t i = 0; i < a->n; i++)
        n += is_wanted(a, &a->rows[i], wish);
    return n;
}

bool audit_keys_forecast(const struct audit *a, const struct target *t,
                         const struct audit_wish *wish, struct audit_forecast *forecast)
{
    struct pace pace;
    size_t n = count_wanted(a, wish);
    if (n == 0 || !target_pace(t, &pace))
        return false;
    *forecast = (struct audit_forecast){n, forecast_seconds(&pace, n)};
    return true;
}

/* ---- Listing --------------------------------------------------------------------------------- */

struct lister {
    struct audit *a;
    struct plan *p;
    struct observed *o;
    const struct audit_wish *wish;
    size_t next;                  /* row to begin */
    struct row_listing *listings; /* one a row */
};

/* The listing of one namespace. */
struct row_listing {
    struct lister *l;
    struct audit_row *row;
    struct buf cursor; /* of the next page; the operation borrows it */
};

static void add_page(struct audit *a, struct audit_keys *keys, const struct store_result *page)
{
    for (size_t i = 0; i < page->n_keys; i++) {
        const struct store_key *key = &page->keys[i];
        keys->n++;
        if (key->expiration > 0) {
            if (keys->nearest == 0 || key->expiration < keys->nearest)
                keys->nearest = key->expiration;
            continue;
        }
        if (keys->n_names < AUDIT_KEYS_NAMED)
            keys->names[keys->n_names++] = arena_copy(&a->arena, key->key);
        keys->lasting++;
    }
}

static void end_listing(struct row_listing *listing)
{
    struct observed *o = listing->l->o;
    buf_release(&listing->cursor);
    o->seen.namespaces++;
}

static bool refused(struct row_listing *listing, const struct error *cause, struct error *err)
{
    struct lister *l = listing->l;
    char name[QUOTED_SIZE];
    text_quoted(listing->row->title, name, sizeof name);
    listing->row->keys = NULL;
    *err = *cause;
    if (cause->code != ERR_NOT_FOUND)
        return error_wrap(err, "cannot list the keys of %s", name);
    diag_add(&l->p->notes, DIAG_WARNING, "audit.keys", (struct srcpos){0},
             "the keys of %s cannot be listed: it went while this ran", name);
    diag_hint(&l->p->notes, "run it again");
    return true;
}

static bool page_listed(void *ctx, struct queue *q, const struct store_op *op,
                        const struct store_result *result, struct error *err)
{
    struct row_listing *listing = ctx;
    struct lister *l = listing->l;
    char name[QUOTED_SIZE];
    bool ok = true, more = result->ok && result->cursor.len > 0;
    if (!result->ok)
        ok = refused(listing, &result->error, err);
    else
        add_page(l->a, listing->row->keys, result);
    l->o->seen.keys += result->ok ? result->n_keys : 0;
    if (more && bytes_equal(result->cursor, op->cursor)) {
        more = false;
        ok = error_set(err, ERR_ANSWER, "the listing of the keys of %s does not go on",
                       text_quoted(listing->row->title, name, sizeof name));
    }
    if (more) {
        struct store_op next = *op;
        buf_clear(&listing->cursor);
        buf_add_bytes(&listing->cursor, result->cursor);
        next.cursor = buf_bytes(&listing->cursor);
        queue_push(q, &next, page_listed, listing);
    } else {
        end_listing(listing);
    }
    observed_tell(l->o, 1);
    return ok;
}

/* One namespace more when there is a slot for it. */
static bool refill(void *ctx, struct queue *q, struct error *err)
{
    struct lister *l = ctx;
    (void)err;
    while (l->next < l->a->n && !is_wanted(l->a, &l->a->rows[l->next], l->wish))
        l->next++;
    if (l->next == l->a->n)
        return true;
    struct audit_row *row = &l->a->rows[l->next++];
    struct row_listing *listing = &l->listings[row - l->a->rows];
    struct store_op op = {.kind = STORE_KEY_LIST, .account = row->account, .id = row->id};
    *listing = (struct row_listing){.l = l, .row = row};
    row->keys = arena_alloc(&l->a->arena, 1, sizeof *row->keys);
    queue_push(q, &op, page_listed, listing);
    return true;
}

static void mark_lasting(struct audit *a)
{
    for (size_t i = 0; i < a->n; i++) {
        struct audit_row *row = &a->rows[i];
        if (!row->keys || row->keys->lasting == 0 || audit_ttl(a, row) == 0)
            continue;
        row->marks |= 1u << AUDIT_NO_EXPIRY;
        a->counts[AUDIT_NO_EXPIRY]++;
    }
}

bool audit_keys_list(struct audit *a, struct plan *p, const struct audit_wish *wish,
                     struct error *err)
{
    struct lister l = {.a = a, .p = p, .o = p->observed, .wish = wish};
    struct queue q = {.refill = refill, .refill_ctx = &l};
    l.listings = mem_zalloc(a->n + 1, sizeof *l.listings);
    l.o->seen.total += count_wanted(a, wish);
    bool ok = queue_run(&q, l.o->store, err);
    l.o->requests += q.sent;
    queue_release(&q);
    for (size_t i = 0; i < a->n; i++)
        buf_release(&l.listings[i].cursor);
    mem_free(l.listings);
    mark_lasting(a);
    return ok;
}
