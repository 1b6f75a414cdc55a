/*
 * align.h: what stays in order between two sequences. Private to model/.
 *
 * Elements are known by numbers: equal ones have equal numbers.
 */
#ifndef CFKV_MODEL_ALIGN_H
#define CFKV_MODEL_ALIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ALIGN_NONE UINT32_MAX

struct sequence {
    const uint32_t *items; /* each below `kinds` of align */
    uint32_t n;
};

/*
 * partner[i] becomes the element of `b` that the i-th of `a` is, or ALIGN_NONE; those that have one
 * ascend, and are equal. Nearly as many as can be: elements that occur once in both hold the rest
 * in place, and a stretch between them that would take long to compare is taken as replaced. The
 * work is bounded; linear for most.
 */
void align(struct sequence a, struct sequence b, uint32_t kinds, uint32_t *partner);

/* stays[i] tells whether items[i] is of one longest ascending subsequence; items are distinct. */
void longest_ascending(const uint32_t *items, uint32_t n, bool *stays);

#endif
