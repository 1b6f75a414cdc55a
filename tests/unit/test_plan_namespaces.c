/* Which namespace is which: creation, adoption, renames, removal. */
#include "test_plan_kit.h"

#include "plan/observe.h"

#define N(verb) count(&w, ACTION_NAMESPACE, verb)

/* ---- Creating -------------------------------------------------------------------------------- */

static void the_first_plan_creates_everything_and_the_second_is_empty(void **state)
{
    (void)state;
    WORLD(w);
    ns_at(&w, "config", "dev", "shop-config-dev");
    ns_titled(&w, "plain")->ttl_seconds = 3600;
    put(&w, 0, "k", "v");
    put(&w, 1, "other", "");
    plan(&w);
    assert_int_equal(w.p.summary.create, 2);
    assert_int_equal(w.p.summary.put, 2);
    assert_int_equal(live_namespaces(&w), 0);
    do_planned(&w);
    assert_int_equal(w.r.applied.create, 2);
    assert_string_equal(value_of(&w, "shop-config-dev", "k"), "v");
    assert_int_equal(expiration_of(&w, "plain", "other"), NOW + 3600);
    assert_int_equal(entry(&w, "shop/config/dev")->origin, STATE_CREATED);
    assert_empty(&w);
    assert_int_equal(w.p.summary.unchanged, 2);
    world_end(&w);
}

static void outputs_are_recorded_when_their_ids_are_known_and_dropped_with_their_declaration(
    void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    output(&w, "id", with_id(&w.m, 0));
    output(&w, "word", literal(&w.m, "it's"));
    apply_all(&w);
    struct id id = id_copy(&w, "a");
    char want[80];
    snprintf(want, sizeof want, "\"id=%s\"", id.s);
    assert_int_equal(w.t.state.n_outputs, 2);
    assert_true(bytes_equal(w.t.state.outputs[0].json, B(want)));
    assert_true(bytes_equal(w.t.state.outputs[1].json, B("\"it's\"")));
    assert_empty(&w);
    redeclare(&w);
    ns_titled(&w, "a");
    apply_all(&w);
    assert_int_equal(w.t.state.n_outputs, 0);
    world_end(&w);
}

static void a_namespace_that_must_exist_and_does_not_is_an_error(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a")->create = false;
    assert_refused(&w, "namespace.missing");
    others_create(&w, "a");
    plan(&w);
    assert_int_equal(N(ACTION_ADOPT), 1);
    world_end(&w);
}

static void all_declarations_that_do_not_fit_are_told_together(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a")->create = false;
    ns_titled(&w, "b")->id = B("feed");
    assert_refused(&w, "namespace.missing");
    assert_int_equal(w.p.notes.n, 2);
    assert_string_equal(w.err.message, "2 declarations cannot be matched with the account");
    world_end(&w);
}

/* ---- Adopting -------------------------------------------------------------------------------- */

static void an_existing_title_is_adopted_without_a_request(void **state)
{
    (void)state;
    WORLD(w);
    struct id id = others_create(&w, "a");
    ns_titled(&w, "a");
    plan(&w);
    assert_string_equal(only(&w, ACTION_NAMESPACE, ACTION_ADOPT)->reason,
                        "a namespace of that title exists");
    assert_int_equal(w.p.cost.execute.requests, 0);
    do_planned(&w);
    assert_int_equal(entry(&w, "a")->origin, STATE_ADOPTED);
    assert_true(bytes_equal(entry(&w, "a")->id, B(id.s)));
    assert_empty(&w);
    world_end(&w);
}

static void no_adopt_refuses_what_exists_but_not_what_the_state_holds(void **state)
{
    (void)state;
    WORLD(w);
    others_create(&w, "a");
    ns_titled(&w, "a");
    w.o.no_adopt = true;
    assert_refused(&w, "namespace.exists");
    w.o.no_adopt = false;
    apply_all(&w);
    w.o.no_adopt = true;
    assert_empty(&w);
    redeclare(&w); /* the same title under another address */
    ns_at(&w, "config", "dev", "a");
    plan(&w);
    assert_int_equal(N(ACTION_UPDATE), 1);
    world_end(&w);
}

static void a_pinned_id_is_adopted_whatever_its_title(void **state)
{
    (void)state;
    WORLD(w);
    struct id id = others_create(&w, "old");
    ns_titled(&w, "new")->id = B(id.s);
    apply_all(&w);
    assert_int_equal(w.r.applied.adopt, 1);
    assert_int_equal(w.r.applied.rename, 1);
    assert_string_equal(id_of(&w, "new"), id.s);
    assert_empty(&w);
    world_end(&w);
}

/* Nobody gave it a title: it keeps the live one, whatever that is. */
static struct namespace_decl *ns_pinned(struct world *w, struct bytes id)
{
    struct namespace_decl *ns = ns_titled(w, "");
    ns->title = ns->address = bytes_make(NULL, 0);
    ns->title_explicit = false;
    ns->id = id;
    model_name_namespace(&w->m, ns);
    return ns;
}

static void a_namespace_that_is_pinned_without_a_title_keeps_its_own(void **state)
{
    (void)state;
    WORLD(w);
    struct id id = others_create(&w, "live");
    ns_pinned(&w, B(id.s));
    plan(&w);
    assert_true(bytes_equal(only(&w, ACTION_NAMESPACE, ACTION_ADOPT)->title, B("live")));
    do_planned(&w);
    assert_int_equal(w.r.applied.rename, 0);
    assert_true(bytes_equal(entry(&w, id.s)->title, B("live")));
    assert_empty(&w);
    others_rename(&w, "live", "other");
    plan(&w);
    assert_string_equal(only(&w, ACTION_NAMESPACE, ACTION_UPDATE)->reason, "it was titled 'live'");
    do_planned(&w);
    assert_true(bytes_equal(entry(&w, id.s)->title, B("other")));
    assert_empty(&w);
    world_end(&w);
}

static void a_namespace_that_keeps_its_title_gets_an_address_of_its_own_later(void **state)
{
    (void)state;
    WORLD(w);
    struct id id = others_create(&w, "live");
    ns_pinned(&w, B(id.s));
    apply_all(&w);
    redeclare(&w);
    ns_titled(&w, "live")->id = B(id.s);
    plan(&w);
    assert_int_equal(N(ACTION_UPDATE), 1);
    assert_int_equal(N(ACTION_DELETE) + N(ACTION_FORGET) + N(ACTION_RENAME), 0);
    do_planned(&w);
    assert_null(entry(&w, id.s));
    assert_string_equal(id_of(&w, "live"), id.s);
    assert_empty(&w);
    world_end(&w);
}

static void a_kept_title_is_taken_by_only_and_left_free_by_none(void **state)
{
    (void)state;
    WORLD(w);
    struct id id = others_create(&w, "live");
    ns_pinned(&w, B(id.s));
    apply_all(&w);
    redeclare(&w);
    ns_pinned(&w, B(id.s))->ttl_seconds = 60;
    ns_titled(&w, "other");
    const char *live[] = {"live"};
    w.o.only = live;
    w.o.n_only = 1;
    plan(&w);
    assert_int_equal(N(ACTION_UPDATE), 1);
    assert_int_equal(N(ACTION_CREATE), 0);
    plan_release(&w.p);
    w.o.n_only = 0;
    ns_titled(&w, "live");
    assert_refused(&w, "namespace.taken");
    world_end(&w);
}

static void a_pinned_id_that_does_not_exist_is_an_error(void **state)
{
    (void)state;
    WORLD(w);
    others_create(&w, "a");
    ns_titled(&w, "a")->id = B("feedfeedfeedfeedfeedfeedfeedfeed");
    assert_refused(&w, "namespace.missing");
    world_end(&w);
}

static void two_declarations_never_stand_for_one_namespace(void **state)
{
    (void)state;
    WORLD(w);
    struct id id = others_create(&w, "a");
    ns_titled(&w, "x")->id = B(id.s);
    ns_titled(&w, "y")->id = B(id.s);
    assert_refused(&w, "namespace.shared");
    assert_contains(note(&w, "namespace.shared")->message, "'y' and 'x' (kv.lua:1)");
    redeclare(&w);
    ns_titled(&w, "a");
    ns_titled(&w, "y")->id = B(id.s); /* a pin is the stronger claim, in either order */
    plan(&w);
    assert_int_equal(N(ACTION_ADOPT), 1);
    assert_int_equal(N(ACTION_CREATE), 1);
    assert_true(bytes_equal(only(&w, ACTION_NAMESPACE, ACTION_CREATE)->address, B("a")));
    do_planned(&w);
    assert_string_equal(id_of(&w, "y"), id.s);
    assert_string_not_equal(id_of(&w, "a"), id.s);
    assert_empty(&w);
    world_end(&w);
}

static void a_namespace_pinned_by_what_the_state_created_stays_created(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    apply_all(&w);
    struct id id = id_copy(&w, "a");
    redeclare(&w);
    struct namespace_decl *ns = ns_at(&w, "config", "dev", "b");
    ns->id = B(id.s);
    plan(&w);
    assert_int_equal(N(ACTION_DELETE), 0);
    assert_int_equal(N(ACTION_FORGET), 0);
    do_planned(&w);
    assert_int_equal(live_namespaces(&w), 1);
    assert_string_equal(id_of(&w, "b"), id.s);
    assert_null(entry(&w, "a"));
    assert_int_equal(entry(&w, "shop/config/dev")->origin, STATE_CREATED);
    assert_empty(&w);
    world_end(&w);
}

static void a_declaration_pinned_anew_leaves_its_old_namespace_alone(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    apply_all(&w);
    struct id old = id_copy(&w, "a"), new = others_create(&w, "b");
    redeclare(&w);
    struct namespace_decl *ns = ns_titled(&w, "a");
    ns->id = B(new.s);
    others_rename(&w, "a", "c");
    plan(&w);
    assert_non_null(note(&w, "namespace.repinned"));
    assert_int_equal(N(ACTION_DELETE), 0);
    assert_int_equal(N(ACTION_FORGET), 1);
    do_planned(&w);
    assert_string_equal(id_of(&w, "c"), old.s);
    assert_string_equal(id_of(&w, "a"), new.s);
    assert_null(state_find_id(&w.t.state, B(""), B(old.s)));
    assert_empty(&w);
    world_end(&w);
}

static void an_interrupted_create_is_recognised_as_ours(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    put(&w, 0, "k", "v");
    w.store.lose_at = 2; /* listing, then the create: done, but the answer is lost */
    assert_false(try_apply(&w));
    assert_int_equal(w.err.code, ERR_FAILED);
    assert_int_equal(live_namespaces(&w), 1);
    meddle_reset(&w);
    w.o.no_adopt = true; /* it is ours, so this does not matter */
    plan(&w);
    assert_string_equal(only(&w, ACTION_NAMESPACE, ACTION_ADOPT)->reason,
                        "an interrupted apply created it");
    do_planned(&w);
    assert_int_equal(entry(&w, "a")->origin, STATE_CREATED);
    assert_string_equal(value_of(&w, "a", "k"), "v");
    assert_int_equal(w.t.state.accounts[0].n_creating, 0);
    assert_empty(&w);
    world_end(&w);
}

static void a_refused_create_does_not_make_a_later_namespace_ours(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    w.store.fail_at = 2;
    w.store.fail_with = ERR_LIMIT;
    assert_false(try_apply(&w));
    meddle_reset(&w);
    others_create(&w, "a");
    apply_all(&w);
    assert_int_equal(entry(&w, "a")->origin, STATE_ADOPTED);
    world_end(&w);
}

static void creates_that_were_never_sent_do_not_make_later_namespaces_ours(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    ns_titled(&w, "b");
    w.store.interrupt_after = 2;
    assert_false(try_apply(&w));
    assert_int_equal(w.err.code, ERR_INTERRUPTED);
    meddle_reset(&w);
    others_create(&w, "b");
    apply_all(&w);
    assert_int_equal(entry(&w, "a")->origin, STATE_CREATED);
    assert_int_equal(entry(&w, "b")->origin, STATE_ADOPTED);
    assert_empty(&w);
    world_end(&w);
}

/* ---- A title that turns up between plan and apply -------------------------------------------- */

static void somebody_creates_a(struct world *w)
{
    others_create(w, "a");
    others_put(w, "a", "same", "v");
    others_put(w, "a", "theirs", "1");
}

static void a_title_taken_since_the_plan_is_adopted_and_its_keys_are_looked_at(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    put(&w, 0, "same", "v");
    put(&w, 0, "new", "v");
    w.store.before = somebody_creates_a;
    w.store.before_kind = STORE_NAMESPACE_CREATE;
    plan(&w);
    do_planned(&w);
    assert_int_equal(w.r.applied.adopt, 1);
    assert_int_equal(w.r.applied.create, 0);
    assert_int_equal(w.r.applied.put, 1); /* `same` is as declared */
    assert_int_equal(entry(&w, "a")->origin, STATE_ADOPTED);
    assert_string_equal(keys_of(&w, "a"), "new same theirs");
    assert_empty(&w);
    world_end(&w);
}

static void its_values_are_not_overwritten_without_a_word(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    put(&w, 0, "theirs", "ours");
    put(&w, 0, "new", "v");
    w.store.before = somebody_creates_a;
    w.store.before_kind = STORE_NAMESPACE_CREATE;
    plan(&w);
    assert_false(try_do(&w));
    assert_int_equal(w.err.code, ERR_PARTIAL);
    assert_contains(w.r.failed[0].message, "is being adopted");
    assert_contains(w.r.failed[0].hint, "--allow-data-loss");
    assert_string_equal(value_of(&w, "a", "theirs"), "1");
    assert_string_equal(value_of(&w, "a", "new"), "(absent)");
    meddle_reset(&w);
    plan(&w); /* now the plan shows the overwrite */
    assert_int_equal(w.p.summary.overwrite, 1);
    do_planned(&w);
    assert_string_equal(backup_text(&w, 0), "theirs=1");
    assert_string_equal(value_of(&w, "a", "theirs"), "ours");
    assert_empty(&w);
    world_end(&w);
}

static void with_data_loss_allowed_they_are_overwritten_after_a_backup(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    put(&w, 0, "theirs", "ours");
    put(&w, 0, "same", "v");
    w.o.permits.data_loss.bare = true;
    w.o.refresh = REFRESH_NAMES; /* looked at nonetheless */
    w.store.before = somebody_creates_a;
    w.store.before_kind = STORE_NAMESPACE_CREATE;
    apply_all(&w);
    assert_int_equal(w.r.applied.overwrite, 1);
    assert_string_equal(backup_text(&w, 0), "theirs=1");
    assert_string_equal(value_of(&w, "a", "theirs"), "ours");
    world_end(&w);
}

static void with_no_adopt_a_title_taken_since_the_plan_is_a_failure(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    put(&w, 0, "k", "v");
    w.o.no_adopt = true;
    w.store.before = somebody_creates_a;
    w.store.before_kind = STORE_NAMESPACE_CREATE;
    plan(&w);
    assert_false(try_do(&w));
    assert_int_equal(w.err.code, ERR_FAILED);
    assert_int_equal(w.r.n_failed, 2); /* the create, and the put that waited for it */
    assert_string_equal(value_of(&w, "a", "k"), "(absent)");
    meddle_reset(&w);
    w.o.no_adopt = false;
    apply_all(&w);
    assert_int_equal(entry(&w, "a")->origin, STATE_ADOPTED);
    world_end(&w);
}

static void rename_b_to_a(struct world *w)
{
    others_rename(w, "b", "a");
}

static void a_taken_title_of_another_declaration_is_not_adopted(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "b");
    apply_all(&w);
    ns_titled(&w, "a");
    plan(&w);
    w.store.before = rename_b_to_a;
    w.store.before_kind = STORE_NAMESPACE_CREATE;
    assert_false(try_do(&w));
    assert_contains(w.r.failed[0].message, "which is another's");
    assert_null(entry(&w, "a"));
    world_end(&w);
}

static void a_taken_title_of_a_namespace_to_be_deleted_is_not_adopted(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "b");
    apply_all(&w);
    struct id id = id_copy(&w, "b");
    redeclare(&w);
    ns_titled(&w, "a");
    plan(&w);
    assert_int_equal(N(ACTION_DELETE), 1);
    w.store.before = rename_b_to_a;
    w.store.before_kind = STORE_NAMESPACE_CREATE;
    assert_false(try_do(&w));
    assert_int_equal(w.r.n_failed, 2);
    assert_string_equal(id_of(&w, "a"), id.s);
    world_end(&w);
}

static void put_theirs(struct world *w)
{
    others_put(w, "a", "theirs", "1");
}

static void data_under_a_new_id_is_treated_like_an_adoption(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    put(&w, 0, "theirs", "ours");
    w.store.existed = true;
    w.store.before = put_theirs;
    w.store.before_kind = STORE_KEY_LIST;
    assert_false(try_apply(&w));
    assert_int_equal(w.err.code, ERR_PARTIAL);
    assert_int_equal(w.r.applied.adopt, 1);
    assert_int_equal(entry(&w, "a")->origin, STATE_ADOPTED);
    assert_string_equal(value_of(&w, "a", "theirs"), "1");
    meddle_reset(&w);
    apply_all(&w);
    assert_string_equal(backup_text(&w, 0), "theirs=1");
    assert_string_equal(value_of(&w, "a", "theirs"), "ours");
    assert_empty(&w);
    world_end(&w);
}

/* ---- Looking up ------------------------------------------------------------------------------ */

static void an_old_title_finds_nothing(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct observed *o = observed_new(&arena, NULL);
    assert_non_null(o);
    for (size_t i = 0; i < 100; i++) { /* so many that slots collide */
        struct bytes id = bytes_of(arena_printf(&arena, "id%zu", i));
        assert_int_equal(observed_add(o, B(""), id, id), i);
    }
    for (size_t i = 0; i < 100; i += 2)
        observed_retitle(o, i, bytes_of(arena_printf(&arena, "t%zu", i)));
    for (size_t i = 0; i < 100; i++) {
        struct bytes old = bytes_of(arena_printf(&arena, "id%zu", i));
        assert_int_equal(observed_by_title(o, B(""), old), i % 2 ? i : OBSERVE_NONE);
        assert_int_equal(observed_by_id(o, B(""), old), i);
        assert_int_equal(observed_by_id(o, B("other"), old), OBSERVE_NONE);
    }
    observed_free(o);
    arena_release(&arena);
}

/* ---- Renaming -------------------------------------------------------------------------------- */

static void a_changed_title_at_the_same_address_is_a_rename(void **state)
{
    (void)state;
    WORLD(w);
    ns_at(&w, "config", "dev", "old");
    put(&w, 0, "k", "v");
    apply_all(&w);
    struct id id = id_copy(&w, "old");
    redeclare(&w);
    ns_at(&w, "config", "dev", "new");
    put(&w, 0, "k", "v");
    plan(&w);
    const struct action *a = only(&w, ACTION_NAMESPACE, ACTION_RENAME);
    assert_before(&w, a, "{\"title\":\"old\"}");
    assert_after(&w, a, "{\"title\":\"new\"}");
    assert_int_equal(w.p.n, 1); /* no data moved, nothing deleted */
    do_planned(&w);
    assert_string_equal(id_of(&w, "new"), id.s);
    assert_string_equal(value_of(&w, "new", "k"), "v");
    assert_empty(&w);
    world_end(&w);
}

static void renamed_from_names_an_old_address(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "old");
    apply_all(&w);
    struct id id = id_copy(&w, "old");
    redeclare(&w);
    ns_titled(&w, "new")->renamed_from = B("old");
    plan(&w);
    assert_int_equal(N(ACTION_RENAME), 1);
    assert_int_equal(N(ACTION_DELETE), 0);
    assert_int_equal(N(ACTION_CREATE), 0);
    do_planned(&w);
    assert_string_equal(id_of(&w, "new"), id.s);
    assert_null(entry(&w, "old"));
    assert_int_equal(entry(&w, "new")->origin, STATE_CREATED);
    assert_empty(&w);
    world_end(&w);
}

static void renamed_from_names_an_old_title(void **state)
{
    (void)state;
    WORLD(w);
    ns_at(&w, "config", "dev", "old");
    apply_all(&w);
    struct id id = id_copy(&w, "old");
    redeclare(&w);
    ns_at(&w, "flags", "dev", "new")->renamed_from = B("old");
    apply_all(&w);
    assert_string_equal(id_of(&w, "new"), id.s);
    assert_int_equal(live_namespaces(&w), 1);
    assert_empty(&w);
    world_end(&w);
}

static void renamed_from_names_a_live_title_that_no_state_knows(void **state)
{
    (void)state;
    WORLD(w);
    struct id id = others_create(&w, "old");
    ns_titled(&w, "new")->renamed_from = B("old");
    plan(&w);
    assert_string_equal(only(&w, ACTION_NAMESPACE, ACTION_ADOPT)->reason,
                        "renamed_from names 'old', which this state has not recorded");
    const struct action *rename = only(&w, ACTION_NAMESPACE, ACTION_RENAME);
    assert_true(bytes_equal(rename->old_title, B("old")));
    assert_string_equal(rename->reason, "it is not titled as it is declared");
    do_planned(&w);
    assert_string_equal(id_of(&w, "new"), id.s);
    assert_int_equal(entry(&w, "new")->origin, STATE_ADOPTED);
    assert_empty(&w);
    world_end(&w);
}

static void a_declared_title_is_a_stronger_claim_than_renamed_from(void **state)
{
    (void)state;
    WORLD(w);
    struct id id = others_create(&w, "a");
    ns_titled(&w, "b")->renamed_from = B("a");
    ns_titled(&w, "a");
    plan(&w);
    assert_true(bytes_equal(only(&w, ACTION_NAMESPACE, ACTION_ADOPT)->address, B("a")));
    do_planned(&w);
    assert_string_equal(id_of(&w, "a"), id.s);
    world_end(&w);
}

static void an_old_address_that_is_still_declared_keeps_its_namespace(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    apply_all(&w);
    struct id id = id_copy(&w, "a");
    ns_titled(&w, "b")->renamed_from = B("a");
    apply_all(&w);
    assert_string_equal(id_of(&w, "a"), id.s);
    assert_int_equal(live_namespaces(&w), 2);
    assert_empty(&w);
    world_end(&w);
}

static void addresses_move_along_a_chain(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    ns_titled(&w, "b");
    put(&w, 0, "k", "of a");
    put(&w, 1, "k", "of b");
    apply_all(&w);
    struct id a = id_copy(&w, "a"), b = id_copy(&w, "b");
    redeclare(&w);
    ns_titled(&w, "b")->renamed_from = B("a");
    ns_titled(&w, "c")->renamed_from = B("b");
    put(&w, 0, "k", "of a");
    put(&w, 1, "k", "of b");
    plan(&w);
    assert_int_equal(N(ACTION_RENAME), 2);
    assert_int_equal(w.p.summary.put + w.p.summary.overwrite, 0);
    assert_int_equal(N(ACTION_DELETE) + N(ACTION_FORGET) + N(ACTION_CREATE), 0);
    do_planned(&w);
    assert_string_equal(id_of(&w, "b"), a.s);
    assert_string_equal(id_of(&w, "c"), b.s);
    assert_empty(&w);
    world_end(&w);
}

static void two_titles_change_places(void **state)
{
    (void)state;
    WORLD(w);
    ns_at(&w, "one", "dev", "x");
    ns_at(&w, "two", "dev", "y");
    apply_all(&w);
    struct id x = id_copy(&w, "x"), y = id_copy(&w, "y");
    redeclare(&w);
    ns_at(&w, "one", "dev", "y");
    ns_at(&w, "two", "dev", "x");
    plan(&w);
    assert_int_equal(N(ACTION_RENAME), 3); /* one of them twice */
    assert_int_equal(w.p.summary.rename, 2);
    assert_int_equal(w.p.n, 3);
    do_planned(&w);
    assert_string_equal(id_of(&w, "y"), x.s);
    assert_string_equal(id_of(&w, "x"), y.s);
    assert_empty(&w);
    world_end(&w);
}

static void three_titles_go_round(void **state)
{
    (void)state;
    WORLD(w);
    ns_at(&w, "one", "dev", "x");
    ns_at(&w, "two", "dev", "y");
    ns_at(&w, "three", "dev", "z");
    apply_all(&w);
    struct id x = id_copy(&w, "x"), y = id_copy(&w, "y"), z = id_copy(&w, "z");
    redeclare(&w);
    ns_at(&w, "one", "dev", "y");
    ns_at(&w, "two", "dev", "z");
    ns_at(&w, "three", "dev", "x");
    plan(&w);
    assert_int_equal(N(ACTION_RENAME), 4);
    do_planned(&w);
    assert_string_equal(id_of(&w, "y"), x.s);
    assert_string_equal(id_of(&w, "z"), y.s);
    assert_string_equal(id_of(&w, "x"), z.s);
    assert_empty(&w);
    world_end(&w);
}

static void a_title_freed_by_another_rename_is_taken_after_it(void **state)
{
    (void)state;
    WORLD(w);
    ns_at(&w, "one", "dev", "x");
    ns_at(&w, "two", "dev", "y");
    apply_all(&w);
    struct id x = id_copy(&w, "x"), y = id_copy(&w, "y");
    redeclare(&w);
    ns_at(&w, "one", "dev", "y");
    ns_at(&w, "two", "dev", "z");
    ns_at(&w, "three", "dev", "x"); /* a new one takes the title that is freed */
    plan(&w);
    assert_int_equal(N(ACTION_RENAME), 2);
    assert_int_equal(N(ACTION_CREATE), 1);
    do_planned(&w);
    assert_string_equal(id_of(&w, "y"), x.s);
    assert_string_equal(id_of(&w, "z"), y.s);
    assert_int_equal(live_namespaces(&w), 3);
    assert_empty(&w);
    world_end(&w);
}

static void a_namespace_that_is_deleted_makes_way(void **state)
{
    (void)state;
    WORLD(w);
    ns_at(&w, "one", "dev", "x");
    ns_at(&w, "two", "dev", "y");
    apply_all(&w);
    struct id x = id_copy(&w, "x");
    redeclare(&w);
    ns_at(&w, "one", "dev", "y");
    plan(&w);
    assert_int_equal(N(ACTION_RENAME), 2);
    assert_int_equal(w.p.summary.rename, 1);
    assert_int_equal(N(ACTION_DELETE), 1);
    do_planned(&w);
    assert_string_equal(id_of(&w, "y"), x.s);
    assert_int_equal(live_namespaces(&w), 1);
    assert_empty(&w);
    world_end(&w);
}

static void a_title_that_somebody_else_keeps_is_an_error(void **state)
{
    (void)state;
    WORLD(w);
    ns_at(&w, "one", "dev", "x");
    apply_all(&w);
    others_create(&w, "y");
    redeclare(&w);
    ns_at(&w, "one", "dev", "y");
    assert_refused(&w, "namespace.taken");
    assert_contains(note(&w, "namespace.taken")->message, "the title 'y' belongs to namespace");
    world_end(&w);
}

static void a_changed_address_with_the_same_title_keeps_the_namespace(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    put(&w, 0, "k", "v");
    put(&w, 0, "gone", "v");
    apply_all(&w);
    struct id id = id_copy(&w, "a");
    redeclare(&w);
    ns_at(&w, "config", "dev", "a");
    put(&w, 0, "k", "v");
    plan(&w);
    assert_string_equal(only(&w, ACTION_NAMESPACE, ACTION_UPDATE)->reason, "its address was 'a'");
    assert_int_equal(w.p.n, 2); /* its records moved along: the removed put is still known */
    assert_int_equal(w.p.summary.delete_keys, 1);
    do_planned(&w);
    assert_string_equal(id_of(&w, "a"), id.s);
    assert_string_equal(keys_of(&w, "a"), "k");
    assert_null(entry(&w, "a"));
    assert_empty(&w);
    world_end(&w);
}

static void a_rename_by_others_is_taken_back(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    apply_all(&w);
    struct id id = id_copy(&w, "a");
    others_rename(&w, "a", "b");
    plan(&w);
    const struct action *rename = only(&w, ACTION_NAMESPACE, ACTION_RENAME);
    assert_true(bytes_equal(rename->old_title, B("b")));
    assert_string_equal(rename->reason, "it was renamed outside cfkv to 'b'");
    do_planned(&w);
    assert_string_equal(id_of(&w, "a"), id.s);
    assert_empty(&w);
    world_end(&w);
}

static void a_rename_by_others_and_by_the_declaration_are_both_told(void **state)
{
    (void)state;
    WORLD(w);
    ns_at(&w, "config", "dev", "old");
    apply_all(&w);
    redeclare(&w);
    ns_at(&w, "config", "dev", "new");
    others_rename(&w, "old", "theirs");
    plan(&w);
    assert_string_equal(only(&w, ACTION_NAMESPACE, ACTION_RENAME)->reason,
                        "it was renamed outside cfkv to 'theirs', and the declared title changed");
    redeclare(&w);
    plan(&w);
    assert_string_equal(only(&w, ACTION_NAMESPACE, ACTION_DELETE)->reason,
                        "it is not declared any more; it was renamed outside cfkv, from 'old'");
    world_end(&w);
}

/* ---- Deleted outside cfkv -------------------------------------------------------------------- */

static void a_namespace_deleted_outside_is_created_again_under_a_new_id(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    put(&w, 0, "k", "v");
    apply_all(&w);
    struct id old = id_copy(&w, "a");
    others_delete(&w, "a");
    redeclare(&w);
    ns_titled(&w, "a");
    put(&w, 0, "other", "v");
    plan(&w);
    assert_contains(only(&w, ACTION_NAMESPACE, ACTION_CREATE)->reason,
                    "was deleted outside cfkv; it is created again, empty, under a new id");
    assert_contains(only(&w, ACTION_NAMESPACE, ACTION_CREATE)->reason, old.s);
    do_planned(&w);
    assert_string_not_equal(id_of(&w, "a"), old.s);
    assert_string_equal(keys_of(&w, "a"), "other");
    assert_empty(&w);
    world_end(&w);
}

static void a_new_namespace_of_the_title_is_adopted_instead(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    put(&w, 0, "k", "v");
    apply_all(&w);
    others_delete(&w, "a");
    struct id id = others_create(&w, "a");
    others_put(&w, "a", "k", "v");
    plan(&w);
    assert_int_equal(N(ACTION_ADOPT), 1);
    assert_int_equal(N(ACTION_DELETE), 0);
    do_planned(&w);
    assert_true(bytes_equal(entry(&w, "a")->id, B(id.s)));
    assert_int_equal(entry(&w, "a")->origin, STATE_ADOPTED);
    assert_empty(&w);
    redeclare(&w);
    apply_all(&w);
    assert_string_equal(id_of(&w, "a"), id.s); /* forgotten, not deleted */
    world_end(&w);
}

static void a_leftover_entry_never_takes_another_entry_with_it(void **state)
{
    (void)state;
    WORLD(w);
    ns_at(&w, "one", "dev", "x");
    ns_at(&w, "two", "dev", "y");
    apply_all(&w);
    struct id y = id_copy(&w, "y");
    others_delete(&w, "x");
    redeclare(&w);
    ns_at(&w, "one", "dev", "y"); /* the address of the dead one now has the title of the other */
    apply_all(&w);
    assert_string_equal(id_of(&w, "y"), y.s);
    assert_true(bytes_equal(entry(&w, "shop/one/dev")->id, B(y.s)));
    assert_null(entry(&w, "shop/two/dev"));
    assert_empty(&w);
    world_end(&w);
}

/* ---- Removing -------------------------------------------------------------------------------- */

static void what_was_created_is_deleted_and_what_was_adopted_forgotten(void **state)
{
    (void)state;
    WORLD(w);
    others_create(&w, "theirs");
    ns_titled(&w, "ours");
    ns_titled(&w, "theirs");
    apply_all(&w);
    redeclare(&w);
    allow_all(&w);
    plan(&w);
    assert_true(bytes_equal(only(&w, ACTION_NAMESPACE, ACTION_DELETE)->address, B("ours")));
    assert_string_equal(only(&w, ACTION_NAMESPACE, ACTION_FORGET)->reason,
                        "not declared any more; adopted, so it stays");
    do_planned(&w);
    assert_string_equal(id_of(&w, "ours"), "");
    assert_string_not_equal(id_of(&w, "theirs"), "");
    assert_empty(&w);
    world_end(&w);
}

static void on_remove_says_otherwise(void **state)
{
    (void)state;
    WORLD(w);
    others_create(&w, "theirs");
    ns_titled(&w, "ours")->on_remove = ON_REMOVE_KEEP;
    ns_titled(&w, "theirs")->on_remove = ON_REMOVE_DELETE;
    apply_all(&w);
    redeclare(&w);
    plan(&w);
    assert_true(bytes_equal(only(&w, ACTION_NAMESPACE, ACTION_DELETE)->address, B("theirs")));
    assert_string_equal(only(&w, ACTION_NAMESPACE, ACTION_FORGET)->reason,
                        "not declared any more; on_remove is keep");
    world_end(&w);
}

static void without_a_state_nothing_is_deleted(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    ns_titled(&w, "b");
    apply_all(&w);
    buf_clear(&w.disk.document);
    redeclare(&w);
    ns_titled(&w, "a");
    plan(&w);
    assert_int_equal(N(ACTION_ADOPT), 1);
    assert_int_equal(w.p.n, 1);
    assert_contains(plan_text(&w),
                    "There is no state: what exists is adopted, and nothing is deleted.");
    do_planned(&w);
    assert_int_equal(live_namespaces(&w), 2);
    world_end(&w);
}

static void a_title_that_moved_since_the_plan_is_not_deleted(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    apply_all(&w);
    redeclare(&w);
    allow_all(&w);
    plan(&w);
    others_rename(&w, "a", "b");
    assert_false(try_do(&w));
    assert_int_equal(w.err.code, ERR_FAILED);
    assert_contains(w.r.failed[0].message, "namespace 'a' is titled 'b' now");
    assert_string_not_equal(id_of(&w, "b"), "");
    assert_non_null(entry(&w, "a"));
    world_end(&w);
}

static void what_is_gone_already_counts_as_deleted(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    apply_all(&w);
    redeclare(&w);
    allow_all(&w);
    plan(&w);
    others_delete(&w, "a");
    do_planned(&w);
    assert_null(entry(&w, "a"));
    assert_empty(&w);
    world_end(&w);
}

static void recorded_attributes_are_updated_without_a_request(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    apply_all(&w);
    redeclare(&w);
    struct namespace_decl *ns = ns_titled(&w, "a");
    ns->description = B("what it is for");
    ns->binding = B("A");
    plan(&w);
    assert_string_equal(only(&w, ACTION_NAMESPACE, ACTION_UPDATE)->reason, "description changes");
    assert_int_equal(w.p.cost.execute.requests, 0);
    do_planned(&w);
    assert_true(bytes_equal(entry(&w, "a")->binding, B("A")));
    assert_empty(&w);
    world_end(&w);
}

static void accounts_are_kept_apart(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a")->account_id = B("0123456789abcdef0123456789abcdef");
    ns_titled(&w, "a");
    plan(&w);
    assert_int_equal(N(ACTION_CREATE), 2);
    do_planned(&w);
    assert_int_equal(w.t.state.n_accounts, 2);
    assert_empty(&w);
    world_end(&w);
}

#define ONE "0123456789abcdef0123456789abcdef"
#define TWO "00000000000000000000000000000000"

static void an_account_whose_last_declaration_went_is_planned_like_any_other(void **state)
{
    (void)state;
    WORLD(w);
    w.keeps_to_accounts = true;
    ns_titled(&w, "a")->account_id = B(ONE);
    apply_all(&w);
    redeclare(&w);
    ns_titled(&w, "a")->account_id = B(TWO);
    plan(&w);
    assert_int_equal(N(ACTION_CREATE), 1);
    assert_true(bytes_equal(only(&w, ACTION_NAMESPACE, ACTION_DELETE)->account_id, B(ONE)));
    world_end(&w);
}

static void assume(struct world *w, const char *account)
{
    redeclare(w);
    w->m.project.declared = true;
    w->m.project.account_id = B(account);
    w->m.project.account_assumed = true;
}

static void a_default_that_was_never_declared_goes_with_no_other_account(void **state)
{
    (void)state;
    WORLD(w);
    w.keeps_to_accounts = true;
    assume(&w, ONE);
    ns_titled(&w, "a");
    apply_all(&w);
    assume(&w, TWO);
    ns_titled(&w, "a");
    plan(&w);
    assert_int_equal(N(ACTION_CREATE), 1);
    assert_int_equal(N(ACTION_DELETE), 0);
    assert_string_equal(w.p.notes.items[0].code, "account.aside");
    do_planned(&w);
    assume(&w, ONE);
    plan(&w); /* neither does the other way round, with nothing declared */
    assert_true(bytes_equal(only(&w, ACTION_NAMESPACE, ACTION_DELETE)->account_id, B(ONE)));
    world_end(&w);
}

static void beside_such_a_default_an_account_that_was_named_is_planned(void **state)
{
    (void)state;
    WORLD(w);
    w.keeps_to_accounts = true;
    assume(&w, ONE);
    ns_titled(&w, "a");
    ns_titled(&w, "b")->account_id = B(TWO);
    apply_all(&w);
    assume(&w, ONE);
    ns_titled(&w, "a");
    plan(&w);
    assert_true(bytes_equal(only(&w, ACTION_NAMESPACE, ACTION_DELETE)->account_id, B(TWO)));
    world_end(&w);
}

static void accounts_that_the_filters_leave_out_are_not_asked(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a")->account_id = B(ONE);
    ns_titled(&w, "b")->account_id = B(TWO);
    const char *only[] = {ONE ":*"};
    w.o.only = only;
    w.o.n_only = 1;
    plan(&w);
    assert_int_equal(N(ACTION_CREATE), 1);
    assert_true(observed_lists(w.p.observed, B(ONE)));
    assert_false(observed_lists(w.p.observed, B(TWO)));
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_account_whose_last_declaration_went_is_planned_like_any_other),
        cmocka_unit_test(a_default_that_was_never_declared_goes_with_no_other_account),
        cmocka_unit_test(beside_such_a_default_an_account_that_was_named_is_planned),
        cmocka_unit_test(accounts_that_the_filters_leave_out_are_not_asked),
        cmocka_unit_test(the_first_plan_creates_everything_and_the_second_is_empty),
        cmocka_unit_test(
            outputs_are_recorded_when_their_ids_are_known_and_dropped_with_their_declaration),
        cmocka_unit_test(a_namespace_that_must_exist_and_does_not_is_an_error),
        cmocka_unit_test(all_declarations_that_do_not_fit_are_told_together),
        cmocka_unit_test(an_existing_title_is_adopted_without_a_request),
        cmocka_unit_test(no_adopt_refuses_what_exists_but_not_what_the_state_holds),
        cmocka_unit_test(a_pinned_id_is_adopted_whatever_its_title),
        cmocka_unit_test(a_namespace_that_is_pinned_without_a_title_keeps_its_own),
        cmocka_unit_test(a_namespace_that_keeps_its_title_gets_an_address_of_its_own_later),
        cmocka_unit_test(a_kept_title_is_taken_by_only_and_left_free_by_none),
        cmocka_unit_test(a_pinned_id_that_does_not_exist_is_an_error),
        cmocka_unit_test(two_declarations_never_stand_for_one_namespace),
        cmocka_unit_test(a_namespace_pinned_by_what_the_state_created_stays_created),
        cmocka_unit_test(a_declaration_pinned_anew_leaves_its_old_namespace_alone),
        cmocka_unit_test(an_interrupted_create_is_recognised_as_ours),
        cmocka_unit_test(a_refused_create_does_not_make_a_later_namespace_ours),
        cmocka_unit_test(creates_that_were_never_sent_do_not_make_later_namespaces_ours),
        cmocka_unit_test(a_title_taken_since_the_plan_is_adopted_and_its_keys_are_looked_at),
        cmocka_unit_test(its_values_are_not_overwritten_without_a_word),
        cmocka_unit_test(with_data_loss_allowed_they_are_overwritten_after_a_backup),
        cmocka_unit_test(with_no_adopt_a_title_taken_since_the_plan_is_a_failure),
        cmocka_unit_test(a_taken_title_of_another_declaration_is_not_adopted),
        cmocka_unit_test(a_taken_title_of_a_namespace_to_be_deleted_is_not_adopted),
        cmocka_unit_test(data_under_a_new_id_is_treated_like_an_adoption),
        cmocka_unit_test(an_old_title_finds_nothing),
        cmocka_unit_test(a_changed_title_at_the_same_address_is_a_rename),
        cmocka_unit_test(renamed_from_names_an_old_address),
        cmocka_unit_test(renamed_from_names_an_old_title),
        cmocka_unit_test(renamed_from_names_a_live_title_that_no_state_knows),
        cmocka_unit_test(a_declared_title_is_a_stronger_claim_than_renamed_from),
        cmocka_unit_test(an_old_address_that_is_still_declared_keeps_its_namespace),
        cmocka_unit_test(addresses_move_along_a_chain),
        cmocka_unit_test(two_titles_change_places),
        cmocka_unit_test(three_titles_go_round),
        cmocka_unit_test(a_title_freed_by_another_rename_is_taken_after_it),
        cmocka_unit_test(a_namespace_that_is_deleted_makes_way),
        cmocka_unit_test(a_title_that_somebody_else_keeps_is_an_error),
        cmocka_unit_test(a_changed_address_with_the_same_title_keeps_the_namespace),
        cmocka_unit_test(a_rename_by_others_is_taken_back),
        cmocka_unit_test(a_rename_by_others_and_by_the_declaration_are_both_told),
        cmocka_unit_test(a_namespace_deleted_outside_is_created_again_under_a_new_id),
        cmocka_unit_test(a_new_namespace_of_the_title_is_adopted_instead),
        cmocka_unit_test(a_leftover_entry_never_takes_another_entry_with_it),
        cmocka_unit_test(what_was_created_is_deleted_and_what_was_adopted_forgotten),
        cmocka_unit_test(on_remove_says_otherwise),
        cmocka_unit_test(without_a_state_nothing_is_deleted),
        cmocka_unit_test(a_title_that_moved_since_the_plan_is_not_deleted),
        cmocka_unit_test(what_is_gone_already_counts_as_deleted),
        cmocka_unit_test(recorded_attributes_are_updated_without_a_request),
        cmocka_unit_test(accounts_are_kept_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
