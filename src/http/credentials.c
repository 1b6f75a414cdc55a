#include "credentials.h"

#include "base/mem.h"

#define CREDENTIAL_MAX 4096

/* Says what is wrong with a header value, without showing it. */
static bool check_value(const char *what, const char *value, struct error *err)
{
    size_t len = strlen(value);
    if (len == 0)
        return error_set(err, ERR_USAGE, "%s is empty", what);
    if (len > CREDENTIAL_MAX)
        return error_set(err, ERR_USAGE, "%s is longer than %d bytes", what, CREDENTIAL_MAX);
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)value[i];
        if (c > 0x20 && c < 0x7f)
            continue;
        error_set(err, ERR_USAGE, "%s holds a character that no header may carry, at byte %zu",
                  what, i + 1);
        return error_hint(err, "a line break, blank or quote may have been copied with it");
    }
    return true;
}

bool http_check_credentials(const struct http_credentials *c, struct error *err)
{
    if (c->token)
        return check_value("the API token", c->token, err);
    if (!c->key && !c->email)
        return error_set(err, ERR_USAGE, "no credentials were given");
    if (!c->email)
        return error_set(err, ERR_USAGE, "an API key was given without its email");
    if (!c->key)
        return error_set(err, ERR_USAGE, "an email was given without its API key");
    return check_value("the API key", c->key, err) &&
           check_value("the email of the API key", c->email, err);
}

/* Adds a header line to `list`. */
static struct curl_slist *with_header(struct curl_slist *list, const char *name, const char *value)
{
    size_t size = strlen(name) + strlen(value) + 1;
    char *line = mem_alloc(size);
    memcpy(line, name, strlen(name));
    memcpy(line + strlen(name), value, strlen(value) + 1);
    list = curl()->slist_append(list, line);
    if (!list)
        mem_exhausted();
    explicit_bzero(line, size);
    mem_free(line);
    return list;
}

struct curl_slist *credentials_headers(const struct http_credentials *c)
{
    struct curl_slist *list = with_header(NULL, "Expect:", "");
    if (c->token)
        return with_header(list, "Authorization: Bearer ", c->token);
    list = with_header(list, "X-Auth-Email: ", c->email);
    return with_header(list, "X-Auth-Key: ", c->key);
}

void credentials_free(struct curl_slist *headers)
{
    for (struct curl_slist *h = headers; h; h = h->next)
        explicit_bzero(h->data, strlen(h->data));
    curl()->slist_free_all(headers);
}

bool credentials_shown(const struct http_credentials *c, const char *text)
{
    const char *secret = c->token ? c->token : c->key;
    return secret && *secret && strstr(text, secret);
}
