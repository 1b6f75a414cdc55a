#include "test_base.h"

#include <stdlib.h>

#include "base/spawn.h"

/* What `sh -c script` came to: its exit code, or -1 with `err`. */
static int run(const char *script, const char *const *env, struct buf *out, struct error *err)
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    struct spawn s = {.argv = argv, .env = env, .seconds = 20};
    int code;
    return spawn_run(&s, out, &code, err) ? code : -1;
}

static void a_program_is_run_for_what_it_prints(void **state)
{
    (void)state;
    struct buf out = {0};
    struct error err;
    buf_add_str(&out, "before ");
    assert_int_equal(run("echo said; echo unheard >&2; exit 7", NULL, &out, &err), 7);
    assert_buf(&out, "before said\n");
    buf_clear(&out);
    assert_int_equal(run("cat", NULL, &out, &err), 0); /* its input is empty */
    assert_buf(&out, "");
    buf_release(&out);
}

static void no_credential_reaches_it(void **state)
{
    (void)state;
    static const char *const env[] = {"GIVEN=yes", NULL};
    struct buf out = {0};
    struct error err;
    assert_int_equal(setenv("CLOUDFLARE_API_TOKEN", "secret", 1), 0);
    assert_int_equal(run("echo \"$GIVEN$CLOUDFLARE_API_TOKEN\"", env, &out, &err), 0);
    assert_buf(&out, "yes\n");
    assert_int_equal(unsetenv("CLOUDFLARE_API_TOKEN"), 0);
    buf_release(&out);
}

static void its_output_is_bounded(void **state)
{
    (void)state;
    struct buf out = {0};
    struct error err;
    assert_int_equal(run("head -c 1000000 /dev/zero", NULL, &out, &err), 0);
    assert_int_equal(out.len, SPAWN_OUTPUT_MAX);
    buf_release(&out);
}

static void what_cannot_be_run_to_its_end_is_an_error(void **state)
{
    (void)state;
    static const char *const none[] = {"there-is-no-such-program", NULL};
    static const char *const endless[] = {"sleep", "60", NULL};
    struct buf out = {0};
    struct error err;
    int code;
    assert_false(spawn_run(&(struct spawn){.argv = none, .seconds = 1}, &out, &code, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_false(spawn_run(&(struct spawn){.argv = endless, .seconds = 0}, &out, &code, &err));
    assert_string_equal(err.message, "'sleep' did not end within 0 seconds");
    assert_int_equal(run("kill -9 $$", NULL, &out, &err), -1);
    assert_string_equal(err.message, "'sh' was ended by a signal");
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_is_run_for_what_it_prints),
        cmocka_unit_test(no_credential_reaches_it),
        cmocka_unit_test(its_output_is_bounded),
        cmocka_unit_test(what_cannot_be_run_to_its_end_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
