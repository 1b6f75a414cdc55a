/* Putting and deleting many: batches, what is in flight, what failed, what was done before. */
#include "test_kv_kit.h"

struct sending {
    struct kv_counts counts;
    struct buf failed;
    struct sender_options o;
};

static struct sender_options options(struct shaky *s, struct sending *c)
{
    return (struct sender_options){.store = &s->base,
                                   .id = bytes_of("ns"),
                                   .jobs = SLOTS,
                                   .on_failed = note_failed,
                                   .on_failed_ctx = &c->failed,
                                   .counts = &c->counts};
}

static bool put_all(const struct sender_options *o, struct row *row, struct error *err)
{
    bool ok = sender_stream(o, pull_row, row, err);
    row_release(row);
    return ok;
}

static size_t count_keys(struct kit *kit)
{
    struct bytes cursor = TEXT("");
    size_t n = 0;
    do {
        const struct answer *page = expect_ok(list_keys(kit, "ns", TEXT(""), cursor));
        n += page->n_keys;
        cursor = page->cursor;
    } while (cursor.len > 0);
    return n;
}

/* ---- Batches --------------------------------------------------------------------------------- */

static void ten_thousand_pairs_are_a_batch(void **state)
{
    struct kit *kit = *state;
    struct shaky *s = shaky_over(kit);
    struct sending c = {0};
    struct error err = {0};
    struct sender_options o = options(s, &c);
    assert_true(put_all(&o, &(struct row){.n = 30001, .size = 5}, &err));
    assert_int_equal(s->started, 4);
    assert_int_equal(c.counts.requests, 4);
    assert_int_equal(c.counts.keys, 30001);
    assert_int_equal(c.counts.bytes, 30001 * (7 + 5));
    assert_int_equal(count_keys(kit), 30001);
    assert_bytes(value_of(kit, "ns", TEXT("k030001")), TEXT("vvvvv"));
}

static void bytes_end_a_batch_too_and_bound_what_is_in_flight(void **state)
{
    struct shaky *s = shaky_over(*state);
    struct sending c = {0};
    struct error err = {0};
    struct sender_options o = options(s, &c);
    s->slots = SLOTS;
    assert_true(put_all(&o, &(struct row){.n = 300, .size = 100 * 1024}, &err));
    assert_int_equal(s->started, 8); /* 40 of them are just below 4 MiB */
    assert_int_equal(s->most, 3);
    assert_true(s->most_bytes <= SENDER_FLIGHT_BYTES);
}

static void large_values_go_alone(void **state)
{
    struct shaky *s = shaky_over(*state);
    struct sending c = {0};
    struct error err = {0};
    struct sender_options o = options(s, &c);
    s->slots = SLOTS;
    assert_true(put_all(&o, &(struct row){.n = 3, .size = 7 * 1024 * 1024}, &err));
    assert_int_equal(s->started, 3);
    assert_int_equal(s->most, 1); /* two do not fit into what may be in flight */
}

static void as_many_are_in_flight_as_there_are_jobs(void **state)
{
    struct shaky *s = shaky_over(*state);
    struct sending c = {0};
    struct error err = {0};
    struct sender_options o = options(s, &c);
    s->slots = SLOTS;
    o.jobs = 2;
    assert_true(put_all(&o, &(struct row){.n = 50000, .size = 1}, &err));
    assert_int_equal(s->most, 2);
}

static void nothing_is_sent_for_nothing(void **state)
{
    struct shaky *s = shaky_over(*state);
    struct sending c = {0};
    struct error err = {0};
    struct sender_options o = options(s, &c);
    assert_true(put_all(&o, &(struct row){.n = 0}, &err));
    assert_int_equal(s->started, 0);
}

/* ---- One after the other --------------------------------------------------------------------- */

static void added_pairs_are_sent_when_there_are_enough(void **state)
{
    struct shaky *s = shaky_over(*state);
    struct sending c = {0};
    struct error err = {0};
    struct sender_options o = options(s, &c);
    struct row row = {.n = 45000, .size = 3};
    struct store_pair pair;
    uint64_t number;
    o.jobs = 2;
    struct sender *p = sender_open(&o);
    while (pull_row(&row, &pair, &number, &err) == PULL_PAIR)
        assert_true(sender_add(p, &pair, number, &err));
    assert_int_equal(s->answered, 4);
    assert_int_equal(s->most, 2);
    assert_true(sender_close(p, &err));
    assert_int_equal(s->answered, 5);
    assert_int_equal(count_keys(*state), 45000);
    row_release(&row);
}

static void an_abandoned_put_sends_nothing_more(void **state)
{
    struct shaky *s = shaky_over(*state);
    struct sending c = {0};
    struct error err = {0};
    struct sender_options o = options(s, &c);
    struct sender *p = sender_open(&o);
    assert_true(sender_add(p, PAIR("a", "1"), 1, &err));
    sender_abandon(p);
    sender_abandon(NULL);
    assert_int_equal(s->started, 0);
}

/* ---- What a pair brings ---------------------------------------------------------------------- */

static void the_default_ttl_is_for_pairs_that_say_nothing(void **state)
{
    struct kit *kit = *state;
    struct shaky *s = shaky_over(kit);
    struct sending c = {0};
    struct error err = {0};
    struct sender_options o = options(s, &c);
    o.default_ttl = 3600;
    struct sender *p = sender_open(&o);
    struct store_pair until = {.key = TEXT("b"), .expiration = NOW + 100000};
    struct store_pair lasting = {.key = TEXT("c"), .expiration_ttl = 60};
    assert_true(sender_add(p, PAIR("a", "1"), 1, &err) && sender_add(p, &until, 2, &err) &&
                sender_add(p, &lasting, 3, &err) && sender_close(p, &err));
    const struct answer *a = expect_ok(list_keys(kit, "ns", TEXT(""), TEXT("")));
    assert_int_equal(a->keys[0].expiration, NOW + 3600);
    assert_int_equal(a->keys[1].expiration, NOW + 100000);
    assert_int_equal(a->keys[2].expiration, NOW + 60);
}

static void metadata_goes_along_and_none_stays_none(void **state)
{
    struct kit *kit = *state;
    struct shaky *s = shaky_over(kit);
    struct sending c = {0};
    struct error err = {0};
    struct sender_options o = options(s, &c);
    struct sender *p = sender_open(&o);
    struct store_pair with = {.key = TEXT("b"), .value = TEXT("2"), .metadata = TEXT("[1]")};
    assert_true(sender_add(p, PAIR("a", ""), 1, &err) && sender_add(p, &with, 2, &err) &&
                sender_add(p, PAIR("c", "3"), 3, &err) && sender_close(p, &err));
    const struct answer *a = expect_ok(list_keys(kit, "ns", TEXT(""), TEXT("")));
    assert_null(a->keys[0].metadata.data);
    assert_bytes(a->keys[1].metadata, TEXT("[1]"));
    assert_bytes(value_of(kit, "ns", TEXT("c")), TEXT("3"));
}

/* ---- Failing --------------------------------------------------------------------------------- */

static void refused_keys_are_told_and_the_others_written(void **state)
{
    struct shaky *s = shaky_over(*state);
    struct sending c = {0};
    struct error err = {0};
    struct sender_options o = options(s, &c);
    s->refuse = TEXT("k00002");
    assert_true(put_all(&o, &(struct row){.n = 100, .size = 5}, &err));
    assert_int_equal(c.counts.failed, 10);
    assert_int_equal(c.counts.keys, 90);
    assert_int_equal(c.counts.bytes, 90 * 12);
    assert_non_null(strstr(c.failed.data, "k000020: the store did not take it"));
    assert_non_null(strstr(c.failed.data, "k000029: "));
    buf_release(&c.failed);
}

static void a_batch_that_fails_names_its_keys_and_ends_the_work(void **state)
{
    struct shaky *s = shaky_over(*state);
    struct sending c = {0};
    struct error err = {0};
    struct sender_options o = options(s, &c);
    s->slots = 2;
    s->fail_at = 2;
    s->fail_code = ERR_LIMIT;
    assert_false(put_all(&o, &(struct row){.n = 90000, .size = 1}, &err));
    assert_int_equal(err.code, ERR_LIMIT);
    assert_string_equal(err.message, "operation 2 failed");
    assert_int_equal(s->started, 3); /* the third was in flight already */
    assert_int_equal(c.counts.keys, 20000);
    assert_int_equal(c.counts.failed, 10000);
    assert_non_null(strstr(c.failed.data, "k010001: operation 2 failed\n"));
    assert_non_null(strstr(c.failed.data, "k020000: operation 2 failed\n"));
    buf_release(&c.failed);
}

static void an_interrupt_is_no_failure_of_keys(void **state)
{
    struct shaky *s = shaky_over(*state);
    struct sending c = {0};
    struct error err = {0};
    struct sender_options o = options(s, &c);
    s->fail_at = 1;
    s->fail_code = ERR_INTERRUPTED;
    assert_false(put_all(&o, &(struct row){.n = 10, .size = 1}, &err));
    assert_int_equal(err.code, ERR_INTERRUPTED);
    assert_int_equal(c.counts.failed, 0);
}

static void what_is_in_flight_is_settled_when_the_source_fails(void **state)
{
    struct shaky *s = shaky_over(*state);
    struct sending c = {0};
    struct error err = {0};
    struct sender_options o = options(s, &c);
    assert_false(put_all(&o, &(struct row){.n = 30000, .size = 1, .fail_from = 25000}, &err));
    assert_string_equal(err.message, "item 25000 is broken");
    assert_int_equal(c.counts.keys, 20000);
}

/* ---- Going on -------------------------------------------------------------------------------- */

static struct resume *journal(const char *root)
{
    struct error err = {0};
    struct digest work = {{0}};
    struct resume *r = resume_open(root, &work, "test", false, NOW, 0, &err);
    assert_non_null(r);
    return r;
}

static void a_second_run_sends_only_what_the_first_did_not(void **state)
{
    struct kit *kit = *state;
    struct shaky *s = shaky_over(kit);
    struct sending c = {0}, again = {0};
    struct error err = {0};
    struct sender_options o = options(s, &c);
    make_folder(kit->root);
    o.resume = journal(kit->root);
    s->slots = 3;
    s->fail_at = 3;
    s->fail_code = ERR_FAILED;
    s->last_first = 1;
    assert_false(put_all(&o, &(struct row){.n = 45000, .size = 1}, &err));
    assert_true(resume_end(o.resume, false, &err));
    assert_int_equal(c.counts.keys, 20000);

    o = options(s, &again);
    o.resume = journal(kit->root);
    assert_int_equal(resume_count(o.resume), 20000);
    s->fail_at = 0;
    s->pairs = 0;
    assert_true(put_all(&o, &(struct row){.n = 45000, .size = 1}, &err));
    assert_true(resume_end(o.resume, true, &err));
    assert_int_equal(s->pairs, 25000);
    assert_int_equal(again.counts.skipped, 20000);
    assert_int_equal(again.counts.keys, 25000);
    assert_int_equal(count_keys(kit), 45000);
    buf_release(&c.failed);
    remove_tree(kit->root);
}

static void refused_keys_are_not_done(void **state)
{
    struct kit *kit = *state;
    struct shaky *s = shaky_over(kit);
    struct sending c = {0};
    struct error err = {0};
    struct sender_options o = options(s, &c);
    make_folder(kit->root);
    o.resume = journal(kit->root);
    s->refuse = TEXT("k00001");
    assert_true(put_all(&o, &(struct row){.n = 30, .size = 1}, &err));
    assert_true(resume_end(o.resume, false, &err));
    o.resume = journal(kit->root);
    assert_int_equal(resume_count(o.resume), 20);
    assert_true(resume_has(o.resume, 9));
    assert_false(resume_has(o.resume, 10));
    assert_false(resume_has(o.resume, 19));
    assert_true(resume_has(o.resume, 20));
    assert_true(resume_end(o.resume, true, &err));
    buf_release(&c.failed);
    remove_tree(kit->root);
}

/* ---- Deleting -------------------------------------------------------------------------------- */

static bool delete_all(struct shaky *s, struct sending *c, struct row *row, struct error *err)
{
    struct sender_options o = options(s, c);
    bool ok = sender_delete(&o, pull_row_key, row, err);
    row_release(row);
    return ok;
}

static void ten_thousand_keys_are_a_batch(void **state)
{
    struct kit *kit = *state;
    struct shaky *s = shaky_over(kit);
    struct sending c = {0};
    struct error err = {0};
    expect_ok(put(kit, "ns", PAIR("k000001", "v")));
    expect_ok(put(kit, "ns", PAIR("k025000", "v")));
    expect_ok(put(kit, "ns", PAIR("stays", "v")));
    assert_true(delete_all(s, &c, &(struct row){.n = 25000}, &err));
    assert_int_equal(s->started, 3);
    assert_int_equal(c.counts.keys, 25000);
    assert_int_equal(c.counts.requests, 3);
    const struct answer *left = expect_ok(list_keys(kit, "ns", TEXT(""), TEXT("")));
    assert_int_equal(left->n_keys, 1);
    assert_bytes(left->keys[0].key, TEXT("stays"));
}

static void refused_keys_are_told_and_the_others_removed(void **state)
{
    struct kit *kit = *state;
    struct shaky *s = shaky_over(kit);
    struct sending c = {0};
    struct error err = {0};
    expect_ok(put(kit, "ns", PAIR("k000001", "v")));
    s->refuse = TEXT("k000002");
    assert_true(delete_all(s, &c, &(struct row){.n = 3}, &err));
    assert_int_equal(c.counts.keys, 2);
    assert_int_equal(c.counts.failed, 1);
    assert_buf(&c.failed, "k000002: the store did not take it\n");
    assert_absent(kit, "ns", TEXT("k000001"));
    buf_release(&c.failed);
}

static void a_batch_that_fails_ends_the_work(void **state)
{
    struct shaky *s = shaky_over(*state);
    struct sending c = {0};
    struct error err = {0};
    s->slots = 1;
    s->fail_at = 1;
    s->fail_code = ERR_NOT_FOUND;
    assert_false(delete_all(s, &c, &(struct row){.n = 20000}, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_int_equal(s->started, 1);
    assert_int_equal(c.counts.failed, 10000);
    assert_int_equal(c.counts.keys, 0);
    buf_release(&c.failed);
}

/* ---- Books of one's own ---------------------------------------------------------------------- */

/* Gives what a script says, a letter at a time: "|" cuts, "-" drops, any other is a pair of that
 * key; capitals go into the namespace "other". Notes what came of each batch. */
struct books {
    const char *script;
    const struct shaky *shaky;
    size_t given, cut; /* pairs since the last batch; batches that were cut */
    char key[2];
    struct buf told;
};

static enum pull pull_letter(void *ctx, struct store_pair *pair, uint64_t *number,
                             struct error *err)
{
    struct books *books = ctx;
    (void)err;
    assert_int_equal(books->shaky->started, books->cut);
    books->key[0] = *books->script;
    if (!books->key[0])
        return PULL_END;
    books->script++;
    if (books->key[0] == '|' || books->key[0] == '-') {
        books->cut += books->key[0] == '|' && books->given > 0;
        books->given = 0;
        return books->key[0] == '|' ? PULL_CUT : PULL_DROP;
    }
    books->given++;
    *number = (uint64_t)books->key[0];
    *pair = (struct store_pair){.key = bytes_of(books->key), .value = TEXT("v")};
    return PULL_PAIR;
}

static void where_letter(void *ctx, uint64_t number, struct bytes *account, struct bytes *id)
{
    (void)ctx;
    *account = TEXT("");
    *id = number >= 'A' && number <= 'Z' ? TEXT("other") : TEXT("ns");
}

static bool note_answer(void *ctx, const struct batch *b, const struct error *cause,
                        struct error *err)
{
    struct books *books = ctx;
    (void)err;
    for (size_t i = 0; i < b->n; i++) {
        assert_true(b->numbers[i] == (uint64_t)b->pairs[i].key.data[0]);
        buf_addf(&books->told, "%s%.*s", batch_failed(b, i) ? "!" : "", BYTES_FMT(b->pairs[i].key));
    }
    buf_addf(&books->told, b->refused ? " (%s)\n" : "\n", cause->message);
    return true;
}

static void keep_books(struct shaky *s, const char *script, const char *told)
{
    struct sending c = {0};
    struct error err = {0};
    struct books books = {.script = script, .shaky = s};
    struct sender_options o = options(s, &c);
    o.where = where_letter;
    o.on_answer = note_answer;
    o.books = &books;
    assert_true(sender_stream(&o, pull_letter, &books, &err));
    assert_buf(&books.told, told);
    assert_int_equal(c.counts.requests, s->answered);
    buf_release(&books.told);
}

static void what_is_cut_goes_out_by_itself_to_where_it_is_said(void **state)
{
    struct kit *kit = *state;
    expect_ok(create(kit, "other", "other"));
    keep_books(shaky_over(kit), "|ab|AB|||c", "ab\nAB\nc\n");
    assert_bytes(value_of(kit, "ns", TEXT("c")), TEXT("v"));
    assert_bytes(value_of(kit, "other", TEXT("A")), TEXT("v"));
    assert_absent(kit, "ns", TEXT("A"));
    assert_absent(kit, "other", TEXT("a"));
}

static void what_is_cut_is_sent_before_more_is_asked_for(void **state)
{
    struct shaky *s = shaky_over(*state);
    s->slots = 2;
    keep_books(s, "a|b|c|d", "a\nb\nc\nd\n"); /* pull_letter looks */
    assert_int_equal(s->most, 2);
}

static void what_is_dropped_is_not_sent(void **state)
{
    struct kit *kit = *state;
    keep_books(shaky_over(kit), "-a|bc-d|e-", "a\nd\n");
    assert_absent(kit, "ns", TEXT("b"));
    assert_absent(kit, "ns", TEXT("e"));
}

static void who_keeps_books_goes_on_after_a_refusal(void **state)
{
    struct shaky *s = shaky_over(*state);
    s->fail_at = 1;
    s->fail_code = ERR_LIMIT;
    s->refuse = TEXT("d");
    keep_books(s, "ab|cde", "!a!b (operation 1 failed)\nc!de\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start_memory, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ten_thousand_pairs_are_a_batch),
        TEST(bytes_end_a_batch_too_and_bound_what_is_in_flight),
        TEST(large_values_go_alone),
        TEST(as_many_are_in_flight_as_there_are_jobs),
        TEST(nothing_is_sent_for_nothing),
        TEST(added_pairs_are_sent_when_there_are_enough),
        TEST(an_abandoned_put_sends_nothing_more),
        TEST(the_default_ttl_is_for_pairs_that_say_nothing),
        TEST(metadata_goes_along_and_none_stays_none),
        TEST(refused_keys_are_told_and_the_others_written),
        TEST(a_batch_that_fails_names_its_keys_and_ends_the_work),
        TEST(an_interrupt_is_no_failure_of_keys),
        TEST(what_is_in_flight_is_settled_when_the_source_fails),
        TEST(a_second_run_sends_only_what_the_first_did_not),
        TEST(refused_keys_are_not_done),
        TEST(ten_thousand_keys_are_a_batch),
        TEST(refused_keys_are_told_and_the_others_removed),
        TEST(a_batch_that_fails_ends_the_work),
        TEST(what_is_cut_goes_out_by_itself_to_where_it_is_said),
        TEST(what_is_cut_is_sent_before_more_is_asked_for),
        TEST(what_is_dropped_is_not_sent),
        TEST(who_keeps_books_goes_on_after_a_refusal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
