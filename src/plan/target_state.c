#include "target_state.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "seed/cfkv_folder.h"
#include "state/remote.h"
#include "state/remote_connect.h"
#include "state/state_file.h"
#include "store/local.h"

/* ---- The state of the local target: a document in its registry ------------------------------- */

struct registry_state {
    struct local_store *ls;
    char *name;
};

static bool registry_load(void *ctx, struct buf *document, struct buf *journal, struct error *err)
{
    struct registry_state *r = ctx;
    return local_document_load(r->ls, r->name, document, journal, err);
}

static bool registry_append(void *ctx, struct bytes lines, struct error *err)
{
    struct registry_state *r = ctx;
    return local_document_append(r->ls, r->name, lines, err);
}

static bool registry_save(void *ctx, struct bytes document, struct error *err)
{
    struct registry_state *r = ctx;
    return local_document_save(r->ls, r->name, document, err);
}

static void registry_close(void *ctx)
{
    mem_free(ctx);
}

static struct state_backend registry_backend(struct local_store *ls, const char *name)
{
    size_t size = strlen(name) + 1;
    struct registry_state *r = mem_alloc(sizeof *r + size);
    r->ls = ls;
    r->name = memcpy(r + 1, name, size);
    return (struct state_backend){
        .ctx = r,
        .name = r->name,
        .load = registry_load,
        .append = registry_append,
        .save = registry_save,
        .close = registry_close,
    };
}

/* ---- Names ----------------------------------------------------------------------------------- */

/* Two configurations below one root must not share a state: the name is the state file's path
 * relative to the root, or its whole path when it lies elsewhere. */
static const char *state_name(struct target *t, const struct target_options *o, struct error *err)
{
    char *path =
        o->state_path ? arena_str(&t->arena, o->state_path) : state_path_for(&t->arena, o->config);
    char *real_folder = path_real(&t->arena, path_parent(&t->arena, path), err);
    char *real_root = real_folder ? path_real(&t->arena, o->root, err) : NULL;
    if (!real_root)
        return NULL;
    char *real = path_join(&t->arena, real_folder, path_name(path));
    size_t n = strlen(real_root);
    return strncmp(real, real_root, n) == 0 && real[n] == '/' ? real + n + 1 : real;
}

static bool take_local_lock(struct target *t, const struct target_options *o, const char *name,
                            struct error *err)
{
    const char *folder = local_store_folder(t->local, true, err);
    if (!folder)
        return false;
    char *file = arena_printf(&t->arena, "cfkv.%s.lock", name);
    for (char *c = file; *c; c++)
        if (*c == '/')
            *c = '_';
    char *path = path_join(&t->arena, folder, file);
    char *what = arena_printf(&t->arena, "the local state of %s", o->config);
    return lock_take(&t->lock, path, what, o->command, o->lock_timeout, o->interrupted, err);
}

bool target_open_registry(struct target *t, const struct target_options *o, struct error *err)
{
    const char *name = state_name(t, o, err);
    return name && (!o->write || take_local_lock(t, o, name, err)) &&
           state_open(&t->state, registry_backend(t->local, name), o->project, err);
}

/* ---- A file beside the configuration --------------------------------------------------------- */

static const char *state_file_of(struct target *t, const struct target_options *o)
{
    return o->state_path ? arena_str(&t->arena, o->state_path)
                         : state_path_for(&t->arena, o->config);
}

/* The state lies beside the configuration, and so does its lock. */
static bool take_file_lock(struct target *t, const struct target_options *o, struct error *err)
{
    const char *file = state_path_followed(&t->arena, t->state_file, err);
    if (!file)
        return false;
    char *path = arena_printf(&t->arena, "%s.lock", file);
    char *what = arena_printf(&t->arena, "'%s'", t->state_file);
    return lock_take(&t->lock, path, what, o->command, o->lock_timeout, o->interrupted, err);
}

static bool open_file(struct target *t, const struct target_options *o, struct state *s,
                      struct error *err)
{
    struct state_backend backend;
    const char *path = state_file_of(t, o);
    return state_file_backend(path, &backend, err) && state_open(s, backend, o->project, err);
}

/* ---- A document on a service ----------------------------------------------------------------- */

/* Where this machine keeps what belongs to it; NULL, for who only reads, when that cannot be. */
static bool make_folder(struct target *t, const struct target_options *o, const char **folder,
                        struct error *err)
{
    struct buf path = {0};
    char hash[STATE_ADDRESS_HASH_SIZE], name[STATE_ADDRESS_HASH_SIZE + 8];
    state_address_hash(o->address, hash);
    snprintf(name, sizeof name, "state/%s", hash);
    cfkv_folder_path(path_parent(&t->arena, o->config), name, &path);
    *folder = arena_str(&t->arena, path.data);
    buf_release(&path);
    if (o->cached || cfkv_folder_make(*folder, err))
        return true;
    *folder = NULL;
    return !o->write;
}

static bool connect(struct target *t, const struct target_options *o, struct remote_object *object,
                    struct error *err)
{
    *object = (struct remote_object){.name = o->address->text};
    if (!o->access)
        return true;
    t->stop = arena_alloc(&t->arena, 1, sizeof *t->stop);
    t->stop->from = o->interrupted;
    return remote_connect(o->address, o->access, &o->state_http, t->stop, object, err);
}

static bool open_remote(struct target *t, const struct target_options *o, bool ids, struct state *s,
                        struct error *err)
{
    struct state_backend backend;
    struct remote_options remote = {.write = o->write && !ids,
                                    .lease_first = o->lease_first,
                                    .or_cached = ids,
                                    .lock_timeout = o->lock_timeout,
                                    .command = o->command,
                                    .tell = o->tell,
                                    .tell_ctx = o->tell_ctx};
    if (!make_folder(t, o, &remote.folder, err) || !connect(t, o, &remote.object, err))
        return false;
    remote.stop = t->stop;
    return remote_backend(&remote, &backend, err) && state_open(s, backend, o->project, err);
}

/* ---- The account's --------------------------------------------------------------------------- */

bool target_open_kept(struct target *t, const struct target_options *o, struct error *err)
{
    if (o->address) {
        t->state_file = arena_str(&t->arena, o->address->text);
        return open_remote(t, o, o->cached, &t->state, err);
    }
    t->state_file = state_file_of(t, o);
    return (!o->write || take_file_lock(t, o, err)) && open_file(t, o, &t->state, err);
}

bool target_open_ids(struct target *t, const struct target_options *o, struct error *err)
{
    return o->address ? open_remote(t, o, true, &t->remote, err) : open_file(t, o, &t->remote, err);
}
