# What the project was until now. `run` needs no Terraform: its state is beside this file.
locals {
  envs = toset(["dev", "staging", "prod"])
}

resource "cloudflare_workers_kv_namespace" "config" {
  for_each   = local.envs
  account_id = var.account_id
  title      = "shop-config-${each.key}"
}

resource "cloudflare_workers_kv_namespace" "session" {
  for_each   = local.envs
  account_id = var.account_id
  title      = "shop-session-${each.key}"
}

resource "cloudflare_workers_kv" "limits" {
  for_each     = local.envs
  account_id   = var.account_id
  namespace_id = cloudflare_workers_kv_namespace.config[each.key].id
  key_name     = "limits"
  value        = jsonencode({ per_minute = 60 })
}

resource "cloudflare_dns_record" "www" {
  zone_id = var.zone_id
  name    = "www.example.com"
  type    = "CNAME"
  content = "shop.example.com"
  ttl     = 1
}
