#include "refs.h"

#include <stdlib.h>

static int compare_refs(const void *a, const void *b)
{
    const struct state_ref *x = a, *y = b;
    int order = bytes_compare(x->account, y->account);
    return order != 0 ? order : bytes_compare(x->address, y->address);
}

size_t refs_sort(struct state_ref *refs, size_t n)
{
    size_t kept = 0;
    if (n > 0)
        qsort(refs, n, sizeof *refs, compare_refs);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || compare_refs(&refs[kept - 1], &refs[i]) != 0)
            refs[kept++] = refs[i];
    return kept;
}

void refs_write(const struct state_ref *refs, size_t n, struct json_writer *w)
{
    json_begin_object(w);
    for (size_t i = 0; i < n; i++) {
        bool first = i == 0 || !bytes_equal(refs[i].account, refs[i - 1].account);
        bool last = i + 1 == n || !bytes_equal(refs[i].account, refs[i + 1].account);
        if (first) {
            json_key_bytes(w, refs[i].account);
            json_begin_array(w);
        }
        json_string(w, refs[i].address);
        if (last)
            json_end_array(w);
    }
    json_end_object(w);
}

/* ---- Reading --------------------------------------------------------------------------------- */

static bool add_addresses(struct arena *arena, const struct json *addresses, struct bytes account,
                          struct state_ref *refs, size_t *n, struct error *err)
{
    for (const struct json *a = json_first(addresses); a; a = json_next(a)) {
        const char *text;
        if (!json_as_str(a, &text))
            return error_set(err, ERR_FORMAT, "'namespaces' must hold arrays of strings");
        refs[(*n)++] = (struct state_ref){account, arena_copy(arena, bytes_of(text))};
    }
    return true;
}

static bool add_accounts(struct arena *arena, const struct json *root, struct state_output *output,
                         struct error *err)
{
    size_t n = 0;
    for (const struct json *a = json_first(root); a; a = json_next(a))
        n += json_count(a);
    struct state_ref *refs = arena_alloc(arena, n + 1, sizeof *refs);
    n = 0;
    for (const struct json *a = json_first(root); a; a = json_next(a)) {
        if (!json_is_array(a))
            return error_set(err, ERR_FORMAT, "'namespaces' must hold arrays of strings");
        struct bytes account = arena_copy(arena, bytes_of(json_name(a)));
        if (!add_addresses(arena, a, account, refs, &n, err))
            return false;
    }
    output->refs = refs;
    output->n_refs = refs_sort(refs, n);
    return true;
}

bool refs_read(struct arena *arena, struct bytes json, struct state_output *output,
               struct error *err)
{
    struct json *root = json_doc_parse(json, err);
    if (!root)
        return false;
    bool ok = json_is_object(root) ? add_accounts(arena, root, output, err)
                                   : error_set(err, ERR_FORMAT, "'namespaces' must be an object");
    json_doc_free(root);
    return ok;
}
