/*
 * foreign_document.h: a file of another tool as the view that an import's reader gets.
 *
 *   { "documents": [ { "line": 1, "number": 1, "skipped": 12, "value": … } ],
 *     "file": "infra/x.tfstate", "skipped": 3, "syntax": "json" }
 *
 * JSON (one document) and YAML (all documents of the file) are told apart by what is in it, not by
 * its name. What does not concern us is left out while it is read (foreign_filter.h): records of a
 * document, counted in its `skipped`, and whole YAML documents, counted in that of the file. So a
 * file may be large; it is read once, in time that goes with its length and memory that goes with
 * what is kept. It may be compressed (.gz).
 */
#ifndef CFKV_HOST_FOREIGN_DOCUMENT_H
#define CFKV_HOST_FOREIGN_DOCUMENT_H

#include "model/diag.h"

#define FOREIGN_FILE_MAX ((uint64_t)1 << 30) /* bytes, of a compressed file those that come out */

/*
 * Adds the view of `path` ("-": standard input) to `view`. false: `err` says so. What is wrong with
 * the content is in `problems`, too, with its line: import.format, import.limit. What the system
 * says no to is not: ERR_NOT_FOUND, ERR_IO (a FIFO, a device; a folder).
 */
bool foreign_document_read(const char *path, struct buf *view, struct diag_list *problems,
                           struct error *err);

/* The same of a descriptor, which is closed; `name` is for messages and the view. */
bool foreign_document_read_fd(int fd, const char *name, struct buf *view,
                              struct diag_list *problems, struct error *err);

#endif
