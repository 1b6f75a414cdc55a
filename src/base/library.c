#include "library.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool fail(const char *file, const char *package, struct error *err)
{
    const char *why = dlerror();
    error_set(err, ERR_FAILED, "cannot load %s: %s", file, why ? why : "unknown error");
    /* The loader tells no errno, only the text of one. */
    if (why && strstr(why, strerror(EMFILE)))
        return error_too_many_files(err);
    return error_hint(err, "install the package %s", package);
}

bool library_load(const char *file, const char *package, const char *const *names, size_t n,
                  void **functions, struct error *err)
{
    void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return fail(file, package, err);
    for (size_t i = 0; i < n; i++) {
        functions[i] = dlsym(library, names[i]);
        if (!functions[i])
            return fail(file, package, err);
    }
    return true;
}

bool library_ready(struct library *l, struct error *err)
{
    l->loaded = l->loaded || library_load(l->file, l->package, l->names, l->n, l->functions, err);
    return l->loaded;
}

void library_need(struct library *library)
{
    struct error err;
    if (library_ready(library, &err))
        return;
    fprintf(stderr, "cfkv: %s\n", err.message);
    abort();
}
