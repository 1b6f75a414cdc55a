/*
 * bulks.c: bulk sources. The state keeps no digest per bulk key, only one per source; so who
 * changed a live value that differs is told by that: when the source differs from the recorded one,
 * the source did, else somebody else. Where values were not read, an unchanged source stands for
 * them.
 */
#include <inttypes.h>

#include "base/text.h"
#include "compare.h"
#include "source.h"

/* ---- Marking --------------------------------------------------------------------------------- */

struct marking {
    struct observed_namespace *live;
    bool read;        /* values shall be read, */
    bool fingerprint; /* where fingerprints do not tell */
    size_t near;
};

static bool mark_item(void *ctx, const struct seed_item *item, struct error *err)
{
    struct marking *m = ctx;
    struct observed_key *key = m->live ? observed_key(m->live, item->seed.key, &m->near) : NULL;
    (void)err;
    if (key) {
        planner_declare(key, &item->seed.value);
        key->wanted = key->wanted || (m->read && !live_is_told(m->fingerprint, key));
    }
    return true;
}

bool bulk_mark(struct planner *pl, size_t ns, size_t index, bool read, struct error *err)
{
    const struct namespace_decl *decl = &pl->m->namespaces[ns];
    struct resolution *res = &pl->p->resolutions[ns];
    struct marking marking = {.live = planner_live(pl, ns),
                              .read = read && decl->bulks[index].policy == SEED_MANAGED,
                              .fingerprint = decl->fingerprint};
    uint64_t size;
    if (!res->bulk)
        res->bulk = arena_alloc(&pl->p->arena, decl->n_bulks, sizeof *res->bulk);
    return source_each(pl->root, &decl->bulks[index], mark_item, &marking, &size, &res->bulk[index],
                       err);
}

/* ---- Judging --------------------------------------------------------------------------------- */

struct bulk_judge {
    struct planner *pl;
    size_t ns, index;
    const struct bulk_decl *bulk;
    struct bytes name;
    const struct state_namespace *entry;   /* or NULL */
    const struct observed_namespace *live; /* or NULL */
    bool recorded;                         /* the state has the source, */
    bool source_same;                      /* just as it is now */
    size_t near;                           /* in `live` */
    struct desired desired;
    uint64_t size; /* of what was read */
    struct digest digest;
    bulk_judged_fn judged;
    void *ctx;
};

/* The namespace's default ttl moved under an item that relies on it. */
static bool default_moved(const struct bulk_judge *j)
{
    const struct desired *d = &j->desired;
    return seed_takes_default(d->seed) && j->entry && j->entry->ttl_seconds != d->ttl;
}

static enum bulk_mark judge_unseen(const struct bulk_judge *j)
{
    if (j->source_same)
        return default_moved(j) ? BULK_CHANGED : BULK_SAME;
    if (j->bulk->policy == SEED_ONCE)
        return BULK_SAME;
    return j->recorded ? BULK_CHANGED : BULK_OVERWRITE;
}

/* A put of this key may have come before the source. */
static bool written_by_put(const struct bulk_judge *j, const struct observed_key *live)
{
    struct bytes key = observed_name(live);
    const struct state_key *put =
        live_record(j->pl, live, j->entry ? state_find_key(j->entry, key) : NULL,
                    planner_pending(j->pl, j->ns, key));
    return put && record_origin(j->entry, put) == KEY_WROTE &&
           (j->pl->p->options.refresh != REFRESH_VALUES || live_is_recorded(j->pl, live, put));
}

static enum bulk_mark judge_by_mark(const struct bulk_judge *j, const struct observed_key *live)
{
    switch (compare_marked(j->pl, j->ns, live, &j->desired)) {
    case KEY_SAME:
        return BULK_SAME;
    case KEY_EXPIRY:
        return BULK_EXPIRY;
    case KEY_CHANGED:
        return BULK_OWN;
    default:
        return BULK_OVERWRITE;
    }
}

/* Where values were not read, a key that lacks only its fingerprint, or whose expiry differs, may
 * still hold another value than the source says. */
static enum bulk_mark judge_by_value(const struct bulk_judge *j, const struct observed_key *live)
{
    const struct desired *d = &j->desired;
    bool read = j->pl->p->options.refresh == REFRESH_VALUES;
    bool value_holds = read ? d->known && digest_equal(&live->value->digest, &d->digest)
                            : j->source_same && live_mark_holds(live, d);
    if (live_content_holds(live, d, value_holds)) {
        if (!live_mark_holds(live, d))
            return BULK_MARK;
        if (live_expiry_holds(j->pl, live, d, default_moved(j)))
            return BULK_SAME;
        return read ? BULK_EXPIRY : BULK_CHANGED;
    }
    bool source_did = j->recorded && !j->source_same;
    return source_did || written_by_put(j, live) ? BULK_CHANGED : BULK_OVERWRITE;
}

static enum bulk_mark judge_item(struct bulk_judge *j)
{
    const struct observed_key *live =
        j->live ? observed_key(j->live, j->desired.seed->key, &j->near) : NULL;
    enum bulk_mark mark = BULK_NEW;
    if (j->live && j->pl->p->options.refresh < REFRESH_KEYS)
        mark = judge_unseen(j);
    else if (live_is_there(j->pl, live) && j->bulk->policy == SEED_ONCE)
        mark = BULK_SAME;
    else if (live_is_there(j->pl, live))
        mark = live_is_told(j->desired.fingerprint, live) ? judge_by_mark(j, live)
                                                          : judge_by_value(j, live);
    return mark != BULK_SAME && desired_is_past(j->pl, &j->desired) ? BULK_PAST : mark;
}

static bool take_item(void *ctx, const struct seed_item *item, struct error *err)
{
    struct bulk_judge *j = ctx;
    (void)err;
    desired_set(j->pl, j->ns, &item->seed, &j->desired);
    j->judged(j->ctx, &j->desired, judge_item(j));
    return true;
}

/* Marks need the source's digest first, so where there is something to compare with, it is read
 * once before it is judged. */
static bool compare_source(struct bulk_judge *j, struct error *err)
{
    if (!j->live)
        return true;
    if (j->pl->p->options.refresh < REFRESH_KEYS && !bulk_mark(j->pl, j->ns, j->index, true, err))
        return false;
    j->recorded = j->entry && state_find_bulk(j->entry, j->name);
    j->source_same = bulk_is_as_recorded(j->pl, j->ns, j->index, j->name);
    return true;
}

static bool judge_source(struct bulk_judge *j, struct error *err)
{
    const struct resolution *res = &j->pl->p->resolutions[j->ns];
    return compare_source(j, err) &&
           source_each(j->pl->root, j->bulk, take_item, j, &j->size, &j->digest, err) &&
           (!j->live || digest_equal(&j->digest, &res->bulk[j->index]) ||
            source_changed(j->name, err));
}

static struct bulk_judge judge_of(struct planner *pl, size_t ns, size_t index, struct bytes name)
{
    return (struct bulk_judge){.pl = pl,
                               .ns = ns,
                               .index = index,
                               .bulk = &pl->m->namespaces[ns].bulks[index],
                               .name = name,
                               .entry = planner_entry(pl, ns),
                               .live = planner_live(pl, ns)};
}

bool bulk_is_as_recorded(const struct planner *pl, size_t ns, size_t index, struct bytes name)
{
    const struct state_namespace *entry = planner_entry(pl, ns);
    const struct state_bulk *record = entry ? state_find_bulk(entry, name) : NULL;
    const struct digest *digests = pl->p->resolutions[ns].bulk;
    return record && digests && digest_equal(&record->digest, &digests[index]);
}

bool bulk_judge_each(struct planner *pl, size_t ns, size_t index, struct bytes name,
                     bulk_judged_fn judged, void *ctx, struct error *err)
{
    struct bulk_judge j = judge_of(pl, ns, index, name);
    j.judged = judged;
    j.ctx = ctx;
    bool ok = judge_source(&j, err);
    desired_release(&j.desired);
    return ok;
}

/* ---- Emitting -------------------------------------------------------------------------------- */

struct bulk_draft {
    struct bulk_judge j;
    struct action_bulk bulk; /* of an action that is not in the plan yet */
    uint64_t fingerprints;   /* puts that change the fingerprint alone */
    size_t cap_marks;
};

void bulk_count(struct bulk_counts *c, enum bulk_mark mark)
{
    c->added += mark == BULK_NEW;
    c->changed +=
        mark == BULK_CHANGED || mark == BULK_EXPIRY || mark == BULK_OWN || mark == BULK_MARK;
    c->overwrite += mark == BULK_OVERWRITE;
    c->unchanged += mark == BULK_SAME || mark == BULK_PAST;
}

static void doom(const struct bulk_draft *draft, struct bytes name)
{
    struct observed_key *live = draft->j.live ? observed_key(draft->j.live, name, NULL) : NULL;
    if (live)
        live->doomed = true;
}

static void draft_item(void *ctx, const struct desired *d, enum bulk_mark mark)
{
    struct bulk_draft *draft = ctx;
    struct planner *pl = draft->j.pl;
    struct action_bulk *b = &draft->bulk;
    arena_grow(&pl->p->arena, (void **)&b->marks, &draft->cap_marks, b->n_marks + 1, 1);
    b->marks[b->n_marks++] = (uint8_t)mark;
    bulk_count(&b->counts, mark);
    if (bulk_is_saved((uint8_t)mark))
        doom(draft, d->seed->key);
    draft->fingerprints += mark == BULK_MARK;
    if (mark != BULK_SAME && mark != BULK_PAST)
        batch_cost_add(&b->batches, d->seed->key.len, value_length(pl, &d->seed->value));
}

static void keep_record(struct bulk_draft *draft)
{
    const struct bulk_judge *j = &draft->j;
    struct plan_record record = {.what = RECORD_BULK,
                                 .ns = j->ns,
                                 .name = j->name,
                                 .digest = j->digest,
                                 .number = (int64_t)draft->bulk.n_marks};
    if (!j->source_same)
        planner_record_add(j->pl, record);
}

static const char *bulk_reason(const struct bulk_draft *draft)
{
    const struct bulk_counts *c = &draft->bulk.counts;
    if (draft->fingerprints == c->added + c->changed + c->overwrite)
        return draft->j.desired.fingerprint ? "adds the fingerprints" : "drops the fingerprints";
    if (c->overwrite == 0)
        return "keys are absent or differ";
    if (draft->j.pl->p->options.refresh < REFRESH_KEYS)
        return "may overwrite values, since keys were not looked at";
    return "overwrites values that cfkv did not write";
}

static void emit_bulk(struct bulk_draft *draft)
{
    const struct bulk_judge *j = &draft->j;
    const struct bulk_counts *c = &draft->bulk.counts;
    j->pl->p->summary.unchanged += c->unchanged;
    j->pl->p->resolutions[j->ns].unchanged += c->unchanged;
    if (c->added + c->changed + c->overwrite == 0) {
        keep_record(draft);
        return;
    }
    struct action *a =
        planner_key(j->pl, j->ns, ACTION_BULK, ACTION_PUT, j->name, bulk_reason(draft));
    a->index = j->index;
    a->pos = j->bulk->pos;
    a->overwrite = c->overwrite > 0;
    a->bulk = arena_alloc(&j->pl->p->arena, 1, sizeof *a->bulk);
    *a->bulk = draft->bulk;
    a->bulk->digest = j->digest;
}

/* Inline items are part of the configuration, so only files are sources of their own. */
static void keep_source(const struct bulk_judge *j)
{
    struct plan *p = j->pl->p;
    if (j->bulk->format == SOURCE_INLINE)
        return;
    arena_grow(&p->arena, (void **)&p->sources, &p->cap_sources, p->n_sources + 1,
               sizeof *p->sources);
    p->sources[p->n_sources++] =
        (struct input_file){.path = j->name.data, .size = j->size, .digest = j->digest};
}

static bool plan_bulk(struct planner *pl, size_t ns, size_t index, struct bytes name,
                      struct error *err)
{
    struct bulk_draft draft = {.j = judge_of(pl, ns, index, name)};
    draft.j.judged = draft_item;
    draft.j.ctx = &draft;
    bool ok = judge_source(&draft.j, err);
    if (ok) {
        keep_source(&draft.j);
        emit_bulk(&draft);
    }
    desired_release(&draft.j.desired);
    return ok;
}

/* ---- All ------------------------------------------------------------------------------------- */

static bool is_named(const struct bytes *names, size_t n, struct bytes name)
{
    for (size_t i = 0; i < n; i++)
        if (bytes_equal(names[i], name))
            return true;
    return false;
}

/* The same content under another name, or all keys that are not declared go by themselves. */
static bool is_covered(const struct planner *pl, size_t ns, const struct state_bulk *record)
{
    const struct namespace_decl *decl = &pl->m->namespaces[ns];
    const struct digest *digests = pl->p->resolutions[ns].bulk;
    for (size_t i = 0; digests && i < decl->n_bulks; i++)
        if (digest_equal(&digests[i], &record->digest))
            return true;
    for (size_t i = 0; i < decl->n_prunes; i++)
        if (decl->prunes[i].prefix.len == 0)
            return true;
    return false;
}

static void note_removed(struct planner *pl, size_t ns, const struct state_bulk *record)
{
    const struct namespace_decl *decl = &pl->m->namespaces[ns];
    char source[QUOTED_SIZE], title[QUOTED_SIZE];
    if (record->count == 0 || !planner_live(pl, ns) || is_covered(pl, ns, record))
        return;
    diag_add(&pl->p->notes, DIAG_WARNING, "bulk.removed", decl->pos,
             "bulk source %s of namespace %s is not declared any more; its %" PRIu64
             " key%s, unless pruned",
             text_quoted(record->source, source, sizeof source),
             text_quoted(decl->title, title, sizeof title), record->count,
             record->count == 1 ? " stays" : "s stay");
    diag_hint(&pl->p->notes, "ns:prune \"PREFIX\" deletes the keys below it that nothing declares");
}

/* Keys of a removed source stay unless pruned; only the record of it goes. */
static void unrecord_bulks(struct planner *pl, size_t ns, const struct bytes *names, size_t n)
{
    const struct state_namespace *entry = planner_entry(pl, ns);
    for (size_t i = 0; entry && i < entry->n_bulks; i++) {
        struct plan_record record = {
            .what = RECORD_NO_BULK, .ns = ns, .name = entry->bulks[i].source};
        if (is_named(names, n, record.name))
            continue;
        planner_record_add(pl, record);
        note_removed(pl, ns, &entry->bulks[i]);
    }
}

bool plan_bulks(struct planner *pl, size_t ns, struct error *err)
{
    const struct namespace_decl *decl = &pl->m->namespaces[ns];
    struct bytes *names = arena_alloc(&pl->p->arena, decl->n_bulks, sizeof *names);
    for (size_t i = 0; i < decl->n_bulks; i++) {
        names[i] = seed_source_name(&pl->p->arena, decl, i);
        if (!plan_bulk(pl, ns, i, names[i], err))
            return false;
    }
    unrecord_bulks(pl, ns, names, decl->n_bulks);
    return true;
}
