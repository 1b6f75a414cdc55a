#include "state_keys.h"

#include "base/clock.h"
#include "base/duration.h"
#include "base/hash.h"
#include "base/json.h"
#include "model/model.h"
#include "own_program.h"
#include "store/cloudflare_probe.h"

/* ---- A program ------------------------------------------------------------------------------- */

struct process {
    struct arena *arena;
    const char *line, *source;
};

static const char *member(struct arena *arena, const struct json *doc, const char *name)
{
    const char *value;
    return json_as_str(json_member(doc, name), &value) && *value ? arena_str(arena, value) : NULL;
}

static bool read_document(struct arena *arena, const struct json *doc, int64_t now,
                          struct state_access *out, struct error *err)
{
    const char *ends = member(arena, doc, "Expiration");
    int64_t version;
    if (!json_as_int(json_member(doc, "Version"), &version) || version != 1)
        return error_set(err, ERR_FAILED, "it printed no JSON with \"Version\": 1");
    out->aws_id = member(arena, doc, "AccessKeyId");
    out->aws_secret = member(arena, doc, "SecretAccessKey");
    out->aws_session = member(arena, doc, "SessionToken");
    out->expires = 0;
    if (!out->aws_id || !out->aws_secret)
        return error_set(err, ERR_FAILED, "it printed no \"%s\"",
                         out->aws_id ? "SecretAccessKey" : "AccessKeyId");
    if (ends && !moment_parse(bytes_of(ends), &out->expires))
        return error_set(err, ERR_FAILED, "the \"Expiration\" that it printed is no time");
    if (ends && out->expires <= now)
        return error_set(err, ERR_FAILED, "the keys that it printed have expired already");
    return true;
}

bool state_keys_read(struct arena *arena, struct bytes text, int64_t now, struct state_access *out,
                     struct error *err)
{
    struct error unheard; /* what does not parse may hold a key */
    struct state_access got = *out;
    struct json *doc = json_doc_parse(text, &unheard);
    bool ok = read_document(arena, doc, now, &got, err);
    json_doc_free(doc);
    if (ok)
        *out = got;
    return ok || error_hint(err, "credential_process prints {\"Version\": 1, \"AccessKeyId\": …, "
                                 "\"SecretAccessKey\": …}, perhaps with \"SessionToken\" and "
                                 "\"Expiration\"");
}

static bool run_process(void *ctx, struct state_access *a, struct error *err)
{
    const struct process *p = ctx;
    struct buf text = {0};
    const char *const *words = own_program_shell_words(p->arena, p->line);
    if (!words || !words[0])
        return error_set(err, ERR_FAILED, "%s: %s", p->source,
                         words ? "it names no program"
                               : "a quotation mark opens a word, and none ends it");
    bool ok = own_program_run(words, p->source, &text, err);
    if (ok && !state_keys_read(p->arena, buf_bytes(&text), clock_now(), a, err))
        ok = error_wrap(err, "%s", p->source);
    own_program_forget(&text);
    return ok;
}

void state_keys_by_process(struct arena *arena, const char *line, const char *source,
                           struct state_access *out)
{
    struct process *p = arena_alloc(arena, 1, sizeof *p);
    *p = (struct process){.arena = arena, .line = line, .source = source};
    out->source = source;
    out->renew = run_process;
    out->renew_ctx = p;
}

/* ---- A token of the API ---------------------------------------------------------------------- */

struct token_keys {
    struct arena *arena;
    struct cloudflare_options api;
    const char *account, *source;
};

const char *state_keys_secret(struct arena *arena, const char *token)
{
    char hex[HASH_HEX_SIZE];
    struct digest d = hash_sha256(bytes_of(token));
    digest_hex(&d, hex);
    return arena_str(arena, hex);
}

/* A token is a user's or an account's, and only one of two endpoints knows it. */
static bool ask_id(struct token_keys *t, struct store *store, struct bytes *id, struct error *err)
{
    static const enum probe_kind kinds[] = {PROBE_USER_TOKEN, PROBE_ACCOUNT_TOKEN};
    struct probe p = {0};
    for (size_t i = 0; i < 2; i++) {
        cloudflare_store_probe(store, kinds[i], bytes_of(t->account), t->arena, &p);
        *id = p.id;
        if (p.verdict == PROBE_MAY && id_valid(*id))
            return true;
        if (i == 0 || p.verdict == PROBE_FAILED)
            *err = p.error;
        if (p.verdict == PROBE_FAILED)
            return false;
    }
    if (err->code == ERR_NONE)
        error_set(err, ERR_ANSWER, "the service told no id of the token");
    return false;
}

static bool derive(void *ctx, struct state_access *a, struct error *err)
{
    struct token_keys *t = ctx;
    struct bytes id;
    struct store *store = cloudflare_store_open(&t->api, err);
    bool ok = store && ask_id(t, store, &id, err);
    store_close(store);
    if (!ok) {
        error_wrap(err, "the R2 keys of %s cannot be told", t->source);
        return *err->hint ? false
                          : error_hint(err, "make a pair in the dashboard (R2, API tokens) and set "
                                            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
    }
    a->aws_id = (const char *)arena_copy(t->arena, id).data;
    a->aws_secret = state_keys_secret(t->arena, t->api.http.credentials.token);
    return true;
}

void state_keys_of_token(struct arena *arena, const struct cloudflare_options *api,
                         const char *token, const char *account, const char *source,
                         struct state_access *out)
{
    struct token_keys *t = arena_alloc(arena, 1, sizeof *t);
    *t = (struct token_keys){.arena = arena, .api = *api, .account = account, .source = source};
    t->api.http.credentials = (struct http_credentials){.token = token};
    t->api.account_id = account;
    t->api.source = source;
    out->source = arena_printf(arena, "the keys derived from %s", source);
    out->renew = derive;
    out->renew_ctx = t;
}
