/* Running the cloudflare store: several operations in flight, interrupts, which account it is. */
#include "test_cloudflare_kit.h"

/* ---- A source of operations ------------------------------------------------------------------ */

#define OPS_MAX 16

struct source {
    const struct store_op *ops;
    size_t n, at, reported;
    bool one_by_one;
    unsigned reports[OPS_MAX];
    bool ok[OPS_MAX];
    struct error errors[OPS_MAX];
};

static enum store_next next_of_source(void *ctx, struct store_op *op)
{
    struct source *s = ctx;
    assert_null(op->tag);
    if (s->at == s->n)
        return NEXT_END;
    if (s->one_by_one && s->reported < s->at)
        return NEXT_WAIT;
    *op = s->ops[s->at];
    op->tag = &s->reports[s->at++];
    return NEXT_OP;
}

static void done_of_source(void *ctx, const struct store_op *op, const struct store_result *r)
{
    struct source *s = ctx;
    size_t i = (size_t)((unsigned *)op->tag - s->reports);
    assert_in_range(i, 0, s->at - 1);
    assert_int_equal(op->kind, s->ops[i].kind);
    assert_bytes(op->id, s->ops[i].id);
    s->reports[i]++;
    s->reported++;
    s->ok[i] = r->ok;
    s->errors[i] = r->error;
    assert_true(r->ok || r->error.code != ERR_NONE);
    assert_no_token(&r->error);
}

static bool run_source(struct store *store, struct source *s, struct error *err)
{
    *err = (struct error){0};
    bool ok = store_run(store, next_of_source, done_of_source, s, err);
    for (size_t i = 0; i < s->n; i++)
        assert_int_equal(s->reports[i], i < s->at);
    return ok;
}

/* ---- Several in flight ----------------------------------------------------------------------- */

static void fill_with_lists(struct store_op *ops, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ops[i] = (struct store_op){.kind = STORE_KEY_LIST, .id = TEXT(NS)};
}

static struct service *serve_jobs(unsigned jobs, const struct say *says, size_t n)
{
    return serve_with((struct cloudflare_options){.account_id = ACCOUNT, .http.jobs = jobs}, says,
                      n);
}

static void operations_are_in_flight_together_and_each_is_reported_once(void **state)
{
    (void)state;
    struct error err;
    struct store_op ops[12];
    fill_with_lists(ops, 12);
    ops[3].id = TEXT("another");
    ops[5] = (struct store_op){.kind = STORE_NAMESPACE_CREATE}; /* refused before it is sent */
    struct say slow = OK("[]"), no = NO(404, 10013, "no");
    slow.delay_ms = no.delay_ms = 5;
    struct service *s = serve_jobs(4, SAYS(slow, no, slow, {.status = 500}, slow));
    struct source source = {.ops = ops, .n = 12};
    assert_true(run_source(s->kit->store, &source, &err));
    size_t failed = 0;
    for (size_t i = 0; i < 12; i++)
        failed += !source.ok[i];
    assert_int_equal(failed, 2); /* the one that met `no`, and the one without a title */
    assert_int_equal(source.errors[5].code, ERR_LIMIT);
    assert_int_equal(n_asked(s), 12);
    assert_in_range(s->server.max_active, 2, 4);
    hang_up(s);
}

static void an_operation_that_is_none_is_refused(void **state)
{
    (void)state;
    struct service *s = serve(SAYS(OK("[]")));
    expect_error(on_namespace(s->kit, (enum store_op_kind)99, NS, ""), ERR_FAILED);
    assert_int_equal(n_asked(s), 0);
    hang_up(s);
}

static void an_operation_may_wait_for_those_in_flight(void **state)
{
    (void)state;
    struct error err;
    struct store_op ops[3];
    fill_with_lists(ops, 3);
    struct service *s = serve_jobs(4, SAYS(OK("[]")));
    struct source source = {.ops = ops, .n = 3, .one_by_one = true};
    assert_true(run_source(s->kit->store, &source, &err));
    assert_int_equal(source.reported, 3);
    assert_int_equal(s->server.max_active, 1);
    hang_up(s);
}

static void operations_of_several_requests_go_side_by_side(void **state)
{
    (void)state;
    struct error err;
    const struct store_pair pairs[] = {*PAIR("a", "1"), *PAIR("b", "2")};
    const struct store_op put_both = {
        .kind = STORE_BULK_PUT, .id = TEXT(NS), .pairs = pairs, .n = 2};
    const struct store_op ops[] = {put_both, put_both, put_both, put_both};
    struct say less = {.status = 413, .delay_ms = 100}; /* all four are in before the first ends */
    struct service *s = serve_jobs(4, SAYS(less, less, less, less, OK("null")));
    struct source source = {.ops = ops, .n = 4};
    assert_true(run_source(s->kit->store, &source, &err));
    for (size_t i = 0; i < 4; i++)
        assert_true(source.ok[i]);
    assert_int_equal(n_asked(s), 12);
    hang_up(s);
}

static void requests_are_counted(void **state)
{
    (void)state;
    struct service *s = serve(SAYS({.status = 500}, OK("[]")));
    expect_ok(list_namespaces(s->kit, "", 1));
    struct http_stats stats = cloudflare_store_stats(s->kit->store);
    assert_int_equal(stats.requests, 2);
    assert_int_equal(stats.retries, 1);
    hang_up(s);
}

/* ---- Interrupts ------------------------------------------------------------------------------ */

static volatile int interrupted;

/* As its owner does it: the flag is the store's and that of http. */
static struct service *serve_interrupted(unsigned jobs, unsigned grace_ms, const struct say *says,
                                         size_t n)
{
    interrupted = 0;
    struct service *s = serve_with(
        (struct cloudflare_options){
            .account_id = ACCOUNT,
            .http = {.jobs = jobs, .interrupted = &interrupted, .interrupt_grace_ms = grace_ms}},
        says, n);
    s->kit->store->interrupted = &interrupted;
    return s;
}

static void after_an_interrupt_what_is_in_flight_ends_and_nothing_starts(void **state)
{
    (void)state;
    struct error err;
    struct store_op ops[6];
    fill_with_lists(ops, 6);
    struct say first = OK("[]"), slow = OK("[]");
    first.raise = &interrupted;
    slow.delay_ms = 50;
    struct service *s = serve_interrupted(2, 5000, SAYS(first, slow));
    struct source source = {.ops = ops, .n = 6};
    assert_false(run_source(s->kit->store, &source, &err));
    assert_int_equal(err.code, ERR_INTERRUPTED);
    assert_int_equal(source.at, 2); /* the flag is raised before the first answer is written */
    assert_int_equal(n_asked(s), 2);
    assert_true(source.ok[0] && source.ok[1]);
    hang_up(s);
}

static void an_operation_that_would_ask_again_is_interrupted(void **state)
{
    (void)state;
    struct error err;
    const struct store_op ops[] = {
        {.kind = STORE_BULK_PUT, .id = TEXT(NS), .pairs = PAIR("k", "v"), .n = 1},
        {.kind = STORE_KEY_LIST, .id = TEXT(NS)}};
    struct say left_out = OK("{\"unsuccessful_keys\":[\"k\"]}");
    left_out.raise = &interrupted;
    struct service *s = serve_interrupted(1, 5000, &left_out, 1);
    struct source source = {.ops = ops, .n = 2};
    assert_false(run_source(s->kit->store, &source, &err));
    assert_int_equal(err.code, ERR_INTERRUPTED);
    assert_int_equal(source.at, 1);
    assert_int_equal(source.errors[0].code, ERR_INTERRUPTED);
    assert_int_equal(n_asked(s), 1);
    hang_up(s);
}

static void a_create_that_is_interrupted_is_not_looked_for(void **state)
{
    (void)state;
    struct error err;
    const struct store_op op = {.kind = STORE_NAMESPACE_CREATE, .title = TEXT("t")};
    struct say say = {.is_cut = true, .raise = &interrupted};
    struct service *s = serve_interrupted(1, 0, &say, 1);
    struct source source = {.ops = &op, .n = 1};
    assert_false(run_source(s->kit->store, &source, &err));
    assert_int_equal(source.errors[0].code, ERR_INTERRUPTED);
    assert_int_equal(n_asked(s), 1);
    hang_up(s);
}

static void the_stores_own_flag_is_enough(void **state)
{
    (void)state;
    struct error err;
    struct store_op ops[3];
    fill_with_lists(ops, 3);
    struct say first = OK("[]");
    first.raise = &interrupted;
    interrupted = 0;
    struct service *s = serve(&first, 1);
    s->kit->store->interrupted = &interrupted;
    struct source source = {.ops = ops, .n = 3};
    assert_false(run_source(s->kit->store, &source, &err));
    assert_int_equal(err.code, ERR_INTERRUPTED);
    assert_int_equal(source.at, 1);
    assert_true(source.ok[0]);
    hang_up(s);
}

/* ---- Which account --------------------------------------------------------------------------- */

#define ASK_ACCOUNTS           "GET /accounts?per_page=50"
#define ACCOUNT_ITEM(id, name) "{\"id\":\"" id "\",\"name\":\"" name "\",\"type\":\"standard\"}"
#define ACCOUNTS(items)        OK_PAGE("[" items "]", "{}")

static struct service *serve_unknown(const struct say *says, size_t n)
{
    return serve_with((struct cloudflare_options){.http.jobs = 4}, says, n);
}

static void the_only_account_is_used_and_asked_for_once(void **state)
{
    (void)state;
    struct error err;
    struct bytes id;
    struct store_op ops[4];
    fill_with_lists(ops, 4);
    struct service *s = serve_unknown(SAYS(ACCOUNTS(ACCOUNT_ITEM(ACCOUNT, "Me")), OK("[]")));
    struct source source = {.ops = ops, .n = 4};
    assert_true(run_source(s->kit->store, &source, &err));
    assert_true(cloudflare_store_account(s->kit->store, &id, &err));
    assert_bytes(id, TEXT(ACCOUNT));
    assert_asked(s, 0, ASK_ACCOUNTS, "");
    for (size_t i = 1; i < 5; i++)
        assert_asked(s, i, "GET " IN_NS "/keys?limit=1000", "");
    assert_int_equal(n_asked(s), 5);
    hang_up(s);
}

static void an_account_that_is_given_is_not_asked_for(void **state)
{
    (void)state;
    struct error err;
    struct bytes id;
    struct service *s = serve(SAYS(OK("[]")));
    assert_true(cloudflare_store_account(s->kit->store, &id, &err));
    assert_bytes(id, TEXT(ACCOUNT));
    assert_int_equal(n_asked(s), 0);
    hang_up(s);
    s = serve_unknown(SAYS(OK("[]")));
    expect_ok(list_namespaces(s->kit, ACCOUNT, 1));
    assert_int_equal(n_asked(s), 1);
    hang_up(s);
}

static void no_account_or_several_are_a_usage_error_that_says_what_to_do(void **state)
{
    (void)state;
    static const struct {
        struct say say;
        const char *message;
    } cases[] = {
        {ACCOUNTS(""), "show no account"},
        {ACCOUNTS(ACCOUNT_ITEM(NS, "One\\n") "," ACCOUNT_ITEM(ACCOUNT, "Two")),
         "several accounts: " NS " 'One\\x0A', " ACCOUNT " 'Two'"},
        {OK_PAGE("[" ACCOUNT_ITEM(NS, "One") "]", "{\"total_count\":3}"), NS " 'One', …"},
        {ACCOUNTS(ACCOUNT_ITEM(NS, TOKEN) "," ACCOUNT_ITEM(ACCOUNT, "Two")), "several accounts"},
    };
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct error err = {0};
        struct bytes id;
        struct service *s = serve_unknown(&cases[i].say, 1);
        assert_failed_as(list_namespaces(s->kit, "", 1), ERR_USAGE, cases[i].message,
                         "set CLOUDFLARE_ACCOUNT_ID");
        assert_false(cloudflare_store_account(s->kit->store, &id, &err));
        assert_int_equal(err.code, ERR_USAGE);
        hang_up(s);
    }
}

static void accounts_that_are_no_list_are_a_broken_answer(void **state)
{
    (void)state;
    struct error err = {0};
    struct bytes id;
    struct service *s = serve_unknown(SAYS(OK("{}")));
    assert_false(cloudflare_store_account(s->kit->store, &id, &err));
    assert_int_equal(err.code, ERR_ANSWER);
    assert_non_null(strstr(err.message, "cannot find out the account"));
    hang_up(s);
}

static void an_account_that_cannot_be_asked_for_fails_what_needs_it(void **state)
{
    (void)state;
    struct error err;
    const struct store_op ops[] = {{.kind = STORE_KEY_LIST, .id = TEXT(NS)},
                                   {.kind = STORE_KEY_LIST, .id = TEXT(NS)},
                                   {.kind = STORE_KEY_LIST, .id = TEXT(NS), .account = TEXT("a")}};
    struct service *s = serve_unknown(SAYS(NO(403, 9109, "Unauthorized"), OK("[]")));
    struct source source = {.ops = ops, .n = 3};
    assert_true(run_source(s->kit->store, &source, &err));
    assert_false(source.ok[0] || source.ok[1]);
    assert_true(source.ok[2]);
    assert_non_null(strstr(source.errors[0].message,
                           "cannot find out the account: " ASK_ACCOUNTS ": HTTP 403, code 9109"));
    assert_int_equal(n_asked(s), 2);
    hang_up(s);
}

static void an_account_id_that_is_none_is_refused(void **state)
{
    (void)state;
    static const char *const ids[] = {
        "", "shop", "../../../user", "0123456789ABCDEF0123456789ABCDEF",
        "0123456789012345678901234567890123456789012345678901234567890123456789"};
    for (size_t i = 0; i < N_OF(ids); i++) {
        struct error err = {0};
        struct cloudflare_options o = {
            .account_id = ids[i],
            .http = {.base_url = "http://127.0.0.1:1", .credentials.token = TOKEN, .jobs = 1}};
        assert_null(cloudflare_store_open(&o, &err));
        assert_int_equal(err.code, ERR_USAGE);
    }
}

/* ---- Main ------------------------------------------------------------------------------------ */

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operations_are_in_flight_together_and_each_is_reported_once),
        cmocka_unit_test(an_operation_that_is_none_is_refused),
        cmocka_unit_test(an_operation_may_wait_for_those_in_flight),
        cmocka_unit_test(operations_of_several_requests_go_side_by_side),
        cmocka_unit_test(requests_are_counted),
        cmocka_unit_test(after_an_interrupt_what_is_in_flight_ends_and_nothing_starts),
        cmocka_unit_test(an_operation_that_would_ask_again_is_interrupted),
        cmocka_unit_test(a_create_that_is_interrupted_is_not_looked_for),
        cmocka_unit_test(the_stores_own_flag_is_enough),
        cmocka_unit_test(the_only_account_is_used_and_asked_for_once),
        cmocka_unit_test(an_account_that_is_given_is_not_asked_for),
        cmocka_unit_test(no_account_or_several_are_a_usage_error_that_says_what_to_do),
        cmocka_unit_test(accounts_that_are_no_list_are_a_broken_answer),
        cmocka_unit_test(an_account_that_cannot_be_asked_for_fails_what_needs_it),
        cmocka_unit_test(an_account_id_that_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
