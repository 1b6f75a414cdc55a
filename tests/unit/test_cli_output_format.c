/* Outputs for other programs; tests/cli/output_spec.lua has their readers. */
#include "test_base.h"

#include "cli/output_format.h"

static const struct state_output awkward[] = {
    {.name = "deep", .json = {"{\"a\":[1,1.5,{}],\"${b}\":null}", 28}},
    {.name = "lines", .json = {"\"it's\\n${x}\"", 12}},
};

static const enum output_format formats[] = {OUTPUT_ENV, OUTPUT_GITHUB, OUTPUT_TFVARS};

/* What is in `format`, behind what was in `out` before; no problem is told. */
static bool write_awkward(enum output_format format, struct buf *out, struct error *err)
{
    struct diag_list problems = {0};
    bool ok = output_format_write(format, awkward, N_OF(awkward), &problems, out, err);
    assert_int_equal(problems.n, 0);
    diag_release(&problems);
    return ok;
}

static void assert_written(enum output_format format, const char *want)
{
    struct buf out = {0};
    struct error err;
    buf_add_str(&out, "before\n");
    assert_true(write_awkward(format, &out, &err));
    assert_buf(&out, want);
    buf_release(&out);
}

static void each_format_quotes_in_its_own_way(void **state)
{
    (void)state;
    assert_written(OUTPUT_ENV, "before\n"
                               "DEEP='{\"a\":[1,1.5,{}],\"${b}\":null}'\n"
                               "LINES='it'\\''s\n${x}'\n");
    assert_written(OUTPUT_TFVARS, "before\n"
                                  "deep = {\"a\" = [1, 1.5, {}], \"$${b}\" = null}\n"
                                  "lines = \"it's\\n$${x}\"\n");
}

static void github_gets_a_delimiter_around_lines(void **state)
{
    (void)state;
    struct buf out = {0}, want = {0};
    struct error err;
    assert_true(write_awkward(OUTPUT_GITHUB, &out, &err));
    const char *delimiter = strstr(out.data, "ghadelimiter_");
    assert_non_null(delimiter);
    int len = (int)strcspn(delimiter, "\n");
    buf_addf(&want, "deep={\"a\":[1,1.5,{}],\"${b}\":null}\nlines<<%.*s\nit's\n${x}\n%.*s\n", len,
             delimiter, len, delimiter);
    assert_buf(&out, want.data);
    buf_release(&want);
    buf_release(&out);
}

static void every_problem_is_told_and_nothing_is_added(void **state)
{
    (void)state;
    const struct state_output outputs[] = {
        {.name = "a b", .json = {"\"\\u0000\"", 8}},
        {.name = "a-b", .json = {"1", 1}},
        {.name = "nul", .json = {"\"x\\u0000\"", 9}},
    };
    static const size_t wanted[] = {3, 1, 1}; /* by format */
    for (size_t i = 0; i < N_OF(formats); i++) {
        struct diag_list problems = {0};
        struct buf out = {0};
        struct error err;
        assert_false(
            output_format_write(formats[i], outputs, N_OF(outputs), &problems, &out, &err));
        assert_int_equal(err.code, ERR_FAILED);
        assert_int_equal(problems.n, wanted[i]);
        assert_int_equal(out.len, 0);
        diag_release(&problems);
        buf_release(&out);
    }
}

#ifdef CFKV_FAULTS
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_format_quotes_in_its_own_way),
        cmocka_unit_test(github_gets_a_delimiter_around_lines),
        cmocka_unit_test(every_problem_is_told_and_nothing_is_added),
#ifdef CFKV_FAULTS
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
