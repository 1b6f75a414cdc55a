#include "state_pushed.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "session.h"

#define PUSHED_MAX ((size_t)256 * 1024 * 1024)

/* ---- A state that lies in memory ------------------------------------------------------------- */

static bool load_text(void *ctx, struct buf *document, struct buf *journal, struct error *err)
{
    (void)journal, (void)err;
    buf_add_bytes(document, *(const struct bytes *)ctx);
    return true;
}

bool state_open_text(struct state *state, const char *name, struct bytes project, struct bytes text,
                     struct error *err)
{
    struct state_backend backend = {.ctx = &text, .name = name, .load = load_text};
    bool ok = state_open(state, backend, project, err);
    if (ok)
        state->backend.ctx = NULL;
    return ok;
}

bool state_normalize(const char *name, struct bytes project, struct bytes text, struct buf *out,
                     struct error *err)
{
    struct state state;
    if (text.len == 0)
        return error_set(err, ERR_FORMAT, "state '%s' is empty", name);
    if (!state_open_text(&state, name, project, text, err))
        return false;
    state_print(&state, out);
    state_close(&state);
    return true;
}

/* ---- The file -------------------------------------------------------------------------------- */

static bool read_text(const char *file, struct buf *text, struct error *err)
{
    if (strcmp(file, "-") == 0)
        return file_read_fd(STDIN_FILENO, "standard input", PUSHED_MAX, text, err);
    return file_read(file, PUSHED_MAX, text, err);
}

/* What is no envelope may be a state; else it is told what it is. */
static bool read_either(struct state_pushed *p, struct bytes project, struct buf *text,
                        struct error *err)
{
    struct buf copy = {0};
    struct error unheard;
    struct bytes nobody = bytes_make(NULL, 0);
    buf_add_bytes(&copy, buf_bytes(text));
    p->is_envelope = envelope_read(&p->envelope, &copy, p->name, err);
    buf_release(&copy);
    if (p->is_envelope && !p->envelope.state.data)
        return error_set(err, ERR_FORMAT, "'%s' holds no state", p->name);
    if (p->is_envelope)
        return state_normalize(p->name, project, p->envelope.state, &p->document, err);
    if (!state_normalize(p->name, nobody, buf_bytes(text), &p->document, &unheard))
        return false;
    buf_clear(&p->document);
    return state_normalize(p->name, project, buf_bytes(text), &p->document, err);
}

bool state_pushed_read(struct session *s, const char *file, struct state_pushed *p,
                       struct error *err)
{
    struct buf text = {0};
    *p = (struct state_pushed){.name = file};
    bool ok = read_text(file, &text, err) && read_either(p, s->model.project.name, &text, err);
    buf_release(&text);
    p->state = buf_bytes(&p->document);
    return ok;
}

/* A newline at the end makes no other state. */
bool state_pushed_is(const struct state_pushed *p, const struct envelope *there)
{
    return there->state.data &&
           bytes_equal(bytes_trim(p->state, "\n"), bytes_trim(there->state, "\n"));
}

void state_pushed_release(struct state_pushed *p)
{
    envelope_release(&p->envelope);
    buf_release(&p->document);
    *p = (struct state_pushed){0};
}
