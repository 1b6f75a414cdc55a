#define _GNU_SOURCE 1 /* memmem */
/*
 * saved.c: saved plans. A saved plan promises that exactly these actions happen or none: so it
 * holds the actions and digests of everything they were derived from, and never a value.
 */
#include <inttypes.h>

#include <string.h>

#include "base/file.h"
#include "model/validate.h"
#include "observe.h"
#include "render.h"
#include "saved.h"

#define SAVED_VERSION   2
#define SECRET_PART_MIN 6 /* bytes of a value that are no coincidence in a secret */
#define SAVED_SIZE_MAX  ((size_t)256 * 1024 * 1024)

/* ---- Digests --------------------------------------------------------------------------------- */

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

/* Whether a secret value of the configuration is this one, or has it in it. What is short may stand
 * anywhere by chance. */
static bool is_in_secret(const struct deferred *value, struct bytes text)
{
    for (size_t i = 0; value->secret && i < value->n; i++) {
        struct bytes part = value->parts[i].text;
        if (value->parts[i].kind == PART_TEXT && text.len > 0 &&
            (bytes_equal(part, text) ||
             (text.len >= SECRET_PART_MIN && memmem(part.data, part.len, text.data, text.len))))
            return true;
    }
    return false;
}

static bool is_secret_value(const struct model *m, struct bytes text)
{
    for (size_t n = 0; n < m->n_namespaces; n++) {
        const struct namespace_decl *ns = &m->namespaces[n];
        for (size_t i = 0; i < ns->n_puts; i++)
            if (is_in_secret(&ns->puts[i].seed.value, text))
                return true;
        for (size_t i = 0; i < ns->n_bulks; i++)
            for (size_t k = 0; k < ns->bulks[i].n; k++)
                if (is_in_secret(&ns->bulks[i].items[k].value, text))
                    return true;
    }
    return false;
}

/* true when a value of --var may stand in the file. */
static bool may_be_saved(const struct model *m, const struct given_var *var)
{
    struct bytes value = bytes_of(var->value);
    for (size_t i = 0; i < m->n_inputs; i++)
        if (m->inputs[i].secret && bytes_equal(m->inputs[i].value, value))
            return false;
    return !looks_secret(bytes_of(var->name), value) && !is_secret_value(m, value);
}

static struct digest digest_input(const struct input_decl *in, const struct keyed *k)
{
    struct hash h;
    hash_init(&h);
    hash_add_u64(&h, in->value.data != NULL);
    if (k->secrets || !in->secret)
        hash_add_field(&h, in->value);
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

static void write_digests(const struct plan *p, const struct target *t, const struct keyed *keyed,
                          struct json_writer *w)
{
    struct digest observed = digest_observed(p->observed, keyed);
    char state[HASH_HEX_SIZE];
    state_digest(t, state);
    json_field_object(w, "digests");
    write_digest(w, "observed", &observed);
    json_field_str(w, "state", state);
    json_end_object(w);
}

static void write_inputs(const struct model *m, const struct keyed *keyed, struct json_writer *w)
{
    json_field_array(w, "inputs");
    for (size_t i = 0; i < m->n_inputs; i++) {
        struct digest digest = digest_input(&m->inputs[i], keyed);
        json_begin_object(w);
        write_digest(w, "digest", &digest);
        json_field_str(w, "kind", m->inputs[i].kind == INPUT_VAR ? "var" : "env");
        json_field_str(w, "name", m->inputs[i].name);
        json_end_object(w);
    }
    json_end_array(w);
}

static void write_vars(const struct plan_options *o, const struct model *m, struct json_writer *w)
{
    json_field_array(w, "vars");
    for (size_t i = 0; i < o->n_vars; i++) {
        if (!may_be_saved(m, &o->vars[i]))
            continue;
        json_begin_object(w);
        json_field_str(w, "name", o->vars[i].name);
        json_field_str(w, "value", o->vars[i].value);
        json_end_object(w);
    }
    json_end_array(w);
}

/* What becomes of each, without its value. */
static void write_outputs(const struct plan *p, struct json_writer *w)
{
    json_field_array(w, "outputs");
    for (size_t i = 0; i < p->n_outputs; i++) {
        const struct plan_output *o = &p->outputs[i];
        json_begin_object(w);
        json_field_str(w, "action", o->removed ? "remove" : o->before.data ? "change" : "add");
        json_field_str(w, "name", o->name);
        json_end_object(w);
    }
    json_end_array(w);
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
    json_field_strings(w, "globs", p->globs, p->n);
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
    json_field_bool(w, "take_over", o->take_over);
    json_end_object(w);
}

void saved_print(const struct plan *p, const struct model *m, const struct target *t,
                 const char *nonce, struct buf *out)
{
    struct keyed keyed = keyed_for(t, bytes_of(nonce));
    struct json_writer w = json_writer_to(out, 2);
    json_begin_object(&w);
    json_field_array(&w, "actions");
    for (size_t i = 0; i < p->n; i++)
        action_write_json(p, &p->actions[i], false, &w);
    json_end_array(&w);
    write_digests(p, t, &keyed, &w);
    write_files(&w, "files", m->files, m->n_files);
    json_field_int(&w, "format_version", SAVED_VERSION);
    write_inputs(m, &keyed, &w);
    json_field_str(&w, "nonce", nonce);
    write_options(&w, &p->options);
    write_outputs(p, &w);
    write_files(&w, "sources", p->sources, p->n_sources);
    json_field_str(&w, "target", p->target->name);
    write_vars(&p->options, m, &w);
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

bool saved_refuse(const char *path, struct error *err)
{
    error_set(err, ERR_FORMAT, "'%s' is not a saved plan of this version of cfkv", path);
    return error_hint(err, "make it with cfkv plan --out %s", path);
}

static bool check_version(const struct json *doc, const char *path, struct error *err)
{
    int64_t version = 0;
    if (!json_as_int(json_member(doc, "format_version"), &version) ||
        !json_is_object(json_member(doc, "digests")) ||
        !json_is_object(json_member(doc, "options")))
        return saved_refuse(path, err);
    if (version == SAVED_VERSION)
        return true;
    error_set(err, ERR_FORMAT, "'%s' was saved by %s version of cfkv (format %lld, here it is %d)",
              path, version < SAVED_VERSION ? "an older" : "a newer", (long long)version,
              SAVED_VERSION);
    return error_hint(err, "make it anew with cfkv plan --out %s", path);
}

struct json *saved_read(const char *path, struct error *err)
{
    struct buf text = {0};
    struct json *doc = NULL;
    if (file_read(path, SAVED_SIZE_MAX, &text, err)) {
        doc = json_doc_parse(buf_bytes(&text), err);
        if (!doc)
            error_wrap(err, "'%s' is not a saved plan", path);
    }
    if (!doc && !*err->hint)
        error_hint(err, "cfkv plan --out %s makes one", path);
    buf_release(&text);
    if (doc && !check_version(doc, path, err)) {
        json_doc_free(doc);
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
               !json_as_bool(json_member(o, "take_over"), &options->take_over) ||
               !json_as_int(json_member(o, "refresh"), &refresh) || refresh < REFRESH_NONE ||
               refresh > REFRESH_VALUES))
        ok = saved_refuse(path, err);
    if (ok)
        options->refresh = (enum refresh)refresh;
    json_doc_free(doc);
    return ok;
}

bool plan_saved_vars(const char *path, struct arena *arena, const struct given_var **vars,
                     size_t *n, struct error *err)
{
    struct json *doc = saved_read(path, err);
    if (!doc)
        return false;
    const struct json *array = json_member(doc, "vars");
    struct given_var *list = arena_alloc(arena, json_count(array) + 1, sizeof *list);
    bool ok = true;
    *vars = list;
    *n = 0;
    for (const struct json *v = json_first(array); ok && v; v = json_next(v)) {
        const char *name, *value;
        ok = (json_as_str(json_member(v, "name"), &name) &&
              json_as_str(json_member(v, "value"), &value)) ||
             saved_refuse(path, err);
        if (ok)
            list[(*n)++] = (struct given_var){arena_str(arena, name), arena_str(arena, value)};
    }
    json_doc_free(doc);
    return ok;
}
