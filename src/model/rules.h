/*
 * rules.h: what the rules of validation share. Private to model/.
 *
 * A rule is a small function with one message. Rules about one namespace get it; rules about the
 * whole model look for themselves. validate.c holds the tables that name them all.
 */
#ifndef CFKV_MODEL_RULES_H
#define CFKV_MODEL_RULES_H

#include "base/text.h"
#include "validate.h"

struct check {
    struct model *m;
    struct diag_list *diags;
    int64_t now;
    struct arena scratch; /* texts that are needed until the end of validation */
};

typedef void (*model_rule)(struct check *c);
typedef void (*namespace_rule)(struct check *c, const struct namespace_decl *ns);

extern const namespace_rule namespace_rules[]; /* each ends with NULL */
extern const namespace_rule preview_rules[];   /* a preview's own: all else it has from its own */
extern const model_rule namespaces_rules[];    /* about namespaces beside each other */
extern const model_rule project_rules[];
extern const model_rule removed_rules[];
extern const model_rule output_rules[];
extern const model_rule wrangler_rules[];
extern const model_rule seed_rules[];

/* ---- Texts for messages ---------------------------------------------------------------------- */

struct quoted {
    char text[256];
};

struct place {
    char text[320];
};

/* 'b' as a message shows it, "kv.lua:3" of a position. Values, so that a call can hold several. */
struct quoted quoted(struct bytes b);
struct place place(struct srcpos pos);

#define QUOTE(b)   (quoted(b).text)
#define PLACE(pos) (place(pos).text)

/* Hint of the last diagnostic: "did you mean 'prod'?", else "known: 'dev', 'prod'", of which the
 * first ten are told. */
void hint_nearest(struct check *c, struct bytes given, const struct strings *names);

/* The one that `given` is a slip for; data NULL: none. It lives in c->scratch. */
struct bytes nearest_name(struct check *c, struct bytes given, const struct strings *names);

/* ---- Things declared twice ------------------------------------------------------------------- */

/* The index under which `key` was noted before, or MAP_NONE when this call noted it. */
size_t note_once(struct map *seen, struct bytes key, size_t index);

/* Two texts as one map key that no other two texts share; lives in c->scratch. */
struct bytes key_pair(struct check *c, struct bytes scope, struct bytes name);

/* A name, and where it is declared. */
struct named {
    struct bytes text;
    struct srcpos pos;
};

/* Warns of those that differ, and that people take for one (base/fold.h), each with the first that
 * it is like; `kind` is "titles". In time of their number. */
void report_alike(struct check *c, const char *code, const char *kind, const struct named *names,
                  size_t n);

/* "title 'x' is declared twice: at kv.lua:3 and kv.lua:9", an error at the later place. */
void report_twice(struct check *c, const char *code, const char *what, struct bytes value,
                  struct srcpos one, struct srcpos other);

/* ---- Shapes of text -------------------------------------------------------------------------- */

/* NULL when `b` is text that a title or a name may be: valid UTF-8 without control characters; else
 * what is wrong ("is not valid UTF-8"). */
const char *text_fault(struct bytes b);

/* NULL when `path` is a relative path that stays below its folder; else what is wrong. */
const char *path_fault(struct bytes path);

/* The same of a path that cfkv writes: what may be read is what may be written. (Links are looked
 * at where the root is.) */
const char *write_fault(struct check *c, struct bytes path);

bool strings_contain(const struct strings *list, struct bytes name);

/* true when `name` is one of the project's environments, or the project names none. */
bool environment_known(const struct project *project, struct bytes name);

/* The project's environments; where it names none, those of its namespaces. */
struct strings environments_declared(struct check *c);

/* true when `name` is one of them, or there is none at all. */
bool environment_declared(const struct strings *envs, struct bytes name);

#endif
