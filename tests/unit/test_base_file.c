#define _GNU_SOURCE 1 /* nftw */
#include "test_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

static void put(const char *path, const char *text)
{
    struct error err;
    assert_true(file_replace(path, bytes_of(text), 0600, &err));
}

static void assert_content(const char *path, const char *want)
{
    struct buf b = {0};
    struct error err = {.message = ""};
    bool ok = file_read(path, 1 << 20, &b, &err);
    assert_string_equal(err.message, "");
    assert_true(ok);
    assert_buf(&b, want);
    buf_release(&b);
}

/* ---- Reading -------------------------------------------------------------------------------- */

static void a_file_reads_whole_behind_what_is_there(void **state)
{
    (void)state;
    struct buf b = {0};
    struct error err;
    put("a", "content");
    buf_add_str(&b, "x ");
    assert_true(file_read("a", 7, &b, &err));
    assert_buf(&b, "x content");
    put("empty", "");
    assert_true(file_read("empty", 0, &b, &err));
    assert_buf(&b, "x content");
    buf_release(&b);
}

static void bytes_come_back_as_they_are(void **state)
{
    (void)state;
    struct buf big = {0}, back = {0};
    struct error err;
    for (int i = 0; i < 300000; i++)
        buf_add_char(&big, (char)(unsigned char)(i * 7 % 256));
    assert_true(file_replace("big", buf_bytes(&big), 0600, &err));
    assert_true(file_read("big", big.len, &back, &err));
    assert_bytes(buf_bytes(&back), buf_bytes(&big));
    buf_release(&big);
    buf_release(&back);
}

static void a_file_larger_than_allowed_is_refused(void **state)
{
    (void)state;
    struct buf b = {0};
    struct error err;
    put("a", "12345678");
    buf_add_str(&b, "kept");
    assert_false(file_read("a", 7, &b, &err));
    assert_int_equal(err.code, ERR_LIMIT);
    assert_string_equal(err.message, "'a' is larger than 7 bytes");
    assert_buf(&b, "kept");
    buf_release(&b);
}

static void a_pipe_reads_to_its_end_or_its_limit(void **state)
{
    (void)state;
    for (size_t max = 5; max <= 6; max++) {
        struct buf b = {0};
        struct error err;
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        assert_int_equal(write(ends[1], "123456", 6), 6);
        close(ends[1]);
        assert_int_equal(file_read_fd(ends[0], "stdin", max, &b, &err), max == 6);
        if (max == 6)
            assert_buf(&b, "123456");
        else
            assert_int_equal(err.code, ERR_LIMIT);
        close(ends[0]);
        buf_release(&b);
    }
}

static void what_is_no_regular_file_is_refused_without_waiting(void **state)
{
    (void)state;
    struct buf b = {0};
    struct error err;
    assert_int_equal(mkfifo("fifo", 0600), 0);
    assert_false(file_read("fifo", 10, &b, &err));
    assert_string_equal(err.message, "'fifo' is not a regular file, but a FIFO");
    assert_false(file_read(".", 10, &b, &err));
    assert_string_equal(err.message, "'.' is not a regular file, but a folder");
    assert_false(file_read("none", 10, &b, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_string_equal(err.message, "cannot open 'none': No such file or directory");
    buf_release(&b);
}

static void an_input_may_be_a_pipe_of_the_shell_and_no_fifo(void **state)
{
    (void)state;
    struct buf b = {0};
    struct error err = {0};
    char path[32];
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    int fd = file_open_input(path, &err);
    assert_true(fd >= 0);
    assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
    assert_int_equal(write(ends[1], "abc", 3), 3);
    close(ends[1]);
    assert_true(file_read_fd(fd, path, 10, &b, &err));
    assert_int_equal(b.len, 3);
    close(fd);
    close(ends[0]);
    assert_int_equal(mkfifo("waiting", 0600), 0);
    assert_int_equal(file_open_input("waiting", &err), -1);
    assert_string_equal(err.message, "'waiting' is not a regular file, but a FIFO");
    assert_int_equal(file_open_input("/dev/zero", &err), -1);
    assert_string_equal(err.message, "'/dev/zero' is not a regular file, but a device");
    fd = file_open_input(".", &err);
    assert_true(fd >= 0);
    close(fd);
    buf_release(&b);
}

/* ---- Replacing ------------------------------------------------------------------------------ */

static void replacing_sets_mode_and_leaves_no_helper_file(void **state)
{
    (void)state;
    struct stat st;
    put("a", "old");
    put("a", "new");
    assert_content("a", "new");
    assert_int_equal(stat("a", &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_false(file_exists("a.tmp"));
}

static void a_link_left_as_helper_file_is_not_followed(void **state)
{
    (void)state;
    put("victim", "untouched");
    assert_int_equal(symlink("victim", "a.tmp"), 0);
    put("a", "new");
    assert_content("victim", "untouched");
    assert_content("a", "new");
}

static void a_replacement_that_fails_anywhere_leaves_the_old_content(void **state)
{
    (void)state;
    struct error err;
    put("a", "old");
    unsigned n = 1;
    for (;; n++) {
        fault_set(FAULT_MODE_FAIL, n);
        bool ok = file_replace("a", TEXT("new"), 0600, &err);
        fault_set(FAULT_MODE_NONE, 0);
        assert_false(file_exists("a.tmp"));
        if (ok)
            break;
        assert_int_equal(err.code, ERR_IO);
        assert_non_null(strstr(err.message, "Input/output error"));
        assert_content("a", "old");
    }
    assert_int_equal(n, 5); /* create, write, sync, rename */
    assert_content("a", "new");
}

static void a_replacement_killed_anywhere_leaves_old_or_new(void **state)
{
    (void)state;
    for (unsigned n = 1; n <= 4; n++) {
        struct error err;
        int status;
        put("a", "old");
        pid_t pid = fork();
        if (pid == 0) {
            fault_set(FAULT_MODE_KILL, n);
            file_replace("a", TEXT("new"), 0600, &err);
            _exit(0);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status));
        assert_content("a", "old");
        assert_true(file_replace("a", TEXT("next"), 0600, &err)); /* over what was left */
        assert_content("a", "next");
    }
}

/* In a child: files can have 4 bytes, as on a full disk. Ends with 0 when refused rightly. */
static int replace_on_full_disk(void)
{
    struct rlimit limit = {4, 4};
    struct error err;
    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
        return 2;
    if (file_replace("a", TEXT("longer than four"), 0600, &err))
        return 3;
    return err.code == ERR_IO && !file_exists("a.tmp") ? 0 : 4;
}

static void assert_child(int (*run)(void))
{
    int status;
    pid_t pid = fork();
    if (pid == 0)
        _exit(run());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void a_full_disk_is_an_error_and_the_old_content_stays(void **state)
{
    (void)state;
    put("a", "old");
    assert_child(replace_on_full_disk);
    assert_content("a", "old");
}

static void a_folder_that_is_not_there_is_named(void **state)
{
    (void)state;
    struct error err;
    assert_false(file_replace("no/a", TEXT("x"), 0600, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_string_equal(err.message, "cannot create 'no/a.tmp': No such file or directory");
}

/* ---- A file of the user's -------------------------------------------------------------------- */

static void rewrite(const char *path, const char *text)
{
    struct error err = {.message = ""};
    bool ok = file_rewrite(path, bytes_of(text), &err);
    assert_string_equal(err.message, "");
    assert_true(ok);
}

static mode_t mode_of(const char *path)
{
    struct stat st;
    assert_int_equal(lstat(path, &st), 0);
    return st.st_mode & 07777;
}

static int one_more(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* How many files are in the working directory. */
static int files_here(void)
{
    struct dirent **names = NULL;
    int n = scandir(".", &names, one_more, NULL);
    for (int i = 0; i < n; i++)
        free(names[i]);
    free(names);
    return n;
}

static void rewriting_keeps_the_mode_whatever_the_umask(void **state)
{
    (void)state;
    static const mode_t modes[] = {0600, 0640, 0664, 0666, 0755, 0444};
    mode_t mask = umask(077);
    for (size_t i = 0; i < N_OF(modes); i++) {
        put("a", "old");
        assert_int_equal(chmod("a", modes[i]), 0);
        rewrite("a", "new");
        assert_content("a", "new");
        assert_int_equal(mode_of("a"), modes[i]);
    }
    umask(mask);
    assert_int_equal(files_here(), 1);
}

static void rewriting_keeps_the_owner(void **state)
{
    (void)state;
    struct stat st;
    put("a", "old");
    if (chown("a", 1, 2) != 0)
        skip(); /* only root may give files away */
    assert_int_equal(chmod("a", 0640), 0);
    rewrite("a", "new");
    assert_int_equal(stat("a", &st), 0);
    assert_int_equal(st.st_uid, 1);
    assert_int_equal(st.st_gid, 2);
    assert_int_equal(st.st_mode & 07777, 0640);
}

static void rewriting_makes_a_file_as_the_umask_wants_it(void **state)
{
    (void)state;
    mode_t mask = umask(027);
    rewrite("a", "new");
    umask(002);
    rewrite("b", "");
    assert_int_equal(umask(mask), 002); /* asking for it does not change it */
    assert_content("a", "new");
    assert_content("b", "");
    assert_int_equal(mode_of("a"), 0640);
    assert_int_equal(mode_of("b"), 0664);
    assert_int_equal(files_here(), 2);
}

static void rewriting_follows_a_link_and_keeps_it(void **state)
{
    (void)state;
    char to[32] = {0};
    struct error err;
    assert_true(file_make_dirs("real/deep", 0700, &err));
    put("real/deep/file", "old");
    assert_int_equal(symlink("deep/file", "real/second"), 0);
    assert_int_equal(symlink("real/second", "first"), 0);
    rewrite("first", "new");
    assert_content("real/deep/file", "new");
    assert_true(readlink("first", to, sizeof to - 1) > 0);
    assert_string_equal(to, "real/second");
    memset(to, 0, sizeof to);
    assert_true(readlink("real/second", to, sizeof to - 1) > 0);
    assert_string_equal(to, "deep/file");
    assert_int_equal(files_here(), 2);
    assert_int_equal(chdir("real/deep"), 0);
    assert_int_equal(files_here(), 1);
}

static void assert_not_rewritten(const char *path, enum error_code code, const char *message)
{
    struct error err = {.message = ""};
    int n = files_here();
    assert_false(file_rewrite(path, TEXT("new"), &err));
    assert_string_equal(err.message, message);
    assert_int_equal(err.code, code);
    assert_int_equal(files_here(), n);
}

static void what_is_no_file_of_a_users_is_not_rewritten(void **state)
{
    (void)state;
    char path[PATH_MAX + 8] = "";
    put("file", "old");
    assert_int_equal(symlink("none", "dangling"), 0);
    assert_int_equal(symlink("ring", "ring"), 0);
    assert_int_equal(mkdir("dir", 0700), 0);
    assert_int_equal(mkfifo("fifo", 0600), 0);
    assert_not_rewritten("dangling", ERR_NOT_FOUND,
                         "'dangling' is a link to a file that does not exist");
    assert_not_rewritten("ring", ERR_IO,
                         "cannot look at 'ring': Too many levels of symbolic links");
    assert_not_rewritten("dir", ERR_IO, "cannot replace 'dir': it is not a regular file");
    assert_not_rewritten("fifo", ERR_IO, "cannot replace 'fifo': it is not a regular file");
    assert_not_rewritten("file/x", ERR_IO, "cannot look at 'file/x': Not a directory");
    assert_not_rewritten("none/x", ERR_NOT_FOUND,
                         "cannot create a file beside 'none/x': No such file or directory");
    memset(path, 'x', sizeof path - 1);
    struct error err;
    assert_false(file_rewrite(path, TEXT("new"), &err));
    assert_content("file", "old");
}

static void a_rewrite_that_fails_anywhere_leaves_the_old_bytes_alone(void **state)
{
    (void)state;
    struct error err;
    put("a", "old");
    assert_int_equal(symlink("a", "link"), 0);
    unsigned n = 1;
    for (;; n++) {
        fault_set(FAULT_MODE_FAIL, n);
        bool ok = file_rewrite("link", TEXT("new"), &err);
        fault_set(FAULT_MODE_NONE, 0);
        assert_int_equal(files_here(), 2);
        if (ok)
            break;
        assert_int_equal(err.code, ERR_IO);
        assert_non_null(strstr(err.message, "Input/output error"));
        assert_content("a", "old");
    }
    assert_int_equal(n, 5); /* create, write, sync, rename */
    assert_content("a", "new");
}

static void a_new_file_that_fails_anywhere_is_not_there(void **state)
{
    (void)state;
    for (unsigned n = 1; n <= 4; n++) {
        struct error err;
        fault_set(FAULT_MODE_FAIL, n);
        assert_false(file_rewrite("a", TEXT("new"), &err));
        fault_set(FAULT_MODE_NONE, 0);
        assert_int_equal(err.code, ERR_IO);
        assert_int_equal(files_here(), 0);
    }
}

static void a_rewrite_killed_anywhere_leaves_the_old_bytes(void **state)
{
    (void)state;
    for (unsigned n = 1; n <= 4; n++) {
        struct error err;
        int status;
        put("a", "old");
        pid_t pid = fork();
        if (pid == 0) {
            fault_set(FAULT_MODE_KILL, n);
            file_rewrite("a", TEXT("new"), &err);
            _exit(0);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status));
        assert_content("a", "old");
        rewrite("a", "next");
        assert_false(file_exists("a.cfkv-tmp"));
        assert_content("a", "next");
    }
}

static int rewrite_on_full_disk(void)
{
    struct rlimit limit = {4, 4};
    struct error err;
    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
        return 2;
    if (file_rewrite("a", TEXT("longer than four"), &err))
        return 3;
    return err.code == ERR_IO && strstr(err.message, "cannot write") ? 0 : 4;
}

static void a_rewrite_on_a_full_disk_leaves_the_old_bytes(void **state)
{
    (void)state;
    put("a", "old");
    assert_child(rewrite_on_full_disk);
    assert_content("a", "old");
    assert_int_equal(files_here(), 1);
}

/* ---- Appending ------------------------------------------------------------------------------- */

static void appending_adds_at_the_end(void **state)
{
    (void)state;
    struct error err;
    put("log", "one\n");
    int fd = open("log", O_WRONLY | O_APPEND | O_CLOEXEC);
    assert_true(file_append_sync(fd, "log", TEXT("two\n"), &err));
    assert_true(file_append_sync(fd, "log", TEXT(""), &err));
    for (unsigned n = 1; n <= 2; n++) {
        fault_set(FAULT_MODE_FAIL, n);
        assert_false(file_append_sync(fd, "log", TEXT(""), &err));
        fault_set(FAULT_MODE_NONE, 0);
        assert_int_equal(err.code, ERR_IO);
    }
    close(fd);
    assert_content("log", "one\ntwo\n");
    fd = open("log", O_RDONLY | O_CLOEXEC);
    assert_false(file_append_sync(fd, "log", TEXT("x"), &err));
    assert_string_equal(err.message, "cannot write 'log': Bad file descriptor");
    close(fd);
}

/* ---- Folders -------------------------------------------------------------------------------- */

static void missing_folders_are_made_and_present_ones_kept(void **state)
{
    (void)state;
    struct error err;
    struct stat st;
    assert_true(file_make_dirs("x/y//z/", 0700, &err));
    assert_true(file_make_dirs("x/y/z", 0700, &err));
    assert_true(file_make_dirs("x/y/w", 0700, &err));
    assert_true(file_make_dirs(".", 0700, &err));
    assert_true(file_make_dirs(folder, 0700, &err));
    assert_int_equal(stat("x/y/z", &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    assert_true(file_exists("x/y/w"));
}

static void a_file_in_the_way_of_a_folder_is_an_error(void **state)
{
    (void)state;
    struct error err;
    put("x", "file");
    assert_false(file_make_dirs("x", 0700, &err));
    assert_string_equal(err.message, "cannot make folder 'x': File exists");
    assert_false(file_make_dirs("x/y", 0700, &err));
    fault_set(FAULT_MODE_FAIL, 2);
    assert_false(file_make_dirs("d/e", 0700, &err));
    fault_set(FAULT_MODE_NONE, 0);
    assert_string_equal(err.message, "cannot make folder 'd/e': Input/output error");
    assert_true(file_exists("d"));
    assert_false(file_exists("d/e"));
}

/* ---- Below a root --------------------------------------------------------------------------- */

static void make_project(void)
{
    struct error err;
    assert_true(file_make_dirs("project/sub/deep", 0700, &err));
    assert_true(file_make_dirs("outside", 0700, &err));
    put("secret", "secret");
    put("outside/secret", "secret");
    put("project/a.json", "a");
    put("project/sub/deep/b.txt", "b");
    put("project/..c", "c");
    put("project/.env", "secret");
    put("project/kv.state.json", "state");
    assert_int_equal(symlink("a.json", "project/inner"), 0);
    assert_int_equal(symlink("../secret", "project/escape"), 0);
    assert_int_equal(symlink("../outside", "project/dirlink"), 0);
    assert_int_equal(symlink("sub", "project/sublink"), 0);
    assert_int_equal(symlink("nowhere", "project/dangling"), 0);
    assert_int_equal(mkfifo("project/fifo", 0600), 0);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "project/socket"};
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    close(fd);
}

static const struct {
    struct bytes path;
    enum error_code code; /* ERR_NONE: it opens */
    const char *message;
} lookups[] = {
    {{"a.json", 6}, ERR_NONE, "a"},
    {{"sub/deep/b.txt", 14}, ERR_NONE, "b"},
    {{"sub//deep/b.txt", 15}, ERR_NONE, "b"},
    {{"", 0}, ERR_INVALID, "path '' is empty"},
    {{"a.json\0.x", 9}, ERR_INVALID, "path 'a.json\\x00.x' has a NUL in it"},
    {{"/etc/passwd", 11}, ERR_INVALID, "path '/etc/passwd' is absolute"},
    {{"../secret", 9}, ERR_INVALID, "path '../secret' has a '..' in it"},
    {{"sub/../../secret", 16}, ERR_INVALID, "path 'sub/../../secret' has a '..' in it"},
    {{"sub/..", 6}, ERR_INVALID, "path 'sub/..' has a '..' in it"},
    {{".env", 4}, ERR_INVALID, "path '.env' has a component that starts with a dot"},
    {{"..c", 3}, ERR_INVALID, "path '..c' has a component that starts with a dot"},
    {{"./a.json", 8}, ERR_INVALID, "path './a.json' has a component that starts with a dot"},
    {{"sub/.git/config", 15},
     ERR_INVALID,
     "path 'sub/.git/config' has a component that starts with a dot"},
    {{"kv.state.json", 13}, ERR_INVALID, "path 'kv.state.json' is one of cfkv's own state files"},
    {{"inner", 5}, ERR_INVALID, "path 'inner' leads through a symbolic link"},
    {{"escape", 6}, ERR_INVALID, "path 'escape' leads through a symbolic link"},
    {{"dangling", 8}, ERR_INVALID, "path 'dangling' leads through a symbolic link"},
    {{"dirlink/secret", 14}, ERR_INVALID, "path 'dirlink/secret' leads through a symbolic link"},
    {{"sublink/deep/b.txt", 18},
     ERR_INVALID,
     "path 'sublink/deep/b.txt' leads through a symbolic link"},
    {{"fifo", 4}, ERR_INVALID, "'fifo' is not a regular file, but a FIFO"},
    {{"socket", 6}, ERR_INVALID, "'socket' is not a regular file"},
    {{"sub", 3}, ERR_INVALID, "'sub' is not a regular file, but a folder"},
    {{"none", 4}, ERR_NOT_FOUND, "no file 'none' in 'project'"},
    {{"none/a", 6}, ERR_NOT_FOUND, "no file 'none/a' in 'project'"},
    {{"a.json/b", 8}, ERR_NOT_FOUND, "no file 'a.json/b' in 'project'"},
    {{"a.json/", 7}, ERR_INVALID, "path 'a.json/' ends in a slash"},
    {{"sub/", 4}, ERR_INVALID, "path 'sub/' ends in a slash"},
};

/* 0, or 1 + the index of the look-up that came out otherwise. */
static int look_up_all(void)
{
    struct file_root root;
    struct error err;
    if (!file_root_open(&root, "project", &err))
        return 200;
    int wrong = 0;
    for (size_t i = 0; i < N_OF(lookups) && !wrong; i++) {
        struct buf b = {0};
        err = (struct error){.code = ERR_NONE};
        int fd = file_root_read(&root, lookups[i].path, &err);
        bool read = fd >= 0 && file_read_fd(fd, "x", 10, &b, &err);
        bool as_wanted = err.code == lookups[i].code && read == (lookups[i].code == ERR_NONE) &&
                         strcmp(read ? b.data : err.message, lookups[i].message) == 0;
        if (!as_wanted) {
            fprintf(stderr, "look-up %zu: code %d: %s\n", i, (int)err.code, err.message);
            wrong = (int)i + 1;
        }
        if (fd >= 0)
            close(fd);
        buf_release(&b);
    }
    file_root_close(&root);
    return wrong;
}

static void what_may_be_written_below_the_root_is_what_may_be_read(void **state)
{
    (void)state;
    static const struct {
        const char *path, *message; /* NULL: it may */
    } writes[] = {
        {"a.json", NULL},
        {"new.json", NULL},
        {"new/deep/new.json", "path 'new/deep' is no folder in 'project'"},
        {"inner", NULL}, /* a link to a file below the root */
        {"sub/deep/b.txt", NULL},
        {"escape", "path 'escape' is a symbolic link out of the project"},
        {"tostate", "path 'tostate' is a symbolic link to a file that cfkv does not write"},
        {"dangling", "path 'dangling' is a symbolic link to nothing"},
        {"dirlink/secret", "path 'dirlink' leads through a symbolic link"},
        {"sublink/deep/b.txt", "path 'sublink/deep' leads through a symbolic link"},
        {"a.json/b", "path 'a.json' is no folder in 'project'"},
        {"fifo", "'fifo' is not a regular file"},
        {"sub", "'sub' is not a regular file"},
        {".env", "path '.env' has a component that starts with a dot"},
        {"kv.state.json", "path 'kv.state.json' is one of cfkv's own state files"},
        {"/etc/passwd", "path '/etc/passwd' is absolute"},
        {"../secret", "path '../secret' has a '..' in it"},
        {"", "path '' is empty"},
    };
    static const struct {
        const char *path, *message;
    } folders[] = {
        {"sub/deep", NULL},
        {"new/deep", NULL},
        {"sublink", "path 'sublink' leads through a symbolic link"},
        {"dirlink/new", "path 'dirlink/new' leads through a symbolic link"},
        {"a.json", "path 'a.json' is no folder in 'project'"},
        {".git", "path '.git' has a component that starts with a dot"},
    };
    struct file_root root;
    struct error err;
    make_project();
    assert_int_equal(symlink("kv.state.json", "project/tostate"), 0);
    assert_true(file_root_open(&root, "project", &err));
    for (size_t i = 0; i < N_OF(folders); i++) {
        err = (struct error){.message = ""};
        bool may = file_root_may_fill(&root, bytes_of(folders[i].path), &err);
        assert_string_equal(err.message, folders[i].message ? folders[i].message : "");
        assert_int_equal(may, folders[i].message == NULL);
    }
    for (size_t i = 0; i < N_OF(writes); i++) {
        err = (struct error){.message = ""};
        bool may = file_root_may_write(&root, bytes_of(writes[i].path), &err);
        assert_string_equal(err.message, writes[i].message ? writes[i].message : "");
        assert_int_equal(may, writes[i].message == NULL);
    }
    file_root_close(&root);
}

static void only_regular_files_below_the_root_open(void **state)
{
    (void)state;
    make_project();
    assert_int_equal(look_up_all(), 0);
}

/* In a child: the same on a kernel that has no openat2, or a container that forbids it. */
static int look_up_without_openat2(int errnum)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0 /* the number of the call */),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)errnum),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {N_OF(code), code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        return 201;
    if (syscall(SYS_openat2, AT_FDCWD, ".", NULL, 0) != -1 || (errno != ENOSYS && errno != EPERM))
        return 202;
    return look_up_all();
}

static int without_the_call(void)
{
    return look_up_without_openat2(ENOSYS);
}

static int with_the_call_forbidden(void)
{
    return look_up_without_openat2(EPERM);
}

static void the_same_files_open_without_the_kernels_help(void **state)
{
    (void)state;
    make_project();
    assert_child(without_the_call);
    assert_child(with_the_call_forbidden);
}

static void looking_up_leaves_no_descriptor_open(void **state)
{
    (void)state;
    make_project();
    int before = dup(0);
    close(before);
    assert_int_equal(look_up_all(), 0);
    int after = dup(0);
    close(after);
    assert_int_equal(after, before);
}

static void a_path_longer_than_the_system_allows_is_refused(void **state)
{
    (void)state;
    static char path[PATH_MAX + 10];
    struct file_root root;
    struct error err;
    memset(path, 'a', sizeof path);
    assert_true(file_root_open(&root, ".", &err));
    assert_int_equal(file_root_read(&root, bytes_make(path, sizeof path), &err), -1);
    assert_int_equal(err.code, ERR_INVALID);
    assert_non_null(strstr(err.message, "is too long"));
    assert_int_equal(file_root_read(&root, bytes_make(path, 300), &err), -1);
    assert_int_equal(err.code, ERR_IO);
    file_root_close(&root);
}

static void a_root_that_is_no_folder_does_not_open(void **state)
{
    (void)state;
    struct file_root root;
    struct error err;
    put("a", "file");
    assert_false(file_root_open(&root, "a", &err));
    assert_int_equal(root.fd, -1);
    file_root_close(&root);
    assert_false(file_root_open(&root, "none", &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    file_root_close(&root);
    root = (struct file_root){0, NULL};
    file_root_close(&root); /* must not close descriptor 0 */
    assert_int_not_equal(fcntl(0, F_GETFD), -1);
}

static void state_files_are_known_by_name(void **state)
{
    (void)state;
    static const char *const are[] = {
        "kv.state.json",      "dir/kv.state.json", "kv.state.json.journal",
        "kv.state.json.lock", "kv.state.json.tmp", "kv.state.json.journal.tmp",
        ".state.json",
    };
    static const char *const are_not[] = {
        "state.json", "kv.state.json5", "kv.state.jsonx",     "kv.json",           "x.tmp",
        "",           "a.journal",      "kv.state.json/data", "kv.state.json.txt",
    };
    for (size_t i = 0; i < N_OF(are); i++)
        assert_true(file_is_state(bytes_of(are[i])));
    for (size_t i = 0; i < N_OF(are_not); i++)
        assert_false(file_is_state(bytes_of(are_not[i])));
}

/* ---- Path text ------------------------------------------------------------------------------ */

static void paths_join_without_needless_dots(void **state)
{
    (void)state;
    static const struct {
        const char *dir, *name, *want;
    } cases[] = {
        {"a", "b", "a/b"}, {"a/", "b", "a/b"}, {".", "b", "b"}, {"", "b", "b"},   {"a", "", "a"},
        {"a", ".", "a"},   {".", ".", "."},    {"", "", "."},   {"/", "b", "/b"}, {"a", "/b", "/b"},
    };
    struct arena arena = {0};
    for (size_t i = 0; i < N_OF(cases); i++)
        assert_string_equal(path_join(&arena, cases[i].dir, cases[i].name), cases[i].want);
    arena_release(&arena);
}

static void paths_have_a_parent_and_a_name(void **state)
{
    (void)state;
    static const struct {
        const char *path, *parent;
    } cases[] = {
        {"a/b", "a"}, {"a", "."},    {"/a", "/"},        {"/", "/"},     {"a/b/", "a"},
        {"", "."},    {"a//b", "a"}, {"/a/b/c", "/a/b"}, {"../a", ".."},
    };
    struct arena arena = {0};
    for (size_t i = 0; i < N_OF(cases); i++)
        assert_string_equal(path_parent(&arena, cases[i].path), cases[i].parent);
    arena_release(&arena);
    assert_string_equal(path_name("a/b.c"), "b.c");
    assert_string_equal(path_name("b.c"), "b.c");
}

static void a_plain_path_has_one_spelling(void **state)
{
    (void)state;
    static const struct {
        const char *path, *want;
    } cases[] = {
        {"a", "a"},
        {"./a", "a"},
        {"a//b", "a/b"},
        {"a/./b", "a/b"},
        {"././a/.//b/", "a/b"},
        {"", ""},
        {".", ""},
        {".a", ".a"},
        {"a/.b/..c", "a/.b/..c"},
        {"a/../b", "a/../b"},
        {"a.", "a."},
    };
    struct arena arena = {0};
    for (size_t i = 0; i < N_OF(cases); i++)
        assert_string_equal(path_plain(&arena, bytes_of(cases[i].path)), cases[i].want);
    /* Bytes, not a string: what follows is not looked at. */
    assert_string_equal(path_plain(&arena, bytes_make("./ab/c", 4)), "ab");
    arena_release(&arena);
}

static void a_real_path_has_no_links(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct error err;
    make_project();
    char *direct = path_real(&arena, "project/sub", &err);
    char *linked = path_real(&arena, "project/./sublink/../sublink", &err);
    assert_non_null(direct);
    assert_string_equal(linked, direct);
    assert_int_equal(direct[0], '/');
    assert_null(path_real(&arena, "none", &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_string_equal(err.message, "cannot find 'none': No such file or directory");
    arena_release(&arena);
}

/* ---- Without a name -------------------------------------------------------------------------- */

static void a_temporary_file_has_no_name_and_is_private(void **state)
{
    (void)state;
    struct error err;
    struct stat st;
    assert_int_equal(setenv("TMPDIR", folder, 1), 0);
    int fd = file_temporary(&err);
    assert_int_equal(unsetenv("TMPDIR"), 0);
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(st.st_nlink, 0);
    assert_int_equal(rmdir(folder), 0); /* nothing is in it */
    assert_int_equal(mkdir(folder, 0700), 0);
    assert_true(file_write_fd(fd, "it", TEXT("text"), &err));
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    char back[4];
    assert_int_equal(read(fd, back, sizeof back), 4);
    close(fd);
}

static void where_no_temporary_file_can_be_the_hint_says_what_to_do(void **state)
{
    (void)state;
    struct error err = {0};
    assert_int_equal(setenv("TMPDIR", "/nonexistent", 1), 0);
    assert_int_equal(file_temporary(&err), -1);
    assert_int_equal(unsetenv("TMPDIR"), 0);
    assert_string_equal(err.message, "cannot create a temporary file in '/nonexistent': No such "
                                     "file or directory");
    assert_string_equal(err.hint, "set TMPDIR to a folder that can be written to");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(a_file_reads_whole_behind_what_is_there),
        in_folder(bytes_come_back_as_they_are),
        in_folder(a_file_larger_than_allowed_is_refused),
        in_folder(a_pipe_reads_to_its_end_or_its_limit),
        in_folder(what_is_no_regular_file_is_refused_without_waiting),
        in_folder(an_input_may_be_a_pipe_of_the_shell_and_no_fifo),
        in_folder(replacing_sets_mode_and_leaves_no_helper_file),
        in_folder(a_link_left_as_helper_file_is_not_followed),
        in_folder(a_replacement_that_fails_anywhere_leaves_the_old_content),
        in_folder(a_replacement_killed_anywhere_leaves_old_or_new),
        in_folder(a_full_disk_is_an_error_and_the_old_content_stays),
        in_folder(a_folder_that_is_not_there_is_named),
        in_folder(rewriting_keeps_the_mode_whatever_the_umask),
        in_folder(rewriting_keeps_the_owner),
        in_folder(rewriting_makes_a_file_as_the_umask_wants_it),
        in_folder(rewriting_follows_a_link_and_keeps_it),
        in_folder(what_is_no_file_of_a_users_is_not_rewritten),
        in_folder(a_rewrite_that_fails_anywhere_leaves_the_old_bytes_alone),
        in_folder(a_new_file_that_fails_anywhere_is_not_there),
        in_folder(a_rewrite_killed_anywhere_leaves_the_old_bytes),
        in_folder(a_rewrite_on_a_full_disk_leaves_the_old_bytes),
        in_folder(appending_adds_at_the_end),
        in_folder(missing_folders_are_made_and_present_ones_kept),
        in_folder(a_file_in_the_way_of_a_folder_is_an_error),
        in_folder(only_regular_files_below_the_root_open),
        in_folder(what_may_be_written_below_the_root_is_what_may_be_read),
        in_folder(the_same_files_open_without_the_kernels_help),
        in_folder(looking_up_leaves_no_descriptor_open),
        in_folder(a_path_longer_than_the_system_allows_is_refused),
        in_folder(a_root_that_is_no_folder_does_not_open),
        in_folder(a_temporary_file_has_no_name_and_is_private),
        in_folder(where_no_temporary_file_can_be_the_hint_says_what_to_do),
        cmocka_unit_test(state_files_are_known_by_name),
        cmocka_unit_test(paths_join_without_needless_dots),
        cmocka_unit_test(paths_have_a_parent_and_a_name),
        cmocka_unit_test(a_plain_path_has_one_spelling),
        in_folder(a_real_path_has_no_links),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
