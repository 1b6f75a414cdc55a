/*
 * folder.c: the files of a folder as items: path below it = key, bytes = value.
 *
 * In byte order of the paths, so that the same files give the same digest. Of each folder on the
 * way down its names are held, and of one file its bytes. What begins with a dot is left out. What
 * is neither a file nor a folder is a problem, above all links: they lead out.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "reader.h"

#define SHOWN 300

/* A folder on the way down. */
struct level {
    DIR *dir;
    struct buf names;     /* each: its type as a letter, the name, a NUL */
    const char **entries; /* into it, sorted */
    size_t n, next;
    size_t path_len; /* of f->path up to its slash */
};

struct folder {
    struct buf path; /* of what is looked at, from the source's own on */
    size_t root_len; /* of the source's path and its slash */
    bool strict;     /* below the root of a configuration */
    struct level *levels;
    size_t n, cap;
};

/* ---- Names of one folder --------------------------------------------------------------------- */

static char type_of(int dir, const struct dirent *entry)
{
    struct stat st;
    mode_t mode = DTTOIF((mode_t)entry->d_type);
    if (entry->d_type == DT_UNKNOWN)
        mode = fstatat(dir, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 ? st.st_mode : 0;
    return S_ISDIR(mode) ? 'd' : S_ISREG(mode) ? 'f' : S_ISLNK(mode) ? 'l' : '?';
}

/* As paths compare: what is in a folder has a slash where its name ends. */
static int by_path(const void *left, const void *right)
{
    const char *a = *(const char *const *)left, *b = *(const char *const *)right;
    size_t i = 1;
    while (a[i] && a[i] == b[i])
        i++;
    unsigned char end_a = a[i] ? (unsigned char)a[i] : a[0] == 'd' ? '/' : '\0';
    unsigned char end_b = b[i] ? (unsigned char)b[i] : b[0] == 'd' ? '/' : '\0';
    return (end_a > end_b) - (end_a < end_b);
}

static void add_name(struct level *level, const struct dirent *entry)
{
    if (entry->d_name[0] == '.')
        return;
    level->n++;
    buf_add_char(&level->names, type_of(dirfd(level->dir), entry));
    buf_add(&level->names, entry->d_name, strlen(entry->d_name) + 1);
}

static void sort_names(struct level *level)
{
    const char *name = level->names.data;
    level->entries = mem_zalloc(level->n, sizeof *level->entries);
    for (size_t i = 0; i < level->n; i++) {
        level->entries[i] = name;
        name += strlen(name) + 1;
    }
    qsort(level->entries, level->n, sizeof *level->entries, by_path);
}

static bool read_names(struct level *level, const char *path, struct error *err)
{
    char name[SHOWN];
    struct dirent *entry;
    while ((errno = 0, entry = readdir(level->dir)))
        add_name(level, entry);
    if (errno != 0)
        return error_errno(err, errno, "cannot read folder %s",
                           text_quoted(bytes_of(path), name, sizeof name));
    sort_names(level);
    return true;
}

/* ---- Up and down ----------------------------------------------------------------------------- */

static void leave(struct folder *f)
{
    struct level *level = &f->levels[--f->n];
    closedir(level->dir);
    buf_release(&level->names);
    mem_free(level->entries);
}

/* Takes over `fd`, of the folder at f->path. */
static bool enter(struct folder *f, int fd, struct error *err)
{
    mem_grow((void **)&f->levels, &f->cap, f->n + 1, sizeof *f->levels);
    struct level *level = &f->levels[f->n];
    *level = (struct level){.dir = fdopendir(fd)};
    if (!level->dir) {
        error_errno(err, errno, "cannot read a folder");
        close(fd);
        return false;
    }
    f->n++;
    if (!read_names(level, f->path.data, err))
        return false;
    buf_add_char(&f->path, '/');
    level->path_len = f->path.len;
    return true;
}

struct folder *folder_open(int fd, const char *path, bool strict, struct error *err)
{
    struct folder *f = mem_zalloc(1, sizeof *f);
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/')
        len--;
    f->strict = strict;
    f->root_len = len + 1;
    buf_add(&f->path, path, len);
    if (enter(f, fd, err))
        return f;
    folder_close(f);
    return NULL;
}

void folder_close(struct folder *f)
{
    if (!f)
        return;
    while (f->n > 0)
        leave(f);
    buf_release(&f->path);
    mem_free(f->levels);
    mem_free(f);
}

/* ---- Files ----------------------------------------------------------------------------------- */

static enum seed_status problem(struct seed_reader *r, struct diag_list *diags, const char *code,
                                const char *what, const char *hint)
{
    char name[SHOWN];
    diag_add(diags, DIAG_ERROR, code, r->pos, "%s %s",
             text_quoted(bytes_of(r->pos.file), name, sizeof name), what);
    if (hint)
        diag_hint(diags, "%s", hint);
    return SEED_BAD;
}

static enum seed_status not_a_file(struct seed_reader *r, bool is_link, struct diag_list *diags)
{
    return is_link ? problem(r, diags, "source.link", "is a symbolic link", "copy what it leads to")
                   : problem(r, diags, "source.file", "is not a regular file",
                             "take it out of the folder");
}

static enum seed_status too_large(struct seed_reader *r, struct diag_list *diags)
{
    return problem(r, diags, "value.size", "has more than 26214400 bytes (25 MiB)",
                   "R2 takes larger objects");
}

_Static_assert(KV_VALUE_MAX == 26214400, "the message says so");

static void show_file(struct seed_reader *r, struct bytes key, struct seed_item *item)
{
    struct bytes value = r->scratch.data ? buf_bytes(&r->scratch) : bytes_of("");
    r->part = (struct part){.kind = PART_TEXT, .text = value};
    hash_add_field(&r->hash, key);
    hash_add_field(&r->hash, value);
    r->size += key.len + value.len;
    *item = (struct seed_item){
        .seed = {.key = key, .value = {.parts = &r->part, .n = 1}, .pos = r->pos},
        .value = value,
        .number = r->number};
}

static enum seed_status read_open(struct seed_reader *r, int fd, struct diag_list *diags,
                                  struct error *err)
{
    char name[SHOWN];
    struct stat st;
    if (fstat(fd, &st) != 0) {
        error_errno(err, errno, "cannot examine %s",
                    text_quoted(bytes_of(r->pos.file), name, sizeof name));
        return SEED_FAILED;
    }
    if (!S_ISREG(st.st_mode))
        return not_a_file(r, false, diags);
    buf_clear(&r->scratch);
    if (file_read_fd(fd, r->pos.file, KV_VALUE_MAX, &r->scratch, err))
        return SEED_ITEM;
    return err->code == ERR_LIMIT ? too_large(r, diags) : SEED_FAILED;
}

/* It may have become something else since its name was read. */
static enum seed_status read_file(struct seed_reader *r, int dir, const char *name,
                                  struct diag_list *diags, struct error *err)
{
    char shown[SHOWN];
    int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 && (errno == ELOOP || errno == ENXIO))
        return not_a_file(r, errno == ELOOP, diags);
    if (fd < 0) {
        error_errno(err, errno, "cannot open %s",
                    text_quoted(bytes_of(r->pos.file), shown, sizeof shown));
        return SEED_FAILED;
    }
    enum seed_status status = read_open(r, fd, diags, err);
    close(fd);
    return status;
}

static enum seed_status go_down(struct seed_reader *r, int dir, const char *name,
                                struct diag_list *diags, struct error *err)
{
    char shown[SHOWN];
    struct folder *f = r->folder;
    /* So deep that the levels could not all be open. */
    if (f->path.len - f->root_len > KV_KEY_MAX)
        return problem(r, diags, "key.length", "makes keys of more than 512 bytes",
                       "shorten the names of its folders");
    int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && (errno == ELOOP || errno == ENOTDIR))
        return not_a_file(r, true, diags);
    if (fd < 0)
        error_errno(err, errno, "cannot open folder %s",
                    text_quoted(bytes_of(r->pos.file), shown, sizeof shown));
    return fd >= 0 && enter(f, fd, err) ? SEED_END : SEED_FAILED;
}

_Static_assert(KV_KEY_MAX == 512, "the message says so");

/* What an entry gives; SEED_END: nothing, it is a folder. */
static enum seed_status take(struct seed_reader *r, const char *entry, struct seed_item *item,
                             struct diag_list *diags, struct error *err)
{
    struct folder *f = r->folder;
    int dir = dirfd(f->levels[f->n - 1].dir);
    if (entry[0] == 'd')
        return go_down(r, dir, entry + 1, diags, err);
    r->number++;
    if (entry[0] != 'f')
        return not_a_file(r, entry[0] == 'l', diags);
    if (f->strict && file_is_state(bytes_of(entry + 1)))
        return problem(r, diags, "source.file", "is one of cfkv's own state files",
                       "take it out of the folder, or give seeds a folder of their own");
    enum seed_status status = read_file(r, dir, entry + 1, diags, err);
    if (status == SEED_ITEM)
        show_file(r, bytes_of(f->path.data + f->root_len), item);
    return status;
}

enum seed_status reader_next_file(struct seed_reader *r, struct seed_item *item,
                                  struct diag_list *diags, struct error *err)
{
    struct folder *f = r->folder;
    enum seed_status status = SEED_END;
    while (status == SEED_END && f->n > 0) {
        struct level *level = &f->levels[f->n - 1];
        if (level->next == level->n) {
            leave(f);
            continue;
        }
        const char *entry = level->entries[level->next++];
        f->path.len = level->path_len;
        buf_add_str(&f->path, entry + 1);
        r->pos = (struct srcpos){f->path.data, 0};
        status = take(r, entry, item, diags, err);
    }
    if (status == SEED_END) {
        r->pos = (struct srcpos){r->path, 0};
        r->digest = hash_end(&r->hash);
    }
    return status;
}
