/* Listings that lack what the state records: stale, short, contradictory. */
#include "test_plan_kit.h"

#include "plan/drift.h"

#include "plan/audit.h"
#include "plan/unlisted.h"

/* "a0", "a1", … applied, a key in each. */
static void start(struct world *w, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        ns_titled(w, arena_printf(&w->t.arena, "a%zu", i));
        put(w, i, "k", "v");
    }
    apply_all(w);
    meddle_reset(w);
}

static void hide_all(struct world *w, bool is_short)
{
    w->store.hidden = "a";
    w->store.is_short = is_short;
}

static uint64_t reads(const struct world *w)
{
    return w->store.by_kind[STORE_NAMESPACE_GET];
}

static void look(struct world *w, struct drift *d)
{
    run_end(w);
    *d = (struct drift){0};
    check(w, try_open(w));
    check(w, drift_find(d, &w->m, &w->t, &w->folder, &w->o, &w->err));
}

/* ---- Stale ----------------------------------------------------------------------------------- */

static void what_a_listing_lacks_is_read_by_its_id_and_lives(void **state)
{
    (void)state;
    WORLD(w);
    start(&w, 3);
    hide_all(&w, false);
    assert_empty(&w);
    assert_int_equal(w.p.unsure, 0);
    assert_true(reads(&w) >= 3);
    world_end(&w);
}

static void what_is_read_in_vain_is_gone(void **state)
{
    (void)state;
    WORLD(w);
    start(&w, 2);
    others_delete(&w, "a1");
    plan(&w);
    assert_int_equal(reads(&w), 1);
    assert_contains(only(&w, ACTION_NAMESPACE, ACTION_CREATE)->reason, "was deleted outside cfkv");
    do_planned(&w);
    assert_empty(&w);
    world_end(&w);
}

static void destroying_deletes_what_a_stale_listing_lacks(void **state)
{
    (void)state;
    WORLD(w);
    start(&w, 9);
    hide_all(&w, false);
    w.o.destroy = true;
    allow_all(&w);
    plan(&w);
    assert_int_equal(count(&w, ACTION_NAMESPACE, ACTION_DELETE), 9);
    assert_int_equal(count(&w, ACTION_NAMESPACE, ACTION_FORGET), 0);
    do_planned(&w);
    assert_int_equal(live_namespaces(&w), 0);
    world_end(&w);
}

static void a_read_that_fails_is_no_absence(void **state)
{
    (void)state;
    WORLD(w);
    start(&w, 1);
    hide_all(&w, false);
    w.store.fail_at = 2; /* behind the listing */
    assert_false(try_plan(&w));
    assert_contains(w.err.message, "cannot look whether namespace");
    world_end(&w);
}

static void a_pinned_id_that_the_listing_lacks_is_read(void **state)
{
    (void)state;
    WORLD(w);
    struct id id = others_create(&w, "a-theirs");
    ns_titled(&w, "a-theirs")->id = B(id.s);
    hide_all(&w, false);
    plan(&w);
    only(&w, ACTION_NAMESPACE, ACTION_ADOPT);
    assert_int_equal(reads(&w), 1);
    world_end(&w);
}

/* It would be replaced by the declared one's. */
static void an_id_in_a_config_that_the_listing_lacks_is_read(void **state)
{
    (void)state;
    WORLD(w);
    char text[200];
    struct id id = others_create(&w, "a-theirs");
    snprintf(text, sizeof text, "[[kv_namespaces]]\nbinding = \"B\"\nid = \"%s\"\n", id.s);
    write_file(&w, "wrangler.toml", text);
    ns_titled(&w, "mine")->binding = B("B");
    struct wrangler_decl *config = model_add_wrangler(&w.m);
    assert_non_null(config);
    config->path = B("wrangler.toml");
    hide_all(&w, false);
    plan(&w);
    assert_int_equal(count(&w, ACTION_FILE, ACTION_WRITE), 0);
    assert_non_null(note(&w, "guard.take_over"));
    world_end(&w);
}

static void an_audit_and_a_drift_read_it_too(void **state)
{
    (void)state;
    WORLD(w);
    struct drift d;
    struct audit a = {0};
    start(&w, 3);
    others_delete(&w, "a2");
    hide_all(&w, false);
    look(&w, &d);
    assert_int_equal(d.n, 1);
    assert_string_equal(d.items[0].change, "deleted");
    assert_int_equal(d.checked, 3);
    assert_int_equal(d.verdict.code, ERR_NONE);
    drift_release(&d);
    run_end(&w);
    check(&w, try_open(&w));
    check(&w, audit_find(&a, &w.p, &w.m, &w.t, &w.o, &w.err));
    assert_int_equal(a.counts[AUDIT_MANAGED], 2);
    assert_int_equal(a.counts[AUDIT_GONE], 1);
    assert_int_equal(a.verdict.code, ERR_NONE);
    audit_release(&a);
    world_end(&w);
}

/* ---- Too many -------------------------------------------------------------------------------- */

static void twenty_are_read_and_one_more_is_a_guard(void **state)
{
    (void)state;
    WORLD(w);
    start(&w, UNLISTED_READS_MAX);
    hide_all(&w, false);
    assert_empty(&w);
    w.store.hidden = NULL;
    ns_titled(&w, "a-more");
    apply_all(&w);
    meddle_reset(&w);
    hide_all(&w, false);
    assert_guarded(&w, "guard.missing");
    assert_int_equal(reads(&w), 0);
    assert_int_equal(count(&w, ACTION_NAMESPACE, ACTION_CREATE), 0);
    assert_contains(note(&w, "guard.missing")->message, "21 recorded namespaces");
    w.o.destroy = true;
    assert_guarded(&w, "guard.missing");
    assert_int_equal(w.p.n, 0);
    world_end(&w);
}

static void allowed_mass_deletion_believes_the_listing(void **state)
{
    (void)state;
    WORLD(w);
    start(&w, UNLISTED_READS_MAX + 1);
    for (size_t i = 0; i <= UNLISTED_READS_MAX; i++)
        others_delete(&w, arena_printf(&w.t.arena, "a%zu", i));
    struct bytes some = B("a1*");
    assert_guarded(&w, "guard.missing");
    assert_contains(note(&w, "guard.missing")->hint, "--allow-mass-delete=a0 ");
    w.o.permits.mass_delete = (struct permit){.bare = true};
    assert_guarded(&w, "guard.missing");
    assert_int_equal(reads(&w), 0);
    w.o.permits.mass_delete = (struct permit){.globs = &some, .n = 1};
    apply_all(&w); /* 11 are believed to be gone, 10 are read */
    assert_int_equal(live_namespaces(&w), UNLISTED_READS_MAX + 1);
    assert_int_equal(reads(&w), 10);
    world_end(&w);
}

static void a_drift_and_an_audit_say_that_they_are_too_many(void **state)
{
    (void)state;
    WORLD(w);
    struct drift d;
    struct audit a = {0};
    start(&w, UNLISTED_READS_MAX + 1);
    hide_all(&w, false);
    look(&w, &d);
    assert_int_equal(d.n, 0);
    assert_int_equal(d.unsure, UNLISTED_READS_MAX + 1);
    assert_int_equal(d.verdict.code, ERR_GUARD);
    drift_release(&d);
    run_end(&w);
    check(&w, try_open(&w));
    check(&w, audit_find(&a, &w.p, &w.m, &w.t, &w.o, &w.err));
    assert_int_equal(a.counts[AUDIT_GONE], 0);
    assert_int_equal(a.verdict.code, ERR_GUARD);
    audit_release(&a);
    world_end(&w);
}

/* ---- Short ----------------------------------------------------------------------------------- */

static void nothing_is_forgotten_or_deleted_by_a_short_listing(void **state)
{
    (void)state;
    WORLD(w);
    start(&w, 9);
    hide_all(&w, true);
    w.o.destroy = true;
    allow_all(&w);
    assert_false(try_apply(&w));
    assert_int_equal(w.err.code, ERR_PARTIAL);
    assert_contains(w.err.message, "9 recorded namespaces were left alone");
    assert_contains(note(&w, "listing.short")->message, "counts 9 namespaces and lists 0 of them");
    assert_int_equal(w.p.n, 0);
    assert_int_equal(live_namespaces(&w), 9);
    run_end(&w);
    check(&w, try_open(&w));
    assert_non_null(entry(&w, "a8"));
    w.store.hidden = NULL;
    apply_all(&w);
    assert_int_equal(live_namespaces(&w), 0);
    world_end(&w);
}

static void creates_and_puts_go_on_under_a_short_listing(void **state)
{
    (void)state;
    WORLD(w);
    start(&w, 2);
    put(&w, 0, "more", "v");
    ns_titled(&w, "new");
    put(&w, 2, "k", "v");
    hide_all(&w, true);
    apply_all(&w); /* nothing was left alone */
    assert_int_equal(w.r.applied.create, 1);
    assert_int_equal(w.r.applied.put, 2);
    assert_string_equal(value_of(&w, "a0", "more"), "v");
    world_end(&w);
}

/* Whether it exists nobody can tell: a read by id in vain is not enough then. */
static void what_is_missing_from_a_short_listing_is_left_alone(void **state)
{
    (void)state;
    WORLD(w);
    start(&w, 2);
    output(&w, "id", with_id(&w.m, 1));
    apply_all(&w);
    others_delete(&w, "a1");
    hide_all(&w, true);
    assert_false(try_apply(&w));
    assert_int_equal(w.err.code, ERR_PARTIAL);
    assert_contains(w.err.message, "1 recorded namespace was left alone");
    assert_int_equal(w.p.n, 0);
    assert_int_equal(live_namespaces(&w), 1);
    w.store.hidden = NULL;
    w.store.is_short = false;
    apply_all(&w);
    assert_int_equal(live_namespaces(&w), 2);
    world_end(&w);
}

static void nothing_found_is_deleted_either_by_a_short_listing(void **state)
{
    (void)state;
    WORLD(w);
    start(&w, 3);
    redeclare(&w);
    ns_titled(&w, "a0");
    put(&w, 0, "k", "v");
    allow_all(&w);
    w.store.hidden = "a2"; /* a1 is listed, and still stays */
    w.store.is_short = true;
    assert_false(try_apply(&w));
    assert_int_equal(w.err.code, ERR_PARTIAL);
    assert_contains(w.err.message, "2 recorded namespaces");
    assert_int_equal(live_namespaces(&w), 3);
    world_end(&w);
}

static void a_drift_and_an_audit_call_nothing_deleted_by_a_short_listing(void **state)
{
    (void)state;
    WORLD(w);
    struct drift d;
    struct audit a = {0};
    start(&w, 3);
    others_delete(&w, "a2");
    hide_all(&w, true);
    look(&w, &d);
    assert_int_equal(d.n, 0);
    assert_int_equal(d.checked, 2);
    assert_int_equal(d.unsure, 1);
    assert_int_equal(d.verdict.code, ERR_PARTIAL);
    assert_int_equal(d.notes.n, 1);
    drift_release(&d);
    run_end(&w);
    check(&w, try_open(&w));
    check(&w, audit_find(&a, &w.p, &w.m, &w.t, &w.o, &w.err));
    assert_int_equal(a.counts[AUDIT_MANAGED], 3);
    assert_int_equal(a.counts[AUDIT_GONE], 0);
    assert_int_equal(a.verdict.code, ERR_PARTIAL);
    assert_non_null(note(&w, "listing.short"));
    audit_release(&a);
    world_end(&w);
}

static void what_is_outside_the_filters_is_not_read(void **state)
{
    (void)state;
    WORLD(w);
    start(&w, 3);
    hide_all(&w, false);
    w.o.only = w.only;
    w.only[0] = "a1";
    w.o.n_only = 1;
    plan(&w);
    assert_int_equal(reads(&w), 1);
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_listing_lacks_is_read_by_its_id_and_lives),
        cmocka_unit_test(what_is_read_in_vain_is_gone),
        cmocka_unit_test(destroying_deletes_what_a_stale_listing_lacks),
        cmocka_unit_test(a_read_that_fails_is_no_absence),
        cmocka_unit_test(a_pinned_id_that_the_listing_lacks_is_read),
        cmocka_unit_test(an_id_in_a_config_that_the_listing_lacks_is_read),
        cmocka_unit_test(an_audit_and_a_drift_read_it_too),
        cmocka_unit_test(twenty_are_read_and_one_more_is_a_guard),
        cmocka_unit_test(allowed_mass_deletion_believes_the_listing),
        cmocka_unit_test(a_drift_and_an_audit_say_that_they_are_too_many),
        cmocka_unit_test(nothing_is_forgotten_or_deleted_by_a_short_listing),
        cmocka_unit_test(creates_and_puts_go_on_under_a_short_listing),
        cmocka_unit_test(what_is_missing_from_a_short_listing_is_left_alone),
        cmocka_unit_test(nothing_found_is_deleted_either_by_a_short_listing),
        cmocka_unit_test(a_drift_and_an_audit_call_nothing_deleted_by_a_short_listing),
        cmocka_unit_test(what_is_outside_the_filters_is_not_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
