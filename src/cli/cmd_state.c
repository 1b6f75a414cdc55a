/* The commands on the state itself: state list, show, mv, rm, unprotect. */
#include "command.h"

#include "base/mem.h"
#include "base/text.h"
#include "patterns.h"
#include "plan/leftovers.h"
#include "state/state.h"
#include "state_place.h"

/* ---- Finding --------------------------------------------------------------------------------- */

/* One entry and the account it is recorded under. */
struct found_entry {
    struct bytes account;
    const struct state_namespace *ns;
};

static struct bytes address_of(struct session *s, struct bytes account, struct bytes address)
{
    return target_address(&s->target, &s->arena, account, address);
}

/* Calls `each` for every recorded namespace, in order. */
typedef void (*each_fn)(void *ctx, struct bytes account, const struct state_namespace *ns);

static void for_each(const struct state *state, each_fn each, void *ctx)
{
    for (size_t i = 0; i < state->n_accounts; i++) {
        const struct state_account *account = &state->accounts[i];
        for (size_t j = 0; j < account->n; j++)
            if (!account->namespaces[j].removed)
                each(ctx, state_store_account(account->id), &account->namespaces[j]);
    }
}

/* Every address, written as it may be given. */
struct address_list {
    struct session *s;
    struct text_list list;
};

static void add_address(void *ctx, struct bytes account, const struct state_namespace *ns)
{
    struct address_list *a = ctx;
    struct text_list *list = &a->list;
    mem_grow((void **)&list->items, &list->cap, list->n + 2, sizeof *list->items);
    list->items[list->n++] = address_of(a->s, account, ns->address).data;
    list->items[list->n] = NULL;
}

static bool unknown_address(struct session *s, struct bytes address, struct error *err)
{
    char quoted[200];
    struct address_list addresses = {.s = s};
    error_set(err, ERR_NOT_FOUND, "the state holds no namespace %s",
              text_quoted(address, quoted, sizeof quoted));
    for_each(&s->target.state, add_address, &addresses);
    const char *near = addresses.list.n > 0 ? text_nearest(address, addresses.list.items) : NULL;
    if (near)
        error_hint(err, "did you mean '%s'?", near);
    else
        error_hint(err, "'cfkv state list%s' lists the addresses",
                   s->options->local ? " --local" : "");
    mem_free(addresses.list.items);
    return false;
}

static bool in_several(struct session *s, struct bytes address, struct bytes one,
                       struct bytes other, struct error *err)
{
    struct account_words words = s->target.words;
    char name[200], first[200], second[200];
    words.several = true;
    error_set(err, ERR_FAILED, "%s is recorded in accounts %.*s and %.*s",
              text_quoted(address, name, sizeof name), BYTES_FMT(account_told(&words, one)),
              BYTES_FMT(account_told(&words, other)));
    return error_hint(err, "say which: %s or %s",
                      text_quoted(address_of(s, one, address), first, sizeof first),
                      text_quoted(address_of(s, other, address), second, sizeof second));
}

/* The entry of that address in any account; `found->ns` NULL: there is none. */
static bool find_whole(struct session *s, struct bytes address, struct found_entry *found,
                       struct error *err)
{
    struct state *state = &s->target.state;
    *found = (struct found_entry){0};
    for (size_t i = 0; i < state->n_accounts; i++) {
        struct bytes account = state_store_account(state->accounts[i].id);
        const struct state_namespace *ns = state_find(state, account, address);
        if (ns && found->ns)
            return in_several(s, address, found->account, account, err);
        if (ns)
            *found = (struct found_entry){account, ns};
    }
    return true;
}

/* The whole word is an address, else what is behind its ACCOUNT: is one. */
static bool find_address(struct session *s, const char *text, struct found_entry *found,
                         struct error *err)
{
    struct bytes word = bytes_of(text), account, rest;
    if (!find_whole(s, word, found, err))
        return false;
    if (!found->ns && account_split(s->target.words.names, word, &account, &rest))
        *found = (struct found_entry){account, state_find(&s->target.state, account, rest)};
    return found->ns ? true : unknown_address(s, word, err);
}

static bool open_state(struct cli *cli, bool write, struct error *err)
{
    return state_place_learn(&cli->session, err) && session_open_state(&cli->session, write, err);
}

static bool keep_state(struct cli *cli, struct error *err)
{
    struct state *state = &cli->session.target.state;
    return state_commit(state, err) && state_save(state, err);
}

/* ---- list ------------------------------------------------------------------------------------ */

struct listing {
    struct session *s;
    struct bytes pattern; /* data NULL: all */
    struct json_writer w;
    size_t n;
};

static void add_account(struct session *s, struct json_writer *w, struct bytes account)
{
    json_field_text(w, "account", account_name_of(s->target.words.names, account));
    json_field_string(w, "account_id", account.len > 0 ? account : bytes_of(STATE_LOCAL));
}

static void add_entry(void *ctx, struct bytes account, const struct state_namespace *ns)
{
    struct listing *l = ctx;
    if (l->pattern.data && !account_matches(l->pattern, account, ns->address, ns->title))
        return;
    json_begin_object(&l->w);
    add_account(l->s, &l->w, account);
    json_field_string(&l->w, "address", ns->address);
    json_field_string(&l->w, "id", ns->id);
    json_field_string(&l->w, "title", ns->title);
    json_end_object(&l->w);
    l->n++;
}

static void write_list_json(struct listing *l, struct buf *out)
{
    const struct state *state = &l->s->target.state;
    l->w = json_writer_to(out, 2);
    json_begin_object(&l->w);
    json_field_array(&l->w, "accounts");
    for (size_t i = 0; i < state->n_accounts; i++)
        if (state_count(&state->accounts[i]) > 0)
            json_string(&l->w, state->accounts[i].id);
    json_end_array(&l->w);
    json_field_int(&l->w, "format_version", 1);
    json_field_array(&l->w, "namespaces");
    for_each(state, add_entry, l);
    json_end_array(&l->w);
    json_end_object(&l->w);
    buf_add_char(out, '\n');
}

bool cmd_state_list(struct cli *cli, enum exit_code *code, struct error *err)
{
    (void)code;
    if (!open_state(cli, false, err))
        return false;
    struct session *s = &cli->session;
    struct buf document = {0};
    struct listing l = {.s = s};
    char quoted[200];
    if (cli_argument(cli))
        l.pattern = pattern_by_id(s, bytes_of(cli_argument(cli)));
    write_list_json(&l, &document);
    if (s->target.state.fresh)
        output_note(&cli->output, "nothing is recorded yet");
    else if (l.n == 0 && l.pattern.data)
        output_note(&cli->output, "%s matches nothing that is recorded",
                    text_quoted(bytes_of(cli_argument(cli)), quoted, sizeof quoted));
    return output_document(&cli->output, cli->options.json, "state", "list", &document, err);
}

/* ---- show ------------------------------------------------------------------------------------ */

static const char *origin_word(const struct state_namespace *ns)
{
    return ns->origin == STATE_CREATED ? "created" : "adopted";
}

static const char *on_remove_word(const struct state_namespace *ns)
{
    return state_on_remove(ns) == ON_REMOVE_KEEP ? "keep" : "delete";
}

static const char *key_origin_word(const struct state_key *key)
{
    switch (key->origin) {
    case KEY_WROTE:
        return "wrote";
    case KEY_FOUND:
        return "found";
    case KEY_UNKNOWN:
        break;
    }
    return "unknown";
}

static void add_bulks(struct json_writer *w, const struct state_namespace *ns)
{
    json_begin_array(w);
    for (size_t i = 0; i < ns->n_bulks; i++) {
        json_begin_object(w);
        json_field_count(w, "count", ns->bulks[i].count);
        json_field_text(w, "source", ns->bulks[i].source);
        json_end_object(w);
    }
    json_end_array(w);
}

static void add_keys(struct json_writer *w, const struct state_namespace *ns)
{
    json_begin_array(w);
    for (size_t i = 0; i < ns->n_keys; i++) {
        json_begin_object(w);
        json_field_int(w, "expiration_ttl", ns->keys[i].expiration_ttl);
        json_field_text(w, "key", ns->keys[i].key);
        json_field_text(w, "origin", bytes_of(key_origin_word(&ns->keys[i])));
        json_end_object(w);
    }
    json_end_array(w);
}

static void write_show_json(struct session *s, const struct found_entry *found, struct buf *out)
{
    const struct state_namespace *ns = found->ns;
    struct json_writer w = json_writer_to(out, 2);
    struct json_sort sort;
    json_begin_object(&w);
    json_sort_begin(&w, &sort);
    add_account(s, &w, found->account);
    json_field_text(&w, "address", ns->address);
    json_key(&w, "bulk");
    add_bulks(&w, ns);
    json_field_int(&w, "format_version", 1);
    json_field_text(&w, "id", ns->id);
    json_key(&w, "keys");
    add_keys(&w, ns);
    json_field_text(&w, "created", ns->created);
    json_field_text(&w, "on_remove", bytes_of(on_remove_word(ns)));
    json_field_text(&w, "origin", bytes_of(origin_word(ns)));
    json_field_bool(&w, "protect", ns->protect);
    json_field_text(&w, "title", ns->title);
    state_write_recorded(&w, ns);
    json_sort_end(&w, &sort);
    json_end_object(&w);
    buf_add_char(out, '\n');
}

bool cmd_state_show(struct cli *cli, enum exit_code *code, struct error *err)
{
    (void)code;
    struct found_entry found;
    if (!open_state(cli, false, err) ||
        !find_address(&cli->session, cli->options.args.items[0], &found, err))
        return false;
    struct buf document = {0};
    write_show_json(&cli->session, &found, &document);
    return output_document(&cli->output, cli->options.json, "state", "show", &document, err);
}

/* ---- mv, rm, unprotect ----------------------------------------------------------------------- */

/* As people are told it. */
static const char *told(struct cli *cli, const struct found_entry *found, struct bytes address)
{
    return address_of(&cli->session, found->account, address).data;
}

/* The address that `to` names, in the account of `found`. */
static bool read_new_address(struct cli *cli, const struct found_entry *found, const char *to,
                             struct bytes *address, struct error *err)
{
    struct bytes account;
    *address = bytes_of(to);
    if (!account_split(cli->session.target.words.names, bytes_of(to), &account, address) ||
        bytes_equal(account, found->account))
        return true;
    error_set(err, ERR_USAGE, "'%s' is in another account than '%s'", to,
              told(cli, found, found->ns->address));
    return error_hint(err, "a namespace stays in its account: declare one there, and 'cfkv copy' "
                           "its keys");
}

bool cmd_state_mv(struct cli *cli, enum exit_code *code, struct error *err)
{
    (void)code;
    const char *from = cli->options.args.items[0];
    const char *to = cli->options.args.items[1];
    struct state *state = &cli->session.target.state;
    struct found_entry found;
    struct bytes address;
    if (!open_state(cli, true, err) || !find_address(&cli->session, from, &found, err) ||
        !read_new_address(cli, &found, to, &address, err))
        return false;
    struct bytes old = arena_copy(&cli->session.arena, found.ns->address);
    if (!state_move(state, found.account, old, address, err) || !keep_state(cli, err))
        return false;
    output_note(&cli->output, "'%s' is now '%s'", told(cli, &found, old),
                told(cli, &found, address));
    return true;
}

/* Where wrangler configs keep the id: nobody knows once it is forgotten. */
static bool tell_leftovers(struct cli *cli, const struct state_namespace *ns, struct error *err)
{
    struct session *s = &cli->session;
    struct diag_list notes = {0};
    if (!file_root_open(&s->root, s->root_path, err))
        return false;
    leftovers_of(&s->target.state, &s->root, ns->id, ns->title, &notes);
    output_diagnostics(&cli->output, &notes);
    diag_release(&notes);
    return true;
}

bool cmd_state_rm(struct cli *cli, enum exit_code *code, struct error *err)
{
    (void)code;
    struct found_entry found;
    if (!open_state(cli, true, err) ||
        !find_address(&cli->session, cli->options.args.items[0], &found, err))
        return false;
    struct bytes address = arena_copy(&cli->session.arena, found.ns->address);
    const char *name = told(cli, &found, address);
    const char *question =
        arena_printf(&cli->session.arena, "Forget '%s' (it stays where it is)?", name);
    if (!tell_leftovers(cli, found.ns, err) || !session_confirm(&cli->session, question, err) ||
        !state_remove_namespace(&cli->session.target.state, found.account, address, err) ||
        !keep_state(cli, err))
        return false;
    output_note(&cli->output, "'%s' is forgotten; the namespace itself stays", name);
    return true;
}

bool cmd_state_unprotect(struct cli *cli, enum exit_code *code, struct error *err)
{
    (void)code;
    struct state *state = &cli->session.target.state;
    struct found_entry found;
    if (!open_state(cli, true, err) ||
        !find_address(&cli->session, cli->options.args.items[0], &found, err))
        return false;
    struct state_namespace changed = *found.ns;
    changed.protect = false;
    if (!state_set_namespace(state, found.account, &changed, err) || !keep_state(cli, err))
        return false;
    output_note(&cli->output, "'%s' is no longer protected", told(cli, &found, changed.address));
    return true;
}
