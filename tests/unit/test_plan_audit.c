/* Audit: who takes care of each namespace, and where it is bound. */
#include "test_plan_kit.h"

#include "host/host.h"
#include "plan/audit.h"

struct seen {
    struct audit a;
    struct buf text, json;
};

static bool try_look(struct world *w, struct audit *a)
{
    run_end(w);
    check(w, try_open(w));
    if (w->keeps_to_accounts)
        target_keep_to(&w->t, &w->m);
    return audit_find(a, &w->p, &w->m, &w->t, &w->o, &w->err);
}

static void look(struct world *w, struct seen *s)
{
    *s = (struct seen){0};
    check(w, try_look(w, &s->a));
    assert_int_equal(w->p.notes.errors, 0);
    struct diag_list problems = {0};
    audit_write_json(&s->a, &w->p, NULL, &s->json);
    check(w, host_text("audit", "text", buf_bytes(&s->json), &problems, &s->text, &w->err));
    struct json *doc = json_doc_parse(buf_bytes(&s->json), &w->err);
    check(w, doc != NULL);
    assert_int_equal(json_count(json_member(doc, "namespaces")), s->a.n);
    json_doc_free(doc);
}

static void seen_end(struct seen *s)
{
    audit_release(&s->a);
    buf_release(&s->text);
    buf_release(&s->json);
}

static const struct audit_row *row_of(const struct audit *a, const char *title)
{
    const struct audit_row *row = NULL;
    for (size_t i = 0; i < a->n; i++) {
        if (!bytes_equal(a->rows[i].title, B(title)))
            continue;
        assert_null(row);
        row = &a->rows[i];
    }
    assert_non_null(row);
    return row;
}

static void assert_status(const struct seen *s, const char *title, enum audit_word status)
{
    assert_int_equal(row_of(&s->a, title)->status, status);
}

static void assert_summary(const struct seen *s, const char *summary)
{
    size_t n = strlen(summary);
    assert_true(s->text.len >= n);
    assert_string_equal(s->text.data + s->text.len - n, summary);
}

/* ---- Who takes care of it -------------------------------------------------------------------- */

static void each_status_is_told_and_counted(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "recorded");
    ns_titled(&w, "deleted");
    apply_all(&w);
    others_delete(&w, "deleted");
    others_create(&w, "theirs");
    others_create(&w, "wanted");
    ns_titled(&w, "wanted");
    ns_titled(&w, "new");
    struct seen s;
    look(&w, &s);
    assert_status(&s, "recorded", AUDIT_MANAGED);
    assert_status(&s, "deleted", AUDIT_GONE);
    assert_status(&s, "theirs", AUDIT_ORPHAN);
    assert_status(&s, "wanted", AUDIT_DECLARED);
    assert_status(&s, "new", AUDIT_MISSING);
    assert_summary(&s, "3 namespaces: 1 managed, 1 declared, 1 orphan; 1 gone, 1 missing\n");
    for (size_t i = 1; i < s.a.n; i++)
        assert_true(bytes_compare(s.a.rows[i - 1].title, s.a.rows[i].title) < 0);
    seen_end(&s);
    world_end(&w);
}

static void an_empty_account_is_told_too(void **state)
{
    (void)state;
    WORLD(w);
    struct seen s;
    look(&w, &s);
    assert_int_equal(s.a.n, 0);
    assert_string_equal(s.text.data, "0 namespaces\n");
    ns_titled(&w, "new");
    seen_end(&s);
    look(&w, &s);
    assert_summary(&s, "0 namespaces; 1 missing\n");
    seen_end(&s);
    world_end(&w);
}

static void a_namespace_that_a_declaration_takes_over_by_another_name_has_one_row(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "old");
    apply_all(&w);
    redeclare(&w);
    ns_titled(&w, "new")->renamed_from = B("old");
    struct seen s;
    look(&w, &s);
    assert_int_equal(s.a.n, 1);
    assert_status(&s, "old", AUDIT_MANAGED);
    seen_end(&s);
    world_end(&w);
}

static void a_declaration_that_is_pinned_anew_leaves_the_old_one_recorded(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    apply_all(&w);
    struct id other = others_create(&w, "b");
    w.m.namespaces[0].id = B(other.s);
    struct seen s;
    look(&w, &s);
    assert_int_equal(s.a.n, 2);
    assert_status(&s, "a", AUDIT_MANAGED);
    assert_status(&s, "b", AUDIT_DECLARED);
    assert_true(bytes_equal(row_of(&s.a, "b")->address, B("a")));
    seen_end(&s);
    world_end(&w);
}

static void what_two_are_pinned_to_is_not_missing(void **state)
{
    (void)state;
    WORLD(w);
    struct id id = others_create(&w, "a");
    ns_titled(&w, "one")->id = B(id.s);
    ns_titled(&w, "two")->id = B(id.s);
    struct seen s;
    look(&w, &s);
    assert_int_equal(s.a.n, 1);
    assert_status(&s, "a", AUDIT_DECLARED);
    assert_non_null(note(&w, "namespace.shared"));
    seen_end(&s);
    world_end(&w);
}

/* ---- Accounts -------------------------------------------------------------------------------- */

#define ONE "11111111111111111111111111111111"
#define TWO "22222222222222222222222222222222"

static void accounts_are_listed_once_each_and_named(void **state)
{
    (void)state;
    WORLD(w);
    w.m.project.account_id = B(ONE);
    ns_titled(&w, "a");
    ns_titled(&w, "b");
    ns_titled(&w, "c")->account_id = B(TWO);
    apply_all(&w);
    struct seen s;
    meddle_reset(&w);
    look(&w, &s);
    assert_int_equal(w.store.n, 2);
    assert_int_equal(w.store.by_kind[STORE_NAMESPACE_LIST], 2);
    assert_contains(s.text.data, "  a  (account " ONE ")\n");
    assert_contains(s.text.data, "  c  (account " TWO ")\n");
    seen_end(&s);
    world_end(&w);
}

static void another_account_that_is_only_recorded_is_audited_too(void **state)
{
    (void)state;
    WORLD(w);
    w.keeps_to_accounts = true;
    ns_titled(&w, "a")->account_id = B(ONE);
    apply_all(&w);
    redeclare(&w);
    ns_titled(&w, "b")->account_id = B(TWO);
    struct seen s;
    look(&w, &s);
    assert_int_equal(s.a.n, 2);
    assert_status(&s, "a", AUDIT_MANAGED);
    assert_status(&s, "b", AUDIT_MISSING);
    seen_end(&s);
    world_end(&w);
}

static void the_account_of_the_project_is_listed_when_nothing_is_declared_in_it(void **state)
{
    (void)state;
    WORLD(w);
    w.m.project.account_id = B(ONE);
    ns_titled(&w, "a");
    apply_all(&w);
    w.keeps_to_accounts = true;
    redeclare(&w);
    buf_clear(&w.disk.document); /* the state is lost */
    w.m.project.account_id = B(ONE);
    struct seen s;
    look(&w, &s);
    assert_status(&s, "a", AUDIT_ORPHAN);
    seen_end(&s);
    world_end(&w);
}

/* ---- Wrangler configs ------------------------------------------------------------------------ */

#define STALE "abababababababababababababababab"

static void config(struct world *w, const char *text)
{
    struct wrangler_decl *decl = model_add_wrangler(&w->m);
    assert_non_null(decl);
    decl->path = B("wrangler.toml");
    decl->pos = (struct srcpos){"kv.lua", 50};
    write_file(w, "wrangler.toml", text);
}

static void an_id_is_stale_only_where_its_account_was_listed(void **state)
{
    (void)state;
    WORLD(w);
    w.m.project.account_id = B(ONE);
    config(&w, "name = \"x\"\naccount_id = \"" TWO "\"\n"
               "[[kv_namespaces]]\nbinding = \"A\"\nid = \"" STALE "\"\n");
    struct seen s;
    look(&w, &s);
    assert_null(note(&w, "wrangler.stale"));
    seen_end(&s);
    write_file(&w, "wrangler.toml",
               "name = \"x\"\naccount_id = \"" ONE "\"\n"
               "[[kv_namespaces]]\nbinding = \"A\"\npreview_id = \"" STALE "\"\n");
    look(&w, &s);
    assert_contains(note(&w, "wrangler.stale")->message, "preview_id " STALE);
    seen_end(&s);
    world_end(&w);
}

static void what_is_gone_shows_who_names_it_still(void **state)
{
    (void)state;
    WORLD(w);
    char text[256];
    ns_titled(&w, "a");
    apply_all(&w);
    struct id id = id_copy(&w, "a");
    others_delete(&w, "a");
    snprintf(text, sizeof text,
             "name = \"x\"\n[[env.e.kv_namespaces]]\nbinding = \"A\"\nid = \"%s\"\n", id.s);
    config(&w, text);
    struct seen s;
    look(&w, &s);
    assert_status(&s, "a", AUDIT_GONE);
    assert_contains(s.text.data, "  a  (stale)\n            wrangler.toml e A (line 2)\n");
    assert_non_null(note(&w, "wrangler.stale"));
    seen_end(&s);
    world_end(&w);
}

/* ---- Keys ------------------------------------------------------------------------------------ */

static struct audit_keys *keys_seen(const struct audit *a, const char *title)
{
    return row_of(a, title)->keys;
}

static void key_listings_tell_counts_and_expirations_and_keep_nothing(void **state)
{
    (void)state;
    WORLD(w);
    char key[16];
    struct audit_wish all = {.all = true}, ours = {0};
    ns_titled(&w, "cache")->ttl_seconds = 3600;
    ns_titled(&w, "config");
    apply_all(&w);
    others_create(&w, "theirs");
    for (int i = 0; i < 2 * STORE_PAGE; i++) {
        snprintf(key, sizeof key, "k%04d", i);
        others_put(&w, "theirs", key, "v");
    }
    others_put_pair(&w, "cache", (struct store_pair){.key = B("a"), .expiration = NOW + 7000});
    others_put_pair(&w, "cache", (struct store_pair){.key = B("b"), .expiration = NOW + 5000});
    others_put(&w, "cache", "lasting", "v");
    struct seen s;
    look(&w, &s);
    meddle_reset(&w);
    check(&w, audit_keys_list(&s.a, &w.p, &ours, &w.err));
    assert_int_equal(w.store.by_kind[STORE_KEY_LIST], 1);
    assert_null(keys_seen(&s.a, "config"));
    assert_int_equal(keys_seen(&s.a, "cache")->n, 3);
    assert_int_equal(keys_seen(&s.a, "cache")->nearest, NOW + 5000);
    assert_int_equal(keys_seen(&s.a, "cache")->lasting, 1);
    assert_true(bytes_equal(keys_seen(&s.a, "cache")->names[0], B("lasting")));
    assert_int_equal(s.a.counts[AUDIT_NO_EXPIRY], 1);
    seen_end(&s);
    look(&w, &s);
    meddle_reset(&w);
    check(&w, audit_keys_list(&s.a, &w.p, &all, &w.err));
    assert_int_equal(w.store.by_kind[STORE_KEY_LIST], 4);
    assert_int_equal(keys_seen(&s.a, "theirs")->n, 2 * STORE_PAGE);
    assert_int_equal(keys_seen(&s.a, "theirs")->n_names, AUDIT_KEYS_NAMED);
    assert_int_equal(row_of(&s.a, "theirs")->marks, 0);
    seen_end(&s);
    world_end(&w);
}

static void a_namespace_that_went_meanwhile_is_told_and_another_failure_ends_it(void **state)
{
    (void)state;
    WORLD(w);
    struct audit_wish all = {.all = true};
    others_create(&w, "a");
    others_create(&w, "b");
    struct seen s;
    look(&w, &s);
    others_delete(&w, "a");
    check(&w, audit_keys_list(&s.a, &w.p, &all, &w.err));
    assert_null(keys_seen(&s.a, "a"));
    assert_non_null(keys_seen(&s.a, "b"));
    assert_contains(note(&w, "audit.keys")->message, "'a'");
    seen_end(&s);
    look(&w, &s);
    meddle_reset(&w);
    w.store.fail_at = 1;
    assert_false(audit_keys_list(&s.a, &w.p, &all, &w.err));
    assert_contains(w.err.message, "cannot list the keys of 'b'");
    seen_end(&s);
    world_end(&w);
}

/* ---- Failing --------------------------------------------------------------------------------- */

static void an_audit_that_cannot_look_fails(void **state)
{
    (void)state;
    WORLD(w);
    struct audit a = {0};
    meddle_reset(&w);
    w.store.fail_at = 1;
    assert_false(try_look(&w, &a));
    assert_contains(w.err.message, "cannot list the namespaces");
    audit_release(&a);
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_status_is_told_and_counted),
        cmocka_unit_test(an_empty_account_is_told_too),
        cmocka_unit_test(a_namespace_that_a_declaration_takes_over_by_another_name_has_one_row),
        cmocka_unit_test(a_declaration_that_is_pinned_anew_leaves_the_old_one_recorded),
        cmocka_unit_test(what_two_are_pinned_to_is_not_missing),
        cmocka_unit_test(accounts_are_listed_once_each_and_named),
        cmocka_unit_test(another_account_that_is_only_recorded_is_audited_too),
        cmocka_unit_test(the_account_of_the_project_is_listed_when_nothing_is_declared_in_it),
        cmocka_unit_test(an_id_is_stale_only_where_its_account_was_listed),
        cmocka_unit_test(what_is_gone_shows_who_names_it_still),
        cmocka_unit_test(key_listings_tell_counts_and_expirations_and_keep_nothing),
        cmocka_unit_test(a_namespace_that_went_meanwhile_is_told_and_another_failure_ends_it),
        cmocka_unit_test(an_audit_that_cannot_look_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
