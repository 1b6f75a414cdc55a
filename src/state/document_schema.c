/* document_schema.c: what a document holds (layout.h), as JSON Schema. */
#include "layout.h"
#include "settings.h"
#include "state.h"

static void write_place(struct json_writer *w, enum place place);

static void write_list_of_texts(struct json_writer *w)
{
    json_begin_object(w);
    json_field_object(w, "items");
    json_field_str(w, "type", "string");
    json_end_object(w);
    json_field_str(w, "type", "array");
    json_end_object(w);
}

static void write_refs(struct json_writer *w)
{
    json_begin_object(w);
    json_key(w, "additionalProperties");
    write_list_of_texts(w);
    json_field_str(w, "type", "object");
    json_end_object(w);
}

static void write_value(struct json_writer *w, const struct member *m)
{
    switch (m->capture) {
    case NOT_CAPTURED:
        if (m->opens == OUTSIDE)
            record_write_schema(&m->field, w);
        else
            write_place(w, m->opens);
        break;
    case OUTPUT_NAMESPACES:
        write_refs(w);
        break;
    case SETTINGS:
        settings_write_schema(w);
        break;
    case OUTPUT_VALUE:
    case UNKNOWN_MEMBER:
        json_begin_object(w);
        json_end_object(w);
        break;
    }
}

/* Containers are there even if they are empty, but for those that is_left_out names. */
static bool is_required(const struct member *m)
{
    if (m->capture != NOT_CAPTURED || m->opens == OUTSIDE)
        return m->field.need != RECORD_OPTIONAL;
    return m->opens != CREATING && m->opens != CONFIGS && m->opens != TITLES && m->opens != WRITING;
}

static void write_members(struct json_writer *w, const struct layout *layout)
{
    json_field_object(w, "properties");
    for (size_t i = 0; i < layout->n_members; i++) {
        json_key(w, layout->members[i].field.name);
        write_value(w, &layout->members[i]);
    }
    json_end_object(w);
    json_field_array(w, "required");
    for (size_t i = 0; i < layout->n_members; i++)
        if (is_required(&layout->members[i]))
            json_str(w, layout->members[i].field.name);
    json_end_array(w);
}

static void write_place(struct json_writer *w, enum place place)
{
    const struct layout *layout = &layouts[place];
    if (place == CREATING) {
        write_list_of_texts(w);
        return;
    }
    json_begin_object(w);
    json_key(w, "additionalProperties");
    if (layout->named != OUTSIDE)
        write_place(w, layout->named);
    else
        json_bool(w, false);
    if (layout->n_members > 0)
        write_members(w, layout);
    json_field_str(w, "type", "object");
    json_end_object(w);
}

void state_write_schema(struct json_writer *w)
{
    write_place(w, ROOT);
}
