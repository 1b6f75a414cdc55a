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

/* ---- Digests --------------------------------------------------------------------------------- */

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

/*
 * Values that only an input or a store holds must not be guessable from a plan file that lies
 * about, so their digests are keyed with the state's salt. A fresh state has another salt at each
 * opening; then a nonce in the plan file has to do, and what is secret is left out.
 */
struct keyed {
    struct bytes salt, nonce;
    bool secrets; /* secret inputs and live values are covered */
};

static struct keyed keyed_for(const struct target *t, struct bytes nonce)
{
    bool fresh = t->state.fresh;
    struct bytes salt = bytes_make((const char *)t->state.salt, sizeof t->state.salt);
    return (struct keyed){
        .salt = fresh ? bytes_make(NULL, 0) : salt, .nonce = nonce, .secrets = !fresh};
}

static struct digest keyed_end(const struct keyed *k, struct hash *h)
{
    struct digest d = hash_end(h);
    struct hash key;
    hash_init(&key);
    hash_add_field(&key, k->salt);
    hash_add_field(&key, k->nonce);
    struct digest secret = hash_end(&key);
    return hash_hmac_sha256(bytes_make((const char *)secret.bytes, HASH_SIZE),
                            bytes_make((const char *)d.bytes, HASH_SIZE));
}

static struct digest digest_inputs(const struct model *m, const struct keyed *k)
{
    struct hash h;
    hash_init(&h);
    for (size_t i = 0; i < m->n_inputs; i++) {
        const struct input_decl *in = &m->inputs[i];
        hash_add_u64(&h, (uint64_t)in->kind);
        hash_add_field(&h, bytes_of(in->name));
        hash_add_u64(&h, in->value.data != NULL);
        if (k->secrets || !in->secret)
            hash_add_field(&h, in->value);
    }
    return keyed_end(k, &h);
}

static void hash_key(struct hash *h, const struct observed_key *key, bool secrets)
{
    hash_add_field(h, observed_name(key));
    hash_add_field(h, bytes_make(key->text + key->name_len, key->metadata_len));
    hash_add_u64(h, key->marked);
    hash_add_field(h, bytes_make((const char *)key->mark.bytes, sizeof key->mark.bytes));
    hash_add_u64(h, key->expiration);
    hash_add_u64(h, key->divergent);
    hash_add_u64(h, key->value != NULL);
    if (key->value && secrets)
        hash_add(h, bytes_make((const char *)key->value->digest.bytes, HASH_SIZE));
}

static struct digest digest_observed(const struct observed *o, const struct keyed *k)
{
    struct hash h;
    hash_init(&h);
    for (size_t i = 0; i < o->n; i++) {
        const struct observed_namespace *ns = &o->namespaces[i];
        hash_add_field(&h, ns->account);
        hash_add_field(&h, ns->id);
        hash_add_field(&h, ns->title);
        hash_add_u64(&h, ns->n_keys);
        for (size_t j = 0; j < ns->n_keys; j++)
            hash_key(&h, &ns->keys[j], k->secrets);
    }
    return keyed_end(k, &h);
}

/* A fresh state differs at each opening by its salt, so only its being fresh can be compared. */
static void state_digest(const struct target *t, char hex[HASH_HEX_SIZE])
{
    struct buf b = {0};
    if (!t->state.fresh)
        state_print(&t->state, &b);
    struct digest d = hash_sha256(buf_bytes(&b));
    digest_hex(&d, hex);
    if (t->state.fresh)
        memcpy(hex, "fresh", sizeof "fresh");
    buf_release(&b);
}

/* ---- Writing --------------------------------------------------------------------------------- */

static void write_digest(struct json_writer *w, const char *name, const struct digest *d)
{
    char hex[HASH_HEX_SIZE];
    digest_hex(d, hex);
    json_field_str(w, name, hex);
}

static void write_digests(const struct plan *p, const struct model *m, const struct target *t,
                          struct bytes nonce, struct json_writer *w)
{
    struct keyed keyed = keyed_for(t, nonce);
    struct digest configuration = digest_configuration(m);
    struct digest inputs = digest_inputs(m, &keyed);
    struct digest observed = digest_observed(p->observed, &keyed);
    char state[HASH_HEX_SIZE];
    state_digest(t, state);
    json_field_object(w, "digests");
    write_digest(w, "configuration", &configuration);
    write_digest(w, "inputs", &inputs);
    write_digest(w, "observed", &observed);
    json_field_str(w, "state", state);
    json_end_object(w);
}

static void write_files(struct json_writer *w, const char *name, const struct input_file *files,
                        size_t n)
{
    json_field_array(w, name);
    for (size_t i = 0; i < n; i++) {
        json_begin_object(w);
        json_field_str(w, "path", files[i].path);
        write_digest(w, "sha256", &files[i].digest);
        json_field_count(w, "size", files[i].size);
        json_end_object(w);
    }
    json_end_array(w);
}

static void write_list(struct json_writer *w, const char *name, const char *const *items, size_t n)
{
    json_field_array(w, name);
    for (size_t i = 0; i < n; i++)
        json_str(w, items[i]);
    json_end_array(w);
}

static void write_permit(struct json_writer *w, const char *name, const struct permit *p)
{
    json_field_object(w, name);
    json_field_bool(w, "bare", p->bare);
    json_field_array(w, "globs");
    for (size_t i = 0; i < p->n; i++)
        json_string(w, p->globs[i]);
    json_end_array(w);
    json_end_object(w);
}

static void write_options(struct json_writer *w, const struct plan_options *o)
{
    json_field_object(w, "options");
    write_permit(w, "allow_data_loss", &o->permits.data_loss);
    write_permit(w, "allow_mass_delete", &o->permits.mass_delete);
    json_field_bool(w, "destroy", o->destroy);
    write_list(w, "env", o->envs, o->n_envs);
    json_field_bool(w, "no_adopt", o->no_adopt);
    json_field_bool(w, "no_backup", o->no_backup);
    write_list(w, "only", o->only, o->n_only);
    json_field_count(w, "refresh", o->refresh);
    json_end_object(w);
}

static void saved_print(const struct plan *p, const struct model *m, const struct target *t,
                        const char *nonce, struct buf *out)
{
    struct json_writer w = json_writer_to(out, 2);
    json_begin_object(&w);
    json_field_array(&w, "actions");
    for (size_t i = 0; i < p->n; i++)
        action_write_json(p, &p->actions[i], false, &w);
    json_end_array(&w);
    write_digests(p, m, t, bytes_of(nonce), &w);
    write_files(&w, "files", m->files, m->n_files);
    json_field_int(&w, "format_version", SAVED_VERSION);
    json_field_str(&w, "nonce", nonce);
    write_options(&w, &p->options);
    write_files(&w, "sources", p->sources, p->n_sources);
    json_field_str(&w, "target", p->target->name);
    json_end_object(&w);
    buf_add_char(out, '\n');
}

bool plan_save(const struct plan *p, const struct model *m, const struct target *t,
               const char *path, struct error *err)
{
    struct buf out = {0}, nonce = {0};
    uint8_t random[16];
    if (!hash_random(random, sizeof random))
        return error_set(err, ERR_IO, "the kernel gives no random bytes");
    buf_add_hex(&nonce, random, sizeof random);
    saved_print(p, m, t, nonce.data, &out);
    bool ok = file_replace(path, buf_bytes(&out), 0600, err);
    buf_release(&nonce);
    buf_release(&out);
    return ok;
}

/* ---- Reading --------------------------------------------------------------------------------- */

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
    for (const struct json *v = json_first(array); v; v = json_next(v)) {
        const char *text;
        if (!json_as_str(v, &text))
            return error_set(err, ERR_FORMAT, "a filter is not a string");
        list[i++] = arena_str(arena, text);
    }
    *items = list;
    *n = count;
    return true;
}

static bool read_permit(const struct json *v, struct arena *arena, struct permit *p,
                        struct error *err)
{
    const char *const *globs;
    *p = (struct permit){0};
    if (!json_as_bool(json_member(v, "bare"), &p->bare))
        return error_set(err, ERR_FORMAT, "a permission is not as plan --out writes it");
    if (!read_list(json_member(v, "globs"), arena, &globs, &p->n, err))
        return false;
    p->globs = arena_alloc(arena, p->n, sizeof *p->globs);
    for (size_t i = 0; i < p->n; i++)
        p->globs[i] = bytes_of(globs[i]);
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
    bool ok =
        read_list(json_member(o, "env"), arena, &options->envs, &options->n_envs, err) &&
        read_list(json_member(o, "only"), arena, &options->only, &options->n_only, err) &&
        read_permit(json_member(o, "allow_data_loss"), arena, &options->permits.data_loss, err) &&
        read_permit(json_member(o, "allow_mass_delete"), arena, &options->permits.mass_delete, err);
    if (ok && (!json_as_bool(json_member(o, "destroy"), &options->destroy) ||
               !json_as_bool(json_member(o, "no_adopt"), &options->no_adopt) ||
               !json_as_bool(json_member(o, "no_backup"), &options->no_backup) ||
               !json_as_int(json_member(o, "refresh"), &refresh) || refresh < REFRESH_NONE ||
               refresh > REFRESH_VALUES))
        ok = no_saved_plan(path, err);
    if (ok)
        options->refresh = (enum refresh)refresh;
    json_doc_free(doc);
    return ok;
}

/* ---- Comparing ------------------------------------------------------------------------------- */

/* What a saved plan and one made now are compared by, in the order in which to name what moved. */
static const struct {
    const char *group; /* or NULL: at the top */
    const char *member;
    const char *what;
} compared[] = {
    {NULL, "target", "the target"},
    {"digests", "configuration", "the configuration"},
    {NULL, "files", "the configuration"},
    {"digests", "state", "the state"}, /* its salt is in the digests below */
    {"digests", "inputs", "an input (--var or environment)"},
    {NULL, "sources", "a seed file or a wrangler config"},
    {"digests", "observed", "what is live"},
    {NULL, "actions", "what is live"}, /* or the time: a key expired */
    {NULL, "options", "the options"},
};

static void print_member(const struct json *doc, size_t i, struct buf *out)
{
    if (compared[i].group)
        doc = json_member(doc, compared[i].group);
    const struct json *v = json_member(doc, compared[i].member);
    if (v)
        json_print(v, out);
}

static bool compare_member(const struct json *saved, const struct json *now, size_t i,
                           struct error *err)
{
    struct buf was = {0}, is = {0};
    print_member(saved, i, &was);
    print_member(now, i, &is);
    bool same = bytes_equal(buf_bytes(&was), buf_bytes(&is));
    buf_release(&was);
    buf_release(&is);
    if (same)
        return true;
    error_set(err, ERR_STALE, "the saved plan does not fit any more: %s changed since it was made",
              compared[i].what);
    return error_hint(err, "plan again");
}

static bool compare_saved(const struct json *saved, const struct json *now, struct error *err)
{
    for (size_t i = 0; i < sizeof compared / sizeof *compared; i++)
        if (!compare_member(saved, now, i, err))
            return false;
    return true;
}

bool plan_check_saved(const struct plan *p, const struct model *m, const struct target *t,
                      const char *path, struct error *err)
{
    struct buf text = {0};
    struct json *now = NULL;
    struct json *saved = saved_read(path, err);
    const char *nonce;
    bool ok = saved != NULL;
    if (ok && !json_as_str(json_member(saved, "nonce"), &nonce))
        ok = no_saved_plan(path, err);
    if (ok) {
        saved_print(p, m, t, nonce, &text);
        now = json_doc_parse(buf_bytes(&text), err);
        ok = now && compare_saved(saved, now, err);
    }
    json_doc_free(now);
    json_doc_free(saved);
    buf_release(&text);
    return ok;
}
