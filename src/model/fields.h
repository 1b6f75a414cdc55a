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

/*
 * Writes an array that describes them:
 *
 *     [{"choices":[WORD…]?,"default":VALUE?,"doc":…,"fields":[…]?,"max":N?,"max_bytes":N?,
 *       "max_characters":N?,"min":N?,"name":…,"or_zero":true?,"recorded":BOOLEAN,
 *       "required":BOOLEAN,"type":"duration","unit":N?},…]
 *
 * `default`: what stands in `record`, in which nothing was declared; NULL: it is not told.
 */
void fields_describe(struct json_writer *w, const struct fields *fields, const void *record);

#endif
