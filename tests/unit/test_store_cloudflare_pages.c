/* Listings that contradict themselves, go nowhere or never end. */
#include "test_cloudflare_kit.h"

#include "store/cloudflare_pages.h"

#define ID(digit) "0000000000000000000000000000000" digit
#define A         NAMESPACE(ID("a"), "one")
#define B         NAMESPACE(ID("b"), "two")
#define C         NAMESPACE(ID("c"), "three")

#define PAGE_OF(items, total)                                                                      \
    OK_PAGE("[" items "]", "{\"per_page\":1000,\"total_count\":" #total "}")

static const char *page_path(struct kit *kit, unsigned page)
{
    return arena_printf(&kit->arena, "GET " KV "?page=%u&per_page=1000&order=id&direction=asc",
                        page);
}

/* ---- Namespaces: fewer than there are -------------------------------------------------------- */

static void a_short_page_is_taken_again_twice_and_then_said_to_be_short(void **state)
{
    (void)state;
    struct service *s = serve(SAYS(PAGE_OF("", 9), PAGE_OF(A, 9), PAGE_OF(A "," B, 9)));
    const struct answer *a = expect_ok(list_namespaces(s->kit, "", 1));
    assert_true(a->is_short);
    assert_int_equal(a->n_namespaces, 2);
    assert_int_equal(a->total, 9);
    assert_int_equal(n_asked(s), 3);
    assert_asked(s, 2, page_path(s->kit, 1), "");
    hang_up(s);
}

static void a_page_that_is_whole_the_second_time_is_whole(void **state)
{
    (void)state;
    struct service *s = serve(SAYS(PAGE_OF(A, 2), PAGE_OF(A "," B, 2)));
    const struct answer *a = expect_ok(list_namespaces(s->kit, "", 1));
    assert_false(a->is_short);
    assert_int_equal(a->n_namespaces, 2);
    assert_int_equal(n_asked(s), 2);
    hang_up(s);
}

static void a_second_of_waiting_lies_between(void **state)
{
    (void)state;
    struct service *s =
        serve_with((struct cloudflare_options){.account_id = ACCOUNT, .http.wait_unit_ms = 40},
                   SAYS(PAGE_OF("", 1), PAGE_OF("", 1), PAGE_OF(A, 1)));
    int64_t start = clock_monotonic_ms();
    assert_false(expect_ok(list_namespaces(s->kit, "", 1))->is_short);
    assert_true(clock_monotonic_ms() - start >= 80);
    hang_up(s);
}

/* What is no page of 1,000, but whole: the last one, one past it, those of a service that makes
 * smaller ones, and what does not say how many there are. */
static void a_page_may_be_small_and_not_short(void **state)
{
    (void)state;
    static const struct {
        struct say say;
        unsigned page;
    } cases[] = {
        {PAGE_OF(A, 1), 1},
        {PAGE_OF(A, 1001), 2},
        {PAGE_OF("", 5), 2},
        {PAGE_OF("", 0), 1},
        {PAGE_OF(A "," B, 1), 1},
        {OK_PAGE("[" A "," B "]", "{\"per_page\":2,\"total_count\":5}"), 2},
        {OK_PAGE("[" A "]", "{\"per_page\":2,\"total_count\":5}"), 3},
        {OK("[]"), 1},
        {OK("[" A "]"), 1},
    };
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct service *s = serve(&cases[i].say, 1);
        assert_false(expect_ok(list_namespaces(s->kit, "", cases[i].page))->is_short);
        assert_int_equal(n_asked(s), 1);
        hang_up(s);
    }
}

/* ---- Namespaces: pages that bring nothing new ------------------------------------------------ */

static void a_page_that_brings_nothing_new_is_a_broken_answer(void **state)
{
    (void)state;
    struct service *s =
        serve(SAYS(OK_PAGE("[" A "," B "]", "{\"per_page\":2,\"total_count\":99}")));
    expect_ok(list_namespaces(s->kit, "", 1));
    const struct answer *a = list_namespaces(s->kit, "", 2);
    assert_failed_as(a, ERR_ANSWER, page_path(s->kit, 2), "CLOUDFLARE_API_BASE_URL");
    assert_non_null(strstr(a->error.message, "page 2 holds only namespaces that the pages before"));
    hang_up(s);
}

static void a_page_that_brings_something_new_goes_on(void **state)
{
    (void)state;
    struct service *s = serve(SAYS(OK_PAGE("[" A "," B "]", "{\"per_page\":2,\"total_count\":3}"),
                                   OK_PAGE("[" B "," C "]", "{\"per_page\":2,\"total_count\":3}"),
                                   OK("[]"), OK("[" A "," B "]")));
    expect_ok(list_namespaces(s->kit, "", 1));
    expect_ok(list_namespaces(s->kit, "", 2));
    expect_ok(list_namespaces(s->kit, "", 3));
    expect_ok(list_namespaces(s->kit, "", 1)); /* from the start, all is new again */
    hang_up(s);
}

static void the_pages_of_two_accounts_are_told_apart(void **state)
{
    (void)state;
    struct service *s = serve(SAYS(OK("[" A "]")));
    expect_ok(list_namespaces(s->kit, "", 1));
    expect_ok(list_namespaces(s->kit, NS, 1));
    expect_error(list_namespaces(s->kit, "", 2), ERR_ANSWER);
    expect_error(list_namespaces(s->kit, NS, 2), ERR_ANSWER);
    hang_up(s);
}

static void an_id_that_is_listed_twice_is_a_broken_answer(void **state)
{
    (void)state;
    struct service *s = serve(SAYS(OK("[" A "," NAMESPACE(ID("a"), "else") "]")));
    assert_failed_as(list_namespaces(s->kit, "", 1), ERR_ANSWER, "'" ID("a") "' is listed twice",
                     "");
    hang_up(s);
}

static void a_lost_create_is_not_looked_for_without_end(void **state)
{
    (void)state;
    struct service *s =
        serve(SAYS(LOST, OK_PAGE("[" A "]", "{\"per_page\":1,\"total_count\":5000}")));
    assert_failed_as(create(s->kit, "", "shop"), ERR_FAILED, "POST " KV ": ",
                     "it may have been done");
    assert_int_equal(n_asked(s), 3);
    hang_up(s);
}

/* ---- Keys ------------------------------------------------------------------------------------ */

#define KEYS(names, cursor) OK_PAGE("[" names "]", "{\"cursor\":\"" cursor "\"}")
#define KEY(name)           "{\"name\":\"" name "\"}"

static void keys_that_are_not_in_their_order_are_a_broken_answer(void **state)
{
    (void)state;
    static const struct say cases[] = {KEYS(KEY("a") "," KEY("a"), ""),
                                       KEYS(KEY("b") "," KEY("a"), ""),
                                       KEYS(KEY("aa") "," KEY("a"), "")};
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct service *s = serve(&cases[i], 1);
        assert_failed_as(list_keys(s->kit, NS, TEXT(""), TEXT("")), ERR_ANSWER,
                         "GET " IN_NS "/keys?limit=1000: HTTP 200: key 'a' is listed after '", "");
        hang_up(s);
    }
}

static void fewer_keys_than_are_counted_are_asked_for_again_and_then_a_broken_answer(void **state)
{
    (void)state;
    static const struct say less = OK_PAGE("[" KEY("a") "]", "{\"count\":2,\"cursor\":\"\"}"),
                            all = OK_PAGE("[" KEY("a") "," KEY("b") "]", "{\"count\":2}");
    struct service *s = serve(SAYS(less, less, all, less));
    assert_int_equal(expect_ok(list_keys(s->kit, NS, TEXT(""), TEXT("")))->n_keys, 2);
    assert_failed_as(list_keys(s->kit, NS, TEXT(""), TEXT("")), ERR_ANSWER,
                     "the answer counts 2 keys and holds 1 of them", "");
    assert_int_equal(n_asked(s), 6);
    hang_up(s);
}

static void the_same_keys_under_a_new_cursor_are_a_broken_answer(void **state)
{
    (void)state;
    struct service *s = serve(
        SAYS(KEYS(KEY("a") "," KEY("b"), "1"), KEYS("", "2"), KEYS(KEY("a") "," KEY("b"), "3")));
    expect_ok(list_keys(s->kit, NS, TEXT(""), TEXT("")));
    expect_ok(list_keys(s->kit, NS, TEXT(""), TEXT("1")));
    assert_failed_as(list_keys(s->kit, NS, TEXT(""), TEXT("2")), ERR_ANSWER,
                     "GET " IN_NS "/keys?limit=1000&cursor=2: HTTP 200: key 'a' is listed after "
                     "'b'",
                     "");
    hang_up(s);
}

static void listings_that_run_beside_each_other_are_told_apart(void **state)
{
    (void)state;
    struct service *s = serve(
        SAYS(KEYS(KEY("x"), "c"), KEYS(KEY("a"), "c"), KEYS(KEY("b"), ""), KEYS(KEY("y"), "")));
    expect_ok(list_keys(s->kit, NS, TEXT(""), TEXT("")));
    expect_ok(list_keys(s->kit, ID("a"), TEXT(""), TEXT("")));
    expect_ok(list_keys(s->kit, ID("a"), TEXT(""), TEXT("c")));
    expect_ok(list_keys(s->kit, NS, TEXT(""), TEXT("c")));
    hang_up(s);
}

static void a_cursor_from_elsewhere_is_gone_on_with(void **state)
{
    (void)state;
    struct service *s = serve(SAYS(KEYS(KEY("m"), "2"), KEYS(KEY("n"), "")));
    expect_ok(list_keys(s->kit, NS, TEXT(""), TEXT("kept")));
    expect_ok(list_keys(s->kit, NS, TEXT(""), TEXT("2")));
    hang_up(s);
}

static void a_key_without_the_prefix_is_a_broken_answer(void **state)
{
    (void)state;
    struct service *s = serve(SAYS(KEYS(KEY("a/1") "," KEY("b/1"), "")));
    assert_failed_as(list_keys(s->kit, NS, TEXT("a/"), TEXT("")), ERR_ANSWER,
                     "key 'b/1' is listed, which does not begin with 'a/'", "");
    hang_up(s);
}

/* Asks on while there is a cursor; the last answer. */
static const struct answer *list_on(struct service *s, unsigned *pages)
{
    struct bytes cursor = TEXT("");
    const struct answer *a;
    *pages = 0;
    do {
        a = list_keys(s->kit, NS, TEXT(""), cursor);
        cursor = a->cursor;
        ++*pages;
    } while (a->ok && cursor.len > 0 && *pages <= 2 * PAGES_EMPTY_MAX);
    return a;
}

static void empty_pages_are_believed_for_a_while(void **state)
{
    (void)state;
    struct say says[2 * PAGES_EMPTY_MAX];
    struct kit texts = {0};
    unsigned pages;
    for (unsigned i = 0; i < N_OF(says); i++)
        says[i] =
            (struct say){.body = arena_printf(&texts.arena,
                                              "{\"success\":true,\"result\":[%s],\"result_info\":"
                                              "{\"cursor\":\"c%u\"}}",
                                              i == 9 ? KEY("k") : "", i)};
    struct service *s = serve(says, N_OF(says));
    const struct answer *a = list_on(s, &pages);
    assert_failed_as(a, ERR_ANSWER, "pages in a row hold no key", "");
    assert_int_equal(pages, 10 + PAGES_EMPTY_MAX);
    hang_up(s);
    arena_release(&texts.arena);
}

/* What nobody goes on with is not remembered for ever. */
static void listings_that_are_given_up_are_forgotten(void **state)
{
    (void)state;
    static const struct say page = KEYS(KEY("a"), "2"), next = KEYS(KEY("a"), "3");
    struct say says[101];
    char id[33];
    for (unsigned i = 0; i < 100; i++)
        says[i] = page;
    says[100] = next;
    struct service *s = serve(says, N_OF(says));
    for (unsigned i = 0; i < 100; i++) {
        snprintf(id, sizeof id, "%032x", i);
        expect_ok(list_keys(s->kit, id, TEXT(""), TEXT("")));
    }
    expect_error(list_keys(s->kit, id, TEXT(""), TEXT("2")), ERR_ANSWER);
    expect_ok(list_keys(s->kit, ID("0"), TEXT(""), TEXT("2")));
    hang_up(s);
}

/* ---- Main ------------------------------------------------------------------------------------ */

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_short_page_is_taken_again_twice_and_then_said_to_be_short),
        cmocka_unit_test(a_page_that_is_whole_the_second_time_is_whole),
        cmocka_unit_test(a_second_of_waiting_lies_between),
        cmocka_unit_test(a_page_may_be_small_and_not_short),
        cmocka_unit_test(a_page_that_brings_nothing_new_is_a_broken_answer),
        cmocka_unit_test(a_page_that_brings_something_new_goes_on),
        cmocka_unit_test(the_pages_of_two_accounts_are_told_apart),
        cmocka_unit_test(an_id_that_is_listed_twice_is_a_broken_answer),
        cmocka_unit_test(a_lost_create_is_not_looked_for_without_end),
        cmocka_unit_test(keys_that_are_not_in_their_order_are_a_broken_answer),
        cmocka_unit_test(fewer_keys_than_are_counted_are_asked_for_again_and_then_a_broken_answer),
        cmocka_unit_test(the_same_keys_under_a_new_cursor_are_a_broken_answer),
        cmocka_unit_test(listings_that_run_beside_each_other_are_told_apart),
        cmocka_unit_test(a_cursor_from_elsewhere_is_gone_on_with),
        cmocka_unit_test(a_key_without_the_prefix_is_a_broken_answer),
        cmocka_unit_test(empty_pages_are_believed_for_a_while),
        cmocka_unit_test(listings_that_are_given_up_are_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
