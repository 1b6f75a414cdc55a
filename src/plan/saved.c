/*
 * saved.c: saved plans. A saved plan promises that exactly these actions happen or none: so it
 * holds the actions and digests of everything they were derived from, and never a value.
 */
#include <inttypes.h>

#include "base/file.h"
#include "observe.h"
#include "render.h"

#define SAVED_VERSION  1
#define SAVED_SIZE_MAX ((size_t)256 * 1024 * 1024)

/* ---- Digests -----------------------------------------------------------------------------------
 */

static struct digest digest_configuration(const struct model *m)
{
    struct hash h;
    hash_init(&h);
    for (size_t i = 0; i < m->n_files; i++) {
        hash_add_field(&h, bytes_of(m->files[i].path));
        hash_add(&h, bytes_make((const char *)m->files[i].digest.bytes, HASH_SIZE));
    }
    return hash_end(&h);
}

static struct digest digest_inputs(const struct model *m)
{
    struct hash h;
    hash_init(&h);
    for (size_t i = 0; i < m->n_inputs; i++) {
        const struct input_decl *in = &m->inputs[i];
        hash_add_u64(&h, (uint64_t)in->kind);
        hash_add_field(&h, bytes_of(in->name));
        hash_add_u64(&h, in->value.data != NULL);
        hash_add_field(&h, in->value);
    }
    return hash_end(&h);
}

/* Salted like the records of keys: values that only an input or a store holds must not be guessable
 * from a plan file that lies about. */
static struct digest digest_salted(const struct target *t, struct digest d)
{
    return hash_hmac_sha256(bytes_make((const char *)t->state.salt, sizeof t->state.salt),
                            bytes_make((const char *)d.bytes, HASH_SIZE));
}

static bool digest_state(const struct target *t, struct digest *d, struct error *err)
{
    struct buf b = {0};
    bool ok = state_print(&t->state, &b, err);
    if (ok)
        *d = hash_sha256(buf_bytes(&b));
    buf_release(&b);
    return ok;
}

static void hash_key(struct hash *h, const struct observed_key *key)
{
    hash_add_field(h, key->key);
    hash_add_field(h, key->metadata);
    hash_add_u64(h, (uint64_t)key->expiration);
    hash_add_u64(h, key->has_value);
    if (key->has_value)
        hash_add(h, bytes_make((const char *)key->value.bytes, HASH_SIZE));
}

static struct digest digest_observed(const struct observed *o)
{
    struct hash h;
    hash_init(&h);
    for (size_t i = 0; i < o->n; i++) {
        const struct observed_namespace *ns = &o->namespaces[i];
        hash_add_field(&h, ns->account);
        hash_add_field(&h, ns->id);
        hash_add_field(&h, ns->title);
        hash_add_u64(&h, ns->n_keys);
        for (size_t k = 0; k < ns->n_keys; k++)
            hash_key(&h, &ns->keys[k]);
    }
    return hash_end(&h);
}

/* ---- Writing -----------------------------------------------------------------------------------
 */

static void write_digest(struct json_writer *w, const char *name, const struct digest *d)
{
    char hex[HASH_HEX_SIZE];
    digest_hex(d, hex);
    json_key(w, name);
    json_str(w, hex);
}

static bool write_digests(const struct plan *p, const struct model *m, const struct target *t,
                          struct json_writer *w, struct error *err)
{
    struct digest configuration = digest_configuration(m);
    struct digest inputs = digest_salted(t, digest_inputs(m));
    struct digest observed = digest_salted(t, digest_observed(p->observed));
    struct digest state;
    if (!digest_state(t, &state, err))
        return false;
    json_key(w, "digests");
    json_begin_object(w);
    write_digest(w, "configuration", &configuration);
    write_digest(w, "inputs", &inputs);
    write_digest(w, "observed", &observed);
    /* A fresh state has a new salt at each opening, so only its being fresh can be compared. */
    json_key(w, "state");
    if (t->state.fresh)
        json_str(w, "fresh");
    else {
        char hex[HASH_HEX_SIZE];
        digest_hex(&state, hex);
        json_str(w, hex);
    }
    json_end_object(w);
    return true;
}

static void write_files(struct json_writer *w, const char *name, const struct input_file *files,
                        size_t n)
{
    json_key(w, name);
    json_begin_array(w);
    for (size_t i = 0; i < n; i++) {
        json_begin_object(w);
        json_key(w, "path");
        json_str(w, files[i].path);
        write_digest(w, "sha256", &files[i].digest);
        json_key(w, "size");
        json_int(w, (int64_t)files[i].size);
        json_end_object(w);
    }
    json_end_array(w);
}

static void write_list(struct json_writer *w, const char *name, const char *const *items, size_t n)
{
    json_key(w, name);
    json_begin_array(w);
    for (size_t i = 0; i < n; i++)
        json_str(w, items[i]);
    json_end_array(w);
}

static void write_options(struct json_writer *w, const struct plan_options *o)
{
    json_key(w, "options");
    json_begin_object(w);
    json_key(w, "destroy");
    json_bool(w, o->destroy);
    write_list(w, "env", o->envs, o->n_envs);
    json_key(w, "no_adopt");
    json_bool(w, o->no_adopt);
    write_list(w, "only", o->only, o->n_only);
    json_key(w, "refresh");
    json_int(w, (int64_t)o->refresh);
    json_end_object(w);
}

static bool saved_print(const struct plan *p, const struct model *m, const struct target *t,
                        struct buf *out, struct error *err)
{
    struct json_writer w = json_writer_to(out, 2);
    json_begin_object(&w);
    json_key(&w, "actions");
    json_begin_array(&w);
    for (size_t i = 0; i < p->n; i++)
        action_write_json(&p->actions[i], false, &w);
    json_end_array(&w);
    if (!write_digests(p, m, t, &w, err))
        return false;
    write_files(&w, "files", m->files, m->n_files);
    json_key(&w, "format_version");
    json_int(&w, SAVED_VERSION);
    write_options(&w, &p->options);
    write_files(&w, "sources", p->sources, p->n_sources);
    json_key(&w, "target");
    json_str(&w, p->target);
    json_end_object(&w);
    buf_add_char(out, '\n');
    return buf_ok(out, err);
}

bool plan_save(const struct plan *p, const struct model *m, const struct target *t,
               const char *path, struct error *err)
{
    struct buf out = {0};
    bool ok = saved_print(p, m, t, &out, err) && file_replace(path, buf_bytes(&out), 0600, err);
    buf_release(&out);
    return ok;
}

/* ---- Reading -----------------------------------------------------------------------------------
 */

static bool no_saved_plan(const char *path, struct error *err)
{
    error_set(err, ERR_FORMAT, "'%s' is not a saved plan of this version of cfkv", path);
    return error_hint(err, "make it with cfkv plan --out %s", path);
}

static struct json *saved_read(const char *path, struct error *err)
{
    struct buf text = {0};
    struct json *doc = NULL;
    int64_t version = 0;
    if (file_read(path, SAVED_SIZE_MAX, &text, err)) {
        doc = json_doc_parse(buf_bytes(&text), err);
        if (!doc)
            error_wrap(err, "'%s' is not a saved plan", path);
    }
    buf_release(&text);
    if (doc && (!json_as_int(json_member(doc, "format_version"), &version) ||
                version != SAVED_VERSION || !json_is_object(json_member(doc, "digests")) ||
                !json_is_object(json_member(doc, "options")))) {
        json_doc_free(doc);
        no_saved_plan(path, err);
        return NULL;
    }
    return doc;
}

static bool read_list(const struct json *array, struct arena *arena, const char *const **items,
                      size_t *n, struct error *err)
{
    size_t count = json_count(array);
    const char **list = arena_alloc(arena, count, sizeof *list);
    size_t i = 0;
    if (!list)
        return error_nomem(err);
    for (const struct json *v = json_first(array); v; v = json_next(v)) {
        const char *text;
        if (!json_as_str(v, &text))
            return error_set(err, ERR_FORMAT, "a filter is not a string");
        list[i] = arena_str(arena, text);
        if (!list[i++])
            return error_nomem(err);
    }
    *items = list;
    *n = count;
    return true;
}

bool plan_saved_options(const char *path, struct arena *arena, struct plan_options *options,
                        struct error *err)
{
    struct json *doc = saved_read(path, err);
    if (!doc)
        return false;
    const struct json *o = json_member(doc, "options");
    int64_t refresh = -1;
    bool ok = read_list(json_member(o, "env"), arena, &options->envs, &options->n_envs, err) &&
              read_list(json_member(o, "only"), arena, &options->only, &options->n_only, err);
    if (ok && (!json_as_bool(json_member(o, "destroy"), &options->destroy) ||
               !json_as_bool(json_member(o, "no_adopt"), &options->no_adopt) ||
               !json_as_int(json_member(o, "refresh"), &refresh) || refresh < REFRESH_NONE ||
               refresh > REFRESH_VALUES))
        ok = no_saved_plan(path, err);
    if (ok)
        options->refresh = (enum refresh)refresh;
    json_doc_free(doc);
    return ok;
}

/* ---- Comparing ---------------------------------------------------------------------------------
 */

static bool same_member(const struct json *a, const struct json *b, const char *name)
{
    struct buf x = {0}, y = {0};
    bool same = json_print(json_member(a, name), &x) && json_print(json_member(b, name), &y) &&
                bytes_equal(buf_bytes(&x), buf_bytes(&y));
    buf_release(&x);
    buf_release(&y);
    return same;
}

static bool stale(struct error *err, const char *what)
{
    error_set(err, ERR_STALE, "the saved plan does not fit any more: %s changed since it was made",
              what);
    return error_hint(err, "plan again");
}

static bool compare_saved(const struct json *saved, const struct json *now, struct error *err)
{
    const struct json *was = json_member(saved, "digests"), *is = json_member(now, "digests");
    if (!same_member(saved, now, "target"))
        return stale(err, "the target");
    if (!same_member(was, is, "configuration") || !same_member(saved, now, "files"))
        return stale(err, "the configuration");
    if (!same_member(saved, now, "sources"))
        return stale(err, "a seed file");
    if (!same_member(was, is, "state"))
        return stale(err, "the state");
    const char *state;
    bool fresh = json_as_str(json_member(is, "state"), &state) && strcmp(state, "fresh") == 0;
    if (!fresh && !same_member(was, is, "inputs"))
        return stale(err, "an input (--var or environment)");
    if (!fresh && !same_member(was, is, "observed"))
        return stale(err, "what is live");
    if (!same_member(saved, now, "actions"))
        return stale(err, "what is live");
    return same_member(saved, now, "options") || stale(err, "the options");
}

bool plan_check_saved(const struct plan *p, const struct model *m, const struct target *t,
                      const char *path, struct error *err)
{
    struct buf text = {0};
    struct json *now = NULL;
    struct json *saved = saved_read(path, err);
    bool ok = saved && saved_print(p, m, t, &text, err) &&
              (now = json_doc_parse(buf_bytes(&text), err)) && compare_saved(saved, now, err);
    json_doc_free(now);
    json_doc_free(saved);
    buf_release(&text);
    return ok;
}
