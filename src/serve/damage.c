#include "damage.h"

#include <time.h>

#include "base/clock.h"
#include "endpoints.h"

#define HUGE_LENGTH  (INT64_C(2) << 30)
#define LONG_MESSAGE (10 * 1000 * 1000)
#define DEEP         100000
#define FOREVER_MS   (INT64_C(1000) * 60 * 60 * 24)

static int64_t or_else(int64_t given, int64_t fallback)
{
    return given > 0 ? given : fallback;
}

int64_t damage_delay_ms(const struct call *c)
{
    return call_has_fault(c, FAULT_DELAY) ? c->fault->ms : 0;
}

/* ---- Answers of another kind ----------------------------------------------------------------- */

static void add_retry_after(struct reply *reply, const struct fault_rule *rule)
{
    char text[30];
    reply_date(clock_now() + rule->retry_after_date, text);
    if (rule->retry_after >= 0)
        reply_header(reply, "Retry-After", "%lld", (long long)rule->retry_after);
    else if (rule->retry_after_date >= 0)
        reply_header(reply, "Retry-After", "%s", text);
}

static void answer_error(struct reply *reply, const struct fault_rule *rule)
{
    bool quota = rule->kind == FAULT_QUOTA;
    int code = (int)or_else(rule->code, quota ? CODE_QUOTA : CODE_UNAVAILABLE);
    /* A code alone comes with its own status. */
    unsigned status = (unsigned)or_else(rule->status, quota            ? 429
                                                      : rule->code > 0 ? (int64_t)code_status(code)
                                                                       : 503);
    reply_fail_as(reply, status, code, rule->message ? rule->message : code_text(code));
}

static void answer_raw(struct reply *reply, const struct fault_rule *rule, int64_t status)
{
    reply_clear(reply);
    reply->status = (unsigned)or_else(rule->status, status);
    buf_add_bytes(&reply->body, rule->body);
}

/* false: the fault does not replace the answer. */
static bool replace_answer(struct reply *reply, const struct fault_rule *rule)
{
    switch (rule->kind) {
    case FAULT_STATUS:
    case FAULT_QUOTA:
        answer_error(reply, rule);
        break;
    case FAULT_HTML:
        reply_html(reply, (unsigned)or_else(rule->status, 502),
                   rule->message ? rule->message : "Bad gateway");
        break;
    case FAULT_BODY:
        answer_raw(reply, rule, 200);
        break;
    case FAULT_EMPTY:
        answer_raw(reply, rule, 502);
        break;
    case FAULT_CHALLENGE:
        reply_html(reply, (unsigned)or_else(rule->status, 403), "Just a moment...");
        reply_header(reply, "cf-mitigated", "challenge");
        break;
    case FAULT_REDIRECT:
        reply_html(reply, (unsigned)or_else(rule->status, 302), "Found");
        reply_header(reply, "Location", "%s", rule->location);
        break;
    default:
        return false;
    }
    add_retry_after(reply, rule);
    return true;
}

/* ---- Answers that are spoiled ---------------------------------------------------------------- */

static bool write_wrong(void *ctx, const struct json_event *e, struct error *err)
{
    struct json_writer *w = ctx;
    (void)err;
    if (e->type == JSON_NULL)
        json_bool(w, false);
    else if (e->type == JSON_BOOLEAN)
        json_str(w, e->boolean ? "true" : "false");
    else if (e->type == JSON_INTEGER || e->type == JSON_NUMBER)
        json_string(w, e->text);
    else if (e->type == JSON_STRING)
        json_int(w, (int64_t)e->text.len);
    else
        json_write_event(w, e);
    return true;
}

/* Numbers become texts, texts numbers, and so on; what is no JSON stays. */
static void make_wrong_types(struct buf *body)
{
    struct buf wrong = {0};
    struct error err;
    struct json_writer w = json_writer_to(&wrong, 0);
    if (!json_parse(buf_bytes(body), write_wrong, &w, &err)) {
        buf_release(&wrong);
        return;
    }
    buf_release(body);
    *body = wrong;
}

/* A byte that no UTF-8 has, at the start of each text. */
static void make_bad_utf8(struct buf *body)
{
    struct buf bad = {0};
    for (size_t i = 0; i < body->len; i++) {
        buf_add_char(&bad, body->data[i]);
        if (i >= 2 && memcmp(body->data + i - 2, "\":\"", 3) == 0)
            buf_add_char(&bad, '\xff');
    }
    if (bad.len == body->len) {
        buf_clear(&bad);
        buf_add_str(&bad, "{\"result\":\"\xff\",\"success\":true,\"errors\":[],\"messages\":[]}");
    }
    buf_release(body);
    *body = bad;
}

static void make_duplicate(struct buf *body)
{
    struct buf twice = {0};
    buf_add_str(&twice, "{\"result\":null,\"success\":true,\"errors\":[],\"result_info\":{}");
    if (body->len > 0 && body->data[0] == '{') {
        buf_add_char(&twice, ',');
        buf_add(&twice, body->data + 1, body->len - 1);
    } else {
        buf_add_char(&twice, '}');
    }
    buf_release(body);
    *body = twice;
}

static void make_deep(struct buf *body)
{
    buf_clear(body);
    buf_reserve(body, 2 * DEEP);
    for (size_t i = 0; i < DEEP; i++)
        buf_add_char(body, '[');
    for (size_t i = 0; i < DEEP; i++)
        buf_add_char(body, ']');
}

static void make_long_error(struct reply *reply, const struct fault_rule *rule)
{
    int64_t length = or_else(rule->length, LONG_MESSAGE);
    reply_fail_as(reply, (unsigned)or_else(rule->status, 500),
                  (int)or_else(rule->code, CODE_UNAVAILABLE), "");
    /* The message is the first empty text of the envelope. */
    struct buf *body = &reply->body, text = {0};
    const char *at = body->data ? strstr(body->data, "\"\"") : NULL;
    if (!at)
        return;
    buf_add(&text, body->data, (size_t)(at - body->data) + 1);
    for (int64_t i = 0; i < length; i++)
        buf_add_char(&text, (char)('a' + i % 26));
    buf_add_str(&text, at + 1);
    buf_release(body);
    *body = text;
}

static void make_no_info(struct buf *body)
{
    static const char member[] = ",\"result_info\":";
    const char *last = NULL;
    for (const char *at = body->data; at && (at = strstr(at, member)) != NULL; at++)
        last = at;
    if (!last)
        return;
    body->len = (size_t)(last - body->data);
    buf_add_char(body, '}');
}

static void spoil(struct reply *reply, const struct fault_rule *rule, struct delivery *delivery)
{
    struct buf *body = &reply->body;
    switch (rule->kind) {
    case FAULT_TRUNCATE:
        *delivery = (struct delivery){.how = DELIVERY_CUT, .length = body->len / 2};
        break;
    case FAULT_HUGE_LENGTH:
        *delivery = (struct delivery){.how = DELIVERY_PADDED,
                                      .length = (uint64_t)or_else(rule->length, HUGE_LENGTH)};
        break;
    case FAULT_SLOW:
        *delivery = (struct delivery){.how = DELIVERY_SLOW, .ms = or_else(rule->ms, 100)};
        break;
    case FAULT_MALFORMED:
        body->len /= 2;
        break;
    case FAULT_DEEP:
        make_deep(body);
        break;
    case FAULT_LONG_ERROR:
        make_long_error(reply, rule);
        break;
    case FAULT_BAD_UTF8:
        make_bad_utf8(body);
        break;
    case FAULT_WRONG_TYPES:
        make_wrong_types(body);
        break;
    case FAULT_DUPLICATE:
        make_duplicate(body);
        break;
    case FAULT_NULL_RESULT:
        buf_clear(body);
        buf_add_str(body, "{\"result\":null,\"success\":true,\"errors\":[],\"messages\":[]}");
        break;
    case FAULT_NO_INFO:
        make_no_info(body);
        break;
    default:
        break;
    }
}

/* ---- One request ----------------------------------------------------------------------------- */

/* false: the fault is not about there being no answer. */
static bool withhold(const struct fault_rule *rule, struct delivery *delivery)
{
    switch (rule->kind) {
    case FAULT_DROP_BEFORE:
    case FAULT_DROP_AFTER:
        delivery->how = DELIVERY_DROP;
        return true;
    case FAULT_RESET:
        delivery->how = DELIVERY_RESET;
        return true;
    case FAULT_HANG:
        *delivery = (struct delivery){.how = DELIVERY_HANG, .ms = or_else(rule->ms, FOREVER_MS)};
        return true;
    default:
        return false;
    }
}

static bool replaces(enum fault_kind kind)
{
    return kind == FAULT_STATUS || kind == FAULT_QUOTA || kind == FAULT_HTML ||
           kind == FAULT_BODY || kind == FAULT_EMPTY || kind == FAULT_CHALLENGE ||
           kind == FAULT_REDIRECT || kind == FAULT_DROP_BEFORE || kind == FAULT_RESET ||
           kind == FAULT_HANG;
}

void damage_answer(struct call *c, struct delivery *delivery)
{
    const struct fault_rule *rule = c->fault;
    *delivery = (struct delivery){0};
    if (!rule || !replaces(rule->kind) || rule->after)
        endpoints_answer(c);
    if (rule && !withhold(rule, delivery) && !replace_answer(c->reply, rule))
        spoil(c->reply, rule, delivery);
}
