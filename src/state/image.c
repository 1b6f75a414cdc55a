#include "image.h"

#include "refs.h"

/* ---- Finding --------------------------------------------------------------------------------- */

struct bytes image_account_id(struct bytes account)
{
    return account.len > 0 ? account : bytes_of(STATE_LOCAL);
}

struct bytes state_store_account(struct bytes section)
{
    return bytes_equal(section, bytes_of(STATE_LOCAL)) ? bytes_make(NULL, 0) : section;
}

size_t state_count(const struct state_account *section)
{
    size_t n = 0;
    for (size_t i = 0; i < section->n; i++)
        n += !section->namespaces[i].removed;
    return n;
}

struct state_account *state_account(struct state *s, struct bytes account)
{
    struct bytes id = image_account_id(account);
    for (size_t i = 0; i < s->n_accounts; i++)
        if (bytes_equal(s->accounts[i].id, id))
            return &s->accounts[i];
    return NULL;
}

static struct state_namespace *entry_at(const struct state_account *a, size_t i)
{
    return i < a->n && !a->namespaces[i].removed ? &a->namespaces[i] : NULL;
}

struct state_namespace *image_find(const struct state_account *a, struct bytes address)
{
    struct state_namespace *ns = entry_at(a, map_get(&a->by_address, address));
    return ns && bytes_equal(ns->address, address) ? ns : NULL;
}

struct state_namespace *image_find_id(const struct state_account *a, struct bytes id)
{
    struct state_namespace *ns = entry_at(a, map_get(&a->by_id, id));
    return ns && bytes_equal(ns->id, id) ? ns : NULL;
}

struct state_namespace *state_find(struct state *s, struct bytes account, struct bytes address)
{
    struct state_account *a = state_account(s, account);
    return a ? image_find(a, address) : NULL;
}

struct state_namespace *state_find_id(struct state *s, struct bytes account, struct bytes id)
{
    struct state_account *a = state_account(s, account);
    return a ? image_find_id(a, id) : NULL;
}

struct state_namespace *state_find_title(struct state *s, struct bytes account, struct bytes title)
{
    struct state_account *a = state_account(s, account);
    for (size_t i = 0; a && i < a->n; i++)
        if (!a->namespaces[i].removed && bytes_equal(a->namespaces[i].title, title))
            return &a->namespaces[i];
    return NULL;
}

/* The index of a key's record, or MAP_NONE. */
static size_t key_at(const struct state_namespace *ns, struct bytes key)
{
    size_t i = map_get(&ns->key_index, key);
    return i < ns->n_keys && bytes_equal(ns->keys[i].key, key) ? i : MAP_NONE;
}

const struct state_key *state_find_key(const struct state_namespace *ns, struct bytes key)
{
    size_t i = key_at(ns, key);
    return i == MAP_NONE ? NULL : &ns->keys[i];
}

static size_t writing_at(const struct state_writing *w, struct bytes key)
{
    size_t i = map_get(&w->index, key);
    return i < w->n && bytes_equal(w->keys[i].key, key) ? i : MAP_NONE;
}

const struct state_key *state_find_writing(const struct state_writing *w, struct bytes key)
{
    size_t i = w ? writing_at(w, key) : MAP_NONE;
    return i == MAP_NONE ? NULL : &w->keys[i];
}

struct state_writing *image_find_titled(const struct state_account *a, struct bytes title)
{
    for (size_t i = 0; i < a->n_titled; i++)
        if (bytes_equal(a->titled[i].title, title))
            return &a->titled[i].writing;
    return NULL;
}

const struct state_writing *state_writing(struct state *s, struct bytes account,
                                          const struct state_namespace *ns, struct bytes title)
{
    const struct state_account *a = state_account(s, account);
    const struct state_writing *w = ns ? &ns->writing : a ? image_find_titled(a, title) : NULL;
    return w && w->n > 0 ? w : NULL;
}

const struct state_bulk *state_find_bulk(const struct state_namespace *ns, struct bytes source)
{
    for (size_t i = 0; i < ns->n_bulks; i++)
        if (bytes_equal(ns->bulks[i].source, source))
            return &ns->bulks[i];
    return NULL;
}

/* The index of a title among those being created, or SIZE_MAX. */
static size_t creating_at(const struct state_account *a, struct bytes title)
{
    for (size_t i = 0; i < a->n_creating; i++)
        if (bytes_equal(a->creating[i], title))
            return i;
    return SIZE_MAX;
}

bool state_is_creating(struct state *s, struct bytes account, struct bytes title)
{
    struct state_account *a = state_account(s, account);
    return a && creating_at(a, title) != SIZE_MAX;
}

/* Where the output of that name is, or belongs. */
static size_t output_at(const struct state *s, struct bytes name)
{
    size_t low = 0, high = s->n_outputs;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (bytes_compare(bytes_of(s->outputs[middle].name), name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool has_output(const struct state *s, size_t at, struct bytes name)
{
    return at < s->n_outputs && bytes_equal(bytes_of(s->outputs[at].name), name);
}

struct state_output *state_find_output(const struct state *s, struct bytes name)
{
    size_t at = output_at(s, name);
    return has_output(s, at, name) ? &s->outputs[at] : NULL;
}

static int compare_binding(const struct state_binding *b, struct bytes file, struct bytes env,
                           struct bytes binding)
{
    int order = bytes_compare(b->file, file);
    if (order == 0)
        order = bytes_compare(b->env, env);
    return order != 0 ? order : bytes_compare(b->binding, binding);
}

/* Where that binding is, or belongs. */
static size_t binding_at(const struct state *s, struct bytes file, struct bytes env,
                         struct bytes binding)
{
    size_t low = 0, high = s->n_bindings;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_binding(&s->bindings[middle], file, env, binding) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool has_binding(const struct state *s, size_t at, struct bytes file, struct bytes env,
                        struct bytes binding)
{
    return at < s->n_bindings && compare_binding(&s->bindings[at], file, env, binding) == 0;
}

const struct state_binding *state_find_binding(const struct state *s, struct bytes file,
                                               struct bytes env, struct bytes binding)
{
    size_t at = binding_at(s, file, env, binding);
    return has_binding(s, at, file, env, binding) ? &s->bindings[at] : NULL;
}

/* Nothing sorts before empty texts: what is found there is the first of the file. */
bool image_has_file(const struct state *s, struct bytes file)
{
    struct bytes first = bytes_of("");
    size_t at = binding_at(s, file, first, first);
    return at < s->n_bindings && bytes_equal(s->bindings[at].file, file);
}

bool image_has_env(const struct state *s, struct bytes file, struct bytes env)
{
    size_t at = binding_at(s, file, env, bytes_of(""));
    return at < s->n_bindings && bytes_equal(s->bindings[at].file, file) &&
           bytes_equal(s->bindings[at].env, env);
}

/* ---- Adding ---------------------------------------------------------------------------------- */

/* Room for one more. */
static void grow(struct state *s, void **items, size_t *cap, size_t n, size_t size)
{
    arena_grow(&s->arena, items, cap, n + 1, size);
}

struct state_account *image_account(struct state *s, struct bytes id)
{
    struct state_account *a = state_account(s, id);
    if (a)
        return a;
    grow(s, (void **)&s->accounts, &s->cap_accounts, s->n_accounts, sizeof *s->accounts);
    a = &s->accounts[s->n_accounts++];
    *a = (struct state_account){.id = arena_copy(&s->arena, image_account_id(id))};
    return a;
}

struct state_namespace *image_namespace(struct state *s, struct state_account *a,
                                        struct bytes address)
{
    struct state_namespace *ns = image_find(a, address);
    if (ns)
        return ns;
    grow(s, (void **)&a->namespaces, &a->cap, a->n, sizeof *a->namespaces);
    ns = &a->namespaces[a->n];
    *ns = (struct state_namespace){.address = arena_copy(&s->arena, address)};
    map_set(&a->by_address, ns->address, a->n++);
    return ns;
}

void image_set_id(struct state_account *a, struct state_namespace *ns, struct bytes id)
{
    map_set(&a->by_id, id, (size_t)(ns - a->namespaces));
    ns->id = id;
}

struct state_key *image_key(struct state *s, struct state_namespace *ns, struct bytes key)
{
    size_t at = key_at(ns, key);
    if (at != MAP_NONE)
        return &ns->keys[at];
    grow(s, (void **)&ns->keys, &ns->cap_keys, ns->n_keys, sizeof *ns->keys);
    struct state_key *added = &ns->keys[ns->n_keys];
    *added = (struct state_key){.key = arena_copy(&s->arena, key)};
    map_set(&ns->key_index, added->key, ns->n_keys++);
    return added;
}

struct state_writing *image_titled(struct state *s, struct state_account *a, struct bytes title)
{
    struct state_writing *found = image_find_titled(a, title);
    if (found)
        return found;
    grow(s, (void **)&a->titled, &a->cap_titled, a->n_titled, sizeof *a->titled);
    a->titled[a->n_titled] = (struct state_titled){.title = arena_copy(&s->arena, title)};
    return &a->titled[a->n_titled++].writing;
}

struct state_key *image_writing(struct state *s, struct state_writing *w, struct bytes key)
{
    size_t at = writing_at(w, key);
    if (at != MAP_NONE)
        return &w->keys[at];
    grow(s, (void **)&w->keys, &w->cap, w->n, sizeof *w->keys);
    w->keys[w->n] = (struct state_key){.key = arena_copy(&s->arena, key), .origin = KEY_WROTE};
    map_set(&w->index, w->keys[w->n].key, w->n);
    return &w->keys[w->n++];
}

struct state_bulk *image_bulk(struct state *s, struct state_namespace *ns, struct bytes source)
{
    const struct state_bulk *found = state_find_bulk(ns, source);
    if (found)
        return &ns->bulks[found - ns->bulks];
    grow(s, (void **)&ns->bulks, &ns->cap_bulks, ns->n_bulks, sizeof *ns->bulks);
    ns->bulks[ns->n_bulks] = (struct state_bulk){.source = arena_copy(&s->arena, source)};
    return &ns->bulks[ns->n_bulks++];
}

struct state_output *image_output(struct state *s, struct bytes name)
{
    size_t at = output_at(s, name);
    if (has_output(s, at, name))
        return &s->outputs[at];
    grow(s, (void **)&s->outputs, &s->cap_outputs, s->n_outputs, sizeof *s->outputs);
    struct state_output *out = &s->outputs[at];
    memmove(out + 1, out, (s->n_outputs++ - at) * sizeof *out);
    *out = (struct state_output){.name = arena_copy(&s->arena, name).data};
    return out;
}

struct state_binding *image_binding(struct state *s, struct bytes file, struct bytes env,
                                    struct bytes binding)
{
    size_t at = binding_at(s, file, env, binding);
    if (has_binding(s, at, file, env, binding))
        return &s->bindings[at];
    grow(s, (void **)&s->bindings, &s->cap_bindings, s->n_bindings, sizeof *s->bindings);
    struct state_binding *b = &s->bindings[at];
    memmove(b + 1, b, (s->n_bindings++ - at) * sizeof *b);
    *b = (struct state_binding){.file = arena_copy(&s->arena, file),
                                .env = arena_copy(&s->arena, env),
                                .binding = arena_copy(&s->arena, binding)};
    return b;
}

void image_creating(struct state *s, struct state_account *a, struct bytes title)
{
    if (creating_at(a, title) != SIZE_MAX)
        return;
    grow(s, (void **)&a->creating, &a->cap_creating, a->n_creating, sizeof *a->creating);
    a->creating[a->n_creating++] = arena_copy(&s->arena, title);
}

/* ---- Moving and removing --------------------------------------------------------------------- */

/* Outputs go on naming what they named: `from` is `to` now, and the other way round. */
static void move_refs(struct state *s, struct bytes account, struct bytes from, struct bytes to)
{
    for (size_t i = 0; i < s->n_outputs; i++) {
        struct state_output *o = &s->outputs[i];
        for (size_t k = 0; k < o->n_refs; k++) {
            struct bytes *address = &o->refs[k].address;
            if (!bytes_equal(o->refs[k].account, account))
                continue;
            if (bytes_equal(*address, from))
                *address = to;
            else if (bytes_equal(*address, to))
                *address = from;
        }
        o->n_refs = refs_sort(o->refs, o->n_refs);
    }
}

void image_move(struct state *s, struct state_account *a, struct state_namespace *ns,
                struct bytes address)
{
    struct state_namespace *other = image_find(a, address);
    struct bytes from = ns->address;
    if (other == ns)
        return;
    ns->address = arena_copy(&s->arena, address);
    map_set(&a->by_address, ns->address, (size_t)(ns - a->namespaces));
    move_refs(s, a->id, from, ns->address);
    if (other) {
        map_set(&a->by_address, from, (size_t)(other - a->namespaces));
        other->address = from;
    }
}

void image_remove_key(struct state_namespace *ns, struct bytes key)
{
    size_t at = key_at(ns, key);
    if (at == MAP_NONE)
        return;
    size_t last = --ns->n_keys;
    if (at != last)
        map_set(&ns->key_index, ns->keys[last].key, at);
    ns->keys[at] = ns->keys[last];
}

void image_end_writing(struct state_writing *w, struct bytes key)
{
    size_t at = writing_at(w, key);
    if (at == MAP_NONE)
        return;
    size_t last = --w->n;
    if (at != last)
        map_set(&w->index, w->keys[last].key, at);
    w->keys[at] = w->keys[last];
}

void image_take_titled(struct state *s, struct state_account *a, struct state_namespace *ns)
{
    struct state_writing *from = image_find_titled(a, ns->title);
    for (size_t i = 0; from && i < from->n; i++) {
        struct state_key *key = image_writing(s, &ns->writing, from->keys[i].key);
        struct bytes name = key->key;
        *key = from->keys[i];
        key->key = name;
    }
    if (from)
        from->n = 0;
}

void image_remove_bulk(struct state_namespace *ns, struct bytes source)
{
    const struct state_bulk *found = state_find_bulk(ns, source);
    if (found)
        ns->bulks[found - ns->bulks] = ns->bulks[--ns->n_bulks];
}

void image_remove_output(struct state *s, struct bytes name)
{
    size_t at = output_at(s, name);
    if (!has_output(s, at, name))
        return;
    s->n_outputs--;
    memmove(&s->outputs[at], &s->outputs[at + 1], (s->n_outputs - at) * sizeof *s->outputs);
}

void image_remove_binding(struct state *s, struct bytes file, struct bytes env,
                          struct bytes binding)
{
    size_t at = binding_at(s, file, env, binding);
    if (!has_binding(s, at, file, env, binding))
        return;
    s->n_bindings--;
    memmove(&s->bindings[at], &s->bindings[at + 1], (s->n_bindings - at) * sizeof *s->bindings);
}

void image_end_creating(struct state_account *a, struct bytes title)
{
    size_t at = creating_at(a, title);
    if (at != SIZE_MAX)
        a->creating[at] = a->creating[--a->n_creating];
}

void image_release(struct state *s)
{
    for (size_t i = 0; i < s->n_accounts; i++) {
        struct state_account *a = &s->accounts[i];
        for (size_t k = 0; k < a->n; k++) {
            map_release(&a->namespaces[k].key_index);
            map_release(&a->namespaces[k].writing.index);
        }
        for (size_t k = 0; k < a->n_titled; k++)
            map_release(&a->titled[k].writing.index);
        map_release(&a->by_address);
        map_release(&a->by_id);
    }
}

/* ---- Attributes as declared ------------------------------------------------------------------ */

#define SAME_STRING(a, b)   bytes_same(a, b)
#define SAME_OBJECT(a, b)   bytes_same(a, b)
#define SAME_WORD(a, b)     bytes_same(a, b)
#define SAME_DURATION(a, b) ((a) == (b))

bool state_same_recorded(const struct state_namespace *a, const struct state_namespace *b)
{
#define SAME(name, kind, at_most, use, doc) &&SAME_##kind(a->name, b->name)
    return true NAMESPACE_RECORDED(SAME);
}

void state_take_recorded(struct state_namespace *to, const struct state_namespace *from)
{
#define TAKE(name, kind, at_most, use, doc) to->name = from->name;
    NAMESPACE_RECORDED(TAKE)
}

static void write_object(struct json_writer *w, struct bytes json)
{
    if (json.data)
        json_raw(w, json);
    else
        json_null(w);
}

void state_write_recorded(struct json_writer *w, const struct state_namespace *ns)
{
#define WRITE_STRING(text) json_text(w, text)
#define WRITE_OBJECT(json) write_object(w, json)
#define WRITE_WORD(text)   json_text(w, text)
#define WRITE_DURATION(n)  json_int(w, n)
#define WRITE(name, kind, at_most, use, doc)                                                       \
    json_key(w, #name);                                                                            \
    WRITE_##kind(ns->name);
    NAMESPACE_RECORDED(WRITE)
}
