#include "test_script.h"

#include <fcntl.h>

#include "base/file.h"

/* ---- The environment ------------------------------------------------------------------------ */

static void an_unknown_global_gets_the_nearest_name(void **state)
{
    (void)state;
    assert_problems("\nprnt('x')", "kv.lua:2: error: unknown global 'prnt'\n"
                                   "  hint: did you mean 'print'?\n");
}

static void a_configuration_that_forgot_require_is_told(void **state)
{
    (void)state;
    write_text("m.lua", "return cfkv");
    assert_problems("\nrequire 'm'", "m.lua:1: error: unknown global 'cfkv'\n"
                                     "  hint: write local cfkv = require \"cfkv\" first\n");
}

static void what_plain_lua_has_and_a_configuration_has_not_is_explained(void **state)
{
    (void)state;
    static const char *const names[] = {"os",         "io",       "debug",          "package",
                                        "dofile",     "loadfile", "collectgarbage", "math.random",
                                        "string.dump"};
    for (size_t i = 0; i < N_OF(names); i++) {
        char code[80], want[80];
        snprintf(code, sizeof code, "local x = %s", names[i]);
        snprintf(want, sizeof want, "'%s'\n  hint: ", names[i]);
        assert_mentions(code, want);
    }
}

static void globals_cannot_be_assigned(void **state)
{
    (void)state;
    const char *want = "kv.lua:1: error: global 'x' assigned\n  hint: declare it: local x = …\n";
    assert_problems("x = 1", want);
    assert_problems("_G.x = 1", want);
    assert_problems("function x() end", want);
    assert_mentions("rawset(_G, 'x', 1)", "cannot change a protected table");
    assert_mentions("setmetatable(_G, {})", "cannot change a protected metatable");
}

static void libraries_cannot_be_changed(void **state)
{
    (void)state;
    assert_mentions("string.format = print", "string cannot be changed (field 'format')");
    assert_mentions("table.insert(string, 1)", "string cannot be changed (field 1)");
    assert_mentions("rawset(table, 'x', 1)", "cannot change a protected table");
    assert_mentions("getmetatable('').__index = {}", "kv.lua:1: error: attempt to index a boolean");
    assert_lua("for name, f in pairs(string) do assert(string[name] == f) end\n"
               "local _, hidden = pairs(string) assert(hidden == nil)\n"
               "assert(getmetatable(string) == false and next(string) == nil)");
}

static void the_usual_functions_work(void **state)
{
    (void)state;
    assert_lua(
        "assert(('x'):rep(3, ',') == 'x,x,x' and ('%5.1f|%s|%d'):format(2.25, nil, 3) == '  "
        "2.2|nil|3')\n"
        "assert(('a,b'):match '(%w),(%w)' == 'a' and ('abc'):gsub('b', 'x') == 'axc')\n"
        "local words = {} for w in ('a b c'):gmatch '%a' do words[#words + 1] = w end\n"
        "assert(table.concat(words, '-') == 'a-b-c')\n"
        "table.insert(words, 1, 'z') table.remove(words) table.move(words, 1, 2, 2)\n"
        "assert(table.concat(words) == 'zza' and select('#', table.unpack(words)) == 3)\n"
        "assert(utf8.len 'ü' == 1 and math.max(1, 2) == 2 and math.pi > 3 and tonumber '0x10' == "
        "16)\n"
        "assert(select(2, pcall(error, 'x')) == 'x')\n"
        "assert(select(2, xpcall(error, function(m) return m .. '!' end, 'x')) == 'x!')\n"
        "local co = coroutine.wrap(function(a) local b = coroutine.yield(a + 1) return b * 2 end)\n"
        "assert(co(1) == 2 and co(5) == 10)\n"
        "local co = coroutine.create(function() error 'in' end)\n"
        "local ok, message = coroutine.resume(co)\n"
        "assert(not ok and message == 'kv.lua:12: in' and coroutine.status(co) == 'dead')\n"
        "local closed = false\n"
        "local co = coroutine.create(function()\n"
        "  local x <close> = setmetatable({}, { __close = function() closed = true end })\n"
        "  coroutine.yield()\n"
        "end)\n"
        "coroutine.resume(co) assert(coroutine.close(co) and closed)\n"
        "assert(pcall(coroutine.wrap(function() pcall(coroutine.yield) end)))\n"
        "assert(load('return ... + 1')(1) == 2 and load(function() end))\n"
        "assert(load('return x', 'n', 't', { x = 7 })() == 7)\n"
        "assert(select(2, load 'x =') == '(load):1: unexpected symbol near <eof>')");
}

static void pcall_can_yield_across(void **state)
{
    (void)state;
    assert_lua("local co = coroutine.wrap(function()\n"
               "  return pcall(function() coroutine.yield 'y' error 'e' end)\n"
               "end)\n"
               "assert(co() == 'y')\n"
               "local ok, message = co()\n"
               "assert(ok == false and message == 'kv.lua:2: e')");
}

static void loaded_text_runs_in_the_same_environment(void **state)
{
    (void)state;
    assert_mentions("load('return io')()", "unknown global 'io'");
    assert_mentions("load('x = 1')()", "global 'x' assigned");
    assert_lua("assert(not load('\\27Lua')) assert(not load('return 1', 'n', 'b'))");
}

/* ---- Determinism ---------------------------------------------------------------------------- */

static void pairs_iterates_in_sorted_order(void **state)
{
    (void)state;
    assert_lua(
        "local t = { 10, 20, b = 1, a = 2, ['\\xff'] = 3, [-1] = 4, [2.5] = 5, [true] = 6,\n"
        "  [false] = 7, aa = 8, [''] = 9, [math.mininteger] = 1, [2^63] = 2 }\n"
        "local seen = {}\n"
        "for k in pairs(t) do seen[#seen + 1] = tostring(k) end\n"
        "assert(table.concat(seen, ' ') == '-9223372036854775808 -1 1 2 2.5 9.2233720368548e+18 '\n"
        "  .. ' a aa b \\xff false true', table.concat(seen, ' '))\n"
        "local k, seen2 = nil, {}\n"
        "repeat k = next(t, k) seen2[#seen2 + 1] = tostring(k) until k == nil\n"
        "assert(table.concat(seen2, ' ') == table.concat(seen, ' ') .. ' nil')");
}

static void pairs_skips_what_is_removed_meanwhile(void **state)
{
    (void)state;
    assert_lua("local t, n = { a = 1, b = 2, c = 3 }, 0\n"
               "for k in pairs(t) do n = n + 1 t.b = nil t[k] = 0 end\n"
               "assert(n == 2)\n"
               "local s = { 1, 2, 3 }\n"
               "for i, v in pairs(s) do assert(v == i) s[3] = nil n = n + 1 end\n"
               "assert(n == 4)");
}

static void pairs_refuses_keys_without_an_order(void **state)
{
    (void)state;
    assert_problems("for k in pairs { [{}] = 1 } do end",
                    "kv.lua:1: error: keys of type table have no order\n"
                    "  hint: iterate over a list of them with ipairs instead\n");
}

static void pairs_honours_its_metamethod(void **state)
{
    (void)state;
    assert_lua("local t = setmetatable({}, { __pairs = function(t) return function(_, k)\n"
               "  if not k then return 1, 2 end end, t, nil end })\n"
               "for k, v in pairs(t) do assert(k == 1 and v == 2) t = nil end assert(not t)");
}

static void sorting_is_stable_and_needs_no_sane_order(void **state)
{
    (void)state;
    assert_lua("local t = {}\n"
               "for i = 1, 500 do t[i] = { key = i * 7919 % 10, at = i } end\n"
               "table.sort(t, function(a, b) return a.key < b.key end)\n"
               "for i = 2, 500 do\n"
               "  local a, b = t[i - 1], t[i]\n"
               "  assert(a.key < b.key or a.key == b.key and a.at < b.at)\n"
               "end\n"
               "local n = { 3, 1, 2 } table.sort(n) assert(table.concat(n) == '123')\n"
               "table.sort(n, function() return true end)\n"
               "table.sort({})");
    assert_mentions("table.sort { 1, 'x' }", "kv.lua:1: error: attempt to compare");
}

static void no_text_holds_an_address(void **state)
{
    (void)state;
    assert_lua("assert(tostring({}) == 'table' and tostring(print) == 'function')\n"
               "assert(tostring(coroutine.create(print)) == 'thread')\n"
               "assert(('%s %s'):format({}, print) == 'table function')\n"
               "assert(tostring(setmetatable({}, { __tostring = function() return 'mine' end })) "
               "== 'mine')\n"
               "assert(tostring(setmetatable({}, { __name = 'Mine' })) == 'Mine')");
    assert_mentions("('%p'):format({})", "'%p' is not available");
    assert_mentions("error({})", "kv.lua:1: error: an error value of type table was raised");
}

/* ---- Budgets -------------------------------------------------------------------------------- */

#define LOOP "while true do end"

static void a_loop_that_never_ends_is_stopped_wherever_it_hides(void **state)
{
    (void)state;
    static const char *const loops[] = {
        LOOP,
        "pcall(function() " LOOP " end) error 'alive'",
        "while true do pcall(function() " LOOP " end) end",
        "xpcall(function() " LOOP " end, function() " LOOP " end) error 'alive'",
        "coroutine.wrap(function() " LOOP " end)()",
        "local co = coroutine.create(function() " LOOP " end) coroutine.resume(co) error 'alive'",
        "pcall(coroutine.wrap(function() pcall(function() " LOOP " end) end)) error 'alive'",
        "local x <close> = setmetatable({}, { __close = function() " LOOP " end })",
        "pcall(function() local x <close> = setmetatable({}, { __close = function() " LOOP
        " end }) error 'x' end) error 'alive'",
        "local co = coroutine.create(function() local x <close> = setmetatable({}, { __close = "
        "function() " LOOP " end }) coroutine.yield() end) coroutine.resume(co) "
        "coroutine.close(co) error 'alive'",
        "local t = setmetatable({}, { __index = function() " LOOP " end }) cfkv.namespace(t)",
        "table.sort({ 1, 2 }, function() " LOOP " end)",
        "('x'):gsub('x', function() " LOOP " end)",
        "load(function() " LOOP " end)",
        "error(setmetatable({}, { __tostring = function() " LOOP " end }))",
        "for k in pairs(setmetatable({}, { __pairs = function() " LOOP " end })) do end",
    };
    for (size_t i = 0; i < N_OF(loops); i++) {
        struct script_options options = options_for(loops[i]);
        options.limits.instructions = 200000;
        assert_problems_with(&options,
                             "kv.lua:1: error: evaluation took more than 200000 Lua instructions\n"
                             "  hint: is there a loop that never ends?\n");
    }
}

static void a_memory_bomb_is_stopped_even_when_it_is_caught(void **state)
{
    (void)state;
    static const char *const bombs[] = {
        "local s = 'x' while true do s = s .. s end",
        "local t = {} while true do t[#t + 1] = ('x'):rep(1e5) .. #t end",
        "pcall(string.rep, 'x', 1e9) error 'alive'",
        "pcall(function() local t = {} while true do t = { t } end end) error 'alive'",
        "pcall(coroutine.wrap(function() return ('x'):rep(1e9) end)) error 'alive'",
        "coroutine.resume(coroutine.create(function() return ('x'):rep(1e9) end)) error 'alive'",
        "local ns = cfkv.namespace { title = 'a' } while true do ns:put('k', ('x'):rep(1e5)) end",
        "local t = {} for i = 1, 2e5 do t[i] = "
        "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' "
        "end cfkv.json.encode(t)",
        "cfkv.json.decode('[' .. ('{},'):rep(3e5) .. '1]')",
        "load('return {' .. ('{},'):rep(1e6) .. '}')",
    };
    for (size_t i = 0; i < N_OF(bombs); i++) {
        struct script_options options = options_for(bombs[i]);
        options.limits.memory = (size_t)8 * 1024 * 1024;
        assert_problems_with(
            &options,
            "kv.lua:1: error: evaluation needs more than 8 MiB of memory\n"
            "  hint: large seeds belong in files: ns:bulk(cfkv.source.json(PATH)) streams them\n");
    }
}

static void recursion_without_end_is_an_ordinary_error(void **state)
{
    (void)state;
    assert_mentions("local function f() return 1 + f() end f()", "kv.lua:1: error: stack overflow");
    assert_mentions("local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k)\n"
                    "  return t[k .. 'x'] end local x = t.y",
                    "kv.lua:2: error: ");
    assert_lua("local function f() return pcall(f) end assert(f())");
    assert_mentions("local function f() return coroutine.wrap(f)() end f()",
                    "kv.lua:1: error: C stack overflow");
    assert_mentions("local s = ('('):rep(1e4) assert(load('return ' .. s))", "C stack overflow");
}

static void absurd_ranges_are_refused(void **state)
{
    (void)state;
    static const char *const ranges[] = {
        "table.move({}, 1, 1e15, 2)",
        "table.move({}, math.mininteger, math.maxinteger, 1)",
        "table.insert(setmetatable({}, { __len = function() return 1 << 60 end }), 1, 2)",
        "table.remove(setmetatable({}, { __len = function() return 1 << 60 end }), 1)",
        "table.concat({}, '', 1, 1 << 60)",
        "table.unpack({}, 1, 1e8)",
    };
    for (size_t i = 0; i < N_OF(ranges); i++)
        assert_mentions(ranges[i], "kv.lua:1: error: too many elements: ");
    assert_mentions("table.sort(setmetatable({}, { __len = function() return 1 << 60 end }))",
                    "too many elements");
    assert_mentions("('x'):rep(1e15)", "kv.lua:1: error: resulting string too large");
    assert_lua("assert((''):rep(1e15) == '' and (''):rep(1e15, '') == '')");
}

static void finalizers_and_weak_tables_are_refused(void **state)
{
    (void)state;
    assert_mentions("setmetatable({}, { __gc = print })", "'__gc' is not available");
    assert_mentions("setmetatable({}, { __mode = 'k' })", "'__mode' is not available");
}

/* ---- require and files ---------------------------------------------------------------------- */

static void require_finds_modules_below_the_root_and_runs_them_once(void **state)
{
    (void)state;
    mkdir("lib", 0700);
    mkdir("lib/pack", 0700);
    write_text("lib/one.lua", "local name = ... return { name = name }");
    write_text("lib/pack/init.lua", "return 'pack'");
    write_text("nothing.lua", "");
    struct model m = evaluate_clean("local one = require 'lib.one'\n"
                                    "assert(one.name == 'lib.one' and require 'lib.one' == one)\n"
                                    "assert(require 'lib.pack' == 'pack')\n"
                                    "assert(require 'nothing' == true)");
    assert_int_equal(m.n_files, 4);
    assert_string_equal(m.files[0].path, "kv.lua");
    assert_string_equal(m.files[1].path, "lib/one.lua");
    assert_int_equal(m.files[1].size, strlen("local name = ... return { name = name }"));
    struct digest want = hash_sha256(TEXT("return 'pack'"));
    assert_true(digest_equal(&m.files[2].digest, &want));
    model_release(&m);
}

static void a_module_cannot_stand_in_for_ours(void **state)
{
    (void)state;
    mkdir("cfkv", 0700);
    write_text("cfkv.lua", "error 'shadowed'");
    write_text("cfkv/x.lua", "error 'shadowed'");
    assert_lua("assert(require 'cfkv' == cfkv)");
    assert_problems("require 'cfkv.x'", "kv.lua:1: error: there is no module 'cfkv.x'\n"
                                        "  hint: there is 'cfkv', 'cfkv.matrix', 'cfkv.naming', "
                                        "'cfkv.versioned', 'cfkv.wrangler'\n");
    assert_mentions("require 'cfkv.sandbox'", "there is no module 'cfkv.sandbox'");
}

static void a_module_that_is_not_there_says_where_it_was_looked_for(void **state)
{
    (void)state;
    assert_problems("require 'lib.x'",
                    "kv.lua:1: error: module 'lib.x' not found\n"
                    "  hint: looked for lib/x.lua and lib/x/init.lua below the project root\n");
}

static void a_module_name_leads_nowhere_else(void **state)
{
    (void)state;
    static const char *const names[] = {"../x", "..x", "a..b",   "/etc/x", "a.",
                                        "",     "a/b", ".git.x", "a\\0b"};
    for (size_t i = 0; i < N_OF(names); i++) {
        char code[80];
        snprintf(code, sizeof code, "require '%s'", names[i]);
        assert_mentions(code, "kv.lua:1: error: bad module name ");
    }
    assert_int_equal(symlink("kv.lua", "link.lua"), 0);
    assert_mentions("require 'link'", "kv.lua:1: error: ");
}

static void modules_that_require_each_other_are_told_as_a_loop(void **state)
{
    (void)state;
    write_text("a.lua", "require 'b'");
    write_text("b.lua", "\nrequire 'a'");
    assert_problems("require 'a'",
                    "b.lua:2: error: modules require each other in a loop: a → b → a\n"
                    "  hint: called from a.lua:1, kv.lua:1\n");
}

static void a_syntax_error_that_was_caught_is_forgotten(void **state)
{
    (void)state;
    write_text("a.lua", "\nlocal x = = 1");
    assert_problems("local ok, m = pcall(require, 'a')\n"
                    "assert(m == \"a.lua:2: unexpected symbol near '='\")\nerror 'other'",
                    "kv.lua:3: error: other\n");
}

static void a_module_that_failed_can_be_required_again(void **state)
{
    (void)state;
    write_text("a.lua", "error 'first'");
    assert_lua("local ok, one = pcall(require, 'a')\n"
               "local ok, two = pcall(require, 'a')\n"
               "assert(one == 'a.lua:1: first' and two == one)");
}

static void an_error_in_a_module_names_its_line_and_who_called(void **state)
{
    (void)state;
    write_text("a.lua", "\n\nlocal x = nil + 1");
    assert_problems("\nrequire 'a'",
                    "a.lua:3: error: attempt to perform arithmetic on a nil value\n"
                    "  hint: it has no value here: is it misspelt, or set further below? (called "
                    "from kv.lua:2)\n");
    write_text("a.lua", "\nlocal x = = 1");
    assert_problems(
        "\nrequire 'a'",
        "a.lua:2: error: unexpected symbol near '='\n"
        "  hint: something is missing or too much in front of it (called from kv.lua:2)\n");
}

static void files_below_the_root_are_values(void **state)
{
    (void)state;
    write_file("b.bin", TEXT("\0\xff"));
    write_text("t.txt", "text");
    write_text("j.json", "{\"a\":[1]}");
    struct model m = evaluate_clean("assert(cfkv.file.bytes 'b.bin' == '\\0\\xff')\n"
                                    "assert(cfkv.file.text 't.txt' == 'text')\n"
                                    "assert(cfkv.file.json('j.json').a[1] == 1)");
    assert_int_equal(m.n_files, 4);
    assert_string_equal(m.files[1].path, "b.bin");
    model_release(&m);
    assert_problems("cfkv.file.text 'b.bin'",
                    "kv.lua:1: error: file 'b.bin' is not valid UTF-8: byte 2\n"
                    "  hint: cfkv.file.bytes reads any file\n");
    assert_mentions("cfkv.file.json 't.txt'", "kv.lua:1: error: file 't.txt': ");
}

static void files_elsewhere_are_out_of_reach(void **state)
{
    (void)state;
    mkdir(".git", 0700);
    write_text(".git/config", "secret");
    write_text("kv.state.json", "{}");
    assert_int_equal(symlink("/etc/passwd", "link"), 0);
    assert_int_equal(mkfifo("fifo", 0600), 0);
    static const char *const paths[] = {".git/config", "kv.state.json", "/etc/passwd", "../x",
                                        "link",        "fifo",          ".",           "",
                                        "nothere",     "a\\0b"};
    for (size_t i = 0; i < N_OF(paths); i++) {
        char code[100];
        snprintf(code, sizeof code, "cfkv.file.bytes '%s'", paths[i]);
        assert_mentions(code, "kv.lua:1: error: ");
        snprintf(code, sizeof code, "cfkv.source.json '%s'", paths[i]);
        assert_mentions(code, "kv.lua:1: error: ");
    }
}

/* ---- The file itself ------------------------------------------------------------------------- */

static void a_byte_order_mark_and_a_first_line_for_the_shell_are_tolerated(void **state)
{
    (void)state;
    write_text("kv.lua", "\xEF\xBB\xBF#!/usr/bin/env cfkv\nerror 'x'");
    struct script_options options = {.file = "kv.lua"};
    assert_problems_with(&options, "kv.lua:2: error: x\n");
}

static void a_syntax_error_is_told_with_its_line(void **state)
{
    (void)state;
    struct model m = evaluate("\n\nlocal t = { 1");
    assert_diagnostics(&m, "kv.lua:3: error: '}' expected near <eof>\n"
                           "  hint: is a bracket not closed, or a comma missing?\n");
    assert_string_equal(m.diags.items[0].code, "lua.syntax");
    model_release(&m);
}

static void bytecode_is_refused(void **state)
{
    (void)state;
    write_text("kv.lua", "\x1bLua");
    struct script_options options = {.file = "kv.lua"};
    struct model m = evaluate_with(&options);
    assert_int_equal(m.diags.errors, 1);
    assert_non_null(strstr(m.diags.items[0].message, "attempt to load a binary chunk"));
    assert_string_equal(m.diags.items[0].pos.file, "kv.lua");
    model_release(&m);
}

static void an_error_at_another_level_is_told_where_it_points(void **state)
{
    (void)state;
    assert_problems("local function check(x)\n  error('bad ' .. x, 2)\nend\n\ncheck 'a'",
                    "kv.lua:5: error: bad a\n");
    assert_problems("\nerror('plain', 0)", "kv.lua:2: error: plain\n");
    assert_problems("\ncoroutine.wrap(function()\n  error 'in'\nend)()",
                    "kv.lua:3: error: in\n"
                    "  hint: called from kv.lua:2\n");
    assert_problems("\nerror()", "kv.lua:2: error: an error value of type nil was raised\n");
    assert_problems("error(setmetatable({}, { __tostring = function() return 'mine' end }))",
                    "kv.lua:1: error: mine\n");
    assert_problems("error 'a\\nb\\27[31m'", "kv.lua:1: error: a b [31m\n");
}

static void messages_name_the_file_as_the_user_did(void **state)
{
    (void)state;
    mkdir("sub", 0700);
    mkdir("sub/a_folder_with_a_rather_long_name_that_lua_would_cut_in_messages", 0700);
    const char *file = "sub/a_folder_with_a_rather_long_name_that_lua_would_cut_in_messages/kv.lua";
    write_text(file, "\nerror 'x'");
    struct script_options options = {.file = file};
    struct model m = evaluate_with(&options);
    assert_string_equal(m.diags.items[0].pos.file, file);
    assert_int_equal(m.diags.items[0].pos.line, 2);
    assert_string_equal(m.diags.items[0].message, "x");
    model_release(&m);

    write_text("sub/kv.lua", "require 'mod'");
    write_text("sub/mod.lua", "error 'y'");
    options = (struct script_options){.file = "sub/kv.lua"};
    assert_problems_with(&options, "sub/mod.lua:1: error: y\n"
                                   "  hint: called from sub/kv.lua:1\n");
    options = (struct script_options){.file = "sub/kv.lua", .root = "."};
    assert_problems_with(&options,
                         "sub/kv.lua:1: error: module 'mod' not found\n"
                         "  hint: looked for mod.lua and mod/init.lua below the project root\n");
}

static void a_file_that_cannot_be_read_is_no_evaluation(void **state)
{
    (void)state;
    struct script_options options = {.file = "nothere.lua"};
    struct error err = {.message = ""};
    struct model m;
    model_init(&m);
    assert_false(script_evaluate(&options, &m, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    options.file = ".";
    assert_false(script_evaluate(&options, &m, &err));
    model_release(&m);
}

static void the_file_for_editors_refuses_to_run(void **state)
{
    (void)state;
    assert_mentions("require 'meta.cfkv'", "kv.lua:1: error: meta/cfkv.lua is for editors");
}

static void print_goes_to_stderr_without_control_bytes_and_secrets(void **state)
{
    (void)state;
    fflush(stderr);
    int saved = dup(STDERR_FILENO);
    int out = open("err.txt", O_CREAT | O_WRONLY | O_TRUNC, 0600);
    dup2(out, STDERR_FILENO);
    close(out);
    struct model m = evaluate("local ns = cfkv.namespace { title = 'a' }\n"
                              "print('x', 3, nil, {}, ns, ns.id .. '/y', cfkv.secret 'hunter2')\n"
                              "print() print '\\27[31m \\u{9b} \\u{202e}'");
    dup2(saved, STDERR_FILENO);
    close(saved);
    assert_diagnostics(&m, "");
    model_release(&m);
    struct buf text = {0};
    struct error err;
    assert_true(file_read("err.txt", 1000, &text, &err));
    assert_buf(&text, "x\t3\tnil\ttable\tnamespace a\t${a.id}/y\t(secret)\n\n"
                      "\\x1B[31m \\xC2\\x9B \\xE2\\x80\\xAE\n");
    buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRIPT_TEST(an_unknown_global_gets_the_nearest_name),
        SCRIPT_TEST(a_configuration_that_forgot_require_is_told),
        SCRIPT_TEST(what_plain_lua_has_and_a_configuration_has_not_is_explained),
        SCRIPT_TEST(globals_cannot_be_assigned),
        SCRIPT_TEST(libraries_cannot_be_changed),
        SCRIPT_TEST(the_usual_functions_work),
        SCRIPT_TEST(pcall_can_yield_across),
        SCRIPT_TEST(loaded_text_runs_in_the_same_environment),
        SCRIPT_TEST(pairs_iterates_in_sorted_order),
        SCRIPT_TEST(pairs_skips_what_is_removed_meanwhile),
        SCRIPT_TEST(pairs_refuses_keys_without_an_order),
        SCRIPT_TEST(pairs_honours_its_metamethod),
        SCRIPT_TEST(sorting_is_stable_and_needs_no_sane_order),
        SCRIPT_TEST(no_text_holds_an_address),
        SCRIPT_TEST(a_loop_that_never_ends_is_stopped_wherever_it_hides),
        SCRIPT_TEST(a_memory_bomb_is_stopped_even_when_it_is_caught),
        SCRIPT_TEST(recursion_without_end_is_an_ordinary_error),
        SCRIPT_TEST(absurd_ranges_are_refused),
        SCRIPT_TEST(finalizers_and_weak_tables_are_refused),
        SCRIPT_TEST(require_finds_modules_below_the_root_and_runs_them_once),
        SCRIPT_TEST(a_module_cannot_stand_in_for_ours),
        SCRIPT_TEST(a_module_that_is_not_there_says_where_it_was_looked_for),
        SCRIPT_TEST(a_module_name_leads_nowhere_else),
        SCRIPT_TEST(modules_that_require_each_other_are_told_as_a_loop),
        SCRIPT_TEST(a_syntax_error_that_was_caught_is_forgotten),
        SCRIPT_TEST(a_module_that_failed_can_be_required_again),
        SCRIPT_TEST(an_error_in_a_module_names_its_line_and_who_called),
        SCRIPT_TEST(files_below_the_root_are_values),
        SCRIPT_TEST(files_elsewhere_are_out_of_reach),
        SCRIPT_TEST(a_byte_order_mark_and_a_first_line_for_the_shell_are_tolerated),
        SCRIPT_TEST(a_syntax_error_is_told_with_its_line),
        SCRIPT_TEST(bytecode_is_refused),
        SCRIPT_TEST(an_error_at_another_level_is_told_where_it_points),
        SCRIPT_TEST(messages_name_the_file_as_the_user_did),
        SCRIPT_TEST(a_file_that_cannot_be_read_is_no_evaluation),
        SCRIPT_TEST(the_file_for_editors_refuses_to_run),
        SCRIPT_TEST(print_goes_to_stderr_without_control_bytes_and_secrets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
