/*
 * env_files.h: what the files of --env-file give: credentials, those of state hosts included, the
 * account, and the variables that the configuration asks for with cfkv.getenv. Nothing of it
 * reaches a child process.
 *
 * The environment of the process wins over them, where it is not empty; a later file over an
 * earlier one. Which API is talked to, through which proxy, and what is loaded is never a file's
 * word: it comes with a repository, and would send the credentials elsewhere.
 */
#ifndef CFKV_CLI_ENV_FILES_H
#define CFKV_CLI_ENV_FILES_H

#include "base/buf.h"
#include "base/dotenv.h"
#include "options.h"

/*
 * Reads them into `out`, of which `arena` has the texts; what they have that is not taken is told
 * in `told`, a line without its newline (empty: nothing). ERR_NOT_FOUND and ERR_IO for a file,
 * ERR_FORMAT for what is in it; no message has a value in it.
 */
bool env_files_read(struct arena *arena, const struct text_list *files, struct dotenv *out,
                    struct buf *told, struct error *err);

/* Appends what a person without credentials may have forgotten: that the files lack them, a .env in
 * `folder` (NULL: none but the current one) that nobody named, variables of names that only
 * wrangler reads, and its login. */
void env_files_hint(const struct text_list *files, const char *folder, struct buf *hint);

#endif
