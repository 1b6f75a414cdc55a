#include "strict.h"

#include <string.h>
#include <strings.h>

static const char *const once[] = {"Host",   "Content-Length", "Transfer-Encoding", "Content-Type",
                                   "Origin", "Authorization",  "X-Auth-Email",      "X-Auth-Key"};

enum { CONTENT_LENGTH = 1, TRANSFER_ENCODING = 2, N_ONCE = sizeof once / sizeof *once };

struct seen {
    unsigned times[N_ONCE];
    bool bad;
};

static bool is_token(const char *name)
{
    static const char token[] = "!#$%&'*+-.^_`|~0123456789"
                                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    return *name && name[strspn(name, token)] == '\0';
}

static enum MHD_Result look(void *ctx, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct seen *seen = ctx;
    (void)kind;
    seen->bad = seen->bad || !is_token(name);
    for (size_t i = 0; i < N_ONCE; i++) {
        if (strcasecmp(name, once[i]) != 0)
            continue;
        bool coded = i == TRANSFER_ENCODING && (!value || strcasecmp(value, "chunked") != 0);
        seen->bad = seen->bad || coded || ++seen->times[i] > 1;
    }
    return MHD_YES;
}

bool strict_head(struct MHD_Connection *connection)
{
    struct seen seen = {0};
    mhd()->get_connection_values(connection, MHD_HEADER_KIND, look, &seen);
    return !seen.bad && seen.times[CONTENT_LENGTH] + seen.times[TRANSFER_ENCODING] < 2;
}
