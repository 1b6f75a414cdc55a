/* Operations on namespaces: list, get, create, rename, delete (fact sheet 3.1 to 3.5). */
#include "cloudflare_job.h"

#include "base/json.h"

static enum job_turn over(struct job *j)
{
    j->result.ok = true;
    return JOB_OVER;
}

/* The result is this one namespace. */
static enum job_turn one_namespace(struct job *j, struct store_namespace ns)
{
    struct store_namespace *kept = arena_alloc(&j->arena, 1, sizeof *kept);
    *kept = ns;
    j->result.namespaces = kept;
    j->result.n_namespaces = 1;
    return over(j);
}

static void ask_title(struct job *j, struct http_request *r, enum http_method method,
                      bool repeatable)
{
    struct json_writer w = json_writer_to(&j->body, 0);
    buf_clear(&j->body);
    json_begin_object(&w);
    if (j->op.jurisdiction.data)
        json_field_string(&w, "jurisdiction", j->op.jurisdiction);
    if (j->op.mode.data)
        json_field_string(&w, "mode", j->op.mode);
    json_field_string(&w, "title", j->op.title);
    json_end_object(&w);
    if (j->op.create_options.len > 2) { /* its members behind ours */
        j->body.data[j->body.len - 1] = ',';
        buf_add_bytes(&j->body,
                      bytes_make(j->op.create_options.data + 1, j->op.create_options.len - 1));
    }
    job_ask_json(j, r, method, repeatable);
}

/* ---- List ------------------------------------------------------------------------------------ */

static void ask_page(struct job *j, struct http_request *r, unsigned page)
{
    job_path_account(j);
    buf_addf(&j->path, "?page=%u&per_page=%d&order=id&direction=asc", page, STORE_PAGE);
    job_ask(j, r, HTTP_GET, true);
}

/* Parses a page; false: the operation is over with its error. */
static bool hear_page(struct job *j, const struct http_response *r, struct answer_namespaces *page)
{
    struct answer a;
    struct error why = {0};
    if (!job_accepted(r)) {
        job_refused(j, r);
        return false;
    }
    bool parsed = answer_namespaces(r->body, &j->arena, &a, page, &why);
    if (parsed && a.success)
        return true;
    job_misheard(j, r, parsed, &why);
    return false;
}

static void list_ask(struct job *j, struct http_request *r)
{
    ask_page(j, r, j->op.page);
}

/* Without a total, a full page may be followed by another, and a short one is the last. One below
 * what is there would hide the rest. */
static size_t total_of(const struct answer_namespaces *page, unsigned number)
{
    size_t seen = (size_t)(number - 1) * STORE_PAGE + page->n;
    if (page->has_total && (page->n == 0 || page->total >= seen))
        return page->total < SIZE_MAX ? (size_t)page->total : SIZE_MAX;
    return page->n < STORE_PAGE ? seen : SIZE_MAX;
}

/* A page that holds fewer namespaces than the account counts is taken again (job_retakes). */
static bool is_short(const struct answer_namespaces *page, unsigned number)
{
    uint64_t size = page->per_page > 0 && page->per_page < STORE_PAGE ? page->per_page : STORE_PAGE;
    uint64_t before = (number - 1) * size;
    uint64_t left = page->has_total && page->total > before ? page->total - before : 0;
    return page->n < (left < size ? left : size) || page->n < page->count;
}

static enum job_turn list_hear(struct job *j, const struct http_response *r)
{
    struct answer_namespaces page;
    struct error why = {0};
    if (!hear_page(j, r, &page))
        return JOB_OVER;
    j->result.is_short = is_short(&page, j->op.page);
    if (j->result.is_short && job_retakes(j))
        return JOB_ASKS;
    if (!pages_take_namespaces(&j->cf->pages, j->op.account, j->op.page, &page, &why))
        return job_misheard(j, r, false, &why);
    j->result.namespaces = page.items;
    j->result.n_namespaces = page.n;
    j->result.total = total_of(&page, j->op.page);
    return over(j);
}

const struct job_class job_namespace_list = {list_ask, list_hear};

/* ---- Get ------------------------------------------------------------------------------------- */

static void get_ask(struct job *j, struct http_request *r)
{
    job_path_namespace(j);
    job_ask(j, r, HTTP_GET, true);
}

static enum job_turn get_hear(struct job *j, const struct http_response *r)
{
    struct answer a;
    struct store_namespace ns;
    struct error why = {0};
    if (!job_accepted(r))
        return job_waits_for_namespace(j, r) ? JOB_ASKS : job_refused(j, r);
    bool parsed = answer_namespace(r->body, &j->arena, &a, &ns, &why);
    return parsed && a.success ? one_namespace(j, ns) : job_misheard(j, r, parsed, &why);
}

const struct job_class job_namespace_get = {get_ask, get_hear};

/* ---- Create ---------------------------------------------------------------------------------- */

#define CREATES_MAX 3

/*
 * A POST is not repeated, since it may have had its effect. When its answer is lost the listing
 * tells: a namespace of that title is the one that was made (before it, the caller saw none), else
 * it is made again.
 */
static void create_ask(struct job *j, struct http_request *r)
{
    if (j->looks) {
        ask_page(j, r, j->page);
        return;
    }
    j->creates++;
    job_path_account(j);
    ask_title(j, r, HTTP_POST, false);
}

static enum job_turn created(struct job *j, struct store_namespace ns)
{
    job_created(j, ns.id);
    return one_namespace(j, ns);
}

static enum job_turn look(struct job *j)
{
    j->looks = true;
    j->page = 1;
    j->delay_ms = 1000; /* a listing may lag */
    return JOB_ASKS;
}

/* The title may be taken by the POST before this one, which the listing did not show yet. */
static bool is_in_doubt(const struct job *j, const struct http_response *r)
{
    enum error_code code = j->result.error.code;
    return r->maybe_done ? code != ERR_INTERRUPTED : code == ERR_EXISTS && j->creates > 1;
}

static enum job_turn post_hear(struct job *j, const struct http_response *r)
{
    struct answer a;
    struct store_namespace ns;
    struct error why = {0};
    if (!job_accepted(r)) {
        job_refused(j, r); /* kept, should looking lead to nothing */
        return is_in_doubt(j, r) ? look(j) : JOB_OVER;
    }
    bool parsed = answer_namespace(r->body, &j->arena, &a, &ns, &why);
    if (parsed && a.success)
        return created(j, ns);
    job_misheard(j, r, parsed, &why);
    return j->result.error.code == ERR_FORMAT ? look(j) : JOB_OVER;
}

static enum job_turn page_hear(struct job *j, const struct http_response *r)
{
    struct answer_namespaces page;
    const struct error post = j->result.error;
    struct error why = {0};
    bool heard = hear_page(j, r, &page);
    if (heard && !pages_take_namespaces(&j->cf->pages, j->op.account, j->page, &page, &why)) {
        job_misheard(j, r, false, &why);
        heard = false;
    }
    if (!heard) {
        /* Nobody can say whether it was made: what happened to the POST is the better error. */
        if (j->result.error.code != ERR_INTERRUPTED)
            j->result.error = post;
        return JOB_OVER;
    }
    for (size_t i = 0; i < page.n; i++)
        if (bytes_equal(page.items[i].title, j->op.title))
            return created(j, page.items[i]);
    if (page.n > 0 && (size_t)j->page * STORE_PAGE < total_of(&page, j->page)) {
        j->page++;
        return JOB_ASKS;
    }
    j->looks = false;
    return j->creates < CREATES_MAX ? JOB_ASKS : JOB_OVER;
}

static enum job_turn create_hear(struct job *j, const struct http_response *r)
{
    return j->looks ? page_hear(j, r) : post_hear(j, r);
}

const struct job_class job_namespace_create = {create_ask, create_hear};

/* ---- Rename ---------------------------------------------------------------------------------- */

/*
 * A title that is taken, after an attempt whose answer was lost, may be the work of that attempt:
 * the namespace itself tells.
 */
static void rename_ask(struct job *j, struct http_request *r)
{
    job_path_namespace(j);
    if (j->looks)
        job_ask(j, r, HTTP_GET, true);
    else
        ask_title(j, r, HTTP_PUT, true);
}

static enum job_turn renamed(struct job *j)
{
    return one_namespace(j, (struct store_namespace){.id = j->op.id, .title = j->op.title});
}

/* The answer may be the namespace or nothing (fact sheet 3.4). */
static enum job_turn put_hear(struct job *j, const struct http_response *r)
{
    struct answer a;
    struct error why = {0};
    if (job_accepted(r)) {
        bool parsed = job_plain(r, &a, &why);
        return parsed && a.success ? renamed(j) : job_misheard(j, r, parsed, &why);
    }
    if (job_waits_for_namespace(j, r))
        return JOB_ASKS;
    job_refused(j, r);
    j->looks = j->result.error.code == ERR_EXISTS && j->lost;
    return j->looks ? JOB_ASKS : JOB_OVER;
}

/* What the PUT said stays the error when the title is another. */
static enum job_turn title_hear(struct job *j, const struct http_response *r)
{
    struct answer a;
    struct store_namespace ns;
    struct error ignored = {0};
    bool known = job_accepted(r) && answer_namespace(r->body, &j->arena, &a, &ns, &ignored);
    return known && a.success && bytes_equal(ns.title, j->op.title) ? renamed(j) : JOB_OVER;
}

static enum job_turn rename_hear(struct job *j, const struct http_response *r)
{
    return j->looks ? title_hear(j, r) : put_hear(j, r);
}

const struct job_class job_namespace_rename = {rename_ask, rename_hear};

/* ---- Delete ---------------------------------------------------------------------------------- */

static void delete_ask(struct job *j, struct http_request *r)
{
    job_path_namespace(j);
    job_ask(j, r, HTTP_DELETE, true);
}

static enum job_turn delete_hear(struct job *j, const struct http_response *r)
{
    struct answer a;
    struct error why = {0};
    if (job_accepted(r)) {
        bool parsed = job_plain(r, &a, &why);
        return parsed && a.success ? over(j) : job_misheard(j, r, parsed, &why);
    }
    job_refused(j, r);
    /* Gone, after an attempt whose answer was lost: that was the one that did it. */
    if (j->result.error.code == ERR_NOT_FOUND && j->lost)
        return over(j);
    return job_waits_for_namespace(j, r) ? JOB_ASKS : JOB_OVER;
}

const struct job_class job_namespace_delete = {delete_ask, delete_hear};
