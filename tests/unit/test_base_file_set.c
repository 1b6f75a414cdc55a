#define _GNU_SOURCE 1 /* nftw */
#include "test_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/file_set.h"

static void put(const char *path, const char *text)
{
    struct error err;
    assert_true(file_replace(path, bytes_of(text), 0600, &err));
}

static void assert_content(const char *path, const char *want)
{
    struct buf b = {0};
    struct error err;
    assert_true(file_read(path, 1 << 20, &b, &err));
    assert_buf(&b, want);
    buf_release(&b);
}

/* How many entries a folder has, "." and ".." aside. */
static size_t entries(const char *path)
{
    DIR *dir = opendir(path);
    size_t n = 0;
    assert_non_null(dir);
    for (struct dirent *e; (e = readdir(dir));)
        n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    closedir(dir);
    return n;
}

/* Two files, one of them below two folders, beside one that grows. */
static struct file_set some(void)
{
    struct file_set set = {0};
    file_set_make(&set, "a", TEXT("one"));
    file_set_make(&set, "new/er/b", TEXT(""));
    file_set_grow(&set, "grown", TEXT(" and more"));
    return set;
}

static void all_of_them_are_there(void **state)
{
    (void)state;
    struct file_set set = some();
    struct error err;
    put("grown", "old");
    assert_true(file_set_write(&set, &err));
    assert_content("a", "one");
    assert_content("new/er/b", "");
    assert_content("grown", "old and more");
    assert_int_equal(entries("."), 3);
    file_set_release(&set);
}

static void none_is_there_when_anything_fails(void **state)
{
    (void)state;
    struct error err;
    size_t failed = 0;
    put("grown", "old");
    for (uint64_t n = 1;; n++) {
        struct file_set set = some();
        fault_set(FAULT_MODE_FAIL, n);
        bool ok = file_set_write(&set, &err);
        fault_set(FAULT_MODE_NONE, 0);
        file_set_release(&set);
        if (ok)
            break;
        failed++;
        assert_int_equal(err.code, ERR_IO);
        assert_int_equal(entries("."), 1);
        assert_content("grown", "old");
    }
    assert_true(failed > 10);
}

static void what_somebody_made_meanwhile_stays_theirs(void **state)
{
    (void)state;
    struct file_set set = some();
    struct error err;
    put("grown", "old");
    assert_int_equal(mkdir("new", 0777), 0);
    assert_int_equal(mkdir("new/er", 0777), 0);
    put("new/er/b", "theirs");
    assert_false(file_set_write(&set, &err));
    assert_int_equal(err.code, ERR_EXISTS);
    assert_string_equal(err.message, "'new/er/b' was made by somebody else meanwhile");
    assert_content("new/er/b", "theirs");
    assert_content("grown", "old");
    assert_int_equal(entries("."), 2);
    assert_int_equal(entries("new/er"), 1);
    file_set_release(&set);
}

/* One that replaces, between two that are made. */
static struct file_set replacing(void)
{
    struct file_set set = {0};
    file_set_make(&set, "a", TEXT("one"));
    file_set_replace(&set, "b", "b.old", TEXT("two"));
    file_set_make_private(&set, "c", TEXT("three"));
    return set;
}

static mode_t mode_of(const char *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 0777;
}

static void what_is_replaced_stays_beside(void **state)
{
    (void)state;
    struct error err;
    for (uint64_t n = 1;; n++) {
        struct file_set set = replacing();
        put("b", "old");
        assert_int_equal(chmod("b", 0640), 0);
        fault_set(FAULT_MODE_FAIL, n);
        bool ok = file_set_write(&set, &err);
        fault_set(FAULT_MODE_NONE, 0);
        file_set_release(&set);
        if (ok)
            break;
        assert_int_equal(entries("."), 1);
        assert_content("b", "old");
    }
    assert_content("a", "one");
    assert_content("b", "two");
    assert_content("b.old", "old");
    assert_content("c", "three");
    assert_int_equal(mode_of("b"), 0640);
    assert_int_equal(mode_of("b.old"), 0640);
    assert_int_equal(mode_of("c"), 0600);
    assert_int_equal(entries("."), 4);
}

static void what_has_the_name_of_the_old_one_stays(void **state)
{
    (void)state;
    struct file_set set = replacing();
    struct error err;
    put("b", "old");
    put("b.old", "older");
    assert_false(file_set_write(&set, &err));
    assert_int_equal(err.code, ERR_EXISTS);
    assert_content("b", "old");
    assert_content("b.old", "older");
    assert_int_equal(entries("."), 2);
    file_set_release(&set);
}

static void a_link_to_nowhere_is_not_written_through(void **state)
{
    (void)state;
    struct file_set set = {0};
    struct error err;
    assert_int_equal(symlink("nowhere", "a"), 0);
    file_set_make(&set, "a", TEXT("one"));
    assert_false(file_set_write(&set, &err));
    assert_int_equal(err.code, ERR_EXISTS);
    assert_int_equal(access("nowhere", F_OK), -1);
    file_set_release(&set);
}

static void what_a_killed_run_left_beside_is_replaced(void **state)
{
    (void)state;
    struct file_set set = {0};
    struct error err;
    put("target", "theirs");
    assert_int_equal(symlink("target", "a.cfkv-tmp"), 0);
    file_set_make(&set, "a", TEXT("one"));
    assert_true(file_set_write(&set, &err));
    assert_content("a", "one");
    assert_content("target", "theirs");
    assert_int_equal(entries("."), 2);
    file_set_release(&set);
}

static void a_file_in_the_way_of_a_folder_is_an_error(void **state)
{
    (void)state;
    struct file_set set = some();
    struct error err;
    put("grown", "old");
    put("new", "file");
    assert_false(file_set_write(&set, &err));
    assert_non_null(strstr(err.message, "cannot make folder 'new"));
    assert_content("new", "file");
    assert_int_equal(entries("."), 2);
    file_set_release(&set);
}

static void one_that_is_not_there_cannot_grow(void **state)
{
    (void)state;
    struct file_set set = some();
    struct error err;
    assert_false(file_set_write(&set, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_int_equal(entries("."), 0);
    file_set_release(&set);
}

/* Larger than a piece of what is read at once, and not from its beginning. */
static void a_content_may_be_a_part_of_a_file(void **state)
{
    struct file_set set = {0};
    struct buf text = {0};
    struct error err;
    int fd = file_temporary(&err);
    (void)state;
    assert_true(fd >= 0);
    for (size_t i = 0; i < 200000; i++)
        buf_addf(&text, "%zu ", i);
    assert_true(file_write_fd(fd, "temporary", buf_bytes(&text), &err));
    struct file_part part = {.fd = fd, .from = 7, .size = text.len - 9};
    struct bytes want = bytes_make(text.data + 7, text.len - 9);
    put("b", "before");
    file_set_make(&set, "a", bytes_make(NULL, 0));
    file_set_from(&set, &part);
    file_set_replace(&set, "b", "b.old", bytes_make(NULL, 0));
    file_set_from(&set, &part);
    assert_true(file_set_write(&set, &err));
    assert_true(file_holds("a", want) && file_holds("b", want));
    assert_true(file_holds_part("a", &part));
    assert_content("b.old", "before");
    part.from++;
    assert_false(file_holds_part("a", &part));
    want.len--;
    assert_false(file_holds("a", want));
    assert_false(file_holds("nowhere", want) || file_holds(".", want));
    part.size = text.len; /* more than there is */
    int out = open("c", O_CREAT | O_WRONLY, 0600);
    assert_true(out >= 0);
    assert_false(file_write_part(out, "c", &part, &err));
    close(out);
    close(fd);
    buf_release(&text);
    file_set_release(&set);
}

/* Killed between the two names of the old one, a run leaves both; the next goes on with them. */
static void what_has_its_second_name_already_is_replaced(void **state)
{
    struct file_set set = {0};
    struct error err;
    (void)state;
    put("b", "before");
    assert_int_equal(link("b", "b.old"), 0);
    file_set_replace(&set, "b", "b.old", TEXT("two"));
    assert_true(file_set_write(&set, &err));
    assert_content("b", "two");
    assert_content("b.old", "before");
    assert_int_equal(entries("."), 2);
    file_set_release(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(all_of_them_are_there),
        in_folder(none_is_there_when_anything_fails),
        in_folder(what_somebody_made_meanwhile_stays_theirs),
        in_folder(what_is_replaced_stays_beside),
        in_folder(what_has_the_name_of_the_old_one_stays),
        in_folder(a_link_to_nowhere_is_not_written_through),
        in_folder(what_a_killed_run_left_beside_is_replaced),
        in_folder(a_file_in_the_way_of_a_folder_is_an_error),
        in_folder(one_that_is_not_there_cannot_grow),
        in_folder(a_content_may_be_a_part_of_a_file),
        in_folder(what_has_its_second_name_already_is_replaced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
