/* Which credentials the requests of an account carry, and what to say when they will not do. */
#include "base/text.h"
#include "cloudflare_job.h"
#include "model/accounts.h"

#define NEEDED "'Workers KV Storage: Edit' (Read suffices for plan)"

/* For whoever has one token and one account. */
static void hint_common(struct bytes account, const char *source, struct error *err)
{
    char id[80];
    if (account.len == 0)
        error_hint(err,
                   "check that the token of %s is active and has " NEEDED
                   "; 'cfkv doctor' looks at it",
                   source);
    else
        error_hint(
            err,
            "check that account %s is the one meant (CLOUDFLARE_ACCOUNT_ID, or account_id in "
            "cfkv.project), and that the token of %s is active and has " NEEDED " there; 'cfkv "
            "doctor' looks at both",
            text_quoted(account, id, sizeof id), source);
}

bool cloudflare_store_name_account(struct store *s, const struct cloudflare_named_account *named,
                                   struct error *err)
{
    struct cloudflare *cf = (struct cloudflare *)(void *)s;
    struct http_credentials own = {.token = named->token};
    size_t which = 0;
    if (named->token && !http_add_credentials(cf->http, &own, &which, err))
        return error_wrap(err, "%s", named->variable);
    arena_grow(&cf->arena, (void **)&cf->named, &cf->cap_named, cf->n_named + 1, sizeof *cf->named);
    cf->named[cf->n_named++] =
        (struct named_account){.id = arena_copy(&cf->arena, named->id),
                               .variable = arena_str(&cf->arena, named->variable),
                               .has_own = named->token != NULL,
                               .credentials = which};
    return true;
}

static struct bytes account_of(const struct job *j)
{
    return j->op.account.len > 0 ? j->op.account : bytes_of(j->cf->account);
}

static const struct named_account *find_named(const struct job *j)
{
    const struct cloudflare *cf = j->cf;
    for (size_t i = 0; i < cf->n_named; i++)
        if (bytes_equal(cf->named[i].id, account_of(j)))
            return &cf->named[i];
    return NULL;
}

size_t job_credentials(const struct job *j)
{
    const struct named_account *named = find_named(j);
    return named ? named->credentials : 0;
}

bool job_has_credentials(const struct job *j, struct error *err)
{
    const struct named_account *named = find_named(j);
    char id[80];
    if (j->cf->has_common || (named && named->has_own))
        return true;
    error_set(err, ERR_DENIED, "there are no credentials for account %s",
              text_quoted(account_of(j), id, sizeof id));
    return error_hint(err, "set %s%sCLOUDFLARE_API_TOKEN", named ? named->variable : "",
                      named ? ", or " : "");
}

void job_name_account(const struct job *j, struct error *err)
{
    const struct named_account *named = find_named(j);
    struct bytes account = account_of(j);
    bool is_default = bytes_equal(account, bytes_of(j->cf->account));
    struct buf who = {0};
    account_show(account, bytes_of(is_default ? j->cf->account_name : ""), &who);
    if (account.len > 0)
        error_wrap(err, "account %s does not take the token of %s", who.data,
                   named && named->has_own ? named->variable : j->cf->source);
    buf_release(&who);
}

void job_hint_token(const struct job *j, struct error *err)
{
    const struct named_account *named = find_named(j);
    char id[80];
    text_quoted(account_of(j), id, sizeof id);
    if (!named)
        hint_common(account_of(j), j->cf->source, err);
    else if (named->has_own)
        error_hint(err,
                   "check that the token in %s is active and has " NEEDED " in account %s; 'cfkv "
                   "doctor' looks at it",
                   named->variable, id);
    else
        error_hint(err,
                   "check that the token of %s has " NEEDED " in account %s, or give that a "
                   "token of its own in %s; 'cfkv doctor' looks at it",
                   j->cf->source, id, named->variable);
}

void job_hint_header(const struct job *j, struct error *err)
{
    const struct named_account *named = find_named(j);
    error_hint(err,
               "the credentials are no header that the API understands: check %s for blanks, "
               "quotation marks and missing letters",
               named && named->has_own ? named->variable : j->cf->source);
}
