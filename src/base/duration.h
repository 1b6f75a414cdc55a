/*
 * duration.h: time as people write it: lengths ("90s", "1h30m", "7d") and moments (RFC 3339).
 *
 * Whatever takes seconds takes these texts, and reads them here. They end here, too: a declaration,
 * a state and a store hold numbers.
 */
#ifndef CFKV_BASE_DURATION_H
#define CFKV_BASE_DURATION_H

#include <stdint.h>

#include "bytes.h"

#define DURATION_DAY INT64_C(86400)

/* What a message asks for. */
#define DURATION_WANTED "whole seconds, or a duration such as '15m' or '7d'"
#define DAYS_WANTED     "whole days, or a duration such as '30d' or '2w'"
#define MOMENT_WANTED   "seconds since 1970, or a time such as '2027-01-31T12:00:00Z'"

/* Whole numbers with a unit: s, m, h, d or w, or several of them, the largest first, each once:
 * "1h30m". False on anything else, be it a number alone, and on overflow. */
bool duration_parse(struct bytes text, int64_t *seconds);

/* A time of RFC 3339 to seconds since the epoch: "2027-01-31T12:00:00Z" or with an offset,
 * "+01:00"; fractions of a second are cut off. A leap second counts as the next one. */
bool moment_parse(struct bytes text, int64_t *at);

#define MOMENT_SIZE 21

/* "2027-01-31T12:00:00Z"; false, and `out` is empty, outside of the years 1000 to 9999. */
bool moment_show(int64_t at, char out[MOMENT_SIZE]);

#define TOLD_SIZE 64

/* For messages, in numbers and in words, so that whoever wrote either finds it: "5 s",
 * "5400 s (1h30m)", "1801396800 (2027-01-31T12:00:00Z)". Both return `out`. */
const char *duration_told(int64_t seconds, char out[TOLD_SIZE]);
const char *moment_told(int64_t at, char out[TOLD_SIZE]);

/* Reading in places that know only texts, such as options and cells: digits alone are seconds. */
bool duration_or_seconds(struct bytes text, int64_t *seconds);
bool moment_or_seconds(struct bytes text, int64_t *at);

#define HINT_SIZE 128

/* What to write instead of a text that is none: "write '1h30m'" for "1.5 hours". Either is `out`,
 * or a constant; NULL: the text says nothing of what is meant. */
const char *duration_hint(struct bytes text, char out[HINT_SIZE]);
const char *moment_hint(struct bytes text, char out[HINT_SIZE]);

#endif
