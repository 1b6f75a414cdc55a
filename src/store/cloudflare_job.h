/*
 * cloudflare_job.h: one operation on its way through the REST API. Private to store/.
 *
 * An operation may take several requests. Each kind of operation is a small machine of two
 * functions: `ask` makes its next request, `hear` takes the answer and says whether the operation
 * is over. One request of a job is in flight at a time; many jobs are. cloudflare.c moves jobs
 * between the source of operations and http; the machines never see either.
 */
#ifndef CFKV_STORE_CLOUDFLARE_JOB_H
#define CFKV_STORE_CLOUDFLARE_JOB_H

#include "base/arena.h"
#include "base/map.h"
#include "cloudflare.h"
#include "cloudflare_answer.h"
#include "cloudflare_pages.h"

#define JSON_TYPE  "application/json"
#define BYTES_TYPE "application/octet-stream"

/* An answer that is no value: a page of 1,000 keys with metadata of 1,024 bytes, escaped, and room.
 */
#define ANSWER_MAX ((size_t)16 * 1024 * 1024)

enum job_turn {
    JOB_ASKS, /* it has another request */
    JOB_OVER  /* its result is complete */
};

struct job;

struct job_class {
    /* Fills `r` (zeroed; path, body and their like live in the job). */
    void (*ask)(struct job *j, struct http_request *r);
    enum job_turn (*hear)(struct job *j, const struct http_response *r);
};

struct job {
    struct cloudflare *cf;
    struct store_op op;
    const struct job_class *cls;
    struct store_result result;
    struct arena arena; /* of the result */
    struct job *next;   /* in the list of those that ask again */

    /* The current request. */
    enum http_method method;
    struct buf path, body;
    struct http_part parts[2];
    unsigned delay_ms; /* before the next request */
    unsigned waits;    /* for a namespace that was just created */
    unsigned retakes;  /* of a page that was too short */
    bool lost;         /* this or an earlier one may have had its effect, and nothing says so */

    /* bulk get: keys are read in their order, `at` of them done, `n_sent` in the request that is
     * out. */
    bool single;     /* it is a GET of one value, */
    bool has_value;  /* … which is there, and only its metadata is missing, */
    bool is_odd;     /* … and which is no text */
    size_t n_odd;    /* such values so far */
    size_t odd_upto; /* among the keys from `at` to here is one; not above `at`: nobody knows */
    size_t most;     /* keys in a request whose values are not too large together; 0: any */
    struct buf value;
    int64_t expiration;

    /* bulk put and delete: items in the order of `order`, `at` of `n_order` done, `n_sent` in the
     * request that is out. */
    size_t *order;
    size_t n_order, at, n_sent;
    bool alone;      /* the request that is out is a single PUT */
    size_t *refused; /* items that came back in unsuccessful_keys */
    size_t n_refused;
    unsigned round; /* 0: the first sending */

    struct answer_accounts accounts; /* of cloudflare_account.c */

    /* create: an answer was lost, and the listing is asked who has the title. */
    bool looks; /* rename: the namespace is asked */
    unsigned page, creates;
};

/* An account that has a name, and so a variable for a token of its own. */
struct named_account {
    struct bytes id;
    const char *variable;
    bool has_own;       /* the variable is set */
    size_t credentials; /* http's */
};

/* What the machines share. */
struct cloudflare {
    struct store base; /* first */
    struct http *http;
    bool is_own_api;          /* Cloudflare's, not another that was named */
    const char *source;       /* of the common credentials, for messages */
    char account[33];         /* the default; "": not known yet */
    char account_name[129];   /* "": nobody was asked for it */
    const char *account_hint; /* where `account` cannot be found out; NULL: the usual one */
    size_t put_pairs, put_bytes,
        delete_keys;  /* of one request: shrink when the service wants less */
    struct map fresh; /* id → when it was created: milliseconds, monotonic */
    struct arena fresh_ids;
    bool has_common; /* credentials for accounts that have none of their own */
    struct named_account *named;
    size_t n_named, cap_named;
    struct arena arena; /* of those */
    struct pages pages; /* of the listings that are under way */
};

/* Makes `id` the default account. ERR_USAGE when it cannot be one. */
bool account_keep(struct cloudflare *cf, struct bytes id, struct error *err);

extern const struct job_class job_namespace_list, job_namespace_get, job_namespace_create,
    job_namespace_rename, job_namespace_delete, job_key_list, job_bulk_get, job_bulk_put,
    job_bulk_delete;

/* Ends a job: what it owns is freed. */
void job_release(struct job *j);

/* Runs a job of one request that is none of the contract's operations. false when it could not be
 * sent at all; else its result says what came of it. */
bool job_run_once(struct job *j, struct error *err);

/* ---- Asking ---------------------------------------------------------------------------------- */

/* Starts j->path with the namespaces of the operation's account, and with its namespace. */
void job_path_account(struct job *j);
void job_path_namespace(struct job *j);

/* Completes `r` with the path; and with the body, which is JSON. */
void job_ask(struct job *j, struct http_request *r, enum http_method method, bool repeatable);
void job_ask_json(struct job *j, struct http_request *r, enum http_method method, bool repeatable);

/* The credentials of its account; and false with ERR_DENIED when there are none. */
size_t job_credentials(const struct job *j);
bool job_has_credentials(const struct job *j, struct error *err);

/* "account ID (Name) does not take the token of VARIABLE: " before a refusal of credentials. */
void job_name_account(const struct job *j, struct error *err);

/* What to do about credentials that are refused, and about such that are no header. */
void job_hint_token(const struct job *j, struct error *err);
void job_hint_header(const struct job *j, struct error *err);

/* ---- Hearing --------------------------------------------------------------------------------- */

/* true when `r` is a 2xx whole. */
bool job_accepted(const struct http_response *r);

/*
 * The operation ends with what `r` says: not sent, refused, or an answer with "success": false.
 * Codes are mapped (10009, 10013 → ERR_NOT_FOUND; 10014 → ERR_EXISTS; …), the message shows method,
 * path, status, code, message and cf-ray, and common codes bring their hint.
 */
enum job_turn job_refused(struct job *j, const struct http_response *r);

/* The operation ends with a 2xx that is none: its body did not parse (`parsed` false, `why` says
 * how), or its envelope says "success": false. */
enum job_turn job_misheard(struct job *j, const struct http_response *r, bool parsed,
                           const struct error *why);

/* answer_plain of a 2xx. Only a 204 or 205 may have no body: an empty 200 does not say what was
 * done. */
bool job_plain(const struct http_response *r, struct answer *a, struct error *why);

/* What the parsers found wrong is wrong with an answer, not with a file. */
static inline void job_blame_answer(struct job *j)
{
    if (!j->result.ok && j->result.error.code == ERR_FORMAT)
        j->result.error.code = ERR_ANSWER;
}

/* The code of a refusal; 0: none, or no answer at all. */
int64_t job_code(const struct http_response *r);

/* true when the namespace was created so recently that it may not be known everywhere: the request
 * is made again, later. */
bool job_waits_for_namespace(struct job *j, const struct http_response *r);

/* A listing lags behind, and may contradict itself. true: the page is asked for again, a second
 * later; false: it was, twice. */
bool job_retakes(struct job *j);

/* Notes that `id` was created just now. */
void job_created(struct job *j, struct bytes id);

#endif
