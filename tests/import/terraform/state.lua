-- States of format version 4, as `terraform state pull` prints them, and others that are refused.
local tf = require "support.terraform"

local ns, key, resource, instance, state, list = tf.ns, tf.key, tf.resource, tf.instance, tf.state, tf.list
local null = tf.null

local function indexed(index, attributes, more)
  return instance(attributes, tf.with({ index_key = index }, more))
end


local LONG = "🚀 Ünïcode namespace – with a title of more than sixty-four characters, as the API allows"

return {
  { name = "a namespace and a key of provider version 5", value = state {
    resource("config", ns "shop-config"),
    resource("cloudflare_workers_kv.flag", key("shop-config", "flags", '{"dark":true}', { metadata = '{"by":"me"}' })),
    resource("cloudflare_dns_record.www", { id = "1", name = "www" }),
  } },
  { name = "provider version 4: ids of two parts, no flag for URLs", value = state {
    resource("config", { instance(tf.old_ns "shop-config", { schema_version = 0 }) }),
    resource("cloudflare_workers_kv.token", { instance(tf.old_key("shop-config", "api/token", "x"),
      { schema_version = 0 }) }),
  } },
  { name = "provider version 2: the account stands on the provider only", value = state({
    resource("a", { instance(tf.old_ns("v2-a", { account_id = tf.none }), { schema_version = 0 }) },
      { provider = "provider.cloudflare" }),
    resource("b", { instance(tf.old_ns("v2-b", { account_id = tf.none }), { schema_version = 0 }) },
      { provider = "provider.cloudflare" }),
    resource("cloudflare_workers_kv.k", { instance({ id = tf.id "v2-a" .. "/deep/er", value = "1" }) },
      { provider = ('provider["%s/-/cloudflare"]'):format(tf.HOST) }),
  }, { terraform_version = "0.12.31" }) },
  { name = "for_each: indices with all that shells and Terraform quote", value = state {
    resource("each", {
      indexed("shop-cache-prod", ns "shop-cache-prod"), indexed("it's \"quoted\"", ns "quoted"),
      indexed("a/b c", ns "a/b c"), indexed("${x}", ns "${x}"), indexed("]", ns "]"), indexed("ä\n", ns "umlaut"),
    }),
  } },
  { name = "count: hundreds of keys are one resource", value = state {
    resource("this", { indexed(0, ns "counted-0"), indexed(1, ns "counted-1") }),
    resource("cloudflare_workers_kv.list", { indexed(0, key("counted-0", "a", "0")),
      indexed(1, key("counted-0", "b", "1")), indexed(2, key("counted-1", "a", "2")) }),
  } },
  { name = "modules within modules, each with instances", value = state {
    resource("this", ns "shop-eu", { module = 'module.kv["eu"]' }),
    resource("this", ns "shop-us", { module = 'module.kv["us.east[1]"]' }),
    resource("this", { indexed("x", ns "deep-x") }, { module = 'module.a[0].module.b' }),
    resource("cloudflare_workers_kv.this", key("deep-x", "k", "v"), { module = 'module.a[0].module.b' }),
  } },
  { name = "aliases of a provider, and OpenTofu's", value = state {
    resource("eu", ns "alias-eu", { provider = tf.PROVIDER .. ".eu" }),
    resource("us", ns "alias-us", { provider = "module.x." .. tf.TOFU .. ".us" }),
  } },
  { name = "tainted, and deposed instances", value = state {
    resource("this", { instance(ns "replaced", { deposed = "5f2a1c3e" }),
      instance(ns "living", { status = "tainted" }) }),
  } },
  { name = "sensitive values", value = state {
    resource("this", ns "secrets"),
    resource("cloudflare_workers_kv.token", { instance(key("secrets", "token", "s3cret"), { sensitive_attributes =
      list { list { { type = "get_attr", value = "value" } } } }) }),
    resource("cloudflare_workers_kv.whole", { instance(key("secrets", "whole", "s3cret"), { sensitive_attributes =
      list { list {} } }) }),
    resource("cloudflare_workers_kv.index", { instance(key("secrets", "public", "1"), { sensitive_attributes =
      list { list { { type = "get_attr", value = "other" }, { type = "index", value = { value = "value",
        type = "string" } } } } }) }),
  } },
  { name = "empty values, line ends, Unicode, slashes, titles that slug alike", value = state {
    resource("a", ns(LONG)), resource("a-b", ns "My Workers KV"), resource("a_b", ns "my-workers.kv!"),
    resource("cloudflare_workers_kv.empty", key("My Workers KV", "empty", "")),
    resource("cloudflare_workers_kv.crlf", key("My Workers KV", "path/to/it", "one\r\ntwo\r\n")),
    resource("cloudflare_workers_kv.uni", key("My Workers KV", "ключ-😀", "läuft \u{2028} gut")),
  } },
  { name = "metadata: absent, empty, nested", value = state {
    resource("m", ns "metadata"),
    resource("cloudflare_workers_kv.absent", key("metadata", "absent", "1", { metadata = tf.none })),
    resource("cloudflare_workers_kv.empty", key("metadata", "empty", "1", { metadata = "" })),
    resource("cloudflare_workers_kv.nested", key("metadata", "nested", "1", { metadata = '{"a":{"b":[1,null]}}' })),
  } },
  { name = "data: a namespace that is looked up only", value = state {
    resource("theirs", { account_id = tf.ACCOUNT, namespace_id = tf.id "theirs", id = tf.id "theirs",
      title = "theirs" }, { mode = "data" }),
    resource("unused", ns "unused", { mode = "data" }),
    resource("mine", ns "mine"), resource("also_mine", ns "mine", { mode = "data" }),
    resource("cloudflare_workers_kv.k", key("theirs", "k", "v")),
    resource("cloudflare_workers_kv.l", key("mine", "l", "v")),
    resource("cloudflare_workers_kv_namespaces.all", { result = list {} }, { mode = "data" }),
  } },
  { name = "what scripts and pages bind", value = state {
    resource("a", ns "bound-a"), resource("b", ns "bound-b"),
    resource("cloudflare_workers_script.api", { account_id = tf.ACCOUNT, script_name = "api", bindings = list {
      { type = "kv_namespace", name = "CONFIG", namespace_id = tf.id "bound-a" },
      { type = "plain_text", name = "X", text = "y", namespace_id = null } } }),
    resource("cloudflare_worker_script.old", { name = "old", kv_namespace_binding = list {
      { name = "OLD", namespace_id = tf.id "bound-a" } } }),
    resource("cloudflare_worker.w", { id = "w-1", name = "versioned" }),
    resource("cloudflare_worker_version.v", { worker_id = "w-1", bindings = list {
      { type = "kv_namespace", name = "VERSIONED", namespace_id = tf.id "bound-b" } } }),
    resource("cloudflare_pages_project.four", { name = "site4", deployment_configs = list { {
      preview = list { { kv_namespaces = { KV = tf.id "bound-a" } } },
      production = list { { kv_namespaces = { KV = tf.id "bound-b" } } } } } }),
    resource("cloudflare_pages_project.five", { name = "site5", deployment_configs = {
      preview = { kv_namespaces = null },
      production = { kv_namespaces = { PAGES = { namespace_id = tf.id "bound-b" } } } } }),
  } },
  { name = "a state of version 3 that Terraform read and wrote anew", value = state {
    resource("cfg", { { schema_version = 0, attributes_flat = { id = tf.id "flat", title = "flat" },
      sensitive_attributes = list {} } }, { provider = ('provider["%s/-/cloudflare"]'):format(tf.HOST) }),
  } },
  { name = "CDKTF's: names with a hash behind them", value = state {
    resource("stack_kv_A1B2C3D4", ns "cdktf-kv"), resource("shop_20240101", ns "dated"),
    resource("cloudflare_workers_kv.flag_0F9E8D7C", key("cdktf-kv", "flag", "on")),
  } },
  { name = "two accounts, and an id as `terraform import` takes it", value = state {
    resource("here", ns "here"),
    resource("there", ns("there", { account_id = tf.OTHER })),
    resource("both", ns("both", { account_id = tf.none, id = tf.ACCOUNT .. "/" .. tf.id "both" })),
  } },
  { name = "the same namespace twice, and a kind that does not exist", value = state {
    resource("one", ns "same"), resource("two", ns "same"),
    resource("cloudflare_kv_namespace.wrong", { title = "wrong" }),
  } },
  { name = "members of wrong types", broken = true, value = state {
    resource("a", ns("types", { title = 5, account_id = list {} })),
    resource("b", ns("types-b", { id = "not-an-id" })),
    resource("c", ns("types-c", { id = null, title = null })),
    resource("cloudflare_workers_kv.a", key("types", "a", 5)),
    resource("cloudflare_workers_kv.b", key("types", "b", "1", { namespace_id = "short" })),
    resource("cloudflare_workers_script.s", { script_name = {}, bindings = "none" }),
    { mode = "managed", type = tf.NAMESPACE, name = 7, instances = list {} },
    { mode = "managed", type = tf.NAMESPACE, name = "d", instances = "none" },
    { mode = "managed", type = tf.NAMESPACE, name = "e", instances = list { "none", { index_key = true,
      attributes = ns "types-e" } } },
    { mode = "managed", type = tf.NAMESPACE, name = "f", instances = list { { schema_version = 0 } } },
    { mode = "managed", type = "cloudflare\n_x", name = "rm -rf ~\nrm -rf ~", instances = list {} },
    { mode = "managed", type = tf.NAMESPACE, name = "g\nrm -rf ~", instances = list { instance(ns "evil") } },
  } },
  { name = "nothing", value = state {} },
  { name = "format version 3", value = { version = 3, terraform_version = "0.11.14", serial = 1,
    lineage = "x", modules = list { { path = list { "root" }, resources = {} } } } },
  { name = ".terraform/terraform.tfstate: where the state is, of no version that matters", value = { version = 3,
    serial = 1, lineage = "x", terraform_version = "1.9.8", backend = { type = "s3", config = {}, hash = 1 } } },
  { name = "format version 1", value = { version = 1, serial = 1, modules = list {} } },
  { name = "a newer format version", value = state({}, { version = 5 }) },
  { name = "no format version", value = state({}, { version = "four" }) },
  { name = "OpenTofu's encrypted state", value = { serial = 3, lineage = "x", meta = {}, encrypted_data = "aGk=",
    encryption_version = "v0" } },
  { name = "resources that are no list", value = state({}, { resources = { a = 1 } }) },
}
