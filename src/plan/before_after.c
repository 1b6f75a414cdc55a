#include "before_after.h"

#include "model/validate.h"

static struct bytes keep_json(struct planner *pl, struct buf *b)
{
    struct bytes json = arena_copy(&pl->p->arena, buf_bytes(b));
    buf_release(b);
    return json;
}

/* ---- Namespaces ------------------------------------------------------------------------------ */

struct bytes show_record(struct planner *pl, const struct state_namespace *ns)
{
    struct buf b = {0};
    struct json_writer w = json_writer_to(&b, 0);
    struct json_sort sort;
    json_begin_object(&w);
    json_sort_begin(&w, &sort);
    json_field_text(&w, "address", ns->address);
    json_field_str(&w, "on_remove", state_on_remove(ns) == ON_REMOVE_KEEP ? "keep" : "delete");
    json_field_bool(&w, "protect", ns->protect);
    json_field_text(&w, "title", ns->title);
    state_write_recorded(&w, ns);
    json_sort_end(&w, &sort);
    json_end_object(&w);
    return keep_json(pl, &b);
}

struct bytes show_member(struct planner *pl, const char *name, struct bytes text)
{
    struct buf b = {0};
    struct json_writer w = json_writer_to(&b, 0);
    json_begin_object(&w);
    json_field_text(&w, name, text);
    json_end_object(&w);
    return keep_json(pl, &b);
}

/* ---- Bindings -------------------------------------------------------------------------------- */

static void write_binding(struct json_writer *w, const struct binding_change *change,
                          struct bytes id, struct bytes preview_id)
{
    json_begin_object(w);
    json_field_text(w, "binding", change->name);
    json_field_text(w, "env", change->env);
    json_field_text(w, "id", id);
    if (preview_id.data)
        json_field_text(w, "preview_id", preview_id);
    json_end_object(w);
}

/* What a binding has before a change, or will have; false: it is not there then. */
static bool binding_side(const struct binding_change *change, const struct binding_ids *ids,
                         bool after, struct bytes *id, struct bytes *preview_id)
{
    if (after ? change->kind == BINDING_REMOVE : change->kind == BINDING_ADD)
        return false;
    *id = after && change->sets_id ? ids[change->ns].id : change->id;
    *preview_id = after && change->sets_preview ? ids[change->ns].preview_id : change->preview_id;
    if (after && change->drop_preview)
        *preview_id = bytes_make(NULL, 0);
    return true;
}

static struct bytes show_side(struct planner *pl, const struct config *config,
                              const struct binding_ids *ids, bool after)
{
    struct buf b = {0};
    struct json_writer w = json_writer_to(&b, 0);
    json_begin_object(&w);
    json_field_array(&w, "bindings");
    for (size_t i = 0; i < config->n_changes; i++) {
        const struct binding_change *change = &config->changes[i];
        struct bytes id, preview_id;
        if (change->kind <= BINDING_REMOVE && binding_side(change, ids, after, &id, &preview_id))
            write_binding(&w, change, id, preview_id);
    }
    json_end_array(&w);
    json_end_object(&w);
    return keep_json(pl, &b);
}

void show_bindings(struct planner *pl, const struct config *config, const struct binding_ids *ids,
                   struct action *a)
{
    if (config->exists)
        a->before = show_side(pl, config, ids, false);
    a->after = show_side(pl, config, ids, true);
}

/* ---- Keys ------------------------------------------------------------------------------------ */

static void write_word(struct json_writer *w, const char *word)
{
    json_begin_object(w);
    json_field_bool(w, word, true);
    json_end_object(w);
}

static void write_sha256(struct json_writer *w, const struct digest *digest)
{
    char hex[HASH_HEX_SIZE];
    digest_hex(digest, hex);
    json_field_str(w, "sha256", hex);
}

/* `digest` NULL: it is that of `value`. */
static void write_value(struct json_writer *w, struct bytes value, uint64_t size,
                        const struct digest *digest)
{
    if (value.data && size <= CONTENT_MAX) {
        json_value(w, value);
        return;
    }
    json_begin_object(w);
    struct digest own;
    if (!digest)
        own = hash_sha256(value);
    json_field_count(w, "bytes", size);
    write_sha256(w, digest ? digest : &own);
    json_end_object(w);
}

static void write_number(struct json_writer *w, const char *name, int64_t n)
{
    if (n == 0)
        return;
    json_field_int(w, name, n);
}

/* Without the fingerprint, which is none of the user's. */
static void write_metadata(struct json_writer *w, const struct observed_key *live)
{
    struct digest digest;
    if (!live->has_metadata)
        return;
    json_key(w, "metadata");
    if (observed_metadata_digest(live, &digest)) {
        json_begin_object(w);
        write_sha256(w, &digest);
        json_end_object(w);
    } else if (live->damaged)
        json_value(w, observed_metadata(live));
    else
        json_raw(w, observed_metadata(live));
}

static void write_desired(struct json_writer *w, const struct desired *d, bool secret)
{
    json_begin_object(w);
    write_number(w, "expiration", d->ttl ? 0 : d->seed->expiration);
    write_number(w, "expiration_ttl", d->ttl);
    if (d->seed->metadata.data) {
        json_key(w, "metadata");
        json_raw(w, d->seed->metadata);
    }
    json_key(w, "value");
    if (secret)
        write_word(w, "secret");
    else if (!d->known)
        write_word(w, "known_after_apply");
    else
        write_value(w, d->value, d->value.len, NULL);
    json_end_object(w);
}

struct bytes live_value(const struct observed_key *live, const struct desired *d)
{
    return live->value->kept.data   ? live->value->kept
           : live_value_is(live, d) ? d->value
                                    : bytes_make(NULL, 0);
}

bool live_value_is(const struct observed_key *live, const struct desired *d)
{
    const struct observed_value *value = live->value;
    struct digest digest;
    if (!d->known || value->size != d->value.len)
        return false;
    if (value->kept.data)
        return bytes_equal(value->kept, d->value);
    digest = hash_sha256(d->value);
    return digest_equal(&value->digest, &digest);
}

static void write_live(struct json_writer *w, const struct observed_key *live,
                       const struct desired *d, bool secret)
{
    const struct observed_value *value = live->value;
    json_begin_object(w);
    write_number(w, "expiration", live->expiration);
    write_metadata(w, live);
    if (value) {
        json_key(w, "value");
        if (secret)
            write_word(w, "secret");
        else
            write_value(w, live_value(live, d), value->size, &value->digest);
    }
    json_end_object(w);
}

/* Without its value, for what was secret once is not marked any more. */
static void write_leaving(struct json_writer *w, const struct observed_key *live)
{
    json_begin_object(w);
    if (live->value)
        json_field_count(w, "bytes", live->value->size);
    write_number(w, "expiration", live->expiration);
    write_metadata(w, live);
    json_end_object(w);
}

struct bytes show_desired(struct planner *pl, const struct desired *d)
{
    struct buf b = {0};
    struct json_writer w = json_writer_to(&b, 0);
    write_desired(&w, d, d->seed->value.secret || looks_secret(d->seed->key, d->value));
    return keep_json(pl, &b);
}

struct bytes show_live(struct planner *pl, const struct observed_key *live, const struct desired *d,
                       bool secret)
{
    struct buf b = {0};
    struct json_writer w = json_writer_to(&b, 0);
    if (!live)
        return bytes_make(NULL, 0);
    write_live(&w, live, d,
               secret || (live->value && looks_secret(observed_name(live), live->value->kept)));
    return keep_json(pl, &b);
}

struct bytes show_leaving(struct planner *pl, const struct observed_key *live)
{
    struct buf b = {0};
    struct json_writer w = json_writer_to(&b, 0);
    write_leaving(&w, live);
    return keep_json(pl, &b);
}

/* ---- Actions --------------------------------------------------------------------------------- */

void action_desired(const struct plan *p, const struct action *a, struct desired *d)
{
    const struct namespace_decl *decl = &p->model->namespaces[a->ns];
    desired_read(decl, p->ids, &decl->puts[a->index].seed, d);
}

static bool is_put(const struct action *a)
{
    return a->kind == ACTION_KEY && a->verb == ACTION_PUT;
}

static void write_json(struct json_writer *w, struct bytes json)
{
    if (json.data)
        json_raw(w, json);
    else
        json_null(w);
}

void before_write(const struct plan *p, const struct action *a, struct json_writer *w)
{
    struct desired d = {0};
    if (!a->live) {
        write_json(w, a->before);
    } else if (!is_put(a)) {
        write_leaving(w, a->live);
    } else {
        action_desired(p, a, &d);
        write_live(w, a->live, &d, a->secret_before);
    }
    desired_release(&d);
}

void after_write(const struct plan *p, const struct action *a, struct json_writer *w)
{
    struct desired d = {0};
    if (is_put(a)) {
        action_desired(p, a, &d);
        write_desired(w, &d, a->secret_after);
    } else {
        write_json(w, a->after);
    }
    desired_release(&d);
}
