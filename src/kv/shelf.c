#include "shelf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

#define DAY     (24 * 60 * 60)
#define STAMP   16 /* bytes of "20261124T061500Z" */
#define ENDING  ".jsonl"
#define PARTIAL ".jsonl.partial"

/* ---- Names ----------------------------------------------------------------------------------- */

static bool has_stamp(struct bytes name)
{
    static const char pattern[] = "00000000T000000Z-";
    bool ok = name.len >= sizeof pattern - 1;
    for (size_t i = 0; ok && i < sizeof pattern - 1; i++)
        ok = pattern[i] == '0' ? name.data[i] >= '0' && name.data[i] <= '9'
                               : name.data[i] == pattern[i];
    return ok;
}

/* "…-delete", "…-delete-2": the reasons for which cfkv writes backups there. */
static bool has_reason(struct bytes stem)
{
    static const char *const reasons[] = {"-delete", "-prune", "-overwrite"};
    size_t n = stem.len;
    while (n > 0 && stem.data[n - 1] >= '0' && stem.data[n - 1] <= '9')
        n--;
    if (n > 0 && n < stem.len && stem.data[n - 1] == '-')
        stem.len = n - 1;
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (bytes_ends_with(stem, bytes_of(reasons[i])))
            return true;
    return false;
}

static bool is_ours(struct bytes name, bool *partial)
{
    *partial = bytes_ends_with(name, bytes_of(PARTIAL));
    const char *ending = *partial ? PARTIAL : ENDING;
    if (!has_stamp(name) || !bytes_ends_with(name, bytes_of(ending)))
        return false;
    return has_reason(bytes_make(name.data, name.len - strlen(ending)));
}

static int number(const char *s, size_t digits)
{
    int n = 0;
    for (size_t i = 0; i < digits; i++)
        n = n * 10 + (s[i] - '0');
    return n;
}

static int64_t time_of(const char *stamp)
{
    struct tm tm = {.tm_year = number(stamp, 4) - 1900,
                    .tm_mon = number(stamp + 4, 2) - 1,
                    .tm_mday = number(stamp + 6, 2),
                    .tm_hour = number(stamp + 9, 2),
                    .tm_min = number(stamp + 11, 2),
                    .tm_sec = number(stamp + 13, 2)};
    return (int64_t)timegm(&tm);
}

/* ---- Listing --------------------------------------------------------------------------------- */

struct shelf {
    struct arena *arena;
    struct shelf_file *files;
    size_t n, cap;
};

static void add(struct shelf *s, const char *dir, const char *name)
{
    struct stat st;
    struct shelf_file file = {.path = arena_printf(s->arena, "%s/%s", dir, name)};
    void *files = s->files;
    if (!is_ours(bytes_of(name), &file.partial) || lstat(file.path, &st) != 0 ||
        !S_ISREG(st.st_mode))
        return;
    arena_grow(s->arena, &files, &s->cap, s->n + 1, sizeof *s->files);
    s->files = files;
    file.size = (uint64_t)st.st_size;
    file.created = time_of(name);
    s->files[s->n++] = file;
}

/* Stamps are of one length, so names are in the order of their times. */
static int newest_first(const void *a, const void *b)
{
    const struct shelf_file *x = a, *y = b;
    return strcmp(y->path, x->path);
}

bool shelf_list(const char *dir, struct arena *arena, struct shelf_file **files, size_t *n,
                struct error *err)
{
    char name[512];
    struct shelf s = {.arena = arena};
    *files = NULL;
    *n = 0;
    DIR *d = opendir(dir);
    if (!d)
        return errno == ENOENT || error_errno(err, errno, "cannot read %s",
                                              text_quoted(bytes_of(dir), name, sizeof name));
    for (struct dirent *e; (e = readdir(d));)
        add(&s, dir, e->d_name);
    closedir(d);
    if (s.n > 0)
        qsort(s.files, s.n, sizeof *s.files, newest_first);
    *files = s.files;
    *n = s.n;
    return true;
}

/* ---- Sweeping -------------------------------------------------------------------------------- */

static bool delete_unlocked(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    bool gone = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && unlink(path) == 0;
    if (fd >= 0)
        close(fd);
    return gone;
}

static bool is_due(const struct kv_backups *b, const struct shelf_file *f, uint64_t newer,
                   int64_t now)
{
    int64_t age = now - f->created;
    if (f->partial)
        return age > DAY;
    return (b->keep > 0 || b->days > 0) && (b->keep == 0 || newer >= b->keep) &&
           (b->days == 0 || age > (int64_t)b->days * DAY);
}

uint64_t shelf_due(const struct kv_backups *backups, const struct shelf_file *files, size_t n,
                   int64_t now)
{
    uint64_t newer = 0, due = 0;
    for (size_t i = 0; i < n; i++) {
        due += is_due(backups, &files[i], newer, now);
        newer += !files[i].partial;
    }
    return due;
}

void shelf_sweep(const struct kv_backups *backups, int64_t now, uint64_t *removed)
{
    struct arena arena = {0};
    struct error ignored;
    struct shelf_file *files;
    size_t n;
    uint64_t newer = 0, gone = 0;
    bool ok = shelf_list(backups->dir, &arena, &files, &n, &ignored);
    for (size_t i = 0; ok && i < n; i++) {
        gone += is_due(backups, &files[i], newer, now) && delete_unlocked(files[i].path);
        newer += !files[i].partial;
    }
    arena_release(&arena);
    if (removed)
        *removed = gone;
}
