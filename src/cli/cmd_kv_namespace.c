/* kv namespace list, create, get, rename. */
#include "command.h"

#include "base/text.h"
#include "named.h"
#include "once.h"

/* ---- Showing --------------------------------------------------------------------------------- */

static void add_text_member(struct json_writer *w, const char *name, struct bytes value)
{
    json_key(w, name);
    if (value.data)
        json_string(w, value);
    else
        json_null(w);
}

/* As wrangler prints one, for `list`; members that the service did not tell are left out. */
static void add_listed(struct json_writer *w, const struct named *ns)
{
    json_begin_object(w);
    add_text_member(w, "id", ns->id);
    if (ns->jurisdiction.data)
        add_text_member(w, "jurisdiction", ns->jurisdiction);
    add_text_member(w, "title", ns->title);
    json_end_object(w);
}

/* {"id":…,"title":…}: what was created or renamed. */
static void print_listed(struct buf *out, const struct named *ns)
{
    struct json_writer w = json_writer_to(out, 2);
    add_listed(&w, ns);
    buf_add_char(out, '\n');
}

/* ---- list ------------------------------------------------------------------------------------ */

static void list_json(const struct named *all, size_t n, struct buf *out)
{
    struct json_writer w = json_writer_to(out, 2);
    json_begin_array(&w);
    for (size_t i = 0; i < n; i++)
        add_listed(&w, &all[i]);
    json_end_array(&w);
    buf_add_char(out, '\n');
}

static void list_text(const struct named *all, size_t n, struct buf *out)
{
    size_t width = 0;
    for (size_t i = 0; i < n; i++)
        width = all[i].id.len > width ? all[i].id.len : width;
    for (size_t i = 0; i < n; i++) {
        buf_add_bytes(out, all[i].id);
        buf_addf(out, "%*s", (int)(width - all[i].id.len) + 2, "");
        output_name(out, all[i].title);
        buf_add_char(out, '\n');
    }
}

bool cmd_kv_namespace_list(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct named *all;
    size_t n;
    (void)code;
    if (!session_open_store(&cli->session, false, err) || !named_all(&cli->session, &all, &n, err))
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

static void get_json(const struct named *ns, struct buf *out)
{
    struct json_writer w = json_writer_to(out, 2);
    json_begin_object(&w);
    add_text_member(&w, "address", ns->entry ? ns->entry->address : bytes_make(NULL, 0));
    add_text_member(&w, "id", ns->id);
    if (ns->jurisdiction.data)
        add_text_member(&w, "jurisdiction", ns->jurisdiction);
    json_key(&w, "protect");
    json_bool(&w, ns->entry && ns->entry->protect);
    add_text_member(&w, "title", ns->title);
    json_key(&w, "ttl_seconds");
    json_int(&w, ns->ttl_seconds);
    json_end_object(&w);
    buf_add_char(out, '\n');
}

static void add_line(struct buf *out, const char *name, struct bytes value)
{
    if (!value.data)
        return;
    buf_addf(out, "%-12s ", name);
    output_name(out, value);
    buf_add_char(out, '\n');
}

static void get_text(const struct named *ns, struct buf *out)
{
    add_line(out, "id", ns->id);
    add_line(out, "title", ns->title);
    add_line(out, "jurisdiction", ns->jurisdiction);
    if (!ns->entry)
        return;
    add_line(out, "address", ns->entry->address);
    add_line(out, "protect", bytes_of(ns->entry->protect ? "yes" : "no"));
    if (ns->ttl_seconds > 0)
        buf_addf(out, "%-12s %lld\n", "ttl_seconds", (long long)ns->ttl_seconds);
}

bool cmd_kv_namespace_get(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct named ns;
    (void)code;
    const char *word = cli->options.args.n > 0 ? cli->options.args.items[0] : NULL;
    if (!session_open_store(&cli->session, false, err) ||
        !named_by_either(&cli->session, word, true, &ns, err))
        return false;
    if (cli->options.json)
        get_json(&ns, &cli->output.out);
    else
        get_text(&ns, &cli->output.out);
    return true;
}

/* ---- create ---------------------------------------------------------------------------------- */

struct creation {
    struct session *s;
    struct named made;
    bool existed;
};

static bool created(void *ctx, const struct store_result *result, struct error *err)
{
    struct creation *c = ctx;
    const struct store_namespace *ns = &result->namespaces[0];
    c->existed = result->existed;
    if (!arena_bytes(&c->s->arena, ns->id, &c->made.id) ||
        !arena_bytes(&c->s->arena, ns->title, &c->made.title) ||
        (ns->jurisdiction.data &&
         !arena_bytes(&c->s->arena, ns->jurisdiction, &c->made.jurisdiction)))
        return error_nomem(err);
    return true;
}

/* Names the one that has the title, when it can be found. */
static bool explain_taken(struct session *s, const char *title, struct error *err)
{
    char name[NAMED_QUOTED_SIZE];
    struct named there;
    struct error unheard;
    if (err->code != ERR_EXISTS)
        return false;
    error_set(err, ERR_EXISTS, "the title %s is taken",
              text_quoted(bytes_of(title), name, sizeof name));
    if (!named_by_word(s, title, &there, &unheard))
        return false;
    return error_hint(err, "the namespace of that title has the id %.*s", BYTES_FMT(there.id));
}

static bool create(struct creation *c, const char *title, struct error *err)
{
    struct session *s = c->s;
    const char *id = target_new_id(&s->target, &s->arena, bytes_of(title));
    if (!id)
        return error_nomem(err);
    struct store_op op = {.kind = STORE_NAMESPACE_CREATE,
                          .id = bytes_of(id),
                          .title = bytes_of(title),
                          .jurisdiction = bytes_of(s->options->jurisdiction)};
    return target_account(&s->target, &op.account, err) &&
           (once_run(s, &op, created, c, err) || explain_taken(s, title, err));
}

static void print_created(struct cli *cli, const struct creation *c)
{
    struct buf *out = &cli->output.out;
    char name[NAMED_QUOTED_SIZE];
    if (cli->options.json)
        print_listed(out, &c->made);
    else
        buf_addf(out, "created %s with id %.*s\n", named_quoted(&c->made, name),
                 BYTES_FMT(c->made.id));
    if (c->existed)
        output_note(&cli->output, "there were keys under that id already; they are its keys now");
}

bool cmd_kv_namespace_create(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct creation c = {.s = &cli->session};
    (void)code;
    if (cli->options.local && cli->options.jurisdiction)
        return error_set(err, ERR_USAGE, "--local has no jurisdictions");
    if (!session_open_store(&cli->session, true, err) ||
        !create(&c, cli->options.args.items[0], err))
        return false;
    print_created(cli, &c);
    return true;
}

/* ---- rename ---------------------------------------------------------------------------------- */

/* `OLD NEW`, `OLD --new-name NEW`, or either without OLD when an option says which. */
static bool rename_words(const struct options *o, const char **from, const char **to,
                         struct error *err)
{
    bool by_option = named_option(o) != NULL;
    size_t wanted = (by_option ? 0U : 1U) + (o->new_name ? 0U : 1U);
    *from = by_option ? NULL : o->args.n > 0 ? o->args.items[0] : NULL;
    *to = o->new_name ? o->new_name : o->args.n > 0 ? o->args.items[o->args.n - 1] : NULL;
    if (o->args.n == wanted)
        return true;
    error_set(err, ERR_USAGE, "'kv namespace rename' needs one namespace and one new title");
    return error_hint(err, "usage: cfkv kv namespace rename OLD NEW, or --namespace-id ID NEW");
}

static void note_recorded(struct cli *cli, const struct named *ns)
{
    if (ns->entry)
        output_note(&cli->output,
                    "it is recorded as '%.*s': the next apply gives it the title that is declared",
                    BYTES_FMT(ns->entry->address));
}

static bool rename_to(struct cli *cli, struct named *ns, const char *to, struct error *err)
{
    char was[NAMED_QUOTED_SIZE], now[NAMED_QUOTED_SIZE];
    struct bytes title = bytes_of(to);
    struct store_op op = {
        .kind = STORE_NAMESPACE_RENAME, .account = ns->account, .id = ns->id, .title = title};
    named_quoted(ns, was);
    if (ns->title.data && bytes_equal(ns->title, title)) {
        output_note(&cli->output, "namespace %s has that title already", was);
        return true;
    }
    if (!once_run(&cli->session, &op, NULL, NULL, err))
        return explain_taken(&cli->session, to, err);
    ns->title = title;
    output_note(&cli->output, "namespace %s is now %s", was, named_quoted(ns, now));
    note_recorded(cli, ns);
    return true;
}

bool cmd_kv_namespace_rename(struct cli *cli, enum exit_code *code, struct error *err)
{
    const char *from, *to;
    struct named ns;
    (void)code;
    if (!rename_words(&cli->options, &from, &to, err) ||
        !session_open_store(&cli->session, true, err) ||
        !named_by_either(&cli->session, from, false, &ns, err) || !rename_to(cli, &ns, to, err))
        return false;
    if (cli->options.json)
        print_listed(&cli->output.out, &ns);
    return true;
}
