-- Configurations in JSON: cdk.tf.json as CDKTF writes it, and others.
local tf = require "support.terraform"

local list, null = tf.list, tf.null

local N, K = tf.NAMESPACE, tf.KEY
local A = tf.ACCOUNT

-- What CDKTF writes beside each block.
local function meta(path, more)
  return tf.with({ ["//"] = { metadata = { path = path, uniqueId = path:match "[^/]*$" } }, account_id = A }, more)
end

local function cdk(resource, more)
  return tf.with({ ["//"] = { metadata = { backend = "local", stackName = "shop", version = "0.20.10" },
    outputs = tf.object() }, provider = { cloudflare = list { tf.object() } }, resource = resource,
    terraform = { required_providers = { cloudflare = { source = "cloudflare/cloudflare", version = "5.0.0" } } },
  }, more)
end


return {
  { name = "CDKTF: a namespace and a key that refers to it", value = cdk {
    [N] = { ["shop-kv"] = meta("shop/shop-kv", { title = "cdk-shop" }) },
    [K] = { flag_A1B2C3D4 = meta("shop/c/flag", { key_name = "flags", value = '{"dark":true}',
      namespace_id = "${" .. N .. ".shop-kv.id}" }) },
    cloudflare_dns_record = { www = meta("shop/www", {}) },
  } },
  { name = "CDKTF: a name with a hash", value = cdk {
    [N] = { kv_cache_0F9E8D7C = meta("shop/kv/cache", { title = "cdk-cache" }) },
    [K] = { k = meta("shop/k", { key = "k", value = "v", namespace_id = "${" .. N .. ".kv_cache_0F9E8D7C.id}" }) },
  } },
  { name = "variables with defaults, and locals", value = cdk({
    [N] = { a = meta("a", { account_id = "${var.account}", title = "cdk-${var.env}-${local.app}" }),
      b = meta("b", { title = "${local.title}" }) },
  }, { variable = { account = { type = "string", default = A }, env = { default = "prod" } },
    locals = { app = "shop", title = "cdk-${local.app}-b" } }) },
  { name = "what only Terraform can say", value = cdk({
    [N] = { a = meta("a", { title = "${lower(var.x)}" }), b = meta("b", { title = "cdk-b", account_id = "${var.x}" }),
      c = meta("c", { title = "${local.loop}" }), d = meta("d", { title = "%{ if true }x%{ endif }" }) },
    [K] = { k = meta("k", { key_name = "k", value = "${jsonencode({\"a\" = 1})}",
      namespace_id = "${" .. N .. ".b.id}" }),
      l = meta("l", { key_name = "l", value = "v", namespace_id = "${module.kv.id}" }) },
  }, { variable = { x = { type = "string" } }, locals = { loop = "${local.loop}" } }) },
  { name = "a title and an id of another resource", value = cdk {
    [N] = { a = meta("a", { title = "cdk-of-a" }), b = meta("b", { title = "${" .. N .. ".a.title}-too" }) },
  } },
  { name = "literal braces, and numbers as texts", value = cdk {
    [N] = { a = meta("a", { title = "cdk-$${x}-%%{y}" }) },
    [K] = { k = meta("k", { key_name = "k", value = 5, namespace_id = "${" .. N .. ".a.id}" }),
      l = meta("l", { key_name = "l", value = true, namespace_id = "${" .. N .. ".a.id}" }) },
  } },
  { name = "sensitive variables", value = cdk({
    [N] = { a = meta("a", { title = "cdk-secret" }) },
    [K] = { k = meta("k", { key_name = "token", value = "${var.token}", namespace_id = "${" .. N .. ".a.id}" }),
      l = meta("l", { key_name = "known", value = "${var.known}", namespace_id = "${" .. N .. ".a.id}" }) },
  }, { variable = { token = { type = "string", sensitive = true },
    known = { default = "s3cret", sensitive = true } } }) },
  { name = "lifecycle", value = cdk {
    [N] = { a = meta("a", { title = "cdk-protected", lifecycle = { prevent_destroy = true } }),
      b = meta("b", { title = "cdk-not", lifecycle = list { { prevent_destroy = false } } }) },
    [K] = { k = meta("k", { key_name = "k", value = "v", namespace_id = "${" .. N .. ".a.id}",
      lifecycle = { ignore_changes = list { "value" } } }), l = meta("l", { key_name = "l", value = "v",
      namespace_id = "${" .. N .. ".a.id}", lifecycle = { ignore_changes = "all" } }) },
  } },
  { name = "import blocks", value = cdk({
    [N] = { a = meta("a", { title = "cdk-imported" }) },
    [K] = { k = meta("k", { key_name = "a/b", value = "v", namespace_id = "${" .. N .. ".a.id}" }) },
  }, { import = list { { to = N .. ".a", id = A .. "/" .. tf.id "cdk-imported" },
    { to = K .. ".k", id = A .. "/" .. tf.id "cdk-imported" .. "/a%2Fb" },
    { to = N .. ".only", id = A .. "/" .. tf.id "cdk-only" },
    { to = K .. ".only", id = "${var.id}" }, { to = "aws_instance.x", id = "i-1" } } }) },
  { name = "loops over literals", value = cdk {
    [N] = { each = { account_id = A, title = "cdk-each-${each.key}", for_each = { dev = "d", prod = "p" } },
      set = { account_id = A, title = "cdk-set-${each.value}", for_each = '${toset(["a", "b"])}' },
      count = { account_id = A, title = "cdk-count-${count.index}", count = 2 } },
    [K] = { each = { account_id = A, key_name = "k", value = "${each.value}", for_each = { dev = "d", prod = "p" },
      namespace_id = "${" .. N .. ".each[each.key].id}" },
      one = { account_id = A, key_name = "one", value = "${upper(each.value)}",
        namespace_id = "${" .. N .. '.each["dev"].id}' } },
  } },
  { name = "loops that only Terraform knows", value = cdk {
    [N] = { a = { account_id = A, title = "${each.key}", for_each = "${var.names}" },
      b = { account_id = A, title = "x", count = "${length(var.names)}" },
      c = { account_id = A, title = "x", count = 1e9 } },
  } },
  { name = "bindings that refer", value = cdk {
    [N] = { a = meta("a", { title = "cdk-bound" }) },
    cloudflare_workers_script = { api = meta("api", { script_name = "api", content = "${file(\"x.js\")}",
      bindings = list { { type = "kv_namespace", name = "CONFIG", namespace_id = "${" .. N .. ".a.id}" } } }) },
    cloudflare_pages_project = { site = meta("site", { name = "site", deployment_configs = { production = {
      kv_namespaces = { KV = { namespace_id = "${" .. N .. ".a.id}" } } } } }) },
  } },
  { name = "data", value = cdk({
    [K] = { k = meta("k", { key_name = "k", value = "v", namespace_id = "${data." .. N .. ".theirs.namespace_id}" }) },
  }, { data = { [N] = { theirs = { account_id = A, namespace_id = tf.id "cdk-theirs" } } } }) },
  { name = "provider version 2: the account of the provider", value = cdk({
    [N] = { a = { title = "cdk-v2" } },
  }, { provider = { cloudflare = { account_id = A } } }) },
  { name = "blocks in lists", value = { resource = list {
    { [N] = { a = list { { account_id = A, title = "cdk-list" } } } },
    { [K] = { k = list { { account_id = A, key_name = "k", value = "", namespace_id = "${" .. N .. ".a.id}" } } } },
  } } },
  { name = "a type that does not exist", value = cdk {
    cloudflare_kv_namespace = { wrong = meta("wrong", { title = "wrong" }) },
  } },
  { name = "members of wrong types", value = cdk({
    [N] = "none", [K] = { a = "none", b = meta("b", { key_name = list {}, value = tf.object(), namespace_id = 5 }),
      c = meta("c", { key_name = null, value = null, namespace_id = null }) },
  }, { import = "none", variable = "none", locals = list { "none" } }) },
  { name = "nothing that is declared", file = "outputs.tf.json", value = { output = { x = { value = 1 } } } },
}
