/* kv namespace list, create, get, rename. */
#include "command.h"

#include "base/text.h"
#include "which.h"
#include "kv/namespace.h"
#include "model/validate.h"
#include "show.h"

/* ---- Showing --------------------------------------------------------------------------------- */

/* What was created or renamed: the same, and where. */
static void print_made(struct cli *cli, const struct kv_namespace *ns)
{
    struct buf *out = &cli->output.out;
    struct json_writer w = json_writer_to(out, 2);
    json_begin_object(&w);
    show_accounts_member(&cli->session, ns, &w);
    json_field_text(&w, "id", ns->id);
    if (ns->jurisdiction.data)
        json_field_text(&w, "jurisdiction", ns->jurisdiction);
    if (ns->mode.data)
        json_field_text(&w, "mode", ns->mode);
    show_target_member(&cli->session, &w);
    json_field_text(&w, "title", ns->title);
    json_end_object(&w);
    buf_add_char(out, '\n');
}

/* ---- list ------------------------------------------------------------------------------------ */

/* As wrangler prints them; members that the service did not tell are left out. */
static void list_json(const struct kv_namespace *all, size_t n, struct buf *out)
{
    struct json_writer w = json_writer_to(out, 2);
    json_begin_array(&w);
    for (size_t i = 0; i < n; i++) {
        json_begin_object(&w);
        json_field_text(&w, "id", all[i].id);
        if (all[i].jurisdiction.data)
            json_field_text(&w, "jurisdiction", all[i].jurisdiction);
        if (all[i].mode.data)
            json_field_text(&w, "mode", all[i].mode);
        json_field_text(&w, "title", all[i].title);
        json_end_object(&w);
    }
    json_end_array(&w);
    buf_add_char(out, '\n');
}

static void list_text(const struct kv_namespace *all, size_t n, struct buf *out)
{
    size_t width = 0;
    for (size_t i = 0; i < n; i++)
        width = all[i].id.len > width ? all[i].id.len : width;
    for (size_t i = 0; i < n; i++) {
        buf_add_bytes(out, all[i].id);
        buf_addf(out, "%*s", (int)(width - all[i].id.len) + 2, "");
        json_show_name(out, all[i].title);
        buf_add_char(out, '\n');
    }
}

bool cmd_kv_namespace_list(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct kv_namespace *all;
    size_t n;
    (void)code;
    if (!session_open_store(&cli->session, false, err) ||
        !kv_find_all(&cli->session.kv, &all, &n, err))
        return false;
    if (cli->options.json)
        list_json(all, n, &cli->output.out);
    else
        list_text(all, n, &cli->output.out);
    if (n == 0)
        output_note(&cli->output, "there is no namespace");
    return true;
}

/* ---- get ------------------------------------------------------------------------------------- */

static void get_json(const struct kv_namespace *ns, struct buf *out)
{
    struct json_writer w = json_writer_to(out, 2);
    json_begin_object(&w);
    json_field_text(&w, "address", ns->entry ? ns->entry->address : bytes_make(NULL, 0));
    json_field_text(&w, "id", ns->id);
    if (ns->jurisdiction.data)
        json_field_text(&w, "jurisdiction", ns->jurisdiction);
    if (ns->mode.data)
        json_field_text(&w, "mode", ns->mode);
    json_field_bool(&w, "protect", ns->entry && ns->entry->protect);
    json_field_text(&w, "title", ns->title);
    json_field_int(&w, "ttl_seconds", ns->ttl_seconds);
    json_end_object(&w);
    buf_add_char(out, '\n');
}

static void add_line(struct buf *out, const char *name, struct bytes value)
{
    if (!value.data)
        return;
    buf_addf(out, "%-12s ", name);
    json_show_name(out, value);
    buf_add_char(out, '\n');
}

static void get_text(const struct kv_namespace *ns, struct buf *out)
{
    add_line(out, "id", ns->id);
    add_line(out, "title", ns->title);
    add_line(out, "jurisdiction", ns->jurisdiction);
    add_line(out, "mode", ns->mode);
    if (!ns->entry)
        return;
    add_line(out, "address", ns->entry->address);
    add_line(out, "protect", bytes_of(ns->entry->protect ? "yes" : "no"));
    if (ns->ttl_seconds > 0)
        buf_addf(out, "%-12s %lld\n", "ttl_seconds", (long long)ns->ttl_seconds);
}

bool cmd_kv_namespace_get(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct kv_namespace ns;
    (void)code;
    if (!session_open_store(&cli->session, false, err) ||
        !which_by_either(&cli->session, cli_argument(cli), true, &ns, err))
        return false;
    if (cli->options.json)
        get_json(&ns, &cli->output.out);
    else
        get_text(&ns, &cli->output.out);
    return true;
}

/* ---- create ---------------------------------------------------------------------------------- */

static bool check_kind(const struct options *o, const struct kv_kind *kind, struct error *err)
{
    char word[64];
    if (o->local && (o->jurisdiction || o->mode))
        return error_set(err, ERR_USAGE, "--local has no %s",
                         o->jurisdiction ? "jurisdictions" : "modes");
    if (o->mode && !mode_is_instant(kind->mode)) {
        error_set(err, ERR_USAGE, "--mode %s is unknown",
                  text_quoted(kind->mode, word, sizeof word));
        return error_hint(err, "there is one: --mode instant");
    }
    if (!o->mode || !o->jurisdiction)
        return true;
    error_set(err, ERR_USAGE, "--mode instant and --jurisdiction exclude each other");
    return error_hint(err, "leave one of them out");
}

bool cmd_kv_namespace_create(struct cli *cli, enum exit_code *code, struct error *err)
{
    const struct options *o = &cli->options;
    struct buf *out = &cli->output.out;
    struct kv_namespace made;
    bool existed;
    char name[KV_QUOTED_SIZE];
    (void)code;
    struct kv_kind kind = {bytes_of(o->jurisdiction), bytes_of(o->mode)};
    if (!check_kind(o, &kind, err))
        return false;
    if (!session_open_store(&cli->session, true, err) ||
        !kv_create(&cli->session.kv, bytes_make(NULL, 0), bytes_of(o->args.items[0]), &kind, &made,
                   &existed, err))
        return false;
    kv_quoted(&made, name);
    if (o->json)
        print_made(cli, &made);
    else
        buf_addf(out, "created %s with id %.*s\n", name, BYTES_FMT(made.id));
    show_result(&cli->session, "namespace %s is created", name);
    if (existed)
        output_note(&cli->output, "there were keys under that id already; they are its keys now");
    return true;
}

/* ---- rename ---------------------------------------------------------------------------------- */

/* `OLD NEW`, `OLD --new-name NEW`, or either without OLD when an option says which. */
static bool rename_words(const struct options *o, const char **from, const char **to,
                         struct error *err)
{
    bool by_option = which_option(o) != NULL;
    size_t wanted = (by_option ? 0U : 1U) + (o->new_name ? 0U : 1U);
    *from = by_option ? NULL : o->args.n > 0 ? o->args.items[0] : NULL;
    *to = o->new_name ? o->new_name : o->args.n > 0 ? o->args.items[o->args.n - 1] : NULL;
    if (o->args.n == wanted)
        return true;
    error_set(err, ERR_USAGE, "'kv namespace rename' needs one namespace and one new title");
    return error_hint(err, "usage: cfkv kv namespace rename OLD NEW, or --namespace-id ID NEW");
}

static bool rename_to(struct cli *cli, struct kv_namespace *ns, const char *to, struct error *err)
{
    char was[KV_QUOTED_SIZE], now[KV_QUOTED_SIZE];
    struct bytes title = bytes_of(to);
    kv_quoted(ns, was);
    if (ns->title.data && bytes_equal(ns->title, title)) {
        output_note(&cli->output, "namespace %s has that title already", was);
        return true;
    }
    if (!kv_rename(&cli->session.kv, ns, title, err))
        return false;
    show_result(&cli->session, "namespace %s is now %s", was, kv_quoted(ns, now));
    if (ns->entry)
        output_note(&cli->output,
                    "it is recorded as '%.*s': the next apply gives it the title that is declared",
                    BYTES_FMT(ns->entry->address));
    return true;
}

bool cmd_kv_namespace_rename(struct cli *cli, enum exit_code *code, struct error *err)
{
    const char *from, *to;
    struct kv_namespace ns;
    (void)code;
    if (!rename_words(&cli->options, &from, &to, err) ||
        !session_open_store(&cli->session, true, err) ||
        !which_by_either(&cli->session, from, false, &ns, err) || !rename_to(cli, &ns, to, err))
        return false;
    if (cli->options.json)
        print_made(cli, &ns);
    return true;
}
