#include "change.h"

#include <stddef.h>

#include "base/text.h"
#include "document.h"
#include "extra.h"
#include "record.h"
#include "image.h"
#include "layout.h"
#include "refs.h"
#include "settings.h"

/* ---- Members of a line ----------------------------------------------------------------------- */

/* Rows of namespace_fields.h: their numbers, their members, and the bits of all of them. */
#define NUMBERED(name, kind, at_most, use, doc) M_RECORDED_##name,
#define RECORDED(name, kind, at_most, use, doc)                                                    \
    [M_RECORDED_##name] = {#name, RECORD_##kind, OF(ns.name), RECORD_OPTIONAL},
#define RECORDED_BIT(name, kind, at_most, use, doc) | (uint64_t)1 << M_RECORDED_##name

enum {
    M_ACCOUNT,
    M_ADDRESS,
    M_BORROWED,
    M_COUNT,
    M_CREATED,
    M_EXPIRATION,
    M_FILE,
    M_HMAC,
    M_ID,
    M_JSON,
    M_KEY_ORIGIN,
    M_NAME,
    M_NAMESPACES,
    M_ON_REMOVE,
    M_ORIGIN,
    M_PREVIEW_ID,
    M_PROTECT,
    M_PRUNES,
    M_SALT,
    M_SECRET,
    M_SHA256,
    M_TITLE,
    M_TITLED,
    M_TO,
    M_TTL,
    NAMESPACE_RECORDED(NUMBERED) N_MEMBERS
};

#define OF(member) offsetof(struct change, member)

static const struct record_field members[N_MEMBERS] = {
    [M_ACCOUNT] = {"account", RECORD_TEXT, OF(account), RECORD_REQUIRED},
    [M_ADDRESS] = {"address", RECORD_TEXT, OF(ns.address), RECORD_REQUIRED},
    [M_BORROWED] = {"borrowed", RECORD_FLAG, OF(ns.borrowed), RECORD_OPTIONAL},
    [M_COUNT] = {"count", RECORD_COUNT, OF(count), RECORD_REQUIRED},
    [M_CREATED] = {"created", RECORD_TEXT, OF(ns.created), RECORD_OPTIONAL},
    [M_EXPIRATION] = {"expiration", RECORD_INT, OF(expiration), RECORD_OPTIONAL},
    [M_FILE] = {"file", RECORD_TEXT, OF(file), RECORD_REQUIRED},
    [M_HMAC] = {"hmac", RECORD_MAC, OF(hmac), RECORD_REQUIRED},
    [M_ID] = {"id", RECORD_TEXT, OF(ns.id), RECORD_OPTIONAL}, /* of an entry: required */
    [M_JSON] = {"json", RECORD_TEXT, OF(json), RECORD_REQUIRED},
    [M_KEY_ORIGIN] = {"key_origin", RECORD_WHOSE, OF(whose), RECORD_OPTIONAL},
    [M_NAME] = {"name", RECORD_TEXT, OF(name), RECORD_REQUIRED},
    [M_NAMESPACES] = {"namespaces", RECORD_TEXT, OF(refs), RECORD_OPTIONAL},
    [M_ON_REMOVE] = {"on_remove", RECORD_ON_REMOVE, OF(ns.on_remove), RECORD_OPTIONAL},
    [M_ORIGIN] = {"origin", RECORD_ORIGIN, OF(ns.origin), RECORD_REQUIRED},
    [M_PREVIEW_ID] = {"preview_id", RECORD_TEXT, OF(preview_id), RECORD_OPTIONAL},
    [M_PROTECT] = {"protect", RECORD_FLAG, OF(ns.protect), RECORD_OPTIONAL},
    [M_PRUNES] = {"prunes", RECORD_TEXT, OF(ns.prunes), RECORD_OPTIONAL},
    [M_SALT] = {"salt", RECORD_SALT, OF(salt), RECORD_REQUIRED},
    [M_SECRET] = {"secret", RECORD_FLAG, OF(secret), RECORD_OPTIONAL},
    [M_SHA256] = {"sha256", RECORD_DIGEST, OF(digest), RECORD_REQUIRED},
    [M_TITLE] = {"title", RECORD_TEXT, OF(ns.title), RECORD_REQUIRED},
    [M_TITLED] = {"titled", RECORD_TEXT, OF(ns.title), RECORD_OPTIONAL},
    [M_TO] = {"to", RECORD_TEXT, OF(to), RECORD_REQUIRED},
    [M_TTL] = {"ttl", RECORD_INT, OF(ttl), RECORD_OPTIONAL},
    NAMESPACE_RECORDED(RECORDED)};

/* ---- What each op does ----------------------------------------------------------------------- */

static void do_salt(struct state *s, const struct change *c)
{
    memcpy(s->salt, c->salt, sizeof s->salt);
    s->salted = true;
}

static void do_project(struct state *s, const struct change *c)
{
    s->project = c->name.len > 0 ? arena_copy(&s->arena, c->name) : bytes_make(NULL, 0);
}

static void do_creating(struct state *s, const struct change *c)
{
    image_creating(s, image_account(s, c->account), c->ns.title);
}

static void do_end_creating(struct state *s, const struct change *c)
{
    struct state_account *a = state_account(s, c->account);
    if (!a)
        return;
    image_end_creating(a, c->ns.title);
    struct state_writing *w = image_find_titled(a, c->ns.title);
    if (w)
        w->n = 0;
}

static void do_nothing(struct state *s, const struct change *c)
{
    (void)s;
    (void)c;
}

/* A copy of an optional text; the old one where it is equal, so that updates cost no memory. */
static struct bytes keep_text(struct state *s, struct bytes text, struct bytes old)
{
    if (!text.data)
        return text;
    return old.data && bytes_equal(text, old) ? old : arena_copy(&s->arena, text);
}

#define KEEP_STRING(name)                   copy.name = keep_text(s, from->name, old->name);
#define KEEP_OBJECT(name)                   KEEP_STRING(name)
#define KEEP_WORD(name)                     KEEP_STRING(name)
#define KEEP_DURATION(name)                 /* copied already */
#define KEEP(name, kind, at_most, use, doc) KEEP_##kind(name)

/* The attributes of `from` with texts that live in the state. */
static struct state_namespace copy_record(struct state *s, const struct state_namespace *from,
                                          const struct state_namespace *old)
{
    struct state_namespace copy = *from;
    copy.id = keep_text(s, from->id, old->id);
    copy.title = keep_text(s, from->title, old->title);
    copy.created = keep_text(s, from->created, old->created);
    copy.prunes = keep_text(s, from->prunes, old->prunes);
    NAMESPACE_RECORDED(KEEP)
    return copy;
}

/* What a line says that this version does not know goes beside what the record has of that kind:
 * who wrote the line may have left out what had not changed. */
static void keep_extras(struct state *s, const struct change *c, struct state_extras **extras)
{
    for (size_t i = 0; c->extras && i < c->extras->n; i++)
        extra_set(&s->arena, extras, c->extras->items[i].name, c->extras->items[i].json);
}

/* The entry that a record is for: of its id, wherever it is, else of its address, else a new one;
 * in any case under its address then. */
static struct state_namespace *entry_for(struct state *s, struct state_account *a,
                                         const struct state_namespace *record)
{
    struct state_namespace *ns = image_find_id(a, record->id);
    if (!ns)
        return image_namespace(s, a, record->address);
    image_move(s, a, ns, record->address);
    return ns;
}

static void do_namespace(struct state *s, const struct change *c)
{
    static const struct state_namespace nothing;
    struct state_account *a = image_account(s, c->account);
    const struct state_namespace *old = image_find(a, c->ns.address);
    struct state_namespace record = copy_record(s, &c->ns, old ? old : &nothing);
    struct state_namespace *ns = entry_for(s, a, &record);
    if (!ns->id.data || !bytes_equal(ns->id, record.id))
        image_set_id(a, ns, record.id);
    ns->title = record.title;
    ns->origin = record.origin;
    ns->on_remove = record.on_remove;
    ns->protect = record.protect;
    ns->borrowed = record.borrowed;
    ns->prunes = record.prunes;
    state_take_recorded(ns, &record);
    if (record.created.data)
        ns->created = record.created;
    image_end_creating(a, record.title);
    image_take_titled(s, a, ns);
    keep_extras(s, c, &ns->extras);
}

static struct state_namespace *entry_of(struct state *s, const struct change *c)
{
    return state_find_id(s, c->account, c->ns.id);
}

/* The entry of that id, while it is under that address. */
static struct state_namespace *entry_exactly(struct state *s, const struct change *c)
{
    struct state_namespace *ns = entry_of(s, c);
    return ns && bytes_equal(ns->address, c->ns.address) ? ns : NULL;
}

static void do_remove_namespace(struct state *s, const struct change *c)
{
    struct state_namespace *ns = entry_exactly(s, c);
    if (ns)
        ns->removed = true;
}

static void do_move(struct state *s, const struct change *c)
{
    struct state_namespace *ns = entry_exactly(s, c);
    if (ns)
        image_move(s, state_account(s, c->account), ns, c->to);
}

/* Two entries never share an id: one that has the new id already stays alone with it. */
static void do_set_id(struct state *s, const struct change *c)
{
    struct state_account *a = state_account(s, c->account);
    struct state_namespace *ns = entry_of(s, c);
    if (ns && !image_find_id(a, c->to))
        image_set_id(a, ns, arena_copy(&s->arena, c->to));
}

static void do_key(struct state *s, const struct change *c)
{
    struct state_namespace *ns = entry_of(s, c);
    if (!ns)
        return;
    struct state_key *key = image_key(s, ns, c->name);
    key->hmac = c->hmac;
    key->expiration_ttl = c->ttl;
    key->expiration = c->expiration;
    key->origin = c->whose;
    key->secret = c->secret;
    keep_extras(s, c, &key->extras);
    image_end_writing(&ns->writing, c->name);
}

/* Those of an entry, or of a title; NULL: there is no such entry, or nothing under that title. */
static struct state_writing *writing_of(struct state *s, const struct change *c)
{
    struct state_namespace *ns = c->ns.id.data ? entry_of(s, c) : NULL;
    struct state_account *a = state_account(s, c->account);
    if (c->ns.id.data)
        return ns ? &ns->writing : NULL;
    return a ? image_find_titled(a, c->ns.title) : NULL;
}

static void do_writing(struct state *s, const struct change *c)
{
    struct state_writing *w = c->ns.id.data
                                  ? writing_of(s, c)
                                  : image_titled(s, image_account(s, c->account), c->ns.title);
    if (!w)
        return;
    struct state_key *key = image_writing(s, w, c->name);
    key->hmac = c->hmac;
    key->expiration_ttl = c->ttl;
    key->expiration = c->expiration;
    key->secret = c->secret;
    key->extras = NULL;
    keep_extras(s, c, &key->extras);
}

static void do_not_written(struct state *s, const struct change *c)
{
    struct state_writing *w = writing_of(s, c);
    if (w)
        image_end_writing(w, c->name);
}

static void do_wrote(struct state *s, const struct change *c)
{
    struct state_namespace *ns = entry_of(s, c);
    const struct state_key *written = ns ? state_find_writing(&ns->writing, c->name) : NULL;
    if (!written)
        return;
    struct state_key *key = image_key(s, ns, c->name);
    struct bytes name = key->key;
    struct state_extras *extras = key->extras;
    *key = *written;
    key->key = name;
    key->extras = extras;
    image_end_writing(&ns->writing, c->name);
}

static void do_remove_key(struct state *s, const struct change *c)
{
    struct state_namespace *ns = entry_of(s, c);
    if (!ns)
        return;
    image_remove_key(ns, c->name);
    image_end_writing(&ns->writing, c->name);
}

static void do_bulk(struct state *s, const struct change *c)
{
    struct state_namespace *ns = entry_of(s, c);
    if (!ns)
        return;
    struct state_bulk *bulk = image_bulk(s, ns, c->name);
    bulk->digest = c->digest;
    bulk->count = c->count;
    keep_extras(s, c, &bulk->extras);
}

static void do_remove_bulk(struct state *s, const struct change *c)
{
    struct state_namespace *ns = entry_of(s, c);
    if (ns)
        image_remove_bulk(ns, c->name);
}

static bool do_output(struct state *s, const struct change *c, struct error *err)
{
    struct state_output record = {0};
    if (c->refs.data && !refs_read(&s->arena, c->refs, &record, err))
        return false;
    struct state_output *out = image_output(s, c->name);
    out->json = arena_copy(&s->arena, c->json);
    out->refs = record.refs;
    out->n_refs = record.n_refs;
    keep_extras(s, c, &out->extras);
    return true;
}

static void do_remove_output(struct state *s, const struct change *c)
{
    image_remove_output(s, c->name);
}

static void do_binding(struct state *s, const struct change *c)
{
    struct state_binding *b = image_binding(s, c->file, c->ns.env, c->name);
    b->id = keep_text(s, c->ns.id, b->id);
    b->preview_id = keep_text(s, c->preview_id, b->preview_id);
    keep_extras(s, c, &b->extras);
}

static void do_remove_binding(struct state *s, const struct change *c)
{
    image_remove_binding(s, c->file, c->ns.env, c->name);
}

/* ---- Ops ------------------------------------------------------------------------------------- */

#define BIT(member) ((uint64_t)1 << (M_##member))

#define ENTRY (BIT(ACCOUNT) | BIT(ID))
#define PUT   (ENTRY | BIT(NAME) | BIT(TITLED))
#define PLACE (BIT(FILE) | BIT(RECORDED_env) | BIT(NAME))

static const struct op_spec {
    const char *name;
    uint64_t members; /* all that are known; members[] says which must be there */
    void (*run)(struct state *s, const struct change *c); /* NULL: can fail (change_do) */
    enum place record;                                    /* what keeps the others; ROOT: nothing */
} ops[] = {
    [OP_BINDING] = {"binding", PLACE | BIT(ID) | BIT(PREVIEW_ID), do_binding, BINDING},
    [OP_BULK] = {"bulk", ENTRY | BIT(NAME) | BIT(COUNT) | BIT(SHA256), do_bulk, BULK},
    [OP_CREATING] = {"creating", BIT(ACCOUNT) | BIT(TITLE), do_creating, ROOT},
    [OP_END_CREATING] = {"end_creating", BIT(ACCOUNT) | BIT(TITLE), do_end_creating, ROOT},
    [OP_FOLDED] = {"folded", BIT(SHA256), do_nothing, ROOT},
    [OP_KEY] = {"key",
                ENTRY | BIT(EXPIRATION) | BIT(NAME) | BIT(HMAC) | BIT(KEY_ORIGIN) | BIT(SECRET) |
                    BIT(TTL),
                do_key, KEY},
    [OP_MOVE] = {"move", ENTRY | BIT(ADDRESS) | BIT(TO), do_move, ROOT},
    [OP_NAMESPACE] = {"namespace",
                      ENTRY | BIT(ADDRESS) | BIT(BORROWED) | BIT(CREATED) | BIT(ON_REMOVE) |
                          BIT(ORIGIN) | BIT(PROTECT) | BIT(PRUNES) |
                          BIT(TITLE) NAMESPACE_RECORDED(RECORDED_BIT),
                      do_namespace, NAMESPACE},
    [OP_NOT_WRITTEN] = {"not_written", PUT, do_not_written, ROOT},
    [OP_OUTPUT] = {"output", BIT(NAME) | BIT(JSON) | BIT(NAMESPACES), NULL, OUTPUT},
    [OP_PROJECT] = {"project", BIT(NAME), do_project, ROOT},
    [OP_REMOVE_BINDING] = {"remove_binding", PLACE, do_remove_binding, ROOT},
    [OP_REMOVE_BULK] = {"remove_bulk", ENTRY | BIT(NAME), do_remove_bulk, ROOT},
    [OP_REMOVE_KEY] = {"remove_key", ENTRY | BIT(NAME), do_remove_key, ROOT},
    [OP_REMOVE_NAMESPACE] = {"remove_namespace", ENTRY | BIT(ADDRESS), do_remove_namespace, ROOT},
    [OP_REMOVE_OUTPUT] = {"remove_output", BIT(NAME), do_remove_output, ROOT},
    [OP_SALT] = {"salt", BIT(SALT), do_salt, ROOT},
    [OP_SETTINGS] = {"settings", BIT(JSON), NULL, ROOT},
    [OP_SET_ID] = {"set_id", ENTRY | BIT(TO), do_set_id, ROOT},
    [OP_WRITING] = {"writing", PUT | BIT(EXPIRATION) | BIT(HMAC) | BIT(SECRET) | BIT(TTL),
                    do_writing, WRITING_KEY},
    [OP_WROTE] = {"wrote", ENTRY | BIT(NAME), do_wrote, ROOT},
};

#define N_OPS (sizeof ops / sizeof *ops)

bool change_do(struct state *s, const struct change *c, struct error *err)
{
    if (c->op == OP_OUTPUT)
        return do_output(s, c, err);
    if (c->op == OP_SETTINGS)
        return settings_read(s, c->json, err);
    ops[c->op].run(s, c);
    return true;
}

/* ---- Printing -------------------------------------------------------------------------------- */

bool change_check(const struct change *c, struct error *err)
{
    for (size_t i = 0; i < N_MEMBERS; i++) {
        const struct record_field *f = &members[i];
        if (f->kind != RECORD_TEXT || !(ops[c->op].members >> i & 1))
            continue;
        struct bytes text = *(const struct bytes *)(const void *)((const char *)c + f->offset);
        char quoted[128];
        if (!utf8_valid(text))
            return error_set(err, ERR_INVALID, "cannot record %s %s: it is not valid UTF-8",
                             f->name, text_quoted(text, quoted, sizeof quoted));
    }
    return true;
}

void change_print(const struct change *c, struct buf *out)
{
    struct json_writer w = json_writer_to(out, 0);
    json_begin_object(&w);
    json_field_str(&w, "op", ops[c->op].name);
    for (size_t i = 0; i < N_MEMBERS; i++)
        if (ops[c->op].members >> i & 1)
            record_write(&members[i], c, &w);
    json_end_object(&w);
    buf_add_char(out, '\n');
}

/* ---- Parsing --------------------------------------------------------------------------------- */

struct line_reader {
    struct bytes line;
    struct json_stream *stream;
    struct change *c;
    struct arena *arena;
    int depth;
    size_t member; /* the value that comes next; N_MEMBERS: the op */
    size_t op;     /* N_OPS: not seen yet */
    uint64_t seen;

    /* A member that is not known, whose value comes next or is being read. */
    struct bytes unknown; /* its name; data NULL: none */
    size_t value_at;      /* in the line */
};

static bool twice(struct bytes name, struct error *err)
{
    return error_set(err, ERR_FORMAT, "member '%.*s' is there twice", BYTES_FMT(name));
}

/* The record must be readable once the member is in it. */
static bool begin_unknown(struct line_reader *r, struct bytes name, struct error *err)
{
    if (layout_find(&layouts[ops[r->op].record], name) != SIZE_MAX)
        return error_set(err, ERR_FORMAT, "unexpected member '%.*s'", BYTES_FMT(name));
    if (extra_find(r->c->extras, name))
        return twice(name, err);
    r->value_at = (size_t)json_stream_offset(r->stream);
    r->unknown = arena_copy(r->arena, name);
    return true;
}

static bool take_name(struct line_reader *r, struct bytes name, struct error *err)
{
    if (r->unknown.data)
        return true;
    if (r->op == N_OPS) {
        r->member = N_MEMBERS;
        return bytes_equal(name, bytes_of("op")) ||
               error_set(err, ERR_FORMAT, "member 'op' does not come first");
    }
    r->member = record_find(members, N_MEMBERS, name);
    if (bytes_equal(name, bytes_of("op")))
        return twice(name, err);
    if (r->member == SIZE_MAX || !(ops[r->op].members >> r->member & 1))
        return begin_unknown(r, name, err);
    if (r->seen >> r->member & 1)
        return twice(name, err);
    r->seen |= (uint64_t)1 << r->member;
    return true;
}

/* After each value, and each part of one: the member is read when nothing of it is open. */
static bool end_unknown(struct line_reader *r, struct error *err)
{
    size_t end = (size_t)json_stream_offset(r->stream);
    struct buf json = {0};
    if (r->depth > 1)
        return true;
    while (r->line.data[r->value_at] == ':' || r->line.data[r->value_at] == ' ')
        r->value_at++;
    bool ok =
        json_canonical(bytes_make(r->line.data + r->value_at, end - r->value_at), &json, err) &&
        extra_check_depth(buf_bytes(&json), err);
    if (ok)
        extra_set(r->arena, &r->c->extras, r->unknown, buf_bytes(&json));
    r->unknown = bytes_make(NULL, 0);
    buf_release(&json);
    return ok;
}

static bool set_op(struct line_reader *r, const struct json_event *v, struct error *err)
{
    struct bytes name = v->type == JSON_STRING ? v->text : bytes_make(NULL, 0);
    for (r->op = 0; r->op < N_OPS; r->op++)
        if (bytes_equal(bytes_of(ops[r->op].name), name))
            return true;
    return error_set(err, ERR_FORMAT, "unknown operation '%.*s'", BYTES_FMT(name));
}

static bool take_value(struct line_reader *r, const struct json_event *v, struct error *err)
{
    if (r->depth == 0)
        return error_set(err, ERR_FORMAT, "it must be an object");
    if (r->unknown.data)
        return end_unknown(r, err);
    if (r->member == N_MEMBERS)
        return set_op(r, v, err);
    return record_set(&members[r->member], r->c, v, r->arena, err);
}

static bool on_event(void *ctx, const struct json_event *e, struct error *err)
{
    struct line_reader *r = ctx;
    switch (e->type) {
    case JSON_KEY:
        return take_name(r, e->text, err);
    case JSON_BEGIN_OBJECT:
        return r->depth++ == 0 || r->unknown.data ||
               error_set(err, ERR_FORMAT, "unexpected object");
    case JSON_BEGIN_ARRAY:
        r->depth++;
        return r->unknown.data || error_set(err, ERR_FORMAT, "unexpected array");
    case JSON_END_OBJECT:
    case JSON_END_ARRAY:
        r->depth--;
        return !r->unknown.data || end_unknown(r, err);
    default:
        return take_value(r, e, err);
    }
}

/* What must be there where it may: a binding can do without an id, an entry cannot, unless its
 * title stands for it. */
static bool is_required(size_t op, size_t member)
{
    bool titled = (ops[op].members & BIT(TITLED)) != 0;
    return members[member].need == RECORD_REQUIRED ||
           (member == M_ID && op != OP_BINDING && !titled);
}

static bool check_members(const struct line_reader *r, struct error *err)
{
    if (r->op == N_OPS)
        return error_set(err, ERR_FORMAT, "member 'op' is missing");
    for (size_t i = 0; i < N_MEMBERS; i++)
        if (ops[r->op].members >> i & 1 && !(r->seen >> i & 1) && is_required(r->op, i))
            return error_set(err, ERR_FORMAT, "member '%s' is missing", members[i].name);
    return true;
}

/* What is printed as it is must be in the one form, and readable inside a document. */
static bool check_json(struct bytes json, struct error *err)
{
    struct buf canonical = {0};
    bool ok = json_canonical(json, &canonical, err) && extra_check_depth(json, err);
    if (ok && !bytes_equal(buf_bytes(&canonical), json))
        ok = error_set(err, ERR_FORMAT, "'json' is not in canonical form");
    buf_release(&canonical);
    return ok;
}

/* Texts that the image holds as C strings, or by which it finds things. */
static bool check_names(const struct change *c, struct error *err)
{
    bool output = c->op == OP_OUTPUT || c->op == OP_REMOVE_OUTPUT;
    if (output && c->name.len > 0 && memchr(c->name.data, '\0', c->name.len))
        return error_set(err, ERR_FORMAT, "the name of an output has a NUL in it");
    if (c->op == OP_NAMESPACE && c->ns.id.len == 0)
        return error_set(err, ERR_FORMAT, "'id' is empty");
    if (c->op == OP_SET_ID && c->to.len == 0)
        return error_set(err, ERR_FORMAT, "'to' is empty");
    if (ops[c->op].members & BIT(TITLED) && !c->ns.id.data == !c->ns.title.data)
        return error_set(err, ERR_FORMAT, "it is of an 'id', or 'titled'");
    return (c->op != OP_OUTPUT && c->op != OP_SETTINGS) || check_json(c->json, err);
}

bool change_parse(struct bytes line, struct change *c, struct arena *arena, struct error *err)
{
    struct line_reader r = {.line = line, .c = c, .arena = arena, .op = N_OPS};
    *c = (struct change){0};
    r.stream = json_stream_new(on_event, &r);
    bool ok = json_stream_feed(r.stream, line, err) && json_stream_end(r.stream, err) &&
              check_members(&r, err);
    json_stream_free(r.stream);
    if (!ok)
        return false;
    c->op = (enum op)r.op;
    return check_names(c, err);
}
