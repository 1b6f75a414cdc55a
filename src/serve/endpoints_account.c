/* endpoints_account.c: who one is and which accounts one sees; what clients ask before they work.
 */
#include "base/hash.h"
#include "endpoints.h"
#include "limits.h"

static const struct fault_account own_account = {.id = SERVER_ACCOUNT, .name = SERVER_ACCOUNT_NAME};

struct accounts {
    const struct fault_account *items;
    size_t n;
};

/* ---- Which there are ------------------------------------------------------------------------- */

static bool accounts_of_store(const struct server *server, struct arena *arena,
                              struct accounts *out, struct error *err)
{
    const struct serve_options *options = server->options;
    struct serve_account *accounts;
    size_t n = 0;
    *out = (struct accounts){&own_account, 1};
    if (!options->accounts || !options->store)
        return true;
    if (!options->accounts(options->accounts_ctx, arena, &accounts, &n, err))
        return false;
    struct fault_account *items = arena_alloc(arena, n + 1, sizeof *items);
    for (size_t i = 0; i < n; i++) {
        items[i] = own_account;
        if (accounts[i].id.len == 0)
            continue;
        items[i].id = items[i].name = arena_copy(arena, accounts[i].id).data;
        if (accounts[i].name.data)
            items[i].name = arena_copy(arena, accounts[i].name).data;
    }
    if (n > 0)
        *out = (struct accounts){items, n};
    return true;
}

static bool accounts_of(const struct server *server, struct arena *arena, struct accounts *out,
                        struct error *err)
{
    const struct faults *f = &server->faults;
    if (!f->has_accounts)
        return accounts_of_store(server, arena, out, err);
    *out = (struct accounts){f->accounts, f->n_accounts};
    return true;
}

static const struct fault_account *find_named(const struct server *server, struct bytes id)
{
    const struct faults *f = &server->faults;
    for (size_t i = 0; i < f->n_accounts; i++)
        if (bytes_equal(bytes_of(f->accounts[i].id), id))
            return &f->accounts[i];
    return !f->has_accounts && bytes_equal(bytes_of(own_account.id), id) ? &own_account : NULL;
}

static bool is_seen(const struct call *c, const struct fault_account *account)
{
    return !account->token || strcmp(account->token, c->credential) == 0;
}

bool account_exists(const struct call *c, struct bytes id)
{
    const struct fault_account *account = find_named(c->server, id);
    return account ? is_seen(c, account) : !c->server->faults.has_accounts;
}

bool account_first(struct server *server, const char **id, struct error *err)
{
    struct accounts accounts;
    if (!accounts_of(server, &server->arena, &accounts, err))
        return false;
    *id = accounts.n > 0 ? accounts.items[0].id : NULL;
    return true;
}

static void write_account(struct json_writer *w, const char *id, const char *name)
{
    json_begin_object(w);
    json_field_str(w, "id", id);
    json_field_str(w, "name", name);
    json_field_str(w, "type", "standard");
    json_end_object(w);
}

bool account_get(struct call *c)
{
    const struct fault_account *account = find_named(c->server, c->route.account);
    char *id = arena_printf(c->arena, "%.*s", BYTES_FMT(c->route.account));
    struct json_writer w = reply_begin(c->reply);
    write_account(&w, id, account ? account->name : id);
    reply_end(&w);
    return true;
}

/* ---- Lists ----------------------------------------------------------------------------------- */

typedef void (*write_fn)(struct json_writer *w, const struct fault_account *account);

static void write_listed(struct json_writer *w, const struct fault_account *account)
{
    write_account(w, account->id, account->name);
}

static void write_membership(struct json_writer *w, const struct fault_account *account)
{
    json_begin_object(w);
    json_field_str(w, "id", account->id);
    json_field_str(w, "status", "accepted");
    json_key(w, "account");
    write_account(w, account->id, account->name);
    json_field_array(w, "roles");
    json_str(w, "Administrator");
    json_end_array(w);
    json_end_object(w);
}

static bool answer_list(struct call *c, write_fn write)
{
    size_t page, per_page;
    bool descending;
    struct error err;
    struct accounts accounts;
    if (!query_number(c, "page", CODE_PAGE, 1, 1000000, 1, &page) ||
        !query_number(c, "per_page", CODE_PER_PAGE, 5, 50, 20, &per_page) ||
        !query_choice(c, "direction", CODE_DIRECTION, "asc", "desc", &descending))
        return false;
    if (!accounts_of(c->server, c->arena, &accounts, &err))
        return reply_fail(c->reply, CODE_UNAVAILABLE, "%s: '%s'", c->op, err.message);
    struct bytes name = query_get(c->route.query, "name", c->arena);
    struct reply_pages pages = {.page = page, .per_page = per_page};
    struct json_writer w = reply_begin(c->reply);
    json_begin_array(&w);
    for (size_t i = 0; i < accounts.n; i++) {
        const struct fault_account *account = &accounts.items[descending ? accounts.n - 1 - i : i];
        if (!is_seen(c, account) || (name.data && !bytes_equal(bytes_of(account->name), name)))
            continue;
        bool shown = pages.total / per_page == page - 1;
        pages.total++;
        pages.count += shown;
        if (shown)
            write(&w, account);
    }
    json_end_array(&w);
    reply_end_pages(&w, &pages);
    return true;
}

bool account_list(struct call *c)
{
    return answer_list(c, write_listed);
}

bool membership_list(struct call *c)
{
    return answer_list(c, write_membership);
}

/* ---- The caller ------------------------------------------------------------------------------ */

bool user_get(struct call *c)
{
    struct json_writer w = reply_begin(c->reply);
    json_begin_object(&w);
    json_field_str(&w, "id", SERVER_ACCOUNT);
    json_field_str(&w, "email", c->head.auth_email ? c->head.auth_email : "user@example.com");
    json_end_object(&w);
    reply_end(&w);
    return true;
}

bool user_token(struct call *c)
{
    char id[HASH_HEX_SIZE];
    if (!c->head.authorization)
        return reply_fail(c->reply, CODE_INVALID_TOKEN, "%s", code_text(CODE_INVALID_TOKEN));
    /* An id that is the same for the same token and tells nothing about it. */
    struct digest d = hash_hmac_sha256(bytes_of("token id"), bytes_of(c->head.authorization));
    digest_hex(&d, id);
    reply_clear(c->reply);
    c->reply->status = 200;
    /* The one success with a message: code 10000, which elsewhere is an error's. */
    buf_addf(&c->reply->body,
             "{\"result\":{\"id\":\"%.32s\",\"status\":\"active\"},\"success\":true,\"errors\":[],"
             "\"messages\":[{\"code\":10000,\"message\":\"This API Token is valid and active\","
             "\"type\":null}]}",
             id);
    return true;
}

/* There are none: whether one may ask is all that is told. */
bool bucket_list(struct call *c)
{
    struct json_writer w = reply_begin(c->reply);
    json_begin_object(&w);
    json_field_array(&w, "buckets");
    json_end_array(&w);
    json_end_object(&w);
    reply_end(&w);
    return true;
}

bool account_token(struct call *c)
{
    return user_token(c);
}
