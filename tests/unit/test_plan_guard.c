/* What must not happen without a word from the user. */
#include "test_plan_kit.h"

/* `n` namespaces n0, n1, … applied; the first `kept` are declared again. */
static void remove_some(struct world *w, size_t n, size_t kept)
{
    static const char *const titles[] = {"n0", "n1", "n2", "n3", "n4",
                                         "n5", "n6", "n7", "n8", "n9"};
    redeclare(w);
    for (size_t i = 0; i < n; i++)
        ns_titled(w, titles[i]);
    apply_all(w);
    redeclare(w);
    for (size_t i = 0; i < kept; i++)
        ns_titled(w, titles[i]);
}

/* ---- Protected namespaces -----------------------------------------------------------------------
 */

static void a_protected_namespace_is_not_deleted(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a")->protect = YES;
    apply_all(&w);
    assert_true(entry(&w, "a")->protect);
    redeclare(&w);
    w.o.permits.data_loss.bare = w.o.permits.mass_delete.bare = true;
    assert_guarded(&w, "guard.protect");
    assert_contains(w.err.hint, "protect = false");
    assert_contains(w.err.hint, "cfkv state unprotect 'a'");
    w.o.destroy = true;
    assert_guarded(&w, "guard.protect");
    w.o.destroy = false;
    ns_titled(&w, "a")->protect = NO;
    apply_all(&w);
    redeclare(&w);
    apply_all(&w);
    assert_int_equal(live_namespaces(&w), 0);
    world_end(&w);
}

static void the_state_remembers_a_protection_that_is_declared_no_more(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a")->protect = YES;
    apply_all(&w);
    redeclare(&w);
    ns_titled(&w, "a");
    assert_empty(&w);
    assert_true(entry(&w, "a")->protect);
    world_end(&w);
}

static void a_protected_environment_protects_its_namespaces(void **state)
{
    (void)state;
    WORLD(w);
    struct bytes prod = B("prod");
    w.m.project.protected_envs = &prod;
    w.m.project.n_protected_envs = 1;
    ns_at(&w, "config", "prod", "p");
    ns_at(&w, "config", "dev", "d");
    apply_all(&w);
    redeclare(&w);
    plan(&w);
    assert_int_equal(w.p.notes.errors, 1);
    assert_contains(w.p.notes.items[0].message, "'shop/config/prod' is protected");
    world_end(&w);
}

static void a_protected_namespace_is_not_pruned(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a")->protect = YES;
    prune(&w, 0, "legacy/");
    apply_all(&w);
    others_put(&w, "a", "legacy/x", "1");
    w.o.permits.data_loss.bare = true;
    assert_guarded(&w, "guard.protect");
    assert_contains(w.err.message, "1 of its keys would be pruned");
    assert_string_equal(keys_of(&w, "a"), "legacy/x");
    world_end(&w);
}

static void a_local_store_is_not_protected(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a")->protect = YES;
    apply_all(&w);
    redeclare(&w);
    w.t.local = (struct local_store *)&w; /* only asked whether there is one */
    plan(&w);
    assert_true(plan_guard(&w.p, &w.err));
    w.t.local = NULL;
    world_end(&w);
}

/* ---- Data ---------------------------------------------------------------------------------------
 */

static void a_namespace_that_holds_keys_is_deleted_only_when_told_and_saved(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    apply_all(&w);
    others_put(&w, "a", "k", "v");
    others_put(&w, "a", "l", "w");
    redeclare(&w);
    assert_guarded(&w, "guard.data_loss");
    assert_contains(w.err.message, "'a' would be deleted with the 2 keys it holds");
    assert_contains(w.err.hint, "--allow-data-loss");
    w.o.permits.data_loss.bare = true;
    apply_as_forecast(&w);
    assert_int_equal(live_namespaces(&w), 0);
    assert_string_equal(backup_text(&w, 0), "k=v l=w");
    assert_empty(&w);
    world_end(&w);
}

static void put_into_a(struct world *w)
{
    others_put(w, "a", "late", "v");
}

static void a_key_written_since_the_plan_keeps_the_namespace(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    apply_all(&w);
    redeclare(&w);
    plan(&w);
    w.store.before = put_into_a;
    w.store.before_kind = STORE_NAMESPACE_GET;
    assert_false(try_do(&w));
    assert_contains(w.r.failed[0].message, "it holds 1 key");
    assert_string_equal(value_of(&w, "a", "late"), "v");
    world_end(&w);
}

static void what_was_not_looked_at_is_not_deleted_without_a_word(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    apply_all(&w);
    redeclare(&w);
    w.o.refresh = REFRESH_NAMES;
    assert_guarded(&w, "guard.data_loss");
    assert_contains(w.err.message, "its keys were not looked at");
    w.o.permits.data_loss.bare = true;
    apply_all(&w);
    assert_int_equal(live_namespaces(&w), 0);
    world_end(&w);
}

static void a_namespace_whose_backup_fails_is_not_deleted(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    apply_all(&w);
    others_put(&w, "a", "k", "v");
    redeclare(&w);
    w.o.permits.data_loss.bare = true;
    plan(&w);
    w.store.fail_at = w.store.n + 3; /* get, list, then the values */
    assert_false(try_do(&w));
    assert_contains(w.err.message, "cannot delete namespace 'a': cannot back up namespace 'a'");
    assert_string_equal(value_of(&w, "a", "k"), "v");
    world_end(&w);
}

static void overwrites_in_a_namespace_being_adopted_need_a_word(void **state)
{
    (void)state;
    WORLD(w);
    others_create(&w, "a");
    others_put(&w, "a", "k", "theirs");
    others_put(&w, "a", "legacy/x", "1");
    ns_titled(&w, "a");
    put(&w, 0, "k", "ours");
    assert_guarded(&w, "guard.data_loss");
    assert_contains(w.err.message, "1 of its keys would be overwritten and 0 pruned");
    redeclare(&w);
    ns_titled(&w, "a");
    prune(&w, 0, "legacy/");
    assert_guarded(&w, "guard.data_loss");
    w.o.permits.data_loss.bare = true;
    apply_all(&w);
    assert_string_equal(backup_text(&w, 0), "legacy/x=1");
    world_end(&w);
}

static void overwrites_of_a_bulk_source_in_a_namespace_being_adopted_need_a_word(void **state)
{
    (void)state;
    WORLD(w);
    others_create(&w, "a");
    others_put(&w, "a", "k", "theirs");
    ns_titled(&w, "a");
    bulk_inline(&w, 0);
    item(&w, 0, 0, "k", "ours");
    assert_guarded(&w, "guard.data_loss");
    world_end(&w);
}

/* ---- Many at once
 * --------------------------------------------------------------------------------- */

static void three_of_ten_namespaces_may_go_four_may_not(void **state)
{
    (void)state;
    WORLD(w);
    remove_some(&w, 10, 7);
    plan(&w);
    assert_true(plan_guard(&w.p, &w.err));
    remove_some(&w, 10, 6);
    assert_guarded(&w, "guard.mass_delete");
    assert_contains(w.err.message, "4 of 10 managed namespaces");
    w.o.permits.mass_delete.bare = true;
    apply_all(&w);
    assert_int_equal(live_namespaces(&w), 6);
    world_end(&w);
}

static void the_mass_guard_begins_at_four_namespaces(void **state)
{
    (void)state;
    WORLD(w);
    remove_some(&w, 3, 0);
    plan(&w);
    assert_true(plan_guard(&w.p, &w.err));
    remove_some(&w, 4, 2);
    assert_guarded(&w, "guard.mass_delete");
    world_end(&w);
}

static void destroy_is_exempt_from_the_mass_guard(void **state)
{
    (void)state;
    WORLD(w);
    remove_some(&w, 5, 5);
    output(&w, "o", literal(&w.m, "x"));
    apply_all(&w);
    w.o.destroy = true;
    apply_all(&w);
    assert_int_equal(live_namespaces(&w), 0);
    assert_int_equal(w.t.state.n_outputs, 0);
    world_end(&w);
}

static void forgotten_namespaces_are_not_counted_as_deleted(void **state)
{
    (void)state;
    WORLD(w);
    others_create(&w, "n0");
    others_create(&w, "n1");
    remove_some(&w, 4, 0);
    plan(&w);
    assert_int_equal(count(&w, ACTION_NAMESPACE, ACTION_FORGET), 2);
    assert_contains(note(&w, "guard.mass_delete")->message, "2 of 4");
    world_end(&w);
}

static void others_put_many(struct world *w, const char *title, size_t from, size_t to)
{
    char key[16];
    for (size_t i = from; i < to; i++) {
        snprintf(key, sizeof key, "legacy/%04zu", i);
        others_put(w, title, key, "v");
    }
}

static void more_than_thirty_percent_of_a_hundred_keys_may_not_go(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    apply_all(&w);
    others_put_many(&w, "a", 0, 100);
    prune(&w, 0, "legacy/007"); /* ten of a hundred */
    prune(&w, 0, "legacy/008");
    prune(&w, 0, "legacy/009");
    plan(&w);
    assert_int_equal(w.p.summary.delete_keys, 30);
    assert_true(plan_guard(&w.p, &w.err));
    prune(&w, 0, "legacy/0001");
    assert_guarded(&w, "guard.mass_delete");
    assert_contains(w.err.message, "31 of the 100 keys in namespace 'a'");
    w.o.permits.mass_delete.bare = true;
    apply_all(&w);
    assert_int_equal(w.r.applied.delete_keys, 31);
    world_end(&w);
}

static void the_mass_guard_begins_at_a_hundred_keys(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    prune(&w, 0, "legacy/");
    apply_all(&w);
    others_put_many(&w, "a", 0, 99);
    plan(&w);
    assert_int_equal(w.p.summary.delete_keys, 99);
    assert_true(plan_guard(&w.p, &w.err));
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_protected_namespace_is_not_deleted),
        cmocka_unit_test(the_state_remembers_a_protection_that_is_declared_no_more),
        cmocka_unit_test(a_protected_environment_protects_its_namespaces),
        cmocka_unit_test(a_protected_namespace_is_not_pruned),
        cmocka_unit_test(a_local_store_is_not_protected),
        cmocka_unit_test(a_namespace_that_holds_keys_is_deleted_only_when_told_and_saved),
        cmocka_unit_test(a_key_written_since_the_plan_keeps_the_namespace),
        cmocka_unit_test(what_was_not_looked_at_is_not_deleted_without_a_word),
        cmocka_unit_test(a_namespace_whose_backup_fails_is_not_deleted),
        cmocka_unit_test(overwrites_in_a_namespace_being_adopted_need_a_word),
        cmocka_unit_test(overwrites_of_a_bulk_source_in_a_namespace_being_adopted_need_a_word),
        cmocka_unit_test(three_of_ten_namespaces_may_go_four_may_not),
        cmocka_unit_test(the_mass_guard_begins_at_four_namespaces),
        cmocka_unit_test(destroy_is_exempt_from_the_mass_guard),
        cmocka_unit_test(forgotten_namespaces_are_not_counted_as_deleted),
        cmocka_unit_test(more_than_thirty_percent_of_a_hundred_keys_may_not_go),
        cmocka_unit_test(the_mass_guard_begins_at_a_hundred_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
