/*
 * bind_fields.h: the fields of a namespace that cfkv.project may give a default for.
 */
#ifndef CFKV_SCRIPT_BIND_FIELDS_H
#define CFKV_SCRIPT_BIND_FIELDS_H

#include "schema.h"

/* Fills a struct namespace_decl. */
extern const struct schema namespace_defaults_schema;

#endif
