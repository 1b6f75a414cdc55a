/*
 * forecast.c: what an apply will cost: requests, and the operations that are billed. What it will
 * send to look is what the store has sent for this plan; what it will send to act is counted here
 * exactly as apply.c does it; a test holds the two against each other. Not foreseen are
 * requests that are made again after a failure, and backups of what was not read (losses.c).
 */
#include "kv/batch.h"
#include "kv/read.h"
#include "planner.h"
#include "settled.h"

#define STEADY_MS 250 /* between requests when the budget is spent: 1,200 in 5 minutes */

void batch_cost_add(struct batch_cost *c, size_t key_len, size_t value_len)
{
    size_t extra = key_len + value_len;
    if (c->requests == 0 || batch_is_full(c->n, c->bytes, extra)) {
        c->requests++;
        c->n = 0;
        c->bytes = 0;
    }
    c->n++;
    c->bytes += extra;
}

static uint64_t pages(uint64_t n, uint64_t size)
{
    return (n + size - 1) / size;
}

size_t value_length(const struct planner *pl, const struct deferred *d)
{
    size_t len = 0;
    for (size_t i = 0; i < d->n; i++) {
        const struct part *part = &d->parts[i];
        struct bytes id = part->kind == PART_TEXT ? part->text : pl->p->ids[part->ns];
        len += part->kind == PART_TEXT ? part->text.len : id.data ? id.len : 32;
    }
    return len;
}

/* What the keys of one namespace add up to while its actions pass by. */
struct key_tally {
    size_t ns;
    bool instant; /* each key takes a request of its own, a second apart */
    struct batch_cost puts;
    uint64_t written, saved, deleted;
};

/* Backups read what is overwritten and pruned in one row, a bulk get per STORE_GET_MAX keys. */
static void tally_settle(struct planner *pl, struct key_tally *t)
{
    struct store_cost *c = &pl->p->cost.execute;
    uint64_t saved = pl->p->options.no_backup ? 0 : t->saved;
    struct losses known = {0};
    if (saved > 0)
        known = losses_count(planner_live(pl, t->ns));
    pl->p->cost.at_least |= !pl->t->local && saved > known.seen - known.unread;
    c->requests += t->puts.requests + reader_gets(saved, known.odd, false);
    c->requests += t->instant ? t->deleted : pages(t->deleted, STORE_BULK_MAX);
    if (t->instant && t->written + t->deleted > pl->p->cost.slowest)
        pl->p->cost.slowest = t->written + t->deleted;
    c->writes += t->written;
    c->reads += saved;
    c->deletes += t->deleted;
    *t = (struct key_tally){.ns = SIZE_MAX};
}

static void tally_action(struct planner *pl, struct key_tally *t, const struct action *a)
{
    if (a->kind == ACTION_KEY && a->verb == ACTION_PUT) {
        const struct put_decl *put = &pl->m->namespaces[a->ns].puts[a->index];
        if (t->instant)
            t->puts.requests++;
        else
            batch_cost_add(&t->puts, a->key.len, value_length(pl, &put->seed.value));
        t->written++;
        t->saved += a->overwrite;
    } else if (a->kind == ACTION_KEY) {
        t->deleted++;
        t->saved++;
    } else if (a->kind == ACTION_BULK) {
        uint64_t before = t->written;
        for (size_t i = 0; i < a->bulk->n_marks; i++) {
            t->written += a->bulk->marks[i] != BULK_SAME && a->bulk->marks[i] != BULK_PAST;
            t->saved += bulk_is_saved(a->bulk->marks[i]);
        }
        pl->p->cost.execute.requests +=
            t->instant ? t->written - before : a->bulk->batches.requests;
    }
}

static void cost_namespace(struct planner *pl, const struct action *a)
{
    struct store_cost *c = &pl->p->cost.execute;
    if (a->verb == ACTION_CREATE || a->verb == ACTION_RENAME) {
        c->requests++;
    } else if (a->verb == ACTION_DELETE) {
        /* read again by id; listed again and saved, or listed to see that it is empty; deleted */
        const struct observed_namespace *live = &pl->o->namespaces[pl->p->removals[a->index].live];
        struct losses known = losses_count(live);
        uint64_t saved = pl->p->options.no_backup ? 0 : live->n_keys;
        uint64_t lists = live->n_keys ? pages(live->n_keys, STORE_PAGE) : 1;
        if (pl->p->options.no_backup && losses_saves_removal(pl, a))
            lists = 0;
        pl->p->cost.at_least |= !pl->t->local && saved > known.seen - known.unread;
        c->requests += 2 + lists + reader_gets(saved, known.odd, true);
        c->lists += lists;
        c->reads += saved;
    }
}

static void summarise_namespace(struct plan_summary *s, const struct action *a)
{
    switch (a->verb) {
    case ACTION_CREATE:
        s->create++;
        break;
    case ACTION_ADOPT:
        s->adopt++;
        break;
    case ACTION_RENAME:
        s->rename += !a->temporary;
        break;
    case ACTION_UPDATE:
        s->update++;
        break;
    case ACTION_DELETE:
        s->delete_namespaces++;
        break;
    default:
        s->forget++;
    }
}

void plan_summarise(struct plan_summary *s, const struct action *a)
{
    if (a->kind == ACTION_NAMESPACE) {
        summarise_namespace(s, a);
    } else if (a->kind == ACTION_BULK) {
        s->put += a->bulk->counts.added + a->bulk->counts.changed;
        s->overwrite += a->bulk->counts.overwrite;
    } else if (a->verb == ACTION_PUT) {
        s->put += !a->overwrite;
        s->overwrite += a->overwrite;
    } else if (a->verb == ACTION_DELETE) {
        s->delete_keys++;
    } else {
        s->write++;
    }
}

static void add_cost(struct store_cost *sum, const struct store_cost *c)
{
    sum->requests += c->requests;
    sum->writes += c->writes;
    sum->reads += c->reads;
    sum->lists += c->lists;
    sum->deletes += c->deletes;
}

uint64_t forecast_seconds(const struct pace *pace, uint64_t n)
{
    uint64_t quick = n < pace->left ? n : pace->left;
    uint64_t each_ms = pace->ms / pace->requests;
    uint64_t ms = quick * pace->ms / pace->requests;
    ms += (n - quick) * (each_ms > STEADY_MS ? each_ms : STEADY_MS);
    return (ms + 999) / 1000;
}

void plan_forecast(struct planner *pl)
{
    struct plan *p = pl->p;
    uint64_t unchanged = p->summary.unchanged;
    struct key_tally tally = {.ns = SIZE_MAX};
    p->summary = (struct plan_summary){.outputs = p->n_outputs, .unchanged = unchanged};
    p->cost = (struct plan_cost){0};
    for (size_t i = 0; i < p->n; i++) {
        const struct action *a = &p->actions[i];
        plan_summarise(&p->summary, a);
        if (a->kind == ACTION_NAMESPACE) {
            cost_namespace(pl, a);
            continue;
        }
        if (tally.ns != a->ns) {
            tally_settle(pl, &tally);
            tally.ns = a->ns;
            tally.instant = a->ns != SIZE_MAX && settled_is_instant(pl, a->ns);
        }
        tally_action(pl, &tally, a);
    }
    tally_settle(pl, &tally);
    p->cost.observe = pl->t->store->spent;
    p->cost.total = p->cost.execute;
    add_cost(&p->cost.total, &p->cost.observe);
    struct pace pace;
    p->cost.is_timed = target_pace(pl->t, &pace);
    if (p->cost.is_timed)
        p->cost.seconds = forecast_seconds(&pace, p->cost.total.requests);
    if (p->cost.seconds < p->cost.slowest)
        p->cost.seconds = p->cost.slowest;
}
