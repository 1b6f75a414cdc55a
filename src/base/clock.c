#include "clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#ifdef CFKV_FAULTS
#include "text.h"

static bool now_of_test(int64_t *now)
{
    const char *s = getenv("CFKV_NOW");
    return s && text_to_int64(bytes_of(s), now);
}

static bool wait_unit_of_test(int64_t *unit)
{
    const char *s = getenv("CFKV_WAIT_UNIT_MS");
    return s && text_to_int64(bytes_of(s), unit) && *unit > 0 && *unit <= 1000;
}
#endif

int64_t clock_now(void)
{
#ifdef CFKV_FAULTS
    int64_t now;
    if (now_of_test(&now))
        return now;
#endif
    return (int64_t)time(NULL);
}

/* 0 to `max`; what gmtime gives is already, but the compiler cannot know. */
static unsigned clamp(int n, unsigned max)
{
    return n < 0 ? 0 : (unsigned)n > max ? max : (unsigned)n;
}

void clock_stamp(int64_t now, char out[17])
{
    time_t t = (time_t)now;
    struct tm tm = {0};
    if (!gmtime_r(&t, &tm))
        tm = (struct tm){.tm_year = 70, .tm_mday = 1};
    snprintf(out, 17, "%04u%02u%02uT%02u%02u%02uZ", clamp(tm.tm_year + 1900, 9999),
             clamp(tm.tm_mon + 1, 12), clamp(tm.tm_mday, 31), clamp(tm.tm_hour, 23),
             clamp(tm.tm_min, 59), clamp(tm.tm_sec, 60));
}

int64_t clock_monotonic_ms(void)
{
    struct timespec ts = {0};
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

unsigned clock_wait_unit_ms(void)
{
#ifdef CFKV_FAULTS
    int64_t unit;
    if (wait_unit_of_test(&unit))
        return (unsigned)unit;
#endif
    return 1000;
}
