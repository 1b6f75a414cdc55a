/*
 * test_emulated_store.h: the cloudflare store over the emulator, as a store like the others.
 *
 * The service gives its namespaces ids of its own, and knows only accounts of 32 hex digits: both
 * are translated on the way in and out, so that a test may call them what it wants. One operation
 * is in flight at a time. The emulator shares the clock that set_now sets.
 */
#ifndef CFKV_TESTS_UNIT_TEST_EMULATED_STORE_H
#define CFKV_TESTS_UNIT_TEST_EMULATED_STORE_H

#include "test_store_kit.h"

#include "test_serve_child.h"

#include "store/cloudflare.h"

#define ALIASES_MAX 16

struct emulated {
    struct kit kit; /* first */
    struct child child;
    struct store face; /* what the kit takes for its store */
    struct store *inner;
    struct arena arena;
    struct {
        struct bytes wanted, real;
    } aliases[ALIASES_MAX];
    size_t n_aliases;

    /* The run and its operation, as it was given. */
    store_next_fn next;
    store_done_fn done;
    void *ctx;
    struct store_op op;
};

/* ---- Names ----------------------------------------------------------------------------------- */

static inline struct bytes hex_name(struct emulated *e, struct bytes name)
{
    unsigned long long h = 14695981039346656037ULL;
    for (size_t i = 0; i < name.len; i++)
        h = (h ^ (unsigned char)name.data[i]) * 1099511628211ULL;
    return bytes_of(arena_printf(&e->arena, "%016llx%016llx", h, h));
}

/* A name that nobody has made is one that the service does not know either. */
static inline struct bytes real_id(struct emulated *e, struct bytes id)
{
    for (size_t i = e->n_aliases; i-- > 0;)
        if (bytes_equal(e->aliases[i].wanted, id))
            return e->aliases[i].real;
    return id.len == 32 ? id : hex_name(e, id);
}

static inline struct bytes wanted_id(const struct emulated *e, struct bytes id)
{
    for (size_t i = 0; i < e->n_aliases; i++)
        if (bytes_equal(e->aliases[i].real, id))
            return e->aliases[i].wanted;
    return id;
}

static inline struct bytes copied(struct emulated *e, struct bytes b)
{
    return arena_copy(&e->arena, b);
}

static inline void add_alias(struct emulated *e, struct bytes wanted, struct bytes real)
{
    assert_true(e->n_aliases < ALIASES_MAX);
    e->aliases[e->n_aliases].wanted = copied(e, wanted);
    e->aliases[e->n_aliases++].real = copied(e, real);
}

/* ---- The store ------------------------------------------------------------------------------- */

static inline enum store_next next_emulated(void *ctx, struct store_op *op)
{
    struct emulated *e = ctx;
    enum store_next answer = e->next(e->ctx, op);
    if (answer != NEXT_OP)
        return answer;
    e->op = *op;
    if (op->account.len > 0)
        op->account = hex_name(e, op->account);
    if (op->kind != STORE_NAMESPACE_CREATE)
        op->id = real_id(e, op->id);
    return answer;
}

static inline void done_emulated(void *ctx, const struct store_op *op,
                                 const struct store_result *result)
{
    struct emulated *e = ctx;
    struct store_result r = *result;
    struct store_namespace *namespaces = arena_alloc(&e->arena, r.n_namespaces, sizeof *namespaces);
    if (r.ok && op->kind == STORE_NAMESPACE_CREATE && e->op.id.len > 0)
        add_alias(e, e->op.id, r.namespaces[0].id);
    for (size_t i = 0; i < r.n_namespaces; i++) {
        namespaces[i] = r.namespaces[i];
        namespaces[i].id = wanted_id(e, namespaces[i].id);
    }
    r.namespaces = namespaces;
    e->done(e->ctx, &e->op, &r);
}

static inline bool run_emulated(struct store *s, store_next_fn next, store_done_fn done, void *ctx,
                                struct error *err)
{
    struct emulated *e = (struct emulated *)(void *)((char *)s - offsetof(struct emulated, face));
    e->next = next;
    e->done = done;
    e->ctx = ctx;
    e->inner->interrupted = s->interrupted;
    return store_run(e->inner, next_emulated, done_emulated, e, err);
}

/* An emulator that holds more than the 1,000 namespaces of a full page. */
static inline struct child start_child(void)
{
    char path[] = "/tmp/cfkv-faults-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_true(dprintf(fd, "{\"max_namespaces\":2000}") > 0);
    close(fd);
    struct child child = child_start((struct serve_options){.faults = path}, false);
    unlink(path);
    return child;
}

static inline int start_emulated(void **state)
{
    static const struct store_class cls = {.target = "emulated", .run = run_emulated};
    struct error err = {0};
    char url[64];
    set_now(NOW);
    struct child child = start_child(); /* before there is anything that it would leak */
    struct emulated *e = calloc(1, sizeof *e);
    assert_non_null(e);
    e->child = child;
    snprintf(url, sizeof url, "http://127.0.0.1:%u/client/v4", e->child.port);
    e->inner = cloudflare_store_open(
        &(struct cloudflare_options){.account_id = "cf000000000000000000000000000001",
                                     .http = {.base_url = url,
                                              .credentials.token = "t0k3n",
                                              .jobs = 1,
                                              .wait_unit_ms = 1,
                                              .seed = 1}},
        &err);
    assert_non_null(e->inner);
    e->face.cls = &cls;
    e->kit.store = &e->face;
    *state = &e->kit;
    return 0;
}

static inline int stop_emulated(void **state)
{
    struct emulated *e = *state;
    store_close(e->inner);
    child_stop(&e->child);
    arena_release(&e->kit.arena);
    arena_release(&e->arena);
    free(e);
    return 0;
}

#endif
