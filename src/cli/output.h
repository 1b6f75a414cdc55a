/*
 * output.h: results to stdout, messages to stderr.
 *
 * Whatever is text for people passes text_show (base/text.h) on its way out, so that nothing that
 * came from outside reaches a terminal raw. What is data for programs goes out byte for byte.
 *
 * The runner of GitHub Actions takes lines of a log for commands (base/ci.h). There, JSON has "##["
 * as
 * "\u0023#[", and text for people, once it is guarded, stands between "::stop-commands::TOKEN" and
 * "::TOKEN::". Both lines, and the annotations behind them, are on stdout, so that they are read in
 * this order. Who is killed leaves commands stopped.
 *
 * Results are collected in `out` and written by output_flush and output_end, which notice a full
 * disk, a broken pipe and a closed stdout. Messages go out at once; nobody checks whether stderr
 * took them.
 */
#ifndef CFKV_CLI_OUTPUT_H
#define CFKV_CLI_OUTPUT_H

#include "base/buf.h"
#include "model/diag_groups.h"
#include "options.h"

struct output_line;

struct output {
    struct buf out;                /* results that are not written yet */
    bool data;                     /* they are data for programs: JSON, a value, a document */
    bool json;                     /* and all of them JSON */
    bool guarded;                  /* output_guard */
    struct buf token, annotations; /* of what is guarded; annotations are whole lines */
    bool wrote;                    /* something reached stdout */
    bool color_out;                /* results may have colour */
    bool color_err;                /* messages may */
    bool quiet;
    bool verbose;
    struct output_line *line; /* private: the last line of a terminal, which is drawn anew */
};

/* Colour is for a terminal, unless NO_COLOR has a value, TERM is "dumb" or --no-color was given. */
void output_init(struct output *o, const struct options *options);

/* Results are text for people who read it in a log. `annotate`: as under GitHub Actions, wherever
 * this is. */
void output_guard(struct output *o, bool annotate);

/* Writes what was collected. ERR_IO when stdout does not take it; the rest is dropped then. */
bool output_flush(struct output *o, struct error *err);

/* The same for what was made plain piece by piece and holds our own colours: a plan. */
bool output_flush_styled(struct output *o, struct error *err);

/* Flushes, adds the annotations, closes stdout and frees. */
bool output_end(struct output *o, struct error *err);

/* Adds the text that a module of the host state makes of a document (host.h), which is released.
 * What stands in its way is told as diagnostics. */
bool output_text(struct output *o, const char *module, const char *function, struct buf *document,
                 struct error *err);

/* Adds a document as it is, when JSON was asked for, else its text, as output_text does. */
bool output_document(struct output *o, bool json, const char *module, const char *function,
                     struct buf *document, struct error *err);

/* "cfkv: MESSAGE" and "  hint: HINT". */
void output_error(const struct output *o, const struct error *err);

/* The same, with the line of a script that it is about between the two. */
void output_error_at(const struct output *o, const struct error *err, const struct spot *spot);

/* "cfkv: PREFIX: MESSAGE" and what stands behind it. */
void output_refusal(const struct output *o, const char *prefix, const struct diag_group *refusals);

/* "cfkv: MESSAGE" on stderr unless --quiet. */
void output_note(const struct output *o, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Text for people that is no message, on stderr. */
void output_talk(const struct output *o, struct bytes text);

/* The columns of the terminal that a descriptor is, else what COLUMNS says, else 80. */
unsigned output_width(int fd);

/* true when stderr is a terminal that can draw a line anew, and it is wanted (not --quiet). */
bool output_is_live(const struct output *o);

/* Draws the line that says how far the work is over the one before, cut to the terminal's width; on
 * stderr, and only where output_is_live. Whatever else is printed takes it away first. */
void output_draw(const struct output *o, struct bytes text);
void output_undraw(const struct output *o);

/* The same for what is plain and holds our own colours: a plan beside JSON. */
void output_talk_styled(const struct output *o, struct bytes text);

/* Diagnostics as text on stderr, those of one cause as one unless --verbose, each with the line
 * that it is about; with --quiet without these lines, and warnings alone are left out. */
void output_diagnostics(const struct output *o, const struct diag_list *diags);

/* The same, each by itself: problems of a document or a source, which are mended one by one. */
void output_problems(const struct output *o, const struct diag_list *diags);

#endif
