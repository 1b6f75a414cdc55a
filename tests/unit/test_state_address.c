/* Where a state is kept: what an address says, which are one place, and which are refused. */
#include "test_base.h"

#include "state/address.h"

static struct arena arena;

static int release(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

static struct state_address parse(const struct state_said *said)
{
    struct state_address a;
    struct error err = {0};
    if (!state_address_parse(&arena, said, &a, &err))
        fail_msg("'%s': %s", said->url, err.message);
    return a;
}

static struct state_address parse_url(const char *url)
{
    return parse(&(struct state_said){.url = url});
}

static void what_has_no_scheme_is_a_file(void **state)
{
    struct state_address a = parse_url("../states/shop.json");
    (void)state;
    assert_int_equal(a.kind, STATE_FILE);
    assert_string_equal(a.path, "../states/shop.json");
    assert_null(state_address_host(&arena, &a));
}

static void s3_is_a_bucket_and_a_key(void **state)
{
    struct state_address a = parse(&(struct state_said){
        .url = "s3://team-states/shop/kv.state.json",
        .endpoint = "https://0123456789ABCDEF0123456789abcdef.R2.cloudflarestorage.com:443/",
        .region = "auto"});
    (void)state;
    assert_int_equal(a.kind, STATE_S3);
    assert_string_equal(a.bucket, "team-states");
    assert_string_equal(a.key, "shop/kv.state.json");
    assert_string_equal(a.endpoint,
                        "https://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com");
    assert_string_equal(a.region, "auto");
    assert_string_equal(state_address_host(&arena, &a),
                        "0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com");
    assert_null(parse_url("s3://team-states/k").endpoint);
}

static void another_endpoint_is_another_place_and_another_region_is_not(void **state)
{
    struct state_said said = {.url = "s3://states/k", .endpoint = "https://a.example"};
    struct state_address a = parse(&said), b;
    (void)state;
    said.region = "auto";
    b = parse(&said);
    assert_true(state_address_same(&a, &b));
    said.endpoint = "https://b.example";
    b = parse(&said);
    assert_false(state_address_same(&a, &b));
}

static void a_url_is_locked_by_lock_and_unlock_of_itself(void **state)
{
    struct state_address a = parse_url("https://State.Example:443/shop?a=B");
    (void)state;
    assert_int_equal(a.kind, STATE_HTTP);
    assert_string_equal(a.url, "https://state.example/shop?a=B");
    assert_string_equal(a.text, "https://State.Example:443/shop?…");
    assert_string_equal(a.lock_url, a.url);
    assert_string_equal(a.unlock_url, a.url);
    assert_string_equal(a.lock_method, "LOCK");
    assert_string_equal(a.unlock_method, "UNLOCK");
    assert_string_equal(a.update_method, "POST");
    assert_false(a.gitlab);
}

static void gitlab_and_gitea_are_locked_beside(void **state)
{
    struct state_address a =
        parse_url("https://gitlab.example/api/v4/projects/42/terraform/state/shop");
    struct state_address b =
        parse_url("https://gitea.example/api/packages/me/terraform/state/shop");
    (void)state;
    assert_string_equal(a.lock_url,
                        "https://gitlab.example/api/v4/projects/42/terraform/state/shop/lock");
    assert_string_equal(a.unlock_url, a.lock_url);
    assert_string_equal(a.lock_method, "POST");
    assert_string_equal(a.unlock_method, "DELETE");
    assert_true(a.gitlab);
    assert_string_equal(b.lock_url,
                        "https://gitea.example/api/packages/me/terraform/state/shop/lock");
    assert_false(b.gitlab);
}

static void what_is_said_of_locking_counts(void **state)
{
    struct state_address a = parse(&(struct state_said){
        .url = "https://h.example/s", .lock_address = "https://h.example/l", .lock_method = "PUT"});
    (void)state;
    assert_string_equal(a.lock_url, "https://h.example/l");
    assert_string_equal(a.unlock_url, "https://h.example/l");
    assert_string_equal(a.lock_method, "PUT");
    assert_string_equal(a.unlock_method, "UNLOCK");
}

static void terraforms_variables_count_where_they_name_the_url(void **state)
{
    struct state_said said = {.url = "https://h.example/s", .lock_method = "LOCK"};
    struct state_said t = {.url = "https://H.example:443/s",
                           .lock_address = "https://h.example/lock",
                           .lock_method = "PUT",
                           .unlock_method = "DELETE",
                           .update_method = "PUT"};
    struct state_address a = parse(&said), b = parse(&said);
    struct error err = {0};
    (void)state;
    assert_true(state_address_follow(&arena, &said, &t, &a, &err));
    assert_string_equal(a.lock_url, "https://h.example/lock");
    assert_string_equal(a.unlock_url, "https://h.example/lock");
    assert_string_equal(a.lock_method, "LOCK"); /* said in the configuration */
    assert_string_equal(a.unlock_method, "DELETE");
    assert_string_equal(a.update_method, "PUT");
    t.url = "https://other.example/s";
    assert_true(state_address_follow(&arena, &said, &t, &b, &err));
    assert_string_equal(b.lock_url, "https://h.example/s");
    t.url = "https://h.example/s";
    t.lock_address = "https://evil.example/lock";
    assert_false(state_address_follow(&arena, &said, &t, &b, &err));
    assert_string_equal(err.message, "TF_HTTP_LOCK_ADDRESS 'https://evil.example/lock' is on "
                                     "another host than the state");
}

struct refused {
    struct state_said said;
    const char *part; /* of the message */
};

static void what_is_no_address_is_refused_by_what_is_wrong(void **state)
{
    static const struct refused refused[] = {
        {{.url = ""}, "no address"},
        {{.url = "gs://states/k"}, "of no kind"},
        {{.url = "r2://states/k"}, "of no kind"},
        {{.url = "kv://ns/k"}, "60 seconds"},
        {{.url =
              "https://api.cloudflare.com/client/v4/accounts/a/storage/kv/namespaces/n/values/k"},
         "60 seconds"},
        {{.url = "http://state.example/s"}, "plain http"},
        {{.url = "https:///s"}, "no valid host"},
        {{.url = "https://h.example:0/s"}, "no valid host"},
        {{.url = "https://h.example:99999/s"}, "no valid host"},
        {{.url = "https://h..example/s"}, "no valid host"},
        {{.url = "https://h%2eexample/s"}, "no valid host"},
        {{.url = "https://h.example"}, "no path"},
        {{.url = "https://h.example/"}, "no path"},
        {{.url = "https://h.example/a/../b"}, "'.' or '..'"},
        {{.url = "https://h.example/a#b"}, "fragment"},
        {{.url = "https://h.example\\evil/a"}, "no URL may"},
        {{.url = "https://h.example/a b"}, "no URL may"},
        {{.url = "s3://"}, "names no bucket"},
        {{.url = "s3://ab/k"}, "no valid bucket"},
        {{.url = "s3://States/k"}, "no valid bucket"},
        {{.url = "s3://states"}, "has no key"},
        {{.url = "s3://states/"}, "has no key"},
        {{.url = "s3://states/a/"}, "slash"},
        {{.url = "s3://states/a//b"}, "between slashes"},
        {{.url = "s3://states/../b"}, "'..'"},
        {{.url = "s3://states/a/./b"}, "'.'"},
        {{.url = "s3://states/a%2Fb"}, "a character"},
        {{.url = "s3://states/a=b"}, "a character"},
        {{.url = "s3://states/a?b"}, "query"},
        {{.url = "s3://states:99/a"}, "port"},
        {{.url = "s3://states/a", .endpoint = "r2.example"}, "https://"},
        {{.url = "s3://states/a", .endpoint = "http://r2.example"}, "plain http"},
        {{.url = "s3://states/a", .endpoint = "https://r2.example/?x"}, "query"},
        {{.url = "s3://states/a", .region = "eu west"}, "no region"},
        {{.url = "s3://states/a", .lock_address = "https://h.example/l"}, "goes with https://"},
        {{.url = "https://h.example/s", .endpoint = "https://h.example"}, "goes with s3://"},
        {{.url = "https://h.example/s", .lock_address = "https://evil.example/s"}, "another host"},
        {{.url = "https://h.example/s", .lock_address = "http://h.example/s"}, "plain http"},
        {{.url = "https://h.example/s", .unlock_address = "/lock"}, "no URL"},
        {{.url = "https://h.example/s", .lock_method = "lock"}, "no method"},
        {{.url = "https://h.example/s", .unlock_method = "A\r\nB: c"}, "no method"},
        {{.url = "state.json", .region = "auto"}, "goes with s3://"},
    };
    (void)state;
    for (size_t i = 0; i < N_OF(refused); i++) {
        struct state_address a;
        struct error err = {0};
        if (state_address_parse(&arena, &refused[i].said, &a, &err))
            fail_msg("'%s' is taken", refused[i].said.url);
        assert_int_equal(err.code, ERR_USAGE);
        if (!strstr(err.message, refused[i].part))
            fail_msg("'%s': %s", refused[i].said.url, err.message);
    }
}

static void no_message_shows_a_credential(void **state)
{
    static const struct state_said said[] = {
        {.url = "https://me:hunter2@h.example/s"},
        {.url = "https://me:hun/hunter2@h.example/s"},
        {.url = "s3://id:hunter2@states/k"},
        {.url = "gs://hunter2@states/k"},
        {.url = "https://h.example/s?private_token=hunter2"},
        {.url = "https://h.example/../s?a=hunter2"},
        {.url = "https://h.example/s?X-Amz-Signature=hunter2"},
        {.url = "http://h.example/s?x=hunter2"},
        {.url = "s3://states/k", .endpoint = "https://me:hunter2@r2.example"},
        {.url = "https://h.example/s", .lock_address = "https://h.example/s?Token=hunter2"},
    };
    (void)state;
    for (size_t i = 0; i < N_OF(said); i++) {
        struct state_address a;
        struct error err = {0};
        assert_false(state_address_parse(&arena, &said[i], &a, &err));
        if (strstr(err.message, "hunter2") || strstr(err.hint, "hunter2"))
            fail_msg("shown: %s (%s)", err.message, err.hint);
    }
}

static void loopback_may_be_plain(void **state)
{
    struct state_address a = parse_url("http://127.0.0.1:8787/shop");
    struct state_address b = parse(&(struct state_said){
        .url = "s3://states/k", .endpoint = "http://[::1]:9000/cdn-cgi/local/r2/s3"});
    (void)state;
    assert_string_equal(state_address_host(&arena, &a), "127.0.0.1:8787");
    assert_string_equal(state_address_host(&arena, &b), "[::1]:9000");
}

static void a_hash_is_of_the_place(void **state)
{
    char a[STATE_ADDRESS_HASH_SIZE], b[STATE_ADDRESS_HASH_SIZE];
    struct state_address one = parse_url("https://h.example/s");
    struct state_address same = parse_url("https://H.example:443/s");
    (void)state;
    state_address_hash(&one, a);
    state_address_hash(&same, b);
    assert_string_equal(a, b);
    assert_int_equal(strlen(a), 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_has_no_scheme_is_a_file),
        cmocka_unit_test(s3_is_a_bucket_and_a_key),
        cmocka_unit_test(another_endpoint_is_another_place_and_another_region_is_not),
        cmocka_unit_test(a_url_is_locked_by_lock_and_unlock_of_itself),
        cmocka_unit_test(gitlab_and_gitea_are_locked_beside),
        cmocka_unit_test(what_is_said_of_locking_counts),
        cmocka_unit_test(terraforms_variables_count_where_they_name_the_url),
        cmocka_unit_test(what_is_no_address_is_refused_by_what_is_wrong),
        cmocka_unit_test(no_message_shows_a_credential),
        cmocka_unit_test(loopback_may_be_plain),
        cmocka_unit_test(a_hash_is_of_the_place),
    };
    return cmocka_run_group_tests(tests, NULL, release);
}
