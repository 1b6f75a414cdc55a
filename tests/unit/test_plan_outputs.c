/* Outputs are part of the plan: what is added, changed and removed, and with what. */
#include "test_plan_kit.h"

/* "+a ~b -c ?d": what becomes of each; `?` where its value is not known yet. */
static const char *changes(struct world *w)
{
    buf_clear(&w->text);
    for (size_t i = 0; i < w->p.n_outputs; i++) {
        const struct plan_output *o = &w->p.outputs[i];
        char sign = o->removed ? '-' : o->unknown ? '?' : o->before.data ? '~' : '+';
        buf_addf(&w->text, "%s%c%s", i ? " " : "", sign, o->name);
    }
    return w->text.len ? w->text.data : "";
}

/* The names of those that are recorded. */
static const char *recorded(struct world *w)
{
    buf_clear(&w->text);
    for (size_t i = 0; i < w->t.state.n_outputs; i++)
        buf_addf(&w->text, "%s%s", i ? " " : "", w->t.state.outputs[i].name);
    return w->text.len ? w->text.data : "";
}

/* "idA/idB" of two namespaces. */
static struct deferred with_ids(struct model *m, size_t a, size_t b)
{
    struct part *parts = arena_alloc(&m->arena, 3, sizeof *parts);
    parts[0] = (struct part){.kind = PART_ID, .ns = a};
    parts[1] = (struct part){.kind = PART_TEXT, .text = B("/")};
    parts[2] = (struct part){.kind = PART_ID, .ns = b};
    return (struct deferred){.parts = parts, .n = 3};
}

/* Namespaces dev and prod with an output each, one of both and one of none. */
static void declare_envs(struct world *w)
{
    redeclare(w);
    ns_at(w, "config", "dev", "config-dev");
    ns_at(w, "config", "prod", "config-prod");
    output(w, "both", with_ids(&w->m, 0, 1));
    output(w, "dev", with_id(&w->m, 0));
    output(w, "none", literal(&w->m, "1"));
    output(w, "prod", with_id(&w->m, 1));
}

static void plan_to_destroy(struct world *w)
{
    w->o.destroy = true;
    allow_all(w);
    plan(w);
}

static void only_env(struct world *w, const char *env)
{
    w->envs[0] = env;
    w->o.envs = w->envs;
    w->o.n_envs = env ? 1 : 0;
}

/* ---- What changes ---------------------------------------------------------------------------- */

static void what_is_added_is_planned_and_known_once_its_namespace_is(void **state)
{
    (void)state;
    WORLD(w);
    declare_envs(&w);
    plan(&w);
    assert_string_equal(changes(&w), "?both ?dev +none ?prod");
    assert_int_equal(w.p.summary.outputs, 4);
    do_planned(&w);
    assert_int_equal(w.r.applied.outputs, 4);
    assert_string_equal(recorded(&w), "both dev none prod");
    assert_empty(&w);
    world_end(&w);
}

static void outputs_alone_make_a_plan(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    output(&w, "gone", literal(&w.m, "1"));
    output(&w, "stays", with_id(&w.m, 0));
    output(&w, "word", literal(&w.m, "1"));
    apply_all(&w);
    redeclare(&w);
    ns_titled(&w, "a");
    output(&w, "fresh", with_id(&w.m, 0));
    output(&w, "stays", with_id(&w.m, 0));
    output(&w, "word", literal(&w.m, "2"));
    plan(&w);
    assert_false(plan_is_empty(&w.p));
    assert_int_equal(w.p.n, 0);
    assert_string_equal(changes(&w), "+fresh -gone ~word");
    assert_contains(plan_text(&w), "- gone: \"1\"");
    assert_contains(plan_text(&w), "~ word: \"1\" -> \"2\"");
    assert_contains(plan_text(&w), "Plan: 3 outputs to change");
    do_planned(&w);
    assert_string_equal(recorded(&w), "fresh stays word");
    assert_empty(&w);
    world_end(&w);
}

static void a_namespace_that_is_made_anew_changes_its_outputs(void **state)
{
    (void)state;
    WORLD(w);
    declare_envs(&w);
    apply_all(&w);
    others_delete(&w, "config-dev");
    plan(&w);
    assert_string_equal(changes(&w), "?both ?dev");
    assert_contains(plan_text(&w), "-> (known after apply)");
    do_planned(&w);
    assert_empty(&w);
    world_end(&w);
}

static void a_value_that_looks_like_a_credential_is_not_shown(void **state)
{
    (void)state;
    WORLD(w);
    output(&w, "api_token", literal(&w.m, "hunter2"));
    plan(&w);
    assert_lacks(plan_text(&w), "hunter2");
    assert_lacks(plan_json(&w), "hunter2");
    do_planned(&w);
    redeclare(&w);
    plan(&w);
    assert_string_equal(changes(&w), "-api_token");
    assert_lacks(plan_text(&w), "hunter2");
    assert_lacks(plan_json(&w), "hunter2");
    world_end(&w);
}

/* ---- With what they name --------------------------------------------------------------------- */

static void destroying_an_environment_takes_its_outputs_along(void **state)
{
    (void)state;
    WORLD(w);
    declare_envs(&w);
    apply_all(&w);
    only_env(&w, "dev");
    plan_to_destroy(&w);
    assert_string_equal(changes(&w), "-both -dev");
    do_planned(&w);
    assert_string_equal(recorded(&w), "none prod");
    assert_empty(&w);
    world_end(&w);
}

static void destroying_all_takes_all_outputs_along(void **state)
{
    (void)state;
    WORLD(w);
    declare_envs(&w);
    apply_all(&w);
    plan_to_destroy(&w);
    assert_string_equal(changes(&w), "-both -dev -none -prod");
    do_planned(&w);
    assert_string_equal(recorded(&w), "");
    world_end(&w);
}

static void what_was_not_deleted_keeps_its_outputs(void **state)
{
    (void)state;
    WORLD(w);
    declare_envs(&w);
    apply_all(&w);
    plan_to_destroy(&w);
    meddle_reset(&w);
    w.store.fail_at = 5; /* the second of the two namespaces */
    assert_false(try_do(&w));
    assert_null(entry(&w, "shop/config/dev"));
    assert_non_null(entry(&w, "shop/config/prod"));
    assert_string_equal(recorded(&w), "none prod");
    world_end(&w);
}

/* ---- Filters --------------------------------------------------------------------------------- */

static void a_filtered_run_records_what_is_inside(void **state)
{
    (void)state;
    WORLD(w);
    declare_envs(&w);
    only_env(&w, "dev");
    assert_false(try_plan(&w)); /* `both` needs what is left out */
    ns_at(&w, "other", "dev", "other-dev");
    w.m.outputs[0].value = with_ids(&w.m, 0, 2);
    plan(&w);
    assert_string_equal(changes(&w), "?both ?dev +none");
    do_planned(&w);
    assert_empty(&w);
    only_env(&w, "prod"); /* the id of the other is known by now */
    w.m.outputs[0].value = with_ids(&w.m, 0, 1);
    plan(&w);
    assert_string_equal(changes(&w), "?both ?prod");
    do_planned(&w);
    assert_empty(&w);
    only_env(&w, NULL);
    assert_empty(&w);
    world_end(&w);
}

static void what_is_declared_no_more_goes_when_all_that_it_names_is_inside(void **state)
{
    (void)state;
    WORLD(w);
    declare_envs(&w);
    apply_all(&w);
    redeclare(&w);
    ns_at(&w, "config", "dev", "config-dev");
    ns_at(&w, "config", "prod", "config-prod");
    only_env(&w, "dev");
    plan(&w);
    assert_string_equal(changes(&w), "-dev");
    do_planned(&w);
    assert_string_equal(recorded(&w), "both none prod");
    only_env(&w, NULL);
    apply_all(&w);
    assert_string_equal(recorded(&w), "");
    world_end(&w);
}

static void a_namespace_that_is_removed_inside_the_filters_takes_its_outputs_along(void **state)
{
    (void)state;
    WORLD(w);
    declare_envs(&w);
    apply_all(&w);
    redeclare(&w);
    only_env(&w, "dev");
    allow_all(&w);
    plan(&w);
    assert_string_equal(changes(&w), "-both -dev");
    do_planned(&w);
    assert_string_equal(recorded(&w), "none prod");
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_added_is_planned_and_known_once_its_namespace_is),
        cmocka_unit_test(outputs_alone_make_a_plan),
        cmocka_unit_test(a_namespace_that_is_made_anew_changes_its_outputs),
        cmocka_unit_test(a_value_that_looks_like_a_credential_is_not_shown),
        cmocka_unit_test(destroying_an_environment_takes_its_outputs_along),
        cmocka_unit_test(destroying_all_takes_all_outputs_along),
        cmocka_unit_test(what_was_not_deleted_keeps_its_outputs),
        cmocka_unit_test(a_filtered_run_records_what_is_inside),
        cmocka_unit_test(what_is_declared_no_more_goes_when_all_that_it_names_is_inside),
        cmocka_unit_test(a_namespace_that_is_removed_inside_the_filters_takes_its_outputs_along),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
