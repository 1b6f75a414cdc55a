#include "complete.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/text.h"
#include "command.h"
#include "help.h"
#include "host/host.h"
#include "offers.h"
#include "plan/audit.h"
#include "shell_line.h"

enum shell { SHELL_BASH, SHELL_ZSH, SHELL_FISH };

/* What is typed, and what was found out about it. */
struct completion {
    struct arena arena;
    enum shell shell;
    struct shell_line line; /* of zsh and fish the words alone */
    const char *current;    /* the word that is being typed */
    size_t n;               /* words before it */
    char **words;

    const struct command *command; /* NULL: it is not named yet, or unknown */
    char family[64];               /* what the next word may go on with, "" at the top; */
    bool in_family;                /* if it may */
    struct options options;
    struct option_shown pending; /* whose value it is; name NULL: of none */
    bool joined;                 /* behind an equals sign in the word itself */
    bool only_args;              /* "--" stood before it */
    bool dashes;                 /* what begins with a dash may stand there */

    const char *kind; /* the first record */
    struct offers offers;
};

static void offer(struct completion *c, const char *word, const char *about)
{
    offers_add(&c->offers, bytes_of(word), bytes_of(about));
}

/* ---- Where in the line it is ----------------------------------------------------------------- */

/* The longest name of a command or a family that words from `at` on are; how many are used. */
static size_t read_name(struct completion *c, size_t at)
{
    struct buf name = {0};
    size_t used = 0, i = at;
    for (; i < c->n; i++) {
        buf_addf(&name, "%s%s", i > at ? " " : "", c->words[i]);
        const struct command *command = command_named(name.data);
        if (command) {
            c->command = command;
            used = i + 1 - at;
        }
        if (!command_is_family(name.data))
            break;
    }
    /* Every word was of a family: another one may come. */
    if (i == c->n && name.len < sizeof c->family) {
        memcpy(c->family, name.data ? name.data : "", name.len);
        c->in_family = true;
    }
    buf_release(&name);
    return used;
}

/* Looks through words from `at` on for what stands open: an option's value, and options at all. */
static void read_words(struct completion *c, size_t at, option_groups groups)
{
    struct option_shown option;
    while (at < c->n) {
        const char *word = c->words[at++];
        if (c->only_args || word[0] != '-' || !word[1])
            continue;
        if (strcmp(word, "--") == 0) {
            c->only_args = true;
        } else if (options_named(word, groups, &option) && option.takes_word &&
                   !(word[1] == '-' ? strchr(word, '=') != NULL : word[2] != '\0')) {
            if (at == c->n)
                c->pending = option;
            at++;
        }
    }
}

/* "~/x" as the shell would have it. */
static void expand_home(struct arena *arena, const char **path)
{
    const char *home = getenv("HOME");
    if (*path && strncmp(*path, "~/", 2) == 0 && home)
        *path = arena_printf(arena, "%s%s", home, *path + 1);
}

/* What the line says so far of where the state is; the rest of it may be wrong. */
static void read_options(struct completion *c, size_t leading, size_t used)
{
    struct options *o = &c->options;
    struct error unheard;
    const char **paths[] = {&o->folder, &o->file, &o->root, &o->state_path, &o->wrangler_config};
    size_t behind = c->n - leading - used - (c->pending.name != NULL);
    options_parse(o, c->command->name, c->command->groups, leading, c->words, &unheard);
    options_parse(o, c->command->name, c->command->groups, behind, c->words + leading + used,
                  &unheard);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        expand_home(&c->arena, paths[i]);
    o->quiet = true;
}

static void read_place(struct completion *c)
{
    size_t leading = options_leading(c->n, c->words);
    size_t used = read_name(c, leading);
    if (c->command) {
        read_words(c, leading + used, c->command->groups);
        read_options(c, leading, used);
    } else {
        read_words(c, 0, ~(option_groups)0);
    }
    const char *equals = strchr(c->current, '=');
    if (!c->pending.name && !c->only_args && strncmp(c->current, "--", 2) == 0 && equals)
        c->joined =
            options_named(c->current, c->command ? c->command->groups : GROUP_COMMON, &c->pending);
}

/* ---- What fits there ------------------------------------------------------------------------- */

enum wanted {
    WANTED_NOTHING,
    WANTED_FILES,
    WANTED_FOLDERS,
    WANTED_BACKUPS,
    WANTED_NAMESPACES,
    WANTED_ADDRESSES,
    WANTED_IDS,
    WANTED_ENVS,
    WANTED_BINDINGS,
    WANTED_OUTPUTS,
    WANTED_COMMANDS,
    WANTED_DOCUMENTS,
    WANTED_AUDIT_WORDS
};

/* By what help calls it, of a command or an option if that alone does not tell. What is not here
 * nobody but the user knows. */
static const struct {
    const char *of, *word;
    enum wanted wanted;
} wanted_words[] = {
    {"restore", "FILE", WANTED_BACKUPS},
    {"output", "NAME", WANTED_OUTPUTS},
    {"state mv", "OLD", WANTED_ADDRESSES},
    {"kv namespace rename", "OLD", WANTED_NAMESPACES},
    {"kv namespace create", "TITLE", WANTED_NOTHING},
    {"env", "NAME", WANTED_ENVS},
    {"keep-env", "NAME", WANTED_ENVS},
    {"binding", "NAME", WANTED_BINDINGS},
    {"new-name", "TITLE", WANTED_NOTHING},
    {NULL, "ADDRESS", WANTED_ADDRESSES},
    {NULL, "ADDRESS|GLOB", WANTED_ADDRESSES},
    {NULL, "GLOB", WANTED_ADDRESSES},
    {NULL, "NS", WANTED_NAMESPACES},
    {NULL, "NAMESPACE", WANTED_NAMESPACES},
    {NULL, "FROM", WANTED_NAMESPACES},
    {NULL, "TO", WANTED_NAMESPACES},
    {NULL, "TITLE", WANTED_NAMESPACES},
    {NULL, "ID", WANTED_IDS},
    {"help", "NAME", WANTED_COMMANDS},
    {NULL, "COMMAND|TOPIC|lua", WANTED_COMMANDS},
    {NULL, "DOCUMENT", WANTED_DOCUMENTS},
    {NULL, "WORD,…", WANTED_AUDIT_WORDS},
    {NULL, "DIR", WANTED_FOLDERS},
    {NULL, "FILE", WANTED_FILES},
    {NULL, "PATH", WANTED_FILES},
    {NULL, "URL|PATH", WANTED_FILES},
    {NULL, "PLANFILE", WANTED_FILES},
    {NULL, "SCRIPT", WANTED_FILES},
    {NULL, "ARGS", WANTED_FILES},
    {NULL, "BASE", WANTED_FILES},
    {NULL, "OURS", WANTED_FILES},
    {NULL, "THEIRS", WANTED_FILES},
};

static enum wanted wanted_by(const char *of, struct bytes word)
{
    for (size_t i = 0; i < sizeof wanted_words / sizeof *wanted_words; i++)
        if ((!wanted_words[i].of || strcmp(wanted_words[i].of, of) == 0) &&
            bytes_equal(word, bytes_of(wanted_words[i].word)))
            return wanted_words[i].wanted;
    return WANTED_NOTHING;
}

/* What of the current word is in front of what the offers begin with: "--env=" or nothing. */
static struct bytes joined_part(const struct completion *c)
{
    return bytes_make(c->current, c->joined ? strcspn(c->current, "=") + 1 : 0);
}

/* Words that go on with a family, of the commands that have one of the groups. */
static void offer_commands(struct completion *c, const char *family, option_groups groups)
{
    size_t n = strlen(family);
    for (const struct command *at = command_table; at->name; at++) {
        bool inside = n == 0 || (strncmp(at->name, family, n) == 0 && at->name[n] == ' ');
        if (!inside || !(at->groups & groups))
            continue;
        const char *word = at->name + n + (n > 0);
        size_t len = strcspn(word, " ");
        offers_add(&c->offers, bytes_make(word, len), bytes_of(word[len] ? "" : at->summary));
    }
}

/* Commands, behind the words of a family that are there. */
static void offer_named(struct completion *c, option_groups groups)
{
    struct buf family = {0};
    for (size_t i = 0; i < c->options.args.n; i++)
        buf_addf(&family, "%s%s", i ? " " : "", c->options.args.items[i]);
    offer_commands(c, family.data ? family.data : "", groups);
    buf_release(&family);
}

static void offer_lua_names(struct completion *c)
{
    struct buf names = {0};
    help_list_lua(&names);
    struct bytes rest = buf_bytes(&names);
    while (rest.len > 0) {
        const char *end = memchr(rest.data, '\n', rest.len);
        struct bytes name = bytes_make(rest.data, (size_t)(end - rest.data));
        if (bytes_starts_with(name, bytes_of("cfkv.")) || memchr(name.data, ':', name.len))
            offers_add(&c->offers, name, (struct bytes){0});
        rest = bytes_make(end + 1, rest.len - name.len - 1);
    }
    buf_release(&names);
}

/* What `cfkv help` explains. */
static void offer_topics(struct completion *c)
{
    const struct text_list *args = &c->options.args;
    struct bytes topic;
    if (args->n > 0 && strcmp(args->items[0], "lua") == 0) {
        if (args->n == 1)
            offer_lua_names(c);
        return;
    }
    offer_named(c, GROUP_COMMON);
    for (size_t i = 0; args->n == 0 && host_module("topic", i, &topic); i++)
        offers_add(&c->offers, topic, bytes_of("a topic"));
    if (args->n == 0)
        offer(c, "lua", "what there is in Lua");
}

static void offer_documents(struct completion *c)
{
    offer_named(c, GROUP_JSON);
    if (c->options.args.n == 0)
        offer(c, "diagnostics", "of what failed");
}

/* Each behind those that are there: "orphan,stale". */
static void offer_audit_words(struct completion *c)
{
    struct bytes begun = bytes_of(c->current + joined_part(c).len);
    while (begun.len > 0 && begun.data[begun.len - 1] != ',')
        begun.len--;
    for (int i = 0; i < AUDIT_WORDS; i++)
        offer(c,
              arena_printf(&c->arena, "%.*s%s", BYTES_FMT(begun),
                           audit_word_name((enum audit_word)i)),
              "");
}

static void offer_recorded(struct completion *c, enum recorded what)
{
    const struct options *o = &c->options;
    const char *config = c->command && strcmp(c->command->args, "[FILE]") == 0 && o->args.n > 0
                             ? o->args.items[0]
                             : NULL;
    offers_add_recorded(&c->offers, what, o, config);
}

/* Titles; addresses where no title begins as the word does. */
static void offer_namespaces(struct completion *c)
{
    if (c->command && strcmp(c->command->name, "copy") == 0 &&
        bytes_starts_with(bytes_of(c->current), bytes_of("local:"))) {
        offer_recorded(c, RECORDED_LOCAL);
        return;
    }
    struct bytes begun = bytes_of(c->current + joined_part(c).len);
    offer_recorded(c, RECORDED_TITLES);
    for (size_t i = 0; i < c->offers.n; i++)
        if (bytes_starts_with(c->offers.items[i].word, begun))
            return;
    offer_recorded(c, RECORDED_ADDRESSES);
}

static void offer_wanted(struct completion *c, enum wanted wanted)
{
    switch (wanted) {
    case WANTED_NOTHING:
        return;
    case WANTED_FILES:
        c->kind = "files";
        return;
    case WANTED_FOLDERS:
        c->kind = "folders";
        return;
    case WANTED_BACKUPS:
        c->kind = "files";
        offer_recorded(c, RECORDED_BACKUPS);
        return;
    case WANTED_NAMESPACES:
        offer_namespaces(c);
        return;
    case WANTED_ADDRESSES:
        offer_recorded(c, RECORDED_ADDRESSES);
        return;
    case WANTED_IDS:
        offer_recorded(c, RECORDED_IDS);
        return;
    case WANTED_ENVS:
        if (c->command && c->command->groups & GROUP_BINDING)
            offers_add_sections(&c->offers, &c->options);
        else
            offer_recorded(c, RECORDED_ENVS);
        return;
    case WANTED_BINDINGS:
        offer_recorded(c, RECORDED_BINDINGS);
        return;
    case WANTED_OUTPUTS:
        offer_recorded(c, RECORDED_OUTPUTS);
        return;
    case WANTED_COMMANDS:
        offer_topics(c);
        return;
    case WANTED_DOCUMENTS:
        offer_documents(c);
        return;
    case WANTED_AUDIT_WORDS:
        offer_audit_words(c);
        return;
    }
}

/* "json|csv" or "json": one of them; else what help calls it. */
static void offer_called(struct completion *c, const char *of, struct bytes word)
{
    bool choice = word.len && word.data[0] >= 'a' && word.data[0] <= 'z';
    while (choice && word.len > 0) {
        const char *bar = memchr(word.data, '|', word.len);
        size_t len = bar ? (size_t)(bar - word.data) : word.len;
        offers_add(&c->offers, bytes_make(word.data, len), (struct bytes){0});
        len += bar != NULL;
        word = bytes_make(word.data + len, word.len - len);
    }
    if (!choice)
        offer_wanted(c, wanted_by(of, word));
}

/* The k-th argument, of "FROM TO" or "[NAMESPACE…]"; of more than are named it is the last one. */
static void offer_argument(struct completion *c, size_t k)
{
    const char *args = c->command->args;
    if (k >= c->command->max_args)
        return;
    for (; k > 0 && strchr(args, ' '); k--)
        args = strchr(args, ' ') + 1;
    size_t begin = strspn(args, "[");
    size_t len = strcspn(args + begin, " ].");
    struct bytes word = bytes_make(args + begin, len), more = bytes_of("…");
    if (bytes_ends_with(word, more))
        word.len -= more.len;
    offer_called(c, c->command->name, word);
}

static void offer_options(struct completion *c)
{
    option_groups groups = c->command ? c->command->groups : GROUP_COMMON;
    struct option_shown option;
    char name[64];
    c->dashes = true;
    for (size_t i = 0; options_nth(i, groups, &option); i++) {
        snprintf(name, sizeof name, "--%s", option.name);
        offer(c, name, option.help);
    }
}

static void offer_all(struct completion *c)
{
    c->dashes = c->joined || c->only_args;
    if (c->pending.name) {
        offer_called(c, c->pending.name, bytes_of(c->pending.arg));
        return;
    }
    if (!c->only_args && c->current[0] == '-') {
        offer_options(c);
        return;
    }
    if (c->in_family)
        offer_commands(c, c->family, GROUP_COMMON);
    if (c->command)
        offer_argument(c, c->options.args.n);
}

/* ---- The answer ------------------------------------------------------------------------------ */

static void print_bash(struct completion *c, struct bytes word, struct buf *out)
{
    struct buf whole = {0};
    buf_add_bytes(&whole, joined_part(c));
    buf_add_bytes(&whole, word);
    if (bytes_starts_with(buf_bytes(&whole), bytes_of(c->current)) && c->line.kept <= whole.len) {
        shell_word_add(out, bytes_make(whole.data + c->line.kept, whole.len - c->line.kept),
                       c->line.quote);
        buf_add_char(out, '\0');
    }
    buf_release(&whole);
}

static void print_zsh(const struct offer *offer, struct buf *out)
{
    buf_add_bytes(out, offer->word);
    buf_add_char(out, '\0');
    json_show_name(out, offer->word);
    if (offer->about.len > 0) {
        buf_add_str(out, "  -- ");
        json_show_name(out, offer->about);
    }
    buf_add_char(out, '\0');
}

/* What stands behind a tab is no part of the word, so that none can hold one. */
static void print_fish(struct completion *c, const struct offer *offer, struct buf *out)
{
    if (memchr(offer->word.data, '\t', offer->word.len))
        return;
    buf_add_bytes(out, joined_part(c));
    buf_add_bytes(out, offer->word);
    buf_add_char(out, '\t');
    if (offer->about.len > 0)
        json_show_name(out, offer->about);
    buf_add_char(out, '\0');
}

static void print(struct completion *c, struct buf *out)
{
    buf_addf(out, "%s%c", c->kind, 0);
    for (size_t i = 0; i < c->offers.n; i++) {
        const struct offer *offer = &c->offers.items[i];
        if (offer->word.data[0] == '-' && !c->dashes)
            continue; /* it would be read as an option */
        if (c->shell == SHELL_BASH)
            print_bash(c, offer->word, out);
        else if (c->shell == SHELL_ZSH)
            print_zsh(offer, out);
        else
            print_fish(c, offer, out);
    }
}

static bool read_asked(struct completion *c, size_t argc, char **argv)
{
    struct shell_line *line = &c->line;
    if (argc == 3 && strcmp(argv[0], "bash") == 0) {
        shell_line_read(&c->arena, bytes_of(argv[1]), argv[2], line);
        c->words = line->words + 1; /* behind "cfkv" */
        c->n = line->n - 1;
    } else if (argc > 1 && (strcmp(argv[0], "zsh") == 0 || strcmp(argv[0], "fish") == 0)) {
        c->shell = argv[0][0] == 'z' ? SHELL_ZSH : SHELL_FISH;
        c->words = argv + 1;
        c->n = argc - 1;
    }
    if (c->n == 0)
        return false;
    c->current = c->words[--c->n];
    return true;
}

enum exit_code complete_main(size_t argc, char **argv, struct interrupt *interrupt)
{
    struct completion c = {.kind = "words"};
    struct output output;
    struct error unheard;
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (null >= 0)
        dup2(null, STDERR_FILENO);
    options_init(&c.options);
    if (read_asked(&c, argc, argv)) {
        c.offers = (struct offers){.arena = &c.arena, .output = &output, .interrupt = interrupt};
        read_place(&c);
        output_init(&output, &c.options);
        output.data = true;
        if (!c.options.folder || chdir(c.options.folder) == 0)
            offer_all(&c);
        print(&c, &output.out);
        output_end(&output, &unheard);
    }
    offers_release(&c.offers);
    options_release(&c.options);
    arena_release(&c.arena);
    if (null >= 0)
        close(null);
    return EXIT_OK;
}
