/*
 * eval_json.h: the evaluated model as JSON (`cfkv eval`) and the declared inputs (`cfkv inputs`).
 *
 * Members are sorted, order of namespaces is by account and address, of puts by key; ids not known
 * yet print as "${ADDRESS.id}"; secrets print as null beside "secret": true.
 */
#ifndef CFKV_MODEL_EVAL_JSON_H
#define CFKV_MODEL_EVAL_JSON_H

#include "model.h"

/* {"diagnostics":[…],"format_version":1,"inputs":[…],"namespaces":[…],"outputs":{…},
 *  "project":{…},"wrangler":[…]} */
void model_write_json(const struct model *m, struct json_writer *w);

/* The members of a namespace that say what it is; its account, its keys and sources are not among
 * them. To be bracketed with json_sort_begin and json_sort_end. */
void model_write_attributes(const struct model *m, struct json_writer *w,
                            const struct namespace_decl *ns);

/* The array of inputs, sorted by kind and name: default, doc, kind, name, oneof, secret, type, and
 * whether it was given. Values of inputs are not printed, since they may be credentials. */
void model_write_inputs_json(const struct model *m, struct json_writer *w);

/* One line per input for people. */
void model_write_inputs_text(const struct model *m, struct buf *out);

#endif
