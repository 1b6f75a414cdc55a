/*
 * tools.h: what the host state has of C: the module "text".
 *
 *   null               what stands for null in a view
 *   base64(s)          as a JSON text has bytes
 *   columns(s)         how many columns of a terminal it takes
 *   defuse(s)          without commands for the runner of GitHub Actions
 *   digest(s)          its SHA-256 in hexadecimal
 *   from_base64(s)     the bytes of it; nil: it is none
 *   is_composed(s)     it is in Unicode's NFC, as far as is known
 *   is_plain(s)        a terminal shows all of it as it is
 *   json(s)            the value of a JSON text, as in a view, and its canonical text; nothing: it
 *                      is none
 *   key_fault(k [, m]) why Workers KV does not keep the key { key, value, metadata, expiration,
 *                      expiration_ttl } in a namespace of mode `m`, and a hint or nil; nothing: it
 *                      does
 *   longest(field)     characters that a field of a namespace may have at most; nil: no rule says
 *   looks_secret(k, s) the value s of a key k looks like a credential
 *   name(s)            a name that others chose, in a line: as it is, or as a JSON string
 *   quote(s [, max])   in single quotes, at most `max` bytes of it
 *   quoted(s)          the same as messages have it: cut to fit into 80 bytes
 *   string(s)          as a JSON string
 *   number(n)          as JSON has it
 *   shell(s)           as a shell wants it on its command line
 *   show_json(s)       a JSON text, so that a terminal may get it
 *   random()           128 bits in hexadecimal
 *
 * All of them are base/text.h's, base/fold.h's, base/json.h's, base/hash.h's, model/fields.h's and
 * model/validate.h's.
 */
#ifndef CFKV_HOST_TOOLS_H
#define CFKV_HOST_TOOLS_H

#include <lua.h>

/* Pushes the module. */
void tools_push(lua_State *L);

#endif
