-- The pipelines of examples/ci, which are what `cfkv init --ci` writes: run from a first commit to a second
-- one, each job on a fresh disk, against the emulator and a service that keeps the state. What they do when
-- something is wrong: tests/fault/ci_example_spec.lua.

local cjson = require "cjson"
local ci_world = require "support.ci_world"
local emulator = require "support.emulator"
local lyaml = require "lyaml"
local project = require "support.project"
local state_server = require "support.state_server"

local WORKFLOW, PIPELINE, SECOND = ci_world.WORKFLOW, ci_world.PIPELINE, ci_world.SECOND
local FIRST_TITLES = ci_world.FIRST_TITLES
local commit, example, run, titles = ci_world.commit, ci_world.example, ci_world.run, ci_world.titles
local push, pull_request = ci_world.push, ci_world.pull_request

describe("examples/ci", function()
  after_each(state_server.cleanup_all)

  it("has what cfkv init --ci writes", function()
    local p = project.quick { ["kv.lua"] = example "kv.lua" }
    project.ok(p:run("init", "--ci", "github"))
    project.ok(p:run("init", "--ci", "gitlab"))
    assert.equal(p:read(WORKFLOW), example(WORKFLOW))
    assert.equal(p:read(PIPELINE), example(PIPELINE))
  end)
end)

describe("the workflow of examples/ci", function()
  after_each(state_server.cleanup_all)

  local document = lyaml.load(example(WORKFLOW))

  it("has the least permissions, no pull_request_target, and no action but one, pinned by commit", function()
    assert.same({}, document.permissions)
    assert.is_nil(example(WORKFLOW):find "\n  pull_request_target:")
    for name, job in pairs(document.jobs) do
      for permission, value in pairs(job.permissions) do
        local writes = name == "comment" and permission == "pull-requests"
        assert.equal(writes and "write" or "read", value, name)
      end
      for _, s in ipairs(job.steps) do
        assert.is_true(not s.uses or s.uses:find "^actions/upload%-artifact@%x+$" ~= nil)
        assert.is_true(not s.run or s.run:find("${{", 1, true) == nil, s.run)
        assert.is_true(not s.run or os.execute("bash -nc " .. project.quote(s.run)) == true)
        assert.is_true(not s.uses or s.with["retention-days"] == 7)
      end
    end
    for _, name in ipairs { "apply", "sweep" } do
      assert.equal("cloudflare", document.jobs[name].environment)
      assert.is_false(document.jobs[name].concurrency["cancel-in-progress"])
    end
    for _, name in ipairs { "validate", "plan", "comment", "drift" } do
      assert.is_nil(document.jobs[name].environment)
    end
  end)

  it("applies and deploys what is merged, plans and comments what is to be, and again on fresh disks", function()
    local w = ci_world.start()
    assert.same({ "apply", "sweep" }, push(w):jobs())
    local r = project.ok(run(w, "apply"))
    assert.equal(FIRST_TITLES, titles(w))
    assert.equal("--yes wrangler@4 deploy --env staging\n--yes wrangler@4 deploy --env production\n",
      w.p:read "npx.log")
    local _, ids = w.p:read "deployed.toml":gsub('id = "%x+"', "")
    assert.equal(4, ids)
    -- The token that reads the repository is sent to its server, and stands on no command line.
    local header = "http.file://" .. w.p.dir .. "/.extraheader: Authorization: basic eC1hY2Nlc3MtdG9rZW46"
    assert.matches(header, w.p:read "git.headers", 1, true)
    assert.is_nil(w.p:read "git.log":find("eC1hY2Nlc3MtdG9rZW46", 1, true))
    local first = w.s:text()
    assert.is_nil(w.p:exists(r.disk .. "/kv.state.json") or nil)

    -- A pull request: nothing is changed, and there is one comment however often it is planned.
    local sha = commit(w, "more", SECOND)
    assert.same({ "plan" }, pull_request(w, sha):jobs())
    for n = 1, 2 do
      r = project.ok(run(w, "plan"))
      assert.matches("shop-session-staging", r.summary, 1, true)
      assert.equal("comment", w.flow:jobs()[1])
      project.ok(run(w, "comment"))
      assert.matches("^<!%-%- cfkv plan %-%->\n", w.p:read "gh.comment")
      assert.matches("shop-session-staging", w.p:read "gh.comment", 1, true)
      local log = w.p:read "gh.log"
      assert.equal(n == 2, log:find("-X PATCH repos/acme/shop/issues/comments/99", 1, true) ~= nil, log)
      assert.matches("repos/acme/shop/issues/7/comments", log, 1, true)
    end
    assert.equal(FIRST_TITLES, titles(w))
    assert.equal(first, w.s:text())

    -- It is merged.
    project.ok(w.p:sh "cd dev && git checkout -q main && git merge -q more && git push -q origin main")
    push(w)
    r = project.ok(run(w, "apply"))
    assert.matches("applied: 1 namespace created, 1 key put, 1 output changed", r.out, 1, true)
    assert.equal(FIRST_TITLES .. " shop-session-staging", titles(w))
    for _, ns in pairs(w.s:document().state.accounts[emulator.ACCOUNT].namespaces) do
      assert.equal("created", ns.origin)
    end
    local before = w.s:text()
    r = project.ok(run(w, "apply"))
    assert.matches("Plan: no changes", r.out, 1, true)
    assert.equal(before, w.s:text())
  end)

  it("checks what comes from a fork, says so, and asks nobody for anything", function()
    local w = ci_world.start()
    local sha = commit(w, "theirs", SECOND)
    local secrets = w.secrets
    w.secrets = {} -- as GitHub has it
    assert.same({ "validate" }, pull_request(w, sha, "somebody/shop"):jobs())
    local before = w.e:logged()
    local r = project.ok(run(w, "validate"))
    assert.matches("kv.lua: 5 namespaces, 2 keys: valid", r.out, 1, true)
    assert.matches("::notice title=cfkv::A fork gets no credentials", r.out, 1, true)
    assert.equal(before, w.e:logged())
    assert.equal(0, #w.s:requests())
    w.secrets = secrets
    commit(w, "theirs", SECOND .. "cfkv.namespace { title = '' }\n")
    sha = project.ok(w.p:sh "git -C dev rev-parse HEAD").out:match "%x+"
    pull_request(w, sha, "somebody/shop")
    assert.equal(3, run(w, "validate").code)
  end)
end)

describe("the pipeline of examples/ci", function()
  after_each(state_server.cleanup_all)

  it("applies and deploys what is merged, and plans into the report, again and again on fresh disks", function()
    local w = ci_world.start()
    assert.same({ "kv apply", "kv sweep" }, ci_world.gitlab(w, ci_world.PUSH):jobs())
    project.ok(run(w, "kv apply"))
    assert.equal(FIRST_TITLES, titles(w))
    assert.matches("deploy --env production", w.p:read "npx.log", 1, true)
    local first = w.s:text()
    commit(w, "more", SECOND)
    project.ok(w.p:sh "git -C acme/shop symbolic-ref HEAD refs/heads/more")
    assert.same({ "kv plan" }, ci_world.gitlab(w, ci_world.MERGE):jobs())
    local r = project.ok(run(w, "kv plan"))
    assert.matches("1 namespace to create", r.out, 1, true)
    assert.equal(1, cjson.decode(w.p:read("disk" .. w.disks .. "/kv-plan.json")).create)
    assert.equal(first, w.s:text())
    project.ok(w.p:sh [[cd dev && git checkout -q main && git merge -q more && git push -q origin main &&
      git -C ../acme/shop symbolic-ref HEAD refs/heads/main]])
    ci_world.gitlab(w, ci_world.PUSH)
    r = project.ok(run(w, "kv apply"))
    assert.matches("applied: 1 namespace created, 1 key put, 1 output changed", r.out, 1, true)
    assert.matches("Plan: no changes", project.ok(run(w, "kv apply")).out, 1, true)
    assert.equal(FIRST_TITLES .. " shop-session-staging", titles(w))
  end)

  it("checks what comes from a fork, with or without variables, and says so", function()
    local w = ci_world.start()
    assert.same({ "kv validate" }, ci_world.gitlab(w, { CI_PIPELINE_SOURCE = "merge_request_event",
      CI_MERGE_REQUEST_SOURCE_PROJECT_ID = "8" }):jobs())
    w.secrets = {}
    assert.same({ "kv validate" }, ci_world.gitlab(w, ci_world.MERGE):jobs())
    local r = project.ok(run(w, "kv validate"))
    assert.matches("A fork gets no credentials", r.out, 1, true)
    assert.equal(0, #w.s:requests())
  end)
end)
