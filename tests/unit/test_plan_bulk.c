/* Bulk sources. */
#include "test_plan_kit.h"

static void a_source_is_one_action_with_counts(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    bulk_inline(&w, 0);
    item(&w, 0, 0, "x", "1");
    item(&w, 0, 0, "y", "2");
    plan(&w);
    const struct action *a = only(&w, ACTION_BULK, ACTION_PUT);
    assert_true(bytes_equal(a->key, B("inline:1")));
    assert_int_equal(a->bulk->counts.added, 2);
    assert_int_equal(a->bulk->n_marks, 2);
    assert_int_equal(w.p.summary.put, 2);
    do_planned(&w);
    assert_string_equal(value_of(&w, "a", "y"), "2");
    assert_int_equal(entry(&w, "a")->bulks[0].count, 2);
    assert_empty(&w);
    assert_int_equal(w.p.summary.unchanged, 2);
    world_end(&w);
}

static void a_file_is_read_item_by_item(void **state)
{
    (void)state;
    WORLD(w);
    write_file(&w, "seed.json",
               "[{\"key\":\"x\",\"value\":\"1\",\"metadata\":{\"b\":1,\"a\":2}},"
               "{\"key\":\"y\",\"value\":\"AAE=\",\"base64\":true,\"expiration_ttl\":600}]");
    ns_titled(&w, "a");
    bulk_file(&w, 0, "seed.json");
    apply_all(&w);
    assert_int_equal(w.p.n_sources, 1);
    assert_string_equal(w.p.sources[0].path, "seed.json");
    assert_string_equal(value_of(&w, "a", "x"), "1");
    assert_int_equal(expiration_of(&w, "a", "y"), NOW + 600);
    assert_true(bytes_equal(entry(&w, "a")->bulks[0].source, B("seed.json")));
    assert_empty(&w);
    world_end(&w);
}

#define SEED_1 "[{\"key\":\"a\",\"value\":\"1\"},{\"key\":\"b\",\"value\":\"1\"}]"
#define SEED_2                                                                                     \
    "[{\"key\":\"a\",\"value\":\"1\"},{\"key\":\"b\",\"value\":\"2\"},{\"key\":\"c\","             \
    "\"value\":\"1\"}]"

static void declare_file(struct world *w)
{
    redeclare(w);
    ns_titled(w, "a");
    bulk_file(w, 0, "seed.json");
}

static void only_what_changed_is_sent(void **state)
{
    (void)state;
    WORLD(w);
    write_file(&w, "seed.json", SEED_1);
    declare_file(&w);
    apply_all(&w);
    write_file(&w, "seed.json", SEED_2);
    plan(&w);
    const struct action *a = only(&w, ACTION_BULK, ACTION_PUT);
    assert_int_equal(a->bulk->counts.added, 1);
    assert_int_equal(a->bulk->counts.changed, 1);
    assert_int_equal(a->bulk->counts.overwrite, 0);
    assert_int_equal(a->bulk->counts.unchanged, 1);
    assert_int_equal(a->bulk->marks[0], BULK_SAME);
    assert_int_equal(a->bulk->marks[1], BULK_CHANGED);
    assert_int_equal(a->bulk->marks[2], BULK_NEW);
    assert_int_equal(w.p.cost.execute.writes, 2);
    w.store.refused_key = B("a"); /* it would fail if it were sent */
    do_planned(&w);
    meddle_reset(&w);
    assert_string_equal(backup_text(&w, 0), "b=1");
    assert_string_equal(value_of(&w, "a", "b"), "2");
    assert_empty(&w);
    world_end(&w);
}

static void a_value_that_others_changed_under_an_unchanged_source_is_an_overwrite(void **state)
{
    (void)state;
    WORLD(w);
    write_file(&w, "seed.json", SEED_1);
    declare_file(&w);
    apply_all(&w);
    others_put(&w, "a", "b", "theirs");
    plan(&w);
    const struct action *a = only(&w, ACTION_BULK, ACTION_PUT);
    assert_true(a->overwrite);
    assert_int_equal(a->bulk->counts.overwrite, 1);
    assert_string_equal(a->reason, "overwrites values that cfkv did not write");
    do_planned(&w);
    assert_int_equal(w.r.applied.overwrite, 1);
    assert_string_equal(backup_text(&w, 0), "b=theirs");
    assert_empty(&w);
    world_end(&w);
}

static void a_source_that_changed_after_the_plan_is_not_written(void **state)
{
    (void)state;
    WORLD(w);
    write_file(&w, "seed.json", SEED_1);
    declare_file(&w);
    put(&w, 0, "put", "v");
    plan(&w);
    write_file(&w, "seed.json", SEED_2);
    assert_false(try_do(&w));
    assert_int_equal(w.err.code, ERR_PARTIAL);
    assert_contains(w.r.failed[0].message, "'seed.json' changed since its actions were planned");
    assert_string_equal(w.r.failed[0].hint, "plan again");
    assert_int_equal(w.r.n_failed, 1);
    assert_string_equal(keys_of(&w, "a"), "put");
    assert_int_equal(entry(&w, "a")->n_bulks, 0);
    apply_all(&w);
    assert_string_equal(keys_of(&w, "a"), "a b c put");
    assert_empty(&w);
    world_end(&w);
}

static void write_large(const struct world *w, char fill)
{
    enum { SIZE = 3 * 1024 * 1024, ITEMS = 4 };
    char *text = malloc(ITEMS * (SIZE + 64));
    char *at = text;
    assert_non_null(text);
    for (int i = 0; i < ITEMS; i++) {
        at += sprintf(at, "%c{\"key\":\"k%d\",\"value\":\"", i ? ',' : '[', i);
        memset(at, i == 0 ? fill : 'x', SIZE);
        at += SIZE;
        at += sprintf(at, "\"}");
    }
    strcpy(at, "]");
    write_file(w, "seed.json", text);
    free(text);
}

static void not_even_its_first_batch(void **state)
{
    (void)state;
    WORLD(w);
    write_large(&w, 'x');
    declare_file(&w);
    plan(&w);
    assert_int_equal(w.p.cost.execute.requests, 1 + 4); /* each value is large */
    write_large(&w, 'y');
    assert_false(try_do(&w));
    assert_string_equal(keys_of(&w, "a"), "");
    world_end(&w);
}

static void truncate_seed(struct world *w)
{
    write_file(w, "seed.json", "[]");
}

static void a_source_that_changes_while_it_is_written_is_a_failure(void **state)
{
    (void)state;
    WORLD(w);
    write_file(&w, "seed.json", SEED_1);
    declare_file(&w);
    put(&w, 0, "put", "v");
    plan(&w);
    w.store.before = truncate_seed;
    w.store.before_kind = STORE_BULK_PUT; /* the batch of puts comes first */
    assert_false(try_do(&w));
    assert_int_equal(w.r.n_failed, 1);
    assert_int_equal(entry(&w, "a")->n_bulks, 0);
    world_end(&w);
}

static void a_source_that_is_gone_or_broken_fails_its_action_alone(void **state)
{
    (void)state;
    for (int broken = 0; broken < 2; broken++) {
        WORLD(w);
        write_file(&w, "seed.json", SEED_1);
        declare_file(&w);
        put(&w, 0, "put", "v");
        plan(&w);
        char path[128];
        snprintf(path, sizeof path, "%s/seed.json", w.root);
        if (broken)
            write_file(&w, "seed.json", "[{\"key\":7}]");
        else
            assert_int_equal(unlink(path), 0);
        assert_false(try_do(&w));
        assert_int_equal(w.err.code, ERR_PARTIAL);
        assert_int_equal(w.r.n_failed, 1);
        assert_string_equal(keys_of(&w, "a"), "put");
        assert_false(try_plan(&w)); /* nor can it be planned */
        world_end(&w);
    }
}

static void keys_that_the_store_did_not_take_are_told_by_name(void **state)
{
    (void)state;
    WORLD(w);
    write_file(&w, "seed.json", SEED_2);
    declare_file(&w);
    w.store.refused_key = B("b");
    assert_false(try_apply(&w));
    assert_int_equal(w.err.code, ERR_PARTIAL);
    assert_int_equal(w.r.n_failed, 1);
    assert_true(bytes_equal(w.r.failed[0].key, B("b")));
    assert_string_equal(w.r.failed[0].message, "cannot put key 'b': the store did not take it");
    assert_string_equal(keys_of(&w, "a"), "a c");
    assert_int_equal(entry(&w, "a")->n_bulks, 0);
    meddle_reset(&w);
    plan(&w);
    assert_int_equal(only(&w, ACTION_BULK, ACTION_PUT)->bulk->counts.added, 1);
    do_planned(&w);
    assert_empty(&w);
    world_end(&w);
}

static void keys_of_a_removed_source_stay(void **state)
{
    (void)state;
    WORLD(w);
    write_file(&w, "seed.json", SEED_1);
    declare_file(&w);
    apply_all(&w);
    redeclare(&w);
    ns_titled(&w, "a");
    plan(&w);
    assert_int_equal(w.p.n, 0);
    do_planned(&w);
    assert_string_equal(keys_of(&w, "a"), "a b");
    assert_int_equal(entry(&w, "a")->n_bulks, 0);
    assert_empty(&w);
    world_end(&w);
}

static void a_once_source_fills_gaps_only(void **state)
{
    (void)state;
    WORLD(w);
    others_create(&w, "a");
    others_put(&w, "a", "a", "theirs");
    write_file(&w, "seed.json", SEED_1);
    declare_file(&w);
    w.m.namespaces[0].bulks[0].policy = SEED_ONCE;
    apply_all(&w);
    assert_int_equal(w.r.applied.put, 1);
    assert_string_equal(value_of(&w, "a", "a"), "theirs");
    assert_empty(&w);
    world_end(&w);
}

/* A namespace with this source applied before, and none of it declared any more. */
static void source_gone(struct world *w)
{
    write_file(w, "seed.json", SEED_1);
    redeclare(w);
    ns_titled(w, "a");
    bulk_file(w, 0, "seed.json");
    apply_all(w);
    redeclare(w);
    ns_titled(w, "a");
}

static void a_source_that_is_gone_is_told_once_and_how_its_keys_go(void **state)
{
    (void)state;
    WORLD(w);
    source_gone(&w);
    plan(&w);
    const struct diag *d = note(&w, "bulk.removed");
    assert_non_null(d);
    assert_contains(d->message,
                    "bulk source 'seed.json' of namespace 'a' is not declared any more");
    assert_contains(d->hint, "ns:prune");
    do_planned(&w);
    assert_empty(&w);
    assert_int_equal(w.p.notes.n, 0);
    world_end(&w);
}

static void a_source_under_another_name_or_that_is_pruned_is_not_told(void **state)
{
    (void)state;
    WORLD(w);
    source_gone(&w);
    write_file(&w, "other.json", SEED_1);
    bulk_file(&w, 0, "other.json");
    plan(&w);
    assert_int_equal(w.p.notes.n, 0);
    source_gone(&w);
    prune(&w, 0, "");
    plan(&w);
    assert_int_equal(w.p.notes.n, 0);
    assert_true(w.p.summary.delete_keys > 0);
    world_end(&w);
}

static void items_whose_expiration_is_past_are_never_written(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    bulk_inline(&w, 0);
    item(&w, 0, 0, "past", "v")->expiration = NOW - 1;
    item(&w, 0, 0, "x", "v");
    plan(&w);
    assert_int_equal(only(&w, ACTION_BULK, ACTION_PUT)->bulk->counts.unchanged, 1);
    do_planned(&w);
    assert_string_equal(keys_of(&w, "a"), "x");
    assert_empty(&w);
    world_end(&w);
}

static void ids_in_inline_items_are_filled_in(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    ns_titled(&w, "b");
    bulk_inline(&w, 0);
    item(&w, 0, 0, "k", "")->value = with_id(&w.m, 1);
    apply_as_forecast(&w);
    struct id b = id_copy(&w, "b");
    assert_string_equal(value_of(&w, "a", "k") + 3, b.s);
    assert_empty(&w);
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_source_is_one_action_with_counts),
        cmocka_unit_test(a_file_is_read_item_by_item),
        cmocka_unit_test(only_what_changed_is_sent),
        cmocka_unit_test(a_value_that_others_changed_under_an_unchanged_source_is_an_overwrite),
        cmocka_unit_test(a_source_that_changed_after_the_plan_is_not_written),
        cmocka_unit_test(not_even_its_first_batch),
        cmocka_unit_test(a_source_that_changes_while_it_is_written_is_a_failure),
        cmocka_unit_test(a_source_that_is_gone_or_broken_fails_its_action_alone),
        cmocka_unit_test(keys_that_the_store_did_not_take_are_told_by_name),
        cmocka_unit_test(keys_of_a_removed_source_stay),
        cmocka_unit_test(a_once_source_fills_gaps_only),
        cmocka_unit_test(a_source_that_is_gone_is_told_once_and_how_its_keys_go),
        cmocka_unit_test(a_source_under_another_name_or_that_is_pruned_is_not_told),
        cmocka_unit_test(items_whose_expiration_is_past_are_never_written),
        cmocka_unit_test(ids_in_inline_items_are_filled_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
