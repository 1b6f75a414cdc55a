#include "base/arena.h"
#include "base/json.h"
#include "base/mem.h"
#include "observe.h"

/* ---- Namespaces ------------------------------------------------------------------------------ */

struct observed *observed_new(struct arena *arena, struct store *store)
{
    struct observed *o = mem_zalloc(1, sizeof *o);
    o->arena = arena;
    o->store = store;
    return o;
}

void observed_free(struct observed *o)
{
    if (!o)
        return;
    for (size_t i = 0; i < o->n; i++)
        mem_free(o->namespaces[i].keys);
    mem_free(o->namespaces);
    account_map_release(&o->by_id);
    account_map_release(&o->by_title);
    account_map_release(&o->gone);
    buf_release(&o->scratch);
    mem_free(o);
}

size_t observed_by_id(const struct observed *o, struct bytes account, struct bytes id)
{
    size_t i = account_map_get(&o->by_id, account, id);
    return i < o->n && bytes_equal(o->namespaces[i].id, id) ? i : OBSERVE_NONE;
}

bool observed_anywhere(const struct observed *o, struct bytes id)
{
    for (size_t i = 0; i < o->n; i++)
        if (bytes_equal(o->namespaces[i].id, id))
            return true;
    return false;
}

size_t observed_by_title(const struct observed *o, struct bytes account, struct bytes title)
{
    size_t i = account_map_get(&o->by_title, account, title);
    return i < o->n && bytes_equal(o->namespaces[i].title, title) ? i : OBSERVE_NONE;
}

size_t observed_add(struct observed *o, struct bytes account, struct bytes id, struct bytes title)
{
    mem_grow((void **)&o->namespaces, &o->cap, o->n + 1, sizeof *o->namespaces);
    struct observed_namespace *ns = &o->namespaces[o->n];
    *ns = (struct observed_namespace){.account = arena_copy(o->arena, account),
                                      .id = arena_copy(o->arena, id),
                                      .title = arena_copy(o->arena, title)};
    account_map_set(&o->by_id, ns->account, ns->id, o->n);
    account_map_set(&o->by_title, ns->account, ns->title, o->n);
    return o->n++;
}

void observed_retitle(struct observed *o, size_t i, struct bytes title)
{
    struct observed_namespace *ns = &o->namespaces[i];
    if (bytes_equal(ns->title, title))
        return;
    ns->title = arena_copy(o->arena, title);
    account_map_set(&o->by_title, ns->account, ns->title, i);
}

void observed_reid(struct observed *o, size_t i, struct bytes id)
{
    struct observed_namespace *ns = &o->namespaces[i];
    if (bytes_equal(ns->id, id))
        return;
    ns->id = arena_copy(o->arena, id);
    account_map_set(&o->by_id, ns->account, ns->id, i);
}

/* ---- Finding keys ---------------------------------------------------------------------------- */

/* Where a key is, or belongs. */
static size_t key_position(const struct observed_namespace *ns, struct bytes name)
{
    size_t from = 0, upto = ns->n_keys;
    while (from < upto) {
        size_t middle = from + (upto - from) / 2;
        if (bytes_compare(observed_name(&ns->keys[middle]), name) < 0)
            from = middle + 1;
        else
            upto = middle;
    }
    return from;
}

/* true when it is at `at`, or belongs there; `*found` says which. */
static bool is_near(const struct observed_namespace *ns, struct bytes name, size_t at, bool *found)
{
    if (at > ns->n_keys)
        return false;
    int here = at < ns->n_keys ? bytes_compare(observed_name(&ns->keys[at]), name) : 1;
    *found = here == 0;
    return here == 0 ||
           (here > 0 && (at == 0 || bytes_compare(observed_name(&ns->keys[at - 1]), name) < 0));
}

struct observed_key *observed_key(const struct observed_namespace *ns, struct bytes name,
                                  size_t *near)
{
    size_t at = near ? *near : 0;
    bool found;
    if (!near || !is_near(ns, name, at, &found)) {
        at = key_position(ns, name);
        found = at < ns->n_keys && bytes_equal(observed_name(&ns->keys[at]), name);
    }
    if (near)
        *near = at + found;
    return found ? &ns->keys[at] : NULL;
}

/* ---- Keeping keys ---------------------------------------------------------------------------- */

#define TEXT_BLOCK ((size_t)16 * 1024)

static char *text_alloc(struct observed *o, size_t len)
{
    struct observed_text *t = &o->text;
    if (len > t->left) {
        size_t size = len > TEXT_BLOCK / 4 ? len : TEXT_BLOCK;
        char *block = arena_alloc(o->arena, size, 1);
        if (size == len)
            return block;
        *t = (struct observed_text){.free = block, .left = size};
    }
    char *text = t->free;
    t->free += len;
    t->left -= len;
    return text;
}

/* The user's metadata in the form that is compared. Most keys have none, or a fingerprint only. */
static struct bytes read_metadata(struct observed *o, struct bytes raw, struct observed_key *key,
                                  struct buf *canonical)
{
    struct fingerprint_parts parts = fingerprint_read(raw, &o->scratch);
    struct error ignored;
    key->marked = parts.has;
    key->mark = parts.mark;
    if (!parts.user.data || bytes_equal(parts.user, bytes_of("null")))
        return bytes_make(NULL, 0); /* null is none: Cloudflare docs "List keys" */
    key->damaged = !json_canonical(parts.user, canonical, &ignored);
    return key->damaged ? parts.user : buf_bytes(canonical);
}

static void keep_text(struct observed *o, struct observed_key *key, struct bytes name,
                      struct bytes metadata, bool whole)
{
    struct digest digest;
    key->has_metadata = metadata.data != NULL;
    key->hashed = metadata.len > UINT16_MAX || (metadata.len > sizeof digest && !whole);
    if (key->hashed) {
        digest = hash_sha256(metadata);
        metadata = bytes_make((const char *)digest.bytes, sizeof digest.bytes);
    }
    char *text = text_alloc(o, name.len + metadata.len);
    memcpy(text, name.data, name.len);
    if (metadata.len > 0)
        memcpy(text + name.len, metadata.data, metadata.len);
    key->text = text;
    key->name_len = (uint16_t)name.len;
    key->metadata_len = (uint16_t)metadata.len;
}

static uint32_t cut_expiration(int64_t at)
{
    return at < 0 ? 1 : at > UINT32_MAX ? UINT32_MAX : (uint32_t)at;
}

static void insert_key(struct observed_namespace *ns, size_t at, const struct observed_key *key)
{
    size_t n = ns->n_keys;
    mem_grow((void **)&ns->keys, &ns->cap_keys, n + 1, sizeof *ns->keys);
    memmove(&ns->keys[at + 1], &ns->keys[at], (n - at) * sizeof *key);
    ns->keys[at] = *key;
    ns->n_keys++;
}

bool observed_add_key(struct observed *o, struct observed_namespace *ns,
                      const struct store_key *live, bool whole, struct error *err)
{
    struct observed_key key = {.expiration = cut_expiration(live->expiration),
                               .divergent = live->divergent};
    struct buf canonical = {0};
    struct bytes metadata = {0};
    size_t at = ns->n_keys;
    if (live->key.len > UINT16_MAX)
        return error_set(err, ERR_ANSWER, "a key of %zu bytes is listed", live->key.len);
    /* Listings are in byte order, so nearly always the next key belongs at the end. */
    if (at > 0 && bytes_compare(observed_name(&ns->keys[at - 1]), live->key) >= 0)
        at = key_position(ns, live->key);
    if (at < ns->n_keys && bytes_equal(observed_name(&ns->keys[at]), live->key))
        return true;
    if (live->metadata.data)
        metadata = read_metadata(o, live->metadata, &key, &canonical);
    keep_text(o, &key, live->key, metadata, whole);
    insert_key(ns, at, &key);
    buf_release(&canonical);
    return true;
}

/* ---- Metadata -------------------------------------------------------------------------------- */

static struct bytes kept_metadata(const struct observed_key *key)
{
    return bytes_make(key->text + key->name_len, key->metadata_len);
}

struct bytes observed_metadata(const struct observed_key *key)
{
    return key->has_metadata && !key->hashed ? kept_metadata(key) : bytes_make(NULL, 0);
}

bool observed_metadata_digest(const struct observed_key *key, struct digest *digest)
{
    if (key->hashed)
        memcpy(digest->bytes, kept_metadata(key).data, sizeof digest->bytes);
    return key->hashed;
}

bool observed_metadata_is(const struct observed_key *key, struct bytes metadata)
{
    if (key->damaged || key->has_metadata != (metadata.data != NULL))
        return false;
    struct digest kept, given;
    if (!observed_metadata_digest(key, &kept))
        return bytes_equal(observed_metadata(key), metadata);
    given = hash_sha256(metadata);
    return digest_equal(&kept, &given);
}
