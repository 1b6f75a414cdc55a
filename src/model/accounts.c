#include "accounts.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "model.h"

/* What the local store holds of no account. */
#define NO_ACCOUNT "local"

#define TOKEN_VARIABLE "CLOUDFLARE_API_TOKEN_"

struct bytes account_id_of(const struct renamings *names, struct bytes name)
{
    for (size_t i = 0; names && i < names->n; i++)
        if (bytes_equal(names->items[i].from, name))
            return names->items[i].to;
    return bytes_make(NULL, 0);
}

struct bytes account_name_of(const struct renamings *names, struct bytes id)
{
    for (size_t i = 0; names && i < names->n; i++)
        if (bytes_equal(names->items[i].to, id))
            return names->items[i].from;
    return bytes_make(NULL, 0);
}

struct bytes account_word(const struct renamings *names, struct bytes id)
{
    struct bytes name = account_name_of(names, id);
    return name.data ? name : id;
}

void account_show(struct bytes id, struct bytes name, struct buf *out)
{
    text_show(out, id);
    if (name.len == 0)
        return;
    buf_add_str(out, " (");
    text_show(out, name);
    buf_add_char(out, ')');
}

struct bytes account_told(const struct account_words *words, struct bytes id)
{
    if (!words->several)
        return bytes_make(NULL, 0);
    return id.len > 0 ? account_word(words->names, id) : bytes_of(NO_ACCOUNT);
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_identifier(struct bytes name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];
        if (!is_letter(c) && (i == 0 || !((c >= '0' && c <= '9') || c == '-')))
            return false;
    }
    return name.len > 0;
}

const char *account_name_fault(struct bytes name)
{
    if (!is_identifier(name))
        return "is no identifier";
    if (id_valid(name))
        return "reads as an account id";
    /* CLOUDFLARE_API_TOKEN_FILE names a file, and "local:" the local store. */
    if (name.len == 4 && strncasecmp(name.data, "file", 4) == 0)
        return "is taken: " TOKEN_VARIABLE "FILE names a file";
    if (bytes_equal(name, bytes_of(NO_ACCOUNT)))
        return "is taken: 'local:' means the local store";
    return NULL;
}

char *account_variable(struct arena *arena, struct bytes name)
{
    char *variable = arena_printf(arena, TOKEN_VARIABLE "%.*s", BYTES_FMT(name));
    for (char *c = variable + strlen(TOKEN_VARIABLE); *c; c++) {
        if (*c >= 'a' && *c <= 'z')
            *c = (char)(*c - 'a' + 'A');
        else if (!is_letter(*c) && !(*c >= '0' && *c <= '9'))
            *c = '_';
    }
    return variable;
}

bool account_split(const struct renamings *names, struct bytes word, struct bytes *id,
                   struct bytes *rest)
{
    const char *colon = word.len > 0 ? memchr(word.data, ':', word.len) : NULL;
    if (!colon)
        return false;
    struct bytes account = bytes_make(word.data, (size_t)(colon - word.data));
    *rest = bytes_make(colon + 1, word.len - account.len - 1);
    *id = id_valid(account)                            ? account
          : bytes_equal(account, bytes_of(NO_ACCOUNT)) ? bytes_of("")
                                                       : account_id_of(names, account);
    return id->data && rest->len > 0;
}

struct bytes account_join(struct arena *arena, struct bytes account, struct bytes address)
{
    return bytes_of(arena_printf(arena, "%.*s:%.*s", BYTES_FMT(account), BYTES_FMT(address)));
}

static bool matches(struct bytes pattern, struct bytes address, struct bytes title)
{
    return (address.data && glob_match(pattern, address)) ||
           (title.data && glob_match(pattern, title));
}

bool account_matches(struct bytes pattern, struct bytes account, struct bytes address,
                     struct bytes title)
{
    struct bytes id, rest;
    return matches(pattern, address, title) ||
           (account_split(NULL, pattern, &id, &rest) && bytes_equal(id, account) &&
            matches(rest, address, title));
}
