/* Rules about one namespace, and about namespaces beside each other. */
#include "base/json.h"
#include "fields.h"
#include "naming.h"
#include "rules.h"

/* ---- title ----------------------------------------------------------------------------------- */

/* The parts that naming asks for and the namespace does not give: "purpose and env". */
static void missing_parts(struct bytes naming, const struct namespace_decl *ns, struct buf *out)
{
    struct bytes piece;
    enum naming_token token;
    while ((token = naming_next(&naming, &piece)) != NAMING_END && token != NAMING_BROKEN) {
        const struct bytes *part = token == NAMING_PART ? naming_part(ns, piece) : NULL;
        if (!part || part->data)
            continue;
        if (out->len > 0)
            buf_add_str(out, " and ");
        buf_add_bytes(out, piece);
    }
}

static void rule_title_given(struct check *c, const struct namespace_decl *ns)
{
    if (ns->title.data)
        return;
    struct buf missing = {0};
    missing_parts(c->m->project.naming, ns, &missing);
    if (missing.len > 0) {
        diag_add(c->diags, DIAG_ERROR, "namespace.title", ns->pos,
                 "namespace has no title, and none can be built without %s", missing.data);
        diag_hint(c->diags, "give title, or what naming %s asks for", QUOTE(c->m->project.naming));
    }
    buf_release(&missing);
}

/* false also where the title, or the limit itself, is wrong: said elsewhere. */
static bool title_too_long(const struct check *c, struct bytes title)
{
    int64_t max = c->m->project.title_max;
    return max >= 1 && max <= KV_TITLE_MAX && utf8_valid(title) && utf8_count(title) > (size_t)max;
}

static void rule_title_length(struct check *c, const struct namespace_decl *ns)
{
    if (ns->keeps_title || !title_too_long(c, ns->title))
        return;
    int64_t max = c->m->project.title_max;
    diag_add(c->diags, DIAG_ERROR, "namespace.title", ns->pos,
             "title %s has %zu characters, more than %lld", QUOTE(ns->title), utf8_count(ns->title),
             (long long)max);
    if (max < KV_TITLE_MAX)
        diag_hint(c->diags, "shorten it, or raise project.title_max (up to %d)", KV_TITLE_MAX);
}

/* Where the namespace's own title is too long already, that is enough to say. */
static void rule_preview_title_length(struct check *c, const struct namespace_decl *ns)
{
    const struct namespace_decl *owner = &c->m->namespaces[ns->preview_of];
    if (!title_too_long(c, ns->title) || title_too_long(c, owner->title))
        return;
    int64_t max = c->m->project.title_max;
    diag_add(c->diags, DIAG_ERROR, "namespace.title", ns->pos,
             "title %s of the preview namespace has %zu characters, more than %lld",
             QUOTE(ns->title), utf8_count(ns->title), (long long)max);
    if (max < KV_TITLE_MAX)
        diag_hint(c->diags,
                  "shorten title %s, leave out preview, or raise project.title_max (up to %d)",
                  QUOTE(owner->title), KV_TITLE_MAX);
    else
        diag_hint(c->diags, "shorten title %s, or leave out preview", QUOTE(owner->title));
}

static void report_naming(struct check *c, const struct namespace_decl *ns, struct bytes expected)
{
    if (!ns->title_explicit) {
        diag_add(c->diags, DIAG_ERROR, "namespace.naming", ns->pos,
                 "title %s was built before naming became %s", QUOTE(ns->title),
                 QUOTE(c->m->project.naming));
        diag_hint(c->diags, "call cfkv.project before the first namespace");
        return;
    }
    diag_add(c->diags, DIAG_WARNING, "namespace.naming", ns->pos,
             "title %s does not follow naming %s", QUOTE(ns->title), QUOTE(c->m->project.naming));
    diag_hint(c->diags, "leave title out to get %s", QUOTE(expected));
}

static void rule_title_naming(struct check *c, const struct namespace_decl *ns)
{
    if (ns->unnamed || !ns->title.data || (!ns->app.data && !ns->purpose.data && !ns->env.data))
        return;
    struct buf expected = {0};
    if (naming_expand(c->m->project.naming, ns, &expected) &&
        !bytes_equal(ns->title, buf_bytes(&expected)))
        report_naming(c, ns, buf_bytes(&expected));
    buf_release(&expected);
}

/* ---- other fields ---------------------------------------------------------------------------- */

static void check_text(struct check *c, const struct namespace_decl *ns, const struct field *f,
                       struct bytes text)
{
    const char *fault = f->use & FIELD_LINE ? text_fault(text)
                        : utf8_valid(text)  ? NULL
                                            : "is not valid UTF-8";
    size_t len = utf8_count(text);
    if (text.len == 0 && (f->use & FIELD_LINE))
        diag_add(c->diags, DIAG_ERROR, f->code, ns->pos, "%s is empty", f->name);
    else if (fault)
        diag_add(c->diags, DIAG_ERROR, f->code, ns->pos, "%s %s %s", f->name, QUOTE(text), fault);
    else if (f->at_most > 0 && len > f->at_most)
        diag_add(c->diags, DIAG_ERROR, f->code, ns->pos, "%s %s has %zu characters, more than %zu",
                 f->name, QUOTE(text), len, f->at_most);
    else
        return;
    diag_hint(c->diags, text.len == 0 ? "give it a value, or leave it out"
                        : fault       ? "write it without"
                                      : "shorten it");
}

/* What the table says of each. A title that was built has been judged by its parts. */
static void rule_texts(struct check *c, const struct namespace_decl *ns)
{
    for (size_t i = 0; i < namespace_fields.n; i++) {
        const struct field *f = &namespace_fields.rows[i];
        const struct bytes *text = field_at(f, ns);
        bool judged = (f->use & FIELD_LINE) || f->at_most > 0;
        if (f->kind == FIELD_STRING && judged && text->data &&
            (text != &ns->title || ns->title_explicit))
            check_text(c, ns, f, *text);
    }
}

static void rule_env(struct check *c, const struct namespace_decl *ns)
{
    const struct project *p = &c->m->project;
    if (!ns->env.data || ns->env.len == 0 || environment_known(p, ns->env) ||
        environment_is_ephemeral(p, ns->env))
        return;
    diag_add(c->diags, DIAG_ERROR, "namespace.env", ns->pos,
             "env %s is not one of project.environments", QUOTE(ns->env));
    hint_nearest(c, ns->env, &p->environments);
}

static void rule_ttl_seconds(struct check *c, const struct namespace_decl *ns)
{
    struct error why;
    if (ttl_judge("ttl_seconds", ns->ttl_seconds, c->now, &why))
        return;
    diag_add(c->diags, DIAG_ERROR, "namespace.ttl_seconds", ns->pos, "%s", why.message);
    diag_hint(c->diags, "%s", why.hint);
}

static void hint_binding(struct check *c, struct bytes name)
{
    char valid[64];
    size_t n = 0;
    if (name.len == 0 || name.len > sizeof valid - 2)
        return;
    if (name.data[0] >= '0' && name.data[0] <= '9')
        valid[n++] = '_';
    for (size_t i = 0; i < name.len; i++)
        valid[n++] = binding_name_valid(bytes_make(&name.data[i], 1)) ||
                             (name.data[i] >= '0' && name.data[i] <= '9')
                         ? name.data[i]
                         : '_';
    if (binding_name_valid(bytes_make(valid, n)))
        diag_hint(c->diags, "it becomes env.NAME in a Worker; %s would do",
                  QUOTE(bytes_make(valid, n)));
    else
        diag_hint(c->diags, "it becomes env.NAME in a Worker: call it something else");
}

static void rule_binding(struct check *c, const struct namespace_decl *ns)
{
    if (!ns->binding.data || binding_name_valid(ns->binding))
        return;
    diag_add(c->diags, DIAG_ERROR, "namespace.binding", ns->pos,
             "binding %s is not a JavaScript identifier", QUOTE(ns->binding));
    hint_binding(c, ns->binding);
}

static void rule_ids(struct check *c, const struct namespace_decl *ns)
{
    if (ns->id.data && !id_valid(ns->id))
        diag_add(c->diags, DIAG_ERROR, "namespace.id", ns->pos,
                 "id %s is not 32 lowercase hexadecimal digits", QUOTE(ns->id));
    if (ns->id.data && !id_valid(ns->id))
        diag_hint(c->diags,
                  "'cfkv kv namespace list' shows ids; without id a namespace is found by its "
                  "title, or created");
    struct bytes account = c->m->project.account_id;
    bool shared = account.data && bytes_equal(ns->account_id, account); /* said at the project */
    if (!ns->account_id.data || shared || id_valid(ns->account_id))
        return;
    diag_add(c->diags, DIAG_ERROR, "namespace.account_id", ns->pos,
             "account_id %s is not 32 lowercase hexadecimal digits", QUOTE(ns->account_id));
    if (account_id_of(&c->m->project.accounts, ns->account_id).data)
        diag_hint(c->diags, "account = %s takes a name", QUOTE(ns->account_id));
    else
        diag_hint(c->diags, ACCOUNT_ID_HINT);
}

static void rule_account(struct check *c, const struct namespace_decl *ns)
{
    const struct renamings *accounts = &c->m->project.accounts;
    if (!ns->account.data)
        return;
    if (ns->account_id.data) {
        diag_add(c->diags, DIAG_ERROR, "namespace.account", ns->pos,
                 "both account %s and account_id %s are given", QUOTE(ns->account),
                 QUOTE(ns->account_id));
        diag_hint(c->diags, "they say the same thing; keep one");
    }
    if (account_id_of(accounts, ns->account).data)
        return;
    struct strings names = {arena_alloc(&c->scratch, accounts->n, sizeof *names.items),
                            accounts->n};
    for (size_t i = 0; i < accounts->n; i++)
        names.items[i] = accounts->items[i].from;
    diag_add(c->diags, DIAG_ERROR, "namespace.account", ns->pos,
             "account %s is not in the accounts of cfkv.project", QUOTE(ns->account));
    if (accounts->n > 0)
        hint_nearest(c, ns->account, &names);
    else
        diag_hint(c->diags,
                  "name it there: accounts = { %.*s = \"ID\" }; an id goes into account_id",
                  BYTES_FMT(ns->account));
}

static void check_word(struct check *c, const struct namespace_decl *ns, const struct field *f,
                       struct bytes word)
{
    struct bytes words[8];
    struct strings known = {words, 0};
    for (; f->choices[known.n]; known.n++)
        words[known.n] = bytes_of(f->choices[known.n]);
    if (!word.data || strings_contain(&known, word))
        return;
    diag_add(c->diags, DIAG_ERROR, f->code, ns->pos, "%s %s is unknown", f->name, QUOTE(word));
    hint_nearest(c, word, &known);
}

/* Those that are one of a few words. */
static void rule_words(struct check *c, const struct namespace_decl *ns)
{
    for (size_t i = 0; i < namespace_fields.n; i++) {
        const struct field *f = &namespace_fields.rows[i];
        if (f->kind == FIELD_STRING && f->choices)
            check_word(c, ns, f, *(const struct bytes *)field_at(f, ns));
    }
}

/* What an instant namespace cannot have (fact sheet 3.2). */
static void rule_mode(struct check *c, const struct namespace_decl *ns)
{
    if (!mode_is_instant(ns->mode))
        return;
    if (ns->jurisdiction.data) {
        diag_add(c->diags, DIAG_ERROR, "namespace.mode", ns->pos,
                 "namespace %s has mode 'instant' and jurisdiction %s, which exclude each other",
                 QUOTE(ns->title), QUOTE(ns->jurisdiction));
        diag_hint(c->diags, "leave one of them out; what the defaults of cfkv.project give counts, "
                            "too");
    }
    if (ns->fingerprint) {
        diag_add(c->diags, DIAG_ERROR, "namespace.mode", ns->pos,
                 "namespace %s has mode 'instant' and fingerprint = true, but keeps no metadata, "
                 "where a fingerprint is",
                 QUOTE(ns->title));
        diag_hint(c->diags, "say fingerprint = false");
    }
}

/* What cfkv sends itself is not said twice; the rest nobody judges but the service. */
static void rule_create_options(struct check *c, const struct namespace_decl *ns)
{
    static const char *const own[] = {"jurisdiction", "mode", "title"};
    struct error unparsed;
    if (!ns->create_options.data)
        return;
    struct json *options = json_doc_parse(ns->create_options, &unparsed);
    size_t i = 0;
    while (i < sizeof own / sizeof *own && !json_member(options, own[i]))
        i++;
    json_doc_free(options);
    if (i < sizeof own / sizeof *own) {
        diag_add(c->diags, DIAG_ERROR, "namespace.create_options", ns->pos,
                 "create_options of namespace %s hold '%s', which is a field", QUOTE(ns->title),
                 own[i]);
        diag_hint(c->diags, "write %s = … beside create_options", own[i]);
        return;
    }
    diag_add(c->diags, DIAG_WARNING, "namespace.create_options", ns->pos,
             "create_options of namespace %s are sent as they are: cfkv does not know what they do",
             QUOTE(ns->title));
    diag_hint(c->diags, "the service may refuse them, or do what no plan says; leave them out once "
                        "there is a field for it");
}

static void rule_create(struct check *c, const struct namespace_decl *ns)
{
    if (ns->create || !ns->renamed_from.data)
        return;
    diag_add(c->diags, DIAG_ERROR, "namespace.create", ns->pos,
             "create = false contradicts renamed_from %s", QUOTE(ns->renamed_from));
    diag_hint(c->diags,
              "a namespace that must exist already keeps its title; leave one of them out");
}

static void rule_on_remove(struct check *c, const struct namespace_decl *ns)
{
    if (ns->on_remove != ON_REMOVE_DELETE || ns->protect != YES)
        return;
    diag_add(c->diags, DIAG_WARNING, "namespace.on_remove", ns->pos,
             "on_remove 'delete' has no effect on protected namespace %s", QUOTE(ns->title));
    diag_hint(c->diags, "leave out protect = true, or on_remove");
}

static void rule_preview(struct check *c, const struct namespace_decl *ns)
{
    if (!ns->preview || !ns->keeps_title)
        return;
    diag_add(c->diags, DIAG_ERROR, "namespace.preview", ns->pos,
             "namespace %s has preview = true and no title, of which the preview's is made",
             QUOTE(ns->id));
    diag_hint(c->diags, "give the title that it has, or leave out preview");
}

static void rule_renamed_from_self(struct check *c, const struct namespace_decl *ns)
{
    struct bytes from = ns->renamed_from;
    if (from.len == 0 || (!bytes_equal(from, ns->address) && !bytes_equal(from, ns->title)))
        return;
    diag_add(c->diags, DIAG_ERROR, "namespace.renamed_from", ns->pos,
             "renamed_from %s is the namespace's own %s", QUOTE(from),
             bytes_equal(from, ns->title) ? "title" : "address");
    diag_hint(c->diags, "give the address or title it had before");
}

/* In its own account it has lost ACCOUNT: at the declaration. */
static void rule_renamed_from_account(struct check *c, const struct namespace_decl *ns)
{
    struct bytes account, rest, own = namespace_account(c->m, ns);
    if (own.len == 0 ||
        !account_split(&c->m->project.accounts, ns->renamed_from, &account, &rest) ||
        account.len == 0 || bytes_equal(account, own))
        return;
    diag_add(c->diags, DIAG_ERROR, "namespace.renamed_from", ns->pos,
             "renamed_from %s is in another account than namespace %s", QUOTE(ns->renamed_from),
             QUOTE(ns->title));
    diag_hint(c->diags, "a namespace stays in its account: leave renamed_from out, and 'cfkv copy' "
                        "its keys; a title with a colon goes behind its own account and a colon");
}

const namespace_rule namespace_rules[] = {
    rule_title_given,
    rule_title_length,
    rule_title_naming,
    rule_texts,
    rule_env,
    rule_ttl_seconds,
    rule_binding,
    rule_ids,
    rule_account,
    rule_words,
    rule_mode,
    rule_create_options,
    rule_create,
    rule_on_remove,
    rule_preview,
    rule_renamed_from_self,
    rule_renamed_from_account,
    NULL,
};

const namespace_rule preview_rules[] = {rule_preview_title_length, NULL};

/* ---- beside each other ----------------------------------------------------------------------- */

static struct bytes in_account(struct check *c, const struct namespace_decl *ns, struct bytes name)
{
    return key_pair(c, namespace_account(c->m, ns), name);
}

static bool is_preview(const struct namespace_decl *ns)
{
    return ns->preview_of != SIZE_MAX;
}

/* Two previews have one name because their namespaces have, which is said of those. */
static bool both_previews(const struct namespace_decl *a, const struct namespace_decl *b)
{
    return is_preview(a) && is_preview(b);
}

/* Nobody wrote a preview's title or address, so the hint says where it is from. Previews are behind
 * all others: `ns` is the only one of a pair that can be one here. */
static void hint_once(struct check *c, const struct namespace_decl *ns,
                      const struct namespace_decl *first, const char *unique)
{
    bool loop = first->pos.line == ns->pos.line && ns->pos.file && first->pos.file &&
                strcmp(first->pos.file, ns->pos.file) == 0;
    if (is_preview(ns))
        diag_hint(c->diags, "%s; namespace %s has preview = true, which declares %s", unique,
                  QUOTE(c->m->namespaces[ns->preview_of].title), QUOTE(ns->title));
    else
        diag_hint(c->diags, "%s%s", unique, loop ? ": in a loop each turn needs its own" : "");
}

static void rule_title_once(struct check *c)
{
    struct map seen = {0};
    for (size_t i = 0; i < c->m->n_namespaces; i++) {
        const struct namespace_decl *ns = &c->m->namespaces[i];
        if (ns->title.len == 0 || ns->keeps_title) /* the id of one is said below */
            continue;
        size_t first = note_once(&seen, in_account(c, ns, ns->title), i);
        if (first == MAP_NONE || both_previews(&c->m->namespaces[first], ns))
            continue;
        report_twice(c, "namespace.title", "title", ns->title, c->m->namespaces[first].pos,
                     ns->pos);
        hint_once(c, ns, &c->m->namespaces[first], "titles are unique in an account");
    }
    map_release(&seen);
}

/* Of one account; accounts are few. */
static void check_alike(struct check *c, struct bytes account, struct named *names)
{
    size_t n = 0;
    for (size_t i = 0; i < c->m->n_namespaces; i++) {
        const struct namespace_decl *ns = &c->m->namespaces[i];
        if (!is_preview(ns) && !ns->unnamed && !ns->keeps_title &&
            bytes_equal(namespace_account(c->m, ns), account))
            names[n++] = (struct named){ns->title, ns->pos};
    }
    report_alike(c, "namespace.alike", "titles", names, n);
}

static void rule_titles_alike(struct check *c)
{
    struct named *names = arena_alloc(&c->scratch, c->m->n_namespaces, sizeof *names);
    struct map accounts = {0};
    for (size_t i = 0; i < c->m->n_namespaces; i++) {
        struct bytes account = namespace_account(c->m, &c->m->namespaces[i]);
        if (note_once(&accounts, account, i) == MAP_NONE)
            check_alike(c, account, names);
    }
    map_release(&accounts);
}

/* Equal titles are reported as such; their equal addresses only repeat it. */
static void rule_address_once(struct check *c)
{
    struct map seen = {0};
    for (size_t i = 0; i < c->m->n_namespaces; i++) {
        const struct namespace_decl *ns = &c->m->namespaces[i];
        if (ns->address.len == 0)
            continue;
        size_t first = note_once(&seen, in_account(c, ns, ns->address), i);
        const struct namespace_decl *other = first == MAP_NONE ? NULL : &c->m->namespaces[first];
        if (!other || bytes_equal(other->title, ns->title) || both_previews(other, ns))
            continue;
        report_twice(c, "namespace.address", "address", ns->address, other->pos, ns->pos);
        hint_once(c, ns, other, "app, purpose and env together are unique in an account");
    }
    map_release(&seen);
}

static void rule_id_once(struct check *c)
{
    struct map seen = {0};
    for (size_t i = 0; i < c->m->n_namespaces; i++) {
        const struct namespace_decl *ns = &c->m->namespaces[i];
        if (!ns->id.data)
            continue;
        size_t first = note_once(&seen, ns->id, i);
        if (first == MAP_NONE)
            continue;
        report_twice(c, "namespace.id", "id", ns->id, c->m->namespaces[first].pos, ns->pos);
        diag_hint(c->diags, "declare it once: cfkv.wrangler may bind its env in several sections "
                            "('cfkv help wrangler')");
    }
    map_release(&seen);
}

static void rule_renamed_from_once(struct check *c)
{
    struct map seen = {0};
    for (size_t i = 0; i < c->m->n_namespaces; i++) {
        const struct namespace_decl *ns = &c->m->namespaces[i];
        if (ns->renamed_from.len == 0)
            continue;
        size_t first = note_once(&seen, in_account(c, ns, ns->renamed_from), i);
        if (first != MAP_NONE && !both_previews(&c->m->namespaces[first], ns))
            report_twice(c, "namespace.renamed_from", "renamed_from", ns->renamed_from,
                         c->m->namespaces[first].pos, ns->pos);
    }
    map_release(&seen);
}

/* State maps addresses to ids: an address cannot be both old name and declaration. */
static void rule_renamed_from_free(struct check *c)
{
    struct map addresses = {0};
    for (size_t i = 0; i < c->m->n_namespaces; i++) {
        const struct namespace_decl *ns = &c->m->namespaces[i];
        note_once(&addresses, in_account(c, ns, ns->address), i);
    }
    for (size_t i = 0; i < c->m->n_namespaces; i++) {
        const struct namespace_decl *ns = &c->m->namespaces[i];
        if (ns->renamed_from.len == 0 || bytes_equal(ns->renamed_from, ns->address))
            continue;
        size_t other = map_get(&addresses, in_account(c, ns, ns->renamed_from));
        if (other == MAP_NONE || both_previews(&c->m->namespaces[other], ns))
            continue;
        diag_add(c->diags, DIAG_ERROR, "namespace.renamed_from", ns->pos,
                 "renamed_from %s is still declared at %s", QUOTE(ns->renamed_from),
                 PLACE(c->m->namespaces[other].pos));
        diag_hint(c->diags, "remove the old declaration, or renamed_from");
    }
    map_release(&addresses);
}

struct account_count {
    size_t namespaces;
    struct srcpos beyond; /* of the first namespace that is too many */
};

static void report_account(struct check *c, struct bytes account, const struct account_count *count)
{
    long long max = c->m->project.namespaces_max;
    if (account.len > 0)
        diag_add(c->diags, DIAG_ERROR, "account.namespaces", count->beyond,
                 "account %s gets %zu namespaces, more than %lld", QUOTE(account),
                 count->namespaces, max);
    else
        diag_add(c->diags, DIAG_ERROR, "account.namespaces", count->beyond,
                 "the account gets %zu namespaces, more than %lld", count->namespaces, max);
    diag_hint(c->diags, NAMESPACES_RAISED_HINT);
}

/* Counts under the index of the account's first namespace. */
static void rule_account_size(struct check *c)
{
    size_t n = c->m->n_namespaces;
    uint64_t max = (uint64_t)c->m->project.namespaces_max; /* below 1: said at the project */
    struct map accounts = {0};
    struct account_count *counts = arena_alloc(&c->scratch, n, sizeof *counts);
    for (size_t i = 0; i < n; i++) {
        const struct namespace_decl *ns = &c->m->namespaces[i];
        size_t first = note_once(&accounts, namespace_account(c->m, ns), i);
        struct account_count *count = &counts[first == MAP_NONE ? i : first];
        if (++count->namespaces == max + 1)
            count->beyond = ns->pos;
    }
    for (size_t i = 0; i < n; i++)
        if (max > 0 && counts[i].namespaces > max)
            report_account(c, namespace_account(c->m, &c->m->namespaces[i]), &counts[i]);
    map_release(&accounts);
}

const model_rule namespaces_rules[] = {
    rule_title_once,        rule_address_once, rule_id_once,      rule_renamed_from_once,
    rule_renamed_from_free, rule_account_size, rule_titles_alike, NULL,
};
