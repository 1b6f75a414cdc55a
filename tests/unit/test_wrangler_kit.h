/* test_wrangler_kit.h: configs as text, edits as one line. */
#ifndef CFKV_TESTS_UNIT_TEST_WRANGLER_KIT_H
#define CFKV_TESTS_UNIT_TEST_WRANGLER_KIT_H

#include "test_base.h"

#include "wrangler/wrangler.h"

static inline struct wrangler_edit set_preview(const char *env, const char *binding, const char *id,
                                               const char *preview_id)
{
    return (struct wrangler_edit){.verb = WRANGLER_SET,
                                  .env = bytes_of(env),
                                  .binding = bytes_of(binding),
                                  .id = bytes_of(id),
                                  .preview_id = bytes_of(preview_id)};
}

static inline struct wrangler_edit set(const char *env, const char *binding, const char *id)
{
    return set_preview(env, binding, id, NULL);
}

static inline struct wrangler_edit removal(const char *env, const char *binding)
{
    return (struct wrangler_edit){
        .verb = WRANGLER_REMOVE, .env = bytes_of(env), .binding = bytes_of(binding)};
}

static inline void assert_edit(enum wrangler_syntax syntax, const char *text,
                               struct wrangler_edit edit, const char *want)
{
    struct buf out = {0};
    struct error err = {.message = ""};
    if (!wrangler_config_edit(bytes_of(text), syntax, &edit, 1, &out, &err))
        fail_msg("%s", err.message);
    assert_buf(&out, want);
    buf_release(&out);
}

/* A new binding gives `want`, and its removal the text it was put into. */
static inline void assert_there_and_back(enum wrangler_syntax syntax, const char *text,
                                         struct wrangler_edit edit, const char *want)
{
    assert_edit(syntax, text, edit, want);
    assert_edit(syntax, want, edit, want);
    edit.verb = WRANGLER_REMOVE;
    assert_edit(syntax, want, edit, text);
}

static inline void assert_refused(enum wrangler_syntax syntax, const char *text, const char *want)
{
    struct wrangler_config config;
    struct error err = {.message = ""};
    assert_false(wrangler_config_read(bytes_of(text), syntax, &config, &err));
    assert_int_equal(err.code, ERR_FORMAT);
    assert_string_equal(err.message, want);
    wrangler_config_release(&config);
}

static inline void assert_reads(enum wrangler_syntax syntax, const char *text)
{
    struct wrangler_config config;
    struct error err = {.message = ""};
    if (!wrangler_config_read(bytes_of(text), syntax, &config, &err))
        fail_msg("%s: %s", text, err.message);
    wrangler_config_release(&config);
}

static inline void assert_text(struct bytes got, const char *want)
{
    assert_int_equal(!got.data, !want);
    assert_bytes(got, bytes_of(want));
}

#endif
