/*
 * fields.h: the tables of what can be declared (field.h), one a kind of declaration.
 */
#ifndef CFKV_MODEL_FIELDS_H
#define CFKV_MODEL_FIELDS_H

#include "field.h"

extern const struct fields namespace_fields;   /* of struct namespace_decl; namespace_fields.h */
extern const struct fields namespace_defaults; /* those that cfkv.project gives for all; the same */
extern const struct fields project_fields;     /* of struct project */
extern const struct fields removed_fields;     /* of struct removed_decl */
extern const struct fields wrangler_fields;    /* of struct wrangler_decl */

/* Writes name and value of each as members of an object: null for what is not given, renamings
 * sorted. Those that are ALIAS, DERIVED or ANY, and a TABLE without members, are left out. */
void fields_write(struct json_writer *w, const struct fields *fields, const void *record);

/* false for one that fields_write leaves out. */
bool field_is_written(const struct field *f);

/* Writes an object that has for each member of fields_write the JSON Schema of its value. */
void fields_write_schema(struct json_writer *w, const struct fields *fields);

/* Writes an array that describes them, of those that are no ALIAS:
 *
 *     [{"at_most":N?,"choices":[WORD…]?,"default":BOOLEAN,"doc":…,"name":…,"type":"string"},…]
 *
 * `default`: it is one of `defaults`, too. */
void fields_describe(struct json_writer *w, const struct fields *fields,
                     const struct fields *defaults);

#endif
