#include "state_host.h"

#include "base/buf.h"
#include "model/model.h"

#define TOKEN_PREFIX "CFKV_STATE_TOKEN_"
#define R2_SUFFIX    ".r2.cloudflarestorage.com"

/* Host and port of "SCHEME://HOST[:PORT]/…". */
struct authority {
    bool is_https;
    struct bytes host, port; /* port empty: not said */
};

static struct authority authority_of(const char *url)
{
    const char *start = strstr(url, "://");
    struct authority a = {.is_https = strncmp(url, "https:", 6) == 0, .port = bytes_of("")};
    start = start ? start + 3 : url;
    a.host = bytes_make(start, strcspn(start, "/?#"));
    const char *colon = a.host.len > 0 && start[0] != '[' ? memchr(start, ':', a.host.len) : NULL;
    if (colon) {
        a.port = bytes_make(colon + 1, a.host.len - (size_t)(colon + 1 - start));
        a.host.len = (size_t)(colon - start);
    }
    return a;
}

/* ---- Tokens ---------------------------------------------------------------------------------- */

bool state_host_tokens(struct arena *arena, const char *url, struct state_host_tokens *out)
{
    struct authority a = authority_of(url);
    struct buf name = {0};
    bool ok = a.host.len > 0;
    buf_add_str(&name, TOKEN_PREFIX);
    for (size_t i = 0; ok && i < a.host.len; i++) {
        char c = a.host.data[i];
        ok = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
        if (c == '-')
            buf_add_str(&name, "__");
        else
            buf_add_char(&name, c == '.' ? '_' : c);
    }
    if (ok) {
        struct bytes port = a.port.len > 0 ? a.port : bytes_of(a.is_https ? "443" : "80");
        out->of_host = arena_str(arena, name.data);
        out->of_port = arena_printf(arena, "%s_%.*s", name.data, BYTES_FMT(port));
    }
    buf_release(&name);
    return ok;
}

/* ---- S3 -------------------------------------------------------------------------------------- */

/* The first label of `*rest`, which is left behind its dot. */
static struct bytes take_label(struct bytes *rest)
{
    const char *dot = rest->len > 0 ? memchr(rest->data, '.', rest->len) : NULL;
    struct bytes label = dot ? bytes_make(rest->data, (size_t)(dot - rest->data)) : *rest;
    size_t used = label.len + (dot ? 1 : 0);
    *rest = bytes_make(rest->data + used, rest->len - used);
    return label;
}

static bool is_label(struct bytes label, const char *text)
{
    return bytes_equal(label, bytes_of(text));
}

/* "s3", "s3-fips" or "s3-eu-west-1" of before, perhaps "dualstack", perhaps a region. */
static bool is_aws(struct bytes host, struct bytes *region)
{
    static const char *const ends[] = {".amazonaws.com", ".amazonaws.com.cn"};
    static const char old[] = "s3-";
    size_t i = 0;
    while (i < 2 && !bytes_ends_with(host, bytes_of(ends[i])))
        i++;
    if (i == 2)
        return false;
    host.len -= strlen(ends[i]);
    struct bytes first = take_label(&host), next = take_label(&host);
    bool is_old = bytes_starts_with(first, bytes_of(old)) && !is_label(first, "s3-fips");
    if (!is_label(first, "s3") && !is_label(first, "s3-fips") && !is_old)
        return false;
    if (is_label(next, "dualstack"))
        next = take_label(&host);
    *region = is_old ? bytes_make(first.data + strlen(old), first.len - strlen(old)) : next;
    return host.len == 0 && !(is_old && next.len > 0);
}

/* "ACCOUNT" or "ACCOUNT.eu" of an R2 host. */
static bool is_r2(struct bytes host, struct bytes *account)
{
    if (!bytes_ends_with(host, bytes_of(R2_SUFFIX)))
        return false;
    host.len -= strlen(R2_SUFFIX);
    *account = take_label(&host);
    return id_valid(*account) &&
           (host.len == 0 || is_label(host, "eu") || is_label(host, "fedramp"));
}

struct state_host state_host_of(struct arena *arena, const char *endpoint)
{
    struct authority a = authority_of(endpoint);
    struct state_host h = {.service = SERVICE_OTHER};
    struct bytes region = bytes_of("");
    if (!a.is_https || a.port.len > 0)
        return h;
    if (is_r2(a.host, &h.account)) {
        h.service = SERVICE_R2;
    } else if (is_aws(a.host, &region)) {
        h.service = SERVICE_AWS;
        h.region = region.len > 0 ? arena_copy(arena, region).data : NULL;
    }
    return h;
}
