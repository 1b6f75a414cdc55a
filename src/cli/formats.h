/*
 * formats.h: plans and diagnostics in the format that was asked for: text, and the documents of
 * GitHub and GitLab. The words are lua/host/plan; what they are made of is the views of plan/.
 */
#ifndef CFKV_CLI_FORMATS_H
#define CFKV_CLI_FORMATS_H

#include "plan/drift.h"
#include "plan/view.h"
#include "session.h"

/* Results are text for people, unless a document was asked for: guards them (output.h). */
void formats_begin(struct session *s);

/* How views become text on that descriptor: as wide, in colour and in local time where it is a
 * terminal. */
struct view_options formats_text_options(const struct session *s, int fd);

/* Shows the session's plan on stdout, in the format that was asked for, which is not JSON; in
 * pieces, so that one of any size takes little memory. ERR_IO when stdout does not take it. */
bool formats_plan(struct session *s, struct error *err);

/* Shows what drift found in the same ways. */
bool formats_drift(struct session *s, const struct drift *d, struct error *err);

/* The same as text on stderr, beside a document on stdout. */
bool formats_talk_plan(struct session *s, struct error *err);

/*
 * What the diagnostics and `failure` (NULL: none) come to, where there is no plan, in the formats
 * that are no text of our own: markdown, the step summary of github, gitlab. `verdict` is a word or
 * two ("not valid"). Nothing in the others.
 */
bool formats_diagnostics(struct session *s, const char *verdict, const struct error *failure,
                         struct error *err);

/* Adds annotations of all diagnostics, and of `failure` (NULL: none), to the output. */
bool formats_annotate(struct session *s, const struct error *failure, struct error *err);

#endif
