#include "key_list.h"

#include "report.h"

struct keys *key_list_open(struct cli *cli, uint64_t *n, struct error *err)
{
    size_t most = cli->options.keep_going ? 0 : REPORT_PROBLEMS;
    struct keys *keys = keys_open(cli->options.args.items[0], err);
    if (keys && keys_check(keys, most, &cli->session.model.diags, n, err) &&
        report_problems(cli, keys_path(keys), err))
        return keys;
    keys_close(keys);
    return NULL;
}

enum pull key_list_pull(void *keys, struct bytes *key, struct error *err)
{
    bool end;
    if (!keys_next(keys, key, &end, err))
        return PULL_FAILED;
    return end ? PULL_END : PULL_PAIR;
}
