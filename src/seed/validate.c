/*
 * validate.c: the first pass over the sources that are files. What is declared in the configuration
 * itself is judged by model_validate already, also against itself; here it only takes part in
 * looking for keys that are given twice.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "model/validate.h"
#include "seed.h"
#include "seen.h"

#define PROBLEMS_MAX 100 /* shown of one source: a million wrong items would fill the memory */

/* The pass over one source. */
struct pass {
    struct model *m;
    const struct namespace_decl *ns;
    const struct bulk_decl *bulk;
    struct seen *seen;
    int64_t now;
    const char *path;        /* lives as long as `seen` */
    struct diag_list hidden; /* problems beyond PROBLEMS_MAX, one item's at a time */
    size_t n_problems, n_hidden, hidden_errors;
};

/* ---- Problems -------------------------------------------------------------------------------- */

/* Where the next item's problems go. */
static struct diag_list *problems_of(struct pass *p)
{
    return p->n_problems < PROBLEMS_MAX ? &p->m->diags : &p->hidden;
}

static void count_problems(struct pass *p, size_t before)
{
    p->n_problems += p->m->diags.n - before;
    p->n_hidden += p->hidden.n;
    p->hidden_errors += p->hidden.errors;
    p->m->diags.failed = p->m->diags.failed || p->hidden.failed;
    diag_release(&p->hidden);
}

static void report_hidden(struct pass *p)
{
    char quoted[256];
    if (p->n_hidden == 0)
        return;
    diag_add(&p->m->diags, p->hidden_errors > 0 ? DIAG_ERROR : DIAG_WARNING, "source.more",
             p->bulk->pos, "%s has %zu more problems",
             text_quoted(p->bulk->path, quoted, sizeof quoted), p->n_hidden);
}

/* Adds an error about the source as a whole, at its declaration or at `pos`. */
static void report_failure(struct pass *p, struct srcpos pos, const char *code,
                           const struct error *why)
{
    char place[512];
    const char *message = why->message;
    snprintf(place, sizeof place, "%s:%d: ", pos.file ? pos.file : "", pos.line);
    if (strncmp(message, place, strlen(place)) == 0)
        message += strlen(place);
    diag_add(&p->m->diags, DIAG_ERROR, code, pos, "%s", message);
    if (why->hint[0])
        diag_hint(&p->m->diags, "%s", why->hint);
}

/* ---- Keys given twice ------------------------------------------------------------------------ */

static void describe_place(const struct seen_place *place, char *out, size_t size)
{
    const char *file = place->file ? place->file : "the configuration";
    if (place->number > 0)
        snprintf(out, size, "%s:%d (item %" PRIu64 ")", file, place->line, place->number);
    else
        snprintf(out, size, "%s:%d", file, place->line);
}

static void report_twice(struct diag_list *diags, const struct seed_item *item,
                         const struct seen_place *here, const struct seen_place *first)
{
    char key[128], one[320], other[320];
    describe_place(here, one, sizeof one);
    describe_place(first, other, sizeof other);
    diag_add(diags, DIAG_ERROR, "key.duplicate", item->seed.pos, "key %s at %s is also at %s",
             text_quoted(item->seed.key, key, sizeof key), one, other);
    diag_hint(diags, "a namespace holds one value under a key");
}

static bool check_once(struct pass *p, const struct seed_item *item, struct diag_list *diags,
                       struct error *err)
{
    struct seen_place here = {p->path, item->seed.pos.line, item->number}, first;
    bool again;
    if (!seen_add(p->seen, item->seed.key, here, &first, &again))
        return error_nomem(err);
    if (again)
        report_twice(diags, item, &here, &first);
    return true;
}

static bool note_declared(struct seen *seen, const struct seed_key *seed, struct error *err)
{
    struct seen_place place = {seed->pos.file, seed->pos.line, 0}, first;
    bool again; /* among themselves: model_validate says so */
    return seen_add(seen, seed->key, place, &first, &again) || error_nomem(err);
}

static bool note_all_declared(struct seen *seen, const struct namespace_decl *ns, struct error *err)
{
    for (size_t i = 0; i < ns->n_puts; i++)
        if (!note_declared(seen, &ns->puts[i].seed, err))
            return false;
    for (size_t b = 0; b < ns->n_bulks; b++)
        for (size_t i = 0; i < ns->bulks[b].n; i++)
            if (!note_declared(seen, &ns->bulks[b].items[i], err))
                return false;
    return true;
}

/* ---- Sources --------------------------------------------------------------------------------- */

static bool check_item(struct pass *p, const struct seed_item *item, struct diag_list *diags,
                       struct error *err)
{
    char where[64];
    snprintf(where, sizeof where, "item %" PRIu64 " (byte %" PRIu64 "): ", item->number,
             item->offset);
    seed_key_check(diags, &item->seed, item->value.len, p->now, where);
    if (p->ns->fingerprint)
        seed_fingerprint_check(diags, &item->seed, where);
    return check_once(p, item, diags, err);
}

/* Problems of the disk and of memory end the pass; those of the file's content do not. */
static bool is_content(const struct error *why)
{
    return why->code == ERR_FORMAT || why->code == ERR_LIMIT;
}

static bool read_items(struct pass *p, struct seed_reader *r, struct error *err)
{
    struct seed_item item;
    enum seed_status status;
    do {
        size_t before = p->m->diags.n;
        struct diag_list *diags = problems_of(p);
        status = seed_next(r, &item, diags, err);
        bool ok = status != SEED_ITEM || check_item(p, &item, diags, err);
        count_problems(p, before);
        if (!ok)
            return false;
    } while (status == SEED_ITEM || status == SEED_BAD);
    if (status == SEED_FAILED && !is_content(err))
        return false;
    if (status == SEED_FAILED)
        report_failure(p, seed_position(r), "source.syntax", err);
    report_hidden(p);
    return true;
}

/* true when model_validate found fault with the path already. */
static bool path_is_reported(const struct pass *p)
{
    struct srcpos pos = p->bulk->pos;
    for (size_t i = 0; i < p->m->diags.n; i++) {
        const struct diag *d = &p->m->diags.items[i];
        if (strcmp(d->code, "source.path") == 0 && d->pos.line == pos.line && d->pos.file &&
            pos.file && strcmp(d->pos.file, pos.file) == 0)
            return true;
    }
    return false;
}

static bool cannot_open(struct pass *p, struct error *err)
{
    if (err->code == ERR_NOT_FOUND)
        report_failure(p, p->bulk->pos, "source.missing", err);
    else if (err->code != ERR_INVALID)
        return false;
    else if (!path_is_reported(p))
        report_failure(p, p->bulk->pos, "source.path", err);
    return true;
}

static bool check_source(struct pass *p, const struct file_root *root, struct error *err)
{
    struct bytes path;
    if (!arena_bytes(&p->seen->arena, p->bulk->path, &path))
        return error_nomem(err);
    p->path = path.data;
    struct seed_reader *r = seed_open(root, p->bulk, err);
    if (!r)
        return cannot_open(p, err);
    bool ok = read_items(p, r, err);
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

static bool check_namespace(struct model *m, const struct namespace_decl *ns,
                            const struct file_root *root, int64_t now, struct error *err)
{
    struct seen seen = {0};
    bool ok = note_all_declared(&seen, ns, err);
    for (size_t i = 0; ok && i < ns->n_bulks; i++) {
        struct pass p = {.m = m, .ns = ns, .bulk = &ns->bulks[i], .seen = &seen, .now = now};
        if (p.bulk->format != SOURCE_INLINE)
            ok = check_source(&p, root, err);
    }
    seen_release(&seen);
    return ok;
}

bool seed_validate(struct model *m, const struct file_root *root, int64_t now, struct error *err)
{
    for (size_t i = 0; i < m->n_namespaces; i++)
        if (has_files(&m->namespaces[i]) && !check_namespace(m, &m->namespaces[i], root, now, err))
            return false;
    diag_sort(&m->diags);
    return !m->diags.failed || error_nomem(err);
}
