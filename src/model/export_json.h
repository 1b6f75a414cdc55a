/*
 * export_json.h: what is declared, with ids and values, as the modules of lua/host/export get it.
 *
 *     {"account_id":ID|null,"accounts":{NAME:ID,…},"namespaces":[…],"project":NAME|null}
 *
 * A namespace has the members of `cfkv eval` that say what it is (model_write_attributes), and
 *
 *     account     its account's name; null where it has none
 *     account_id  null where nothing declares or records it
 *     id, title   as recorded, else as declared; null where neither is known
 *     keys        [{"base64":BOOLEAN,"expiration":N|null,"expiration_ttl":N|null,"file":…,"key":…,
 *                 "line":…,"metadata":JSON TEXT|null,"policy":WORD,"secret":BOOLEAN,
 *                 "value":TEXT|null},…], by key: a value that is no text is base64; null is one
 * that is secret, or in which an id is that nothing has recorded yet n_bulks     sources of many
 * keys, which are not read for this n_prunes    prefixes under which undeclared keys are deleted
 *
 * They stand in the order of account and address.
 */
#ifndef CFKV_MODEL_EXPORT_JSON_H
#define CFKV_MODEL_EXPORT_JSON_H

#include "model.h"

/* What is known of a namespace from outside the model; data NULL: nothing. */
struct export_known {
    bool left_out; /* it is not written */
    struct bytes id, account_id, title;
};

/* What could not be said, for who tells people. */
struct export_gaps {
    size_t bulks, bulk_namespaces; /* sources, and in how many namespaces */
    size_t prunes;                 /* prefixes */
    size_t secrets;                /* values that are secret */
    size_t unknown;                /* values with an id that is not known */
};

/* `known`: one per namespace of the model. */
void model_write_export(const struct model *m, const struct export_known *known,
                        struct json_writer *w, struct export_gaps *gaps);

#endif
