/* What every kind of store promises (store.h): each test runs against each of them. */
#include "test_emulated_store.h"

#include "model/model.h"
#include "store/dry.h"

/* ---- Namespaces ------------------------------------------------------------------------------ */

static void a_fresh_store_has_no_namespaces(void **state)
{
    const struct answer *a = expect_ok(list_namespaces(*state, "", 1));
    assert_int_equal(a->n_namespaces, 0);
    assert_int_equal(a->total, 0);
}

static void a_created_namespace_is_listed_and_got_by_its_id(void **state)
{
    struct kit *kit = *state;
    const struct answer *a = expect_ok(create(kit, "ns1", "shop-config-prod"));
    assert_int_equal(a->n_namespaces, 1);
    assert_bytes(a->namespaces[0].id, TEXT("ns1"));
    assert_bytes(a->namespaces[0].title, TEXT("shop-config-prod"));
    assert_false(a->existed);

    a = expect_ok(on_namespace(kit, STORE_NAMESPACE_GET, "ns1", ""));
    assert_int_equal(a->n_namespaces, 1);
    assert_bytes(a->namespaces[0].title, TEXT("shop-config-prod"));

    a = expect_ok(list_namespaces(kit, "", 1));
    assert_int_equal(a->total, 1);
    assert_bytes(a->namespaces[0].id, TEXT("ns1"));
}

static void a_create_without_a_wanted_id_makes_one(void **state)
{
    struct kit *kit = *state;
    const struct answer *a = expect_ok(create(kit, "", "one"));
    const struct answer *b = expect_ok(create(kit, "", "two"));
    assert_int_equal(a->namespaces[0].id.len, 32);
    assert_false(bytes_equal(a->namespaces[0].id, b->namespaces[0].id));
}

static void a_wanted_id_that_another_namespace_has_is_replaced(void **state)
{
    struct kit *kit = *state;
    expect_ok(create(kit, "ns1", "one"));
    expect_ok(put(kit, "ns1", PAIR("k", "of one")));
    const struct answer *a = expect_ok(create(kit, "ns1", "two"));
    const struct answer *b = expect_ok(create(kit, "ns1", "three"));
    assert_int_equal(a->namespaces[0].id.len, 32);
    assert_false(bytes_equal(a->namespaces[0].id, b->namespaces[0].id));
    assert_absent(kit, a->namespaces[0].id.data, TEXT("k"));
    assert_bytes(value_of(kit, "ns1", TEXT("k")), TEXT("of one"));
}

static void a_taken_title_is_refused_and_the_first_namespace_stays(void **state)
{
    struct kit *kit = *state;
    expect_ok(create(kit, "ns1", "title"));
    expect_error(create(kit, "ns2", "title"), ERR_EXISTS);
    assert_int_equal(list_namespaces(kit, "", 1)->total, 1);
    expect_error(on_namespace(kit, STORE_NAMESPACE_GET, "ns2", ""), ERR_NOT_FOUND);
}

static void titles_are_unique_per_account_only(void **state)
{
    struct kit *kit = *state;
    struct store_op op = {.kind = STORE_NAMESPACE_CREATE, .title = TEXT("title")};
    op.account = TEXT("acc-a");
    op.id = TEXT("a1");
    expect_ok(run_op(kit, &op));
    op.account = TEXT("acc-b");
    op.id = TEXT("b1");
    expect_ok(run_op(kit, &op));

    const struct answer *a = expect_ok(list_namespaces(kit, "acc-a", 1));
    assert_int_equal(a->total, 1);
    assert_bytes(a->namespaces[0].id, TEXT("a1"));
    assert_int_equal(list_namespaces(kit, "", 1)->total, 0);
}

static void a_namespace_is_not_found_in_another_account(void **state)
{
    struct kit *kit = *state;
    expect_ok(create(kit, "ns1", "title"));
    struct store_op op = {.account = TEXT("other"), .id = TEXT("ns1"), .title = TEXT("new")};
    static const enum store_op_kind kinds[] = {STORE_NAMESPACE_GET, STORE_NAMESPACE_RENAME,
                                               STORE_NAMESPACE_DELETE, STORE_KEY_LIST};
    for (size_t i = 0; i < N_OF(kinds); i++) {
        op.kind = kinds[i];
        expect_error(run_op(kit, &op), ERR_NOT_FOUND);
    }
    assert_bytes(on_namespace(kit, STORE_NAMESPACE_GET, "ns1", "")->namespaces[0].title,
                 TEXT("title"));
}

static void a_rename_keeps_id_and_keys_and_frees_the_title(void **state)
{
    struct kit *kit = *state;
    expect_ok(create(kit, "ns1", "old"));
    expect_ok(put(kit, "ns1", PAIR("k", "v")));
    expect_ok(on_namespace(kit, STORE_NAMESPACE_RENAME, "ns1", "new"));
    assert_bytes(on_namespace(kit, STORE_NAMESPACE_GET, "ns1", "")->namespaces[0].title,
                 TEXT("new"));
    assert_bytes(value_of(kit, "ns1", TEXT("k")), TEXT("v"));
    expect_ok(create(kit, "ns2", "old"));
}

static void a_rename_to_its_own_title_succeeds(void **state)
{
    struct kit *kit = *state;
    expect_ok(create(kit, "ns1", "title"));
    expect_ok(on_namespace(kit, STORE_NAMESPACE_RENAME, "ns1", "title"));
}

static void a_rename_to_a_taken_title_changes_nothing(void **state)
{
    struct kit *kit = *state;
    expect_ok(create(kit, "ns1", "one"));
    expect_ok(create(kit, "ns2", "two"));
    expect_error(on_namespace(kit, STORE_NAMESPACE_RENAME, "ns1", "two"), ERR_EXISTS);
    assert_bytes(on_namespace(kit, STORE_NAMESPACE_GET, "ns1", "")->namespaces[0].title,
                 TEXT("one"));
}

static void a_deleted_namespace_is_gone_with_its_keys_and_its_id_comes_back_empty(void **state)
{
    struct kit *kit = *state;
    expect_ok(create(kit, "ns1", "title"));
    expect_ok(put(kit, "ns1", PAIR("k", "v")));
    expect_ok(on_namespace(kit, STORE_NAMESPACE_DELETE, "ns1", ""));
    assert_int_equal(list_namespaces(kit, "", 1)->total, 0);
    expect_error(get(kit, "ns1", TEXT("k")), ERR_NOT_FOUND);

    assert_false(expect_ok(create(kit, "ns1", "title"))->existed);
    assert_absent(kit, "ns1", TEXT("k"));
}

static void deleting_one_namespace_leaves_the_others(void **state)
{
    struct kit *kit = *state;
    expect_ok(create(kit, "ns1", "one"));
    expect_ok(create(kit, "ns2", "two"));
    expect_ok(put(kit, "ns1", PAIR("k", "1")));
    expect_ok(put(kit, "ns2", PAIR("k", "2")));
    expect_ok(on_namespace(kit, STORE_NAMESPACE_DELETE, "ns1", ""));
    assert_bytes(value_of(kit, "ns2", TEXT("k")), TEXT("2"));
}

static void an_unknown_namespace_is_not_found(void **state)
{
    struct kit *kit = *state;
    struct bytes key = TEXT("k");
    expect_error(on_namespace(kit, STORE_NAMESPACE_GET, "nope", ""), ERR_NOT_FOUND);
    expect_error(on_namespace(kit, STORE_NAMESPACE_RENAME, "nope", "t"), ERR_NOT_FOUND);
    expect_error(on_namespace(kit, STORE_NAMESPACE_DELETE, "nope", ""), ERR_NOT_FOUND);
    expect_error(list_keys(kit, "nope", TEXT(""), TEXT("")), ERR_NOT_FOUND);
    expect_error(get(kit, "nope", key), ERR_NOT_FOUND);
    expect_error(put(kit, "nope", PAIR("k", "v")), ERR_NOT_FOUND);
    expect_error(delete_key(kit, "nope", key), ERR_NOT_FOUND);
    expect_error(get(kit, "nope", key), ERR_NOT_FOUND);
}

static void namespaces_list_in_pages_of_a_thousand(void **state)
{
    struct kit *kit = *state;
    bool seen[1005] = {0};
    for (int i = 1004; i >= 0; i--)
        expect_ok(create(kit, "", arena_printf(&kit->arena, "title-%04d", i)));
    for (unsigned page = 1; page <= 2; page++) {
        const struct answer *a = expect_ok(list_namespaces(kit, "", page));
        assert_int_equal(a->n_namespaces, page == 1 ? STORE_PAGE : 5);
        assert_int_equal(a->total, 1005);
        for (size_t i = 0; i < a->n_namespaces; i++) {
            int n = atoi(a->namespaces[i].title.data + strlen("title-"));
            assert_false(seen[n]);
            seen[n] = true;
        }
    }
    assert_int_equal(expect_ok(list_namespaces(kit, "", 3))->n_namespaces, 0);
}

static void namespaces_list_by_title(void **state)
{
    struct kit *kit = *state;
    expect_ok(create(kit, "ns1", "b"));
    expect_ok(create(kit, "ns2", "c"));
    expect_ok(create(kit, "ns3", "a"));
    const struct answer *a = expect_ok(list_namespaces(kit, "", 1));
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(a->namespaces[i].title.data[0], 'a' + i);
}

/* ---- Values ---------------------------------------------------------------------------------- */

static void values_are_bytes_of_any_kind(void **state)
{
    struct kit *kit = *state;
    static const struct store_pair pairs[] = {
        {.key = {"empty", 5}, .value = {"", 0}},
        {.key = {"nul", 3}, .value = {"a\0b\0", 4}},
        {.key = {"bytes", 5}, .value = {"\xff\xfe\x80\n\r", 5}},
    };
    expect_ok(create(kit, "ns1", "title"));
    expect_ok(put_many(kit, "ns1", pairs, N_OF(pairs)));
    for (size_t i = 0; i < N_OF(pairs); i++)
        assert_bytes(value_of(kit, "ns1", pairs[i].key), pairs[i].value);
}

static void a_value_may_have_25_mib_and_not_a_byte_more(void **state)
{
    struct kit *kit = *state;
    char *data = calloc(1, KV_VALUE_MAX + 1);
    assert_non_null(data);
    memset(data, 0xff, KV_VALUE_MAX); /* no text: dear to write as JSON */
    struct store_pair pair = {.key = TEXT("k"), .value = {data, KV_VALUE_MAX}};
    expect_ok(create(kit, "ns1", "title"));
    expect_ok(put(kit, "ns1", &pair));
    assert_bytes(value_of(kit, "ns1", TEXT("k")), pair.value);

    pair.value.len++;
    expect_error(put(kit, "ns1", &pair), ERR_LIMIT);
    assert_int_equal(list_keys(kit, "ns1", TEXT(""), TEXT(""))->n_keys, 1);
    free(data);
}

static void a_put_replaces_value_metadata_and_expiry_together(void **state)
{
    struct kit *kit = *state;
    struct store_pair pair = {.key = TEXT("k"),
                              .value = TEXT("one"),
                              .metadata = TEXT("{\"a\":1}"),
                              .expiration = NOW + 1000};
    expect_ok(create(kit, "ns1", "title"));
    expect_ok(put(kit, "ns1", &pair));
    const struct answer *a = expect_ok(get(kit, "ns1", TEXT("k")));
    assert_bytes(a->pairs[0].metadata, TEXT("{\"a\":1}"));
    assert_int_equal(a->pairs[0].expiration, NOW + 1000);

    expect_ok(put(kit, "ns1", PAIR("k", "two")));
    a = expect_ok(get(kit, "ns1", TEXT("k")));
    assert_bytes(a->pairs[0].value, TEXT("two"));
    assert_null(a->pairs[0].metadata.data);
    assert_int_equal(a->pairs[0].expiration, 0);
    a = expect_ok(list_keys(kit, "ns1", TEXT(""), TEXT("")));
    assert_int_equal(a->n_keys, 1);
    assert_null(a->keys[0].metadata.data);
    assert_int_equal(a->keys[0].expiration, 0);
}

static void the_last_of_equal_keys_in_a_put_counts(void **state)
{
    struct kit *kit = *state;
    const struct store_pair pairs[] = {*PAIR("b", "1"), *PAIR("a", "2"), *PAIR("b", "3"),
                                       *PAIR("b", "4")};
    expect_ok(create(kit, "ns1", "title"));
    expect_ok(put_many(kit, "ns1", pairs, N_OF(pairs)));
    assert_bytes(value_of(kit, "ns1", TEXT("b")), TEXT("4"));
    assert_bytes(value_of(kit, "ns1", TEXT("a")), TEXT("2"));
    assert_int_equal(list_keys(kit, "ns1", TEXT(""), TEXT(""))->n_keys, 2);
}

static void a_get_tells_only_what_is_there(void **state)
{
    struct kit *kit = *state;
    const struct bytes keys[] = {TEXT("no"), TEXT("yes"), TEXT("yes/not")};
    expect_ok(create(kit, "ns1", "title"));
    expect_ok(put(kit, "ns1", PAIR("yes", "v")));
    const struct answer *a = expect_ok(on_keys(kit, STORE_BULK_GET, "ns1", keys, N_OF(keys)));
    assert_int_equal(a->n_pairs, 1);
    assert_bytes(a->pairs[0].key, TEXT("yes"));
}

static void put_numbered(struct kit *kit, const char *id, const char *prefix, size_t n)
{
    struct store_pair *pairs = arena_alloc(&kit->arena, n, sizeof *pairs);
    for (size_t i = 0; i < n; i++)
        pairs[i].key = bytes_of(arena_printf(&kit->arena, "%s%04zu", prefix, i * 7919 % n));
    expect_ok(put_many(kit, id, pairs, n));
}

/* In byte order with gaps, backwards, and with absent keys between. */
static void a_get_finds_keys_in_any_order(void **state)
{
    struct kit *kit = *state;
    static const size_t once[] = {0, 1, 2, 40, 41, 299, 400, 298, 3, 150, 500};
    struct bytes keys[N_OF(once)];
    expect_ok(create(kit, "ns1", "title"));
    put_numbered(kit, "ns1", "k", 300);
    for (size_t i = 0; i < N_OF(once); i++)
        keys[i] = bytes_of(arena_printf(&kit->arena, "k%04zu", once[i]));
    assert_int_equal(expect_ok(on_keys(kit, STORE_BULK_GET, "ns1", keys, N_OF(once)))->n_pairs, 9);
}

static bool refuse_pair(void *ctx, const struct store_pair *pair, struct error *err)
{
    (void)pair;
    ++*(int *)ctx;
    return error_set(err, ERR_GUARD, "no more");
}

static void a_get_ends_with_the_error_of_who_takes_the_pairs(void **state)
{
    struct kit *kit = *state;
    int calls = 0;
    const struct bytes keys[] = {TEXT("a"), TEXT("b")};
    expect_ok(create(kit, "ns1", "title"));
    expect_ok(put(kit, "ns1", PAIR("a", "1")));
    expect_ok(put(kit, "ns1", PAIR("b", "2")));
    const struct answer *a = run_op(kit, &(struct store_op){.kind = STORE_BULK_GET,
                                                            .id = TEXT("ns1"),
                                                            .keys = keys,
                                                            .n = 2,
                                                            .on_pair = refuse_pair,
                                                            .on_pair_ctx = &calls});
    expect_error(a, ERR_GUARD);
    assert_string_equal(a->error.message, "no more");
    assert_int_equal(calls, 1);
}

static void deleting_takes_only_what_was_named_and_minds_no_missing_key(void **state)
{
    struct kit *kit = *state;
    const struct store_pair pairs[] = {*PAIR("a", "1"), *PAIR("b", "2"), *PAIR("c", "3")};
    const struct bytes keys[] = {TEXT("a"), TEXT("missing"), TEXT("c"), TEXT("a")};
    expect_ok(create(kit, "ns1", "title"));
    expect_ok(delete_key(kit, "ns1", TEXT("a")));
    expect_ok(put_many(kit, "ns1", pairs, N_OF(pairs)));
    expect_ok(on_keys(kit, STORE_BULK_DELETE, "ns1", keys, N_OF(keys)));
    assert_absent(kit, "ns1", TEXT("a"));
    assert_absent(kit, "ns1", TEXT("c"));
    assert_bytes(value_of(kit, "ns1", TEXT("b")), TEXT("2"));
}

static void empty_bulks_do_nothing(void **state)
{
    struct kit *kit = *state;
    expect_ok(create(kit, "ns1", "title"));
    expect_ok(put_many(kit, "ns1", NULL, 0));
    expect_ok(on_keys(kit, STORE_BULK_DELETE, "ns1", NULL, 0));
    assert_int_equal(list_keys(kit, "ns1", TEXT(""), TEXT(""))->n_keys, 0);
}

/* ---- Keys ------------------------------------------------------------------------------------ */

static void keys_may_be_awkward(void **state)
{
    struct kit *kit = *state;
    char longest[512];
    memset(longest, 'k', sizeof longest);
    const struct bytes keys[] = {
        TEXT("a/b?c#d%41&e=f"), TEXT("with space "), TEXT(" "),
        TEXT("line\nfeed"),     TEXT("nul\0inside"), TEXT("Größe"),
        TEXT("日本語"),         TEXT("🗝️"),     TEXT("..."),
        TEXT("'; DROP --"),     TEXT("\"q\\\""),     {longest, sizeof longest},
    };
    expect_ok(create(kit, "ns1", "title"));
    for (size_t i = 0; i < N_OF(keys); i++) {
        struct store_pair pair = {.key = keys[i], .value = keys[i]};
        expect_ok(put(kit, "ns1", &pair));
    }
    for (size_t i = 0; i < N_OF(keys); i++)
        assert_bytes(value_of(kit, "ns1", keys[i]), keys[i]);
    const struct answer *a = expect_ok(list_keys(kit, "ns1", TEXT(""), TEXT("")));
    assert_int_equal(a->n_keys, N_OF(keys));
    for (size_t i = 1; i < a->n_keys; i++)
        assert_true(bytes_compare(a->keys[i - 1].key, a->keys[i].key) < 0);
    expect_ok(on_keys(kit, STORE_BULK_DELETE, "ns1", keys, N_OF(keys)));
    assert_int_equal(list_keys(kit, "ns1", TEXT(""), TEXT(""))->n_keys, 0);
}

/* Puts keys PREFIX0000… in an order that is not theirs. */
static void keys_list_in_byte_order_over_pages(void **state)
{
    struct kit *kit = *state;
    size_t seen = 0, pages = 0;
    struct bytes cursor = TEXT(""), last = TEXT("");
    expect_ok(create(kit, "ns1", "title"));
    put_numbered(kit, "ns1", "k", 2500);
    put_numbered(kit, "ns1", "a", 10);
    do {
        const struct answer *a = expect_ok(list_keys(kit, "ns1", TEXT("k"), cursor));
        for (size_t i = 0; i < a->n_keys; i++) {
            assert_true(bytes_compare(last, a->keys[i].key) < 0);
            assert_false(a->keys[i].divergent);
            last = a->keys[i].key;
        }
        seen += a->n_keys;
        cursor = a->cursor;
        pages++;
    } while (cursor.len > 0);
    assert_int_equal(seen, 2500);
    assert_int_equal(pages, 3);
}

static void a_page_that_is_just_full_is_the_last(void **state)
{
    struct kit *kit = *state;
    expect_ok(create(kit, "ns1", "title"));
    put_numbered(kit, "ns1", "k", STORE_PAGE);
    const struct answer *a = expect_ok(list_keys(kit, "ns1", TEXT(""), TEXT("")));
    assert_int_equal(a->n_keys, STORE_PAGE);
    assert_int_equal(a->cursor.len, 0);
}

static void a_listing_goes_on_when_the_key_of_its_cursor_is_gone(void **state)
{
    struct kit *kit = *state;
    expect_ok(create(kit, "ns1", "title"));
    put_numbered(kit, "ns1", "k", STORE_PAGE + 1);
    const struct answer *a = expect_ok(list_keys(kit, "ns1", TEXT(""), TEXT("")));
    expect_ok(delete_key(kit, "ns1", a->keys[STORE_PAGE - 1].key));
    a = expect_ok(list_keys(kit, "ns1", TEXT(""), a->cursor));
    assert_int_equal(a->n_keys, 1);
    assert_bytes(a->keys[0].key, TEXT("k1000"));
}

static void a_prefix_is_compared_by_bytes(void **state)
{
    struct kit *kit = *state;
    const struct store_pair pairs[] = {
        *PAIR("a", ""), *PAIR("a/", ""),  *PAIR("a/b", ""), *PAIR("a0", ""),  *PAIR("A/b", ""),
        *PAIR("ä", ""), *PAIR("a%b", ""), *PAIR("a_b", ""), *PAIR("a\0", ""), *PAIR("a\0b", "")};
    expect_ok(create(kit, "ns1", "title"));
    expect_ok(put_many(kit, "ns1", pairs, N_OF(pairs)));
    const struct answer *a = expect_ok(list_keys(kit, "ns1", TEXT("a/"), TEXT("")));
    assert_int_equal(a->n_keys, 2);
    assert_bytes(a->keys[0].key, TEXT("a/"));
    assert_bytes(a->keys[1].key, TEXT("a/b"));
    assert_int_equal(list_keys(kit, "ns1", TEXT("\xc3"), TEXT(""))->n_keys, 1);
    assert_int_equal(list_keys(kit, "ns1", TEXT("a%"), TEXT(""))->n_keys, 1);
    a = expect_ok(list_keys(kit, "ns1", TEXT("a\0"), TEXT("")));
    assert_int_equal(a->n_keys, 2);
    assert_bytes(a->keys[1].key, TEXT("a\0b"));
    expect_ok(delete_key(kit, "ns1", TEXT("a\0")));
    assert_absent(kit, "ns1", TEXT("a\0"));
    assert_int_equal(list_keys(kit, "ns1", TEXT("a\0"), TEXT(""))->n_keys, 1);
    assert_int_equal(list_keys(kit, "ns1", TEXT("a"), TEXT(""))->n_keys, 7);
    assert_int_equal(list_keys(kit, "ns1", TEXT("zzz"), TEXT(""))->n_keys, 0);
}

/* ---- Expiry ---------------------------------------------------------------------------------- */

static void a_key_is_absent_from_the_second_it_expires(void **state)
{
    struct kit *kit = *state;
    struct store_pair pair = {.key = TEXT("k"), .value = TEXT("v"), .expiration_ttl = 60};
    expect_ok(create(kit, "ns1", "title"));
    expect_ok(put(kit, "ns1", &pair));
    assert_int_equal(list_keys(kit, "ns1", TEXT(""), TEXT(""))->keys[0].expiration, NOW + 60);
    set_now(NOW + 59);
    assert_bytes(value_of(kit, "ns1", TEXT("k")), TEXT("v"));
    set_now(NOW + 60);
    assert_absent(kit, "ns1", TEXT("k"));

    expect_ok(put(kit, "ns1", PAIR("k", "again")));
    assert_bytes(value_of(kit, "ns1", TEXT("k")), TEXT("again"));
}

static void a_ttl_wins_over_an_expiration(void **state)
{
    struct kit *kit = *state;
    struct store_pair pair = {.key = TEXT("k"), .expiration_ttl = 90, .expiration = NOW + 5000};
    expect_ok(create(kit, "ns1", "title"));
    expect_ok(put(kit, "ns1", &pair));
    assert_int_equal(get(kit, "ns1", TEXT("k"))->pairs[0].expiration, NOW + 90);
}

static void a_put_whose_time_is_over_leaves_no_key(void **state)
{
    struct kit *kit = *state;
    struct store_pair pair = {.key = TEXT("k"), .expiration = NOW - 1};
    expect_ok(create(kit, "ns1", "title"));
    expect_ok(put(kit, "ns1", PAIR("k", "old")));
    expect_ok(put(kit, "ns1", &pair));
    assert_absent(kit, "ns1", TEXT("k"));
}

static void expired_keys_do_not_use_up_a_page(void **state)
{
    struct kit *kit = *state;
    struct store_pair *pairs = arena_alloc(&kit->arena, 2000, sizeof *pairs);
    for (size_t i = 0; i < 2000; i++)
        pairs[i] = (struct store_pair){.key = bytes_of(arena_printf(&kit->arena, "k%04zu", i)),
                                       .expiration_ttl = i % 2 ? 60 : 600};
    expect_ok(create(kit, "ns1", "title"));
    expect_ok(put_many(kit, "ns1", pairs, 2000));
    set_now(NOW + 100);
    size_t seen = 0;
    struct bytes cursor = TEXT("");
    do {
        const struct answer *a = expect_ok(list_keys(kit, "ns1", TEXT(""), cursor));
        seen += a->n_keys;
        cursor = a->cursor;
    } while (cursor.len > 0);
    assert_int_equal(seen, 1000);
}

/* ---- Limits ---------------------------------------------------------------------------------- */

static void pairs_beyond_a_limit_are_refused(void **state)
{
    struct kit *kit = *state;
    char big[1100];
    memset(big, '1', sizeof big);
    big[0] = big[1023] = '"';
    const struct store_pair bad[] = {
        {.key = TEXT("")},
        {.key = TEXT(".")},
        {.key = TEXT("..")},
        {.key = TEXT("\xff")},
        {.key = {big, 513}},
        {.key = TEXT("k"), .metadata = {big, 1025}},
        {.key = TEXT("k"), .expiration_ttl = 59},
        {.key = TEXT("k"), .expiration_ttl = -1},
        {.key = TEXT("k"), .expiration = -1},
        {.key = TEXT("k"), .expiration = INT64_C(2147483648)},
    };
    expect_ok(create(kit, "ns1", "title"));
    for (size_t i = 0; i < N_OF(bad); i++) {
        const struct store_pair pairs[] = {*PAIR("fine", "v"), bad[i]};
        expect_error(put_many(kit, "ns1", pairs, 2), ERR_LIMIT);
    }
    assert_int_equal(list_keys(kit, "ns1", TEXT(""), TEXT(""))->n_keys, 0);

    struct store_pair limits = {.key = TEXT("k"), .metadata = {big, 1024}, .expiration_ttl = 60};
    expect_ok(put(kit, "ns1", &limits));
}

static void metadata_that_is_not_json_is_refused(void **state)
{
    struct kit *kit = *state;
    struct store_pair pair = {.key = TEXT("k"), .metadata = TEXT("{no")};
    expect_ok(create(kit, "ns1", "title"));
    const struct answer *a = put(kit, "ns1", &pair);
    expect_error(a, ERR_FORMAT);
    assert_non_null(strstr(a->error.message, "'k'"));
}

static void any_json_may_be_metadata(void **state)
{
    struct kit *kit = *state;
    static const char *const texts[] = {"1", "\"s\"", "[1,2]", "{\"a\":{\"b\":null}}", "false"};
    expect_ok(create(kit, "ns1", "title"));
    for (size_t i = 0; i < N_OF(texts); i++) {
        struct store_pair pair = {.key = TEXT("k"), .metadata = bytes_of(texts[i])};
        expect_ok(put(kit, "ns1", &pair));
        assert_bytes(get(kit, "ns1", TEXT("k"))->pairs[0].metadata, bytes_of(texts[i]));
        assert_bytes(list_keys(kit, "ns1", TEXT(""), TEXT(""))->keys[0].metadata,
                     bytes_of(texts[i]));
    }
}

static void bulks_have_a_size(void **state)
{
    struct kit *kit = *state;
    struct bytes *keys = arena_alloc(&kit->arena, STORE_BULK_MAX + 1, sizeof *keys);
    struct store_pair *pairs = arena_alloc(&kit->arena, STORE_BULK_MAX + 1, sizeof *pairs);
    for (size_t i = 0; i <= STORE_BULK_MAX; i++) {
        keys[i] = bytes_of(arena_printf(&kit->arena, "%zu", i));
        pairs[i].key = keys[i];
    }
    expect_ok(create(kit, "ns1", "title"));
    expect_error(put_many(kit, "ns1", pairs, STORE_BULK_MAX + 1), ERR_LIMIT);
    expect_error(on_keys(kit, STORE_BULK_DELETE, "ns1", keys, STORE_BULK_MAX + 1), ERR_LIMIT);
    expect_error(on_keys(kit, STORE_BULK_GET, "ns1", keys, STORE_GET_MAX + 1), ERR_LIMIT);
    expect_error(on_keys(kit, STORE_BULK_GET, "ns1", keys, 0), ERR_LIMIT);
    expect_ok(put_many(kit, "ns1", pairs, STORE_BULK_MAX));
    assert_int_equal(expect_ok(on_keys(kit, STORE_BULK_GET, "ns1", keys, STORE_GET_MAX))->n_pairs,
                     STORE_GET_MAX);
    expect_ok(on_keys(kit, STORE_BULK_DELETE, "ns1", keys, STORE_BULK_MAX));
    assert_int_equal(list_keys(kit, "ns1", TEXT(""), TEXT(""))->n_keys, 0);
}

static void titles_prefixes_and_pages_have_limits(void **state)
{
    struct kit *kit = *state;
    char title[2 * 513 + 1];
    for (size_t i = 0; i < 513; i++)
        memcpy(title + 2 * i, "ä", 2);
    title[2 * 512] = '\0';
    expect_ok(create(kit, "ns1", title));
    memcpy(title + 2 * 512, "ä", 2);
    title[2 * 513] = '\0';
    expect_error(create(kit, "ns2", title), ERR_LIMIT);
    expect_error(create(kit, "ns2", ""), ERR_LIMIT);
    expect_error(create(kit, "ns2", "\xff"), ERR_LIMIT);
    expect_error(on_namespace(kit, STORE_NAMESPACE_RENAME, "ns1", ""), ERR_LIMIT);
    expect_error(list_keys(kit, "ns1", bytes_make(title, 513), TEXT("")), ERR_LIMIT);
    expect_error(list_namespaces(kit, "", 0), ERR_LIMIT);
}

/* ---- Running --------------------------------------------------------------------------------- */

struct script {
    struct store_op ops[4];
    size_t n, at;
    enum store_next last; /* the answer behind the last operation */
    void *tags[4];
    bool ok[4];
    size_t reported;
};

static enum store_next next_of_script(void *ctx, struct store_op *op)
{
    struct script *s = ctx;
    assert_int_equal(op->kind, 0);
    assert_null(op->id.data);
    assert_int_equal(s->reported, s->at);
    if (s->at == s->n)
        return s->last;
    *op = s->ops[s->at++];
    return NEXT_OP;
}

static void done_of_script(void *ctx, const struct store_op *op, const struct store_result *r)
{
    struct script *s = ctx;
    s->tags[s->reported] = op->tag;
    s->ok[s->reported++] = r->ok;
}

static bool run_script(struct kit *kit, struct script *s, struct error *err)
{
    return store_run(kit->store, next_of_script, done_of_script, s, err);
}

static void each_operation_is_reported_once_with_its_tag_even_after_a_failure(void **state)
{
    int tags[3];
    struct error err = {0};
    struct script s = {.n = 3,
                       .last = NEXT_END,
                       .ops = {{.kind = STORE_NAMESPACE_CREATE,
                                .id = TEXT("ns1"),
                                .title = TEXT("t"),
                                .tag = &tags[0]},
                               {.kind = STORE_NAMESPACE_GET, .id = TEXT("nope"), .tag = &tags[1]},
                               {.kind = STORE_NAMESPACE_GET, .id = TEXT("ns1"), .tag = &tags[2]}}};
    assert_true(run_script(*state, &s, &err));
    assert_int_equal(s.reported, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_ptr_equal(s.tags[i], &tags[i]);
        assert_int_equal(s.ok[i], i != 1);
    }
}

static void waiting_while_nothing_is_in_flight_is_an_error(void **state)
{
    struct error err = {0};
    struct script s = {.last = NEXT_WAIT};
    assert_false(run_script(*state, &s, &err));
    assert_int_equal(err.code, ERR_FAILED);
    assert_int_equal(s.reported, 0);
}

static void an_interrupted_store_starts_nothing_more(void **state)
{
    struct kit *kit = *state;
    struct error err = {0};
    volatile int interrupted = 1;
    struct script s = {
        .n = 1,
        .last = NEXT_END,
        .ops = {{.kind = STORE_NAMESPACE_CREATE, .id = TEXT("ns1"), .title = TEXT("t")}}};
    kit->store->interrupted = &interrupted;
    assert_false(run_script(kit, &s, &err));
    assert_int_equal(err.code, ERR_INTERRUPTED);
    assert_int_equal(s.at, 0);

    interrupted = 0;
    assert_true(run_script(kit, &s, &err));
    kit->store->interrupted = NULL;
}

/* ---- All kinds ------------------------------------------------------------------------------- */

#define CONTRACT(TEST)                                                                             \
    TEST(a_fresh_store_has_no_namespaces)                                                          \
    TEST(a_created_namespace_is_listed_and_got_by_its_id)                                          \
    TEST(a_create_without_a_wanted_id_makes_one)                                                   \
    TEST(a_taken_title_is_refused_and_the_first_namespace_stays)                                   \
    TEST(titles_are_unique_per_account_only)                                                       \
    TEST(a_namespace_is_not_found_in_another_account)                                              \
    TEST(a_rename_keeps_id_and_keys_and_frees_the_title)                                           \
    TEST(a_rename_to_its_own_title_succeeds)                                                       \
    TEST(a_rename_to_a_taken_title_changes_nothing)                                                \
    TEST(a_deleted_namespace_is_gone_with_its_keys_and_its_id_comes_back_empty)                    \
    TEST(deleting_one_namespace_leaves_the_others)                                                 \
    TEST(an_unknown_namespace_is_not_found)                                                        \
    TEST(namespaces_list_in_pages_of_a_thousand)                                                   \
    TEST(values_are_bytes_of_any_kind)                                                             \
    TEST(a_value_may_have_25_mib_and_not_a_byte_more)                                              \
    TEST(a_put_replaces_value_metadata_and_expiry_together)                                        \
    TEST(the_last_of_equal_keys_in_a_put_counts)                                                   \
    TEST(a_get_tells_only_what_is_there)                                                           \
    TEST(a_get_finds_keys_in_any_order)                                                            \
    TEST(a_get_ends_with_the_error_of_who_takes_the_pairs)                                         \
    TEST(deleting_takes_only_what_was_named_and_minds_no_missing_key)                              \
    TEST(empty_bulks_do_nothing)                                                                   \
    TEST(keys_may_be_awkward)                                                                      \
    TEST(keys_list_in_byte_order_over_pages)                                                       \
    TEST(a_page_that_is_just_full_is_the_last)                                                     \
    TEST(a_listing_goes_on_when_the_key_of_its_cursor_is_gone)                                     \
    TEST(a_prefix_is_compared_by_bytes)                                                            \
    TEST(a_key_is_absent_from_the_second_it_expires)                                               \
    TEST(a_ttl_wins_over_an_expiration)                                                            \
    TEST(expired_keys_do_not_use_up_a_page)                                                        \
    TEST(pairs_beyond_a_limit_are_refused)                                                         \
    TEST(metadata_that_is_not_json_is_refused)                                                     \
    TEST(any_json_may_be_metadata)                                                                 \
    TEST(bulks_have_a_size)                                                                        \
    TEST(titles_prefixes_and_pages_have_limits)                                                    \
    TEST(each_operation_is_reported_once_with_its_tag_even_after_a_failure)                        \
    TEST(waiting_while_nothing_is_in_flight_is_an_error)                                           \
    TEST(an_interrupted_store_starts_nothing_more)

/* What the service does otherwise: it makes the ids; it refuses an expiry that is over; its
 * namespaces are asked for by id, an order that renames do not change between two pages. */
#define OF_OUR_OWN(TEST)                                                                           \
    TEST(a_wanted_id_that_another_namespace_has_is_replaced)                                       \
    TEST(a_put_whose_time_is_over_leaves_no_key)                                                   \
    TEST(namespaces_list_by_title)

/* Over an empty one in memory, in which nothing comes to be. */
static struct store *below;

static int start_dry(void **state)
{
    struct error err;
    if (start_memory(state) != 0)
        return -1;
    struct kit *kit = *state;
    below = kit->store;
    kit->store = dry_open(below, &err);
    return kit->store ? 0 : -1;
}

static int stop_dry(void **state)
{
    struct kit *kit = *state;
    struct store *dry = kit->store;
    kit->store = below;
    assert_int_equal(list_namespaces(kit, "", 1)->total, 0);
    store_close(below);
    kit->store = dry;
    return stop(state);
}

#define DRY(name)        {"dry: " #name, name, start_dry, stop_dry, NULL},
#define MEMORY(name)     {"memory: " #name, name, start_memory, stop, NULL},
#define LOCAL(name)      {"local: " #name, name, start_local, stop, NULL},
#define CLOUDFLARE(name) {"cloudflare: " #name, name, start_emulated, stop_emulated, NULL},

int main(void)
{
    const struct CMUnitTest tests[] = {CONTRACT(MEMORY) OF_OUR_OWN(MEMORY) CONTRACT(LOCAL)
                                           OF_OUR_OWN(LOCAL) CONTRACT(CLOUDFLARE) CONTRACT(DRY)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
