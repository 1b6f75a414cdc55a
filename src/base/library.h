/*
 * library.h: shared libraries that are loaded when they are first needed.
 *
 * Loading libcurl and libmicrohttpd, with the forty libraries behind them, takes twice as long as
 * all the rest of a plan on the local store, which needs neither. So the program is not linked with
 * them: the header that owns one (http/curl.h, serve/microhttpd.h) lists the functions that are
 * used, and they are called through pointers of the types that the library's own header declares.
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

/* A library of which one header owns all functions that are used. */
struct library {
    const char *file, *package;
    const char *const *names;
    size_t n;
    void *functions; /* a struct with a pointer for each name, in their order */
    bool loaded;     /* set once, and never changes again */
};

/* Loads it, unless it was loaded before. */
bool library_ready(struct library *library, struct error *err);

/* The same for whoever cannot fail: ends the program when there is no such library. */
void library_need(struct library *library);

/*
 * In the header of the file that owns a library: FUNCTIONS(X) is X(prefix, name) for each function.
 * Declares what loads it, to be called before any function (quick when it was loaded before), and
 * through what its functions are called: LIBRARY()->name(…) is prefix##name of its own header.
 */
#define LIBRARY_DECLARE(LIBRARY, FUNCTIONS)                                                        \
    struct LIBRARY##_functions {                                                                   \
        FUNCTIONS(LIBRARY_POINTER)                                                                 \
    };                                                                                             \
    bool LIBRARY##_load(struct error *err);                                                        \
    const struct LIBRARY##_functions *LIBRARY(void)

/* And once, in a source file. */
#define LIBRARY_DEFINE(LIBRARY, FUNCTIONS, file_name, package_name)                                \
    static const char *const LIBRARY##_names[] = {FUNCTIONS(LIBRARY_NAME)};                        \
    static struct LIBRARY##_functions LIBRARY##_found;                                             \
    _Static_assert(sizeof LIBRARY##_found == sizeof LIBRARY##_names, "a pointer for each name");   \
    static struct library LIBRARY##_library = {.file = file_name,                                  \
                                               .package = package_name,                            \
                                               .names = LIBRARY##_names,                           \
                                               .n = sizeof LIBRARY##_names / sizeof(char *),       \
                                               .functions = &LIBRARY##_found};                     \
    bool LIBRARY##_load(struct error *err)                                                         \
    {                                                                                              \
        return library_ready(&LIBRARY##_library, err);                                             \
    }                                                                                              \
    const struct LIBRARY##_functions *LIBRARY(void)                                                \
    {                                                                                              \
        library_need(&LIBRARY##_library);                                                          \
        return &LIBRARY##_found;                                                                   \
    }

#define LIBRARY_POINTER(prefix, name) __typeof__(prefix##name) *name;
#define LIBRARY_NAME(prefix, name)    #prefix #name,

#endif
