#include "pass.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "model/validate.h"

/* ---- Problems -------------------------------------------------------------------------------- */

static bool is_full(const struct pass *p)
{
    return p->max > 0 && p->n_problems >= p->max;
}

/* Where the next item's problems go. */
static struct diag_list *problems_of(struct pass *p)
{
    return is_full(p) ? &p->hidden : p->diags;
}

static void count_problems(struct pass *p, size_t before)
{
    p->n_problems += p->diags->n - before;
    p->n_hidden += p->hidden.n;
    p->hidden_errors += p->hidden.errors;
    diag_release(&p->hidden);
}

void pass_report_hidden(struct pass *p, struct bytes path, struct srcpos pos)
{
    char quoted[256];
    if (p->n_hidden > 0)
        diag_add(p->diags, p->hidden_errors > 0 ? DIAG_ERROR : DIAG_WARNING, "source.more", pos,
                 "%s has %zu more problems", text_quoted(path, quoted, sizeof quoted), p->n_hidden);
}

void pass_failure(struct pass *p, struct srcpos pos, const char *code, const struct error *why)
{
    char place[512];
    const char *message = why->message;
    snprintf(place, sizeof place, "%s:%d: ", pos.file ? pos.file : "", pos.line);
    if (strncmp(message, place, strlen(place)) == 0)
        message += strlen(place);
    diag_add(p->diags, DIAG_ERROR, code, pos, "%s", message);
    if (why->hint[0])
        diag_hint(p->diags, "%s", why->hint);
}

/* ---- Items ----------------------------------------------------------------------------------- */

/* Most items are good: those need no text of their place. */
static bool is_good(struct pass *p, const struct seed_item *item)
{
    struct diag_list unused = {0};
    seed_key_check(&unused, &item->seed, item->value.len, p->now, "");
    bool good = unused.n == 0;
    diag_release(&unused);
    return good && !(p->fingerprint && item->seed.metadata.data);
}

static void check_closely(struct pass *p, const struct seed_item *item, struct diag_list *diags,
                          bool *good)
{
    char where[64];
    size_t before = diags->errors;
    snprintf(where, sizeof where, "item %" PRIu64 " (byte %" PRIu64 "): ", item->number,
             item->offset);
    seed_key_check(diags, &item->seed, item->value.len, p->now, where);
    if (p->fingerprint)
        seed_fingerprint_check(diags, &item->seed, where);
    *good = diags->errors == before;
}

static bool check_item(struct pass *p, const struct seed_item *item, struct diag_list *diags,
                       struct error *err)
{
    bool good = is_good(p, item);
    if (!good)
        check_closely(p, item, diags, &good);
    if (good) {
        p->items++;
        p->bytes += item->seed.key.len + item->value.len;
    }
    return seen_add(p->seen, item->seed.key, (struct seen_place){p->source, item->number}, err);
}

/* Problems of the disk end the pass; those of the file's content do not. */
static bool is_content(const struct error *why)
{
    return why->code == ERR_FORMAT || why->code == ERR_LIMIT;
}

bool pass_read(struct pass *p, struct seed_reader *r, struct error *err)
{
    struct seed_item item;
    enum seed_status status;
    do {
        size_t before = p->diags->n;
        struct diag_list *diags = problems_of(p);
        status = seed_next(r, &item, diags, err);
        bool ok = status != SEED_ITEM || check_item(p, &item, diags, err);
        count_problems(p, before);
        if (!ok)
            return false;
    } while ((status == SEED_ITEM || status == SEED_BAD) && !(p->stops && is_full(p)));
    if (status == SEED_FAILED && !is_content(err))
        return false;
    if (status == SEED_FAILED)
        pass_failure(p, seed_position(r), "source.syntax", err);
    return true;
}
