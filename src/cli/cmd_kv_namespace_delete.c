/* kv namespace delete: nothing goes that is protected, unasked for, or not saved. */
#include "command.h"

#include <stdio.h>

#include "base/text.h"
#include "once.h"
#include "salvage.h"

/* ---- Guards ---------------------------------------------------------------------------------- */

/* More are not counted: they are too many to be told exactly without reading them all. */
#define COUNT_MAX (STORE_PAGE + 1)

static void holding(uint64_t n, char *text, size_t size)
{
    if (n >= COUNT_MAX)
        snprintf(text, size, "the more than %d keys it holds", STORE_PAGE);
    else
        snprintf(text, size, "the %llu key%s it holds", (unsigned long long)n, n == 1 ? "" : "s");
}

static bool check_loss(struct session *s, const struct named *ns, uint64_t n, struct error *err)
{
    char name[NAMED_QUOTED_SIZE], keys[64];
    if (n == 0 || permit_allows_one(&s->options->permits.data_loss, named_address(ns), ns->title))
        return true;
    holding(n, keys, sizeof keys);
    error_set(err, ERR_GUARD, "namespace %s would be deleted with %s", named_quoted(ns, name),
              keys);
    return error_hint(err, "--allow-data-loss lets it go; a backup is written first");
}

static bool confirm(struct session *s, const struct named *ns, uint64_t n, struct error *err)
{
    char name[NAMED_QUOTED_SIZE], keys[64];
    named_quoted(ns, name);
    holding(n, keys, sizeof keys);
    const char *question =
        n > 0 ? arena_printf(&s->arena, "Delete namespace %s with %s?", name, keys)
              : arena_printf(&s->arena, "Delete namespace %s, which is empty?", name);
    return question ? session_confirm(s, question, err) : error_nomem(err);
}

/* ---- Looking again --------------------------------------------------------------------------- */

static bool check_title(void *ctx, const struct store_result *result, struct error *err)
{
    const struct named *ns = ctx;
    char now[NAMED_QUOTED_SIZE], then[NAMED_QUOTED_SIZE];
    struct bytes title = result->namespaces[0].title;
    if (bytes_equal(title, ns->title))
        return true;
    error_set(err, ERR_GUARD, "namespace %s is titled %s now", named_quoted(ns, then),
              text_quoted(title, now, sizeof now));
    return error_hint(err, "look at what it has become, and run it again");
}

static bool still_the_same(struct session *s, struct named *ns, struct error *err)
{
    struct store_op op = {.kind = STORE_NAMESPACE_GET, .account = ns->account, .id = ns->id};
    return once_run(s, &op, check_title, ns, err);
}

/* ---- Deleting -------------------------------------------------------------------------------- */

/* cfkv has titles of its own namespaces only; those of wrangler's local store have none. */
static bool check_registered(const struct named *ns, struct error *err)
{
    char name[NAMED_QUOTED_SIZE];
    return ns->title.data || error_set(err, ERR_NOT_FOUND, "no local namespace has the id %s",
                                       named_quoted(ns, name));
}

static bool delete (struct session *s, struct named *ns, struct salvaged *saved, struct error *err)
{
    struct bytes all = bytes_make("", 0);
    struct store_op op = {.kind = STORE_NAMESPACE_DELETE, .account = ns->account, .id = ns->id};
    uint64_t n;
    return check_registered(ns, err) && named_check_protect(ns, "deleted", err) &&
           salvage_count(s, ns, all, COUNT_MAX, &n, err) && check_loss(s, ns, n, err) &&
           confirm(s, ns, n, err) && (n == 0 || salvage_save(s, ns, all, "delete", saved, err)) &&
           still_the_same(s, ns, err) && once_run(s, &op, NULL, NULL, err);
}

static void tell(struct cli *cli, const struct named *ns, const struct salvaged *saved)
{
    char name[NAMED_QUOTED_SIZE], address[NAMED_QUOTED_SIZE];
    const struct output *o = &cli->output;
    named_quoted(ns, name);
    if (saved->path)
        output_note(o, "namespace %s is deleted; its %llu key%s kept in '%s'", name,
                    (unsigned long long)saved->keys, saved->keys == 1 ? " is" : "s are",
                    saved->path);
    else
        output_note(o, "namespace %s is deleted; it was empty", name);
    if (ns->entry)
        output_note(o,
                    "it is recorded as %s: the next apply creates it anew while it is declared; "
                    "'cfkv state rm' forgets it",
                    text_quoted(ns->entry->address, address, sizeof address));
}

static void print_json(const struct named *ns, const struct salvaged *saved, struct buf *out)
{
    struct json_writer w = json_writer_to(out, 2);
    json_begin_object(&w);
    json_key(&w, "backup");
    json_str(&w, saved->path);
    json_key(&w, "id");
    json_string(&w, ns->id);
    json_key(&w, "keys");
    json_int(&w, (int64_t)saved->keys);
    json_key(&w, "title");
    json_string(&w, ns->title);
    json_end_object(&w);
    buf_add_char(out, '\n');
}

bool cmd_kv_namespace_delete(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct session *s = &cli->session;
    struct salvaged saved = {0};
    struct named ns;
    (void)code;
    const char *word = cli->options.args.n > 0 ? cli->options.args.items[0] : NULL;
    if (!session_open_store(s, true, err) || !named_by_either(s, word, true, &ns, err) ||
        !delete (s, &ns, &saved, err))
        return false;
    tell(cli, &ns, &saved);
    if (cli->options.json)
        print_json(&ns, &saved, &cli->output.out);
    return true;
}
