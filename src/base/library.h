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

/* A library of which one file owns all functions that are used. */
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
 * The table of a file that owns a library: FUNCTIONS(X) is X(name) for each function. Defines
 * `library`, and `lib()`, through which the functions are called: lib()->name(…).
 */
#define LIBRARY_TABLE(FUNCTIONS, file_name, package_name)                                          \
    struct functions {                                                                             \
        FUNCTIONS(LIBRARY_POINTER)                                                                 \
    };                                                                                             \
    static const char *const names[] = {FUNCTIONS(LIBRARY_NAME)};                                  \
    _Static_assert(sizeof(struct functions) == sizeof names, "a pointer for each name");           \
    static struct functions functions;                                                             \
    static struct library library = {.file = file_name,                                            \
                                     .package = package_name,                                      \
                                     .names = names,                                               \
                                     .n = sizeof names / sizeof *names,                            \
                                     .functions = &functions};                                     \
    static const struct functions *lib(void)                                                       \
    {                                                                                              \
        library_need(&library);                                                                    \
        return &functions;                                                                         \
    }

#define LIBRARY_POINTER(name) __typeof__(name) *name;
#define LIBRARY_NAME(name)    #name,

/* One function, handed on to the loaded one. */
#define HAND_ON(type, name, parameters, arguments)                                                 \
    type name parameters                                                                           \
    {                                                                                              \
        return lib()->name arguments;                                                              \
    }

#define HAND_ON_VOID(name, parameters, arguments)                                                  \
    void name parameters                                                                           \
    {                                                                                              \
        lib()->name arguments;                                                                     \
    }

#endif
