/*
 * clock.h: wall time in seconds since the UNIX epoch, the unit of Workers KV expirations.
 *
 * A fault build reads CFKV_NOW instead when it is set, so that tests of expiry need not sleep,
 * adds CFKV_CLOCK_AHEAD, so that programs in one test need not agree on the time, and reads
 * CFKV_WAIT_UNIT_MS, so that tests of retries do not wait long; and CFKV_TOLD_UNIT_MS, so that
 * tests of what is told now and then need not wait at all.
 */
#ifndef CFKV_BASE_CLOCK_H
#define CFKV_BASE_CLOCK_H

#include <stdint.h>

int64_t clock_now(void);

/* "20261124T061500Z" of `now`, for names of backup files; `out` holds at least 17 bytes. */
void clock_stamp(int64_t now, char out[17]);

/* Monotonic milliseconds, for timeouts. */
int64_t clock_monotonic_ms(void);

/* Milliseconds that a second of waiting takes: 1000, unless a test wants it shorter. */
unsigned clock_wait_unit_ms(void);

/* Milliseconds that a second between two lines of progress takes: 1000, or less in a test, be it 0.
 */
unsigned clock_told_unit_ms(void);

#endif
