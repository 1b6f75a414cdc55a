#include "test_base.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "store/cloudflare_answer.h"

/* An id that ends in `digit`, and what is said of one that is none. */
#define ID(digit) "0000000000000000000000000000000" digit
#define NO_ID     "'id' is not 32 lowercase hexadecimal digits"

/* ---- One line each --------------------------------------------------------------------------- */

static struct arena arena;
static struct error err;
static struct answer answer;

/* JSON with ' for ". */
static struct bytes json(const char *text)
{
    char *copy = arena_str(&arena, text);
    assert_non_null(copy);
    for (char *c = copy; *c; c++)
        if (*c == '\'')
            *c = '"';
    return bytes_of(copy);
}

/* A success with these further members. */
static struct bytes success(const char *members)
{
    char *text = arena_printf(&arena, "{'success':true,'errors':[],'messages':[],%s}", members);
    assert_non_null(text);
    return json(text);
}

/* What was built, for as long as the test runs. */
static struct bytes built(struct buf *b)
{
    struct bytes copy = arena_copy(&arena, buf_bytes(b));
    buf_release(b);
    return copy;
}

static void expect(bool ok)
{
    if (!ok)
        fail_msg("%s", err.message);
    assert_true(answer.success);
}

static void expect_format(bool ok, const char *message)
{
    assert_false(ok);
    assert_int_equal(err.code, ERR_FORMAT);
    assert_string_equal(err.message, message);
}

static const struct answer *refusal(struct bytes body)
{
    answer = answer_refusal(body);
    return &answer;
}

static void expect_refusal(struct bytes body, int64_t code, const char *message)
{
    refusal(body);
    assert_int_equal(answer.code, code);
    assert_string_equal(answer.message, message);
}

static void expect_nothing(struct bytes body)
{
    expect_refusal(body, 0, "");
    assert_false(answer.is_envelope);
    assert_false(answer.success);
}

static struct store_namespace ns;
static struct answer_namespaces namespaces;
static struct answer_accounts accounts;
static struct answer_keys keys;
static struct answer_bulk bulk;
static struct bytes metadata;

static bool read_plain(struct bytes body)
{
    return answer_plain(body, &answer, &err);
}

static bool read_namespace(struct bytes body)
{
    return answer_namespace(body, &arena, &answer, &ns, &err);
}

static bool read_namespaces(struct bytes body)
{
    return answer_namespaces(body, &arena, &answer, &namespaces, &err);
}

static bool read_accounts(struct bytes body)
{
    return answer_accounts(body, &arena, &answer, &accounts, &err);
}

static bool read_keys(struct bytes body)
{
    return answer_keys(body, &arena, &answer, &keys, &err);
}

static bool read_bulk(struct bytes body)
{
    return answer_bulk(body, &arena, &answer, &bulk, &err);
}

static bool read_metadata(struct bytes body)
{
    return answer_metadata(body, &arena, &answer, &metadata, &err);
}

/* What on_pair was given. */
static struct store_pair pairs[STORE_GET_MAX];
static size_t n_pairs, pairs_until_error;

static struct bytes kept(struct bytes b)
{
    return b.data ? arena_copy(&arena, b) : b;
}

static bool keep_pair(void *ctx, const struct store_pair *pair, struct error *e)
{
    struct store_pair *copy = &pairs[n_pairs];
    (void)ctx;
    if (n_pairs == pairs_until_error)
        return error_set(e, ERR_IO, "the disk is full");
    *copy = *pair;
    n_pairs++;
    copy->key = kept(pair->key);
    copy->value = kept(pair->value);
    copy->metadata = kept(pair->metadata);
    return true;
}

static bool read_values(struct bytes body)
{
    n_pairs = 0;
    return answer_values(body, &answer, keep_pair, NULL, &err);
}

static bool (*const readers[])(struct bytes body) = {read_plain,    read_namespace, read_namespaces,
                                                     read_accounts, read_keys,      read_values,
                                                     read_bulk,     read_metadata};

static int fresh(void **state)
{
    (void)state;
    err = (struct error){.code = ERR_NONE};
    memset(&answer, 0x5A, sizeof answer);
    pairs_until_error = SIZE_MAX;
    return 0;
}

static int done(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

/* ---- Refusals -------------------------------------------------------------------------------- */

static void a_refusal_gives_code_and_message_of_its_envelope(void **state)
{
    (void)state;
    expect_refusal(json("{'success':false,'errors':[{'code':10013,'message':'namespace not found',"
                        "'documentation_url':'https://x','source':{'pointer':'/id'}}],"
                        "'messages':[],'result':null}"),
                   10013, "namespace not found");
    assert_true(answer.is_envelope);
    assert_false(answer.success);
}

static void the_first_error_that_has_one_gives_the_code_and_the_message(void **state)
{
    (void)state;
    expect_refusal(
        json("{'errors':[{'message':''},7,null,[],{'code':0},{'code':7003,'message':'a'},"
             "{'code':7000,'message':'b'}],'success':false}"),
        7003, "a");
    expect_refusal(json("{'success':false,'errors':[{'message':'a'},{'code':5,'message':'b'}]}"), 5,
                   "a");
}

static void only_errors_count_not_messages(void **state)
{
    (void)state;
    expect_refusal(json("{'success':true,'errors':[],'messages':[{'code':10000,"
                        "'message':'This API Token is valid and active'}]}"),
                   0, "");
    assert_true(answer.success);
    expect(read_plain(json("{'success':true,'errors':[],'result':{},'messages':[{'code':10000,"
                           "'message':'This API Token is valid and active'}]}")));
    assert_int_equal(answer.code, 0);
}

static void a_refusal_may_have_other_shapes(void **state)
{
    (void)state;
    expect_refusal(json("{'code':10405,'error':'method not allowed'}"), 10405,
                   "method not allowed");
    assert_false(answer.is_envelope);
    expect_refusal(json("{'success':false,'errors':['no code here']}"), 0, "no code here");
    expect_refusal(json("{'success':false,'errors':[]}"), 0, "");
    expect_refusal(json("{'success':false,'errors':null}"), 0, "");
    expect_refusal(json("{'success':false,'errors':{'code':1}}"), 0, "");
    expect_refusal(json("{'success':false,'errors':[{'code':'1','message':{}}]}"), 0, "");
    expect_refusal(json("{'success':false,'errors':[{'code':-1},{'code':1.5},{'code':1e99}]}"), 0,
                   "");
    expect_refusal(json("{'errors':[{'message':'unknown field'}],'data':null}"), 0,
                   "unknown field");
    expect_refusal(json("{'code':1,'error':'a','errors':[{'code':2,'message':'b'}]}"), 2, "b");
}

static void success_counts_only_as_a_boolean(void **state)
{
    (void)state;
    static const char *const bodies[] = {"{}", "{'success':null}", "{'success':'true'}",
                                         "{'success':1}", "{'success':[true]}"};
    for (size_t i = 0; i < N_OF(bodies); i++)
        expect_nothing(json(bodies[i]));
    assert_true(refusal(json("{'success':true}"))->is_envelope);
    assert_true(answer.success);
}

static void the_title_of_a_page_is_its_message(void **state)
{
    (void)state;
    expect_refusal(TEXT("<!DOCTYPE html>\n<html><head>\n<TITLE lang=en>\n  api.cloudflare.com |\n"
                        "  524: A timeout occurred\n</Title>"),
                   0, "api.cloudflare.com | 524: A timeout occurred");
    expect_refusal(TEXT("\xef\xbb\xbf \r\n<title>\xff\x1b[2J</title>"), 0, "\\xFF\\x1B[2J");
    assert_false(answer.is_envelope);
    expect_nothing(TEXT("<html><title>cut off"));
    expect_nothing(TEXT("<title"));
    expect_nothing(TEXT("<titl"));
    expect_nothing(TEXT("<"));
    expect_nothing(TEXT("<title></title>"));
    expect_nothing(TEXT("no page <title>x</title>"));
}

static void what_cannot_be_read_says_nothing(void **state)
{
    (void)state;
    expect_nothing(bytes_make(NULL, 0));
    expect_nothing(TEXT(" \n"));
    expect_nothing(TEXT("\0"));
    expect_nothing(TEXT("error code: 1020"));
    expect_nothing(json("'text'"));
    expect_nothing(json("[{'code':1,'message':'a'}]"));
    expect_nothing(json("{'success':false,'errors':[{'code':1,'message':'a'}]"));
    expect_nothing(json("{'success':false,'errors':[{'code':1,'message':'a'}]}{}"));
}

static void a_refusal_that_says_it_twice_says_nothing(void **state)
{
    (void)state;
    expect_nothing(json("{'success':false,'errors':[{'code':1}],'errors':[{'code':2}]}"));
    expect_nothing(json("{'success':false,'errors':[{'code':1,'code':2}]}"));
    expect_nothing(json("{'success':false,'success':true}"));
}

static void a_message_is_one_harmless_line(void **state)
{
    (void)state;
    expect_refusal(json("{'errors':['\\n get:\\t\\r\\n\\u001b[31m\\u0000\\u202e\\u0085 x ']}"), 0,
                   "get: \\x1B[31m\\x00\\xE2\\x80\\xAE\\xC2\\x85 x");
    expect_refusal(TEXT("{\"errors\":[\"put: 'k\xc3\xa4se' \\\"\xe2\x82\xac\\\"\"]}"), 0,
                   "put: 'k\xc3\xa4se' \"\xe2\x82\xac\"");
    expect_refusal(json("{'errors':[' \\n ','second']}"), 0, "second");
}

static void a_message_that_was_cut_inside_a_character_keeps_its_code(void **state)
{
    (void)state;
    expect_refusal(
        TEXT("{\"success\":false,\"errors\":[{\"code\":10042,\"message\":\"bad \xe2\x82\"}]}"),
        10042, "bad \xef\xbf\xbd\xef\xbf\xbd");
    assert_true(answer.is_envelope);
    expect_nothing(TEXT("\xff{\"success\":false,\"errors\":[{\"code\":1}]}"));
}

/* A refusal whose message is `before` x's and `then`. */
static struct bytes long_refusal(size_t before, const char *then)
{
    struct buf b = {0};
    buf_add_str(&b, "{\"errors\":[{\"code\":7,\"message\":\"");
    for (size_t i = 0; i < before; i++)
        buf_add_char(&b, 'x');
    buf_addf(&b, "%s\"}]}", then);
    return built(&b);
}

static void a_long_message_is_cut_between_characters(void **state)
{
    (void)state;
    assert_int_equal(strlen(refusal(long_refusal(255, ""))->message), 255);
    for (size_t before = 245; before < 260; before++) {
        const char *message = refusal(long_refusal(before, "\xf0\x9f\x98\x80..."))->message;
        size_t len = strlen(message);
        assert_true(len >= 250 && utf8_valid(bytes_of(message)));
        if (before > 248)
            assert_string_equal(message + len - 3, "\xe2\x80\xa6");
    }
    refusal(long_refusal((size_t)10 << 20, ""));
    assert_int_equal(answer.code, 7);
    assert_int_equal(strlen(answer.message), 255);
}

static void deep_nesting_is_no_problem(void **state)
{
    struct buf b = {0};
    (void)state;
    buf_add_str(&b, "{\"result\":");
    for (size_t i = 0; i < 100000; i++)
        buf_add_str(&b, i % 2 == 0 ? "[" : "{\"a\":");
    expect_nothing(buf_bytes(&b));
    for (size_t i = 0; i < N_OF(readers); i++)
        expect_format(readers[i](buf_bytes(&b)),
                      "the answer is not JSON: at byte 198: more than 64 levels deep");
    buf_release(&b);
}

/* ---- The envelope of a success --------------------------------------------------------------- */

static void every_parser_wants_an_envelope(void **state)
{
    static const struct {
        const char *body, *message;
    } cases[] = {
        {"<html>", "the answer is not JSON: at byte 1: unexpected character"},
        {" ", "the answer is not JSON: at byte 1: the document ends too early"},
        {"{'success':true,}", "the answer is not JSON: at byte 17: a member name must be a string"},
        {"{'success':true}x", "the answer is not JSON: at byte 17: something follows the document"},
        {"[]", "the answer is an array, not an object"},
        {"'x'", "the answer is a string, not an object"},
        {"1", "the answer is an integer, not an object"},
        {"-1.5e3", "the answer is a number, not an object"},
        {"null", "the answer is null, not an object"},
        {"{}", "the answer has no boolean 'success'"},
        {"{'success':'true'}", "the answer has no boolean 'success'"},
        {"{'success':true,'success':true}", "the member 'success' is there twice"},
        {"{'success':true,'errors':[],'errors':[]}", "the member 'errors' is there twice"},
        {"{'success':true,'messages':[],'messages':[]}", "the member 'messages' is there twice"},
        {"{'success':false,'result':1,'result':2}", "the member 'result' is there twice"},
        {"{'success':true,'result':1,'r\\u0065sult':2}", "the member 'result' is there twice"},
        {"{'success':true,'result_info':{},'result_info':{}}",
         "the member 'result_info' is there twice"},
        {"{'success':false,'errors':[{'message':'','message':''}]}",
         "the member 'message' is there twice"},
    };
    (void)state;
    for (size_t i = 0; i < N_OF(cases); i++)
        for (size_t r = 0; r < N_OF(readers); r++)
            expect_format(readers[r](json(cases[i].body)), cases[i].message);
    for (size_t r = 1; r < N_OF(readers); r++)
        expect_format(readers[r](TEXT("")), "the answer is empty");
}

static void a_failure_under_200_is_no_format_error_and_gives_nothing_else(void **state)
{
    (void)state;
    struct bytes body = json(
        "{'result':[{'id':'" ID("a") "','title':'b'}],'result_info':{'total_count':1},"
                                     "'errors':[{'code':10001,'message':'m'}],'success':false}");
    for (size_t r = 0; r < N_OF(readers); r++) {
        assert_true(readers[r](body));
        assert_true(answer.is_envelope);
        assert_false(answer.success);
        assert_int_equal(answer.code, 10001);
        assert_string_equal(answer.message, "m");
    }
    assert_null(ns.id.data);
    assert_int_equal(namespaces.n + accounts.n + keys.n + bulk.n_failed + n_pairs, 0);
    assert_false(namespaces.has_total);
    assert_null(metadata.data);
}

static void unknown_members_are_passed_over_wherever_they_are(void **state)
{
    (void)state;
    expect(read_namespaces(json(
        "{'x':{'success':false,'result':[1]},'x':[[{'id':1}]],'success':true,'result':[{'y':null,"
        "'title':'t','settings':{'id':'no','id':'no'},'id':'" ID(
            "a") "','supports_url_encoding':true}],"
                 "'result_info':{'count':1,'z':[],'page':1,'per_page':20,'total_count':1}}")));
    assert_int_equal(namespaces.n, 1);
    assert_bytes(namespaces.items[0].id, TEXT(ID("a")));
}

/* ---- Put, delete, rename --------------------------------------------------------------------- */

static void a_plain_success_has_any_of_its_documented_results(void **state)
{
    (void)state;
    expect(read_plain(success("'result':{}")));
    expect(read_plain(success("'result':null")));
    expect(read_plain(success("'x':1")));
    expect(read_plain(success("'result':{'id':'" ID("a") "','title':'b'}")));
    assert_true(answer.is_envelope);
    expect(read_plain(json("{'result':{},'success':true,'errors':null,'messages':['bare']}")));
    expect_format(read_plain(success("'result':[]")), "'result' is an array, not an object");
}

static void an_empty_body_is_a_plain_success(void **state)
{
    (void)state;
    expect(read_plain(bytes_make(NULL, 0)));
    assert_false(answer.is_envelope);
    assert_int_equal(answer.code, 0);
    assert_string_equal(answer.message, "");
}

/* ---- Namespaces ------------------------------------------------------------------------------ */

static void a_namespace_has_id_and_title(void **state)
{
    (void)state;
    expect(read_namespace(success("'result':{'id':'0f2ac74b498b48028cb68387c421e279','title':"
                                  "'My \\u00fcber \\ud83d\\ude00','supports_url_encoding':true}")));
    assert_bytes(ns.id, TEXT("0f2ac74b498b48028cb68387c421e279"));
    assert_bytes(ns.title, TEXT("My \xc3\xbc"
                                "ber \xf0\x9f\x98\x80"));
    expect(read_namespace(success("'result':{'id':'" ID("a") "','title':''}")));
    assert_int_equal(ns.title.len, 0);
}

static void a_namespace_that_is_not_one_is_named(void **state)
{
    static const struct {
        const char *members, *message;
    } cases[] = {
        {"'x':1", "the answer has no 'result'"},
        {"'result':null", "'result' is null, not an object"},
        {"'result':[]", "'result' is an array, not an object"},
        {"'result':{}", "'result' has no 'id'"},
        {"'result':{'title':'t'}", "'result' has no 'id'"},
        {"'result':{'id':'" ID("a") "'}", "'result' has no 'title'"},
        {"'result':{'id':1,'title':'t'}", "'id' is an integer, not a string"},
        {"'result':{'id':null,'title':'t'}", "'id' is null, not a string"},
        {"'result':{'id':'" ID("a") "','title':{}}", "'title' is an object, not a string"},
        {"'result':{'id':'" ID("a") "','title':true}", "'title' is a boolean, not a string"},
        {"'result':{'id':'" ID("a") "','id':'" ID("a") "','title':'t'}",
         "the member 'id' is there twice"},
        {"'result':{'id':'" ID("a") "','title':'t','title':'u'}",
         "the member 'title' is there twice"},
        {"'result':{'id':'','title':'t'}", NO_ID ": ''"},
        {"'result':{'id':'a b','title':'t'}", NO_ID ": 'a b'"},
        {"'result':{'id':'../../../user','title':'t'}", NO_ID ": '../../../user'"},
        {"'result':{'id':'" ID("A") "','title':'t'}", NO_ID ": '" ID("A") "'"},
        {"'result':{'id':'" ID("g") "','title':'t'}", NO_ID ": '" ID("g") "'"},
        {"'result':{'id':'" ID("a") "0','title':'t'}", NO_ID ": '" ID("a") "0'"},
        {"'result':{'id':'\\u00e4','title':'t'}", NO_ID ": '\xc3\xa4'"},
        {"'result':{'id':'a\\u0000','title':'t'}", NO_ID ": 'a\\x00'"},
        {"'result':{'id':'\\u007f','title':'t'}", NO_ID ": '\\x7F'"},
        {"'result':{'id':'" ID("a") "','title':'t\\u0000'}", "'title' holds a NUL: 't\\x00'"},
    };
    (void)state;
    for (size_t i = 0; i < N_OF(cases); i++)
        expect_format(read_namespace(success(cases[i].members)), cases[i].message);
}

/* FORMAT with a text of `n` times 'a' in it. */
static struct bytes with_long(const char *format, size_t n)
{
    char *text = arena_alloc(&arena, n + 1, 1), *members;
    size_t size = n + strlen(format) + 1;
    memset(text, 'a', n);
    members = arena_alloc(&arena, size, 1);
    const char *hole = strchr(format, '~');
    snprintf(members, size, "%.*s%s%s", (int)(hole - format), format, text, hole + 1);
    return success(members);
}

static void ids_and_titles_have_a_longest(void **state)
{
    (void)state;
    expect(read_namespace(with_long("'result':{'id':'~','title':'t'}", 32)));
    assert_false(read_namespace(with_long("'result':{'id':'~','title':'t'}", 33)));
    assert_non_null(strstr(err.message, NO_ID ": 'aaa"));
    expect(read_namespace(with_long("'result':{'id':'" ID("a") "','title':'~'}", 4096)));
    assert_false(read_namespace(with_long("'result':{'id':'" ID("a") "','title':'~'}", 4097)));
    assert_int_equal(err.code, ERR_FORMAT);
    assert_non_null(strstr(err.message, "'title' is longer than 4096 bytes: 'aaa"));
}

static void bad_utf8_is_refused(void **state)
{
    static const char *const bad[] = {"\xff",    "\xc0\xaf", "\xed\xa0\x80", "\xe2\x82",
                                      "\\ud800", "\\udc00x", "\t",           "\\x"};
    (void)state;
    for (size_t i = 0; i < N_OF(bad); i++) {
        char *members = arena_printf(&arena, "'result':{'id':'" ID("a") "','title':'%s'}", bad[i]);
        assert_false(read_namespace(success(members)));
        assert_int_equal(err.code, ERR_FORMAT);
        assert_ptr_equal(strstr(err.message, "the answer is not JSON: at byte "), err.message);
    }
}

static void a_page_of_namespaces_has_items_and_maybe_a_total(void **state)
{
    (void)state;
    expect(
        read_namespaces(success("'result':[{'id':'" ID("a") "','title':'A'},{'title':'B','id':'" ID(
            "b") "'}],"
                 "'result_info':{'page':1,'per_page':2,'count':2,"
                 "'total_count':1000,'total_pages':500}")));
    assert_int_equal(namespaces.n, 2);
    assert_bytes(namespaces.items[0].title, TEXT("A"));
    assert_bytes(namespaces.items[1].id, TEXT(ID("b")));
    assert_true(namespaces.has_total);
    assert_int_equal(namespaces.total, 1000);

    static const char *const no_total[] = {
        "'result':[]", "'result':[],'result_info':null", "'result_info':{},'result':[]",
        "'result':[],'result_info':{'total_count':null,'count':'x'}"};
    for (size_t i = 0; i < N_OF(no_total); i++) {
        expect(read_namespaces(success(no_total[i])));
        assert_int_equal(namespaces.n, 0);
        assert_false(namespaces.has_total);
    }
}

static void a_namespace_may_tell_its_jurisdiction(void **state)
{
    (void)state;
    expect(read_namespaces(success("'result':[{'id':'" ID(
        "a") "','title':'A','jurisdiction':'eu'},"
             "{'id':'" ID("b") "','title':'B'},"
                               "{'id':'" ID("c") "','title':'C','jurisdiction':null}]")));
    assert_bytes(namespaces.items[0].jurisdiction, TEXT("eu"));
    assert_null(namespaces.items[1].jurisdiction.data);
    assert_null(namespaces.items[2].jurisdiction.data);
}

static void a_page_of_namespaces_that_is_not_one_is_named(void **state)
{
    static const struct {
        const char *members, *message;
    } cases[] = {
        {"'x':1", "the answer has no 'result'"},
        {"'result':'text'", "'result' is a string, not an array"},
        {"'result':null", "'result' is null, not an array"},
        {"'result':{}", "'result' is an object, not an array"},
        {"'result':[null]", "an item of 'result' is null, not an object"},
        {"'result':['a']", "an item of 'result' is a string, not an object"},
        {"'result':[[]]", "an item of 'result' is an array, not an object"},
        {"'result':[{'title':'t'}]", "an item of 'result' has no 'id'"},
        {"'result':[{'id':'" ID("a") "','title':'t'},{'id':'" ID("b") "'}]",
         "an item of 'result' has no 'title'"},
        {"'result':[{'id':'" ID("a") "','title':'t','id':'" ID("b") "'}]",
         "the member 'id' is there twice"},
        {"'result':[],'result_info':[]", "'result_info' is an array, not an object"},
        {"'result':[],'result_info':{'total_count':'1'}",
         "'total_count' is a string, not an integer"},
        {"'result':[],'result_info':{'total_count':1.5}",
         "'total_count' is a number, not an integer"},
        {"'result':[],'result_info':{'total_count':99999999999999999999}",
         "'total_count' is a number, not an integer"},
        {"'result':[],'result_info':{'total_count':-1}", "'total_count' is negative"},
        {"'result':[],'result_info':{'total_count':1,'total_count':1}",
         "the member 'total_count' is there twice"},
    };
    (void)state;
    for (size_t i = 0; i < N_OF(cases); i++)
        expect_format(read_namespaces(success(cases[i].members)), cases[i].message);
}

static void accounts_have_id_and_name(void **state)
{
    (void)state;
    expect(read_accounts(
        success("'result':[{'id':'" ID("a") "','name':'Ann\\'s','type':'standard',"
                                            "'settings':{'enforce_twofactor':false}}],"
                                            "'result_info':{'total_count':1}")));
    assert_int_equal(accounts.n, 1);
    assert_bytes(accounts.items[0].id, TEXT(ID("a")));
    assert_bytes(accounts.items[0].name, TEXT("Ann\"s"));
    assert_true(accounts.has_total && accounts.total == 1);
    expect(read_accounts(success("'result':[]")));
    assert_int_equal(accounts.n, 0);
    expect_format(read_accounts(success("'result':[{'id':'" ID("a") "','title':'t'}]")),
                  "an item of 'result' has no 'name'");
    expect_format(read_accounts(success("'result':[{'id':'" ID("a") "','name':7}]")),
                  "'name' is an integer, not a string");
    expect_format(read_accounts(success("'result':[{'id':'" ID("a") "','name':'\\u0000'}]")),
                  "'name' holds a NUL: '\\x00'");
}

/* ---- Keys ------------------------------------------------------------------------------------ */

static const struct store_key *only_key(const char *members)
{
    expect(read_keys(success(arena_printf(&arena, "'result':[{%s}]", members))));
    assert_int_equal(keys.n, 1);
    return &keys.items[0];
}

static void a_key_has_a_name_and_maybe_expiration_and_metadata(void **state)
{
    (void)state;
    const struct store_key *key = only_key("'name':'a/\\u00e4 \\n','expiration':1700000000,"
                                           "'metadata':{'b': [1, 2.50e1], 'a':'\\u00e4\\u0000'}");
    assert_bytes(key->key, TEXT("a/\xc3\xa4 \n"));
    assert_int_equal(key->expiration, 1700000000);
    assert_bytes(key->metadata, TEXT("{\"b\":[1,2.50e1],\"a\":\"\xc3\xa4\\u0000\"}"));
    assert_false(key->divergent);
    key = only_key("'name':'k','expiration':null,'metadata':null");
    assert_int_equal(key->expiration, 0);
    assert_null(key->metadata.data);
    key = only_key("'name':'k'");
    assert_int_equal(key->expiration, 0);
    assert_null(key->metadata.data);
}

static void a_key_takes_nothing_from_the_one_before(void **state)
{
    (void)state;
    expect(read_keys(success("'result':[{'name':'a','expiration':5,'metadata':1},{'name':'b'}]")));
    assert_int_equal(keys.n, 2);
    assert_int_equal(keys.items[1].expiration, 0);
    assert_null(keys.items[1].metadata.data);
}

static void metadata_is_any_json_printed_compactly(void **state)
{
    static const char *const cases[][2] = {
        {"true", "true"},
        {"false", "false"},
        {"0", "0"},
        {"-0", "0"},
        {"-0.0", "-0.0"},
        {"12345678901234567890", "12345678901234567890"},
        {"1E+02 ", "1E+02"},
        {"''", "''"},
        {"'\\/\\u0041\\u0007'", "'/A\\u0007'"},
        {"[ ]", "[]"},
        {"{ }", "{}"},
        {"[ null , true,false , -7 , 1.0 , [ [ ] ] ]", "[null,true,false,-7,1.0,[[]]]"},
        {"{'b':1 , 'a':{'name':'x','name':'y'}}", "{'b':1,'a':{'name':'x','name':'y'}}"},
        {"[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]", "[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]"},
    };
    (void)state;
    for (size_t i = 0; i < N_OF(cases); i++) {
        const struct store_key *key =
            only_key(arena_printf(&arena, "'metadata': %s ,'name':'k'", cases[i][0]));
        assert_bytes(key->metadata, json(cases[i][1]));
        expect(read_metadata(success(arena_printf(&arena, "'result':\n%s", cases[i][0]))));
        assert_bytes(metadata, json(cases[i][1]));
    }
}

static void the_metadata_of_a_key_may_be_absent(void **state)
{
    (void)state;
    expect(read_metadata(success("'result':null")));
    assert_null(metadata.data);
    expect(read_metadata(success("'x':{}")));
    assert_null(metadata.data);
}

static void a_page_of_keys_ends_with_its_cursor(void **state)
{
    static const char *const last[] = {
        "'result':[]", "'result':[],'result_info':null", "'result':[],'result_info':{'count':0}",
        "'result':[],'result_info':{'cursor':null}", "'result':[],'result_info':{'cursor':''}"};
    (void)state;
    expect(read_keys(success("'result':[],'result_info':{'count':0,'cursor':'6Ck1la0VxJ0djhidm1M',"
                             "'total_count':'ignored'}")));
    assert_int_equal(keys.n, 0);
    assert_bytes(keys.cursor, TEXT("6Ck1la0VxJ0djhidm1M"));
    for (size_t i = 0; i < N_OF(last); i++) {
        expect(read_keys(success(last[i])));
        assert_int_equal(keys.cursor.len, 0);
    }
}

static void a_page_of_keys_that_is_not_one_is_named(void **state)
{
    static const struct {
        const char *members, *message;
    } cases[] = {
        {"'result':null", "'result' is null, not an array"},
        {"'result':[1]", "an item of 'result' is an integer, not an object"},
        {"'result':[{}]", "an item of 'result' has no 'name'"},
        {"'result':[{'name':null}]", "'name' is null, not a string"},
        {"'result':[{'name':''}]", "'name' is empty"},
        {"'result':[{'name':'a','name':'a'}]", "the member 'name' is there twice"},
        {"'result':[{'name':'a','metadata':null,'metadata':1}]",
         "the member 'metadata' is there twice"},
        {"'result':[{'name':'a','expiration':1,'expiration':1}]",
         "the member 'expiration' is there twice"},
        {"'result':[{'name':'a','expiration':'1'}]", "'expiration' is a string, not an integer"},
        {"'result':[{'name':'a','expiration':1.5}]", "'expiration' is a number, not an integer"},
        {"'result':[{'name':'a','expiration':1e9}]", "'expiration' is a number, not an integer"},
        {"'result':[{'name':'a','expiration':9223372036854775808}]",
         "'expiration' is a number, not an integer"},
        {"'result':[{'name':'a','expiration':{}}]", "'expiration' is an object, not an integer"},
        {"'result':[{'name':'a','expiration':0}]", "'expiration' is not positive"},
        {"'result':[{'name':'a','expiration':-5}]", "'expiration' is not positive"},
        {"'result':[],'result_info':'x'", "'result_info' is a string, not an object"},
        {"'result':[],'result_info':{'cursor':1}", "'cursor' is an integer, not a string"},
        {"'result':[],'result_info':{'cursor':['x']}", "'cursor' is an array, not a string"},
        {"'result':[],'result_info':{'cursor':'\\u0000'}", "'cursor' holds a NUL: '\\x00'"},
        {"'result':[],'result_info':{'cursor':'a','cursor':''}",
         "the member 'cursor' is there twice"},
    };
    (void)state;
    for (size_t i = 0; i < N_OF(cases); i++)
        expect_format(read_keys(success(cases[i].members)), cases[i].message);
}

static void names_and_cursors_have_a_longest(void **state)
{
    (void)state;
    expect(read_keys(with_long("'result':[{'name':'~'}]", 4096)));
    assert_int_equal(keys.items[0].key.len, 4096);
    assert_false(read_keys(with_long("'result':[{'name':'~'}]", 4097)));
    assert_int_equal(err.code, ERR_FORMAT);
    expect(read_keys(with_long("'result':[],'result_info':{'cursor':'~'}", 4096)));
    assert_false(read_keys(with_long("'result':[],'result_info':{'cursor':'~'}", 4097)));
    assert_int_equal(err.code, ERR_FORMAT);
}

/* `before`, then `item` n times, then `after`. */
static struct bytes repeated(const char *before, const char *item, size_t n, const char *after)
{
    struct buf b = {0};
    buf_add_str(&b, before);
    for (size_t i = 0; i < n; i++)
        buf_addf(&b, "%s%s", i > 0 ? "," : "", item);
    buf_add_str(&b, after);
    return built(&b);
}

static struct bytes page_of(const char *item, size_t n)
{
    return repeated("{\"success\":true,\"result\":[", item, n, "]}");
}

static struct bytes failed_keys(size_t n)
{
    return repeated("{\"success\":true,\"result\":{\"unsuccessful_keys\":[", "\"k\"", n, "]}}");
}

static void more_items_than_ever_asked_for_are_refused(void **state)
{
    static const char ns_item[] = "{\"id\":\"" ID("a") "\",\"title\":\"t\"}";
    static const char account_item[] = "{\"id\":\"" ID("a") "\",\"name\":\"t\"}";
    static const char key_item[] = "{\"name\":\"k\"}";
    (void)state;
    expect(read_namespaces(page_of(ns_item, 10000)));
    assert_int_equal(namespaces.n, 10000);
    expect_format(read_namespaces(page_of(ns_item, 10001)), "'result' has more than 10000 items");
    assert_int_equal(namespaces.n, 0);
    expect(read_accounts(page_of(account_item, 10000)));
    expect_format(read_accounts(page_of(account_item, 10001)),
                  "'result' has more than 10000 items");
    expect(read_keys(page_of(key_item, 10000)));
    assert_int_equal(keys.n, 10000);
    expect_format(read_keys(page_of(key_item, 10001)), "'result' has more than 10000 items");
    expect(read_bulk(failed_keys(10000)));
    assert_int_equal(bulk.n_failed, 10000);
    expect_format(read_bulk(failed_keys(10001)), "'unsuccessful_keys' has more than 10000 items");
}

static void memory_is_a_small_multiple_of_the_body(void **state)
{
    struct arena own = {0};
    struct bytes body = page_of("{\"name\":\"k\",\"metadata\":[[]]}", 4000);
    (void)state;
    assert_true(answer_keys(body, &own, &answer, &keys, &err));
    assert_true(own.used < 10 * body.len);
    arena_release(&own);
}

/* ---- Values ---------------------------------------------------------------------------------- */

static void each_found_value_is_given_in_order(void **state)
{
    (void)state;
    expect(read_values(success(
        "'result':{'values':{'b':{'value':'B\\u0000\\u00e4','metadata':{'x': 1},'expiration':5},"
        "'none':null,'a':{'metadata':null,'value':'','x':[1]},'c':{'expiration':null,'value':'C'}}"
        "}")));
    assert_int_equal(n_pairs, 3);
    assert_bytes(pairs[0].key, TEXT("b"));
    assert_bytes(pairs[0].value, TEXT("B\0\xc3\xa4"));
    assert_bytes(pairs[0].metadata, TEXT("{\"x\":1}"));
    assert_int_equal(pairs[0].expiration, 5);
    assert_int_equal(pairs[0].expiration_ttl, 0);
    assert_bytes(pairs[1].key, TEXT("a"));
    assert_non_null(pairs[1].value.data);
    assert_int_equal(pairs[1].value.len, 0);
    assert_null(pairs[1].metadata.data);
    assert_int_equal(pairs[1].expiration, 0);
    assert_bytes(pairs[2].value, TEXT("C"));
    expect(read_values(success("'result':{'values':{}}")));
    assert_int_equal(n_pairs, 0);
}

static void no_value_is_given_of_an_answer_that_fails_in_the_end(void **state)
{
    (void)state;
    assert_true(read_values(json("{'result':{'values':{'k':{'value':'v'}}},'success':false}")));
    assert_false(answer.success);
    assert_int_equal(n_pairs, 0);
    expect_format(read_values(json("{'result':{'values':{'k':{'value':'v'}}}}")),
                  "the answer has no boolean 'success'");
    assert_int_equal(n_pairs, 0);
    expect_format(read_values(json("{'success':true,'result':{'values':{'k':{'value':'v'}}}")),
                  "the answer is not JSON: at byte 55: the document ends too early");
    assert_int_equal(n_pairs, 0);
    expect(read_values(json("{'result':{'values':{'k':{'value':'v'}}},'success':true}")));
    assert_int_equal(n_pairs, 1);
}

static void an_error_of_the_receiver_ends_it_and_is_passed_on(void **state)
{
    (void)state;
    pairs_until_error = 1;
    assert_false(read_values(success("'result':{'values':{'a':{'value':'1'},'b':{'value':'2'},"
                                     "'c':{'value':'3'}}}")));
    assert_int_equal(err.code, ERR_IO);
    assert_string_equal(err.message, "the disk is full");
    assert_int_equal(n_pairs, 1);
}

static void values_that_are_not_as_asked_for_are_named(void **state)
{
    static const struct {
        const char *result, *message;
    } cases[] = {
        {"null", "'result' is null, not an object"},
        {"[]", "'result' is an array, not an object"},
        {"{}", "'result' has no 'values'"},
        {"{'values':null}", "'values' is null, not an object"},
        {"{'values':[]}", "'values' is an array, not an object"},
        {"{'values':{},'values':{}}", "the member 'values' is there twice"},
        {"{'values':{'k':'v'}}", "a member of 'values' is a string, not an object"},
        {"{'values':{'k':[]}}", "a member of 'values' is an array, not an object"},
        {"{'values':{'k':{}}}", "a member of 'values' has no 'value'"},
        {"{'values':{'k':{'metadata':1}}}", "a member of 'values' has no 'value'"},
        {"{'values':{'k':{'value':null}}}", "'value' is null, not a string"},
        {"{'values':{'k':{'value':1}}}", "'value' is an integer, not a string"},
        {"{'values':{'k':{'value':{'a':1}}}}", "'value' is an object, not a string"},
        {"{'values':{'k':{'value':'1','value':'2'}}}", "the member 'value' is there twice"},
        {"{'values':{'k':{'value':'1','metadata':1,'metadata':2}}}",
         "the member 'metadata' is there twice"},
        {"{'values':{'k':{'value':'1','expiration':true}}}",
         "'expiration' is a boolean, not an integer"},
        {"{'values':{'k':{'value':'1','expiration':0}}}", "'expiration' is not positive"},
        {"{'values':{'':null}}", "a key of 'values' is empty"},
        {"{'values':{'k':null,'k':{'value':'1'}}}", "the key 'k' is there twice"},
    };
    (void)state;
    for (size_t i = 0; i < N_OF(cases); i++) {
        char *members = arena_printf(&arena, "'result':%s", cases[i].result);
        expect_format(read_values(success(members)), cases[i].message);
        assert_int_equal(n_pairs, 0);
    }
}

static struct bytes many_values(size_t n)
{
    struct buf b = {0};
    buf_add_str(&b, "{\"success\":true,\"result\":{\"values\":{");
    for (size_t i = 0; i < n; i++)
        buf_addf(&b, "%s\"k%zu\":{\"value\":\"v\"}", i > 0 ? "," : "", i);
    buf_add_str(&b, "}}}");
    return built(&b);
}

static void more_values_than_a_call_may_ask_for_are_refused(void **state)
{
    (void)state;
    expect(read_values(many_values(100)));
    assert_int_equal(n_pairs, 100);
    expect_format(read_values(many_values(101)), "'values' has more than 100 items");
}

static void a_value_may_be_as_large_as_the_service_takes(void **state)
{
    (void)state;
    expect(read_values(
        with_long("'result':{'values':{'k':{'value':'~\\u0000','metadata':null}}}", 26214399)));
    assert_int_equal(pairs[0].value.len, 26214400);
    assert_int_equal(pairs[0].value.data[26214399], 0);
}

/* ---- Bulk put and delete --------------------------------------------------------------------- */

static void a_bulk_result_lists_the_keys_that_failed(void **state)
{
    static const char *const none[] = {
        "'result':null", "'x':1", "'result':{}", "'result':{'unsuccessful_keys':null}",
        "'result':{'successful_key_count':3,'unsuccessful_keys':[]}"};
    (void)state;
    expect(read_bulk(success("'result':{'successful_key_count':'?',"
                             "'unsuccessful_keys':['b','a\\u00e4','b']}")));
    assert_int_equal(bulk.n_failed, 3);
    assert_bytes(bulk.failed[0], TEXT("b"));
    assert_bytes(bulk.failed[1], TEXT("a\xc3\xa4"));
    for (size_t i = 0; i < N_OF(none); i++) {
        expect(read_bulk(success(none[i])));
        assert_int_equal(bulk.n_failed, 0);
    }
}

static void a_bulk_result_that_is_not_one_is_named(void **state)
{
    static const struct {
        const char *result, *message;
    } cases[] = {
        {"[]", "'result' is an array, not an object"},
        {"true", "'result' is a boolean, not an object"},
        {"{'unsuccessful_keys':{}}", "'unsuccessful_keys' is an object, not an array"},
        {"{'unsuccessful_keys':'k'}", "'unsuccessful_keys' is a string, not an array"},
        {"{'unsuccessful_keys':[1]}", "an item of 'unsuccessful_keys' is an integer, not a string"},
        {"{'unsuccessful_keys':[null]}", "an item of 'unsuccessful_keys' is null, not a string"},
        {"{'unsuccessful_keys':[['k']]}",
         "an item of 'unsuccessful_keys' is an array, not a string"},
        {"{'unsuccessful_keys':[],'unsuccessful_keys':[]}",
         "the member 'unsuccessful_keys' is there twice"},
    };
    (void)state;
    for (size_t i = 0; i < N_OF(cases); i++) {
        char *members = arena_printf(&arena, "'result':%s", cases[i].result);
        expect_format(read_bulk(success(members)), cases[i].message);
    }
}

/* ---- Cut off --------------------------------------------------------------------------------- */

static const char *const samples[] = {
    "{'success':true,'errors':[],'messages':[],'result':{}}",
    "{'success':true,'errors':[],'messages':[],'result':{'id':'" ID("a") "','title':'\\u00e4 t'}}",
    "{'success':true,'result':[{'id':'" ID("a") "','title':'t'}],'result_info':{'total_count':12}}",
    "{'success':true,'result':[{'id':'" ID("a") "','name':'t'}],'result_info':{'total_count':12}}",
    "{'success':true,'result':[{'name':'k','expiration':17,'metadata':{'a': [1.5]}}],"
    "'result_info':{'cursor':'c'}}",
    "{'result':{'values':{'k':{'value':'\\u00e4 v','metadata':[-1],'expiration':17},'n':null}},"
    "'success':true}",
    "{'success':true,'result':{'successful_key_count':1,'unsuccessful_keys':['a','b']}}",
    "{'success':true,'result':{'m': [true,null,{'x':-0.5e-3}]}}",
};

_Static_assert(N_OF(samples) == N_OF(readers), "a sample for each reader");

static void an_answer_that_is_cut_off_anywhere_is_refused(void **state)
{
    (void)state;
    for (size_t r = 0; r < N_OF(readers); r++) {
        struct bytes whole = json(samples[r]);
        expect(readers[r](whole));
        for (size_t len = 1; len < whole.len; len++) {
            char *copy = malloc(len); /* so that the sanitizer sees one byte too many */
            struct bytes cut = bytes_make(memcpy(copy, whole.data, len), len);
            assert_false(readers[r](cut));
            assert_int_equal(err.code, ERR_FORMAT);
            assert_int_equal(n_pairs * (readers[r] == read_values), 0);
            expect_nothing(cut);
            free(copy);
        }
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, done)
    const struct CMUnitTest tests[] = {
        TEST(a_refusal_gives_code_and_message_of_its_envelope),
        TEST(the_first_error_that_has_one_gives_the_code_and_the_message),
        TEST(only_errors_count_not_messages),
        TEST(a_refusal_may_have_other_shapes),
        TEST(success_counts_only_as_a_boolean),
        TEST(the_title_of_a_page_is_its_message),
        TEST(what_cannot_be_read_says_nothing),
        TEST(a_refusal_that_says_it_twice_says_nothing),
        TEST(a_message_is_one_harmless_line),
        TEST(a_message_that_was_cut_inside_a_character_keeps_its_code),
        TEST(a_long_message_is_cut_between_characters),
        TEST(deep_nesting_is_no_problem),
        TEST(every_parser_wants_an_envelope),
        TEST(a_failure_under_200_is_no_format_error_and_gives_nothing_else),
        TEST(unknown_members_are_passed_over_wherever_they_are),
        TEST(a_plain_success_has_any_of_its_documented_results),
        TEST(an_empty_body_is_a_plain_success),
        TEST(a_namespace_has_id_and_title),
        TEST(a_namespace_that_is_not_one_is_named),
        TEST(ids_and_titles_have_a_longest),
        TEST(bad_utf8_is_refused),
        TEST(a_page_of_namespaces_has_items_and_maybe_a_total),
        TEST(a_namespace_may_tell_its_jurisdiction),
        TEST(a_page_of_namespaces_that_is_not_one_is_named),
        TEST(accounts_have_id_and_name),
        TEST(a_key_has_a_name_and_maybe_expiration_and_metadata),
        TEST(a_key_takes_nothing_from_the_one_before),
        TEST(metadata_is_any_json_printed_compactly),
        TEST(the_metadata_of_a_key_may_be_absent),
        TEST(a_page_of_keys_ends_with_its_cursor),
        TEST(a_page_of_keys_that_is_not_one_is_named),
        TEST(names_and_cursors_have_a_longest),
        TEST(more_items_than_ever_asked_for_are_refused),
        TEST(memory_is_a_small_multiple_of_the_body),
        TEST(each_found_value_is_given_in_order),
        TEST(no_value_is_given_of_an_answer_that_fails_in_the_end),
        TEST(an_error_of_the_receiver_ends_it_and_is_passed_on),
        TEST(values_that_are_not_as_asked_for_are_named),
        TEST(more_values_than_a_call_may_ask_for_are_refused),
        TEST(a_value_may_be_as_large_as_the_service_takes),
        TEST(a_bulk_result_lists_the_keys_that_failed),
        TEST(a_bulk_result_that_is_not_one_is_named),
        TEST(an_answer_that_is_cut_off_anywhere_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
