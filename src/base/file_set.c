#define _GNU_SOURCE 1 /* renameat2 */
#include "file_set.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fault.h"
#include "file.h"
#include "text.h"

#define FILE_MAX (16 * 1024 * 1024) /* bytes of one that grows */

enum item_progress { ITEM_WAITS, ITEM_WRITTEN, ITEM_THERE };

struct file_set_item {
    const char *path;
    const char *tmp;  /* NULL: it is there and grows */
    const char *kept; /* the name of what it replaces; NULL: of nothing */
    mode_t mode;
    struct bytes text;
    struct file_part part; /* fd -1: it is the text */
    struct buf before;     /* of one that grows */
    struct stat made;      /* of what was written beside its place */
    bool moved;            /* what was in its place has the name `kept`, */
    bool linked;           /* and its own, until the new one takes that */
    enum item_progress progress;
};

static struct file_set_item *add(struct file_set *set, const char *path, struct bytes text)
{
    arena_grow(&set->arena, (void **)&set->items, &set->cap, set->n + 1, sizeof *set->items);
    struct file_set_item *item = &set->items[set->n++];
    *item = (struct file_set_item){
        .path = arena_str(&set->arena, path), .text = text, .part = {.fd = -1}};
    return item;
}

static struct file_set_item *add_new(struct file_set *set, const char *path, struct bytes text)
{
    struct file_set_item *item = add(set, path, text);
    item->tmp = arena_printf(&set->arena, "%s.cfkv-tmp", path);
    item->mode = 0666;
    return item;
}

void file_set_make(struct file_set *set, const char *path, struct bytes text)
{
    add_new(set, path, text);
}

void file_set_make_private(struct file_set *set, const char *path, struct bytes text)
{
    add_new(set, path, text)->mode = 0600;
}

void file_set_replace(struct file_set *set, const char *path, const char *kept, struct bytes text)
{
    add_new(set, path, text)->kept = arena_str(&set->arena, kept);
}

void file_set_from(struct file_set *set, const struct file_part *part)
{
    set->items[set->n - 1].part = *part;
}

void file_set_grow(struct file_set *set, const char *path, struct bytes more)
{
    add(set, path, more);
}

void file_set_release(struct file_set *set)
{
    for (size_t i = 0; i < set->n; i++)
        buf_release(&set->items[i].before);
    arena_release(&set->arena);
    *set = (struct file_set){0};
}

/* ---- Folders --------------------------------------------------------------------------------- */

static bool is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* With its missing parents; what was made is remembered. */
static bool make_folder(struct file_set *set, const char *path, struct error *err)
{
    char name[QUOTED_SIZE];
    if (is_folder(path))
        return true;
    const char *parent = path_parent(&set->arena, path);
    if (strcmp(parent, path) != 0 && !make_folder(set, parent, err))
        return false;
    if (FAULT("file.mkdir") || mkdir(path, 0777) != 0)
        return error_errno(err, errno, "cannot make folder %s",
                           text_quoted(bytes_of(path), name, sizeof name));
    arena_grow(&set->arena, (void **)&set->folders, &set->cap_folders, set->n_folders + 1,
               sizeof *set->folders);
    set->folders[set->n_folders++] = arena_str(&set->arena, path);
    return file_sync_parent(path, err);
}

/* ---- Files that are made --------------------------------------------------------------------- */

static bool fail(const struct file_set_item *item, const char *what, struct error *err)
{
    char name[QUOTED_SIZE];
    return error_errno(err, errno, "cannot %s %s", what,
                       text_quoted(bytes_of(item->path), name, sizeof name));
}

static bool fill(int fd, struct file_set_item *item, struct error *err)
{
    struct stat old;
    bool ok = (fstat(fd, &item->made) == 0 || fail(item, "examine", err)) &&
              (!item->kept || stat(item->path, &old) != 0 || fchmod(fd, old.st_mode & 0777) == 0 ||
               fail(item, "create", err)) &&
              (item->part.fd < 0 || file_write_part(fd, item->path, &item->part, err)) &&
              file_append_sync(fd, item->path, item->text, err);
    return (close(fd) == 0 || !ok || fail(item, "write", err)) && ok;
}

static bool write_beside(struct file_set *set, struct file_set_item *item, struct error *err)
{
    if (!make_folder(set, path_parent(&set->arena, item->path), err))
        return false;
    /* One that a killed run left is no use, and is not followed if it is a link. */
    int fd = FAULT("file.create") || (unlink(item->tmp) != 0 && errno != ENOENT)
                 ? -1
                 : open(item->tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, item->mode);
    if (fd < 0)
        return fail(item, "create", err);
    item->progress = ITEM_WRITTEN;
    return fill(fd, item, err);
}

/* Another run may have taken it for what a killed one left. */
static bool is_ours(const struct file_set_item *item)
{
    struct stat st;
    return lstat(item->tmp, &st) == 0 && st.st_dev == item->made.st_dev &&
           st.st_ino == item->made.st_ino;
}

/* A name that nobody has yet; also where a file system cannot tell at once. */
static bool rename_anew(const char *from, const char *to)
{
    struct stat st;
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return true;
    if (errno != EINVAL && errno != ENOSYS)
        return false;
    if (lstat(to, &st) != 0 && errno == ENOENT)
        return rename(from, to) == 0;
    errno = EEXIST;
    return false;
}

static bool is_same_file(const char *a, const char *b)
{
    struct stat x, y;
    return lstat(a, &x) == 0 && lstat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* What is in its place gets its second name; where a file system has no such, it gives up its
 * first. One that a killed run gave it will do. */
static bool keep_old(struct file_set_item *item, struct error *err)
{
    char name[QUOTED_SIZE];
    if (!item->kept)
        return true;
    if (!FAULT("file.rename")) {
        item->linked = link(item->path, item->kept) == 0 ||
                       (errno == EEXIST && is_same_file(item->path, item->kept));
        item->moved = item->linked || (errno != EEXIST && rename_anew(item->path, item->kept));
        if (item->moved)
            return true;
    }
    if (errno != EEXIST)
        return fail(item, "move", err);
    error_set(err, ERR_EXISTS, "%s was made by somebody else meanwhile",
              text_quoted(bytes_of(item->kept), name, sizeof name));
    return error_hint(err, "look at it, and run this again");
}

/* At no time is there nothing in its place. */
static bool take_place(const struct file_set_item *item)
{
    return item->linked ? rename(item->tmp, item->path) == 0 : rename_anew(item->tmp, item->path);
}

static bool give_name(struct file_set_item *item, struct error *err)
{
    char name[QUOTED_SIZE];
    bool ours = is_ours(item);
    if (ours && !keep_old(item, err))
        return false;
    if (ours && !FAULT("file.rename") && take_place(item)) {
        item->progress = ITEM_THERE;
        return file_sync_parent(item->path, err);
    }
    if (ours && errno != EEXIST)
        return fail(item, "create", err);
    error_set(err, ERR_EXISTS, "%s was made by somebody else meanwhile",
              text_quoted(bytes_of(item->path), name, sizeof name));
    return error_hint(err, "look at it, and run this again");
}

/* ---- Files that grow ------------------------------------------------------------------------- */

static bool grow(struct file_set_item *item, struct error *err)
{
    struct buf after = {0};
    buf_clear(&item->before);
    bool ok = file_read(item->path, FILE_MAX, &item->before, err);
    if (ok) {
        buf_add_bytes(&after, buf_bytes(&item->before));
        buf_add_bytes(&after, item->text);
        item->progress = ITEM_WRITTEN; /* it may be there though an error says otherwise */
        ok = file_rewrite(item->path, buf_bytes(&after), err);
    }
    buf_release(&after);
    return ok;
}

/* ---- All ------------------------------------------------------------------------------------- */

static void take_back(struct file_set *set)
{
    struct error untold;
    for (size_t i = set->n; i-- > 0;) {
        struct file_set_item *item = &set->items[i];
        if (item->tmp && item->progress == ITEM_THERE && !item->linked)
            unlink(item->path);
        if (item->tmp && item->progress == ITEM_WRITTEN && is_ours(item))
            unlink(item->tmp);
        if (item->linked && item->progress != ITEM_THERE)
            unlink(item->kept);
        else if (item->linked)
            rename(item->kept, item->path);
        else if (item->moved)
            rename_anew(item->kept, item->path);
    }
    for (size_t i = set->n_folders; i-- > 0;)
        rmdir(set->folders[i]);
    /* Now that there is room again. */
    for (size_t i = set->n; i-- > 0;)
        if (!set->items[i].tmp && set->items[i].progress != ITEM_WAITS)
            file_rewrite(set->items[i].path, buf_bytes(&set->items[i].before), &untold);
}

static bool write_all(struct file_set *set, struct error *err)
{
    for (size_t i = 0; i < set->n; i++)
        if (set->items[i].tmp && !write_beside(set, &set->items[i], err))
            return false;
    for (size_t i = 0; i < set->n; i++)
        if (set->items[i].tmp && !give_name(&set->items[i], err))
            return false;
    for (size_t i = 0; i < set->n; i++)
        if (!set->items[i].tmp && !grow(&set->items[i], err))
            return false;
    return true;
}

bool file_set_write(struct file_set *set, struct error *err)
{
    if (write_all(set, err))
        return true;
    take_back(set);
    return false;
}
