/*
 * fuzz_diff.c: any two values, split at the first NUL, through the comparer of values.
 *
 * Beyond not crashing: what it writes is JSON, bounded or not, and applying it to the first value
 * gives the second.
 */
#include "../unit/test_diff_apply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct json *write_diff(struct bytes a, struct bytes b, const struct diff_options *options)
{
    struct buf out = {0};
    struct error err;
    struct json_writer w = json_writer_to(&out, 0);
    struct diff_value before = diff_value_of(a), after = diff_value_of(b);
    value_diff(&w, &before, &after, options);
    struct json *diff = json_doc_parse(buf_bytes(&out), &err);
    insist(diff != NULL);
    buf_release(&out);
    return diff;
}

static bool is_kind(const struct json *diff, const char *kind)
{
    return bytes_equal(diff_text(diff, "kind"), bytes_of(kind));
}

/* Two texts of one line are strings to each other: the change of all of it. */
static bool is_whole(const struct json *diff)
{
    const struct json *change = json_first(json_member(diff, "changes"));
    return !change || diff_text(change, "path").len == 0;
}

static void check_changes(struct bytes a, struct bytes b, const struct json *diff)
{
    struct buf got = {0};
    struct arena arena = {0};
    apply_changes(a, diff, &got);
    const struct json_node *x = json_tree_read(&arena, buf_bytes(&got));
    const struct json_node *y = json_tree_read(&arena, b);
    insist(x && y && json_node_equal(x, y));
    arena_release(&arena);
    buf_release(&got);
}

static void check_hunks(struct bytes a, struct bytes b, const struct json *diff)
{
    struct buf got = {0};
    apply_hunks(a, diff, &got);
    insist(bytes_equal(buf_bytes(&got), b));
    buf_release(&got);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct diff_options whole = {.limits = {0}};
    static const struct diff_options brief = {
        .json = true, .limits = {.changes = 3, .lines = 5, .leaf = 24, .line = 30, .value = 10}};
    const uint8_t *split = size > 0 ? memchr(data, '\0', size) : NULL;
    size_t at = split ? (size_t)(split - data) : size;
    struct bytes a = bytes_make((const char *)data, at);
    struct bytes b = bytes_make((const char *)data + at + !!split, size - at - !!split);
    struct json *diff = write_diff(a, b, &whole);
    if (is_kind(diff, "json") && !is_whole(diff))
        check_changes(a, b, diff);
    else if (is_kind(diff, "text"))
        check_hunks(a, b, diff);
    json_doc_free(diff);
    json_doc_free(write_diff(a, b, &brief));
    return 0;
}
