#include "cloudflare_envelope.h"

enum member { OTHER, SUCCESS, RESULT, INFO, ERRORS, MESSAGES, N_MEMBERS };

struct walk {
    struct envelope *e;
    unsigned depth; /* open containers */
    enum member member;
    unsigned seen; /* bit per member */
};

const char *event_name(const struct event *e)
{
    static const char *const names[] = {
        [EVENT_NULL] = "null",
        [EVENT_BOOL] = "a boolean",
        [EVENT_INTEGER] = "a number",
        [EVENT_NUMBER] = "a number",
        [EVENT_STRING] = "a string",
        [EVENT_KEY] = "a member",
        [EVENT_BEGIN_OBJECT] = "an object",
        [EVENT_END_OBJECT] = "an object",
        [EVENT_BEGIN_ARRAY] = "an array",
        [EVENT_END_ARRAY] = "an array",
    };
    return names[e->kind];
}

bool event_is_value(const struct event *e)
{
    return e->kind != EVENT_KEY && e->kind != EVENT_END_OBJECT && e->kind != EVENT_END_ARRAY;
}

/* ---- The members of the envelope ------------------------------------------------------------- */

static const char *const member_names[N_MEMBERS] = {
    [SUCCESS] = "success", [RESULT] = "result",     [INFO] = "result_info",
    [ERRORS] = "errors",   [MESSAGES] = "messages",
};

static bool on_member(struct walk *w, struct bytes name, struct error *err)
{
    w->member = OTHER;
    for (unsigned m = SUCCESS; m < N_MEMBERS; m++)
        if (bytes_equal(name, bytes_of(member_names[m])))
            w->member = (enum member)m;
    if (w->member != OTHER && (w->seen & 1U << w->member))
        return error_set(err, ERR_FORMAT, "the member '%s' is there twice",
                         member_names[w->member]);
    w->seen |= 1U << w->member;
    return true;
}

static bool on_success(struct walk *w, const struct event *e, struct error *err)
{
    if (e->kind != EVENT_BOOL)
        return error_set(err, ERR_FORMAT, "'success' is %s, not a boolean", event_name(e));
    w->e->success = e->flag;
    return w->e->has_success = true;
}

/* An event of the value of a member. */
static bool on_inside(struct walk *w, struct event e, struct error *err)
{
    struct envelope *env = w->e;
    event_fn fn = w->member == RESULT ? env->result : w->member == INFO ? env->info : NULL;
    if (w->member == SUCCESS)
        return on_success(w, &e, err);
    if (w->member == RESULT && e.depth == 0 && e.kind != EVENT_NULL)
        env->has_result = true;
    return !fn || fn(env->ctx, &e, err);
}

static bool on_event(struct walk *w, struct event e, struct error *err)
{
    bool begins = e.kind == EVENT_BEGIN_OBJECT || e.kind == EVENT_BEGIN_ARRAY;
    bool ends = e.kind == EVENT_END_OBJECT || e.kind == EVENT_END_ARRAY;
    w->depth -= ends;
    unsigned depth = w->depth;
    w->depth += begins;
    if (depth == 0)
        return begins || ends
                   ? e.kind != EVENT_BEGIN_ARRAY ||
                         error_set(err, ERR_FORMAT, "the answer is an array, not an object")
                   : error_set(err, ERR_FORMAT, "the answer is %s, not an object", event_name(&e));
    if (depth == 1 && e.kind == EVENT_KEY)
        return on_member(w, e.text, err);
    e.depth = depth - 1;
    return on_inside(w, e, err);
}

/* ---- Events of the parser -------------------------------------------------------------------- */

static bool on_null(void *ctx, struct error *err)
{
    return on_event(ctx, (struct event){.kind = EVENT_NULL}, err);
}

static bool on_boolean(void *ctx, bool b, struct error *err)
{
    return on_event(ctx, (struct event){.kind = EVENT_BOOL, .flag = b}, err);
}

static bool on_integer(void *ctx, int64_t n, struct error *err)
{
    return on_event(ctx, (struct event){.kind = EVENT_INTEGER, .integer = n}, err);
}

static bool on_number(void *ctx, double d, struct bytes text, struct error *err)
{
    (void)d;
    return on_event(ctx, (struct event){.kind = EVENT_NUMBER, .text = text}, err);
}

static bool on_string(void *ctx, struct bytes s, struct error *err)
{
    return on_event(ctx, (struct event){.kind = EVENT_STRING, .text = s}, err);
}

static bool on_key(void *ctx, struct bytes name, struct error *err)
{
    return on_event(ctx, (struct event){.kind = EVENT_KEY, .text = name}, err);
}

static bool on_begin_object(void *ctx, struct error *err)
{
    return on_event(ctx, (struct event){.kind = EVENT_BEGIN_OBJECT}, err);
}

static bool on_end_object(void *ctx, struct error *err)
{
    return on_event(ctx, (struct event){.kind = EVENT_END_OBJECT}, err);
}

static bool on_begin_array(void *ctx, struct error *err)
{
    return on_event(ctx, (struct event){.kind = EVENT_BEGIN_ARRAY}, err);
}

static bool on_end_array(void *ctx, struct error *err)
{
    return on_event(ctx, (struct event){.kind = EVENT_END_ARRAY}, err);
}

bool envelope_walk(struct bytes body, struct envelope *e, struct error *err)
{
    static const struct json_handlers handlers = {
        on_null,         on_boolean, on_integer,    on_number,      on_string,
        on_begin_object, on_key,     on_end_object, on_begin_array, on_end_array};
    struct walk w = {.e = e};
    if (!json_parse(body, &handlers, &w, err))
        return false;
    return e->has_success || error_set(err, ERR_FORMAT, "the answer has no 'success'");
}
