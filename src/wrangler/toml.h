/* toml.h: the two halves of the TOML parser. Private to wrangler/. */
#ifndef CFKV_WRANGLER_TOML_H
#define CFKV_WRANGLER_TOML_H

#include "scan.h"

/* Past spaces and tabs. */
void toml_skip_blanks(struct scan *s);

/* Past a comment, when there is one, up to its line's end. */
bool toml_skip_comment(struct scan *s);

/* true at a line's end (LF or CRLF). */
bool toml_at_newline(const struct scan *s);
void toml_skip_newline(struct scan *s);

/* Notes what is not in TOML 1.0, if it is the first (struct wrangler_newer). */
void toml_note_newer(struct scan *s, size_t at, const char *what, const char *instead);

/* A string of any of the four kinds (of the two without three quotes: `multi` false). */
bool toml_string(struct scan *s, bool multi, struct bytes *text);

/* A number, date, time or boolean into the node. */
bool toml_scalar(struct scan *s, struct node *node);

#endif
