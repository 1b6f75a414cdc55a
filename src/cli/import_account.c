#include "import.h"

#include "base/text.h"
#include "kv/listing.h"
#include "progress.h"

/* One listing, as the host state gets it. */
struct account_view {
    struct session *s;
    struct json_writer w;
    bool is_default;         /* --all and --match are about this one */
    size_t *hits;            /* per --match: titles that it takes */
    struct text_list titles; /* of the default account where there is a --match */
};

static bool is_wanted(struct account_view *v, struct bytes title)
{
    const struct text_list *match = &v->s->options->match;
    bool wanted = v->s->options->all;
    if (!v->is_default)
        return false;
    for (size_t i = 0; i < match->n; i++)
        if (glob_match(bytes_of(match->items[i]), title)) {
            v->hits[i]++;
            wanted = true;
        }
    return wanted;
}

static void keep_title(struct account_view *v, struct bytes title)
{
    struct text_list *list = &v->titles;
    if (!v->is_default || v->s->options->match.n == 0)
        return;
    arena_grow(&v->s->arena, (void **)&list->items, &list->cap, list->n + 2, sizeof *list->items);
    list->items[list->n++] = arena_copy(&v->s->arena, title).data;
    list->items[list->n] = NULL;
}

/* The title that is nearest to what a glob says; NULL: none is near. */
static const char *nearest_title(const struct account_view *v, const char *glob)
{
    struct buf letters = {0};
    for (const char *c = glob; *c; c++)
        if (*c != '*' && *c != '?')
            buf_add_char(&letters, *c);
    const char *near = v->titles.n > 0 && letters.len > 0
                           ? text_nearest(buf_bytes(&letters), v->titles.items)
                           : NULL;
    buf_release(&letters);
    return near;
}

/* The globs that take no title, each with the nearest. */
static void write_unmatched(struct account_view *v)
{
    const struct text_list *match = &v->s->options->match;
    json_field_array(&v->w, "unmatched");
    for (size_t i = 0; v->is_default && i < match->n; i++) {
        if (v->hits[i] > 0)
            continue;
        json_begin_object(&v->w);
        json_field_str(&v->w, "glob", match->items[i]);
        json_field_str(&v->w, "near", nearest_title(v, match->items[i]));
        json_end_object(&v->w);
    }
    json_end_array(&v->w);
}

static bool write_row(void *ctx, const struct store_namespace *ns, struct error *err)
{
    struct account_view *v = ctx;
    struct json_writer *w = &v->w;
    (void)err;
    json_begin_object(w);
    json_field_string(w, "id", ns->id);
    json_field_text(w, "jurisdiction", ns->jurisdiction);
    json_field_text(w, "mode", ns->mode);
    json_field_string(w, "title", ns->title);
    json_field_bool(w, "wanted", is_wanted(v, ns->title));
    json_end_object(w);
    keep_title(v, ns->title);
    return true;
}

/* The name that the project has for it, else the service's, where one is known. */
static struct bytes name_of(const struct import *in, struct bytes account)
{
    struct store *store = in->s->target.store;
    struct bytes name = account_name_of(in->s->target.words.names, account);
    if (!name.data && bytes_equal(account, bytes_of(cloudflare_store_known_account(store))) &&
        *cloudflare_store_account_name(store))
        name = bytes_of(cloudflare_store_account_name(store));
    return name;
}

/* What the listing lacks is not gone: only a whole one says so. */
static bool look_at(struct import *in, struct bytes account, struct error *err)
{
    struct buf view = {0};
    struct listing_report report = {0};
    struct account_view v = {
        .s = in->s,
        .w = json_writer_to(&view, 0),
        .is_default = bytes_equal(account, in->account),
        .hits = arena_alloc(&in->s->arena, in->s->options->match.n, sizeof *v.hits)};
    json_begin_object(&v.w);
    json_field_string(&v.w, "account", account);
    json_field_bool(&v.w, "default", v.is_default);
    json_field_array(&v.w, "namespaces");
    bool ok = listing_walk(in->s->target.store, account, write_row, &v, &report, err);
    json_end_array(&v.w);
    json_field_text(&v.w, "name", name_of(in, account));
    json_field_bool(&v.w, "short", report.is_short);
    write_unmatched(&v);
    json_end_object(&v.w);
    ok = ok && import_ask(in, "account", &view, NULL, err);
    buf_release(&view);
    return ok;
}

static bool open_store(struct import *in, struct error *err)
{
    struct session *s = in->s;
    if (!session_open_store(s, false, err))
        return false;
    if (in->exists) {
        s->target.words.names = &in->there.model.project.accounts;
        cloudflare_store_suggest_account(s->target.store, in->there.model.project.account_id);
    }
    return true;
}

/* Those that files name; "" is the default one, which --all and --match are about, too. */
static bool look_at_all(struct import *in, const struct json *accounts, struct error *err)
{
    const char *id;
    bool needs_default = in->s->options->all || in->s->options->match.n > 0;
    for (const struct json *a = json_first(accounts); a; a = json_next(a))
        needs_default = needs_default || (json_as_str(a, &id) && !*id);
    if (needs_default &&
        (!target_account(&in->s->target, &in->account, err) || !look_at(in, in->account, err)))
        return false;
    for (const struct json *a = json_first(accounts); a; a = json_next(a))
        if (json_as_str(a, &id) && *id && !bytes_equal(bytes_of(id), in->account)) {
            target_add_account(&in->s->target, bytes_of(id));
            if (!look_at(in, bytes_of(id), err))
                return false;
        }
    target_add_account(&in->s->target, in->account);
    return true;
}

bool import_accounts(struct import *in, struct error *err)
{
    struct buf list = {0};
    struct json *accounts = NULL;
    bool ok = open_store(in, err) && import_ask(in, "accounts", NULL, &list, err) &&
              (accounts = json_doc_parse(buf_bytes(&list), err)) && look_at_all(in, accounts, err);
    json_doc_free(accounts);
    buf_release(&list);
    return ok;
}
