/* kv key put. */
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/duration.h"
#include "base/file.h"
#include "base/text.h"
#include "kv/run.h"
#include "kv/save.h"
#include "model/validate.h"
#include "show.h"
#include "which.h"

struct put {
    struct bytes key;
    struct seed_key seed;
    struct buf value, metadata;
    bool by_default; /* its ttl is the namespace's */
    bool written;
    unsigned asked;          /* --backup: how often its key was */
    struct kv_section saved; /* what it had before */
};

#define READ_MAX ((size_t)2 * KV_VALUE_MAX) /* so that the rule can say how large a value is */

/* ---- Value and metadata ---------------------------------------------------------------------- */

static bool fail_too_large(struct error *err)
{
    if (err->code != ERR_LIMIT)
        return false;
    error_set(err, ERR_INVALID, "the value has more than %d bytes", KV_VALUE_MAX);
    return error_hint(err, "Workers KV takes values of up to 25 MiB; R2 takes larger objects");
}

/* Any file: a pipe that the shell made of a command is one too. */
static bool read_path(const char *path, struct buf *value, struct error *err)
{
    char name[KV_QUOTED_SIZE];
    if (strcmp(path, "-") == 0)
        return file_read_fd(STDIN_FILENO, "stdin", READ_MAX, value, err) || fail_too_large(err);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_errno(err, errno, "cannot open %s",
                           text_quoted(bytes_of(path), name, sizeof name));
    bool ok = file_read_fd(fd, path, READ_MAX, value, err) || fail_too_large(err);
    close(fd);
    return ok;
}

static bool read_value(const struct options *o, struct buf *value, struct error *err)
{
    bool as_word = o->args.n > 1;
    if (as_word && o->path)
        return error_set(err, ERR_USAGE, "the value is given twice: as an argument and by --path");
    if (!as_word && !o->path) {
        error_set(err, ERR_USAGE, "'kv key put' needs a value");
        return error_hint(err, "usage: cfkv kv key put KEY VALUE, or KEY --path FILE (-: stdin)");
    }
    if (o->path)
        return read_path(o->path, value, err);
    buf_add_str(value, o->args.items[1]);
    return true;
}

/* A null is no metadata. */
static bool read_metadata(const char *text, struct put *put, struct error *err)
{
    if (!text)
        return true;
    if (!json_compact(bytes_of(text), &put->metadata, err)) {
        if (err->code == ERR_FORMAT)
            err->code = ERR_INVALID;
        error_wrap(err, "--metadata is not JSON");
        return err->code == ERR_INVALID ? error_hint(err, "a text is given as '\"text\"'") : false;
    }
    if (!bytes_equal(buf_bytes(&put->metadata), bytes_of("null")))
        put->seed.metadata = buf_bytes(&put->metadata);
    return true;
}

/* Warnings are notes on stderr. */
static bool judge(const struct session *s, const struct put *put, struct error *err)
{
    struct diag_list diags = {0};
    bool ok = seed_key_judge(&diags, &put->seed, put->value.len, s->now, "", err) &&
              !seed_key_is_late(&put->seed, s->now, err);
    if (ok)
        output_diagnostics(s->output, &diags);
    diag_release(&diags);
    return ok;
}

/* ---- Sending --------------------------------------------------------------------------------- */

struct size_question {
    struct bytes key;
    bool found;
};

/* Of all keys that begin with its name, the key itself comes first. */
static bool looked(void *ctx, const struct store_result *result, struct error *err)
{
    struct size_question *question = ctx;
    (void)err;
    for (size_t i = 0; i < result->n_keys; i++)
        question->found |= bytes_equal(result->keys[i].key, question->key);
    return true;
}

/* Gives the one key there is. */
static enum pull pull_key(void *ctx, struct bytes *key, struct error *err)
{
    struct put *put = ctx;
    (void)err;
    *key = put->key;
    return put->asked++ ? PULL_END : PULL_PAIR;
}

static bool answered(void *ctx, const struct store_result *result, struct error *err)
{
    char name[KV_QUOTED_SIZE];
    struct put *put = ctx;
    put->written = result->n_failed == 0;
    if (put->written)
        return true;
    error_set(err, ERR_FAILED, "key %s was not written: the service did not take it",
              text_quoted(put->key, name, sizeof name));
    return error_hint(err, "run it again");
}

static bool send(struct session *s, const struct kv_namespace *ns, struct put *put,
                 struct error *err)
{
    const struct options *o = s->options;
    struct bytes value = buf_bytes(&put->value);
    struct kv_saving what = {.ns = ns, .reason = "overwrite", .partial = true};
    struct store_pair pair = {.key = put->key,
                              .value = bytes_make(value.data ? value.data : "", value.len),
                              .metadata = put->seed.metadata,
                              .expiration = put->seed.expiration,
                              .expiration_ttl = put->seed.expiration_ttl};
    struct store_op op = {
        .kind = STORE_BULK_PUT, .account = ns->account, .id = ns->id, .pairs = &pair, .n = 1};
    /* A listing and not a get: that would bring the value too. */
    struct store_op list = {
        .kind = STORE_KEY_LIST, .account = ns->account, .id = ns->id, .prefix = put->key};
    struct size_question question = {.key = put->key};
    if (o->if_missing && !kv_run(s->kv.store, &list, looked, &question, err))
        return false;
    if (question.found)
        return true;
    if (o->backup && !kv_save(&s->kv, &what, pull_key, put, &put->saved, err))
        return false;
    return kv_run(s->kv.store, &op, answered, put, err);
}

/* ---- Telling --------------------------------------------------------------------------------- */

static void print_json(struct cli *cli, const struct kv_namespace *ns, const struct put *put)
{
    struct buf *out = &cli->output.out;
    struct json_writer w = json_writer_to(out, 2);
    json_begin_object(&w);
    show_accounts_member(&cli->session, ns, &w);
    if (cli->options.backup)
        json_field_str(&w, "backup", put->saved.path);
    json_field_count(&w, "bytes", put->value.len);
    if (put->written && put->seed.expiration > 0 && put->seed.expiration_ttl == 0)
        json_field_int(&w, "expiration", put->seed.expiration);
    if (put->written && put->seed.expiration_ttl > 0) {
        json_field_int(&w, "expiration_ttl", put->seed.expiration_ttl);
    }
    json_field_string(&w, "key", put->key);
    show_target_member(&cli->session, &w);
    json_field_bool(&w, "written", put->written);
    json_end_object(&w);
    buf_add_char(out, '\n');
}

static void tell(struct cli *cli, const struct kv_namespace *ns, const struct put *put)
{
    char name[KV_QUOTED_SIZE], where[KV_QUOTED_SIZE], told[TOLD_SIZE];
    text_quoted(put->key, name, sizeof name);
    kv_quoted(ns, where);
    if (!put->written)
        show_result(&cli->session, "key %s is in namespace %s already, and stays as it is", name,
                    where);
    else
        show_result(&cli->session, "key %s is put into namespace %s, %zu byte%s", name, where,
                    put->value.len, text_plural(put->value.len));
    if (put->written && put->by_default)
        output_note(&cli->output, "it expires in %s, the default of its namespace (--ttl 0: never)",
                    duration_told(put->seed.expiration_ttl, told));
    if (put->saved.path)
        output_note(&cli->output, "what it had before is kept in '%s'", put->saved.path);
    if (cli->options.json)
        print_json(cli, ns, put);
}

bool cmd_kv_key_put(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct session *s = &cli->session;
    const struct options *o = &cli->options;
    struct put put = {.key = bytes_of(o->args.items[0])};
    struct kv_namespace ns;
    (void)code;
    put.seed = (struct seed_key){.key = put.key,
                                 .expiration_ttl = o->ttl,
                                 .no_ttl = o->ttl_given && o->ttl == 0,
                                 .expiration = o->expiration};
    bool ok = read_metadata(o->metadata, &put, err) && seed_name_judge(put.key, "", err) &&
              read_value(o, &put.value, err) && judge(s, &put, err) &&
              session_open_store(s, true, err) && which_by_options(s, false, &ns, err);
    if (ok) {
        put.by_default = seed_takes_default(&put.seed) && ns.ttl_seconds > 0;
        if (put.by_default)
            put.seed.expiration_ttl = ns.ttl_seconds;
        ok = send(s, &ns, &put, err);
    }
    if (ok)
        tell(cli, &ns, &put);
    buf_release(&put.value);
    buf_release(&put.metadata);
    return ok;
}
