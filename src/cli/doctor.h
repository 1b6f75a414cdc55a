/*
 * doctor.h: what is looked at by cfkv doctor. Each look adds checks to one document, which
 * lua/host/doctor.lua puts into words:
 *
 *     {"check": "token", "facts": {…}, "finding": "expired", "status": "wrong"}
 *
 * Nothing is changed, wherever it is looked, and no fact is a credential. What stands in the way of
 * one look is a check itself, so that the others go on.
 */
#ifndef CFKV_CLI_DOCTOR_H
#define CFKV_CLI_DOCTOR_H

#include "session.h"

enum doctor_status { DOCTOR_OK, DOCTOR_WARNING, DOCTOR_WRONG, DOCTOR_STATUSES };

struct doctor {
    struct session *s;
    struct buf text;
    struct json_writer w;
    struct json_sort facts;
    size_t n[DOCTOR_STATUSES];
    const char *config; /* the configuration; NULL: there is none */
    bool evaluated;
    struct target target;        /* of the state file; */
    bool has_state;              /* … which could be read */
    const char *wrangler_config; /* what wrangler reads; NULL: nothing */
};

/* Begins a check; its facts are members that follow, in any order, up to doctor_end. */
void doctor_begin(struct doctor *d, const char *check, const char *finding,
                  enum doctor_status status);
void doctor_end(struct doctor *d);

/* One whose facts are what an error says. */
void doctor_error(struct doctor *d, const char *check, const char *finding,
                  enum doctor_status status, const struct error *err);

/* Of this machine: versions. */
void doctor_versions(struct doctor *d);

/* Of the project: configuration, state and lock, git, wrangler's config, the local store. */
void doctor_project(struct doctor *d);

/* Of the host of a remote state: its credentials. */
void doctor_access(struct doctor *d);

/* Of the account, with a few requests: credentials, token, permissions, clock, limits. */
void doctor_account(struct doctor *d);

#endif
