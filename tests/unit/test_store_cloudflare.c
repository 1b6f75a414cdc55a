/* The cloudflare store against a service that says exactly what it is told: what it asks, and what
 * it makes of the answers. */
#include "test_cloudflare_kit.h"

/* ---- Asking: namespaces ---------------------------------------------------------------------- */

static void namespaces_are_listed_in_full_pages(void **state)
{
    (void)state;
    struct service *s = serve(SAYS(OK_PAGE("[" NAMESPACE(NS, "shop") "]", "{\"total_count\":7}")));
    const struct answer *a = expect_ok(list_namespaces(s->kit, "", 3));
    assert_asked(s, 0, "GET " KV "?page=3&per_page=1000&order=id&direction=asc", "");
    assert_int_equal(a->n_namespaces, 1);
    assert_bytes(a->namespaces[0].id, TEXT(NS));
    assert_bytes(a->namespaces[0].title, TEXT("shop"));
    hang_up(s);
}

static void an_operation_may_name_its_account(void **state)
{
    (void)state;
    struct service *s = serve(SAYS(OK("[]")));
    expect_ok(list_namespaces(s->kit, "a/b", 1));
    assert_asked(
        s, 0,
        "GET /accounts/a%2Fb/storage/kv/namespaces?page=1&per_page=1000&order=id&direction=asc",
        "");
    hang_up(s);
}

static void a_namespace_is_got_renamed_and_deleted_by_its_id(void **state)
{
    (void)state;
    struct service *s =
        serve(SAYS(OK(NAMESPACE(NS, "old")), OK(NAMESPACE(NS, "n\\\"w")), OK("null"), OK("{}")));
    const struct answer *a = expect_ok(on_namespace(s->kit, STORE_NAMESPACE_GET, NS, ""));
    assert_bytes(a->namespaces[0].title, TEXT("old"));
    a = expect_ok(on_namespace(s->kit, STORE_NAMESPACE_RENAME, NS, "n\"w"));
    assert_bytes(a->namespaces[0].title, TEXT("n\"w"));
    expect_ok(on_namespace(s->kit, STORE_NAMESPACE_RENAME, NS, "older services answer null"));
    expect_ok(on_namespace(s->kit, STORE_NAMESPACE_DELETE, NS, ""));
    assert_asked(s, 0, "GET " IN_NS, "");
    assert_asked(s, 1, "PUT " IN_NS, "{\"title\":\"n\\\"w\"}");
    assert_asked(s, 3, "DELETE " IN_NS, "");
    hang_up(s);
}

static void a_create_posts_the_title_and_takes_the_id_that_comes(void **state)
{
    (void)state;
    struct service *s = serve(SAYS(OK(NAMESPACE(NS, "shop"))));
    const struct answer *a = expect_ok(create(s->kit, "wanted", "shop"));
    assert_asked(s, 0, "POST " KV, "{\"title\":\"shop\"}");
    assert_true(asked_with(s, 0, "\r\nContent-Type: application/json\r\n"));
    assert_bytes(a->namespaces[0].id, TEXT(NS));
    assert_false(a->existed);
    hang_up(s);
}

static void a_create_posts_what_the_namespace_is_made_with(void **state)
{
    (void)state;
    struct service *s = serve(SAYS(OK("{\"id\":\"" NS "\",\"title\":\"a\",\"mode\":\"instant\"}")));
    const struct answer *a = expect_ok(
        run_op(s->kit, &(struct store_op){.kind = STORE_NAMESPACE_CREATE,
                                          .title = TEXT("a"),
                                          .jurisdiction = TEXT("eu"),
                                          .mode = TEXT("instant"),
                                          .create_options = TEXT("{\"tier\":{\"x\":[1]}}")}));
    assert_asked(s, 0, "POST " KV,
                 "{\"jurisdiction\":\"eu\",\"mode\":\"instant\",\"title\":\"a\","
                 "\"tier\":{\"x\":[1]}}");
    assert_int_equal(a->n_namespaces, 1);
    hang_up(s);
}

static void an_instant_namespace_is_written_key_by_key(void **state)
{
    (void)state;
    const struct store_pair pairs[] = {{.key = TEXT("a"), .value = TEXT("1")},
                                       {.key = TEXT("b"), .value = TEXT("2"), .expiration = 9}};
    const struct bytes keys[] = {TEXT("a"), TEXT("b/c")};
    struct store_pair with_metadata = {
        .key = TEXT("m"), .value = TEXT("1"), .metadata = TEXT("{}")};
    struct service *s =
        serve(SAYS(OK("{}"), OK("{}"), OK("{}"), OK("{}"), OK("{\"successful_key_count\":1}")));
    store_note_mode(s->kit->store, TEXT(NS), TEXT("instant"));
    store_note_mode(s->kit->store, TEXT("other"), bytes_make(NULL, 0));
    expect_error(put(s->kit, NS, &with_metadata), ERR_LIMIT);
    expect_ok(put_many(s->kit, NS, pairs, 2));
    expect_ok(on_keys(s->kit, STORE_BULK_DELETE, NS, keys, 2));
    expect_ok(put(s->kit, "other", &with_metadata));
    assert_asked(s, 0, "PUT " IN_NS "/values/a", "1");
    assert_asked(s, 1, "PUT " IN_NS "/values/b?expiration=9", "2");
    assert_asked(s, 2, "DELETE " IN_NS "/values/a", "");
    assert_asked(s, 3, "DELETE " IN_NS "/values/b%2Fc", "");
    assert_int_equal(n_asked(s), 5);
    hang_up(s);
}

/* ---- Asking: keys ---------------------------------------------------------------------------- */

static void keys_are_listed_with_prefix_and_cursor_percent_encoded(void **state)
{
    (void)state;
    struct service *s = serve(
        SAYS(OK_PAGE("[{\"name\":\"a\"},{\"name\":\"b\",\"expiration\":1800000000,\"metadata\":"
                     "{\"x\": [1, null]}}]",
                     "{\"count\":2,\"cursor\":\"c/1\"}"),
             OK_PAGE("[]", "{\"cursor\":\"\"}")));
    const struct answer *a = expect_ok(list_keys(s->kit, NS, TEXT(""), TEXT("")));
    assert_asked(s, 0, "GET " IN_NS "/keys?limit=1000", "");
    assert_int_equal(a->n_keys, 2);
    assert_bytes(a->keys[0].key, TEXT("a"));
    assert_int_equal(a->keys[0].expiration, 0);
    assert_null(a->keys[0].metadata.data);
    assert_int_equal(a->keys[1].expiration, 1800000000);
    assert_bytes(a->keys[1].metadata, TEXT("{\"x\":[1,null]}"));
    assert_bytes(a->cursor, TEXT("c/1"));

    expect_ok(list_keys(s->kit, NS, TEXT("ä &="), TEXT("c/1+=")));
    assert_asked(s, 1, "GET " IN_NS "/keys?limit=1000&prefix=%C3%A4%20%26%3D&cursor=c%2F1%2B%3D",
                 "");
    hang_up(s);
}

static void a_bulk_get_asks_for_texts_with_metadata(void **state)
{
    (void)state;
    const struct bytes keys[] = {TEXT("a"), TEXT("b\"/"), TEXT("c")};
    struct service *s = serve(
        SAYS(OK("{\"values\":{\"b\\\"/\":{\"value\":\"2\",\"metadata\":{\"m\":1},\"expiration\":9},"
                "\"a\":{\"value\":\"\",\"metadata\":null},\"c\":null}}")));
    const struct answer *a = expect_ok(on_keys(s->kit, STORE_BULK_GET, NS, keys, 3));
    assert_asked(s, 0, "POST " IN_NS "/bulk/get",
                 "{\"keys\":[\"a\",\"b\\\"/\",\"c\"],\"type\":\"text\",\"withMetadata\":true}");
    assert_int_equal(a->n_pairs, 2);
    assert_bytes(a->pairs[0].key, keys[1]);
    assert_bytes(a->pairs[0].metadata, TEXT("{\"m\":1}"));
    assert_int_equal(a->pairs[0].expiration, 9);
    assert_bytes(a->pairs[1].value, TEXT(""));
    assert_null(a->pairs[1].metadata.data);
    hang_up(s);
}

static void a_bulk_put_writes_bytes_as_base64_and_metadata_as_json(void **state)
{
    (void)state;
    static const struct store_pair pairs[] = {
        {.key = {"text", 4}, .value = {"a\"\n\0b", 5}},
        {.key = {"bytes", 5}, .value = {"\xff\xfe", 2}},
        {.key = {"empty", 5}, .value = {"", 0}, .expiration = 1800000000},
        {.key = {"all", 3},
         .value = {"v", 1},
         .metadata = {"{\"a\":1.50}", 10},
         .expiration = 1800000000,
         .expiration_ttl = 60},
    };
    struct service *s = serve(SAYS(OK("{\"successful_key_count\":4,\"unsuccessful_keys\":[]}")));
    expect_ok(put_many(s->kit, NS, pairs, N_OF(pairs)));
    assert_asked(s, 0, "PUT " IN_NS "/bulk",
                 "[{\"key\":\"text\",\"value\":\"a\\\"\\n\\u0000b\"},"
                 "{\"base64\":true,\"key\":\"bytes\",\"value\":\"//4=\"},"
                 "{\"expiration\":1800000000,\"key\":\"empty\",\"value\":\"\"},"
                 "{\"expiration_ttl\":60,\"key\":\"all\",\"metadata\":{\"a\":1.50},"
                 "\"value\":\"v\"}]");
    assert_int_equal(n_asked(s), 1);
    hang_up(s);
}

static void a_bulk_delete_posts_the_keys(void **state)
{
    (void)state;
    const struct bytes keys[] = {TEXT("a"), TEXT("b/c")};
    struct service *s = serve(SAYS(OK("null")));
    expect_ok(on_keys(s->kit, STORE_BULK_DELETE, NS, keys, 2));
    assert_asked(s, 0, "POST " IN_NS "/bulk/delete", "[\"a\",\"b/c\"]");
    hang_up(s);
}

/* ---- Asking: large values -------------------------------------------------------------------- */

#define MIB ((size_t)1024 * 1024)

static void a_value_of_a_mib_goes_by_itself_as_it_is(void **state)
{
    (void)state;
    char *big = calloc(1, MIB);
    const struct store_pair pairs[] = {*PAIR("a", "1"),
                                       {.key = TEXT("k/1"), .value = {big, MIB}},
                                       {.key = TEXT("small"), .value = {big, MIB - 1}},
                                       {.key = TEXT("k2"), .value = {big, MIB}, .expiration = 99},
                                       *PAIR("z", "2")};
    memset(big, 'x', MIB);
    struct service *s = serve(SAYS(OK("{}")));
    expect_ok(put_many(s->kit, NS, pairs, N_OF(pairs)));
    assert_asked(s, 0, "PUT " IN_NS "/bulk", "[{\"key\":\"a\",\"value\":\"1\"}]");
    assert_string_equal(line_of(s, 1), "PUT " IN_NS "/values/k%2F1");
    assert_true(asked_with(s, 1, "\r\nContent-Type: application/octet-stream\r\n"));
    assert_bytes(body_of(s, 1), pairs[1].value);
    assert_string_equal(line_of(s, 2), "PUT " IN_NS "/bulk");
    assert_string_equal(line_of(s, 3), "PUT " IN_NS "/values/k2?expiration=99");
    assert_asked(s, 4, "PUT " IN_NS "/bulk", "[{\"key\":\"z\",\"value\":\"2\"}]");
    assert_int_equal(n_asked(s), 5);
    hang_up(s);
    free(big);
}

static void a_large_value_with_metadata_goes_as_a_form(void **state)
{
    (void)state;
    char *big = calloc(1, MIB);
    const struct store_pair pair = {.key = TEXT("k"),
                                    .value = {big, MIB},
                                    .metadata = TEXT("{\"m\":1}"),
                                    .expiration = 5,
                                    .expiration_ttl = 60};
    memset(big, 0xff, MIB);
    struct service *s = serve(SAYS(OK("{}")));
    expect_ok(put(s->kit, NS, &pair));
    assert_string_equal(line_of(s, 0), "PUT " IN_NS "/values/k?expiration_ttl=60");
    assert_true(asked_with(s, 0, "\r\nContent-Type: multipart/form-data; boundary="));
    struct bytes body = body_of(s, 0);
    assert_non_null(memmem(body.data, body.len, big, MIB));
    assert_non_null(memmem(body.data, body.len, "name=\"value\"", 12));
    assert_non_null(memmem(body.data, body.len, "name=\"metadata\"", 15));
    assert_non_null(memmem(body.data, body.len, "\r\n\r\n{\"m\":1}\r\n", 13));
    hang_up(s);
    free(big);
}

/* ---- Refusals -------------------------------------------------------------------------------- */

static void a_refusal_says_what_was_asked_and_what_was_answered(void **state)
{
    (void)state;
    struct say no = NO(403, 10000, "Authentication error");
    no.headers = "CF-Ray: 8c1f00aa-AMS\r\n";
    struct service *s = serve(&no, 1);
    const struct answer *a = list_keys(s->kit, NS, TEXT("p"), TEXT(""));
    assert_failed_as(a, ERR_DENIED, "", "is the one meant");
    assert_string_equal(a->error.message,
                        "account " ACCOUNT " does not take the token of CLOUDFLARE_API_TOKEN: "
                        "GET " IN_NS "/keys?limit=1000&prefix=p: HTTP 403, code 10000: "
                        "Authentication error (cf-ray 8c1f00aa-AMS)");
    hang_up(s);
}

static void codes_have_a_meaning_and_a_hint(void **state)
{
    (void)state;
    static const struct {
        struct say say;
        enum error_code code;
        const char *hint;
    } cases[] = {
        {NO(400, 10014, "x"), ERR_EXISTS, ""},
        {NO(404, 10013, "x"), ERR_NOT_FOUND, "it was deleted, or is another account's"},
        {NO(400, 10011, "x"), ERR_FAILED, "32 hexadecimal digits"},
        {NO(400, 6003, "x"), ERR_FAILED, "quotation marks"},
        {NO(404, 10009, "x"), ERR_NOT_FOUND, ""},
        {NO(401, 10000, "x"), ERR_DENIED, "'Workers KV Storage: Edit'"},
        {NO(400, 9106, "x"), ERR_FAILED, "CLOUDFLARE_API_TOKEN"},
        {NO(400, 7003, "x"), ERR_FAILED, "check the account id"},
        {NO(429, 10048, "x"), ERR_FAILED, "00:00 UTC"},
        {NO(403, 10018, "x"), ERR_LIMIT, "1,000 namespaces"},
        {NO(403, 10037, "x"), ERR_DENIED, "lacks the permission"},
        {NO(413, 10024, "x"), ERR_LIMIT, ""},
        {NO(400, 10019, "x"), ERR_LIMIT, ""},
        {NO(200, 10013, "x"), ERR_NOT_FOUND, ""},
        {{.status = 403, .body = ""},
         ERR_DENIED,
         "that the token of CLOUDFLARE_API_TOKEN is active"},
        {{.status = 403, .body = ""}, ERR_DENIED, "CLOUDFLARE_ACCOUNT_ID"},
        {NO(403, 10000, "x"), ERR_DENIED, "CLOUDFLARE_ACCOUNT_ID"},
        {{.status = 404, .body = "no"}, ERR_FAILED, ""},
    };
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct service *s = serve(&cases[i].say, 1);
        assert_failed_as(on_namespace(s->kit, STORE_NAMESPACE_GET, NS, ""), cases[i].code,
                         "GET " IN_NS ": HTTP ", cases[i].hint);
        assert_int_equal(n_asked(s), 1);
        hang_up(s);
    }
}

static void a_firewalls_page_is_no_answer_and_not_asked_again(void **state)
{
    (void)state;
    struct service *s =
        serve(SAYS({.status = 503,
                    .headers = "CF-Mitigated: challenge\r\nRetry-After: 1\r\n",
                    .body = "<!DOCTYPE html><html><title>Just a moment...</title></html>"}));
    assert_failed_as(on_namespace(s->kit, STORE_NAMESPACE_GET, NS, ""), ERR_FAILED,
                     "GET " IN_NS ": HTTP 503: Just a moment...", "a firewall");
    assert_int_equal(n_asked(s), 1);
    hang_up(s);
}

static void an_empty_200_does_not_say_what_was_done_and_an_empty_204_does(void **state)
{
    (void)state;
    struct service *s = serve(SAYS(BODY(""), BODY(""), {.status = 204, .body = ""}));
    assert_failed_as(on_namespace(s->kit, STORE_NAMESPACE_DELETE, NS, ""), ERR_ANSWER,
                     "DELETE " IN_NS ": HTTP 200: the answer is empty", "");
    assert_failed_as(on_namespace(s->kit, STORE_NAMESPACE_RENAME, NS, "t"), ERR_ANSWER,
                     "PUT " IN_NS ": HTTP 200: the answer is empty", "");
    expect_ok(on_namespace(s->kit, STORE_NAMESPACE_DELETE, NS, ""));
    hang_up(s);
}

static void a_redirect_is_never_followed(void **state)
{
    (void)state;
    struct service *s = serve(SAYS({.status = 307, .headers = "Location: /client/v4/x\r\n"}));
    assert_failed_as(create(s->kit, "", "t"), ERR_FAILED, "POST " KV ": HTTP 307",
                     "redirects are not followed");
    assert_int_equal(n_asked(s), 1);
    hang_up(s);
}

static void a_gateways_page_is_shown_by_its_title_after_all_attempts(void **state)
{
    (void)state;
    struct service *s = serve_with(
        (struct cloudflare_options){.account_id = ACCOUNT, .http.max_attempts = 3},
        SAYS({.status = 502,
              .headers = "CF-Ray: 8c-AMS\r\n",
              .body = "<html><head><title>502 Bad\x1b[31m Gateway</title></head></html>"}));
    assert_failed_as(list_namespaces(s->kit, "", 1), ERR_FAILED,
                     ": HTTP 502: 502 Bad\\x1B[31m Gateway (cf-ray 8c-AMS)", "later");
    assert_int_equal(n_asked(s), 3);
    hang_up(s);
}

static void a_long_path_leaves_room_for_the_answer(void **state)
{
    (void)state;
    char key[512];
    memset(key, '/', sizeof key);
    struct say no = NO(403, 10037, "denied");
    no.headers = "CF-Ray: 8c-AMS\r\n";
    struct service *s = serve(&no, 1);
    const struct answer *a = list_keys(s->kit, NS, bytes_make(key, sizeof key), TEXT(""));
    assert_failed_as(a, ERR_DENIED, "HTTP 403, code 10037: denied (cf-ray 8c-AMS)", "permission");
    hang_up(s);
}

/* ---- Secrets --------------------------------------------------------------------------------- */

static void a_token_that_comes_back_is_not_shown(void **state)
{
    (void)state;
    static char long_text[] =
        "{\"errors\":[{\"code\":1,\"message\":\"0123456789012345678901234567890123456789"
        "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567"
        "890123456789012345678901234567890123456789012345678901234567890123456789012345678901234"
        "567890123456789012345678901 Bearer " TOKEN "\"}]}";
    static const struct say says[] = {
        NO(403, 10000, "bad token " TOKEN),
        NO(403, 10000, "bad token \\u00733cr3t-t0k3n-0123456789"),
        {.status = 400, .body = "{\"code\":1,\"error\":\"" TOKEN "\"}"},
        {.status = 403, .body = "<html><title>" TOKEN "</title>"},
        {.status = 403, .body = long_text},
        {.status = 403, .body = "{}", .headers = "CF-Ray: " TOKEN "\r\n"},
        BODY("{\"" TOKEN "\":}"),
        BODY(TOKEN),
        BODY("{\"success\":\"" TOKEN "\"}"),
        BODY("{\"success\":true,\"result\":{\"id\":\"" TOKEN " \",\"title\":\"\"}}"),
        BODY("{\"success\":true,\"result\":\"" TOKEN "\"}"),
    };
    for (size_t i = 0; i < N_OF(says); i++) {
        struct service *s = serve(&says[i], 1);
        const struct answer *a = on_namespace(s->kit, STORE_NAMESPACE_GET, NS, "");
        assert_failed_as(a,
                         says[i].status == 403 ? ERR_DENIED
                         : says[i].status      ? ERR_FAILED
                                               : ERR_ANSWER,
                         "GET " IN_NS, "");
        hang_up(s);
    }
}

/* ---- Listings that go on --------------------------------------------------------------------- */

/* A page of `n` namespaces, numbered from `first`. */
static char *numbered(struct kit *kit, size_t first, size_t n)
{
    struct buf b = {0};
    buf_add_str(&b, "{\"success\":true,\"result\":[");
    for (size_t i = 0; i < n; i++)
        buf_addf(&b, "%s{\"id\":\"%032zx\",\"title\":\"t%zu\"}", i ? "," : "", first + i,
                 first + i);
    buf_add_str(&b, "]}");
    char *text = arena_str(&kit->arena, b.data);
    buf_release(&b);
    return text;
}

static void without_a_total_a_full_page_may_be_followed_by_another(void **state)
{
    struct kit texts = {0};
    (void)state;
    struct service *s =
        serve(SAYS(BODY(numbered(&texts, 0, 1000)), BODY(numbered(&texts, 1000, 5)), OK("[]")));
    assert_true(expect_ok(list_namespaces(s->kit, "", 1))->total > 1000);
    assert_int_equal(expect_ok(list_namespaces(s->kit, "", 2))->total, 1005);
    assert_int_equal(expect_ok(list_namespaces(s->kit, "", 2))->total, 1000);
    hang_up(s);
    arena_release(&texts.arena);
}

static void a_total_below_what_was_seen_is_not_believed(void **state)
{
    (void)state;
    struct service *s =
        serve(SAYS(OK_PAGE("[" NAMESPACE(NS, "t") "]", "{\"total_count\":0}"),
                   OK_PAGE("[" NAMESPACE(ACCOUNT, "u") "]", "{\"total_count\":0}")));
    assert_int_equal(expect_ok(list_namespaces(s->kit, "", 1))->total, 1);
    assert_int_equal(expect_ok(list_namespaces(s->kit, "", 2))->total, 1001);
    hang_up(s);
}

static void an_empty_page_of_keys_may_have_a_cursor(void **state)
{
    (void)state;
    struct service *s = serve(SAYS(OK_PAGE("[]", "{\"count\":0,\"cursor\":\"more\"}")));
    const struct answer *a = expect_ok(list_keys(s->kit, NS, TEXT(""), TEXT("")));
    assert_int_equal(a->n_keys, 0);
    assert_bytes(a->cursor, TEXT("more"));
    hang_up(s);
}

static void a_listing_ends_without_a_cursor(void **state)
{
    (void)state;
    static const struct say says[] = {
        OK_PAGE("[]", "{\"cursor\":\"\"}"),
        OK_PAGE("[]", "{\"cursor\":null}"),
        OK_PAGE("[]", "{}"),
        OK_PAGE("[]", "null"),
        OK("[]"),
    };
    for (size_t i = 0; i < N_OF(says); i++) {
        struct service *s = serve(&says[i], 1);
        assert_int_equal(expect_ok(list_keys(s->kit, NS, TEXT(""), TEXT("c")))->cursor.len, 0);
        hang_up(s);
    }
}

static void a_listing_that_answers_its_own_cursor_would_never_end(void **state)
{
    (void)state;
    struct service *s = serve(SAYS(OK_PAGE("[]", "{\"cursor\":\"c\"}")));
    assert_failed_as(list_keys(s->kit, NS, TEXT(""), TEXT("c")), ERR_ANSWER, "cursor", "");
    hang_up(s);
}

/* ---- Main ------------------------------------------------------------------------------------ */

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(namespaces_are_listed_in_full_pages),
        cmocka_unit_test(an_operation_may_name_its_account),
        cmocka_unit_test(a_namespace_is_got_renamed_and_deleted_by_its_id),
        cmocka_unit_test(a_create_posts_the_title_and_takes_the_id_that_comes),
        cmocka_unit_test(a_create_posts_what_the_namespace_is_made_with),
        cmocka_unit_test(an_instant_namespace_is_written_key_by_key),
        cmocka_unit_test(keys_are_listed_with_prefix_and_cursor_percent_encoded),
        cmocka_unit_test(a_bulk_get_asks_for_texts_with_metadata),
        cmocka_unit_test(a_bulk_put_writes_bytes_as_base64_and_metadata_as_json),
        cmocka_unit_test(a_bulk_delete_posts_the_keys),
        cmocka_unit_test(a_value_of_a_mib_goes_by_itself_as_it_is),
        cmocka_unit_test(a_large_value_with_metadata_goes_as_a_form),
        cmocka_unit_test(a_refusal_says_what_was_asked_and_what_was_answered),
        cmocka_unit_test(codes_have_a_meaning_and_a_hint),
        cmocka_unit_test(a_firewalls_page_is_no_answer_and_not_asked_again),
        cmocka_unit_test(an_empty_200_does_not_say_what_was_done_and_an_empty_204_does),
        cmocka_unit_test(a_redirect_is_never_followed),
        cmocka_unit_test(a_gateways_page_is_shown_by_its_title_after_all_attempts),
        cmocka_unit_test(a_long_path_leaves_room_for_the_answer),
        cmocka_unit_test(a_token_that_comes_back_is_not_shown),
        cmocka_unit_test(without_a_total_a_full_page_may_be_followed_by_another),
        cmocka_unit_test(a_total_below_what_was_seen_is_not_believed),
        cmocka_unit_test(an_empty_page_of_keys_may_have_a_cursor),
        cmocka_unit_test(a_listing_ends_without_a_cursor),
        cmocka_unit_test(a_listing_that_answers_its_own_cursor_would_never_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
