#include "state_reach.h"

#include <string.h>

#include "base/file.h"
#include "seed/cfkv_folder.h"
#include "session.h"
#include "state/remote_kept.h"

bool state_reach_open(struct session *s, const struct state_address *address, bool named,
                      struct state_reach *r, struct error *err)
{
    *r = (struct state_reach){.address = address, .machine.fd = -1};
    r->open = session_open_document(s, address, named, &r->document, err);
    return r->open;
}

static void tell_note(void *ctx, const char *text)
{
    const struct session *s = ctx;
    output_note(s->output, "%s", text);
}

static const char *file_of(struct session *s, const struct state_address *address, const char *name)
{
    return path_join(&s->arena, state_reach_folder(s, address), name);
}

bool state_reach_lease(struct session *s, struct state_reach *r, struct error *err)
{
    const char *command = arena_printf(&s->arena, "cfkv %s", s->command);
    if (!cfkv_folder_make(state_reach_folder(s, r->address), err) ||
        !lock_take(&r->machine, file_of(s, r->address, "lock"), r->address->text, command,
                   s->options->lock_timeout, &s->interrupt->pending, err))
        return false;
    r->lease = (struct remote_lease){.d = &r->document,
                                     .file = file_of(s, r->address, "lease"),
                                     .timeout = s->options->lock_timeout,
                                     .tell = tell_note,
                                     .tell_ctx = s};
    return remote_lease_make(&r->lease, command, err);
}

bool state_reach_read(struct state_reach *r, struct error *err)
{
    return remote_document_read(&r->document, err);
}

bool state_reach_holds(const struct state_reach *r)
{
    const struct remote_document *d = &r->document;
    return d->version.exists && d->envelope.state.data && !d->envelope.moved_to;
}

const char *state_reach_folder(struct session *s, const struct state_address *address)
{
    struct buf path = {0};
    char hash[STATE_ADDRESS_HASH_SIZE];
    state_address_hash(address, hash);
    cfkv_folder_path(path_parent(&s->arena, s->file), arena_printf(&s->arena, "state/%s", hash),
                     &path);
    const char *folder = arena_str(&s->arena, path.data);
    buf_release(&path);
    return folder;
}

bool state_reach_owes(struct session *s, const struct state_address *address, bool *owes,
                      struct error *err)
{
    struct remote_kept kept;
    *owes = false;
    if (!remote_kept_open(&kept, state_reach_folder(s, address), address->text, err))
        return false;
    struct lock_holder holder; /* who is at it just now owes nothing */
    *owes = kept.begun && !lock_look(file_of(s, address, "lock"), &holder);
    remote_kept_close(&kept);
    return true;
}

const char *state_reach_writer(struct session *s, const struct state_reach *r)
{
    struct buf words = {0};
    lease_words(&r->lease.lease, 0, &words);
    const char *text = arena_str(&s->arena, words.data ? words.data : "");
    buf_release(&words);
    return text;
}

void state_reach_close(struct state_reach *r)
{
    struct error unheard;
    if (!r->open)
        return;
    if (r->document.stop)
        remote_stop_finish(r->document.stop, true);
    if (r->lease.d)
        remote_lease_free(&r->lease, &unheard);
    remote_document_close(&r->document);
    lock_drop(&r->machine);
    *r = (struct state_reach){0};
}
