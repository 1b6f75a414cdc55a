#include "address.h"

#include <string.h>

#include "base/hash.h"
#include "base/loopback.h"
#include "base/text.h"
#include "model/validate.h"

#define BUCKET_MIN 3
#define BUCKET_MAX 63
#define REGION_MAX 40
#define METHOD_MAX 16

#define LOWER    "abcdefghijklmnopqrstuvwxyz"
#define UPPER    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS   "0123456789"
#define KEY_SET  LOWER UPPER DIGITS "._/-"
#define HOST_SET LOWER UPPER DIGITS ".-"

/* ---- The parts of a URL ---------------------------------------------------------------------- */

struct url_parts {
    struct bytes scheme, host, port, path, query; /* query.data NULL: none */
};

static struct bytes take_until(struct bytes *rest, const char *ends)
{
    size_t n = 0;
    while (n < rest->len && !strchr(ends, rest->data[n]))
        n++;
    struct bytes taken = bytes_make(rest->data, n);
    *rest = bytes_make(rest->data + n, rest->len - n);
    return taken;
}

/* Of a text that check_text let through, with "://" in it. */
static void split(const char *text, struct url_parts *u)
{
    const char *colon = strstr(text, "://");
    struct bytes rest = bytes_of(colon + 3);
    *u = (struct url_parts){.scheme = bytes_make(text, (size_t)(colon - text))};
    struct bytes authority = take_until(&rest, "/?");
    u->path = take_until(&rest, "?");
    if (rest.len > 0)
        u->query = bytes_make(rest.data + 1, rest.len - 1);
    const char *close = authority.len > 0 && authority.data[0] == '['
                            ? memchr(authority.data, ']', authority.len)
                            : NULL;
    size_t bracket = close ? (size_t)(close - authority.data) + 1 : 0;
    struct bytes after = bytes_make(authority.data + bracket, authority.len - bracket);
    struct bytes name = take_until(&after, ":");
    u->host = bytes_make(authority.data, bracket + name.len);
    if (after.len > 0)
        u->port = bytes_make(after.data + 1, after.len - 1);
}

static bool consists_of(struct bytes b, const char *set)
{
    for (size_t i = 0; i < b.len; i++)
        if (!b.data[i] || !strchr(set, b.data[i]))
            return false;
    return true;
}

static bool is_text(struct bytes b, const char *text)
{
    return bytes_equal(b, bytes_of(text));
}

static bool ends_in(struct bytes b, const char *text)
{
    return bytes_ends_with(b, bytes_of(text));
}

static bool begins_with(struct bytes b, const char *text)
{
    return bytes_starts_with(b, bytes_of(text));
}

static bool contains(struct bytes b, const char *text)
{
    for (; b.len > 0; b = bytes_make(b.data + 1, b.len - 1))
        if (begins_with(b, text))
            return true;
    return false;
}

/* ---- What is wrong with it ------------------------------------------------------------------- */

/* For messages: what is behind a '?' may be nobody's business. */
static const char *shown(struct arena *arena, const char *text)
{
    const char *query = strchr(text, '?');
    return query ? arena_printf(arena, "%.*s?…", (int)(query - text), text)
                 : arena_str(arena, text);
}

/* `what`: "state", "endpoint", "TF_HTTP_LOCK_ADDRESS". */
static bool wrong(struct arena *arena, const char *what, const char *text, const char *problem,
                  struct error *err)
{
    char quoted[256];
    return error_set(err, ERR_USAGE, "%s %s %s", what,
                     text_quoted(bytes_of(shown(arena, text)), quoted, sizeof quoted), problem);
}

/* A user and a password must get into no message, so they come first, whatever else is wrong; and
 * an '@' is looked for everywhere, since a password may hold a slash. */
static bool check_text(struct arena *arena, const char *what, const char *text, struct error *err)
{
    if (strchr(text, '@')) {
        error_set(err, ERR_USAGE, "%s: the URL holds a user or a password", what);
        return error_hint(err, "take out all up to the '@'; credentials stand in the environment: "
                               "'cfkv help state-credentials'");
    }
    if (strlen(text) > STATE_URL_MAX)
        return error_set(err, ERR_USAGE, "%s: the URL is longer than %d bytes", what,
                         STATE_URL_MAX);
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c <= 0x20 || (unsigned char)*c >= 0x7f || strchr("\\\"<>^`{|}", *c))
            return wrong(arena, what, text, "holds a character that no URL may", err);
    if (strchr(text, '#'))
        return wrong(arena, what, text, "has a fragment", err);
    return true;
}

static bool check_port(struct bytes port)
{
    int64_t n;
    return !port.data ||
           (consists_of(port, DIGITS) && text_to_int64(port, &n) && n >= 1 && n <= 65535);
}

/* A name of letters, digits, dots and dashes, or an IPv6 address in brackets: all parsers agree. */
static bool check_host(struct bytes host)
{
    if (begins_with(host, "["))
        return host.len > 4 && host.data[host.len - 1] == ']' &&
               consists_of(bytes_make(host.data + 1, host.len - 2), DIGITS "abcdefABCDEF:.");
    return host.len > 0 && host.len <= 253 && consists_of(host, HOST_SET) && host.data[0] != '.' &&
           host.data[0] != '-' && !contains(host, "..");
}

static bool has_dot_segment(struct bytes path)
{
    while (path.len > 0) {
        path = bytes_make(path.data + 1, path.len - 1);
        struct bytes segment = take_until(&path, "/");
        if (is_text(segment, ".") || is_text(segment, ".."))
            return true;
    }
    return false;
}

static bool check_origin(struct arena *arena, const char *what, const char *text,
                         const struct url_parts *u, struct error *err)
{
    if (!check_host(u->host) || !check_port(u->port))
        return wrong(arena, what, text, "has no valid host", err);
    if (has_dot_segment(u->path))
        return wrong(arena, what, text, "has a '.' or '..' in its path", err);
    if (is_text(u->scheme, "https"))
        return true;
    if (host_is_loopback(arena_copy(arena, u->host).data))
        return true;
    wrong(arena, what, text, "is plain http, which would show the credentials to the network", err);
    return error_hint(err, "use https://; http:// is for 127.0.0.1, [::1] and localhost only");
}

static bool check_query(const char *what, const char *text, struct error *err)
{
    char quoted[80];
    struct bytes name;
    if (!url_holds_secret(bytes_of(text), &name))
        return true;
    error_set(err, ERR_USAGE, "%s: the URL's query has %s, which looks like a credential", what,
              text_quoted(name, quoted, sizeof quoted));
    return error_hint(err, "take it out; credentials stand in the environment: 'cfkv help "
                           "state-credentials'");
}

/* Whoever sees a key a minute late may write over what somebody else did meanwhile. */
static bool refuse_kv(const char *what, struct error *err)
{
    error_set(err, ERR_USAGE,
              "%s: Workers KV keeps no state: what is read there may be 60 seconds "
              "old, so that two applies would undo each other",
              what);
    return error_hint(err, "use R2 (s3://BUCKET/KEY; it has conditional writes), or the Worker of "
                           "examples/state-worker: 'cfkv help state'");
}

/* ---- S3 -------------------------------------------------------------------------------------- */

static bool check_bucket(struct arena *arena, const char *text, struct bytes bucket,
                         struct error *err)
{
    static const char ends[] = LOWER DIGITS;
    if (bucket.len >= BUCKET_MIN && bucket.len <= BUCKET_MAX &&
        consists_of(bucket, LOWER DIGITS ".-") && strchr(ends, bucket.data[0]) &&
        strchr(ends, bucket.data[bucket.len - 1]) && !contains(bucket, ".."))
        return true;
    wrong(arena, "state", text, bucket.len ? "names no valid bucket" : "names no bucket", err);
    return error_hint(err, "s3://BUCKET/KEY: a bucket has %d to %d of a-z, 0-9, '.' and '-'",
                      BUCKET_MIN, BUCKET_MAX);
}

/* These are the characters that every signer and every service reads alike. */
static bool check_key(struct arena *arena, const char *text, struct bytes key, struct error *err)
{
    const char *problem = NULL;
    if (key.len == 0)
        problem = "has no key";
    else if (key.len > STATE_KEY_MAX)
        problem = "has a key longer than 1024 bytes";
    else if (!consists_of(key, KEY_SET))
        problem = "has a key with a character that is none of A-Z a-z 0-9 . _ / -";
    else if (contains(key, "..") || contains(key, "//") || contains(key, "/./") ||
             begins_with(key, "./") || ends_in(key, "/.") || is_text(key, "."))
        problem = "has a key with '..', '.' or nothing between slashes";
    else if (begins_with(key, "/") || ends_in(key, "/"))
        problem = "has a key that begins or ends with a slash";
    if (!problem)
        return true;
    wrong(arena, "state", text, problem, err);
    return error_hint(err, "such as s3://BUCKET/shop/kv.state.json");
}

/* "https://host[:port]" and the path, as every spelling of one place has it. */
static const char *canonical(struct arena *arena, const struct url_parts *u)
{
    struct buf out = {0};
    buf_addf(&out, "%.*s://", BYTES_FMT(u->scheme));
    for (size_t i = 0; i < u->host.len; i++) {
        char c = u->host.data[i];
        buf_add_char(&out, (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c));
    }
    struct bytes port = u->port;
    while (port.len > 1 && port.data[0] == '0')
        port = bytes_make(port.data + 1, port.len - 1);
    if (port.len && !is_text(port, is_text(u->scheme, "https") ? "443" : "80"))
        buf_addf(&out, ":%.*s", BYTES_FMT(port));
    buf_addf(&out, "%.*s", BYTES_FMT(u->path));
    if (u->query.data)
        buf_addf(&out, "?%.*s", BYTES_FMT(u->query));
    const char *text = arena_str(arena, out.data);
    buf_release(&out);
    return text;
}

static bool is_http_scheme(struct bytes scheme)
{
    return is_text(scheme, "https") || is_text(scheme, "http");
}

static bool read_endpoint(struct arena *arena, const char *text, const char **endpoint,
                          struct error *err)
{
    struct url_parts u;
    if (!check_text(arena, "endpoint", text, err))
        return false;
    if (!strstr(text, "://") || (split(text, &u), !is_http_scheme(u.scheme))) {
        wrong(arena, "endpoint", text, "does not begin with https://", err);
        return error_hint(err, "such as https://ACCOUNT_ID.r2.cloudflarestorage.com");
    }
    if (u.query.data)
        return wrong(arena, "endpoint", text, "has a query", err);
    if (!check_origin(arena, "endpoint", text, &u, err))
        return false;
    while (ends_in(u.path, "/"))
        u.path.len--;
    *endpoint = canonical(arena, &u);
    return true;
}

static bool check_region(struct arena *arena, const char *region, struct error *err)
{
    struct bytes b = bytes_of(region);
    if (b.len > 0 && b.len <= REGION_MAX && consists_of(b, LOWER UPPER DIGITS "-_"))
        return true;
    wrong(arena, "region", region, "is no region", err);
    return error_hint(err, "such as 'eu-central-1'; R2 has 'auto'");
}

static bool read_s3(struct arena *arena, const struct state_said *said, const struct url_parts *u,
                    struct state_address *out, struct error *err)
{
    struct bytes key = u->path;
    if (u->query.data)
        return wrong(arena, "state", said->url, "has a query", err);
    if (u->port.data) {
        wrong(arena, "state", said->url, "has a port behind its bucket", err);
        return error_hint(err, "the host is said as endpoint = \"https://HOST:PORT\"");
    }
    if (begins_with(key, "/"))
        key = bytes_make(key.data + 1, key.len - 1);
    if (!check_bucket(arena, said->url, u->host, err) || !check_key(arena, said->url, key, err) ||
        (said->region && !check_region(arena, said->region, err)) ||
        (said->endpoint && !read_endpoint(arena, said->endpoint, &out->endpoint, err)))
        return false;
    out->kind = STATE_S3;
    out->bucket = arena_copy(arena, u->host).data;
    out->key = arena_copy(arena, key).data;
    out->region = said->region ? arena_str(arena, said->region) : NULL;
    out->id = arena_printf(arena, "s3://%s/%s%s%s", out->bucket, out->key,
                           out->endpoint ? " at " : "", out->endpoint ? out->endpoint : "");
    return true;
}

/* ---- Terraform's protocol -------------------------------------------------------------------- */

/* "…/terraform/state/NAME" */
static bool is_lock_beside(struct bytes path)
{
    static const char mark[] = "/terraform/state/";
    size_t at = path.len;
    while (at > 0 && path.data[at - 1] != '/')
        at--;
    return at < path.len && ends_in(bytes_make(path.data, at), mark);
}

/* Where it is locked, when nobody says: its "/lock", or itself. */
static const char *lock_of(struct arena *arena, const struct url_parts *u)
{
    struct url_parts lock = *u;
    if (!is_lock_beside(u->path))
        return canonical(arena, u);
    lock.path = bytes_of(arena_printf(arena, "%.*s/lock", BYTES_FMT(u->path)));
    return canonical(arena, &lock);
}

/* Another host than that of the state would get its credentials. */
static bool read_beside(struct arena *arena, const char *what, const char *text,
                        const struct url_parts *state, const char **out, struct error *err)
{
    struct url_parts u, origin = *state;
    if (!check_text(arena, what, text, err))
        return false;
    if (!strstr(text, "://"))
        return wrong(arena, what, text, "is no URL", err);
    split(text, &u);
    if (!is_http_scheme(u.scheme))
        return wrong(arena, what, text, "does not begin with https://", err);
    if (!check_origin(arena, what, text, &u, err) || !check_query(what, text, err))
        return false;
    struct url_parts other = u;
    other.path = origin.path = bytes_make("", 0);
    other.query = origin.query = bytes_make(NULL, 0);
    if (strcmp(canonical(arena, &other), canonical(arena, &origin)) != 0) {
        wrong(arena, what, text, "is on another host than the state", err);
        return error_hint(err, "the state's credentials go to the state's host alone");
    }
    *out = canonical(arena, &u);
    return true;
}

static bool check_method(struct arena *arena, const char *what, const char *text, struct error *err)
{
    struct bytes b = bytes_of(text);
    if (b.len > 0 && b.len <= METHOD_MAX && consists_of(b, UPPER))
        return true;
    wrong(arena, what, text, "is no method", err);
    return error_hint(err, "one word in capitals, such as LOCK or POST");
}

static const char *or_else(struct arena *arena, const char *said, const char *otherwise)
{
    return said ? arena_str(arena, said) : otherwise;
}

/* How what was said of locking is called where it was said. */
struct lock_names {
    const char *lock_address, *unlock_address, *lock_method, *unlock_method, *update_method;
};

static const struct lock_names in_lua = {"lock_address", "unlock_address", "lock_method",
                                         "unlock_method", "update_method"};
static const struct lock_names in_env = {"TF_HTTP_LOCK_ADDRESS", "TF_HTTP_UNLOCK_ADDRESS",
                                         "TF_HTTP_LOCK_METHOD", "TF_HTTP_UNLOCK_METHOD",
                                         "TF_HTTP_UPDATE_METHOD"};

static bool read_locking(struct arena *arena, const struct state_said *said,
                         const struct lock_names *names, const struct url_parts *u,
                         struct state_address *out, struct error *err)
{
    bool beside = is_lock_beside(u->path);
    if ((said->lock_method && !check_method(arena, names->lock_method, said->lock_method, err)) ||
        (said->unlock_method &&
         !check_method(arena, names->unlock_method, said->unlock_method, err)) ||
        (said->update_method &&
         !check_method(arena, names->update_method, said->update_method, err)) ||
        (said->lock_address &&
         !read_beside(arena, names->lock_address, said->lock_address, u, &out->lock_url, err)) ||
        (said->unlock_address && !read_beside(arena, names->unlock_address, said->unlock_address, u,
                                              &out->unlock_url, err)))
        return false;
    if (!out->lock_url)
        out->lock_url = lock_of(arena, u);
    if (!out->unlock_url) /* whoever says one address says both */
        out->unlock_url = out->lock_url;
    out->lock_method = or_else(arena, said->lock_method, beside ? "POST" : "LOCK");
    out->unlock_method = or_else(arena, said->unlock_method, beside ? "DELETE" : "UNLOCK");
    out->update_method = or_else(arena, said->update_method, "POST");
    return true;
}

static bool read_http(struct arena *arena, const struct state_said *said, const struct url_parts *u,
                      struct state_address *out, struct error *err)
{
    if (!check_query("state", said->url, err))
        return false;
    if (contains(u->path, "/storage/kv/"))
        return refuse_kv("state", err);
    if (!check_origin(arena, "state", said->url, u, err))
        return false;
    if (u->path.len <= 1 && !u->query.data) {
        wrong(arena, "state", said->url, "has no path", err);
        return error_hint(err, "name the state on that host, such as https://HOST/shop");
    }
    out->kind = STATE_HTTP;
    out->url = out->id = canonical(arena, u);
    out->gitlab = is_lock_beside(u->path) && contains(u->path, "/api/v4/projects/");
    return read_locking(arena, said, &in_lua, u, out, err);
}

/* ---- All of it ------------------------------------------------------------------------------- */

struct state_said state_said_by(const struct project *p)
{
    const struct state_decl *d = &p->state;
    bool has_account = d->endpoint.data && id_valid(p->account_id);
    return (struct state_said){.account_id = has_account ? p->account_id.data : NULL,
                               .url = d->url.data,
                               .endpoint = d->endpoint.data,
                               .region = d->region.data,
                               .lock_address = d->lock_address.data,
                               .unlock_address = d->unlock_address.data,
                               .lock_method = d->lock_method.data,
                               .unlock_method = d->unlock_method.data};
}

bool state_address_is_url(const char *text)
{
    return strstr(text, "://") != NULL;
}

/* What goes with the other kind is a slip that would change where the state is. */
static bool check_beside(const struct state_said *said, struct bytes scheme, struct error *err)
{
    bool s3 = is_text(scheme, "s3");
    const struct {
        const char *name, *value;
        bool s3;
    } members[] = {
        {"endpoint", said->endpoint, true},
        {"region", said->region, true},
        {"lock_address", said->lock_address, false},
        {"unlock_address", said->unlock_address, false},
        {"lock_method", said->lock_method, false},
        {"unlock_method", said->unlock_method, false},
    };
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        if (!members[i].value || members[i].s3 == s3)
            continue;
        error_set(err, ERR_USAGE, "%s goes with %s, and the state is %.*s://…", members[i].name,
                  members[i].s3 ? "s3://" : "https://", BYTES_FMT(scheme));
        return error_hint(err, "take it out");
    }
    return true;
}

static bool refuse_scheme(struct arena *arena, const char *text, struct bytes scheme,
                          struct error *err)
{
    if (is_text(scheme, "kv"))
        return refuse_kv("state", err);
    wrong(arena, "state", text, "is of no kind that cfkv knows", err);
    if (is_text(scheme, "r2"))
        return error_hint(err, "R2 is s3://BUCKET/KEY with endpoint = "
                               "\"https://ACCOUNT_ID.r2.cloudflarestorage.com\"");
    return error_hint(err, "s3://BUCKET/KEY or https://HOST/PATH; 'cfkv help state' says which "
                           "service to choose");
}

static void read_file(struct arena *arena, const char *path, struct state_address *out)
{
    *out = (struct state_address){.kind = STATE_FILE, .path = arena_str(arena, path)};
    out->text = out->path;
    out->id = arena_printf(arena, "file:%s", path);
}

bool state_address_parse(struct arena *arena, const struct state_said *said,
                         struct state_address *out, struct error *err)
{
    struct url_parts u;
    const char *url = said->url;
    *out = (struct state_address){0};
    if (!url || !*url)
        return error_set(err, ERR_USAGE, "the state has no address");
    if (!state_address_is_url(url)) {
        read_file(arena, url, out);
        return check_beside(said, bytes_of("file"), err);
    }
    if (!check_text(arena, "state", url, err))
        return false;
    split(url, &u);
    out->text = shown(arena, url);
    if (is_text(u.scheme, "s3"))
        return check_beside(said, u.scheme, err) && read_s3(arena, said, &u, out, err);
    if (is_http_scheme(u.scheme))
        return check_beside(said, u.scheme, err) && read_http(arena, said, &u, out, err);
    return refuse_scheme(arena, url, u.scheme, err);
}

bool state_address_follow(struct arena *arena, const struct state_said *said,
                          const struct state_said *t, struct state_address *a, struct error *err)
{
    struct url_parts u;
    if (a->kind != STATE_HTTP || !t->url || !state_address_is_url(t->url))
        return true;
    split(t->url, &u);
    if (strcmp(canonical(arena, &u), a->url) != 0)
        return true;
    struct state_said only = {
        .lock_address = said->lock_address ? NULL : t->lock_address,
        .unlock_address = said->unlock_address ? NULL : t->unlock_address,
        .lock_method = said->lock_method ? NULL : t->lock_method,
        .unlock_method = said->unlock_method ? NULL : t->unlock_method,
        .update_method = said->update_method ? NULL : t->update_method,
    };
    struct state_address env = {0};
    split(a->url, &u);
    if (!read_locking(arena, &only, &in_env, &u, &env, err))
        return false;
    if (only.lock_address)
        a->lock_url = env.lock_url;
    if (only.unlock_address || (only.lock_address && !said->unlock_address))
        a->unlock_url = env.unlock_url;
    if (only.lock_method)
        a->lock_method = env.lock_method;
    if (only.unlock_method)
        a->unlock_method = env.unlock_method;
    if (only.update_method)
        a->update_method = env.update_method;
    return true;
}

bool state_address_same(const struct state_address *a, const struct state_address *b)
{
    return a->kind == b->kind && strcmp(a->id, b->id) == 0;
}

const char *state_address_host(struct arena *arena, const struct state_address *a)
{
    const char *url = a->kind == STATE_HTTP ? a->url : a->kind == STATE_S3 ? a->endpoint : NULL;
    struct url_parts u;
    if (!url)
        return NULL;
    split(url, &u);
    return arena_printf(arena, u.port.data ? "%.*s:%.*s" : "%.*s", BYTES_FMT(u.host),
                        BYTES_FMT(u.port));
}

void state_address_hash(const struct state_address *a, char hash[STATE_ADDRESS_HASH_SIZE])
{
    struct digest d = hash_sha256(bytes_of(a->id));
    char hex[HASH_HEX_SIZE];
    digest_hex(&d, hex);
    memcpy(hash, hex, STATE_ADDRESS_HASH_SIZE - 1);
    hash[STATE_ADDRESS_HASH_SIZE - 1] = '\0';
}
