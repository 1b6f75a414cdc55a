/* Files of other tools as views. */
#define _GNU_SOURCE 1 /* memfd_create */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "test_base.h"

#include "base/file.h"
#include "base/gzip.h"
#include "base/json.h"
#include "host/foreign_document.h"
#include "host/foreign_filter.h"

static int file_of(struct bytes content)
{
    struct error err;
    int fd = memfd_create("test", MFD_CLOEXEC);
    assert_true(fd >= 0 && file_write_fd(fd, "test", content, &err));
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static void assert_view(struct bytes content, const char *want)
{
    struct buf view = {0};
    struct diag_list problems = {0};
    struct error err = {0};
    if (!foreign_document_read_fd(file_of(content), "x", &view, &problems, &err))
        fail_msg("line %d: %s", problems.items[0].pos.line, problems.items[0].message);
    assert_buf(&view, want);
    assert_int_equal(problems.n, 0);
    assert_true(json_parse(buf_bytes(&view), NULL, NULL, &err));
    buf_release(&view);
    diag_release(&problems);
}

static void assert_refused(struct bytes content, const char *code, int line, const char *message)
{
    struct buf view = {0};
    struct diag_list problems = {0};
    struct error err = {0};
    buf_add_str(&view, "before");
    assert_false(foreign_document_read_fd(file_of(content), "x", &view, &problems, &err));
    assert_string_equal(err.message, "'x' cannot be imported");
    assert_int_equal(problems.n, 1);
    assert_string_equal(problems.items[0].message, message);
    assert_string_equal(problems.items[0].code, code);
    assert_string_equal(problems.items[0].pos.file, "x");
    assert_int_equal(problems.items[0].pos.line, line);
    assert_non_null(problems.items[0].hint);
    assert_int_equal(view.len, strlen("before"));
    buf_release(&view);
    diag_release(&problems);
}

static void json_is_one_document(void **unused)
{
    (void)unused;
    assert_view(TEXT("\n{\"a\": [1, 2.50, null],\r\n \"b\": {}}\n"),
                "{\"documents\":[{\"line\":2,\"number\":1,\"value\":{\"a\":[1,2.50,null],\"b\":{}},"
                "\"skipped\":0}],\"file\":\"x\",\"skipped\":0,\"syntax\":\"json\"}");
    assert_view(TEXT("[]"), "{\"documents\":[{\"line\":1,\"number\":1,\"value\":[],\"skipped\":0}],"
                            "\"file\":\"x\",\"skipped\":0,\"syntax\":\"json\"}");
}

static void records_that_do_not_concern_us_are_left_out(void **unused)
{
    (void)unused;
    assert_view(TEXT("{\"version\": 4,\n\"resources\": [\n{\"type\": \"aws_s3_bucket\"},\n"
                     "{\"type\": \"cloudflare_workers_kv\"}, 5,\n{\"type\": \"random_id\"}],\n"
                     "\"items\": [{}]}"),
                "{\"documents\":[{\"line\":1,\"number\":1,\"value\":{\"version\":4,\"resources\":["
                "{\"type\":\"cloudflare_workers_kv\",\"@line\":4},5],\"items\":[]},\"skipped\":3}],"
                "\"file\":\"x\",\"skipped\":0,\"syntax\":\"json\"}");
    assert_view(TEXT("{\"resource_drift\":[{\"type\":\"aws\"}],\"resource_changes\":[{}]}"),
                "{\"documents\":[{\"line\":1,\"number\":1,\"value\":{\"resource_drift\":[],"
                "\"resource_changes\":[]},\"skipped\":2}],"
                "\"file\":\"x\",\"skipped\":0,\"syntax\":\"json\"}");
    /* Any of the four members, any case, wherever it stands. */
    assert_view(TEXT("{\"items\":[{\"spec\":{\"kind\":\"cloudflare\"}},{\"kind\":\"CloudFlareKv\"},"
                     "{\"x\":1,\"apiVersion\":\"flare.dev/v1\"},{\"urn\":\"a:openmcf\"},"
                     "{\"type\":\"pulumi:providers:x\"},{\"kind\":\"pulumi:x\"},{\"kind\":1}]}"),
                "{\"documents\":[{\"line\":1,\"number\":1,\"value\":{\"items\":["
                "{\"kind\":\"CloudFlareKv\",\"@line\":1},"
                "{\"x\":1,\"apiVersion\":\"flare.dev/v1\",\"@line\":1},"
                "{\"urn\":\"a:openmcf\",\"@line\":1},"
                "{\"type\":\"pulumi:providers:x\",\"@line\":1}]},\"skipped\":3}],"
                "\"file\":\"x\",\"skipped\":0,\"syntax\":\"json\"}");
}

static void what_holds_a_record_that_stays_stays(void **unused)
{
    (void)unused;
    assert_view(TEXT("{\"items\":[{\"kind\":\"List\",\n\"items\":[{\"kind\":\"cloudflare\"},{}]},"
                     "{\"kind\":\"List\",\"items\":[{},{\"kind\":\"x\"}]}]}"),
                "{\"documents\":[{\"line\":1,\"number\":1,\"value\":{\"items\":["
                "{\"kind\":\"List\",\"items\":[{\"kind\":\"cloudflare\",\"@line\":2}],"
                "\"@line\":1}]},\"skipped\":4}],"
                "\"file\":\"x\",\"skipped\":0,\"syntax\":\"json\"}");
}

static void blocks_of_a_configuration_have_their_line(void **unused)
{
    (void)unused;
    assert_view(TEXT("{\"resource\":{\"t\":{\"a\":{\n\"x\":{}},\n\"b\":{}}},\n"
                     "\"import\":[{\"to\":\"t.a\"},\n{},5],\"data\":{\"t\":{\"c\":{}}},"
                     "\"x\":{\"resource\":{\"t\":{\"d\":{}}}}}"),
                "{\"documents\":[{\"line\":1,\"number\":1,\"value\":{\"resource\":{\"t\":{"
                "\"a\":{\"x\":{},\"@line\":1},\"b\":{\"@line\":3}}},"
                "\"import\":[{\"to\":\"t.a\",\"@line\":4},{\"@line\":5},5],"
                "\"data\":{\"t\":{\"c\":{}}},\"x\":{\"resource\":{\"t\":{\"d\":{}}}}},"
                "\"skipped\":0}],\"file\":\"x\",\"skipped\":0,\"syntax\":\"json\"}");
    assert_view(
        TEXT("{\"resource\":[{\"t\":{\"a\":{}}}],\"import\":{\"to\":{}}}"),
        "{\"documents\":[{\"line\":1,\"number\":1,\"value\":{\"resource\":[{\"t\":{\"a\":{}}}],"
        "\"import\":{\"to\":{}}},\"skipped\":0}],\"file\":\"x\",\"skipped\":0,"
        "\"syntax\":\"json\"}");
    assert_refused(TEXT("{\"resource\":{\"t\":{\"a\":{\n\"@line\":1}}}}"), "import.format", 2,
                   "a resource has a member '@line'");
}

static void yaml_is_all_documents_that_concern_us(void **unused)
{
    (void)unused;
    assert_view(TEXT("# Source: a\nkind: ConfigMap\n---\n---\nkind: Kv\napiVersion: x.k1c.io/v1\n"
                     "---\nkind: List\nitems:\n- kind: Pod\n- kind: Cloudflare\n"
                     "---\nresources: {a: {type: 'cloudflare:x'}}\n"),
                "{\"documents\":[{\"line\":4,\"number\":3,\"value\":{\"kind\":\"Kv\","
                "\"apiVersion\":\"x.k1c.io/v1\"},\"skipped\":0},"
                "{\"line\":7,\"number\":4,\"value\":{\"kind\":\"List\",\"items\":["
                "{\"kind\":\"Cloudflare\",\"@line\":11}]},\"skipped\":1},"
                "{\"line\":12,\"number\":5,\"value\":{\"resources\":{\"a\":"
                "{\"type\":\"cloudflare:x\"}}},\"skipped\":0}],"
                "\"file\":\"x\",\"skipped\":1,\"syntax\":\"yaml\"}");
    assert_view(TEXT("---\n"),
                "{\"documents\":[],\"file\":\"x\",\"skipped\":0,\"syntax\":\"yaml\"}");
}

static void the_content_tells_json_from_yaml(void **unused)
{
    (void)unused;
    assert_view(TEXT("{apiVersion: flare.dev/v1}"),
                "{\"documents\":[{\"line\":1,\"number\":1,\"value\":{\"apiVersion\":"
                "\"flare.dev/v1\"},\"skipped\":0}],\"file\":\"x\",\"skipped\":0,"
                "\"syntax\":\"yaml\"}");
    assert_view(TEXT("\xef\xbb\xbf{}"),
                "{\"documents\":[{\"line\":1,\"number\":1,\"value\":{},\"skipped\":0}],"
                "\"file\":\"x\",\"skipped\":0,\"syntax\":\"json\"}");
    assert_view(TEXT("\xef\xbb\xbf"
                     "a: 1"),
                "{\"documents\":[],\"file\":\"x\",\"skipped\":1,\"syntax\":\"yaml\"}");
}

static void compressed_files_are_inflated(void **unused)
{
    (void)unused;
    struct error err;
    struct buf packed = {0};
    int fd = memfd_create("test", MFD_CLOEXEC);
    struct gzip_writer *w = gzip_writer_open(fd, "x.gz");
    assert_true(gzip_write(w, TEXT("{\"a\":1}"), &err) && gzip_writer_finish(w, &err));
    lseek(fd, 0, SEEK_SET);
    assert_true(file_read_fd(fd, "x.gz", 1000, &packed, &err));
    close(fd);
    assert_view(buf_bytes(&packed),
                "{\"documents\":[{\"line\":1,\"number\":1,\"value\":{\"a\":1},\"skipped\":0}],"
                "\"file\":\"x\",\"skipped\":0,\"syntax\":\"json\"}");
    packed.len -= 9;
    assert_refused(buf_bytes(&packed), "import.format", 0,
                   "cannot inflate 'x': at byte 18 of the compressed file: it ends too early");
    buf_release(&packed);
}

static void what_cannot_be_read_is_told_with_its_line(void **unused)
{
    (void)unused;
    assert_refused(TEXT(""), "import.format", 0, "there is nothing in it");
    assert_refused(TEXT("\n  \n"), "import.format", 0, "there is nothing in it");
    assert_refused(TEXT("{\"a\":\n1,}"), "import.format", 2,
                   "this is no JSON: a member name must be a string");
    assert_refused(TEXT("{\"a\":\n[1"), "import.format", 2,
                   "this is no JSON: the document ends too early");
    assert_refused(TEXT("{}\n{}"), "import.format", 2,
                   "this is no JSON: something follows the document");
    assert_refused(TEXT("{\"a\":\n\"\xff\"}"), "import.format", 2,
                   "this is no JSON: string is not valid UTF-8");
    assert_refused(TEXT("{\"a\":1,\n\"b\":{\"a\":2},\n\"a\":3}"), "import.format", 3,
                   "member 'a' appears twice, first on line 1");
    assert_refused(TEXT("{\"items\":[{\n\"@line\":3}]}"), "import.format", 2,
                   "a resource has a member '@line'");
    assert_refused(TEXT("{\0}"), "import.format", 1, "it holds a control character");
    assert_refused(TEXT("\xff\xfe{\0}\0"), "import.format", 1, "this is UTF-16");
    assert_refused(TEXT("a: 1\nb: [\n"), "import.format", 3, "did not find expected node content");
    assert_refused(TEXT("a: 1\na: 2\n"), "import.format", 2,
                   "member 'a' appears twice, first on line 1");
}

static struct buf nested(const char *open, const char *close, int n)
{
    struct buf text = {0};
    for (int i = 0; i < n; i++)
        buf_add_str(&text, open);
    buf_add_str(&text, "1");
    for (int i = 0; i < n; i++)
        buf_add_str(&text, close);
    return text;
}

static void what_is_too_deep_is_refused(void **unused)
{
    (void)unused;
    static const char *const kinds[][2] = {{"[\n", "]"}, {"{\"a\":\n", "}"}, {"{a:\n ", "}"}};
    for (size_t i = 0; i < N_OF(kinds); i++) {
        struct buf view = {0};
        struct diag_list problems = {0};
        struct error err;
        struct buf text = nested(kinds[i][0], kinds[i][1], FOREIGN_MAX_DEPTH);
        assert_true(
            foreign_document_read_fd(file_of(buf_bytes(&text)), "x", &view, &problems, &err));
        assert_true(json_parse(buf_bytes(&view), NULL, NULL, &err));
        buf_release(&text);
        buf_release(&view);
        diag_release(&problems);
        text = nested(kinds[i][0], kinds[i][1], FOREIGN_MAX_DEPTH + 1);
        assert_refused(buf_bytes(&text), "import.format", FOREIGN_MAX_DEPTH + 1,
                       "more than 60 levels deep");
        buf_release(&text);
    }
}

static void no_pipe_and_no_folder_is_waited_for(void **unused)
{
    (void)unused;
    char folder[] = "/tmp/foreign-XXXXXX", fifo[64];
    struct buf view = {0};
    struct diag_list problems = {0};
    struct error err;
    assert_non_null(mkdtemp(folder));
    snprintf(fifo, sizeof fifo, "%s/fifo", folder);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_false(foreign_document_read(fifo, &view, &problems, &err));
    assert_int_equal(err.code, ERR_IO);
    assert_false(foreign_document_read(folder, &view, &problems, &err));
    assert_int_equal(err.code, ERR_IO);
    assert_int_equal(unlink(fifo), 0);
    assert_false(foreign_document_read(fifo, &view, &problems, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_int_equal(rmdir(folder), 0);
    assert_int_equal(problems.n, 0);
    buf_release(&view);
}

/* ---- Large files ----------------------------------------------------------------------------- */

/* The kinds of records that a filter meets, and what is left of them. */
static void add_record(struct foreign_filter *f, const char *kind, bool kind_first, size_t size,
                       bool *ok, struct error *err)
{
    struct buf value = {0};
    buf_reserve(&value, size + 1);
    memset(value.data, 'x', size);
    const struct json_event events[] = {
        {.type = JSON_BEGIN_OBJECT},
        {.type = JSON_KEY, .text = bytes_of(kind_first ? "kind" : "value")},
        {.type = JSON_STRING, .text = kind_first ? bytes_of(kind) : bytes_make(value.data, size)},
        {.type = JSON_KEY, .text = bytes_of(kind_first ? "value" : "kind")},
        {.type = JSON_STRING, .text = kind_first ? bytes_make(value.data, size) : bytes_of(kind)},
        {.type = JSON_END_OBJECT},
    };
    for (size_t i = 0; *ok && i < N_OF(events); i++)
        *ok = foreign_filter_event(f, &events[i], 7, err);
    buf_release(&value);
}

static bool filter(const char *kind, bool kind_first, size_t size, int n, struct error *err)
{
    struct buf out = {0};
    struct foreign_filter *f = foreign_filter_new(&out);
    const struct json_event head[] = {
        {.type = JSON_BEGIN_OBJECT},
        {.type = JSON_KEY, .text = TEXT("items")},
        {.type = JSON_BEGIN_ARRAY},
    };
    bool ok = true;
    foreign_filter_begin(f, true);
    for (size_t i = 0; ok && i < N_OF(head); i++)
        ok = foreign_filter_event(f, &head[i], 1, err);
    for (int i = 0; ok && i < n; i++)
        add_record(f, kind, kind_first, size, &ok, err);
    ok = ok && foreign_filter_event(f, &(struct json_event){.type = JSON_END_ARRAY}, 8, err) &&
         foreign_filter_event(f, &(struct json_event){.type = JSON_END_OBJECT}, 8, err);
    if (ok && strcmp(kind, "foreign") == 0) {
        assert_buf(&out, "{\"items\":[]}");
        assert_int_equal(foreign_filter_skipped(f), n);
    }
    if (!ok)
        assert_int_equal(foreign_filter_line(f) == 7 || n > 1, true);
    foreign_filter_free(f);
    buf_release(&out);
    return ok;
}

static void the_sizes_of_what_is_kept_are_bounded(void **unused)
{
    (void)unused;
    struct error err = {0};
    for (int first = 0; first < 2; first++) {
        assert_true(filter("foreign", first, FOREIGN_RECORD_MAX + 1, 2, &err));
        assert_true(filter("cloudflare", first, FOREIGN_RECORD_MAX - 100, 1, &err));
        assert_false(filter("cloudflare", first, FOREIGN_RECORD_MAX + 1, 1, &err));
        assert_int_equal(err.code, ERR_LIMIT);
        assert_string_equal(err.message, "one resource is larger than 32 MiB");
    }
    assert_false(filter("cloudflare", true, FOREIGN_RECORD_MAX - 100, 5, &err));
    assert_string_equal(err.message, "what is to be read of it is more than 128 MiB");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_is_one_document),
        cmocka_unit_test(records_that_do_not_concern_us_are_left_out),
        cmocka_unit_test(what_holds_a_record_that_stays_stays),
        cmocka_unit_test(blocks_of_a_configuration_have_their_line),
        cmocka_unit_test(yaml_is_all_documents_that_concern_us),
        cmocka_unit_test(the_content_tells_json_from_yaml),
        cmocka_unit_test(compressed_files_are_inflated),
        cmocka_unit_test(what_cannot_be_read_is_told_with_its_line),
        cmocka_unit_test(what_is_too_deep_is_refused),
        cmocka_unit_test(no_pipe_and_no_folder_is_waited_for),
        cmocka_unit_test(the_sizes_of_what_is_kept_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
