/*
 * s3.h: one object of a service that speaks S3 (R2, AWS, Ceph, MinIO and their kind) as a remote
 * object: replaced only by who knows what it replaces.
 *
 * The path-style URL is ENDPOINT/BUCKET/KEY. Requests are GET, PUT and, of the probe's throw-away
 * object alone, DELETE. A PUT always carries a condition (If-None-Match: * or If-Match: ETAG), a
 * plain body with its length and SHA-256, and neither trailers nor x-amz-checksum-*: since 2025
 * many services break on those.
 *
 * Many services take a condition and ignore it. So the first write of a state is preceded by a
 * probe (s3_probe.c), and a service that fails it is refused.
 *
 * ETags are opaque and sent back exactly as they came, quotes included. Two services (Ceph RGW 16,
 * DigitalOcean Spaces) compare what was sent, quotes and all, with the ETag without them, and so
 * answer 412 to their own: those get it without quotes. Never is that tried first: others answer
 * 500 to it.
 */
#ifndef CFKV_STATE_S3_H
#define CFKV_STATE_S3_H

#include "access.h"
#include "address.h"
#include "http/http.h"
#include "remote_object.h"

/*
 * Fills `object`. `address` (STATE_S3) and `access` are borrowed until close; `access` is renewed
 * before a request when it is due. Of `http` counts what any http has (log, wait, interrupted,
 * beat, timeouts): the base URL and credentials are filled in here.
 *
 * ERR_USAGE for an endpoint that is none (http_check_url).
 */
bool s3_object(const struct state_address *address, struct state_access *access,
               const struct http_options *http, struct remote_object *object, struct error *err);

#endif
