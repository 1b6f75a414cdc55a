#include "ci.h"

#include <stdio.h>
#include <stdlib.h>

#include "text.h"

static bool is_true(const char *variable)
{
    const char *value = getenv(variable);
    return value && *value && strcmp(value, "false") != 0;
}

bool ci_running(void)
{
    return is_true("CI");
}

bool ci_in_actions(void)
{
    return is_true("GITHUB_ACTIONS");
}

void ci_show_styled(struct buf *out, struct bytes text)
{
    if (ci_in_actions())
        text_defuse(out, text, false);
    else
        buf_add_bytes(out, text);
}

void ci_show(struct buf *out, struct bytes text)
{
    struct buf shown = {0};
    text_show(&shown, text);
    ci_show_styled(out, buf_bytes(&shown));
    buf_release(&shown);
}

void ci_tell(struct bytes text)
{
    struct buf shown = {0};
    ci_show(&shown, text);
    if (shown.len > 0)
        fwrite(shown.data, 1, shown.len, stderr);
    buf_release(&shown);
}
