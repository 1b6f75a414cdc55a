/*
 * yaml.h: YAML as events of JSON (json.h), with the line of each. The only includer of libyaml.
 *
 * What is read is what kubectl and its kin read of YAML: documents of maps, lists and scalars, the
 * latter by the core schema (true, null, 12, 0x1F, 1.5e3; `on` and `yes` are strings, and so is all
 * that stands in quotes). Anchors and aliases are written out, merge keys (<<) are merged: both are
 * bounded, so that a few lines cannot become gigabytes. A key is a string, as it is written (8080
 * as "8080").
 *
 * A number that JSON's readers would round, or of 20 characters and more, is a string: an id of
 * digits only looks like one.
 *
 * Refused, with its line: what is no YAML or no UTF-8, a repeated key, a key that is null, a list
 * or a map, a tag beyond those of the core schema, .inf and .nan, an anchor of another document or
 * around its own alias, more than JSON_MAX_DEPTH levels, and what is beyond the bounds.
 */
#ifndef CFKV_BASE_YAML_H
#define CFKV_BASE_YAML_H

#include "json.h"

/* A scalar, with its comments before it; what is kept for aliases and merge keys of one document;
 * what these may become in all. */
#define YAML_SCALAR_MAX   ((size_t)32 << 20)
#define YAML_KEPT_MAX     ((size_t)32 << 20)
#define YAML_EXPANDED_MAX ((size_t)64 << 20)

/* Where the text comes from, in UTF-8: up to `size` bytes into `to`, `*n` is 0 only at the end. */
struct yaml_input {
    bool (*read)(void *ctx, void *to, size_t size, size_t *n, struct error *err);
    void *ctx;
};

/* Who gets it. Both return false to stop, with `err` set. An event is valid during the call. */
struct yaml_output {
    bool (*document)(void *ctx, int line, struct error *err); /* one begins; one value follows */
    bool (*event)(void *ctx, const struct json_event *e, int line, struct error *err);
    void *ctx;
};

/*
 * Reads all documents. false: `err` says why (ERR_FORMAT, ERR_LIMIT, or what the two sides said),
 * and `*line` where, 0 when it is not about a line. ERR_FAILED when there is no libyaml.
 */
bool yaml_parse(struct yaml_input in, struct yaml_output out, int *line, struct error *err);

#endif
