#include "window.h"

void window_init(struct window *w, unsigned fixed)
{
    *w = (struct window){.size = fixed ? fixed : WINDOW_FIRST,
                         .most = fixed ? fixed : WINDOW_MOST,
                         .is_fixed = fixed != 0};
}

void window_learn(struct window *w, enum retry_kind kind, int64_t started_ms, int64_t now_ms,
                  bool is_free)
{
    if (w->is_fixed)
        return;
    switch (kind) {
    case RETRY_LIMITED:
    case RETRY_BUSY:
    case RETRY_TRANSIENT:
    case RETRY_UNSENT:
    case RETRY_LOST:
        if (w->halved_ms > 0 && started_ms <= w->halved_ms)
            return;
        w->size = w->size > 1 ? w->size / 2 : 1;
        w->answers = 0;
        w->halved_ms = now_ms;
        break;
    case RETRY_ANSWER:
        if (!is_free || now_ms - started_ms > WINDOW_QUICK_MS || w->size >= w->most ||
            ++w->answers < (w->halved_ms ? w->size : 1))
            return;
        w->answers = 0;
        w->size++;
        break;
    case RETRY_REFUSED:
    case RETRY_HOPELESS:
        break;
    }
}
