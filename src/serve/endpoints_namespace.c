/* endpoints_namespace.c: list, create, get, rename, delete. */
#include <stdlib.h>

#include "base/hash.h"
#include "endpoints.h"
#include "limits.h"
#include "listing.h"
#include "model/model.h"
#include "shown.h"
#include "step.h"

static const char *const jurisdictions[] = {"eu", "fedramp", "us"};

#define N_JURISDICTIONS (sizeof jurisdictions / sizeof *jurisdictions)

static void write_namespace(const struct server *server, struct json_writer *w,
                            const struct store_namespace *ns)
{
    size_t jurisdiction = map_get(&server->jurisdictions, ns->id);
    json_begin_object(w);
    json_field_string(w, "id", ns->id);
    json_field_string(w, "title", ns->title);
    json_field_bool(w, "supports_url_encoding", true);
    if (jurisdiction != MAP_NONE)
        json_field_str(w, "jurisdiction", jurisdictions[jurisdiction]);
    if (map_get(&server->instant, ns->id) != MAP_NONE)
        json_field_str(w, "mode", MODE_INSTANT);
    json_end_object(w);
}

static void answer_namespace(struct call *c, const struct store_result *result, void *ctx)
{
    (void)ctx;
    struct json_writer w = reply_begin(c->reply);
    write_namespace(c->server, &w, &result->namespaces[0]);
    reply_end(&w);
}

bool namespace_get(struct call *c)
{
    struct store_op op = {.kind = STORE_NAMESPACE_GET, .id = c->route.id};
    return step_run(c, &op, answer_namespace, NULL);
}

/* ---- Listing --------------------------------------------------------------------------------- */

static int by_id(const void *a, const void *b)
{
    const struct store_namespace *x = a, *y = b;
    return bytes_compare(x->id, y->id);
}

static int by_title(const void *a, const void *b)
{
    const struct store_namespace *x = a, *y = b;
    return bytes_compare(x->title, y->title);
}

bool namespace_list(struct call *c)
{
    bool title, descending;
    struct namespaces all;
    struct reply_pages pages = {0};
    if (!query_number(c, "page", CODE_PAGE, 1, 1000000, 1, &pages.page) ||
        !query_number(c, "per_page", CODE_PER_PAGE, 1, STORE_PAGE, 20, &pages.per_page) ||
        !query_choice(c, "order", CODE_ORDER, "id", "title", &title) ||
        !query_choice(c, "direction", CODE_DIRECTION, "asc", "desc", &descending) ||
        !shown_namespaces(c, &all))
        return false;
    if (all.n > 0)
        qsort(all.items, all.n, sizeof *all.items, title ? by_title : by_id);
    for (size_t i = 0; descending && i < all.n / 2; i++) {
        struct store_namespace other = all.items[all.n - 1 - i];
        all.items[all.n - 1 - i] = all.items[i];
        all.items[i] = other;
    }
    shown_pages(c, &all, &pages);
    struct json_writer w = reply_begin(c->reply);
    json_begin_array(&w);
    for (size_t i = 0; i < all.n; i++)
        write_namespace(c->server, &w, &all.items[i]);
    json_end_array(&w);
    reply_end_pages(&w, &pages);
    return true;
}

/* ---- Changing -------------------------------------------------------------------------------- */

struct namespace_body {
    struct bytes title;
    size_t jurisdiction; /* MAP_NONE: none */
    bool instant;
};

static bool read_jurisdiction(struct call *c, const struct json *v, struct namespace_body *body)
{
    const char *name;
    body->jurisdiction = MAP_NONE;
    if (!v || json_is_null(v))
        return true;
    if (json_as_str(v, &name))
        for (size_t i = 0; i < N_JURISDICTIONS; i++)
            if (strcmp(jurisdictions[i], name) == 0)
                body->jurisdiction = i;
    return body->jurisdiction != MAP_NONE ||
           reply_fail(c->reply, CODE_NAMESPACE_BODY, "%s: 'unknown jurisdiction'", c->op);
}

/* What the service says is not on record; that both exclude each other is (fact sheet 3.2). */
static bool read_mode(struct call *c, const struct json *v, struct namespace_body *body)
{
    const char *mode = NULL;
    body->instant = false;
    if (!v || json_is_null(v))
        return true;
    if (!json_as_str(v, &mode) || strcmp(mode, MODE_INSTANT) != 0)
        return reply_fail(c->reply, CODE_NAMESPACE_BODY, "%s: 'unknown mode'", c->op);
    body->instant = true;
    return body->jurisdiction == MAP_NONE ||
           reply_fail(c->reply, CODE_NAMESPACE_BODY,
                      "%s: 'an instant namespace cannot have a jurisdiction'", c->op);
}

static bool read_title(struct call *c, const struct json *v, struct namespace_body *body)
{
    const char *title = "";
    if (v && !json_is_null(v) && !json_as_str(v, &title))
        return reply_fail(c->reply, CODE_NAMESPACE_BODY, "%s: 'the title is not a string'", c->op);
    if (!limits_title(bytes_of(title), c->op, c->reply))
        return false;
    body->title = arena_copy(c->arena, bytes_of(title));
    return true;
}

static bool read_body(struct call *c, struct namespace_body *body)
{
    struct error err;
    struct json *root = json_doc_parse(c->body, &err);
    bool ok = root && json_is_object(root);
    if (!ok)
        reply_fail(c->reply, CODE_NAMESPACE_BODY, "%s: 'the body is not a JSON object'", c->op);
    ok = ok && read_title(c, json_member(root, "title"), body) &&
         read_jurisdiction(c, json_member(root, "jurisdiction"), body) &&
         read_mode(c, json_member(root, "mode"), body);
    json_doc_free(root);
    return ok;
}

/* There must be room in the account; a taken title is the better answer where both are wrong. */
static bool check_room(struct call *c, struct bytes title)
{
    struct namespaces all;
    size_t max = c->server->faults.max_namespaces;
    if (!listing_namespaces(c, c->arena, &all))
        return false;
    for (size_t i = 0; i < all.n; i++)
        if (bytes_equal(all.items[i].title, title))
            return reply_fail(c->reply, CODE_TITLE_TAKEN, "%s: '%s'", c->op,
                              code_text(CODE_TITLE_TAKEN));
    return all.n < max ||
           reply_fail(c->reply, CODE_TOO_MANY_NAMESPACES,
                      "%s: 'too many namespaces in this account: the limit is %zu'", c->op, max);
}

static void answer_created(struct call *c, const struct store_result *result, void *ctx)
{
    const struct namespace_body *body = ctx;
    struct server *server = c->server;
    if (body->jurisdiction != MAP_NONE)
        map_set(&server->jurisdictions, arena_copy(&server->arena, result->namespaces[0].id),
                body->jurisdiction);
    if (body->instant)
        map_set(&server->instant, arena_copy(&server->arena, result->namespaces[0].id), 0);
    answer_namespace(c, result, NULL);
}

bool namespace_create(struct call *c)
{
    struct namespace_body body;
    uint8_t random[16];
    struct buf id = {0};
    if (!read_body(c, &body) || !check_room(c, body.title))
        return false;
    if (!hash_random(random, sizeof random))
        return reply_fail(c->reply, CODE_UNAVAILABLE, "the kernel gives no random numbers");
    buf_add_hex(&id, random, sizeof random);
    stale_keep_namespaces(c);
    struct store_op op = {
        .kind = STORE_NAMESPACE_CREATE, .id = buf_bytes(&id), .title = body.title};
    bool ok = step_run(c, &op, answer_created, &body);
    buf_release(&id);
    return ok;
}

bool namespace_rename(struct call *c)
{
    struct namespace_body body;
    struct store_op op = {.kind = STORE_NAMESPACE_RENAME, .id = c->route.id};
    if (!read_body(c, &body))
        return false;
    stale_keep_namespaces(c);
    op.title = body.title;
    return step_run(c, &op, answer_namespace, NULL);
}

bool namespace_delete(struct call *c)
{
    struct store_op op = {.kind = STORE_NAMESPACE_DELETE, .id = c->route.id};
    stale_keep_namespaces(c);
    return step_run(c, &op, NULL, NULL) && reply_empty(c->reply);
}
