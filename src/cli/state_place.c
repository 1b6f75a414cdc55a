#include "state_place.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "seed/cfkv_folder.h"
#include "session.h"
#include "state/state_file.h"
#include "state_reach.h"

#define LEFT_NAME "state.json"
#define LEFT_MAX  ((size_t)256 * 1024)

/* ---- Addresses ------------------------------------------------------------------------------- */

static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

bool state_place_settle(struct session *s, const struct state_said *said,
                        const struct state_address **out, struct error *err)
{
    struct state_said terraform = {
        .url = variable("TF_HTTP_ADDRESS"),
        .lock_address = variable("TF_HTTP_LOCK_ADDRESS"),
        .unlock_address = variable("TF_HTTP_UNLOCK_ADDRESS"),
        .lock_method = variable("TF_HTTP_LOCK_METHOD"),
        .unlock_method = variable("TF_HTTP_UNLOCK_METHOD"),
        .update_method = variable("TF_HTTP_UPDATE_METHOD"),
    };
    struct state_address *address = arena_alloc(&s->arena, 1, sizeof *address);
    *out = address;
    return state_address_parse(&s->arena, said, address, err) &&
           state_address_follow(&s->arena, said, &terraform, address, err);
}

/* Of a URL that the project declares too: its lock lies on the same host, so that whoever named the
 * URL trusts it with no more than he did. An endpoint of the project is not the user's word. */
bool state_place_read(struct session *s, const char *text, const struct state_address **out,
                      struct error *err)
{
    struct state_said said = {.url = text}, own = state_said_by(&s->model.project);
    const struct state_address *declared;
    struct error unheard;
    if (!state_place_settle(s, &said, out, err))
        return false;
    if ((*out)->kind == STATE_HTTP && own.url && state_place_settle(s, &own, &declared, &unheard) &&
        state_address_same(declared, *out))
        *out = declared;
    return true;
}

/* ---- What was left --------------------------------------------------------------------------- */

/* The members of an address, in the order in which they are written. */
struct left_member {
    const char *name;
    size_t at;
};

#define MEMBER(name_)                                                                              \
    {                                                                                              \
#name_, offsetof(struct state_said, name_)                                                 \
    }
static const struct left_member members[] = {
    MEMBER(account_id), MEMBER(endpoint),       MEMBER(lock_address),  MEMBER(lock_method),
    MEMBER(region),     MEMBER(unlock_address), MEMBER(unlock_method), MEMBER(url)};
#undef MEMBER

static const char **member_of(const struct left_member *member, const struct state_said *said)
{
    return (const char **)((char *)said + member->at);
}

static const char *left_path(struct session *s)
{
    struct buf path = {0};
    cfkv_folder_path(path_parent(&s->arena, s->file), LEFT_NAME, &path);
    const char *kept = arena_str(&s->arena, path.data);
    buf_release(&path);
    return kept;
}

static bool is_damaged(const char *path, struct error *err)
{
    error_set(err, ERR_FORMAT, "'%s' is damaged: it says no addresses of states", path);
    return error_hint(err, "take it away, and run 'cfkv plan': that writes it anew");
}

/* Texts are copied, for the document goes. */
static bool read_said(struct session *s, const struct json *object, struct state_said *said)
{
    *said = (struct state_said){0};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        const struct json *value = json_member(object, members[i].name);
        const char *text;
        if (value && !json_as_str(value, &text))
            return false;
        if (value)
            *member_of(&members[i], said) = arena_str(&s->arena, text);
    }
    return json_is_object(object) && said->url && state_address_is_url(said->url);
}

/* `*doc` NULL: there is no file. */
static bool read_left(struct session *s, struct json **doc, struct error *err)
{
    const char *path = left_path(s);
    struct buf text = {0};
    struct error why;
    int64_t version;
    *doc = NULL;
    if (!file_read(path, LEFT_MAX, &text, err)) {
        buf_release(&text);
        return err->code == ERR_NOT_FOUND;
    }
    *doc = json_doc_parse(buf_bytes(&text), &why);
    buf_release(&text);
    bool ok = *doc && json_as_int(json_member(*doc, "format_version"), &version) && version == 1 &&
              json_is_object(json_member(*doc, "states"));
    if (ok)
        return true;
    json_doc_free(*doc);
    *doc = NULL;
    return is_damaged(path, err);
}

/* `said->url` NULL: nothing was left of this configuration. */
bool state_place_left_said(struct session *s, struct state_said *said, struct error *err)
{
    struct json *doc;
    *said = (struct state_said){0};
    if (!read_left(s, &doc, err))
        return false;
    const struct json *states = json_member(doc, "states");
    const struct json *own = states ? json_member(states, path_name(s->file)) : NULL;
    bool ok = !own || read_said(s, own, said) || is_damaged(left_path(s), err);
    json_doc_free(doc);
    return ok;
}

bool state_place_left(struct session *s, const struct state_address **left, struct error *err)
{
    struct state_said said;
    *left = NULL;
    return state_place_left_said(s, &said, err) &&
           (!said.url || state_place_settle(s, &said, left, err) ||
            error_wrap(err, "'%s'", left_path(s)));
}

static void write_said(struct json_writer *w, const struct state_said *said)
{
    json_begin_object(w);
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (*member_of(&members[i], said))
            json_field_str(w, members[i].name, *member_of(&members[i], said));
    json_end_object(w);
}

/* All that stood there, with `said` in the place of this configuration's; none for `url` NULL. */
static void write_left(struct session *s, const struct json *doc, const struct state_said *said,
                       struct buf *out)
{
    struct json_writer w = json_writer_to(out, 2);
    struct json_sort sort;
    struct state_said other;
    const struct json *states = doc ? json_member(doc, "states") : NULL;
    json_begin_object(&w);
    json_field_int(&w, "format_version", 1);
    json_field_object(&w, "states");
    json_sort_begin(&w, &sort);
    for (const struct json *e = states ? json_first(states) : NULL; e; e = json_next(e)) {
        if (strcmp(json_name(e), path_name(s->file)) == 0 || !read_said(s, e, &other))
            continue;
        json_key(&w, json_name(e));
        write_said(&w, &other);
    }
    if (said->url) {
        json_key(&w, path_name(s->file));
        write_said(&w, said);
    }
    json_sort_end(&w, &sort);
    json_end_object(&w);
    json_end_object(&w);
    buf_add_char(out, '\n');
}

static bool make_folder(struct session *s, struct error *err)
{
    const char *folder = path_parent(&s->arena, left_path(s));
    return cfkv_folder_make(folder, err);
}

bool state_place_leave(struct session *s, const struct state_said *said, struct error *err)
{
    static const struct state_said none;
    const struct state_said *kept =
        said && said->url && state_address_is_url(said->url) ? said : &none;
    struct buf document = {0};
    struct json *doc;
    if (!read_left(s, &doc, err))
        return false;
    bool nothing = !doc && !kept->url;
    write_left(s, doc, kept, &document);
    bool ok = nothing || file_holds(left_path(s), buf_bytes(&document)) ||
              (make_folder(s, err) && file_replace(left_path(s), buf_bytes(&document), 0600, err));
    json_doc_free(doc);
    buf_release(&document);
    return ok;
}

void state_place_note(struct session *s)
{
    struct state_said said = state_said_by(&s->model.project);
    const struct state_address *declared, *left;
    struct error err;
    if (!said.url || s->options->state_path || s->only_looks)
        return;
    if (!state_place_settle(s, &said, &declared, &err) || !state_place_left(s, &left, &err) ||
        (left && !state_address_same(left, declared)))
        return; /* whoever opens the state says so */
    if (!state_place_leave(s, &said, &err))
        output_note(s->output, "the state's address is not left for the 'kv' verbs: %s",
                    err.message);
}

/* ---- Which of them counts -------------------------------------------------------------------- */

/* As people would type it. */
static const char *words(struct session *s, const struct state_address *a)
{
    struct buf out = {0};
    text_shell_word(&out, bytes_of(a->kind == STATE_HTTP ? a->url : a->text));
    const char *text = arena_str(&s->arena, out.data);
    buf_release(&out);
    return text;
}

/* Whoever moved the state has marked the old place with the new one. */
static bool was_moved(struct session *s, const struct state_address *left,
                      const struct state_address *declared)
{
    struct state_reach r = {0};
    struct error unheard;
    const char *file = state_path_for(&s->arena, s->file);
    bool moved =
        !s->offline && state_reach_open(s, left, false, &r, &unheard) &&
        state_reach_read(&r, &unheard) && r.document.envelope.moved_to &&
        strcmp(r.document.envelope.moved_to, declared ? declared->id : path_name(file)) == 0 &&
        (declared || file_exists(file));
    state_reach_close(&r);
    return moved;
}

/* true where the mark says so, too; told, and from here on it is the address. */
static bool follow_moved(struct session *s, const struct state_address *left,
                         const struct state_address *declared, const struct state_said *said)
{
    struct error unheard;
    if (!was_moved(s, left, declared))
        return false;
    output_note(s->output, "the state was moved from '%s' to '%s'", left->text,
                declared ? declared->text : state_path_for(&s->arena, s->file));
    if (!s->only_looks && !state_place_leave(s, said, &unheard))
        output_note(s->output, "the state's address is not left for the 'kv' verbs: %s",
                    unheard.message);
    return true;
}

static bool refuse_changed(struct session *s, const struct state_address *left,
                           const struct state_address *declared, struct error *err)
{
    const char *file = state_path_for(&s->arena, s->file);
    if (!declared) {
        error_set(err, ERR_GUARD, "'%s' names no state any more; so far it was kept at '%s'",
                  s->file, left->id);
        return error_hint(err,
                          "'cfkv state move %s' brings it here; else put state = \"%s\" back into "
                          "cfkv.project",
                          file, left->text);
    }
    error_set(err, ERR_GUARD, "the state of '%s' is at '%s' now; so far it was kept at '%s'",
              s->file, declared->id, left->id);
    return error_hint(err,
                      "'cfkv state move %s' takes it along, and finds out whether somebody did so "
                      "already; else put the old address back into cfkv.project",
                      words(s, declared));
}

/* A state that was kept here before, or that somebody brought back by `git checkout`. */
static bool refuse_beside(struct session *s, const char *file, const struct state_address *a,
                          struct error *err)
{
    error_set(err, ERR_GUARD,
              "'%s' lies beside the configuration, whose state is kept at '%s': only one of them "
              "can be right",
              file, a->id);
    return error_hint(err,
                      "'cfkv state move %s' takes it there, if there is none yet; if that one is "
                      "right ('cfkv state pull' shows it), move the file away",
                      words(s, a));
}

static bool check_beside(struct session *s, const struct state_address *a, struct error *err)
{
    const char *file = state_path_for(&s->arena, s->file);
    const char *journal = arena_printf(&s->arena, "%s.journal", file);
    if (file_exists(file))
        return refuse_beside(s, file, a, err);
    return file_exists(journal) ? refuse_beside(s, journal, a, err) : true;
}

static bool find_named(struct session *s, const char *text, struct state_place *out,
                       struct error *err)
{
    if (!state_address_is_url(text)) {
        out->path = text;
        return true;
    }
    out->named = true;
    /* Who evaluates goes by what is recorded; others look at what they name. */
    return state_place_read(s, text, &out->address, err) &&
           (!s->evaluated || s->options->local || check_beside(s, out->address, err));
}

bool state_place_find(struct session *s, struct state_place *out, struct error *err)
{
    struct state_said said = {0};
    const struct state_address *left = NULL, *declared = NULL;
    *out = (struct state_place){0};
    if (s->options->state_path)
        return find_named(s, s->options->state_path, out, err);
    if (!state_place_left(s, &left, err))
        return false;
    bool known = s->evaluated || s->learned;
    if (known)
        said = state_said_by(&s->model.project);
    if (said.url && !state_place_settle(s, &said, &declared, err))
        return false;
    if (known && left && (!declared || !state_address_same(left, declared)) &&
        !follow_moved(s, left, declared, &said))
        return refuse_changed(s, left, declared, err);
    out->address = known ? declared : left;
    return !out->address || check_beside(s, out->address, err);
}

/* ---- Asking the configuration ---------------------------------------------------------------- */

/* Up to its end, so that what it does not declare is not declared. */
static bool was_run(const struct session *s)
{
    const struct diag_list *all = &s->model.diags;
    for (size_t i = 0; i < all->n; i++)
        if (strncmp(all->items[i].code, "lua.", 4) == 0 ||
            strncmp(all->items[i].code, "budget.", 7) == 0)
            return false;
    return true;
}

static bool evaluate(struct session *s, struct error *err)
{
    bool mute = s->mute;
    if (s->evaluated || !file_exists(s->file))
        return true;
    s->mute = true;
    bool ok = session_evaluate(s, NULL, err);
    s->mute = mute;
    if (ok || err->code != ERR_INVALID)
        return ok;
    if (s->model.project.declared ||
        was_run(s)) { /* what is wrong with the rest is for who applies it */
        s->learned = true;
        diag_release(&s->model.diags);
        return true;
    }
    return error_hint(err, "'cfkv validate' tells them; --state URL names the state without it");
}

bool state_place_declared(struct session *s, struct error *err)
{
    return session_locate(s, NULL, err) && evaluate(s, err);
}

bool state_place_learn(struct session *s, struct error *err)
{
    struct state_said left;
    if (!session_locate(s, NULL, err))
        return false;
    if (s->options->local || s->options->state_path ||
        file_exists(state_path_for(&s->arena, s->file)))
        return true;
    return state_place_left_said(s, &left, err) && (left.url || evaluate(s, err));
}
