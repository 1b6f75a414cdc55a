#include "vocabulary.h"

#include <ctype.h>
#include <stdint.h>

#include "base/text.h"

#define WORDS_MAX 20

/* Words for one thing. `ours` in the order in which they are offered, each where it is one. */
struct meaning {
    const char *theirs[WORDS_MAX], *ours[5];
};

static const struct meaning meanings[] = {
    {.theirs = {"ttl", "ttl_seconds", "ttl_secs", "expiration_ttl", "expire_ttl", "expires_ttl",
                "expiry_ttl", "expires_in", "expire_in", "expire_after", "expires_after",
                "expiry_seconds", "expiration_seconds", "ex", "max_age", "lifetime",
                "time_to_live"},
     .ours = {"expiration_ttl", "ttl_seconds", "ttl", "expiration"}},
    {.theirs = {"expiration", "expires", "expire", "expiry", "expires_at", "expire_at",
                "expires_on", "expiration_date", "expiration_time", "expiry_date", "valid_until",
                "not_after", "exp", "exat"},
     .ours = {"expiration", "expiration_ttl", "ttl_seconds", "ttl"}},
    {.theirs = {"name", "title", "namespace", "namespace_name", "namespace_title", "kv_namespace"},
     .ours = {"title", "name", "namespace", "key"}},
    {.theirs = {"env", "environment", "environments", "envs", "stage"},
     .ours = {"env", "environments"}},
    {.theirs = {"account", "account_id", "account_tag"}, .ours = {"account_id", "account"}},
    {.theirs = {"protected", "prevent_destroy", "deletion_protection", "delete_protection"},
     .ours = {"protect"}},
    {.theirs = {"on_delete", "on_destroy", "deletion_policy", "removal_policy"},
     .ours = {"on_remove"}},
    {.theirs = {"choices", "choice", "enum", "values", "one_of", "allowed", "allowed_values"},
     .ours = {"oneof"}},
    {.theirs = {"max", "count", "n", "top", "first", "page_size", "per_page"}, .ours = {"limit"}},
    {.theirs = {"starts_with", "begins_with", "pattern", "match"}, .ours = {"prefix"}},
    {.theirs = {"older_than", "retention", "retention_days", "keep_days", "age"}, .ours = {"days"}},
    {.theirs = {"file", "filename", "config", "config_path"}, .ours = {"path"}},
    {.theirs = {"key_name", "k", "id"}, .ours = {"key"}},
    {.theirs = {"val", "v", "data", "content", "body"}, .ours = {"value"}},
    {.theirs = {"comment", "description", "help", "doc"}, .ours = {"description", "doc"}},
};

/* ---- The same word --------------------------------------------------------------------------- */

static bool is_joint(char c)
{
    return c == '_' || c == '-' || c == ' ';
}

/* The same letters and digits, whatever joins them. */
static bool same_word(struct bytes name, const char *word)
{
    size_t at = 0;
    for (;; at++, word++) {
        while (at < name.len && is_joint(name.data[at]))
            at++;
        while (is_joint(*word))
            word++;
        if (at == name.len || !*word)
            return at == name.len && !*word;
        if (tolower((unsigned char)name.data[at]) != tolower((unsigned char)*word))
            return false;
    }
}

/* The word of `list` that is the same; NULL: none. */
static const char *find_word(struct bytes name, const char *const *list, size_t max)
{
    for (size_t i = 0; i < max && list[i]; i++)
        if (same_word(name, list[i]))
            return list[i];
    return NULL;
}

/* ---- The same thing -------------------------------------------------------------------------- */

/* One of `candidates` that means what `m` does. */
static const char *ours(const struct meaning *m, const char *const *candidates)
{
    for (size_t i = 0; i < sizeof m->ours / sizeof *m->ours && m->ours[i]; i++) {
        const char *word = find_word(bytes_of(m->ours[i]), candidates, SIZE_MAX);
        if (word)
            return word;
    }
    return NULL;
}

const char *vocabulary_meant(struct bytes name, const char *const *candidates)
{
    const char *word = name.len > 0 ? find_word(name, candidates, SIZE_MAX) : NULL;
    for (size_t i = 0; !word && i < sizeof meanings / sizeof *meanings; i++)
        if (find_word(name, meanings[i].theirs, WORDS_MAX))
            word = ours(&meanings[i], candidates);
    return word ? word : text_nearest(name, candidates);
}

bool vocabulary_is_credential(struct bytes name)
{
    static const char *const words[] = {"credentials",
                                        "credential",
                                        "credentials_command",
                                        "credential_process",
                                        "creds",
                                        "auth",
                                        "token",
                                        "api_token",
                                        "token_command",
                                        "api_key",
                                        "cloudflare_api_token",
                                        "access_key",
                                        "access_key_id",
                                        "secret_access_key",
                                        "secret_key",
                                        "session_token",
                                        "username",
                                        "password",
                                        "env_file",
                                        "headers"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (same_word(name, words[i]))
            return true;
    return false;
}
