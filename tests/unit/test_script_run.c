#include "test_script.h"

#include "base/fault.h"
#include "script/run.h"
#include "store/memory.h"

/* ---- A script over a store in memory --------------------------------------------------------- */

static void no_warning(void *ctx, const struct diag_list *warnings, bool last)
{
    (void)ctx, (void)last;
    assert_int_equal(warnings->n, 0);
}

/* Runs kv.lua over an empty store. */
static bool run_file(bool strict, struct run_result *result, struct error *err)
{
    struct kv kv = {
        .store = memory_store_new(), .jobs = 2, .backups = {.dir = "kept"}, .now = 1700000000};
    struct run_options options = {
        .file = "kv.lua", .kv = &kv, .strict = strict, .warn = no_warning};
    bool ok = script_run(&options, result, err);
    kv_release(&kv);
    store_close(kv.store);
    return ok;
}

static struct run_result run_code(const char *code)
{
    struct run_result result = {0};
    struct error err = {.message = ""};
    options_for(code);
    if (!run_file(false, &result, &err))
        fail_msg("the script did not run: %s", err.message);
    return result;
}

static void assert_fails(const char *code, const char *message)
{
    struct run_result r = run_code(code);
    assert_true(r.failed);
    assert_string_equal(r.error.message, message);
    run_release(&r);
}

static void assert_exit(const char *code, int want)
{
    struct run_result r = run_code(code);
    if (r.failed)
        fail_msg("it failed: %s", r.error.message);
    assert_int_equal(r.exit_code, want);
    run_release(&r);
}

/* ---- How a script ends ----------------------------------------------------------------------- */

static void a_script_ends_with_0_or_what_it_exits_with(void **state)
{
    (void)state;
    assert_exit("", 0);
    assert_exit("return 7", 0);
    assert_exit("os.exit(7)", 7);
    assert_exit("os.exit(-1)", 255);
    assert_exit("os.exit(false)", 1);
}

static void nothing_catches_an_exit(void **state)
{
    (void)state;
    assert_exit("pcall(os.exit, 7) os.exit(8)", 7);
    assert_exit("xpcall(os.exit, function() os.exit(8) end, 7) os.exit(9)", 7);
    assert_exit("coroutine.wrap(function() pcall(os.exit, 7) end)() os.exit(8)", 7);
    assert_exit("load(function() os.exit(7) end) os.exit(8)", 7);
    assert_exit("coroutine.resume(coroutine.create(function() os.exit(7) end)) os.exit(8)", 7);
    assert_exit("cfkv.namespace.create 'n'\n"
                "pcall(cfkv.bulk.put, 'n', function() os.exit(7) end) os.exit(8)",
                7);
}

static void what_is_closed_after_an_exit_cannot_call_the_store(void **state)
{
    (void)state;
    assert_exit("local c <close> = setmetatable({}, { __close = function()\n"
                "  local ok = pcall(cfkv.namespace.create, 'n') os.exit(8) end })\n"
                "os.exit(7)",
                7);
}

static void errors_are_told_at_the_script_s_line(void **state)
{
    (void)state;
    assert_fails("\n\nerror 'boom'", "kv.lua:3: boom");
    assert_fails("\ncfkv.key.get(7)", "kv.lua:2: the key must be a string, got nothing");
    assert_fails("error({})", "kv.lua:1: an error value of type table was raised");
    assert_fails("error('as it is', 0)", "as it is");
    assert_fails("\nassert(cfkv.namespace.get 'n')", "kv.lua:2: there is no namespace 'n'");
    assert_fails("\n\nlocal x <const> = 1 x = 2",
                 "kv.lua:3: attempt to assign to const variable 'x'");
}

static void a_finalizer_that_runs_within_a_call_cannot_make_another(void **state)
{
    (void)state;
    assert_exit("local ns, refused = assert(cfkv.namespace.create 'n'), 0\n"
                "local function litter()\n"
                "  setmetatable({}, { __gc = function()\n"
                "    local ok, err = pcall(cfkv.key.put, ns, 'other', 'x')\n"
                "    if not ok and tostring(err):find '__gc' then refused = refused + 1 end\n"
                "    if not done then litter() end\n"
                "  end })\n"
                "end\n"
                "local items = {}\n"
                "for i = 1, 20000 do items[i] = { key = 'k' .. i, value = { i, { i } } } end\n"
                "collectgarbage('generational', 1)\n"
                "for i = 1, 10 do litter() end\n"
                "assert(cfkv.bulk.put(ns, items).written == 20000)\n"
                "local n = 0\n"
                "for key, value in cfkv.bulk.get(ns, cfkv.key.list(ns, { prefix = 'k' })) do\n"
                "  assert(value == '[' .. key:sub(2) .. ',[' .. key:sub(2) .. ']]')\n"
                "  n = n + 1\n"
                "end\n"
                "done = true\n"
                "assert(n == 20000 and refused > 0, refused)",
                0);
}

/* A key that is given is whole, though what it comes from is closed while Lua gets memory for it.
 */
static void what_a_finalizer_closes_meanwhile_ends(void **state)
{
    (void)state;
    assert_exit(
        "local ns, i = assert(cfkv.namespace.create 'n'), 0\n"
        "cfkv.bulk.put(ns, function()\n"
        "  i = i + 1\n"
        "  if i <= 3000 then return ('k%04d'):format(i), ('v%04d'):format(i) end\n"
        "end)\n"
        "local function go_through(next, _, _, open)\n"
        "  local closed, n = false, 0\n"
        "  setmetatable({}, { __gc = function()\n"
        "    if n == 0 then error 'too early' end\n"
        "    local c <close> = open\n"
        "    closed = true\n"
        "  end })\n"
        "  for key, value in next do\n"
        "    n = n + 1\n"
        "    key = key.key or key\n"
        "    assert(key == ('k%04d'):format(n) and (not value or value == 'v' .. key:sub(2)))\n"
        "    assert(not closed or n < 3000)\n"
        "  end\n"
        "  return closed\n"
        "end\n"
        "local some = false\n"
        "for i = 1, 60 do\n"
        "  collectgarbage() collectgarbage('step', i)\n"
        "  some = go_through(cfkv.key.list(ns)) or some\n"
        "  collectgarbage() collectgarbage('step', i)\n"
        "  some = go_through(cfkv.bulk.get(ns, cfkv.key.list(ns))) or some\n"
        "end\n"
        "assert(some)",
        0);
}

/* ---- Ctrl-C ---------------------------------------------------------------------------------- */

static void an_interrupt_ends_it_between_two_instructions(void **state)
{
    (void)state;
    volatile int interrupted = 1;
    struct kv kv = {.store = memory_store_new()};
    struct run_options options = {
        .file = "kv.lua", .kv = &kv, .interrupted = &interrupted, .warn = no_warning};
    struct run_result result = {0};
    struct error err = {0};
    options_for("\npcall(function() while true do end end)\nos.exit(7)");
    assert_true(script_run(&options, &result, &err));
    assert_true(result.interrupted);
    assert_false(result.failed);
    assert_int_equal(result.exit_code, 0);
    assert_int_equal(result.error.code, ERR_FAILED);
    assert_string_equal(result.error.message, "kv.lua:2: interrupted");
    run_release(&result);
    kv_release(&kv);
    store_close(kv.store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRIPT_TEST(a_script_ends_with_0_or_what_it_exits_with),
        SCRIPT_TEST(nothing_catches_an_exit),
        SCRIPT_TEST(what_is_closed_after_an_exit_cannot_call_the_store),
        SCRIPT_TEST(errors_are_told_at_the_script_s_line),
        SCRIPT_TEST(a_finalizer_that_runs_within_a_call_cannot_make_another),
        SCRIPT_TEST(what_a_finalizer_closes_meanwhile_ends),
        SCRIPT_TEST(an_interrupt_ends_it_between_two_instructions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
