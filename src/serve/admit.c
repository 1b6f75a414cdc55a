#include "admit.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <strings.h>

#include "base/hash.h"
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

const char *admit_credential_kind(const struct head *head)
{
    if (head->authorization)
        return "bearer";
    return head->auth_email || head->auth_key ? "key" : "none";
}

static bool find_credential(const struct head *head, const char **credential, struct reply *reply)
{
    static const char scheme[] = "Bearer ";
    if (head->authorization) {
        bool bearer = strncasecmp(head->authorization, scheme, sizeof scheme - 1) == 0;
        *credential = head->authorization + (bearer ? sizeof scheme - 1 : 0);
        *credential += strspn(*credential, " ");
        return (bearer && **credential) || reply_fail(reply, CODE_INVALID_HEADERS,
                                                      "Invalid request headers: the Authorization "
                                                      "header is not of the form 'Bearer TOKEN'");
    }
    if (!head->auth_email || !*head->auth_email || !head->auth_key || !*head->auth_key)
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
    if (!rules->token)
        return true;
    /* Takes as long for a near miss as for a far one. */
    struct digest given = hash_sha256(bytes_of(*credential));
    struct digest want = hash_sha256(bytes_of(rules->token));
    if (!digest_equal(&given, &want))
        return reply_fail(reply, CODE_AUTHENTICATION, "Authentication error");
    return true;
}
