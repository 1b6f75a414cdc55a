#include "test_script.h"

#define TWO                                                                                        \
    "cfkv.namespace { title = 'b', binding = 'B' }\n"                                              \
    "local a = cfkv.namespace { title = 'a', app = 's', purpose = 'p', env = 'e',\n"               \
    "  ttl_seconds = 60, description = 'd', on_remove = 'keep', protect = true }\n"

static void a_policy_that_returns_nothing_agrees(void **state)
{
    (void)state;
    assert_lua(TWO "cfkv.policy('p', function() end) cfkv.policy('q', function() return nil end)");
}

static void a_message_denies_at_the_line_of_the_namespace(void **state)
{
    (void)state;
    struct model m = evaluate(TWO "cfkv.policy('bound', function(ns)\n"
                                  "  if not ns.binding then return ns.title .. ' is unbound' end\n"
                                  "end)");
    assert_diagnostics(&m, "kv.lua:2: error: policy 'bound': a is unbound\n");
    assert_string_equal(m.diags.items[0].code, "policy.bound");
    model_release(&m);
}

static void warn_and_a_message_warns(void **state)
{
    (void)state;
    assert_problems(TWO "cfkv.policy('p', function(ns) return 'warn', 'look at ' .. ns.title end)",
                    "kv.lua:1: warning: policy 'p': look at b\n"
                    "kv.lua:2: warning: policy 'p': look at a\n");
}

static void anything_else_that_is_returned_is_told(void **state)
{
    (void)state;
    static const char *const returned[][2] = {
        {"3", "3"}, {"'warn'", "'warn'"}, {"true", "true"}, {"'a', 'b'", "'a'"}, {"{}", "a table"}};
    for (size_t i = 0; i < N_OF(returned); i++) {
        char code[200], want[200];
        snprintf(code, sizeof code,
                 "cfkv.namespace { title = 'a' } cfkv.policy('p', function() return %s end)",
                 returned[i][0]);
        snprintf(want, sizeof want,
                 "kv.lua:1: error: policy 'p': it must return nothing, a message, or \"warn\" and "
                 "a message, got %s\n",
                 returned[i][1]);
        assert_problems(code, want);
    }
}

static void a_policy_that_fails_is_told_and_the_others_run(void **state)
{
    (void)state;
    assert_problems("cfkv.namespace { title = 'a' }\n"
                    "cfkv.policy('broken', function(ns)\n"
                    "  return ns.title + 1\n"
                    "end)\n"
                    "cfkv.policy('other', function() return 'no' end)",
                    "kv.lua:1: error: policy 'other': no\n"
                    "kv.lua:3: error: policy 'broken' failed: attempt to perform arithmetic on a "
                    "string value (field 'title')\n"
                    "  hint: tonumber(x) makes a number of text\n");
}

static void a_policy_sees_every_field_of_a_namespace(void **state)
{
    (void)state;
    assert_lua(TWO "a:put('k', 'abc', { expiration_ttl = 90, metadata = { x = { 1 } } })\n"
                   "a:put('l', a.id, { policy = 'once', expiration = 2000000000 })\n"
                   "cfkv.policy('p', function(ns)\n"
                   "  if ns.title == 'b' then\n"
                   "    assert(ns.app == nil and ns.description == nil and ns.on_remove == nil)\n"
                   "    assert(ns.binding == 'B' and ns.ttl_seconds == 0 and #ns.puts == 0)\n"
                   "    return\n"
                   "  end\n"
                   "  assert(ns.address == 's/p/e' and ns.app == 's' and ns.purpose == 'p')\n"
                   "  assert(ns.env == 'e' and ns.ttl_seconds == 60 and ns.description == 'd')\n"
                   "  assert(ns.on_remove == 'keep' and ns.protect == true)\n"
                   "  assert(#ns.puts == 2 and ns.puts[3] == nil and ns.puts.x == nil)\n"
                   "  assert(ns.puts[1].key == 'k' and ns.puts[1].bytes == 3)\n"
                   "  assert(ns.puts[1].expiration_ttl == 90 and ns.puts[1].policy == 'managed')\n"
                   "  assert(ns.puts[1].metadata.x[1] == 1 and ns.puts[1].metadata.y == nil)\n"
                   "  assert(ns.puts[2].bytes == nil and ns.puts[2].policy == 'once')\n"
                   "  assert(ns.puts[2].expiration == 2000000000 and ns.puts[2].metadata == nil)\n"
                   "  local n = 0\n"
                   "  for i, put in ipairs(ns.puts) do n = n + i assert(put.key) end\n"
                   "  for i, put in pairs(ns.puts) do n = n + i assert(put.key) end\n"
                   "  assert(n == 6)\n"
                   "end)");
}

static void a_policy_cannot_change_what_it_sees(void **state)
{
    (void)state;
    static const char *const changes[] = {"ns.title = 'x'",          "ns.puts[1] = 1",
                                          "ns.puts[1].key = 1",      "ns.puts[1].metadata.x = 1",
                                          "rawset(ns, 'title', 1)",  "setmetatable(ns, nil)",
                                          "table.insert(ns.puts, 1)"};
    for (size_t i = 0; i < N_OF(changes); i++) {
        char code[400];
        snprintf(code, sizeof code,
                 "cfkv.namespace { title = 'a' }:put('k', 'v', { metadata = { x = 2 } })\n"
                 "cfkv.policy('p', function(ns) %s end)",
                 changes[i]);
        assert_mentions(code, "kv.lua:2: error: policy 'p' failed: ");
    }
}

static void a_slip_in_a_field_of_the_view_is_told(void **state)
{
    (void)state;
    assert_problems("cfkv.namespace { title = 'a' }\n"
                    "cfkv.policy('p', function(ns) return ns.titel end)",
                    "kv.lua:2: error: policy 'p' failed: unknown name 'ns.titel'\n"
                    "  hint: did you mean 'ns.title'?\n");
}

static void policies_run_in_the_order_of_addresses(void **state)
{
    (void)state;
    assert_lua("local seen = {}\n"
               "for _, t in ipairs { 'c', 'a', 'b' } do cfkv.namespace { title = t } end\n"
               "cfkv.policy('p', function(ns) seen[#seen + 1] = ns.title end)\n"
               "cfkv.policy('q', function(ns)\n"
               "  if ns.title == 'c' then assert(table.concat(seen) == 'abc') end\n"
               "end)");
}

static void a_policy_that_never_ends_meets_the_budget(void **state)
{
    (void)state;
    struct script_options options =
        options_for("cfkv.namespace { title = 'a' }\n"
                    "cfkv.policy('p', function() while true do end end)");
    options.limits.instructions = 100000;
    assert_problems_with(&options,
                         "kv.lua:2: error: evaluation took more than 100000 Lua instructions\n"
                         "  hint: is there a loop that never ends?\n");
}

static void a_policy_that_is_no_function_is_told(void **state)
{
    (void)state;
    assert_problems("cfkv.policy('p', 'q')\ncfkv.policy(function() end)",
                    "kv.lua:1: error: cfkv.policy takes a name and a function, got 'q' as "
                    "argument 2\n"
                    "  hint: cfkv.policy(\"name\", function(ns) … end)\n"
                    "kv.lua:2: error: cfkv.policy takes a name and a function, got a function as "
                    "argument 1\n"
                    "  hint: cfkv.policy(\"name\", function(ns) … end)\n");
}

static void a_policy_that_declares_is_misuse(void **state)
{
    (void)state;
    static const char *const calls[] = {"cfkv.namespace { title = 'b' }",
                                        "ns:put('k', 'v')",
                                        "ns:bulk {}",
                                        "ns:prune ''",
                                        "cfkv.output('o', 1)",
                                        "cfkv.policy('q', print)"};
    for (size_t i = 0; i < N_OF(calls); i++) {
        char code[200];
        snprintf(code, sizeof code,
                 "local ns = cfkv.namespace { title = 'a' }\n"
                 "cfkv.policy('p', function() pcall(print)\n%s end)",
                 calls[i]);
        struct model m = evaluate(code);
        struct buf text = {0};
        diag_write_text(&m.diags, true, 0, &text);
        assert_non_null(strstr(text.data, "kv.lua:3: error: policy 'p' failed: "));
        assert_non_null(strstr(text.data, " declares, and a policy only judges"));
        assert_int_equal(m.n_namespaces, 1);
        assert_int_equal(m.namespaces[0].n_puts + m.namespaces[0].n_prunes + m.n_outputs, 0);
        buf_release(&text);
        model_release(&m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRIPT_TEST(a_policy_that_returns_nothing_agrees),
        SCRIPT_TEST(a_message_denies_at_the_line_of_the_namespace),
        SCRIPT_TEST(warn_and_a_message_warns),
        SCRIPT_TEST(anything_else_that_is_returned_is_told),
        SCRIPT_TEST(a_policy_that_fails_is_told_and_the_others_run),
        SCRIPT_TEST(a_policy_sees_every_field_of_a_namespace),
        SCRIPT_TEST(a_policy_cannot_change_what_it_sees),
        SCRIPT_TEST(a_slip_in_a_field_of_the_view_is_told),
        SCRIPT_TEST(policies_run_in_the_order_of_addresses),
        SCRIPT_TEST(a_policy_that_declares_is_misuse),
        SCRIPT_TEST(a_policy_that_never_ends_meets_the_budget),
        SCRIPT_TEST(a_policy_that_is_no_function_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
