/*
 * codes.h: the error codes of the API and the HTTP status that each one comes with.
 *
 * Where the service's status is not on record, the table says what this emulator chose.
 */
#ifndef CFKV_SERVE_CODES_H
#define CFKV_SERVE_CODES_H

enum api_code {
    CODE_THROTTLED = 971,
    CODE_INVALID_TOKEN = 1000,
    CODE_FOREIGN_HOST = 1003,
    CODE_FOREIGN_ORIGIN = 1020,
    CODE_INVALID_HEADERS = 6003,
    CODE_NO_ROUTE_FOR_URI = 7000,
    CODE_NO_METHOD = 7001,
    CODE_NO_ROUTE = 7003,
    CODE_NO_CREDENTIAL = 9106,
    CODE_AUTHENTICATION = 10000,
    CODE_UNAVAILABLE = 10001,
    CODE_PAGE = 10007,
    CODE_PER_PAGE = 10008,
    CODE_KEY_NOT_FOUND = 10009,
    CODE_NAMESPACE_BODY = 10010,
    CODE_NAMESPACE_ID = 10011,
    CODE_BODY = 10012,
    CODE_NAMESPACE_NOT_FOUND = 10013,
    CODE_TITLE_TAKEN = 10014,
    CODE_TOO_MANY_NAMESPACES = 10018,
    CODE_NO_TITLE = 10019,
    CODE_KEY_RATE = 10022,
    CODE_TOO_LARGE = 10024,
    CODE_LIMIT = 10028,
    CODE_BULK_GET = 10029,
    CODE_KEY_TOO_LONG = 10030,
    CODE_EXPIRATION = 10033,
    CODE_EXPIRATION_TTL = 10034,
    CODE_CURSOR = 10041,
    CODE_KEY_NAME = 10042,
    CODE_ORDER = 10043,
    CODE_DIRECTION = 10044,
    CODE_METADATA = 10047,
    CODE_QUOTA = 10048,
    CODE_METADATA_JSON = 10147,
    CODE_WRONG_METHOD = 10405
};

/* 400 for a code that is not in the table. */
unsigned code_status(int code);

/* What the service is known to say with a code, for faults that give none of their own. */
const char *code_text(int code);

#endif
