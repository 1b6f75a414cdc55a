#include "cloudflare_envelope.h"

#include <strings.h>

#include "base/line.h"
#include "base/text.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* ---- The envelope ---------------------------------------------------------------------------- */

struct envelope {
    struct answer *answer;
    /* Of an answer that is its own only error. */
    int64_t code;
    char message[sizeof((struct answer *)0)->message];
};

static bool take_success(void *ctx, const struct json_event *v, struct error *err)
{
    struct answer *a = ((struct envelope *)ctx)->answer;
    (void)err;
    a->is_envelope = true;
    a->success = v->boolean;
    return true;
}

static void keep_code(int64_t *code, int64_t n)
{
    if (*code == 0 && n > 0)
        *code = n;
}

static bool take_error_code(void *ctx, const struct json_event *v, struct error *err)
{
    (void)err;
    keep_code(&((struct envelope *)ctx)->answer->code, v->integer);
    return true;
}

static bool take_error_message(void *ctx, const struct json_event *v, struct error *err)
{
    struct answer *a = ((struct envelope *)ctx)->answer;
    (void)err;
    if (!a->message[0])
        text_one_line(v->text, a->message, sizeof a->message);
    return true;
}

static bool take_own_code(void *ctx, const struct json_event *v, struct error *err)
{
    (void)err;
    keep_code(&((struct envelope *)ctx)->code, v->integer);
    return true;
}

static bool take_own_message(void *ctx, const struct json_event *v, struct error *err)
{
    struct envelope *e = ctx;
    (void)err;
    text_one_line(v->text, e->message, sizeof e->message);
    return true;
}

static const struct shape error_members[] = {
    {.name = "code", .kinds = SHAPE_INTEGER, .lenient = true, .take = take_error_code},
    {.name = "message", .kinds = SHAPE_STRING, .lenient = true, .take = take_error_message},
    {.name = NULL}};

/* A bare string is a message. */
static const struct shape error_entry = {.what = "an item of 'errors'",
                                         .kinds = SHAPE_OBJECT | SHAPE_STRING,
                                         .lenient = true,
                                         .take = take_error_message,
                                         .members = error_members};

/* Some are here only to be found twice. */
static const struct shape envelope_members[] = {
    {.name = "success", .kinds = SHAPE_BOOLEAN, .lenient = true, .take = take_success},
    {.name = "errors", .kinds = SHAPE_ARRAY, .lenient = true, .item = &error_entry},
    {.name = "code", .kinds = SHAPE_INTEGER, .lenient = true, .take = take_own_code},
    {.name = "error", .kinds = SHAPE_STRING, .lenient = true, .take = take_own_message},
    {.name = "messages", .kinds = SHAPE_ANY},
    {.name = "result", .kinds = SHAPE_ANY},
    {.name = "result_info", .kinds = SHAPE_ANY},
    {.name = NULL}};

static bool read_envelope(struct bytes body, struct answer *a, struct error *err)
{
    static const struct shape root = {
        .what = "the answer", .kinds = SHAPE_OBJECT, .members = envelope_members};
    struct envelope e = {.answer = a};
    *a = (struct answer){0};
    if (!shape_read(body, &root, &e, err))
        return false;
    keep_code(&a->code, e.code);
    if (!a->message[0])
        memcpy(a->message, e.message, sizeof a->message);
    return true;
}

bool answer_envelope_read(struct bytes body, struct answer *a, const struct shape *members,
                          void *ctx, struct error *err)
{
    struct shape root = {.what = "the answer", .kinds = SHAPE_OBJECT, .members = members};
    *a = (struct answer){0};
    if (body.len == 0)
        return error_set(err, ERR_FORMAT, "the answer is empty");
    if (!read_envelope(body, a, err))
        return false;
    if (!a->is_envelope)
        return error_set(err, ERR_FORMAT, "the answer has no boolean 'success'");
    return !a->success || shape_read(body, &root, ctx, err);
}

/* ---- Refusals -------------------------------------------------------------------------------- */

/* Where `word` begins in `text`, in letters of any case; text.len: nowhere. `word` starts with '<'.
 */
static size_t find_tag(struct bytes text, const char *word)
{
    size_t len = strlen(word);
    for (size_t i = 0; i + len <= text.len; i++) {
        const char *tag = memchr(text.data + i, '<', text.len - len + 1 - i);
        if (!tag)
            break;
        i = (size_t)(tag - text.data);
        if (strncasecmp(tag, word, len) == 0)
            return i;
    }
    return text.len;
}

static struct bytes behind(struct bytes text, size_t n)
{
    return bytes_make(text.data + n, text.len - n);
}

static void take_title(struct bytes page, struct answer *a)
{
    size_t start = find_tag(page, "<title");
    const char *open_end = memchr(page.data + start, '>', page.len - start);
    if (!open_end)
        return;
    struct bytes title = behind(page, (size_t)(open_end + 1 - page.data));
    size_t end = find_tag(title, "</title");
    if (end < title.len)
        text_one_line(bytes_make(title.data, end), a->message, sizeof a->message);
}

static bool is_page(struct bytes body)
{
    if (bytes_starts_with(body, bytes_of("\xef\xbb\xbf")))
        body = behind(body, 3);
    while (body.len > 0 && text_is_blank(body.data[0]))
        body = behind(body, 1);
    return bytes_starts_with(body, bytes_of("<"));
}

/* A message that quotes a key may have been cut inside a character; its code counts all the same.
 */
static bool read_repaired(struct bytes body, struct answer *a)
{
    struct buf repaired = {0};
    struct error why;
    for (size_t valid; (valid = utf8_first_invalid(body)) < body.len;) {
        buf_add(&repaired, body.data, valid);
        buf_add_str(&repaired, REPLACEMENT);
        body = behind(body, valid + 1);
    }
    buf_add_bytes(&repaired, body);
    bool ok = read_envelope(buf_bytes(&repaired), a, &why);
    buf_release(&repaired);
    return ok;
}

struct answer answer_refusal(struct bytes body)
{
    struct answer a = {0};
    struct error why;
    if (is_page(body))
        take_title(body, &a);
    else if (!read_envelope(body, &a, &why) && (utf8_valid(body) || !read_repaired(body, &a)))
        a = (struct answer){0};
    return a;
}
