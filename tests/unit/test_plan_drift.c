/* Drift: live against state. */
#include "test_plan_kit.h"

#include "plan/drift.h"

struct seen {
    struct drift d;
    struct buf views, json;
};

static bool take_view(void *ctx, const char *function, struct bytes view, struct error *err)
{
    struct buf *views = ctx;
    (void)err;
    buf_addf(views, "%s %.*s\n", function, BYTES_FMT(view));
    return true;
}

static void look(struct world *w, struct seen *s)
{
    *s = (struct seen){0};
    run_end(w);
    check(w, try_open(w));
    check(w, drift_find(&s->d, &w->m, &w->t, &w->folder, &w->o, &w->err));
    struct view_options options = {.command = "drift", .now = w->o.now, .public = true};
    check(w, drift_show(&s->d, &options, take_view, &s->views, &w->err));
    drift_write_json(&s->d, &w->t, &s->json);
    struct json *doc = json_doc_parse(buf_bytes(&s->json), &w->err);
    check(w, doc != NULL);
    assert_int_equal(json_count(json_member(doc, "drift")), s->d.n);
    json_doc_free(doc);
}

static void seen_end(struct seen *s)
{
    drift_release(&s->d);
    buf_release(&s->views);
    buf_release(&s->json);
}

static void start(struct world *w)
{
    ns_at(w, "config", "dev", "a");
    ns_at(w, "config", "prod", "b");
    put(w, 0, "k", "v");
    put(w, 1, "k", "v")->seed.expiration_ttl = 600;
    apply_all(w);
    redeclare(w); /* what is desired plays no part */
}

static void what_is_as_recorded_did_not_drift(void **state)
{
    (void)state;
    WORLD(w);
    start(&w);
    others_create(&w, "theirs");
    others_put(&w, "a", "theirs", "v");
    struct seen s;
    look(&w, &s);
    assert_int_equal(s.d.n, 0);
    assert_int_equal(s.d.checked, 2);
    assert_lacks(s.views.data, "section");
    assert_contains(s.views.data, "\"checked\":2");
    seen_end(&s);
    world_end(&w);
}

static void every_kind_of_difference_is_told(void **state)
{
    (void)state;
    WORLD(w);
    start(&w);
    others_put(&w, "a", "k", "theirs");
    others_rename(&w, "a", "a\x1b[2J");
    later(&w, 601);
    struct seen s;
    look(&w, &s);
    assert_int_equal(s.d.n, 3);
    assert_contains(s.views.data, "\"action\":\"renamed\",\"kind\":\"namespace\"");
    assert_contains(s.views.data, "\"title\":\"a\\u001b[2J\"");
    assert_contains(s.views.data, "\"action\":\"changed\",\"kind\":\"key\",\"key\":\"k\"");
    assert_contains(s.views.data, "\"action\":\"expired\",\"kind\":\"key\",\"key\":\"k\"");
    assert_lacks(s.views.data, "theirs");
    assert_lacks(s.json.data, "theirs");
    seen_end(&s);
    world_end(&w);
}

static void what_is_gone_is_deleted(void **state)
{
    (void)state;
    WORLD(w);
    start(&w);
    others_delete_key(&w, "a", "k");
    others_delete(&w, "b");
    struct seen s;
    look(&w, &s);
    assert_int_equal(s.d.n, 2);
    assert_string_equal(s.d.items[0].change, "deleted");
    assert_true(bytes_equal(s.d.items[0].key, B("k")));
    assert_string_equal(s.d.items[1].change, "deleted");
    assert_int_equal(s.d.items[1].kind, ACTION_NAMESPACE);
    seen_end(&s);
    world_end(&w);
}

static void drift_is_narrowed_by_the_filters(void **state)
{
    (void)state;
    WORLD(w);
    start(&w);
    others_delete(&w, "a");
    others_delete(&w, "b");
    w.envs[0] = "prod";
    w.o.envs = w.envs;
    w.o.n_envs = 1;
    struct seen s;
    look(&w, &s);
    assert_int_equal(s.d.n, 1);
    assert_int_equal(s.d.checked, 1);
    seen_end(&s);
    world_end(&w);
}

static void drift_that_cannot_look_fails(void **state)
{
    (void)state;
    WORLD(w);
    start(&w);
    for (uint64_t i = 1; i <= 5; i++) { /* names, two listings, two readings */
        struct drift d = {0};
        meddle_reset(&w);
        w.store.fail_at = i;
        run_end(&w);
        check(&w, try_open(&w));
        assert_false(drift_find(&d, &w.m, &w.t, &w.folder, &w.o, &w.err));
        drift_release(&d);
    }
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_as_recorded_did_not_drift),
        cmocka_unit_test(every_kind_of_difference_is_told),
        cmocka_unit_test(what_is_gone_is_deleted),
        cmocka_unit_test(drift_is_narrowed_by_the_filters),
        cmocka_unit_test(drift_that_cannot_look_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
