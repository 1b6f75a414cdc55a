/* state merge: a merge driver for git, which three versions of a state go through. */
#include "command.h"

#include "base/file.h"
#include "base/text.h"
#include "state/merge.h"

/* Says what came of it; false when somebody must decide. */
static bool report(const struct output *output, const struct state_merge *merged, const char *path,
                   struct error *err)
{
    if (merged->upgraded)
        output_note(output, "state '%s' is now of format version %d; an older cfkv refuses it",
                    path, STATE_VERSION);
    if (merged->salts_differ)
        output_note(output, "both sides began a state: the next plan may show keys that only "
                            "theirs recorded as somebody else's");
    if (merged->n_conflicts == 0)
        return true;
    for (struct bytes rest = buf_bytes(&merged->conflicts); rest.len > 0;) {
        const char *newline = memchr(rest.data, '\n', rest.len);
        size_t n = newline ? (size_t)(newline - rest.data) : rest.len;
        output_note(output, "conflict: %.*s", (int)n, rest.data);
        n += newline != NULL;
        rest = bytes_make(rest.data + n, rest.len - n);
    }
    error_set(err, ERR_FAILED, "'%s' has %zu conflict%s", path, merged->n_conflicts,
              text_plural(merged->n_conflicts));
    return error_hint(err, "it holds both versions between conflict markers: keep the lines of one "
                           "side, then 'cfkv plan' shows what that means");
}

bool cmd_state_merge(struct cli *cli, enum exit_code *code, struct error *err)
{
    const char *const *paths = cli->options.args.items;
    struct buf data[3] = {{0}};
    struct state_text texts[3];
    struct state_merge merged = {0};
    bool ok = true;
    (void)code;
    for (size_t i = 0; ok && i < 3; i++) {
        ok = file_read(paths[i], STATE_SIZE_MAX, &data[i], err);
        texts[i] = (struct state_text){.name = paths[i], .text = buf_bytes(&data[i])};
    }
    ok = ok && state_merge(&texts[0], &texts[1], &texts[2], &merged, err) &&
         file_rewrite(paths[1], buf_bytes(&merged.out), err) &&
         report(&cli->output, &merged, paths[1], err);
    state_merge_release(&merged);
    for (size_t i = 0; i < 3; i++)
        buf_release(&data[i]);
    return ok;
}
