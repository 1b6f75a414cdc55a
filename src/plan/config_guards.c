#include "config_guards.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"

/* ---- Another account ------------------------------------------------------------------------- */

#define BINDINGS_NAMED_MAX 5

/* Where wrangler deploys a section; `line` 0: CLOUDFLARE_ACCOUNT_ID says so. */
static struct wrangler_account deployed_to(const struct config *config,
                                           const struct config_view *view, struct bytes env)
{
    struct wrangler_account to = wrangler_config_account(&config->content, env);
    return to.id.data ? to : (struct wrangler_account){.id = view->deploy_account};
}

/* Ids are hexadecimal digits of either case. */
static bool same_account(struct bytes a, struct bytes b)
{
    bool same = a.len == b.len;
    for (size_t i = 0; same && i < a.len; i++)
        same = tolower((unsigned char)a.data[i]) == tolower((unsigned char)b.data[i]);
    return same;
}

static bool is_elsewhere(const struct config_view *view, const struct wanted_binding *w,
                         struct bytes account)
{
    struct bytes own = view->accounts ? view->accounts[w->ns] : bytes_make(NULL, 0);
    return own.len > 0 && account.len > 0 && !same_account(own, account) &&
           !(view->left_out && view->left_out[w->ns]);
}

/* The bindings of one section that are elsewhere, as a message tells them. */
struct elsewhere {
    struct buf names;    /* "CACHE, CONFIG and 2 more" */
    struct buf accounts; /* "ID (Name) and ID" */
    struct bytes first;  /* of the accounts */
    size_t n, n_accounts;
};

static void show_account(const struct config_view *view, struct bytes id, struct buf *out)
{
    account_show(id, account_name_of(&view->m->project.accounts, id), out);
}

static void add_account(struct elsewhere *e, const struct config_view *view, struct bytes account)
{
    struct buf shown = {0};
    show_account(view, account, &shown);
    if (e->n_accounts == 0)
        e->first = account;
    if (e->n_accounts == 0 || !strstr(e->accounts.data, shown.data)) {
        buf_addf(&e->accounts, "%s%s", e->n_accounts > 0 ? " and " : "", shown.data);
        e->n_accounts++;
    }
    buf_release(&shown);
}

static struct elsewhere find_elsewhere(struct config *config, const struct config_view *view,
                                       struct bytes env, struct bytes account)
{
    struct elsewhere e = {0};
    for (size_t i = 0; i < config->n_wanted; i++) {
        struct wanted_binding *w = &config->wanted[i];
        if (!bytes_same(w->env, env) || !is_elsewhere(view, w, account))
            continue;
        w->elsewhere = true;
        if (e.n++ < BINDINGS_NAMED_MAX)
            buf_addf(&e.names, "%s%.*s", e.names.len > 0 ? ", " : "", BYTES_FMT(w->name));
        add_account(&e, view, view->accounts[w->ns]);
    }
    if (e.n > BINDINGS_NAMED_MAX)
        buf_addf(&e.names, " and %zu more", e.n - BINDINGS_NAMED_MAX);
    return e;
}

/* The loss-free way first. */
static void hint_account(const struct config *config, const struct config_view *view,
                         struct bytes env, const struct wrangler_account *to,
                         const struct elsewhere *e, struct diag_list *notes)
{
    struct bytes name = account_name_of(&view->m->project.accounts, to->id);
    struct buf hint = {0};
    char section[SECTION_SHOWN_SIZE];
    wrangler_section_shown(env, section);
    if (e->n_accounts > 1)
        buf_add_str(&hint, "give each account's namespaces an environment or a file of its own");
    else
        buf_addf(&hint, "correct the file: %s\"%.*s\"",
                 config->syntax == WRANGLER_JSON ? "\"account_id\": " : "account_id = ",
                 BYTES_FMT(e->first));
    if (e->n_accounts == 1 && to->line > 0 && !to->inherited)
        buf_addf(&hint, " in line %zu", to->line);
    else if (e->n_accounts == 1)
        buf_addf(&hint, " for %s", section);
    buf_addf(&hint,
             "; or %s = \"%.*s\" on the declarations, if the namespaces belong there; or select "
             "leaves them out of this file",
             name.data ? "account" : "account_id", BYTES_FMT(name.data ? name : to->id));
    diag_hint(notes, "%s", hint.data);
    buf_release(&hint);
}

static void note_account(const struct config *config, const struct config_view *view,
                         struct bytes env, const struct wrangler_account *to,
                         const struct elsewhere *e, struct diag_list *notes)
{
    struct buf said = {0}, theirs = {0};
    char section[SECTION_SHOWN_SIZE], file[QUOTED_SIZE];
    wrangler_section_shown(env, section);
    text_quoted(bytes_of(config->name), file, sizeof file);
    show_account(view, to->id, &theirs);
    if (to->line == 0)
        buf_addf(&said,
                 "%s gives %s no account_id, so wrangler deploys it to that of "
                 "CLOUDFLARE_ACCOUNT_ID, %s",
                 file, section, theirs.data);
    else if (to->inherited)
        buf_addf(&said, "%s (line %zu) gives account_id %s, also to %s", file, to->line,
                 theirs.data, section);
    else
        buf_addf(&said, "%s (line %zu) gives %s account_id %s", file, to->line, section,
                 theirs.data);
    diag_add(notes, DIAG_ERROR, "guard.account", config->decl->pos,
             "%s, but the namespace%s of binding%s %s %s in account%s %s", said.data,
             text_plural(e->n), text_plural(e->n), e->names.data, e->n == 1 ? "is" : "are",
             text_plural(e->n_accounts), e->accounts.data);
    buf_release(&said);
    buf_release(&theirs);
}

void config_guard_accounts(struct config *config, const struct config_view *view,
                           struct diag_list *notes)
{
    for (size_t i = 0; i < config->n_wanted; i++)
        config->wanted[i].elsewhere = false;
    for (size_t i = 0; !view->local && !view->destroy && i < config->n_wanted; i++) {
        struct bytes env = config->wanted[i].env;
        struct wrangler_account to = deployed_to(config, view, env);
        if (config->wanted[i].elsewhere || !is_elsewhere(view, &config->wanted[i], to.id))
            continue;
        struct elsewhere e = find_elsewhere(config, view, env, to.id);
        note_account(config, view, env, &to, &e, notes);
        hint_account(config, view, env, &to, &e, notes);
        buf_release(&e.names);
        buf_release(&e.accounts);
    }
}

/* ---- Somebody else --------------------------------------------------------------------------- */

/* A declared namespace that has the id; NULL: none has. */
static const struct namespace_decl *declared_with(const struct config_view *view, struct bytes id)
{
    for (size_t i = 0; i < view->m->n_namespaces; i++)
        if (view->ids[i].id.data && bytes_equal(view->ids[i].id, id))
            return &view->m->namespaces[i];
    return NULL;
}

/* true when a Lua string between quotation marks is that text as it stands. */
static bool is_plain_string(struct bytes text)
{
    return text_is_plain(text) && !memchr(text.data, '"', text.len) &&
           !memchr(text.data, '\\', text.len);
}

/* The loss-free way first: a declaration that takes what is there. `asked`: the target was. */
static void hint_foreign(const struct namespace_decl *other, struct bytes id, struct bytes title,
                         bool preview, bool asked, struct diag_list *notes)
{
    static const char rest[] = "select or another binding leaves it alone; --take-over gives it "
                               "the declared id";
    if (preview)
        diag_hint(notes, "without preview = true it stays; %s", rest);
    else if (other)
        diag_hint(notes, "give the binding to that one, which is declared in %s:%d; %s",
                  other->pos.file, other->pos.line, rest);
    else if (title.len > 0 && is_plain_string(title))
        diag_hint(notes,
                  "cfkv.namespace { title = \"%.*s\" } adopts it, and { id = \"%.*s\" } does under "
                  "the declared title; %s",
                  BYTES_FMT(title), BYTES_FMT(id), rest);
    else if (title.data)
        diag_hint(notes, "cfkv.namespace { id = \"%.*s\" } adopts it; %s", BYTES_FMT(id), rest);
    else
        diag_hint(notes, "%s%s", asked ? "" : "cfkv plan says whose it is; ", rest);
}

/* " (namespace 'x')", as far as the target or the state tells. */
static void show_owner(const struct config *config, const struct config_view *view,
                       const struct wanted_binding *w, struct bytes id, struct bytes *title,
                       struct buf *out)
{
    struct bytes account = config_account(config, w->env);
    *title = bytes_make(NULL, 0);
    if (!view->owner || !view->owner(view->ctx, account, id, title))
        return;
    buf_add_str(out, title->data ? " (it is namespace " : " (no namespace that is listed has it)");
    if (title->data) {
        text_quote(out, *title, QUOTED_SIZE);
        buf_add_char(out, ')');
    }
}

void config_guard_foreign(const struct config *config, const struct config_view *view,
                          const struct wanted_binding *w, bool preview, struct diag_list *notes)
{
    const struct binding_ids *ids = &view->ids[w->ns];
    struct bytes theirs = preview ? w->there->preview_id : w->there->id, title;
    struct bytes ours = preview ? ids->preview_id : ids->id;
    struct buf owner = {0}, declared = {0};
    char what[BINDING_SHOWN_SIZE];
    binding_shown(config, w->env, w->name, w->there->line, what);
    show_owner(config, view, w, theirs, &title, &owner);
    if (ours.data)
        buf_addf(&declared, "declared is %.*s", BYTES_FMT(ours));
    else
        buf_add_str(&declared, "the declared namespace will be created");
    diag_add(notes, DIAG_ERROR, "guard.take_over", view->m->namespaces[w->ns].pos,
             "%s has the %s %.*s, which cfkv did not write%s; %s", what,
             preview ? "preview_id" : "id", BYTES_FMT(theirs), owner.len > 0 ? owner.data : "",
             declared.data);
    hint_foreign(declared_with(view, theirs), theirs, title, preview, view->gone != NULL, notes);
    buf_release(&owner);
    buf_release(&declared);
}
