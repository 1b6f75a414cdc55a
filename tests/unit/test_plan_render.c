/* Plans as JSON for programs and as text for people. */
#include "test_plan_kit.h"

#include "plan/render.h"

static void plan_json_has_the_documented_shape(void **state)
{
    (void)state;
    WORLD(w);
    ns_at(&w, "config", "dev", "shop-config-dev")->binding = B("CONFIG");
    put(&w, 0, "flags", "{\"on\":true}");
    bulk_inline(&w, 0);
    item(&w, 0, 0, "x", "1");
    plan(&w);
    assert_string_equal(
        plan_json(&w),
        "{\n"
        "  \"accounts\": [],\n"
        "  \"actions\": [\n"
        "    {\n"
        "      \"account_id\": null,\n"
        "      \"action\": \"create\",\n"
        "      \"address\": \"shop/config/dev\",\n"
        "      \"after\": "
        "{\"address\":\"shop/config/"
        "dev\",\"binding\":\"CONFIG\",\"create_options\":null,\"description\":null,"
        "\"env\":\"dev\",\"jurisdiction\":null,\"mode\":null,\"on_remove\":\"delete\",\"owner\":"
        "null,\"protect\":false,"
        "\"title\":\"shop-config-dev\",\"ttl_seconds\":0},\n"
        "      \"before\": null,\n"
        "      \"id\": null,\n"
        "      \"key\": null,\n"
        "      \"kind\": \"namespace\",\n"
        "      \"overwrite\": false,\n"
        "      \"reason\": \"no namespace of that title exists\",\n"
        "      \"title\": \"shop-config-dev\"\n"
        "    },\n"
        "    {\n"
        "      \"account_id\": null,\n"
        "      \"action\": \"put\",\n"
        "      \"address\": \"shop/config/dev\",\n"
        "      \"after\": {\"value\":\"{\\\"on\\\":true}\"},\n"
        "      \"before\": null,\n"
        "      \"id\": null,\n"
        "      \"key\": \"flags\",\n"
        "      \"kind\": \"key\",\n"
        "      \"overwrite\": false,\n"
        "      \"reason\": \"the key is absent\",\n"
        "      \"title\": \"shop-config-dev\"\n"
        "    },\n"
        "    {\n"
        "      \"account_id\": null,\n"
        "      \"action\": \"put\",\n"
        "      \"address\": \"shop/config/dev\",\n"
        "      \"after\": null,\n"
        "      \"before\": null,\n"
        "      \"counts\": {\n"
        "        \"changed\": 0,\n"
        "        \"delete\": 0,\n"
        "        \"new\": 1,\n"
        "        \"overwrite\": 0,\n"
        "        \"unchanged\": 0\n"
        "      },\n"
        "      \"id\": null,\n"
        "      \"key\": \"inline:1\",\n"
        "      \"kind\": \"bulk\",\n"
        "      \"overwrite\": false,\n"
        "      \"reason\": \"keys are absent or differ\",\n"
        "      \"title\": \"shop-config-dev\"\n"
        "    }\n"
        "  ],\n"
        "  \"cost\": {\n"
        "    \"at_least\": false,\n"
        "    \"deletes\": 0,\n"
        "    \"execute\": {\n"
        "      \"deletes\": 0,\n"
        "      \"lists\": 0,\n"
        "      \"reads\": 0,\n"
        "      \"requests\": 3,\n"
        "      \"writes\": 2\n"
        "    },\n"
        "    \"lists\": 0,\n"
        "    \"observe\": {\n"
        "      \"deletes\": 0,\n"
        "      \"lists\": 0,\n"
        "      \"reads\": 0,\n"
        "      \"requests\": 0,\n"
        "      \"writes\": 0\n"
        "    },\n"
        "    \"reads\": 0,\n"
        "    \"requests\": 3,\n"
        "    \"seconds\": null,\n"
        "    \"writes\": 2\n"
        "  },\n"
        "  \"diagnostics\": [],\n"
        "  \"format_version\": 1,\n"
        "  \"left_out\": 0,\n"
        "  \"outputs\": [],\n"
        "  \"summary\": {\n"
        "    \"adopt\": 0,\n"
        "    \"create\": 1,\n"
        "    \"delete\": 0,\n"
        "    \"delete_keys\": 0,\n"
        "    \"forget\": 0,\n"
        "    \"outputs\": 0,\n"
        "    \"overwrite\": 0,\n"
        "    \"put\": 2,\n"
        "    \"rename\": 0,\n"
        "    \"unchanged\": 0,\n"
        "    \"update\": 0,\n"
        "    \"write\": 0\n"
        "  },\n"
        "  \"target\": \"memory\"\n"
        "}\n");
    world_end(&w);
}

static const char *member_name(const struct json *v)
{
    return json_name(v) ? json_name(v) : "";
}

static void assert_sorted(const struct json *v)
{
    const struct json *before = NULL;
    for (const struct json *i = json_first(v); i; before = i, i = json_next(i)) {
        if (before && json_is_object(v))
            assert_true(strcmp(member_name(before), member_name(i)) < 0);
        assert_sorted(i);
    }
}

/* Changes and warnings of most kinds. */
static void plan_much(struct world *w)
{
    ns_titled(w, "a")->protect = YES;
    ns_titled(w, "b");
    put(w, 0, "k", "1");
    put(w, 0, "gone", "1");
    put(w, 1, "k", "1");
    apply_all(w);
    others_put(w, "a", "gone", "theirs");
    others_put_pair(w, "a",
                    (struct store_pair){.key = B("k"),
                                        .value = bytes_make("\xff\0", 2),
                                        .metadata = B("{\"b\":1,\"a\":2}"),
                                        .expiration = NOW + 99});
    others_put(w, "a", "legacy/1", "x");
    redeclare(w);
    ns_titled(w, "a");
    put(w, 0, "k", "2")->seed.expiration_ttl = 600;
    prune(w, 0, "legacy/");
    plan(w);
}

static void plan_json_is_valid_and_its_members_sorted(void **state)
{
    (void)state;
    WORLD(w);
    plan_much(&w);
    struct json *doc = json_doc_parse(B(plan_json(&w)), &w.err);
    check(&w, doc != NULL);
    assert_sorted(doc);
    assert_int_equal(json_count(json_member(doc, "diagnostics")), 2); /* a guard, a warning */
    json_doc_free(doc);
    assert_contains(w.text.data, "\"before\": {\"expiration\":1700000099,\"metadata\":{\"a\":2,"
                                 "\"b\":1},\"value\":{\"base64\":\"/wA=\"}}");
    world_end(&w);
}

static void the_same_plan_is_the_same_text(void **state)
{
    (void)state;
    WORLD(w);
    plan_much(&w);
    struct buf first = {0};
    buf_add_str(&first, plan_json(&w));
    for (int i = 0; i < 5; i++) {
        plan(&w);
        assert_string_equal(plan_json(&w), first.data);
    }
    buf_release(&first);
    world_end(&w);
}

/* Takes what was collected. */
static bool take_piece(void *ctx, struct error *err)
{
    struct buf **pieces = ctx; /* the piece, and all of them */
    (void)err;
    assert_true(pieces[0]->len < 200000);
    buf_add_bytes(pieces[1], buf_bytes(pieces[0]));
    buf_clear(pieces[0]);
    return true;
}

static bool refuse_piece(void *ctx, struct error *err)
{
    (void)ctx;
    return error_set(err, ERR_IO, "no more");
}

static void a_large_document_leaves_in_pieces(void **state)
{
    (void)state;
    WORLD(w);
    struct buf piece = {0}, all = {0};
    struct buf *pieces[] = {&piece, &all};
    struct diag_list none = {0};
    ns_titled(&w, "a");
    for (int i = 0; i < 2000; i++)
        put(&w, 0, arena_printf(&w.m.arena, "k%d", i), "a value of some length");
    plan(&w);
    const char *whole = plan_json(&w);
    check(&w, plan_write_json(&w.p, &none, &piece, take_piece, pieces, &w.err));
    assert_true(all.len > 0 && piece.len > 0);
    buf_add_bytes(&all, buf_bytes(&piece));
    assert_string_equal(all.data, whole);
    assert_false(plan_write_json(&w.p, &none, &piece, refuse_piece, NULL, &w.err));
    assert_string_equal(w.err.message, "no more");
    buf_release(&piece);
    buf_release(&all);
    world_end(&w);
}

static void text_groups_actions_by_namespace(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    ns_at(&w, "config", "dev", "b");
    put(&w, 0, "k", "it's");
    put(&w, 1, "k", "v");
    plan(&w);
    assert_string_equal(plan_text(&w), "Target: the account\n"
                                       "There is no state yet, and nothing is deleted.\n"
                                       "\n"
                                       "a\n"
                                       "  + create  (no namespace of that title exists)\n"
                                       "  + put 'k'  (the key is absent)\n"
                                       "      + it's\n"
                                       "\n"
                                       "shop/config/dev (b)\n"
                                       "  + create  (no namespace of that title exists)\n"
                                       "  + put 'k'  (the key is absent)\n"
                                       "      + v\n"
                                       "\n"
                                       "Plan: 2 namespaces to create, 2 keys to put.\n"
                                       "Cost: 4 requests (4 to do: 2 writes).\n");
    world_end(&w);
}

static void an_empty_plan_says_so(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    put(&w, 0, "k", "v");
    apply_all(&w);
    plan(&w);
    assert_string_equal(plan_text(&w), "Target: the account\n"
                                       "Plan: no changes; 1 key is as declared.\n");
    world_end(&w);
}

static void a_terminal_is_not_told_what_to_do_by_names_and_values(void **state)
{
    (void)state;
    WORLD(w);
    others_create(&w, "t\x1b]0;x\x07");
    ns_titled(&w, "t\x1b]0;x\x07");
    ns_titled(&w, "moved")->renamed_from = B("t");
    put(&w, 0, "k\x1b[2J\xe2\x80\xae",
        "v\x1b[2J\xc2\x9b"
        "2J\x7f");
    prune(&w, 0, "\x1b[1m");
    others_put(&w, "t\x1b]0;x\x07", "\x1b[1mx", "v");
    plan(&w);
    const char *text = plan_text(&w);
    for (const char *c = text; *c; c++)
        assert_true((unsigned char)*c >= ' ' || *c == '\n');
    assert_lacks(text, "\xc2\x9b");
    assert_lacks(text, "\xe2\x80\xae");
    assert_lacks(text, "\x7f");
    assert_contains(text, "t\\x1B]0;x\\x07\n");
    assert_contains(text, "put 'k\\x1B[2J\\xE2\\x80\\xAE'");
    world_end(&w);
}

static void large_values_are_shown_by_size_and_digest(void **state)
{
    (void)state;
    WORLD(w);
    char *value = arena_alloc(&w.t.arena, 5001, 1);
    memset(value, 'x', 5000);
    ns_titled(&w, "a");
    put(&w, 0, "k", value);
    plan(&w);
    assert_contains(plan_json(&w), "{\"value\":{\"bytes\":5000,\"sha256\":\"");
    do_planned(&w);
    memset(value, 'y', 4000);
    plan(&w);
    assert_contains(plan_json(&w), "\"before\": {\"value\":{\"bytes\":5000,\"sha256\":\"");
    assert_lacks(plan_json(&w), "xxxx");
    world_end(&w);
}

static void many_keys_are_counted_instead_of_listed(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    for (int i = 0; i < 25; i++)
        put(&w, 0, arena_printf(&w.m.arena, "k%02d", i), "v");
    plan(&w);
    assert_contains(plan_text(&w), "put 'k19'");
    assert_lacks(plan_text(&w), "put 'k20'");
    assert_contains(plan_text(&w), "and 5 more (--verbose shows all)\n");
    plan_shown(&w, "plan.text", (struct view_options){.verbose = true, .color = true});
    assert_contains(w.text.data, "put 'k24'");
    assert_contains(w.text.data, "\033[32m+\033[0m");
    world_end(&w);
}

static void apply_json_tells_what_was_done_and_what_not(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    put(&w, 0, "good", "v");
    put(&w, 0, "bad", "v");
    bulk_inline(&w, 0);
    item(&w, 0, 0, "x", "v");
    output(&w, "o", literal(&w.m, "value"));
    w.store.refused_key = B("bad");
    assert_false(try_apply(&w));
    struct buf json = {0};
    apply_write_json(&w.r, &w.p, &w.t.state, &json);
    struct json *doc = json_doc_parse(buf_bytes(&json), &w.err);
    check(&w, doc != NULL);
    assert_sorted(doc);
    int64_t n = 0;
    const char *s = NULL;
    assert_true(json_as_int(json_member(json_member(doc, "applied"), "put"), &n));
    assert_int_equal(n, 2);
    const struct json *failed = json_first(json_member(doc, "failed"));
    assert_true(json_as_str(json_member(failed, "key"), &s));
    assert_string_equal(s, "bad");
    assert_true(json_as_str(json_member(failed, "message"), &s));
    assert_string_equal(s, "the store did not take it");
    assert_true(json_as_str(json_member(json_member(doc, "outputs"), "o"), &s));
    assert_string_equal(s, "value");
    json_doc_free(doc);
    buf_release(&json);
    world_end(&w);
}

static void apply_json_names_the_keys_of_a_bulk_source_that_failed(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    bulk_inline(&w, 0);
    item(&w, 0, 0, "bad", "v");
    item(&w, 0, 0, "good", "v");
    w.store.refused_key = B("bad");
    assert_false(try_apply(&w));
    struct buf json = {0};
    apply_write_json(&w.r, &w.p, &w.t.state, &json);
    assert_contains(json.data, "\"key\": \"bad\"");
    buf_release(&json);
    world_end(&w);
}

static void shown_text_is_cut_where_it_should_be(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t max;
        const char *shown;
    } cases[] = {
        {"", 10, ""},
        {"plain", 5, "plain"},
        {"plain", 4, "plai\xe2\x80\xa6"},
        {"it's", 10, "it's"},
        {"''", 10, "''"},
        {"a'b'", 4, "a'b'"},
        {"\x1b'", 10, "\\x1B'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out = {0};
        add_shown(&out, B(cases[i].text), cases[i].max);
        assert_string_equal(out.data ? out.data : "", cases[i].shown);
        buf_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plan_json_has_the_documented_shape),
        cmocka_unit_test(plan_json_is_valid_and_its_members_sorted),
        cmocka_unit_test(the_same_plan_is_the_same_text),
        cmocka_unit_test(a_large_document_leaves_in_pieces),
        cmocka_unit_test(text_groups_actions_by_namespace),
        cmocka_unit_test(an_empty_plan_says_so),
        cmocka_unit_test(a_terminal_is_not_told_what_to_do_by_names_and_values),
        cmocka_unit_test(large_values_are_shown_by_size_and_digest),
        cmocka_unit_test(many_keys_are_counted_instead_of_listed),
        cmocka_unit_test(apply_json_tells_what_was_done_and_what_not),
        cmocka_unit_test(apply_json_names_the_keys_of_a_bulk_source_that_failed),
        cmocka_unit_test(shown_text_is_cut_where_it_should_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
