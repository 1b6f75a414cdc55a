#include "retry.h"

#include "curl.h"
#include <time.h>

#include "base/json.h"

#define BACKOFF_FIRST_MS 500
#define BACKOFF_CAP_MS   30000
#define UNSENT_ATTEMPTS  5          /* a name that does not resolve is more often wrong than late */
#define RETRY_AFTER_MAX  1000000000 /* seconds; only to keep sums in range */
#define QUOTA_SPENT      10048
#define QUOTA_BODY_MAX   65536

enum retry_kind retry_classify(const struct retry_facts *facts)
{
    if (facts->challenge || facts->quota_spent)
        return RETRY_ANSWER;
    if (facts->status == 429)
        return RETRY_LIMITED;
    if (facts->status == 503 && facts->retry_after)
        return RETRY_BUSY;
    if (facts->status == 408 || facts->status >= 500)
        return RETRY_TRANSIENT;
    if (facts->hopeless)
        return RETRY_HOPELESS;
    if (facts->whole)
        return RETRY_ANSWER;
    if (facts->refused)
        return RETRY_REFUSED;
    return facts->sent ? RETRY_LOST : RETRY_UNSENT;
}

unsigned retry_attempts(enum retry_kind kind, unsigned max_attempts)
{
    return kind == RETRY_UNSENT && max_attempts > UNSENT_ATTEMPTS ? UNSENT_ATTEMPTS : max_attempts;
}

bool retry_again(enum retry_kind kind, bool repeatable, unsigned attempts, unsigned max_attempts)
{
    if (attempts >= retry_attempts(kind, max_attempts))
        return false;
    switch (kind) {
    case RETRY_LIMITED:
    case RETRY_BUSY:
    case RETRY_UNSENT:
        return true;
    case RETRY_TRANSIENT:
    case RETRY_LOST:
        return repeatable;
    case RETRY_ANSWER:
    case RETRY_REFUSED:
    case RETRY_HOPELESS:
        break;
    }
    return false;
}

bool retry_maybe_done(enum retry_kind kind, bool sent)
{
    return sent && (kind == RETRY_TRANSIENT || kind == RETRY_LOST || kind == RETRY_HOPELESS);
}

uint64_t retry_delay_ms(unsigned attempts, int64_t retry_after_s, uint64_t random)
{
    unsigned doublings = attempts < 1 ? 0 : attempts > 8 ? 7 : attempts - 1;
    uint64_t delay = (uint64_t)BACKOFF_FIRST_MS << doublings;
    if (delay > BACKOFF_CAP_MS)
        delay = BACKOFF_CAP_MS;
    delay -= random % (delay / 2 + 1);
    uint64_t asked = retry_after_s < 0 ? 0 : (uint64_t)retry_after_s * 1000;
    return delay > asked ? delay : asked;
}

/* A run of digits, and nothing else but blanks around it; -1 when it is not. */
static int64_t whole_number(const char *s)
{
    int64_t n = 0;
    s += strspn(s, " \t");
    if (*s < '0' || *s > '9')
        return -1;
    for (; *s >= '0' && *s <= '9'; s++)
        n = n >= RETRY_AFTER_MAX ? RETRY_AFTER_MAX : n * 10 + (*s - '0');
    s += strspn(s, " \t");
    return *s ? -1 : n > RETRY_AFTER_MAX ? RETRY_AFTER_MAX : n;
}

/* -1 when it is no date. A date begins with the name of a day; curl_getdate would also take "1.5"
 * or "soon 5". */
int64_t retry_date_seconds(const char *s)
{
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    for (size_t i = 0; i < sizeof days / sizeof *days; i++)
        if (strncmp(s, days[i], 3) == 0)
            return (int64_t)curl()->getdate(s, NULL);
    return -1;
}

int64_t retry_after_seconds(const char *value, const char *date, int64_t now)
{
    int64_t seconds = whole_number(value);
    if (seconds >= 0)
        return seconds;
    int64_t then = retry_date_seconds(value);
    if (then < 0)
        return -1;
    int64_t from = date ? retry_date_seconds(date) : -1;
    if (from < 0)
        from = now;
    seconds = then > from ? then - from : 0;
    return seconds > RETRY_AFTER_MAX ? RETRY_AFTER_MAX : seconds;
}

bool retry_quota_spent(struct bytes body)
{
    struct error unreadable;
    if (body.len == 0 || body.len > QUOTA_BODY_MAX)
        return false;
    struct json *doc = json_doc_parse(body, &unreadable);
    if (!doc)
        return false;
    bool spent = false;
    const struct json *errors = json_member(doc, "errors");
    for (const struct json *e = json_is_array(errors) ? json_first(errors) : NULL; e && !spent;
         e = json_next(e)) {
        int64_t code;
        spent = json_as_int(json_member(e, "code"), &code) && code == QUOTA_SPENT;
    }
    json_doc_free(doc);
    return spent;
}
