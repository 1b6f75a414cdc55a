#include "credentials_command.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/text.h"
#include "own_file.h"
#include "own_program.h"

#define SETTING "credentials_command"

/* ---- Which ----------------------------------------------------------------------------------- */

/* `"…"` without the marks; the file is written as TOML is. */
static const char *unquoted(struct arena *arena, const char *value)
{
    size_t len = strlen(value);
    bool quoted = len >= 2 && (value[0] == '"' || value[0] == '\'') && value[len - 1] == value[0];
    return quoted ? arena_copy(arena, bytes_make(value + 1, len - 2)).data : value;
}

/* What is misspelt there would be a command that silently does not count. */
static bool check_settings(const struct ini *ini, const char *path, struct error *err)
{
    char name[QUOTED_SIZE];
    for (size_t i = 0; i < ini->n; i++) {
        const struct ini_setting *s = &ini->items[i];
        if (!*s->section && !s->sub && strcmp(s->name, SETTING) == 0)
            continue;
        error_set(err, ERR_FORMAT, "%s:%zu: there is no setting %s", path, s->line,
                  text_quoted(bytes_of(*s->name ? s->name : s->section), name, sizeof name));
        return error_hint(err, "the one that there is: " SETTING " = \"PROGRAM ARGUMENTS\"");
    }
    return true;
}

bool credentials_command_find(struct arena *arena, struct credentials_command *out,
                              struct error *err)
{
    const char *line = getenv(CREDENTIALS_COMMAND);
    const char *path = own_file_config(arena);
    struct ini ini = {0};
    *out = (struct credentials_command){.line = line};
    if (line && line[strspn(line, " \t")])
        return true;
    out->line = NULL;
    if (!path)
        return true;
    if (!own_file_read(arena, path, &ini, err) || !check_settings(&ini, path, err))
        return false;
    const struct ini_setting *s = ini_find(&ini, "", SETTING, NULL);
    const char *value = s ? unquoted(arena, s->value) : "";
    if (value[strspn(value, " \t")])
        *out = (struct credentials_command){.line = value, .file = path, .at = s->line};
    return true;
}

const char *credentials_command_name(struct arena *arena, const struct credentials_command *c)
{
    return c->file ? arena_printf(arena, SETTING " of %s:%zu", c->file, c->at)
                   : CREDENTIALS_COMMAND;
}

/* ---- What it prints -------------------------------------------------------------------------- */

static const char *member(struct arena *arena, const struct json *doc, const char *name)
{
    const char *value;
    return json_as_str(json_member(doc, name), &value) && *value ? arena_str(arena, value) : NULL;
}

/* As wrangler prints it; other members are its business. */
static bool read_json(struct arena *arena, struct bytes text, struct http_credentials *out)
{
    struct error unheard; /* what does not parse may hold the token */
    struct json *doc = json_doc_parse(text, &unheard);
    out->token = member(arena, doc, "token");
    if (!out->token) {
        out->key = member(arena, doc, "key");
        out->email = member(arena, doc, "email");
    }
    json_doc_free(doc);
    return out->token || (out->key && out->email);
}

static bool read_output(struct arena *arena, struct bytes text, struct http_credentials *out,
                        struct error *err)
{
    struct error why;
    if (text.data[0] == '{') {
        if (!read_json(arena, text, out))
            return error_set(err, ERR_FAILED, "it printed JSON without a token");
    } else {
        out->token = arena_copy(arena, text).data;
    }
    if (!http_check_credentials(out, &why))
        return error_set(err, ERR_FAILED, "what it prints is no token: %s", why.message);
    if (out->token && strchr("\"'", out->token[0]))
        return error_set(err, ERR_FAILED,
                         "what it prints begins with a quotation mark, which is no "
                         "part of a token");
    return true;
}

bool credentials_command_run(struct arena *arena, const struct credentials_command *c,
                             struct http_credentials *out, struct error *err)
{
    struct buf text = {0};
    const char *name = credentials_command_name(arena, c);
    *out = (struct http_credentials){0};
    bool ok = own_program_run(own_program_words(arena, c->line), name, &text, err);
    if (ok && !read_output(arena, buf_bytes(&text), out, err)) {
        *out = (struct http_credentials){0};
        ok = error_wrap(err, "%s", name);
        error_hint(err, "it is to print the token alone, or as 'wrangler auth token --json' does");
    }
    own_program_forget(&text);
    return ok;
}
