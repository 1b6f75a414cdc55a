/* How much is looked at (--refresh), how much is meant (--env, --only), and what it costs. */
#include "test_plan_kit.h"

#include "plan/planner.h"

/* ---- Refresh
 * ------------------------------------------------------------------------------------- */

static void one_key(struct world *w, const char *value)
{
    redeclare(w);
    ns_titled(w, "a");
    put(w, 0, "k", value);
}

static void none_asks_nothing_and_trusts_the_state(void **state)
{
    (void)state;
    WORLD(w);
    one_key(&w, "1");
    apply_all(&w);
    others_put(&w, "a", "k", "theirs");
    w.o.refresh = REFRESH_NONE;
    uint64_t before = w.store.n;
    assert_empty(&w);
    assert_int_equal(w.store.n, before);
    one_key(&w, "2");
    plan(&w);
    assert_int_equal(w.store.n, before);
    assert_string_equal(only(&w, ACTION_KEY, ACTION_PUT)->reason,
                        "differs from what the state records");
    do_planned(&w);
    assert_string_equal(value_of(&w, "a", "k"), "2");
    world_end(&w);
}

static void names_looks_at_titles_only(void **state)
{
    (void)state;
    WORLD(w);
    one_key(&w, "1");
    apply_all(&w);
    others_put(&w, "a", "k", "theirs");
    w.o.refresh = REFRESH_NAMES;
    uint64_t before = w.store.n;
    assert_empty(&w);
    assert_int_equal(w.store.n, before + 1);
    others_rename(&w, "a", "b");
    plan(&w);
    assert_int_equal(count(&w, ACTION_NAMESPACE, ACTION_RENAME), 1);
    world_end(&w);
}

static void a_value_that_nobody_looked_at_is_saved_before_it_is_overwritten(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    apply_all(&w);
    others_put(&w, "a", "k", "theirs");
    others_put(&w, "a", "item", "theirs");
    one_key(&w, "ours");
    put(&w, 0, "once", "v")->policy = SEED_ONCE;
    bulk_inline(&w, 0);
    item(&w, 0, 0, "item", "ours");
    bulk_inline(&w, 0)->policy = SEED_ONCE;
    item(&w, 0, 1, "item-once", "v");
    w.o.refresh = REFRESH_NONE;
    plan(&w);
    assert_int_equal(w.p.summary.overwrite, 2);
    assert_string_equal(only(&w, ACTION_KEY, ACTION_PUT)->reason,
                        "may overwrite a value, since keys were not looked at");
    do_planned(&w);
    assert_string_equal(backup_text(&w, 0), "k=theirs item=theirs");
    assert_string_equal(value_of(&w, "a", "once"), "(absent)"); /* it might have been there */
    assert_string_equal(value_of(&w, "a", "item-once"), "(absent)");
    world_end(&w);
}

static void keys_looks_at_listings_and_not_at_values(void **state)
{
    (void)state;
    WORLD(w);
    one_key(&w, "1");
    bulk_inline(&w, 0);
    item(&w, 0, 0, "item", "1");
    apply_all(&w);
    others_put(&w, "a", "k", "theirs");
    w.o.refresh = REFRESH_KEYS;
    uint64_t before = w.store.n;
    assert_empty(&w);
    assert_int_equal(w.store.n, before + 2);
    assert_int_equal(w.store.by_kind[STORE_BULK_GET], 0);
    others_delete_key(&w, "a", "k");
    others_put_pair(
        &w, "a",
        (struct store_pair){.key = B("item"), .value = B("1"), .metadata = B("{\"theirs\":1}")});
    plan(&w);
    assert_string_equal(only(&w, ACTION_KEY, ACTION_PUT)->reason, "the key is absent");
    assert_int_equal(only(&w, ACTION_BULK, ACTION_PUT)->bulk->counts.overwrite, 1);
    do_planned(&w);
    assert_empty(&w);
    world_end(&w);
}

static void keys_cannot_tell_whose_a_value_is(void **state)
{
    (void)state;
    WORLD(w);
    one_key(&w, "1");
    apply_all(&w);
    w.o.refresh = REFRESH_KEYS;
    others_put_pair(
        &w, "a", (struct store_pair){.key = B("k"), .value = B("1"), .metadata = B("{\"m\":1}")});
    plan(&w); /* the declaration did not change, so somebody else changed the metadata */
    assert_true(only(&w, ACTION_KEY, ACTION_PUT)->overwrite);
    others_put(&w, "a", "k", "theirs");
    one_key(&w, "2");
    plan(&w);
    assert_true(only(&w, ACTION_KEY, ACTION_PUT)->overwrite);
    assert_string_equal(
        only(&w, ACTION_KEY, ACTION_PUT)->reason,
        "may overwrite a value that cfkv did not write, since values were not read");
    size_t read = w.store.by_kind[STORE_BULK_GET];
    apply_as_forecast(&w);
    assert_int_equal(w.store.by_kind[STORE_BULK_GET], read + 1);
    assert_string_equal(backup_text(&w, 0), "k=theirs");
    world_end(&w);
}

static void removed_puts_wait_for_a_plan_that_reads_values(void **state)
{
    (void)state;
    WORLD(w);
    one_key(&w, "1");
    apply_all(&w);
    redeclare(&w);
    ns_titled(&w, "a");
    for (int refresh = REFRESH_NONE; refresh < REFRESH_VALUES; refresh++) {
        w.o.refresh = (enum refresh)refresh;
        assert_empty(&w);
        assert_int_equal(entry(&w, "a")->n_keys, 1);
    }
    w.o.refresh = REFRESH_VALUES;
    apply_all(&w);
    assert_string_equal(keys_of(&w, "a"), "");
    world_end(&w);
}

static void a_moved_default_ttl_is_applied_without_looking(void **state)
{
    (void)state;
    WORLD(w);
    for (int64_t ttl = 600; ttl <= 1200; ttl += 600) {
        redeclare(&w);
        ns_titled(&w, "a")->ttl_seconds = ttl;
        bulk_inline(&w, 0);
        item(&w, 0, 0, "item", "v");
        apply_all(&w);
        w.o.refresh = REFRESH_NONE;
    }
    assert_int_equal(expiration_of(&w, "a", "item"), NOW + 1200);
    assert_empty(&w);
    world_end(&w);
}

static void observing_asks_no_more_than_it_must(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "plain"); /* no keys declared: not listed */
    ns_titled(&w, "a");
    for (int i = 0; i < 101; i++) {
        char *key = arena_printf(&w.m.arena, "k%03d", i);
        put(&w, 1, key, "v");
    }
    apply_all(&w);
    uint64_t before = w.store.n;
    assert_empty(&w);
    assert_int_equal(w.store.n - before, 1 + 1 + 2); /* names, keys, values by a hundred */
    world_end(&w);
}

/* ---- Filters
 * --------------------------------------------------------------------------------------- */

static void declare_envs(struct world *w, const char *value)
{
    redeclare(w);
    ns_at(w, "config", "dev", "config-dev");
    ns_at(w, "config", "prod", "config-prod");
    put(w, 0, "k", value);
    put(w, 1, "k", value);
    output(w, "dev", with_id(&w->m, 0));
    output(w, "prod", with_id(&w->m, 1));
}

static void only_env(struct world *w, const char *env)
{
    w->envs[0] = env;
    w->o.envs = w->envs;
    w->o.n_envs = 1;
}

static void what_is_outside_the_filters_is_neither_compared_nor_touched(void **state)
{
    (void)state;
    WORLD(w);
    declare_envs(&w, "1");
    apply_all(&w);
    others_put(&w, "config-prod", "k", "theirs");
    declare_envs(&w, "2");
    only_env(&w, "dev");
    uint64_t lists = w.store.by_kind[STORE_KEY_LIST];
    plan(&w);
    assert_int_equal(w.store.by_kind[STORE_KEY_LIST], lists + 1);
    assert_int_equal(w.p.n, 1);
    assert_int_equal(w.p.left_out, 1);
    do_planned(&w);
    assert_string_equal(value_of(&w, "config-dev", "k"), "2");
    assert_string_equal(value_of(&w, "config-prod", "k"), "theirs");
    assert_int_equal(w.t.state.n_outputs, 2);
    assert_contains(plan_text(&w), "1 namespace left out by the filters");
    assert_empty(&w);
    world_end(&w);
}

static void entries_of_the_state_are_narrowed_alike(void **state)
{
    (void)state;
    WORLD(w);
    declare_envs(&w, "1");
    apply_all(&w);
    redeclare(&w);
    only_env(&w, "dev");
    w.o.permits.data_loss.bare = true;
    plan(&w);
    assert_int_equal(count(&w, ACTION_NAMESPACE, ACTION_DELETE), 1);
    assert_int_equal(w.p.left_out, 1);
    do_planned(&w);
    assert_string_equal(id_of(&w, "config-dev"), "");
    assert_string_not_equal(id_of(&w, "config-prod"), "");
    assert_non_null(entry(&w, "shop/config/prod"));
    assert_int_equal(w.t.state.n_outputs, 1);
    world_end(&w);
}

static void outputs_outside_the_filters_stay_as_they_are(void **state)
{
    (void)state;
    WORLD(w);
    declare_envs(&w, "1");
    only_env(&w, "dev");
    apply_all(&w);
    assert_int_equal(w.t.state.n_outputs, 1); /* prod is not made, and not known */
    others_create(&w, "config-prod");
    apply_all(&w);
    assert_int_equal(w.t.state.n_outputs, 1); /* nor is it when somebody made it */
    world_end(&w);
}

static void only_is_a_glob_over_address_and_title(void **state)
{
    (void)state;
    static const struct {
        const char *glob;
        size_t left_out;
    } cases[] = {{"shop/*/dev", 1}, {"config-prod", 1}, {"*", 0},        {"shop/*", 0},
                 {"shop", 2},       {"config-???", 1},  {"[c]onfig*", 2}};
    WORLD(w);
    declare_envs(&w, "1");
    w.o.only = w.only;
    w.o.n_only = 1;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        w.only[0] = cases[i].glob;
        plan(&w);
        assert_int_equal(w.p.left_out, cases[i].left_out);
        assert_int_equal(w.p.summary.create, 2 - cases[i].left_out);
    }
    world_end(&w);
}

static void a_title_that_somebody_outside_the_filters_holds_is_not_taken(void **state)
{
    (void)state;
    WORLD(w);
    ns_at(&w, "config", "dev", "x");
    ns_at(&w, "config", "prod", "y");
    apply_all(&w);
    redeclare(&w);
    ns_at(&w, "config", "dev", "y");
    ns_at(&w, "config", "prod", "x");
    only_env(&w, "dev");
    assert_refused(&w, "namespace.taken");
    world_end(&w);
}

static void problems_outside_the_filters_do_not_count(void **state)
{
    (void)state;
    WORLD(w);
    ns_at(&w, "config", "dev", "x");
    ns_at(&w, "config", "prod", "y")->create = false;
    only_env(&w, "dev");
    apply_all(&w);
    assert_int_equal(live_namespaces(&w), 1);
    world_end(&w);
}

/* ---- Forecast
 * ----------------------------------------------------------------------------------------- */

static void put_many(struct world *w, size_t ns, const char *prefix, size_t n)
{
    for (size_t i = 0; i < n; i++)
        put(w, ns, arena_printf(&w->m.arena, "%s%06zu", prefix, i), "v");
}

static void the_forecast_is_exact_for_a_bit_of_everything(void **state)
{
    (void)state;
    WORLD(w);
    ns_at(&w, "swap", "one", "x");
    ns_at(&w, "swap", "two", "y");
    ns_at(&w, "gone", "one", "gone");
    put_many(&w, 0, "old/", 3);
    put_many(&w, 2, "k", 101);
    apply_as_forecast(&w);
    others_put(&w, "x", "over", "theirs");
    others_put(&w, "x", "legacy/1", "theirs");
    redeclare(&w);
    ns_at(&w, "swap", "one", "y");
    ns_at(&w, "swap", "two", "x");
    ns_at(&w, "new", "one", "new");
    put(&w, 0, "over", "ours");
    put(&w, 2, "k", "v");
    prune(&w, 0, "legacy/");
    bulk_inline(&w, 0);
    item(&w, 0, 0, "item", "v");
    bulk_inline(&w, 2);
    item(&w, 2, 0, "item", "v");
    allow_all(&w);
    apply_as_forecast(&w);
    /* 3 renames, a create, x saved and put and its bulk and its deletes, new put and its bulk;
     * gone: looked at, listed, saved by a hundred, deleted */
    assert_int_equal(w.p.cost.execute.requests, 3 + 1 + 4 + 2 + 5);
    assert_int_equal(w.p.cost.execute.writes, 4);
    assert_int_equal(w.p.cost.execute.reads, 5 + 101);
    assert_int_equal(w.p.cost.execute.lists, 1);
    assert_int_equal(w.p.cost.execute.deletes, 4);
    assert_empty(&w);
    world_end(&w);
}

static void the_forecast_is_exact_at_the_edges_of_pages(void **state)
{
    (void)state;
    static const size_t edges[] = {100, 101, 1000, 1001};
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
        WORLD(w);
        ns_titled(&w, "a");
        put_many(&w, 0, "k", edges[i]);
        apply_as_forecast(&w);
        redeclare(&w);
        allow_all(&w);
        apply_as_forecast(&w);
        assert_int_equal(w.p.cost.execute.lists, (edges[i] + 999) / 1000);
        world_end(&w);
    }
}

static void the_forecast_is_exact_at_the_edge_of_a_bulk_request(void **state)
{
    (void)state;
    for (size_t n = 10000; n <= 10001; n++) {
        WORLD(w);
        ns_titled(&w, "a");
        put_many(&w, 0, "k", n);
        apply_as_forecast(&w);
        assert_int_equal(w.p.cost.execute.requests,
                         1 + (n - 9999)); /* the create, one or two puts */
        redeclare(&w);
        ns_titled(&w, "a");
        w.o.permits.mass_delete.bare = true;
        apply_as_forecast(&w);
        assert_int_equal(w.p.cost.execute.requests,
                         (n + 99) / 100 + n - 9999); /* saved by a hundred */
        world_end(&w);
    }
}

/* Puts `n` values of `size` bytes into one namespace, and in bulk into another; the requests. */
static uint64_t requests_of_values(size_t n, size_t size)
{
    char *value = malloc(size + 1);
    assert_non_null(value);
    memset(value, 'x', size);
    value[size] = '\0';
    WORLD(w);
    ns_titled(&w, "a");
    ns_titled(&w, "b");
    bulk_inline(&w, 1);
    for (size_t i = 0; i < n; i++) {
        put(&w, 0, arena_printf(&w.m.arena, "k%zu", i), value);
        item(&w, 1, 0, arena_printf(&w.m.arena, "k%zu", i), value);
    }
    apply_as_forecast(&w);
    uint64_t requests = w.p.cost.execute.requests;
    assert_empty(&w);
    world_end(&w);
    free(value);
    return requests;
}

static void values_are_cut_into_bodies_of_a_few_mebibytes(void **state)
{
    (void)state;
    assert_int_equal(requests_of_values(9, 1000 * 1000), 2 + 3 + 3);
}

static void a_value_of_a_mebibyte_goes_by_itself(void **state)
{
    (void)state;
    assert_int_equal(requests_of_values(5, 3 * 1024 * 1024), 2 + 5 + 5);
}

static void time_is_told_at_the_rate_of_before(void **state)
{
    (void)state;
    struct pace pace = {.requests = 40, .ms = 2000, .left = 1000}; /* 20 a second */
    assert_int_equal(forecast_seconds(&pace, 0), 0);
    assert_int_equal(forecast_seconds(&pace, 1), 1);
    assert_int_equal(forecast_seconds(&pace, 20), 1);
    assert_int_equal(forecast_seconds(&pace, 21), 2);
    assert_int_equal(forecast_seconds(&pace, 1000), 50);
}

static void beyond_the_budget_it_is_4_requests_a_second(void **state)
{
    (void)state;
    struct pace pace = {.requests = 40, .ms = 2000, .left = 100};
    assert_int_equal(forecast_seconds(&pace, 101), 5 + 1);
    assert_int_equal(forecast_seconds(&pace, 100 + 400), 5 + 100);
    pace.left = 0;
    assert_int_equal(forecast_seconds(&pace, 12000), 3000);
    pace.ms = 20000; /* slower than that anyway */
    assert_int_equal(forecast_seconds(&pace, 10), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(none_asks_nothing_and_trusts_the_state),
        cmocka_unit_test(names_looks_at_titles_only),
        cmocka_unit_test(a_value_that_nobody_looked_at_is_saved_before_it_is_overwritten),
        cmocka_unit_test(keys_looks_at_listings_and_not_at_values),
        cmocka_unit_test(keys_cannot_tell_whose_a_value_is),
        cmocka_unit_test(removed_puts_wait_for_a_plan_that_reads_values),
        cmocka_unit_test(a_moved_default_ttl_is_applied_without_looking),
        cmocka_unit_test(observing_asks_no_more_than_it_must),
        cmocka_unit_test(what_is_outside_the_filters_is_neither_compared_nor_touched),
        cmocka_unit_test(entries_of_the_state_are_narrowed_alike),
        cmocka_unit_test(outputs_outside_the_filters_stay_as_they_are),
        cmocka_unit_test(only_is_a_glob_over_address_and_title),
        cmocka_unit_test(a_title_that_somebody_outside_the_filters_holds_is_not_taken),
        cmocka_unit_test(problems_outside_the_filters_do_not_count),
        cmocka_unit_test(the_forecast_is_exact_for_a_bit_of_everything),
        cmocka_unit_test(the_forecast_is_exact_at_the_edges_of_pages),
        cmocka_unit_test(the_forecast_is_exact_at_the_edge_of_a_bulk_request),
        cmocka_unit_test(time_is_told_at_the_rate_of_before),
        cmocka_unit_test(beyond_the_budget_it_is_4_requests_a_second),
        cmocka_unit_test(values_are_cut_into_bodies_of_a_few_mebibytes),
        cmocka_unit_test(a_value_of_a_mebibyte_goes_by_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
