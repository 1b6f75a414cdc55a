-- The pipelines of examples/ci, which are what `cfkv init --ci` writes: run from a first commit to a second
-- one, each job on a fresh disk, against the emulator and a service that keeps the state.

local cjson = require "cjson"
local emulator = require "support.emulator"
local lyaml = require "lyaml"
local pipeline = require "support.pipeline"
local project = require "support.project"
local state_server = require "support.state_server"

local WORKFLOW, PIPELINE = ".github/workflows/kv.yml", ".gitlab-ci.yml"

local function example(path)
  return assert(project.slurp("examples/ci/" .. path))
end

-- What stands in for GitHub's program: it knows the comments and open pull requests that files hold, and
-- keeps what it was asked.
local GH = [[
#!/bin/bash
set -e
cd %s
printf '%%s\n' "$*" >>gh.log
case "$*" in
*"--jq"*pulls*|*pulls*"--jq"*) [ ! -e gh.down ] || exit 1; cat gh.pulls ;;
*"-F body=@"*) for word; do case $word in body=@*) cp "${word#body=@}" gh.comment ;; esac; done; echo 99 >gh.ids ;;
*comments*) cat gh.ids ;;
*) exit 1 ;;
esac
]]

-- A repository with the example in it, as the server has it; programs that stand in for others; a service
-- for the namespaces and one for the state.
local function world(mode)
  local w = { p = project.quick() }
  local p = w.p
  w.e = emulator.start(p, "--memory")
  w.s = state_server.start(p, mode or "s3")
  for path, text in pairs { ["gh.pulls"] = "", ["gh.ids"] = "", ["gh.log"] = "",
    ["source/Makefile"] = "build-debs all install:\n\t@true\n" } do
    p:write(path, text)
  end
  pipeline.fake(p, "gh", GH:format(project.quote(p.dir)))
  pipeline.fake(p, "sudo", '#!/bin/sh\nexec "$@"\n')
  pipeline.fake(p, "apt-get", "#!/bin/sh\n")
  pipeline.fake(p, "make", "#!/bin/sh\n")
  pipeline.fake(p, "sleep", ("#!/bin/sh\necho $1 >>%s\n"):format(project.quote(p:path "slept")))
  pipeline.fake(p, "npx", ('#!/bin/sh\necho "$*" >>%s; cp wrangler.toml %s\n'):format(project.quote(p:path "npx.log"),
    project.quote(p:path "deployed.toml")))
  p:copy "examples/ci"
  project.ok(p:sh [[
    mkdir dev acme && mv .git* deploy kv.lua run src worker.lua wrangler.lua dev/ &&
    cd dev && rm -rf .wrangler && git -c init.defaultBranch=main init -q . &&
    git config user.name dev && git config user.email dev@example.com &&
    git add -A && git commit -qm one && git clone -q --bare . ../acme/shop && git remote add origin ../acme/shop &&
    git -C ../acme/shop config uploadpack.allowAnySHA1InWant true &&
    git -C ../source -c init.defaultBranch=main init -q && git -C ../source add -A &&
    git -C ../source -c user.name=x -c user.email=x@x commit -qm x && git -C ../source tag v1
  ]])
  w.env = { CLOUDFLARE_API_BASE_URL = w.e.url, CFKV_WAIT_UNIT_MS = "2" }
  w.secrets = {
    CLOUDFLARE_READ_TOKEN = emulator.TOKEN, CLOUDFLARE_API_TOKEN = emulator.TOKEN,
    CLOUDFLARE_EDIT_TOKEN = emulator.TOKEN, STATE_READ_KEY_ID = state_server.ACCESS,
    STATE_READ_KEY = state_server.SECRET, STATE_KEY_ID = state_server.ACCESS, STATE_KEY = state_server.SECRET,
  }
  w.vars = {
    CFKV_SOURCE = p:path "source", CFKV_VERSION = "v1", CFKV_STATE = w.s.url,
    AWS_ENDPOINT_URL_S3 = w.s.endpoint, CLOUDFLARE_ACCOUNT_ID = emulator.ACCOUNT,
  }
  w.disks = 0
  return w
end

local function commit(w, branch, kv)
  w.p:write("dev/kv.lua", kv)
  project.ok(w.p:sh(("cd dev && git checkout -qB %s && git commit -qam more && git push -qf origin %s"):format(branch,
    branch)))
  return project.ok(w.p:sh "git -C dev rev-parse HEAD").out:match "%x+"
end

local SECOND = example "kv.lua":gsub('dark_mode = env ~= "production"', "dark_mode = true")
  .. 'cfkv.output("sessions", cfkv.namespace { app = "shop", purpose = "session", env = "staging" }.id)\n'

local function titles(w)
  local _, answer = w.e:ask("GET", "/accounts/" .. emulator.ACCOUNT .. "/storage/kv/namespaces?per_page=100")
  local list = {}
  for _, ns in ipairs(answer.result) do
    list[#list + 1] = ns.title
  end
  table.sort(list)
  return table.concat(list, " ")
end

local FIRST_TITLES = "shop-cache-production shop-cache-staging shop-config-production shop-config-staging"

local function written(w)
  return #w.s:requests "PUT" + #w.s:requests "POST"
end

-- Somebody tries pull requests out.
local function try_out(w, ...)
  for _, pr in ipairs { ... } do
    project.ok(w.p:run("-C", "dev", "apply", "--state", w.s.url, "--yes", "--var", "pr=" .. pr,
      "--env", "pr-" .. pr, { env = w.e:env(w.s:env { CLOUDFLARE_ACCOUNT_ID = emulator.ACCOUNT }) }))
  end
end

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

  local function event(w, github, private)
    github.server_url = "file://" .. w.p.dir
    github.event = github.event or {}
    github.event.repository = { default_branch = "main", private = private or false }
    w.uploaded = {}
    w.flow = pipeline.github(w.p, example(WORKFLOW), {
      env = w.env, github = github, secrets = w.secrets, vars = w.vars,
      uses = { ["actions/upload-artifact"] = function(step, folder)
        local found = w.p:sh(("cd %s && ls %s 2>/dev/null"):format(project.quote(folder), step.with.path)).out
        w.uploaded[#w.uploaded + 1] = found
      end },
    })
    return w.flow
  end

  local function push(w, private)
    return event(w, { event_name = "push", ref_name = "main", sha = "of no use" }, private)
  end

  local function pull_request(w, sha, from)
    return event(w, { event_name = "pull_request", ref_name = "7/merge", sha = sha,
      event = { pull_request = { number = 7, head = { repo = { full_name = from or "acme/shop" } } } } })
  end

  -- On a fresh disk; nothing it says holds a secret.
  local function run(w, job)
    w.disks = w.disks + 1
    local r = w.flow:run(job, "disk" .. w.disks)
    assert.is_nil(w.flow:leak(r))
    r.disk = "disk" .. w.disks
    return r
  end

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
    local w = world()
    assert.same({ "apply", "sweep" }, push(w):jobs())
    local r = project.ok(run(w, "apply"))
    assert.equal(FIRST_TITLES, titles(w))
    assert.equal("--yes wrangler@4 deploy --env staging\n--yes wrangler@4 deploy --env production\n",
      w.p:read "npx.log")
    local _, ids = w.p:read "deployed.toml":gsub('id = "%x+"', "")
    assert.equal(4, ids)
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
    local w = world()
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

  it("tells what exit codes mean: a guard, a part, a state that is out of reach", function()
    local w = world()
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

  it("keeps backups where only the team reads, and else does nothing that needs one", function()
    local w = world()
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
    local w = world()
    push(w)
    project.ok(run(w, "apply"))
    assert.same({ "drift", "sweep" }, event(w, { event_name = "schedule", ref_name = "main" }):jobs())
    project.ok(run(w, "drift"))
    project.ok(w.p:run("kv", "key", "put", "flags", "by hand", "--namespace", "shop-config-staging",
      { env = w.e:env { CLOUDFLARE_ACCOUNT_ID = emulator.ACCOUNT } }))
    local before = written(w)
    local r = run(w, "drift")
    assert.equal(2, r.code)
    assert.matches("::error title=cfkv::Something was changed by hand", r.out, 1, true)
    assert.equal(before, written(w))
  end)

  it("removes environments of closed pull requests, when GitHub has said which are open", function()
    local w = world()
    push(w)
    project.ok(run(w, "apply"))
    try_out(w, 12, 13, 14)
    w.p:write("gh.pulls", "12\n14\n")
    event(w, { event_name = "schedule", ref_name = "main" })
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

  local function event(w, variables)
    local known = { CI_DEFAULT_BRANCH = "main", CI_PROJECT_VISIBILITY = "public", CI_JOB_TOKEN = "job-token-of-gitlab" }
    for _, map in ipairs { w.vars, variables } do
      for name, value in pairs(map) do
        known[name] = value
      end
    end
    w.flow = pipeline.gitlab(w.p, (example(PIPELINE):gsub("/tmp/", w.p.dir .. "/tmp/")), {
      env = w.env, variables = known, secrets = w.secrets, repository = w.p:path "acme/shop" })
    return w.flow
  end

  local function run(w, job)
    w.disks = w.disks + 1
    project.ok(w.p:sh "rm -rf tmp && mkdir tmp")
    local r = w.flow:run(job, "disk" .. w.disks)
    assert.is_nil(w.flow:leak(r))
    return r
  end

  local PUSH = { CI_PIPELINE_SOURCE = "push", CI_COMMIT_BRANCH = "main" }
  local MERGE = { CI_PIPELINE_SOURCE = "merge_request_event", CI_MERGE_REQUEST_SOURCE_PROJECT_ID = "7" }

  it("applies and deploys what is merged, and plans into the report, again and again on fresh disks", function()
    local w = world()
    assert.same({ "kv apply", "kv sweep" }, event(w, PUSH):jobs())
    project.ok(run(w, "kv apply"))
    assert.equal(FIRST_TITLES, titles(w))
    assert.matches("deploy --env production", w.p:read "npx.log", 1, true)
    local first = w.s:text()
    commit(w, "more", SECOND)
    project.ok(w.p:sh "git -C acme/shop symbolic-ref HEAD refs/heads/more")
    assert.same({ "kv plan" }, event(w, MERGE):jobs())
    local r = project.ok(run(w, "kv plan"))
    assert.matches("1 namespace to create", r.out, 1, true)
    assert.equal(1, cjson.decode(w.p:read("disk" .. w.disks .. "/kv-plan.json")).create)
    assert.equal(first, w.s:text())
    project.ok(w.p:sh [[cd dev && git checkout -q main && git merge -q more && git push -q origin main &&
      git -C ../acme/shop symbolic-ref HEAD refs/heads/main]])
    event(w, PUSH)
    r = project.ok(run(w, "kv apply"))
    assert.matches("applied: 1 namespace created, 1 key put, 1 output changed", r.out, 1, true)
    assert.matches("Plan: no changes", project.ok(run(w, "kv apply")).out, 1, true)
    assert.equal(FIRST_TITLES .. " shop-session-staging", titles(w))
  end)

  it("checks what comes from a fork, with or without variables, and says so", function()
    local w = world()
    assert.same({ "kv validate" }, event(w, { CI_PIPELINE_SOURCE = "merge_request_event",
      CI_MERGE_REQUEST_SOURCE_PROJECT_ID = "8" }):jobs())
    w.secrets = {}
    assert.same({ "kv validate" }, event(w, MERGE):jobs())
    local r = project.ok(run(w, "kv validate"))
    assert.matches("A fork gets no credentials", r.out, 1, true)
    assert.equal(0, #w.s:requests())
  end)

  it("keeps backups in the bucket, finds drift, and removes environments of branches that are gone", function()
    local w = world()
    event(w, PUSH)
    project.ok(run(w, "kv apply"))
    try_out(w, "fix-cart", "old-cart")
    project.ok(w.p:sh "cd dev && git push -q origin HEAD:refs/heads/fix-cart")
    event(w, { CI_PIPELINE_SOURCE = "schedule", CI_COMMIT_BRANCH = "main" })
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
end)
