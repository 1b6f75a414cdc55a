#include "own_program.h"

#include "base/clock.h"
#include "base/spawn.h"
#include "base/text.h"

extern char **environ;

/* ---- Words ----------------------------------------------------------------------------------- */

struct words {
    struct arena *arena;
    const char **items;
    size_t n, cap;
};

static void add_word(struct words *w, struct bytes word)
{
    arena_grow(w->arena, (void **)&w->items, &w->cap, w->n + 2, sizeof *w->items);
    w->items[w->n++] = arena_copy(w->arena, word).data;
    w->items[w->n] = NULL;
}

static struct words no_words(struct arena *arena)
{
    struct words w = {.arena = arena};
    arena_grow(arena, (void **)&w.items, &w.cap, 1, sizeof *w.items);
    w.items[0] = NULL;
    return w;
}

#define BLANKS " \t\r\n\v\f"

const char *const *own_program_words(struct arena *arena, const char *line)
{
    struct words w = no_words(arena);
    while (*(line += strspn(line, BLANKS))) {
        size_t len = strcspn(line, BLANKS);
        add_word(&w, bytes_make(line, len));
        line += len;
    }
    return w.items;
}

/* The characters of the quoted text that `*line` begins with, which is left behind it. */
static bool take_quoted(const char **line, struct buf *word)
{
    char quote = *(*line)++;
    while (**line && **line != quote) {
        if (quote == '"' && **line == '\\' && ((*line)[1] == '"' || (*line)[1] == '\\'))
            ++*line;
        buf_add_char(word, *(*line)++);
    }
    return *(*line) && *(*line)++ == quote;
}

static bool take_word(const char **line, struct buf *word)
{
    while (**line && !strchr(BLANKS, **line)) {
        if (**line == '"' || **line == '\'') {
            if (!take_quoted(line, word))
                return false;
            continue;
        }
        if (**line == '\\' && (*line)[1])
            ++*line;
        buf_add_char(word, *(*line)++);
    }
    return true;
}

const char *const *own_program_shell_words(struct arena *arena, const char *line)
{
    struct words w = no_words(arena);
    struct buf word = {0};
    bool ok = true;
    while (ok && *(line += strspn(line, BLANKS))) {
        buf_clear(&word);
        ok = take_word(&line, &word);
        add_word(&w, buf_bytes(&word));
    }
    buf_release(&word);
    return ok ? w.items : NULL;
}

/* ---- Running --------------------------------------------------------------------------------- */

/* Of what cfkv was given, and no program of the user's asks for. */
static bool is_withheld(const char *variable)
{
    static const char *const begins[] = {"CLOUDFLARE_API_TOKEN_", "CFKV_"};
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
        if (strncmp(variable, begins[i], strlen(begins[i])) == 0)
            return true;
    return false;
}

static const char *const *environment(struct arena *arena)
{
    size_t n = 0;
    while (environ[n])
        n++;
    const char **env = arena_alloc(arena, n + 1, sizeof *env);
    n = 0;
    for (char *const *v = environ; *v; v++)
        if (!is_withheld(*v))
            env[n++] = *v;
    return env;
}

static bool trim(struct buf *out)
{
    size_t begin = 0;
    while (out->len > 0 && strchr(BLANKS, out->data[out->len - 1]))
        out->len--;
    while (begin < out->len && strchr(BLANKS, out->data[begin]))
        begin++;
    out->len -= begin;
    if (out->len > 0) {
        memmove(out->data, out->data + begin, out->len);
        out->data[out->len] = '\0';
    }
    return out->len > 0;
}

/* What is wrong with what it printed; NULL: nothing. */
static const char *fault_of(struct buf *out)
{
    if (out->len == SPAWN_OUTPUT_MAX)
        return "printed more than 64 KiB";
    if (out->len > 0 && memchr(out->data, '\0', out->len))
        return "printed a NUL byte";
    return trim(out) ? NULL : "printed nothing";
}

bool own_program_run(const char *const *words, const char *what, struct buf *out, struct error *err)
{
    struct arena arena = {0};
    char name[QUOTED_SIZE];
    int code = 0;
    struct spawn spawn = {.argv = words,
                          .env = environment(&arena),
                          .seconds = OWN_PROGRAM_SECONDS,
                          .second_ms = clock_wait_unit_ms(),
                          .own = true};
    buf_reserve(out, SPAWN_OUTPUT_MAX + 1); /* grows no more, so that no copy is left behind */
    bool ok = spawn_run(&spawn, out, &code, err);
    arena_release(&arena);
    text_quoted(bytes_of(words[0]), name, sizeof name);
    if (!ok) {
        err->code = ERR_FAILED;
        error_wrap(err, "%s", what);
        return error_hint(err, "%s names it; run it by hand: it is to end within %d seconds", what,
                          OWN_PROGRAM_SECONDS);
    }
    const char *fault = code == 0 ? fault_of(out) : NULL;
    if (code != 0)
        error_set(err, ERR_FAILED, "%s, %s, ended with exit code %d", what, name, code);
    else if (fault)
        error_set(err, ERR_FAILED, "%s, %s, %s", what, name, fault);
    else
        return true;
    return error_hint(err, "what it says of it stands above; run it by hand to see what it prints");
}

void own_program_forget(struct buf *out)
{
    if (out->data)
        explicit_bzero(out->data, out->cap);
    buf_release(out);
}
