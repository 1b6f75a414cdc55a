/*
 * fuzz_wrangler.c: any bytes at all as a wrangler config: the first byte says which syntax, which
 * section and whether the binding has a preview_id; the rest is the file.
 *
 * Beyond not crashing: what is read can be edited, the result is read again and holds the edit and
 * all bindings that were there, a second run changes nothing, a new binding adds bytes and changes
 * none, removing it gives the old bytes (but for containers that were empty), and a new id changes
 * its value alone.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "wrangler/wrangler.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void insist(bool holds)
{
    if (!holds)
        abort();
}

/* false: refused as unsafe. */
static bool edit(struct bytes text, enum wrangler_syntax syntax, const struct wrangler_edit *e,
                 struct buf *out)
{
    struct error err = {.code = ERR_NONE};
    bool ok = wrangler_config_edit(text, syntax, e, 1, out, &err);
    insist(ok || err.code == ERR_FAILED || err.code == ERR_LIMIT);
    insist(ok || out->len == 0);
    return ok;
}

static size_t count_bindings(struct bytes text, enum wrangler_syntax syntax,
                             const struct wrangler_edit *e, bool *there)
{
    struct wrangler_config config;
    struct error err;
    insist(wrangler_config_read(text, syntax, &config, &err));
    const struct wrangler_binding *b = wrangler_config_binding(&config, e->env, e->binding);
    size_t n = config.n_bindings;
    *there = b != NULL;
    insist(!b || !e->id.data || bytes_equal(b->id, e->id));
    wrangler_config_release(&config);
    return n;
}

/* What is left of `long_text` when `short_text` is taken out of it in order. */
static bool is_subsequence(struct bytes short_text, struct bytes long_text)
{
    size_t i = 0;
    for (size_t j = 0; i < short_text.len && j < long_text.len; j++)
        i += short_text.data[i] == long_text.data[j];
    return i == short_text.len;
}

static struct buf without_space(struct bytes text)
{
    struct buf dense = {0};
    for (size_t i = 0; i < text.len; i++)
        if (!strchr(" \t\r\n", text.data[i]) || text.data[i] == '\0')
            buf_add_char(&dense, text.data[i]);
    return dense;
}

/* A pair of brackets with nothing in it but white space. */
static bool has_empty_container(struct bytes text)
{
    struct buf dense = without_space(text);
    bool found = false;
    for (size_t i = 1; i < dense.len; i++)
        found = found || (dense.data[i - 1] == '{' && dense.data[i] == '}') ||
                (dense.data[i - 1] == '[' && dense.data[i] == ']');
    buf_release(&dense);
    return found;
}

/* Bytes are added and none changed, but for white space where empty brackets get lines. */
static bool is_extended(struct bytes text, struct bytes with)
{
    if (!has_empty_container(text))
        return is_subsequence(text, with);
    struct buf dense = without_space(text), dense_with = without_space(with);
    bool extended = is_subsequence(buf_bytes(&dense), buf_bytes(&dense_with));
    buf_release(&dense);
    buf_release(&dense_with);
    return extended;
}

static void check_new(struct bytes text, enum wrangler_syntax syntax, const struct wrangler_edit *e)
{
    struct buf with = {0}, again = {0}, without = {0};
    struct wrangler_edit removal = {.verb = WRANGLER_REMOVE, .env = e->env, .binding = e->binding};
    bool there, existed;
    size_t before = count_bindings(text, syntax, &removal, &existed);
    if (!existed && edit(text, syntax, e, &with)) {
        insist(count_bindings(buf_bytes(&with), syntax, e, &there) == before + 1 && there);
        insist(is_extended(text, buf_bytes(&with)));
        insist(edit(buf_bytes(&with), syntax, e, &again));
        insist(bytes_equal(buf_bytes(&with), buf_bytes(&again)));
        insist(edit(buf_bytes(&with), syntax, &removal, &without));
        insist(bytes_equal(buf_bytes(&without), text) || has_empty_container(text));
    }
    buf_release(&with);
    buf_release(&again);
    buf_release(&without);
}

static size_t common_ends(struct bytes a, struct bytes b)
{
    size_t least = a.len < b.len ? a.len : b.len, head = 0, tail = 0;
    while (head < least && a.data[head] == b.data[head])
        head++;
    while (tail < least - head && a.data[a.len - 1 - tail] == b.data[b.len - 1 - tail])
        tail++;
    return head + tail;
}

/* The value of an id may have been written six times as long, in escapes, with quotes around. */
static void check_update(struct bytes text, enum wrangler_syntax syntax,
                         const struct wrangler_binding *b)
{
    struct wrangler_edit e = {.env = b->env, .binding = b->binding, .id = bytes_of("new id")};
    struct wrangler_edit removal = {.verb = WRANGLER_REMOVE, .env = b->env, .binding = b->binding};
    struct wrangler_edit no_preview = {
        .env = b->env, .binding = b->binding, .preview_id = bytes_of("")};
    struct buf out = {0}, less = {0}, changes = {0};
    bool there;
    if (b->id.data && edit(text, syntax, &e, &out)) {
        insist(count_bindings(buf_bytes(&out), syntax, &e, &there) > 0 && there);
        size_t kept = common_ends(text, buf_bytes(&out));
        insist(buf_bytes(&out).len - kept <= strlen("\"new id\""));
        wrangler_config_diff(text, buf_bytes(&out), &changes);
        insist(bytes_equal(text, buf_bytes(&out)) == (changes.len == 0));
    }
    if (edit(text, syntax, &removal, &less))
        insist(is_subsequence(buf_bytes(&less), text));
    buf_clear(&less);
    if (edit(text, syntax, &no_preview, &less))
        insist(is_subsequence(buf_bytes(&less), text));
    buf_release(&out);
    buf_release(&less);
    buf_release(&changes);
}

/* What is said of places is true, and each binding is found under its section. */
static void check_facts(struct bytes text, const struct wrangler_config *config)
{
    size_t lines = 1;
    for (size_t i = 0; i < text.len; i++)
        lines += text.data[i] == '\n';
    insist(config->account_line <= lines && config->pages_line <= lines);
    insist((config->account_line > 0) >= (config->account_id.data != NULL));
    for (size_t i = 0; i < config->n_unread; i++)
        insist(config->unread[i].line > 0 && config->unread[i].line <= lines);
    for (size_t i = 0; i < config->n_bindings; i++) {
        const struct wrangler_binding *b = &config->bindings[i];
        insist(b->line > 0 && b->line <= lines);
        insist(wrangler_config_binding(config, b->env, b->binding) == b);
        insist(!b->env.data || wrangler_is_previews(b->env)
                   ? !b->env.data || config->previews_line > 0
                   : wrangler_config_environment(config, b->env) != NULL);
    }
}

/* All edits at once are what they are one after the other. */
static void check_all(struct bytes text, enum wrangler_syntax syntax,
                      const struct wrangler_config *config, const struct wrangler_edit *e)
{
    struct wrangler_edit edits[8] = {*e};
    struct buf at_once = {0}, step = {0}, next = {0};
    struct error err;
    size_t n = 1;
    for (size_t i = 0; i < config->n_bindings && n < 8; i++)
        edits[n++] = (struct wrangler_edit){
            .verb = i % 2 ? WRANGLER_SET : WRANGLER_REMOVE,
            .env = config->bindings[i].env,
            .binding = config->bindings[i].binding,
            .id = bytes_of("ffffffffffffffffffffffffffffffff"),
        };
    bool ok = wrangler_config_edit(text, syntax, edits, n, &at_once, &err);
    buf_add_bytes(&step, text);
    for (size_t i = 0; ok && i < n; i++) {
        insist(edit(buf_bytes(&step), syntax, &edits[i], &next));
        buf_clear(&step);
        buf_add_bytes(&step, buf_bytes(&next));
        buf_clear(&next);
    }
    insist(!ok || bytes_equal(buf_bytes(&step), buf_bytes(&at_once)));
    buf_release(&at_once);
    buf_release(&step);
    buf_release(&next);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    enum wrangler_syntax syntax = data[0] & 1 ? WRANGLER_JSON : WRANGLER_TOML;
    struct bytes text = bytes_make((const char *)data + 1, size - 1);
    struct wrangler_edit e = {.binding = bytes_of("FUZZED"), .id = bytes_of("0123456789abcdef")};
    struct wrangler_config config;
    struct error err;
    static const char *const sections[] = {NULL, "prod", WRANGLER_PREVIEWS, "my env"};
    e.env = bytes_of(sections[data[0] >> 1 & 3]);
    if (data[0] & 8)
        e.preview_id = bytes_of("fedcba9876543210");
    bool ok = wrangler_config_read(text, syntax, &config, &err);
    insist(ok || err.code == ERR_FORMAT || err.code == ERR_LIMIT);
    if (ok) {
        check_facts(text, &config);
        check_new(text, syntax, &e);
        check_all(text, syntax, &config, &e);
    }
    for (size_t i = 0; ok && i < config.n_bindings && i < 3; i++)
        check_update(text, syntax, &config.bindings[i]);
    wrangler_config_release(&config);
    return 0;
}
