/* YAML as events of JSON. */
#include <stdio.h>

#include "test_base.h"

#include "base/text.h"
#include "base/yaml.h"

/* A text that is given in pieces, and what became of it: each document as JSON on a line. */
struct case_of {
    struct bytes left;
    size_t piece;
    struct json_writer w;
    struct buf out, lines; /* the lines of scalars and names, in their order */
    int depth;
    size_t events;
};

static bool give(void *ctx, void *to, size_t size, size_t *n, struct error *err)
{
    struct case_of *c = ctx;
    (void)err;
    *n = c->left.len;
    *n = *n < c->piece ? *n : c->piece;
    *n = *n < size ? *n : size;
    if (*n > 0)
        memcpy(to, c->left.data, *n);
    c->left = bytes_make(c->left.data + *n, c->left.len - *n);
    return true;
}

static bool on_document(void *ctx, int line, struct error *err)
{
    struct case_of *c = ctx;
    (void)err;
    buf_addf(&c->out, "%d: ", line);
    c->w = json_writer_to(&c->out, 0);
    return true;
}

static bool on_event(void *ctx, const struct json_event *e, int line, struct error *err)
{
    struct case_of *c = ctx;
    (void)err;
    c->depth += e->type == JSON_BEGIN_OBJECT || e->type == JSON_BEGIN_ARRAY;
    c->depth -= e->type == JSON_END_OBJECT || e->type == JSON_END_ARRAY;
    c->events++;
    json_write_event(&c->w, e);
    buf_addf(&c->lines, "%d ", line);
    if (c->depth == 0 && e->type != JSON_KEY)
        buf_add_char(&c->out, '\n');
    return true;
}

static bool parse(struct case_of *c, struct bytes text, size_t piece, int *line, struct error *err)
{
    *c = (struct case_of){.left = text, .piece = piece};
    return yaml_parse((struct yaml_input){give, c}, (struct yaml_output){on_document, on_event, c},
                      line, err);
}

static void release(struct case_of *c)
{
    buf_release(&c->out);
    buf_release(&c->lines);
}

static void assert_documents(struct bytes text, const char *want)
{
    static const size_t pieces[] = {1, 3, 4096};
    for (size_t i = 0; i < N_OF(pieces); i++) {
        struct case_of c;
        struct error err = {0};
        int line;
        if (!parse(&c, text, pieces[i], &line, &err))
            fail_msg("line %d: %s", line, err.message);
        assert_buf(&c.out, want);
        release(&c);
    }
}

static void assert_refused_as(struct bytes text, enum error_code code, int want_line,
                              const char *message)
{
    static const size_t pieces[] = {1, 3, 4096};
    for (size_t i = 0; i < N_OF(pieces); i++) {
        struct case_of c;
        struct error err = {0};
        int line;
        assert_false(parse(&c, text, pieces[i], &line, &err));
        assert_string_equal(err.message, message);
        assert_int_equal(err.code, code);
        assert_int_equal(line, want_line);
        release(&c);
    }
}

static void assert_refused(struct bytes text, int line, const char *message)
{
    assert_refused_as(text, ERR_FORMAT, line, message);
}

static void scalars_are_those_of_the_core_schema(void **unused)
{
    (void)unused;
    static const char *const cases[][2] = {
        {"~", "null"},
        {"null", "null"},
        {"NULL", "null"},
        {"nUll", "\"nUll\""},
        {"true", "true"},
        {"False", "false"},
        {"yes", "\"yes\""},
        {"on", "\"on\""},
        {"12", "12"},
        {"+12", "12"},
        {"-0012", "-12"},
        {"0x1F", "31"},
        {"0o17", "15"},
        {"0b1", "\"0b1\""},
        {"1_000", "\"1_000\""},
        {"1.", "1.0"},
        {".5", "0.5"},
        {"-.5e3", "-0.5e3"},
        {"1e3", "1e3"},
        {"1e", "\"1e\""},
        {".", "\".\""},
        {"'-'", "\"-\""},
        {"1.2.3", "\"1.2.3\""},
        {"2026-11-30", "\"2026-11-30\""},
        {"12:30:45", "\"12:30:45\""},
        {"\"12\"", "\"12\""},
        {"'null'", "\"null\""},
        {"''", "\"\""},
        {"|\n  a\n  b\n", "\"a\\nb\\n\""},
        {">-\n  a\n  b\n", "\"a b\""},
        {"\"a\\0\\u00e9\\U0001F680\"", "\"a\\u0000\xc3\xa9\xf0\x9f\x9a\x80\""},
        {"1e400", "\"1e400\""},
        {"9223372036854775807", "9223372036854775807"},
        {"9223372036854775808", "\"9223372036854775808\""},
        /* Ids of digits. */
        {"01234567890123456789012345678901", "\"01234567890123456789012345678901\""},
        {"00000000000000000000000000000e12", "\"00000000000000000000000000000e12\""},
        {"!!str 12", "\"12\""},
        {"! 12", "\"12\""},
        {"!!int 12", "12"},
        {"!!float 12", "12"},
        {"!!null ''", "null"},
    };
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct buf text = {0}, want = {0};
        buf_addf(&text, "v: %s", cases[i][0]);
        buf_addf(&want, "1: {\"v\":%s}\n", cases[i][1]);
        assert_documents(buf_bytes(&text), want.data);
        buf_release(&text);
        buf_release(&want);
    }
}

static void all_documents_are_given_with_their_lines(void **unused)
{
    (void)unused;
    assert_documents(TEXT(""), "");
    assert_documents(TEXT("# nothing\n"), "");
    assert_documents(TEXT("a: 1\n---\n# Source: x\nb: [1, {c: d}]\n---\n---\n- e\n"),
                     "1: {\"a\":1}\n2: {\"b\":[1,{\"c\":\"d\"}]}\n5: null\n6: [\"e\"]\n");
    assert_documents(TEXT("%YAML 1.2\n---\na: 1\r\nb:\r\n  - c\r\n...\r\n"),
                     "1: {\"a\":1,\"b\":[\"c\"]}\n");
    assert_documents(TEXT("{\"a\": [true, null]}"), "1: {\"a\":[true,null]}\n");
    assert_documents(TEXT("8080: x\ntrue: y\n\"\": z\n"),
                     "1: {\"8080\":\"x\",\"true\":\"y\",\"\":\"z\"}\n");
}

static void each_event_has_its_line(void **unused)
{
    (void)unused;
    struct case_of c;
    struct error err;
    int line;
    assert_true(parse(&c, TEXT("a:\n  - b\n\n  - &x c\nd: *x\n"), 100, &line, &err));
    assert_buf(&c.lines, "1 1 2 2 4 5 5 5 6 ");
    release(&c);
}

static void aliases_are_written_out(void **unused)
{
    (void)unused;
    assert_documents(TEXT("a: &x {b: 1}\nc: *x\nd: [*x, *x]\n"),
                     "1: {\"a\":{\"b\":1},\"c\":{\"b\":1},\"d\":[{\"b\":1},{\"b\":1}]}\n");
    assert_documents(TEXT("a: &x [&y 1, *y]\nb: *x\nc: &y 2\nd: *y\n"),
                     "1: {\"a\":[1,1],\"b\":[1,1],\"c\":2,\"d\":2}\n");
    assert_documents(TEXT("&root {a: &n , b: *n}"), "1: {\"a\":null,\"b\":null}\n");
    assert_refused(TEXT("a: 1\nb: *x\n"), 2,
                   "the alias 'x' has no anchor before it in its document");
    assert_refused(TEXT("a: &x 1\n---\nb: *x\n"), 3,
                   "the alias 'x' has no anchor before it in its document");
    assert_refused(TEXT("a: &x\n  - *x\n"), 2, "the alias 'x' stands inside of what it names");
}

static void merge_keys_are_merged(void **unused)
{
    (void)unused;
    assert_documents(TEXT("d: &d {a: 1, b: {c: 2}}\ne:\n  <<: *d\n  a: 3\n"),
                     "1: {\"d\":{\"a\":1,\"b\":{\"c\":2}},\"e\":{\"a\":3,\"b\":{\"c\":2}}}\n");
    assert_documents(
        TEXT("d: &d {a: 1}\ne: &e {a: 2, b: 3}\nf:\n  b: 4\n  <<: [*d, *e, {z: 0}]\n"),
        "1: {\"d\":{\"a\":1},\"e\":{\"a\":2,\"b\":3},\"f\":{\"b\":4,\"a\":1,\"z\":0}}\n");
    /* One that merges, kept and merged again. */
    assert_documents(
        TEXT("d: &d {a: 1}\ne: &e\n  <<: *d\n  b: 2\nf: {<<: {<<: *e}, c: 3}\ng: *e\n"),
        "1: {\"d\":{\"a\":1},\"e\":{\"b\":2,\"a\":1},\"f\":{\"c\":3,\"b\":2,\"a\":1},"
        "\"g\":{\"b\":2,\"a\":1}}\n");
    assert_documents(TEXT("\"<<\": 1\n"), "1: {\"<<\":1}\n");
    assert_documents(TEXT("a: {<<: []}\n"), "1: {\"a\":{}}\n");
    assert_refused(TEXT("a:\n  <<: 1\n"), 2,
                   "the value of '<<' is neither a map nor a list of maps");
    assert_refused(TEXT("a:\n  <<: [{}, []]\n"), 2,
                   "the value of '<<' is neither a map nor a list of maps");
    assert_refused(TEXT("<<: {}\n<<: {}\n"), 2, "'<<' is repeated");
}

static void what_json_cannot_say_is_refused_with_its_line(void **unused)
{
    (void)unused;
    assert_refused(TEXT("a: 1\nb: 2\na: 3\n"), 3, "member 'a' appears twice, first on line 1");
    assert_refused(TEXT("1: a\n\"1\": b\n"), 2, "member '1' appears twice, first on line 1");
    assert_refused(TEXT("x:\n  ? [a]\n  : b\n"), 2,
                   "a list stands where the name of a member must be");
    assert_refused(TEXT("? {a: b}\n: c\n"), 1, "a map stands where the name of a member must be");
    assert_refused(TEXT("a: &x b\n*x : c\n"), 2,
                   "an alias stands where the name of a member must be");
    assert_refused(TEXT("~: a\n"), 1, "nothing (null) stands where the name of a member must be");
    assert_refused(TEXT("\n&x a: b\n"), 2, "an anchor stands at the name of a member");
    assert_refused(TEXT("a: !Ref b\n"), 1, "the tag '!Ref' is none that can be read");
    assert_refused(TEXT("a: !!binary aGk=\n"), 1,
                   "the tag 'tag:yaml.org,2002:binary' is none that can be read");
    assert_refused(TEXT("a: !!int x\n"), 1,
                   "the tag 'tag:yaml.org,2002:int' is none that can be read");
    assert_refused(TEXT("a: !!set {b}\n"), 1,
                   "the tag 'tag:yaml.org,2002:set' is none that can be read");
    assert_refused(TEXT("a: .inf\n"), 1, ".inf is a number that JSON has not");
    assert_refused(TEXT("a: -.NaN\n"), 1, "-.NaN is a number that JSON has not");
}

static void what_is_no_yaml_is_refused_with_its_line(void **unused)
{
    (void)unused;
    assert_refused(TEXT("a: 1\n\tb: 2\n"), 2, "found a tab character that violates indentation");
    assert_refused(TEXT("a: @b\n"), 1, "found character that cannot start any token");
    assert_refused(TEXT("a: b: c\n"), 1, "mapping values are not allowed in this context");
    assert_refused(TEXT("a: [1, 2\nb: 3\n"), 2, "did not find expected ',' or ']'");
    assert_refused(TEXT("a: 'x\n\nb"), 3, "found unexpected end of stream");
    assert_refused(TEXT("a: \"\\q\"\n"), 1, "found unknown escape character");
    assert_refused(TEXT("a: 1\nb: \xff\n"), 2, "it is not valid UTF-8");
    assert_refused(TEXT("a: 1\nb: \xf0\x9f\x9a"), 2, "it is not valid UTF-8");
    assert_refused(TEXT("a: 1\nb: x\0y\n"), 2, "it holds a control character");
    assert_refused(TEXT("a: \"\\uD800\"\n"), 1, "found invalid Unicode character escape code");
}

static struct buf repeated(const char *head, const char *item, size_t n, const char *tail)
{
    struct buf out = {0};
    buf_add_str(&out, head);
    for (size_t i = 0; i < n; i++)
        buf_add_str(&out, item);
    buf_add_str(&out, tail);
    return out;
}

static void bounds_hold(void **unused)
{
    (void)unused;
    clock_t start = clock();
    struct buf text = repeated("", "[", 64, "");
    buf_add_str(&text, "1");
    for (size_t i = 0; i < 64; i++)
        buf_add_char(&text, ']');
    struct case_of c;
    struct error err;
    int line;
    assert_true(parse(&c, buf_bytes(&text), 4096, &line, &err));
    release(&c);
    buf_release(&text);

    text = repeated("\n", "[", 100000, "");
    assert_refused(buf_bytes(&text), 2, "more than 64 levels deep");
    buf_release(&text);
    text = repeated("\n", "- ", 100000, "");
    assert_refused(buf_bytes(&text), 2, "more than 64 levels deep");
    buf_release(&text);

    /* The levels of an alias and of where it stands. */
    text = repeated("a: &x ", "[", 40, "");
    for (size_t i = 0; i < 40; i++)
        buf_add_char(&text, ']');
    buf_add_str(&text, "\nb: ");
    for (size_t i = 0; i < 40; i++)
        buf_add_char(&text, '[');
    buf_add_str(&text, "*x");
    for (size_t i = 0; i < 40; i++)
        buf_add_char(&text, ']');
    assert_refused(buf_bytes(&text), 2, "more than 64 levels deep");
    buf_release(&text);

    /* A billion laughs, told and only kept, and merged. */
    buf_add_str(&text, "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for (int i = 1; i < 12; i++)
        buf_addf(&text, "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i, i, i - 1,
                 i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
    assert_false(parse(&c, buf_bytes(&text), 4096, &line, &err));
    assert_int_equal(err.code, ERR_LIMIT);
    release(&c);
    buf_release(&text);
    text = repeated("a: &a {b: 1}\n", "", 0, "");
    for (int i = 0; i < 200000; i++)
        buf_addf(&text, "k%d: {<<: [*a, *a, *a, *a]}\n", i);
    assert_false(parse(&c, buf_bytes(&text), 4096, &line, &err));
    assert_int_equal(err.code, ERR_LIMIT);
    release(&c);
    buf_release(&text);
    assert_cpu_seconds_below(start, 20);
}

static void a_value_is_at_most_32_mib(void **unused)
{
    (void)unused;
    struct buf text = repeated("a: 1\nb: ", "", 0, "");
    buf_reserve(&text, YAML_SCALAR_MAX + 100000);
    for (size_t i = 0; i < YAML_SCALAR_MAX / 16 + 2048; i++)
        buf_add(&text, "0123456789abcdef", 16);
    struct case_of c;
    struct error err;
    int line;
    assert_false(parse(&c, buf_bytes(&text), 65536, &line, &err));
    assert_int_equal(err.code, ERR_LIMIT);
    assert_int_equal(line, 2);
    assert_string_equal(err.message, "one value is larger than 32 MiB");
    release(&c);
    buf_release(&text);
}

static bool fail_read(void *ctx, void *to, size_t size, size_t *n, struct error *err)
{
    (void)ctx, (void)to, (void)size, (void)n;
    return error_set(err, ERR_IO, "the disk is gone");
}

static bool stop(void *ctx, const struct json_event *e, int line, struct error *err)
{
    (void)ctx, (void)e, (void)line;
    return error_set(err, ERR_USAGE, "enough");
}

static void what_both_sides_say_is_passed_on(void **unused)
{
    (void)unused;
    struct case_of c = {.piece = 100, .left = TEXT("a:\n  b: 1\n")};
    struct error err = {0};
    int line = -1;
    assert_false(yaml_parse((struct yaml_input){fail_read, NULL},
                            (struct yaml_output){on_document, on_event, &c}, &line, &err));
    assert_string_equal(err.message, "the disk is gone");
    assert_int_equal(line, 0);
    assert_false(yaml_parse((struct yaml_input){give, &c},
                            (struct yaml_output){on_document, stop, &c}, &line, &err));
    assert_string_equal(err.message, "enough");
    assert_int_equal(line, 1);
    release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars_are_those_of_the_core_schema),
        cmocka_unit_test(all_documents_are_given_with_their_lines),
        cmocka_unit_test(each_event_has_its_line),
        cmocka_unit_test(aliases_are_written_out),
        cmocka_unit_test(merge_keys_are_merged),
        cmocka_unit_test(what_json_cannot_say_is_refused_with_its_line),
        cmocka_unit_test(what_is_no_yaml_is_refused_with_its_line),
        cmocka_unit_test(bounds_hold),
        cmocka_unit_test(a_value_is_at_most_32_mib),
        cmocka_unit_test(what_both_sides_say_is_passed_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
