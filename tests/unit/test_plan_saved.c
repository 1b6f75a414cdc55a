/* Saved plans: exactly these actions, or none. */
#include "test_plan_kit.h"

#define CONFIG_1 "digest of the first configuration"
#define CONFIG_2 "digest of the second configuration"

static const char *plan_path(struct world *w)
{
    return arena_printf(&w->t.arena, "%s/plan.json", w->root);
}

static struct input_decl *input_given(struct world *w, const char *value, bool secret)
{
    struct input_decl *in = model_add_input(&w->m);
    assert_non_null(in);
    *in = (struct input_decl){.kind = INPUT_VAR, .name = "v", .type = "string", .secret = secret};
    in->value = B(value);
    return in;
}

/* A namespace with a put whose value comes from the input, and a seed file. */
static void declare(struct world *w, const char *config, const char *input, bool secret)
{
    redeclare(w);
    model_add_file(&w->m, "kv.lua", 10, hash_sha256(B(config)));
    input_given(w, input, secret);
    ns_titled(w, "a");
    put(w, 0, "k", input)->seed.value.secret = secret;
    put(w, 0, "plain", "value");
    bulk_file(w, 0, "seed.json");
}

static void saved(struct world *w)
{
    write_file(w, "seed.json", "[{\"key\":\"s\",\"value\":\"1\"}]");
    declare(w, CONFIG_1, "hunter2", true);
    plan(w);
    check(w, plan_save(&w->p, &w->m, &w->t, plan_path(w), &w->err));
}

static void assert_stale(struct world *w, const char *what)
{
    plan(w);
    assert_false(plan_check_saved(&w->p, &w->m, &w->t, plan_path(w), &w->err));
    assert_int_equal(w->err.code, ERR_STALE);
    assert_contains(w->err.message, what);
    assert_contains(w->err.hint, "plan again");
}

static void assert_fits(struct world *w)
{
    plan(w);
    check(w, plan_check_saved(&w->p, &w->m, &w->t, plan_path(w), &w->err));
}

static char *saved_text(struct world *w)
{
    buf_clear(&w->text);
    check(w, file_read(plan_path(w), SIZE_MAX / 2, &w->text, &w->err));
    return w->text.data;
}

static void a_saved_plan_fits_while_nothing_moves(void **state)
{
    (void)state;
    WORLD(w);
    saved(&w);
    assert_fits(&w);
    do_planned(&w);
    saved(&w); /* of an empty plan, with a state now */
    assert_fits(&w);
    world_end(&w);
}

static void it_holds_no_value_and_no_secret_and_is_for_its_owner(void **state)
{
    (void)state;
    WORLD(w);
    struct stat st;
    for (int applied = 0; applied < 2; applied++) {
        saved(&w);
        char hex[HASH_HEX_SIZE];
        assert_lacks(saved_text(&w), "hunter2");
        assert_lacks(saved_text(&w), "value\"");
        struct digest d = hash_sha256(B("hunter2"));
        digest_hex(&d, hex);
        assert_lacks(saved_text(&w), hex);
        d = hash_sha256(B("1"));
        digest_hex(&d, hex);
        assert_lacks(saved_text(&w), hex);
        assert_int_equal(stat(plan_path(&w), &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
        do_planned(&w);
        others_put(&w, "a", "k", "1");
    }
    world_end(&w);
}

static void it_is_stale_when_the_configuration_moved(void **state)
{
    (void)state;
    WORLD(w);
    saved(&w);
    declare(&w, CONFIG_2, "hunter2", true);
    assert_stale(&w, "the configuration changed since it was made: kv.lua");
    world_end(&w);
}

static void it_is_stale_when_an_input_moved(void **state)
{
    (void)state;
    WORLD(w);
    saved(&w);
    apply_all(&w);
    saved(&w);
    declare(&w, CONFIG_1, "hunter3", true);
    assert_stale(&w, "the input v changed");
    world_end(&w);
}

static void without_a_state_it_is_stale_when_an_open_input_moved(void **state)
{
    (void)state;
    WORLD(w);
    saved(&w);
    declare(&w, CONFIG_1, "open", false);
    plan(&w);
    check(&w, plan_save(&w.p, &w.m, &w.t, plan_path(&w), &w.err));
    assert_fits(&w);
    declare(&w, CONFIG_1, "other", false); /* the actions are the same, but for their values */
    assert_stale(&w, "the input v changed");
    world_end(&w);
}

static void without_a_state_a_secret_input_is_in_no_digest(void **state)
{
    (void)state;
    WORLD(w);
    saved(&w);
    declare(&w, CONFIG_1, "hunter3", true);
    assert_fits(&w);
    world_end(&w);
}

static void it_is_stale_when_a_seed_file_moved(void **state)
{
    (void)state;
    WORLD(w);
    saved(&w);
    write_file(&w, "seed.json", "[{\"key\":\"s\",\"value\":\"2\"}]");
    assert_stale(&w, "a seed file or a wrangler config changed since it was made: seed.json");
    world_end(&w);
}

static void it_is_stale_when_the_state_moved(void **state)
{
    (void)state;
    WORLD(w);
    saved(&w);
    apply_all(&w); /* there was none before */
    assert_stale(&w, "the state changed");
    saved(&w);
    check(&w, state_set_output(&w.t.state, "o", B("1"), NULL, 0, &w.err));
    check(&w, state_save(&w.t.state, &w.err));
    assert_stale(&w, "the state changed");
    world_end(&w);
}

static void it_is_stale_when_the_account_moved(void **state)
{
    (void)state;
    WORLD(w);
    saved(&w);
    others_create(&w, "other"); /* not even a namespace of ours */
    assert_stale(&w, "what is live changed");
    apply_all(&w);
    others_put(&w, "a", "k", "theirs");
    saved(&w);
    others_put(&w, "a", "k", "others"); /* the actions are the same */
    assert_stale(&w, "what is live changed");
    world_end(&w);
}

static void it_is_stale_when_time_moved_its_actions(void **state)
{
    (void)state;
    WORLD(w);
    write_file(&w, "seed.json", "[]");
    declare(&w, CONFIG_1, "x", false);
    w.m.namespaces[0].ttl_seconds = 600;
    apply_all(&w);
    plan(&w);
    check(&w, plan_save(&w.p, &w.m, &w.t, plan_path(&w), &w.err));
    assert_fits(&w);
    later(&w, 601);
    assert_stale(&w, "what is live changed");
    world_end(&w);
}

static void it_is_stale_for_another_target_and_other_options(void **state)
{
    (void)state;
    WORLD(w);
    saved(&w);
    w.o.no_adopt = true;
    assert_stale(&w, "the options changed since it was made: --no-adopt");
    w.o.no_adopt = false;
    w.t.name = "elsewhere";
    assert_stale(&w, "the target changed");
    world_end(&w);
}

static void it_brings_its_options_along(void **state)
{
    (void)state;
    WORLD(w);
    write_file(&w, "seed.json", "[]");
    declare(&w, CONFIG_1, "x", false);
    w.envs[0] = "dev";
    w.envs[1] = "prod";
    w.only[0] = "shop/*";
    w.o.envs = w.envs;
    w.o.n_envs = 2;
    w.o.only = w.only;
    w.o.n_only = 1;
    w.o.refresh = REFRESH_KEYS;
    w.o.no_adopt = w.o.destroy = w.o.no_backup = true;
    struct bytes globs[] = {bytes_of("shop/config/prod"), bytes_of("pr-*")};
    w.o.permits.data_loss = (struct permit){.globs = globs, .n = 2};
    w.o.permits.mass_delete.bare = true;
    plan(&w);
    check(&w, plan_save(&w.p, &w.m, &w.t, plan_path(&w), &w.err));
    struct plan_options o = {.now = 7, .permits.data_loss.bare = true};
    check(&w, plan_saved_options(plan_path(&w), &w.t.arena, &o, &w.err));
    assert_int_equal(o.n_envs, 2);
    assert_string_equal(o.envs[1], "prod");
    assert_string_equal(o.only[0], "shop/*");
    assert_int_equal(o.refresh, REFRESH_KEYS);
    assert_true(o.no_adopt && o.destroy && o.no_backup && o.now == 7);
    assert_true(!o.permits.data_loss.bare && o.permits.mass_delete.bare);
    assert_int_equal(o.permits.data_loss.n, 2);
    assert_true(bytes_equal(o.permits.data_loss.globs[1], bytes_of("pr-*")));
    w.o = o;
    w.o.now = NOW;
    assert_fits(&w);
    world_end(&w);
}

static void a_key_with_a_nul_can_be_saved(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    put(&w, 0, "k", "v")->seed.key = bytes_make("n\0l", 3);
    plan(&w);
    check(&w, plan_save(&w.p, &w.m, &w.t, plan_path(&w), &w.err));
    assert_fits(&w);
    world_end(&w);
}

static void what_is_no_saved_plan_is_said_to_be_none(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "nonsense",
        "[]",
        "{}",
        "{\"format_version\":3,\"digests\":{},\"options\":{}}",
        "{\"format_version\":2,\"digests\":{},\"options\":{}}",
        "{\"format_version\":2,\"digests\":{},\"nonce\":\"x\",\"options\":{\"env\":[7]}}"};
    WORLD(w);
    ns_titled(&w, "a");
    plan(&w);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct plan_options o = {0};
        write_file(&w, "plan.json", texts[i]);
        assert_false(plan_saved_options(plan_path(&w), &w.t.arena, &o, &w.err));
        assert_int_equal(w.err.code, ERR_FORMAT);
        assert_false(plan_check_saved(&w.p, &w.m, &w.t, plan_path(&w), &w.err));
        assert_true(w.err.code == ERR_FORMAT || w.err.code == ERR_STALE);
    }
    assert_int_equal(unlink(plan_path(&w)), 0);
    assert_false(plan_check_saved(&w.p, &w.m, &w.t, plan_path(&w), &w.err));
    assert_int_equal(w.err.code, ERR_NOT_FOUND);
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_saved_plan_fits_while_nothing_moves),
        cmocka_unit_test(it_holds_no_value_and_no_secret_and_is_for_its_owner),
        cmocka_unit_test(it_is_stale_when_the_configuration_moved),
        cmocka_unit_test(it_is_stale_when_an_input_moved),
        cmocka_unit_test(without_a_state_it_is_stale_when_an_open_input_moved),
        cmocka_unit_test(without_a_state_a_secret_input_is_in_no_digest),
        cmocka_unit_test(it_is_stale_when_a_seed_file_moved),
        cmocka_unit_test(it_is_stale_when_the_state_moved),
        cmocka_unit_test(it_is_stale_when_the_account_moved),
        cmocka_unit_test(it_is_stale_when_time_moved_its_actions),
        cmocka_unit_test(it_is_stale_for_another_target_and_other_options),
        cmocka_unit_test(it_brings_its_options_along),
        cmocka_unit_test(a_key_with_a_nul_can_be_saved),
        cmocka_unit_test(what_is_no_saved_plan_is_said_to_be_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
