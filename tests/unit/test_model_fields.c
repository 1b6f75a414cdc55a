/* The tables of fields, and that the file for editors says the same. */
#include "test_base.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "model/fields.h"

#define META "stdlib/meta/cfkv.lua"

static void assert_described(const struct buf *meta, const struct field *f)
{
    struct buf start = {0};
    buf_addf(&start, "---@field %s? ", f->name);
    const char *line = strstr(meta->data, start.data);
    if (!line)
        fail_msg("%s has no line '%s…'", META, start.data);
    struct bytes rest = bytes_make(line, strcspn(line, "\n"));
    size_t len = strlen(f->doc);
    if (rest.len < len || memcmp(rest.data + rest.len - len, f->doc, len) != 0)
        fail_msg("%s: '%.*s' does not end in '%s'", META, BYTES_FMT(rest), f->doc);
    buf_release(&start);
}

static void the_file_for_editors_describes_each_field_of_a_namespace(void **state)
{
    struct buf meta = {0};
    struct error err;
    (void)state;
    assert_true(file_read(META, 1024 * 1024, &meta, &err));
    for (size_t i = 0; i < namespace_fields.n; i++)
        assert_described(&meta, &namespace_fields.rows[i]);
    buf_release(&meta);
}

static void every_field_of_a_namespace_has_a_name_of_its_own_and_a_line_for_people(void **state)
{
    (void)state;
    for (size_t i = 0; i < namespace_fields.n; i++) {
        assert_true(strlen(namespace_fields.rows[i].doc) > 0);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(namespace_fields.rows[i].name, namespace_fields.rows[j].name);
    }
}

/* In any order: the writer sorts them. */
static void fields_are_written_sorted_and_null_where_they_are_not_given(void **state)
{
    struct strings list = {(struct bytes[]){TEXT("x"), TEXT("y")}, 2};
    struct {
        struct bytes b, a;
        struct strings c;
        bool flag;
    } record = {.b = TEXT("B"), .c = list, .flag = true};
    const struct field rows[] = {
        FIELD_ROW("flag", FIELD_BOOLEAN, (size_t)((char *)&record.flag - (char *)&record)),
        FIELD_ROW("c", FIELD_STRINGS, (size_t)((char *)&record.c - (char *)&record)),
        FIELD_ROW("b", FIELD_STRING, 0),
        FIELD_ROW("a", FIELD_STRING, sizeof(struct bytes)),
    };
    const struct fields fields = {"a test", rows, N_OF(rows)};
    struct buf out = {0};
    struct json_writer w = json_writer_to(&out, 0);
    struct json_sort sort;
    (void)state;
    json_begin_object(&w);
    json_sort_begin(&w, &sort);
    fields_write(&w, &fields, &record);
    json_sort_end(&w, &sort);
    json_end_object(&w);
    assert_buf(&out, "{\"a\":null,\"b\":\"B\",\"c\":[\"x\",\"y\"],\"flag\":true}");
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_file_for_editors_describes_each_field_of_a_namespace),
        cmocka_unit_test(every_field_of_a_namespace_has_a_name_of_its_own_and_a_line_for_people),
        cmocka_unit_test(fields_are_written_sorted_and_null_where_they_are_not_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
