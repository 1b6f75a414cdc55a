/* The host state: what its modules get, and what becomes of what they give. Each text has its tests
 * with its command. */
#include "test_base.h"

#include <lauxlib.h>
#include <lualib.h>

#include "host/host.h"
#include "host/tools.h"
#include "host/view.h"

/* ---- Views ----------------------------------------------------------------------------------- */

/* What `code` returns, as text, of the view of `json` (its argument) and the tools. */
static void assert_seen(const char *json, const char *code, const char *want)
{
    struct error err;
    lua_State *L = luaL_newstate();
    luaL_openlibs(L);
    assert_int_equal(luaL_loadstring(L, code), LUA_OK);
    assert_true(view_push(L, bytes_of(json), &err));
    assert_int_equal(lua_gettop(L), 2);
    tools_push(L);
    if (lua_pcall(L, 2, 1, 0) != LUA_OK)
        print_message("%s\n", lua_tostring(L, -1));
    assert_string_equal(luaL_tolstring(L, -1, NULL), want);
    lua_close(L);
}

static void a_view_keeps_every_value_and_its_type(void **state)
{
    (void)state;
    assert_seen("[1,-5,9223372036854775807,1.5,1e300,true,false]",
                "local v = ... return table.concat(v, ' ', 1, 5) .. tostring(v[6]) .. #v",
                "1 -5 9223372036854775807 1.5 1e+300true7");
    assert_seen("\"a\\u0000b\"", "return #...", "3");
    assert_seen("[[],{}]", "local v = ... return getmetatable(v[1]) .. getmetatable(v[2])",
                "arrayobject");
    assert_seen("{\"a\":{\"b\":[{\"c\":\"x\"}]},\"d\":1}",
                "local v = ... return v.a.b[1].c .. v.d .. tostring(v.e)", "x1nil");
}

static void a_null_is_told_from_what_is_not_there(void **state)
{
    (void)state;
    assert_seen("{\"a\":null}", "local v, text = ... return v.a == text.null and v.b == nil",
                "true");
    assert_seen("[null,1]", "local v, text = ... return v[1] == text.null and #v", "2");
}

static void a_view_cannot_be_added_to(void **state)
{
    (void)state;
    assert_seen("{}",
                "local v = ... local _, e = pcall(function() v.x = 1 end) return e:match ': (.*)'",
                "a view cannot be changed");
    assert_seen("[]", "local v = ... return pcall(setmetatable, v, nil)", "false");
}

static void a_view_may_be_as_deep_as_json(void **state)
{
    (void)state;
    struct buf json = {0};
    for (int i = 0; i < JSON_MAX_DEPTH; i++)
        buf_add_str(&json, i % 2 ? "{\"a\":" : "[");
    buf_add_str(&json, "7");
    for (int i = JSON_MAX_DEPTH; i-- > 0;)
        buf_add_char(&json, i % 2 ? '}' : ']');
    assert_seen(json.data, "local v = ... while type(v) == 'table' do v = v[1] or v.a end return v",
                "7");
    buf_release(&json);
}

/* ---- Tools ------------------------------------------------------------------------------------
 */

static void a_key_is_judged_by_the_rules_of_the_model(void **state)
{
    (void)state;
    assert_seen("1", "local _, text = ... return text.key_fault { key = 'k', value = 'v' }", "nil");
    assert_seen("1", "local _, text = ... return select('#', text.key_fault { key = 'k' })", "0");
    assert_seen("1", "local _, text = ... return (text.key_fault { key = '' })", "key '' is empty");
    assert_seen("1",
                "local _, text = ... return (text.key_fault { key = 'k', metadata = '{' })"
                ":match '^the metadata of key .k. is not JSON'",
                "the metadata of key 'k' is not JSON");
    assert_seen("1",
                "local _, text = ... "
                "return (text.key_fault { key = 'k', expiration_ttl = 59 }):match 'short'",
                "short");
    assert_seen("1",
                "local _, text = ... "
                "return (text.key_fault { key = 'k', expiration = 0 }):match 'not between'",
                "not between");
    assert_seen("1",
                "local _, text = ... local key = { key = 'k', metadata = '1' } "
                "return tostring((text.key_fault(key))) .. type(text.key_fault(key, 'instant'))",
                "nilstring");
    assert_seen("1", "local _, text = ... return pcall(text.key_fault, { key = {} })", "false");
}

static void the_rows_of_a_namespace_say_how_long_its_fields_may_be(void **state)
{
    (void)state;
    assert_seen("1",
                "local _, text = ... return text.longest 'description' .. ' ' .. "
                "text.longest 'owner' .. ' ' .. text.longest 'title' .. ' ' .. "
                "select('#', text.longest 'binding')",
                "256 64 512 0");
}

/* ---- Modules --------------------------------------------------------------------------------- */

static void assert_fails(const char *module, const char *function, const char *view,
                         const char *want)
{
    struct diag_list problems = {0};
    struct buf out = {0};
    struct error err = {0};
    assert_false(host_text(module, function, bytes_of(view), &problems, &out, &err));
    assert_int_equal(err.code, ERR_FAILED);
    if (!strstr(err.message, want))
        fail_msg("%s", err.message);
    assert_int_equal(problems.n, 0);
    assert_int_equal(out.len, 0);
    diag_release(&problems);
    buf_release(&out);
}

static void a_module_that_raises_is_a_bug_with_its_place(void **state)
{
    (void)state;
    assert_fails("output.env", "entries", "[1]", "a bug in cfkv: host/output/env.lua:");
    assert_fails("output.env", "no_function", "{}", "a bug in cfkv: attempt to call a nil value");
}

static void only_the_host_s_own_modules_are_there(void **state)
{
    (void)state;
    assert_fails("cfkv.sandbox", "x", "{}", "there is no module 'cfkv.sandbox'");
    assert_fails("io", "open", "{}", "there is no module 'io'");
    assert_fails("../cfkv/sandbox", "x", "{}", "there is no module");
}

static void a_view_that_is_no_json_is_an_error(void **state)
{
    (void)state;
    struct diag_list problems = {0};
    struct buf out = {0};
    struct error err;
    assert_false(host_text("output.env", "entries", TEXT("{"), &problems, &out, &err));
    assert_int_equal(err.code, ERR_FORMAT);
    assert_int_equal(out.len, 0);
}

static void a_text_stands_behind_what_was_there_and_problems_are_told_instead(void **state)
{
    (void)state;
    struct diag_list problems = {0};
    struct buf out = {0};
    struct error err;
    buf_add_str(&out, "before\n");
    assert_true(host_text("output.env", "entries", TEXT("{\"a\":1}"), &problems, &out, &err));
    assert_buf(&out, "before\nA='1'\n");
    assert_false(
        host_text("output.env", "entries", TEXT("{\"a\":1,\"A\":2}"), &problems, &out, &err));
    assert_string_equal(err.message, "nothing is printed: 1 problem");
    assert_int_equal(problems.n, 1);
    assert_string_equal(problems.items[0].message,
                        "outputs 'A' and 'a' are both 'A' in this format");
    assert_non_null(problems.items[0].hint);
    assert_buf(&out, "before\nA='1'\n");
    diag_release(&problems);
    buf_release(&out);
}

static void one_module_makes_a_text_in_many_calls(void **state)
{
    (void)state;
    struct diag_list problems = {0};
    struct buf out = {0};
    struct error err;
    struct host *host = host_open("output.env", &err);
    assert_non_null(host);
    assert_true(host_call(host, "entries", TEXT("{\"a\":1}"), &problems, &out, &err));
    assert_false(host_call(host, "entries", TEXT("[1]"), &problems, &out, &err));
    assert_false(host_call(host, "entries", TEXT("{"), &problems, &out, &err));
    assert_true(host_call(host, "entries", TEXT("{\"b\":2}"), &problems, &out, &err));
    assert_buf(&out, "A='1'\nB='2'\n");
    host_close(host);
    assert_null(host_open("output.none", &err));
    assert_int_equal(err.code, ERR_FAILED);
    host_close(NULL);
    buf_release(&out);
}

static void a_field_that_state_show_does_not_know_stands_behind_the_others(void **state)
{
    (void)state;
    struct diag_list problems = {0};
    struct buf out = {0};
    struct error err;
    assert_true(
        host_text("state", "show",
                  TEXT("{\"account\":null,\"account_id\":\"acc\",\"address\":\"a\",\"binding\":"
                       "null,\"bulk\":[],"
                       "\"color\":\"red\\n\",\"description\":null,\"env\":\"dev\","
                       "\"format_version\":1,\"id\":\"1d\",\"keys\":[],\"on_remove\":\"keep\","
                       "\"origin\":\"created\",\"owner\":null,\"protect\":true,"
                       "\"size\":5,\"title\":\"t\",\"ttl_seconds\":0}"),
                  &problems, &out, &err));
    assert_buf(&out, "address      a\n"
                     "account      acc\n"
                     "id           1d\n"
                     "title        t\n"
                     "origin       created\n"
                     "on_remove    keep\n"
                     "protect      yes\n"
                     "env          dev\n"
                     "color        \"red\\n\"\n"
                     "size         5\n");
    buf_release(&out);
}

static void the_modules_of_a_folder_have_names_in_order(void **state)
{
    (void)state;
    struct bytes name, before = {0};
    size_t n = 0, known = 0;
    for (; host_module("output", n, &name); n++) {
        assert_true(bytes_compare(before, name) < 0);
        known += bytes_equal(name, TEXT("env")) || bytes_equal(name, TEXT("tfvars"));
        before = name;
    }
    assert_int_equal(known, 2);
    assert_false(host_module("output", n, &name));
    assert_false(host_module("outpu", 0, &name));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_view_keeps_every_value_and_its_type),
        cmocka_unit_test(a_null_is_told_from_what_is_not_there),
        cmocka_unit_test(a_view_cannot_be_added_to),
        cmocka_unit_test(a_view_may_be_as_deep_as_json),
        cmocka_unit_test(a_module_that_raises_is_a_bug_with_its_place),
        cmocka_unit_test(only_the_host_s_own_modules_are_there),
        cmocka_unit_test(a_view_that_is_no_json_is_an_error),
        cmocka_unit_test(a_key_is_judged_by_the_rules_of_the_model),
        cmocka_unit_test(the_rows_of_a_namespace_say_how_long_its_fields_may_be),
        cmocka_unit_test(a_text_stands_behind_what_was_there_and_problems_are_told_instead),
        cmocka_unit_test(one_module_makes_a_text_in_many_calls),
        cmocka_unit_test(a_field_that_state_show_does_not_know_stands_behind_the_others),
        cmocka_unit_test(the_modules_of_a_folder_have_names_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
