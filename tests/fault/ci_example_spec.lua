-- The pipelines of examples/ci when a guard refuses, the state is out of reach, something is deleted, was
-- changed by hand or is to be swept; a first and a second commit: tests/cli/ci_example_spec.lua.

local cjson = require "cjson"
local ci_world = require "support.ci_world"
local emulator = require "support.emulator"
local project = require "support.project"
local state_server = require "support.state_server"

local SECOND, FIRST_TITLES = ci_world.SECOND, ci_world.FIRST_TITLES
local commit, push, run, titles = ci_world.commit, ci_world.push, ci_world.run, ci_world.titles

describe("the workflow of examples/ci", function()
  after_each(state_server.cleanup_all)

  it("tells what exit codes mean: a guard, a part, a state that is out of reach", function()
    local w = ci_world.start()
    push(w)
    project.ok(run(w, "apply"))
    commit(w, "main", 'local cfkv = require "cfkv"\ncfkv.project { name = "shop" }\n'
      .. 'cfkv.namespace { app = "shop", purpose = "config", env = "staging" }\n')
    local r = run(w, "apply")
    assert.equal(5, r.code)
    assert.matches("::error title=cfkv::A guard refused", r.out, 1, true)
    assert.is_nil(w.p:read "npx.log":find("production\n.*staging"))
    w.s:stop()
    r = run(w, "apply")
    assert.equal(75, r.code, r.err)
    assert.matches("::error title=cfkv::The state is held or out of reach", r.out, 1, true)
    assert.equal("30\n120\n", w.p:read "slept")
    assert.equal(FIRST_TITLES, titles(w))
  end)

  it("refuses a state in git beside the one that it keeps: nothing is adopted anew", function()
    local w = ci_world.start()
    w.p:write("dev/kv.state.json", "{}")
    project.ok(w.p:sh "cd dev && git add -f kv.state.json && git commit -qm state && git push -q origin main")
    push(w)
    local r = run(w, "apply")
    assert.equal(5, r.code)
    assert.matches("::error title=cfkv::kv.state.json is in git", r.out, 1, true)
    assert.equal(0, #w.s:requests())
    r = run(ci_world.gitlab(w, ci_world.PUSH) and w, "kv apply")
    assert.equal(5, r.code)
    assert.equal("", titles(w))
  end)

  it("keeps backups where only the team reads, and else does nothing that needs one", function()
    local w = ci_world.start()
    push(w)
    project.ok(run(w, "apply"))
    local less = SECOND:gsub("  config:put[^\n]+", "  if env ~= 'staging' then %0 end")
    commit(w, "main", less)
    local r = project.ok(run(w, "apply"))
    local name = r.step("keep backups").out:match "kept: s3://bucket/(backups/4711/%S+%.jsonl)"
    assert.matches('"value":"{', w.s:text("bucket/" .. name), 1, true)
    assert.equal(0, #w.uploaded)

    commit(w, "main", SECOND)
    push(w, true)
    project.ok(run(w, "apply"))
    commit(w, "main", less)
    r = project.ok(run(w, "apply"))
    assert.is_true(r.step("keep backups").skipped)
    assert.equal(2, #w.uploaded)
    assert.matches("%.cfkv/backups/%S+%.jsonl\n", w.uploaded[2])

    -- Public, and the state is elsewhere.
    commit(w, "main", SECOND)
    push(w)
    project.ok(run(w, "apply"))
    local here = w.p:path "elsewhere.state.json"
    w.p:write("elsewhere.state.json", cjson.encode(w.s:document().state))
    w.vars.CFKV_STATE = here
    commit(w, "main", less)
    push(w)
    local before = w.p:read "elsewhere.state.json"
    r = run(w, "apply")
    assert.equal(5, r.code)
    assert.matches("there is no place for a backup that only the team reads", r.out, 1, true)
    assert.equal(before, w.p:read "elsewhere.state.json")
    commit(w, "main", SECOND .. 'cfkv.namespace { title = "more" }\n')
    project.ok(run(w, "apply"))
    assert.matches("more", titles(w), 1, true)
  end)

  it("looks for what was changed by hand each morning", function()
    local w = ci_world.start()
    push(w)
    project.ok(run(w, "apply"))
    assert.same({ "drift", "sweep" }, ci_world.schedule(w):jobs())
    project.ok(run(w, "drift"))
    project.ok(w.p:run("kv", "key", "put", "flags", "by hand", "--namespace", "shop-config-staging",
      { env = w.e:env { CLOUDFLARE_ACCOUNT_ID = emulator.ACCOUNT } }))
    local before = ci_world.written(w)
    local r = run(w, "drift")
    assert.equal(2, r.code)
    assert.matches("::error title=cfkv::Something was changed by hand", r.out, 1, true)
    assert.equal(before, ci_world.written(w))
  end)

  it("removes environments of closed pull requests, when GitHub has said which are open", function()
    local w = ci_world.start()
    push(w)
    project.ok(run(w, "apply"))
    ci_world.try_out(w, 12, 13, 14)
    w.p:write("gh.pulls", "12\n14\n")
    ci_world.schedule(w)
    w.p:write("gh.down", "")
    assert.not_equal(0, run(w, "sweep").code)
    assert.matches("shop-config-pr-13", titles(w), 1, true)
    w.p:sh "rm gh.down"
    local r = project.ok(run(w, "sweep"))
    assert.matches("kept: s3://bucket/backups/4711/", r.step("keep backups").out, 1, true)
    assert.is_nil(titles(w):find "pr%-13")
    assert.matches("shop-cache-pr-12 shop-cache-pr-14", titles(w), 1, true)
    w.p:write("gh.pulls", "")
    project.ok(run(w, "sweep"))
    assert.equal(FIRST_TITLES, titles(w))
    r = project.ok(run(w, "apply"))
    assert.matches("Plan: no changes", r.out, 1, true)
  end)
end)

describe("the pipeline of examples/ci", function()
  after_each(state_server.cleanup_all)

  it("keeps backups in the bucket, finds drift, and removes environments of branches that are gone", function()
    local w = ci_world.start()
    ci_world.gitlab(w, ci_world.PUSH)
    project.ok(run(w, "kv apply"))
    ci_world.try_out(w, "fix-cart", "old-cart")
    project.ok(w.p:sh "cd dev && git push -q origin HEAD:refs/heads/fix-cart")
    ci_world.gitlab(w, { CI_PIPELINE_SOURCE = "schedule", CI_COMMIT_BRANCH = "main" })
    assert.same({ "kv drift", "kv sweep" }, w.flow:jobs())
    project.ok(run(w, "kv drift"))
    local r = project.ok(run(w, "kv sweep"))
    assert.is_nil(titles(w):find "old%-cart")
    assert.matches("shop-config-pr-fix-cart", titles(w), 1, true)
    local name = r.step("after_script").out:match "kept: s3://(bucket/backups/815/%S+%.jsonl)"
    assert.matches('"key":"flags"', w.s:text(name), 1, true)
    assert.equal("", w.p:sh("cd disk" .. w.disks .. " && ls .cfkv/backups/*.jsonl 2>/dev/null").out)
    project.ok(w.p:run("kv", "key", "put", "flags", "by hand", "--namespace", "shop-config-staging",
      { env = w.e:env { CLOUDFLARE_ACCOUNT_ID = emulator.ACCOUNT } }))
    assert.equal(2, run(w, "kv drift").code)
  end)

  it("keeps the state on GitLab where nothing else is said, and backups for developers where it is private", function()
    local w = ci_world.start("gitlab", { anybody = true })
    local address = w.s.url:gsub("/[^/]*$", "/kv")
    w.vars.CFKV_STATE, w.vars.AWS_ENDPOINT_URL_S3 = nil, nil
    w.vars.CI_API_V4_URL = address:match "^(.*)/projects/"
    w.vars.CI_PROJECT_VISIBILITY = "private"
    ci_world.gitlab(w, ci_world.PUSH)
    for n = 1, 2 do
      local r = project.ok(run(w, "kv apply"))
      assert.equal(FIRST_TITLES, titles(w))
      assert.matches(n == 1 and "applied: 4 namespaces created" or "Plan: no changes", r.out, 1, true)
    end
    for _, request in ipairs(w.s:requests()) do
      assert.equal("Basic Z2l0bGFiLWNpLXRva2VuOmpvYi10b2tlbi1vZi1naXRsYWI=", request.headers.authorization)
    end
    assert.is_nil(w.s:lock())
  end)
end)
