#include "section.h"

#include <stdio.h>

struct bytes wrangler_section_word(struct bytes env)
{
    if (!env.data)
        return bytes_of("top_level");
    return wrangler_is_previews(env) ? bytes_of("previews") : env;
}

const char *wrangler_section_shown(struct bytes env, char out[SECTION_SHOWN_SIZE])
{
    char name[QUOTED_SIZE];
    if (!env.data)
        snprintf(out, SECTION_SHOWN_SIZE, "the top level");
    else if (wrangler_is_previews(env))
        snprintf(out, SECTION_SHOWN_SIZE, "%s", WRANGLER_PREVIEWS);
    else
        snprintf(out, SECTION_SHOWN_SIZE, "environment %s", text_quoted(env, name, sizeof name));
    return out;
}
