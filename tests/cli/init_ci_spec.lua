-- The workflows that cfkv init writes: what they ask for, and that their steps do it.

local emulator = require "support.emulator"
local lyaml = require "lyaml"
local project = require "support.project"

local GITHUB, GITLAB = ".github/workflows/kv.yml", ".gitlab-ci.yml"

local function begun(ci, files, ...)
  local p = project.quick(files)
  project.ok(p:run("init", "--ci", ci, ...))
  return p
end

local function step(job, name)
  for _, s in ipairs(job.steps) do
    if s.name == name then
      return s
    end
  end
  error("no step " .. name)
end

-- Runs a script as a runner does.
local function bash(p, script, env, cwd)
  p:write("step.sh", script)
  return p:sh("bash -e " .. project.quote(p:path "step.sh"), { env = env, cwd = cwd })
end

describe("cfkv init --ci github", function()
  after_each(emulator.cleanup_all)

  it("plans with the least permissions, and applies behind an environment, one at a time", function()
    local w = lyaml.load(begun("github"):read(GITHUB))
    assert.same({}, w.permissions)
    assert.same({ contents = "read" }, w.jobs.plan.permissions)
    assert.same({ contents = "write" }, w.jobs.apply.permissions)
    assert.equal("cloudflare", w.jobs.apply.environment)
    assert.is_false(w.jobs.apply.concurrency["cancel-in-progress"])
    assert.equal("cfkv-apply", w.jobs.apply.concurrency.group)
    assert.is_nil(w.jobs.plan.environment)
  end)

  it("takes no action of others, and lets no text of a pull request into a script", function()
    local w = lyaml.load(begun("github"):read(GITHUB))
    for _, job in pairs(w.jobs) do
      for _, s in ipairs(job.steps) do
        assert.is_nil(s.uses)
        assert.is_nil(s.run:find("${{", 1, true), s.run)
        assert.equal(0, project.quick():sh("bash -n", { stdin = s.run }).code)
      end
    end
  end)

  it("gives the plan another token than apply, and a fork's pull request none", function()
    local w = lyaml.load(begun("github"):read(GITHUB))
    assert.equal("${{ secrets.CLOUDFLARE_READ_TOKEN }}", step(w.jobs.plan, "plan").env.CLOUDFLARE_API_TOKEN)
    assert.equal("${{ secrets.CLOUDFLARE_API_TOKEN }}", step(w.jobs.apply, "apply").env.CLOUDFLARE_API_TOKEN)
    local p = begun "github"
    local env = { CLOUDFLARE_API_TOKEN = "", CLOUDFLARE_ACCOUNT_ID = "" }
    local r = project.ok(bash(p, step(w.jobs.plan, "plan").run, env))
    assert.truthy(r.out:find("kv.lua: 1 namespace, 1 key: valid", 1, true), r.out)
  end)

  it("builds cfkv from where the variables say, and says which are missing", function()
    local w = lyaml.load(begun("github"):read(GITHUB))
    local run = step(w.jobs.plan, "install cfkv").run
    local p = project.new {
      ["source/Makefile"] = "build-debs all install:\n\t@echo $@ >>$(LOG)\n",
      ["bin/sudo"] = '#!/bin/sh\nexec "$@"\n',
    }
    project.ok(p:sh [[chmod +x bin/sudo; cd source && git init -q && git add -A &&
      git -c user.name=x -c user.email=x@x commit -qm x && git tag v1]])
    local env = {
      RUNNER_TEMP = p:path "temp", LOG = p:path "log", PATH = p:path "bin" .. ":" .. os.getenv "PATH",
      CFKV_SOURCE = p:path "source", CFKV_VERSION = "",
    }
    project.ok(p:sh "mkdir temp")
    local r = bash(p, run, env)
    assert.not_equal(0, r.code)
    assert.truthy(r.err:find("set the variable CFKV_VERSION", 1, true), r.err)
    env.CFKV_VERSION = "v1"
    project.ok(bash(p, run, env))
    assert.equal("build-debs\nall\ninstall\n", p:read "log")
  end)

  -- A repository on a server, and a runner's empty folder. What stands in for GitHub is git's own file
  -- protocol.
  local function pipeline()
    local p = project.quick()
    project.ok(p:sh "git -c init.defaultBranch=main init -q app")
    project.ok(p:run("init", "--ci", "github", "app"))
    project.ok(p:sh [[cd app && git config user.name dev && git config user.email dev@example.com &&
      git add -A && git commit -qm begin && git clone -q --bare . ../repo.git && git remote add origin ../repo.git]])
    return p, lyaml.load(p:read("app/" .. GITHUB)).jobs.apply
  end

  local function environment(p, e)
    return e:env {
      GITHUB_SERVER_URL = "file://" .. p.dir, GITHUB_REPOSITORY = "repo.git", GITHUB_REF_NAME = "main", TOKEN = "x",
      CLOUDFLARE_ACCOUNT_ID = "", -- a variable that is not set
    }
  end

  local function runs(p, job, name, env, folder)
    return project.ok(bash(p, step(job, name).run, env, folder))
  end

  it("applies what was merged and commits what that recorded, once", function()
    local p, apply = pipeline()
    local e = emulator.start(p, "--memory")
    local env = environment(p, e)
    for run = 1, 2 do
      project.ok(p:sh("mkdir work" .. run))
      for _, name in ipairs { "check out", "apply", "keep the state and the ids" } do
        runs(p, apply, name, env, "work" .. run)
      end
      assert.equal("2\n", project.ok(p:sh "git -C repo.git rev-list --count main").out)
    end
    assert.truthy(project.ok(p:sh "git -C repo.git show main:wrangler.toml").out:find 'id = "%x+"')
    assert.truthy(project.ok(p:sh "git -C repo.git show main:kv.state.json").out:find('"title": "app-kv"', 1, true))
    assert.equal("kv.state.json\nwrangler.toml\n",
      project.ok(p:sh "git -C repo.git show --name-only --format= main | sort").out)
  end)

  it("commits behind what others merged meanwhile", function()
    local p, apply = pipeline()
    local e = emulator.start(p, "--memory")
    local env = environment(p, e)
    project.ok(p:sh "mkdir work")
    runs(p, apply, "check out", env, "work")
    runs(p, apply, "apply", env, "work")
    project.ok(p:sh "cd app && echo more >README && git add -A && git commit -qm more && git push -q origin HEAD:main")
    runs(p, apply, "keep the state and the ids", env, "work")
    assert.equal("3\n", project.ok(p:sh "git -C repo.git rev-list --count main").out)
    project.ok(p:sh "git -C repo.git cat-file -e main:README && git -C repo.git cat-file -e main:kv.state.json")
  end)

  it("lies where GitHub looks, when the project is a folder of the repository", function()
    local p = project.quick()
    project.ok(p:sh "git init -q .")
    project.ok(p:run("init", "--ci", "github", "apps/my api"))
    assert.is_false(p:exists("apps/my api/" .. GITHUB))
    assert.equal("apps/my api", lyaml.load(p:read(GITHUB)).defaults.run["working-directory"])
    local r = project.ok(p:run("init", "--ci", "github", ".", { cwd = "apps/my api" }))
    assert.truthy(r.out:find("left  ../../.github/workflows/kv.yml, which is there", 1, true), r.out)
  end)
end)

describe("cfkv init --ci gitlab", function()
  after_each(emulator.cleanup_all)

  it("plans merge requests into their report, and applies one at a time", function()
    local c = lyaml.load(begun("gitlab"):read(GITLAB))
    assert.equal("kv-plan.json", c["kv plan"].artifacts.reports.terraform)
    assert.equal("cloudflare", c["kv apply"].environment)
    assert.equal("cfkv", c["kv apply"].resource_group)
    assert.is_false(c["kv apply"].interruptible)
    local plan, apply = c["kv plan"], c["kv apply"]
    for _, lines in pairs { c[".cfkv"].before_script, plan.script, apply.script, apply.after_script } do
      for _, line in ipairs(lines) do
        assert.equal("string", type(line))
        assert.equal(0, project.quick():sh("bash -n", { stdin = line }).code, line)
      end
    end
  end)

  it("plans with the account's token where there is one, else only validates", function()
    local p = begun "gitlab"
    local script = table.concat(lyaml.load(p:read(GITLAB))["kv plan"].script, "\n")
    local r = project.ok(bash(p, script, { CI_PROJECT_DIR = p.dir }))
    assert.truthy(r.out:find("valid", 1, true), r.out)
    local e = emulator.start(p, "--memory")
    local env = e:env { CI_PROJECT_DIR = p.dir }
    env.CLOUDFLARE_READ_TOKEN, env.CLOUDFLARE_API_TOKEN = env.CLOUDFLARE_API_TOKEN, nil
    r = project.ok(bash(p, script, env))
    assert.truthy(r.out:find("Plan: 1 namespace to create", 1, true), r.out)
    assert.equal(2, require("cjson").decode(p:read "kv-plan.json").create) -- the namespace and its key
  end)

  it("applies, and commits what that recorded", function()
    local p = project.quick()
    project.ok(p:sh "git -c init.defaultBranch=main init -q app")
    project.ok(p:run("init", "--ci", "gitlab", "app"))
    project.ok(p:sh [[cd app && git config user.name dev && git config user.email dev@example.com &&
      git add -A && git commit -qm begin && git clone -q --bare . ../repo.git && git clone -q ../repo.git ../work]])
    local job = lyaml.load(p:read("app/" .. GITLAB))["kv apply"]
    local e = emulator.start(p, "--memory")
    local env = e:env { CI_COMMIT_BRANCH = "main", FOLDER = ".", CFKV_PUSH_TOKEN = "secret-of-the-push" }
    env.CLOUDFLARE_EDIT_TOKEN, env.CLOUDFLARE_API_TOKEN = env.CLOUDFLARE_API_TOKEN, nil
    project.ok(bash(p, table.concat(job.script, "\n"), env, "work"))
    local after = job.after_script[1]:gsub('url="[^\n]*', "url=" .. project.quote("file://" .. p:path "repo.git"))
    local r = project.ok(bash(p, after, env, "work"))
    assert.is_nil((r.out .. r.err):find("secret-of-the-push", 1, true))
    project.ok(p:sh "git -C repo.git cat-file -e main:kv.state.json")
    project.ok(bash(p, after, env, "work"))
    assert.equal("2\n", project.ok(p:sh "git -C repo.git rev-list --count main").out)
  end)
end)
