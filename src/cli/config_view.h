/*
 * config_view.h: a wrangler config as the host state gets it: what it binds, and where.
 */
#ifndef CFKV_CLI_CONFIG_VIEW_H
#define CFKV_CLI_CONFIG_VIEW_H

#include "base/json.h"
#include "wrangler/wrangler.h"

struct config_view {
    const char *path; /* as messages and cfkv.wrangler call it */
    const struct wrangler_config *content;
    const char *free_binding; /* a name that a first binding could have; NULL: nobody asks */
    size_t number;            /* of several, from 1 */
};

/* What cfkv edits is what people edit: ERR_FORMAT with `hint` of a config that a build tool made,
 * and of one that names another (.wrangler/deploy/config.json). */
bool config_view_check(const char *path, const struct wrangler_config *content, const char *hint,
                       struct error *err);

/* The object { account_id, bindings, environments, free_binding, name, number, path, unread }. */
void config_view_write(struct json_writer *w, const struct config_view *config);

#endif
