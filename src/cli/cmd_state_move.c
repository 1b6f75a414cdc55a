/*
 * state move: the state goes from where it is to another place.
 *
 * The copy is written, read back and compared before anything happens to the original, and only
 * then is the original marked as moved: a document of a service gets the new address, a file gets
 * another name. Nobody else writes meanwhile: the original is locked, and the copy is only written
 * where nothing was, or an earlier try of the same move stands. So it may be cut off anywhere, and
 * run again.
 */
#include "command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "state/lock.h"
#include "state/state_file.h"
#include "state_pushed.h"
#include "state_reach.h"

/* One end of a move. */
struct end {
    const struct state_address *address; /* of a service, or a file */
    struct state_said said;              /* what is left in .cfkv/state.json of it */
    bool named;                          /* the user's own word */
    struct state_reach reach;            /* of a service */
    struct lock lock;                    /* of a file */
    struct buf document;                 /* the state there, as state_print has it; empty: none */
};

struct move {
    struct cli *cli;
    struct session *s;
    struct end from, to;
};

static bool is_file(const struct end *e)
{
    return e->address->kind == STATE_FILE;
}

static const char *name_of(const struct end *e)
{
    return e->address->text;
}

/* ---- From where, and where to ---------------------------------------------------------------- */

/* What the configuration declares under that URL is meant, its endpoint included; else the user's
 * own word counts. */
static bool settle_end(struct move *m, const char *text, struct end *e, struct error *err)
{
    struct state_said own = state_said_by(&m->s->model.project);
    const struct state_address *declared;
    struct error unheard;
    e->said = (struct state_said){.url = text};
    e->named = true;
    if (!state_place_read(m->s, text, &e->address, err))
        return false;
    if (!own.url || strcmp(own.url, text) != 0 ||
        !state_place_settle(m->s, &own, &declared, &unheard))
        return true;
    e->address = declared;
    e->said = own;
    e->named = false;
    return true;
}

static bool take_declared(struct move *m, const struct state_said *said, struct end *e,
                          struct error *err)
{
    e->said = *said;
    return state_place_settle(m->s, said, &e->address, err);
}

/* Two spellings of one file, be it there or not. */
static bool is_same_file(struct session *s, const char *a, const char *b)
{
    struct error unheard;
    const char *folder_a = path_real(&s->arena, path_parent(&s->arena, a), &unheard);
    const char *folder_b = path_real(&s->arena, path_parent(&s->arena, b), &unheard);
    return folder_a && folder_b && strcmp(folder_a, folder_b) == 0 &&
           strcmp(path_name(a), path_name(b)) == 0;
}

/* Where it was so far: what was left here tells, else that it lies beside the configuration, else
 * the configuration. `e->address` NULL: nowhere. */
static bool find_from(struct move *m, struct error *err)
{
    struct session *s = m->s;
    struct state_said left, declared = state_said_by(&s->model.project);
    const char *file = state_path_for(&s->arena, s->file);
    if (s->options->state_path)
        return settle_end(m, s->options->state_path, &m->from, err);
    if (!state_place_left_said(s, &left, err))
        return false;
    if (left.url) {
        if (!take_declared(m, &left, &m->from, err))
            return false;
        if (!state_address_same(m->from.address, m->to.address))
            return true;
    }
    if (file_exists(file) || file_exists(arena_printf(&s->arena, "%s.journal", file))) {
        struct state_said here = {.url = file};
        if (!is_file(&m->to) || !is_same_file(s, file, m->to.address->path))
            return take_declared(m, &here, &m->from, err);
    }
    if (m->from.address) /* left as the place it is to go to: it is there */
        return true;
    return !declared.url || take_declared(m, &declared, &m->from, err);
}

/* ---- Reading --------------------------------------------------------------------------------- */

static bool read_file_end(struct move *m, struct end *e, struct error *err)
{
    struct session *s = m->s;
    struct state_backend backend;
    struct state state;
    const char *path = e->address->path;
    const char *file = state_path_followed(&s->arena, path, err);
    if (!file ||
        !lock_take(&e->lock, arena_printf(&s->arena, "%s.lock", file),
                   arena_printf(&s->arena, "'%s'", path),
                   arena_printf(&s->arena, "cfkv %s", s->command), s->options->lock_timeout,
                   &s->interrupt->pending, err) ||
        !state_file_backend(path, &backend, err) ||
        !state_open(&state, backend, s->model.project.name, err))
        return false;
    bool ok = state.fresh || state_save(&state, err); /* what is in the journal goes along */
    if (ok && !state.fresh)
        state_print(&state, &e->document);
    state_close(&state);
    return ok;
}

static bool take_document(struct move *m, struct end *e, struct error *err)
{
    const struct envelope *there = &e->reach.document.envelope;
    return !there->state.data ||
           state_normalize(name_of(e), m->s->model.project.name, there->state, &e->document, err);
}

/* What an earlier run could not write belongs into it, first. */
static bool check_kept(struct move *m, struct end *e, struct error *err)
{
    bool begun;
    if (!state_reach_owes(m->s, e->address, &begun, err))
        return false;
    if (!begun)
        return true;
    error_set(err, ERR_GUARD, "what an earlier run did here is not in the state at '%s' yet",
              name_of(e));
    return error_hint(err, "'cfkv state push' writes it there, first");
}

/* The original is taken, so that nobody goes on writing it; the copy's place only where its service
 * has locks. */
static bool read_end(struct move *m, struct end *e, bool take, struct error *err)
{
    if (is_file(e))
        return read_file_end(m, e, err);
    return check_kept(m, e, err) && state_reach_open(m->s, e->address, e->named, &e->reach, err) &&
           state_reach_lease(m->s, &e->reach, err) &&
           (take ? state_reach_read(&e->reach, err) : remote_lease_await(&e->reach.lease, err)) &&
           take_document(m, e, err);
}

/* ---- What was done already ------------------------------------------------------------------- */

static const char *moved_to(const struct end *e)
{
    return is_file(e) ? NULL : e->reach.document.envelope.moved_to;
}

/* What is written into a document that was moved: a file is another one on each machine. */
static const char *place_word(struct move *m, const struct end *e)
{
    return is_file(e) ? path_name(e->address->path) : arena_str(&m->s->arena, e->address->id);
}

static bool refuse_moved(struct move *m, struct error *err)
{
    error_set(err, ERR_GUARD, "the state at '%s' was moved to '%s', not to '%s'", name_of(&m->from),
              moved_to(&m->from), name_of(&m->to));
    return error_hint(err, "'cfkv state move %s' follows it", moved_to(&m->from));
}

/* One history, of which the place has an earlier point: nobody but a move wrote there. */
static bool is_own_try(const struct end *from, const struct end *to)
{
    const struct envelope *there = &to->reach.document.envelope;
    if (is_file(from) || is_file(to))
        return false;
    return strcmp(there->lineage, from->reach.document.envelope.lineage) == 0 &&
           strstr(there->writer, "cfkv state move");
}

/* It goes back to where it came from. */
static bool is_way_back(struct move *m)
{
    return !is_file(&m->to) && moved_to(&m->to) &&
           strcmp(moved_to(&m->to), place_word(m, &m->from)) == 0;
}

static bool may_write(struct move *m, struct error *err)
{
    const struct end *from = &m->from, *to = &m->to;
    if (to->document.len == 0 || is_own_try(from, to) || is_way_back(m))
        return true;
    error_set(err, ERR_GUARD, "there is another state at '%s' already", name_of(to));
    if (is_file(from) && !is_file(to))
        return error_hint(err,
                          "if that one is right ('cfkv state pull --state %s' shows it), move '%s' "
                          "away; to put yours into its place: 'cfkv state push %s'",
                          name_of(to), name_of(from), name_of(from));
    return error_hint(err,
                      "name a place where nothing is; 'cfkv state pull --state %s' shows "
                      "what is there",
                      name_of(to));
}

static bool nothing_to_move(struct move *m, struct error *err)
{
    error_set(err, ERR_NOT_FOUND, "there is no state to move: none is recorded %s%s%s",
              m->from.address ? "at '" : "beside the configuration",
              m->from.address ? name_of(&m->from) : "", m->from.address ? "'" : "");
    return error_hint(err,
                      "'cfkv apply' writes the first one where cfkv.project { state = … } says");
}

/* ---- The copy -------------------------------------------------------------------------------- */

static bool write_file_copy(struct move *m, struct error *err)
{
    struct buf back = {0};
    const char *path = m->to.address->path;
    bool ok = file_replace(path, buf_bytes(&m->from.document), 0600, err) &&
              file_read(path, m->from.document.len + 1, &back, err);
    if (ok && !bytes_equal(buf_bytes(&back), buf_bytes(&m->from.document)))
        ok = error_set(err, ERR_IO, "'%s' does not hold what was written into it", path);
    buf_release(&back);
    return ok;
}

/* The copy goes on with the history of the original. */
static bool write_remote_copy(struct move *m, struct error *err)
{
    struct state_reach *r = &m->to.reach;
    struct remote_document *d = &r->document;
    struct remote_change change = {.state = buf_bytes(&m->from.document),
                                   .moved_to = "",
                                   .writer = state_reach_writer(m->s, r)};
    if (!is_file(&m->from) && !d->version.exists)
        memcpy(d->envelope.lineage, m->from.reach.document.envelope.lineage,
               sizeof d->envelope.lineage);
    return remote_document_write(d, &change, err) == REMOTE_DONE;
}

static bool verify_remote_copy(struct move *m, struct error *err)
{
    struct end *to = &m->to;
    buf_clear(&to->document);
    if (!state_reach_read(&to->reach, err) || !take_document(m, to, err))
        return false;
    if (bytes_equal(buf_bytes(&to->document), buf_bytes(&m->from.document)) &&
        !to->reach.document.envelope.moved_to)
        return true;
    error_set(err, ERR_ANSWER, "'%s' does not give back what was written to it", name_of(to));
    return error_hint(err, "the state is where it was, at '%s'", name_of(&m->from));
}

static bool copy(struct move *m, struct error *err)
{
    bool there =
        bytes_equal(buf_bytes(&m->to.document), buf_bytes(&m->from.document)) && !moved_to(&m->to);
    if (is_file(&m->to))
        return there || (may_write(m, err) && write_file_copy(m, err));
    return (there || (may_write(m, err) && write_remote_copy(m, err))) &&
           verify_remote_copy(m, err);
}

/* ---- The original ---------------------------------------------------------------------------- */

/* A name that nothing has yet: what was moved away before stays. */
static const char *free_name(struct move *m, const char *path)
{
    const char *name = arena_printf(&m->s->arena, "%s.moved", path);
    for (int i = 2; file_exists(name) && i < 1000; i++)
        name = arena_printf(&m->s->arena, "%s.moved.%d", path, i);
    return name;
}

static bool mark_file(struct move *m, struct error *err)
{
    const char *path = m->from.address->path;
    const char *name = free_name(m, path);
    if (rename(path, name) != 0)
        return error_errno(err, errno, "cannot rename '%s' to '%s'", path, name);
    output_note(&m->cli->output, "'%s' is now '%s', for you to delete", path, name);
    return file_sync_parent(path, err);
}

static bool mark_remote(struct move *m, struct error *err)
{
    struct state_reach *r = &m->from.reach;
    struct remote_change change = {.moved_to = place_word(m, &m->to),
                                   .writer = state_reach_writer(m->s, r)};
    if (r->document.stop)
        remote_stop_finish(r->document.stop, true);
    return remote_document_write(&r->document, &change, err) == REMOTE_DONE ||
           error_wrap(err,
                      "the copy at '%s' is whole, but the original is not marked as moved; "
                      "run 'cfkv state move' again",
                      name_of(&m->to));
}

static bool leave_new(struct move *m, struct error *err)
{
    return state_place_leave(m->s, &m->to.said, err);
}

/* Whoever has the old address in his kv.lua meets the mark; the file goes last, since with the new
 * address left here both would be refused. */
static bool mark(struct move *m, struct error *err)
{
    if (is_file(&m->from))
        return leave_new(m, err) && mark_file(m, err);
    return mark_remote(m, err) && leave_new(m, err);
}

static void tell_next(struct move *m)
{
    struct session *s = m->s;
    struct state_said own = state_said_by(&s->model.project);
    const struct state_address *declared = NULL;
    struct error unheard;
    const struct output *o = &m->cli->output;
    if (own.url && !state_place_settle(s, &own, &declared, &unheard))
        declared = NULL;
    output_note(o, "the state is at '%s' now", name_of(&m->to));
    if (!is_file(&m->to) && (!declared || !state_address_same(declared, m->to.address)))
        output_note(o, "put state = \"%s\" into cfkv.project of '%s', for everybody",
                    m->to.said.url, s->file);
    else if (is_file(&m->to) && own.url)
        output_note(o, "take the state out of cfkv.project of '%s', for everybody", s->file);
    if (is_file(&m->to) &&
        !is_same_file(s, m->to.address->path, state_path_for(&s->arena, s->file)))
        output_note(o, "it does not lie beside '%s': name it by --state from now on", s->file);
}

/* ---- All of it ------------------------------------------------------------------------------- */

/* It is there already: an earlier move came so far, or a colleague's. */
static bool arrived(struct move *m, struct error *err)
{
    if (!leave_new(m, err))
        return false;
    tell_next(m);
    return true;
}

/* A document may have been written while the question stood; from here on nobody writes it. */
static bool take_again(struct move *m, struct error *err)
{
    struct end *from = &m->from;
    if (is_file(from))
        return true;
    if (!remote_lease_take(&from->reach.lease, err))
        return false;
    buf_clear(&from->document);
    return moved_to(from) ? refuse_moved(m, err) : take_document(m, from, err);
}

static bool go(struct move *m, struct error *err)
{
    struct session *s = m->s;
    if (!read_end(m, &m->from, true, err))
        return false;
    if (moved_to(&m->from)) {
        if (strcmp(moved_to(&m->from), place_word(m, &m->to)) != 0)
            return refuse_moved(m, err);
        output_note(&m->cli->output, "the state at '%s' was moved there already",
                    name_of(&m->from));
        return arrived(m, err);
    }
    if (m->from.document.len == 0)
        return nothing_to_move(m, err);
    const char *question = arena_printf(&s->arena, "Move the state from '%s' to '%s'?",
                                        name_of(&m->from), name_of(&m->to));
    if (!session_confirm_here(s, question, err) || !take_again(m, err))
        return false;
    return read_end(m, &m->to, false, err) && copy(m, err) && mark(m, err) && (tell_next(m), true);
}

static void end_close(struct end *e)
{
    state_reach_close(&e->reach);
    lock_drop(&e->lock);
    buf_release(&e->document);
}

bool cmd_state_move(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct move m = {.cli = cli, .s = &cli->session, .from.lock.fd = -1, .to.lock.fd = -1};
    (void)code;
    if (cli->options.local) {
        error_set(err, ERR_USAGE, "'state move' is about the account's state");
        return error_hint(err, "leave --local out; the local store keeps its own state in it");
    }
    if (!state_place_declared(m.s, err) ||
        !settle_end(&m, cli->options.args.items[0], &m.to, err) || !find_from(&m, err))
        return false;
    bool ok = m.from.address ? state_address_same(m.from.address, m.to.address) ? arrived(&m, err)
                                                                                : go(&m, err)
                             : nothing_to_move(&m, err);
    end_close(&m.to);
    end_close(&m.from);
    return ok;
}
