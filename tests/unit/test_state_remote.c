/* A state on a service: what stands where at each moment of a run, whatever goes wrong. */
#define _GNU_SOURCE 1
#include "test_remote_kit.h"

/* ---- A run where nothing goes wrong ---------------------------------------------------------- */

static void an_apply_is_a_read_and_two_writes(void **state)
{
    struct cloud c = {.late_etag = -1};
    struct run r = {.cloud = &c};
    struct envelope e;
    (void)state;
    must_open(&r);
    assert_true(r.state.fresh);
    assert_int_equal(c.n_reads, 1);
    put_namespace(&r.state, "cache", "id1", "Cache");
    must_begin(&r);
    read_cloud(&c, &e);
    assert_true(e.leased);
    assert_string_equal(e.lease.command, "cfkv apply");
    assert_true(cloud_holds(&c, "\"id1\""));
    envelope_release(&e);
    put_key(&r.state, "cache", "k", "v");
    commit(&r.state);
    assert_int_equal(c.n_writes, 1);
    save(&r.state);
    read_cloud(&c, &e);
    assert_false(e.leased);
    assert_int_equal(e.serial, 2);
    envelope_release(&e);
    end_run(&r);
    assert_int_equal(c.n_reads, 1);
    assert_int_equal(c.n_writes, 2);
    assert_false(file_exists("kept/base.json"));
    assert_false(file_exists("kept/base.json.journal"));
    assert_false(file_exists("kept/lease"));
    assert_true(file_exists("kept/last.json"));
    cloud_release(&c);
}

static void a_run_that_changes_nothing_reads_once_and_writes_nothing(void **state)
{
    struct cloud c = {.late_etag = -1};
    struct run first = {.cloud = &c}, second = {.cloud = &c};
    (void)state;
    must_open(&first);
    put_namespace(&first.state, "cache", "id1", "Cache");
    commit(&first.state);
    save(&first.state);
    end_run(&first);
    c.n_reads = c.n_writes = 0;
    must_open(&second);
    assert_false(second.state.fresh);
    assert_non_null(find(&second.state, "cache"));
    save(&second.state);
    end_run(&second);
    assert_int_equal(c.n_reads, 1);
    assert_int_equal(c.n_writes, 0);
    cloud_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(an_apply_is_a_read_and_two_writes),
        in_folder(a_run_that_changes_nothing_reads_once_and_writes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
