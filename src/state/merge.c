#include "merge.h"

#include "base/text.h"
#include "extra.h"
#include "image.h"

struct merger {
    struct state base, ours, theirs;
    bool prefer_theirs;         /* in conflicts */
    struct state_merge *result; /* gets the conflicts; NULL: they are told already */
};

/* What a conflict is about. */
struct subject {
    const char *kind;
    struct bytes name;    /* data NULL: there is only one */
    const char *place;    /* what it belongs to; NULL: nothing */
    struct bytes of;      /* the name of that */
    struct bytes account; /* data NULL: it belongs to none */
};

/* ---- Deciding -------------------------------------------------------------------------------- */

/* A record in the three states; NULL: not there. */
struct versions {
    const void *base, *ours, *theirs;
};

typedef bool (*same_fn)(const struct state *s, const void *a, const struct state *t, const void *b);

static bool same(same_fn equal, const struct state *s, const void *a, const struct state *t,
                 const void *b)
{
    return a && b ? equal(s, a, t, b) : !a && !b;
}

static const char *what_happened(const struct versions *v)
{
    if (!v->base)
        return "both sides added it, not alike";
    if (!v->ours)
        return "ours removed it, theirs changed it";
    return v->theirs ? "both sides changed it" : "ours changed it, theirs removed it";
}

static void tell(struct merger *m, const struct subject *what, const char *happened)
{
    char name[200];
    if (!m->result)
        return;
    struct buf *out = &m->result->conflicts;
    m->result->n_conflicts++;
    buf_add_str(out, what->kind);
    if (what->name.data)
        buf_addf(out, " %s", text_quoted(what->name, name, sizeof name));
    if (what->place)
        buf_addf(out, " of %s %s", what->place, text_quoted(what->of, name, sizeof name));
    if (what->account.data)
        buf_addf(out, " in account %s", text_quoted(what->account, name, sizeof name));
    buf_addf(out, ": %s\n", happened);
}

/* true when ours is to become what theirs is. */
static bool takes_theirs(struct merger *m, same_fn equal, const struct versions *v,
                         const struct subject *what)
{
    if (same(equal, &m->base, v->base, &m->theirs, v->theirs) ||
        same(equal, &m->ours, v->ours, &m->theirs, v->theirs))
        return false;
    if (same(equal, &m->base, v->base, &m->ours, v->ours))
        return true;
    tell(m, what, what_happened(v));
    return m->prefer_theirs;
}

/* ---- Equal records --------------------------------------------------------------------------- */

static bool same_extras(const struct state_extras *a, const struct state_extras *b)
{
    size_t n = a ? a->n : 0;
    if (n != (b ? b->n : 0))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!bytes_equal(a->items[i].name, b->items[i].name) ||
            !bytes_equal(a->items[i].json, b->items[i].json))
            return false;
    return true;
}

static bool same_extra(const struct state *s, const void *a, const struct state *t, const void *b)
{
    (void)s;
    (void)t;
    return bytes_equal(((const struct state_extra *)a)->json,
                       ((const struct state_extra *)b)->json);
}

static bool same_salt(const struct state *s, const struct state *t)
{
    return memcmp(s->salt, t->salt, sizeof s->salt) == 0;
}

/* What another version or another salt made can be of the same value: that counts as unchanged. */
static bool same_key(const struct state *s, const void *a, const struct state *t, const void *b)
{
    const struct state_key *x = a, *y = b;
    bool comparable = x->hmac.plain == y->hmac.plain && same_salt(s, t);
    return (!comparable || digest_equal(&x->hmac.digest, &y->hmac.digest)) &&
           (x->origin == y->origin || x->origin == KEY_UNKNOWN || y->origin == KEY_UNKNOWN) &&
           x->expiration_ttl == y->expiration_ttl && x->expiration == y->expiration &&
           x->secret == y->secret && same_extras(x->extras, y->extras);
}

static bool same_bulk(const struct state *s, const void *a, const struct state *t, const void *b)
{
    const struct state_bulk *x = a, *y = b;
    (void)s;
    (void)t;
    return digest_equal(&x->digest, &y->digest) && x->count == y->count &&
           same_extras(x->extras, y->extras);
}

static bool same_refs(const struct state_output *x, const struct state_output *y)
{
    if (x->n_refs != y->n_refs)
        return false;
    for (size_t i = 0; i < x->n_refs; i++)
        if (!bytes_equal(x->refs[i].account, y->refs[i].account) ||
            !bytes_equal(x->refs[i].address, y->refs[i].address))
            return false;
    return true;
}

/* Version 1 did not say which namespaces an output names. */
static bool same_output(const struct state *s, const void *a, const struct state *t, const void *b)
{
    const struct state_output *x = a, *y = b;
    return bytes_equal(x->json, y->json) && same_extras(x->extras, y->extras) &&
           (s->version == 1 || t->version == 1 || same_refs(x, y));
}

static bool same_binding(const struct state *s, const void *a, const struct state *t, const void *b)
{
    const struct state_binding *x = a, *y = b;
    (void)s;
    (void)t;
    return bytes_same(x->id, y->id) && bytes_same(x->preview_id, y->preview_id) &&
           same_extras(x->extras, y->extras);
}

static bool same_attributes(const struct state *s, const void *a, const struct state *t,
                            const void *b)
{
    const struct state_namespace *x = a, *y = b;
    (void)s;
    (void)t;
    return bytes_equal(x->id, y->id) && bytes_equal(x->title, y->title) && x->origin == y->origin &&
           x->on_remove == y->on_remove && x->protect == y->protect && x->borrowed == y->borrowed &&
           bytes_same(x->prunes, y->prunes) && state_same_recorded(x, y) &&
           bytes_same(x->created, y->created) && same_extras(x->extras, y->extras);
}

/* With its keys and bulk sources. */
static bool same_namespace(const struct state *s, const void *a, const struct state *t,
                           const void *b)
{
    const struct state_namespace *x = a, *y = b;
    if (!same_attributes(s, x, t, y) || x->n_keys != y->n_keys || x->n_bulks != y->n_bulks)
        return false;
    for (size_t i = 0; i < x->n_keys; i++)
        if (!same(same_key, s, &x->keys[i], t, state_find_key(y, x->keys[i].key)))
            return false;
    for (size_t i = 0; i < x->n_bulks; i++)
        if (!same(same_bulk, s, &x->bulks[i], t, state_find_bulk(y, x->bulks[i].source)))
            return false;
    return true;
}

static bool same_bytes(const struct state *s, const void *a, const struct state *t, const void *b)
{
    (void)s;
    (void)t;
    return bytes_equal(*(const struct bytes *)a, *(const struct bytes *)b);
}

/* ---- Keys, bulk sources and unknown members ---------------------------------------------------
 *
 * Each kind in two rounds: what theirs has, then what it has no more. Records that are taken keep
 * pointing into theirs, which lives as long.
 */

static void take_key(struct merger *m, struct state_namespace *ours, const struct state_key *t)
{
    struct state_key *o = image_key(&m->ours, ours, t->key);
    struct bytes name = o->key;
    *o = *t;
    o->key = name;
}

static void merge_keys(struct merger *m, struct bytes account, const struct state_namespace *base,
                       struct state_namespace *ours, const struct state_namespace *theirs)
{
    struct subject what = {
        .kind = "key", .place = "namespace", .of = ours->address, .account = account};
    for (size_t i = 0; i < theirs->n_keys; i++) {
        const struct state_key *t = &theirs->keys[i];
        struct versions v = {base ? state_find_key(base, t->key) : NULL,
                             state_find_key(ours, t->key), t};
        what.name = t->key;
        if (takes_theirs(m, same_key, &v, &what))
            take_key(m, ours, t);
    }
    for (size_t i = 0; base && i < base->n_keys; i++) {
        const struct state_key *b = &base->keys[i];
        struct versions v = {b, state_find_key(ours, b->key), NULL};
        what.name = b->key;
        if (!state_find_key(theirs, b->key) && takes_theirs(m, same_key, &v, &what))
            image_remove_key(ours, b->key);
    }
}

static void merge_bulks(struct merger *m, struct bytes account, const struct state_namespace *base,
                        struct state_namespace *ours, const struct state_namespace *theirs)
{
    struct subject what = {
        .kind = "bulk source", .place = "namespace", .of = ours->address, .account = account};
    for (size_t i = 0; i < theirs->n_bulks; i++) {
        const struct state_bulk *t = &theirs->bulks[i];
        struct versions v = {base ? state_find_bulk(base, t->source) : NULL,
                             state_find_bulk(ours, t->source), t};
        what.name = t->source;
        if (takes_theirs(m, same_bulk, &v, &what))
            *image_bulk(&m->ours, ours, t->source) = *t;
    }
    for (size_t i = 0; base && i < base->n_bulks; i++) {
        const struct state_bulk *b = &base->bulks[i];
        struct versions v = {b, state_find_bulk(ours, b->source), NULL};
        what.name = b->source;
        if (!state_find_bulk(theirs, b->source) && takes_theirs(m, same_bulk, &v, &what))
            image_remove_bulk(ours, b->source);
    }
}

static bool same_write(const struct state_key *a, const struct state_key *b)
{
    return a && b ? digest_equal(&a->hmac.digest, &b->hmac.digest) && a->secret == b->secret &&
                        a->expiration_ttl == b->expiration_ttl && a->expiration == b->expiration
                  : !a && !b;
}

/* What is about to be put is asked of what is live, in the end: there is no conflict, and where
 * both sides are about to put something, ours stays. */
static void merge_writing(struct merger *m, const struct state_writing *base,
                          struct state_writing *ours, const struct state_writing *theirs)
{
    for (size_t i = 0; theirs && i < theirs->n; i++) {
        const struct state_key *t = &theirs->keys[i], *b = state_find_writing(base, t->key);
        if (same_write(b, t) || !same_write(b, state_find_writing(ours, t->key)))
            continue;
        struct state_key *o = image_writing(&m->ours, ours, t->key);
        struct bytes name = o->key;
        *o = *t;
        o->key = name;
    }
    for (size_t i = 0; base && i < base->n; i++) {
        const struct state_key *b = &base->keys[i];
        if (!state_find_writing(theirs, b->key) && same_write(b, state_find_writing(ours, b->key)))
            image_end_writing(ours, b->key);
    }
}

/* Those of the whole state, or of an account. */
static void merge_extras(struct merger *m, struct bytes account, const struct state_extras *base,
                         struct state_extras **ours, const struct state_extras *theirs)
{
    struct subject what = {.kind = "member", .account = account};
    for (size_t i = 0; theirs && i < theirs->n; i++) {
        const struct state_extra *t = &theirs->items[i];
        struct versions v = {extra_find(base, t->name), extra_find(*ours, t->name), t};
        what.name = t->name;
        if (takes_theirs(m, same_extra, &v, &what))
            extra_set(&m->ours.arena, ours, t->name, t->json);
    }
    for (size_t i = 0; base && i < base->n; i++) {
        const struct state_extra *b = &base->items[i];
        struct versions v = {b, extra_find(*ours, b->name), NULL};
        what.name = b->name;
        if (!extra_find(theirs, b->name) && takes_theirs(m, same_extra, &v, &what))
            extra_remove(*ours, b->name);
    }
}

/* ---- Namespaces ------------------------------------------------------------------------------ */

static void take_attributes(struct state_namespace *o, const struct state_namespace *t)
{
    o->id = t->id;
    o->title = t->title;
    o->origin = t->origin;
    o->on_remove = t->on_remove;
    o->protect = t->protect;
    o->borrowed = t->borrowed;
    o->prunes = t->prunes;
    state_take_recorded(o, t);
    o->created = t->created;
    o->extras = t->extras;
}

/* One that theirs has. */
static void merge_namespace(struct merger *m, struct state_account *account,
                            const struct state_namespace *base,
                            const struct state_namespace *theirs)
{
    struct state_namespace *ours = image_find(account, theirs->address);
    struct subject what = {.kind = "namespace", .name = theirs->address, .account = account->id};
    struct versions v = {base, ours, theirs};
    /* While ours has none it is all or nothing. */
    if (takes_theirs(m, ours ? same_attributes : same_namespace, &v, &what)) {
        base = ours ? base : NULL;
        ours = ours ? ours : image_namespace(&m->ours, account, theirs->address);
        take_attributes(ours, theirs);
    }
    if (!ours)
        return;
    merge_keys(m, account->id, base, ours, theirs);
    merge_bulks(m, account->id, base, ours, theirs);
    merge_writing(m, base ? &base->writing : NULL, &ours->writing, &theirs->writing);
}

static void merge_titled(struct merger *m, const struct state_account *base,
                         struct state_account *ours, const struct state_account *theirs)
{
    for (size_t i = 0; i < theirs->n_titled; i++) {
        struct bytes title = theirs->titled[i].title;
        merge_writing(m, image_find_titled(base, title), image_titled(&m->ours, ours, title),
                      &theirs->titled[i].writing);
    }
    for (size_t i = 0; i < base->n_titled; i++) {
        struct bytes title = base->titled[i].title;
        struct state_writing *o = image_find_titled(ours, title);
        if (o && !image_find_titled(theirs, title))
            merge_writing(m, &base->titled[i].writing, o, NULL);
    }
}

/* Two entries of one id, as when both sides moved it, would be no state. */
static void part_ids(struct merger *m, struct state_account *account)
{
    struct subject what = {.kind = "namespace", .account = account->id};
    for (size_t i = 0; i < account->n; i++) {
        for (size_t k = i + 1; k < account->n && !account->namespaces[i].removed; k++) {
            struct state_namespace *a = &account->namespaces[i], *b = &account->namespaces[k];
            if (b->removed || !bytes_equal(a->id, b->id))
                continue;
            struct state_namespace *t = state_find(&m->theirs, account->id, a->address);
            bool a_is_theirs = t && bytes_equal(t->id, a->id);
            what.name = a->address;
            tell(m, &what, "the other side has its id under another address");
            (a_is_theirs == m->prefer_theirs ? b : a)->removed = true;
        }
    }
}

static void merge_creating(struct merger *m, const struct state_account *base,
                           struct state_account *ours, const struct state_account *theirs)
{
    for (size_t i = 0; i < theirs->n_creating; i++)
        if (!state_is_creating(&m->base, ours->id, theirs->creating[i]))
            image_creating(&m->ours, ours, theirs->creating[i]);
    for (size_t i = 0; i < base->n_creating; i++)
        if (!state_is_creating(&m->theirs, ours->id, base->creating[i]))
            image_end_creating(ours, base->creating[i]);
}

/* What theirs has no more goes first, so that its ids are free. */
static void remove_namespaces(struct merger *m, const struct state_account *base,
                              struct state_account *ours)
{
    for (size_t i = 0; i < base->n; i++) {
        const struct state_namespace *b = &base->namespaces[i];
        struct state_namespace *o = image_find(ours, b->address);
        struct versions v = {b, o, NULL};
        struct subject what = {.kind = "namespace", .name = b->address, .account = ours->id};
        if (!state_find(&m->theirs, base->id, b->address) &&
            takes_theirs(m, same_namespace, &v, &what))
            o->removed = true;
    }
}

static void merge_account(struct merger *m, struct bytes id)
{
    static const struct state_account none;
    const struct state_account *base = state_account(&m->base, id);
    const struct state_account *theirs = state_account(&m->theirs, id);
    struct state_account *ours = image_account(&m->ours, id);
    base = base ? base : &none;
    theirs = theirs ? theirs : &none;
    remove_namespaces(m, base, ours);
    for (size_t i = 0; i < theirs->n; i++) {
        const struct state_namespace *t = &theirs->namespaces[i];
        merge_namespace(m, ours, state_find(&m->base, id, t->address), t);
    }
    part_ids(m, ours);
    merge_creating(m, base, ours, theirs);
    merge_titled(m, base, ours, theirs);
    merge_extras(m, ours->id, base->extras, &ours->extras, theirs->extras);
}

static void merge_accounts(struct merger *m)
{
    for (size_t i = 0; i < m->theirs.n_accounts; i++)
        merge_account(m, m->theirs.accounts[i].id);
    for (size_t i = 0; i < m->base.n_accounts; i++)
        if (!state_account(&m->theirs, m->base.accounts[i].id))
            merge_account(m, m->base.accounts[i].id);
}

/* ---- What belongs to no account -------------------------------------------------------------- */

static void take_output(struct merger *m, const struct state_output *t)
{
    struct state_output *o = image_output(&m->ours, bytes_of(t->name));
    const char *name = o->name;
    *o = *t;
    o->name = name;
}

static void merge_outputs(struct merger *m)
{
    struct subject what = {.kind = "output"};
    for (size_t i = 0; i < m->theirs.n_outputs; i++) {
        const struct state_output *t = &m->theirs.outputs[i];
        what.name = bytes_of(t->name);
        struct versions v = {state_find_output(&m->base, what.name),
                             state_find_output(&m->ours, what.name), t};
        if (takes_theirs(m, same_output, &v, &what))
            take_output(m, t);
    }
    for (size_t i = 0; i < m->base.n_outputs; i++) {
        what.name = bytes_of(m->base.outputs[i].name);
        struct versions v = {&m->base.outputs[i], state_find_output(&m->ours, what.name), NULL};
        if (!state_find_output(&m->theirs, what.name) && takes_theirs(m, same_output, &v, &what))
            image_remove_output(&m->ours, what.name);
    }
}

static const struct state_binding *binding_in(const struct state *s, const struct state_binding *b)
{
    return state_find_binding(s, b->file, b->env, b->binding);
}

static struct subject binding_subject(const struct state_binding *b)
{
    return (struct subject){
        .kind = "binding", .name = b->binding, .place = "wrangler config", .of = b->file};
}

static void merge_bindings(struct merger *m)
{
    for (size_t i = 0; i < m->theirs.n_bindings; i++) {
        const struct state_binding *t = &m->theirs.bindings[i];
        struct versions v = {binding_in(&m->base, t), binding_in(&m->ours, t), t};
        struct subject what = binding_subject(t);
        if (takes_theirs(m, same_binding, &v, &what))
            *image_binding(&m->ours, t->file, t->env, t->binding) = *t;
    }
    for (size_t i = 0; i < m->base.n_bindings; i++) {
        const struct state_binding *b = &m->base.bindings[i];
        struct versions v = {b, binding_in(&m->ours, b), NULL};
        struct subject what = binding_subject(b);
        if (!binding_in(&m->theirs, b) && takes_theirs(m, same_binding, &v, &what))
            image_remove_binding(&m->ours, b->file, b->env, b->binding);
    }
}

static const struct bytes *if_any(const struct bytes *text)
{
    return text->len > 0 ? text : NULL;
}

static void merge_project(struct merger *m)
{
    struct versions v = {if_any(&m->base.project), if_any(&m->ours.project),
                         if_any(&m->theirs.project)};
    struct subject what = {.kind = "the project's name"};
    if (takes_theirs(m, same_bytes, &v, &what))
        m->ours.project = m->theirs.project;
    v = (struct versions){if_any(&m->base.settings_json), if_any(&m->ours.settings_json),
                          if_any(&m->theirs.settings_json)};
    what.kind = "the project's settings";
    if (takes_theirs(m, same_bytes, &v, &what))
        m->ours.settings_json = m->theirs.settings_json;
}

/* ---- The whole ------------------------------------------------------------------------------- */

static bool load_text(void *ctx, struct buf *document, struct buf *journal, struct error *err)
{
    const struct state_text *text = ctx;
    (void)journal;
    (void)err;
    buf_add_bytes(document, text->text);
    return true;
}

static bool open_text(struct state *s, const struct state_text *text, bool may_be_empty,
                      struct error *err)
{
    struct state_backend backend = {
        .ctx = (void *)(uintptr_t)text, .name = text->name, .load = load_text};
    *s = (struct state){0};
    if (text->text.len == 0 && !may_be_empty) {
        error_set(err, ERR_FORMAT, "state '%s' is damaged: it is empty", text->name);
        return error_hint(err, "a removed state is no state to merge: keep the other side's");
    }
    return state_open(s, backend, bytes_make(NULL, 0), err);
}

/* Merges and prints. `result` gets the conflicts. */
static bool merge(const struct state_text *texts, bool prefer_theirs, struct state_merge *result,
                  struct buf *out, struct error *err)
{
    struct merger m = {.prefer_theirs = prefer_theirs, .result = result};
    bool ok = open_text(&m.base, &texts[0], true, err) &&
              open_text(&m.ours, &texts[1], false, err) &&
              open_text(&m.theirs, &texts[2], false, err);
    if (ok) {
        merge_project(&m);
        merge_accounts(&m);
        merge_outputs(&m);
        merge_bindings(&m);
        merge_extras(&m, bytes_make(NULL, 0), m.base.extras, &m.ours.extras, m.theirs.extras);
        state_print(&m.ours, out);
    }
    if (ok && result) {
        result->upgraded = m.ours.version < STATE_VERSION;
        result->salts_differ = !same_salt(&m.ours, &m.theirs);
    }
    state_close(&m.base);
    state_close(&m.ours);
    state_close(&m.theirs);
    return ok;
}

/* The lines that both begin with, in bytes; and those that both end with, behind `start`. */
static size_t common_start(struct bytes a, struct bytes b)
{
    size_t n = 0;
    while (n < a.len && n < b.len && a.data[n] == b.data[n])
        n++;
    while (n > 0 && a.data[n - 1] != '\n')
        n--;
    return n;
}

static size_t common_end(struct bytes a, struct bytes b, size_t start)
{
    size_t n = 0, lines = 0;
    while (n < a.len - start && n < b.len - start && a.data[a.len - 1 - n] == b.data[b.len - 1 - n])
        if (a.data[a.len - 1 - n++] == '\n')
            lines = n - 1; /* what is behind this line break is whole lines */
    return lines;
}

/* Both documents, with what differs between git's markers. */
static void write_both(struct bytes a, struct bytes b, struct buf *out)
{
    size_t start = common_start(a, b), end = common_end(a, b, start);
    buf_add(out, a.data, start);
    buf_add_str(out, "<<<<<<< ours\n");
    buf_add(out, a.data + start, a.len - end - start);
    buf_add_str(out, "=======\n");
    buf_add(out, b.data + start, b.len - end - start);
    buf_add_str(out, ">>>>>>> theirs\n");
    buf_add(out, a.data + a.len - end, end);
}

bool state_merge(const struct state_text *base, const struct state_text *ours,
                 const struct state_text *theirs, struct state_merge *result, struct error *err)
{
    const struct state_text texts[] = {*base, *ours, *theirs};
    struct buf mine = {0}, other = {0};
    bool ok = merge(texts, false, result, &mine, err);
    if (ok && result->n_conflicts == 0)
        buf_add_bytes(&result->out, buf_bytes(&mine));
    else if (ok && (ok = merge(texts, true, NULL, &other, err)))
        write_both(buf_bytes(&mine), buf_bytes(&other), &result->out);
    buf_release(&mine);
    buf_release(&other);
    return ok;
}

void state_merge_release(struct state_merge *result)
{
    buf_release(&result->out);
    buf_release(&result->conflicts);
}
