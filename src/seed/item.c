#include "item.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"
#include "model/validate.h"

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
    [ITEM_EXPIRATION] = {"expiration", "an integer", "give seconds since 1970, or leave it out"},
    [ITEM_EXPIRATION_TTL] = {"expiration_ttl", "an integer",
                             "give at least 60 seconds, 0 for a key that does not expire, or leave "
                             "it out"},
    [ITEM_METADATA] = {"metadata", NULL, NULL},
};

/* A scalar as the reader meets it. */
struct scalar {
    enum { NULL_VALUE, BOOLEAN, INTEGER, NUMBER, STRING } type;
    bool boolean;
    int64_t integer;
    double number;
    struct bytes text; /* STRING, NUMBER */
};

static const char *const type_names[] = {[NULL_VALUE] = "null",
                                         [BOOLEAN] = "a boolean",
                                         [INTEGER] = "a number",
                                         [NUMBER] = "a number",
                                         [STRING] = "a string"};

/* ---- Problems -------------------------------------------------------------------------------- */

void item_problem(struct item *it, const char *code, const char *fmt, ...)
{
    char text[768];
    va_list args;
    va_start(args, fmt);
    if (vsnprintf(text, sizeof text, fmt, args) < 0)
        text[0] = '\0';
    va_end(args);
    it->bad = true;
    if (it->n_problems++ >= ITEM_PROBLEMS)
        return;
    if (it->number == 0)
        diag_add(it->diags, DIAG_ERROR, code, it->pos, "header: %s", text);
    else
        diag_add(it->diags, DIAG_ERROR, code, it->pos, "item %" PRIu64 " (byte %" PRIu64 "): %s",
                 it->number, it->offset, text);
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
        item_hint(it, "an item looks like {\"key\": \"a\", \"value\": \"b\"}");
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
}

static void metadata_is_too_long(struct item *it)
{
    it->cut |= 1U << ITEM_METADATA;
    it->member = ITEM_IGNORED; /* the rest of it */
    item_problem(it, "metadata.size", "its metadata has more than %d bytes as JSON",
                 KV_METADATA_MAX);
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
static const char *describe(const struct scalar *v, char *out, size_t size)
{
    switch (v->type) {
    case NULL_VALUE:
        return "null";
    case BOOLEAN:
        return v->boolean ? "true" : "false";
    case INTEGER:
        snprintf(out, size, "%" PRId64, v->integer);
        return out;
    case NUMBER:
        snprintf(out, size, "%.*s", (int)(v->text.len < 40 ? v->text.len : 40), v->text.data);
        return out;
    case STRING:
        break;
    }
    return text_quoted(v->text, out, size);
}

static void take_text(struct item *it, int member, const struct scalar *v)
{
    char got[64];
    if (v->type == STRING)
        add_part(it, (enum item_member)member, v->text);
    else
        wrong_type(it, member,
                   member == ITEM_KEY ? describe(v, got, sizeof got) : type_names[v->type]);
}

static bool whole_number(const struct scalar *v, int64_t *n)
{
    *n = v->integer;
    if (v->type == INTEGER)
        return true;
    if (v->type != NUMBER || v->number != trunc(v->number) || fabs(v->number) >= 9007199254740992.0)
        return false;
    *n = (int64_t)v->number;
    return true;
}

/* 0 stands for "not given" from here on, so that a given one is judged here. */
static void take_number(struct item *it, int member, const struct scalar *v)
{
    char got[64];
    int64_t n;
    if (!whole_number(v, &n)) {
        wrong_type(it, member, describe(v, got, sizeof got));
    } else if (member == ITEM_EXPIRATION) {
        it->expiration = n;
        it->zero_expiration = n == 0;
    } else {
        it->expiration_ttl = n;
        it->no_ttl = n == 0;
    }
}

static void take_scalar(struct item *it, const struct scalar *v)
{
    char got[64];
    switch (it->member) {
    case ITEM_KEY:
    case ITEM_VALUE:
        take_text(it, it->member, v);
        break;
    case ITEM_BASE64:
        it->base64 = v->type == BOOLEAN && v->boolean;
        if (v->type != BOOLEAN)
            wrong_type(it, ITEM_BASE64, describe(v, got, sizeof got));
        break;
    case ITEM_EXPIRATION:
    case ITEM_EXPIRATION_TTL:
        take_number(it, it->member, v);
        break;
    default:
        break;
    }
}

static void check_metadata(struct item *it)
{
    if (it->metadata_text.len > METADATA_KEPT && it->member == ITEM_METADATA)
        metadata_is_too_long(it);
}

static void write_metadata(struct item *it, const struct scalar *v)
{
    it->has_metadata = it->has_metadata || v->type != NULL_VALUE || it->writer.depth > 0;
    switch (v->type) {
    case NULL_VALUE:
        json_null(&it->writer);
        break;
    case BOOLEAN:
        json_bool(&it->writer, v->boolean);
        break;
    case INTEGER:
        json_int(&it->writer, v->integer);
        break;
    case NUMBER:
        json_raw(&it->writer, v->text);
        break;
    case STRING:
        json_string(&it->writer, v->text);
        break;
    }
    check_metadata(it);
}

/* ---- Events ---------------------------------------------------------------------------------- */

static bool not_an_array(const char *is, struct error *err)
{
    error_set(err, ERR_FORMAT, "the file must hold an array of items, not %s", is);
    return error_hint(err, "wrangler's bulk format is [{\"key\": \"a\", \"value\": \"b\"}, …]; one "
                           "object a line is read with cfkv.source.jsonl");
}

static bool on_scalar(struct item *it, const struct scalar *v, struct error *err)
{
    int inside = it->level - base_of(it); /* 0: in place of an item */
    if (inside < 0)
        return not_an_array(type_names[v->type], err);
    if (inside == 0) {
        not_an_object(it, type_names[v->type]);
        it->done = true;
        return true;
    }
    if (it->member == ITEM_METADATA)
        write_metadata(it, v);
    else if (inside == 1)
        take_scalar(it, v);
    return true;
}

static bool on_null(void *ctx, struct error *err)
{
    return on_scalar(ctx, &(struct scalar){.type = NULL_VALUE}, err);
}

static bool on_boolean(void *ctx, bool b, struct error *err)
{
    return on_scalar(ctx, &(struct scalar){.type = BOOLEAN, .boolean = b}, err);
}

static bool on_integer(void *ctx, int64_t n, struct error *err)
{
    return on_scalar(ctx, &(struct scalar){.type = INTEGER, .integer = n}, err);
}

static bool on_number(void *ctx, double d, struct bytes text, struct error *err)
{
    return on_scalar(ctx, &(struct scalar){.type = NUMBER, .number = d, .text = text}, err);
}

static bool on_string(void *ctx, struct bytes s, struct error *err)
{
    return on_scalar(ctx, &(struct scalar){.type = STRING, .text = s}, err);
}

static bool on_string_part(void *ctx, struct bytes part, struct error *err)
{
    struct item *it = ctx;
    bool direct = it->level - base_of(it) == 1;
    (void)err;
    if (it->member == ITEM_METADATA)
        metadata_is_too_long(it);
    if (direct && (it->member == ITEM_KEY || it->member == ITEM_VALUE))
        add_part(it, (enum item_member)it->member, part);
    return true;
}

/* A container begins; `is` names it. */
static bool on_begin(struct item *it, const char *is, bool object, struct error *err)
{
    int inside = it->level - base_of(it);
    if (inside < 0 && object)
        return not_an_array(is, err);
    it->level++;
    if (inside < 0)
        return it->done = true;
    if (inside == 0) {
        it->member = ITEM_IGNORED;
        it->is_object = object;
        if (!object)
            not_an_object(it, is);
    } else if (it->member == ITEM_METADATA) {
        it->has_metadata = true;
        if (object)
            json_begin_object(&it->writer);
        else
            json_begin_array(&it->writer);
    } else if (inside == 1 && it->member < ITEM_MEMBERS) {
        wrong_type(it, it->member, is);
    }
    check_metadata(it);
    return true;
}

static bool on_end(struct item *it, bool object)
{
    int inside = --it->level - base_of(it);
    it->done = it->done || inside == 0;
    if (inside > 0 && it->member == ITEM_METADATA) {
        if (object)
            json_end_object(&it->writer);
        else
            json_end_array(&it->writer);
    }
    return true;
}

static bool on_begin_object(void *ctx, struct error *err)
{
    return on_begin(ctx, "an object", true, err);
}

static bool on_begin_array(void *ctx, struct error *err)
{
    return on_begin(ctx, "an array", false, err);
}

static bool on_end_object(void *ctx, struct error *err)
{
    (void)err;
    return on_end(ctx, true);
}

static bool on_end_array(void *ctx, struct error *err)
{
    (void)err;
    return on_end(ctx, false);
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
        *nearest = text_nearest(name, names);
    return ITEM_MEMBERS;
}

const char *item_member_name(enum item_member member)
{
    return members[member].name;
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

static bool on_key(void *ctx, struct bytes name, struct error *err)
{
    struct item *it = ctx;
    int inside = it->level - base_of(it);
    (void)err;
    if (inside == 1)
        start_member(it, name);
    else if (it->member == ITEM_METADATA)
        json_key_bytes(&it->writer, name);
    check_metadata(it);
    return true;
}

const struct json_handlers item_handlers = {
    .null = on_null,
    .boolean = on_boolean,
    .integer = on_integer,
    .number = on_number,
    .string = on_string,
    .string_part = on_string_part,
    .begin_object = on_begin_object,
    .key = on_key,
    .end_object = on_end_object,
    .begin_array = on_begin_array,
    .end_array = on_end_array,
};

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

static void take_number_text(struct item *it, enum item_member member, struct bytes text)
{
    char quoted[64];
    int64_t n;
    if (text_to_int64(text, &n))
        take_number(it, (int)member, &(struct scalar){.type = INTEGER, .integer = n});
    else
        wrong_type(it, (int)member, text_quoted(text, quoted, sizeof quoted));
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
        take_number_text(it, member, part);
        break;
    case ITEM_METADATA:
        take_metadata_text(it, part);
        break;
    default:
        break;
    }
}

/* ---- Judging --------------------------------------------------------------------------------- */

static void check_required(struct item *it)
{
    for (int member = ITEM_KEY; member <= ITEM_VALUE; member++)
        if (!((it->seen | it->meant) & 1U << member))
            item_problem(it, "source.item", "a bulk item needs field '%s'", members[member].name);
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
