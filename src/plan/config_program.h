/*
 * config_program.h: cloudflare.config.ts, a program that gives wrangler its config under
 * --x-new-config.
 *
 * cfkv runs and edits none; it finds those beside a declared config and at the project's root, and
 * says what goes into them. Where the ids stand in the program already there is nothing to say.
 */
#ifndef CFKV_PLAN_CONFIG_PROGRAM_H
#define CFKV_PLAN_CONFIG_PROGRAM_H

#include "config_files.h"

struct config_program {
    const char *name;   /* relative to the project root */
    const char *beside; /* the declared config whose place it takes; NULL: there is none */
    struct srcpos pos;  /* of that one's declaration */
    struct bytes
        snippet; /* the bindings that it lacks, as TypeScript, a section behind the other */
};

struct config_programs {
    struct arena arena;
    struct config_program *items;
    size_t n, cap;
};

/* true when there is one at the root. */
bool config_program_at(const char *root);

/* Finds those that lack an id, or whose ids are not known yet: of the bindings of the configs
 * beside it, or, at the root where none is declared, of the namespaces that no declared config
 * binds. `ids` per namespace of `m`. Zeroed `p`, ended by config_programs_release. */
void config_programs_find(struct config_programs *p, const struct configs *configs,
                          const struct model *m, const char *root, const struct binding_ids *ids);
void config_programs_release(struct config_programs *p);

/* Warns of each ("wrangler.program"); `printed`: what goes into it is on stdout, else it is the
 * hint. */
void config_programs_note(const struct config_programs *p, bool printed, struct diag_list *notes);

/* What is to be printed then. */
void config_programs_print(const struct config_programs *p, struct buf *out);

#endif
