#define _GNU_SOURCE 1 /* memmem */
#include "config_program.h"

#include "base/text.h"
#include "kv/wrangler_find.h"
#include "model/config_names.h"

/* ---- Finding --------------------------------------------------------------------------------- */

/* The name of the program in `folder`; NULL: there is none. */
static const char *program_in(const char *folder)
{
    struct arena arena = {0};
    const char *const *name = config_programs;
    while (*name && !file_exists(path_join(&arena, folder, *name)))
        name++;
    arena_release(&arena);
    return *name;
}

bool config_program_at(const char *root)
{
    return program_in(*root ? root : ".") != NULL;
}

/* ---- What goes into it ----------------------------------------------------------------------- */

struct entry {
    struct bytes env; /* the section, or where no config is declared, the namespace's env */
    struct bytes name;
    struct bytes id; /* data NULL: not known yet */
};

struct entries {
    struct arena arena;
    struct entry *items;
    size_t n, cap;
};

static void add_entry(struct entries *e, struct bytes env, struct bytes name, struct bytes id)
{
    arena_grow(&e->arena, (void **)&e->items, &e->cap, e->n + 1, sizeof *e->items);
    e->items[e->n++] = (struct entry){env, name, id};
}

static void add_wanted(struct entries *e, const struct config *config,
                       const struct binding_ids *ids)
{
    for (size_t i = 0; i < config->n_wanted; i++) {
        const struct wanted_binding *w = &config->wanted[i];
        add_entry(e, w->env, w->name, ids[w->ns].id);
    }
}

static bool is_wanted(const struct configs *configs, size_t ns)
{
    for (size_t i = 0; i < configs->n; i++)
        for (size_t j = 0; j < configs->items[i].n_wanted; j++)
            if (configs->items[i].wanted[j].ns == ns)
                return true;
    return false;
}

static void add_unwanted(struct entries *e, const struct configs *configs, const struct model *m,
                         const struct binding_ids *ids)
{
    for (size_t i = 0; i < m->n_namespaces; i++) {
        const struct namespace_decl *ns = &m->namespaces[i];
        if (ns->binding.data && ns->preview_of == SIZE_MAX && !is_wanted(configs, i))
            add_entry(e, ns->env, ns->binding, ids[i].id);
    }
}

/* As wrangler 4.156 takes them: the environment is chosen by the program itself. Formats that make
 * one line of a hint must not make a comment of all. */
static void print_section(const struct entries *e, size_t first, struct buf *out)
{
    char section[SECTION_SHOWN_SIZE];
    struct bytes env = e->items[first].env;
    buf_addf(out, "/* %s */\nenv: {\n", wrangler_section_shown(env, section));
    for (size_t i = first; i < e->n; i++) {
        const struct entry *entry = &e->items[i];
        if (!bytes_same(entry->env, env))
            continue;
        buf_addf(out, "  %.*s: { type: \"kv\"", BYTES_FMT(entry->name));
        if (entry->id.data) {
            buf_add_str(out, ", id: ");
            struct json_writer w = json_writer_to(out, 0);
            json_string(&w, entry->id);
        }
        buf_add_str(out, entry->id.data ? " },\n" : " }, /* its id is known after apply */\n");
    }
    buf_add_str(out, "},\n");
}

static void print_snippet(const struct entries *e, struct buf *out)
{
    for (size_t i = 0; i < e->n; i++) {
        size_t first = 0;
        while (!bytes_same(e->items[first].env, e->items[i].env))
            first++;
        if (first == i)
            print_section(e, i, out);
    }
}

/* All ids stand in its text: whatever it does with them, they were put there. */
static bool has_all(const char *path, const struct entries *e)
{
    struct error unread;
    struct buf text = {0};
    bool all = file_read(path, WRANGLER_CONFIG_MAX, &text, &unread);
    for (size_t i = 0; i < e->n && all; i++)
        all = e->items[i].id.data &&
              memmem(text.data, text.len, e->items[i].id.data, e->items[i].id.len);
    buf_release(&text);
    return all;
}

/* ---- All of them ----------------------------------------------------------------------------- */

static void keep(struct config_programs *p, const char *folder, const char *root,
                 const struct config *beside, const struct entries *e)
{
    const char *path = path_join(&p->arena, folder, program_in(folder));
    if (e->n == 0 || has_all(path, e))
        return;
    struct buf snippet = {0};
    print_snippet(e, &snippet);
    arena_grow(&p->arena, (void **)&p->items, &p->cap, p->n + 1, sizeof *p->items);
    p->items[p->n++] = (struct config_program){
        .name = wrangler_path_shown(&p->arena, root, path),
        .beside = beside ? beside->name : NULL,
        .pos = beside ? beside->decl->pos : (struct srcpos){0},
        .snippet = arena_copy(&p->arena, buf_bytes(&snippet)),
    };
    buf_release(&snippet);
}

static void find_beside(struct config_programs *p, const struct configs *configs, size_t index,
                        const char *root, const struct binding_ids *ids)
{
    const char *folder = path_parent(&p->arena, configs->items[index].path);
    struct entries e = {0};
    if (!program_in(folder))
        return;
    for (size_t i = 0; i < configs->n; i++) {
        bool beside = strcmp(path_parent(&p->arena, configs->items[i].path), folder) == 0;
        if (beside && i < index)
            return; /* it was found beside that one */
        if (beside)
            add_wanted(&e, &configs->items[i], ids);
    }
    keep(p, folder, root, &configs->items[index], &e);
    arena_release(&e.arena);
}

void config_programs_find(struct config_programs *p, const struct configs *configs,
                          const struct model *m, const char *root, const struct binding_ids *ids)
{
    struct entries e = {0};
    bool beside = false;
    for (size_t i = 0; i < configs->n; i++) {
        find_beside(p, configs, i, root, ids);
        beside = beside || !strchr(configs->items[i].name, '/');
    }
    if (!beside && config_program_at(root)) {
        add_unwanted(&e, configs, m, ids);
        keep(p, *root ? root : ".", root, NULL, &e);
    }
    arena_release(&e.arena);
}

void config_programs_release(struct config_programs *p)
{
    arena_release(&p->arena);
    *p = (struct config_programs){0};
}

/* ---- Telling --------------------------------------------------------------------------------- */

void config_programs_note(const struct config_programs *p, bool printed, struct diag_list *notes)
{
    for (size_t i = 0; i < p->n; i++) {
        const struct config_program *program = &p->items[i];
        char name[QUOTED_SIZE], beside[QUOTED_SIZE];
        text_quoted(bytes_of(program->name), name, sizeof name);
        diag_add(notes, DIAG_WARNING, "wrangler.program", program->pos,
                 "%s is what wrangler reads%s%s under --x-new-config, and lacks ids; cfkv does not "
                 "edit programs",
                 name, program->beside ? " instead of " : "",
                 program->beside ? text_quoted(bytes_of(program->beside), beside, sizeof beside)
                                 : "");
        if (printed)
            diag_hint(notes, "put what is printed into its worker");
        else
            diag_hint(notes, "put into its worker:\n%.*s",
                      BYTES_FMT(bytes_make(program->snippet.data, program->snippet.len - 1)));
    }
}

void config_programs_print(const struct config_programs *p, struct buf *out)
{
    for (size_t i = 0; i < p->n; i++)
        buf_addf(out, "/* %s */\n%.*s", p->items[i].name, BYTES_FMT(p->items[i].snippet));
}
