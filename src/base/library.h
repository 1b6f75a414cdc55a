/*
 * library.h: shared libraries that are loaded when they are first needed.
 *
 * Loading libcurl and libmicrohttpd, with the forty libraries behind them, takes twice as long as
 * all the rest of a plan on the local store, which needs neither. So the program is not linked with
 * them: the file that owns one (http/curl.c, serve/microhttpd.c) defines the functions that are
 * used, each handing on to the one that was found in the library.
 */
#ifndef CFKV_BASE_LIBRARY_H
#define CFKV_BASE_LIBRARY_H

#include <stddef.h>

#include "error.h"

/*
 * Loads `file` ("libcurl.so.4") and fills functions[i] with the address of names[i]. ERR_FAILED
 * with what the loader says and the Debian package to install. What was loaded stays loaded.
 */
bool library_load(const char *file, const char *package, const char *const *names, size_t n,
                  void **functions, struct error *err);

#endif
