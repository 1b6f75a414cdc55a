/*
 * view.h: what lua/host/plan words: a plan in pieces, of which C compared, grouped and counted
 * everything.
 *
 * A format is a module with three functions, each of which gets a view, a JSON object, and returns
 * the text to add: `open(head)` once, `section(section)` any number of times, in plan order, and
 * `close(tail)` once. So text leaves in pieces, and a plan of any size is shown in bounded memory.
 *
 *     head     command, target|null, by|null, accounts [{id, name|null}], now, utc_offset,
 *              local_time, width, color, verbose, brief, public, fresh, adopts, summary|null,
 *              environments [{name|null, account|null, items, summary}], diagnostics [DIAG]
 *     section  env|null, account|null, address, title, or file, or shared = true;
 *              entries [ENTRY] (entry.h), more: how many actions are left out (VIEW_KEYS_MAX), of
 *              which more_losses delete or overwrite; `continued`: its heading was in the section
 *              before
 *     tail     outputs [{name, account|null, before, after (JSON texts), unknown}], summary|null,
 *              cost|null, left_out, unsure, checked|null, saved|null
 *     DIAG     severity, code, message, hint|null, file|null, line|null
 *
 * `account` is the word for it where several are in play (target_account_word), else null.
 *
 * Drift is shown by the same pieces: what they are made of is a struct shown (group.h).
 */
#ifndef CFKV_PLAN_VIEW_H
#define CFKV_PLAN_VIEW_H

#include "entry.h"
#include "group.h"

/* Keys and sources of a section, and as many that are lost, if not all; and those of all sections
 * that lose nothing: nobody reads more. */
#define VIEW_KEYS_MAX 20
#define VIEW_ALL_MAX  1000

struct view_options {
    const char *command;     /* "plan" … */
    const char *by;          /* the configuration that was found above; NULL: none */
    const char *saved;       /* the file of --out; NULL: none */
    bool verbose;            /* everything */
    bool public;             /* others may read it: no value is shown that cfkv did not write */
    bool by_environment;     /* entries are shared within one environment only */
    bool brief;              /* only what it comes to */
    size_t limit;            /* characters of a document; 0: the format's own limit */
    bool color, local_time;  /* local_time: times are told in the zone of `utc_offset` */
    unsigned width;          /* columns */
    int64_t now, utc_offset; /* seconds */
    const struct diag_list *diags; /* of the configuration */
};

/* Takes the next view, for that function of the module; false ends it. */
typedef bool (*view_fn)(void *ctx, const char *function, struct bytes view, struct error *err);

/* Shows a plan. */
bool plan_show(const struct plan *p, const struct view_options *options, view_fn show, void *ctx,
               struct error *err);

/* ---- The pieces ------------------------------------------------------------------------------ */

struct view_head {
    const struct target *target; /* NULL: nothing has one (validate) */
    bool fresh, adopts;
    const struct plan_summary *summary;     /* NULL: there is none */
    const struct environment *environments; /* with their summaries */
    size_t n_environments;
    const struct diag_list *notes; /* beside those of the options; NULL: none */
};

struct view_tail {
    const struct plan *plan; /* of its outputs, cost and summary; NULL: none */
    size_t left_out, unsure;
    size_t checked; /* SIZE_MAX: null */
};

/* What plans and drift have in common: its environments are the groups', its sections `shown`. */
struct view {
    const struct shown *shown;
    struct groups *groups; /* zeroed, but for environments; released by view_show */
    struct view_head head;
    struct view_tail tail;
};

bool view_show(const struct view *v, const struct view_options *options, view_fn show, void *ctx,
               struct error *err);

bool view_open(const struct view_head *head, const struct view_options *options, view_fn show,
               void *ctx, struct error *err);
bool view_close(const struct view_tail *tail, const struct view_options *options, view_fn show,
                void *ctx, struct error *err);

/* How entries are to be written. */
struct entry_options view_entry_options(const struct view_options *options);

/*
 * A section being made: it is zeroed, gets its heading, and is begun; then come entries, one by
 * one, which are shown in pieces of a bounded size, and its end. Released even if it was not ended.
 */
struct view_section {
    struct bytes env, account, address, title; /* as in the view; data NULL: null */
    struct bytes file;
    bool shared;
    view_fn show;
    void *ctx;
    struct entry_options options;

    struct buf json; /* private, as what follows */
    struct json_writer w;
    size_t n; /* entries in this piece */
    bool continued;
};

void view_section_begin(struct view_section *s);
bool view_section_add(struct view_section *s, const struct entry *e,
                      const struct entry_names *names, struct error *err);
bool view_section_end(struct view_section *s, uint64_t more, uint64_t more_losses,
                      struct error *err);

#endif
