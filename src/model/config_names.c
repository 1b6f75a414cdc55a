#include "config_names.h"

#include <stddef.h>

const char *const config_programs[] = {
    "cloudflare.config.ts",  "cloudflare.config.mts", "cloudflare.config.js",
    "cloudflare.config.mjs", "cf.config.ts",          "cf.config.mts",
    "cf.config.js",          "cf.config.mjs",         NULL,
};

/* Of Nitro, OpenNext, Next, SvelteKit and Vercel's tools, of adapters for Pages, and wrangler's
 * own.
 */
static const char *const built_folders[] = {
    ".output", ".nitro",     ".open-next", ".next",        ".svelte-kit",
    ".vercel", "_worker.js", ".wrangler",  "node_modules", NULL,
};

static bool is_one_of(struct bytes name, const char *const *names)
{
    while (*names && !bytes_equal(name, bytes_of(*names)))
        names++;
    return *names != NULL;
}

bool config_is_program(struct bytes path)
{
    size_t at = path.len;
    while (at > 0 && path.data[at - 1] != '/')
        at--;
    return is_one_of(bytes_make(path.data + at, path.len - at), config_programs);
}

bool config_is_built(struct bytes path, size_t *above)
{
    size_t from = 0;
    for (size_t at = 0; at < path.len; at++) {
        if (path.data[at] != '/')
            continue;
        if (is_one_of(bytes_make(path.data + from, at - from), built_folders)) {
            *above = from;
            return true;
        }
        from = at + 1;
    }
    return false;
}
