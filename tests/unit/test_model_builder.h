/*
 * test_model_builder.h: models in a few words, for the tests of src/model.
 *
 * Everything declared sits in "kv.lua"; the line is given, so that a test can name places.
 */
#ifndef CFKV_TEST_MODEL_BUILDER_H
#define CFKV_TEST_MODEL_BUILDER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/validate.h"

#define NOW     INT64_C(1700000000)
#define UNUSED  __attribute__((unused))
#define ACCOUNT "0123456789abcdef0123456789abcdef"
#define OTHER   "fedcba9876543210fedcba9876543210"

UNUSED static struct bytes B(const char *s) {
    return bytes_of(s);
}

UNUSED static struct srcpos
at(int line)
{
    return (struct srcpos){"kv.lua", line};
}

/* The arena copies, so that arrays of a test need not outlive their block. */
UNUSED static struct bytes *texts(struct model *m, size_t n, const char *const *from)
{
    struct bytes *list = arena_alloc(&m->arena, n, sizeof *list);
    assert_non_null(list);
    for (size_t i = 0; i < n; i++)
        list[i] = B(from[i]);
    return list;
}

UNUSED static struct deferred text_value(struct model *m, struct bytes text)
{
    struct part *part = arena_alloc(&m->arena, 1, sizeof *part);
    assert_non_null(part);
    *part = (struct part){.kind = PART_TEXT, .text = text};
    return (struct deferred){.parts = part, .n = 1};
}

/* A namespace with an explicit title; `title` NULL: none yet. */
UNUSED static struct namespace_decl *ns_at(struct model *m, int line, const char *title)
{
    struct namespace_decl *ns = model_add_namespace(m);
    assert_non_null(ns);
    ns->pos = at(line);
    if (title) {
        ns->title = B(title);
        ns->title_explicit = true;
    }
    return ns;
}

UNUSED static struct namespace_decl *ns_of(struct model *m, int line, const char *app,
                                           const char *purpose, const char *env)
{
    struct namespace_decl *ns = ns_at(m, line, NULL);
    ns->app = B(app);
    ns->purpose = B(purpose);
    ns->env = B(env);
    return ns;
}

UNUSED static struct seed_key *put_at(struct model *m, size_t ns, int line, const char *key,
                                      const char *value)
{
    struct put_decl *put = model_add_put(m, ns);
    assert_non_null(put);
    put->seed = (struct seed_key){.key = B(key), .value = text_value(m, B(value)), .pos = at(line)};
    return &put->seed;
}

UNUSED static struct seed_key *item_at(struct model *m, size_t ns, size_t bulk, int line,
                                       const char *key)
{
    struct seed_key *item = model_add_bulk_item(m, ns, bulk);
    assert_non_null(item);
    *item = (struct seed_key){.key = B(key), .value = text_value(m, B("v")), .pos = at(line)};
    return item;
}

UNUSED static struct output_decl *output_at(struct model *m, int line, const char *name,
                                            const char *value)
{
    struct output_decl *output = model_add_output(m);
    assert_non_null(output);
    output->name = name;
    output->value = text_value(m, B(value));
    output->pos = at(line);
    return output;
}

UNUSED static struct wrangler_decl *wrangler_at(struct model *m, int line, const char *path)
{
    struct wrangler_decl *w = model_add_wrangler(m);
    assert_non_null(w);
    w->path = B(path);
    w->pos = at(line);
    return w;
}

UNUSED static void environments(struct model *m, size_t n, const char *const *names)
{
    m->project.declared = true;
    m->project.pos = at(1);
    m->project.environments = (struct strings){texts(m, n, names), n};
}

/* ---- What validation says -------------------------------------------------------------------- */

UNUSED static void validate(struct model *m)
{
    model_validate(m, NOW);
}

UNUSED static void assert_count(const struct model *m, size_t n)
{
    for (size_t i = 0; m->diags.n != n && i < m->diags.n; i++)
        print_error("%d: %s: %s\n", m->diags.items[i].pos.line, m->diags.items[i].code,
                    m->diags.items[i].message);
    assert_int_equal(m->diags.n, n);
}

UNUSED static void assert_clean(struct model *m)
{
    validate(m);
    assert_count(m, 0);
    model_release(m);
}

UNUSED static void assert_diag(const struct model *m, size_t i, enum diag_severity severity,
                               int line, const char *code, const char *message, const char *hint)
{
    assert_true(i < m->diags.n);
    const struct diag *d = &m->diags.items[i];
    assert_string_equal(d->message, message);
    assert_string_equal(d->code, code);
    assert_int_equal(d->severity, severity);
    assert_int_equal(d->pos.line, line);
    assert_string_equal(d->hint ? d->hint : "(none)", hint ? hint : "(none)");
}

/* Validates, expects this one diagnostic, and ends the model. */
UNUSED static void assert_only(struct model *m, enum diag_severity severity, int line,
                               const char *code, const char *message, const char *hint)
{
    validate(m);
    assert_count(m, 1);
    assert_diag(m, 0, severity, line, code, message, hint);
    model_release(m);
}

UNUSED static void assert_error(struct model *m, int line, const char *code, const char *message,
                                const char *hint)
{
    assert_only(m, DIAG_ERROR, line, code, message, hint);
}

UNUSED static void assert_warning(struct model *m, int line, const char *code, const char *message,
                                  const char *hint)
{
    assert_only(m, DIAG_WARNING, line, code, message, hint);
}

#endif
