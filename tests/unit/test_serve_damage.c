/* Faults, options and limits of the emulator, over HTTP. */
#include "test_serve_kit.h"

#define RULE(match, fault) "{\"rules\":[{\"match\":{" match "},\"fault\":" fault "}]}"
#define ON_PUT             "\"endpoint\":\"value_put\""
#define ON_GET             "\"endpoint\":\"value_get\""
#define ON_LIST            "\"endpoint\":\"key_list\""
#define ON_BULK            "\"endpoint\":\"bulk_put\""

static struct answer *put(struct kit *kit, const char *key, const char *value)
{
    return ask(kit, "PUT", in_ns(kit, arena_printf(&kit->arena, "/values/%s", key)), value);
}

static struct answer *list(struct kit *kit)
{
    return ask(kit, "GET", in_ns(kit, "/keys"), NULL);
}

/* ---- Another answer -------------------------------------------------------------------------- */

static void a_status_comes_instead_of_the_effect(void **state)
{
    (void)state;
    struct kit *kit =
        serve(RULE(ON_PUT ",\"nth\":1", "\"status\",\"status\":503,\"retry_after\":2"));
    struct answer *a = put(kit, "k", "v");
    assert_fails(a, 503, 10001);
    assert_string_equal(header_of(a, "Retry-After"), "2");
    assert_no_value(kit, "k");
    assert_ok(put(kit, "k", "v"));
    assert_value(kit, "k", "v");
    assert_non_null(strstr(log_of(kit), "\"fault\":\"status\""));
    end(kit);
}

static void a_code_alone_comes_with_its_status(void **state)
{
    (void)state;
    struct kit *kit = serve(RULE(ON_PUT, "\"status\",\"code\":10013,\"message\":\"mine\""));
    assert_fails(put(kit, "k", "v"), 404, 10013);
    assert_has(put(kit, "k", "v"), "\"message\":\"mine\"");
    end(kit);
}

static void an_answer_may_be_replaced_after_the_effect(void **state)
{
    (void)state;
    struct kit *kit =
        serve(RULE(ON_PUT, "\"html\",\"status\":524,\"after\":true,\"retry_after_date\":90"));
    struct answer *a = put(kit, "k", "v");
    assert_int_equal(a->status, 524);
    assert_has(a, "<!DOCTYPE html>");
    assert_string_equal(header_of(a, "Retry-After"), "Tue, 14 Nov 2023 22:14:50 GMT");
    assert_value(kit, "k", "v");
    end(kit);
}

static void quota_challenge_redirect_and_bodies_look_like_themselves(void **state)
{
    (void)state;
    struct kit *kit = serve(
        "{\"rules\":[{\"match\":{\"path\":\"*/values/q\"},\"fault\":\"quota\"},"
        "{\"match\":{\"path\":\"*/values/c\"},\"fault\":\"challenge\"},"
        "{\"match\":{\"path\":\"*/values/r\"},\"fault\":\"redirect\",\"status\":307,"
        "\"location\":\"http://127.0.0.1:1/x\"},"
        "{\"match\":{\"path\":\"*/values/b\"},\"fault\":\"body\",\"body\":\"{}\",\"status\":403},"
        "{\"match\":{\"path\":\"*/values/e\"},\"fault\":\"empty\"}]}");
    struct answer *a = put(kit, "q", "v");
    assert_fails(a, 429, 10048);
    assert_null(header_of(a, "Retry-After"));
    a = put(kit, "c", "v");
    assert_int_equal(a->status, 403);
    assert_string_equal(header_of(a, "cf-mitigated"), "challenge");
    a = put(kit, "r", "v");
    assert_int_equal(a->status, 307);
    assert_string_equal(header_of(a, "Location"), "http://127.0.0.1:1/x");
    a = put(kit, "b", "v");
    assert_int_equal(a->status, 403);
    assert_bytes(bytes_make(a->body, a->len), TEXT("{}"));
    a = put(kit, "e", "v");
    assert_int_equal(a->status, 502);
    assert_int_equal(a->len, 0);
    assert_has(list(kit), "\"result\":[]");
    end(kit);
}

/* ---- No answer ------------------------------------------------------------------------------- */

static void a_dropped_connection_has_had_its_effect_or_not(void **state)
{
    (void)state;
    struct kit *kit = serve("{\"rules\":[{\"match\":{\"path\":\"*/before\"},\"times\":1,"
                            "\"fault\":\"drop_before\"},{\"match\":{\"path\":\"*/after\"},"
                            "\"times\":1,\"fault\":\"drop_after\"}]}");
    struct answer *a = put(kit, "before", "v");
    assert_int_equal(a->status, 0);
    assert_false(a->reset);
    assert_no_value(kit, "before");
    assert_int_equal(put(kit, "after", "v")->status, 0);
    assert_value(kit, "after", "v");
    assert_non_null(strstr(log_of(kit), "\"status\":0,"));
    end(kit);
}

static void a_reset_is_a_reset(void **state)
{
    (void)state;
    struct kit *kit = serve("{\"rules\":[{\"match\":{\"path\":\"*/a\"},\"times\":1,"
                            "\"fault\":\"reset\"},{\"match\":{\"path\":\"*/b\"},\"times\":1,"
                            "\"fault\":\"reset\",\"after\":true}]}");
    assert_true(put(kit, "a", "v")->reset);
    assert_no_value(kit, "a");
    assert_true(put(kit, "b", "v")->reset);
    assert_value(kit, "b", "v");
    end(kit);
}

static void a_hanging_request_does_not_hold_up_the_others(void **state)
{
    (void)state;
    struct kit *kit = serve("{\"rules\":[{\"match\":{\"path\":\"*/h\"},\"times\":2,"
                            "\"fault\":\"hang\"}]}");
    int one = dial(kit), two = dial(kit);
    char *head = head_of(kit, "PUT", in_ns(kit, "/values/h"), BEARER, 1);
    send_all(one, head, strlen(head));
    send_all(one, "v", 1);
    send_all(two, head, strlen(head));
    send_all(two, "v", 1);
    assert_ok(put(kit, "other", "v"));
    shutdown(one, SHUT_WR); /* a client that goes away ends it */
    assert_int_equal(recv(one, head, 1, 0), 0);
    close(one);
    assert_no_value(kit, "h");
    end(kit); /* with one of them still hanging */
    close(two);
}

static void a_hang_ends_after_its_time_without_an_answer(void **state)
{
    (void)state;
    struct kit *kit = serve(RULE(ON_PUT, "\"hang\",\"ms\":60"));
    struct answer *a = put(kit, "k", "v");
    assert_int_equal(a->status, 0);
    assert_true(a->ms >= 60);
    assert_no_value(kit, "k");
    end(kit);
}

static void a_delay_and_latency_pass_before_the_answer_and_side_by_side(void **state)
{
    (void)state;
    struct kit *kit = serve_as((struct serve_options){.latency_ms = 60},
                               RULE(ON_PUT, "\"delay\",\"ms\":60"), false);
    int64_t start = clock_monotonic_ms();
    int fds[4];
    for (size_t i = 0; i < N_OF(fds); i++) {
        char *head = head_of(kit, "GET", KV, BEARER, 0);
        fds[i] = dial(kit);
        send_all(fds[i], head, strlen(head));
    }
    for (size_t i = 0; i < N_OF(fds); i++)
        assert_ok(read_answer(kit, fds[i], SIZE_MAX));
    assert_true(clock_monotonic_ms() - start < 4 * 60);
    struct answer *a = put(kit, "k", "v");
    assert_ok(a);
    assert_true(a->ms >= 120);
    end(kit);
}

/* ---- A spoiled answer ------------------------------------------------------------------------ */

static void an_answer_may_end_early_or_claim_too_much(void **state)
{
    (void)state;
    struct kit *kit = serve("{\"rules\":[{\"match\":{\"path\":\"*/t\"},\"fault\":\"truncate\"},"
                            "{\"match\":{\"path\":\"*/p\"},\"fault\":\"huge_length\","
                            "\"length\":5000},{\"match\":{\"path\":\"*/huge\"},"
                            "\"fault\":\"huge_length\"}]}");
    struct answer *a = put(kit, "t", "v");
    assert_int_equal(a->status, 200);
    assert_true(a->cut && a->len > 0);
    a = put(kit, "p", "v");
    assert_ok(a);
    assert_int_equal(a->len, 5000);
    assert_int_equal(a->body[4999], ' ');
    char *head = head_of(kit, "DELETE", in_ns(kit, "/values/huge"), BEARER, 0);
    int fd = dial(kit);
    send_all(fd, head, strlen(head));
    a = read_answer(kit, fd, 100000);
    assert_string_equal(header_of(a, "Content-Length"), "2147483648");
    assert_true(a->len >= 90000);
    assert_ok(put(kit, "other", "v")); /* the reader of that answer has gone away */
    end(kit);
}

static void an_answer_may_come_in_pieces(void **state)
{
    (void)state;
    struct kit *kit = serve(RULE(ON_PUT, "\"slow\",\"ms\":10"));
    struct answer *a = put(kit, "k", "v");
    assert_ok(a);
    assert_false(a->cut);
    assert_true(a->ms >= 90);
    end(kit);
}

static void json_may_be_spoiled_in_every_way(void **state)
{
    (void)state;
    struct error err;
    struct kit *kit =
        serve("{\"rules\":[{\"match\":{\"path\":\"*/m\"},\"fault\":\"malformed\"},"
              "{\"match\":{\"path\":\"*/d\"},\"fault\":\"deep\"},"
              "{\"match\":{\"path\":\"*/l\"},\"fault\":\"long_error\",\"length\":100000},"
              "{\"match\":{\"path\":\"*/n\"},\"fault\":\"null_result\"},"
              "{\"match\":{\"path\":\"*/2\"},\"fault\":\"duplicate\"},"
              "{\"match\":{\"path\":\"*/keys\",\"nth\":1},\"fault\":\"bad_utf8\"},"
              "{\"match\":{\"path\":\"*/keys\",\"nth\":2},\"fault\":\"wrong_types\"},"
              "{\"match\":{\"path\":\"*/keys\",\"nth\":3},\"fault\":\"no_info\"}]}");
    struct answer *a = put(kit, "m", "v");
    assert_false(a->cut);
    assert_null(json_doc_parse(bytes_make(a->body, a->len), &err));
    a = put(kit, "d", "v");
    assert_int_equal(a->len, 200000);
    a = put(kit, "l", "v");
    assert_fails(a, 500, 10001);
    assert_true(a->len > 100000);
    assert_has(put(kit, "n", "v"), "{\"result\":null,\"success\":true,");
    assert_has(put(kit, "2", "v"), "{\"result\":null,\"success\":true,\"errors\":[],"
                                   "\"result_info\":{},\"result\":{},\"success\":true");
    assert_has(list(kit), "\"name\":\"\xff"
                          "2\"");
    assert_has(list(kit), "\"success\":\"true\"");
    a = list(kit);
    assert_ok(a);
    assert_has(a, "{\"name\":\"2\"}");
    assert_false(has(a, "result_info"));
    assert_has(list(kit), "result_info");
    end(kit);
}

/* ---- A half-hearted service ------------------------------------------------------------------ */

static void a_partial_bulk_writes_what_it_does_not_name(void **state)
{
    (void)state;
    struct kit *kit = serve("{\"rules\":[{\"match\":{\"endpoint\":\"bulk_put\"},\"times\":1,"
                            "\"fault\":\"partial\",\"keys\":[\"b\"]},{\"match\":{\"endpoint\":"
                            "\"bulk_delete_old\"},\"fault\":\"partial\",\"keys\":[\"a\"]}]}");
    const char *pairs = "[{\"key\":\"a\",\"value\":\"1\"},{\"key\":\"b\",\"value\":\"2\"}]";
    assert_has(ask(kit, "PUT", in_ns(kit, "/bulk"), pairs),
               "{\"successful_key_count\":1,\"unsuccessful_keys\":[\"b\"]}");
    assert_value(kit, "a", "1");
    assert_no_value(kit, "b");
    assert_has(ask(kit, "PUT", in_ns(kit, "/bulk"), pairs), "\"unsuccessful_keys\":[]");
    assert_has(ask(kit, "DELETE", in_ns(kit, "/bulk"), "[\"a\",\"b\"]"),
               "{\"successful_key_count\":1,\"unsuccessful_keys\":[\"a\"]}");
    assert_value(kit, "a", "1");
    assert_no_value(kit, "b");
    end(kit);
}

static void a_stale_list_is_that_of_before_the_last_write(void **state)
{
    (void)state;
    struct kit *kit = serve("{\"rules\":[{\"match\":{\"path\":\"*/keys\",\"every\":2},"
                            "\"fault\":\"stale_list\"},{\"match\":{\"endpoint\":"
                            "\"namespace_list\"},\"fault\":\"stale_list\",\"times\":1}]}");
    assert_ok(put(kit, "a", "v"));
    assert_ok(put(kit, "b", "v"));
    assert_has(list(kit), "[{\"name\":\"a\"},{\"name\":\"b\"}]");
    assert_has(list(kit), "\"result\":[{\"name\":\"a\"}]");
    assert_ok(ask(kit, "DELETE", in_ns(kit, "/values/a"), NULL));
    assert_has(list(kit), "\"result\":[{\"name\":\"b\"}]");
    assert_has(list(kit), "[{\"name\":\"a\"},{\"name\":\"b\"}]");
    assert_has(ask(kit, "GET", KV, NULL), "\"result\":[]");
    assert_has(ask(kit, "GET", KV, NULL), "\"title\":\"first\"");
    end(kit);
}

static struct answer *list_from(struct kit *kit, const struct answer *before)
{
    const char *cursor = strstr(before->body, "\"cursor\":\"") + strlen("\"cursor\":\"");
    assert_true(*cursor != '"');
    char *query =
        arena_printf(&kit->arena, "/keys?cursor=%.*s", (int)strcspn(cursor, "\""), cursor);
    return ask(kit, "GET", in_ns(kit, query), NULL);
}

static void a_stale_list_may_be_several_writes_old(void **state)
{
    (void)state;
    struct kit *kit = serve("{\"rules\":[{\"match\":{\"path\":\"*/keys\"},\"times\":3,"
                            "\"fault\":\"stale\",\"writes\":2},{\"match\":{\"endpoint\":"
                            "\"namespace_list\"},\"fault\":\"stale\",\"writes\":2}]}");
    assert_ok(put(kit, "a", "v"));
    assert_ok(put(kit, "b", "v"));
    assert_has(list(kit), "\"result\":[]");
    assert_ok(ask(kit, "DELETE", in_ns(kit, "/values/a"), NULL));
    assert_has(list(kit), "\"result\":[{\"name\":\"a\"}]");
    assert_ok(put(kit, "c", "v"));
    assert_has(list(kit), "[{\"name\":\"a\"},{\"name\":\"b\"}]");
    assert_has(list(kit), "[{\"name\":\"b\"},{\"name\":\"c\"}]");
    assert_ok(ask(kit, "POST", KV, "{\"title\":\"second\"}"));
    assert_ok(ask(kit, "DELETE", in_ns(kit, ""), NULL));
    struct answer *a = ask(kit, "GET", KV, NULL);
    assert_has(a, "\"title\":\"first\"");
    assert_has(a, "\"total_count\":1,");
    end(kit);
}

#define NS_LIST "{\"match\":{\"endpoint\":\"namespace_list\"},\"times\":1,\"fault\":"
#define KEYS    "{\"match\":{\"endpoint\":\"key_list\"},\"times\":1,\"fault\":"

static struct answer *namespaces(struct kit *kit, const char *query)
{
    return ask(kit, "GET", arena_printf(&kit->arena, KV "?order=title&%s", query), NULL);
}

static void make_three(struct kit *kit)
{
    assert_ok(ask(kit, "POST", KV, "{\"title\":\"second\"}"));
    assert_ok(ask(kit, "POST", KV, "{\"title\":\"third\"}"));
}

static void a_short_list_of_namespaces_counts_as_it_is_told(void **state)
{
    (void)state;
    struct kit *kit =
        serve("{\"rules\":[" NS_LIST "\"short\",\"missing\":2}," NS_LIST
              "\"short\",\"keys\":[\"second\"],\"total\":\"shown\"}," NS_LIST
              "\"short\",\"missing\":1000}," NS_LIST
              "\"short\",\"missing\":1000,\"total\":\"none\"}," NS_LIST "\"short\"}]}");
    make_three(kit);
    struct answer *a = namespaces(kit, "per_page=20");
    assert_has(a, "\"title\":\"first\"");
    assert_false(has(a, "second") || has(a, "third"));
    assert_has(a, "\"count\":1,\"total_count\":3,\"total_pages\":1}");
    a = namespaces(kit, "per_page=1&page=2");
    assert_has(a, "\"title\":\"third\"");
    assert_has(a, "\"total_count\":2,\"total_pages\":2}");
    a = namespaces(kit, "per_page=20");
    assert_has(a, "\"result\":[]");
    assert_has(a, "\"total_count\":3,");
    a = namespaces(kit, "per_page=20");
    assert_has(a, "\"result\":[]");
    assert_has(a, "\"result_info\":{\"page\":1,\"per_page\":20,\"count\":0}}");
    assert_has(namespaces(kit, "per_page=20"), "\"count\":2,\"total_count\":3,");
    assert_has(namespaces(kit, "per_page=20"), "\"count\":3,\"total_count\":3,");
    end(kit);
}

static void a_short_page_of_keys_leads_on_behind_what_it_lacks(void **state)
{
    (void)state;
    struct kit *kit = serve("{\"rules\":[" KEYS "\"short\",\"keys\":[\"k03\"]}," KEYS
                            "\"short\",\"missing\":2,\"total\":\"shown\"}," KEYS
                            "\"short\",\"missing\":99,\"total\":\"none\"}]}");
    for (int i = 0; i < 12; i++)
        assert_ok(put(kit, arena_printf(&kit->arena, "k%02d", i), "v"));
    struct answer *a = ask(kit, "GET", in_ns(kit, "/keys?limit=10"), NULL);
    assert_has(a, "{\"name\":\"k02\"},{\"name\":\"k04\"}");
    assert_has(a, "\"count\":10,");
    a = list_from(kit, a);
    assert_has(a, "\"result\":[],");
    assert_has(a, "\"count\":0,\"cursor\":\"\"");
    assert_has(list(kit), "\"result_info\":{\"cursor\":\"\"}");
    assert_has(list(kit), "\"count\":12,");
    end(kit);
}

static void an_endless_list_shows_the_first_page_for_ever(void **state)
{
    (void)state;
    struct kit *kit =
        serve("{\"rules\":[{\"match\":{\"endpoint\":\"namespace_list\"},\"times\":2,"
              "\"fault\":\"endless\"}," NS_LIST "\"endless\",\"total\":\"true\"}," NS_LIST
              "\"endless\",\"empty\":true,\"total\":\"none\"}]}");
    make_three(kit);
    struct answer *a = namespaces(kit, "per_page=2&page=1");
    assert_has(a, "\"title\":\"second\"");
    assert_has(a, "\"page\":1,\"per_page\":2,\"count\":2,\"total_count\":4,\"total_pages\":2}");
    a = namespaces(kit, "per_page=2&page=700");
    assert_has(a, "\"title\":\"second\"");
    assert_has(a, "\"page\":700,\"per_page\":2,\"count\":2,\"total_count\":1402,");
    a = namespaces(kit, "per_page=2&page=2");
    assert_has(a, "\"title\":\"second\"");
    assert_has(a, "\"total_count\":3,");
    assert_has(namespaces(kit, "per_page=2"), "\"page\":1,\"per_page\":2,\"count\":0}}");
    end(kit);
}

static const char *cursor_of(struct kit *kit, const struct answer *a)
{
    const char *cursor = strstr(a->body, "\"cursor\":\"");
    return arena_printf(&kit->arena, "%.*s", (int)strcspn(cursor + 10, "\""), cursor + 10);
}

static void endless_keys_have_a_new_cursor_each_time(void **state)
{
    (void)state;
    struct kit *kit = serve("{\"rules\":[{\"match\":{\"endpoint\":\"key_list\"},\"times\":2,"
                            "\"fault\":\"endless\"},{\"match\":{\"endpoint\":\"key_list\"},"
                            "\"times\":2,\"fault\":\"endless\",\"empty\":true}]}");
    assert_ok(put(kit, "a", "v"));
    struct answer *first = list(kit);
    assert_has(first, "\"result\":[{\"name\":\"a\"}]");
    struct answer *second = list_from(kit, first);
    assert_has(second, "\"result\":[{\"name\":\"a\"}]");
    assert_string_not_equal(cursor_of(kit, first), cursor_of(kit, second));
    struct answer *third = list(kit);
    assert_has(third, "\"result\":[]");
    struct answer *fourth = list_from(kit, third);
    assert_has(fourth, "\"result\":[]");
    assert_string_not_equal(cursor_of(kit, third), cursor_of(kit, fourth));
    assert_has(list_from(kit, fourth), "\"result\":[{\"name\":\"a\"}]");
    assert_has(list_from(kit, second), "\"result\":[]");
    end(kit);
}

static void an_empty_page_leads_on_to_what_it_left_out(void **state)
{
    (void)state;
    struct kit *kit = serve(RULE(ON_LIST ",\"nth\":1", "\"empty_page\""));
    assert_ok(put(kit, "a", "v"));
    struct answer *a = list(kit);
    assert_has(a, "\"result\":[],");
    a = list_from(kit, a);
    assert_has(a, "\"result\":[{\"name\":\"a\"}]");
    assert_has(a, "\"cursor\":\"\"");
    end(kit);
}

static void an_account_is_as_full_and_as_many_as_the_file_says(void **state)
{
    (void)state;
    struct kit *kit = serve("{\"max_namespaces\":2,\"key_writes\":true,\"accounts\":[{\"id\":"
                            "\"" ACCOUNT "\"},{\"id\":\"" OTHER "\",\"name\":\"two\"}]}");
    assert_ok(ask(kit, "POST", KV, "{\"title\":\"second\"}"));
    assert_fails(ask(kit, "POST", KV, "{\"title\":\"third\"}"), 403, 10018);
    assert_fails(ask(kit, "POST", KV, "{\"title\":\"second\"}"), 400, 10014);
    struct answer *a = ask(kit, "GET", "/client/v4/accounts", NULL);
    assert_has(a, "\"name\":\"two\"");
    assert_has(a, "\"total_count\":2");
    a = ask(kit, "GET",
            "/client/v4/accounts/ffffffffffffffffffffffffffffffff/storage/kv/namespaces", NULL);
    assert_fails(a, 403, 10000);
    assert_ok(put(kit, "k", "v"));
    assert_fails(put(kit, "k", "v"), 429, 10022);
    end(kit);
}

/* ---- Options --------------------------------------------------------------------------------- */

static void over_the_rate_is_429_with_the_time_to_wait(void **state)
{
    (void)state;
    struct kit *kit =
        serve_as((struct serve_options){.rate_requests = 3, .rate_seconds = 100}, NULL, false);
    struct answer *a = ask(kit, "GET", KV, NULL);
    assert_ok(a);
    assert_string_equal(header_of(a, "Ratelimit-Policy"), "\"default\";q=3;w=100");
    assert_memory_equal(header_of(a, "Ratelimit"), "\"default\";r=1;t=", 16);
    assert_ok(ask(kit, "GET", KV, NULL));
    a = ask(kit, "GET", KV, NULL);
    assert_fails(a, 429, 971);
    assert_in_range(atoi(header_of(a, "Retry-After")), 90, 100);
    assert_ok(ask_with(kit, "GET", KV, "Authorization: Bearer other\r\n", TEXT("")));
    end(kit);
}

static void what_is_discarded_is_checked_counted_and_forgotten(void **state)
{
    (void)state;
    struct kit *kit = serve_as((struct serve_options){0}, NULL, true);
    assert_has(ask(kit, "GET", KV, NULL), "\"title\":\"first\"");
    assert_has(ask(kit, "PUT", in_ns(kit, "/bulk"), "[{\"key\":\"k\",\"value\":\"v\"}]"),
               "{\"successful_key_count\":1,\"unsuccessful_keys\":[]}");
    assert_fails(ask(kit, "PUT", in_ns(kit, "/bulk"), "[{\"key\":\"\",\"value\":\"v\"}]"), 400,
                 10042);
    assert_ok(put(kit, "k", "v"));
    assert_no_value(kit, "k");
    assert_has(list(kit), "\"result\":[]");
    end(kit);
}

static void with_a_token_only_it_opens(void **state)
{
    (void)state;
    struct kit *kit = serve_as((struct serve_options){.token = "t"}, NULL, false);
    assert_ok(ask(kit, "GET", KV, NULL));
    assert_fails(ask_with(kit, "GET", KV, "Authorization: Bearer x\r\n", TEXT("")), 403, 10000);
    end(kit);
}

static void it_does_not_listen_beyond_loopback_without_a_token(void **state)
{
    struct error err = {0};
    struct serve_options options = {.address = "0.0.0.0"};
    (void)state;
    assert_false(serve_run(&options, &err));
    assert_int_equal(err.code, ERR_USAGE);
    assert_non_null(strstr(err.message, "'0.0.0.0' is not a loopback address"));
    options.address = "example.com";
    assert_false(serve_run(&options, &err));
    assert_int_equal(err.code, ERR_USAGE);
    options = (struct serve_options){.faults = "/nowhere/faults.json"};
    assert_false(serve_run(&options, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
}

static void a_port_that_is_taken_is_told(void **state)
{
    (void)state;
    struct error err = {0};
    struct kit *kit = serve(NULL);
    struct serve_options options = {.port = kit->port};
    assert_false(serve_run(&options, &err));
    assert_int_equal(err.code, ERR_IO);
    assert_non_null(strstr(err.message, "cannot listen on 127.0.0.1, port"));
    end(kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_status_comes_instead_of_the_effect),
        cmocka_unit_test(a_code_alone_comes_with_its_status),
        cmocka_unit_test(an_answer_may_be_replaced_after_the_effect),
        cmocka_unit_test(quota_challenge_redirect_and_bodies_look_like_themselves),
        cmocka_unit_test(a_dropped_connection_has_had_its_effect_or_not),
        cmocka_unit_test(a_reset_is_a_reset),
        cmocka_unit_test(a_hanging_request_does_not_hold_up_the_others),
        cmocka_unit_test(a_hang_ends_after_its_time_without_an_answer),
        cmocka_unit_test(a_delay_and_latency_pass_before_the_answer_and_side_by_side),
        cmocka_unit_test(an_answer_may_end_early_or_claim_too_much),
        cmocka_unit_test(an_answer_may_come_in_pieces),
        cmocka_unit_test(json_may_be_spoiled_in_every_way),
        cmocka_unit_test(a_partial_bulk_writes_what_it_does_not_name),
        cmocka_unit_test(a_stale_list_is_that_of_before_the_last_write),
        cmocka_unit_test(a_stale_list_may_be_several_writes_old),
        cmocka_unit_test(a_short_list_of_namespaces_counts_as_it_is_told),
        cmocka_unit_test(a_short_page_of_keys_leads_on_behind_what_it_lacks),
        cmocka_unit_test(an_endless_list_shows_the_first_page_for_ever),
        cmocka_unit_test(endless_keys_have_a_new_cursor_each_time),
        cmocka_unit_test(an_empty_page_leads_on_to_what_it_left_out),
        cmocka_unit_test(an_account_is_as_full_and_as_many_as_the_file_says),
        cmocka_unit_test(over_the_rate_is_429_with_the_time_to_wait),
        cmocka_unit_test(what_is_discarded_is_checked_counted_and_forgotten),
        cmocka_unit_test(with_a_token_only_it_opens),
        cmocka_unit_test(it_does_not_listen_beyond_loopback_without_a_token),
        cmocka_unit_test(a_port_that_is_taken_is_told),
    };
    return cmocka_run_group_tests_name("serve/damage", tests, NULL, NULL);
}
