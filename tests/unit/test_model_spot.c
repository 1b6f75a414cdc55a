/* Where in a Lua file a problem is, and how its line is shown. */
#include "test_base.h"

#include <stdio.h>
#include <time.h>

#include "model/diag.h"
#include "model/excerpt.h"

/* What is underlined, as "LINE:COLUMN TEXT"; "LINE" where the line is all that is known. */
static void check(const char *text, const char *code, const char *message, int line,
                  const char *wanted)
{
    struct lua_texts texts = {0};
    struct buf got = {0};
    lua_texts_add(&texts, "kv.lua", bytes_of(text));
    struct spot s = spot_find(lua_texts_find(&texts, "kv.lua"), code, message, line);
    if (s.text && s.column > 0)
        buf_addf(&got, "%d:%d %.*s", s.line, s.column, (int)s.len, s.text->text.data + s.at);
    else if (s.text)
        buf_addf(&got, "%d", s.line);
    assert_string_equal(got.len > 0 ? got.data : "", wanted);
    buf_release(&got);
    lua_texts_release(&texts);
}

#define NAMESPACE                                                                                  \
    "local cfkv = require 'cfkv'\n"                                                                \
    "local title = 'shop'\n"                                                                       \
    "local ns = cfkv.namespace {\n"                                                                \
    "  title = title,  -- title = 'comment'\n"                                                     \
    "  descripton = [[long\n"                                                                      \
    "  bracket]], ['app'] = 'a' .. title,\n"                                                       \
    "  preview = { title = 5 },\n"                                                                 \
    "  ttl_seconds = f({ 1, 2 }, 3),\n"                                                            \
    "}\n"

static void a_field_is_found_by_its_name(void **state)
{
    (void)state;
    check(NAMESPACE, "declare.field", "unknown field 'descripton' in cfkv.namespace", 3,
          "5:3 descripton");
    check("cfkv.project { guards = { mass = 1 }, mass = 2 }", "declare.field",
          "unknown field 'mass' in guards", 1, "1:27 mass");
    check("cfkv.project { mass = 2 }", "declare.field", "unknown field 'mass' in guards", 1,
          "1:16 mass");
}

static void a_value_is_what_stands_behind_its_field(void **state)
{
    (void)state;
    check(NAMESPACE, "declare.type", "field 'ttl_seconds' of cfkv.namespace must be an integer", 3,
          "8:17 f({ 1, 2 }, 3)");
    check(NAMESPACE, "declare.type", "field 'title' of preview must be a string, got 5", 3,
          "7:23 5");
    check(NAMESPACE, "namespace.title", "title 'shop' is declared twice", 3, "4:11 title");
    check(NAMESPACE, "namespace.app", "app 'ashop' is odd", 3, "6:24 'a' .. title");
    check("ns:put('k', 'v', { expiration_ttl = '2m', expiration = '2001-01-01T00:00:00Z' })",
          "key.expired", "expiration '978307200 (2001-01-01T00:00:00Z)' of key 'k' is past", 1,
          "1:56 '2001-01-01T00:00:00Z'");
    check("ns:put('k', 'v', { expiration_ttl = '5s', expiration = 5 })", "key.expiration_ttl",
          "expiration_ttl '5 s' of key 'k' is too short", 1, "1:37 '5s'");
}

static void a_value_is_found_by_what_it_is(void **state)
{
    (void)state;
    check("ns:put('a', 'v') ns:put(\"b\", 'v')", "key.duplicate", "key 'b' is given twice", 1,
          "1:25 \"b\"");
    check("cfkv.output([[x]], ns)", "output.name", "output 'x' is given twice", 1, "1:13 [[x]]");
    check("ns:put('kkkkkkkkkkkk', 'v')", "key.length", "key 'kkkk…' has 600 bytes", 1,
          "1:8 'kkkkkkkkkkkk'");
}

static void an_argument_is_counted_where_a_variable_holds_it(void **state)
{
    (void)state;
    check("ns:put(tostring(f{1, 2}), { size = 1 }, {})", "key.length", "key 'x' is odd", 1,
          "1:8 tostring(f{1, 2})");
    check("ns:put(k, { size = 1 }, {})", "value.size", "value of key 'x' is odd", 1,
          "1:11 { size = 1 }");
    check("ns:put(k, v, { metadata = m })", "metadata.size", "metadata of key 'x' is odd", 1,
          "1:27 m");
}

static void an_item_of_a_list_is_looked_into(void **state)
{
    (void)state;
    static const char list[] = "ns:bulk {\n"
                               "  { key = 'a', value = '1' },\n"
                               "  { key = 'b', valu = '1' }, { key = k },\n"
                               "}\n";
    check(list, "declare.field", "item 2: unknown field 'valu' in a bulk item", 1, "3:16 valu");
    check(list, "declare.required", "item 3: a bulk item needs field 'value'", 1, "3:30 {");
    check(list, "declare.required", "item 9: a bulk item needs field 'value'", 1, "1");
    check("ns:bulk(items)", "declare.required", "item 1: a bulk item needs field 'value'", 1, "1");
}

static void what_is_not_written_there_is_at_the_call(void **state)
{
    (void)state;
    check("\n  cfkv.namespace(t)\n", "declare.field", "unknown field 'x' in cfkv.namespace", 2,
          "2");
    check("f()\n", "lua.error", "no such line", 7, "");
    check("", "lua.error", "an empty file", 1, "");
    check("f()\n", "lua.error", "no line", 0, "");
}

static void a_syntax_error_is_where_lua_met_it(void **state)
{
    (void)state;
    check("f { a = 1 b = 2 }", "lua.syntax", "'}' expected near 'b'", 1, "1:11 b");
    check("x = = 3", "lua.syntax", "unexpected symbol near '='", 1, "1:5 =");
    check("x = 'abc\n", "lua.syntax", "unfinished string near ''abc'", 1, "1:5 'abc");
    check("f {\n g(\n", "lua.syntax", "'}' expected near <eof>", 2, "2:3 (");
    check("n\xC3\xA4m = 1", "lua.syntax", "syntax error near '<\\195>'", 1, "1:2 \xC3");
}

static void a_name_is_where_lua_missed_it(void **state)
{
    (void)state;
    check("local a = b.c(d)", "lua.error", "attempt to index a nil value (global 'b')", 1,
          "1:11 b");
    check("ns:putt('x')", "lua.error", "attempt to call a nil value (method 'putt')", 1,
          "1:4 putt");
}

static void a_column_counts_characters(void **state)
{
    (void)state;
    check("\xEF\xBB\xBF-- \xC3\xA9\n--[==[ \xC3\xA9 ]] ]==] f{ \xE6\xBC\xA2 = 1, bad = 2 }",
          "declare.field", "unknown field 'bad' in f", 2, "2:28 bad");
}

static void text_that_is_no_lua_is_looked_at_all_the_same(void **state)
{
    (void)state;
    static const char *const texts[] = {"\"",      "[==[",   "--[[", "'\\",         "}}})",
                                        "a = ",    "[\"x\"", "\\z",  "\"\\z \n \n", "#!x",
                                        "secret(", "{{{{",   "put(", "item = {",    "\xEF\xBB\xBF"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct lua_texts kept = {0};
        struct buf out = {0};
        lua_texts_add(&kept, "x", bytes_of(texts[i]));
        const struct lua_text *text = lua_texts_find(&kept, "x");
        static const char *const codes[] = {"lua.syntax", "key.length", "declare.type", "odd"};
        for (size_t c = 0; c < sizeof codes / sizeof *codes; c++) {
            struct spot s = spot_find(text, codes[c], "item 1: 'a' of b near <eof>", 1);
            excerpt_add(&s, 40, &out);
        }
        buf_release(&out);
        lua_texts_release(&kept);
    }
}

/* ---- The excerpt ----------------------------------------------------------------------------- */

static void draw(const char *text, const char *field, size_t width, const char *wanted)
{
    struct lua_texts texts = {0};
    struct buf got = {0};
    char message[80];
    snprintf(message, sizeof message, "unknown field '%s' in f", field);
    lua_texts_add(&texts, "kv.lua", bytes_of(text));
    struct spot s = spot_find(lua_texts_find(&texts, "kv.lua"), "declare.field", message, 1);
    excerpt_add(&s, width, &got);
    assert_string_equal(got.len > 0 ? got.data : "", wanted);
    buf_release(&got);
    lua_texts_release(&texts);
}

static void a_line_stands_above_its_caret(void **state)
{
    (void)state;
    draw("f { bad = 1 }\r\n", "bad", 80,
         "  1 | f { bad = 1 }\n"
         "    |     ^~~\n");
    draw("f {\n\t\tgood = 1,\tbad = 2,\n}", "bad", 80,
         "  2 | good = 1,   bad = 2,\n"
         "    |             ^~~\n");
}

static void wide_characters_take_two_columns_and_control_bytes_are_shown(void **state)
{
    (void)state;
    draw("f { '\xE6\xBC\xA2\xE5\xAD\x97', e = 'e\xCC\x81', bad = 1 }", "bad", 80,
         "  1 | f { '\xE6\xBC\xA2\xE5\xAD\x97', e = 'e\xCC\x81', bad = 1 }\n"
         "    |                      ^~~\n");
    draw("f { '\x1B[31m\xFF', bad = 1 }", "bad", 80,
         "  1 | f { '\\x1B[31m\\xFF', bad = 1 }\n"
         "    |                     ^~~\n");
}

static void of_a_long_line_the_part_around_the_place_is_shown(void **state)
{
    (void)state;
    char text[3000], *end = text;
    end += sprintf(end, "f { ");
    for (int i = 0; i < 80; i++)
        end += sprintf(end, "a%02d = 1, ", i);
    end += sprintf(end, "bad = 1, ");
    for (int i = 0; i < 80; i++)
        end += sprintf(end, "z%02d = 1, ", i);
    sprintf(end, "}");
    draw(text, "bad", 40,
         "  1 | … a79 = 1, bad = 1, z00 = 1, z01 …\n"
         "    |            ^~~\n");
    draw(text, "a00", 40,
         "  1 | f { a00 = 1, a01 = 1, a02 = 1, a0…\n"
         "    |     ^~~\n");
    draw(text, "z79", 40,
         "  1 | … 1, z77 = 1, z78 = 1, z79 = 1, }\n"
         "    |                        ^~~\n");
    draw(text, "bad", 17, "");
}

static void what_looks_secret_is_not_shown(void **state)
{
    (void)state;
    draw("f { bad = 1, password = 'hunter2', n = 1 }", "bad", 80,
         "  1 | f { bad = 1, password = \"…\", n = 1 }\n"
         "    |     ^~~\n");
    draw("f { bad = cfkv.secret('a' .. 'b'), ['api_key'] = 'c', put('token', 'd') }", "bad", 80,
         "  1 | f { bad = cfkv.secret(\"…\" .. \"…\"), ['api_key'] = \"…\", put('token', \"…\") }\n"
         "    |     ^~~\n");
    draw("f { bad = cfkv.secret 'a', x = 'ghp_abcdefghijklmnopqrstuvwxyz0123456789' }", "bad", 80,
         "  1 | f { bad = cfkv.secret \"…\", x = \"…\" }\n"
         "    |     ^~~\n");
    draw("f { bad = 1 } -- ghp_abcdefghijklmnopqrstuvwxyz0123456789", "bad", 80, "");
}

/* 20,000 problems in one call of 100,000 tokens; to look for each in all of it takes minutes. */
static void many_problems_of_a_long_call_are_placed_in_a_moment(void **state)
{
    (void)state;
    struct lua_texts texts = {0};
    struct diag_list list = {0};
    struct buf text = {0};
    buf_add_str(&text, "ns:bulk {\n");
    for (int i = 0; i < 20000; i++) {
        buf_add_str(&text, "  { kye = 1 },\n");
        diag_add(&list, DIAG_ERROR, "declare.field", (struct srcpos){"kv.lua", 1},
                 "item %d: unknown field 'kye' in a bulk item", i + 1);
    }
    buf_add_str(&text, "}\n");
    lua_texts_add(&texts, "kv.lua", buf_bytes(&text));
    clock_t before = clock();
    diag_locate(&list, &texts);
    assert_true((double)(clock() - before) / CLOCKS_PER_SEC < 30); /* under valgrind, too */
    assert_int_equal(list.items[0].pos.line, 2);
    assert_int_equal(list.items[19999].pos.line, 1); /* that of the call */
    diag_release(&list);
    lua_texts_release(&texts);
    buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_field_is_found_by_its_name),
        cmocka_unit_test(a_value_is_what_stands_behind_its_field),
        cmocka_unit_test(a_value_is_found_by_what_it_is),
        cmocka_unit_test(an_argument_is_counted_where_a_variable_holds_it),
        cmocka_unit_test(an_item_of_a_list_is_looked_into),
        cmocka_unit_test(what_is_not_written_there_is_at_the_call),
        cmocka_unit_test(a_syntax_error_is_where_lua_met_it),
        cmocka_unit_test(a_name_is_where_lua_missed_it),
        cmocka_unit_test(a_column_counts_characters),
        cmocka_unit_test(text_that_is_no_lua_is_looked_at_all_the_same),
        cmocka_unit_test(a_line_stands_above_its_caret),
        cmocka_unit_test(wide_characters_take_two_columns_and_control_bytes_are_shown),
        cmocka_unit_test(of_a_long_line_the_part_around_the_place_is_shown),
        cmocka_unit_test(what_looks_secret_is_not_shown),
        cmocka_unit_test(many_problems_of_a_long_call_are_placed_in_a_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
