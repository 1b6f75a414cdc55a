#include "fields.h"

/* ---- What one is written as -------------------------------------------------------------------
 */

static void write_type(struct json_writer *w, const char *type, bool or_null)
{
    if (!or_null) {
        json_field_str(w, "type", type);
        return;
    }
    json_field_array(w, "type");
    json_str(w, type);
    json_str(w, "null");
    json_end_array(w);
}

static void write_list_of(struct json_writer *w, const char *member)
{
    json_field_object(w, member);
    json_field_str(w, "type", "string");
    json_end_object(w);
}

/* `beside`: what may stand for a text. */
static void write_text_or(struct json_writer *w, const char *beside, const char *member)
{
    json_field_object(w, "additionalProperties");
    json_field_array(w, "anyOf");
    json_begin_object(w);
    json_field_str(w, "type", "string");
    json_end_object(w);
    json_begin_object(w);
    write_list_of(w, member);
    json_field_str(w, "type", beside);
    json_end_object(w);
    json_end_array(w);
    json_end_object(w);
}

static void write_choices(struct json_writer *w, const struct field *f)
{
    json_field_array(w, "enum");
    for (size_t i = 0; f->choices[i]; i++)
        json_str(w, f->choices[i]);
    json_null(w);
    json_end_array(w);
}

static void write_text(struct json_writer *w, const struct field *f)
{
    if (f->choices) {
        write_choices(w, f);
        return;
    }
    if (f->at_most > 0)
        json_field_count(w, "maxLength", f->at_most);
    write_type(w, "string", !(f->use & FIELD_REQUIRED));
}

static void write_table(struct json_writer *w, const struct field *f)
{
    struct fields members = {f->name, f->members, f->n_members};
    json_field_bool(w, "additionalProperties", false);
    json_key(w, "properties");
    fields_write_schema(w, &members);
    json_field_array(w, "required");
    for (size_t i = 0; i < f->n_members; i++)
        json_str(w, f->members[i].name);
    json_end_array(w);
    write_type(w, "object", true);
}

static void write_kind(struct json_writer *w, const struct field *f)
{
    switch (f->kind) {
    case FIELD_STRING:
        write_text(w, f);
        break;
    case FIELD_INTEGER:
    case FIELD_DURATION:
    case FIELD_MOMENT:
        write_type(w, "integer", false);
        break;
    case FIELD_BOOLEAN:
    case FIELD_TRISTATE:
        write_type(w, "boolean", false);
        break;
    case FIELD_CHOICE:
        write_choices(w, f);
        break;
    case FIELD_STRINGS:
        write_list_of(w, "items");
        write_type(w, "array", false);
        break;
    case FIELD_RENAMES:
        write_list_of(w, "additionalProperties");
        write_type(w, "object", false);
        break;
    case FIELD_RENAMES_LISTS:
        write_text_or(w, "array", "items");
        write_type(w, "object", false);
        break;
    case FIELD_RENAMES_PARTS:
        write_text_or(w, "object", "additionalProperties");
        write_type(w, "object", false);
        break;
    case FIELD_TABLE:
        write_table(w, f);
        break;
    case FIELD_OBJECT:
        write_type(w, "object", true);
        break;
    case FIELD_ANY:
        break;
    }
}

void fields_write_schema(struct json_writer *w, const struct fields *fields)
{
    struct json_sort sort;
    json_begin_object(w);
    json_sort_begin(w, &sort);
    for (size_t i = 0; i < fields->n; i++) {
        const struct field *f = &fields->rows[i];
        if (!field_is_written(f))
            continue;
        json_field_object(w, f->name);
        if (f->doc)
            json_field_str(w, "description", f->doc);
        write_kind(w, f);
        json_end_object(w);
    }
    json_sort_end(w, &sort);
    json_end_object(w);
}
