/* Reading a namespace in the order of its keys. */
#include "test_kv_kit.h"

static struct reader *reader_of(struct shaky *s, bool values, struct bytes prefix,
                                struct bytes after)
{
    struct read_options o = {.store = &s->base,
                             .id = bytes_of("ns"),
                             .prefix = prefix,
                             .after = after,
                             .values = values};
    return reader_open(&o);
}

/* Everything as "key=value#metadata@expiration ", then the reader is closed. */
static void read_out(struct reader *r, struct buf *out)
{
    struct error err = {0};
    struct store_pair pair;
    bool end;
    while (reader_next(r, &pair, &end, &err) && !end) {
        buf_add_bytes(out, pair.key);
        buf_add_char(out, '=');
        buf_add_bytes(out, pair.value);
        if (pair.metadata.data) {
            buf_add_char(out, '#');
            buf_add_bytes(out, pair.metadata);
        }
        if (pair.expiration)
            buf_addf(out, "@%ld", (long)pair.expiration);
        buf_add_char(out, ' ');
    }
    if (!end)
        buf_addf(out, "FAILED: %s", err.message);
    reader_close(r);
}

static void fill(struct kit *kit, size_t n, size_t size)
{
    struct row row = {.n = n, .size = size};
    struct store_pair pair;
    uint64_t number;
    struct error err;
    while (pull_row(&row, &pair, &number, &err) == PULL_PAIR)
        expect_ok(put_many(kit, "ns", &pair, 1));
    row_release(&row);
}

/* ---- What is there --------------------------------------------------------------------------- */

static void pairs_come_whole_and_in_order(void **state)
{
    struct kit *kit = *state;
    struct shaky *s = shaky_over(kit);
    struct buf out = {0};
    expect_ok(put(kit, "ns", PAIR("b", "")));
    expect_ok(put(kit, "ns", PAIR("a\xc3\xa9", "\xff")));
    expect_ok(put(kit, "ns",
                  &(struct store_pair){.key = TEXT("a"),
                                       .value = TEXT("1"),
                                       .metadata = TEXT("{\"x\":1}"),
                                       .expiration = NOW + 1000}));
    read_out(reader_of(s, true, TEXT(""), TEXT("")), &out);
    assert_buf(&out, "a=1#{\"x\":1}@1700001000 a\xc3\xa9=\xff b= ");
    buf_release(&out);
}

static void without_values_only_pages_are_asked_for(void **state)
{
    struct kit *kit = *state;
    struct shaky *s = shaky_over(kit);
    struct buf out = {0};
    expect_ok(
        put(kit, "ns",
            &(struct store_pair){.key = TEXT("a"), .value = TEXT("1"), .metadata = TEXT("[1]")}));
    read_out(reader_of(s, false, TEXT(""), TEXT("")), &out);
    assert_buf(&out, "a=#[1] ");
    assert_int_equal(s->started, 1);
    buf_release(&out);
}

static void an_empty_namespace_ends_at_once(void **state)
{
    struct shaky *s = shaky_over(*state);
    struct buf out = {0};
    read_out(reader_of(s, true, TEXT(""), TEXT("")), &out);
    assert_int_equal(out.len, 0);
    reader_close(NULL);
}

static void only_a_prefix_or_what_is_behind_a_key(void **state)
{
    struct kit *kit = *state;
    struct shaky *s = shaky_over(kit);
    struct buf out = {0};
    fill(kit, 1250, 1);
    read_out(reader_of(s, true, TEXT("k00000"), TEXT("k000007")), &out);
    assert_buf(&out, "k000008=v k000009=v ");
    buf_clear(&out);
    read_out(reader_of(s, true, TEXT(""), TEXT("k001248")), &out);
    assert_buf(&out, "k001249=v k001250=v ");
    buf_clear(&out);
    read_out(reader_of(s, false, TEXT(""), TEXT("k001249")), &out);
    assert_buf(&out, "k001250= ");
    buf_release(&out);
}

/* ---- How it is asked for --------------------------------------------------------------------- */

static size_t count_in_order(struct reader *r, size_t size)
{
    struct error err = {0};
    struct store_pair pair;
    char want[16];
    size_t n = 0;
    for (bool end = false; !end;) {
        if (!reader_next(r, &pair, &end, &err))
            fail_msg("%s", err.message);
        if (end)
            break;
        snprintf(want, sizeof want, "k%06zu", ++n);
        assert_bytes(pair.key, bytes_of(want));
        assert_int_equal(pair.value.len, size);
    }
    return n;
}

static void several_gets_are_in_flight_whatever_order_they_end_in(void **state)
{
    struct kit *kit = *state;
    struct shaky *s = shaky_over(kit);
    fill(kit, 3210, 3);
    s->slots = SLOTS;
    s->last_first = 1;
    struct reader *r = reader_of(s, true, TEXT(""), TEXT(""));
    assert_int_equal(count_in_order(r, 3), 3210);
    assert_int_equal(reader_requests(r), 4 + 33);
    assert_int_equal(s->most, SLOTS);
    reader_close(r);
}

static void what_is_read_ahead_is_bounded(void **state)
{
    struct kit *kit = *state;
    struct shaky *s = shaky_over(kit);
    struct error err = {0};
    struct store_pair pair;
    bool end;
    fill(kit, 1000, 50 * 1024); /* a get brings 5 MB */
    s->slots = SLOTS;
    struct reader *r = reader_of(s, true, TEXT(""), TEXT(""));
    assert_true(reader_next(r, &pair, &end, &err));
    assert_true(reader_requests(r) <= 1 + 4);
    assert_int_equal(s->n, 0);
    reader_close(r);
}

static void nothing_is_in_flight_between_two_calls(void **state)
{
    struct kit *kit = *state;
    struct shaky *s = shaky_over(kit);
    struct error err = {0};
    struct store_pair pair;
    bool end = false;
    fill(kit, 500, 1);
    struct reader *r = reader_of(s, true, TEXT(""), TEXT(""));
    for (size_t n = 0; !end; n++) {
        assert_true(reader_next(r, &pair, &end, &err));
        assert_int_equal(s->started, s->answered);
        if (!end)
            expect_ok(delete_key(kit, "ns", pair.key));
    }
    reader_close(r);
}

/* ---- Keys that are named --------------------------------------------------------------------- */

struct named_keys {
    const char *const *keys; /* ends with NULL */
    size_t at, n;            /* n: the whole list so often */
};

static enum pull pull_named(void *ctx, struct bytes *key, struct error *err)
{
    struct named_keys *named = ctx;
    (void)err;
    if (!named->keys[named->at] && named->n-- > 1)
        named->at = 0;
    if (!named->keys[named->at])
        return PULL_END;
    *key = bytes_of(named->keys[named->at++]);
    return PULL_PAIR;
}

static struct reader *reader_of_keys(struct shaky *s, struct named_keys *named)
{
    struct read_options o = {.store = &s->base, .id = bytes_of("ns")};
    return reader_open_keys(&o, pull_named, named);
}

static void named_keys_come_as_asked_for_and_missing_ones_without_a_value(void **state)
{
    struct kit *kit = *state;
    struct shaky *s = shaky_over(kit);
    struct named_keys named = {(const char *const[]){"z", "none", "a", "z", "e", NULL}, 0, 1};
    struct buf out = {0};
    struct store_pair pair;
    struct error err;
    bool end;
    expect_ok(put(kit, "ns", PAIR("a", "1")));
    expect_ok(put(kit, "ns", PAIR("e", "")));
    expect_ok(put(kit, "ns", PAIR("z", "26")));
    struct reader *r = reader_of_keys(s, &named);
    while (reader_next(r, &pair, &end, &err) && !end) {
        buf_add_bytes(&out, pair.key);
        buf_addf(&out, "=%.*s ", BYTES_FMT(pair.value.data ? pair.value : TEXT("missing")));
    }
    assert_true(end);
    assert_buf(&out, "z=26 none=missing a=1 z=26 e= ");
    reader_close(r);
    buf_release(&out);
}

static void a_hundred_named_keys_are_a_get(void **state)
{
    struct kit *kit = *state;
    struct shaky *s = shaky_over(kit);
    static char names[250][8];
    static const char *list[251];
    struct named_keys named = {list, 0, 10};
    for (int i = 0; i < 250; i++) {
        snprintf(names[i], sizeof names[i], "k%d", i);
        list[i] = names[i];
    }
    s->slots = SLOTS;
    struct reader *r = reader_of_keys(s, &named);
    struct store_pair pair;
    struct error err;
    size_t n = 0;
    for (bool end = false; !end; n += !end)
        assert_true(reader_next(r, &pair, &end, &err));
    assert_int_equal(n, 2500);
    assert_int_equal(reader_requests(r), 25);
    reader_close(r);
}

/* ---- What goes wrong ------------------------------------------------------------------------- */

/* Listings of fixed pages over which values vanish: key "gone" has none. */
struct pages {
    struct store base;
    const char *const *keys; /* one a page; ends with NULL */
    bool stuck;
    size_t at;
};

static void answer_page(struct pages *p, const struct store_op *op, store_done_fn done, void *ctx)
{
    struct store_key key = {.key = bytes_of(p->keys[p->at])};
    struct store_result result = {.ok = true, .keys = &key, .n_keys = 1};
    char cursor[8];
    snprintf(cursor, sizeof cursor, "%zu", p->stuck ? 1 : ++p->at);
    if (p->stuck || p->keys[p->at])
        result.cursor = bytes_of(cursor);
    done(ctx, op, &result);
}

static void answer_get(const struct store_op *op, store_done_fn done, void *ctx)
{
    struct store_result result = {.ok = true};
    struct error err = {0};
    for (size_t i = op->n; i-- > 0;) {
        struct store_pair pair = {.key = op->keys[i], .value = TEXT("v")};
        if (!bytes_equal(pair.key, TEXT("gone")))
            assert_true(op->on_pair(op->on_pair_ctx, &pair, &err));
        assert_true(op->on_pair(op->on_pair_ctx, PAIR("never asked for", "x"), &err));
    }
    done(ctx, op, &result);
}

static bool pages_run(struct store *base, store_next_fn next, store_done_fn done, void *ctx,
                      struct error *err)
{
    struct store_op op = {0};
    (void)err;
    while (next(ctx, &op) == NEXT_OP) {
        if (op.kind == STORE_KEY_LIST)
            answer_page((struct pages *)base, &op, done, ctx);
        else
            answer_get(&op, done, ctx);
        op = (struct store_op){0};
    }
    return true;
}

static void read_pages(const char *const *keys, bool stuck, bool values, struct buf *out)
{
    static const struct store_class cls = {.target = "pages", .run = pages_run};
    struct pages p = {.base = {.cls = &cls}, .keys = keys, .stuck = stuck};
    struct read_options o = {.store = &p.base, .id = bytes_of("ns"), .values = values};
    read_out(reader_open(&o), out);
}

static void a_key_that_vanished_is_left_out(void **state)
{
    struct buf out = {0};
    (void)state;
    read_pages((const char *const[]){"a", "gone", "z", NULL}, false, true, &out);
    assert_buf(&out, "a=v z=v ");
    buf_release(&out);
}

static void a_key_listed_twice_is_read_once(void **state)
{
    struct buf out = {0};
    (void)state;
    read_pages((const char *const[]){"a", "a", "b", NULL}, false, true, &out);
    assert_buf(&out, "a=v b=v ");
    buf_release(&out);
}

static void a_listing_out_of_order_is_refused(void **state)
{
    struct buf out = {0};
    (void)state;
    read_pages((const char *const[]){"b", "a", NULL}, false, false, &out);
    assert_buf(&out, "b= FAILED: the listing of namespace 'ns' is not in order");
    buf_release(&out);
}

static void a_cursor_that_does_not_move_is_refused(void **state)
{
    struct buf out = {0};
    (void)state;
    read_pages((const char *const[]){"a", NULL}, true, true, &out);
    assert_non_null(strstr(out.data, "FAILED: the listing of namespace 'ns' does not go on"));
    buf_release(&out);
}

static void a_failed_operation_ends_it(void **state)
{
    struct kit *kit = *state;
    struct shaky *s = shaky_over(kit);
    struct buf out = {0};
    fill(kit, 3, 1);
    s->fail_at = 2;
    s->fail_code = ERR_FAILED;
    read_out(reader_of(s, true, TEXT(""), TEXT("")), &out);
    assert_buf(&out, "FAILED: cannot read values of namespace 'ns': operation 2 failed");
    buf_release(&out);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start_memory, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pairs_come_whole_and_in_order),
        TEST(without_values_only_pages_are_asked_for),
        TEST(an_empty_namespace_ends_at_once),
        TEST(only_a_prefix_or_what_is_behind_a_key),
        TEST(several_gets_are_in_flight_whatever_order_they_end_in),
        TEST(what_is_read_ahead_is_bounded),
        TEST(nothing_is_in_flight_between_two_calls),
        TEST(named_keys_come_as_asked_for_and_missing_ones_without_a_value),
        TEST(a_hundred_named_keys_are_a_get),
        TEST(a_key_that_vanished_is_left_out),
        TEST(a_key_listed_twice_is_read_once),
        TEST(a_listing_out_of_order_is_refused),
        TEST(a_cursor_that_does_not_move_is_refused),
        TEST(a_failed_operation_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
