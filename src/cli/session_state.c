/*
 * session_state.c: where the account's state is, and with what its host is asked.
 */
#include "session_parts.h"

#include "credentials.h"
#include "state/remote_connect.h"
#include "state_access.h"

void session_beat(void *session)
{
    struct session *s = session;
    if (s->lost.code || !s->target.name || state_beat(&s->target.state, &s->lost))
        return;
    s->interrupt->pending = 1; /* nothing more is begun */
}

/* The account that is worked on, as far as somebody said it; empty: nobody did. */
static bool account_of(struct session *s, struct bytes *account, struct error *err)
{
    struct state_said left = {0};
    const char *id;
    *account = s->model.project.account_id;
    if (account->len > 0)
        return true;
    if (!credentials_account(&s->env, &id, err) ||
        (!id && !s->evaluated && !state_place_left_said(s, &left, err)))
        return false;
    *account = bytes_of(id ? id : left.account_id ? left.account_id : "");
    return true;
}

/* How the account is asked, for keys that its token stands for; NULL: it cannot be, or need not. */
static bool api_of(struct session *s, const struct state_address *address,
                   const struct cloudflare_options **api, struct error *err)
{
    struct cloudflare_options *c = arena_alloc(&s->arena, 1, sizeof *c);
    *api = NULL;
    if (!state_access_wants_api(address) || !credentials_given(&s->env))
        return true;
    *api = c;
    return session_cloudflare(s, c, err);
}

bool session_read_access(struct session *s, const struct state_address *address, bool named,
                         struct state_access **access, struct error *err)
{
    struct state_access_wanted wanted = {
        .env = &s->env,
        .address = address,
        .named_by_user = named,
        .names = s->model.project.declared ? &s->model.project.accounts : NULL};
    *access = arena_alloc(&s->arena, 1, sizeof **access);
    return account_of(s, &wanted.account, err) && api_of(s, address, &wanted.api, err) &&
           state_access_read(&s->arena, &wanted, *access, err);
}

/* Where nobody is let in without credentials it is known before that they are missing. */
static bool lacks_access(const struct state_address *address, const struct state_access *access)
{
    return address->kind == STATE_S3 && !state_access_given(access);
}

bool session_place_state(struct session *s, bool ids, struct target_options *options,
                         struct error *err)
{
    struct state_place place;
    if (!state_place_find(s, &place, err))
        return false;
    options->address = place.address;
    options->state_path = place.path;
    options->state_http = session_http(s);
    options->lease_first = s->lease_first;
    options->tell = s->offline ? NULL : session_tell;
    options->tell_ctx = s;
    options->cached = s->offline;
    if (!place.address || s->offline)
        return true;
    if (!session_read_access(s, place.address, place.named, &options->access, err)) {
        options->access = NULL;
        return ids && (err->code == ERR_DENIED || err->code == ERR_USAGE);
    }
    if (ids && lacks_access(place.address, options->access))
        options->access = NULL;
    return true;
}

bool session_open_document(struct session *s, const struct state_address *address, bool named,
                           struct remote_document *d, struct error *err)
{
    struct state_access *access;
    struct remote_object object;
    struct remote_stop *stop = arena_alloc(&s->arena, 1, sizeof *stop);
    struct http_options http = session_http(s);
    stop->from = &s->interrupt->pending;
    if (!session_read_access(s, address, named, &access, err) ||
        !remote_connect(address, access, &http, stop, &object, err))
        return false;
    remote_document_open(d, &object, stop);
    return true;
}
