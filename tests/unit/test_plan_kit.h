/*
 * test_plan_kit.h: a world to plan in, in a few words: an account (the memory store), a state that
 * survives runs, a project folder, and a store in between that counts, breaks and interferes.
 *
 *     struct world w = world_new();
 *     struct namespace_decl *ns = ns_titled(&w, "shop");
 *     put(&w, 0, "k", "v");
 *     apply_all(&w);
 *     assert_empty(&w);
 *     world_end(&w);
 *
 * `redeclare` starts a new configuration; each plan or apply opens the state anew, as a run does.
 */
#ifndef CFKV_TESTS_UNIT_TEST_PLAN_KIT_H
#define CFKV_TESTS_UNIT_TEST_PLAN_KIT_H

#define _GNU_SOURCE 1 /* nftw */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/mem.h"
#include "host/host.h"
#include "plan/before_after.h"
#include "plan/view.h"
#include "seed/backup.h"
#include "store/memory.h"

#define UNUSED __attribute__((unused))
#define NOW    INT64_C(1700000000)

/* ---- The store in between -------------------------------------------------------------------- */

struct world;

/* Operations are numbered from 1 since the last meddle_reset. */
struct meddler {
    struct store base;
    struct store *inner;
    uint64_t n; /* operations seen */
    uint64_t by_kind[STORE_BULK_DELETE + 1];
    uint64_t fail_at;          /* the operation that is refused; 0: none */
    enum error_code fail_with; /* ERR_FAILED unless set */
    uint64_t lose_at;          /* done, but its answer is lost */
    const char *hidden;        /* listings lack the namespaces whose titles begin so; NULL: none */
    bool is_short;             /* … and are known to */
    struct bytes refused_key;  /* a key that bulk puts and deletes do not take */
    uint64_t before_at;        /* `before` runs just before this operation; */
    int before_kind;           /* or before the next of this kind; -1: none */
    void (*before)(struct world *w);
    struct world *world;
    bool existed; /* creates say that data was there already */
    volatile int interrupted;
    uint64_t interrupt_after; /* Ctrl-C after this operation; 0: never */
    /* While running. */
    store_next_fn next;
    store_done_fn done;
    void *ctx;
    struct store_pair *pairs;
    struct bytes *keys;
    bool refused; /* the operation in flight had the refused key in it */
};

/* ---- The world ------------------------------------------------------------------------------- */

/* What the state's backend keeps between runs. */
struct disk {
    struct buf document, journal;
    unsigned saves;
};

struct world {
    bool keeps_to_accounts; /* as a target that has accounts */
    char root[64];
    struct file_root folder;
    struct meddler store;
    struct disk disk;
    struct target t;
    struct model m;
    struct plan p;
    struct apply_result r;
    struct plan_options o;
    struct error err;
    struct buf text; /* of the getters */
    const char *envs[4], *only[4];
    struct bytes all; /* a glob */
};

UNUSED static struct bytes B(const char *s) {
    return bytes_of(s);
}

static struct store_op *
meddle(struct meddler *s, struct store_op *op)
{
    size_t kept = 0, n = op->n;
    s->n++;
    s->refused = false;
    s->by_kind[op->kind]++;
    if (s->before && (s->n == s->before_at || (int)op->kind == s->before_kind)) {
        void (*before)(struct world *) = s->before;
        s->before = NULL;
        before(s->world);
    }
    if (!s->refused_key.data || op->n == 0)
        return op;
    if (op->kind == STORE_BULK_PUT) {
        s->pairs = calloc(op->n, sizeof *s->pairs);
        for (size_t i = 0; i < op->n; i++)
            if (!bytes_equal(op->pairs[i].key, s->refused_key))
                s->pairs[kept++] = op->pairs[i];
        op->pairs = s->pairs;
        op->n = kept;
    } else if (op->kind == STORE_BULK_DELETE) {
        s->keys = calloc(op->n, sizeof *s->keys);
        for (size_t i = 0; i < op->n; i++)
            if (!bytes_equal(op->keys[i], s->refused_key))
                s->keys[kept++] = op->keys[i];
        op->keys = s->keys;
        op->n = kept;
    }
    s->refused = op->n < n;
    return op;
}

static enum store_next meddler_next(void *ctx, struct store_op *op)
{
    struct meddler *s = ctx;
    for (;;) {
        enum store_next answer = s->next(s->ctx, op);
        if (answer != NEXT_OP)
            return answer;
        meddle(s, op);
        if (s->n != s->fail_at)
            return NEXT_OP;
        struct store_result refused = {0};
        error_set(&refused.error, s->fail_with ? s->fail_with : ERR_FAILED, "the store is broken");
        s->done(s->ctx, op, &refused);
        *op = (struct store_op){0};
    }
}

/* The listing without what is hidden. */
static struct store_namespace *hide(const struct meddler *s, struct store_result *list)
{
    struct store_namespace *shown = calloc(list->n_namespaces + 1, sizeof *shown);
    size_t n = 0, prefix = strlen(s->hidden);
    for (size_t i = 0; i < list->n_namespaces; i++) {
        struct bytes title = list->namespaces[i].title;
        if (title.len < prefix || memcmp(title.data, s->hidden, prefix) != 0)
            shown[n++] = list->namespaces[i];
    }
    list->is_short = s->is_short;
    list->total = s->is_short ? list->total : n;
    list->namespaces = shown;
    list->n_namespaces = n;
    return shown;
}

static void meddler_done(void *ctx, const struct store_op *op, const struct store_result *result)
{
    struct meddler *s = ctx;
    struct store_result changed = *result;
    if (s->n == s->lose_at) {
        changed = (struct store_result){0};
        error_set(&changed.error, ERR_IO, "the answer was lost");
    }
    if (s->refused) {
        changed.failed = &s->refused_key;
        changed.n_failed = 1;
    }
    if (op->kind == STORE_NAMESPACE_CREATE && changed.ok)
        changed.existed = s->existed;
    struct store_namespace *shown = NULL;
    if (op->kind == STORE_NAMESPACE_LIST && changed.ok && s->hidden)
        shown = hide(s, &changed);
    s->done(s->ctx, op, &changed);
    free(shown);
    free(s->pairs);
    free(s->keys);
    s->pairs = NULL;
    s->keys = NULL;
    if (s->n == s->interrupt_after)
        s->interrupted = 1;
}

static bool meddler_run(struct store *base, store_next_fn next, store_done_fn done, void *ctx,
                        struct error *err)
{
    struct meddler *s = (struct meddler *)base;
    s->next = next;
    s->done = done;
    s->ctx = ctx;
    s->inner->interrupted = &s->interrupted;
    return store_run(s->inner, meddler_next, meddler_done, s, err);
}

static void meddler_close(struct store *base)
{
    (void)base;
}

UNUSED static void meddle_reset(struct world *w)
{
    static const struct store_class cls = {
        .target = "memory", .run = meddler_run, .close = meddler_close};
    struct store *inner = w->store.inner;
    w->store = (struct meddler){.base.cls = &cls, .inner = inner, .before_kind = -1, .world = w};
}

/* ---- The state's backend --------------------------------------------------------------------- */

static bool disk_load(void *ctx, struct buf *document, struct buf *journal, struct error *err)
{
    struct disk *d = ctx;
    (void)err;
    buf_add_bytes(document, buf_bytes(&d->document));
    buf_add_bytes(journal, buf_bytes(&d->journal));
    return true;
}

static bool disk_append(void *ctx, struct bytes lines, struct error *err)
{
    struct disk *d = ctx;
    if (FAULT("disk.append"))
        return error_set(err, ERR_IO, "the disk is full");
    buf_add_bytes(&d->journal, lines);
    return true;
}

static bool disk_save(void *ctx, struct bytes document, struct error *err)
{
    struct disk *d = ctx;
    struct buf copy = {0};
    if (FAULT("disk.save"))
        return error_set(err, ERR_IO, "the disk is full");
    buf_add_bytes(&copy, document);
    buf_release(&d->document);
    d->document = copy;
    buf_clear(&d->journal);
    d->saves++;
    return true;
}

static void disk_close(void *ctx)
{
    (void)ctx;
}

/* Every permission for every namespace. */
UNUSED static void allow_all(struct world *w)
{
    w->all = bytes_of("*");
    w->o.permits.data_loss = w->o.permits.mass_delete = (struct permit){.globs = &w->all, .n = 1};
}

/* ---- Runs ------------------------------------------------------------------------------------ */

UNUSED static void check(const struct world *w, bool ok)
{
    if (!ok)
        print_error("%s\n%s\n", w->err.message, w->err.hint);
    for (size_t i = 0; !ok && i < w->p.notes.n; i++)
        print_error("  %s: %s\n", w->p.notes.items[i].code, w->p.notes.items[i].message);
    for (size_t i = 0; !ok && i < w->r.n_failed; i++)
        print_error("  failed: %s\n", w->r.failed[i].message);
    assert_true(ok);
}

UNUSED static bool try_open(struct world *w)
{
    struct state_backend backend = {.ctx = &w->disk,
                                    .name = "kv.state.json",
                                    .load = disk_load,
                                    .append = disk_append,
                                    .save = disk_save,
                                    .close = disk_close};
    w->err = (struct error){0};
    return state_open(&w->t.state, backend, bytes_make(NULL, 0), &w->err);
}

UNUSED static void run_end(struct world *w)
{
    plan_release(&w->p);
    apply_result_release(&w->r);
    state_close(&w->t.state);
}

/* Ends the run before, opens the state, plans. */
UNUSED static bool try_plan(struct world *w)
{
    run_end(w);
    check(w, try_open(w));
    if (w->keeps_to_accounts)
        target_keep_to(&w->t, &w->m);
    return plan_make(&w->p, &w->m, &w->t, &w->folder, &w->o, &w->err);
}

UNUSED static void plan(struct world *w)
{
    check(w, try_plan(w));
}

/* Applies what was planned. */
UNUSED static bool try_do(struct world *w)
{
    struct apply_options options = {0};
    w->err = (struct error){0};
    return plan_apply(&w->p, &w->m, &w->t, &w->folder, &options, &w->r, &w->err);
}

UNUSED static void do_planned(struct world *w)
{
    check(w, try_do(w));
    assert_int_equal(w->r.n_failed, 0);
}

UNUSED static bool try_apply(struct world *w)
{
    plan(w);
    return try_do(w);
}

UNUSED static void apply_all(struct world *w)
{
    plan(w);
    do_planned(w);
}

/* A plan of the same configuration has nothing to do, nor has its apply. */
UNUSED static void assert_empty(struct world *w)
{
    struct buf before = {0};
    plan(w);
    for (size_t i = 0; i < w->p.n; i++)
        print_error("planned: %d %d %.*s: %s\n", (int)w->p.actions[i].kind,
                    (int)w->p.actions[i].verb, BYTES_FMT(w->p.actions[i].key),
                    w->p.actions[i].reason);
    assert_true(plan_is_empty(&w->p));
    assert_int_equal(w->p.cost.execute.requests, 0);
    unsigned saves = w->disk.saves;
    buf_add_bytes(&before, buf_bytes(&w->disk.document));
    do_planned(w);
    assert_int_equal(w->disk.saves, saves);
    assert_int_equal(w->disk.journal.len, 0);
    assert_int_equal(before.len, w->disk.document.len);
    assert_memory_equal(before.data, w->disk.document.data, before.len);
    buf_release(&before);
}

/* ---- Beginning and end ----------------------------------------------------------------------- */

UNUSED static void redeclare(struct world *w)
{
    run_end(w);
    model_release(&w->m);
    model_init(&w->m);
}

UNUSED static struct world world_new(void)
{
    struct world w = {.o = {.refresh = REFRESH_VALUES, .now = NOW}};
    char now[32];
    snprintf(now, sizeof now, "%lld", (long long)NOW);
    setenv("CFKV_NOW", now, 1);
    snprintf(w.root, sizeof w.root, "%s/cfkv-plan-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    assert_non_null(mkdtemp(w.root));
    assert_true(file_root_open(&w.folder, w.root, &w.err));
    w.store.inner = memory_store_new();
    assert_non_null(w.store.inner);
    model_init(&w.m);
    return w;
}

/* The world knows where it lives only once it is where it stays. */
UNUSED static void world_settle(struct world *w)
{
    meddle_reset(w);
    w->t.name = "memory";
    w->t.store = &w->store.base;
    w->t.root = w->root;
    w->t.lock.fd = -1;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

UNUSED static void world_end(struct world *w)
{
    run_end(w);
    model_release(&w->m);
    arena_release(&w->t.arena);
    store_close(w->store.inner);
    file_root_close(&w->folder);
    buf_release(&w->disk.document);
    buf_release(&w->disk.journal);
    buf_release(&w->text);
    nftw(w->root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

#define WORLD(w)                                                                                   \
    struct world w = world_new();                                                                  \
    world_settle(&w)

/* Time goes on. */
UNUSED static void later(struct world *w, int64_t seconds)
{
    char now[32];
    w->o.now += seconds;
    snprintf(now, sizeof now, "%lld", (long long)w->o.now);
    setenv("CFKV_NOW", now, 1);
}

/* ---- Declaring ------------------------------------------------------------------------------- */

UNUSED static struct namespace_decl *ns_titled(struct world *w, const char *title)
{
    struct namespace_decl *ns = model_add_namespace(&w->m);
    assert_non_null(ns);
    ns->title = B(title);
    ns->title_explicit = true;
    ns->pos = (struct srcpos){"kv.lua", (int)w->m.n_namespaces};
    model_name_namespace(&w->m, ns);
    return ns;
}

/* app/purpose/env with a title of its own choice. */
UNUSED static struct namespace_decl *ns_at(struct world *w, const char *purpose, const char *env,
                                           const char *title)
{
    struct namespace_decl *ns = model_add_namespace(&w->m);
    assert_non_null(ns);
    ns->app = B("shop");
    ns->purpose = B(purpose);
    ns->env = B(env);
    ns->title = B(title);
    ns->pos = (struct srcpos){"kv.lua", (int)w->m.n_namespaces};
    model_name_namespace(&w->m, ns);
    return ns;
}

UNUSED static struct deferred literal(struct model *m, const char *text)
{
    struct part *part = arena_alloc(&m->arena, 1, sizeof *part);
    assert_non_null(part);
    *part = (struct part){.kind = PART_TEXT, .text = B(text)};
    return (struct deferred){.parts = part, .n = 1};
}

/* "id of <ns> is <id>" */
UNUSED static struct deferred with_id(struct model *m, size_t ns)
{
    struct part *parts = arena_alloc(&m->arena, 2, sizeof *parts);
    assert_non_null(parts);
    parts[0] = (struct part){.kind = PART_TEXT, .text = B("id=")};
    parts[1] = (struct part){.kind = PART_ID, .ns = ns};
    return (struct deferred){.parts = parts, .n = 2};
}

UNUSED static struct put_decl *put(struct world *w, size_t ns, const char *key, const char *value)
{
    struct put_decl *p = model_add_put(&w->m, ns);
    assert_non_null(p);
    p->seed.key = B(key);
    p->seed.value = literal(&w->m, value);
    p->seed.pos = (struct srcpos){"kv.lua", 100 + (int)w->m.namespaces[ns].n_puts};
    return p;
}

UNUSED static void prune(struct world *w, size_t ns, const char *prefix)
{
    struct prune_decl *p = model_add_prune(&w->m, ns);
    assert_non_null(p);
    p->prefix = B(prefix);
    p->pos = (struct srcpos){"kv.lua", 200};
}

UNUSED static struct bulk_decl *bulk_inline(struct world *w, size_t ns)
{
    struct bulk_decl *b = model_add_bulk(&w->m, ns);
    assert_non_null(b);
    b->pos = (struct srcpos){"kv.lua", 300};
    return b;
}

UNUSED static struct seed_key *item(struct world *w, size_t ns, size_t bulk, const char *key,
                                    const char *value)
{
    struct seed_key *s = model_add_bulk_item(&w->m, ns, bulk);
    assert_non_null(s);
    s->key = B(key);
    s->value = literal(&w->m, value);
    return s;
}

UNUSED static void write_file(const struct world *w, const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", w->root, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

UNUSED static struct bulk_decl *bulk_file(struct world *w, size_t ns, const char *name)
{
    struct bulk_decl *b = bulk_inline(w, ns);
    b->format = SOURCE_JSON;
    b->path = B(name);
    return b;
}

UNUSED static void output(struct world *w, const char *name, struct deferred value)
{
    struct output_decl *o = model_add_output(&w->m);
    assert_non_null(o);
    o->name = name;
    o->value = value;
}

/* ---- The account, from the side -------------------------------------------------------------- */

struct aside {
    struct store_op op;
    bool asked;
    struct world *w;
    bool ok;
    struct buf *text;
    size_t n;
    int64_t expiration;
    char metadata[2048];
    bool found;
    struct bytes wanted;
};

static enum store_next aside_next(void *ctx, struct store_op *op)
{
    struct aside *a = ctx;
    if (a->asked)
        return NEXT_END;
    a->asked = true;
    *op = a->op;
    return NEXT_OP;
}

static void aside_done(void *ctx, const struct store_op *op, const struct store_result *result)
{
    struct aside *a = ctx;
    (void)op;
    a->ok = result->ok;
    if (!result->ok)
        print_error("aside: %s\n", result->error.message);
    for (size_t i = 0; i < result->n_namespaces; i++)
        if (!a->wanted.data || bytes_equal(result->namespaces[i].title, a->wanted)) {
            buf_add_bytes(a->text, result->namespaces[i].id);
            a->n++;
        }
    for (size_t i = 0; i < result->n_keys; i++) {
        buf_addf(a->text, "%s%.*s", i ? " " : "", BYTES_FMT(result->keys[i].key));
        if (a->wanted.data && bytes_equal(a->wanted, result->keys[i].key)) {
            a->expiration = result->keys[i].expiration;
            snprintf(a->metadata, sizeof a->metadata, "%.*s", BYTES_FMT(result->keys[i].metadata));
            a->found = true;
        }
    }
}

static bool aside_pair(void *ctx, const struct store_pair *pair, struct error *err)
{
    struct aside *a = ctx;
    (void)err;
    a->found = true;
    buf_add_bytes(a->text, pair->value);
    return true;
}

static void aside(struct world *w, struct aside *a)
{
    struct error err = {0};
    a->w = w;
    a->text = &w->text;
    buf_clear(&w->text);
    if (w->store.inner->interrupted)
        w->store.inner->interrupted = NULL;
    assert_true(store_run(w->store.inner, aside_next, aside_done, a, &err));
    assert_true(a->ok);
}

/* The id of the live namespace of that title; "" when there is none. Good until the next question
 * (as all texts below). */
UNUSED static const char *id_of(struct world *w, const char *title)
{
    struct aside a = {.op = {.kind = STORE_NAMESPACE_LIST, .page = 1}, .wanted = B(title)};
    aside(w, &a);
    return a.n ? w->text.data : "";
}

struct id {
    char s[64];
};

UNUSED static struct id id_copy(struct world *w, const char *title)
{
    struct id id;
    snprintf(id.s, sizeof id.s, "%s", id_of(w, title));
    return id;
}

UNUSED static size_t live_namespaces(struct world *w)
{
    struct aside a = {.op = {.kind = STORE_NAMESPACE_LIST, .page = 1}};
    aside(w, &a);
    return a.n;
}

UNUSED static struct id others_create(struct world *w, const char *title)
{
    struct aside a = {.op = {.kind = STORE_NAMESPACE_CREATE, .title = B(title)}};
    aside(w, &a);
    return id_copy(w, title);
}

UNUSED static void others_rename(struct world *w, const char *title, const char *to)
{
    struct id id = id_copy(w, title);
    struct aside a = {.op = {.kind = STORE_NAMESPACE_RENAME, .id = B(id.s), .title = B(to)}};
    aside(w, &a);
}

UNUSED static void others_delete(struct world *w, const char *title)
{
    struct id id = id_copy(w, title);
    struct aside a = {.op = {.kind = STORE_NAMESPACE_DELETE, .id = B(id.s)}};
    aside(w, &a);
}

UNUSED static void others_put_pair(struct world *w, const char *title, struct store_pair pair)
{
    struct id id = id_copy(w, title);
    struct aside a = {.op = {.kind = STORE_BULK_PUT, .id = B(id.s), .pairs = &pair, .n = 1}};
    aside(w, &a);
}

UNUSED static void others_put(struct world *w, const char *title, const char *key,
                              const char *value)
{
    others_put_pair(w, title, (struct store_pair){.key = B(key), .value = B(value)});
}

UNUSED static void others_delete_key(struct world *w, const char *title, const char *key)
{
    struct id id = id_copy(w, title);
    struct bytes keys = B(key);
    struct aside a = {.op = {.kind = STORE_BULK_DELETE, .id = B(id.s), .keys = &keys, .n = 1}};
    aside(w, &a);
}

/* The value of a live key; "(absent)". */
UNUSED static const char *value_of(struct world *w, const char *title, const char *key)
{
    struct id id = id_copy(w, title);
    struct bytes keys = B(key);
    struct aside a = {
        .op = {
            .kind = STORE_BULK_GET, .id = B(id.s), .keys = &keys, .n = 1, .on_pair = aside_pair}};
    a.op.on_pair_ctx = &a;
    aside(w, &a);
    return !a.found ? "(absent)" : w->text.data ? w->text.data : "";
}

UNUSED static int64_t expiration_of(struct world *w, const char *title, const char *key)
{
    struct id id = id_copy(w, title);
    struct aside a = {.op = {.kind = STORE_KEY_LIST, .id = B(id.s)}, .wanted = B(key)};
    aside(w, &a);
    assert_true(a.found);
    return a.expiration;
}

/* The metadata of a live key; "" when it has none. */
UNUSED static const char *metadata_of(struct world *w, const char *title, const char *key)
{
    struct id id = id_copy(w, title);
    struct aside a = {.op = {.kind = STORE_KEY_LIST, .id = B(id.s)}, .wanted = B(key)};
    aside(w, &a);
    assert_true(a.found);
    buf_clear(&w->text);
    buf_add_str(&w->text, a.metadata);
    return w->text.data;
}

/* All live keys in order, a space between. */
UNUSED static const char *keys_of(struct world *w, const char *title)
{
    struct id id = id_copy(w, title);
    struct aside a = {.op = {.kind = STORE_KEY_LIST, .id = B(id.s)}};
    aside(w, &a);
    return w->text.data && w->text.len ? w->text.data : "";
}

/* ---- What plans and applies say
 * ------------------------------------------------------------------ */

UNUSED static size_t count(const struct world *w, enum action_kind kind, enum action_verb verb)
{
    size_t n = 0;
    for (size_t i = 0; i < w->p.n; i++)
        n += w->p.actions[i].kind == kind && w->p.actions[i].verb == verb;
    return n;
}

/* The only action of that kind and verb. */
UNUSED static const struct action *only(const struct world *w, enum action_kind kind,
                                        enum action_verb verb)
{
    const struct action *found = NULL;
    for (size_t i = 0; i < w->p.n; i++)
        if (w->p.actions[i].kind == kind && w->p.actions[i].verb == verb) {
            assert_null(found);
            found = &w->p.actions[i];
        }
    assert_non_null(found);
    return found;
}

/* What an action shows, as JSON. */
UNUSED static void assert_side(const struct world *w, const struct action *a,
                               void (*side)(const struct plan *, const struct action *,
                                            struct json_writer *),
                               const char *want)
{
    struct buf json = {0};
    struct json_writer writer = json_writer_to(&json, 0);
    side(&w->p, a, &writer);
    assert_string_equal(json.data, want);
    buf_release(&json);
}

UNUSED static void assert_before(const struct world *w, const struct action *a, const char *want)
{
    assert_side(w, a, before_write, want);
}

UNUSED static void assert_after(const struct world *w, const struct action *a, const char *want)
{
    assert_side(w, a, after_write, want);
}

UNUSED static const struct diag *note(const struct world *w, const char *code)
{
    for (size_t i = 0; i < w->p.notes.n; i++)
        if (strcmp(w->p.notes.items[i].code, code) == 0)
            return &w->p.notes.items[i];
    return NULL;
}

UNUSED static void assert_contains(const char *text, const char *part)
{
    if (!text || !strstr(text, part))
        print_error("'%s' is not in:\n%s\n", part, text ? text : "(null)");
    assert_non_null(text);
    assert_non_null(strstr(text, part));
}

UNUSED static void assert_lacks(const char *text, const char *part)
{
    if (text && strstr(text, part))
        print_error("'%s' is in:\n%s\n", part, text);
    assert_true(!text || !strstr(text, part));
}

/* Planning fails, and a note of that code says why. */
UNUSED static void assert_refused(struct world *w, const char *code)
{
    assert_false(try_plan(w));
    assert_int_equal(w->err.code, ERR_FAILED);
    assert_non_null(note(w, code));
}

/* The plan is made, but a guard of that code stops it, and nothing is sent. */
UNUSED static void assert_guarded(struct world *w, const char *code)
{
    plan(w);
    assert_non_null(note(w, code));
    uint64_t sent = w->store.n;
    assert_false(plan_guard(&w->p, &w->err));
    assert_int_equal(w->err.code, ERR_GUARD);
    assert_false(try_do(w));
    assert_int_equal(w->err.code, ERR_GUARD);
    assert_int_equal(w->store.n, sent);
}

UNUSED static struct state_namespace *entry(struct world *w, const char *address)
{
    return state_find(&w->t.state, bytes_make(NULL, 0), B(address));
}

/* A backup that verifies; the keys in it, a space between. */
UNUSED static const char *backup_text(struct world *w, size_t i)
{
    struct backup_key key;
    bool end = false;
    char path[256];
    assert_true(i < w->r.n_backups);
    snprintf(path, sizeof path, "%.*s", BYTES_FMT(w->r.backups[i]));
    struct backup_reader *r = backup_open(path, &w->err);
    check(w, r != NULL);
    buf_clear(&w->text);
    for (;;) {
        check(w, backup_next(r, &key, &end, &w->err));
        if (end)
            break;
        buf_addf(&w->text, "%s%.*s=%.*s", w->text.len ? " " : "", BYTES_FMT(key.key),
                 BYTES_FMT(key.value));
    }
    backup_close(r);
    return w->text.data;
}

UNUSED static char *plan_json(struct world *w)
{
    struct diag_list none = {0};
    buf_clear(&w->text);
    check(w, plan_write_json(&w->p, &none, &w->text, NULL, NULL, &w->err));
    return w->text.data;
}

/* One text that is being made. */
struct telling {
    struct host *host;
    struct buf *out;
    struct buf *views; /* NULL: nobody wants to see them */
};

UNUSED static bool tell_view(void *ctx, const char *function, struct bytes view, struct error *err)
{
    struct telling *t = ctx;
    struct diag_list problems = {0};
    if (t->views)
        buf_addf(t->views, "%s %.*s\n", function, BYTES_FMT(view));
    return host_call(t->host, function, view, &problems, t->out, err);
}

/* The plan as that module of the host words it. */
UNUSED static char *plan_shown(struct world *w, const char *module, struct view_options options)
{
    struct telling t = {.host = host_open(module, &w->err), .out = &w->text};
    check(w, t.host != NULL);
    buf_clear(&w->text);
    options.command = options.command ? options.command : "plan";
    options.now = w->o.now;
    options.width = options.width ? options.width : 100;
    check(w, plan_show(&w->p, &options, tell_view, &t, &w->err));
    host_close(t.host);
    return w->text.data;
}

UNUSED static char *plan_text(struct world *w)
{
    return plan_shown(w, "plan.text", (struct view_options){0});
}

/* Applies, and the operations sent are those that the plan forecast. */
UNUSED static void apply_as_forecast(struct world *w)
{
    plan(w);
    uint64_t before = w->store.n;
    uint64_t lists = w->store.by_kind[STORE_KEY_LIST];
    do_planned(w);
    assert_int_equal(w->store.n - before, w->p.cost.execute.requests);
    assert_int_equal(w->store.by_kind[STORE_KEY_LIST] - lists, w->p.cost.execute.lists);
}

#endif
