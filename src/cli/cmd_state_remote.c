/* The commands on a remote state as a whole: state pull, push, unlock. */
#include "command.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "seed/cfkv_folder.h"
#include "state/state_file.h"
#include "state_pushed.h"
#include "state_reach.h"

static bool refuse_local(struct cli *cli, struct error *err)
{
    if (!cli->options.local)
        return true;
    error_set(err, ERR_USAGE, "'%s' is about the account's state", cli->command->name);
    return error_hint(err, "leave --local out; the local store keeps its own state in it");
}

/* Where the state is; `address` NULL: in a file. */
static bool find_place(struct cli *cli, struct state_place *place, struct error *err)
{
    struct session *s = &cli->session;
    return state_place_learn(s, err) && state_place_find(s, place, err);
}

/* ---- pull ------------------------------------------------------------------------------------ */

static bool pull_file(struct cli *cli, struct error *err)
{
    struct session *s = &cli->session;
    if (!session_open_state(s, false, err))
        return false;
    if (s->target.state.fresh) {
        error_set(err, ERR_NOT_FOUND, "nothing is recorded yet in '%s'",
                  s->target.state_file ? s->target.state_file : "the local store");
        return error_hint(err, "'cfkv apply' writes a state");
    }
    state_print(&s->target.state, &cli->output.out);
    return true;
}

static bool nothing_there(const struct state_reach *r, struct error *err)
{
    const struct envelope *e = &r->document.envelope;
    if (e->moved_to) {
        error_set(err, ERR_NOT_FOUND, "the state at '%s' was moved to '%s'", r->address->text,
                  e->moved_to);
        return error_hint(err, "put that address into cfkv.project { state = … }, or ask for it "
                               "with --state");
    }
    error_set(err, ERR_NOT_FOUND, "there is no state at '%s' yet", r->address->text);
    return error_hint(err, "'cfkv apply' writes the first one; 'cfkv state move' takes along one "
                           "that is elsewhere");
}

/* As it stands there, but for who is writing it just now. */
static void print_envelope(const struct envelope *there, struct buf *out)
{
    struct envelope e = *there;
    e.leased = false;
    e.n_past = 0;
    envelope_print(&e, out);
}

static bool pull_remote(struct cli *cli, const struct state_place *place, struct error *err)
{
    struct session *s = &cli->session;
    struct state_reach r = {0};
    bool begun = false;
    bool ok = state_reach_open(s, place->address, place->named, &r, err) &&
              state_reach_owes(s, place->address, &begun, err) && state_reach_read(&r, err) &&
              (state_reach_holds(&r) || nothing_there(&r, err));
    if (ok)
        print_envelope(&r.document.envelope, &cli->output.out);
    if (ok && begun)
        output_note(&cli->output, "what an earlier run did here is not in it yet: 'cfkv state "
                                  "push' writes it there");
    state_reach_close(&r);
    return ok;
}

bool cmd_state_pull(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct state_place place = {0};
    (void)code;
    cli->output.data = cli->output.json = true;
    if (cli->options.local)
        return session_locate(&cli->session, NULL, err) && pull_file(cli, err);
    if (!find_place(cli, &place, err))
        return false;
    return place.address ? pull_remote(cli, &place, err) : pull_file(cli, err);
}

/* ---- push ------------------------------------------------------------------------------------ */

/* Opening for writing finishes what was kept; closing frees the lock. */
static bool push_kept(struct cli *cli, const struct state_place *place, struct error *err)
{
    struct session *s = &cli->session;
    bool begun;
    if (!state_reach_owes(s, place->address, &begun, err))
        return false;
    if (!begun) {
        output_note(&cli->output, "nothing is kept here that is not at '%s' already",
                    place->address->text);
        return true;
    }
    if (!session_open_state(s, true, err) || !state_save(&s->target.state, err))
        return false;
    output_note(&cli->output, "what an earlier run did is now in the state at '%s'",
                place->address->text);
    return true;
}

/* One that is gone on with from what stands there. */
static bool check_pushed(struct cli *cli, const struct state_pushed *p, const struct state_reach *r,
                         struct error *err)
{
    const struct envelope *there = &r->document.envelope;
    if (!r->document.version.exists || !there->state.data || cli->options.force)
        return true;
    if (!p->is_envelope) {
        error_set(err, ERR_GUARD, "'%s' does not say which writing of '%s' it goes on from",
                  p->name, r->address->text);
    } else if (strcmp(p->envelope.lineage, there->lineage) != 0) {
        error_set(err, ERR_GUARD,
                  "'%s' is of another history than the state at '%s': lineage %s, "
                  "and there %s",
                  p->name, r->address->text, p->envelope.lineage, there->lineage);
    } else if (p->envelope.serial != there->serial) {
        struct buf words = {0};
        remote_document_words(&r->document, &words);
        error_set(err, ERR_GUARD, "'%s' goes on from writing %lld of '%s', where %s stands now",
                  p->name, (long long)p->envelope.serial, r->address->text, words.data);
        buf_release(&words);
    } else {
        return true;
    }
    return error_hint(err, "take what 'cfkv state pull' prints now, change that and push it; with "
                           "--force it is replaced, and kept here");
}

/* What is replaced by force lies here from then on. */
static bool keep_replaced(struct cli *cli, const struct state_reach *r, struct error *err)
{
    struct session *s = &cli->session;
    const struct envelope *there = &r->document.envelope;
    const char *folder = state_reach_folder(s, r->address);
    struct buf text = {0};
    if (!there->state.data || !cli->options.force)
        return true;
    const char *path =
        arena_printf(&s->arena, "%s/replaced-%lld.json", folder, (long long)there->serial);
    print_envelope(there, &text);
    bool ok = cfkv_folder_make(folder, err) && file_replace(path, buf_bytes(&text), 0600, err);
    if (ok)
        output_note(&cli->output, "the state that was there is kept in '%s'", path);
    buf_release(&text);
    return ok;
}

static bool confirm_forced(struct cli *cli, const struct state_pushed *p,
                           const struct state_reach *r, struct error *err)
{
    struct session *s = &cli->session;
    struct buf words = {0};
    if (!r->document.envelope.state.data || !cli->options.force)
        return true;
    remote_document_words(&r->document, &words);
    const char *question = arena_printf(&s->arena, "Replace the state at '%s' (%s) by '%s'?",
                                        r->address->text, words.data, p->name);
    buf_release(&words);
    return session_confirm_here(s, question, err);
}

static bool write_pushed(struct cli *cli, const struct state_pushed *p, struct state_reach *r,
                         struct error *err)
{
    struct remote_document *d = &r->document;
    struct remote_change change = {
        .state = p->state, .moved_to = "", .writer = state_reach_writer(&cli->session, r)};
    if (!d->envelope.state.data && p->is_envelope)
        memcpy(d->envelope.lineage, p->envelope.lineage, sizeof d->envelope.lineage);
    if (d->stop)
        remote_stop_finish(d->stop, true);
    if (remote_document_write(d, &change, err) != REMOTE_DONE)
        return false;
    output_note(&cli->output, "'%s' is now the state at '%s' (writing %lld)", p->name,
                r->address->text, (long long)d->envelope.serial);
    return true;
}

static bool push_document(struct cli *cli, const struct state_pushed *p, struct state_reach *r,
                          struct error *err)
{
    const struct envelope *there = &r->document.envelope;
    if (!remote_lease_await(&r->lease, err))
        return false;
    if (there->moved_to)
        return nothing_there(r, err);
    if (state_pushed_is(p, there)) {
        output_note(&cli->output, "the state at '%s' is that of '%s' already", r->address->text,
                    p->name);
        return true;
    }
    return check_pushed(cli, p, r, err) && confirm_forced(cli, p, r, err) &&
           keep_replaced(cli, r, err) && write_pushed(cli, p, r, err);
}

static bool push_file(struct cli *cli, const struct state_place *place, const char *file,
                      struct error *err)
{
    struct session *s = &cli->session;
    struct state_reach r = {0};
    struct state_pushed p = {0};
    bool begun = false;
    bool ok = state_reach_owes(s, place->address, &begun, err);
    if (ok && begun) {
        error_set(err, ERR_GUARD, "what an earlier run did here is not in the state at '%s' yet",
                  place->address->text);
        ok = error_hint(err, "'cfkv state push' without a file writes it there, first");
    }
    ok = ok && state_pushed_read(s, file, &p, err) &&
         state_reach_open(s, place->address, place->named, &r, err) &&
         state_reach_lease(s, &r, err) && push_document(cli, &p, &r, err);
    state_reach_close(&r);
    state_pushed_release(&p);
    return ok;
}

static bool refuse_file_push(struct cli *cli, struct error *err)
{
    struct session *s = &cli->session;
    if (!cli_argument(cli)) {
        output_note(&cli->output, "there is nothing to push: the state lies in '%s'",
                    state_path_for(&s->arena, s->file));
        return true;
    }
    error_set(err, ERR_USAGE,
              "the state lies beside the configuration, in '%s': there is nothing "
              "to push it to",
              state_path_for(&s->arena, s->file));
    return error_hint(err,
                      "cfkv.project { state = … } names a service, and 'cfkv state move' takes "
                      "the state there: 'cfkv help state'");
}

bool cmd_state_push(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct state_place place = {0};
    const char *file = cli_argument(cli);
    (void)code;
    if (!refuse_local(cli, err) || !find_place(cli, &place, err))
        return false;
    if (!place.address)
        return refuse_file_push(cli, err);
    return file ? push_file(cli, &place, file, err) : push_kept(cli, &place, err);
}

/* ---- unlock ---------------------------------------------------------------------------------- */

/* A lock on a file is the kernel's. */
static bool tell_file_lock(struct cli *cli, struct error *err)
{
    struct session *s = &cli->session;
    struct lock_holder holder;
    const char *file =
        s->options->state_path ? s->options->state_path : state_path_for(&s->arena, s->file);
    const char *real = state_path_followed(&s->arena, file, err);
    if (!real)
        return false;
    if (lock_look(arena_printf(&s->arena, "%s.lock", real), &holder))
        output_note(&cli->output,
                    "'%s' is in use by pid %s on host %s (%s); there is nothing to "
                    "unlock: its lock goes with that run",
                    file, holder.pid, holder.host, holder.command);
    else
        output_note(&cli->output,
                    "there is nothing to unlock: nobody uses '%s', and a lock on a "
                    "file goes with the run that holds it",
                    file);
    return true;
}

static void tell_holder(struct cli *cli, const struct state_reach *r, const struct lease *holder)
{
    struct buf who = {0}, ago = {0};
    int64_t now = remote_document_now(&r->document);
    lease_words(holder, now, &who);
    output_note(&cli->output, "the state at '%s' is locked by %s", r->address->text,
                who.len ? who.data : "somebody of whom the service tells nothing");
    if (lease_expired(holder, now)) {
        lease_age(now - holder->renewed - holder->seconds, &ago);
        output_note(&cli->output, "that lock ended %s ago: the next run takes it over unasked",
                    ago.data);
    } else if (holder->seconds > 0) {
        lease_age(now - holder->renewed, &ago);
        output_note(&cli->output, "it was renewed %s ago: that run is alive, or was then",
                    ago.data);
    }
    buf_release(&who);
    buf_release(&ago);
}

static bool unlock_remote(struct cli *cli, struct state_reach *r, struct error *err)
{
    struct session *s = &cli->session;
    const char *command = arena_printf(&s->arena, "cfkv %s", s->command);
    struct lease holder;
    bool held;
    if (!remote_lease_look(&r->document, command, &holder, &held, err))
        return false;
    if (!held) {
        output_note(&cli->output, "there is nothing to unlock: nobody holds the state at '%s'",
                    r->address->text);
        return true;
    }
    tell_holder(cli, r, &holder);
    if (!session_confirm_here(s, "Free it? If that run goes on, it stops at its next write.",
                              err) ||
        !remote_lease_break(&r->document, &holder, err))
        return false;
    output_note(&cli->output, "the state at '%s' is unlocked", r->address->text);
    return true;
}

bool cmd_state_unlock(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct state_place place = {0};
    struct state_reach r = {0};
    (void)code;
    if (!refuse_local(cli, err) || !find_place(cli, &place, err))
        return false;
    if (!place.address)
        return tell_file_lock(cli, err);
    bool ok = state_reach_open(&cli->session, place.address, place.named, &r, err) &&
              unlock_remote(cli, &r, err);
    state_reach_close(&r);
    return ok;
}
