/*
 * wrangler_login.h: whether somebody is logged in with wrangler, which cfkv does not read: the
 * token ends after an hour, and whoever renews it beside wrangler logs that out. It is asked for it
 * instead (credentials_command.h).
 *
 * Reference: wrangler 4.164: ~/.wrangler where that is, else $XDG_CONFIG_HOME/.wrangler, by default
 * ~/.config/.wrangler; in it config/default.toml, or config/default.enc whose key is in a keyring.
 */
#ifndef CFKV_CLI_WRANGLER_LOGIN_H
#define CFKV_CLI_WRANGLER_LOGIN_H

#include "base/buf.h"

/* Appends what of it is there, and how it is asked; nothing where nobody is logged in. */
void wrangler_login_hint(struct buf *hint);

#endif
