-- What `terraform show -json` prints of a state.
local tf = require "support.terraform"

local ns, key, value, module, show, list = tf.ns, tf.key, tf.value, tf.module, tf.show, tf.list

local N, K = tf.NAMESPACE, tf.KEY

return {
  { name = "a namespace and a key", value = show(module {
    value(N .. ".config", ns "show-config"),
    value(K .. ".flag", key("show-config", "flags", "on", { metadata = '{"by":"me"}' })),
    value("cloudflare_dns_record.www", { id = "1" }),
  }) },
  { name = "provider version 4", value = show(module {
    value(N .. ".config", tf.old_ns "show-4"),
    value(K .. ".token", tf.old_key("show-4", "api/token/x", "y")),
  }, { format_version = "0.2" }) },
  { name = "modules within modules", value = show(module({ value(N .. ".root", ns "show-root") }, {
    module({ value('module.a[0].' .. N .. ".this", ns "show-a") }, {
      module({ value('module.a[0].module.b["x"].' .. N .. ".this", ns "show-b"),
        value('module.a[0].module.b["x"].' .. K .. ".this", key("show-b", "k", "v")) }, nil,
        'module.a[0].module.b["x"]') }, "module.a[0]"),
    module({}, nil, "module.empty") })) },
  { name = "for_each and count", value = show(module {
    value(N .. '.each["a b"]', ns "show-each-1", { index = "a b" }),
    value(N .. '.each["c"]', ns "show-each-2", { index = "c" }),
    value(N .. ".count[0]", ns "show-count-0", { index = 0 }),
    value(N .. ".count[1]", ns "show-count-1", { index = 1 }),
  }) },
  { name = "sensitive values", value = show(module {
    value(N .. ".s", ns "show-secrets"),
    value(K .. ".token", key("show-secrets", "token", "s3cret"), { sensitive_values = { value = true } }),
    value(K .. ".plain", key("show-secrets", "plain", "1"), { sensitive_values = { other = true, value = false } }),
    value(K .. ".whole", key("show-secrets", "whole", "s3cret"), { sensitive_values = true }),
  }) },
  { name = "data", value = show(module {
    value("data." .. N .. ".theirs", { account_id = tf.ACCOUNT, namespace_id = tf.id "show-theirs",
      title = "show-theirs" }, { mode = "data" }),
    value(K .. ".k", key("show-theirs", "k", "v")),
  }) },
  { name = "tainted, and deposed", value = show(module {
    value(N .. ".this", ns "show-living", { tainted = true }),
    value(N .. ".this", ns "show-replaced", { deposed_key = "5f2a1c3e" }),
  }) },
  { name = "without an account", value = show(module {
    value(N .. ".old", tf.old_ns("show-2", { account_id = tf.none })),
  }) },
  { name = "empty values, line ends, Unicode, titles over 64", value = show(module {
    value(N .. ".x", ns("show-🚀-" .. ("lang-"):rep(14))),
    value(K .. ".empty", key("show-🚀-" .. ("lang-"):rep(14), "empty", "")),
    value(K .. ".crlf", key("show-🚀-" .. ("lang-"):rep(14), "a/b", "x\r\ny")),
    value(K .. ".uni", key("show-🚀-" .. ("lang-"):rep(14), "ключ", "😀")),
  }) },
  { name = "what scripts and pages bind", value = show(module {
    value(N .. ".a", ns "show-bound"),
    value("cloudflare_workers_script.api", { script_name = "api", bindings = list { { type = "kv_namespace",
      name = "CONFIG", namespace_id = tf.id "show-bound" } } }),
    value("cloudflare_pages_project.site", { name = "site", deployment_configs = { preview = { kv_namespaces = {
      KV = { namespace_id = tf.id "show-bound" } } } } }),
  }) },
  { name = "CDKTF's, of two accounts", value = show(module {
    value(N .. ".kv_A1B2C3D4", ns "show-cdktf"),
    value(N .. ".kv_0F9E8D7C", ns("show-there", { account_id = tf.OTHER })),
  }) },
  { name = "OpenTofu's", value = show(module {
    value(N .. ".x", ns "show-tofu", { provider_name = "registry.opentofu" .. ".org/cloudflare/cloudflare" }),
  }) },
  { name = "no state at all", value = { format_version = "1.0", terraform_version = "1.9.8" } },
  { name = "members of wrong types", value = show(module {
    value(N .. ".a", "none"), value(N .. ".b", ns("show-types", { title = true }), { index = list {} }),
    { type = N, values = {} }, { type = N, name = "c", values = ns "show-nameless" }, { type = 5 }, "none",
    value(K .. ".k", key("show-types", 5, list {})),
  }) },
  { name = "a root module that is none", value = show("none") },
  { name = "children that are none", value = show(module({}, { "none", module("none", nil, 7) })) },
  { name = "a newer format version", value = show(module {}, { format_version = "2.0" }) },
  { name = "a format version that is none", value = show(module {}, { format_version = "new" }) },
  { name = "what providers can do", value = { format_version = "1.0", provider_schemas = {} } },
}
