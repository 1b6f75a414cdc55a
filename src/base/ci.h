/*
 * ci.h: whether a machine runs us, and text for people in its log.
 *
 * The runner of GitHub Actions reads what we write to stdout and stderr for commands ("::error::…",
 * "##[group]…"), each by a thread of its own: what stands between two lines of one stream may be
 * read before, between or behind lines of the other. So a region without commands, from
 * "::stop-commands::TOKEN" to "::TOKEN::", holds for one stream only when the other says no word of
 * it: results open it on stdout (cli/output.h), and messages, which stand outside of it, have what
 * would be a command broken.
 */
#ifndef CFKV_BASE_CI_H
#define CFKV_BASE_CI_H

#include "buf.h"

/* CI is set, and not "false": others may read what is printed. */
bool ci_running(void);

/* The same of GITHUB_ACTIONS. */
bool ci_in_actions(void);

/* Adds text for people: what text_show makes of it, without commands where the runner reads it. */
void ci_show(struct buf *out, struct bytes text);

/* The same for text that is plain already, but for our own colours. */
void ci_show_styled(struct buf *out, struct bytes text);

/* Writes text for people to stderr. */
void ci_tell(struct bytes text);

#endif
