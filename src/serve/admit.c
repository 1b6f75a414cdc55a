#include "admit.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <strings.h>

#include "base/text.h"

#define HTTP_PORT 80

/* ---- Host and Origin ------------------------------------------------------------------------- */

static bool is_loopback(struct bytes name)
{
    char text[64];
    struct in_addr v4;
    if (name.len == 0 || name.len >= sizeof text)
        return false;
    memcpy(text, name.data, name.len);
    text[name.len] = '\0';
    if (strcasecmp(text, "localhost") == 0 || strcmp(text, "[::1]") == 0)
        return true;
    return inet_pton(AF_INET, text, &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127;
}

/* Splits "NAME[:PORT]"; the name of an IPv6 address keeps its brackets. */
static bool split_authority(const char *text, struct bytes *name, int64_t *port)
{
    const char *bracket = text[0] == '[' ? strchr(text, ']') : NULL;
    const char *colon = strchr(bracket ? bracket : text, ':');
    *name = colon ? bytes_make(text, (size_t)(colon - text)) : bytes_of(text);
    if (!colon)
        return true;
    /* A sign would be a number to text_to_int64. */
    return colon[1] >= '0' && colon[1] <= '9' && text_to_int64(bytes_of(colon + 1), port);
}

bool admit_host(const char *host, unsigned short port)
{
    struct bytes name;
    int64_t given = HTTP_PORT;
    return split_authority(host, &name, &given) && given == port && is_loopback(name);
}

bool admit_origin(const char *origin)
{
    struct bytes name;
    int64_t port = 0;
    const char *authority = strstr(origin, "://");
    if (!authority)
        return false;
    return split_authority(authority + 3, &name, &port) && is_loopback(name);
}

/* ---- Credentials ----------------------------------------------------------------------------- */

/* Takes as long for a near miss as for a far one. */
static bool same_secret(const char *given, const char *want)
{
    size_t n = strlen(want);
    bool same = strlen(given) == n;
    unsigned char differ = 0;
    for (size_t i = 0; same && i < n; i++)
        differ |= (unsigned char)(given[i] ^ want[i]);
    return same && differ == 0;
}

/* The token of "Bearer TOKEN"; NULL when it has another form. */
static const char *bearer_token(const char *authorization)
{
    static const char scheme[] = "Bearer ";
    if (strncasecmp(authorization, scheme, sizeof scheme - 1) != 0)
        return NULL;
    const char *token = authorization + sizeof scheme - 1;
    token += strspn(token, " ");
    return *token ? token : NULL;
}

static bool has_key(const struct head *head)
{
    return head->auth_email && *head->auth_email && head->auth_key && *head->auth_key;
}

const char *admit_credential_kind(const struct head *head)
{
    if (head->authorization)
        return "bearer";
    return head->auth_email || head->auth_key ? "key" : "none";
}

static bool find_credential(const struct head *head, const char **credential, struct reply *reply)
{
    if (head->authorization) {
        *credential = bearer_token(head->authorization);
        return *credential || reply_fail(reply, CODE_INVALID_HEADERS,
                                         "Invalid request headers: the Authorization "
                                         "header is not of the form 'Bearer TOKEN'");
    }
    if (!has_key(head))
        return reply_fail(reply, CODE_NO_CREDENTIAL, "%s", code_text(CODE_NO_CREDENTIAL));
    *credential = head->auth_key;
    return true;
}

bool admit_check(const struct admit_rules *rules, const struct head *head, const char **credential,
                 struct reply *reply)
{
    if (!rules->any_host && !(head->host && admit_host(head->host, rules->port)))
        return reply_fail(reply, CODE_FOREIGN_HOST,
                          "the Host header does not name this emulator on loopback, port %u",
                          rules->port);
    if (head->origin && !admit_origin(head->origin))
        return reply_fail(reply, CODE_FOREIGN_ORIGIN, "pages of this Origin may not use it");
    if (!find_credential(head, credential, reply))
        return false;
    if (rules->token && !same_secret(*credential, rules->token))
        return reply_fail(reply, CODE_AUTHENTICATION, "Authentication error");
    return true;
}
