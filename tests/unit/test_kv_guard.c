/* What must not happen without a word from the user: questions without a store. */
#include "test_base.h"

#include "kv/batch.h"
#include "kv/guard.h"

static struct guarded shop(void)
{
    return (struct guarded){.address = TEXT("shop/config/prod"),
                            .title = TEXT("shop-config-prod"),
                            .id = TEXT("1234"),
                            .alone = true};
}

static void allow(struct permit *p, struct bytes *glob)
{
    *p = (struct permit){.globs = glob, .n = 1};
}

/* ---- Permissions ----------------------------------------------------------------------------- */

static void the_bare_form_is_good_where_one_namespace_is_meant(void **state)
{
    (void)state;
    struct error err;
    struct guarded g = shop();
    g.permits.data_loss.bare = true;
    assert_true(guard_data_loss(&g, true, 2, false, &err));
    g.alone = false;
    assert_false(guard_data_loss(&g, true, 2, false, &err));
    struct bytes glob = TEXT("shop/*");
    allow(&g.permits.data_loss, &glob);
    assert_true(guard_data_loss(&g, true, 2, false, &err));
}

static void a_hint_says_the_exact_permission(void **state)
{
    (void)state;
    struct error err;
    struct guarded g = shop();
    assert_false(guard_data_loss(&g, true, 2, false, &err));
    assert_int_equal(err.code, ERR_GUARD);
    assert_non_null(strstr(err.message, "'shop-config-prod' would be deleted with the 2 keys"));
    assert_string_equal(err.hint, "--allow-data-loss=shop/config/prod lets it go; a backup is "
                                  "written first");
    g.address = bytes_make(NULL, 0);
    g.title = TEXT("a b");
    g.unsaved = true;
    assert_false(guard_data_loss(&g, true, 1, false, &err));
    assert_string_equal(err.hint, "--allow-data-loss='a b' lets it go");
    g.title = bytes_make(NULL, 0);
    assert_false(guard_data_loss(&g, true, 1, false, &err));
    assert_string_equal(err.hint, "--allow-data-loss lets it go");
    g.words = GUARD_FIELDS;
    assert_false(guard_data_loss(&g, true, 1, false, &err));
    assert_string_equal(err.hint, "{ allow_data_loss = true } deletes it");
}

/* ---- Protection ------------------------------------------------------------------------------ */

static void no_permission_deletes_a_protected_namespace(void **state)
{
    (void)state;
    struct error err;
    struct guarded g = shop();
    g.permits.data_loss.bare = true;
    assert_true(guard_protected(&g, &err));
    g.protect = true;
    assert_false(guard_protected(&g, &err));
    assert_non_null(strstr(err.hint, "protect = false"));
    assert_non_null(strstr(err.hint, "cfkv state unprotect 'shop/config/prod'"));
}

static void keys_of_a_protected_namespace_need_allowed_loss(void **state)
{
    (void)state;
    struct error err;
    struct guarded g = shop();
    g.protect = true;
    assert_true(guard_protected_keys(&g, 0, "deleted", &err));
    assert_false(guard_protected_keys(&g, 5, "deleted", &err));
    const char *loss_free = strstr(err.hint, "protect = false");
    const char *flag = strstr(err.hint, "--allow-data-loss=shop/config/prod");
    assert_true(loss_free && flag && loss_free < flag);
    g.permits.data_loss.bare = true;
    assert_true(guard_protected_keys(&g, 5, "deleted", &err));
}

/* ---- Thresholds ------------------------------------------------------------------------------ */

static void many_keys_are_more_than_a_part_of_a_large_namespace(void **state)
{
    (void)state;
    struct error err;
    struct guarded g = shop();
    assert_true(guard_mass_keys(&g, 99, 99, "deleted", &err));
    assert_true(guard_mass_keys(&g, 30, 100, "deleted", &err));
    assert_false(guard_mass_keys(&g, 31, 100, "deleted", &err));
    assert_non_null(strstr(err.message, "31 of the 100 keys in namespace"));
    assert_non_null(strstr(err.message, "more than 30 %"));
    g.permits.data_loss.bare = true;
    assert_false(guard_mass_keys(&g, 31, 100, "deleted", &err));
    g.permits.mass_delete.bare = true;
    assert_true(guard_mass_keys(&g, 31, 100, "deleted", &err));
}

static void a_project_has_thresholds_of_its_own(void **state)
{
    (void)state;
    struct error err;
    struct guarded g = shop();
    g.guards = (struct guards){.mass_percent = 50, .mass_from = 10};
    assert_true(guard_mass_keys(&g, 5, 10, "deleted", &err));
    assert_false(guard_mass_keys(&g, 6, 10, "deleted", &err));
    assert_int_equal(guards_mass_least(g.guards), 5);
    assert_int_equal(guards_mass_least((struct guards){0}), 30);
}

static void an_empty_source_is_no_reason_to_delete_all(void **state)
{
    (void)state;
    struct error err;
    struct guarded g = shop();
    assert_true(guard_emptied(&g, 0, "'source'", &err));
    assert_false(guard_emptied(&g, 3, "'source'", &err));
    g.permits.mass_delete.bare = true;
    assert_true(guard_emptied(&g, 3, "'source'", &err));
}

static void most_of_the_managed_namespaces_do_not_go_at_once(void **state)
{
    (void)state;
    struct error err;
    static const struct bytes names[] = {{"a/b/c", 5}, {"x y", 3}, {"z", 1}, {"zz", 2}};
    struct guarded_many g = {.names = names, .n = 3, .managed = 3};
    assert_true(guard_mass_namespaces(&g, &err));
    g.managed = 10;
    assert_true(guard_mass_namespaces(&g, &err));
    g.n = 4;
    assert_false(guard_mass_namespaces(&g, &err));
    assert_string_equal(err.message, "4 of 10 managed namespaces would be deleted, more than 30 %");
    assert_non_null(strstr(err.hint, "renamed_from"));
    assert_non_null(strstr(err.hint, "--allow-mass-delete=a/b/c --allow-mass-delete='x y' "
                                     "--allow-mass-delete=z --allow-mass-delete=zz"));
    g.guards.mass_percent = 40;
    assert_true(guard_mass_namespaces(&g, &err));
}

static void a_configuration_that_declares_nothing_empties_nothing(void **state)
{
    (void)state;
    struct error err;
    static const struct bytes names[] = {{"a", 1}, {"b", 1}, {"c", 1}};
    struct guarded_many g = {.names = names, .n = 3, .managed = 3, .emptied = true};
    assert_false(guard_mass_namespaces(&g, &err));
    assert_string_equal(err.message,
                        "nothing is declared, and 3 of 3 managed namespaces would be deleted");
    assert_non_null(strstr(err.hint, "cfkv destroy"));
    assert_non_null(strstr(err.hint, "--allow-mass-delete=c"));
    g.n = 0; /* all were named */
    assert_true(guard_mass_namespaces(&g, &err));
}

static void a_hint_lists_as_many_permissions_as_fit(void **state)
{
    (void)state;
    struct error err;
    struct bytes names[200];
    for (size_t i = 0; i < 200; i++)
        names[i] = bytes_of("shop/a-rather-long-purpose/production");
    struct guarded_many g = {.names = names, .n = 200, .managed = 200};
    assert_false(guard_mass_namespaces(&g, &err));
    assert_non_null(strstr(err.hint, " … (and so on, 19"));
    assert_non_null(strstr(err.hint, " more)"));
}

/* ---- Titles ---------------------------------------------------------------------------------- */

static void a_title_that_moved_is_told_with_the_ways_on(void **state)
{
    (void)state;
    struct error err;
    struct guarded g = shop();
    assert_true(guard_title(&g, TEXT("n"), TEXT("n"), &err));
    assert_true(guard_title(&g, bytes_make(NULL, 0), TEXT("n"), &err));
    g.words = GUARD_PLAN;
    assert_false(guard_title(&g, TEXT("n"), TEXT("mine-now"), &err));
    assert_string_equal(err.message, "namespace 'n' is titled 'mine-now' now");
    assert_non_null(strstr(err.hint, "on_remove"));
    assert_non_null(strstr(err.hint, "kv namespace delete --namespace-id 1234"));
}

/* ---- Batches --------------------------------------------------------------------------------- */

static void a_batch_is_full_by_count_by_bytes_or_by_one_big_value(void **state)
{
    (void)state;
    assert_false(batch_is_full(0, 0, BATCH_BYTES * 2));
    assert_false(batch_is_full(STORE_BULK_MAX - 1, 100, 1));
    assert_true(batch_is_full(STORE_BULK_MAX, 100, 1));
    assert_false(batch_is_full(5, BATCH_BYTES - 10, 10));
    assert_true(batch_is_full(5, BATCH_BYTES - 10, 11));
    assert_true(batch_is_full(1, 1, STORE_ALONE_BYTES));
    assert_true(batch_is_full(1, STORE_ALONE_BYTES, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bare_form_is_good_where_one_namespace_is_meant),
        cmocka_unit_test(a_hint_says_the_exact_permission),
        cmocka_unit_test(no_permission_deletes_a_protected_namespace),
        cmocka_unit_test(keys_of_a_protected_namespace_need_allowed_loss),
        cmocka_unit_test(many_keys_are_more_than_a_part_of_a_large_namespace),
        cmocka_unit_test(a_project_has_thresholds_of_its_own),
        cmocka_unit_test(an_empty_source_is_no_reason_to_delete_all),
        cmocka_unit_test(most_of_the_managed_namespaces_do_not_go_at_once),
        cmocka_unit_test(a_configuration_that_declares_nothing_empties_nothing),
        cmocka_unit_test(a_hint_lists_as_many_permissions_as_fit),
        cmocka_unit_test(a_title_that_moved_is_told_with_the_ways_on),
        cmocka_unit_test(a_batch_is_full_by_count_by_bytes_or_by_one_big_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
