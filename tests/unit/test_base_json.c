#include "test_base.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"

/* ---- Writing -------------------------------------------------------------------------------- */

static void write_sample(struct json_writer *w)
{
    json_begin_object(w);
    json_key(w, "a");
    json_begin_array(w);
    json_int(w, INT64_MIN);
    json_bool(w, true);
    json_null(w);
    json_begin_object(w);
    json_end_object(w);
    json_begin_array(w);
    json_end_array(w);
    json_end_array(w);
    json_key_bytes(w, TEXT("b\""));
    json_str(w, "x");
    json_key(w, "c");
    json_str(w, NULL);
    json_key(w, "d");
    json_raw(w, TEXT("[1, 2]"));
    json_key(w, "e");
    json_double(w, 0.5);
    json_end_object(w);
}

static void the_writer_prints_on_one_line(void **state)
{
    (void)state;
    struct buf b = {0};
    struct json_writer w = json_writer_to(&b, 0);
    write_sample(&w);
    assert_buf(&b, "{\"a\":[-9223372036854775808,true,null,{},[]],\"b\\\"\":\"x\",\"c\":null,"
                   "\"d\":[1, 2],\"e\":0.5}");
    buf_release(&b);
}

static void the_writer_indents_for_people(void **state)
{
    (void)state;
    struct buf b = {0};
    struct json_writer w = json_writer_to(&b, 2);
    write_sample(&w);
    assert_buf(&b, "{\n"
                   "  \"a\": [\n"
                   "    -9223372036854775808,\n"
                   "    true,\n"
                   "    null,\n"
                   "    {},\n"
                   "    []\n"
                   "  ],\n"
                   "  \"b\\\"\": \"x\",\n"
                   "  \"c\": null,\n"
                   "  \"d\": [1, 2],\n"
                   "  \"e\": 0.5\n"
                   "}");
    buf_release(&b);
}

static void the_writer_goes_deeper_than_readers_do(void **state)
{
    (void)state;
    struct buf b = {0};
    struct json_writer w = json_writer_to(&b, 0);
    for (int i = 0; i < 70; i++) {
        json_begin_object(&w);
        json_key(&w, "k");
    }
    json_int(&w, 1);
    for (int i = 0; i < 70; i++)
        json_end_object(&w);
    assert_int_equal(b.len, 70 * 6 + 1);
    buf_release(&b);
}

static void assert_escaped(struct bytes s, const char *want)
{
    struct buf b = {0};
    json_escape(&b, s);
    assert_buf(&b, want);
    buf_release(&b);
}

static void strings_are_escaped_as_little_as_possible(void **state)
{
    (void)state;
    assert_escaped(TEXT(""), "");
    assert_escaped(TEXT("a/b'\x7f\xc3\xa9"), "a/b'\x7f\xc3\xa9");
    assert_escaped(TEXT("\"\\\b\f\n\r\t"), "\\\"\\\\\\b\\f\\n\\r\\t");
    assert_escaped(TEXT("\0\1\x1f"), "\\u0000\\u0001\\u001f");
    assert_escaped(TEXT("a\xff\xfe"
                        "b\xc3"),
                   "a\xef\xbf\xbd\xef\xbf\xbd"
                   "b\xef\xbf\xbd");
}

static void a_member_is_written_in_one_call(void **state)
{
    (void)state;
    struct buf b = {0};
    struct json_writer w = json_writer_to(&b, 0);
    json_begin_object(&w);
    json_field_array(&w, "a");
    json_text(&w, TEXT(""));
    json_text(&w, bytes_make(NULL, 0));
    json_end_array(&w);
    json_field_bool(&w, "b", true);
    json_field_count(&w, "c", 7);
    json_field_int(&w, "i", -7);
    json_field_object(&w, "o");
    json_end_object(&w);
    json_field_str(&w, "s", NULL);
    json_field_string(&w, "t", TEXT("x"));
    json_field_text(&w, "u", bytes_make(NULL, 0));
    json_end_object(&w);
    assert_buf(&b, "{\"a\":[\"\",null],\"b\":true,\"c\":7,\"i\":-7,\"o\":{},\"s\":null,"
                   "\"t\":\"x\",\"u\":null}");
    buf_release(&b);
}

static void what_is_printed_again_keeps_its_order_and_its_numbers(void **state)
{
    (void)state;
    struct bytes text =
        TEXT(" { \"b\" : [1.50, -0, true], \"a\": {\"n\" :null} , \"a\":\"\\u0041\"} ");
    struct buf compact = {0}, copy = {0};
    struct json_writer w = json_writer_to(&copy, 2);
    struct error err;
    assert_true(json_compact(text, &compact, &err));
    assert_buf(&compact, "{\"b\":[1.50,0,true],\"a\":{\"n\":null},\"a\":\"A\"}");
    json_begin_array(&w);
    assert_true(json_copy(&w, TEXT("{\"a\":1}"), &err));
    json_end_array(&w);
    assert_buf(&copy, "[\n  {\n    \"a\": 1\n  }\n]");
    buf_release(&compact);
    buf_release(&copy);
}

static void a_value_that_is_no_text_is_shown_in_base64(void **state)
{
    (void)state;
    struct buf b = {0};
    struct json_writer w = json_writer_to(&b, 0);
    json_begin_array(&w);
    json_value(&w, TEXT("t\0"));
    json_value(&w, TEXT("\xff"));
    json_value(&w, TEXT(""));
    json_end_array(&w);
    assert_buf(&b, "[\"t\\u0000\",{\"base64\":\"/w==\"},\"\"]");
    buf_release(&b);
}

static void doubles_print_in_shortest_form(void **state)
{
    (void)state;
    static const struct {
        double d;
        const char *want;
    } cases[] = {
        {0.0, "0"},
        {-0.0, "0"},
        {3600.0, "3600"},
        {-1.0, "-1"},
        {0.1, "0.1"},
        {-2.5, "-2.5"},
        {1.0 / 3.0, "0.3333333333333333"},
        {0.1 + 0.2, "0.30000000000000004"},
        {9007199254740991.0, "9007199254740991"},
        {1e21, "1e+21"},
        {1e-7, "1e-07"},
        {5e-324, "5e-324"},
        {DBL_MAX, "1.7976931348623157e+308"},
        {DBL_MIN, "2.2250738585072014e-308"},
    };
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct buf b = {0};
        json_format_double(&b, cases[i].d);
        assert_buf(&b, cases[i].want);
        assert_true(strtod(b.data, NULL) == cases[i].d);
        buf_release(&b);
    }
}

/* ---- Events --------------------------------------------------------------------------------- */

/* Writes each event down, with the offset behind it; stops at string "stop". */
struct recorder {
    struct buf log;
    struct json_stream *stream;
    bool offsets;
};

static bool record(struct recorder *r, const char *what, struct bytes text)
{
    buf_add_str(&r->log, what);
    text_quote(&r->log, text, 1000);
    if (r->offsets)
        buf_addf(&r->log, "@%llu", (unsigned long long)json_stream_offset(r->stream));
    buf_add_char(&r->log, ' ');
    return true;
}

static bool on_event(void *ctx, const struct json_event *e, struct error *err)
{
    static const char *const names[] = {
        [JSON_NULL] = "null",      [JSON_BOOLEAN] = "",     [JSON_INTEGER] = "int",
        [JSON_NUMBER] = "num",     [JSON_STRING] = "str",   [JSON_KEY] = "key",
        [JSON_BEGIN_OBJECT] = "{", [JSON_END_OBJECT] = "}", [JSON_BEGIN_ARRAY] = "[",
        [JSON_END_ARRAY] = "]",
    };
    char integer[32];
    if (e->type == JSON_BOOLEAN)
        return record(ctx, e->boolean ? "true" : "false", TEXT(""));
    if (e->type == JSON_STRING && bytes_equal(e->text, TEXT("stop")))
        return error_set(err, ERR_LIMIT, "told to stop");
    if (e->type != JSON_INTEGER)
        return record(ctx, names[e->type], e->text);
    snprintf(integer, sizeof integer, "%lld", (long long)e->integer);
    return record(ctx, "int", bytes_of(integer));
}

/* Feeds `text` in pieces of `size`; what was recorded is the caller's to release. */
static bool feed_in_pieces(struct recorder *r, struct bytes text, size_t size, struct error *err)
{
    bool ok = true;
    r->stream = json_stream_new(on_event, r);
    for (size_t i = 0; ok && i < text.len; i += size) {
        size_t n = text.len - i < size ? text.len - i : size;
        /* A copy of its own, so that reading past a piece is found. */
        char *piece = memcpy(mem_alloc(n), text.data + i, n);
        ok = json_stream_feed(r->stream, bytes_make(piece, n), err);
        mem_free(piece);
    }
    ok = ok && json_stream_end(r->stream, err);
    json_stream_free(r->stream);
    r->stream = NULL;
    return ok;
}

#define SAMPLE                                                                                     \
    " {\"k\\u0041\":[1,-2.5e3 ,true,false,null],\"\":\"a\\u0000\\ud83d\\ude00\\n\xc3\xa9\"} "

static void events_come_in_order_with_offsets_behind_their_token(void **state)
{
    (void)state;
    struct recorder r = {.offsets = true};
    struct error err;
    assert_true(feed_in_pieces(&r, TEXT(SAMPLE), 1000, &err));
    assert_buf(&r.log,
               "{''@2 key'kA'@11 [''@13 int'1'@14 num'-2.5e3'@21 true''@27 false''@33 null''@38 "
               "]''@39 key''@42 str'a\\x00\xf0\x9f\x98\x80\\x0A\xc3\xa9'@68 }''@69 ");
    buf_release(&r.log);
}

static void pieces_of_any_size_give_the_same_events_and_offsets(void **state)
{
    (void)state;
    struct recorder whole = {.offsets = true};
    struct error err;
    assert_true(feed_in_pieces(&whole, TEXT(SAMPLE), 1000, &err));
    for (size_t size = 1; size < sizeof SAMPLE; size++) {
        struct recorder r = {.offsets = true};
        assert_true(feed_in_pieces(&r, TEXT(SAMPLE), size, &err));
        assert_buf(&r.log, whole.log.data);
        buf_release(&r.log);
    }
    buf_release(&whole.log);
}

static void a_lone_number_ends_with_the_input(void **state)
{
    (void)state;
    for (size_t size = 1; size < 4; size++) {
        struct recorder r = {.offsets = true};
        struct error err;
        assert_true(feed_in_pieces(&r, TEXT("123"), size, &err));
        assert_buf(&r.log, "int'123'@3 ");
        buf_release(&r.log);
    }
}

static void numbers_are_integers_when_they_fit(void **state)
{
    (void)state;
    struct recorder r = {.offsets = false};
    struct error err;
    struct bytes text = TEXT("[9223372036854775807,-9223372036854775808,9223372036854775808,"
                             "-0,1.0,1e2,1E+2,0.1,1e-400]");
    assert_true(feed_in_pieces(&r, text, 1000, &err));
    assert_buf(&r.log, "['' int'9223372036854775807' int'-9223372036854775808' "
                       "num'9223372036854775808' int'0' num'1.0' num'1e2' num'1E+2' num'0.1' "
                       "num'1e-400' ]'' ");
    buf_release(&r.log);
}

static const struct {
    struct bytes text;
    const char *message;
} malformed[] = {
    {{"", 0}, "at byte 0: the document ends too early"},
    {{" ", 1}, "at byte 1: the document ends too early"},
    {{"[", 1}, "at byte 1: the document ends too early"},
    {{"\"abc", 4}, "at byte 4: the document ends too early"},
    {{"{\"a\":", 5}, "at byte 5: the document ends too early"},
    {{"[1] 2", 5}, "at byte 5: something follows the document"},
    {{"1 2", 3}, "at byte 3: something follows the document"},
    {{"{}{}", 4}, "at byte 3: something follows the document"},
    {{"[1]\"abc", 7}, "at byte 7: the document ends too early"},
    {{"1\"", 2}, "at byte 2: the document ends too early"},
    {{"1\"\\q\"", 5}, "at byte 3: something follows the document"},
    {{"[1,]", 4}, "at byte 4: unexpected token"},
    {{"[,1]", 4}, "at byte 2: unexpected token"},
    {{"[1 2]", 5}, "at byte 4: expected ',' or ']'"},
    {{"[1}", 3}, "at byte 3: expected ',' or ']'"},
    {{"{\"a\" 1}", 7}, "at byte 6: expected ':'"},
    {{"{\"a\":1 \"b\"}", 11}, "at byte 9: expected ',' or '}'"},
    {{"{1:2}", 5}, "at byte 2: a member name must be a string"},
    {{"{\"a\":1,}", 8}, NULL},
    {{"tru", 3}, "at byte 3: unexpected word"},
    {{"nul1", 4}, "at byte 3: unexpected word"},
    {{"True", 4}, NULL},
    {{"NaN", 3}, NULL},
    {{"Infinity", 8}, NULL},
    {{"-Infinity", 9}, NULL},
    {{"-", 1}, "at byte 1: malformed number, a digit is required after the minus sign"},
    {{"+1", 2}, NULL},
    {{"01", 2}, NULL},
    {{"-01", 3}, NULL},
    {{"1.", 2}, "at byte 2: malformed number, a digit is required after the decimal point"},
    {{".5", 2}, NULL},
    {{"1e", 2}, NULL},
    {{"1e+", 3}, "at byte 3: malformed number, a digit is required after the exponent"},
    {{"0x1", 3}, NULL},
    {{"1e400", 5}, "at byte 5: number out of range"},
    {{"[-1e400]", 8}, "at byte 7: number out of range"},
    {{"/*c*/1", 6}, "at byte 0: probable comment found in input text, comments are not enabled"},
    {{"1//c", 4}, NULL},
    {{"'a'", 3}, NULL},
    {{"\xef\xbb\xbf"
      "1",
      4},
     NULL},
    {{"\"\\q\"", 4}, "at byte 2: inside a string, '\\' occurs before a character which it may not"},
    {{"\"a\\", 3}, "at byte 3: the document ends too early"},
    {{"\"\\u12", 5}, "at byte 5: the document ends too early"},
    {{"\"\\u00g0\"", 8}, "at byte 5: a \\u escape needs four hexadecimal digits"},
    {{"\"a\tb\"", 5}, "at byte 2: invalid character inside string"},
    {{"\"a\0b\"", 5}, NULL},
    {{"1\0", 2}, NULL},
    {{"[\v1]", 4}, "at byte 1: a control character between tokens"},
    {{"[1\f]", 4}, "at byte 2: a control character between tokens"},
    {{"\"\\ud800\"", 8}, "at byte 7: unpaired surrogate escape"},
    {{"\"\\ud800x\"", 9}, "at byte 7: unpaired surrogate escape"},
    {{"\"\\ud800\\n\"", 10}, "at byte 8: unpaired surrogate escape"},
    {{"\"\\ud800\\u0041\"", 14}, "at byte 12: unpaired surrogate escape"},
    {{"\"\\ud800\\ud800\"", 14}, "at byte 12: unpaired surrogate escape"},
    {{"\"\\udc00\"", 8}, "at byte 6: unpaired surrogate escape"},
    {{"\"\xff\"", 3}, "at byte 2: string is not valid UTF-8"},
    {{"\"\xc3\"", 3}, "at byte 3: string is not valid UTF-8"},
    {{"\"\xc3", 2}, "at byte 2: the document ends too early"},
    {{"\"\xc0\x80\"", 4}, "at byte 4: string is not valid UTF-8"},
    {{"\"\xed\xa0\x80\"", 5}, "at byte 5: string is not valid UTF-8"},
    {{"\"\xf4\x90\x80\x80\"", 6}, "at byte 6: string is not valid UTF-8"},
    {{"{\"\xed\xa0\x80\":1}", 9}, "at byte 6: member name is not valid UTF-8"},
};

static void malformed_documents_are_refused_at_their_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_OF(malformed); i++) {
        struct error err = {.code = ERR_NONE};
        assert_false(json_parse(malformed[i].text, NULL, NULL, &err));
        assert_int_equal(err.code, ERR_FORMAT);
        assert_memory_equal(err.message, "at byte ", 8);
        if (malformed[i].message)
            assert_string_equal(err.message, malformed[i].message);
    }
}

static void malformed_documents_are_refused_alike_in_pieces(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_OF(malformed); i++)
        for (size_t size = 1; size < 4; size++) {
            struct recorder r = {.offsets = false};
            struct error whole, err = {.code = ERR_NONE};
            json_parse(malformed[i].text, NULL, NULL, &whole);
            assert_false(feed_in_pieces(&r, malformed[i].text, size, &err));
            assert_int_equal(err.code, ERR_FORMAT);
            assert_string_equal(err.message, whole.message);
            buf_release(&r.log);
        }
}

static void the_malformed_are_no_tree_and_have_no_canonical_form_either(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_OF(malformed); i++) {
        struct buf out = {0};
        struct error err = {.code = ERR_NONE};
        buf_add_str(&out, "kept");
        assert_false(json_canonical(malformed[i].text, &out, &err));
        assert_int_equal(err.code, ERR_FORMAT);
        assert_buf(&out, "kept");
        assert_null(json_doc_parse(malformed[i].text, &err));
        assert_int_equal(err.code, ERR_FORMAT);
        buf_release(&out);
    }
}

static void a_handler_stops_the_parse_with_its_own_error(void **state)
{
    (void)state;
    struct recorder r = {.offsets = false};
    struct error err;
    assert_false(feed_in_pieces(&r, TEXT("[1,\"stop\",2]"), 1000, &err));
    assert_int_equal(err.code, ERR_LIMIT);
    assert_string_equal(err.message, "told to stop");
    assert_buf(&r.log, "['' int'1' ");
    buf_release(&r.log);
}

static void after_an_error_a_stream_stays_broken(void **state)
{
    (void)state;
    struct error first, err;
    struct json_stream *s = json_stream_new(NULL, NULL);
    assert_false(json_stream_feed(s, TEXT("[}"), &first));
    assert_false(json_stream_feed(s, TEXT("[]"), &err));
    assert_string_equal(err.message, first.message);
    assert_false(json_stream_end(s, &err));
    assert_string_equal(err.message, first.message);
    json_stream_free(s);
    json_stream_free(NULL);
}

static void offsets_outside_handlers_count_what_was_fed(void **state)
{
    (void)state;
    struct error err;
    struct json_stream *s = json_stream_new(NULL, NULL);
    assert_int_equal(json_stream_offset(s), 0);
    assert_true(json_stream_feed(s, TEXT("[\"un"), &err));
    assert_int_equal(json_stream_offset(s), 4);
    assert_true(json_stream_feed(s, bytes_make(NULL, 0), &err));
    assert_true(json_stream_feed(s, TEXT("do\"]\n"), &err));
    assert_int_equal(json_stream_offset(s), 9);
    assert_true(json_stream_end(s, &err));
    json_stream_free(s);
}

/* Where "stop" was the last that was read, the rest is for the next call. */
static bool stop_at_string(void *ctx, const struct json_event *e, struct error *err)
{
    (void)err;
    *(bool *)ctx = e->type == JSON_STRING && bytes_equal(e->text, TEXT("stop"));
    return true;
}

static void reading_stops_behind_the_value_that_is_waited_for(void **state)
{
    (void)state;
    struct bytes text = TEXT("[\"a\",\"stop\",1]");
    for (size_t cut = 0; cut < 11; cut++) {
        bool done = false;
        size_t first, second;
        struct error err;
        struct json_stream *s = json_stream_new(stop_at_string, &done);
        struct bytes start = bytes_make(text.data, cut), rest = {text.data + cut, text.len - cut};
        assert_true(json_stream_feed_until(s, start, &done, &first, &err));
        assert_false(done);
        assert_int_equal(first, cut);
        assert_true(json_stream_feed_until(s, rest, &done, &second, &err));
        assert_true(done);
        assert_int_equal(cut + second, 11);
        assert_int_equal(json_stream_offset(s), 11);
        assert_true(json_stream_feed(s, bytes_make(text.data + 11, text.len - 11), &err));
        assert_true(json_stream_end(s, &err));
        json_stream_free(s);
    }
}

/* ---- Strings in parts ------------------------------------------------------------------------ */

/* The strings of a document one behind the other, each with "." behind; how many parts they had. */
struct parts {
    struct buf text;
    size_t n;
};

static bool add_part(void *ctx, const struct json_event *e, struct error *err)
{
    struct parts *p = ctx;
    (void)err;
    if (e->type != JSON_STRING && e->type != JSON_STRING_PART)
        return true;
    assert_true(utf8_valid(e->text));
    p->n += e->type == JSON_STRING_PART;
    buf_add_bytes(&p->text, e->text);
    if (e->type == JSON_STRING)
        buf_add_char(&p->text, '.');
    return true;
}

static bool feed_parts(struct parts *p, struct bytes text, size_t size, struct error *err)
{
    struct json_stream *s = json_stream_new(add_part, p);
    bool ok = true;
    json_stream_give_parts(s);
    for (size_t i = 0; ok && i < text.len; i += size)
        ok = json_stream_feed(
            s, bytes_make(text.data + i, text.len - i < size ? text.len - i : size), err);
    ok = ok && json_stream_end(s, err);
    json_stream_free(s);
    return ok;
}

static void add_times(struct buf *b, const char *text, size_t times)
{
    for (size_t i = 0; i < times; i++)
        buf_add_str(b, text);
}

static void a_long_string_comes_in_parts_without_cut_characters(void **state)
{
    (void)state;
    /* All sorts of characters, so that parts end at each place of each of them. */
    static const char escaped[] =
        "a\\\"\\u00e9\\ud83d\\ude00\\n\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z";
    static const char plain[] =
        "a\"\xc3\xa9\xf0\x9f\x98\x80\n\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z";
    struct buf text = {0}, want = {0};
    buf_add_str(&text, "{\"k\":[\"x\",\"");
    add_times(&text, escaped, 9000);
    buf_add_str(&text, "\"],\"l\":\"y\"}");
    buf_add_str(&want, "x.");
    add_times(&want, plain, 9000);
    buf_add_str(&want, ".y.");
    for (size_t size = 1000; size < 70000; size = size * 5 / 4 + 1) {
        struct parts p = {.n = 0};
        struct error err;
        assert_true(feed_parts(&p, buf_bytes(&text), size, &err));
        assert_true(p.n >= 2);
        assert_bytes(buf_bytes(&p.text), buf_bytes(&want));
        buf_release(&p.text);
    }
    buf_release(&text);
    buf_release(&want);
}

static void assert_parts_fail(const char *start, const char *fill, const char *end,
                              const char *message)
{
    struct buf text = {0};
    struct parts p = {.n = 0};
    struct error err = {0};
    buf_add_str(&text, start);
    add_times(&text, fill, 100000);
    buf_add_str(&text, end);
    assert_false(feed_parts(&p, buf_bytes(&text), 1000, &err));
    assert_string_equal(err.message, message);
    assert_int_equal(err.code, ERR_FORMAT);
    buf_release(&text);
    buf_release(&p.text);
}

static void what_is_wrong_in_a_long_string_is_named_at_its_byte(void **state)
{
    (void)state;
    assert_parts_fail("[1,\"", "a", "\xff\"]", "at byte 100005: string is not valid UTF-8");
    assert_parts_fail("[1,\"", "a", "\\ud800x\"]", "at byte 100010: unpaired surrogate escape");
    assert_parts_fail("[1,\"", "a", "", "at byte 100004: the document ends too early");
}

static void no_other_token_may_be_that_long(void **state)
{
    (void)state;
    assert_parts_fail("{\"a\":1,\"", "a", "\":1}",
                      "at byte 7: a member name is longer than 64 KiB");
    assert_parts_fail("[1,", "9", "]", "at byte 3: a word or number is longer than 64 KiB");
}

static struct buf nested(size_t levels, bool objects)
{
    struct buf b = {0};
    for (size_t i = 0; i < levels; i++)
        buf_add_str(&b, objects ? "{\"k\":" : "[");
    buf_add_char(&b, '1');
    for (size_t i = 0; i < levels; i++)
        buf_add_char(&b, objects ? '}' : ']');
    return b;
}

static void sixty_four_levels_pass_and_one_more_does_not(void **state)
{
    (void)state;
    for (int objects = 0; objects < 2; objects++) {
        struct buf deep = nested(JSON_MAX_DEPTH, objects), deeper = nested(65, objects);
        struct buf out = {0};
        struct error err;
        assert_true(json_canonical(buf_bytes(&deep), &out, &err));
        assert_buf(&out, deep.data);
        struct json *root = json_doc_parse(buf_bytes(&deep), &err);
        assert_non_null(root);
        buf_clear(&out);
        json_print(root, &out);
        assert_buf(&out, deep.data);
        json_doc_free(root);
        assert_false(json_canonical(buf_bytes(&deeper), &out, &err));
        assert_int_equal(err.code, ERR_FORMAT);
        assert_non_null(strstr(err.message, "more than 64 levels deep"));
        assert_null(json_doc_parse(buf_bytes(&deeper), &err));
        buf_release(&deep);
        buf_release(&deeper);
        buf_release(&out);
    }
}

static void a_long_string_in_small_pieces_costs_linear_time(void **state)
{
    (void)state;
    /* 4 MiB by 16 bytes: a lexer that starts over with each piece would read half a terabyte. */
    enum { PIECE = 16, PIECES = 1 << 18 };
    clock_t start = clock();
    struct error err;
    struct json_stream *s = json_stream_new(NULL, NULL);
    assert_true(json_stream_feed(s, TEXT("[\""), &err));
    for (int i = 0; i < PIECES; i++)
        assert_true(json_stream_feed(s, bytes_make("0123456789abcdef", PIECE), &err));
    assert_true(json_stream_feed(s, TEXT("\"]"), &err));
    assert_true(json_stream_end(s, &err));
    json_stream_free(s);
    assert_cpu_seconds_below(start, 10);
}

/* ---- The canonical form --------------------------------------------------------------------- */

static void assert_canonical(struct bytes text, const char *want)
{
    struct buf once = {0}, twice = {0};
    struct error err = {.message = ""};
    assert_true(json_canonical(text, &once, &err));
    assert_buf(&once, want);
    assert_true(json_canonical(buf_bytes(&once), &twice, &err));
    assert_buf(&twice, want);
    buf_release(&once);
    buf_release(&twice);
}

static void one_value_has_one_text(void **state)
{
    (void)state;
    assert_canonical(TEXT(" { \"b\" : 1 , \"a\" : [ ] } "), "{\"a\":[],\"b\":1}");
    assert_canonical(TEXT("{\"aa\":1,\"a\":2,\"\":3,\"B\":4,\"\\u00e9\":5,\"z\":6}"),
                     "{\"\":3,\"B\":4,\"a\":2,\"aa\":1,\"z\":6,\"\xc3\xa9\":5}");
    assert_canonical(TEXT("{\"x\":{\"d\":{\"2\":0,\"1\":0},\"c\":[{\"b\":0,\"a\":0}]},\"w\":0}"),
                     "{\"w\":0,\"x\":{\"c\":[{\"a\":0,\"b\":0}],\"d\":{\"1\":0,\"2\":0}}}");
    assert_canonical(TEXT("[1.0,1.50,1e2,-0,-0.0,0.1e1,12345678901234567890]"),
                     "[1,1.5,100,0,0,1,1.2345678901234567e+19]");
    assert_canonical(TEXT("\"\\u0041\\/\\u00e9\\u0000\\ud83d\\ude00\""),
                     "\"A/\xc3\xa9\\u0000\xf0\x9f\x98\x80\"");
    assert_canonical(TEXT("9007199254740993"), "9007199254740993");
    assert_canonical(TEXT("null"), "null");
    assert_canonical(TEXT("[]"), "[]");
    assert_canonical(TEXT("{}"), "{}");
    assert_canonical(TEXT("[{},[],{\"a\":{}}]"), "[{},[],{\"a\":{}}]");
}

static void names_sort_by_their_bytes_not_by_their_escapes(void **state)
{
    (void)state;
    /* '"' (0x22) sorts before '#', though its escape starts with a backslash (0x5C) */
    assert_canonical(TEXT("{\"#\":1,\"\\\"\":2,\"\\u0000\":3}"),
                     "{\"\\u0000\":3,\"\\\"\":2,\"#\":1}");
    /* U+FFFF sorts before U+10000, other than in UTF-16 */
    assert_canonical(TEXT("{\"\\ud800\\udc00\":1,\"\\uffff\":2}"),
                     "{\"\xef\xbf\xbf\":2,\"\xf0\x90\x80\x80\":1}");
}

static void a_member_that_appears_twice_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "{\"a\":1,\"a\":1}",
        "{\"a\":1,\"b\":2,\"\\u0061\":3}",
        "[{\"x\":{\"b\":1,\"a\":1,\"b\":1}}]",
    };
    for (size_t i = 0; i < N_OF(bad); i++) {
        struct buf out = {0};
        struct error err = {.code = ERR_NONE};
        assert_false(json_canonical(bytes_of(bad[i]), &out, &err));
        assert_int_equal(err.code, ERR_FORMAT);
        assert_non_null(
            strstr(err.message, i < 2 ? "member 'a' appears twice" : "member 'b' appears twice"));
        assert_null(json_doc_parse(bytes_of(bad[i]), &err));
        assert_int_equal(err.code, ERR_FORMAT);
        assert_non_null(strstr(err.message, "appears twice"));
        buf_release(&out);
    }
    assert_canonical(TEXT("[{\"a\":1},{\"a\":{\"a\":2}}]"), "[{\"a\":1},{\"a\":{\"a\":2}}]");
}

static void the_canonical_form_goes_behind_what_is_there(void **state)
{
    (void)state;
    struct buf out = {0};
    struct error err;
    buf_add_str(&out, "before ");
    assert_true(json_canonical(TEXT("{\"b\":[1],\"a\":2}"), &out, &err));
    assert_buf(&out, "before {\"a\":2,\"b\":[1]}");
    buf_release(&out);
}

static void a_large_object_sorts_quickly(void **state)
{
    (void)state;
    enum { MEMBERS = 20000 };
    clock_t start = clock();
    struct buf text = {0}, out = {0};
    struct error err;
    for (int i = 0; i < MEMBERS; i++)
        buf_addf(&text, "%c\"%05d\":%d", i ? ',' : '{', MEMBERS - i, i);
    buf_add_char(&text, '}');
    assert_true(json_canonical(buf_bytes(&text), &out, &err));
    assert_int_equal(out.len, text.len);
    assert_memory_equal(out.data, "{\"00001\":19999,\"00002\":19998,", 29);
    struct json *root = json_doc_parse(buf_bytes(&text), &err);
    assert_int_equal(json_count(root), MEMBERS);
    json_doc_free(root);
    assert_cpu_seconds_below(start, 10);
    buf_release(&text);
    buf_release(&out);
}

/* ---- Trees ---------------------------------------------------------------------------------- */

static void a_tree_answers_by_name_and_type(void **state)
{
    (void)state;
    struct error err;
    struct json *root =
        json_doc_parse(TEXT(" {\"s\":\"text\",\"i\":-7,\"d\":1.5,\"b\":true,\"f\":false,\"n\":null,"
                            "\"a\":[1,2,3],\"o\":{\"S\":\"other\"}} \n"),
                       &err);
    const char *s = "unset";
    int64_t n = 99;
    bool b = false;
    assert_true(json_is_object(root));
    assert_int_equal(json_count(root), 8);
    assert_true(json_as_str(json_member(root, "s"), &s));
    assert_string_equal(s, "text");
    assert_true(json_as_int(json_member(root, "i"), &n));
    assert_int_equal(n, -7);
    assert_true(json_as_bool(json_member(root, "b"), &b));
    assert_true(b);
    assert_true(json_as_bool(json_member(root, "f"), &b));
    assert_false(b);
    assert_true(json_is_null(json_member(root, "n")));
    assert_true(json_is_array(json_member(root, "a")));
    assert_null(json_member(root, "S"));
    assert_non_null(json_member(json_member(root, "o"), "S"));
    json_doc_free(root);
}

static void the_wrong_type_or_nothing_leaves_the_answer_alone(void **state)
{
    (void)state;
    struct error err;
    struct json *root = json_doc_parse(TEXT("{\"s\":\"1\",\"i\":1,\"b\":true}"), &err);
    const struct json *text = json_member(root, "s"), *number = json_member(root, "i");
    const char *s = "unset";
    int64_t n = 99;
    bool b = true;
    assert_false(json_as_str(number, &s));
    assert_false(json_as_str(NULL, &s));
    assert_false(json_as_int(text, &n));
    assert_false(json_as_int(json_member(root, "b"), &n));
    assert_false(json_as_int(NULL, &n));
    assert_false(json_as_bool(number, &b));
    assert_false(json_as_bool(NULL, &b));
    assert_string_equal(s, "unset");
    assert_int_equal(n, 99);
    assert_null(json_member(NULL, "x"));
    assert_null(json_member(text, "x"));
    assert_null(json_first(NULL));
    assert_null(json_first(text));
    assert_null(json_next(NULL));
    assert_null(json_name(NULL));
    assert_int_equal(json_count(NULL), 0);
    assert_false(json_is_object(NULL));
    assert_false(json_is_array(NULL));
    assert_false(json_is_null(NULL));
    json_doc_free(root);
    json_doc_free(NULL);
}

static void integers_are_exact_or_none(void **state)
{
    (void)state;
    struct error err;
    struct json *root = json_doc_parse(
        TEXT("[9007199254740991,-9007199254740991,3.0,1e3,9007199254740992,9007199254740993,"
             "-9007199254740992,0.5,1e300]"),
        &err);
    static const int64_t want[] = {9007199254740991, -9007199254740991, 3, 1000};
    size_t i = 0;
    for (const struct json *v = json_first(root); v; v = json_next(v), i++) {
        int64_t n = 99;
        assert_int_equal(json_as_int(v, &n), i < N_OF(want));
        assert_true(n == (i < N_OF(want) ? want[i] : 99));
    }
    assert_int_equal(i, 9);
    json_doc_free(root);
}

static void members_come_in_their_order_and_print_so(void **state)
{
    (void)state;
    struct buf out = {0};
    struct error err;
    struct json *root = json_doc_parse(
        TEXT("{ \"b\" : [1, {}, \"\\u00e9\\n\"], \"a\" : null, \"c\":1.5e0 }"), &err);
    assert_string_equal(json_name(json_first(root)), "b");
    assert_string_equal(json_name(json_next(json_first(root))), "a");
    json_print(root, &out);
    assert_buf(&out, "{\"b\":[1,{},\"\xc3\xa9\\n\"],\"a\":null,\"c\":1.5}");
    buf_clear(&out);
    json_print(json_member(root, "b"), &out);
    assert_buf(&out, "[1,{},\"\xc3\xa9\\n\"]");
    json_doc_free(root);
    buf_release(&out);
}

static void a_tree_refuses_what_it_would_cut(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "\"a\\u0000b\"",
        "{\"a\\u0000b\":1}",
        "1.0000000000000000000000000000000000000000000000000000000000000000",
    };
    for (size_t i = 0; i < N_OF(bad); i++) {
        struct error err = {.code = ERR_NONE};
        assert_null(json_doc_parse(bytes_of(bad[i]), &err));
        assert_int_equal(err.code, ERR_FORMAT);
    }
    struct error err;
    const char *s;
    /* an escaped backslash before the letters is no escape for NUL */
    struct json *root = json_doc_parse(TEXT("\"a\\\\u0000b\""), &err);
    assert_true(json_as_str(root, &s));
    assert_string_equal(s, "a\\u0000b");
    json_doc_free(root);
    root = json_doc_parse(TEXT("0.0000000000000000000000000000000000000000000000000000000000001"),
                          &err);
    assert_non_null(root);
    json_doc_free(root);
}

static void a_tree_does_not_read_past_the_text(void **state)
{
    (void)state;
    static const char *const texts[] = {"123", "true", "\"x\"", "[1]", "-1.5e3"};
    for (size_t i = 0; i < N_OF(texts); i++) {
        size_t len = strlen(texts[i]);
        char *exact = mem_alloc(len); /* no NUL behind it */
        struct error err;
        assert_non_null(exact);
        memcpy(exact, texts[i], len);
        struct json *root = json_doc_parse(bytes_make(exact, len), &err);
        assert_non_null(root);
        json_doc_free(root);
        mem_free(exact);
    }
}

static void a_number_that_would_be_kept_as_another_is_refused(void **state)
{
    (void)state;
    static const char *const kept[] = {"0",
                                       "-0.0",
                                       "1.50",
                                       "9007199254740993",
                                       "1e23",
                                       "1E22",
                                       "1e308",
                                       "9007199254740992.0",
                                       "-1e18",
                                       "0.1234567890123456789012",
                                       "100000000000000000000.0"};
    static const struct {
        const char *text, *message;
    } refused[] = {
        {"9223372036854775808", "the integer '9223372036854775808' does not fit 64 bits"},
        {"9007199254740993.0",
         "the number '9007199254740993.0' has more digits than can be kept beyond 2^53"},
        {"-9.007199254740993e15",
         "the number '-9.007199254740993e15' has more digits than can be kept beyond 2^53"},
        {"123456789012345678.5",
         "the number '123456789012345678.5' has more digits than can be kept beyond 2^53"},
    };
    struct error err;
    for (size_t i = 0; i < N_OF(kept); i++)
        assert_true(json_number_check(bytes_of(kept[i]), &err));
    for (size_t i = 0; i < N_OF(refused); i++) {
        assert_false(json_number_check(bytes_of(refused[i].text), &err));
        assert_string_equal(err.message, refused[i].message);
        assert_string_equal(err.hint, "write it as a string: JSON's readers would round it");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_that_would_be_kept_as_another_is_refused),
        cmocka_unit_test(the_writer_prints_on_one_line),
        cmocka_unit_test(the_writer_indents_for_people),
        cmocka_unit_test(the_writer_goes_deeper_than_readers_do),
        cmocka_unit_test(strings_are_escaped_as_little_as_possible),
        cmocka_unit_test(a_member_is_written_in_one_call),
        cmocka_unit_test(what_is_printed_again_keeps_its_order_and_its_numbers),
        cmocka_unit_test(a_value_that_is_no_text_is_shown_in_base64),
        cmocka_unit_test(doubles_print_in_shortest_form),
        cmocka_unit_test(events_come_in_order_with_offsets_behind_their_token),
        cmocka_unit_test(pieces_of_any_size_give_the_same_events_and_offsets),
        cmocka_unit_test(a_lone_number_ends_with_the_input),
        cmocka_unit_test(numbers_are_integers_when_they_fit),
        cmocka_unit_test(malformed_documents_are_refused_at_their_byte),
        cmocka_unit_test(malformed_documents_are_refused_alike_in_pieces),
        cmocka_unit_test(the_malformed_are_no_tree_and_have_no_canonical_form_either),
        cmocka_unit_test(a_handler_stops_the_parse_with_its_own_error),
        cmocka_unit_test(after_an_error_a_stream_stays_broken),
        cmocka_unit_test(offsets_outside_handlers_count_what_was_fed),
        cmocka_unit_test(reading_stops_behind_the_value_that_is_waited_for),
        cmocka_unit_test(a_long_string_comes_in_parts_without_cut_characters),
        cmocka_unit_test(what_is_wrong_in_a_long_string_is_named_at_its_byte),
        cmocka_unit_test(no_other_token_may_be_that_long),
        cmocka_unit_test(sixty_four_levels_pass_and_one_more_does_not),
        cmocka_unit_test(a_long_string_in_small_pieces_costs_linear_time),
        cmocka_unit_test(one_value_has_one_text),
        cmocka_unit_test(names_sort_by_their_bytes_not_by_their_escapes),
        cmocka_unit_test(a_member_that_appears_twice_is_refused),
        cmocka_unit_test(the_canonical_form_goes_behind_what_is_there),
        cmocka_unit_test(a_large_object_sorts_quickly),
        cmocka_unit_test(a_tree_answers_by_name_and_type),
        cmocka_unit_test(the_wrong_type_or_nothing_leaves_the_answer_alone),
        cmocka_unit_test(integers_are_exact_or_none),
        cmocka_unit_test(members_come_in_their_order_and_print_so),
        cmocka_unit_test(a_tree_refuses_what_it_would_cut),
        cmocka_unit_test(a_tree_does_not_read_past_the_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
