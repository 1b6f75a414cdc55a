/*
 * wrangler.h: the KV bindings of a wrangler.toml, wrangler.json or wrangler.jsonc, read and changed
 * where they stand. Bytes in, bytes out: no I/O.
 *
 * A config belongs to its user. An edit touches the bindings it names and nothing else: comments,
 * alignment, line endings, byte order mark, indentation, trailing commas and a missing final
 * newline stay as they are. After each edit the new text is read again and compared, member by
 * member, with what was asked for; when they differ in anything, nothing is returned.
 *
 *     struct wrangler_config config;
 *     if (!wrangler_config_read(text, WRANGLER_TOML, &config, err))
 *         return error_wrap(err, "cannot read %s", quoted_path);
 *     … look at config.bindings …
 *     wrangler_config_release(&config);
 *
 *     struct wrangler_edit edits[] = {
 *         {.verb = WRANGLER_SET, .binding = bytes_of("CACHE"), .id = id},
 *         {.verb = WRANGLER_REMOVE, .env = bytes_of("prod"), .binding = bytes_of("OLD")},
 *     };
 *     wrangler_config_edit(text, WRANGLER_TOML, edits, 2, &out, err);
 *
 * Everywhere, an `env` is a section (model/section.h): with data NULL the top level.
 */
#ifndef CFKV_WRANGLER_WRANGLER_H
#define CFKV_WRANGLER_WRANGLER_H

#include "base/arena.h"
#include "base/buf.h"
#include "model/section.h"

#define WRANGLER_CONFIG_MAX (1024 * 1024) /* bytes of a config; larger ones are ERR_LIMIT */

enum wrangler_syntax {
    WRANGLER_TOML, /* TOML 1.0, and what wrangler's parser takes of 1.1 (struct wrangler_newer) */
    WRANGLER_JSON  /* with comments and trailing commas, as wrangler reads .json too */
};

/* The syntax that wrangler reads a file of this name in; false: none of .toml, .json, .jsonc. */
bool wrangler_syntax_of(struct bytes path, enum wrangler_syntax *syntax);

/* ---- Reading --------------------------------------------------------------------------------- */

enum wrangler_form {
    WRANGLER_TABLE,  /* [[kv_namespaces]] and the lines below it */
    WRANGLER_INLINE, /* { … } in kv_namespaces = [ … ] */
    WRANGLER_OBJECT  /* JSON */
};

struct wrangler_binding {
    struct bytes env;
    struct bytes binding;
    struct bytes id;         /* data NULL: not there; empty: wrangler refuses it */
    struct bytes preview_id; /* likewise */
    bool remote;             /* `wrangler dev` uses the remote namespace */
    size_t line;             /* where it starts, from 1 */
    enum wrangler_form form;
};

struct wrangler_environment {
    struct bytes name;
    struct bytes worker;     /* its own `name`; data NULL: none */
    struct bytes account_id; /* its own; data NULL: none */
    size_t account_line;     /* of account_id; 0: none */
    bool has_bindings;       /* it has kv_namespaces, even empty: they are not inherited */
    size_t line;
};

/* A list that looks like one of KV bindings, where wrangler reads none. */
struct wrangler_unread {
    struct bytes path; /* "vars.kv_namespaces", "env.prod.kv-namespaces"; arrays without places */
    size_t line;
    bool legacy; /* `kv-namespaces`, as wrangler 1 had it */
};

/*
 * What a file has of TOML 1.1: inline tables over lines or with a comma behind their last member,
 * the escapes \e and \xHH, times without seconds. wrangler takes all of it since 4.137 (its parser
 * is smol-toml 1.8 there); before, up to 4.136.0 (1.5), it refuses the file.
 */
#define WRANGLER_TOML_1_1 "4.137.0"

struct wrangler_newer {
    size_t line;         /* of the first; 0: the file is TOML 1.0 */
    const char *what;    /* "an inline table over several lines" */
    const char *instead; /* how 1.0 has it: "write it on one line" */
};

struct wrangler_config {
    struct arena arena;
    struct bytes name;       /* of the worker; data NULL: none */
    struct bytes account_id; /* wins over CLOUDFLARE_ACCOUNT_ID in wrangler; data NULL: none */
    size_t account_line;     /* of account_id; 0: none */
    struct bytes main;       /* data NULL: none */
    bool has_bindings;       /* the top level has kv_namespaces */
    size_t previews_line;    /* of the block, with or without bindings; 0: there is none */
    size_t pages_line; /* of pages_build_output_dir, which makes it a Pages project; 0: none */
    struct bytes uninherited; /* what else of the top level environments do not inherit: "vars,
                                 queues"; data NULL: nothing */

    /* Redirected configs. `redirect_to`: this file is no config but .wrangler/deploy/config.json,
     * which names the one to deploy. `generated_from`: a build tool wrote this config from that
     * one and will do so again, so that is the one to edit. data NULL: neither. */
    struct bytes redirect_to;
    struct bytes generated_from;

    struct wrangler_newer newer;

    struct wrangler_environment *environments; /* in the order of the file */
    size_t n_environments;
    struct wrangler_binding *bindings; /* the top level's, those of [previews], then each
                                          environment's, in its order */
    size_t n_bindings;
    struct wrangler_unread *unread; /* in the order of the file, but for TOML tables that go on
                                       further down */
    size_t n_unread;
};

/*
 * Reads a whole config. ERR_FORMAT "line 3, column 7: …" when it does not parse, when
 * kv_namespaces is no array of tables, when a binding has no name, an id that is no string, or a
 * name that its section has already, and when an environment is called WRANGLER_PREVIEWS. What it
 * fills lives until wrangler_config_release, which is safe after a failure too.
 */
bool wrangler_config_read(struct bytes text, enum wrangler_syntax syntax,
                          struct wrangler_config *config, struct error *err);
void wrangler_config_release(struct wrangler_config *config);

/* true for an id that a namespace can have: 32 hexadecimal digits, of either case. All else that
 * stands for an id is a placeholder. */
bool wrangler_id_is_real(struct bytes id);

/* NULL when there is none. */
const struct wrangler_binding *wrangler_config_binding(const struct wrangler_config *config,
                                                       struct bytes env, struct bytes binding);
const struct wrangler_environment *wrangler_config_environment(const struct wrangler_config *config,
                                                               struct bytes env);

/* The account that wrangler deploys a section to by the word of the file: the environment's
 * account_id, else the top level's. */
struct wrangler_account {
    struct bytes id; /* data NULL: the file names none, or a placeholder */
    size_t line;     /* of the account_id; 0: none */
    bool inherited;  /* it is the top level's, and the section another one */
};

struct wrangler_account wrangler_config_account(const struct wrangler_config *config,
                                                struct bytes env);

/* ---- Changing -------------------------------------------------------------------------------- */

enum wrangler_verb { WRANGLER_SET, WRANGLER_REMOVE };

struct wrangler_edit {
    enum wrangler_verb verb;
    struct bytes env;
    struct bytes binding;
    struct bytes id;         /* WRANGLER_SET; data NULL: left as it is; empty: taken out */
    struct bytes preview_id; /* likewise */
};

/*
 * Carries the edits out one after the other and appends the new text to `out`.
 *
 * A set of a binding that is there changes the value of its id and preview_id in place, and adds
 * the one that is missing. A set of another binding appends it: behind the last one of its
 * section and in its style, else as a new [[kv_namespaces]] block behind what belongs to the
 * section, or as a new member at the end of its object. A binding that already is as it should
 * be, and the removal of one that is not there, change nothing.
 *
 * What grows is written as a formatter would break it, with the indentation of the file: empty
 * brackets of a JSON file over lines get lines (`"staging": {}`, `"kv_namespaces": []`, and the
 * brackets around them on that line), as an empty list of TOML does that is no part of an inline
 * table; commas behind last members go on where the file has them. What has something in it goes on
 * as it is: on one line, or one binding a line. A file on one line stays on one line.
 *
 * A remove takes the comment lines directly above the binding with it (unless they head the file
 * or the whole list) and the blank line that separated it, so that setting a new binding and
 * removing it gives the old bytes. Containers of JSON and inside inline tables that it empties go
 * too, where a set would have made them: over several lines, or inside another on one line, and
 * with nothing behind them but what was made for bindings. Hence the exceptions to giving the old
 * bytes, of containers that were there and empty: one that stood last in its object is gone, one
 * that stays is `[]` or `{}` without the white space that it had, and the brackets that got lines
 * with it keep them.
 *
 * The errors of wrangler_config_read; ERR_FAILED "cannot edit … safely" when the result is not
 * what was asked for. `out` is unchanged then.
 */
bool wrangler_config_edit(struct bytes text, enum wrangler_syntax syntax,
                          const struct wrangler_edit *edits, size_t n, struct buf *out,
                          struct error *err);

/* ---- Making ---------------------------------------------------------------------------------- */

struct wrangler_new {
    struct bytes name;               /* of the worker */
    struct bytes main;               /* data NULL: none */
    struct bytes compatibility_date; /* "2026-11-24" */
};

/* A small valid config with these bindings, for a file that is missing. */
bool wrangler_config_create(const struct wrangler_new *config, enum wrangler_syntax syntax,
                            const struct wrangler_edit *edits, size_t n, struct buf *out,
                            struct error *err);

/* ---- Showing --------------------------------------------------------------------------------- */

/* Appends what changed as a unified diff without file names; nothing when the texts are equal. The
 * lines are shown as they are, but without carriage returns. */
void wrangler_config_diff(struct bytes before, struct bytes after, struct buf *out);

#endif
