#include "test_base.h"

#include "test_diff_apply.h"

static void write_diff(struct buf *out, struct bytes before, struct bytes after,
                       const struct diff_options *o)
{
    struct json_writer w = json_writer_to(out, 0);
    struct diff_value a = diff_value_of(before), b = diff_value_of(after);
    value_diff(&w, before.data ? &a : NULL, after.data ? &b : NULL, o);
}

static void assert_diff(struct bytes before, struct bytes after, const struct diff_options *o,
                        const char *want)
{
    struct buf out = {0};
    write_diff(&out, before, after, o);
    assert_buf(&out, want);
    buf_release(&out);
}

static const struct diff_options plain = {.limits = {0}};
static const struct diff_options as_json = {.json = true};
static struct diff_options brief; /* for people */

/* Of a document of kind "json" that is whole: only its changes are named. */
static void assert_changes(struct bytes before, struct bytes after, const char *changes)
{
    struct buf want = {0};
    buf_addf(&want, "{\"changes\":[%s],\"cut\":false,\"kind\":\"json\",\"more\":0}", changes);
    assert_diff(before, after, &plain, want.data);
    buf_release(&want);
}

/* ---- JSON by path --------------------------------------------------------------------------- */

static void one_of_sixty_settings_is_one_change(void **state)
{
    (void)state;
    struct buf a = {0}, b = {0};
    for (int i = 0; i < 60; i++) {
        buf_addf(&a, "%c\"setting_%d\":{\"on\":true,\"limit\":%d}", i ? ',' : '{', i, i);
        buf_addf(&b, "%c\"setting_%d\":{\"on\":true,\"limit\":%d}", i ? ',' : '{', i,
                 i == 37 ? 90 : i);
    }
    buf_add_char(&a, '}');
    buf_add_char(&b, '}');
    assert_changes(buf_bytes(&a), buf_bytes(&b),
                   "{\"after\":\"90\",\"before\":\"37\",\"op\":\"set\","
                   "\"path\":\"setting_37.limit\"}");
    buf_release(&a);
    buf_release(&b);
}

static void members_are_set_added_and_removed(void **state)
{
    (void)state;
    assert_changes(TEXT("{\"old\":[1],\"a\":{\"b\":1}, \"same\":null}"),
                   TEXT("{\"a\":{\"b\":\"x\"},\"same\":null,\"z\":{}}"),
                   "{\"after\":\"\\\"x\\\"\",\"before\":\"1\",\"op\":\"set\",\"path\":\"a.b\"},"
                   "{\"before\":\"[1]\",\"op\":\"remove\",\"path\":\"old\"},"
                   "{\"after\":\"{}\",\"op\":\"add\",\"path\":\"z\"}");
}

static void odd_names_stand_in_brackets(void **state)
{
    (void)state;
    assert_changes(TEXT("[{\"a b\":{\"c\":1}}]"), TEXT("[{\"a b\":{\"c\":2}}]"),
                   "{\"after\":\"2\",\"before\":\"1\",\"op\":\"set\","
                   "\"path\":\"[0][\\\"a b\\\"].c\"}");
    assert_changes(TEXT("{\"\":1,\"q\\\"\":1,\"0a\":1,\"a0\":1}"),
                   TEXT("{\"\":2,\"q\\\"\":2,\"0a\":2,\"a0\":2}"),
                   "{\"after\":\"2\",\"before\":\"1\",\"op\":\"set\",\"path\":\"[\\\"\\\"]\"},"
                   "{\"after\":\"2\",\"before\":\"1\",\"op\":\"set\",\"path\":\"[\\\"0a\\\"]\"},"
                   "{\"after\":\"2\",\"before\":\"1\",\"op\":\"set\",\"path\":\"a0\"},"
                   "{\"after\":\"2\",\"before\":\"1\",\"op\":\"set\","
                   "\"path\":\"[\\\"q\\\\\\\"\\\"]\"}");
}

static void elements_are_told_by_index(void **state)
{
    (void)state;
    assert_changes(TEXT("[1,2,3]"), TEXT("[1,9,3]"),
                   "{\"after\":\"9\",\"before\":\"2\",\"op\":\"set\",\"path\":\"[1]\"}");
    assert_changes(TEXT("[\"a\",\"b\",\"c\"]"), TEXT("[\"x\",\"a\",\"b\",\"c\"]"),
                   "{\"after\":\"\\\"x\\\"\",\"op\":\"add\",\"path\":\"[0]\"}");
    assert_changes(TEXT("{\"l\":[1,2,3,4]}"), TEXT("{\"l\":[1,4]}"),
                   "{\"before\":\"3\",\"op\":\"remove\",\"path\":\"l[2]\"},"
                   "{\"before\":\"2\",\"op\":\"remove\",\"path\":\"l[1]\"}");
}

static void an_element_with_an_id_moves(void **state)
{
    (void)state;
    assert_changes(TEXT("[{\"id\":1,\"v\":1},{\"id\":2,\"v\":1},{\"id\":3,\"v\":1}]"),
                   TEXT("[{\"id\":3,\"v\":2},{\"id\":1,\"v\":1},{\"id\":2,\"v\":1}]"),
                   "{\"from\":\"[2]\",\"op\":\"move\",\"path\":\"[0]\",\"to\":\"[0]\"},"
                   "{\"after\":\"2\",\"before\":\"1\",\"op\":\"set\",\"path\":\"[0].v\"}");
    assert_changes(TEXT("[{\"name\":\"a\"},{\"name\":\"b\"},{\"name\":\"c\"}]"),
                   TEXT("[{\"name\":\"n\"},{\"name\":\"b\"},{\"name\":\"c\"}]"),
                   "{\"before\":\"{\\\"name\\\":\\\"a\\\"}\",\"op\":\"remove\",\"path\":\"[0]\"},"
                   "{\"after\":\"{\\\"name\\\":\\\"n\\\"}\",\"op\":\"add\",\"path\":\"[0]\"}");
}

static void an_id_that_two_elements_have_is_none(void **state)
{
    (void)state;
    assert_changes(TEXT("[{\"id\":1,\"name\":\"a\"},{\"id\":1,\"name\":\"b\"}]"),
                   TEXT("[{\"id\":1,\"name\":\"b\"},{\"id\":1,\"name\":\"a\"}]"),
                   "{\"from\":\"[1]\",\"op\":\"move\",\"path\":\"[0]\",\"to\":\"[0]\"}");
    assert_changes(TEXT("[{\"id\":1,\"v\":0},{\"id\":1,\"v\":1}]"),
                   TEXT("[{\"id\":1,\"v\":0},{\"id\":1,\"v\":2}]"),
                   "{\"after\":\"2\",\"before\":\"1\",\"op\":\"set\",\"path\":\"[1].v\"}");
}

static void numbers_are_compared_as_decimals(void **state)
{
    (void)state;
    static const char *const equal[][2] = {{"1", "1.0"},      {"100", "1e2"},
                                           {"-0", "0.0"},     {"0.05", "5E-2"},
                                           {"1.50", "15e-1"}, {"1200", "12.0e+2"}};
    static const char *const other[][2] = {{"9007199254740992", "9007199254740993"},
                                           {"12345678901234567890", "12345678901234567891"},
                                           {"0.1", "0.10000000000000000001"},
                                           {"1", "-1"},
                                           {"1", "10"},
                                           {"1", "\"1\""}};
    for (size_t i = 0; i < N_OF(equal); i++) {
        struct buf a = {0}, b = {0}, out = {0};
        buf_addf(&a, "{\"a\":%s,\"z\":1}", equal[i][0]);
        buf_addf(&b, "{\"a\":%s,\"z\":2}", equal[i][1]);
        write_diff(&out, buf_bytes(&a), buf_bytes(&b), &plain);
        assert_null(strstr(out.data, "\"path\":\"a\""));
        buf_release(&a);
        buf_release(&b);
        buf_release(&out);
    }
    for (size_t i = 0; i < N_OF(other); i++) {
        struct buf a = {0}, b = {0}, out = {0};
        buf_addf(&a, "[%s]", other[i][0]);
        buf_addf(&b, "[%s]", other[i][1]);
        write_diff(&out, buf_bytes(&a), buf_bytes(&b), &plain);
        assert_non_null(strstr(out.data, "\"path\":\"[0]\""));
        buf_release(&a);
        buf_release(&b);
        buf_release(&out);
    }
}

static void json_written_in_another_way_is_compared_as_text(void **state)
{
    (void)state;
    assert_diff(TEXT("{\"a\":1}"), TEXT("{ \"a\": 1 }"), &plain,
                "{\"changes\":[{\"after\":\"\\\"{ \\\\\\\"a\\\\\\\": 1 }\\\"\","
                "\"before\":\"\\\"{\\\\\\\"a\\\\\\\":1}\\\"\",\"op\":\"set\",\"path\":\"\"}],"
                "\"cut\":false,\"kind\":\"json\",\"more\":0,\"same_json\":true}");
    assert_diff(TEXT("[1,\n2]"), TEXT("[1.0,\n2]"), &plain,
                "{\"cut\":false,\"hunks\":[{\"after\":[1,2],\"before\":[1,2],\"lines\":["
                "\"-[1,\",\"+[1.0,\",\" 2]\",\"\\\\ No newline at end of file\"]}],"
                "\"kind\":\"text\",\"more\":0,\"same_json\":true}");
    assert_changes(TEXT("{\"a\":1,\"a\":2}"), TEXT("{\"a\":2}"),
                   "{\"after\":\"\\\"{\\\\\\\"a\\\\\\\":2}\\\"\","
                   "\"before\":\"\\\"{\\\\\\\"a\\\\\\\":1,\\\\\\\"a\\\\\\\":2}\\\"\","
                   "\"op\":\"set\",\"path\":\"\"}");
}

static void scalars_are_json_where_they_are_declared_so(void **state)
{
    (void)state;
    assert_diff(TEXT("60"), TEXT("90"), &as_json,
                "{\"changes\":[{\"after\":\"90\",\"before\":\"60\",\"op\":\"set\",\"path\":\"\"}],"
                "\"cut\":false,\"kind\":\"json\",\"more\":0}");
    assert_changes(TEXT("60"), TEXT("90"),
                   "{\"after\":\"\\\"90\\\"\",\"before\":\"\\\"60\\\"\",\"op\":\"set\","
                   "\"path\":\"\"}");
}

static void changes_beyond_the_limit_are_counted(void **state)
{
    (void)state;
    struct diff_options o = {.limits = {.changes = 2}};
    assert_diff(TEXT("[1,2,3,4,5]"), TEXT("[10,20,30,40,50]"), &o,
                "{\"changes\":[{\"after\":\"10\",\"before\":\"1\",\"op\":\"set\",\"path\":\"[0]\"},"
                "{\"after\":\"20\",\"before\":\"2\",\"op\":\"set\",\"path\":\"[1]\"}],"
                "\"cut\":false,\"kind\":\"json\",\"more\":3}");
}

/* ---- Long values ---------------------------------------------------------------------------- */

static void add_times(struct buf *out, const char *text, int n)
{
    while (n-- > 0)
        buf_add_str(out, text);
}

static void what_differs_in_a_long_string_is_shown(void **state)
{
    (void)state;
    static const char *const fill[] = {"x", "é", "\\n", "\\u0001", "\\\"", "日", "😀"};
    for (size_t i = 0; i < N_OF(fill); i++)
        for (int at = 0; at < 60; at++) {
            struct buf a = {0}, b = {0}, out = {0};
            buf_add_str(&a, "{\"k\":\"");
            buf_add_str(&b, "{\"k\":\"");
            add_times(&a, fill[i], at);
            add_times(&b, fill[i], at);
            buf_add_str(&b, "CHANGED");
            add_times(&a, fill[i], 100);
            add_times(&b, fill[i], 100);
            buf_add_str(&a, "\"}");
            buf_add_str(&b, "\"}");
            write_diff(&out, buf_bytes(&a), buf_bytes(&b), &brief);
            struct error err;
            struct json *diff = json_doc_parse(buf_bytes(&out), &err);
            assert_non_null(diff);
            const struct json *change = json_first(json_member(diff, "changes"));
            assert_non_null(strstr(diff_text(change, "after").data, "CHANGED"));
            assert_null(strstr(diff_text(change, "before").data, "CHANGED"));
            assert_true(diff_text(change, "after").len <= 48 + 2 + 6);
            assert_true(utf8_valid(diff_text(change, "before")));
            json_doc_free(diff);
            buf_release(&a);
            buf_release(&b);
            buf_release(&out);
        }
}

static void assert_sides(const char *before, const char *after, const char *shown_before,
                         const char *shown_after)
{
    struct buf a = {0}, b = {0}, out = {0};
    struct error err;
    buf_addf(&a, "[\"%s\"]", before);
    buf_addf(&b, "[\"%s\"]", after);
    write_diff(&out, buf_bytes(&a), buf_bytes(&b), &brief);
    struct json *diff = json_doc_parse(buf_bytes(&out), &err);
    const struct json *change = json_first(json_member(diff, "changes"));
    assert_string_equal(diff_text(change, "before").data, shown_before);
    assert_string_equal(diff_text(change, "after").data, shown_after);
    json_doc_free(diff);
    buf_release(&a);
    buf_release(&b);
    buf_release(&out);
}

static void what_looks_the_same_is_shown_in_escapes(void **state)
{
    (void)state;
    assert_sides("ab", "a\u200bb", "\"ab\"", "\"a\\u200bb\"");
    assert_sides("a b", "a\u00a0b", "\"a b\"", "\"a\\u00a0b\"");
    assert_sides("caf\u00e9", "cafe\u0301", "\"caf\\u00e9\"", "\"cafe\\u0301\"");
    assert_sides("paypal", "p\u0430yp\u0430l", "\"paypal\"", "\"p\\u0430yp\\u0430l\"");
    assert_sides("x\ufe0f\U0001F600", "x\U0001F600", "\"x\\ufe0f\\ud83d\\ude00\"",
                 "\"x\\ud83d\\ude00\"");
    assert_sides("한", "\u1112\u1161\u11ab", "\"\\ud55c\"", "\"\\u1112\\u1161\\u11ab\"");
    assert_sides("日本", "日木", "\"日本\"", "\"日木\"");
    assert_sides("été", "etè", "\"été\"", "\"etè\"");
    assert_sides("कि", "की", "\"कि\"", "\"की\"");
    assert_sides("é", "", "\"é\"", "\"\"");
}

static void long_values_are_cut_at_whole_characters(void **state)
{
    (void)state;
    struct diff_options o = {.limits = {.leaf = 24, .value = 24}};
    assert_diff(TEXT("{\"a\":\"0123456789012345678901234567890123456789A end\"}"),
                TEXT("{\"a\":\"0123456789012345678901234567890123456789B end\"}"), &o,
                "{\"changes\":[{\"after\":\"\\\"…23456789B end\\\"\","
                "\"before\":\"\\\"…23456789A end\\\"\",\"op\":\"set\",\"path\":\"a\"}],"
                "\"cut\":true,\"kind\":\"json\",\"more\":0}");
    assert_diff(bytes_make(NULL, 0), TEXT("12345678901234567890123é"), &o,
                "{\"bytes\":25,\"cut\":true,\"json\":false,\"kind\":\"new\","
                "\"shown\":\"12345678901234567890123…\"}");
}

static void a_new_value_is_shown_from_its_beginning(void **state)
{
    (void)state;
    assert_diff(bytes_make(NULL, 0), TEXT("{ \"a\": [1, 2] }"), &plain,
                "{\"bytes\":15,\"cut\":false,\"json\":true,\"kind\":\"new\","
                "\"shown\":\"{\\\"a\\\":[1,2]}\"}");
    assert_diff(bytes_make(NULL, 0), TEXT("two\nlines"), &plain,
                "{\"bytes\":9,\"cut\":false,\"json\":false,\"kind\":\"new\","
                "\"shown\":\"two\\nlines\"}");
    assert_diff(TEXT("{\"a\":1}"), bytes_make(NULL, 0), &plain,
                "{\"changes\":[{\"before\":\"{\\\"a\\\":1}\",\"op\":\"remove\",\"path\":\"\"}],"
                "\"cut\":false,\"kind\":\"json\",\"more\":0}");
}

/* ---- Text ----------------------------------------------------------------------------------- */

static void one_changed_line_of_a_page_is_one_hunk(void **state)
{
    (void)state;
    struct buf a = {0}, b = {0};
    for (int i = 1; i <= 200; i++) {
        buf_addf(&a, "<p>line %d</p>\n", i);
        buf_addf(&b, i == 120 ? "<p>LINE %d</p>\n" : "<p>line %d</p>\n", i);
    }
    assert_diff(buf_bytes(&a), buf_bytes(&b), &brief,
                "{\"cut\":false,\"hunks\":[{\"after\":[119,3],\"before\":[119,3],\"lines\":["
                "\" <p>line 119</p>\",\"-<p>line 120</p>\",\"+<p>LINE 120</p>\","
                "\" <p>line 121</p>\"]}],\"kind\":\"text\",\"more\":0}");
    buf_release(&a);
    buf_release(&b);
}

static void a_newline_at_the_end_counts(void **state)
{
    (void)state;
    assert_diff(TEXT("a\nb"), TEXT("a\nb\n"), &plain,
                "{\"cut\":false,\"hunks\":[{\"after\":[1,2],\"before\":[1,2],\"lines\":["
                "\" a\",\"-b\",\"\\\\ No newline at end of file\",\"+b\"]}],"
                "\"kind\":\"text\",\"more\":0}");
    assert_diff(TEXT(""), TEXT("a\n"), &plain,
                "{\"cut\":false,\"hunks\":[{\"after\":[1,1],\"before\":[0,0],\"lines\":[\"+a\"]}],"
                "\"kind\":\"text\",\"more\":0}");
}

static void changed_lines_beyond_the_limit_are_counted(void **state)
{
    (void)state;
    struct diff_options o = {.limits = {.lines = 4}};
    assert_diff(TEXT("1\n2\n3\n4\n5\nsame\nsame\nsame\nx\n"),
                TEXT("a\nb\nc\nd\ne\nsame\nsame\nsame\ny\n"), &o,
                "{\"cut\":false,\"hunks\":[{\"after\":[1,6],\"before\":[1,6],\"lines\":["
                "\"-1\",\"-2\",\"+a\",\"+b\"]}],\"kind\":\"text\",\"more\":8}");
}

static void long_lines_show_what_differs(void **state)
{
    (void)state;
    struct buf a = {0}, b = {0}, out = {0};
    add_times(&a, "<li>item</li>", 50);
    buf_add_bytes(&b, buf_bytes(&a));
    buf_add_str(&a, "<b>60</b>");
    buf_add_str(&b, "<b>90</b>");
    add_times(&a, "<li>item</li>", 50);
    add_times(&b, "<li>item</li>", 50);
    buf_add_char(&a, '\n');
    buf_add_char(&b, '\n');
    write_diff(&out, buf_bytes(&a), buf_bytes(&b), &brief);
    assert_non_null(strstr(out.data, "<b>60</b>"));
    assert_non_null(strstr(out.data, "<b>90</b>"));
    assert_non_null(strstr(out.data, "\"cut\":true"));
    assert_true(out.len < 500);
    buf_release(&a);
    buf_release(&b);
    buf_release(&out);
}

/* ---- Bytes and secrets ----------------------------------------------------------------------- */

static void other_bytes_are_told_by_size_and_hash(void **state)
{
    (void)state;
    assert_diff(TEXT("\xff"), TEXT("text"), &plain,
                "{\"after\":{\"bytes\":4,\"sha256\":\"982d9e3eb996\"},"
                "\"before\":{\"bytes\":1,\"sha256\":\"a8100ae6aa19\"},\"kind\":\"bytes\"}");
    assert_diff(bytes_make(NULL, 0), TEXT("\033[31m"), &plain,
                "{\"after\":{\"bytes\":5,\"sha256\":\"83a738788fd1\"},\"kind\":\"bytes\"}");
}

static void what_is_not_at_hand_is_told_by_what_is_known(void **state)
{
    (void)state;
    struct buf out = {0};
    struct json_writer w = json_writer_to(&out, 0);
    struct diff_value before = {.size = 5000, .digest = hash_sha256(TEXT("x"))};
    struct diff_value after = diff_value_of(TEXT("text"));
    value_diff(&w, &before, &after, &plain);
    assert_buf(&out, "{\"after\":{\"bytes\":4,\"sha256\":\"982d9e3eb996\"},"
                     "\"before\":{\"bytes\":5000,\"sha256\":\"2d711642b726\"},\"kind\":\"bytes\"}");
    buf_clear(&out);
    w = json_writer_to(&out, 0);
    value_diff_replaced(&w, &before, &after, &plain);
    assert_buf(&out, "{\"after\":{\"bytes\":4,\"cut\":false,\"json\":false,\"kind\":\"new\","
                     "\"shown\":\"text\"},"
                     "\"before\":{\"bytes\":5000,\"sha256\":\"2d711642b726\"},"
                     "\"kind\":\"replaced\"}");
    buf_release(&out);
}

static void secrets_are_not_shown(void **state)
{
    (void)state;
    struct diff_options marked = {.secret = true}, named = {.key = TEXT("api_token")};
    const char *changed = "{\"kind\":\"secret\",\"was\":true}";
    struct buf deep = {0};
    assert_diff(TEXT("a"), TEXT("b"), &marked, changed);
    assert_diff(TEXT("a"), TEXT("b"), &named, changed);
    assert_diff(bytes_make(NULL, 0), TEXT("b"), &named, "{\"kind\":\"secret\",\"was\":false}");
    assert_diff(TEXT("{\"password\":\"x\"}"), TEXT("{\"password\":1}"), &plain, changed);
    struct diff_value secret = diff_value_of(TEXT("{\"password\":\"x\"}"));
    struct diff_value other = diff_value_of(TEXT("{}"));
    struct json_writer w = json_writer_to(&deep, 0);
    value_diff_replaced(&w, &secret, &other, &plain);
    assert_buf(&deep, changed);
    buf_clear(&deep);
    buf_add_char(&deep, '[');
    add_times(&deep, "\"filling\",", 2000);
    buf_add_str(&deep, "{\"password\":\"x\"}]");
    assert_diff(TEXT("[]"), buf_bytes(&deep), &plain, changed);
    buf_release(&deep);
}

/* ---- Applying what is printed ---------------------------------------------------------------- */

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static uint32_t below(uint64_t *seed, uint32_t n)
{
    return (uint32_t)(next_random(seed) >> 33) % n;
}

static const char *const names[] = {"a",   "b",   "limits", "a b", "",    "q\\\"", "\\u0000",
                                    "[0]", "a.b", "é",      "0a",  "id",  "name",  "_x",
                                    "…",   "key", "\\n",    "]",   "\\\\"};
static const char *const scalars[] = {"0",
                                      "1",
                                      "1.0",
                                      "-0",
                                      "9007199254740992",
                                      "9007199254740993",
                                      "12345678901234567890",
                                      "12345678901234567891",
                                      "0.1",
                                      "1e2",
                                      "100",
                                      "true",
                                      "false",
                                      "null",
                                      "\"\"",
                                      "\"x\"",
                                      "\"\\u0000\\\"\"",
                                      "\"a long string of some forty characters or so, or more\"",
                                      "{}",
                                      "[]"};

static void add_random(struct buf *out, uint64_t *seed, int depth);

static void add_random_object(struct buf *out, uint64_t *seed, int depth)
{
    bool first = true;
    buf_add_char(out, '{');
    for (size_t i = 0; i < N_OF(names); i++) {
        if (below(seed, 4) > 0)
            continue;
        buf_addf(out, "%s\"%s\":", first ? "" : ",", names[i]);
        add_random(out, seed, depth + 1);
        first = false;
    }
    buf_add_char(out, '}');
}

/* Elements with ids, most of them their own. */
static void add_random_list(struct buf *out, uint64_t *seed, int depth)
{
    static const char *const ids[] = {"id", "key", "name", "_id", "uuid"};
    const char *id = ids[below(seed, N_OF(ids))];
    uint32_t n = below(seed, 8), step = below(seed, 10) == 0 ? 0 : 3;
    buf_add_char(out, '[');
    for (uint32_t i = 0; i < n; i++) {
        buf_addf(out, "%s{\"%s\":", i ? "," : "", id);
        buf_addf(out, below(seed, 8) ? "%u" : "\"%u\"", i * step + below(seed, 3));
        buf_add_str(out, ",\"v\":");
        add_random(out, seed, depth + 1);
        buf_add_char(out, '}');
    }
    buf_add_char(out, ']');
}

static void add_random(struct buf *out, uint64_t *seed, int depth)
{
    uint32_t what = depth > 4 ? 9 : below(seed, depth == 0 ? 4 : 10);
    if (what < 2)
        add_random_object(out, seed, depth);
    else if (what == 2)
        add_random_list(out, seed, depth);
    else if (what == 3) {
        uint32_t n = below(seed, 6);
        buf_add_char(out, '[');
        for (uint32_t i = 0; i < n; i++) {
            buf_add_str(out, i ? "," : "");
            add_random(out, seed, depth + 1);
        }
        buf_add_char(out, ']');
    } else
        buf_add_str(out, scalars[below(seed, N_OF(scalars))]);
}

static void add_changed(struct buf *out, uint64_t *seed, const struct json_node *v, int depth);

static void add_changed_array(struct buf *out, uint64_t *seed, const struct json_node *v, int depth)
{
    const struct json_node *items[64];
    uint32_t n = 0;
    for (const struct json_node *c = v->child; c && n < N_OF(items); c = c->next)
        items[n++] = c;
    if (below(seed, 2))
        for (uint32_t i = n, swaps = below(seed, 4); n > 1 && swaps-- > 0 && i-- > 1;) {
            uint32_t j = below(seed, n);
            const struct json_node *t = items[i];
            items[i] = items[j];
            items[j] = t;
        }
    bool first = true;
    buf_add_char(out, '[');
    for (uint32_t i = 0; i < n; i++) {
        bool drop = below(seed, 8) == 0;
        if (!drop || below(seed, 8) == 0) {
            buf_add_str(out, first ? "" : ",");
            drop ? add_random(out, seed, depth + 1) : add_changed(out, seed, items[i], depth + 1);
            first = false;
        }
    }
    buf_add_char(out, ']');
}

static void add_changed_object(struct buf *out, uint64_t *seed, const struct json_node *v,
                               int depth)
{
    bool first = true;
    buf_add_char(out, '{');
    for (const struct json_node *c = v->child; c; c = c->next) {
        if (below(seed, 10) == 0)
            continue;
        struct json_writer w = json_writer_to(out, 0);
        buf_add_str(out, first ? "" : ",");
        json_string(&w, c->name);
        buf_add_char(out, ':');
        add_changed(out, seed, c, depth + 1);
        first = false;
    }
    if (below(seed, 6) == 0) {
        buf_addf(out, "%s\"added\":", first ? "" : ",");
        if (json_node_member(v, TEXT("added")))
            out->len -= strlen("ed\":"), buf_add_str(out, "%\":");
        add_random(out, seed, depth + 1);
    }
    buf_add_char(out, '}');
}

/* A value that differs here and there. */
static void add_changed(struct buf *out, uint64_t *seed, const struct json_node *v, int depth)
{
    struct json_writer w = json_writer_to(out, 0);
    if (depth > 0 && below(seed, 15) == 0)
        add_random(out, seed, depth);
    else if (v->type == JSON_BEGIN_OBJECT)
        add_changed_object(out, seed, v, depth);
    else if (v->type == JSON_BEGIN_ARRAY)
        add_changed_array(out, seed, v, depth);
    else
        json_node_write(&w, v);
}

static bool same_json(struct bytes a, struct bytes b)
{
    struct arena arena = {0};
    const struct json_node *x = json_tree_read(&arena, a), *y = json_tree_read(&arena, b);
    bool same = x && y && json_node_equal(x, y);
    arena_release(&arena);
    return same;
}

static void assert_applies(struct bytes a, struct bytes b)
{
    struct buf doc = {0}, got = {0}, canonical_b = {0}, canonical_got = {0};
    struct error err;
    write_diff(&doc, a, b, &plain);
    struct json *diff = json_doc_parse(buf_bytes(&doc), &err);
    assert_non_null(diff);
    assert_string_equal(diff_text(diff, "kind").data, "json");
    apply_changes(a, diff, &got);
    assert_true(same_json(buf_bytes(&got), b));
    assert_true(json_canonical(buf_bytes(&got), &canonical_got, &err));
    assert_true(json_canonical(b, &canonical_b, &err));
    assert_bytes(buf_bytes(&canonical_got), buf_bytes(&canonical_b));
    json_doc_free(diff);
    buf_release(&doc);
    buf_release(&got);
    buf_release(&canonical_b);
    buf_release(&canonical_got);
}

static void applying_the_changes_gives_the_new_value(void **state)
{
    (void)state;
    uint64_t seed = 20261130;
    int compared = 0;
    for (int i = 0; i < 20000; i++) {
        struct buf a = {0}, b = {0};
        struct arena arena = {0};
        add_random(&a, &seed, 0);
        struct json_node *v = json_tree_read(&arena, buf_bytes(&a));
        assert_non_null(v);
        if (i % 4 == 0)
            add_random(&b, &seed, 0);
        else
            add_changed(&b, &seed, v, 0);
        assert_non_null(json_tree_read(&arena, buf_bytes(&b)));
        if (a.data[0] == b.data[0] && !same_json(buf_bytes(&a), buf_bytes(&b))) {
            assert_applies(buf_bytes(&a), buf_bytes(&b));
            compared++;
        }
        arena_release(&arena);
        buf_release(&a);
        buf_release(&b);
    }
    assert_true(compared > 10000);
}

/* Lines of few kinds, so that many of them are equal. */
static void add_random_lines(struct buf *out, uint64_t *seed, uint32_t kinds)
{
    uint32_t n = below(seed, 30);
    for (uint32_t i = 0; i < n; i++)
        buf_addf(out, "%u\n", below(seed, kinds));
    if (below(seed, 3) == 0)
        buf_addf(out, "%u", below(seed, kinds));
}

static void applying_the_hunks_gives_the_new_text(void **state)
{
    (void)state;
    uint64_t seed = 42;
    for (int i = 0; i < 20000; i++) {
        struct buf a = {0}, b = {0}, doc = {0}, got = {0};
        uint32_t kinds = 2 + below(&seed, 40);
        struct error err;
        add_random_lines(&a, &seed, kinds);
        add_random_lines(&b, &seed, kinds);
        buf_add_str(&b, "\n");
        write_diff(&doc, bytes_make(a.data ? a.data : "", a.len), buf_bytes(&b), &plain);
        struct json *diff = json_doc_parse(buf_bytes(&doc), &err);
        assert_non_null(diff);
        if (strcmp(diff_text(diff, "kind").data, "text") == 0) {
            apply_hunks(buf_bytes(&a), diff, &got);
            assert_bytes(buf_bytes(&got), buf_bytes(&b));
        } else
            assert_true(bytes_equal(buf_bytes(&a), buf_bytes(&b)));
        json_doc_free(diff);
        buf_release(&a);
        buf_release(&b);
        buf_release(&doc);
        buf_release(&got);
    }
}

/* ---- Bounded work --------------------------------------------------------------------------- */

static size_t diff_length(const struct buf *a, const struct buf *b, const struct diff_options *o)
{
    struct buf out = {0};
    write_diff(&out, buf_bytes(a), buf_bytes(b), o);
    size_t len = out.len;
    buf_release(&out);
    return len;
}

static void texts_that_share_nothing_do_not_take_long(void **state)
{
    (void)state;
    struct buf a = {0}, b = {0};
    uint64_t seed = 7;
    clock_t start = clock();
    for (int i = 0; i < 200000; i++) {
        buf_addf(&a, "%u\n", below(&seed, 3));
        buf_addf(&b, "%u\n", 1 + below(&seed, 3));
    }
    assert_true(diff_length(&a, &b, &brief) < 5000);
    assert_cpu_seconds_below(start, 30);
    buf_release(&a);
    buf_release(&b);
}

static void a_hundred_thousand_lines_with_few_changes_are_fast(void **state)
{
    (void)state;
    struct buf a = {0}, b = {0};
    clock_t start = clock();
    for (int i = 0; i < 100000; i++) {
        buf_addf(&a, "line %d of a log\n", i % 5000);
        buf_addf(&b, i % 9973 == 0 ? "changed %d\n" : "line %d of a log\n", i % 5000);
    }
    assert_true(diff_length(&a, &b, &plain) < 5000);
    assert_cpu_seconds_below(start, 30);
    buf_release(&a);
    buf_release(&b);
}

static void long_paths_end_somewhere(void **state)
{
    (void)state;
    struct buf a = {0}, b = {0};
    clock_t start = clock();
    buf_add_str(&a, "{\"");
    add_times(&a, "0123456789", 20000);
    buf_add_str(&a, "\":[");
    buf_add_bytes(&b, buf_bytes(&a));
    for (int i = 0; i < 20000; i++) {
        buf_addf(&a, "%s%d", i ? "," : "", i);
        buf_addf(&b, "%s%d", i ? "," : "", -1 - i);
    }
    buf_add_str(&a, "]}");
    buf_add_str(&b, "]}");
    assert_true(diff_length(&a, &b, &plain) < (size_t)17 * 1024 * 1024);
    assert_cpu_seconds_below(start, 30);
    buf_release(&a);
    buf_release(&b);
}

static void deep_and_wide_documents_do_not_take_long(void **state)
{
    (void)state;
    struct buf a = {0}, b = {0};
    clock_t start = clock();
    add_times(&a, "[", JSON_MAX_DEPTH);
    for (int i = 0; i < 200000; i++)
        buf_addf(&a, "%s%d", i ? "," : "", i % 7);
    buf_add_bytes(&b, buf_bytes(&a));
    buf_add_str(&b, ",8");
    add_times(&a, "]", JSON_MAX_DEPTH);
    add_times(&b, "]", JSON_MAX_DEPTH);
    assert_true(diff_length(&a, &b, &plain) < 1000);
    assert_cpu_seconds_below(start, 30);
    buf_release(&a);
    buf_release(&b);
}

int main(void)
{
    brief.limits = diff_limits(false);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_of_sixty_settings_is_one_change),
        cmocka_unit_test(members_are_set_added_and_removed),
        cmocka_unit_test(odd_names_stand_in_brackets),
        cmocka_unit_test(elements_are_told_by_index),
        cmocka_unit_test(an_element_with_an_id_moves),
        cmocka_unit_test(an_id_that_two_elements_have_is_none),
        cmocka_unit_test(numbers_are_compared_as_decimals),
        cmocka_unit_test(json_written_in_another_way_is_compared_as_text),
        cmocka_unit_test(scalars_are_json_where_they_are_declared_so),
        cmocka_unit_test(changes_beyond_the_limit_are_counted),
        cmocka_unit_test(what_differs_in_a_long_string_is_shown),
        cmocka_unit_test(what_looks_the_same_is_shown_in_escapes),
        cmocka_unit_test(long_values_are_cut_at_whole_characters),
        cmocka_unit_test(a_new_value_is_shown_from_its_beginning),
        cmocka_unit_test(one_changed_line_of_a_page_is_one_hunk),
        cmocka_unit_test(a_newline_at_the_end_counts),
        cmocka_unit_test(changed_lines_beyond_the_limit_are_counted),
        cmocka_unit_test(long_lines_show_what_differs),
        cmocka_unit_test(other_bytes_are_told_by_size_and_hash),
        cmocka_unit_test(what_is_not_at_hand_is_told_by_what_is_known),
        cmocka_unit_test(secrets_are_not_shown),
        cmocka_unit_test(applying_the_changes_gives_the_new_value),
        cmocka_unit_test(applying_the_hunks_gives_the_new_text),
        cmocka_unit_test(texts_that_share_nothing_do_not_take_long),
        cmocka_unit_test(a_hundred_thousand_lines_with_few_changes_are_fast),
        cmocka_unit_test(long_paths_end_somewhere),
        cmocka_unit_test(deep_and_wide_documents_do_not_take_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
