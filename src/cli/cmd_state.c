/* The commands on the state itself: state list, show, mv, rm, unprotect. */
#include "command.h"

#include "base/mem.h"
#include "base/text.h"
#include "state/state.h"

/* ---- Finding --------------------------------------------------------------------------------- */

/* One entry and the account it is recorded under. */
struct found_entry {
    struct bytes account;
    const struct state_namespace *ns;
};

/* Calls `each` for every recorded namespace, in order. */
typedef void (*each_fn)(void *ctx, struct bytes account, const struct state_namespace *ns);

static void for_each(const struct state *state, each_fn each, void *ctx)
{
    for (size_t i = 0; i < state->n_accounts; i++) {
        const struct state_account *account = &state->accounts[i];
        for (size_t j = 0; j < account->n; j++)
            if (!account->namespaces[j].removed)
                each(ctx, account->id, &account->namespaces[j]);
    }
}

static void add_address(void *ctx, struct bytes account, const struct state_namespace *ns)
{
    (void)account;
    struct text_list *list = ctx;
    mem_grow((void **)&list->items, &list->cap, list->n + 2, sizeof *list->items);
    list->items[list->n++] = ns->address.data; /* arena copies end in NUL */
    list->items[list->n] = NULL;
}

static bool unknown_address(const struct state *state, struct bytes address, struct error *err)
{
    char quoted[200];
    struct text_list addresses = {0};
    error_set(err, ERR_NOT_FOUND, "the state holds no namespace %s",
              text_quoted(address, quoted, sizeof quoted));
    for_each(state, add_address, &addresses);
    const char *near = addresses.n > 0 ? text_nearest(address, addresses.items) : NULL;
    if (near)
        error_hint(err, "did you mean '%s'?", near);
    else
        error_hint(err, "'cfkv state list' lists the addresses");
    mem_free(addresses.items);
    return false;
}

/* Looks in the sections of all accounts. */
static bool find_address(struct state *state, const char *text, struct found_entry *found,
                         struct error *err)
{
    struct bytes address = bytes_of(text);
    *found = (struct found_entry){0};
    for (size_t i = 0; i < state->n_accounts; i++) {
        struct bytes account = state->accounts[i].id;
        const struct state_namespace *ns = state_find(state, account, address);
        if (ns && found->ns)
            return error_set(err, ERR_FAILED, "'%s' is recorded in accounts %.*s and %.*s", text,
                             BYTES_FMT(found->account), BYTES_FMT(account));
        if (ns)
            *found = (struct found_entry){account, ns};
    }
    return found->ns ? true : unknown_address(state, address, err);
}

static bool open_state(struct cli *cli, bool write, struct error *err)
{
    return session_locate(&cli->session, NULL, err) &&
           session_open_state(&cli->session, write, err);
}

static bool keep_state(struct cli *cli, struct error *err)
{
    struct state *state = &cli->session.target.state;
    return state_commit(state, err) && state_save(state, err);
}

/* ---- list ------------------------------------------------------------------------------------ */

static void add_entry(void *ctx, struct bytes account, const struct state_namespace *ns)
{
    struct json_writer *w = ctx;
    json_begin_object(w);
    json_field_string(w, "account_id", account);
    json_field_string(w, "address", ns->address);
    json_field_string(w, "id", ns->id);
    json_field_string(w, "title", ns->title);
    json_end_object(w);
}

static void write_list_json(const struct state *state, struct buf *out)
{
    struct json_writer w = json_writer_to(out, 2);
    json_begin_object(&w);
    json_field_int(&w, "format_version", 1);
    json_field_array(&w, "namespaces");
    for_each(state, add_entry, &w);
    json_end_array(&w);
    json_end_object(&w);
    buf_add_char(out, '\n');
}

bool cmd_state_list(struct cli *cli, enum exit_code *code, struct error *err)
{
    (void)code;
    if (!open_state(cli, false, err))
        return false;
    const struct state *state = &cli->session.target.state;
    struct buf document = {0};
    write_list_json(state, &document);
    if (state->fresh)
        output_note(&cli->output, "nothing is recorded yet");
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

static void add_member(struct json_writer *w, const char *name, struct bytes value)
{
    json_key(w, name);
    if (value.data)
        json_string(w, value);
    else
        json_null(w);
}

static void add_bulks(struct json_writer *w, const struct state_namespace *ns)
{
    json_begin_array(w);
    for (size_t i = 0; i < ns->n_bulks; i++) {
        json_begin_object(w);
        json_field_count(w, "count", ns->bulks[i].count);
        add_member(w, "source", ns->bulks[i].source);
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
        add_member(w, "key", ns->keys[i].key);
        add_member(w, "origin", bytes_of(key_origin_word(&ns->keys[i])));
        json_end_object(w);
    }
    json_end_array(w);
}

static void write_show_json(const struct found_entry *found, struct buf *out)
{
    const struct state_namespace *ns = found->ns;
    struct json_writer w = json_writer_to(out, 2);
    struct json_sort sort;
    json_begin_object(&w);
    json_sort_begin(&w, &sort);
    add_member(&w, "account_id", found->account);
    add_member(&w, "address", ns->address);
    json_key(&w, "bulk");
    add_bulks(&w, ns);
    json_field_int(&w, "format_version", 1);
    add_member(&w, "id", ns->id);
    json_key(&w, "keys");
    add_keys(&w, ns);
    add_member(&w, "on_remove", bytes_of(on_remove_word(ns)));
    add_member(&w, "origin", bytes_of(origin_word(ns)));
    json_field_bool(&w, "protect", ns->protect);
    add_member(&w, "title", ns->title);
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
        !find_address(&cli->session.target.state, cli->options.args.items[0], &found, err))
        return false;
    struct buf document = {0};
    write_show_json(&found, &document);
    return output_document(&cli->output, cli->options.json, "state", "show", &document, err);
}

/* ---- mv, rm, unprotect ----------------------------------------------------------------------- */

bool cmd_state_mv(struct cli *cli, enum exit_code *code, struct error *err)
{
    (void)code;
    const char *from = cli->options.args.items[0];
    const char *to = cli->options.args.items[1];
    struct state *state = &cli->session.target.state;
    struct found_entry found;
    if (!open_state(cli, true, err) || !find_address(state, from, &found, err) ||
        !state_move(state, found.account, bytes_of(from), bytes_of(to), err) ||
        !keep_state(cli, err))
        return false;
    output_note(&cli->output, "'%s' is now '%s'", from, to);
    return true;
}

bool cmd_state_rm(struct cli *cli, enum exit_code *code, struct error *err)
{
    (void)code;
    const char *address = cli->options.args.items[0];
    struct state *state = &cli->session.target.state;
    struct found_entry found;
    if (!open_state(cli, true, err) || !find_address(state, address, &found, err))
        return false;
    const char *question =
        arena_printf(&cli->session.arena, "Forget '%s' (it stays where it is)?", address);
    if (!session_confirm(&cli->session, question, err) ||
        !state_remove_namespace(state, found.account, bytes_of(address), err) ||
        !keep_state(cli, err))
        return false;
    output_note(&cli->output, "'%s' is forgotten; the namespace itself stays", address);
    return true;
}

bool cmd_state_unprotect(struct cli *cli, enum exit_code *code, struct error *err)
{
    (void)code;
    const char *address = cli->options.args.items[0];
    struct state *state = &cli->session.target.state;
    struct found_entry found;
    if (!open_state(cli, true, err) || !find_address(state, address, &found, err))
        return false;
    struct state_namespace changed = *found.ns;
    changed.protect = false;
    if (!state_set_namespace(state, found.account, &changed, err) || !keep_state(cli, err))
        return false;
    output_note(&cli->output, "'%s' is no longer protected", address);
    return true;
}
