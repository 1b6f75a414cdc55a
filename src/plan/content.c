#include "content.h"

#include "model/validate.h"
#include "render.h"

static bool keep_json(struct planner *pl, struct buf *b, struct bytes *out, struct error *err)
{
    bool ok = buf_ok(b, err) && (arena_bytes(&pl->p->arena, buf_bytes(b), out) || error_nomem(err));
    buf_release(b);
    return ok;
}

/* ---- Namespaces ------------------------------------------------------------------------------ */

bool show_record(struct planner *pl, const struct state_namespace *ns, struct bytes *out,
                 struct error *err)
{
    struct buf b = {0};
    struct json_writer w = json_writer_to(&b, 0);
    json_begin_object(&w);
    write_optional(&w, "address", ns->address);
    write_optional(&w, "binding", ns->binding);
    write_optional(&w, "description", ns->description);
    write_optional(&w, "env", ns->env);
    json_key(&w, "on_remove");
    json_str(&w, state_on_remove(ns) == ON_REMOVE_KEEP ? "keep" : "delete");
    json_key(&w, "protect");
    json_bool(&w, ns->protect);
    write_optional(&w, "title", ns->title);
    json_key(&w, "ttl_seconds");
    json_int(&w, ns->ttl_seconds);
    json_end_object(&w);
    return keep_json(pl, &b, out, err);
}

bool show_title(struct planner *pl, struct bytes title, struct bytes *out, struct error *err)
{
    struct buf b = {0};
    struct json_writer w = json_writer_to(&b, 0);
    json_begin_object(&w);
    write_optional(&w, "title", title);
    json_end_object(&w);
    return keep_json(pl, &b, out, err);
}

/* ---- Keys ------------------------------------------------------------------------------------ */

static void write_word(struct json_writer *w, const char *word)
{
    json_begin_object(w);
    json_key(w, word);
    json_bool(w, true);
    json_end_object(w);
}

static void write_large(struct json_writer *w, uint64_t size, const struct digest *digest)
{
    char hex[HASH_HEX_SIZE];
    digest_hex(digest, hex);
    json_begin_object(w);
    json_key(w, "bytes");
    json_int(w, (int64_t)size);
    json_key(w, "sha256");
    json_str(w, hex);
    json_end_object(w);
}

static void write_number(struct json_writer *w, const char *name, int64_t n)
{
    if (n == 0)
        return;
    json_key(w, name);
    json_int(w, n);
}

static void write_metadata(struct json_writer *w, struct bytes metadata, bool damaged)
{
    if (!metadata.data)
        return;
    json_key(w, "metadata");
    if (damaged)
        json_value(w, metadata);
    else
        json_raw(w, metadata);
}

bool show_desired(struct planner *pl, const struct desired *d, struct bytes *out, struct error *err)
{
    struct buf b = {0};
    struct json_writer w = json_writer_to(&b, 0);
    json_begin_object(&w);
    write_number(&w, "expiration", d->ttl ? 0 : d->seed->expiration);
    write_number(&w, "expiration_ttl", d->ttl);
    write_metadata(&w, d->seed->metadata, false);
    json_key(&w, "value");
    if (d->seed->value.secret)
        write_word(&w, "secret");
    else if (!d->known)
        write_word(&w, "known_after_apply");
    else if (d->value.len <= OBSERVE_SHOW_MAX)
        json_value(&w, d->value);
    else
        write_large(&w, d->value.len, &d->digest);
    json_end_object(&w);
    return keep_json(pl, &b, out, err);
}

bool show_live(struct planner *pl, const struct observed_key *live, bool secret, struct bytes *out,
               struct error *err)
{
    struct buf b = {0};
    if (!live)
        return true;
    struct json_writer w = json_writer_to(&b, 0);
    json_begin_object(&w);
    write_number(&w, "expiration", live->expiration);
    write_metadata(&w, live->metadata, live->damaged);
    if (live->has_value) {
        json_key(&w, "value");
        if (secret || looks_secret(live->key, live->shown))
            write_word(&w, "secret");
        else if (live->size <= OBSERVE_SHOW_MAX)
            json_value(&w, live->shown);
        else
            write_large(&w, live->size, &live->value);
    }
    json_end_object(&w);
    return keep_json(pl, &b, out, err);
}

bool show_leaving(struct planner *pl, const struct observed_key *live, struct bytes *out,
                  struct error *err)
{
    struct buf b = {0};
    struct json_writer w = json_writer_to(&b, 0);
    json_begin_object(&w);
    if (live->has_value) {
        json_key(&w, "bytes");
        json_int(&w, (int64_t)live->size);
    }
    write_number(&w, "expiration", live->expiration);
    write_metadata(&w, live->metadata, live->damaged);
    json_end_object(&w);
    return keep_json(pl, &b, out, err);
}
