#include "wrangler_login.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/text.h"
#include "credentials_command.h"
#include "own_file.h"

static const char *folder(struct arena *arena)
{
    const char *old = own_file_home(arena, ".wrangler");
    const char *xdg = getenv("XDG_CONFIG_HOME");
    if (old && file_exists(old))
        return old;
    return xdg && *xdg ? path_join(arena, xdg, ".wrangler")
                       : own_file_home(arena, ".config/.wrangler");
}

void wrangler_login_hint(struct buf *hint)
{
    static const char *const kept[][2] = {{"config/default.toml", ""},
                                          {"config/default.enc", ", its key in a keyring"}};
    struct arena arena = {0};
    const char *home = folder(&arena);
    for (size_t i = 0; home && i < sizeof kept / sizeof *kept; i++) {
        const char *path = path_join(&arena, home, kept[i][0]);
        if (!file_exists(path))
            continue;
        buf_add_str(hint, "; wrangler is logged in (");
        text_show(hint, bytes_of(path));
        buf_addf(hint, "%s), and asked only by %s='wrangler auth token --json'", kept[i][1],
                 CREDENTIALS_COMMAND);
        break;
    }
    arena_release(&arena);
}
