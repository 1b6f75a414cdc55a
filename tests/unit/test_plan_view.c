/* Views of a plan: what is shown of a change, and what is shown together. */
#include "test_plan_kit.h"

/* `n` namespaces titled "t01" …, each with that put. */
static void many(struct world *w, int n, const char *key, const char *value)
{
    for (int i = 1; i <= n; i++) {
        ns_titled(w, arena_printf(&w->m.arena, "t%02d", i));
        put(w, w->m.n_namespaces - 1, key, value);
    }
}

static void applied_many(struct world *w, int n, const char *key, const char *value)
{
    many(w, n, key, value);
    apply_all(w);
    redeclare(w);
}

static void applied_one(struct world *w, const char *key, const char *value)
{
    ns_titled(w, "a");
    put(w, 0, key, value);
    apply_all(w);
    redeclare(w);
    ns_titled(w, "a");
}

/* What stands between the first line and the summary. */
static const char *body(struct world *w, struct view_options options)
{
    char *text = plan_shown(w, "plan.text", options);
    char *end = strstr(text, "\nPlan: ");
    assert_non_null(end);
    *end = '\0';
    return strchr(text, '\n') + 1;
}

static void assert_body(struct world *w, const char *want)
{
    plan(w);
    assert_string_equal(body(w, (struct view_options){0}), want);
}

#define DIFFERS "  (its value or metadata differs)\n"

/* ---- One change ------------------------------------------------------------------------------ */

static void a_json_value_is_compared_by_path(void **state)
{
    (void)state;
    WORLD(w);
    applied_one(&w, "k", "{\"a\":{\"b\":1},\"c\":[1,2]}");
    put(&w, 0, "k", "{\"a\":{\"b\":2},\"d\":true,\"c\":[1,2]}");
    assert_body(&w, "\na\n"
                    "  ~ put 'k'" DIFFERS "      ~ a.b: 1 -> 2\n"
                    "      + d: true\n");
    world_end(&w);
}

static void metadata_and_expiry_are_shown_where_they_change(void **state)
{
    (void)state;
    WORLD(w);
    applied_one(&w, "k", "v");
    put(&w, 0, "k", "v")->seed.metadata = B("{\"owner\":\"me\"}");
    assert_body(&w, "\na\n"
                    "  ~ put 'k'" DIFFERS "      metadata:\n"
                    "      + {\"owner\":\"me\"}\n");
    w.m.namespaces[0].puts[0].seed =
        (struct seed_key){.key = B("k"), .value = literal(&w.m, "v"), .expiration_ttl = 7200};
    assert_body(&w, "\na\n"
                    "  ~ put 'k'  (its expiry differs)\n"
                    "      expires: never -> 2 h after it is written\n");
    world_end(&w);
}

static void what_is_secret_on_either_side_is_shown_on_none(void **state)
{
    (void)state;
    WORLD(w);
    applied_one(&w, "k", "hunter2");
    struct put_decl *secret = put(&w, 0, "k", "hunter3");
    secret->seed.value.secret = true;
    put(&w, 0, "new", "hunter4")->seed.value.secret = true;
    put(&w, 0, "api_token", "hunter5");
    assert_body(&w, "\na\n"
                    "  ~ put 'k'" DIFFERS "      ~ (secret, changed)\n"
                    "  + put 'new'  (the key is absent)\n"
                    "      + (secret)\n"
                    "  + put 'api_token'  (the key is absent)\n"
                    "      + (secret)\n");
    world_end(&w);
}

static void the_public_sees_what_was_there_where_cfkv_wrote_it(void **state)
{
    (void)state;
    WORLD(w);
    struct view_options public = {.public = true};
    applied_one(&w, "k", "ours");
    put(&w, 0, "k", "new");
    put(&w, 0, "x", "new");
    others_put(&w, "a", "x", "theirs");
    plan(&w);
    assert_contains(body(&w, (struct view_options){0}), "\"theirs\"");
    assert_contains(body(&w, public), "ours");
    assert_lacks(body(&w, public), "theirs");
    assert_contains(body(&w, public), "6 bytes, sha256 ");
    world_end(&w);
}

static void a_deleted_key_shows_no_value(void **state)
{
    (void)state;
    WORLD(w);
    applied_one(&w, "k", "was");
    assert_body(&w, "\na\n"
                    "  - delete 'k'  (it is not declared any more)\n");
    world_end(&w);
}

static void a_value_with_an_unknown_id_is_known_after_apply(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    put(&w, 0, "k", "")->seed.value = with_id(&w.m, 0);
    plan(&w);
    assert_contains(body(&w, (struct view_options){0}), "      + (known after apply)\n");
    world_end(&w);
}

static void a_large_value_is_compared_where_it_changed(void **state)
{
    (void)state;
    WORLD(w);
    struct buf page = {0};
    for (int i = 0; i < 2000; i++)
        buf_addf(&page, "line %d\n", i);
    const char *old = arena_str(&w.t.arena, page.data);
    applied_one(&w, "page", old);
    memcpy(strstr(page.data, "line 1000"), "LINE", 4);
    put(&w, 0, "page", page.data);
    assert_body(&w, "\na\n"
                    "  ~ put 'page'" DIFFERS "      @@ -1000,3 +1000,3 @@\n"
                    "        line 999\n"
                    "      - line 1000\n"
                    "      + LINE 1000\n"
                    "        line 1001\n");
    buf_release(&page);
    world_end(&w);
}

static void a_rename_shows_the_old_title_and_destroy_its_name(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "old");
    apply_all(&w);
    redeclare(&w);
    ns_titled(&w, "new")->renamed_from = B("old");
    plan(&w);
    assert_contains(body(&w, (struct view_options){0}), "  ~ rename from 'old' to 'new'  (");
    redeclare(&w);
    ns_titled(&w, "old");
    w.o.destroy = true;
    assert_body(&w, "\nold\n"
                    "  - delete  (destroy)\n");
    world_end(&w);
}

/* ---- Many of one kind ------------------------------------------------------------------------ */

static void equal_changes_in_many_namespaces_are_one_entry(void **state)
{
    (void)state;
    WORLD(w);
    applied_many(&w, 40, "flags", "{\"limit\":60}");
    many(&w, 40, "flags", "{\"limit\":90}");
    assert_body(&w, "\n~ put 'flags' in 40 namespaces: limit 60 -> 90" DIFFERS
                    "    t01, t02, t03 and 37 more\n");
    assert_contains(body(&w, (struct view_options){.verbose = true}), "t03, t04, ");
    world_end(&w);
}

static void three_equal_changes_stand_with_their_namespaces(void **state)
{
    (void)state;
    WORLD(w);
    applied_many(&w, 3, "flags", "1");
    many(&w, 3, "flags", "2");
    plan(&w);
    assert_contains(body(&w, (struct view_options){0}), "\nt01\n  ~ put 'flags'");
    assert_contains(body(&w, (struct view_options){0}), "\nt03\n  ~ put 'flags'");
    world_end(&w);
}

static void values_that_differ_elsewhere_share_the_change_of_a_path(void **state)
{
    (void)state;
    WORLD(w);
    for (int change = 0; change < 2; change++) {
        for (int i = 0; i < 5; i++) {
            ns_titled(&w, arena_printf(&w.m.arena, "t%d", i));
            put(&w, (size_t)i, "k",
                arena_printf(&w.m.arena, "{\"name\":%d,\"limit\":%d}", i, change));
        }
        if (change == 0) {
            apply_all(&w);
            redeclare(&w);
        }
    }
    assert_body(&w,
                "\n~ put 'k' in 5 namespaces: limit 0 -> 1" DIFFERS "    t0, t1, t2 and 2 more\n");
    world_end(&w);
}

static void what_differs_from_the_others_stands_alone(void **state)
{
    (void)state;
    WORLD(w);
    applied_many(&w, 6, "k", "1");
    many(&w, 6, "k", "2");
    w.m.namespaces[2].puts[0].seed.value = literal(&w.m, "3");
    assert_body(&w, "\n~ put 'k' in 5 namespaces: (value) \"1\" -> \"2\"" DIFFERS
                    "    t01, t02, t04 and 2 more\n"
                    "\nt03\n"
                    "  ~ put 'k'" DIFFERS "      ~ (value): \"1\" -> \"3\"\n");
    world_end(&w);
}

static void what_is_lost_names_every_namespace(void **state)
{
    (void)state;
    WORLD(w);
    applied_many(&w, 12, "k", "1");
    for (int i = 1; i <= 12; i++)
        ns_titled(&w, arena_printf(&w.m.arena, "t%02d", i));
    assert_body(&w, "\n- delete 'k' in 12 namespaces  (it is not declared any more)\n"
                    "    t01, t02, t03, t04, t05, t06, t07, t08, t09, t10, t11, t12\n");
    world_end(&w);
}

static void of_all_keys_no_more_are_shown_than_anybody_reads(void **state)
{
    (void)state;
    WORLD(w);
    for (int i = 0; i < 60; i++) {
        ns_titled(&w, arena_printf(&w.m.arena, "t%02d", i));
        for (int k = 0; k < 20; k++)
            put(&w, (size_t)i, arena_printf(&w.m.arena, "k%02d-%02d", i, k), "v");
    }
    plan(&w);
    const char *text = body(&w, (struct view_options){0});
    assert_contains(text, "\nt49\n  + put 'k49-00'");
    assert_contains(text, "\nt50\n    and 20 more (--verbose shows all)\n");
    assert_contains(body(&w, (struct view_options){.verbose = true}), "  + put 'k59-19'");
    world_end(&w);
}

static void creations_are_one_entry_from_ten_on(void **state)
{
    (void)state;
    WORLD(w);
    many(&w, 10, "k", "v");
    plan(&w);
    assert_contains(body(&w, (struct view_options){0}),
                    "\n+ create 10 namespaces  (no namespace of that title exists)\n"
                    "    t01, t02, t03, t04, t05, t06, t07, t08, t09, t10\n");
    redeclare(&w);
    many(&w, 9, "k", "v");
    plan(&w);
    assert_contains(body(&w, (struct view_options){0}), "\nt09\n  + create  (");
    world_end(&w);
}

static void expiries_that_people_are_told_alike_are_equal(void **state)
{
    (void)state;
    WORLD(w);
    many(&w, 8, "k", "v");
    for (size_t i = 0; i < 8; i++)
        w.m.namespaces[i].puts[0].seed.expiration = NOW + 36000 + (int64_t)i;
    apply_all(&w);
    redeclare(&w);
    many(&w, 8, "k", "v");
    plan(&w);
    assert_contains(body(&w, (struct view_options){0}), "\n~ put 'k' in 8 namespaces");
    world_end(&w);
}

static void losses_are_counted_apart_from_what_is_left_out(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    for (int i = 0; i < 25; i++)
        put(&w, 0, arena_printf(&w.m.arena, "old%02d", i), "v");
    apply_all(&w);
    redeclare(&w);
    ns_titled(&w, "a");
    for (int i = 0; i < 30; i++)
        put(&w, 0, arena_printf(&w.m.arena, "new%02d", i), "v");
    plan(&w);
    const char *text = body(&w, (struct view_options){0});
    assert_contains(text, "put 'new19'");
    assert_lacks(text, "put 'new20'");
    assert_contains(text, "delete 'old19'");
    assert_lacks(text, "delete 'old20'");
    assert_contains(text, "and 15 more, 5 of them deleted or overwritten (--verbose shows all)\n");
    world_end(&w);
}

static void a_long_section_comes_in_pieces(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    for (int i = 0; i < 1000; i++)
        put(&w, 0, arena_printf(&w.m.arena, "k%03d", i), "v");
    plan(&w);
    const char *text = body(&w, (struct view_options){.verbose = true});
    assert_contains(text, "\na\n  + create");
    assert_null(strstr(strstr(text, "\na\n") + 1, "\na\n"));
    assert_null(strstr(strstr(text, "+ create"), "\n\n"));
    assert_contains(text, "put 'k999'");
    world_end(&w);
}

static void by_environment_nothing_is_shared_across_them(void **state)
{
    (void)state;
    WORLD(w);
    for (int i = 0; i < 5; i++)
        for (int e = 0; e < 2; e++) {
            ns_at(&w, arena_printf(&w.m.arena, "p%d", i), e ? "prod" : "dev",
                  arena_printf(&w.m.arena, "p%d-%d", i, e));
            put(&w, w.m.n_namespaces - 1, "k", "v");
        }
    plan(&w);
    assert_contains(body(&w, (struct view_options){0}), "put 'k' in 10 namespaces");
    const char *text =
        plan_shown(&w, "plan.markdown", (struct view_options){.by_environment = true});
    const char *dev = strstr(text, "put 'k' in 5 namespaces");
    assert_non_null(dev);
    assert_non_null(strstr(dev + 1, "put 'k' in 5 namespaces"));
    world_end(&w);
}

static void an_environment_has_its_own_counts(void **state)
{
    (void)state;
    WORLD(w);
    for (int change = 0; change < 2; change++) {
        for (size_t e = 0; e < 2; e++) {
            ns_at(&w, "p", e ? "prod" : "dev", e ? "p-prod" : "p-dev");
            put(&w, e, "same", "v");
            put(&w, e, "k", e && change ? "2" : "1");
        }
        if (change == 0) {
            apply_all(&w);
            redeclare(&w);
        }
    }
    plan(&w);
    const char *text = plan_shown(&w, "plan.summary", (struct view_options){0});
    assert_contains(text, "dev: no changes; 2 keys are as declared\n");
    assert_contains(text, "prod: 1 key to put; 1 key is as declared\n");
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_json_value_is_compared_by_path),
        cmocka_unit_test(metadata_and_expiry_are_shown_where_they_change),
        cmocka_unit_test(what_is_secret_on_either_side_is_shown_on_none),
        cmocka_unit_test(the_public_sees_what_was_there_where_cfkv_wrote_it),
        cmocka_unit_test(a_deleted_key_shows_no_value),
        cmocka_unit_test(a_value_with_an_unknown_id_is_known_after_apply),
        cmocka_unit_test(a_large_value_is_compared_where_it_changed),
        cmocka_unit_test(a_rename_shows_the_old_title_and_destroy_its_name),
        cmocka_unit_test(equal_changes_in_many_namespaces_are_one_entry),
        cmocka_unit_test(three_equal_changes_stand_with_their_namespaces),
        cmocka_unit_test(values_that_differ_elsewhere_share_the_change_of_a_path),
        cmocka_unit_test(what_differs_from_the_others_stands_alone),
        cmocka_unit_test(what_is_lost_names_every_namespace),
        cmocka_unit_test(of_all_keys_no_more_are_shown_than_anybody_reads),
        cmocka_unit_test(creations_are_one_entry_from_ten_on),
        cmocka_unit_test(expiries_that_people_are_told_alike_are_equal),
        cmocka_unit_test(losses_are_counted_apart_from_what_is_left_out),
        cmocka_unit_test(a_long_section_comes_in_pieces),
        cmocka_unit_test(an_environment_has_its_own_counts),
        cmocka_unit_test(by_environment_nothing_is_shared_across_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
