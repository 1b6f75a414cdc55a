#include "record.h"

#define N_WORDS 3

/* The words of a choice, by value. */
static const char *const words[][N_WORDS] = {
    [RECORD_ORIGIN] = {[STATE_CREATED] = "created", [STATE_ADOPTED] = "adopted"},
    [RECORD_WHOSE] = {[KEY_WROTE] = "wrote", [KEY_FOUND] = "found"},
    [RECORD_ON_REMOVE] = {[ON_REMOVE_DELETE] = "delete", [ON_REMOVE_KEEP] = "keep"},
};

size_t record_find(const struct record_field *fields, size_t n, struct bytes name)
{
    for (size_t i = 0; i < n; i++)
        if (bytes_equal(bytes_of(fields[i].name), name))
            return i;
    return SIZE_MAX;
}

/* ---- Reading --------------------------------------------------------------------------------- */

static bool wants(const struct record_field *f, const char *what, struct error *err)
{
    return error_set(err, ERR_FORMAT, "'%s' must be %s", f->name, what);
}

static bool parse_salt(struct bytes hex, uint8_t salt[16])
{
    /* Read as the first half of a digest, whose parser checks every digit. */
    char whole[HASH_HEX_SIZE];
    struct digest d;
    if (hex.len != 32)
        return false;
    memcpy(whole, hex.data, 32);
    memset(whole + 32, '0', 32);
    if (!digest_parse(bytes_make(whole, 64), &d))
        return false;
    memcpy(salt, d.bytes, 16);
    return true;
}

#define KEYED "v2:"

static bool parse_mac(struct bytes text, struct state_mac *mac)
{
    mac->plain = !bytes_starts_with(text, bytes_of(KEYED));
    size_t skip = mac->plain ? 0 : strlen(KEYED);
    return digest_parse(bytes_make(text.data + skip, text.len - skip), &mac->digest);
}

static bool set_choice(const struct record_field *f, unsigned *choice, struct bytes text,
                       struct error *err)
{
    const char *const *of = words[f->kind];
    for (unsigned i = 0; i < N_WORDS; i++) {
        if (!of[i] || !bytes_equal(bytes_of(of[i]), text))
            continue;
        *choice = i;
        return true;
    }
    of += !of[0]; /* there are two, one behind the other */
    return error_set(err, ERR_FORMAT, "'%s' must be \"%s\" or \"%s\"", f->name, of[0], of[1]);
}

static bool set_json(const struct record_field *f, struct bytes *at, struct bytes text,
                     struct arena *arena, struct error *err)
{
    struct error why;
    if (text.len == 0 || text.data[0] != '{' || !json_parse(text, NULL, NULL, &why))
        return wants(f, "the text of a JSON object", err);
    *at = arena_copy(arena, text);
    return true;
}

static bool set_text(const struct record_field *f, void *at, struct bytes text, struct arena *arena,
                     struct error *err)
{
    switch (f->kind) {
    case RECORD_TEXT:
        *(struct bytes *)at = arena_copy(arena, text);
        return true;
    case RECORD_JSON:
        return set_json(f, at, text, arena, err);
    case RECORD_DIGEST:
        return digest_parse(text, at) || wants(f, "64 hexadecimal digits", err);
    case RECORD_MAC:
        return parse_mac(text, at) || wants(f, "64 hexadecimal digits", err);
    case RECORD_SALT:
        return parse_salt(text, at) || wants(f, "32 hexadecimal digits", err);
    case RECORD_ORIGIN:
    case RECORD_WHOSE:
    case RECORD_ON_REMOVE:
        return set_choice(f, at, text, err);
    case RECORD_INT:
    case RECORD_COUNT:
    case RECORD_FLAG:
        break;
    }
    return wants(f, f->kind == RECORD_FLAG ? "true or false" : "an integer", err);
}

static bool set_number(const struct record_field *f, void *at, int64_t n, struct error *err)
{
    if (n < 0)
        return wants(f, "0 or more", err);
    if (f->kind == RECORD_INT)
        *(int64_t *)at = n;
    else
        *(uint64_t *)at = (uint64_t)n;
    return true;
}

bool record_set(const struct record_field *f, void *record, const struct json_event *v,
                struct arena *arena, struct error *err)
{
    void *at = (char *)record + f->offset;
    bool is_number = f->kind == RECORD_INT || f->kind == RECORD_COUNT;
    if (v->type == JSON_STRING)
        return set_text(f, at, v->text, arena, err);
    if (v->type == JSON_INTEGER && is_number)
        return set_number(f, at, v->integer, err);
    if (v->type == JSON_BOOLEAN && f->kind == RECORD_FLAG) {
        *(bool *)at = v->boolean;
        return true;
    }
    if (v->type == JSON_NULL && f->need == RECORD_NULLABLE)
        return true;
    return wants(f,
                 is_number                ? "an integer"
                 : f->kind == RECORD_FLAG ? "true or false"
                                          : "a string",
                 err);
}

/* ---- Printing -------------------------------------------------------------------------------- */

static bool is_absent(const struct record_field *f, const void *at)
{
    switch (f->kind) {
    case RECORD_TEXT:
    case RECORD_JSON:
        return !((const struct bytes *)at)->data;
    case RECORD_INT:
        return *(const int64_t *)at == 0;
    case RECORD_COUNT:
        return *(const uint64_t *)at == 0;
    case RECORD_FLAG:
        return !*(const bool *)at;
    case RECORD_ORIGIN:
    case RECORD_WHOSE:
    case RECORD_ON_REMOVE:
        return !words[f->kind][*(const unsigned *)at];
    case RECORD_DIGEST:
    case RECORD_MAC:
    case RECORD_SALT:
        break;
    }
    return false;
}

static void write_salt(struct json_writer *w, const uint8_t *salt)
{
    struct digest d = {{0}};
    char hex[HASH_HEX_SIZE];
    memcpy(d.bytes, salt, 16);
    digest_hex(&d, hex);
    json_string(w, bytes_make(hex, 32));
}

static void write_mac(struct json_writer *w, const struct state_mac *mac)
{
    char text[sizeof KEYED + HASH_HEX_SIZE] = KEYED;
    digest_hex(&mac->digest, text + strlen(KEYED));
    json_str(w, mac->plain ? text + strlen(KEYED) : text);
}

static void write_value(const struct record_field *f, const void *at, struct json_writer *w)
{
    char hex[HASH_HEX_SIZE];
    switch (f->kind) {
    case RECORD_TEXT:
    case RECORD_JSON:
        json_string(w, *(const struct bytes *)at);
        break;
    case RECORD_INT:
        json_int(w, *(const int64_t *)at);
        break;
    case RECORD_COUNT:
        json_int(w, (int64_t) * (const uint64_t *)at);
        break;
    case RECORD_FLAG:
        json_bool(w, *(const bool *)at);
        break;
    case RECORD_DIGEST:
        digest_hex(at, hex);
        json_str(w, hex);
        break;
    case RECORD_MAC:
        write_mac(w, at);
        break;
    case RECORD_SALT:
        write_salt(w, at);
        break;
    case RECORD_ORIGIN:
    case RECORD_WHOSE:
    case RECORD_ON_REMOVE:
        json_str(w, words[f->kind][*(const unsigned *)at]);
        break;
    }
}

bool record_is_left_out(const struct record_field *f, const void *record)
{
    return f->need == RECORD_OPTIONAL && is_absent(f, (const char *)record + f->offset);
}

void record_write(const struct record_field *f, const void *record, struct json_writer *w)
{
    const void *at = (const char *)record + f->offset;
    if (record_is_left_out(f, record))
        return;
    json_key(w, f->name);
    if (f->need == RECORD_NULLABLE && is_absent(f, at))
        json_null(w);
    else
        write_value(f, at, w);
}

/* ---- Its schema ------------------------------------------------------------------------------ */

static void write_words(const struct record_field *f, struct json_writer *w)
{
    json_field_array(w, "enum");
    for (unsigned i = 0; i < N_WORDS; i++)
        if (words[f->kind][i])
            json_str(w, words[f->kind][i]);
    json_end_array(w);
}

static void write_text(const struct record_field *f, const char *pattern, struct json_writer *w)
{
    if (pattern)
        json_field_str(w, "pattern", pattern);
    if (f->need != RECORD_NULLABLE) {
        json_field_str(w, "type", "string");
        return;
    }
    json_field_array(w, "type");
    json_str(w, "string");
    json_str(w, "null");
    json_end_array(w);
}

void record_write_schema(const struct record_field *f, struct json_writer *w)
{
    json_begin_object(w);
    switch (f->kind) {
    case RECORD_TEXT:
    case RECORD_JSON:
        write_text(f, NULL, w);
        break;
    case RECORD_INT:
    case RECORD_COUNT:
        json_field_int(w, "minimum", 0);
        json_field_str(w, "type", "integer");
        break;
    case RECORD_FLAG:
        if (f->need == RECORD_OPTIONAL)
            json_field_bool(w, "const", true);
        else
            json_field_str(w, "type", "boolean");
        break;
    case RECORD_DIGEST:
        write_text(f, "^[0-9a-f]{64}$", w);
        break;
    case RECORD_MAC:
        write_text(f, "^(" KEYED ")?[0-9a-f]{64}$", w);
        break;
    case RECORD_SALT:
        write_text(f, "^[0-9a-f]{32}$", w);
        break;
    case RECORD_ORIGIN:
    case RECORD_WHOSE:
    case RECORD_ON_REMOVE:
        write_words(f, w);
        break;
    }
    json_end_object(w);
}
