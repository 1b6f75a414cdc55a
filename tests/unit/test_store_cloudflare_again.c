/* The cloudflare store when something goes wrong on the way: answers that are lost, namespaces that
 * are not known yet, requests that are too much, keys that were left out. */
#include "test_cloudflare_kit.h"

#define PAGE(items) OK_PAGE("[" items "]", "{\"total_count\":1}")
#define LISTING     "GET " KV "?page=1&per_page=1000&order=id&direction=asc"

#define BUSY                                                                                       \
    {                                                                                              \
        .status = 500                                                                              \
    }

static void assert_lines(struct service *s, const char *const *lines, size_t n)
{
    for (size_t i = 0; i < n && i < n_asked(s); i++)
        assert_string_equal(line_of(s, i), lines[i]);
    assert_int_equal(n_asked(s), n);
}

#define ASSERT_LINES(s, ...)                                                                       \
    assert_lines(s, (const char *const[]){__VA_ARGS__},                                            \
                 sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

#define OTHER_NS "fedcba9876543210fedcba9876543210"

/* ---- Creates whose answer is lost ------------------------------------------------------------ */

static void a_create_whose_answer_is_lost_is_found_by_its_title(void **state)
{
    (void)state;
    static const struct say lost[] = {LOST, BUSY, BODY("{\"success\":true,"), BODY(""),
                                      OK("{\"title\":\"shop\"}")};
    for (size_t i = 0; i < N_OF(lost); i++) {
        struct service *s =
            serve(SAYS(lost[i], PAGE(NAMESPACE(OTHER_NS, "Shop") "," NAMESPACE(NS, "shop"))));
        const struct answer *a = expect_ok(create(s->kit, "", "shop"));
        assert_bytes(a->namespaces[0].id, TEXT(NS));
        ASSERT_LINES(s, "POST " KV, LISTING);
        hang_up(s);
    }
}

static void a_create_that_left_nothing_is_made_again(void **state)
{
    (void)state;
    struct service *s = serve(SAYS(LOST, OK("[]"), OK(NAMESPACE(NS, "shop"))));
    assert_bytes(expect_ok(create(s->kit, "", "shop"))->namespaces[0].id, TEXT(NS));
    ASSERT_LINES(s, "POST " KV, LISTING, "POST " KV);
    hang_up(s);
}

static void a_create_is_made_three_times_at_most(void **state)
{
    (void)state;
    struct service *s = serve(SAYS(LOST, OK("[]"), LOST, OK("[]"), BUSY, OK("[]")));
    assert_failed_as(create(s->kit, "", "shop"), ERR_FAILED, "POST " KV ": HTTP 500", "");
    ASSERT_LINES(s, "POST " KV, LISTING, "POST " KV, LISTING, "POST " KV, LISTING);
    hang_up(s);
}

static void a_create_that_the_listing_did_not_show_yet_is_found_when_its_title_is_taken(
    void **state)
{
    (void)state;
    struct service *s =
        serve(SAYS(LOST, OK("[]"), NO(400, 10014, "taken"), PAGE(NAMESPACE(NS, "shop"))));
    assert_bytes(expect_ok(create(s->kit, "", "shop"))->namespaces[0].id, TEXT(NS));
    ASSERT_LINES(s, "POST " KV, LISTING, "POST " KV, LISTING);
    hang_up(s);
}

static void a_create_that_is_refused_at_once_is_not_looked_for(void **state)
{
    (void)state;
    struct service *s = serve(SAYS(NO(400, 10014, "taken")));
    assert_failed_as(create(s->kit, "", "shop"), ERR_EXISTS, "taken", "");
    ASSERT_LINES(s, "POST " KV);
    hang_up(s);
}

static void a_limit_on_requests_is_waited_for_and_leaves_no_doubt(void **state)
{
    (void)state;
    struct service *s =
        serve(SAYS({.status = 429, .headers = "Retry-After: 1\r\n"},
                   {.status = 503, .headers = "Retry-After: 1\r\n"}, OK(NAMESPACE(NS, "shop"))));
    expect_ok(create(s->kit, "", "shop"));
    ASSERT_LINES(s, "POST " KV, "POST " KV, "POST " KV);
    hang_up(s);
}

static void a_lost_create_is_looked_for_on_every_page(void **state)
{
    (void)state;
    struct buf full = {0};
    buf_add_str(&full, "{\"success\":true,\"result\":[");
    for (int i = 0; i < 1000; i++)
        buf_addf(&full, "%s{\"id\":\"%032x\",\"title\":\"t%d\"}", i ? "," : "", (unsigned)i, i);
    buf_add_str(&full, "]}");
    struct service *s = serve(SAYS(LOST, BODY(full.data), PAGE(NAMESPACE(NS, "shop"))));
    assert_bytes(expect_ok(create(s->kit, "", "shop"))->namespaces[0].id, TEXT(NS));
    ASSERT_LINES(s, "POST " KV, LISTING, "GET " KV "?page=2&per_page=1000&order=id&direction=asc");
    hang_up(s);
    buf_release(&full);
}

static void a_lost_create_that_cannot_be_looked_for_may_have_been_done(void **state)
{
    (void)state;
    struct service *s = serve(SAYS(LOST, NO(403, 10000, "no")));
    assert_failed_as(create(s->kit, "", "shop"), ERR_FAILED, "POST " KV ": ",
                     "it may have been done");
    ASSERT_LINES(s, "POST " KV, LISTING);
    hang_up(s);
}

/* ---- Renames and deletes whose answer is lost ------------------------------------------------ */

static void a_rename_that_is_refused_after_a_lost_answer_asks_the_namespace(void **state)
{
    (void)state;
    struct service *s =
        serve(SAYS(LOST, NO(400, 10014, "taken"), OK(NAMESPACE(NS, "new")), LOST,
                   NO(400, 10014, "taken"), OK(NAMESPACE(NS, "old")), NO(400, 10014, "taken")));
    expect_ok(on_namespace(s->kit, STORE_NAMESPACE_RENAME, NS, "new"));
    assert_failed_as(on_namespace(s->kit, STORE_NAMESPACE_RENAME, NS, "new"), ERR_EXISTS,
                     "PUT " IN_NS ": HTTP 400, code 10014: taken", "");
    assert_failed_as(on_namespace(s->kit, STORE_NAMESPACE_RENAME, NS, "new"), ERR_EXISTS,
                     "PUT " IN_NS, "");
    ASSERT_LINES(s, "PUT " IN_NS, "PUT " IN_NS, "GET " IN_NS, "PUT " IN_NS, "PUT " IN_NS,
                 "GET " IN_NS, "PUT " IN_NS);
    hang_up(s);
}

static void a_namespace_that_is_gone_after_a_lost_answer_was_deleted(void **state)
{
    (void)state;
    struct service *s = serve(
        SAYS(LOST, NO(404, 10013, "not found"), BUSY, NO(404, 10013, ""), NO(404, 10013, "")));
    expect_ok(on_namespace(s->kit, STORE_NAMESPACE_DELETE, NS, ""));
    expect_ok(on_namespace(s->kit, STORE_NAMESPACE_DELETE, NS, ""));
    assert_failed_as(on_namespace(s->kit, STORE_NAMESPACE_DELETE, NS, ""), ERR_NOT_FOUND, "10013",
                     "");
    assert_int_equal(n_asked(s), 5);
    hang_up(s);
}

/* ---- Namespaces that were just created ------------------------------------------------------- */

static void a_namespace_of_ours_that_is_not_known_yet_is_asked_again(void **state)
{
    (void)state;
    struct bytes key = TEXT("k");
    struct say unknown = NO(404, 10013, "namespace not found");
    struct service *s = serve(SAYS(OK(NAMESPACE(NS, "t")), unknown, unknown, OK(NAMESPACE(NS, "t")),
                                   unknown, OK("[]"), unknown, OK("null"), unknown, OK("null"),
                                   unknown, OK("{\"values\":{}}"), unknown, OK("null")));
    expect_ok(create(s->kit, "", "t"));
    expect_ok(on_namespace(s->kit, STORE_NAMESPACE_GET, NS, ""));
    assert_int_equal(n_asked(s), 4);
    expect_ok(list_keys(s->kit, NS, TEXT(""), TEXT("")));
    expect_ok(put(s->kit, NS, PAIR("k", "v")));
    expect_ok(delete_key(s->kit, NS, key));
    expect_ok(get(s->kit, NS, key));
    expect_ok(on_namespace(s->kit, STORE_NAMESPACE_RENAME, NS, "new"));
    assert_int_equal(n_asked(s), 14);
    hang_up(s);
}

static void waiting_for_a_namespace_of_ours_has_an_end(void **state)
{
    (void)state;
    struct service *s = serve(SAYS(OK(NAMESPACE(NS, "t")), NO(404, 10013, "no")));
    expect_ok(create(s->kit, "", "t"));
    assert_failed_as(put(s->kit, NS, PAIR("k", "v")), ERR_NOT_FOUND, "10013", "");
    assert_in_range(n_asked(s), 3, 10);
    hang_up(s);
}

static void a_namespace_of_others_is_asked_once(void **state)
{
    (void)state;
    struct service *s = serve(
        SAYS(OK(NAMESPACE(OTHER_NS, "t")), NO(404, 10013, "no"), NO(404, 10025, "no such path")));
    expect_ok(create(s->kit, "", "t"));
    assert_failed_as(list_keys(s->kit, NS, TEXT(""), TEXT("")), ERR_NOT_FOUND, "10013", "");
    assert_failed_as(list_keys(s->kit, OTHER_NS, TEXT(""), TEXT("")), ERR_FAILED, "10025", "");
    assert_int_equal(n_asked(s), 3);
    hang_up(s);
}

static void a_namespace_of_ours_that_is_gone_after_a_lost_delete_was_deleted(void **state)
{
    (void)state;
    struct service *s = serve(SAYS(OK(NAMESPACE(NS, "t")), LOST, NO(404, 10013, "no")));
    expect_ok(create(s->kit, "", "t"));
    expect_ok(on_namespace(s->kit, STORE_NAMESPACE_DELETE, NS, ""));
    assert_int_equal(n_asked(s), 3);
    hang_up(s);
}

static void what_is_lost_while_a_namespace_is_waited_for_is_remembered(void **state)
{
    (void)state;
    struct service *s = serve(SAYS(OK(NAMESPACE(NS, "t")), LOST, NO(404, 10013, "no"),
                                   NO(400, 10014, "taken"), OK(NAMESPACE(NS, "new"))));
    expect_ok(create(s->kit, "", "t"));
    expect_ok(on_namespace(s->kit, STORE_NAMESPACE_RENAME, NS, "new"));
    assert_int_equal(n_asked(s), 5);
    hang_up(s);
}

/* ---- Too much at once ------------------------------------------------------------------------ */

static const struct store_pair eight[] = {
    {.key = {"0", 1}, .value = {"vvvvvvvv", 8}}, {.key = {"1", 1}, .value = {"vvvvvvvv", 8}},
    {.key = {"2", 1}, .value = {"vvvvvvvv", 8}}, {.key = {"3", 1}, .value = {"vvvvvvvv", 8}},
    {.key = {"4", 1}, .value = {"vvvvvvvv", 8}}, {.key = {"5", 1}, .value = {"vvvvvvvv", 8}},
    {.key = {"6", 1}, .value = {"vvvvvvvv", 8}}, {.key = {"7", 1}, .value = {"vvvvvvvv", 8}},
};

static const struct bytes eight_keys[] = {{"0", 1}, {"1", 1}, {"2", 1}, {"3", 1},
                                          {"4", 1}, {"5", 1}, {"6", 1}, {"7", 1}};

/* The keys a request names, in its order: "012". */
static const char *keys_in(struct service *s, size_t i)
{
    struct buf keys = {0};
    struct bytes body = body_of(s, i);
    for (size_t k = 0; k + 2 < body.len; k++)
        if (body.data[k] == '"' && body.data[k + 1] < ':' && body.data[k + 2] == '"' &&
            body.data[k + 1] >= '0')
            buf_add_char(&keys, body.data[k + 1]);
    const char *text = arena_str(&s->kit->arena, keys.data ? keys.data : "");
    buf_release(&keys);
    return text;
}

static void assert_keys(struct service *s, const char *const *keys, size_t n)
{
    assert_int_equal(n_asked(s), n);
    for (size_t i = 0; i < n; i++)
        assert_string_equal(keys_in(s, i), keys[i]);
}

#define ASSERT_KEYS(s, ...)                                                                        \
    assert_keys(s, (const char *const[]){__VA_ARGS__},                                             \
                sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static void a_put_of_too_many_bytes_goes_in_halves_from_then_on(void **state)
{
    (void)state;
    struct service *s = serve(SAYS({.status = 413}, OK("null")));
    expect_ok(put_many(s->kit, NS, eight, 8));
    expect_ok(put_many(s->kit, NS, eight, 8));
    ASSERT_KEYS(s, "01234567", "0123", "4567", "0123", "4567");
    hang_up(s);
}

static void a_put_that_takes_too_long_goes_in_halves_from_then_on(void **state)
{
    (void)state;
    struct service *s = serve(SAYS({.status = 524}, {.status = 524}, OK("null")));
    expect_ok(put_many(s->kit, NS, eight, 8));
    expect_ok(put_many(s->kit, NS, eight, 3));
    ASSERT_KEYS(s, "01234567", "0123", "01", "23", "45", "67", "01", "2");
    hang_up(s);
}

static void one_pair_that_takes_too_long_is_sent_again(void **state)
{
    (void)state;
    struct service *s = serve(SAYS({.status = 524}, {.status = 524}, OK("null")));
    expect_ok(put(s->kit, NS, PAIR("k", "v")));
    assert_int_equal(n_asked(s), 3);
    hang_up(s);
}

static void one_pair_of_too_many_bytes_is_refused(void **state)
{
    (void)state;
    struct service *s = serve(SAYS({.status = 413}));
    assert_failed_as(put(s->kit, NS, PAIR("k", "v")), ERR_LIMIT, "HTTP 413", "");
    assert_int_equal(n_asked(s), 1);
    hang_up(s);
}

static void deletes_are_halved_by_their_count(void **state)
{
    (void)state;
    struct service *s = serve(SAYS({.status = 524}, NO(400, 10024, "too large"), OK("null")));
    expect_ok(on_keys(s->kit, STORE_BULK_DELETE, NS, eight_keys, 8));
    expect_ok(on_keys(s->kit, STORE_BULK_DELETE, NS, eight_keys, 3));
    ASSERT_KEYS(s, "01234567", "0123", "01", "23", "45", "67", "01", "2");
    hang_up(s);
}

static void a_key_is_put_once_with_its_last_value(void **state)
{
    (void)state;
    const struct store_pair pairs[] = {*PAIR("a", "1"), *PAIR("b", "2"), *PAIR("a", "3")};
    struct service *s = serve(SAYS(OK("null")));
    expect_ok(put_many(s->kit, NS, pairs, 3));
    assert_asked(s, 0, "PUT " IN_NS "/bulk",
                 "[{\"key\":\"b\",\"value\":\"2\"},{\"key\":\"a\",\"value\":\"3\"}]");
    hang_up(s);
}

/* ---- Keys that were left out ----------------------------------------------------------------- */

#define LEFT_OUT(keys) OK("{\"successful_key_count\":1,\"unsuccessful_keys\":[" keys "]}")

static double seconds(const struct service *s, size_t a, size_t b, unsigned unit_ms)
{
    return (double)(s->server.seen[b].at_ms - s->server.seen[a].at_ms) / unit_ms;
}

static void keys_that_were_left_out_are_sent_again_after_a_second(void **state)
{
    (void)state;
    struct service *s =
        serve_with((struct cloudflare_options){.account_id = ACCOUNT, .http.wait_unit_ms = 50},
                   SAYS(LEFT_OUT("\"6\",\"1\""), LEFT_OUT("\"1\""), LEFT_OUT("")));
    const struct answer *a = expect_ok(put_many(s->kit, NS, eight, 8));
    assert_int_equal(a->n_failed, 0);
    ASSERT_KEYS(s, "01234567", "61", "1");
    assert_true(seconds(s, 0, 1, 50) >= 0.9);
    assert_true(seconds(s, 1, 2, 50) >= 1.9);
    hang_up(s);
}

static void keys_that_are_left_out_four_times_have_failed(void **state)
{
    (void)state;
    struct service *s = serve(SAYS(LEFT_OUT("\"1\",\"2\",\"3\""), LEFT_OUT("\"2\",\"3\""),
                                   LEFT_OUT("\"3\",\"2\""), LEFT_OUT("\"3\",\"2\"")));
    const struct answer *a = expect_ok(on_keys(s->kit, STORE_BULK_DELETE, NS, eight_keys, 8));
    assert_int_equal(a->n_failed, 2);
    assert_bytes(a->failed[0], TEXT("3"));
    assert_bytes(a->failed[1], TEXT("2"));
    ASSERT_KEYS(s, "01234567", "123", "23", "32");
    hang_up(s);
}

static void what_nobody_sent_was_not_left_out(void **state)
{
    (void)state;
    struct service *s =
        serve(SAYS(LEFT_OUT("\"foreign\",\"1\",\"1\",\"\",\"1\""), LEFT_OUT("\"0\",\"foreign\"")));
    const struct answer *a = expect_ok(put_many(s->kit, NS, eight, 2));
    assert_int_equal(a->n_failed, 0);
    ASSERT_KEYS(s, "01", "1");
    hang_up(s);
}

static void keys_left_out_of_several_requests_go_again_together(void **state)
{
    (void)state;
    struct service *s =
        serve(SAYS({.status = 524}, LEFT_OUT("\"1\""), LEFT_OUT("\"4\",\"7\""), LEFT_OUT("")));
    expect_ok(put_many(s->kit, NS, eight, 8));
    ASSERT_KEYS(s, "01234567", "0123", "4567", "147");
    hang_up(s);
}

/* ---- Bulk gets that are refused -------------------------------------------------------------- */

#define NOT_TEXT    NO(400, 10029, "At least one of the requested keys is a non-text value")
#define VALUE(k, v) "\"" k "\":{\"value\":\"" v "\",\"metadata\":null}"

static void a_value_that_is_no_text_is_read_by_itself(void **state)
{
    (void)state;
    const struct bytes keys[] = {TEXT("a"), TEXT("b/"), TEXT("c")};
    struct service *s =
        serve(SAYS(NOT_TEXT, OK("{\"values\":{" VALUE("a", "1") "}}"), NOT_TEXT,
                   {.body = "\xff\0\xfe", .len = 3, .headers = "Expiration: 1800000000\r\n"},
                   OK("{\"m\":[1]}"), OK("{\"values\":{" VALUE("c", "3") "}}")));
    const struct answer *a = expect_ok(on_keys(s->kit, STORE_BULK_GET, NS, keys, 3));
    ASSERT_LINES(s, "POST " IN_NS "/bulk/get", "POST " IN_NS "/bulk/get", "POST " IN_NS "/bulk/get",
                 "GET " IN_NS "/values/b%2F", "GET " IN_NS "/metadata/b%2F",
                 "POST " IN_NS "/bulk/get");
    assert_int_equal(a->n_pairs, 3);
    assert_bytes(a->pairs[1].key, TEXT("b/"));
    assert_bytes(a->pairs[1].value, TEXT("\xff\0\xfe"));
    assert_bytes(a->pairs[1].metadata, TEXT("{\"m\":[1]}"));
    assert_int_equal(a->pairs[1].expiration, 1800000000);
    assert_bytes(a->pairs[2].value, TEXT("3"));
    hang_up(s);
}

/* Whoever wants no metadata of a single key asks for nothing but its bytes. */
static void a_value_alone_is_read_by_itself_at_once(void **state)
{
    (void)state;
    const struct bytes keys[] = {TEXT("b/")};
    const struct {
        struct say says[1];
        size_t pairs;
    } cases[] = {{{BODY("{\"success\":false}")}, 1}, {{NO(404, 10009, "key not found")}, 0}};
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct service *s = serve(cases[i].says, 1);
        struct store_op op = {.kind = STORE_BULK_GET,
                              .id = TEXT(NS),
                              .keys = keys,
                              .n = 1,
                              .values_only = true,
                              .singly = true};
        const struct answer *a = expect_ok(run_op(s->kit, &op));
        ASSERT_LINES(s, "GET " IN_NS "/values/b%2F");
        assert_int_equal(a->n_pairs, cases[i].pairs);
        if (a->n_pairs > 0)
            assert_bytes(a->pairs[0].value, TEXT("{\"success\":false}"));
        hang_up(s);
    }
}

static void values_that_are_too_much_together_are_read_in_halves(void **state)
{
    (void)state;
    const struct bytes keys[] = {TEXT("a"), TEXT("b")};
    struct service *s = serve(SAYS({.status = 413}, OK("{\"values\":{" VALUE("a", "1") "}}"),
                                   {.status = 413}, BODY("{\"success\":false}"), OK("null")));
    const struct answer *a = expect_ok(on_keys(s->kit, STORE_BULK_GET, NS, keys, 2));
    assert_int_equal(a->n_pairs, 2);
    assert_bytes(a->pairs[1].value, TEXT("{\"success\":false}"));
    assert_null(a->pairs[1].metadata.data);
    hang_up(s);
}

static void an_answer_that_says_it_is_endless_is_asked_in_halves(void **state)
{
    (void)state;
    const struct bytes keys[] = {TEXT("a"), TEXT("b")};
    static const struct reply script[] = {
        {.text = "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n{", .then = THEN_CLOSE}};
    struct service *s = serve(SAYS(OK("{}")));
    s->server.script = script;
    assert_failed_as(on_keys(s->kit, STORE_BULK_GET, NS, keys, 2), ERR_LIMIT,
                     "GET " IN_NS "/values/a: ", "");
    ASSERT_LINES(s, "POST " IN_NS "/bulk/get", "POST " IN_NS "/bulk/get", "GET " IN_NS "/values/a");
    hang_up(s);
}

static void a_value_that_expires_meanwhile_is_absent(void **state)
{
    (void)state;
    static const struct say says[][3] = {
        {NOT_TEXT, NO(404, 10009, "key not found"), OK("0")},
        {NOT_TEXT, BODY("v"), NO(404, 10009, "key not found")},
    };
    for (size_t i = 0; i < N_OF(says); i++) {
        struct service *s = serve(says[i], 3);
        assert_int_equal(expect_ok(get(s->kit, NS, TEXT("k")))->n_pairs, 0);
        hang_up(s);
    }
}

static void a_namespace_that_goes_meanwhile_is_an_error(void **state)
{
    (void)state;
    static const struct say says[][3] = {
        {NOT_TEXT, NO(404, 10013, "namespace not found"), OK("0")},
        {NOT_TEXT, BODY("v"), NO(404, 10013, "namespace not found")},
        {NOT_TEXT, {.status = 404, .body = "<html>"}, OK("0")},
        {NOT_TEXT, BODY("v"), {.status = 404, .body = "<html>"}},
    };
    for (size_t i = 0; i < N_OF(says); i++) {
        struct service *s = serve(says[i], 3);
        assert_failed_as(get(s->kit, NS, TEXT("k")), i < 2 ? ERR_NOT_FOUND : ERR_FAILED, "HTTP 404",
                         "");
        hang_up(s);
    }
}

static void a_pair_that_was_not_asked_for_is_refused(void **state)
{
    (void)state;
    static const struct say says[] = {
        OK("{\"values\":{" VALUE("foreign", "1") "}}"),
        OK("{\"values\":{" VALUE("k", "1") "," VALUE("k", "2") "}}"),
    };
    for (size_t i = 0; i < N_OF(says); i++) {
        struct service *s = serve(&says[i], 1);
        assert_failed_as(get(s->kit, NS, TEXT("k")), ERR_ANSWER,
                         "POST " IN_NS "/bulk/get: HTTP 200: ", "CLOUDFLARE_API_BASE_URL");
        hang_up(s);
    }
}

/* ---- Hostile answers ------------------------------------------------------------------------- */

static void answers_that_are_none_are_refused(void **state)
{
    (void)state;
    static char deep[2 * 100000];
    static const struct say says[] = {
        BODY(deep),
        BODY(""),
        BODY("[]"),
        BODY("<html><title>hi</title></html>"),
        BODY("{\"success\":1,\"result\":[]}"),
        BODY("{\"success\":true,\"success\":true,\"result\":[]}"),
        BODY("{\"success\":true,\"result\":[],\"result\":[]}"),
        BODY("{\"success\":true,\"result\":[{\"name\":\"\xff\"}]}"),
        OK("{}"),
        OK("[1]"),
        OK("[{}]"),
        OK("[{\"name\":1}]"),
        OK("[{\"name\":\"a\",\"name\":\"b\"}]"),
        OK("[{\"name\":\"a\",\"expiration\":\"b\"}]"),
        OK("[{\"name\":\"a\",\"expiration\":-1}]"),
        OK_PAGE("[]", "{\"cursor\":1}"),
        OK_PAGE("[]", "{\"cursor\":\"a\",\"cursor\":\"b\"}"),
    };
    memset(deep, '[', 100000);
    memset(deep + 100000, ']', 99999);
    for (size_t i = 0; i < N_OF(says); i++) {
        struct service *s = serve(&says[i], 1);
        assert_failed_as(list_keys(s->kit, NS, TEXT(""), TEXT("")), ERR_ANSWER,
                         "GET " IN_NS "/keys?limit=1000: HTTP 200: ", "");
        assert_int_equal(n_asked(s), 1);
        hang_up(s);
    }
}

static void results_of_other_types_are_refused_by_every_kind(void **state)
{
    (void)state;
    static const struct say namespaces[] = {OK("[{\"id\":\"" NS "\"}]"),
                                            OK("[{\"id\":\"" NS "\",\"title\":1}]"),
                                            OK("[{\"id\":\"a b\",\"title\":\"t\"}]"),
                                            OK_PAGE("[]", "{\"total_count\":-1}"), OK("null")};
    static const struct say bulks[] = {OK("[]"), OK("1"), OK("{\"unsuccessful_keys\":{}}"),
                                       OK("{\"unsuccessful_keys\":[1]}"),
                                       OK("{\"unsuccessful_keys\":[],\"unsuccessful_keys\":[]}")};
    static const struct say values[] = {
        OK("null"),
        OK("{}"),
        OK("{\"values\":[]}"),
        OK("{\"values\":{\"k\":\"v\"}}"),
        OK("{\"values\":{\"k\":{\"value\":1}}}"),
        OK("{\"values\":{\"k\":{}}}"),
        BODY("{\"result\":{\"values\":{\"x\":null}},\"success\":\"yes\"}"),
    };
    for (size_t i = 0; i < N_OF(namespaces); i++) {
        struct service *s = serve(&namespaces[i], 1);
        assert_failed_as(list_namespaces(s->kit, "", 1), ERR_ANSWER, "HTTP 200: ", "");
        hang_up(s);
    }
    for (size_t i = 0; i < N_OF(bulks); i++) {
        struct service *s = serve(&bulks[i], 1);
        assert_failed_as(put(s->kit, NS, PAIR("k", "v")), ERR_ANSWER, "/bulk: HTTP 200: ", "");
        assert_failed_as(delete_key(s->kit, NS, TEXT("k")), ERR_ANSWER, "HTTP 200: ", "");
        hang_up(s);
    }
    for (size_t i = 0; i < N_OF(values); i++) {
        struct service *s = serve(&values[i], 1);
        assert_failed_as(get(s->kit, NS, TEXT("k")), ERR_ANSWER, "HTTP 200: ", "");
        hang_up(s);
    }
}

static void an_answer_without_end_is_not_read(void **state)
{
    (void)state;
    static const struct reply script[] = {
        {.text = "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n{", .then = THEN_HANG}};
    struct service *s = serve(SAYS(OK("{}")));
    s->server.script = script;
    assert_failed_as(list_namespaces(s->kit, "", 1), ERR_LIMIT, "longer than", "");
    hang_up(s);
}

/* ---- Main ------------------------------------------------------------------------------------ */

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_create_whose_answer_is_lost_is_found_by_its_title),
        cmocka_unit_test(a_create_that_left_nothing_is_made_again),
        cmocka_unit_test(a_create_is_made_three_times_at_most),
        cmocka_unit_test(
            a_create_that_the_listing_did_not_show_yet_is_found_when_its_title_is_taken),
        cmocka_unit_test(a_create_that_is_refused_at_once_is_not_looked_for),
        cmocka_unit_test(a_limit_on_requests_is_waited_for_and_leaves_no_doubt),
        cmocka_unit_test(a_lost_create_is_looked_for_on_every_page),
        cmocka_unit_test(a_lost_create_that_cannot_be_looked_for_may_have_been_done),
        cmocka_unit_test(a_rename_that_is_refused_after_a_lost_answer_asks_the_namespace),
        cmocka_unit_test(a_namespace_that_is_gone_after_a_lost_answer_was_deleted),
        cmocka_unit_test(a_namespace_of_ours_that_is_not_known_yet_is_asked_again),
        cmocka_unit_test(waiting_for_a_namespace_of_ours_has_an_end),
        cmocka_unit_test(a_namespace_of_others_is_asked_once),
        cmocka_unit_test(a_namespace_of_ours_that_is_gone_after_a_lost_delete_was_deleted),
        cmocka_unit_test(what_is_lost_while_a_namespace_is_waited_for_is_remembered),
        cmocka_unit_test(a_put_of_too_many_bytes_goes_in_halves_from_then_on),
        cmocka_unit_test(a_put_that_takes_too_long_goes_in_halves_from_then_on),
        cmocka_unit_test(one_pair_that_takes_too_long_is_sent_again),
        cmocka_unit_test(one_pair_of_too_many_bytes_is_refused),
        cmocka_unit_test(deletes_are_halved_by_their_count),
        cmocka_unit_test(a_key_is_put_once_with_its_last_value),
        cmocka_unit_test(keys_that_were_left_out_are_sent_again_after_a_second),
        cmocka_unit_test(keys_that_are_left_out_four_times_have_failed),
        cmocka_unit_test(what_nobody_sent_was_not_left_out),
        cmocka_unit_test(keys_left_out_of_several_requests_go_again_together),
        cmocka_unit_test(a_value_that_is_no_text_is_read_by_itself),
        cmocka_unit_test(a_value_alone_is_read_by_itself_at_once),
        cmocka_unit_test(values_that_are_too_much_together_are_read_in_halves),
        cmocka_unit_test(an_answer_that_says_it_is_endless_is_asked_in_halves),
        cmocka_unit_test(a_value_that_expires_meanwhile_is_absent),
        cmocka_unit_test(a_namespace_that_goes_meanwhile_is_an_error),
        cmocka_unit_test(a_pair_that_was_not_asked_for_is_refused),
        cmocka_unit_test(answers_that_are_none_are_refused),
        cmocka_unit_test(results_of_other_types_are_refused_by_every_kind),
        cmocka_unit_test(an_answer_without_end_is_not_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
