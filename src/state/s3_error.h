/*
 * s3_error.h: the body in which an S3 service says why it refuses. Private to s3*.c.
 *
 *     <?xml version="1.0"?><Error><Code>NoSuchKey</Code><Message>…</Message>…</Error>
 *
 * Besides these two a body may repeat the string that was signed, the key's id and the path: so
 * nothing else of it is ever shown. It comes from outside: it may be anything at all, cut, nested,
 * megabytes long, or an HTML page of a proxy.
 */
#ifndef CFKV_STATE_S3_ERROR_H
#define CFKV_STATE_S3_ERROR_H

#include "base/bytes.h"

#define S3_ERROR_READ 65536 /* bytes of a body that are looked at */

struct s3_error {
    char code[64];     /* letters and digits as in "NoSuchKey"; "" when there is none that is so */
    char message[256]; /* one line of valid UTF-8 (base/line.h); "" when there is none */
    char region[64];   /* of AuthorizationHeaderMalformed: a name, or "" */
};

/* What cannot be read leaves "". */
void s3_error_read(struct bytes body, struct s3_error *out);

#endif
