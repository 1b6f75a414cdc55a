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

/* ---- Protected namespaces -------------------------------------------------------------------- */

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
    allow_all(&w);
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
    w.m.project.protected_envs = (struct strings){&prod, 1};
    ns_at(&w, "config", "prod", "p");
    ns_at(&w, "config", "dev", "d");
    apply_all(&w);
    redeclare(&w);
    allow_all(&w);
    plan(&w);
    assert_int_equal(w.p.notes.errors, 1);
    assert_contains(w.p.notes.items[0].message, "'shop/config/prod' is protected");
    world_end(&w);
}

static void a_prune_of_a_protected_namespace_says_that_it_is_protected(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a")->protect = YES;
    prune(&w, 0, "legacy/");
    put(&w, 0, "stays", "1");
    apply_all(&w);
    others_put(&w, "a", "legacy/x", "1");
    plan(&w);
    assert_string_equal(only(&w, ACTION_KEY, ACTION_DELETE)->reason,
                        "pruned: not declared, under 'legacy/' (protected)");
    do_planned(&w);
    assert_string_equal(keys_of(&w, "a"), "stays");
    assert_string_equal(backup_text(&w, 0), "legacy/x=1");
    world_end(&w);
}

static void a_protected_namespace_does_not_lose_its_last_key_unasked(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a")->protect = YES;
    put(&w, 0, "k", "1");
    put(&w, 0, "l", "1");
    apply_all(&w);
    redeclare(&w);
    ns_titled(&w, "a")->protect = YES;
    assert_guarded(&w, "guard.protect");
    assert_contains(w.err.message, "2 of its keys would be deleted, which leaves none");
    assert_contains(w.err.hint, "protect = false");
    assert_contains(w.err.hint, "--allow-data-loss=a");
    put(&w, 0, "m", "1"); /* a new one in their place is another matter */
    plan(&w);
    assert_true(plan_guard(&w.p, &w.err));
    redeclare(&w);
    ns_titled(&w, "a")->protect = YES;
    w.o.permits.data_loss.bare = true;
    apply_all(&w);
    assert_string_equal(keys_of(&w, "a"), "");
    assert_string_equal(backup_text(&w, 0), "k=1 l=1");
    world_end(&w);
}

static void a_local_store_is_not_protected(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a")->protect = YES;
    apply_all(&w);
    redeclare(&w);
    allow_all(&w);
    w.t.local = (struct local_store *)&w; /* only asked whether there is one */
    plan(&w);
    assert_true(plan_guard(&w.p, &w.err));
    w.t.local = NULL;
    world_end(&w);
}

/* ---- Data ------------------------------------------------------------------------------------ */

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
    assert_contains(w.err.hint, "--allow-data-loss=a");
    w.o.permits.data_loss.bare = w.o.permits.mass_delete.bare = true;
    apply_as_forecast(&w);
    assert_int_equal(live_namespaces(&w), 0);
    assert_string_equal(backup_text(&w, 0), "k=v l=w");
    assert_empty(&w);
    world_end(&w);
}

/* Two namespaces that hold a key each, both declared no more; 'stays' is. */
static void two_with_keys(struct world *w)
{
    ns_at(w, "config", "dev", "d");
    ns_at(w, "config", "prod", "p");
    ns_titled(w, "stays");
    apply_all(w);
    others_put(w, "d", "k", "v");
    others_put(w, "p", "k", "v");
    redeclare(w);
    ns_titled(w, "stays");
}

static size_t refusals(struct world *w)
{
    plan(w);
    return w->p.notes.errors;
}

static void a_bare_permission_is_good_for_one_namespace(void **state)
{
    (void)state;
    WORLD(w);
    two_with_keys(&w);
    w.o.permits.data_loss.bare = true;
    assert_int_equal(refusals(&w), 2);
    assert_contains(note(&w, "guard.data_loss")->hint, "--allow-data-loss=shop/config/dev");
    assert_contains(note(&w, "guard.data_loss")->hint, "good for one namespace only");
    w.o.permits.mass_delete.bare = true;
    assert_int_equal(refusals(&w), 2);
    struct bytes named = B("p");
    w.o.permits.data_loss = (struct permit){.bare = true, .globs = &named, .n = 1};
    assert_int_equal(refusals(&w), 0);
    world_end(&w);
}

static void a_permission_is_good_for_the_namespaces_it_names(void **state)
{
    (void)state;
    WORLD(w);
    two_with_keys(&w);
    struct bytes globs[] = {B("*/dev"), B("p")};
    w.o.permits.data_loss = (struct permit){.globs = globs, .n = 1};
    assert_int_equal(refusals(&w), 1);
    assert_contains(note(&w, "guard.data_loss")->message, "'p'");
    w.o.permits.data_loss.n = 2;
    assert_int_equal(refusals(&w), 0);
    do_planned(&w);
    assert_int_equal(live_namespaces(&w), 1);
    world_end(&w);
}

static void the_reviewed_file_may_say_it_too(void **state)
{
    (void)state;
    WORLD(w);
    two_with_keys(&w);
    model_add_removed(&w.m)->address = B("shop/config/dev");
    w.m.removed[0].allow_data_loss = true;
    assert_int_equal(refusals(&w), 1);
    model_add_removed(&w.m)->title = B("p");
    assert_int_equal(refusals(&w), 1);
    w.m.removed[1].allow_data_loss = true;
    apply_all(&w);
    assert_int_equal(live_namespaces(&w), 1);
    assert_empty(&w); /* harmless once done */
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
    w.o.permits.mass_delete.bare = true;
    plan(&w);
    w.store.before = put_into_a;
    w.store.before_kind = STORE_NAMESPACE_GET;
    assert_false(try_do(&w));
    assert_contains(w.r.failed[0].message, "'a' would be deleted with the 1 key it holds");
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
    allow_all(&w);
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
    allow_all(&w);
    plan(&w);
    w.store.fail_at = w.store.n + 3; /* get, list, then the values */
    assert_false(try_do(&w));
    assert_contains(w.r.failed[0].message, "cannot back up namespace 'a'");
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
    assert_contains(w.err.hint, "--allow-mass-delete=n6 --allow-mass-delete=n7 "
                                "--allow-mass-delete=n8 --allow-mass-delete=n9");
    w.o.permits.mass_delete.bare = true; /* is good for one of them */
    assert_guarded(&w, "guard.mass_delete");
    allow_all(&w);
    apply_all(&w);
    assert_int_equal(live_namespaces(&w), 6);
    world_end(&w);
}

static void the_mass_guard_begins_at_four_namespaces(void **state)
{
    (void)state;
    WORLD(w);
    remove_some(&w, 3, 1);
    plan(&w);
    assert_true(plan_guard(&w.p, &w.err));
    remove_some(&w, 4, 2);
    assert_guarded(&w, "guard.mass_delete");
    world_end(&w);
}

static void named_namespaces_do_not_count_as_many(void **state)
{
    (void)state;
    WORLD(w);
    remove_some(&w, 10, 6);
    struct bytes named = B("n7");
    w.o.permits.mass_delete = (struct permit){.globs = &named, .n = 1};
    plan(&w);
    assert_true(plan_guard(&w.p, &w.err));
    w.o.permits.mass_delete = (struct permit){0};
    model_add_removed(&w.m)->title = B("n8");
    w.m.removed[0].allow_mass_delete = true;
    plan(&w);
    assert_true(plan_guard(&w.p, &w.err));
    world_end(&w);
}

static void the_whole_state_counts_whatever_the_filters(void **state)
{
    (void)state;
    WORLD(w);
    remove_some(&w, 10, 6);
    w.only[0] = "n6";
    w.o.only = w.only;
    w.o.n_only = 1;
    plan(&w);
    assert_true(plan_guard(&w.p, &w.err)); /* one of ten, not one of one */
    world_end(&w);
}

static void a_project_has_thresholds_of_its_own(void **state)
{
    (void)state;
    WORLD(w);
    remove_some(&w, 10, 6);
    w.m.project.mass_percent = 40;
    plan(&w);
    assert_true(plan_guard(&w.p, &w.err));
    w.m.project.mass_percent = 39;
    assert_guarded(&w, "guard.mass_delete");
    world_end(&w);
}

static void what_is_declared_of_the_project_is_recorded_for_who_evaluates_nothing(void **state)
{
    (void)state;
    WORLD(w);
    struct kv kv;
    w.m.project.declared = true;
    w.m.project.mass_percent = 40;
    w.m.project.mass_from = 10;
    w.m.project.backups_dir = B("saved");
    w.m.project.backups_keep = 3;
    ns_titled(&w, "a");
    apply_all(&w);
    check(&w, target_kv(&w.t, &w.t.state, NOW, &kv, &w.err));
    assert_int_equal(kv.guards.mass_percent, 40);
    assert_int_equal(kv.guards.mass_from, 10);
    assert_contains(kv.backups.dir, "/saved");
    assert_int_equal(kv.backups.keep, 3);
    assert_int_equal(kv.backups.days, CFKV_BACKUPS_DAYS);
    kv_release(&kv);
    assert_empty(&w);
    redeclare(&w);
    ns_titled(&w, "a"); /* says nothing of the project, so it stays as it is */
    apply_all(&w);
    assert_int_equal(w.t.state.settings.mass_percent, 40);
    world_end(&w);
}

static void ephemeral_environments_are_not_counted(void **state)
{
    (void)state;
    WORLD(w);
    w.m.project.ephemeral = B("pr-*");
    for (size_t i = 0; i < 4; i++) {
        static const char *const envs[] = {"pr-1", "pr-2", "pr-3", "prod"};
        ns_at(&w, "config", envs[i], envs[i]);
    }
    apply_all(&w);
    redeclare(&w);
    w.m.project.ephemeral = B("pr-*");
    ns_at(&w, "config", "prod", "prod");
    plan(&w);
    assert_int_equal(count(&w, ACTION_NAMESPACE, ACTION_DELETE), 3);
    assert_true(plan_guard(&w.p, &w.err));
    w.m.project.ephemeral = bytes_make(NULL, 0);
    assert_guarded(&w, "guard.mass_delete");
    world_end(&w);
}

static void an_empty_configuration_deletes_nothing_unasked(void **state)
{
    (void)state;
    WORLD(w);
    remove_some(&w, 3, 0);
    assert_guarded(&w, "guard.mass_delete");
    assert_contains(w.err.message, "nothing is declared, and 3 of 3 managed namespaces");
    assert_contains(w.err.hint, "cfkv destroy");
    w.o.destroy = true;
    plan(&w);
    assert_true(plan_guard(&w.p, &w.err));
    w.o.destroy = false;
    allow_all(&w);
    apply_all(&w);
    assert_int_equal(live_namespaces(&w), 0);
    world_end(&w);
}

static void what_has_another_title_by_now_is_not_deleted(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "n");
    ns_titled(&w, "stays");
    apply_all(&w);
    others_rename(&w, "n", "mine-now");
    redeclare(&w);
    ns_titled(&w, "stays");
    allow_all(&w);
    assert_guarded(&w, "guard.title");
    assert_contains(w.err.message, "'n' is titled 'mine-now' now");
    assert_contains(w.err.hint, "declare it under the new title");
    assert_contains(w.err.hint, "on_remove = \"keep\"");
    assert_contains(w.err.hint, "kv namespace delete --namespace-id ");
    ns_titled(&w, "mine-now"); /* the first way on */
    plan(&w);
    assert_true(plan_guard(&w.p, &w.err));
    assert_int_equal(count(&w, ACTION_NAMESPACE, ACTION_DELETE), 0);
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
        cmocka_unit_test(a_prune_of_a_protected_namespace_says_that_it_is_protected),
        cmocka_unit_test(a_protected_namespace_does_not_lose_its_last_key_unasked),
        cmocka_unit_test(a_local_store_is_not_protected),
        cmocka_unit_test(a_namespace_that_holds_keys_is_deleted_only_when_told_and_saved),
        cmocka_unit_test(a_bare_permission_is_good_for_one_namespace),
        cmocka_unit_test(a_permission_is_good_for_the_namespaces_it_names),
        cmocka_unit_test(the_reviewed_file_may_say_it_too),
        cmocka_unit_test(a_key_written_since_the_plan_keeps_the_namespace),
        cmocka_unit_test(what_was_not_looked_at_is_not_deleted_without_a_word),
        cmocka_unit_test(a_namespace_whose_backup_fails_is_not_deleted),
        cmocka_unit_test(overwrites_in_a_namespace_being_adopted_need_a_word),
        cmocka_unit_test(overwrites_of_a_bulk_source_in_a_namespace_being_adopted_need_a_word),
        cmocka_unit_test(three_of_ten_namespaces_may_go_four_may_not),
        cmocka_unit_test(the_mass_guard_begins_at_four_namespaces),
        cmocka_unit_test(named_namespaces_do_not_count_as_many),
        cmocka_unit_test(the_whole_state_counts_whatever_the_filters),
        cmocka_unit_test(a_project_has_thresholds_of_its_own),
        cmocka_unit_test(what_is_declared_of_the_project_is_recorded_for_who_evaluates_nothing),
        cmocka_unit_test(ephemeral_environments_are_not_counted),
        cmocka_unit_test(an_empty_configuration_deletes_nothing_unasked),
        cmocka_unit_test(what_has_another_title_by_now_is_not_deleted),
        cmocka_unit_test(destroy_is_exempt_from_the_mass_guard),
        cmocka_unit_test(forgotten_namespaces_are_not_counted_as_deleted),
        cmocka_unit_test(more_than_thirty_percent_of_a_hundred_keys_may_not_go),
        cmocka_unit_test(the_mass_guard_begins_at_a_hundred_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
