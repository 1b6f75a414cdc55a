#include "url.h"

#include "base/loopback.h"
#include "base/mem.h"
#include "base/text.h"
#include "curl.h"
#include "http.h"

#define URL_MAX 2048

/* ---- Checking -------------------------------------------------------------------------------- */

static bool is_visible(const char *s)
{
    for (; *s; s++)
        if ((unsigned char)*s <= 0x20 || (unsigned char)*s >= 0x7f)
            return false;
    return true;
}

static bool fail(const char *url, const char *problem, struct error *err)
{
    char quoted[256];
    error_set(err, ERR_USAGE, "%s: %s", problem, text_quoted(bytes_of(url), quoted, sizeof quoted));
    return error_hint(err, "it looks like https://HOST/client/v4");
}

/* The part between "//" and the path. */
static struct bytes authority_of(const char *url)
{
    const char *start = strstr(url, "//");
    start = start ? start + 2 : url;
    return bytes_make(start, strcspn(start, "/?#\\"));
}

/* What a message may not show, or what URL parsers are known to disagree on. The password of a
 * user must not get into a message, so that comes first, whatever else is wrong. */
static bool check_characters(const char *url, struct error *err)
{
    if (strchr(url, '@')) {
        error_set(err, ERR_USAGE, "the base URL holds a user or a password");
        return error_hint(err, "credentials have their own settings; take out all up to the '@'");
    }
    if (strlen(url) > URL_MAX)
        return error_set(err, ERR_USAGE, "the base URL is longer than %d bytes", URL_MAX);
    if (!is_visible(url) || strchr(url, '\\'))
        return fail(url, "the base URL holds a character that no URL may", err);
    if (strpbrk(url, "?#"))
        return fail(url, "the base URL has a query or a fragment", err);
    struct bytes authority = authority_of(url);
    if (!strstr(url, "://"))
        return fail(url, "the base URL does not begin with https://", err);
    if (authority.len == 0 || memchr(authority.data, '%', authority.len))
        return fail(url, "the base URL has no valid host", err);
    return true;
}

static bool check_scheme(const char *url, const char *scheme, const char *host, struct error *err)
{
    if (strcmp(scheme, "https") == 0)
        return true;
    if (strcmp(scheme, "http") != 0)
        return fail(url, "the base URL is neither https nor http", err);
    if (host_is_loopback(host))
        return true;
    char quoted[256];
    error_set(err, ERR_USAGE, "plain http to %s would show the credentials to the network",
              text_quoted(bytes_of(host), quoted, sizeof quoted));
    return error_hint(err, "use https://; http:// is for 127.0.0.1, [::1] and localhost only");
}

/* ---- Parsing --------------------------------------------------------------------------------- */

/* Asks the parser that curl will use for the request, so that both mean the same host. */
static bool parse(struct url *u, const char *text, struct error *err)
{
    char *scheme = NULL, *host = NULL;
    if (!check_characters(text, err) || !curl_load(err))
        return false;
    CURLU *parser = curl()->url();
    if (!parser)
        mem_exhausted();
    CURLUcode code = curl()->url_set(parser, CURLUPART_URL, text, CURLU_DISALLOW_USER);
    if (code == CURLUE_OK)
        code = curl()->url_get(parser, CURLUPART_SCHEME, &scheme, 0);
    if (code == CURLUE_OK)
        code = curl()->url_get(parser, CURLUPART_HOST, &host, 0);
    bool ok = false;
    if (code == CURLUE_OUT_OF_MEMORY)
        mem_exhausted();
    if (code == CURLUE_UNSUPPORTED_SCHEME)
        fail(text, "the base URL is neither https nor http", err);
    else if (code != CURLUE_OK)
        fail(text, "the base URL is not valid", err);
    else
        ok = check_scheme(text, scheme, host, err);
    u->is_https = ok && strcmp(scheme, "https") == 0;
    u->is_loopback = ok && host_is_loopback(host);
    curl()->free(scheme);
    curl()->free(host);
    curl()->url_cleanup(parser);
    return ok;
}

bool url_parse(struct url *u, const char *text, struct error *err)
{
    if (!parse(u, text, err))
        return false;
    size_t len = strlen(text);
    while (len > 0 && text[len - 1] == '/')
        len--;
    u->base = mem_text(bytes_make(text, len));
    u->authority = mem_text(authority_of(text));
    return true;
}

void url_release(struct url *u)
{
    mem_free(u->base);
    mem_free(u->authority);
    *u = (struct url){0};
}

bool http_check_url(const char *url, struct error *err)
{
    struct url u = {0};
    return parse(&u, url, err);
}

bool url_path_ok(const char *path)
{
    return path && path[0] == '/' && is_visible(path) && !strpbrk(path, "#\\");
}

/* ---- Encoding -------------------------------------------------------------------------------- */

static bool is_unreserved(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           (c && strchr("-_.~", c));
}

void http_encode(struct buf *out, struct bytes segment)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < segment.len; i++) {
        unsigned char c = (unsigned char)segment.data[i];
        char escape[] = {'%', digits[c >> 4], digits[c & 15]};
        if (is_unreserved(c))
            buf_add_char(out, (char)c);
        else
            buf_add(out, escape, sizeof escape);
    }
}
