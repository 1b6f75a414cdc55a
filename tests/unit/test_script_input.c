#include "test_script.h"

#include "base/duration.h"

static void assert_input(const struct input_decl *in, enum input_kind kind, const char *name,
                         const char *type, const char *value, bool given)
{
    assert_int_equal(in->kind, kind);
    assert_string_equal(in->name, name);
    assert_string_equal(in->type, type);
    assert_bytes(in->value, bytes_of(value));
    assert_int_equal(in->given, given);
}

static void a_variable_has_its_default_unless_given(void **state)
{
    (void)state;
    struct model m = evaluate_clean("assert(cfkv.var('a', { default = 'x', doc = 'why' }) == 'x')\n"
                                    "assert(cfkv.var('b', { default = 3 }) == 3)\n"
                                    "assert(cfkv.var('c', { default = true }) == true)\n"
                                    "assert(cfkv.var('d', { default = 2.5 }) == 2.5)");
    assert_input(&m.inputs[0], INPUT_VAR, "a", "string", "x", false);
    assert_string_equal(m.inputs[0].doc, "why");
    assert_bytes(m.inputs[0].default_value, TEXT("x"));
    assert_int_equal(m.inputs[0].pos.line, 1);
    assert_input(&m.inputs[1], INPUT_VAR, "b", "integer", "3", false);
    assert_input(&m.inputs[2], INPUT_VAR, "c", "boolean", "true", false);
    assert_input(&m.inputs[3], INPUT_VAR, "d", "number", "2.5", false);
    model_release(&m);
}

static void the_command_line_beats_the_environment_beats_the_default(void **state)
{
    (void)state;
    const struct given_var vars[] = {{"a", "old"}, {"a", "cli"}};
    struct script_options options =
        options_for("assert(cfkv.var('a', { default = 'x' }) == 'cli')\n"
                    "assert(cfkv.var('b', { default = 'x' }) == 'env')\n"
                    "assert(cfkv.var('c', { default = 'x' }) == 'x')");
    options.vars = vars;
    options.n_vars = N_OF(vars);
    setenv("CFKV_VAR_a", "env", 1);
    setenv("CFKV_VAR_b", "env", 1);
    struct model m = evaluate_with(&options);
    unsetenv("CFKV_VAR_a");
    unsetenv("CFKV_VAR_b");
    assert_diagnostics(&m, "");
    assert_input(&m.inputs[0], INPUT_VAR, "a", "string", "cli", true);
    assert_input(&m.inputs[1], INPUT_VAR, "b", "string", "env", true);
    assert_input(&m.inputs[2], INPUT_VAR, "c", "string", "x", false);
    model_release(&m);
}

static void given_text_becomes_the_declared_type(void **state)
{
    (void)state;
    const struct given_var vars[] = {{"i", "-3"}, {"n", "1e3"}, {"b", "false"}, {"s", "7"}};
    struct script_options options =
        options_for("local i = cfkv.var('i', { type = 'integer' })\n"
                    "assert(i == -3 and math.type(i) == 'integer')\n"
                    "assert(cfkv.var('n', { type = 'number' }) == 1000)\n"
                    "assert(cfkv.var('b', { default = true }) == false)\n"
                    "assert(cfkv.var('s', { default = 'x' }) == '7')");
    options.vars = vars;
    options.n_vars = N_OF(vars);
    assert_problems_with(&options, "");
}

static void text_of_another_type_is_told_and_evaluation_goes_on(void **state)
{
    (void)state;
    const struct given_var vars[] = {{"i", "3.5"}, {"n", "0x10"}, {"b", "yes"}};
    struct script_options options = options_for("assert(cfkv.var('i', { default = 3 }) == 0)\n"
                                                "cfkv.var('n', { type = 'number' })\n"
                                                "cfkv.var('b', { type = 'boolean' })");
    options.vars = vars;
    options.n_vars = N_OF(vars);
    assert_problems_with(&options,
                         "kv.lua:1: error: variable 'i' must be of type integer, got '3.5'\n"
                         "kv.lua:2: error: variable 'n' must be of type number, got '0x10'\n"
                         "kv.lua:3: error: variable 'b' must be of type boolean, got 'yes'\n"
                         "  hint: write true or false\n");
}

static void durations_and_times_are_seconds(void **state)
{
    (void)state;
    const struct given_var vars[] = {
        {"a", "1h30m"}, {"b", "3600"}, {"d", "2h"}, {"t", "2027-01-31T13:00:00+01:00"}, {"u", "5"}};
    struct script_options options = options_for(
        "assert(cfkv.var('a', { type = 'duration' }) == 5400)\n"
        "assert(math.type(cfkv.var('b', { type = 'duration', default = '1d' })) == 'integer')\n"
        "assert(cfkv.var('c', { type = 'duration', default = '1d' }) == 86400)\n"
        "assert(cfkv.var('d', { type = 'duration', oneof = { '1h', 7200.0 } }) == 7200)\n"
        "assert(cfkv.var('t', { type = 'time' }) == 1801396800)\n"
        "assert(cfkv.var('u', { type = 'time' }) == 5)\n"
        "cfkv.namespace { title = 'n', ttl_seconds = cfkv.var('a', { type = 'duration' }) }");
    options.vars = vars;
    options.n_vars = N_OF(vars);
    assert_problems_with(&options, "");
}

static void what_is_no_duration_or_time_says_what_to_give(void **state)
{
    (void)state;
    const struct given_var vars[] = {{"a", "1 hour"}, {"b", "soon"}, {"c", "1h"}, {"d", "3h"}};
    struct script_options options =
        options_for("cfkv.var('a', { type = 'duration' })\n"
                    "cfkv.var('b', { type = 'duration' })\n"
                    "cfkv.var('c', { type = 'time' })\n"
                    "cfkv.var('d', { type = 'duration', oneof = { '1h' } })\n"
                    "cfkv.var('e', { type = 'duration', default = 'x' })\n"
                    "cfkv.var('f', { type = 'time', default = 1.5 })");
    options.vars = vars;
    options.n_vars = N_OF(vars);
    assert_problems_with(&options,
                         "kv.lua:1: error: variable 'a' must be of type duration, got '1 hour'\n"
                         "  hint: write '1h'\n"
                         "kv.lua:2: error: variable 'b' must be of type duration, got 'soon'\n"
                         "  hint: give " DURATION_WANTED "\n"
                         "kv.lua:3: error: variable 'c' must be of type time, got '1h'\n"
                         "  hint: a duration is what expiration_ttl takes\n"
                         "kv.lua:4: error: variable 'd' cannot be '10800'\n"
                         "  hint: accepted: '3600'\n"
                         "kv.lua:5: error: the default of 'e' must be of type duration, got 'x'\n"
                         "kv.lua:6: error: the default of 'f' must be of type time, got 1.5\n");
}

static void a_value_outside_oneof_lists_the_accepted_ones(void **state)
{
    (void)state;
    const struct given_var vars[] = {{"level", "warn"}};
    struct script_options options =
        options_for("cfkv.var('level', { oneof = { 'info', 'debug' } })\n"
                    "cfkv.var('size', { default = 5, oneof = { 1, 2 } })");
    options.vars = vars;
    options.n_vars = N_OF(vars);
    assert_problems_with(&options, "kv.lua:1: error: variable 'level' cannot be 'warn'\n"
                                   "  hint: accepted: 'info', 'debug'\n"
                                   "kv.lua:2: error: variable 'size' cannot be '5'\n"
                                   "  hint: accepted: '1', '2'\n");
}

static void a_variable_without_value_and_default_is_told(void **state)
{
    (void)state;
    assert_problems("local v = cfkv.var 'region' assert(v .. 'x')",
                    "kv.lua:1: error: variable 'region' has no value\n"
                    "  hint: give --var region=…, set CFKV_VAR_region, or add a default\n");
}

static void options_that_contradict_each_other_are_told(void **state)
{
    (void)state;
    assert_problems("cfkv.var('a', { type = 'integer', default = 'x' })\n"
                    "cfkv.var('b', { default = 1, oneof = { 1, 'x' } })\n"
                    "cfkv.var('c', { default = 1, oneof = {} })",
                    "kv.lua:1: error: the default of 'a' must be of type integer, got 'x'\n"
                    "kv.lua:2: error: element 2 of oneof of 'b' must be of type integer, got 'x'\n"
                    "kv.lua:3: error: oneof of 'c' is empty\n"
                    "  hint: leave oneof out to accept anything\n");
}

static void a_variable_that_nobody_declared_is_told_with_the_nearest_name(void **state)
{
    (void)state;
    const struct given_var vars[] = {{"regoin", "eu"}, {"zzz", "1"}};
    struct script_options options = options_for("cfkv.var('region', { default = 'eu' })");
    options.vars = vars;
    options.n_vars = N_OF(vars);
    assert_problems_with(&options, "error: --var 'regoin' is not declared by the configuration\n"
                                   "  hint: did you mean 'region'?\n"
                                   "error: --var 'zzz' is not declared by the configuration\n"
                                   "  hint: declare it: cfkv.var(\"zzz\")\n");
}

static void a_file_that_failed_is_not_blamed_for_undeclared_variables(void **state)
{
    (void)state;
    const struct given_var vars[] = {{"late", "1"}};
    struct script_options options = options_for("error 'boom'\ncfkv.var 'late'");
    options.vars = vars;
    options.n_vars = N_OF(vars);
    assert_problems_with(&options, "kv.lua:1: error: boom\n");
}

static void an_environment_variable_is_declared_and_read(void **state)
{
    (void)state;
    setenv("SHOP_REGION", "eu", 1);
    struct model m = evaluate_clean("assert(cfkv.getenv('SHOP_REGION') == 'eu')\n"
                                    "assert(cfkv.getenv('SHOP_NONE', { default = 'd' }) == 'd')");
    unsetenv("SHOP_REGION");
    assert_input(&m.inputs[0], INPUT_ENV, "SHOP_REGION", "string", "eu", true);
    assert_input(&m.inputs[1], INPUT_ENV, "SHOP_NONE", "string", "d", false);
    model_release(&m);
}

static void a_secret_environment_variable_is_a_secret(void **state)
{
    (void)state;
    setenv("SHOP_TOKEN", "hunter2", 1);
    struct model m = evaluate_clean("local ns = cfkv.namespace { title = 'a' }\n"
                                    "ns:put('k', cfkv.getenv('SHOP_TOKEN', { secret = true }))");
    unsetenv("SHOP_TOKEN");
    assert_true(m.inputs[0].secret);
    assert_true(m.namespaces[0].puts[0].seed.value.secret);
    assert_bytes(literal(&m.namespaces[0].puts[0].seed.value), TEXT("hunter2"));
    model_release(&m);
}

static void an_environment_variable_that_is_not_set_is_told(void **state)
{
    (void)state;
    assert_problems("cfkv.getenv 'SHOP_NOT_SET'",
                    "kv.lua:1: error: environment variable 'SHOP_NOT_SET' is not set\n"
                    "  hint: set it, or add a default\n");
}

static void credentials_and_settings_cannot_be_read(void **state)
{
    (void)state;
    static const char *const names[] = {"CLOUDFLARE_API_TOKEN", "CF_API_TOKEN", "CFKV_VAR_x"};
    for (size_t i = 0; i < N_OF(names); i++) {
        char code[200], want[300];
        setenv(names[i], "hunter2", 1);
        snprintf(code, sizeof code, "assert(cfkv.getenv('%s', { default = '' }) == '')", names[i]);
        snprintf(want, sizeof want,
                 "kv.lua:1: error: environment variable '%s' cannot be read\n"
                 "  hint: CLOUDFLARE_*, CF_* and CFKV_* hold credentials and settings of cfkv "
                 "itself\n",
                 names[i]);
        assert_problems(code, want);
        unsetenv(names[i]);
    }
}

static void an_input_name_is_an_identifier(void **state)
{
    (void)state;
    assert_problems("cfkv.var('a b') cfkv.getenv(3) cfkv.var('1x') cfkv.var('')",
                    "kv.lua:1: error: cfkv.var takes a name, got 'a b'\n"
                    "  hint: letters, digits and _\n"
                    "kv.lua:1: error: cfkv.getenv takes a name, got 3\n"
                    "  hint: letters, digits and _\n"
                    "kv.lua:1: error: cfkv.var takes a name, got '1x'\n"
                    "  hint: letters, digits and _\n"
                    "kv.lua:1: error: cfkv.var takes a name, got ''\n"
                    "  hint: letters, digits and _\n");
}

static void the_same_input_may_be_declared_again_but_not_differently(void **state)
{
    (void)state;
    struct model m = evaluate("cfkv.var('a', { default = 1 })\ncfkv.var('a', { default = 1 })\n"
                              "cfkv.var('a', { default = 2 })\n"
                              "cfkv.getenv('a', { default = '1' })");
    assert_diagnostics(&m, "kv.lua:3: error: 'a' was declared differently at kv.lua:1\n"
                           "  hint: declare it once, in a module of its own\n");
    assert_int_equal(m.n_inputs, 2);
    model_release(&m);
}

static void an_environment_variable_that_is_set_but_empty_is_told(void **state)
{
    (void)state;
    const struct given_var vars[] = {{"given", ""}};
    struct script_options options =
        options_for("local ns = cfkv.namespace { title = 'a' }\n"
                    "ns:put('k', cfkv.getenv('SHOP_KEY', { secret = true }))\n"
                    "assert(cfkv.getenv('SHOP_REGION', { default = 'eu' }) == 'eu')\n"
                    "assert(cfkv.getenv('SHOP_SUFFIX', { default = '' }) == '')\n"
                    "cfkv.var('region')\n"
                    "assert(cfkv.var('given') == '')");
    options.vars = vars;
    options.n_vars = N_OF(vars);
    static const char *const names[] = {"SHOP_KEY", "SHOP_REGION", "SHOP_SUFFIX", "CFKV_VAR_region",
                                        "CFKV_VAR_given"};
    for (size_t i = 0; i < N_OF(names); i++)
        setenv(names[i], "", 1);
    assert_problems_with(
        &options,
        "kv.lua:2: error: environment variable 'SHOP_KEY' is set but empty\n"
        "  hint: give it a value; default = \"\" says that an empty one is meant\n"
        "kv.lua:3: warning: environment variable 'SHOP_REGION' is set but empty: its default "
        "counts\n"
        "  hint: unset it, or give it a value\n"
        "kv.lua:5: error: environment variable 'CFKV_VAR_region' is set but empty\n"
        "  hint: give it a value; default = \"\" says that an empty one is meant\n");
    for (size_t i = 0; i < N_OF(names); i++)
        unsetenv(names[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRIPT_TEST(a_variable_has_its_default_unless_given),
        SCRIPT_TEST(the_command_line_beats_the_environment_beats_the_default),
        SCRIPT_TEST(given_text_becomes_the_declared_type),
        SCRIPT_TEST(text_of_another_type_is_told_and_evaluation_goes_on),
        SCRIPT_TEST(durations_and_times_are_seconds),
        SCRIPT_TEST(what_is_no_duration_or_time_says_what_to_give),
        SCRIPT_TEST(a_value_outside_oneof_lists_the_accepted_ones),
        SCRIPT_TEST(a_variable_without_value_and_default_is_told),
        SCRIPT_TEST(options_that_contradict_each_other_are_told),
        SCRIPT_TEST(a_variable_that_nobody_declared_is_told_with_the_nearest_name),
        SCRIPT_TEST(a_file_that_failed_is_not_blamed_for_undeclared_variables),
        SCRIPT_TEST(an_environment_variable_is_declared_and_read),
        SCRIPT_TEST(a_secret_environment_variable_is_a_secret),
        SCRIPT_TEST(an_environment_variable_that_is_not_set_is_told),
        SCRIPT_TEST(an_environment_variable_that_is_set_but_empty_is_told),
        SCRIPT_TEST(credentials_and_settings_cannot_be_read),
        SCRIPT_TEST(an_input_name_is_an_identifier),
        SCRIPT_TEST(the_same_input_may_be_declared_again_but_not_differently),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
