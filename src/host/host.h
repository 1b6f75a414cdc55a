/*
 * host.h: the host state, in which words, tables and templates are made.
 *
 * A Lua state of our own beside the sandbox and the scripts: it runs lua/host and nothing of the
 * user's, has no way to files, clock or network, and is opened for one module's text and closed
 * behind it. What a module gets is JSON: the document that programs read with --json, or pieces of
 * what is in it, so that a text can tell nothing that they are not told. Per-key work is not for
 * here.
 *
 * In a module:
 *
 *   - objects and arrays are tables that cannot be added to; getmetatable of one is "object" or
 *     "array". Members have no order: layout.sorted gives one. Integers and other numbers are
 *     Lua's integers and floats, a null is text.null.
 *   - require finds lua/host, loaded when it is asked for, and "text": the tools of tools.h.
 *   - the libraries string, table, math and utf8 are there, and what is safe of the base functions.
 */
#ifndef CFKV_HOST_HOST_H
#define CFKV_HOST_HOST_H

#include "model/diag.h"

/* A module ("output.env" is lua/host/output/env.lua) in a state of its own. It may keep what it
 * likes between the calls. NULL: it cannot be loaded, a bug of ours (ERR_FAILED). */
struct host *host_open(const char *module, struct error *err);

/*
 * Adds the text that `function` of the module makes of `view`, a JSON text. When it cannot be made,
 * `problems` gets why, and `err` says how many there are (ERR_FAILED). A module that raises is a
 * bug of ours: ERR_FAILED with its place. Either way nothing is added, and the next call may
 * follow.
 */
bool host_call(struct host *host, const char *function, struct bytes view,
               struct diag_list *problems, struct buf *out, struct error *err);

void host_close(struct host *host); /* NULL is fine */

/* A text that one call makes. */
bool host_text(const char *module, const char *function, struct bytes view,
               struct diag_list *problems, struct buf *out, struct error *err);

/* "Lua 5.4.4" */
const char *host_lua(void);

/* The name of the n-th module of a folder of lua/host ("output"), in byte order; false behind the
 * last one. */
bool host_module(const char *folder, size_t n, struct bytes *name);

#endif
