-- What wrangler has to know of the Worker, without any id: this is in git, wrangler.toml is not.
return {
  name = "shop",
  main = "src/index.js",
  compatibility_date = "2026-04-01",
  env = {
    staging = { vars = { LOG_LEVEL = "debug" } },
    production = { vars = { LOG_LEVEL = "error" } },
  },
}
