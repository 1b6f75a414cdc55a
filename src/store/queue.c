#include "queue.h"

#include "base/mem.h"

struct queue_entry {
    struct store_op op;
    queue_done_fn done;
    void *ctx;
    struct queue_entry *prev, *next; /* `prev` only while flying */
};

void queue_push(struct queue *q, const struct store_op *op, queue_done_fn done, void *ctx)
{
    struct queue_entry *entry = mem_zalloc(1, sizeof *entry);
    entry->op = *op;
    entry->op.tag = entry;
    entry->done = done;
    entry->ctx = ctx;
    if (q->last)
        q->last->next = entry;
    else
        q->first = entry;
    q->last = entry;
}

static struct queue_entry *queue_pop(struct queue *q)
{
    struct queue_entry *entry = q->first;
    if (!entry)
        return NULL;
    q->first = entry->next;
    if (!q->first)
        q->last = NULL;
    entry->prev = NULL;
    entry->next = q->flying;
    if (q->flying)
        q->flying->prev = entry;
    q->flying = entry;
    return entry;
}

static void queue_land(struct queue *q, struct queue_entry *entry)
{
    if (entry->prev)
        entry->prev->next = entry->next;
    else
        q->flying = entry->next;
    if (entry->next)
        entry->next->prev = entry->prev;
    mem_free(entry);
}

static enum store_next queue_next(void *ctx, struct store_op *op)
{
    struct queue *q = ctx;
    if (!q->failed && !q->first && q->refill && !q->refill(q->refill_ctx, q, &q->err))
        q->failed = true;
    struct queue_entry *entry = q->failed ? NULL : queue_pop(q);
    if (!entry)
        return q->in_flight ? NEXT_WAIT : NEXT_END;
    *op = entry->op;
    q->in_flight++;
    q->sent++;
    return NEXT_OP;
}

static void queue_done(void *ctx, const struct store_op *op, const struct store_result *result)
{
    struct queue *q = ctx;
    struct queue_entry *entry = op->tag;
    struct error err = {0};
    q->in_flight--;
    if (!entry->done(entry->ctx, q, op, result, &err) && !q->failed) {
        q->failed = true;
        q->err = err;
    }
    queue_land(q, entry);
}

bool queue_run(struct queue *q, struct store *store, struct error *err)
{
    bool ran = store_run(store, queue_next, queue_done, q, err);
    if (q->failed) {
        *err = q->err;
        return false;
    }
    return ran;
}

static void queue_free_list(struct queue_entry *entry)
{
    while (entry) {
        struct queue_entry *next = entry->next;
        mem_free(entry);
        entry = next;
    }
}

void queue_release(struct queue *q)
{
    queue_free_list(q->first);
    queue_free_list(q->flying);
    *q = (struct queue){0};
}
