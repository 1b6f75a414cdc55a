#include "keep_names.h"

#include "base/file.h"
#include "base/text.h"

#define FILE_MAX (1 << 20) /* bytes: 20,000 branches of 50 */
#define HINT_NONE                                                                                  \
    "where none is to stay, say so on purpose: --keep-none; what is declared stays in any case"

static void add(struct sweep_names *names, struct arena *arena, struct bytes text,
                const char *source)
{
    arena_grow(arena, (void **)&names->items, &names->cap, names->n + 1, sizeof *names->items);
    struct sweep_name *name = &names->items[names->n++];
    *name = (struct sweep_name){.text = text, .source = source};
    slug_digits(text, name->digits);
}

/* ---- Files ----------------------------------------------------------------------------------- */

static struct bytes next_line(struct bytes *rest)
{
    const char *end = memchr(rest->data, '\n', rest->len);
    size_t len = end ? (size_t)(end - rest->data) : rest->len;
    struct bytes line = bytes_make(rest->data, len);
    *rest = bytes_make(rest->data + len + (end != NULL), rest->len - len - (end != NULL));
    return line;
}

/* What no branch is called: git allows neither blanks nor control characters nor `[`. */
static bool check_name(const char *source, struct bytes name, struct error *err)
{
    char shown[QUOTED_SIZE];
    bool odd = name.data[0] == '[' || name.data[0] == '{' || name.data[0] == '<';
    for (size_t i = 0; i < name.len; i++)
        odd = odd || (unsigned char)name.data[i] <= ' ' || name.data[i] == 0x7f;
    if (!odd)
        return true;
    error_set(err, ERR_GUARD, "%s: %s is no name of an environment or a branch", source,
              text_quoted(name, shown, sizeof shown));
    return error_hint(err, "a name a line and nothing else, such as 'gh pr list --json number --jq "
                           "\".[].number\"' prints");
}

static bool read_lines(struct sweep_names *names, struct arena *arena, const char *path,
                       struct bytes rest, size_t *n, struct error *err)
{
    if (bytes_starts_with(rest, bytes_of("\xef\xbb\xbf")))
        rest = bytes_make(rest.data + 3, rest.len - 3);
    for (size_t line = 1; rest.len > 0; line++) {
        struct bytes name = bytes_trim(next_line(&rest), " \t\r");
        const char *source = arena_printf(arena, "%s:%zu", path, line);
        bool comment = name.len > 0 && name.data[0] == '#';
        if (name.len == 0)
            continue;
        if (!comment && !check_name(source, name, err))
            return false;
        add(names, arena, arena_copy(arena, name), source);
        *n += !comment;
    }
    return true;
}

static bool read_file(struct sweep_names *names, struct arena *arena, const char *path,
                      struct error *err)
{
    struct buf text = {0};
    size_t n = 0;
    if (!file_read(path, FILE_MAX, &text, err) || !text_check_utf16(buf_bytes(&text), err)) {
        buf_release(&text);
        err->code = ERR_GUARD; /* nothing is known of what is to stay */
        error_wrap(err, "cannot tell which environments stay");
        return error_hint(err, HINT_NONE);
    }
    bool ok = read_lines(names, arena, path, buf_bytes(&text), &n, err);
    buf_release(&text);
    if (!ok || n > 0)
        return ok;
    error_set(err, ERR_GUARD, "%s names no environment that stays", path);
    return error_hint(err, HINT_NONE);
}

/* ---- All ------------------------------------------------------------------------------------- */

static bool refuse_both(const struct options *o, struct error *err)
{
    const char *other = o->keep_envs.n > 0 ? "--keep-env" : "--keep-file";
    error_set(err, ERR_USAGE, "--keep-none contradicts %s", other);
    return error_hint(err, "without it what %s names stays", other);
}

static bool check_options(const struct options *o, struct error *err)
{
    if (o->keep_none && o->keep_envs.n + o->keep_files.n > 0)
        return refuse_both(o, err);
    for (size_t i = 0; i < o->keep_envs.n; i++)
        if (!*o->keep_envs.items[i]) {
            error_set(err, ERR_GUARD, "--keep-env names nothing: is the variable set?");
            return error_hint(err, HINT_NONE);
        }
    return true;
}

bool keep_names_read(const struct options *o, struct arena *arena, struct sweep_names *names,
                     struct error *err)
{
    if (!check_options(o, err))
        return false;
    for (size_t i = 0; i < o->keep_envs.n; i++)
        add(names, arena, bytes_of(o->keep_envs.items[i]), "--keep-env");
    for (size_t i = 0; i < o->keep_files.n; i++)
        if (!read_file(names, arena, o->keep_files.items[i], err))
            return false;
    names->given = o->keep_none || names->n > 0;
    return true;
}

size_t keep_names_idle(const struct sweep_names *names, const struct sweep *sweep,
                       struct bytes match)
{
    size_t idle = 0;
    for (size_t i = 0; i < names->n; i++) {
        bool keeps = false;
        for (size_t e = 0; !keeps && e < sweep->n; e++)
            keeps = sweep_keeps(&names->items[i], sweep->items[e].name, match);
        idle += !keeps;
    }
    return idle;
}
