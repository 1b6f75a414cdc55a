#include "codes.h"

static const struct row {
    int code;
    unsigned status;
    const char *text;
} table[] = {
    {CODE_THROTTLED, 429, "Please wait and consider throttling your request speed"},
    {CODE_INVALID_TOKEN, 401, "Invalid API Token"},
    {CODE_FOREIGN_HOST, 403, "Direct IP access not allowed"},
    {CODE_FOREIGN_ORIGIN, 403, "Access denied"},
    {CODE_INVALID_HEADERS, 400, "Invalid request headers"},
    {CODE_NO_ROUTE_FOR_URI, 404, "No route for that URI"},
    {CODE_NO_METHOD, 405, "Method not available for that URI."},
    {CODE_NO_ROUTE, 400, "Could not route, perhaps your object identifier is invalid?"},
    {CODE_NO_CREDENTIAL, 400, "Missing X-Auth-Key, X-Auth-Email or Authorization headers"},
    {CODE_AUTHENTICATION, 403, "Authentication error"},
    {CODE_UNAVAILABLE, 503, "service temporarily unavailable"},
    {CODE_PAGE, 400, "malformed page"},
    {CODE_PER_PAGE, 400, "malformed per_page"},
    {CODE_KEY_NOT_FOUND, 404, "get: 'key not found'"},
    {CODE_NAMESPACE_BODY, 400, "malformed namespace"},
    {CODE_NAMESPACE_ID, 400, "could not parse UUID from request's namespace_id"},
    {CODE_BODY, 400, "could not parse request body"},
    {CODE_NAMESPACE_NOT_FOUND, 404, "namespace not found"},
    {CODE_TITLE_TAKEN, 400, "a namespace with this account ID and title already exists"},
    {CODE_TOO_MANY_NAMESPACES, 403, "too many namespaces in this account"},
    {CODE_NO_TITLE, 400, "request is missing a title definition"},
    {CODE_KEY_RATE, 429, "too many requests"},
    {CODE_TOO_LARGE, 413, "payload too large"},
    {CODE_LIMIT, 400, "invalid limit argument"},
    {CODE_BULK_GET, 400, "invalid request"},
    {CODE_KEY_TOO_LONG, 414, "key too long"},
    {CODE_EXPIRATION, 400, "invalid expiration"},
    {CODE_EXPIRATION_TTL, 400, "invalid expiration_ttl"},
    {10037, 403, "you do not have permission to perform this operation"},
    {CODE_CURSOR, 400, "invalid list cursor"},
    {CODE_KEY_NAME, 400, "illegal key name"},
    {CODE_ORDER, 400, "invalid order"},
    {CODE_DIRECTION, 400, "invalid direction"},
    {10046, 429, "too many bulk requests"},
    {CODE_METADATA, 413, "invalid metadata"},
    {CODE_QUOTA, 429, "your account has reached the free usage limit for this operation for today"},
    {CODE_METADATA_JSON, 400, "metadata must be valid json"},
    {CODE_WRONG_METHOD, 405, "method not allowed for the api_token authentication scheme"},
    {0, 400, "injected fault"}, /* any other */
};

static const struct row *find(int code)
{
    const struct row *row = table;
    while (row->code != 0 && row->code != code)
        row++;
    return row;
}

unsigned code_status(int code)
{
    return find(code)->status;
}

const char *code_text(int code)
{
    return find(code)->text;
}
