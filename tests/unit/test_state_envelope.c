/* The document on a service: what is read of it, what is carried along, and what is refused. */
#include "test_base.h"

#include <stdlib.h>
#include <string.h>

#include "state/envelope.h"

#define HEAD                                                                                       \
    "{\"cfkv_state\": 1, \"lease\": null, \"lineage\": \"4f3c\", \"nonce\": "                      \
    "\"0123456789abcdef0123456789abcdef\", \"serial\": 7"

static bool read_text(struct envelope *e, const char *text, struct error *err)
{
    struct buf copy = {0};
    *err = (struct error){0};
    buf_add_str(&copy, text);
    bool ok = envelope_read(e, &copy, "s3://b/k", err);
    assert_null(copy.data);
    return ok;
}

static void must_read(struct envelope *e, const char *text)
{
    struct error err;
    if (!read_text(e, text, &err))
        fail_msg("%s", err.message);
}

static void refused(const char *text, const char *message, const char *hint)
{
    struct envelope e;
    struct error err;
    assert_false(read_text(&e, text, &err));
    assert_int_equal(err.code, ERR_FORMAT);
    if (!strstr(err.message, message) || !strstr(err.hint, hint))
        fail_msg("%s / %s", err.message, err.hint);
}

static void what_is_no_envelope_is_refused_by_what_it_is(void **state)
{
    (void)state;
    refused("", "s3://b/k is empty", "earlier version");
    refused("  <!DOCTYPE html><p>", "answers with a page (HTML)", "login page");
    refused("{\"version\": 4, \"terraform_version\": \"1.11.4\", \"serial\": 3}",
            "holds a state of Terraform's", "another address");
    refused("{\"accounts\": {}, \"version\": 2}", "without its envelope", "cfkv state push FILE");
    refused("{\"hello\": 1}", "something else than a state of cfkv", "another address");
    refused("[1]", "something else than a state of cfkv", "another address");
    refused("nonsense", "is damaged", "earlier version");
    refused("{\"cfkv_state\": 1", "is damaged", "earlier version");
    refused("{\"cfkv_state\": 2, \"serial\": 1}", "envelope version 2", "newer cfkv");
}

static void members_of_a_wrong_type_are_damage(void **state)
{
    (void)state;
    refused("{\"cfkv_state\": \"1\"}", "member 'cfkv_state'", "earlier version");
    refused("{\"cfkv_state\": 1}", "member 'lineage'", "earlier version");
    refused(HEAD ", \"state\": [] }", "member 'state' is not an object", "");
    refused(HEAD ", \"service\": \"x\" }", "member 'service' is not an object", "");
    refused(HEAD ", \"past\": {} }", "member 'past'", "");
    refused(HEAD ", \"serial\": 8 }", "'serial' is there twice", "");
    refused(
        "{\"cfkv_state\": 1, \"lease\": null, \"lineage\": \"l\", \"nonce\": \"n\", \"serial\": "
        "-1}",
        "member 'serial'", "");
}

static void the_state_is_carried_along_byte_for_byte(void **state)
{
    static const char document[] = "{ \"b\":1,\n\t\"a\": [1.0, 1e40, \"\\u0041}\"] }";
    struct envelope e;
    struct buf text = {0}, out = {0};
    (void)state;
    buf_addf(&text, HEAD ", \"state\" :  %s , \"zone\": {\"x\" : [ ]}}", document);
    must_read(&e, text.data);
    envelope_print_state(&e, &out);
    assert_int_equal(out.len, sizeof document);
    assert_memory_equal(out.data, document, sizeof document - 1);
    assert_int_equal(out.data[out.len - 1], '\n');
    buf_clear(&out);
    envelope_print(&e, &out);
    assert_non_null(strstr(out.data, document));
    assert_non_null(strstr(out.data, "\"zone\": {\"x\" : [ ]}"));
    envelope_release(&e);
    must_read(&e, out.data);
    assert_int_equal(e.serial, 7);
    assert_int_equal(e.n_others, 1);
    envelope_release(&e);
    buf_release(&text);
    buf_release(&out);
}

static void each_writing_has_a_serial_and_a_nonce_of_its_own_and_the_last_are_kept(void **state)
{
    struct envelope e;
    struct error err;
    char first[ENVELOPE_NONCE_SIZE];
    (void)state;
    assert_true(envelope_make(&e, &err));
    assert_int_equal(strlen(e.lineage), 36);
    struct envelope read;
    struct buf text = {0};
    envelope_print(&e, &text);
    must_read(&read, text.data); /* before its first writing, too */
    envelope_release(&read);
    buf_release(&text);
    assert_true(envelope_renew(&e, &err));
    assert_int_equal(e.serial, 1);
    memcpy(first, e.nonce, sizeof first);
    for (int i = 0; i < ENVELOPE_PAST; i++) {
        assert_true(envelope_follows(&e, first));
        assert_true(envelope_renew(&e, &err));
    }
    assert_true(envelope_follows(&e, first));
    assert_true(envelope_renew(&e, &err));
    assert_false(envelope_follows(&e, first));
    assert_false(envelope_follows(&e, ""));
    assert_int_equal(e.serial, ENVELOPE_PAST + 2);
    envelope_release(&e);
}

static void a_lease_that_makes_no_sense_is_somebodys(void **state)
{
    static const char *const leases[] = {"\"x\"", "{\"seconds\": \"x\"}", "[]", "7"};
    (void)state;
    for (size_t i = 0; i < N_OF(leases); i++) {
        struct envelope e;
        struct error err = {0};
        struct buf text = {0};
        buf_addf(&text,
                 "{\"cfkv_state\": 1, \"lease\": %s, \"lineage\": \"l\", \"nonce\": \"n\", "
                 "\"serial\": 1}",
                 leases[i]);
        if (!envelope_read(&e, &text, "s3://b/k", &err))
            fail_msg("%s: %s", leases[i], err.message);
        assert_true(e.leased);
        assert_string_equal(e.lease.id, "");
        assert_int_equal(e.lease.seconds, 0);
        envelope_release(&e);
    }
}

static void a_lease_is_read_as_it_was_written(void **state)
{
    struct envelope e, read;
    struct error err;
    struct buf text = {0};
    (void)state;
    assert_true(envelope_make(&e, &err));
    assert_true(envelope_renew(&e, &err));
    assert_true(lease_make(&e.lease, "cfkv apply", &err));
    e.leased = true;
    e.lease.taken = 100;
    e.lease.renewed = 120;
    envelope_print(&e, &text);
    must_read(&read, text.data);
    assert_true(read.leased);
    assert_string_equal(read.lease.id, e.lease.id);
    assert_string_equal(read.lease.who, e.lease.who);
    assert_string_equal(read.lease.command, "cfkv apply");
    assert_int_equal(read.lease.pid, getpid());
    assert_false(lease_expired(&read.lease, 120 + LEASE_SECONDS - 1));
    assert_true(lease_expired(&read.lease, 120 + LEASE_SECONDS));
    envelope_release(&e);
    envelope_release(&read);
    buf_release(&text);
}

static void terraforms_lock_info_is_read_as_a_lease(void **state)
{
    struct lease l;
    int64_t expires;
    struct buf words = {0};
    (void)state;
    assert_true(lease_read_lock_info(
        TEXT("{\"ID\":\"b1\",\"Operation\":\"OperationTypeApply\",\"Info\":\"\",\"Who\":"
             "\"anna@build-7\",\"Version\":\"1.11.4\",\"Created\":\"2026-11-30T10:00:00.5Z\","
             "\"Path\":\"\"}"),
        &l, &expires));
    assert_string_equal(l.who, "anna@build-7");
    assert_string_equal(l.host, "build-7");
    assert_int_equal(l.seconds, 0);
    assert_false(lease_expired(&l, INT64_MAX));
    lease_words(&l, l.taken + 200, &words);
    assert_buf(&words, "anna@build-7 (OperationTypeApply, for 3 min)");
    assert_false(lease_read_lock_info(TEXT("{\"Who\":\"x\"}"), &l, &expires));
    assert_false(lease_read_lock_info(TEXT("locked"), &l, &expires));
    assert_false(lease_read_lock_info(TEXT(""), &l, &expires));
    buf_release(&words);
}

static void our_lock_info_is_read_as_it_was_written(void **state)
{
    struct lease l, read;
    struct error err;
    struct buf info = {0};
    int64_t expires;
    (void)state;
    setenv("CI_JOB_URL", "https://gitlab.example/j/1", 1);
    assert_true(lease_make(&l, "cfkv apply", &err));
    unsetenv("CI_JOB_URL");
    l.taken = 1800000000;
    lease_write_lock_info(&l, "s3://b/k", true, &info);
    assert_true(lease_read_lock_info(buf_bytes(&info), &read, &expires));
    assert_string_equal(read.id, l.id);
    assert_string_equal(read.command, "cfkv apply");
    assert_string_equal(read.job, "https://gitlab.example/j/1");
    assert_int_equal(read.pid, l.pid);
    assert_int_equal(read.taken, l.taken);
    assert_int_equal(read.seconds, LEASE_SECONDS);
    buf_release(&info);
}

static void what_a_holder_says_of_himself_cannot_forge_a_line(void **state)
{
    struct lease l;
    int64_t expires;
    struct buf words = {0};
    (void)state;
    assert_true(lease_read_lock_info(
        TEXT("{\"ID\":\"x\",\"Who\":\"a\\nerror: \\u001b[2Jb\",\"Operation\":\"o\"}"), &l,
        &expires));
    lease_words(&l, 0, &words);
    assert_null(strchr(words.data, '\n'));
    assert_null(strchr(words.data, '\x1b'));
    buf_release(&words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_envelope_is_refused_by_what_it_is),
        cmocka_unit_test(members_of_a_wrong_type_are_damage),
        cmocka_unit_test(the_state_is_carried_along_byte_for_byte),
        cmocka_unit_test(each_writing_has_a_serial_and_a_nonce_of_its_own_and_the_last_are_kept),
        cmocka_unit_test(a_lease_that_makes_no_sense_is_somebodys),
        cmocka_unit_test(a_lease_is_read_as_it_was_written),
        cmocka_unit_test(terraforms_lock_info_is_read_as_a_lease),
        cmocka_unit_test(our_lock_info_is_read_as_it_was_written),
        cmocka_unit_test(what_a_holder_says_of_himself_cannot_forge_a_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
