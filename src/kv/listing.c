#include "listing.h"

#include "store/queue.h"

#define PAGES_MAX 1000 /* an account holds 1,000 namespaces: a page */

struct walk {
    listing_row_fn row;
    void *ctx;
    struct listing_report report;
};

static bool page_listed(void *ctx, struct queue *q, const struct store_op *op,
                        const struct store_result *result, struct error *err)
{
    struct walk *w = ctx;
    if (!result->ok) {
        *err = result->error;
        return error_wrap(err, "cannot list the namespaces");
    }
    for (size_t i = 0; i < result->n_namespaces; i++)
        if (!w->row(w->ctx, &result->namespaces[i], err))
            return false;
    w->report.seen += result->n_namespaces;
    w->report.total = result->total;
    w->report.is_short = w->report.is_short || result->is_short;
    if (w->report.seen >= result->total)
        return true;
    /* Full pages up to this one would hold all of them. */
    bool last = (size_t)op->page * STORE_PAGE >= result->total;
    if (result->n_namespaces == 0 || (result->is_short && last)) {
        w->report.is_short = true;
        return true;
    }
    if (op->page == PAGES_MAX)
        return error_set(err, ERR_ANSWER, "the listing of the namespaces does not end");
    struct store_op next = *op;
    next.page++;
    queue_push(q, &next, page_listed, w);
    return true;
}

bool listing_walk(struct store *store, struct bytes account, listing_row_fn row, void *ctx,
                  struct listing_report *report, struct error *err)
{
    struct walk w = {.row = row, .ctx = ctx};
    struct queue q = {0};
    struct store_op op = {.kind = STORE_NAMESPACE_LIST, .account = account, .page = 1};
    queue_push(&q, &op, page_listed, &w);
    bool ok = queue_run(&q, store, err);
    if (report) {
        report->requests += q.sent;
        report->seen += w.report.seen;
        report->total += w.report.total;
        report->is_short = report->is_short || w.report.is_short;
    }
    queue_release(&q);
    return ok;
}
