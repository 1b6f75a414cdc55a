#include "state.h"

#include "base/mem.h"
#include "base/text.h"
#include "change.h"
#include "document.h"
#include "extra.h"
#include "image.h"
#include "refs.h"
#include "settings.h"

/* ---- Opening --------------------------------------------------------------------------------- */

static bool replay_line(struct state *s, struct bytes line, struct error *err)
{
    struct arena scratch = {0};
    struct change c;
    bool ok = change_parse(line, &c, &scratch, err) && change_do(s, &c, err);
    arena_release(&scratch);
    return ok;
}

/* Does the whole lines of a journal; a last one without its newline was never committed. */
static bool replay(struct state *s, struct bytes journal, struct error *err)
{
    const char *newline;
    for (size_t number = 1; journal.len > 0; number++) {
        newline = memchr(journal.data, '\n', journal.len);
        if (!newline)
            break;
        struct bytes line = bytes_make(journal.data, (size_t)(newline - journal.data));
        if (!replay_line(s, line, err))
            return document_broken(s, "journal of state", number, err);
        journal = bytes_make(newline + 1, journal.len - line.len - 1);
    }
    return true;
}

static bool check_project(const struct state *s, struct bytes project, struct error *err)
{
    if (project.len == 0 || !s->project.data || bytes_equal(project, s->project))
        return true;
    error_set(err, ERR_FAILED, "state '%s' belongs to project '%.*s', not '%.*s'", s->backend.name,
              BYTES_FMT(s->project), BYTES_FMT(project));
    return error_hint(err, "name another state with --state, or give the project its old name");
}

/* The document may be large, and all of it is in the image: to know it again its digest is enough.
 */
static bool load_document(struct state *s, struct buf *journal, struct error *err)
{
    struct buf document = {0};
    bool ok = s->backend.load(s->backend.ctx, &document, journal, err) &&
              (document.len == 0 || document_read(s, buf_bytes(&document), err));
    s->loaded_size = document.len;
    s->loaded_digest = hash_sha256(buf_bytes(&document));
    buf_release(&document);
    return ok;
}

static bool load(struct state *s, struct bytes project, struct error *err)
{
    struct buf journal = {0};
    bool ok = load_document(s, &journal, err) && replay(s, buf_bytes(&journal), err) &&
              check_project(s, project, err);
    s->journaled = journal.len > 0;
    s->fresh =
        s->loaded_size == 0 && (journal.len == 0 || !memchr(journal.data, '\n', journal.len));
    buf_release(&journal);
    return ok;
}

static bool make_salt(struct state *s, struct error *err)
{
    return s->salted || hash_random(s->salt, sizeof s->salt) ||
           error_set(err, ERR_IO, "the kernel gives no random bytes");
}

bool state_open(struct state *s, struct state_backend backend, struct bytes project,
                struct error *err)
{
    *s = (struct state){.backend = backend};
    if (load(s, project, err) && make_salt(s, err))
        return true;
    state_close(s);
    return false;
}

void state_close(struct state *s)
{
    image_release(s);
    arena_release(&s->arena);
    buf_release(&s->queue);
    if (s->backend.close)
        s->backend.close(s->backend.ctx);
    *s = (struct state){0};
}

/* ---- Answers --------------------------------------------------------------------------------- */

enum on_remove state_on_remove(const struct state_namespace *ns)
{
    if (ns->on_remove != ON_REMOVE_DEFAULT)
        return ns->on_remove;
    return ns->origin == STATE_CREATED ? ON_REMOVE_DELETE : ON_REMOVE_KEEP;
}

/* `key` with data NULL: as version 1 had it. */
static struct digest make_hmac(const struct state *s, struct bytes key, const struct digest *value,
                               struct bytes metadata, int64_t expiration_ttl)
{
    struct hash h;
    hash_init(&h);
    if (key.data)
        hash_add_field(&h, key);
    hash_add(&h, bytes_make((const char *)value->bytes, sizeof value->bytes));
    hash_add_u64(&h, metadata.data != NULL);
    hash_add_field(&h, metadata);
    hash_add_u64(&h, (uint64_t)expiration_ttl);
    struct digest d = hash_end(&h);
    return hash_hmac_sha256(bytes_make((const char *)s->salt, sizeof s->salt),
                            bytes_make((const char *)d.bytes, sizeof d.bytes));
}

struct digest state_hmac(const struct state *s, struct bytes key, const struct digest *value,
                         struct bytes metadata, int64_t expiration_ttl)
{
    return make_hmac(s, key.data ? key : bytes_of(""), value, metadata, expiration_ttl);
}

bool state_key_holds(const struct state *s, const struct state_key *record,
                     const struct digest *value, struct bytes metadata, int64_t expiration_ttl)
{
    struct bytes key = record->hmac.plain ? bytes_make(NULL, 0) : record->key;
    struct digest now = make_hmac(s, key, value, metadata, expiration_ttl);
    return digest_equal(&now, &record->hmac.digest);
}

/* ---- Changing -------------------------------------------------------------------------------- */

/* The salt goes before the first line: without it no digest in the journal means anything. */
static void queue_lines(struct state *s, const struct change *c)
{
    struct change salt = {.op = OP_SALT};
    memcpy(salt.salt, s->salt, sizeof salt.salt);
    if (!s->salted)
        change_print(&salt, &s->queue);
    change_print(c, &s->queue);
}

/* Queues a change and does it, or neither. */
static bool change(struct state *s, const struct change *c, struct error *err)
{
    if (!change_check(c, err) || !change_do(s, c, err))
        return false;
    queue_lines(s, c);
    s->salted = true;
    return true;
}

bool state_set_project(struct state *s, struct bytes project, struct error *err)
{
    if (bytes_equal(s->project, project))
        return true;
    return change(s, &(struct change){.op = OP_PROJECT, .name = project}, err);
}

bool state_set_creating(struct state *s, struct bytes account, struct bytes title,
                        struct error *err)
{
    struct change c = {
        .op = OP_CREATING, .account = image_account_id(account), .ns = {.title = title}};
    return state_is_creating(s, account, title) || change(s, &c, err);
}

bool state_end_creating(struct state *s, struct bytes account, struct bytes title,
                        struct error *err)
{
    struct change c = {
        .op = OP_END_CREATING, .account = image_account_id(account), .ns = {.title = title}};
    return !state_is_creating(s, account, title) || change(s, &c, err);
}

/* true when recording `b` over `a` changes nothing. */
static bool same_record(const struct state_namespace *a, const struct state_namespace *b)
{
    return bytes_equal(a->id, b->id) && bytes_equal(a->title, b->title) && a->origin == b->origin &&
           a->on_remove == b->on_remove && a->protect == b->protect && a->borrowed == b->borrowed &&
           bytes_same(a->prunes, b->prunes) && state_same_recorded(a, b) &&
           (!b->created.data || bytes_same(a->created, b->created));
}

bool state_set_namespace(struct state *s, struct bytes account, const struct state_namespace *ns,
                         struct error *err)
{
    struct change c = {.op = OP_NAMESPACE, .account = image_account_id(account), .ns = *ns};
    const struct state_namespace *old = state_find(s, account, ns->address);
    if (ns->id.len == 0)
        return error_set(err, ERR_INVALID, "cannot record namespace '%.*s' without an id",
                         BYTES_FMT(ns->address));
    if (old && same_record(old, ns) && !state_is_creating(s, account, ns->title))
        return true;
    return change(s, &c, err);
}

/* A change of the entry at an address; false with ERR_NOT_FOUND when there is none. */
static bool entry_change(struct state *s, enum op op, struct bytes account, struct bytes address,
                         struct change *c, struct error *err)
{
    const struct state_namespace *ns = state_find(s, account, address);
    *c = (struct change){.op = op, .account = image_account_id(account)};
    if (!ns)
        return error_set(err, ERR_NOT_FOUND, "the state has no namespace '%.*s'",
                         BYTES_FMT(address));
    c->ns.id = ns->id;
    c->ns.address = ns->address;
    return true;
}

bool state_remove_namespace(struct state *s, struct bytes account, struct bytes address,
                            struct error *err)
{
    struct change c;
    if (!state_find(s, account, address))
        return true;
    return entry_change(s, OP_REMOVE_NAMESPACE, account, address, &c, err) && change(s, &c, err);
}

bool state_move(struct state *s, struct bytes account, struct bytes from, struct bytes to,
                struct error *err)
{
    struct change c;
    if (!entry_change(s, OP_MOVE, account, from, &c, err))
        return false;
    if (state_find(s, account, to))
        return error_set(err, ERR_EXISTS, "the state has a namespace '%.*s' already",
                         BYTES_FMT(to));
    c.to = to;
    return change(s, &c, err);
}

bool state_set_id(struct state *s, struct bytes account, struct bytes from, struct bytes to,
                  struct error *err)
{
    struct change c = {
        .op = OP_SET_ID, .account = image_account_id(account), .ns = {.id = from}, .to = to};
    if (!state_find_id(s, account, from))
        return error_set(err, ERR_NOT_FOUND, "the state has no namespace with id '%.*s'",
                         BYTES_FMT(from));
    if (to.len == 0)
        return error_set(err, ERR_INVALID, "cannot record a namespace without an id");
    if (bytes_equal(from, to))
        return true;
    if (state_find_id(s, account, to))
        return error_set(err, ERR_EXISTS, "the state has a namespace with id '%.*s' already",
                         BYTES_FMT(to));
    return change(s, &c, err);
}

bool state_set_key(struct state *s, struct bytes account, struct bytes address,
                   const struct state_key *key, struct error *err)
{
    struct change c;
    if (!entry_change(s, OP_KEY, account, address, &c, err))
        return false;
    const struct state_namespace *ns = state_find(s, account, address);
    const struct state_key *old = state_find_key(ns, key->key);
    if (old && !state_find_writing(&ns->writing, key->key) &&
        digest_equal(&old->hmac.digest, &key->hmac.digest) && old->hmac.plain == key->hmac.plain &&
        old->expiration_ttl == key->expiration_ttl && old->expiration == key->expiration &&
        old->origin == key->origin && old->secret == key->secret)
        return true;
    c.name = key->key;
    c.hmac = key->hmac;
    c.ttl = key->expiration_ttl;
    c.expiration = key->expiration;
    c.whose = key->origin;
    c.secret = key->secret;
    return change(s, &c, err);
}

bool state_remove_key(struct state *s, struct bytes account, struct bytes address, struct bytes key,
                      struct error *err)
{
    const struct state_namespace *ns = state_find(s, account, address);
    struct change c;
    if (!ns || !(state_find_key(ns, key) || state_find_writing(&ns->writing, key)))
        return true;
    if (!entry_change(s, OP_REMOVE_KEY, account, address, &c, err))
        return false;
    c.name = key;
    return change(s, &c, err);
}

/* A change of what is about to be put into an entry, or under a title. */
static struct change writing_change(enum op op, struct bytes account,
                                    const struct state_namespace *ns, struct bytes title,
                                    struct bytes key)
{
    struct change c = {.op = op, .account = image_account_id(account), .name = key};
    if (ns)
        c.ns.id = ns->id;
    else
        c.ns.title = title;
    return c;
}

bool state_set_writing(struct state *s, struct bytes account, const struct state_namespace *ns,
                       struct bytes title, const struct state_key *key, struct error *err)
{
    struct change c = writing_change(OP_WRITING, account, ns, title, key->key);
    c.hmac = key->hmac;
    c.ttl = key->expiration_ttl;
    c.expiration = key->expiration;
    c.secret = key->secret;
    return change(s, &c, err);
}

bool state_end_writing(struct state *s, struct bytes account, const struct state_namespace *ns,
                       struct bytes title, struct bytes key, bool wrote, struct error *err)
{
    struct change c = writing_change(wrote ? OP_WROTE : OP_NOT_WRITTEN, account, ns, title, key);
    char name[QUOTED_SIZE];
    if (wrote && !ns)
        return error_set(err, ERR_NOT_FOUND, "the state has no namespace titled %s",
                         text_quoted(title, name, sizeof name));
    if (wrote && !state_find_writing(&ns->writing, key))
        return error_set(err, ERR_NOT_FOUND, "no put of key %s was begun",
                         text_quoted(key, name, sizeof name));
    return !state_find_writing(state_writing(s, account, ns, title), key) || change(s, &c, err);
}

bool state_set_bulk(struct state *s, struct bytes account, struct bytes address,
                    const struct state_bulk *bulk, struct error *err)
{
    struct change c;
    if (!entry_change(s, OP_BULK, account, address, &c, err))
        return false;
    const struct state_bulk *old = state_find_bulk(state_find(s, account, address), bulk->source);
    if (old && digest_equal(&old->digest, &bulk->digest) && old->count == bulk->count)
        return true;
    c.name = bulk->source;
    c.digest = bulk->digest;
    c.count = bulk->count;
    return change(s, &c, err);
}

bool state_remove_bulk(struct state *s, struct bytes account, struct bytes address,
                       struct bytes source, struct error *err)
{
    const struct state_namespace *ns = state_find(s, account, address);
    struct change c;
    if (!ns || !state_find_bulk(ns, source))
        return true;
    if (!entry_change(s, OP_REMOVE_BULK, account, address, &c, err))
        return false;
    c.name = source;
    return change(s, &c, err);
}

/* The refs as a line has them: sorted, under the names of sections. */
static void print_refs(const struct state_ref *refs, size_t n, struct buf *out)
{
    struct state_ref *sorted = mem_zalloc(n, sizeof *sorted);
    struct json_writer w = json_writer_to(out, 0);
    for (size_t i = 0; i < n; i++)
        sorted[i] = (struct state_ref){image_account_id(refs[i].account), refs[i].address};
    refs_write(sorted, refs_sort(sorted, n), &w);
    mem_free(sorted);
}

static bool same_refs(const struct state_output *o, struct bytes refs)
{
    struct buf old = {0};
    struct json_writer w = json_writer_to(&old, 0);
    if (o->n_refs > 0)
        refs_write(o->refs, o->n_refs, &w);
    bool same = bytes_equal(buf_bytes(&old), refs);
    buf_release(&old);
    return same;
}

bool state_set_output(struct state *s, const char *name, struct bytes json,
                      const struct state_ref *refs, size_t n_refs, struct error *err)
{
    const struct state_output *old = state_find_output(s, bytes_of(name));
    struct change c = {.op = OP_OUTPUT, .name = bytes_of(name), .json = json};
    struct buf text = {0};
    if (!extra_check_depth(json, err))
        return false;
    if (n_refs > 0)
        print_refs(refs, n_refs, &text);
    c.refs = buf_bytes(&text);
    bool ok = (old && bytes_equal(old->json, json) && same_refs(old, c.refs)) || change(s, &c, err);
    buf_release(&text);
    return ok;
}

bool state_remove_output(struct state *s, const char *name, struct error *err)
{
    struct change c = {.op = OP_REMOVE_OUTPUT, .name = bytes_of(name)};
    return !state_find_output(s, bytes_of(name)) || change(s, &c, err);
}

bool state_set_settings(struct state *s, const struct state_settings *settings, struct error *err)
{
    struct buf json = {0};
    struct change c = {.op = OP_SETTINGS};
    bool ok = settings_print(settings, s->settings_json, &json, err);
    c.json = json.len > 0 ? buf_bytes(&json) : bytes_of("{}");
    if (ok && !bytes_equal(buf_bytes(&json), s->settings_json))
        ok = change(s, &c, err);
    buf_release(&json);
    return ok;
}

bool state_set_binding(struct state *s, const struct state_binding *b, struct error *err)
{
    const struct state_binding *old = state_find_binding(s, b->file, b->env, b->binding);
    struct change c = {.op = OP_BINDING,
                       .file = b->file,
                       .name = b->binding,
                       .ns = {.id = b->id, .env = b->env},
                       .preview_id = b->preview_id};
    if (old && bytes_same(old->id, b->id) && bytes_same(old->preview_id, b->preview_id))
        return true;
    return change(s, &c, err);
}

bool state_remove_binding(struct state *s, struct bytes file, struct bytes env,
                          struct bytes binding, struct error *err)
{
    struct change c = {.op = OP_REMOVE_BINDING, .file = file, .name = binding, .ns = {.env = env}};
    return !state_find_binding(s, file, env, binding) || change(s, &c, err);
}

/* ---- Keeping --------------------------------------------------------------------------------- */

/* An older cfkv would take lines of ours beside a document of its own for broken; it refuses a
 * document of ours by its version. The lines of a remote state are not beside it, but here. */
static bool is_outdated(const struct state *s)
{
    return s->loaded_size > 0 && s->version < STATE_VERSION;
}

static bool append_queue(struct state *s, struct error *err)
{
    if (s->queue.len == 0)
        return true;
    s->journaled = true; /* a part may be there even when this fails */
    if (!s->backend.append(s->backend.ctx, buf_bytes(&s->queue), err))
        return false;
    buf_clear(&s->queue);
    return true;
}

bool state_commit(struct state *s, struct error *err)
{
    if (s->queue.len == 0)
        return true;
    if (is_outdated(s) && !s->backend.begin)
        return state_save(s, err);
    return append_queue(s, err) && state_beat(s, err);
}

bool state_begin(struct state *s, struct error *err)
{
    struct buf document = {0};
    if (!s->backend.begin)
        return state_commit(s, err);
    if (!append_queue(s, err))
        return false;
    state_print(s, &document);
    bool ok = s->backend.begin(s->backend.ctx, buf_bytes(&document), err);
    buf_release(&document);
    return ok;
}

bool state_beat(struct state *s, struct error *err)
{
    return !s->backend.beat ||
           (append_queue(s, err) && s->backend.beat(s->backend.ctx, state_print, s, err));
}

bool state_save(struct state *s, struct error *err)
{
    struct buf document = {0};
    /* What a service does not take must be here. */
    if (s->backend.begin && !append_queue(s, err))
        return false;
    state_print(s, &document);
    struct digest digest = hash_sha256(buf_bytes(&document));
    bool same = document.len == s->loaded_size && digest_equal(&digest, &s->loaded_digest);
    if ((!same || s->journaled) && !s->backend.save(s->backend.ctx, buf_bytes(&document), err)) {
        buf_release(&document);
        return false;
    }
    s->upgraded = s->upgraded || is_outdated(s);
    s->version = STATE_VERSION;
    s->loaded_size = document.len;
    s->loaded_digest = digest;
    buf_release(&document);
    s->journaled = false;
    buf_clear(&s->queue);
    return true;
}
