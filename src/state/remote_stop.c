#include "remote_stop.h"

#include "base/clock.h"

void remote_stop_finish(struct remote_stop *stop, bool finishing)
{
    if (!stop)
        return;
    stop->finishing = finishing;
    remote_stop_beat(stop);
}

void remote_stop_beat(void *ctx)
{
    struct remote_stop *stop = ctx;
    int pending = stop->from ? *stop->from : 0;
    if (pending && stop->finishing) {
        int64_t now = clock_monotonic_ms();
        stop->end_ms = stop->end_ms ? stop->end_ms : now + REMOTE_GRACE_MS;
        pending = now >= stop->end_ms;
    }
    stop->now = pending;
}

bool remote_stop_now(struct remote_stop *stop)
{
    if (!stop)
        return false;
    remote_stop_beat(stop);
    return stop->now;
}
