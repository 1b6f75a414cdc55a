/*
 * apply_moves.c: the local data of a namespace whose id changed follows it, and so does what
 * wrangler dev has under the words that its bindings had.
 *
 * First all of it is copied, then what nobody looks at any more is cleared: a word may be that of
 * several bindings, and one of them may stay.
 */
#include "applier.h"

#include "base/mem.h"
#include "base/text.h"
#include "bindings.h"
#include "config_update.h"
#include "local_bindings.h"
#include "local_ids.h"
#include "store/local.h"

/* ---- Copying --------------------------------------------------------------------------------- */

/* From where it was, then what lies under the words of its bindings. */
static bool take_all(struct applier *ap, const struct action *a, struct bytes title,
                     struct error *err)
{
    const struct local_id *chosen = &ap->p->local_ids[a->ns];
    struct local_store *store = ap->pl.t->local;
    struct bytes from = chosen->from;
    if (!local_store_keep_roots(store, a->id, err) ||
        (!from.data && !local_store_register(store, a->account_id, a->id, title, err)))
        return false;
    bool ok = !from.data || local_store_take(store, a->account_id, from, a->id, title, err) ||
              error_wrap(err, "cannot move the local data of id %.*s to %.*s", BYTES_FMT(from),
                         BYTES_FMT(a->id));
    for (size_t i = 0; ok && i < chosen->n_words; i++)
        ok = local_store_take(store, a->account_id, chosen->words[i], a->id, title, err) ||
             error_wrap(err, "cannot take what wrangler dev has under %.*s",
                        BYTES_FMT(chosen->words[i]));
    return ok;
}

/* The namespace is left alone for the rest of the run. false: that ends here. */
static bool leave_unready(struct applier *ap, size_t action, const struct error *outcome,
                          struct error *err)
{
    if (!applier_goes_on(outcome, err))
        return false;
    ap->unready[ap->p->actions[action].ns] = true;
    applier_fail(ap, action, outcome);
    return true;
}

static bool copy(struct applier *ap, size_t action, struct error *err)
{
    struct action *a = &ap->p->actions[action];
    size_t live = ap->p->resolutions[a->ns].live;
    struct bytes title = ap->pl.o->namespaces[live].title;
    struct error outcome = {0};
    if (!take_all(ap, a, title, &outcome))
        return leave_unready(ap, action, &outcome, err);
    ap->changed = true;
    observed_reid(ap->pl.o, live, a->id);
    return true;
}

/* ---- Clearing -------------------------------------------------------------------------------- */

/* Where dev looks for a binding of a file once this run has written it. */
static struct bytes word_after(const struct config *config, const struct wrangler_binding *b,
                               const struct binding_ids *ids)
{
    const struct binding_change *change = binding_change_of(config, b->env, b->binding);
    if (!change)
        return binding_word(b);
    if (change->kind == BINDING_REMOVE)
        return bytes_make(NULL, 0);
    struct local_write write = {change->sets_id, change->sets_preview, change->drop_preview};
    return local_word_after(b, &write, &ids[change->ns]);
}

static bool is_looked_at(const struct applier *ap, const struct binding_ids *ids, struct bytes word)
{
    const struct configs *configs = ap->p->configs;
    for (size_t i = 0; i < configs->n; i++)
        for (size_t j = 0; j < configs->items[i].content.n_bindings; j++)
            if (bytes_equal(
                    word_after(&configs->items[i], &configs->items[i].content.bindings[j], ids),
                    word))
                return true;
    return false;
}

/* A namespace that could not take it still needs it. */
static bool is_awaited(const struct applier *ap, struct bytes word)
{
    for (size_t i = 0; i < ap->p->n_ids; i++)
        for (size_t k = 0; ap->unready[i] && k < ap->p->local_ids[i].n_words; k++)
            if (bytes_equal(ap->p->local_ids[i].words[k], word))
                return true;
    return false;
}

/* What `to` has with other values would have been lost. */
static bool leave(struct applier *ap, struct bytes from, struct bytes to, struct error *err)
{
    struct arena *arena = &ap->r->arena;
    char word[QUOTED_SIZE];
    size_t left;
    if (!local_store_leave(ap->pl.t->local, from, to, &left, err))
        return false;
    if (left > 0 && ap->options->tell)
        ap->options->tell(ap->options->tell_ctx,
                          arena_printf(arena,
                                       "%zu key%s of the local store stay%s under %s: %.*s has %s "
                                       "with another value",
                                       left, text_plural(left), left == 1 ? "s" : "",
                                       text_quoted(from, word, sizeof word), BYTES_FMT(to),
                                       left == 1 ? "it" : "them"));
    return true;
}

static bool leave_all(struct applier *ap, const struct action *a, const struct binding_ids *ids,
                      struct error *err)
{
    const struct local_id *chosen = &ap->p->local_ids[a->ns];
    bool ok = true;
    if (chosen->from.data && chosen->leaves_from && !is_looked_at(ap, ids, chosen->from))
        ok = leave(ap, chosen->from, a->id, err);
    for (size_t i = 0; ok && i < chosen->n_words; i++)
        ok = is_looked_at(ap, ids, chosen->words[i]) || is_awaited(ap, chosen->words[i]) ||
             leave(ap, chosen->words[i], a->id, err);
    return ok;
}

/* The record goes last: a run that is killed before finds the namespace by its title (resolve.c),
 * and from the record where there may be something left. */
static bool record_move(struct applier *ap, const struct action *a, struct bytes from,
                        struct error *err)
{
    if (from.data && state_find_id(ap->s, a->account_id, from) &&
        !state_find_id(ap->s, a->account_id, a->id) &&
        !state_set_id(ap->s, a->account_id, from, a->id, err))
        return false;
    return state_commit(ap->s, err);
}

static bool clear(struct applier *ap, size_t action, const struct binding_ids *ids,
                  struct error *err)
{
    const struct action *a = &ap->p->actions[action];
    struct error outcome = {0};
    if (ap->unready[a->ns])
        return true;
    if (!leave_all(ap, a, ids, &outcome))
        return leave_unready(ap, action, &outcome, err);
    if (!record_move(ap, a, ap->p->local_ids[a->ns].from, err))
        return false;
    applier_done(ap, action);
    return true;
}

/* ---- All ------------------------------------------------------------------------------------- */

/* What is forgotten leaves its data to whose id it is under; a namespace of this run may be kept
 * there then. */
static bool forget_borrowed(struct applier *ap, struct error *err)
{
    for (size_t i = 0; ap->pl.t->local && i < ap->p->n; i++) {
        const struct action *a = &ap->p->actions[i];
        if (a->kind != ACTION_NAMESPACE || a->verb != ACTION_FORGET)
            continue;
        const struct state_namespace *entry = state_find_id(ap->s, a->account_id, a->id);
        if (entry && entry->borrowed && !local_store_forget(ap->pl.t->local, a->id, err))
            return false;
    }
    return true;
}

/* Keys came from several places, and only one of them was looked at. */
static bool look_again(struct applier *ap, size_t action, struct error *err)
{
    size_t ns = ap->p->actions[action].ns;
    struct resolution *res = &ap->p->resolutions[ns];
    const struct observed_namespace *live = &ap->pl.o->namespaces[res->live];
    if (ap->unready[ns] || !ap->p->local_ids[ns].look_again)
        return true;
    res->live = observed_add(ap->pl.o, live->account, live->id, live->title);
    return applier_replan(ap, action, err);
}

bool apply_moves(struct applier *ap, struct error *err)
{
    size_t n = ap->p->n; /* looking again adds some */
    struct binding_ids *ids = plan_binding_ids(&ap->pl);
    bool ok = forget_borrowed(ap, err);
    for (size_t i = 0; ok && i < n; i++)
        ok = !ap->p->actions[i].moves || copy(ap, i, err);
    for (size_t i = 0; ok && i < n; i++)
        ok = !ap->p->actions[i].moves || clear(ap, i, ids, err);
    for (size_t i = 0; ok && i < n; i++)
        ok = !ap->p->actions[i].moves || look_again(ap, i, err);
    mem_free(ids);
    return ok;
}

/* ---- Which id counted ------------------------------------------------------------------------ */

#define TOLD_MAX 3 /* bindings by name */

static bool has_action(const struct plan *p, size_t ns)
{
    size_t i = 0;
    while (i < p->n && p->actions[i].ns != ns)
        i++;
    return i < p->n;
}

void apply_tell_words(const struct applier *ap)
{
    size_t n = 0;
    struct buf names = {0};
    for (size_t i = 0; ap->p->local_ids && i < ap->p->n_ids; i++) {
        const struct local_id *chosen = &ap->p->local_ids[i];
        if (!chosen->both || !has_action(ap->p, i) || ++n > TOLD_MAX)
            continue;
        buf_add_str(&names, n > 1 ? ", " : "");
        text_quote(&names, chosen->both->name, 64);
        buf_add_str(&names, " in ");
        text_quote(&names, bytes_of(chosen->config->name), 64);
    }
    if (n > TOLD_MAX)
        buf_addf(&names, " and %zu more", n - TOLD_MAX);
    if (n > 0 && ap->options->tell)
        ap->options->tell(ap->options->tell_ctx,
                          arena_printf(&ap->r->arena,
                                       "seeded under the preview_id, where wrangler dev looks, not "
                                       "under the id: %s",
                                       names.data));
    buf_release(&names);
}

bool apply_roots(struct applier *ap, struct error *err)
{
    for (size_t i = 0; ap->p->local_ids && i < ap->p->n_ids; i++) {
        const struct resolution *res = &ap->p->resolutions[i];
        if (res->in_scope && res->kind == RESOLVE_LIVE && !ap->unready[i] &&
            !local_store_keep_roots(ap->pl.t->local, ap->p->ids[i], err))
            return false;
    }
    return true;
}
