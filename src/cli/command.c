#include "command.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/nearby.h"
#include "base/text.h"
#include "complete.h"
#include "foreign.h"
#include "formats.h"

#define COMMAND_WORDS 3    /* in the longest name */
#define ARGS_MAX      1000 /* namespaces of an account */

#define GROUPS_CONFIG (GROUP_COMMON | GROUP_FILE | GROUP_EVAL | GROUP_JSON)
#define GROUPS_REACH  (GROUP_TARGET | GROUP_REMOTE)
#define GROUPS_CHANGE (GROUPS_REACH | GROUP_LOCK | GROUP_ASK)
#define GROUPS_KV     (GROUP_COMMON | GROUP_KV_FILE | GROUPS_REACH | GROUP_JSON)
#define GROUPS_KEYS   (GROUPS_KV | GROUP_NAMESPACE | GROUP_BINDING)
#define GROUPS_ITEMS  (GROUPS_KEYS | GROUP_PERSIST)
#define GROUPS_LOSS   (GROUP_GUARD | GROUP_NO_BACKUP | GROUP_ASK)
#define GROUPS_STATE  (GROUP_COMMON | GROUP_FILE | GROUP_TARGET)

const struct command command_table[] = {
    {"init", "[DIR]", 0, 1, GROUP_COMMON | GROUP_INIT, "begin a project",
     "Writes what a project begins with into DIR (default: the current folder), and asks nothing. "
     "Beside a wrangler config, or above several, kv.lua declares the namespaces that they bind: "
     "one that has an id keeps its title and its keys, what has none yet is made by the first "
     "apply. In another folder it begins with one Worker and one key, which work locally at once. "
     "Beside it come files for editors and luacheck, and lines for git. Nothing is overwritten, "
     "and a second run changes nothing.",
     cmd_init},
    {"validate", "[FILE]", 0, 1, GROUPS_CONFIG | GROUP_DOCUMENT, "check the configuration, offline",
     "Evaluates the configuration and checks all of it, seed files and wrangler configs included: "
     "every problem is reported with its place and a hint. Nothing is sent or written.",
     cmd_validate},
    {"eval", "[FILE]", 0, 1, GROUPS_CONFIG, "print the evaluated configuration as JSON",
     "Evaluates and checks the configuration and prints what it declares as JSON. Ids that are "
     "not known before apply print as ${ADDRESS.id}, secrets as null.",
     cmd_eval},
    {"inputs", "", 0, 0, GROUPS_CONFIG, "list the variables the configuration declares",
     "Lists what the configuration asks for with cfkv.var (set by --var NAME=VALUE or "
     "CFKV_VAR_NAME) and cfkv.getenv.",
     cmd_inputs},
    {"plan", "[FILE]", 0, 1,
     GROUPS_CONFIG | GROUPS_REACH | GROUP_FILTER | GROUP_REFRESH | GROUP_ADOPT | GROUP_GUARD |
         GROUP_NO_BACKUP | GROUP_TAKE_OVER | GROUP_SAVE | GROUP_DOCUMENT | GROUP_SHOWN,
     "show what apply would change",
     "Compares the configuration with the target and shows what apply would do, and what it would "
     "cost. Nothing is changed.",
     cmd_plan},
    {"apply", "", 0, 0,
     GROUPS_CONFIG | GROUPS_CHANGE | GROUP_FILTER | GROUP_REFRESH | GROUP_ADOPT | GROUP_GUARD |
         GROUP_NO_BACKUP | GROUP_TAKE_OVER | GROUP_SAVED | GROUP_SHOWN,
     "make the target match the configuration",
     "Plans, asks, and does it. A second apply does nothing. Each action is recorded as it is "
     "done, so a run that was killed is finished by the next one. Whatever is deleted or "
     "overwritten is first backed up below .cfkv/backups/.",
     cmd_apply},
    {"destroy", "", 0, 0,
     GROUPS_CONFIG | GROUPS_CHANGE | GROUP_FILTER | GROUP_REFRESH | GROUP_GUARD | GROUP_NO_BACKUP |
         GROUP_SHOWN,
     "remove everything that the state holds",
     "Plans the removal of everything that the state records, asks, and does it. It refuses while "
     "a protected namespace is among it.",
     cmd_destroy},
    {"sweep", "", 0, 0,
     GROUPS_CONFIG | GROUPS_CHANGE | GROUP_SWEEP | GROUP_REFRESH | GROUP_GUARD | GROUP_NO_BACKUP |
         GROUP_SHOWN,
     "remove environments that come and go, such as those of closed pull requests",
     "Plans the removal of environments that ephemeral.match of cfkv.project matches and the state "
     "records, asks, and does it. What is declared stays. With --keep-env or --keep-file all go "
     "that are not named, whatever their age; without, those whose days are over. A name is that "
     "of an environment, of a branch that cfkv.naming.slug made it of, or what * stands for in "
     "ephemeral.match, such as the number of a pull request. A file that is missing or names "
     "nothing is refused. What has keys goes only with --allow-data-loss='*/pr-*', and is backed "
     "up first. Outputs and bindings of it go, too.",
     cmd_sweep},
    {"drift", "[FILE]", 0, 1,
     GROUPS_CONFIG | GROUPS_REACH | GROUP_FILTER | GROUP_DOCUMENT | GROUP_SHOWN,
     "show what was changed behind cfkv's back",
     "Compares what was applied with what is live: namespaces, values, metadata, expirations, bulk "
     "sources, and what came under pruned prefixes; whatever the configuration wants now. Exits "
     "with 2 when they differ.",
     cmd_drift},
    {"audit", "[FILE]", 0, 1, GROUPS_CONFIG | GROUPS_REACH | GROUP_FILTER | GROUP_AUDIT,
     "list the namespaces of the account, who takes care of each, and where it is bound",
     "Lists every namespace of the account, by title, with a configuration or without: managed "
     "(the state records it), declared (the next apply takes it under management), adoptable (a "
     "wrangler config below the folder binds it), foreign (the state of another project below the "
     "folder records it), orphan (none of these), gone (recorded, but no longer there), missing "
     "(declared, and not created yet) or stale (an id that a config holds, and that nothing has). "
     "It may be misnamed (its title does not follow the project's naming), and, with --ttl, "
     "no-expiry (it has a default ttl, and keys without an expiration). Below each stand the "
     "bindings of all wrangler configs below the folder that name its id. Keys are listed with "
     "--keys or --ttl only, and nothing is changed.",
     cmd_audit},
    {"import", "[FILE…]", 0, ARGS_MAX,
     GROUPS_CONFIG | GROUP_REMOTE | GROUP_LOCK | GROUP_ASK | GROUP_ALL | GROUP_IMPORT,
     "declare what another tool, or the account, has",
     "Writes a configuration that declares what is there already, and records it in the state: a "
     "plan behind it has nothing to do. A FILE (-: standard input) is a Terraform or OpenTofu "
     "state or plan as JSON, a Pulumi export or program in YAML, manifests of Crossplane or "
     "Planton, or a wrangler config; of several that speak of the same namespace one declaration "
     "comes. With credentials their ids and titles are looked up, and what is gone is told. --all "
     "and --match take namespaces of the account. Nothing in the account is changed. Where a "
     "configuration is there, what it declares already is recorded only, which brings back a lost "
     "state; for the rest it asks whether to write over it, and keeps the old one as FILE.old.",
     cmd_import},
    {"backup", "[NAMESPACE…]", 0, ARGS_MAX,
     GROUP_COMMON | GROUP_FILE | GROUPS_REACH | GROUP_JSON | GROUP_PREFIX | GROUP_OUTPUT |
         GROUP_ALL | GROUP_RESUME,
     "write namespaces to files",
     "Writes all keys of a namespace, named by title or id, to the file that -o names: values, "
     "metadata and expirations, one JSON object a line, behind a header and before a trailer with "
     "a checksum. Of several, or with --all, a folder gets a file each. A name that ends in .gz "
     "is compressed. Nothing is replaced. An interrupted backup stays as FILE.partial, and the "
     "same command goes on with it for a day.",
     cmd_backup},
    {"backup list", "", 0, 0, GROUP_COMMON | GROUP_FILE | GROUP_TARGET | GROUP_JSON,
     "list the backups that cfkv kept",
     "Lists what was kept before something was deleted or overwritten, the newest first: when and "
     "why, of which namespaces, how many keys, how large. Nothing is sent.",
     cmd_backup_list},
    {"backup purge", "", 0, 0,
     GROUP_COMMON | GROUP_FILE | GROUP_TARGET | GROUP_JSON | GROUP_KEEP | GROUP_ASK,
     "delete old backups that cfkv kept",
     "Deletes what is neither among the --keep newest of these backups nor younger than --days; "
     "with one of the two only that counts, without either the project's settings (20 and 30). "
     "Backups that you made with cfkv backup are not touched.",
     cmd_backup_purge},
    {"restore", "FILE", 1, 1,
     GROUP_COMMON | GROUP_FILE | GROUPS_REACH | GROUP_ASK | GROUP_JSON | GROUP_NAMESPACE |
         GROUP_PREFIX | GROUP_MISSING | GROUP_PRUNE | GROUP_CREATE | GROUP_RESUME |
         GROUP_NO_BACKUP | GROUP_SECTION,
     "write the keys of a backup into a namespace",
     "Verifies a backup, and writes its keys into the namespace of the title it was made of, or "
     "into another one. Keys of the same names are replaced: it shows what changes, asks, and "
     "keeps a backup of them. Expirations are as they were; keys that have expired, or will "
     "within a minute, are named and left out. Of a file with several namespaces the target's is "
     "taken, or that of --from-namespace. An interrupted restore is gone on with by the same "
     "command for a day.",
     cmd_restore},
    {"copy", "FROM TO", 2, 2,
     GROUP_COMMON | GROUP_FILE | GROUPS_REACH | GROUP_ASK | GROUP_JSON | GROUP_PREFIX |
         GROUP_MISSING | GROUP_PRUNE | GROUP_CREATE | GROUP_RESUME | GROUP_NO_BACKUP,
     "write the keys of one namespace into another",
     "Writes all keys of a namespace, named by title or id, into another one: values, metadata and "
     "expirations. local:TITLE is a namespace of the local store, so that keys can go from the "
     "account to it and back. Keys of the same names are replaced: it shows what changes, asks, "
     "and keeps a backup of them. An interrupted copy is gone on with by the same command for a "
     "day.",
     cmd_copy},
    {"output", "[NAME]", 0, 1, GROUPS_STATE | GROUP_JSON | GROUP_OUTPUTS, "print recorded outputs",
     "Prints the outputs that the last apply recorded, or one: as text or json its value alone, in "
     "the other formats its entry. Without --local they come from the state file beside the "
     "configuration; with it, from the local store. Every format but text is quoted so that its "
     "reader gets back what was recorded; what a format cannot hold is an error.",
     cmd_output},
    {"export", "[FILE]", 0, 1,
     GROUP_COMMON | GROUP_FILE | GROUP_EVAL | GROUP_EXPORT | GROUP_FILTER | GROUP_OUTPUT |
         GROUP_ASK,
     "write what is declared in the format of another tool",
     "Writes the declared namespaces and keys as another tool declares them, with the ids that the "
     "state records, so that it takes over what is there and makes nothing anew. One file is "
     "printed, several go into the folder that -o names; what is there already is written over "
     "only after asking, and kept. Secret values are left out, and the sources of ns:bulk, which "
     "are files of pairs already. cfkv import reads all of it back. Nothing is sent.",
     cmd_export},
    {"wrangler", "[PATH…]", 0, ARGS_MAX,
     GROUPS_CONFIG | GROUP_TARGET | GROUP_LOCK | GROUP_FILTER | GROUP_TAKE_OVER | GROUP_WRANGLER,
     "write recorded ids into wrangler.toml and wrangler.jsonc",
     "Brings the KV bindings of the wrangler configs that the configuration declares in step with "
     "the ids that the last apply recorded, and leaves every other byte as it is. Nothing is sent. "
     "PATH names some of several configs; of a config that is a program (cloudflare.config.ts) it "
     "prints what goes into it. --check exits with 2 and a diff when one is stale. With "
     "--types FILE it writes instead what the Worker's code sees of them, the KV part of Env, as "
     "TypeScript; --check and --stdout do with that file what they do with configs.",
     cmd_wrangler},
    {"state list", "[GLOB]", 0, 1, GROUPS_STATE | GROUP_JSON, "list the recorded namespaces",
     "Lists address, id and title of every namespace that the state records, or of those whose "
     "address or title matches. Where it records several accounts an address is written "
     "ACCOUNT:ADDRESS, with the account's name in cfkv.project or its id, and may be given so: to "
     "the other commands on the state, --only, permissions and kv verbs.",
     cmd_state_list},
    {"state show", "ADDRESS", 1, 1, GROUPS_STATE | GROUP_JSON, "show what is recorded of one",
     "Shows everything that the state records of one namespace. States hold no values.",
     cmd_state_show},
    {"state mv", "OLD NEW", 2, 2, GROUPS_STATE | GROUP_LOCK,
     "give a recorded namespace a new address",
     "Renames an address in the state, for a declaration that moved. Namespace and keys stay as "
     "they are.",
     cmd_state_mv},
    {"state rm", "ADDRESS", 1, 1, GROUPS_STATE | GROUP_LOCK | GROUP_ASK, "forget a namespace",
     "Drops a namespace from the state. The namespace itself stays as it is, and is no longer "
     "managed.",
     cmd_state_rm},
    {"state unprotect", "ADDRESS", 1, 1, GROUPS_STATE | GROUP_LOCK,
     "lift the recorded protection of a namespace",
     "Lets a namespace that was declared with `protect` be deleted.", cmd_state_unprotect},
    {"state pull", "", 0, 0, GROUPS_STATE, "print the state as it is kept",
     "Prints the whole state: of a service the document that stands there, with the lineage and "
     "the serial of its last writing, as state push takes it; else the state file. No lock is "
     "taken.",
     cmd_state_pull},
    {"state push", "[FILE]", 0, 1, GROUPS_STATE | GROUP_LOCK | GROUP_ASK | GROUP_PUSH,
     "finish writing a remote state, or put FILE there",
     "Writes what an earlier run did, and could not write to the state's service any more; the "
     "next apply does so, too. With FILE (-: standard input), which state pull printed, it puts "
     "that state there, if the service still has the writing that FILE goes on from. With --force "
     "another one is replaced, and kept below .cfkv/state/.",
     cmd_state_push},
    {"state move", "URL|PATH", 1, 1, GROUPS_STATE | GROUP_LOCK | GROUP_ASK,
     "take the state to another place",
     "Copies the state to a service, to another one, or from there to a file, reads the copy back, "
     "and marks the old one as moved: whoever still uses that is told where it went. The place "
     "must not have another state. Cut off at any point, it can be run again.",
     cmd_state_move},
    {"state unlock", "", 0, 0, GROUPS_STATE | GROUP_ASK, "free the lock of a run that is gone",
     "Says who holds the remote state, from where and since when, asks, and frees it; a run that "
     "lost its lock stops at its next write. Locks that expire are taken over by the next run "
     "anyhow. A lock on a state file goes with the run that holds it.",
     cmd_state_unlock},
    {"state merge", "BASE OURS THEIRS", 3, 3, GROUP_COMMON, "merge two people's states for git",
     "Merges three versions of a state record by record into OURS. As git's merge driver: "
     "'*.state.json merge=cfkv' in .gitattributes, and git config merge.cfkv.driver 'cfkv state "
     "merge %O %A %B'. A record that both sides changed otherwise is named, and OURS gets both "
     "versions between conflict markers; exit 1.",
     cmd_state_merge},
    {"kv namespace list", "", 0, 0, GROUPS_KV, "list the namespaces of the account",
     "Lists id and title of every namespace of the account (with --local: of the local store), by "
     "title. --json prints an array as wrangler does.",
     cmd_kv_namespace_list},
    {"kv namespace create", "TITLE", 1, 1, GROUPS_KV | GROUP_PLACE, "create a namespace",
     "Creates a namespace and prints its id. A title that is taken is an error that names the id; "
     "to take a namespace under management, declare it and apply.",
     cmd_kv_namespace_create},
    {"kv namespace get", "[NS]", 0, 1, GROUPS_KEYS, "show one namespace",
     "Shows id and title of a namespace, named by title or id, and what the state records of it: "
     "its address, whether it is protected, and its default ttl.",
     cmd_kv_namespace_get},
    {"kv namespace rename", "[OLD] [NEW]", 0, 2, GROUPS_KEYS | GROUP_RENAME,
     "give a namespace another title",
     "Gives a namespace another title; id and keys stay. OLD is a title or an id and may be left "
     "out with --namespace, --namespace-id or --binding, NEW with --new-name.",
     cmd_kv_namespace_rename},
    {"kv namespace clear", "[NS]", 0, 1, GROUPS_KEYS | GROUPS_LOSS,
     "delete all keys of a namespace",
     "Deletes every key of a namespace, named by title or id; the namespace stays, with its id. It "
     "asks first and keeps a backup. In a namespace that the state records as protected it needs "
     "--allow-data-loss, from a hundred keys up --allow-mass-delete.",
     cmd_kv_namespace_clear},
    {"kv namespace delete", "[NS]", 0, 1, GROUPS_KEYS | GROUP_DELETE | GROUP_NO_BACKUP | GROUP_ASK,
     "delete a namespace",
     "Deletes a namespace, named by title or id, and its keys. It asks first. What holds keys goes "
     "only with --allow-data-loss, and is saved before; what the state "
     "records as protected does not go at all (but on --local). Right before the delete it is "
     "looked at again, and refused when its title has changed.",
     cmd_kv_namespace_delete},
    {"kv key list", "", 0, 0, GROUPS_ITEMS | GROUP_PREFIX | GROUP_LIST,
     "list the keys of a namespace",
     "Prints one key a line, in byte order, as the pages come. A key that holds control "
     "characters or begins with a quote is printed as a JSON string. --json prints the array that "
     "wrangler prints, with metadata and expiration, and kv bulk delete accepts.",
     cmd_kv_key_list},
    {"kv key get", "KEY", 1, 1, GROUPS_ITEMS | GROUP_OUTPUT | GROUP_GET, "print the value of a key",
     "Writes the bytes of a value to stdout or to --output, exactly, with nothing added. A key "
     "that is not there is an error. --json prints the pair with its metadata and expiration as kv "
     "bulk put accepts it, the value in base64 where it is no text.",
     cmd_kv_key_get},
    {"kv key put", "KEY [VALUE]", 1, 2, GROUPS_ITEMS | GROUP_KEY | GROUP_MISSING | GROUP_BACKUP,
     "write a key",
     "Writes a value, given as an argument or by --path, with metadata and expiry; what the key "
     "had of them is gone, as with wrangler, unless --backup keeps it. Without --ttl and "
     "--expiration the ttl_seconds that the state "
     "records of the namespace applies, as it does to declared keys. All is checked before "
     "anything is sent.",
     cmd_kv_key_put},
    {"kv key rename", "OLD NEW", 1, 2, GROUPS_ITEMS | GROUP_PREFIX | GROUPS_LOSS,
     "give keys another name",
     "Gives a key another name, or, with --prefix OLD, all keys that begin with OLD another "
     "beginning: values, metadata and expirations are copied, and when all are written the old "
     "keys are deleted. It shows what is overwritten, asks, and keeps a backup of what is "
     "overwritten or deleted. Where NEW begins with OLD, keys under NEW stay as they are. A run "
     "that was cut short is gone on with by the same command. Protected and many keys need what "
     "kv key delete needs.",
     cmd_kv_key_rename},
    {"kv key delete", "[KEY…]", 0, SIZE_MAX, GROUPS_ITEMS | GROUP_PREFIX | GROUPS_LOSS,
     "delete keys",
     "Deletes the keys that are named; one that is not there is no error. With --prefix all keys "
     "that begin with it go: it asks first. What goes is backed up. In a namespace that the state "
     "records as protected it needs --allow-data-loss, and more than 30 % of the keys of a "
     "namespace that has at least 100 need --allow-mass-delete; a delete in pieces is judged piece "
     "by piece.",
     cmd_kv_key_delete},
    {"kv bulk put", "FILE", 1, 1,
     GROUPS_ITEMS | GROUP_SOURCE | GROUP_EXPIRY | GROUP_MISSING | GROUP_RESUME | GROUP_BACKUP,
     "write many keys from a file, a folder or standard input",
     "Writes the pairs of FILE (-: standard input): wrangler's bulk JSON, JSON Lines, CSV with a "
     "header, a folder of files, what kv bulk get and backup print; gzipped or not. All of it is "
     "checked before anything is sent. What is overwritten is gone, as with wrangler, unless "
     "--backup keeps it. Pairs that say nothing of their expiry get the ttl_seconds "
     "that the state records of the namespace, or --ttl. A run that was interrupted within the "
     "last day goes on where it stopped when the same command is given again.",
     cmd_kv_bulk_put},
    {"kv bulk get", "FILE", 1, 1, GROUPS_ITEMS | GROUP_OUTPUT | GROUP_FORMAT, "print many pairs",
     "Prints the pairs of the keys in FILE (-: standard input), in their order, as kv bulk put "
     "reads them: a JSON array, or JSON Lines with --format jsonl. FILE holds a JSON array or JSON "
     "Lines of strings, or of objects with `key` or `name`, as kv key list --json prints. A key "
     "that is not there is named on stderr, and the exit code is 1 then.",
     cmd_kv_bulk_get},
    {"kv bulk delete", "FILE", 1, 1, GROUPS_ITEMS | GROUPS_LOSS | GROUP_FORCE, "delete many keys",
     "Deletes the keys in FILE (-: standard input), after asking: a JSON array or JSON Lines of "
     "strings, or of objects with `key` or `name`, as kv key list --json prints and backups hold. "
     "All of it is checked before anything is deleted. A key that is not there is no error. What "
     "goes is backed up. In a namespace that the state records as protected it needs "
     "--allow-data-loss, and more than 30 % of the keys of a namespace that has at least 100 need "
     "--allow-mass-delete.",
     cmd_kv_bulk_delete},
    {"run", "SCRIPT [ARGS…]", 1, SIZE_MAX,
     GROUPS_STATE | GROUP_REMOTE | GROUP_RUN | GROUP_NO_BACKUP | GROUP_JSON,
     "run a Lua script with live calls",
     "Runs a Lua script that works on the target at once, without a plan: require \"cfkv\" gives "
     "it cfkv.namespace, cfkv.key and cfkv.bulk. It has Lua's libraries and cjson, its "
     "arguments in `arg`, and finds modules beside itself (or below --root). Words with a dash "
     "that are meant for the script go behind --. With --dry-run nothing is written: guards judge, "
     "what is read comes from the target with what the script wrote over it, and at the end stderr "
     "tells what would be new, changed and deleted; with --json stdout has it as one document, and "
     "what the script prints goes to stderr. What a script does with io and os is done.",
     cmd_run},
    {"serve", "", 0, 0, GROUP_COMMON | GROUP_FILE | GROUP_SERVE,
     "emulate Cloudflare's KV REST API on this machine",
     "Serves Cloudflare's KV REST API on loopback, over the local store of the project that "
     "--file or --root names, until Ctrl-C. Prints the URL that clients take as "
     "CLOUDFLARE_API_BASE_URL on stdout once it listens, and a line of JSON for each request on "
     "stderr (not with --quiet). Any credential is accepted, but there must be one; with "
     "CFKV_SERVE_TOKEN in the environment only that token is.",
     cmd_serve},
    {"schema", "[DOCUMENT]", 0, COMMAND_WORDS, GROUP_COMMON | GROUP_JSON,
     "describe what --json prints, as JSON Schema",
     "Prints the JSON Schema (2020-12) of a document: of what a command prints with --json "
     "(cfkv schema plan), of the state file (cfkv schema state), or of what a command prints "
     "instead when it failed (cfkv schema diagnostics). Without DOCUMENT it lists them.",
     cmd_schema},
    {"completions", "bash|zsh|fish", 1, 1, GROUP_COMMON, "print what completes cfkv in a shell",
     "Prints the script by which a shell completes commands, options, and what the state here "
     "records: titles, addresses, outputs. make install puts it in its place; without that, "
     "bash: source <(cfkv completions bash) in ~/.bashrc; zsh: source <(cfkv completions zsh) "
     "behind compinit in ~/.zshrc; fish: cfkv completions fish | source in "
     "~/.config/fish/config.fish. On Tab nothing is sent or evaluated.",
     cmd_completions},
    {"doctor", "[FILE]", 0, 1, GROUPS_CONFIG | GROUP_TARGET,
     "look at all that a run depends on, and say what to do",
     "Looks at versions, configuration, state and lock, the config that wrangler reads, the local "
     "store, credentials, token, permissions, account, clock and limits: each is ok, a warning, or "
     "wrong, with what to do. Works without any of them. Nothing is changed: the service is asked "
     "by single requests that cannot have an effect, or not at all with --local. Exits with 1 when "
     "something is wrong, with --strict also for warnings.",
     cmd_doctor},
    {"version", "", 0, 0, GROUP_COMMON, "print the version", "Prints the version.", cmd_version},
    {"help", "[COMMAND|TOPIC|lua NAME]", 0, COMMAND_WORDS, GROUP_COMMON | GROUP_JSON | GROUP_MAN,
     "explain a command, a topic or a name of the Lua module",
     "Explains a command and lists its options, prints a topic, or explains what a configuration "
     "or "
     "a script has in Lua, with an example (cfkv help lua cfkv.bulk.put; cfkv help lua lists the "
     "names). --json prints all of it as one document: commands, options, exit codes, topics, Lua "
     "names, and the fields of every table with their types.",
     cmd_help},
    {0},
};

/* ---- Finding one -----------------------------------------------------------------------------
 *
 * Commands are words in a row. A family is what several of them begin with: "state", "kv", "kv
 * key".
 */

/* true for "kv key list" and the families "kv" and "kv key". */
static bool in_family(const struct command *command, const char *family)
{
    size_t n = strlen(family);
    return strncmp(command->name, family, n) == 0 && command->name[n] == ' ';
}

bool command_is_family(const char *words)
{
    for (const struct command *c = command_table; c->name; c++)
        if (in_family(c, words))
            return true;
    return false;
}

const struct command *command_named(const char *name)
{
    for (const struct command *c = command_table; c->name; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

/* The word behind `family` (NULL: the first one) that is nearest to `word`, in `near`. */
static bool nearest_command(const char *family, const char *word, char *near, size_t size)
{
    bool found = false;
    char candidate[32];
    for (const struct command *c = command_table; c->name; c++) {
        if (family && !in_family(c, family))
            continue;
        const char *at = family ? c->name + strlen(family) + 1 : c->name;
        snprintf(candidate, sizeof candidate, "%.*s", (int)strcspn(at, " "), at);
        const char *names[] = {found ? near : candidate, found ? candidate : NULL, NULL};
        if (text_nearest(bytes_of(word), names) == candidate) {
            snprintf(near, size, "%s", candidate);
            found = true;
        }
    }
    return found;
}

/* "target" of "--target=x" and "-target". */
static struct bytes option_name(const char *word)
{
    word += strspn(word, "-");
    return bytes_make(word, strcspn(word, "="));
}

/* Returns false. */
static bool unknown_command(const char *family, const char *word, struct error *err)
{
    struct buf name = {0};
    char quoted[80];
    char near[32];
    const char *prefix = family ? family : "";
    const char *gap = family ? " " : "";
    if (!family && word[0] == '-') {
        error_set(err, ERR_USAGE, "unknown option %s",
                  text_quoted(bytes_of(word), quoted, sizeof quoted));
        if (foreign_option(NULL, ANY_GROUP, option_name(word), err))
            return false;
        return error_hint(err,
                          "'cfkv help' lists the commands, and 'cfkv help COMMAND' its options");
    }
    buf_addf(&name, "%s%s%s", prefix, gap, word);
    error_set(err, ERR_USAGE, "unknown command %s",
              text_quoted(buf_bytes(&name), quoted, sizeof quoted));
    bool known = foreign_command(buf_bytes(&name), err);
    buf_release(&name);
    if (known)
        return false;
    if (nearest_command(family, word, near, sizeof near))
        return error_hint(err, "did you mean '%s%s%s'?", prefix, gap, near);
    return error_hint(err, "'cfkv help%s%s' lists the commands", gap, prefix);
}

static bool is_version(const char *word)
{
    return strcmp(word, "--version") == 0 || strcmp(word, "-version") == 0;
}

/* Adds a word to the words of a command; false when that is too long to be one. */
static bool add_word(char *name, size_t size, const char *word)
{
    size_t at = strlen(name);
    int n = snprintf(name + at, size - at, "%s%s", at ? " " : "", word);
    return n > 0 && (size_t)n < size - at;
}

const struct command *command_find(size_t n, const char *const *words, size_t *used,
                                   struct error *err)
{
    char name[64] = "", family[64] = "";
    *used = 0;
    if (n < 1) {
        error_set(err, ERR_USAGE, "no command was given");
        error_hint(err, "'cfkv init' begins a project, 'cfkv help' lists the commands");
        return NULL;
    }
    for (size_t i = 0; i < n && i < COMMAND_WORDS; i++) {
        const char *word = words[i];
        if (i == 0)
            word = option_is_help(word) ? "help" : is_version(word) ? "version" : word;
        if (i > 0 && option_is_help(word)) {
            *used = 0; /* `cfkv state --help` is `cfkv help state` */
            return command_named("help");
        }
        if (i > 0 && word[0] == '-')
            break;
        const struct command *command =
            add_word(name, sizeof name, word) ? command_named(name) : NULL;
        *used = i + 1;
        /* The next word may make another command of it ("backup", "backup list"). */
        char longer[64];
        memcpy(longer, name, sizeof longer);
        if (command &&
            !(i + 1 < n && add_word(longer, sizeof longer, words[i + 1]) && command_named(longer)))
            return command;
        if (!command_is_family(name)) {
            unknown_command(*family ? family : NULL, word, err);
            return NULL;
        }
        memcpy(family, name, sizeof family);
    }
    error_set(err, ERR_USAGE, "'%s' needs a command behind it", family);
    error_hint(err, "'cfkv help %s' lists them", family);
    return NULL;
}

/* ---- Running one ----------------------------------------------------------------------------- */

static bool check_args(const struct command *command, const struct options *o, struct error *err)
{
    char quoted[80];
    if (o->args.n >= command->min_args && o->args.n <= command->max_args)
        return true;
    if (o->args.n < command->min_args)
        error_set(err, ERR_USAGE, "'%s' needs %s", command->name, command->args);
    else
        error_set(err, ERR_USAGE, "'%s' does not expect the argument %s", command->name,
                  text_quoted(bytes_of(o->args.items[command->max_args]), quoted, sizeof quoted));
    if (o->args.n > command->max_args && foreign_argument(command->name, err))
        return false;
    return error_hint(err, "usage: cfkv %s%s%s [options]", command->name, *command->args ? " " : "",
                      command->args);
}

/* Of a wrong command line only programs get a document. */
static void write_failure(struct cli *cli, const struct error *err)
{
    struct buf *out = &cli->output.out;
    struct error unmade;
    buf_clear(out);
    if (cli->options.json)
        session_write_failure(&cli->session, err, out);
    else if (err->code != ERR_USAGE)
        formats_diagnostics(&cli->session, err->code == ERR_INVALID ? "not valid" : "failed", err,
                            &unmade);
}

static enum exit_code run_parsed(struct cli *cli, struct interrupt *interrupt)
{
    struct output *o = &cli->output;
    struct error err = {0};
    enum exit_code code = EXIT_OK;
    output_init(o, &cli->options);
    session_init(&cli->session, cli->command->name, &cli->options, o, interrupt);
    bool ok = cli->options.help && cli->command->run != cmd_help
                  ? command_help(cli, cli->command->name, &err)
                  : check_args(cli->command, &cli->options, &err) &&
                        session_read_env(&cli->session, &err) &&
                        cli->command->run(cli, &code, &err);
    if (!ok) {
        output_error(o, &err);
        code = error_exit_code(err.code);
        /* On stdout too when a document was asked for and none was printed. */
        if (!o->wrote)
            write_failure(cli, &err);
    }
    if (o->guarded && (ok || err.code != ERR_USAGE))
        formats_annotate(&cli->session, ok ? NULL : &err, &(struct error){0});
    session_release(&cli->session);
    if (output_end(o, &err))
        return code;
    /* That stdout did not take all of a result makes success a failure. */
    output_error(o, &err);
    return code == EXIT_OK || code == EXIT_DIFFERENCES ? EXIT_FAILED : code;
}

/* Options in front of the command are read as its own. */
static bool parse(struct cli *cli, size_t n, char **words, struct error *err)
{
    struct options *o = &cli->options;
    size_t used, leading = options_leading(n, words);
    cli->command = command_find(n - leading, (const char *const *)words + leading, &used, err);
    if (!cli->command ||
        !options_parse(o, cli->command->name, cli->command->groups, leading, words, err))
        return false;
    if (o->args.n > 0) {
        char quoted[80];
        text_quoted(bytes_of(o->args.items[0]), quoted, sizeof quoted);
        error_set(err, ERR_USAGE, "%s stands in front of the command", quoted);
        return error_hint(err, "arguments of '%s' go behind it", cli->command->name);
    }
    return options_parse(o, cli->command->name, cli->command->groups, n - leading - used,
                         words + leading + used, err) &&
           options_settle(o, err);
}

/* Whether a program reads what a command line that cannot be parsed says. */
static bool asks_for_json(size_t n, char **words)
{
    for (size_t i = 0; i < n && strcmp(words[i], "--") != 0; i++)
        if (strcmp(words[i], "--json") == 0)
            return true;
    return false;
}

static enum exit_code refuse(struct cli *cli, const struct error *err)
{
    struct error unwritten;
    output_init(&cli->output, &cli->options);
    output_error(&cli->output, err);
    if (cli->options.json)
        write_failure(cli, err);
    output_end(&cli->output, &unwritten);
    return error_exit_code(err->code);
}

enum exit_code cli_main(int argc, char **argv, struct interrupt *interrupt)
{
    struct cli cli = {0};
    struct error err = {0};
    size_t n = argc > 0 ? (size_t)argc - 1 : 0;
    enum exit_code code;
    char quoted[256];
    if (n > 0 && strcmp(argv[1], COMPLETE_COMMAND) == 0)
        return complete_main(n - 1, argv + 2, interrupt);
    options_init(&cli.options);
    bool ok = parse(&cli, n, argv + 1, &err);
    const char *folder = cli.options.folder;
    if (ok && folder && chdir(folder) != 0) /* -C: as if the program had been started there */
        ok = error_errno(&err, errno, "cannot work in folder %s",
                         text_quoted(bytes_of(folder), quoted, sizeof quoted)) ||
             nearby_hint(folder, &err);
    cli.options.json = cli.options.json || (!ok && asks_for_json(n, argv + 1));
    code = ok ? run_parsed(&cli, interrupt) : refuse(&cli, &err);
    options_release(&cli.options);
    return code;
}
