#include "item.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/duration.h"
#include "base/text.h"
#include "model/validate.h"
#include "model/vocabulary.h"

/* What is kept at most: enough to tell how long a key or the metadata is if it is near what may be,
 * and a value of the largest size in base64. */
#define KEY_KEPT      ((size_t)64 * 1024)
#define METADATA_KEPT ((size_t)64 * 1024)
#define VALUE_KEPT    ((size_t)(KV_VALUE_MAX + 2) / 3 * 4)

static const struct {
    const char *name;
    const char *type; /* of its value, for messages; NULL: any */
    const char *hint; /* when it has another type */
} members[ITEM_MEMBERS] = {
    [ITEM_KEY] = {"key", "a string", NULL},
    [ITEM_VALUE] = {"value", "a string",
                    "a value is stored as text: stringify objects, arrays and numbers first"},
    [ITEM_BASE64] = {"base64", "true or false", NULL},
    [ITEM_EXPIRATION] = {"expiration", MOMENT_WANTED,
                         "leave it out for a key that does not expire"},
    [ITEM_EXPIRATION_TTL] = {"expiration_ttl", DURATION_WANTED,
                             "give at least 60 seconds, 0 for a key that does not expire, or leave "
                             "it out"},
    [ITEM_METADATA] = {"metadata", NULL, NULL},
};

/* How messages call a value of that type. */
static const char *const type_names[] = {
    [JSON_NULL] = "null",           [JSON_BOOLEAN] = "a boolean", [JSON_INTEGER] = "a number",
    [JSON_NUMBER] = "a number",     [JSON_STRING] = "a string",   [JSON_BEGIN_OBJECT] = "an object",
    [JSON_BEGIN_ARRAY] = "an array"};

/* ---- Problems -------------------------------------------------------------------------------- */

void item_problem(struct item *it, const char *code, const char *fmt, ...)
{
    char prefix[80] = "header: ";
    va_list args;
    it->bad = true;
    if (it->n_problems++ >= ITEM_PROBLEMS)
        return;
    if (it->number > 0)
        snprintf(prefix, sizeof prefix, "item %" PRIu64 " (byte %" PRIu64 "): ", it->number,
                 it->offset);
    va_start(args, fmt);
    diag_add_behind(it->diags, DIAG_ERROR, code, it->pos, prefix, fmt, args);
    va_end(args);
}

void item_hint(struct item *it, const char *fmt, ...)
{
    char text[512];
    va_list args;
    va_start(args, fmt);
    if (vsnprintf(text, sizeof text, fmt, args) < 0)
        text[0] = '\0';
    va_end(args);
    if (it->n_problems <= ITEM_PROBLEMS)
        diag_hint(it->diags, "%s", text);
}

#define ITEM_LOOKS "an item looks like {\"key\": \"a\", \"value\": \"b\"}"

/* In the words of the declaring calls. */
static void wrong_type(struct item *it, int member, const char *is)
{
    if (member == ITEM_VALUE)
        item_problem(it, "source.type", "the value must be a string, got %s", is);
    else
        item_problem(it, "source.type", "field '%s' of a bulk item must be %s, got %s",
                     members[member].name, members[member].type, is);
    if (members[member].hint)
        item_hint(it, "%s", members[member].hint);
}

static void not_an_object(struct item *it, const char *is)
{
    item_problem(it, "source.item", "an item must be an object, not %s", is);
    if (!it->in_array && it->number == 1 && strcmp(is, "an array") == 0)
        item_hint(it, "JSON Lines has one object a line; read an array with "
                      "cfkv.source.json");
    else
        item_hint(it, ITEM_LOOKS);
}

static void unknown_member(struct item *it, struct bytes name, const char *nearest)
{
    char quoted[128];
    item_problem(it, "source.member", "unknown field %s in a bulk item",
                 text_quoted(name, quoted, sizeof quoted));
    if (nearest) {
        it->meant |= 1U << item_member_named(bytes_of(nearest), NULL);
        item_hint(it, "did you mean '%s'?", nearest);
    } else {
        item_hint(it, "accepted: key, value, base64, expiration, expiration_ttl, metadata");
    }
}

/* ---- Members --------------------------------------------------------------------------------- */

/* Containers around an item. */
static int base_of(const struct item *it)
{
    return it->in_array ? 1 : 0;
}

static void value_is_too_long(struct item *it)
{
    item_problem(it, "value.size", "its value has more than %d bytes (25 MiB)", KV_VALUE_MAX);
    item_hint(it, "R2 takes larger objects");
}

static void key_is_too_long(struct item *it)
{
    char key[128];
    item_problem(it, "key.length", "key %s has more than %d bytes",
                 text_quoted(buf_bytes(&it->key_text), key, sizeof key), KV_KEY_MAX);
    item_hint(it, KEY_LENGTH_HINT);
}

static void metadata_is_too_long(struct item *it)
{
    it->cut |= 1U << ITEM_METADATA;
    it->member = ITEM_IGNORED; /* the rest of it */
    item_problem(it, "metadata.size", "its metadata has more than %d bytes as JSON",
                 KV_METADATA_MAX);
    item_hint(it, METADATA_SIZE_HINT);
}

/* Of a key or a value. */
static void add_part(struct item *it, enum item_member member, struct bytes part)
{
    struct buf *text = member == ITEM_KEY ? &it->key_text : &it->value_text;
    size_t kept = member == ITEM_KEY ? KEY_KEPT : VALUE_KEPT;
    if (it->cut & 1U << member)
        return;
    if (part.len <= kept - text->len) {
        buf_add_bytes(text, part);
        return;
    }
    it->cut |= 1U << member;
    if (member == ITEM_KEY)
        key_is_too_long(it);
    else
        value_is_too_long(it);
}

/* A scalar for a message; never a value, which may be secret. */
static const char *describe(const struct json_event *e, char *out, size_t size)
{
    switch (e->type) {
    case JSON_BOOLEAN:
        return e->boolean ? "true" : "false";
    case JSON_INTEGER:
        snprintf(out, size, "%" PRId64, e->integer);
        return out;
    case JSON_NUMBER:
        snprintf(out, size, "%.*s", (int)(e->text.len < 40 ? e->text.len : 40), e->text.data);
        return out;
    case JSON_STRING:
        return text_quoted(e->text, out, size);
    default:
        return type_names[e->type];
    }
}

static void take_text(struct item *it, int member, const struct json_event *e)
{
    char got[64];
    if (e->type == JSON_STRING)
        add_part(it, (enum item_member)member, e->text);
    else
        wrong_type(it, member,
                   member == ITEM_KEY ? describe(e, got, sizeof got) : type_names[e->type]);
}

static bool whole_number(const struct json_event *e, int64_t *n)
{
    *n = e->integer;
    if (e->type == JSON_INTEGER)
        return true;
    if (e->type != JSON_NUMBER || e->number != trunc(e->number) ||
        fabs(e->number) >= 9007199254740992.0)
        return false;
    *n = (int64_t)e->number;
    return true;
}

static bool parse_seconds(int member, struct bytes text, int64_t *n)
{
    return member == ITEM_EXPIRATION ? moment_parse(text, n) : duration_parse(text, n);
}

/* What is said in place of a time or a duration; with `text`, what it might mean. */
static void wrong_seconds(struct item *it, int member, const char *is, struct bytes text)
{
    char out[HINT_SIZE];
    int64_t n;
    wrong_type(it, member, is);
    if (text_to_int64(text, &n)) {
        item_hint(it, "write %" PRId64 ", without quotes", n);
        return;
    }
    const char *hint =
        member == ITEM_EXPIRATION ? moment_hint(text, out) : duration_hint(text, out);
    if (hint)
        item_hint(it, "%s", hint);
}

/* 0 stands for "not given" from here on, so that a given one is judged here. */
static void take_seconds(struct item *it, int member, const struct json_event *e)
{
    char got[64];
    bool whole = e->type == JSON_STRING && !(it->cut & 1U << member);
    struct bytes text = whole ? e->text : bytes_make(NULL, 0);
    int64_t n;
    if (!whole_number(e, &n) && !(text.data && parse_seconds(member, text, &n))) {
        wrong_seconds(it, member, describe(e, got, sizeof got), text);
    } else if (member == ITEM_EXPIRATION) {
        it->expiration = n;
        it->zero_expiration = n == 0;
    } else {
        it->expiration_ttl = n;
        it->no_ttl = n == 0;
    }
}

static void take_scalar(struct item *it, const struct json_event *e)
{
    char got[64];
    switch (it->member) {
    case ITEM_KEY:
    case ITEM_VALUE:
        take_text(it, it->member, e);
        break;
    case ITEM_BASE64:
        it->base64 = e->type == JSON_BOOLEAN && e->boolean;
        if (e->type != JSON_BOOLEAN)
            wrong_type(it, ITEM_BASE64, describe(e, got, sizeof got));
        break;
    case ITEM_EXPIRATION:
    case ITEM_EXPIRATION_TTL:
        take_seconds(it, it->member, e);
        break;
    default:
        break;
    }
}

enum item_member item_member_named(struct bytes name, const char **nearest)
{
    const char *names[ITEM_MEMBERS + 1] = {NULL};
    for (int i = 0; i < ITEM_MEMBERS; i++) {
        names[i] = members[i].name;
        if (bytes_equal(bytes_of(names[i]), name))
            return (enum item_member)i;
    }
    if (nearest)
        *nearest = vocabulary_meant(name, names);
    return ITEM_MEMBERS;
}

const char *item_member_name(enum item_member member)
{
    return members[member].name;
}

/* A null alone is no metadata. */
static void write_metadata(struct item *it, const struct json_event *e)
{
    it->has_metadata = it->has_metadata || e->type != JSON_NULL || it->writer.depth > 0;
    json_write_event(&it->writer, e);
}

/* ---- Events ---------------------------------------------------------------------------------- */

static bool not_an_array(const char *is, struct error *err)
{
    error_set(err, ERR_FORMAT, "the file must hold an array of items, not %s", is);
    return error_hint(err, "wrangler's bulk format is [{\"key\": \"a\", \"value\": \"b\"}, …]; one "
                           "object a line is read with cfkv.source.jsonl");
}

static bool on_scalar(struct item *it, int inside, const struct json_event *e, struct error *err)
{
    if (inside < 0)
        return not_an_array(type_names[e->type], err);
    if (inside == 0) {
        not_an_object(it, type_names[e->type]);
        it->done = true;
    } else if (it->member == ITEM_METADATA) {
        write_metadata(it, e);
    } else if (inside == 1) {
        take_scalar(it, e);
    }
    return true;
}

static void on_string_part(struct item *it, int inside, struct bytes part)
{
    if (it->member == ITEM_METADATA)
        metadata_is_too_long(it);
    if (inside != 1 || it->member >= ITEM_METADATA)
        return;
    if (it->member == ITEM_KEY || it->member == ITEM_VALUE)
        add_part(it, (enum item_member)it->member, part);
    else
        it->cut |= 1U << it->member; /* what follows is not all of it */
}

static bool on_begin(struct item *it, int inside, const struct json_event *e, struct error *err)
{
    bool object = e->type == JSON_BEGIN_OBJECT;
    if (inside < 0 && object)
        return not_an_array(type_names[e->type], err);
    it->level++;
    if (inside < 0) {
        it->done = true;
    } else if (inside == 0) {
        it->member = ITEM_IGNORED;
        it->is_object = object;
        if (!object)
            not_an_object(it, type_names[e->type]);
    } else if (it->member == ITEM_METADATA) {
        write_metadata(it, e);
    } else if (inside == 1 && it->member < ITEM_MEMBERS) {
        wrong_type(it, it->member, type_names[e->type]);
    }
    return true;
}

static void on_end(struct item *it, int inside, const struct json_event *e)
{
    it->level--;
    it->done = it->done || inside == 1;
    if (inside > 1 && it->member == ITEM_METADATA)
        json_write_event(&it->writer, e);
}

static void start_member(struct item *it, struct bytes name)
{
    const char *nearest;
    enum item_member member = item_member_named(name, &nearest);
    it->member = ITEM_IGNORED;
    if (member == ITEM_MEMBERS) {
        unknown_member(it, name, nearest);
    } else if (it->seen & 1U << member) {
        item_problem(it, "source.member", "member '%s' is there twice", members[member].name);
    } else {
        it->seen |= 1U << member;
        it->member = (int)member;
    }
}

bool item_event(void *ctx, const struct json_event *e, struct error *err)
{
    struct item *it = ctx;
    int inside = it->level - base_of(it); /* 0: in place of an item */
    bool ok = true;
    switch (e->type) {
    case JSON_KEY:
        if (inside == 1)
            start_member(it, e->text);
        else if (it->member == ITEM_METADATA)
            json_write_event(&it->writer, e);
        break;
    case JSON_STRING_PART:
        on_string_part(it, inside, e->text);
        break;
    case JSON_BEGIN_OBJECT:
    case JSON_BEGIN_ARRAY:
        ok = on_begin(it, inside, e, err);
        break;
    case JSON_END_OBJECT:
    case JSON_END_ARRAY:
        on_end(it, inside, e);
        break;
    default:
        ok = on_scalar(it, inside, e, err);
        break;
    }
    if (it->member == ITEM_METADATA && it->metadata_text.len > METADATA_KEPT)
        metadata_is_too_long(it);
    return ok;
}

/* ---- An item --------------------------------------------------------------------------------- */

void item_start(struct item *it, uint64_t number, uint64_t offset, struct srcpos pos,
                struct diag_list *diags)
{
    it->key = it->value = it->metadata = bytes_make(NULL, 0);
    it->expiration = it->expiration_ttl = 0;
    it->no_ttl = it->zero_expiration = it->done = it->bad = false;
    it->number = number;
    it->offset = offset;
    it->pos = pos;
    it->diags = diags;
    if (!it->in_array)
        it->level = 0; /* the last line may have ended anywhere */
    it->member = ITEM_IGNORED;
    it->seen = it->meant = it->cut = 0;
    it->n_problems = 0;
    it->base64 = it->has_metadata = it->is_object = false;
    buf_clear(&it->key_text);
    buf_clear(&it->value_text);
    buf_clear(&it->metadata_text);
    buf_clear(&it->decoded);
    it->writer = json_writer_to(&it->metadata_text, 0);
}

/* ---- From texts ------------------------------------------------------------------------------ */

void item_begin(struct item *it)
{
    it->is_object = true;
}

static void take_boolean_text(struct item *it, struct bytes text)
{
    char quoted[64];
    it->base64 = bytes_equal(text, bytes_of("true"));
    if (!it->base64 && !bytes_equal(text, bytes_of("false")))
        wrong_type(it, ITEM_BASE64, text_quoted(text, quoted, sizeof quoted));
}

static void take_seconds_text(struct item *it, enum item_member member, struct bytes text)
{
    int64_t n;
    struct json_event e = {.type = JSON_STRING, .text = text};
    if (text_to_int64(text, &n))
        e = (struct json_event){.type = JSON_INTEGER, .integer = n};
    take_seconds(it, (int)member, &e);
}

static void take_metadata_text(struct item *it, struct bytes text)
{
    struct error why;
    bool ok = json_compact(text, &it->metadata_text, &why);
    it->has_metadata = ok && !bytes_equal(buf_bytes(&it->metadata_text), bytes_of("null"));
    if (ok)
        return;
    item_problem(it, "source.metadata", "its metadata is not JSON: %s", why.message);
    item_hint(it, "a text is JSON in quotes, too");
}

void item_add_text(struct item *it, enum item_member member, struct bytes part)
{
    it->seen |= 1U << member;
    switch (member) {
    case ITEM_KEY:
    case ITEM_VALUE:
        add_part(it, member, part);
        break;
    case ITEM_BASE64:
        take_boolean_text(it, part);
        break;
    case ITEM_EXPIRATION:
    case ITEM_EXPIRATION_TTL:
        take_seconds_text(it, member, part);
        break;
    case ITEM_METADATA:
        take_metadata_text(it, part);
        break;
    default:
        break;
    }
}

/* ---- Judging --------------------------------------------------------------------------------- */

static void needs(struct item *it, int member)
{
    item_problem(it, "source.item", "a bulk item needs field '%s'", members[member].name);
    item_hint(it, ITEM_LOOKS);
}

static void check_required(struct item *it)
{
    for (int member = ITEM_KEY; member <= ITEM_VALUE; member++)
        if (!((it->seen | it->meant) & 1U << member))
            needs(it, member);
}

/* Bytes that are never NULL: an empty value is a value. */
static struct bytes text_of(const struct buf *b)
{
    return b->data ? buf_bytes(b) : bytes_of("");
}

static void decode_value(struct item *it)
{
    struct error why;
    it->value = text_of(&it->value_text);
    if (!it->base64 || it->cut & 1U << ITEM_VALUE)
        return;
    if (seed_value_decode(it->key, it->value, &it->decoded, &why)) {
        it->value = text_of(&it->decoded);
    } else {
        item_problem(it, "source.base64", "%s", why.message);
        item_hint(it, "%s", why.hint);
    }
}

void item_finish(struct item *it)
{
    if (!it->is_object)
        return;
    check_required(it);
    it->key = text_of(&it->key_text);
    if (it->has_metadata && !(it->cut & 1U << ITEM_METADATA))
        it->metadata = text_of(&it->metadata_text);
    decode_value(it);
}

void item_release(struct item *it)
{
    buf_release(&it->key_text);
    buf_release(&it->value_text);
    buf_release(&it->metadata_text);
    buf_release(&it->decoded);
}
