/*
 * ini.h: the settings in a file of sections, as AWS's config and credentials files are written.
 * Bytes in, settings out: no I/O.
 *
 *     # a comment, or ; one; blank lines are skipped
 *     [profile work]
 *     region = eu-central-1        # blanks around names and values are dropped, and a comment
 *     s3 =                         # behind a blank, outside of "…"
 *       endpoint_url = https://…   indented below an empty value: a setting of that one
 *     description = more
 *       of it                      indented below another: a further line of its value, left out
 *
 * Reference: "Shared config file format" of AWS's SDKs and tools reference guide.
 */
#ifndef CFKV_BASE_INI_H
#define CFKV_BASE_INI_H

#include "arena.h"
#include "error.h"

#define INI_SETTINGS_MAX 20000

struct ini_setting {
    const char *section; /* "profile work": blanks inside are one, no quotes; "" before the first */
    const char *name;
    const char *sub; /* "endpoint_url" of the one above, whose name is "s3"; NULL: the name's own */
    const char *value;
    size_t line;
    bool cut; /* its value has further lines, which are left out */
};

struct ini {
    struct ini_setting *items; /* in the order of the file */
    size_t n, cap;
};

/*
 * Appends what `text`, the content of `file`, says; all of it lives in `arena`. UTF-8 with or
 * without a byte order mark, newlines of Unix or Windows. ERR_FORMAT "FILE:LINE: …" for a line that
 * is none of these, ERR_LIMIT for more than INI_SETTINGS_MAX settings. No message has a value in
 * it, nor the text of a line.
 */
bool ini_read(struct arena *arena, const char *file, struct bytes text, struct ini *out,
              struct error *err);

/* The last one of that section and name (whose case does not matter); `sub` NULL: of the name
 * itself. NULL: there is none. */
const struct ini_setting *ini_find(const struct ini *ini, const char *section, const char *name,
                                   const char *sub);

/* Whether anything is set in it, or it is only opened. */
bool ini_has_section(const struct ini *ini, const char *section);

#endif
