/*
 * validate.c: the first pass over the sources of a configuration that are files. What is declared
 * in the configuration itself is judged by model_validate already, also against itself; here it
 * only takes part in looking for keys that are given twice.
 */
#include "pass.h"
#include "twice.h"

#define PROBLEMS_MAX 100 /* shown of one source: a million wrong items would fill the memory */

/* The sources of one namespace: number 0 is the configuration, n its n-th ns:bulk. */
struct sources {
    const struct namespace_decl *ns;
    const struct file_root *root;
};

/* ---- What is declared ------------------------------------------------------------------------ */

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

static bool note_declared(struct seen *seen, struct sources *from, struct error *err)
{
    const struct seed_key *seed;
    for (uint64_t i = 0; (seed = declared(from, i)); i++)
        if (!seen_add(seen, seed->key, (struct seen_place){0, i}, err))
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

static bool cannot_open(struct pass *p, struct srcpos pos, struct error *err)
{
    if (err->code == ERR_NOT_FOUND)
        pass_failure(p, pos, "source.missing", err);
    else if (err->code != ERR_INVALID)
        return false;
    else if (!path_is_reported(p->diags, pos))
        pass_failure(p, pos, "source.path", err);
    return true;
}

static bool check_source(struct pass *p, const struct bulk_decl *bulk, const struct file_root *root,
                         struct error *err)
{
    struct seed_reader *r = seed_open(root, bulk, err);
    if (!r)
        return cannot_open(p, bulk->pos, err);
    bool ok = pass_read(p, r, err);
    if (ok)
        pass_report_hidden(p, bulk->path, bulk->pos);
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

static bool check_files(struct model *m, const struct sources *from, int64_t now, struct seen *seen,
                        struct error *err)
{
    const struct namespace_decl *ns = from->ns;
    bool ok = true;
    for (size_t i = 0; ok && i < ns->n_bulks; i++) {
        struct pass p = {.diags = &m->diags,
                         .max = PROBLEMS_MAX,
                         .fingerprint = ns->fingerprint,
                         .now = now,
                         .seen = seen,
                         .source = (unsigned)i + 1};
        if (ns->bulks[i].format != SOURCE_INLINE)
            ok = check_source(&p, &ns->bulks[i], from->root, err);
    }
    return ok;
}

static struct seed_reader *open_source(void *ctx, unsigned source, struct error *err)
{
    const struct sources *from = ctx;
    return seed_open(from->root, &from->ns->bulks[source - 1], err);
}

static bool check_namespace(struct model *m, struct sources *from, int64_t now, struct error *err)
{
    const struct twice_sources sources = {.declared = declared, .open = open_source, .ctx = from};
    struct seen seen = {.ascending = from->ns->n_puts == 0 && from->ns->n_bulks == 1};
    bool ok = note_declared(&seen, from, err) && check_files(m, from, now, &seen, err) &&
              twice_report(&seen, &sources, PROBLEMS_MAX, &m->diags, err);
    seen_release(&seen);
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
