/*
 * faults.h: everything that can go wrong with a network and a service, on request.
 *
 * The faults file is one JSON object. Everything in it is optional:
 *
 *     {
 *       "seed": 1,
 *       "max_namespaces": 1000,
 *       "key_writes": true,
 *       "date": "text",
 *       "accounts": [{"id": "32 hex digits", "name": "text", "token": "text"}],
 *       "rules": [
 *         {"match": {"method": "PUT", "path": "*bulk", "endpoint": "bulk_put", "nth": 3},
 *          "fault": "status", "status": 503, "retry_after": 2}
 *       ]
 *     }
 *
 * seed            of everything left to chance; the same file and the same requests give the same
 *                 faults.
 * max_namespaces  an account is full from there on (10018).
 * key_writes      the second PUT of a key within a second is refused (429, 10022), and of any key
 * in a namespace of mode "instant", deletes included. date            what answers have as their
 * Date; "" is none. Without it they have the time. accounts        the only accounts there are, in
 * the order they are listed; [] is none. Without it there is one, and any other 32 hex digits are
 * taken for an account too. One with a "token" is seen by that token only. rules           asked in
 * their order for each request that has a credential and is within the rate; the first that fires
 * decides.
 *
 * "match": all that is given must hold.
 *     method      as in the request line
 *     path        a glob over the path as it was sent, without the query; "*" also matches "/"
 *     endpoint    namespace_list namespace_create namespace_get namespace_rename namespace_delete
 *                 key_list value_get value_put value_delete metadata_get bulk_put bulk_delete
 *                 bulk_delete_old bulk_get account_list account_get account_token bucket_list
 *                 user_get user_token membership_list graphql none
 *     nth         only the n-th such request, from 1
 *     every       each n-th
 *     chance      0 to 1
 * "times" beside "match": after so many it fires no more.
 *
 * "fault":
 *     status        an envelope with "status" (503) and "code" (10001); "message" is the text
 *     html          a page of HTML with "status" (502)
 *     body          exactly the text "body" with "status" (200)
 *     empty         "status" (502) with no body at all
 *     quota         429 with 10048
 *     challenge     403, a firewall's page, with cf-mitigated: challenge
 *     redirect      "status" (302) to "location"
 *     drop_before   the connection ends before anything was done
 *     drop_after    … after it was done, without an answer
 *     reset         the connection is reset (RST) before anything was done
 *     hang          no answer and no effect, for "ms" or until the client goes away
 *     delay         "ms" later, all is well
 *     slow          the answer comes in ten pieces, "ms" (100) apart
 *     truncate      the connection ends in the middle of the answer's body
 *     huge_length   the answer claims, and pads itself to, "length" bytes (2 GiB)
 *     malformed     the answer's JSON is cut in half
 *     deep          an answer of 100,000 nested arrays
 *     long_error    an envelope with "status" (500) whose message is "length" bytes (10 MB)
 *     bad_utf8      the answer's texts hold invalid UTF-8
 *     wrong_types   the answer's members have other types than documented
 *     duplicate     the answer's members come twice, the first time empty
 *     null_result   "result": null instead of what it is
 *     no_info       no "result_info"
 *     partial       a bulk write leaves out "keys", or each key with chance "fraction" (0.5), and
 *                   names them in unsuccessful_keys
 *     short         a listing without the rows named "keys" (names of keys, titles of namespaces),
 *                   else without its last "missing" (1) rows: those of the whole listing of
 *                   namespaces, of each page of keys. More than there are: "result" is []
 *     stale         a listing as it was before the last "writes" (1, at most 1000) to what it
 *                   lists, with what was deleted since and without what was made; "stale_list" is
 *                   the same
 *     endless       a listing without end: the first page whatever page is asked for, with a new
 *                   cursor each time; "empty": true has pages without rows
 *     empty_page    a page of keys that is empty, with a cursor to what it left out
 *
 * "total" says what a short or an endless listing of namespaces counts as total_count:
 *     true          as many as there are; what a short one does unless told
 *     shown         without those that are left out
 *     more          more than were shown up to this page; what an endless one does unless told
 *     none          no total_count, and no total_pages
 * Of keys there is only "count", of the page: with "true" it counts those that are left out too,
 * with "none" it is not there.
 *
 * "after": true does the work first, for status, html, body, empty, quota, redirect, reset and
 * hang. "retry_after" (seconds) or "retry_after_date" (seconds from now, sent as a date) adds
 * Retry-After. An unknown member, a wrong type or a senseless value is an error that names its
 * place.
 */
#ifndef CFKV_SERVE_FAULTS_H
#define CFKV_SERVE_FAULTS_H

#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "route.h"

enum fault_kind {
    FAULT_STATUS,
    FAULT_HTML,
    FAULT_BODY,
    FAULT_EMPTY,
    FAULT_QUOTA,
    FAULT_CHALLENGE,
    FAULT_REDIRECT,
    FAULT_DROP_BEFORE,
    FAULT_DROP_AFTER,
    FAULT_RESET,
    FAULT_HANG,
    FAULT_DELAY,
    FAULT_SLOW,
    FAULT_TRUNCATE,
    FAULT_HUGE_LENGTH,
    FAULT_MALFORMED,
    FAULT_DEEP,
    FAULT_LONG_ERROR,
    FAULT_BAD_UTF8,
    FAULT_WRONG_TYPES,
    FAULT_DUPLICATE,
    FAULT_NULL_RESULT,
    FAULT_NO_INFO,
    FAULT_PARTIAL,
    FAULT_SHORT,
    FAULT_STALE,
    FAULT_ENDLESS,
    FAULT_EMPTY_PAGE,
    FAULT_COUNT
};

/* What a listing that is not whole says of how many there are. */
enum fault_total {
    FAULT_TOTAL_OWN, /* the fault's own default */
    FAULT_TOTAL_TRUE,
    FAULT_TOTAL_SHOWN,
    FAULT_TOTAL_MORE,
    FAULT_TOTAL_NONE
};

#define FAULT_WRITES_MAX 1000

struct fault_rule {
    /* match */
    const char *method, *path; /* NULL: any */
    int64_t endpoint;          /* -1: any */
    int64_t nth, every;        /* 0: not given */
    double chance;             /* 1: always */
    int64_t times;             /* 0: without end */
    /* what happens; 0 and NULL: the kind's own default */
    enum fault_kind kind;
    int64_t status, code, ms, length;
    int64_t retry_after, retry_after_date; /* -1: none */
    const char *message, *location;
    struct bytes body;
    const struct bytes *keys;
    size_t n_keys;
    double fraction;
    int64_t missing, writes;
    enum fault_total total;
    bool empty;
    bool after;
    /* how often so far */
    uint64_t seen, fired;
};

struct fault_account {
    const char *id, *name;
    const char *token; /* NULL: any credential sees it */
};

struct faults {
    uint64_t seed;
    size_t max_namespaces;
    bool key_writes;
    const char *date; /* NULL: the time */
    bool has_accounts;
    const struct fault_account *accounts;
    size_t n_accounts;
    struct fault_rule *rules;
    size_t n_rules;
    size_t stale_writes; /* of so many writes the lists before them are wanted; 0: of none */
    struct arena arena;
};

/* The defaults: no rules. */
void faults_init(struct faults *f);

/* Reads a faults file over the defaults. Errors name `name` and the place. */
bool faults_parse(struct faults *f, struct bytes json, const char *name, struct error *err);
bool faults_load(struct faults *f, const char *path, struct error *err);

/* The rule that fires for a request, or NULL. Counts the request. */
struct fault_rule *faults_pick(struct faults *f, const char *method, const struct route *route);

/* true when a partial bulk leaves out `key`. */
bool faults_leaves_out(const struct faults *f, const struct fault_rule *rule, struct bytes key);

/* true when the rule's "keys" has `name`. */
bool faults_names(const struct fault_rule *rule, struct bytes name);

const char *fault_name(enum fault_kind kind);

void faults_release(struct faults *f);

#endif
