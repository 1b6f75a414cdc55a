/*
 * test_kv_kit.h: a store that keeps several operations in flight and fails on request, over
 * the memory store, with one namespace "ns".
 */
#ifndef CFKV_TESTS_UNIT_TEST_KV_KIT_H
#define CFKV_TESTS_UNIT_TEST_KV_KIT_H

#include "test_store_kit.h"

#include "kv/read.h"
#include "kv/sender.h"

#define SLOTS 8

struct flight {
    struct store_op op;
    size_t number;
};

struct shaky {
    struct store base; /* first */
    struct kit *kit;
    size_t slots;             /* in flight at most */
    size_t started, answered; /* operations */
    size_t most;              /* in flight at once */
    size_t most_bytes;        /* of values in flight at once */
    size_t fail_at;           /* the operation of that number fails as a whole; 0: none */
    enum error_code fail_code;
    struct bytes refuse; /* keys that begin so are not taken; data NULL: none */
    size_t last_first;   /* != 0: answers come last in, first out */
    struct flight flights[SLOTS];
    size_t n;
    size_t pairs; /* of all bulk puts */
};

static inline size_t op_bytes(const struct store_op *op)
{
    size_t bytes = 0;
    for (size_t i = 0; op->pairs && i < op->n; i++)
        bytes += op->pairs[i].key.len + op->pairs[i].value.len;
    return bytes;
}

static inline void watch(struct shaky *s)
{
    size_t bytes = 0;
    for (size_t i = 0; i < s->n; i++)
        bytes += op_bytes(&s->flights[i].op);
    s->most = s->n > s->most ? s->n : s->most;
    s->most_bytes = bytes > s->most_bytes ? bytes : s->most_bytes;
}

/* One operation through the memory store, its result passed on. */
struct relay {
    const struct store_op *op;
    bool asked;
    store_done_fn done;
    void *ctx;
    struct shaky *shaky;
};

static inline enum store_next relay_next(void *ctx, struct store_op *op)
{
    struct relay *r = ctx;
    if (r->asked)
        return NEXT_END;
    r->asked = true;
    *op = *r->op;
    return NEXT_OP;
}

static inline bool refuses(const struct shaky *s, struct bytes key)
{
    return s->refuse.data && bytes_starts_with(key, s->refuse);
}

static inline void relay_done(void *ctx, const struct store_op *op, const struct store_result *r)
{
    struct relay *relay = ctx;
    relay->done(relay->ctx, op, r);
}

/* The pairs or keys that are refused come back as failed. */
static inline void pass_without_refused(struct shaky *s, const struct store_op *op,
                                        store_done_fn done, void *ctx)
{
    static struct bytes failed[STORE_BULK_MAX];
    struct store_result result = {.ok = true, .failed = failed};
    for (size_t i = 0; i < op->n; i++) {
        struct bytes key = op->pairs ? op->pairs[i].key : op->keys[i];
        if (refuses(s, key))
            failed[result.n_failed++] = key;
        else if (op->pairs)
            expect_ok(put_many(s->kit, "ns", &op->pairs[i], 1));
        else
            expect_ok(delete_key(s->kit, "ns", key));
    }
    done(ctx, op, &result);
}

static inline void answer_one(struct shaky *s, store_done_fn done, void *ctx)
{
    size_t at = s->last_first ? s->n - 1 : 0;
    struct flight f = s->flights[at];
    struct error err = {0};
    memmove(&s->flights[at], &s->flights[at + 1], (s->n - at - 1) * sizeof f);
    s->n--;
    s->answered++;
    if (f.number == s->fail_at) {
        struct store_result result = {.ok = false};
        error_set(&result.error, s->fail_code, "operation %zu failed", f.number);
        done(ctx, &f.op, &result);
        return;
    }
    if (s->refuse.data && (f.op.kind == STORE_BULK_PUT || f.op.kind == STORE_BULK_DELETE)) {
        pass_without_refused(s, &f.op, done, ctx);
        return;
    }
    struct relay relay = {.op = &f.op, .done = done, .ctx = ctx, .shaky = s};
    assert_true(store_run(s->kit->store, relay_next, relay_done, &relay, &err));
}

static inline bool shaky_run(struct store *base, store_next_fn next, store_done_fn done, void *ctx,
                             struct error *err)
{
    struct shaky *s = (struct shaky *)base;
    bool ended = false;
    while (!ended || s->n > 0) {
        enum store_next said = NEXT_WAIT;
        while (!ended && s->n < s->slots) {
            struct store_op op = {0};
            said = next(ctx, &op);
            ended = said == NEXT_END;
            if (said != NEXT_OP)
                break;
            s->flights[s->n++] = (struct flight){op, ++s->started};
            if (op.kind == STORE_BULK_PUT)
                s->pairs += op.n;
            watch(s);
        }
        if (s->n > 0)
            answer_one(s, done, ctx);
        else if (!ended)
            return error_set(err, ERR_FAILED, "a wait with nothing in flight");
    }
    return true;
}

static inline struct shaky *shaky_over(struct kit *kit)
{
    static const struct store_class cls = {.target = "shaky", .run = shaky_run};
    static struct shaky s;
    s = (struct shaky){.base = {.cls = &cls}, .kit = kit, .slots = 4};
    expect_ok(create(kit, "ns", "ns"));
    return &s;
}

/* ---- Sources --------------------------------------------------------------------------------- */

/* `n` pairs k000001=v… whose values have `size` bytes; from `fail_from` on it fails (0: never). */
struct row {
    size_t n, size, fail_from;
    size_t at;
    char key[16];
    char *value;
};

static inline enum pull pull_row(void *ctx, struct store_pair *pair, uint64_t *number,
                                 struct error *err)
{
    struct row *row = ctx;
    if (row->at == row->n)
        return PULL_END;
    row->at++;
    if (row->fail_from && row->at >= row->fail_from) {
        error_set(err, ERR_FORMAT, "item %zu is broken", row->at);
        return PULL_FAILED;
    }
    if (!row->value)
        row->value = calloc(1, row->size + 1);
    memset(row->value, 'v', row->size);
    snprintf(row->key, sizeof row->key, "k%06zu", row->at);
    *number = row->at;
    *pair =
        (struct store_pair){.key = bytes_of(row->key), .value = bytes_make(row->value, row->size)};
    return PULL_PAIR;
}

static inline enum pull pull_row_key(void *ctx, struct bytes *key, struct error *err)
{
    struct store_pair pair;
    uint64_t number;
    enum pull pulled = pull_row(ctx, &pair, &number, err);
    *key = pulled == PULL_PAIR ? pair.key : TEXT("");
    return pulled;
}

static inline void row_release(struct row *row)
{
    free(row->value);
}

/* ---- What failed ----------------------------------------------------------------------------- */

/* "key: cause" of each, with a newline. */
static inline bool note_failed(void *ctx, struct bytes key, const struct error *cause,
                               struct error *err)
{
    struct buf *out = ctx;
    (void)err;
    buf_add_bytes(out, key);
    buf_addf(out, ": %s\n", cause->message);
    return true;
}

#endif
