/*
 * url.h: what of a base URL the transfers need. Private to http/; http_check_url and http_encode
 * are declared in http.h.
 */
#ifndef CFKV_HTTP_URL_H
#define CFKV_HTTP_URL_H

#include "base/bytes.h"
#include "base/error.h"

struct url {
    char *base;      /* without slashes at its end; owned */
    char *authority; /* host, and port when it has one, for messages; owned */
    bool is_https;
    bool is_loopback; /* 127.0.0.0/8, [::1] or localhost */
};

/* Checks as http_check_url does, then fills the zeroed `u`. */
bool url_parse(struct url *u, const char *text, struct error *err);
void url_release(struct url *u);

/* true when `path` can stand behind a base URL: it begins with a slash, so that it cannot change
 * the host, and every character of it is visible ASCII. */
bool url_path_ok(const char *path);

#endif
