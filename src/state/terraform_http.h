/*
 * terraform_http.h: a state on a service that speaks Terraform's http protocol: GitLab, Gitea,
 * examples/state-worker, small servers.
 *
 *     read     GET url
 *     write    POST url?ID=<the lock's>      (or the method said instead of POST)
 *     lock     LOCK lock_url, body: lock info   (GitLab: POST url/lock)
 *     unlock   UNLOCK unlock_url, the same body (GitLab: DELETE url/lock)
 *
 * The protocol as Terraform 1.11 and OpenTofu speak it (internal/backend/remote-state/http). What
 * we add breaks nobody who does not know it: If-Match where the service gave a strong ETag,
 * If-None-Match where it had nothing, and an eighth member "Lease" of the lock info, by which a
 * service that knows leases lets the lock end by itself. Bodies carry Content-MD5, and one that an
 * answer carries is checked.
 *
 * All requests are safe to repeat: the lock by its id, a write because it is the same bytes under
 * the same lock and condition. Redirects are not followed.
 */
#ifndef CFKV_STATE_TERRAFORM_HTTP_H
#define CFKV_STATE_TERRAFORM_HTTP_H

#include "access.h"
#include "address.h"
#include "http/http.h"
#include "remote_object.h"

/*
 * Makes the object. `address` (of STATE_HTTP) and `access` are borrowed until its close; of `http`
 * what concerns time, interrupts and what is told is taken over. Sends nothing: the first request
 * opens the connection. ERR_USAGE for credentials that no header may carry.
 */
bool terraform_http_object(const struct state_address *address, struct state_access *access,
                           const struct http_options *http, struct remote_object *out,
                           struct error *err);

#endif
