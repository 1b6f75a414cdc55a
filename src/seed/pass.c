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
    p->diags->failed = p->diags->failed || p->hidden.failed;
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

/* ---- Fingerprints ---------------------------------------------------------------------------- */

struct member_search {
    int depth;
    bool found;
};

static bool search_enter(void *ctx, struct error *err)
{
    (void)err;
    ((struct member_search *)ctx)->depth++;
    return true;
}

static bool search_leave(void *ctx, struct error *err)
{
    (void)err;
    ((struct member_search *)ctx)->depth--;
    return true;
}

static bool search_key(void *ctx, struct bytes name, struct error *err)
{
    struct member_search *search = ctx;
    (void)err;
    search->found = search->found || (search->depth == 1 && bytes_equal(name, bytes_of("cfkv")));
    return true;
}

static bool has_cfkv_member(struct bytes metadata, bool *found, struct error *err)
{
    static const struct json_handlers handlers = {.begin_object = search_enter,
                                                  .end_object = search_leave,
                                                  .begin_array = search_enter,
                                                  .end_array = search_leave,
                                                  .key = search_key};
    struct member_search search = {0};
    bool ok = json_parse(metadata, &handlers, &search, err);
    *found = search.found;
    return ok;
}

/* The same rule that model/ has for declared keys. */
static bool check_fingerprint(struct pass *p, const struct seed_item *item, const char *where,
                              struct diag_list *diags, struct error *err)
{
    struct bytes metadata = item->seed.metadata;
    char key[128];
    bool found = false;
    if (!p->fingerprint || !metadata.data)
        return true;
    text_quoted(item->seed.key, key, sizeof key);
    if (metadata.data[0] != '{') {
        diag_add(diags, DIAG_ERROR, "metadata.fingerprint", item->seed.pos,
                 "%smetadata of key %s is no object, but its namespace has fingerprint = true",
                 where, key);
        diag_hint(diags, "the fingerprint is kept in member 'cfkv' of the metadata; give an "
                         "object or none");
        return true;
    }
    if (!has_cfkv_member(metadata, &found, err))
        return false;
    if (found)
        diag_add(diags, DIAG_ERROR, "metadata.fingerprint", item->seed.pos,
                 "%smetadata of key %s has a member 'cfkv', where the fingerprint is kept", where,
                 key);
    return true;
}

/* ---- Items ----------------------------------------------------------------------------------- */

static bool check_item(struct pass *p, const struct seed_item *item, struct diag_list *diags,
                       struct error *err)
{
    char where[64];
    snprintf(where, sizeof where, "item %" PRIu64 " (byte %" PRIu64 "): ", item->number,
             item->offset);
    if (seed_key_check(diags, &item->seed, item->value.len, p->now, where)) {
        p->items++;
        p->bytes += item->seed.key.len + item->value.len;
    }
    return check_fingerprint(p, item, where, diags, err) &&
           seen_add(p->seen, item->seed.key, (struct seen_place){p->source, item->number}, err);
}

/* Problems of the disk and of memory end the pass; those of the file's content do not. */
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
