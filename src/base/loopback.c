#include "loopback.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

static bool is_ipv6_loopback(const char *host)
{
    char bare[INET6_ADDRSTRLEN];
    struct in6_addr six;
    size_t len = strlen(host);
    if (len < 3 || len - 2 >= sizeof bare || host[0] != '[' || host[len - 1] != ']')
        return false;
    memcpy(bare, host + 1, len - 2);
    bare[len - 2] = '\0';
    return inet_pton(AF_INET6, bare, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

bool host_is_loopback(const char *host)
{
    struct in_addr four;
    if (inet_pton(AF_INET, host, &four) == 1)
        return ntohl(four.s_addr) >> 24 == 127;
    return strcasecmp(host, "localhost") == 0 || is_ipv6_loopback(host);
}
