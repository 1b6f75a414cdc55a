/* Guessing whether a value is a credential. */
#include "validate.h"

#include <ctype.h>

/* Credentials sit at the front of a value or are the value; a large document is not read whole. */
#define SCAN_MAX 4096

/* No part of a credential is longer: where a text is scanned, each of its bytes may begin one. */
#define TOKEN_MAX 4096

/* The header of a JWT names its algorithm and key. */
#define JWT_HEADER_MAX 1024

/* Longer than any word of secret_words, separators left out. */
#define NAME_TAIL 16

struct secret_shape {
    const char *prefix;
    size_t tail; /* characters of a token that must follow at least */
};

static const struct secret_shape shapes[] = {
    {"github_pat_", 20}, {"ghp_", 20},     {"gho_", 20},   {"ghu_", 20},     {"ghs_", 20},
    {"ghr_", 20},        {"glpat-", 16},   {"xoxb-", 10},  {"xoxp-", 10},    {"xoxa-", 10},
    {"xoxr-", 10},       {"xoxs-", 10},    {"xapp-", 10},  {"sk_live_", 10}, {"rk_live_", 10},
    {"sk-ant-", 16},     {"sk-proj-", 16}, {"whsec_", 16}, {"AKIA", 16},     {"ASIA", 16},
    {"AIza", 30},        {"npm_", 30},     {"pypi-", 30},  {"shpat_", 20},   {"dop_v1_", 30},
    {"hf_", 30},         {"SG.", 20},      {"ya29.", 20},
};

/* How a name ends that holds a credential; case and `_`, `-`, `.`, space do not count. */
#define WORD(literal)                                                                              \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }
static const struct bytes secret_words[] = {
    WORD("password"),  WORD("passwd"),     WORD("passphrase"), WORD("secret"),
    WORD("token"),     WORD("apikey"),     WORD("secretkey"),  WORD("privatekey"),
    WORD("accesskey"), WORD("credential"), WORD("credentials")};

/* As isalnum, inline: every byte of every value passes here. */
static inline bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static size_t token_length(struct bytes b, size_t max)
{
    size_t n = 0;
    while (n < b.len && n < max && (is_word(b.data[n]) || b.data[n] == '-'))
        n++;
    return n;
}

static struct bytes skip(struct bytes b, size_t n)
{
    return bytes_make(b.data + n, b.len - n);
}

static bool has_shape(struct bytes at)
{
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        if (shapes[i].prefix[0] != at.data[0])
            continue;
        struct bytes prefix = bytes_of(shapes[i].prefix);
        if (bytes_starts_with(at, prefix) &&
            token_length(skip(at, prefix.len), shapes[i].tail) >= shapes[i].tail)
            return true;
    }
    return false;
}

/* header.payload.signature, header and payload being base64 of `{"`. */
static bool is_jwt(struct bytes at)
{
    if (!bytes_starts_with(at, bytes_of("eyJ")))
        return false;
    size_t header = token_length(at, JWT_HEADER_MAX);
    if (header == at.len || at.data[header] != '.')
        return false;
    struct bytes payload = skip(at, header + 1);
    size_t len = token_length(payload, TOKEN_MAX);
    return bytes_starts_with(payload, bytes_of("eyJ")) && len < payload.len &&
           payload.data[len] == '.';
}

static bool is_private_key(struct bytes at)
{
    struct bytes begin = bytes_of("-----BEGIN ");
    if (!bytes_starts_with(at, begin))
        return false;
    struct bytes kind = skip(at, begin.len);
    while (kind.len > 0 && (isupper((unsigned char)kind.data[0]) || kind.data[0] == ' ')) {
        if (bytes_starts_with(kind, bytes_of("PRIVATE KEY")))
            return true;
        kind = skip(kind, 1);
    }
    return false;
}

/* The end of `name` in lower case without separators; returns its length. */
static size_t squeeze_tail(struct bytes name, char tail[NAME_TAIL])
{
    size_t n = 0;
    for (size_t i = name.len; i > 0 && n < NAME_TAIL; i--) {
        unsigned char c = (unsigned char)name.data[i - 1];
        if (isalnum(c))
            tail[NAME_TAIL - ++n] = (char)tolower(c);
        else if (c != '_' && c != '-' && c != '.' && c != ' ')
            break;
    }
    return n;
}

static bool is_secret_name(struct bytes name)
{
    char tail[NAME_TAIL];
    size_t n = squeeze_tail(name, tail);
    struct bytes end = bytes_make(tail + NAME_TAIL - n, n);
    for (size_t i = 0; i < sizeof secret_words / sizeof *secret_words; i++)
        if (bytes_ends_with(end, secret_words[i]))
            return true;
    return false;
}

static bool is_number(struct bytes b)
{
    for (size_t i = 0; i < b.len; i++)
        if (!isdigit((unsigned char)b.data[i]) && !memchr("+-.eE", b.data[i], 5))
            return false;
    return true;
}

/* Text of its own, no number, literal or document. */
static bool is_plain_string(struct bytes b)
{
    if (b.len == 0 || b.data[0] == '{' || b.data[0] == '[' || is_number(b))
        return false;
    return !bytes_equal(b, bytes_of("true")) && !bytes_equal(b, bytes_of("false")) &&
           !bytes_equal(b, bytes_of("null"));
}

/* Whether the `:` at `colon` stands between a secret's name and a string that is not empty. */
static bool is_secret_member(struct bytes text, size_t colon)
{
    size_t end = colon;
    while (end > 0 && text.data[end - 1] == ' ')
        end--;
    if (end == 0 || text.data[end - 1] != '"')
        return false;
    size_t start = --end;
    while (start > 0 && text.data[start - 1] != '"')
        start--;
    size_t value = colon + 1;
    while (value < text.len && text.data[value] == ' ')
        value++;
    return value + 1 < text.len && text.data[value] == '"' && text.data[value + 1] != '"' &&
           is_secret_name(bytes_make(text.data + start, end - start));
}

/* The colon of a member, and the first characters of shapes, JWTs and key headers. Most of a value
 * is told apart by it alone, which matters: every value of a configuration comes by here. */
static const bool starts_secret[256] = {
    [':'] = true, ['g'] = true, ['x'] = true, ['s'] = true, ['r'] = true,
    ['w'] = true, ['A'] = true, ['n'] = true, ['p'] = true, ['d'] = true,
    ['h'] = true, ['S'] = true, ['y'] = true, ['e'] = true, ['-'] = true};

static bool has_secret_at(struct bytes text, size_t i)
{
    if (text.data[i] == ':')
        return is_secret_member(text, i);
    if (i > 0 && is_word(text.data[i - 1]))
        return false;
    struct bytes at = skip(text, i);
    return has_shape(at) || is_jwt(at) || is_private_key(at);
}

bool looks_secret(struct bytes key, struct bytes value)
{
    return holds_secret(key, bytes_make(value.data, value.len < SCAN_MAX ? value.len : SCAN_MAX));
}

bool holds_secret(struct bytes key, struct bytes text)
{
    if (is_plain_string(text) && is_secret_name(key))
        return true;
    for (size_t i = 0; i < text.len; i++)
        if (starts_secret[(unsigned char)text.data[i]] && has_secret_at(text, i))
            return true;
    return false;
}

static struct bytes behind(struct bytes b, const char *mark)
{
    struct bytes wanted = bytes_of(mark);
    while (b.len > 0 && !bytes_starts_with(b, wanted))
        b = skip(b, 1);
    return b.len > 0 ? skip(b, wanted.len) : b;
}

/* Signed URLs have these two. */
static bool is_secret_member_name(struct bytes name)
{
    char tail[NAME_TAIL];
    size_t n = squeeze_tail(name, tail);
    struct bytes end = bytes_make(tail + NAME_TAIL - n, n);
    return is_secret_name(name) || bytes_ends_with(end, bytes_of("signature")) ||
           bytes_equal(end, bytes_of("sig")) || bytes_equal(end, bytes_of("key"));
}

bool url_holds_secret(struct bytes url, struct bytes *name)
{
    struct bytes rest = behind(url, "://"), query = behind(rest, "?");
    *name = bytes_make(NULL, 0);
    if (rest.len > 0 && memchr(rest.data, '@', rest.len))
        return true;
    while (query.len > 0) {
        size_t end = 0, equals;
        while (end < query.len && query.data[end] != '&')
            end++;
        for (equals = 0; equals < end && query.data[equals] != '=';)
            equals++;
        *name = bytes_make(query.data, equals);
        if (is_secret_member_name(*name))
            return true;
        query = skip(query, end < query.len ? end + 1 : end);
    }
    *name = bytes_make(NULL, 0);
    return false;
}
