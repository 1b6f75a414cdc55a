/*
 * yaml_scalar.h: what a scalar without quotes means, by YAML's core schema. Private to yaml.c.
 */
#ifndef CFKV_BASE_YAML_SCALAR_H
#define CFKV_BASE_YAML_SCALAR_H

#include "json.h"

/* The event of it; `*number` keeps the text of a number as JSON writes it. false with ERR_FORMAT
 * for .inf and .nan. */
bool yaml_resolve(struct bytes text, struct buf *number, struct json_event *e, struct error *err);

#endif
