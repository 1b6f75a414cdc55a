#include "model/export_json.h"
#include "test_model_builder.h"

/* What is exported of a model; the caller releases it. */
static struct buf exported(const struct model *m, const struct export_known *known,
                           struct export_gaps *gaps)
{
    struct buf out = {0};
    struct json_writer w = json_writer_to(&out, 0);
    model_write_export(m, known, &w, gaps);
    return out;
}

static void assert_has(const struct buf *text, const char *part)
{
    if (!strstr(text->data, part))
        print_error("%s\nlacks\n%s\n", text->data, part);
    assert_non_null(strstr(text->data, part));
}

static void a_namespace_has_what_is_known_of_it(void **state)
{
    (void)state;
    struct model m;
    struct export_gaps gaps;
    model_init(&m);
    ns_at(&m, 2, "main");
    ns_at(&m, 3, "left out");
    validate(&m);
    struct export_known known[] = {{.id = B(OTHER), .account_id = B(ACCOUNT), .title = B("main")},
                                   {.left_out = true}};
    struct buf out = exported(&m, known, &gaps);
    assert_has(&out, "{\"account_id\":null,\"accounts\":{},\"namespaces\":[{\"account\":null,"
                     "\"account_id\":\"" ACCOUNT "\",\"address\":\"main\"");
    assert_has(&out, "\"id\":\"" OTHER "\"");
    assert_has(&out, "\"keys\":[],\"line\":2");
    assert_has(&out, "\"n_bulks\":0,\"n_prunes\":0");
    assert_has(&out, "}],\"project\":null}");
    assert_null(strstr(out.data, "left out"));
    buf_release(&out);
    model_release(&m);
}

static void values_are_whole_or_not_there(void **state)
{
    (void)state;
    struct model m;
    struct export_gaps gaps;
    model_init(&m);
    ns_at(&m, 2, "known");
    ns_at(&m, 3, "unknown");
    struct part parts[] = {{.kind = PART_TEXT, .text = B("id ")},
                           {.kind = PART_ID, .ns = 0},
                           {.kind = PART_ID, .ns = 1}};
    put_at(&m, 0, 4, "d", "")->value = (struct deferred){.parts = parts, .n = 2};
    put_at(&m, 0, 5, "c", "")->value = (struct deferred){.parts = parts, .n = 3};
    put_at(&m, 0, 6, "b", "hidden")->value.secret = true;
    put_at(&m, 0, 7, "a", "\xff")->no_ttl = true;
    validate(&m);
    struct export_known known[] = {{.id = B(OTHER), .title = B("known")}, {.title = B("unknown")}};
    struct buf out = exported(&m, known, &gaps);
    assert_has(&out,
               "\"keys\":[{\"base64\":true,\"expiration\":null,\"expiration_ttl\":0,"
               "\"file\":\"kv.lua\",\"key\":\"a\",\"line\":7,\"metadata\":null,"
               "\"policy\":\"managed\",\"secret\":false,\"value\":\"/w==\"},{\"base64\":false");
    assert_has(&out, "\"key\":\"b\",\"line\":6,\"metadata\":null,\"policy\":\"managed\","
                     "\"secret\":true,\"value\":null}");
    assert_has(&out, "\"key\":\"c\",\"line\":5,\"metadata\":null,\"policy\":\"managed\","
                     "\"secret\":false,\"value\":null}");
    assert_has(&out, "\"value\":\"id " OTHER "\"}]");
    assert_null(strstr(out.data, "hidden"));
    assert_int_equal(gaps.secrets, 1);
    assert_int_equal(gaps.unknown, 1);
    buf_release(&out);
    model_release(&m);
}

static void what_no_file_has_is_counted(void **state)
{
    (void)state;
    struct model m;
    struct export_gaps gaps;
    model_init(&m);
    ns_at(&m, 2, "a");
    model_add_bulk(&m, 0)->format = SOURCE_INLINE;
    model_add_bulk(&m, 0)->format = SOURCE_INLINE;
    item_at(&m, 0, 0, 3, "k");
    model_add_prune(&m, 0)->prefix = B("x/");
    struct export_known known = {.title = B("a")};
    struct buf out = exported(&m, &known, &gaps);
    assert_has(&out, "\"n_bulks\":2,\"n_prunes\":1");
    assert_int_equal(gaps.bulks, 2);
    assert_int_equal(gaps.bulk_namespaces, 1);
    assert_int_equal(gaps.prunes, 1);
    buf_release(&out);
    model_release(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_namespace_has_what_is_known_of_it),
        cmocka_unit_test(values_are_whole_or_not_there),
        cmocka_unit_test(what_no_file_has_is_counted),
    };
    return cmocka_run_group_tests_name("model/export_json", tests, NULL, NULL);
}
