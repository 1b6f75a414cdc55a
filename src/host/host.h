/*
 * host.h: the host state, in which words, tables and templates are made.
 *
 * A Lua state of our own beside the sandbox and the scripts: it runs lua/host and nothing of the
 * user's, has no way to files, clock or network, and is opened for one text and closed behind it.
 * What a module gets is the document that programs read with --json, so a text can tell nothing
 * that they are not told. Per-key work is not for here.
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

/*
 * Adds the text that `function` of the module ("output.env" is lua/host/output/env.lua) makes of
 * `view`, a JSON text. When it cannot be made, `problems` gets why, and `err` says how many there
 * are (ERR_FAILED). A module that raises is a bug of ours: ERR_FAILED with its place.
 */
bool host_text(const char *module, const char *function, struct bytes view,
               struct diag_list *problems, struct buf *out, struct error *err);

/* The name of the n-th module of a folder of lua/host ("output"), in byte order; false behind the
 * last one. */
bool host_module(const char *folder, size_t n, struct bytes *name);

#endif
