/*
 * test_script.h: evaluates Lua text in a project folder of its own.
 *
 * Each test runs in a fresh folder, which is the working folder too, so that the configuration is
 * "kv.lua" in messages: script_setup and script_teardown are for cmocka_unit_test_setup_teardown.
 */
#ifndef CFKV_TESTS_UNIT_TEST_SCRIPT_H
#define CFKV_TESTS_UNIT_TEST_SCRIPT_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* nftw */
#endif
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/eval_json.h"
#include "script/script.h"
#include "test_base.h"

#define SCRIPT_TEST(name) cmocka_unit_test_setup_teardown(name, script_setup, script_teardown)

/* In front of each configuration, on its first line. */
#define PRELUDE "local cfkv = require 'cfkv'; "

static inline int script_setup(void **state)
{
    char *dir = strdup("/tmp/cfkv-script.XXXXXX");
    *state = dir;
    return !dir || !mkdtemp(dir) || chdir(dir) != 0;
}

static inline int script_remove(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

static inline int script_teardown(void **state)
{
    int failed = chdir("/") != 0 || nftw(*state, script_remove, 16, FTW_DEPTH | FTW_PHYS) != 0;
    free(*state);
    return failed;
}

static inline void write_file(const char *name, struct bytes data)
{
    FILE *f = fopen(name, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(data.data, 1, data.len, f), data.len);
    assert_int_equal(fclose(f), 0);
}

static inline void write_text(const char *name, const char *text)
{
    write_file(name, bytes_of(text));
}

static inline struct script_options options_for(const char *code)
{
    struct buf text = {0};
    buf_add_str(&text, PRELUDE);
    buf_add_str(&text, code);
    assert_false(text.failed);
    write_file("kv.lua", buf_bytes(&text));
    buf_release(&text);
    return (struct script_options){.file = "kv.lua"};
}

/* The model of a configuration; release it with model_release. */
static inline struct model evaluate_with(const struct script_options *options)
{
    struct model m;
    struct error err = {.message = ""};
    model_init(&m);
    if (!script_evaluate(options, &m, &err))
        fail_msg("evaluation did not take place: %s", err.message);
    diag_sort(&m.diags);
    return m;
}

static inline struct model evaluate(const char *code)
{
    struct script_options options = options_for(code);
    return evaluate_with(&options);
}

static inline void assert_diagnostics(const struct model *m, const char *want)
{
    struct buf text = {0};
    diag_write_text(&m->diags, true, 0, &text);
    assert_string_equal(text.data ? text.data : "", want);
    buf_release(&text);
}

/* Evaluates and compares all that people would be told. */
static inline void assert_problems_with(const struct script_options *options, const char *want)
{
    struct model m = evaluate_with(options);
    assert_diagnostics(&m, want);
    model_release(&m);
}

static inline void assert_problems(const char *code, const char *want)
{
    struct script_options options = options_for(code);
    assert_problems_with(&options, want);
}

/* Only `want` must be in what people would be told. */
static inline void assert_mentions(const char *code, const char *want)
{
    struct model m = evaluate(code);
    struct buf text = {0};
    diag_write_text(&m.diags, true, 0, &text);
    if (!text.data || !strstr(text.data, want))
        fail_msg("'%s' is not in:\n%s", want, text.data ? text.data : "");
    buf_release(&text);
    model_release(&m);
}

/* The Lua expressions hold, or their line is told. */
static inline void assert_lua(const char *code)
{
    assert_problems(code, "");
}

static inline struct model evaluate_clean(const char *code)
{
    struct model m = evaluate(code);
    assert_diagnostics(&m, "");
    return m;
}

/* The literal bytes of a value. */
static inline struct bytes literal(const struct deferred *d)
{
    assert_int_equal(d->n, 1);
    assert_int_equal(d->parts[0].kind, PART_TEXT);
    return d->parts[0].text;
}

#endif
