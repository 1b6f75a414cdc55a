/*
 * graphql.h: the small part of GraphQL that clients of the metrics use, read into a tree of fields.
 *
 * One query with variables, nested fields, aliases and arguments. Fragments, directives, mutations
 * and subscriptions are refused by name.
 */
#ifndef CFKV_SERVE_GRAPHQL_H
#define CFKV_SERVE_GRAPHQL_H

#include "base/arena.h"
#include "base/json.h"

struct graphql_field {
    struct bytes name, alias;    /* the alias is the name when there is none */
    const char *arguments;       /* a JSON object, variables put in: {"limit":10,"filter":{…}} */
    struct graphql_field *first; /* its own fields */
    struct graphql_field *next;
};

/*
 * The fields of the query in `text`; everything lives in `arena`. `variables` may be NULL. An error
 * says what is wrong and where.
 */
bool graphql_parse(struct bytes text, const struct json *variables, struct arena *arena,
                   struct graphql_field **fields, struct error *err);

#endif
