#include "credentials.h"

#include "base/buf.h"
#include "base/mem.h"

#define CREDENTIAL_MAX 4096
#define BASIC          "Authorization: Basic "

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

/* Of a user or a password, which go as base64. */
static bool check_basic(const char *what, const char *value, struct error *err)
{
    if (strlen(value) > CREDENTIAL_MAX)
        return error_set(err, ERR_USAGE, "%s is longer than %d bytes", what, CREDENTIAL_MAX);
    for (const char *c = value; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            return error_set(err, ERR_USAGE, "%s holds a control character, at byte %zu", what,
                             (size_t)(c - value) + 1);
    return true;
}

static bool check_user(const struct http_credentials *c, struct error *err)
{
    if (strchr(c->user, ':'))
        return error_set(err, ERR_USAGE, "the user holds a colon");
    return check_basic("the user", c->user, err) &&
           (!c->password || check_basic("the password", c->password, err));
}

/* The region stands in a text that curl takes apart at its colons. */
static bool check_aws(const struct http_credentials *c, struct error *err)
{
    if (!c->aws_id || !c->aws_secret || !c->aws_region)
        return error_set(err, ERR_USAGE, "keys of S3 are an id, a secret and a region");
    if (!check_value("the region", c->aws_region, err))
        return false;
    if (strspn(c->aws_region, "abcdefghijklmnopqrstuvwxyz0123456789-_") != strlen(c->aws_region))
        return error_set(err, ERR_USAGE, "the region is none: '%s'", c->aws_region);
    return check_value("the id of the access key", c->aws_id, err) &&
           check_value("the secret of the access key", c->aws_secret, err) &&
           (!c->aws_session || check_value("the session token", c->aws_session, err));
}

bool credentials_any(const struct http_credentials *c)
{
    return c->token || c->key || c->email || c->user || c->aws_id || c->none;
}

static bool check_key(const struct http_credentials *c, struct error *err)
{
    if (!c->email)
        return error_set(err, ERR_USAGE, "an API key was given without its email");
    if (!c->key)
        return error_set(err, ERR_USAGE, "an email was given without its API key");
    return check_value("the API key", c->key, err) &&
           check_value("the email of the API key", c->email, err);
}

bool http_check_credentials(const struct http_credentials *c, struct error *err)
{
    if (!credentials_any(c))
        return error_set(err, ERR_USAGE, "no credentials were given");
    if (c->token)
        return check_value("the API token", c->token, err);
    if (c->key || c->email)
        return check_key(c, err);
    if (c->user)
        return check_user(c, err);
    return c->none || check_aws(c, err);
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

bool credentials_same(const struct http_credentials *a, const struct http_credentials *b)
{
    return same_text(a->token, b->token) && same_text(a->key, b->key) &&
           same_text(a->email, b->email) && same_text(a->user, b->user) &&
           same_text(a->password, b->password) && same_text(a->aws_id, b->aws_id) &&
           same_text(a->aws_secret, b->aws_secret) && same_text(a->aws_region, b->aws_region) &&
           same_text(a->aws_session, b->aws_session) && a->none == b->none;
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

/* "Authorization: Basic …" */
static struct curl_slist *with_basic(struct curl_slist *list, const struct http_credentials *c)
{
    struct buf pair = {0}, value = {0};
    /* All at once: a buffer that grows leaves what was in it behind. */
    buf_reserve(&pair, strlen(c->user) + (c->password ? strlen(c->password) : 0) + 2);
    buf_reserve(&value, 2 * pair.cap + 8);
    buf_addf(&pair, "%s:%s", c->user, c->password ? c->password : "");
    buf_add_base64(&value, buf_bytes(&pair));
    list = with_header(list, BASIC, value.data);
    explicit_bzero(pair.data, pair.len);
    explicit_bzero(value.data, value.len);
    buf_release(&pair);
    buf_release(&value);
    return list;
}

bool credentials_signed(const struct http_credentials *c)
{
    return !c->token && !c->key && !c->user && c->aws_id;
}

/* Of what is signed curl would sign an Expect that it then leaves out. */
struct curl_slist *credentials_headers(const struct http_credentials *c)
{
    if (credentials_signed(c))
        return c->aws_session ? with_header(NULL, "x-amz-security-token: ", c->aws_session) : NULL;
    struct curl_slist *list = with_header(NULL, "Expect:", "");
    if (c->token)
        return with_header(list, "Authorization: Bearer ", c->token);
    if (!c->key)
        return c->user ? with_basic(list, c) : list;
    list = with_header(list, "X-Auth-Email: ", c->email);
    return with_header(list, "X-Auth-Key: ", c->key);
}

void credentials_free(struct curl_slist *headers)
{
    for (struct curl_slist *h = headers; h; h = h->next)
        explicit_bzero(h->data, strlen(h->data));
    curl()->slist_free_all(headers);
}

static bool holds(const char *text, const char *secret)
{
    return secret && *secret && strstr(text, secret);
}

bool credentials_shown(const struct http_credentials *c, const struct curl_slist *headers,
                       const char *text)
{
    for (const struct curl_slist *h = headers; h; h = h->next)
        if (strncmp(h->data, BASIC, strlen(BASIC)) == 0 && holds(text, h->data + strlen(BASIC)))
            return true;
    return holds(text, c->token) || holds(text, c->key) || holds(text, c->password) ||
           holds(text, c->aws_secret) || holds(text, c->aws_session);
}
