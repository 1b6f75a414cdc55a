/* Every endpoint of the emulator, over HTTP. */
#include "test_serve_kit.h"

#define FORM "Authorization: Bearer t\r\nContent-Type: multipart/form-data; boundary=xyz\r\n"

static int setup(void **state)
{
    *state = serve(NULL);
    return 0;
}

static int teardown(void **state)
{
    end(*state);
    return 0;
}

/* ---- The head -------------------------------------------------------------------------------- */

static void every_answer_has_a_ray_and_the_rate(void **state)
{
    struct kit *kit = *state;
    struct answer *a = ask(kit, "GET", KV, NULL);
    assert_ok(a);
    assert_int_equal(strlen(header_of(a, "cf-ray")), 20);
    assert_string_equal(header_of(a, "Ratelimit"), "\"default\";r=1200;t=300");
    assert_string_equal(header_of(a, "Ratelimit-Policy"), "\"default\";q=1200;w=300");
    assert_string_equal(header_of(a, "Content-Type"), "application/json");
    assert_null(header_of(a, "Retry-After"));
}

static void nobody_gets_in_without_a_credential_or_from_elsewhere(void **state)
{
    struct kit *kit = *state;
    assert_fails(ask_with(kit, "GET", KV, "", TEXT("")), 400, 9106);
    assert_ok(ask_with(kit, "GET", KV, "X-Auth-Email: a@b\r\nX-Auth-Key: k\r\n", TEXT("")));
    assert_fails(ask_with(kit, "GET", KV, BEARER "Origin: https://x.example\r\n", TEXT("")), 403,
                 1020);
    assert_ok(ask_with(kit, "GET", KV, BEARER "Origin: http://localhost:5173\r\n", TEXT("")));
    assert_fails(ask_raw(kit,
                         "GET " KV " HTTP/1.1\r\nHost: x.example\r\n" BEARER
                         "Connection: close\r\n\r\n",
                         TEXT("")),
                 403, 1003);
}

static void things_are_judged_in_the_order_of_the_service(void **state)
{
    struct kit *kit = *state;
    assert_fails(ask(kit, "GET", "/client/v4/accounts/zz/storage/kv/namespaces/zz", NULL), 400,
                 7003);
    assert_fails(ask(kit, "GET", KV "/zz/keys?limit=1", NULL), 400, 10011);
    assert_fails(ask(kit, "GET", KV "/" OTHER "/keys?limit=1", NULL), 404, 10013);
    assert_fails(ask(kit, "GET", in_ns(kit, "/keys?limit=1"), NULL), 400, 10028);
    assert_fails(ask(kit, "GET", KV "/zz/values/%2e", NULL), 400, 10011);
    assert_fails(ask(kit, "GET", KV "/" OTHER "/values/%2e", NULL), 404, 10013);
    assert_fails(ask(kit, "GET", in_ns(kit, "/values/%2e"), NULL), 400, 10042);
    assert_fails(ask(kit, "GET", "/client/v4/zones", NULL), 404, 7003);
    assert_has(ask(kit, "GET", "/client/v4/zones", NULL), "\"code\":7000");
    assert_fails(ask(kit, "POST", in_ns(kit, "/keys"), NULL), 405, 10405);
    assert_fails(ask(kit, "DELETE", KV "/", NULL), 405, 10405);
    assert_fails(ask(kit, "PATCH", in_ns(kit, ""), NULL), 405, 7001);
    assert_int_equal(ask(kit, "HEAD", in_ns(kit, ""), NULL)->status, 405);
}

/* ---- Namespaces ------------------------------------------------------------------------------ */

static void a_namespace_is_created_read_renamed_and_deleted(void **state)
{
    struct kit *kit = *state;
    struct answer *a = ask(kit, "POST", KV, "{\"title\":\"gr\\u00fcn \\\"x\\\"\"}");
    assert_ok(a);
    assert_has(a, "\"title\":\"gr\xc3\xbcn \\\"x\\\"\",\"supports_url_encoding\":true");
    assert_fails(ask(kit, "POST", KV, "{\"title\":\"first\"}"), 400, 10014);
    assert_has(ask(kit, "GET", in_ns(kit, ""), NULL), "\"title\":\"first\"");
    assert_fails(ask(kit, "PUT", in_ns(kit, ""), "{\"title\":\"gr\xc3\xbcn \\\"x\\\"\"}"), 400,
                 10014);
    a = ask(kit, "PUT", in_ns(kit, ""), "{\"title\":\"renamed\"}");
    assert_ok(a);
    assert_has(a, kit->ns);
    assert_has(a, "\"title\":\"renamed\"");
    assert_ok(ask(kit, "PUT", in_ns(kit, ""), "{\"title\":\"renamed\"}"));
    a = ask(kit, "DELETE", in_ns(kit, ""), NULL);
    assert_ok(a);
    assert_has(a, "\"result\":{}");
    assert_fails(ask(kit, "GET", in_ns(kit, ""), NULL), 404, 10013);
    assert_fails(ask(kit, "PUT", in_ns(kit, ""), "{\"title\":\"x\"}"), 404, 10013);
    assert_fails(ask(kit, "DELETE", in_ns(kit, ""), NULL), 404, 10013);
}

static void a_title_is_a_text(void **state)
{
    struct kit *kit = *state;
    assert_fails(ask(kit, "POST", KV, "{}"), 400, 10019);
    assert_fails(ask(kit, "POST", KV, "{\"title\":\"\"}"), 400, 10019);
    assert_fails(ask(kit, "POST", KV, "{\"title\":null}"), 400, 10019);
    assert_fails(ask(kit, "POST", KV, "{\"title\":5}"), 400, 10010);
    assert_fails(ask(kit, "POST", KV, "[]"), 400, 10010);
    assert_fails(ask(kit, "POST", KV, "{\"title\":"), 400, 10010);
    assert_fails(ask(kit, "POST", KV, ""), 400, 10010);
}

static void a_jurisdiction_is_remembered(void **state)
{
    struct kit *kit = *state;
    assert_has(ask(kit, "POST", KV, "{\"title\":\"eu\",\"jurisdiction\":\"eu\"}"),
               "\"jurisdiction\":\"eu\"");
    assert_has(ask(kit, "GET", KV, NULL), "\"jurisdiction\":\"eu\"");
    assert_fails(ask(kit, "POST", KV, "{\"title\":\"xx\",\"jurisdiction\":\"xx\"}"), 400, 10010);
}

static void an_instant_namespace_takes_small_keys_one_by_one(void **state)
{
    struct kit *kit = *state;
    struct bytes form =
        TEXT("--xyz\r\nContent-Disposition: form-data; name=\"value\"\r\n\r\nv\r\n"
             "--xyz\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n1\r\n"
             "--xyz--\r\n");
    char key[302] = "";
    assert_fails(ask(kit, "POST", KV, "{\"title\":\"x\",\"mode\":\"fast\"}"), 400, 10010);
    assert_fails(
        ask(kit, "POST", KV, "{\"title\":\"x\",\"mode\":\"instant\",\"jurisdiction\":\"eu\"}"), 400,
        10010);
    struct answer *a = ask(kit, "POST", KV, "{\"title\":\"x\",\"mode\":\"instant\"}");
    assert_has(a, "\"mode\":\"instant\"");
    memcpy(kit->ns, strstr(a->body, "\"id\":\"") + 6, 32);
    memset(key, 'k', 301);
    assert_has(ask(kit, "GET", KV, NULL), "\"mode\":\"instant\"");
    assert_ok(ask(kit, "PUT", in_ns(kit, "/values/k"), "v"));
    assert_ok(ask(kit, "DELETE", in_ns(kit, "/values/k"), NULL));
    assert_fails(ask_with(kit, "PUT", in_ns(kit, "/values/k"), FORM, form), 413, 10047);
    assert_fails(ask(kit, "PUT", in_ns(kit, arena_printf(&kit->arena, "/values/%s", key)), "v"),
                 414, 10030);
    assert_fails(ask(kit, "PUT", in_ns(kit, "/bulk"), "[{\"key\":\"a\",\"value\":\"b\"}]"), 400,
                 10012);
    assert_fails(ask(kit, "POST", in_ns(kit, "/bulk/delete"), "[\"a\"]"), 400, 10012);
}

static void namespaces_are_listed_by_pages_in_an_order(void **state)
{
    struct kit *kit = *state;
    for (char c = 'a'; c < 'e'; c++)
        assert_ok(ask(kit, "POST", KV, arena_printf(&kit->arena, "{\"title\":\"%c\"}", c)));
    struct answer *a = ask(kit, "GET", KV "?per_page=2&page=2&order=title&direction=desc", NULL);
    assert_ok(a);
    assert_has(a, "\"title\":\"c\",\"supports_url_encoding\":true},{");
    assert_has(a, "\"title\":\"b\"");
    assert_has(a, "\"result_info\":{\"page\":2,\"per_page\":2,\"count\":2,\"total_count\":5,"
                  "\"total_pages\":3}");
    a = ask(kit, "GET", KV "?page=4&per_page=2", NULL);
    assert_has(a, "\"result\":[]");
    assert_has(a, "\"total_count\":5");
    assert_has(ask(kit, "GET", KV "?page=1000000&per_page=1000", NULL), "\"result\":[]");
    assert_fails(ask(kit, "GET", KV "?page=0", NULL), 400, 10007);
    assert_fails(ask(kit, "GET", KV "?per_page=1001", NULL), 400, 10008);
    assert_fails(ask(kit, "GET", KV "?per_page=x", NULL), 400, 10008);
    assert_fails(ask(kit, "GET", KV "?order=size", NULL), 400, 10043);
    assert_fails(ask(kit, "GET", KV "?direction=up", NULL), 400, 10044);
}

static void each_account_has_its_own_namespaces(void **state)
{
    struct kit *kit = *state;
    struct answer *a = ask(kit, "GET", "/client/v4/accounts/" OTHER "/storage/kv/namespaces", NULL);
    assert_has(a, "\"result\":[]");
    a = ask(kit, "GET",
            arena_printf(&kit->arena, "/client/v4/accounts/" OTHER "/storage/kv/namespaces/%s",
                         kit->ns),
            NULL);
    assert_fails(a, 404, 10013);
}

/* ---- One key --------------------------------------------------------------------------------- */

static void a_value_is_any_bytes_under_any_key(void **state)
{
    struct kit *kit = *state;
    const char *path = in_ns(kit, "/values/a%2Fb%20%25%3f%C3%A9%2e");
    struct bytes value = TEXT("\0\xff\r\n{\"success\":false}");
    struct answer *a = ask_with(kit, "PUT", path, BEARER, value);
    assert_ok(a);
    assert_has(a, "\"result\":{}");
    a = ask(kit, "GET", path, NULL);
    assert_int_equal(a->status, 200);
    assert_bytes(bytes_make(a->body, a->len), value);
    assert_string_equal(header_of(a, "Content-Type"), "application/octet-stream");
    assert_null(header_of(a, "expiration"));
    assert_has(ask(kit, "GET", in_ns(kit, "/keys"), NULL), "\"name\":\"a/b %?\xc3\xa9.\"");
    assert_ok(ask(kit, "DELETE", path, NULL));
    assert_fails(ask(kit, "GET", path, NULL), 404, 10009);
    assert_ok(ask(kit, "DELETE", path, NULL));
    assert_ok(ask(kit, "PUT", path, NULL));
    assert_int_equal(ask(kit, "GET", path, NULL)->len, 0);
}

static void a_put_replaces_value_expiry_and_metadata(void **state)
{
    struct kit *kit = *state;
    struct bytes form = TEXT("--xyz\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n"
                             "{\"a\": 1}\r\n--xyz\r\nContent-Disposition: form-data; "
                             "name=\"value\"; filename=\"blob\"\r\n\r\nform\r\n--xyz--\r\n");
    assert_ok(ask_with(kit, "PUT", in_ns(kit, "/values/k?expiration_ttl=100"), FORM, form));
    struct answer *a = ask(kit, "GET", in_ns(kit, "/values/k"), NULL);
    assert_bytes(bytes_make(a->body, a->len), TEXT("form"));
    assert_string_equal(header_of(a, "expiration"), "1700000100");
    assert_has(ask(kit, "GET", in_ns(kit, "/metadata/k"), NULL), "\"result\":{\"a\":1}");
    assert_has(ask(kit, "GET", in_ns(kit, "/keys"), NULL),
               "{\"name\":\"k\",\"expiration\":1700000100,\"metadata\":{\"a\":1}}");
    assert_ok(ask(kit, "PUT", in_ns(kit, "/values/k?expiration=&expiration_ttl="), "raw"));
    assert_null(header_of(ask(kit, "GET", in_ns(kit, "/values/k"), NULL), "expiration"));
    assert_has(ask(kit, "GET", in_ns(kit, "/metadata/k"), NULL), "\"result\":null");
    assert_fails(ask(kit, "GET", in_ns(kit, "/metadata/none"), NULL), 404, 10009);
}

static void a_put_beyond_a_limit_is_refused_and_changes_nothing(void **state)
{
    struct kit *kit = *state;
    char *big = arena_alloc(&kit->arena, 26214401, 1);
    char *key = arena_alloc(&kit->arena, 600, 1);
    assert_true(big && key);
    assert_ok(ask(kit, "PUT", in_ns(kit, "/values/k"), "old"));
    assert_fails(ask(kit, "PUT", in_ns(kit, "/values/k?expiration_ttl=59"), "v"), 400, 10034);
    assert_fails(ask(kit, "PUT", in_ns(kit, "/values/k?expiration=1700000059"), "v"), 400, 10033);
    assert_fails(ask_with(kit, "PUT", in_ns(kit, "/values/k"), BEARER, bytes_make(big, 26214401)),
                 413, 10024);
    assert_value(kit, "k", "old");
    assert_ok(ask_with(kit, "PUT", in_ns(kit, "/values/k"), BEARER, bytes_make(big, 26214400)));
    assert_int_equal(ask(kit, "GET", in_ns(kit, "/values/k"), NULL)->len, 26214400);
    memset(key, 'k', 513);
    assert_fails(
        ask(kit, "PUT", arena_printf(&kit->arena, "%s/values/%s", in_ns(kit, ""), key), "v"), 414,
        10030);
    assert_fails(ask(kit, "PUT", in_ns(kit, "/values/%2e"), "v"), 400, 10042);
    assert_fails(ask(kit, "PUT", in_ns(kit, "/values/%zz"), "v"), 400, 10042);
    assert_fails(ask(kit, "PUT", in_ns(kit, "/values/%ff"), "v"), 400, 10042);
}

static void a_form_is_whole_and_its_metadata_json(void **state)
{
    struct kit *kit = *state;
    const char *path = in_ns(kit, "/values/k");
#define PART(name, data)                                                                           \
    "--xyz\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n" data "\r\n"
    assert_fails(ask_with(kit, "PUT", path, FORM, TEXT(PART("metadata", "1") "--xyz--")), 400,
                 10012);
    assert_fails(ask_with(kit, "PUT", path, FORM, TEXT(PART("value", "v"))), 400, 10012);
    assert_fails(
        ask_with(kit, "PUT", path, FORM, TEXT(PART("value", "v") PART("metadata", "{") "--xyz--")),
        400, 10147);
    assert_no_value(kit, "k");
}

static void an_empty_key_gets_an_answer_without_a_code(void **state)
{
    struct kit *kit = *state;
    struct answer *a = ask(kit, "GET", in_ns(kit, "/values/"), NULL);
    assert_int_equal(a->status, 404);
    assert_has(a, "\"errors\":[]");
}

/* ---- Listing --------------------------------------------------------------------------------- */

static void put_many(struct kit *kit, int n)
{
    struct buf body = {0};
    buf_add_char(&body, '[');
    for (int i = 0; i < n; i++)
        buf_addf(&body, "%s{\"key\":\"k%04d\",\"value\":\"v\"}", i > 0 ? "," : "", i);
    buf_add_char(&body, ']');
    assert_ok(ask_with(kit, "PUT", in_ns(kit, "/bulk"), BEARER, buf_bytes(&body)));
    buf_release(&body);
}

static const char *cursor_of(struct kit *kit, const struct answer *a)
{
    const char *at = strstr(a->body, "\"cursor\":\"");
    assert_non_null(at);
    at += strlen("\"cursor\":\"");
    return arena_printf(&kit->arena, "%.*s", (int)strcspn(at, "\""), at);
}

static size_t count_names(const struct answer *a)
{
    size_t n = 0;
    for (const char *at = a->body; (at = strstr(at, "\"name\":")) != NULL; at++)
        n++;
    return n;
}

/* Pages to the end; the keys must come once each, in order. */
static size_t walk(struct kit *kit, const char *query, int *pages)
{
    const char *cursor = "", *last = "";
    size_t total = 0;
    *pages = 0;
    do {
        const char *path =
            in_ns(kit, arena_printf(&kit->arena, "/keys?cursor=%s&%s", cursor, query));
        struct answer *a = ask(kit, "GET", path, NULL);
        assert_ok(a);
        for (const char *at = a->body; (at = strstr(at, "\"name\":\"")) != NULL;) {
            at += strlen("\"name\":\"");
            const char *name = arena_printf(&kit->arena, "%.*s", (int)strcspn(at, "\""), at);
            assert_true(strcmp(name, last) > 0);
            last = name;
        }
        total += count_names(a);
        cursor = cursor_of(kit, a);
        ++*pages;
    } while (*cursor);
    return total;
}

static void keys_come_in_pages_each_once_and_in_order(void **state)
{
    struct kit *kit = *state;
    int pages;
    put_many(kit, 2500);
    assert_int_equal(walk(kit, "", &pages), 2500);
    assert_int_equal(pages, 3);
    assert_int_equal(walk(kit, "limit=700", &pages), 2500);
    assert_int_equal(pages, 4);
    assert_int_equal(walk(kit, "limit=10&prefix=k00", &pages), 100);
    assert_int_equal(pages, 10);
    assert_int_equal(walk(kit, "prefix=k1", &pages), 1000);
    assert_int_equal(pages, 1);
    assert_int_equal(walk(kit, "prefix=x", &pages), 0);
}

static void a_listing_has_bounds_and_only_our_cursors(void **state)
{
    struct kit *kit = *state;
    assert_fails(ask(kit, "GET", in_ns(kit, "/keys?limit=9"), NULL), 400, 10028);
    assert_fails(ask(kit, "GET", in_ns(kit, "/keys?limit=1001"), NULL), 400, 10028);
    assert_fails(ask(kit, "GET", in_ns(kit, "/keys?limit=+50"), NULL), 400, 10028);
    assert_fails(ask(kit, "GET", in_ns(kit, "/keys?cursor=AAAA"), NULL), 400, 10041);
    assert_fails(ask(kit, "GET", in_ns(kit, "/keys?cursor=not-base64"), NULL), 400, 10041);
    assert_has(ask(kit, "GET", in_ns(kit, "/keys?limit=10"), NULL),
               "\"result_info\":{\"count\":0,\"cursor\":\"\"}");
}

/* ---- Bulk ------------------------------------------------------------------------------------ */

static void a_bulk_put_takes_every_kind_of_pair(void **state)
{
    struct kit *kit = *state;
    struct answer *a =
        ask(kit, "PUT", in_ns(kit, "/bulk"),
            "[{\"key\":\"a\",\"value\":\"\\u0000x\",\"metadata\" : {\"m\": [1, {\"key\":2}]} ,"
            "\"expiration_ttl\":60.0,\"expiration\":1},"
            "{\"value\":\"AP8=\",\"base64\":true,\"key\":\"b\",\"unknown\":{\"key\":[1]}},"
            "{\"key\":\"c\",\"value\":\"\",\"expiration\":1700000500,\"metadata\":null},"
            "{\"key\":\"d\",\"value\":\"last\"},{\"key\":\"d\",\"value\":\"last\"}]");
    assert_ok(a);
    assert_has(a, "{\"successful_key_count\":4,\"unsuccessful_keys\":[]}");
    assert_has(ask(kit, "GET", in_ns(kit, "/keys"), NULL),
               "[{\"name\":\"a\",\"expiration\":1700000060,\"metadata\":{\"m\":[1,{\"key\":2}]}},"
               "{\"name\":\"b\"},{\"name\":\"c\",\"expiration\":1700000500},{\"name\":\"d\"}]");
    a = ask(kit, "GET", in_ns(kit, "/values/a"), NULL);
    assert_bytes(bytes_make(a->body, a->len), TEXT("\0x"));
    a = ask(kit, "GET", in_ns(kit, "/values/b"), NULL);
    assert_bytes(bytes_make(a->body, a->len), TEXT("\0\xff"));
    assert_value(kit, "d", "last");
    assert_ok(ask(kit, "PUT", in_ns(kit, "/bulk"), "[]"));
}

static void one_bad_pair_refuses_the_whole_bulk(void **state)
{
    struct kit *kit = *state;
    static const struct {
        const char *pair;
        int status, code;
    } table[] = {
        {"{\"key\":\"k\"}", 400, 10012},
        {"{\"value\":\"v\"}", 400, 10012},
        {"{\"key\":\"k\",\"value\":5}", 400, 10012},
        {"{\"key\":\"k\",\"value\":null}", 400, 10012},
        {"{\"key\":[\"k\"],\"value\":\"v\"}", 400, 10012},
        {"{\"key\":\"k\",\"value\":\"v\",\"base64\":\"yes\"}", 400, 10012},
        {"{\"key\":\"k\",\"value\":\"v!\",\"base64\":true}", 400, 10012},
        {"{\"key\":\"k\",\"value\":\"v\",\"expiration\":\"soon\"}", 400, 10012},
        {"{\"key\":\"\",\"value\":\"v\"}", 400, 10042},
        {"{\"key\":\"..\",\"value\":\"v\"}", 400, 10042},
        {"{\"key\":\"k\",\"value\":\"v\",\"expiration_ttl\":59}", 400, 10034},
        {"{\"key\":\"k\",\"value\":\"v\",\"expiration_ttl\":60.5}", 400, 10034},
        {"{\"key\":\"k\",\"value\":\"v\",\"expiration\":1700000001}", 400, 10033},
        {"\"k\"", 400, 10012},
        {"[]", 400, 10012},
        {"7", 400, 10012},
    };
    for (size_t i = 0; i < N_OF(table); i++) {
        const char *body =
            arena_printf(&kit->arena, "[{\"key\":\"good\",\"value\":\"v\"},%s]", table[i].pair);
        assert_fails(ask(kit, "PUT", in_ns(kit, "/bulk"), body), table[i].status, table[i].code);
    }
    assert_fails(ask(kit, "PUT", in_ns(kit, "/bulk"), "{\"key\":\"k\",\"value\":\"v\"}"), 400,
                 10012);
    assert_fails(ask(kit, "PUT", in_ns(kit, "/bulk"), "[{\"key\":\"k\",\"value\":\"v\"}"), 400,
                 10012);
    assert_no_value(kit, "good");
}

/* A JSON array of n times `item`. */
static struct bytes repeated(struct kit *kit, const char *item, size_t n)
{
    struct buf body = {0};
    for (size_t i = 0; i < n; i++)
        buf_addf(&body, "%c%s", i > 0 ? ',' : '[', item);
    buf_add_char(&body, ']');
    struct bytes copy = arena_copy(&kit->arena, buf_bytes(&body));
    buf_release(&body);
    return copy;
}

static void a_key_may_come_twice_in_a_bulk_only_with_the_same_data(void **state)
{
    struct kit *kit = *state;
    struct answer *a = ask(kit, "PUT", in_ns(kit, "/bulk"),
                           "[{\"key\":\"k\",\"value\":\"v\"},{\"key\":\"l\",\"value\":\"v\"},"
                           "{\"value\":\"v\",\"key\":\"k\"}]");
    assert_has(a, "{\"successful_key_count\":2,\"unsuccessful_keys\":[]}");
    a = ask(kit, "PUT", in_ns(kit, "/bulk"),
            "[{\"key\":\"k\",\"value\":\"w\"},{\"key\":\"k\",\"value\":\"x\"}]");
    assert_fails(a, 400, 10012);
    assert_has(a, "pair 2: its key is given twice, with other data");
    a = ask(kit, "PUT", in_ns(kit, "/bulk"),
            "[{\"key\":\"k\",\"value\":\"w\"},{\"key\":\"k\",\"value\":\"w\",\"metadata\":1}]");
    assert_fails(a, 400, 10012);
    assert_value(kit, "k", "v");
}

static void bulks_have_their_sizes(void **state)
{
    struct kit *kit = *state;
    const char *pair = "{\"key\":\"k\",\"value\":\"v\"}";
    assert_ok(ask_with(kit, "PUT", in_ns(kit, "/bulk"), BEARER, repeated(kit, pair, 10000)));
    assert_fails(ask_with(kit, "PUT", in_ns(kit, "/bulk"), BEARER, repeated(kit, pair, 10001)), 400,
                 10012);
    assert_ok(ask_with(kit, "DELETE", in_ns(kit, "/bulk"), BEARER, repeated(kit, "\"x\"", 10000)));
    assert_fails(
        ask_with(kit, "POST", in_ns(kit, "/bulk/delete"), BEARER, repeated(kit, "\"x\"", 10001)),
        400, 10012);
    assert_value(kit, "k", "v");
}

static void a_bulk_delete_has_two_forms(void **state)
{
    struct kit *kit = *state;
    put_many(kit, 3);
    struct answer *a = ask(kit, "POST", in_ns(kit, "/bulk/delete"), "[\"k0000\",\"never there\"]");
    assert_ok(a);
    assert_has(a, "{\"successful_key_count\":2,\"unsuccessful_keys\":[]}");
    assert_ok(ask(kit, "DELETE", in_ns(kit, "/bulk"), "[\"k0001\"]"));
    assert_no_value(kit, "k0000");
    assert_no_value(kit, "k0001");
    assert_value(kit, "k0002", "v");
    assert_ok(ask(kit, "POST", in_ns(kit, "/bulk/delete"), "[]"));
    assert_fails(ask(kit, "POST", in_ns(kit, "/bulk/delete"), "{\"keys\":[]}"), 400, 10012);
    assert_fails(ask(kit, "POST", in_ns(kit, "/bulk/delete"), "[1]"), 400, 10012);
    assert_fails(ask(kit, "POST", in_ns(kit, "/bulk/delete"), "[[\"k0002\"]]"), 400, 10012);
    assert_value(kit, "k0002", "v");
}

static void a_bulk_get_shows_values_as_text_or_json(void **state)
{
    struct kit *kit = *state;
    const char *path = in_ns(kit, "/bulk/get");
    assert_ok(ask(kit, "PUT", in_ns(kit, "/bulk"),
                  "[{\"key\":\"j\",\"value\":\" {\\\"a\\\":1}\",\"metadata\":[1],"
                  "\"expiration_ttl\":60},{\"key\":\"t\",\"value\":\"text\"},"
                  "{\"key\":\"b\",\"value\":\"/w==\",\"base64\":true}]"));
    struct answer *a = ask(kit, "POST", path, "{\"keys\":[\"t\",\"none\",\"j\",\"t\"]}");
    assert_ok(a);
    assert_has(a, "{\"values\":{\"t\":\"text\",\"none\":null,\"j\":\" {\\\"a\\\":1}\"}}");
    a = ask(kit, "POST", path, "{\"type\":\"json\",\"withMetadata\":true,\"keys\":[\"j\",\"x\"]}");
    assert_has(a, "{\"j\":{\"value\": {\"a\":1},\"metadata\":[1],\"expiration\":1700000060},"
                  "\"x\":null}");
    assert_has(ask(kit, "POST", path, "{\"keys\":[\"t\"],\"withMetadata\":true,\"type\":\"text\"}"),
               "{\"t\":{\"value\":\"text\",\"metadata\":null}}");
    assert_fails(ask(kit, "POST", path, "{\"keys\":[\"t\",\"b\"]}"), 400, 10029);
    assert_fails(ask(kit, "POST", path, "{\"keys\":[\"t\"],\"type\":\"json\"}"), 400, 10029);
}

static void a_bulk_get_is_for_1_to_100_keys(void **state)
{
    struct kit *kit = *state;
    const char *path = in_ns(kit, "/bulk/get");
    struct bytes hundred = repeated(kit, "\"k\"", 100), more = repeated(kit, "\"k\"", 101);
    assert_ok(ask(kit, "POST", path, arena_printf(&kit->arena, "{\"keys\":%s}", hundred.data)));
    assert_fails(ask(kit, "POST", path, arena_printf(&kit->arena, "{\"keys\":%s}", more.data)), 400,
                 10029);
    assert_fails(ask(kit, "POST", path, "{\"keys\":[]}"), 400, 10029);
    assert_fails(ask(kit, "POST", path, "{}"), 400, 10029);
    assert_fails(ask(kit, "POST", path, "{\"keys\":[\"k\"],\"type\":\"xml\"}"), 400, 10029);
    assert_fails(ask(kit, "POST", path, "[\"k\"]"), 400, 10012);
    assert_fails(ask(kit, "POST", path, "{\"keys\":\"k\"}"), 400, 10012);
    assert_fails(ask(kit, "POST", path, "{\"keys\":[5]}"), 400, 10012);
}

static void a_bulk_get_adds_up_to_25_mib(void **state)
{
    struct kit *kit = *state;
    char *half = arena_alloc(&kit->arena, 14000001, 1);
    assert_non_null(half);
    memset(half, 'v', 14000000);
    assert_ok(ask(kit, "PUT", in_ns(kit, "/values/a"), half));
    assert_ok(ask(kit, "PUT", in_ns(kit, "/values/b"), half));
    assert_ok(ask(kit, "POST", in_ns(kit, "/bulk/get"), "{\"keys\":[\"a\"]}"));
    assert_fails(ask(kit, "POST", in_ns(kit, "/bulk/get"), "{\"keys\":[\"a\",\"b\"]}"), 413, 10024);
}

static void a_body_over_100_mb_is_refused_by_the_gateway(void **state)
{
    struct kit *kit = *state;
    char *head = arena_printf(&kit->arena,
                              "PUT %s HTTP/1.1\r\nHost: localhost:%u\r\nConnection: close\r\n"
                              "Expect: 100-continue\r\nContent-Length: 100000001\r\n" BEARER "\r\n",
                              in_ns(kit, "/bulk"), kit->port);
    struct answer *a = ask_raw(kit, head, TEXT(""));
    assert_int_equal(a->status, 413);
    assert_false(has(a, "success"));
    assert_non_null(header_of(a, "cf-ray"));
}

static void a_chunked_body_is_taken(void **state)
{
    struct kit *kit = *state;
    char *head = arena_printf(&kit->arena,
                              "PUT %s HTTP/1.1\r\nHost: localhost:%u\r\nConnection: close\r\n"
                              "Transfer-Encoding: chunked\r\n" BEARER "\r\n",
                              in_ns(kit, "/values/k"), kit->port);
    assert_ok(ask_raw(kit, head, TEXT("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")));
    assert_value(kit, "k", "abcde");
}

/* ---- Accounts and metrics -------------------------------------------------------------------- */

static void a_client_finds_out_who_it_is(void **state)
{
    struct kit *kit = *state;
    struct answer *a = ask(kit, "GET", "/client/v4/user/tokens/verify", NULL);
    assert_ok(a);
    assert_has(a, "\"status\":\"active\"");
    assert_has(a, "\"messages\":[{\"code\":10000,");
    assert_ok(ask(kit, "GET", "/client/v4/accounts/" ACCOUNT "/tokens/verify", NULL));
    a = ask(kit, "GET", "/client/v4/accounts", NULL);
    assert_has(a, "\"result\":[{\"id\":\"" ACCOUNT "\"");
    assert_has(a, "\"total_count\":1");
    assert_has(ask(kit, "GET", "/client/v4/accounts/" OTHER, NULL), "\"id\":\"" OTHER "\"");
    assert_has(ask(kit, "GET", "/client/v4/memberships?page=1", NULL),
               "\"account\":{\"id\":\"" ACCOUNT "\"");
    assert_has(ask(kit, "GET", "/client/v4/user", NULL), "\"email\":");
    assert_fails(ask(kit, "GET", "/client/v4/accounts?per_page=4", NULL), 400, 10008);
    assert_fails(ask_with(kit, "GET", "/client/v4/user/tokens/verify",
                          "X-Auth-Email: a@b\r\nX-Auth-Key: k\r\n", TEXT("")),
                 401, 1000);
}

#define QUERY(text) "{\"query\":\"" text "\",\"variables\":{\"a\":\"" ACCOUNT "\"}}"

static void operations_are_counted(void **state)
{
    struct kit *kit = *state;
    put_many(kit, 5);
    assert_value(kit, "k0001", "v");
    assert_no_value(kit, "none");
    assert_ok(ask(kit, "POST", in_ns(kit, "/bulk/get"), "{\"keys\":[\"k0001\",\"k0002\"]}"));
    assert_ok(ask(kit, "GET", in_ns(kit, "/keys"), NULL));
    assert_ok(ask(kit, "DELETE", in_ns(kit, "/bulk"), "[\"k0001\",\"k0002\"]"));
    struct answer *a =
        ask(kit, "POST", "/client/v4/graphql",
            QUERY("query($a:String!){viewer{accounts(filter:{accountTag:$a}){"
                  "kvOperationsAdaptiveGroups(limit:10000,filter:{date_geq:\\\"2023-11-14\\\","
                  "date_leq:\\\"2023-11-14\\\"},orderBy:[date_DESC]){sum{requests} "
                  "dimensions{date actionType}}}}}"));
    assert_int_equal(a->status, 200);
#define GROUP(n, action)                                                                           \
    "{\"sum\":{\"requests\":" n                                                                    \
    "},\"dimensions\":{\"date\":\"2023-11-14\",\"actionType\":\"" action "\"}}"
    assert_has(
        a, "{\"data\":{\"viewer\":{\"accounts\":[{\"kvOperationsAdaptiveGroups\":[" GROUP(
               "2",
               "delete") "," GROUP("1",
                                   "list") "," GROUP("4",
                                                     "read") "," GROUP("5",
                                                                       "write") "]}]}},\"errors\":"
                                                                                "null}");
}

static void storage_is_measured_and_filters_hold(void **state)
{
    struct kit *kit = *state;
    put_many(kit, 250);
    struct answer *a =
        ask(kit, "POST", "/client/v4/graphql",
            QUERY("query($a:String!){viewer{accounts(filter:{accountTag:$a}){"
                  "all:kvStorageAdaptiveGroups(limit:10){max{keyCount byteCount}}"
                  "none:kvStorageAdaptiveGroups(limit:10,filter:{date_leq:\\\"2020-01-01\\\"})"
                  "{max{keyCount}}"
                  "writes:kvOperationsAdaptiveGroups(filter:{actionType:\\\"write\\\"})"
                  "{sum{requests}}}}}"));
    assert_has(a, "\"all\":[{\"max\":{\"keyCount\":250,\"byteCount\":1500}}]");
    assert_has(a, "\"none\":[]");
    assert_has(a, "\"writes\":[{\"sum\":{\"requests\":250}}]");
}

static void a_bad_query_is_an_error_of_graphql(void **state)
{
    struct kit *kit = *state;
    static const char *const bad[] = {
        QUERY("{viewer{zones{x}}}"),
        QUERY("{viewer{accounts{kvOperationsAdaptiveGroups{sum{requests}}}}}"),
        QUERY("{viewer{accounts(filter:{accountTag:$a}){r2Storage{sum{requests}}}}}"),
        QUERY("{viewer{accounts(filter:{accountTag:$a}){kvOperationsAdaptiveGroups{sum{x}}}}}"),
        QUERY("{viewer{accounts(filter:{accountTag:$missing}){kvStorageAdaptiveGroups{max{x}}}}}"),
        QUERY("mutation{x}"),
        QUERY("{viewer"),
        "{}",
        "nothing"};
    for (size_t i = 0; i < N_OF(bad); i++) {
        struct answer *a = ask(kit, "POST", "/client/v4/graphql", bad[i]);
        assert_int_equal(a->status, 200);
        assert_has(a, "{\"data\":null,\"errors\":[{\"message\":\"");
    }
}

/* ---- The log --------------------------------------------------------------------------------- */

static void a_request_is_a_line_of_the_log_without_its_secrets(void **state)
{
    struct kit *kit = *state;
    ask_with(kit, "PUT", in_ns(kit, "/values/k?expiration_ttl=1"),
             "Authorization: Bearer s3cr3t\r\n", TEXT("v4lu3"));
    const char *log = log_of(kit);
    assert_non_null(strstr(log, "\"method\":\"PUT\""));
    assert_non_null(strstr(log, "\"endpoint\":\"value_put\",\"credential\":\"bearer\","
                                "\"status\":400,\"code\":10034,"));
    assert_null(strstr(log, "s3cr3t"));
    assert_null(strstr(log, "v4lu3"));
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(every_answer_has_a_ray_and_the_rate),
        test(nobody_gets_in_without_a_credential_or_from_elsewhere),
        test(things_are_judged_in_the_order_of_the_service),
        test(a_namespace_is_created_read_renamed_and_deleted),
        test(a_title_is_a_text),
        test(a_jurisdiction_is_remembered),
        test(an_instant_namespace_takes_small_keys_one_by_one),
        test(namespaces_are_listed_by_pages_in_an_order),
        test(each_account_has_its_own_namespaces),
        test(a_value_is_any_bytes_under_any_key),
        test(a_put_replaces_value_expiry_and_metadata),
        test(a_put_beyond_a_limit_is_refused_and_changes_nothing),
        test(a_form_is_whole_and_its_metadata_json),
        test(an_empty_key_gets_an_answer_without_a_code),
        test(keys_come_in_pages_each_once_and_in_order),
        test(a_listing_has_bounds_and_only_our_cursors),
        test(a_bulk_put_takes_every_kind_of_pair),
        test(one_bad_pair_refuses_the_whole_bulk),
        test(a_key_may_come_twice_in_a_bulk_only_with_the_same_data),
        test(bulks_have_their_sizes),
        test(a_bulk_delete_has_two_forms),
        test(a_bulk_get_shows_values_as_text_or_json),
        test(a_bulk_get_is_for_1_to_100_keys),
        test(a_bulk_get_adds_up_to_25_mib),
        test(a_body_over_100_mb_is_refused_by_the_gateway),
        test(a_chunked_body_is_taken),
        test(a_client_finds_out_who_it_is),
        test(operations_are_counted),
        test(storage_is_measured_and_filters_hold),
        test(a_bad_query_is_an_error_of_graphql),
        test(a_request_is_a_line_of_the_log_without_its_secrets),
    };
    return cmocka_run_group_tests_name("serve/endpoints", tests, NULL, NULL);
}
