/*
 * validate.c: the first pass over the sources of a configuration that are files. What is declared
 * in the configuration itself is judged by model_validate already, also against itself; here it
 * only takes part in looking for keys that are given twice.
 */
#include "pass.h"

#define PROBLEMS_MAX 100 /* shown of one source: a million wrong items would fill the memory */

/* ---- What is declared ------------------------------------------------------------------------ */

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
    struct bytes path;
    if (!arena_bytes(&p->seen->arena, bulk->path, &path))
        return error_nomem(err);
    p->path = path.data;
    struct seed_reader *r = seed_open(root, bulk, err);
    if (!r)
        return cannot_open(p, bulk->pos, err);
    bool ok = pass_read(p, r, err);
    if (ok)
        pass_report_hidden(p, bulk->pos);
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
        struct pass p = {.diags = &m->diags,
                         .max = PROBLEMS_MAX,
                         .fingerprint = ns->fingerprint,
                         .now = now,
                         .seen = &seen};
        if (ns->bulks[i].format != SOURCE_INLINE)
            ok = check_source(&p, &ns->bulks[i], root, err);
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
