/*
 * document.h: the state as one JSON document. Printing it is state_print (state.h). Private to
 * state/.
 *
 *     {
 *       "accounts": {
 *         ID: {
 *           "creating": [TITLE, …],                      (not when empty)
 *           "namespaces": {
 *             ADDRESS: {
 *               "binding", "description", "env": text    (not when absent)
 *               "bulk": { SOURCE: { "count": n, "sha256": hex } },
 *               "id": text,
 *               "keys": { KEY: { "hmac": hex,
 *                                "secret": true,         (not when false)
 *                                "ttl": n } },           (not when 0)
 *               "on_remove": "delete" | "keep",          (not when not declared)
 *               "origin": "created" | "adopted",
 *               "protect": true,                         (not when false)
 *               "title": text,
 *               "ttl_seconds": n
 *             }
 *           }
 *         }
 *       },
 *       "outputs": { NAME: any JSON },
 *       "project": text | null,
 *       "salt": hex,
 *       "version": 1,
 *       "wrangler": {                                    (not when empty, nor a level of it)
 *         FILE: {
 *           ENV: {                                       ("": the top level)
 *             BINDING: { "id", "preview_id": text }      (not when absent)
 *           }
 *         }
 *       }
 *     }
 *
 * Members that people name are sorted by bytes, so that a diff shows what changed and merges work.
 */
#ifndef CFKV_STATE_DOCUMENT_H
#define CFKV_STATE_DOCUMENT_H

#include "field.h"
#include "state.h"

/* What is recorded of a namespace besides its address, bulks and keys. */
extern const struct field namespace_fields[];
extern const size_t n_namespace_fields;

/* Reads a document into an empty state. ERR_FORMAT with line and hint. */
bool document_read(struct state *s, struct bytes text, struct error *err);

/* Puts "state 'NAME' is broken at line N: " before an error, and the hint of what to do behind;
 * `what` is "state" or "journal of state". */
bool document_broken(const struct state *s, const char *what, size_t line, struct error *err);

#endif
