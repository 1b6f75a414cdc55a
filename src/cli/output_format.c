#define _GNU_SOURCE 1 /* memmem */
#include "output_format.h"

#include <string.h>

#include "base/hash.h"
#include "base/map.h"
#include "base/text.h"
#include "show.h"

const char *const output_format_words[] = {
    [OUTPUT_TEXT] = "text",     [OUTPUT_JSON] = "json",     [OUTPUT_ENV] = "env",
    [OUTPUT_GITHUB] = "github", [OUTPUT_TFVARS] = "tfvars", [OUTPUT_FORMAT_UNSET] = NULL,
};

#define DELIMITER_BYTES 16

static const struct srcpos nowhere = {0};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* ---- Names ----------------------------------------------------------------------------------- */

/* A character of several bytes is one _. */
static void env_name(const char *name, struct buf *out)
{
    if (!*name || is_digit(*name))
        buf_add_char(out, '_');
    for (const char *c = name; *c; c++) {
        bool continues = ((unsigned char)*c & 0xc0) == 0x80;
        if (is_lower(*c))
            buf_add_char(out, (char)(*c - 'a' + 'A'));
        else if (is_upper(*c) || is_digit(*c))
            buf_add_char(out, *c);
        else if (!continues)
            buf_add_char(out, '_');
    }
}

/* GitHub looks names up without regard to case. */
static void github_key(const char *name, struct buf *out)
{
    for (const char *c = name; *c; c++)
        buf_add_char(out, is_upper(*c) ? (char)(*c - 'A' + 'a') : *c);
}

/* Two outputs that `fold` makes one. */
static void report_same(const char *name, const char *other, struct bytes folded,
                        struct diag_list *problems)
{
    char quoted[80], quoted_other[80], quoted_folded[80];
    diag_add(problems, DIAG_ERROR, "output.format", nowhere,
             "outputs %s and %s are both %s in this format",
             text_quoted(bytes_of(name), quoted, sizeof quoted),
             text_quoted(bytes_of(other), quoted_other, sizeof quoted_other),
             text_quoted(folded, quoted_folded, sizeof quoted_folded));
    diag_hint(problems, "give one of them another name, or print them one at a time");
}

static bool check_distinct(const struct state_output *outputs, size_t n,
                           void (*fold)(const char *name, struct buf *out),
                           struct diag_list *problems, struct error *err)
{
    struct arena arena = {0};
    struct map seen = {0};
    struct buf folded = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < n; i++) {
        struct bytes key;
        size_t first;
        buf_clear(&folded);
        fold(outputs[i].name, &folded);
        ok = buf_ok(&folded, err) &&
             ((arena_bytes(&arena, buf_bytes(&folded), &key) && map_add(&seen, key, i, &first)) ||
              error_nomem(err));
        if (ok && first != MAP_NONE)
            report_same(outputs[first].name, outputs[i].name, key, problems);
    }
    buf_release(&folded);
    map_release(&seen);
    arena_release(&arena);
    return ok;
}

/* A letter or _, then letters, digits, _ and -: GitHub and HCL have the same rule. */
static bool is_identifier(const char *name)
{
    if (!is_lower(*name) && !is_upper(*name) && *name != '_')
        return false;
    for (const char *c = name; *c; c++)
        if (!is_lower(*c) && !is_upper(*c) && !is_digit(*c) && *c != '_' && *c != '-')
            return false;
    return true;
}

static void check_identifiers(const struct state_output *outputs, size_t n,
                              struct diag_list *problems)
{
    char quoted[80];
    for (size_t i = 0; i < n; i++) {
        if (is_identifier(outputs[i].name))
            continue;
        diag_add(problems, DIAG_ERROR, "output.format", nowhere,
                 "output name %s is no identifier, as this format needs",
                 text_quoted(bytes_of(outputs[i].name), quoted, sizeof quoted));
        diag_hint(problems, "use letters, digits, _ and -, beginning with a letter or _");
    }
}

/* ---- env ------------------------------------------------------------------------------------- */

static bool check_env_value(const struct state_output *output, struct diag_list *problems,
                            struct error *err)
{
    struct buf value = {0};
    char quoted[80];
    bool ok = show_value(output, &value, err);
    if (ok && value.len > 0 && memchr(value.data, '\0', value.len)) {
        diag_add(problems, DIAG_ERROR, "output.format", nowhere,
                 "output %s has a NUL in its value, which no environment variable can hold",
                 text_quoted(bytes_of(output->name), quoted, sizeof quoted));
        diag_hint(problems, "--format json can hold it");
    }
    buf_release(&value);
    return ok;
}

static bool check_env(const struct state_output *outputs, size_t n, struct diag_list *problems,
                      struct error *err)
{
    for (size_t i = 0; i < n; i++)
        if (!check_env_value(&outputs[i], problems, err))
            return false;
    return check_distinct(outputs, n, env_name, problems, err);
}

/* In single quotes nothing but their end is special; for one inside, they end and begin again. */
static void add_shell_quoted(struct bytes value, struct buf *out)
{
    buf_add_char(out, '\'');
    for (size_t i = 0; i < value.len; i++) {
        if (value.data[i] == '\'')
            buf_add_str(out, "'\\''");
        else
            buf_add_char(out, value.data[i]);
    }
    buf_add_char(out, '\'');
}

static bool write_env(const struct state_output *output, struct buf *out, struct error *err)
{
    struct buf value = {0};
    bool ok = show_value(output, &value, err);
    if (ok) {
        env_name(output->name, out);
        buf_add_char(out, '=');
        add_shell_quoted(buf_bytes(&value), out);
        buf_add_char(out, '\n');
    }
    buf_release(&value);
    return ok;
}

/* ---- github ---------------------------------------------------------------------------------- */

static bool check_github(const struct state_output *outputs, size_t n, struct diag_list *problems,
                         struct error *err)
{
    check_identifiers(outputs, n, problems);
    return check_distinct(outputs, n, github_key, problems, err);
}

static bool has_line_break(struct bytes b)
{
    return b.len > 0 && (memchr(b.data, '\n', b.len) || memchr(b.data, '\r', b.len));
}

/* One that nobody who chose the value can have known. */
static bool make_delimiter(struct bytes value, struct buf *delimiter, struct error *err)
{
    do {
        unsigned char random[DELIMITER_BYTES];
        if (!hash_random(random, sizeof random))
            return error_set(err, ERR_FAILED, "the system has no random bytes");
        buf_clear(delimiter);
        buf_add_str(delimiter, "ghadelimiter_");
        buf_add_hex(delimiter, random, sizeof random);
        if (!buf_ok(delimiter, err))
            return false;
    } while (memmem(value.data, value.len, delimiter->data, delimiter->len));
    return true;
}

static bool add_github_lines(const char *name, struct bytes value, struct buf *out,
                             struct error *err)
{
    struct buf delimiter = {0};
    bool ok = make_delimiter(value, &delimiter, err);
    if (ok) {
        buf_addf(out, "%s<<%s\n", name, delimiter.data);
        buf_add_bytes(out, value);
        buf_addf(out, "\n%s\n", delimiter.data);
    }
    buf_release(&delimiter);
    return ok;
}

static bool write_github(const struct state_output *output, struct buf *out, struct error *err)
{
    struct buf value = {0};
    bool ok = show_value(output, &value, err);
    if (ok && has_line_break(buf_bytes(&value))) {
        ok = add_github_lines(output->name, buf_bytes(&value), out, err);
    } else if (ok) {
        buf_addf(out, "%s=", output->name);
        buf_add_bytes(out, buf_bytes(&value));
        buf_add_char(out, '\n');
    }
    buf_release(&value);
    return ok;
}

/* ---- tfvars ---------------------------------------------------------------------------------- */

/* Where an HCL expression is written. */
struct hcl {
    struct buf *out;
    bool first; /* nothing is written yet at this level */
    bool named; /* a member's name is, and its value is due */
};

static void begin_item(struct hcl *w)
{
    if (!w->first && !w->named)
        buf_add_str(w->out, ", ");
    w->first = w->named = false;
}

/* `${` and `%{` begin templates in HCL, unless their first character is there twice. */
static void add_hcl_char(struct bytes s, size_t i, struct buf *out)
{
    char c = s.data[i];
    switch (c) {
    case '\n':
        buf_add_str(out, "\\n");
        return;
    case '\r':
        buf_add_str(out, "\\r");
        return;
    case '\t':
        buf_add_str(out, "\\t");
        return;
    case '"':
    case '\\':
        buf_addf(out, "\\%c", c);
        return;
    default:
        break;
    }
    if ((unsigned char)c < ' ' || c == 0x7f) {
        buf_addf(out, "\\u%04x", (unsigned)c);
        return;
    }
    if ((c == '$' || c == '%') && i + 1 < s.len && s.data[i + 1] == '{')
        buf_add_char(out, c);
    buf_add_char(out, c);
}

static void add_hcl_string(struct bytes s, struct buf *out)
{
    buf_add_char(out, '"');
    for (size_t i = 0; i < s.len; i++)
        add_hcl_char(s, i, out);
    buf_add_char(out, '"');
}

static bool hcl_word(struct hcl *w, const char *word, struct error *err)
{
    begin_item(w);
    return buf_add_str(w->out, word) || error_nomem(err);
}

static bool hcl_null(void *ctx, struct error *err)
{
    return hcl_word(ctx, "null", err);
}

static bool hcl_boolean(void *ctx, bool b, struct error *err)
{
    return hcl_word(ctx, b ? "true" : "false", err);
}

static bool hcl_integer(void *ctx, int64_t n, struct error *err)
{
    struct hcl *w = ctx;
    begin_item(w);
    return buf_addf(w->out, "%lld", (long long)n) || error_nomem(err);
}

static bool hcl_number(void *ctx, double d, struct bytes text, struct error *err)
{
    (void)d;
    struct hcl *w = ctx;
    begin_item(w);
    return buf_add_bytes(w->out, text) || error_nomem(err);
}

static bool hcl_string(void *ctx, struct bytes s, struct error *err)
{
    struct hcl *w = ctx;
    begin_item(w);
    add_hcl_string(s, w->out);
    return buf_ok(w->out, err);
}

static bool hcl_key(void *ctx, struct bytes name, struct error *err)
{
    struct hcl *w = ctx;
    begin_item(w);
    add_hcl_string(name, w->out);
    w->named = true;
    return buf_add_str(w->out, " = ") || error_nomem(err);
}

static bool hcl_begin(struct hcl *w, char bracket, struct error *err)
{
    begin_item(w);
    w->first = true;
    return buf_add_char(w->out, bracket) || error_nomem(err);
}

static bool hcl_end(struct hcl *w, char bracket, struct error *err)
{
    w->first = false;
    return buf_add_char(w->out, bracket) || error_nomem(err);
}

static bool hcl_begin_object(void *ctx, struct error *err)
{
    return hcl_begin(ctx, '{', err);
}

static bool hcl_end_object(void *ctx, struct error *err)
{
    return hcl_end(ctx, '}', err);
}

static bool hcl_begin_array(void *ctx, struct error *err)
{
    return hcl_begin(ctx, '[', err);
}

static bool hcl_end_array(void *ctx, struct error *err)
{
    return hcl_end(ctx, ']', err);
}

static const struct json_handlers hcl_handlers = {
    .null = hcl_null,
    .boolean = hcl_boolean,
    .integer = hcl_integer,
    .number = hcl_number,
    .string = hcl_string,
    .begin_object = hcl_begin_object,
    .key = hcl_key,
    .end_object = hcl_end_object,
    .begin_array = hcl_begin_array,
    .end_array = hcl_end_array,
};

static bool check_tfvars(const struct state_output *outputs, size_t n, struct diag_list *problems,
                         struct error *err)
{
    (void)err;
    check_identifiers(outputs, n, problems);
    return true;
}

static bool write_tfvars(const struct state_output *output, struct buf *out, struct error *err)
{
    struct hcl w = {.out = out, .first = true};
    buf_addf(out, "%s = ", output->name);
    if (!json_parse(output->json, &hcl_handlers, &w, err))
        return false;
    buf_add_char(out, '\n');
    return true;
}

/* ---- All of them ----------------------------------------------------------------------------- */

struct writer {
    bool (*check)(const struct state_output *outputs, size_t n, struct diag_list *problems,
                  struct error *err);
    bool (*write)(const struct state_output *output, struct buf *out, struct error *err);
};

static const struct writer writers[] = {
    [OUTPUT_ENV] = {check_env, write_env},
    [OUTPUT_GITHUB] = {check_github, write_github},
    [OUTPUT_TFVARS] = {check_tfvars, write_tfvars},
};

static bool sum_up(const struct diag_list *problems, enum output_format format, struct error *err)
{
    if (problems->n == 0)
        return true;
    return error_set(err, ERR_FAILED, "nothing is printed: %zu problem%s with --format %s",
                     problems->n, text_plural(problems->n), output_format_words[format]);
}

bool output_format_write(enum output_format format, const struct state_output *outputs, size_t n,
                         struct diag_list *problems, struct buf *out, struct error *err)
{
    const struct writer *writer = &writers[format];
    if (!writer->check(outputs, n, problems, err) || !sum_up(problems, format, err))
        return false;
    struct buf entries = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < n; i++)
        ok = writer->write(&outputs[i], &entries, err);
    ok = ok && buf_ok(&entries, err) &&
         (buf_add_bytes(out, buf_bytes(&entries)) || error_nomem(err));
    buf_release(&entries);
    return ok;
}
