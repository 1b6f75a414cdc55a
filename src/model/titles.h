/*
 * titles.h: titles without declarations: does one follow a template (project.naming), and which
 * template do the titles of an account follow?
 */
#ifndef CFKV_MODEL_TITLES_H
#define CFKV_MODEL_TITLES_H

#include "model.h"

/* true when the titles of the project have a template: it was given another one than the usual, or
 * declarations name their parts. */
bool titles_have_naming(const struct model *m);

/*
 * true when `title` is the project's template filled with parts that are not empty; the part env
 * with a declared environment, or one that `ephemeral` matches, where environments are declared. A
 * title that wrangler or cfkv made for a preview counts as the one it was made of.
 */
bool title_follows(const struct project *p, struct bytes title);

/* How many titles follow a template, of how many. */
struct titles_found {
    size_t followed, of;
};

/*
 * The template that nearly all of the titles follow, appended to `out`: parts with one separator,
 * of which the last or the first is an environment's usual name. false, and nothing is appended,
 * where that is not clear: fewer than 4 titles, or less than four fifths of them.
 */
bool titles_template(const struct bytes *titles, size_t n, struct buf *out,
                     struct titles_found *found);

#endif
