#include "endpoints.h"

#include "base/clock.h"
#include "base/text.h"
#include "limits.h"
#include "step.h"

#define ANSWER(constant, name, op, method, path) [ENDPOINT_##constant] = {name, op},

static const struct {
    bool (*answer)(struct call *c);
    const char *op;
} table[ENDPOINT_COUNT] = {ENDPOINTS(ANSWER)};

/* ---- Before the work ------------------------------------------------------------------------- */

static bool take_rate(struct call *c, const char *credential)
{
    struct rate *rate = &c->server->rate;
    if (rate_take(rate, credential, clock_monotonic_ms(), &c->rate))
        return true;
    reply_fail(c->reply, CODE_THROTTLED,
               "More than %u requests per %u seconds reached. Please wait and consider throttling "
               "your request speed",
               rate->requests, rate->seconds);
    reply_header(c->reply, "Retry-After", "%u", c->rate.reset_s);
    return false;
}

bool endpoints_admit(struct call *c)
{
    c->route = route_find(c->head.method, c->head.target, c->arena);
    if (!admit_check(&c->server->admit, &c->head, &c->credential, c->reply) ||
        !take_rate(c, c->credential))
        return false;
    c->fault = faults_pick(&c->server->faults, c->head.method, &c->route);
    return true;
}

/* ---- What the path names --------------------------------------------------------------------- */

static bool check_account(struct call *c)
{
    if (!c->route.account.data)
        return true;
    if (!limits_hex_id(c->route.account))
        return reply_no_route(c->reply, code_status(CODE_NO_ROUTE), c->route.path);
    if (!account_exists(c, c->route.account))
        return reply_fail(c->reply, CODE_AUTHENTICATION, "Authentication error");
    c->account =
        bytes_equal(c->route.account, bytes_of(SERVER_ACCOUNT)) ? bytes_of("") : c->route.account;
    return true;
}

static bool check_namespace(struct call *c)
{
    struct store_op op = {.kind = STORE_NAMESPACE_GET, .id = c->route.id};
    if (!c->route.id.data)
        return true;
    if (!limits_hex_id(c->route.id))
        return reply_fail(c->reply, CODE_NAMESPACE_ID,
                          "%s: 'could not parse UUID from request's namespace_id: \"%.*s\"'", c->op,
                          BYTES_FMT(c->route.id));
    return step_run(c, &op, NULL, NULL);
}

static bool check_key(struct call *c)
{
    if (!c->route.key.data)
        return true;
    if (c->route.key.len == 0)
        return reply_bare(c->reply, 404);
    if (c->route.undecodable)
        return reply_fail(c->reply, CODE_KEY_NAME, "%s: 'Could not URL-decode key name'", c->op);
    return limits_key(c->route.key, c->op, c->reply);
}

static bool fail_route(struct call *c)
{
    static const char *const known[] = {"GET", "POST", "PUT", "DELETE", NULL};
    if (!c->route.path_known)
        return reply_no_route(c->reply, 404, c->route.path);
    for (size_t i = 0; known[i]; i++)
        if (strcmp(known[i], c->head.method) == 0)
            return reply_fail(c->reply, CODE_WRONG_METHOD, "%s %s", c->head.method,
                              code_text(CODE_WRONG_METHOD));
    return reply_fail(c->reply, CODE_NO_METHOD, "%s: %s", c->head.method,
                      code_text(CODE_NO_METHOD));
}

void endpoints_answer(struct call *c)
{
    enum endpoint e = c->route.endpoint;
    reply_clear(c->reply);
    if (e == ENDPOINT_NONE) {
        fail_route(c);
        return;
    }
    c->op = table[e].op;
    if (check_account(c) && check_namespace(c) && check_key(c))
        table[e].answer(c);
}

/* ---- Parameters ------------------------------------------------------------------------------ */

bool query_number(struct call *c, const char *name, int code, size_t min, size_t max,
                  size_t fallback, size_t *n)
{
    struct bytes text = query_get(c->route.query, name, c->arena);
    struct limits_number number = limits_number_of(text);
    *n = fallback;
    if (!text.data)
        return true;
    if (!number.whole || number.n < (int64_t)min || number.n > (int64_t)max)
        return reply_fail(c->reply, code,
                          "%s: 'Invalid %s of %s. Please specify an integer from %zu to %zu.'",
                          c->op, name, number.text, min, max);
    *n = (size_t)number.n;
    return true;
}

bool query_choice(struct call *c, const char *name, int code, const char *first,
                  const char *second_word, bool *second)
{
    struct bytes text = query_get(c->route.query, name, c->arena);
    *second = text.data && bytes_equal(text, bytes_of(second_word));
    if (!text.data || *second || bytes_equal(text, bytes_of(first)))
        return true;
    return reply_fail(c->reply, code, "%s: 'Invalid %s. Please specify \"%s\" or \"%s\".'", c->op,
                      name, first, second_word);
}
