/* A state on a service: what stands where at each moment of a run, whatever goes wrong. */
#define _GNU_SOURCE 1
#include "test_remote_kit.h"

#include "base/clock.h"

/* A service, and runs on it that each record one more namespace. */
static void record(struct run *r, const char *address)
{
    char id[64];
    snprintf(id, sizeof id, "id-%s", address);
    put_namespace(&r->state, address, id, address);
}

static bool cloud_has(const struct cloud *c, const char *address)
{
    char id[64];
    snprintf(id, sizeof id, "\"id-%s\"", address);
    return cloud_holds(c, id);
}

static void apply(struct cloud *c, const char *address)
{
    struct run r = {.cloud = c};
    must_open(&r);
    record(&r, address);
    must_begin(&r);
    save(&r.state);
    end_run(&r);
}

static bool nothing_is_kept(void)
{
    return !file_exists("kept/base.json") && !file_exists("kept/base.json.journal");
}

static int64_t serial_of(const struct cloud *c)
{
    struct envelope e;
    read_cloud(c, &e);
    int64_t serial = e.serial;
    envelope_release(&e);
    return serial;
}

static bool is_leased(const struct cloud *c)
{
    struct envelope e;
    read_cloud(c, &e);
    bool leased = e.leased;
    envelope_release(&e);
    return leased;
}

/* ---- A run where nothing goes wrong ---------------------------------------------------------- */

static void an_apply_is_a_read_and_two_writes(void **state)
{
    struct cloud c = {.late_etag = -1};
    struct run r = {.cloud = &c};
    (void)state;
    must_open(&r);
    assert_true(r.state.fresh);
    record(&r, "cache");
    must_begin(&r);
    assert_true(is_leased(&c));
    assert_true(cloud_has(&c, "cache"));
    put_key(&r.state, "cache", "k", "v");
    commit(&r.state);
    assert_int_equal(c.n_writes, 1);
    save(&r.state);
    assert_false(is_leased(&c));
    assert_int_equal(serial_of(&c), 2);
    end_run(&r);
    assert_int_equal(c.n_reads, 1);
    assert_int_equal(c.n_writes, 2);
    assert_true(nothing_is_kept());
    assert_false(file_exists("kept/lease"));
    assert_true(file_exists("kept/last.json"));
    cloud_release(&c);
}

static void a_run_that_changes_nothing_reads_once_and_writes_nothing(void **state)
{
    struct cloud c = {.late_etag = -1};
    struct run r = {.cloud = &c};
    (void)state;
    apply(&c, "cache");
    c.n_reads = c.n_writes = 0;
    must_open(&r);
    assert_false(r.state.fresh);
    assert_non_null(find(&r.state, "cache"));
    save(&r.state);
    end_run(&r);
    assert_int_equal(c.n_reads, 1);
    assert_int_equal(c.n_writes, 0);
    cloud_release(&c);
}

static void a_second_beginning_puts_what_became_known_since(void **state)
{
    struct cloud c = {.late_etag = -1};
    struct run r = {.cloud = &c};
    (void)state;
    must_open(&r);
    record(&r, "cache");
    must_begin(&r);
    record(&r, "flags");
    must_begin(&r);
    assert_true(cloud_has(&c, "flags"));
    assert_true(is_leased(&c));
    save(&r.state);
    end_run(&r);
    assert_int_equal(serial_of(&c), 3);
    cloud_release(&c);
}

/* ---- What a service does to a write ---------------------------------------------------------- */

static const enum mishap survived[] = {LOST, UNHEARD, REPEATED, LATE};

/* Whichever of the two writes of an apply it is, the state is what it would be without, and no
 * write happened twice. */
static void a_write_whose_end_nobody_told_is_found_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_OF(survived); i++)
        for (size_t n = 0; n < 2; n++) {
            struct cloud c = {.late_etag = -1};
            c.writes[n] = survived[i];
            apply(&c, "cache");
            cloud_deliver(&c);
            assert_true(cloud_has(&c, "cache"));
            assert_false(is_leased(&c));
            assert_int_equal(serial_of(&c), 2);
            assert_true(nothing_is_kept());
            cloud_release(&c);
        }
}

static void a_beginning_that_is_out_of_reach_leaves_nothing_to_finish(void **state)
{
    struct cloud c = {.late_etag = -1, .writes = {AWAY}};
    struct run r = {.cloud = &c};
    (void)state;
    must_open(&r);
    record(&r, "cache");
    assert_false(state_begin(&r.state, &r.err));
    assert_int_equal(r.err.code, ERR_AWAY);
    save(&r.state);
    end_run(&r);
    assert_false(c.exists);
    assert_true(nothing_is_kept());
    cloud_release(&c);
}

static void a_state_that_nobody_could_read_again_is_not_written(void **state)
{
    struct cloud c = {.late_etag = -1};
    struct run r = {.cloud = &c};
    char *title = calloc(1, REMOTE_SIZE_MAX + 1);
    (void)state;
    memset(title, 't', REMOTE_SIZE_MAX);
    must_open(&r);
    put_namespace(&r.state, "cache", "id-cache", title);
    assert_false(state_begin(&r.state, &r.err));
    assert_int_equal(r.err.code, ERR_LIMIT);
    assert_non_null(strstr(r.err.message, "the state is 64 MiB, and "));
    end_run(&r);
    assert_false(c.exists);
    cloud_release(&c);
    free(title);
}

static void whoever_begins_too_late_changes_nothing_and_is_told(void **state)
{
    struct cloud c = {.late_etag = -1}, other = {.late_etag = -1};
    struct run r = {.cloud = &c};
    (void)state;
    apply(&c, "cache");
    buf_add_bytes(&other.document, buf_bytes(&c.document));
    other.exists = true;
    apply(&other, "rival");
    c.rival = other.document.data;
    must_open(&r);
    record(&r, "flags");
    c.writes[0] = OVERTAKEN;
    assert_false(state_begin(&r.state, &r.err));
    assert_int_equal(r.err.code, ERR_STALE);
    save(&r.state);
    end_run(&r);
    assert_true(cloud_has(&c, "rival"));
    assert_false(cloud_has(&c, "flags"));
    assert_true(nothing_is_kept());
    cloud_release(&c);
    cloud_release(&other);
}

static void a_service_that_does_not_look_is_looked_at_before_each_write(void **state)
{
    struct cloud c = {.late_etag = -1, .ignores = true, .locks = true};
    struct run r = {.cloud = &c};
    struct buf rival = {0};
    (void)state;
    apply(&c, "cache");
    must_open(&r);
    buf_add_bytes(&rival, buf_bytes(&c.document));
    char *nonce = strstr(rival.data, "\"nonce\": \"") + strlen("\"nonce\": \"");
    memset(nonce, 'f', 32);
    cloud_put(&c, buf_bytes(&rival));
    record(&r, "flags");
    assert_false(state_begin(&r.state, &r.err));
    assert_int_equal(r.err.code, ERR_STALE);
    end_run(&r);
    assert_false(cloud_has(&c, "flags"));
    buf_release(&rival);
    cloud_release(&c);
}

/* ---- What could not be written --------------------------------------------------------------- */

/* A run whose last write fails: what it did is only here. */
static void leave_unwritten(struct cloud *c, const char *address)
{
    struct run r = {.cloud = c};
    must_open(&r);
    must_begin(&r);
    record(&r, address);
    commit(&r.state);
    c->dead = true;
    assert_false(state_save(&r.state, &r.err));
    assert_int_equal(r.err.code, ERR_AWAY);
    assert_non_null(strstr(r.err.message, "is kept here"));
    assert_non_null(strstr(r.err.hint, "cfkv state push"));
    end_run(&r);
    c->dead = false;
    assert_false(cloud_has(c, address));
}

static void what_could_not_be_written_is_written_by_the_next_run(void **state)
{
    struct cloud c = {.late_etag = -1};
    struct run r = {.cloud = &c};
    (void)state;
    leave_unwritten(&c, "cache");
    must_open(&r);
    assert_non_null(find(&r.state, "cache"));
    assert_true(cloud_has(&c, "cache"));
    assert_false(is_leased(&c));
    assert_true(nothing_is_kept());
    assert_non_null(strstr(r.told.data, "was not in"));
    end_run(&r);
    cloud_release(&c);
}

static void who_only_looks_sees_it_and_writes_nothing(void **state)
{
    struct cloud c = {.late_etag = -1};
    struct run r = {.cloud = &c, .reads = true};
    (void)state;
    leave_unwritten(&c, "cache");
    c.n_writes = 0;
    must_open(&r);
    assert_non_null(find(&r.state, "cache"));
    assert_non_null(strstr(r.told.data, "not yet in s3://bucket/state.json"));
    end_run(&r);
    assert_int_equal(c.n_writes, 0);
    assert_false(nothing_is_kept());
    cloud_release(&c);
}

/* Another machine: it keeps what is its own elsewhere. */
static void apply_elsewhere(struct cloud *c, const char *address)
{
    struct run r = {.cloud = c, .folder = "elsewhere"};
    c->date += LEASE_SECONDS; /* the lease of one that is gone is over */
    must_open(&r);
    record(&r, address);
    must_begin(&r);
    save(&r.state);
    end_run(&r);
}

static void it_goes_together_with_what_others_wrote_meanwhile(void **state)
{
    struct cloud c = {.late_etag = -1, .date = 1800000000};
    struct run r = {.cloud = &c};
    (void)state;
    leave_unwritten(&c, "cache");
    apply_elsewhere(&c, "rival");
    must_open(&r);
    assert_non_null(find(&r.state, "cache"));
    assert_non_null(find(&r.state, "rival"));
    end_run(&r);
    assert_true(cloud_has(&c, "cache") && cloud_has(&c, "rival"));
    assert_true(nothing_is_kept());
    cloud_release(&c);
}

static void what_contradicts_is_refused_and_stays(void **state)
{
    struct cloud c = {.late_etag = -1, .date = 1800000000};
    struct run r = {.cloud = &c}, other = {.cloud = &c, .folder = "elsewhere"};
    (void)state;
    leave_unwritten(&c, "cache");
    c.date += LEASE_SECONDS;
    must_open(&other);
    put_namespace(&other.state, "cache", "id-of-another", "cache");
    must_begin(&other);
    save(&other.state);
    end_run(&other);
    assert_false(open_run(&r));
    assert_int_equal(r.err.code, ERR_GUARD);
    assert_non_null(strstr(r.err.message, "contradicts what others wrote"));
    assert_non_null(strstr(r.err.message, "cache"));
    assert_false(nothing_is_kept());
    assert_true(cloud_holds(&c, "id-of-another"));
    assert_false(cloud_has(&c, "cache"));
    buf_release(&r.told);
    cloud_release(&c);
}

static void a_state_that_is_gone_or_another_is_no_place_for_it(void **state)
{
    struct cloud c = {.late_etag = -1};
    struct run r = {.cloud = &c};
    (void)state;
    apply(&c, "cache");
    leave_unwritten(&c, "flags");
    c.exists = false;
    assert_false(open_run(&r));
    assert_int_equal(r.err.code, ERR_GUARD);
    assert_non_null(strstr(r.err.message, "is gone"));
    assert_false(nothing_is_kept());
    cloud_release(&c);
}

/* Killed between a write and its answer, and then others wrote on top of it: done is done, and what
 * they removed does not come back. */
static void a_write_that_happened_is_not_done_again_after_others_removed_it(void **state)
{
    struct cloud c = {.late_etag = -1, .date = 1800000000};
    struct run r = {.cloud = &c}, other = {.cloud = &c, .folder = "elsewhere"};
    (void)state;
    must_open(&r);
    record(&r, "cache");
    must_begin(&r);
    c.writes[0] = UNHEARD;
    memset(c.reads, AWAY, sizeof c.reads);
    for (size_t i = 0; i < MISHAPS_MAX; i++)
        c.reads[i] = AWAY;
    for (size_t i = 1; i < MISHAPS_MAX; i++)
        c.writes[i] = AWAY;
    assert_false(state_save(&r.state, &r.err));
    kill_run(&r);
    memset(c.reads, 0, sizeof c.reads);
    memset(c.writes, 0, sizeof c.writes);
    assert_true(cloud_has(&c, "cache"));
    assert_false(nothing_is_kept());
    must_open(&other);
    assert_true(
        state_remove_namespace(&other.state, bytes_of(NULL), bytes_of("cache"), &other.err));
    must_begin(&other);
    save(&other.state);
    end_run(&other);
    assert_false(cloud_has(&c, "cache"));
    struct run next = {.cloud = &c};
    must_open(&next);
    assert_null(find(&next.state, "cache"));
    end_run(&next);
    assert_false(cloud_has(&c, "cache"));
    assert_true(nothing_is_kept());
    cloud_release(&c);
}

/* ---- Leases ---------------------------------------------------------------------------------- */

static void a_lease_of_another_is_refused_with_who_and_what_to_do(void **state)
{
    struct cloud c = {.late_etag = -1, .date = 1800000000};
    struct run holder = {.cloud = &c, .folder = "elsewhere"}, r = {.cloud = &c};
    (void)state;
    must_open(&holder);
    record(&holder, "cache");
    must_begin(&holder);
    c.date += 30;
    assert_false(open_run(&r));
    assert_int_equal(r.err.code, ERR_LOCKED);
    assert_non_null(strstr(r.err.message, "s3://bucket/state.json is in use by "));
    assert_non_null(strstr(r.err.message, "(cfkv apply, pid "));
    assert_non_null(strstr(r.err.message, "for 30 s"));
    assert_non_null(strstr(r.err.hint, "--lock-timeout"));
    assert_non_null(strstr(r.err.hint, "ends by itself in 30 s"));
    assert_non_null(strstr(r.err.hint, "cfkv state unlock"));
    save(&holder.state);
    end_run(&holder);
    must_open(&r);
    end_run(&r);
    cloud_release(&c);
}

static void a_lease_that_is_over_is_taken_over_and_told(void **state)
{
    struct cloud c = {.late_etag = -1, .date = 1800000000};
    struct run gone = {.cloud = &c, .folder = "elsewhere"}, r = {.cloud = &c};
    (void)state;
    must_open(&gone);
    record(&gone, "cache");
    must_begin(&gone);
    kill_run(&gone);
    c.date += LEASE_SECONDS + 180;
    must_open(&r);
    assert_non_null(strstr(r.told.data, "ended 3 min ago without being freed: it is taken over"));
    assert_non_null(find(&r.state, "cache"));
    record(&r, "flags");
    must_begin(&r);
    save(&r.state);
    end_run(&r);
    assert_false(is_leased(&c));
    cloud_release(&c);
}

/* A machine's clock may be ahead of that of the one who holds it. */
static void where_the_service_tells_no_time_a_lease_is_over_later(void **state)
{
    struct cloud c = {.late_etag = -1};
    struct run gone = {.cloud = &c, .folder = "elsewhere"}, r = {.cloud = &c};
    (void)state;
    setenv("CFKV_NOW", "1800000000", 1);
    must_open(&gone);
    must_begin(&gone);
    kill_run(&gone);
    setenv("CFKV_NOW", "1800000120", 1);
    assert_false(open_run(&r));
    assert_int_equal(r.err.code, ERR_LOCKED);
    setenv("CFKV_NOW", "1800000361", 1);
    must_open(&r);
    end_run(&r);
    unsetenv("CFKV_NOW");
    cloud_release(&c);
}

static void what_is_kept_and_damaged_is_told_and_stays(void **state)
{
    struct cloud c = {.late_etag = -1};
    struct run r = {.cloud = &c};
    struct error err;
    (void)state;
    leave_unwritten(&c, "cache");
    assert_true(file_replace("kept/base.json", bytes_of("{"), 0600, &err));
    assert_false(open_run(&r));
    assert_int_equal(r.err.code, ERR_FORMAT);
    assert_non_null(strstr(r.err.message, "kept/base.json is damaged"));
    assert_non_null(strstr(r.err.hint, "could not write to s3://bucket/state.json"));
    assert_false(nothing_is_kept());
    cloud_release(&c);
}

static void the_lease_of_a_killed_run_here_is_no_hindrance(void **state)
{
    struct cloud c = {.late_etag = -1, .date = 1800000000};
    struct run killed = {.cloud = &c}, r = {.cloud = &c};
    (void)state;
    must_open(&killed);
    record(&killed, "cache");
    must_begin(&killed);
    record(&killed, "flags");
    commit(&killed.state);
    kill_run(&killed);
    assert_true(is_leased(&c));
    must_open(&r);
    assert_non_null(find(&r.state, "flags"));
    end_run(&r);
    assert_true(cloud_has(&c, "flags"));
    assert_false(is_leased(&c));
    cloud_release(&c);
}

static void set_wait_unit(const char *ms)
{
    assert_int_equal(setenv("CFKV_WAIT_UNIT_MS", ms, 1), 0);
}

static void wait_ms(long ms)
{
    struct timespec t = {.tv_nsec = ms * 1000000L};
    nanosleep(&t, NULL);
}

/* It is time to renew. */
static void pass_time(void)
{
    set_wait_unit("1");
    wait_ms(25);
}

static void a_lease_is_kept_and_what_was_done_goes_along(void **state)
{
    struct cloud c = {.late_etag = -1, .date = 1800000000};
    struct run r = {.cloud = &c};
    struct envelope e;
    (void)state;
    must_open(&r);
    must_begin(&r);
    record(&r, "cache");
    assert_true(state_beat(&r.state, &r.err));
    assert_int_equal(c.n_writes, 1);
    pass_time();
    c.date += 20;
    commit(&r.state);
    assert_true(state_beat(&r.state, &r.err));
    assert_int_equal(c.n_writes, 2);
    assert_true(cloud_has(&c, "cache"));
    read_cloud(&c, &e);
    assert_true(e.leased && e.lease.renewed >= e.lease.taken);
    envelope_release(&e);
    save(&r.state);
    end_run(&r);
    cloud_release(&c);
}

static void a_lease_that_was_taken_from_us_stops_the_run(void **state)
{
    struct cloud c = {.late_etag = -1, .date = 1800000000};
    struct run r = {.cloud = &c}, thief = {.cloud = &c, .folder = "elsewhere"};
    (void)state;
    must_open(&r);
    must_begin(&r);
    c.date += LEASE_SECONDS + 1;
    must_open(&thief);
    record(&thief, "rival");
    must_begin(&thief);
    pass_time();
    record(&r, "cache");
    assert_false(state_commit(&r.state, &r.err));
    assert_int_equal(r.err.code, ERR_LOCKED);
    assert_non_null(strstr(r.err.message, "was taken from us by "));
    assert_false(state_beat(&r.state, &r.err));
    assert_false(state_save(&r.state, &r.err));
    assert_int_equal(r.err.code, ERR_LOCKED);
    end_run(&r);
    assert_true(is_leased(&c));
    save(&thief.state);
    end_run(&thief);
    struct run next = {.cloud = &c};
    must_open(&next);
    assert_non_null(find(&next.state, "cache"));
    assert_non_null(find(&next.state, "rival"));
    end_run(&next);
    cloud_release(&c);
}

static void who_cannot_renew_goes_on_while_the_lease_holds_and_stops_before_it_ends(void **state)
{
    struct cloud c = {.late_etag = -1, .date = 1800000000};
    struct run r = {.cloud = &c};
    (void)state;
    set_wait_unit("10"); /* renewed after 0.2 s, given up after 0.55 s */
    must_open(&r);
    must_begin(&r);
    c.dead = true;
    wait_ms(250);
    record(&r, "cache");
    assert_true(state_commit(&r.state, &r.err));
    wait_ms(400);
    record(&r, "flags");
    assert_false(state_commit(&r.state, &r.err));
    assert_int_equal(r.err.code, ERR_AWAY);
    assert_non_null(strstr(r.err.message, "could not be renewed"));
    c.dead = false;
    save(&r.state); /* it is back: nothing is owed */
    end_run(&r);
    assert_true(cloud_has(&c, "cache") && cloud_has(&c, "flags"));
    assert_true(nothing_is_kept());
    cloud_release(&c);
}

static void a_lease_that_is_taken_first_lets_nobody_else_begin(void **state)
{
    struct cloud c = {.late_etag = -1, .date = 1800000000};
    struct run r = {.cloud = &c, .lease_first = true}, other = {.cloud = &c, .folder = "elsewhere"};
    (void)state;
    must_open(&r);
    assert_true(is_leased(&c));
    assert_false(open_run(&other));
    assert_int_equal(other.err.code, ERR_LOCKED);
    end_run(&r); /* it did nothing */
    assert_false(is_leased(&c));
    must_open(&other);
    assert_true(other.state.fresh);
    end_run(&other);
    cloud_release(&c);
}

/* ---- Services with locks --------------------------------------------------------------------- */

static void a_service_with_locks_is_locked_from_opening_to_closing(void **state)
{
    struct cloud c = {.late_etag = -1, .locks = true};
    struct run r = {.cloud = &c}, other = {.cloud = &c, .folder = "elsewhere"};
    (void)state;
    must_open(&r);
    assert_true(c.lock[0]);
    assert_false(open_run(&other));
    assert_int_equal(other.err.code, ERR_LOCKED);
    assert_non_null(strstr(other.err.message, "is in use by rival@elsewhere"));
    record(&r, "cache");
    must_begin(&r);
    assert_false(is_leased(&c)); /* the lock is the lease */
    save(&r.state);
    assert_true(c.lock[0]);
    end_run(&r);
    assert_false(c.lock[0]);
    assert_false(file_exists("kept/lease"));
    cloud_release(&c);
}

/* As on a machine that slept: nobody took it meanwhile. */
static void a_lock_that_ended_by_itself_is_taken_once_more_for_the_last_write(void **state)
{
    struct cloud c = {.late_etag = -1, .locks = true, .forgetful = true};
    struct run r = {.cloud = &c};
    (void)state;
    must_open(&r);
    must_begin(&r);
    record(&r, "cache");
    commit(&r.state);
    c.lock[0] = '\0';
    save(&r.state);
    end_run(&r);
    assert_true(cloud_has(&c, "cache"));
    assert_false(c.lock[0]);
    assert_true(nothing_is_kept());
    cloud_release(&c);
}

static void the_lock_of_a_killed_run_here_is_ours(void **state)
{
    struct cloud c = {.late_etag = -1, .locks = true};
    struct run killed = {.cloud = &c}, r = {.cloud = &c};
    (void)state;
    must_open(&killed);
    record(&killed, "cache");
    must_begin(&killed);
    kill_run(&killed);
    assert_true(c.lock[0]);
    must_open(&r);
    assert_non_null(find(&r.state, "cache"));
    end_run(&r);
    assert_false(c.lock[0]);
    cloud_release(&c);
}

static void a_folder_that_was_copied_is_not_the_one_that_holds_the_lock(void **state)
{
    struct cloud c = {.late_etag = -1, .locks = true};
    struct run killed = {.cloud = &c}, copied = {.cloud = &c, .folder = "copy"};
    (void)state;
    must_open(&killed);
    kill_run(&killed);
    assert_true(file_exists("kept/lease"));
    assert_int_equal(system("cp -a kept copy"), 0);
    assert_false(open_run(&copied));
    assert_int_equal(copied.err.code, ERR_LOCKED);
    cloud_release(&c);
}

/* ---- Interrupts, and services that are away -------------------------------------------------- */

static void an_interrupt_ends_no_write_that_must_be_made(void **state)
{
    struct cloud c = {.late_etag = -1};
    struct run r = {.cloud = &c};
    (void)state;
    must_open(&r);
    record(&r, "cache");
    must_begin(&r);
    r.interrupted = 1;
    assert_true(remote_stop_now(&r.stop));
    c.writes[0] = LOST; /* even one that has to be tried again */
    save(&r.state);
    end_run(&r);
    assert_true(cloud_has(&c, "cache"));
    assert_false(is_leased(&c));
    cloud_release(&c);
}

static void for_ids_alone_what_was_read_last_will_do(void **state)
{
    struct cloud c = {.late_etag = -1};
    struct run r = {.cloud = &c, .reads = true, .or_cached = true},
               never = {.cloud = &c, .reads = true, .or_cached = true, .folder = "elsewhere"},
               strict = {.cloud = &c, .reads = true};
    (void)state;
    apply(&c, "cache");
    c.dead = true;
    must_open(&r);
    assert_non_null(find(&r.state, "cache"));
    assert_non_null(strstr(r.told.data, "what was read of it last is used"));
    end_run(&r);
    must_open(&never);
    assert_true(never.state.fresh);
    assert_non_null(strstr(never.told.data, "as if nothing were recorded"));
    end_run(&never);
    assert_false(open_run(&strict));
    assert_int_equal(strict.err.code, ERR_AWAY);
    cloud_release(&c);
}

/* A second of waiting is short; a renewal is due after one of ours. */
static int enter(void **state)
{
    return setenv("CFKV_WAIT_UNIT_MS", "50", 1) == 0 ? enter_folder(state) : -1;
}

#define in_a_folder(test) cmocka_unit_test_setup_teardown(test, enter, leave_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_folder(an_apply_is_a_read_and_two_writes),
        in_a_folder(a_run_that_changes_nothing_reads_once_and_writes_nothing),
        in_a_folder(a_second_beginning_puts_what_became_known_since),
        in_a_folder(a_write_whose_end_nobody_told_is_found_out),
        in_a_folder(a_beginning_that_is_out_of_reach_leaves_nothing_to_finish),
        in_a_folder(a_state_that_nobody_could_read_again_is_not_written),
        in_a_folder(whoever_begins_too_late_changes_nothing_and_is_told),
        in_a_folder(a_service_that_does_not_look_is_looked_at_before_each_write),
        in_a_folder(what_could_not_be_written_is_written_by_the_next_run),
        in_a_folder(who_only_looks_sees_it_and_writes_nothing),
        in_a_folder(it_goes_together_with_what_others_wrote_meanwhile),
        in_a_folder(what_contradicts_is_refused_and_stays),
        in_a_folder(a_state_that_is_gone_or_another_is_no_place_for_it),
        in_a_folder(a_write_that_happened_is_not_done_again_after_others_removed_it),
        in_a_folder(a_lease_of_another_is_refused_with_who_and_what_to_do),
        in_a_folder(a_lease_that_is_over_is_taken_over_and_told),
        in_a_folder(where_the_service_tells_no_time_a_lease_is_over_later),
        in_a_folder(what_is_kept_and_damaged_is_told_and_stays),
        in_a_folder(the_lease_of_a_killed_run_here_is_no_hindrance),
        in_a_folder(a_lease_is_kept_and_what_was_done_goes_along),
        in_a_folder(a_lease_that_was_taken_from_us_stops_the_run),
        in_a_folder(who_cannot_renew_goes_on_while_the_lease_holds_and_stops_before_it_ends),
        in_a_folder(a_lease_that_is_taken_first_lets_nobody_else_begin),
        in_a_folder(a_service_with_locks_is_locked_from_opening_to_closing),
        in_a_folder(a_lock_that_ended_by_itself_is_taken_once_more_for_the_last_write),
        in_a_folder(the_lock_of_a_killed_run_here_is_ours),
        in_a_folder(a_folder_that_was_copied_is_not_the_one_that_holds_the_lock),
        in_a_folder(an_interrupt_ends_no_write_that_must_be_made),
        in_a_folder(for_ids_alone_what_was_read_last_will_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
