/* Whatever breaks: never a false success, and the next run finishes the work. */
#include "test_plan_kit.h"

/* ---- A bit of everything
 * ------------------------------------------------------------------------- */

static void declare_first(struct world *w)
{
    ns_at(w, "swap", "one", "x");
    ns_at(w, "swap", "two", "y");
    ns_at(w, "gone", "one", "gone");
    put(w, 0, "over", "1");
    put(w, 0, "removed", "1");
    put(w, 2, "k", "1");
}

static void declare_second(struct world *w)
{
    redeclare(w);
    ns_at(w, "swap", "one", "y")->ttl_seconds = 600;
    ns_at(w, "swap", "two", "x");
    ns_at(w, "new", "one", "new");
    put(w, 0, "over", "2");
    put(w, 2, "k", "")->seed.value = with_id(&w->m, 0);
    prune(w, 0, "legacy/");
    bulk_inline(w, 0);
    item(w, 0, 0, "item", "v");
    output(w, "new", with_id(&w->m, 2));
}

static void world_before(struct world *w)
{
    world_settle(w);
    declare_first(w);
    apply_all(w);
    others_put(w, "x", "over", "theirs");
    others_put(w, "x", "legacy/1", "theirs");
    declare_second(w);
    w->o.permits.data_loss.bare = w->o.permits.mass_delete.bare = true;
    plan(w);
    meddle_reset(w);
}

/* The work is done, once, and nothing is left over. */
static void assert_finished(struct world *w)
{
    assert_empty(w);
    assert_int_equal(live_namespaces(w), 3);
    assert_string_equal(id_of(w, "gone"), "");
    assert_string_equal(keys_of(w, "y"), "item over");
    assert_string_equal(value_of(w, "y", "over"), "2");
    assert_int_equal(expiration_of(w, "y", "item"), NOW + 600);
    assert_string_equal(keys_of(w, "x"), "");
    assert_string_equal(keys_of(w, "new"), "k");
    struct id id = id_copy(w, "y");
    assert_string_equal(value_of(w, "new", "k") + 3, id.s);
    assert_int_equal(w->t.state.accounts[0].n_creating, 0);
    assert_int_equal(w->t.state.n_outputs, 1);
    size_t entries = 0;
    for (size_t i = 0; i < w->t.state.accounts[0].n; i++)
        entries += !w->t.state.accounts[0].namespaces[i].removed;
    assert_int_equal(entries, 3);
    assert_int_equal(entry(w, "shop/new/one")->origin, STATE_CREATED);
    assert_int_equal(entry(w, "shop/swap/one")->n_keys, 1);
    assert_int_equal(entry(w, "shop/swap/one")->n_bulks, 1);
}

static void assert_converges(struct world *w)
{
    meddle_reset(w);
    apply_all(w);
    assert_finished(w);
}

static uint64_t operations(void)
{
    struct world w = world_new();
    world_before(&w);
    do_planned(&w);
    uint64_t n = w.store.n;
    assert_finished(&w);
    world_end(&w);
    return n;
}

static void any_operation_may_fail(void **state)
{
    (void)state;
    uint64_t n = operations();
    assert_true(n > 10);
    for (uint64_t i = 1; i <= n; i++) {
        struct world w = world_new();
        world_before(&w);
        w.store.fail_at = i;
        assert_false(try_do(&w));
        assert_true(w.r.n_failed > 0);
        assert_int_equal(w.err.code, ERR_PARTIAL);
        assert_int_equal(w.r.applied.delete_namespaces, 0); /* it comes last */
        assert_string_not_equal(keys_of(&w, "gone"), "");
        assert_converges(&w);
        world_end(&w);
    }
}

static void any_answer_may_be_lost(void **state)
{
    (void)state;
    uint64_t n = operations();
    for (uint64_t i = 1; i <= n; i++) {
        struct world w = world_new();
        world_before(&w);
        w.store.lose_at = i;
        assert_false(try_do(&w));
        assert_converges(&w);
        world_end(&w);
    }
}

static void it_may_be_interrupted_after_any_operation(void **state)
{
    (void)state;
    uint64_t n = operations();
    for (uint64_t i = 1; i < n; i++) {
        struct world w = world_new();
        world_before(&w);
        w.store.interrupt_after = i;
        assert_false(try_do(&w));
        assert_int_equal(w.err.code, ERR_INTERRUPTED);
        assert_int_equal(w.store.n, i);          /* nothing more was sent */
        assert_int_equal(w.disk.journal.len, 0); /* and what was done is saved */
        assert_converges(&w);
        world_end(&w);
    }
}

static void any_write_of_the_state_may_fail(void **state)
{
    (void)state;
    bool ok = false;
    for (uint64_t i = 1; !ok; i++) {
        struct world w = world_new();
        world_before(&w);
        fault_set(FAULT_MODE_FAIL, i);
        ok = try_do(&w);
        fault_set(FAULT_MODE_NONE, 0);
        if (!ok && w.err.code != ERR_PARTIAL && w.err.code != ERR_FAILED)
            assert_int_equal(w.err.code, ERR_IO);
        assert_converges(&w);
        world_end(&w);
        assert_true(i < 200);
    }
}

static void no_failed_operation_at_all_is_a_success(void **state)
{
    (void)state;
    WORLD(w);
    declare_first(&w);
    w.store.fail_at = 3; /* the second of three creates */
    assert_false(try_apply(&w));
    assert_int_equal(w.err.code, ERR_PARTIAL);
    assert_int_equal(w.r.n_failed, 1);
    assert_string_equal(w.r.failed[0].message, "the store is broken");
    assert_int_equal(w.r.applied.create, 2);
    assert_int_equal(w.r.applied.put, 3);
    world_end(&w);
}

static void a_run_in_which_nothing_worked_failed(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    w.store.fail_at = 2;
    assert_false(try_apply(&w));
    assert_int_equal(w.err.code, ERR_FAILED);
    world_end(&w);
}

static void keys_that_the_store_did_not_take_are_failures_by_name(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    put(&w, 0, "good", "v");
    put(&w, 0, "bad", "v");
    w.store.refused_key = B("bad");
    assert_false(try_apply(&w));
    assert_int_equal(w.err.code, ERR_PARTIAL);
    assert_int_equal(w.r.n_failed, 1);
    assert_true(bytes_equal(w.p.actions[w.r.failed[0].action].key, B("bad")));
    assert_int_equal(w.r.applied.put, 1);
    assert_non_null(state_find_key(entry(&w, "a"), B("good")));
    assert_null(state_find_key(entry(&w, "a"), B("bad")));
    meddle_reset(&w);
    plan(&w);
    assert_int_equal(w.p.summary.put, 1);
    do_planned(&w);
    assert_empty(&w);
    world_end(&w);
}

static void a_key_that_could_not_be_deleted_is_still_known(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    put(&w, 0, "k", "v");
    apply_all(&w);
    redeclare(&w);
    ns_titled(&w, "a");
    w.store.refused_key = B("k");
    assert_false(try_apply(&w));
    assert_string_equal(w.r.failed[0].message, "the store did not take it");
    assert_string_equal(w.err.message, "1 of 1 action failed");
    meddle_reset(&w);
    apply_all(&w);
    assert_string_equal(keys_of(&w, "a"), "");
    assert_empty(&w);
    world_end(&w);
}

/* ---- While observing
 * --------------------------------------------------------------------------------- */

static void a_plan_that_could_not_look_is_no_plan(void **state)
{
    (void)state;
    WORLD(w);
    declare_first(&w);
    apply_all(&w);
    meddle_reset(&w);
    plan(&w);
    uint64_t n = w.store.n;
    for (uint64_t i = 1; i <= n; i++) {
        meddle_reset(&w);
        w.store.fail_at = i;
        assert_false(try_plan(&w));
        assert_int_equal(w.err.code, ERR_FAILED);
        assert_contains(w.err.message, "the store is broken");
    }
    world_end(&w);
}

/* ---- Size
 * -----------------------------------------------------------------------------------------------
 */

static void a_plan_of_many_namespaces_and_keys_is_not_quadratic(void **state)
{
    (void)state;
    WORLD(w);
    for (size_t i = 0; i < 300; i++) {
        ns_titled(&w, arena_printf(&w.m.arena, "n%zu", i));
        output(&w, arena_printf(&w.m.arena, "o%zu", i), with_id(&w.m, i));
        for (size_t k = 0; k < 20; k++)
            put(&w, i, arena_printf(&w.m.arena, "k%zu", k), "v");
    }
    apply_all(&w);
    clock_t start = clock();
    assert_empty(&w);
    assert_true((clock() - start) / CLOCKS_PER_SEC < 2);
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_operation_may_fail),
        cmocka_unit_test(any_answer_may_be_lost),
        cmocka_unit_test(it_may_be_interrupted_after_any_operation),
        cmocka_unit_test(any_write_of_the_state_may_fail),
        cmocka_unit_test(no_failed_operation_at_all_is_a_success),
        cmocka_unit_test(a_run_in_which_nothing_worked_failed),
        cmocka_unit_test(keys_that_the_store_did_not_take_are_failures_by_name),
        cmocka_unit_test(a_key_that_could_not_be_deleted_is_still_known),
        cmocka_unit_test(a_plan_that_could_not_look_is_no_plan),
        cmocka_unit_test(a_plan_of_many_namespaces_and_keys_is_not_quadratic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
