/*
 * document.h: the state as one JSON document. Printing it is state_print (state.h). Private to
 * state/.
 *
 *     {
 *       "version": 2,
 *       "accounts": {
 *         ID: {
 *           "creating": [TITLE, …],                      (not when empty)
 *           "writing": { TITLE: { KEY: … } },            (as below, of namespaces without a record;
 *                                                         not when empty)
 *           "namespaces": {
 *             ADDRESS: {
 *               "binding", "create_options", (a JSON object, as text) "created", "description",
 *               "env", "jurisdiction", "mode": text      (not when absent)
 *               "borrowed": true,                        (not when false)
 *               "bulk": { SOURCE: { "count": n, "sha256": hex } },
 *               "id": text,
 *               "keys": { KEY: { "expiration": n,        (not when 0)
 *                                "hmac": "v2:" hex,      (hex alone: recorded by version 1)
 *                                "origin": "wrote" | "found", (not when unknown)
 *                                "secret": true,         (not when false)
 *                                "ttl": n } },           (not when 0)
 *               "on_remove": "delete" | "keep",          (not when not declared)
 *               "origin": "created" | "adopted",
 *               "protect": true,                         (not when false)
 *               "prunes": text,                          (not when nothing is)
 *               "title": text,
 *               "ttl_seconds": n,
 *               "writing": { KEY: { "expiration", "hmac", "secret", "ttl" } } (about to be put;
 *                                                         members as of "keys"; not when empty)
 *             }
 *           }
 *         }
 *       },
 *       "outputs": {
 *         NAME: {
 *           "namespaces": { ID: [ADDRESS, …] },          (which its value names; not when none)
 *           "value": any JSON
 *         }
 *       },
 *       "project": text | null,
 *       "salt": hex,
 *       "settings": {                                    (not when empty, nor a member of it)
 *         "account_id": text,
 *         "accounts": { NAME: ID },
 *         "backups": { "days": n, "dir": text, "keep": n },
 *         "ephemeral": { "days": n, "match": text },
 *         "guards": { "mass_from": n, "mass_percent": n }
 *       },
 *       "wrangler": {                                    (not when empty, nor a level of it)
 *         FILE: {
 *           ENV: {                                       ("": the top level)
 *             BINDING: { "id", "preview_id": text }      (not when absent)
 *           }
 *         }
 *       }
 *     }
 *
 * In version 1 the value of an output stood for its record, and there were no settings, no
 * "created" and no origins of keys. Any object but those whose members people name may hold members
 * that are not known; they are printed where they belong by name.
 *
 * Members that people name are sorted by bytes, so that a diff shows what changed and merges work.
 */
#ifndef CFKV_STATE_DOCUMENT_H
#define CFKV_STATE_DOCUMENT_H

#include "contents.h"

/* Reads a document into an empty state. ERR_FORMAT with line and hint. */
bool document_read(struct state *s, struct bytes text, struct error *err);

/* Puts "state 'NAME' is broken at line N: " before an error, and the hint of what to do behind;
 * `what` is "state" or "journal of state". */
bool document_broken(const struct state *s, const char *what, size_t line, struct error *err);

#endif
