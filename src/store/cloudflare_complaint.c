/* answer_refusal: what a refusal says, whatever its shape. */
#include "base/json.h"
#include "base/text.h"
#include "cloudflare_answer.h"

/* ---- One printable line ---------------------------------------------------------------------- */

static bool is_printable(char c)
{
    return (unsigned char)c >= 0x20 && c != 0x7f;
}

/* What a terminal can be trusted with: controls become blanks, what is no UTF-8 a question mark. */
static void keep_message(struct answer *a, struct bytes text)
{
    size_t n = 0;
    if (a->message[0])
        return;
    for (size_t i = 0; i < text.len && n + 1 < sizeof a->message; i++)
        a->message[n++] = is_printable(text.data[i]) ? text.data[i] : ' ';
    for (size_t bad; (bad = utf8_first_invalid(bytes_make(a->message, n))) < n;) {
        if (n - bad < 4 && n + 1 == sizeof a->message)
            n = bad; /* cut inside a character */
        else
            a->message[bad] = '?';
    }
    a->message[n] = '\0';
}

/* ---- JSON ------------------------------------------------------------------------------------ */

struct complaint {
    struct answer *a;
    unsigned depth;
    bool errors; /* the value of "errors" comes, or stands around */
    enum { NOTHING, CODE, MESSAGE } next;
};

/* {"code":…,"message":…} and {"code":…,"error":…} at the top, or objects and strings in "errors".
 */
static bool on_key(void *ctx, struct bytes name, struct error *err)
{
    struct complaint *c = ctx;
    (void)err;
    bool code = bytes_equal(name, bytes_of("code"));
    bool message = bytes_equal(name, bytes_of("message")) ||
                   (c->depth == 1 && bytes_equal(name, bytes_of("error")));
    bool here = c->depth == 1 || (c->errors && c->depth == 3);
    if (c->depth == 1)
        c->errors = bytes_equal(name, bytes_of("errors"));
    c->next = here && code ? CODE : here && message ? MESSAGE : NOTHING;
    return true;
}

static bool on_integer(void *ctx, int64_t n, struct error *err)
{
    struct complaint *c = ctx;
    (void)err;
    if (c->next == CODE && c->a->code == 0)
        c->a->code = n;
    c->next = NOTHING;
    return true;
}

static bool on_string(void *ctx, struct bytes s, struct error *err)
{
    struct complaint *c = ctx;
    (void)err;
    if (c->next == MESSAGE || (c->errors && c->depth == 2))
        keep_message(c->a, s);
    c->next = NOTHING;
    return true;
}

static bool on_begin(void *ctx, struct error *err)
{
    struct complaint *c = ctx;
    (void)err;
    c->depth++;
    c->next = NOTHING;
    return true;
}

static bool on_end(void *ctx, struct error *err)
{
    struct complaint *c = ctx;
    (void)err;
    c->depth--;
    return true;
}

/* ---- HTML ------------------------------------------------------------------------------------ */

static const char *find(struct bytes body, const char *what)
{
    size_t n = strlen(what);
    for (size_t i = 0; i + n <= body.len; i++) {
        size_t k = 0;
        while (k < n && (body.data[i + k] | 0x20) == (what[k] | 0x20))
            k++;
        if (k == n)
            return body.data + i;
    }
    return NULL;
}

static void keep_title(struct bytes body, struct answer *a)
{
    const char *from = find(body, "<title>");
    if (!from)
        return;
    from += strlen("<title>");
    struct bytes rest = bytes_make(from, (size_t)(body.data + body.len - from));
    const char *upto = find(rest, "</title>");
    if (upto)
        keep_message(a, bytes_make(from, (size_t)(upto - from)));
}

void answer_refusal(struct bytes body, struct answer *a)
{
    static const struct json_handlers handlers = {.integer = on_integer,
                                                  .string = on_string,
                                                  .begin_object = on_begin,
                                                  .key = on_key,
                                                  .end_object = on_end,
                                                  .begin_array = on_begin,
                                                  .end_array = on_end};
    struct complaint c = {.a = a};
    struct error ignored = {0}; /* what was found before the break counts */
    *a = (struct answer){0};
    if (body.len > 0 && body.data[0] == '<')
        keep_title(body, a);
    else
        json_parse(body, &handlers, &c, &ignored);
}
