-- What `terraform show -json` prints of a saved plan.
local tf = require "support.terraform"

local ns, key, value, module, plan, change, list = tf.ns, tf.key, tf.value, tf.module, tf.plan, tf.change, tf.list

local N, K = tf.NAMESPACE, tf.KEY

local function without_id(attributes)
  return tf.with(attributes, { id = tf.none, supports_url_encoding = tf.none })
end

local function refers(...)
  return { namespace_id = { references = list { ... } } }
end


return {
  { name = "nothing changes: the state before", value = plan(module {
    value(N .. ".config", ns "plan-config"), value(K .. ".flag", key("plan-config", "flags", "on")),
  }, { change(N .. ".config", { before = ns "plan-config", after = ns "plan-config" }) }) },
  { name = "a title changes: as it is now", value = plan(module { value(N .. ".config", ns "plan-old") }, {
    change(N .. ".config", { actions = list { "update" }, before = ns "plan-old",
      after = ns("plan-old", { title = "plan-new" }) }),
  }) },
  { name = "what is only planned has no id", value = plan(module {}, {
    change(N .. ".new", { actions = list { "create" }, after = without_id(ns "plan-created"),
      after_unknown = { id = true } }),
    change(K .. ".new", { actions = list { "create" }, after = tf.with(key("plan-created", "k", "v"),
      { namespace_id = tf.none, id = tf.none }), after_unknown = { namespace_id = true } }),
  }, { configuration = { root_module = { resources = list {
    { address = K .. ".new", type = K, name = "new", expressions = refers(N .. ".new.id", N .. ".new") } } } } }) },
  { name = "planned keys of for_each, in a module", value = plan(module {}, {
    change('module.kv["eu"].' .. N .. '.this["a"]', { actions = list { "create" },
      after = without_id(ns "plan-a") }, { module_address = 'module.kv["eu"]', index = "a" }),
    change('module.kv["eu"].' .. K .. '.this["a"]', { actions = list { "create" },
      after = tf.with(key("plan-a", "k", "v"), { namespace_id = tf.none }) },
      { module_address = 'module.kv["eu"]', index = "a" }),
  }, { configuration = { root_module = { module_calls = { kv = { module = { resources = list {
    { type = K, name = "this", expressions = refers(N .. ".this", "each.key") } } } } } } } }) },
  { name = "importing: ids of blocks", value = plan(nil, {
    change(N .. ".tiles", { actions = list { "no-op" }, after = without_id(ns "plan-tiles"),
      importing = { id = tf.ACCOUNT .. "/" .. tf.id "plan-tiles" } }),
    change(K .. ".k", { after = tf.with(key("plan-tiles", "a/b", "v"), { namespace_id = tf.none, key_name = tf.none,
      id = tf.none }), importing = { id = tf.ACCOUNT .. "/" .. tf.id "plan-tiles" .. "/a%2Fb" } }),
    change(N .. ".bare", { importing = { id = tf.ACCOUNT .. "/" .. tf.id "plan-bare" } }),
  }) },
  { name = "importing what the state before has", value = plan(module { value(N .. ".tiles", ns "plan-known") }, {
    change(N .. ".tiles", { before = ns "plan-known", after = ns "plan-known",
      importing = { id = tf.ACCOUNT .. "/" .. tf.id "plan-known" } }),
  }) },
  { name = "what is deleted and replaced", value = plan(module {
    value(N .. ".gone", ns "plan-gone"), value(N .. ".again", ns "plan-again"),
  }, {
    change(N .. ".gone", { actions = list { "delete" }, before = ns "plan-gone" }),
    change(N .. ".again", { actions = list { "delete", "create" }, before = ns "plan-again",
      after = without_id(ns "plan-again") }),
  }) },
  { name = "a moved resource", value = plan(module { value(N .. ".old", ns "plan-moved") }, {
    change(N .. ".new", { before = ns "plan-moved", after = ns "plan-moved" }, { previous_address = N .. ".old" }),
  }) },
  { name = "sensitive values, before and after", value = plan(nil, {
    change(K .. ".a", { actions = list { "update" }, before = key("plan-s", "a", "old"),
      before_sensitive = { value = true }, after = key("plan-s", "a", "new") }),
    change(K .. ".b", { actions = list { "create" }, after = key("plan-s", "b", "new"),
      after_sensitive = { value = true } }),
    change(N .. ".s", { before = ns "plan-s", after = ns "plan-s" }),
  }) },
  { name = "changes alone, as policy tests have them", value = { resource_changes = list {
    { address = N .. ".x", type = N, name = "x", change = { after = { title = "plan-policy" } } },
    { address = "cloudflare_worker_script.api", type = "cloudflare_worker_script", name = "api",
      change = { after = { name = "api", kv_namespace_binding = list { { name = "STATE",
        namespace_id = tf.id "plan-bound" } } } } },
    { address = N .. ".y", type = N, name = "y", change = { before = ns "plan-bound" } } } } },
  { name = "planned values alone", value = { format_version = "1.1", planned_values = { root_module = module {
    value(N .. ".x", without_id(ns "plan-values")) } } } },
  { name = "data, and deposed objects", value = plan(module {
    value("data." .. N .. ".theirs", { namespace_id = tf.id "plan-theirs", title = "plan-theirs",
      account_id = tf.ACCOUNT }, { mode = "data" }), value(K .. ".k", key("plan-theirs", "k", "v")),
  }, {
    change("data." .. N .. ".theirs", { actions = list { "read" } }, { mode = "data" }),
    change(N .. ".x", { actions = list { "delete" }, before = ns "plan-deposed" }, { deposed = "5f2a1c3e" }),
  }) },
  { name = "a key whose namespace nobody can say", value = plan(module {}, {
    change(K .. ".k", { actions = list { "create" }, after = tf.with(key("plan-x", "k", "v"),
      { namespace_id = tf.none }) }),
  }, { configuration = { root_module = { resources = list { { type = K, name = "k",
    expressions = refers("var.namespace") } } } } }) },
  { name = "members of wrong types", value = plan("none", {
    change(N .. ".a", { actions = "create", after = "none" }), { type = N, name = "b", change = 5 }, "none",
    change(N .. ".c", { importing = { id = 5 } }), change(N .. ".d", { importing = "x" }),
  }, { configuration = { root_module = { resources = "none", module_calls = { a = { module = 5 }, b = 6 } } } }) },
  { name = "a newer format version", value = plan(module {}, {}, { format_version = "3.0" }) },
}
