/*
 * foreign_filter.h: what concerns us in a document of another tool, as its events come.
 *
 * An element of an array named "resources", "resource_changes", "resource_drift" or "items" that
 * is an object is a record. One that concerns us is kept, with its line as a member "@line" behind
 * the others; the rest is left out and counted. It concerns us when its member "type",
 * "apiVersion", "kind" or "urn" names one of our tools (foreign_concerns), or when it holds a
 * record that does. So memory goes with what is kept, and with the largest record: nobody knows
 * before its end.
 *
 * Blocks of a configuration in Terraform's JSON ("resource", "import") get their line likewise.
 */
#ifndef CFKV_HOST_FOREIGN_FILTER_H
#define CFKV_HOST_FOREIGN_FILTER_H

#include "base/json.h"

#define FOREIGN_MAX_DEPTH  60 /* the view around a value has levels, too */
#define FOREIGN_RECORD_MAX ((size_t)32 << 20)
#define FOREIGN_KEPT_MAX   ((size_t)128 << 20)

struct foreign_filter;

/* Writes values to `out`. */
struct foreign_filter *foreign_filter_new(struct buf *out);
void foreign_filter_free(struct foreign_filter *f); /* NULL is fine */

/* The writer, for what stands around a value. */
struct json_writer *foreign_filter_writer(struct foreign_filter *f);

/* A value begins. With `whole` it is kept whatever is in it; else only when a member of these names
 * concerns us, at any depth. */
void foreign_filter_begin(struct foreign_filter *f, bool whole);

/* An event of the value. ERR_FORMAT where it cannot be kept, ERR_LIMIT where it is too large. */
bool foreign_filter_event(struct foreign_filter *f, const struct json_event *e, int line,
                          struct error *err);

/* The value is over: was it kept? If not, nothing of it is written. */
bool foreign_filter_kept(const struct foreign_filter *f);

/* Records that were left out of it. */
uint64_t foreign_filter_skipped(const struct foreign_filter *f);

/* The line that the last error is about; 0: that of the event. */
int foreign_filter_line(const struct foreign_filter *f);

/* Does the text of such a member name one of the tools that we read from? */
bool foreign_concerns(struct bytes member, struct bytes text);

#endif
