/*
 * output_format.h: recorded outputs in the forms that other programs read.
 *
 * Each form is quoted so that its reader gets back exactly the bytes of a string; a value that is
 * no string is canonical JSON, in tfvars the same as an HCL expression. One output is one entry, in
 * the order of the names.
 *
 *   - env: NAME='value', which a POSIX shell sources; parsers of .env files take it too, but for a
 *     value with a single quote, which most of them do not unquote. A name is put in capitals, what
 *     it has besides letters, digits and _ becomes _, and one that begins with a digit gets a _ in
 *     front. No value has a NUL.
 *   - github: what a step of GitHub Actions appends to $GITHUB_OUTPUT or $GITHUB_ENV: name=value,
 *     or name<<DELIMITER, the value and the delimiter on lines of their own. The runner takes the
 *     bytes between the two lines but for the newline before the second one, so newlines at the end
 *     of a value stay. (A runner on Windows takes away a CR that a value ends in as well.)
 *   - tfvars: name = EXPRESSION, for terraform -var-file. Terraform normalises strings to NFC.
 */
#ifndef CFKV_CLI_OUTPUT_FORMAT_H
#define CFKV_CLI_OUTPUT_FORMAT_H

#include "model/diag.h"
#include "state/state.h"

enum output_format {
    OUTPUT_TEXT,
    OUTPUT_JSON,
    OUTPUT_ENV,
    OUTPUT_GITHUB,
    OUTPUT_TFVARS,
    OUTPUT_FORMAT_UNSET
};

/* What --format calls them, by number; ends with NULL. */
extern const char *const output_format_words[];

/*
 * Adds `outputs` in a format from OUTPUT_ENV on, or nothing when it fails. When some have no such
 * form, all of them are told in `problems`, and `err` sums it up.
 */
bool output_format_write(enum output_format format, const struct state_output *outputs, size_t n,
                         struct diag_list *problems, struct buf *out, struct error *err);

#endif
