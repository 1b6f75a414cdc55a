/*
 * validate.c: the first pass over sources that are files: of a configuration, and of a command.
 * What is declared in the configuration itself is judged by model_validate already, also against
 * itself; here it only takes part in looking for keys that are given twice.
 */
#include "model/validate.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "duplicates.h"

#define PROBLEMS_MAX 100 /* shown of one source: a million wrong items would fill the memory */

/* Reading a whole source only to find what is wrong with it. */
struct source_check {
    struct diag_list *diags; /* where problems go */
    size_t max;              /* errors that are shown; 0: all */
    bool stops;              /* reading ends with the last one that is shown */
    bool fingerprint;        /* of the namespace: metadata must have room for it */
    bool instant;            /* it is of that mode */
    int64_t now;
    struct duplicates *seen;
    unsigned source; /* its number there */

    /* What was found. */
    uint64_t items, bytes;   /* good ones, their keys and values */
    size_t n_problems;       /* shown */
    size_t n_hidden;         /* not shown, */
    size_t hidden_errors;    /* of them errors */
    struct diag_list hidden; /* those of one item */
};

/* ---- Problems -------------------------------------------------------------------------------- */

static bool is_full(const struct source_check *c)
{
    return c->max > 0 && c->n_problems >= c->max;
}

static void count_problems(struct source_check *c, size_t before)
{
    c->n_problems += c->diags->n - before;
    c->n_hidden += c->hidden.n;
    c->hidden_errors += c->hidden.errors;
    diag_release(&c->hidden);
}

static void report_hidden(struct source_check *c, struct bytes path, struct srcpos pos)
{
    char quoted[256];
    if (c->n_hidden > 0)
        diag_add(c->diags, c->hidden_errors > 0 ? DIAG_ERROR : DIAG_WARNING, "source.more", pos,
                 "%s has %zu more problem%s", text_quoted(path, quoted, sizeof quoted), c->n_hidden,
                 text_plural(c->n_hidden));
    if (c->n_hidden > 0)
        diag_hint(c->diags, "mend the first ones: they often have one cause");
}

static void add_failure(struct source_check *c, struct srcpos pos, const char *code,
                        const struct error *why)
{
    char place[512];
    const char *message = why->message;
    snprintf(place, sizeof place, "%s:%d: ", pos.file ? pos.file : "", pos.line);
    if (strncmp(message, place, strlen(place)) == 0)
        message += strlen(place);
    diag_add(c->diags, DIAG_ERROR, code, pos, "%s", message);
    if (why->hint[0])
        diag_hint(c->diags, "%s", why->hint);
}

/* ---- Items ----------------------------------------------------------------------------------- */

/* Most items are good: those need no text of their place. */
static bool is_good(struct source_check *c, const struct seed_item *item)
{
    struct diag_list unused = {0};
    seed_key_check(&unused, &item->seed, item->value.len, c->now, "");
    bool good = unused.n == 0;
    diag_release(&unused);
    bool has_metadata = item->seed.metadata.data != NULL;
    bool is_short = item->seed.key.len <= KV_INSTANT_KEY_MAX;
    return good && !(c->fingerprint && has_metadata) &&
           !(c->instant && (has_metadata || !is_short));
}

static void check_closely(struct source_check *c, const struct seed_item *item,
                          struct diag_list *diags, bool *good)
{
    char where[64];
    size_t before = diags->errors;
    snprintf(where, sizeof where, "item %" PRIu64 " (byte %" PRIu64 "): ", item->number,
             item->offset);
    seed_key_check(diags, &item->seed, item->value.len, c->now, where);
    if (c->fingerprint)
        seed_fingerprint_check(diags, &item->seed, where);
    if (c->instant)
        seed_instant_check(diags, &item->seed, where);
    *good = diags->errors == before;
}

static bool check_item(struct source_check *c, const struct seed_item *item,
                       struct diag_list *diags, struct error *err)
{
    bool good = is_good(c, item);
    if (!good)
        check_closely(c, item, diags, &good);
    if (good) {
        c->items++;
        c->bytes += item->seed.key.len + item->value.len;
    }
    return duplicates_note(c->seen, item->seed.key, (struct key_place){c->source, item->number},
                           err);
}

static bool read_source(struct source_check *c, struct seed_reader *r, struct error *err)
{
    struct seed_item item;
    enum seed_status status;
    do {
        size_t before = c->diags->n;
        struct diag_list *diags = is_full(c) ? &c->hidden : c->diags;
        status = seed_next(r, &item, diags, err);
        bool ok = status != SEED_ITEM || check_item(c, &item, diags, err);
        count_problems(c, before);
        if (!ok)
            return false;
    } while ((status == SEED_ITEM || status == SEED_BAD) && !(c->stops && is_full(c)));
    if (status != SEED_FAILED)
        return true;
    /* Problems of the disk end the pass; those of the file's content do not. */
    if (err->code != ERR_FORMAT && err->code != ERR_LIMIT)
        return false;
    add_failure(c, seed_position(r), "source.syntax", err);
    return true;
}

/* ---- What is declared ------------------------------------------------------------------------ */

/* The sources of one namespace: number 0 is the configuration, n its n-th ns:bulk. */
struct sources {
    const struct namespace_decl *ns;
    const struct file_root *root;
};

/* Puts first, then the items of each bulk; `number` counts from 0. NULL: there are no more. */
static const struct seed_key *declared(void *ctx, uint64_t number)
{
    const struct namespace_decl *ns = ((struct sources *)ctx)->ns;
    if (number < ns->n_puts)
        return &ns->puts[number].seed;
    number -= ns->n_puts;
    for (size_t b = 0; b < ns->n_bulks; b++) {
        if (number < ns->bulks[b].n)
            return &ns->bulks[b].items[number];
        number -= ns->bulks[b].n;
    }
    return NULL;
}

static bool note_declared(struct duplicates *seen, struct sources *from, struct error *err)
{
    const struct seed_key *seed;
    for (uint64_t i = 0; (seed = declared(from, i)); i++)
        if (!duplicates_note(seen, seed->key, (struct key_place){0, i}, err))
            return false;
    return true;
}

/* ---- Sources --------------------------------------------------------------------------------- */

/* true when model_validate found fault with the path already. */
static bool path_is_reported(const struct diag_list *diags, struct srcpos pos)
{
    for (size_t i = 0; i < diags->n; i++) {
        const struct diag *d = &diags->items[i];
        if (strcmp(d->code, "source.path") == 0 && d->pos.line == pos.line && d->pos.file &&
            pos.file && strcmp(d->pos.file, pos.file) == 0)
            return true;
    }
    return false;
}

static bool cannot_open(struct source_check *c, struct srcpos pos, struct error *err)
{
    if (err->code == ERR_NOT_FOUND)
        add_failure(c, pos, "source.missing", err);
    else if (err->code != ERR_INVALID)
        return false;
    else if (!path_is_reported(c->diags, pos))
        add_failure(c, pos, "source.path", err);
    return true;
}

static bool check_source(struct source_check *c, const struct bulk_decl *bulk,
                         const struct file_root *root, struct error *err)
{
    struct seed_reader *r = seed_open(root, bulk, err);
    if (!r)
        return cannot_open(c, bulk->pos, err);
    bool ok = read_source(c, r, err);
    if (ok)
        report_hidden(c, bulk->path, bulk->pos);
    seed_close(r);
    return ok;
}

static bool has_files(const struct namespace_decl *ns)
{
    for (size_t i = 0; i < ns->n_bulks; i++)
        if (ns->bulks[i].format != SOURCE_INLINE)
            return true;
    return false;
}

static bool check_files(struct model *m, const struct sources *from, int64_t now,
                        struct duplicates *seen, struct error *err)
{
    const struct namespace_decl *ns = from->ns;
    bool ok = true, instant = mode_is_instant(ns->mode);
    uint64_t items = 0, bytes = 0;
    for (size_t i = 0; ok && i < ns->n_bulks; i++) {
        struct source_check c = {.diags = &m->diags,
                                 .max = PROBLEMS_MAX,
                                 .fingerprint = ns->fingerprint,
                                 .instant = instant,
                                 .now = now,
                                 .seen = seen,
                                 .source = (unsigned)i + 1};
        if (ns->bulks[i].format != SOURCE_INLINE)
            ok = check_source(&c, &ns->bulks[i], from->root, err);
        items += c.items;
        bytes += c.bytes;
    }
    if (ok && instant)
        seed_instant_total(&m->diags, ns, items, bytes);
    return ok;
}

static struct seed_reader *open_source(void *ctx, unsigned source, struct error *err)
{
    const struct sources *from = ctx;
    return seed_open(from->root, &from->ns->bulks[source - 1], err);
}

static bool check_namespace(struct model *m, struct sources *from, int64_t now, struct error *err)
{
    const struct duplicate_sources sources = {
        .declared = declared, .open = open_source, .ctx = from};
    struct duplicates seen = {.ascending = from->ns->n_puts == 0 && from->ns->n_bulks == 1};
    bool ok = note_declared(&seen, from, err) && check_files(m, from, now, &seen, err) &&
              duplicates_report(&seen, &sources, PROBLEMS_MAX, &m->diags, err);
    duplicates_release(&seen);
    return ok;
}

bool seed_validate(struct model *m, const struct file_root *root, int64_t now, struct error *err)
{
    for (size_t i = 0; i < m->n_namespaces; i++) {
        struct sources from = {&m->namespaces[i], root};
        if (has_files(from.ns) && !check_namespace(m, &from, now, err))
            return false;
    }
    diag_sort(&m->diags);
    return true;
}

/* ---- Surveying ------------------------------------------------------------------------------- */

static struct seed_reader *open_pass(void *ctx, unsigned source, struct error *err)
{
    (void)source; /* there is one */
    return seed_source_read(ctx, err);
}

/* Those that are given twice, after the problems that reading met: at most `max` in all. */
static bool report_twice(struct seed_source *s, struct source_check *c, struct error *err)
{
    const struct duplicate_sources from = {.open = open_pass, .ctx = s};
    size_t shown = c->diags->errors;
    if (c->max > 0 && shown >= c->max)
        return true;
    return duplicates_report(c->seen, &from, c->max > 0 ? c->max - shown : 0, c->diags, err);
}

bool seed_survey(struct seed_source *s, int64_t now, size_t max_problems, struct diag_list *diags,
                 struct seed_survey *found, struct error *err)
{
    struct duplicates seen = {.ascending = true};
    struct source_check c = {
        .diags = diags, .max = max_problems, .stops = true, .now = now, .seen = &seen, .source = 1};
    struct seed_reader *r = seed_source_read(s, err);
    bool ok = r && read_source(&c, r, err);
    *found = (struct seed_survey){.items = c.items, .bytes = c.bytes};
    if (ok)
        seed_content(r, &found->size, &found->digest);
    seed_close(r);
    ok = ok && report_twice(s, &c, err);
    duplicates_release(&seen);
    diag_sort(diags);
    return ok;
}
