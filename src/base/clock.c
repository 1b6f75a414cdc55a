#include "clock.h"

#include <stdlib.h>
#include <time.h>

#include "text.h"

int64_t clock_now(void)
{
#ifdef CFKV_FAULTS
    const char *text = getenv("CFKV_NOW");
    int64_t now;
    if (text && text_to_int64(bytes_of(text), &now))
        return now;
    text = getenv("CFKV_CLOCK_AHEAD");
    if (text && text_to_int64(bytes_of(text), &now))
        return (int64_t)time(NULL) + now;
#endif
    return (int64_t)time(NULL);
}

void clock_stamp(int64_t now, char out[17])
{
    time_t t = (time_t)now;
    struct tm tm;
    if (!gmtime_r(&t, &tm) || strftime(out, 17, "%Y%m%dT%H%M%SZ", &tm) != 16)
        memcpy(out, "19700101T000000Z", 17);
}

int64_t clock_monotonic_ms(void)
{
    struct timespec ts = {0};
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static unsigned unit_ms(const char *variable, int64_t least)
{
#ifdef CFKV_FAULTS
    const char *text = getenv(variable);
    int64_t unit;
    if (text && text_to_int64(bytes_of(text), &unit) && unit >= least && unit <= 1000)
        return (unsigned)unit;
#else
    (void)variable;
    (void)least;
#endif
    return 1000;
}

unsigned clock_wait_unit_ms(void)
{
    return unit_ms("CFKV_WAIT_UNIT_MS", 1);
}

unsigned clock_told_unit_ms(void)
{
    return unit_ms("CFKV_TOLD_UNIT_MS", 0);
}
