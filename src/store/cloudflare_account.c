/* Which account is it? Asked for when nobody said. */
#include "base/text.h"
#include "cloudflare_job.h"
#include "model/model.h"

/* The accounts that the credentials can see, as one operation that is none of the contract's. */
static void accounts_ask(struct job *j, struct http_request *r)
{
    buf_clear(&j->path);
    buf_add_str(&j->path, "/accounts?per_page=50");
    job_ask(j, r, HTTP_GET, true);
}

static enum job_turn accounts_hear(struct job *j, const struct http_response *r)
{
    struct answer a;
    struct error why = {0};
    if (!job_accepted(r))
        return job_refused(j, r);
    bool parsed = answer_accounts(r->body, &j->arena, &a, &j->accounts, &why);
    if (!parsed || !a.success)
        return job_misheard(j, r, parsed, &why);
    j->result.ok = true;
    return JOB_OVER;
}

static const struct job_class job_accounts = {accounts_ask, accounts_hear};

/* ---- One operation by itself ----------------------------------------------------------------- */

struct once {
    struct job *j;
    bool asked;
};

static enum http_next once_next(void *ctx, struct http_request *request)
{
    struct once *o = ctx;
    if (o->asked)
        return HTTP_NEXT_END;
    o->asked = true;
    o->j->cf->base.spent.requests++;
    o->j->cls->ask(o->j, request);
    return HTTP_NEXT_REQUEST;
}

static void once_done(void *ctx, const struct http_request *request,
                      const struct http_response *response)
{
    struct once *o = ctx;
    (void)request;
    o->j->cf->base.ahead = http_clock_ahead(o->j->cf->http);
    o->j->cls->hear(o->j, response);
    job_blame_answer(o->j);
}

bool job_run_once(struct job *j, struct error *err)
{
    struct once once = {.j = j};
    return http_run(j->cf->http, once_next, once_done, &once, err);
}

/* ---- The answer ------------------------------------------------------------------------------ */

#define ACCOUNT_HINT "set CLOUDFLARE_ACCOUNT_ID, or account_id in cfkv.project"

#define SHOWN_MAX 8 /* accounts in a message */

static const char *account_hint(const struct cloudflare *cf)
{
    return cf->account_hint ? cf->account_hint : ACCOUNT_HINT;
}

bool account_keep(struct cloudflare *cf, struct bytes id, struct error *err)
{
    char name[80];
    if (!id_valid(id)) {
        error_set(err, ERR_USAGE, "%s is no account id", text_quoted(id, name, sizeof name));
        return error_hint(err, "an account id is 32 hexadecimal digits, 0-9 and a-f");
    }
    memcpy(cf->account, id.data, id.len);
    cf->account[id.len] = '\0';
    return true;
}

/* "ID 'name', …". What repeats the credentials is no name and no id. */
static void list_accounts(const struct cloudflare *cf, const struct answer_accounts *page,
                          struct buf *list)
{
    char name[80];
    for (size_t i = 0; i < page->n && i < SHOWN_MAX; i++) {
        const struct answer_account *a = &page->items[i];
        if (i > 0)
            buf_add_str(list, ", ");
        if (http_shows_credentials(cf->http, a->id.data) ||
            http_shows_credentials(cf->http, a->name.data))
            buf_add_str(list, "(one that repeats the credentials)");
        else
            buf_addf(list, "%.*s %s", BYTES_FMT(a->id), text_quoted(a->name, name, sizeof name));
    }
    if (page->n > SHOWN_MAX || (page->has_total && page->total > page->n))
        buf_add_str(list, ", …");
}

/* The only account that there is. */
static bool choose(struct cloudflare *cf, const struct answer_accounts *page, struct error *err)
{
    struct buf list = {0};
    if (page->n == 0) {
        error_set(err, ERR_USAGE,
                  "the credentials show no account, so which one is meant is not known");
        return error_hint(err, "%s", account_hint(cf));
    }
    if (page->n > 1 || (page->has_total && page->total > 1)) {
        list_accounts(cf, page, &list);
        error_set(err, ERR_USAGE, "the credentials show several accounts: %s", list.data);
        buf_release(&list);
        return error_hint(err, "%s", account_hint(cf));
    }
    if (!account_keep(cf, page->items[0].id, err))
        return false;
    /* For people: a name too long to be read is left out, and so is one that repeats the
     * credentials. */
    struct bytes name = page->items[0].name;
    if (name.len < sizeof cf->account_name && !http_shows_credentials(cf->http, name.data)) {
        memcpy(cf->account_name, name.data, name.len);
        cf->account_name[name.len] = '\0';
    }
    return true;
}

static bool discover(struct cloudflare *cf, struct error *err)
{
    struct job j = {.cf = cf, .cls = &job_accounts};
    if (!cf->has_common) {
        error_set(err, ERR_USAGE, "which account is meant is not known");
        return error_hint(err, "%s", account_hint(cf));
    }
    bool ok = job_run_once(&j, err);
    if (ok && !j.result.ok) {
        *err = j.result.error;
        ok = error_wrap(err, "cannot find out the account");
    }
    ok = ok && choose(cf, &j.accounts, err);
    job_release(&j);
    return ok;
}

bool cloudflare_store_account(struct store *s, struct bytes *id, struct error *err)
{
    struct cloudflare *cf = (struct cloudflare *)(void *)s;
    if (!cf->account[0] && !discover(cf, err))
        return false;
    *id = bytes_of(cf->account);
    return true;
}

void cloudflare_store_suggest_account(struct store *s, struct bytes id)
{
    struct cloudflare *cf = (struct cloudflare *)(void *)s;
    struct error unheard;
    if (!cf->account[0])
        account_keep(cf, id, &unheard);
}

void cloudflare_store_hint_account(struct store *s, const char *hint)
{
    ((struct cloudflare *)(void *)s)->account_hint = hint;
}

const char *cloudflare_store_known_account(const struct store *s)
{
    return ((const struct cloudflare *)(const void *)s)->account;
}

const char *cloudflare_store_account_name(const struct store *s)
{
    return ((const struct cloudflare *)(const void *)s)->account_name;
}
