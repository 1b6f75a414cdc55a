-- The workflows that cfkv init writes into a new project: what they ask for, and where they lie. That they
-- work, from commit to commit: tests/cli/ci_example_spec.lua.

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
  after_each(project.cleanup)

  it("gives the plan another token than apply, and a fork's pull request none", function()
    local w = lyaml.load(begun("github"):read(GITHUB))
    assert.equal("${{ secrets.CLOUDFLARE_READ_TOKEN }}", step(w.jobs.plan, "plan").env.CLOUDFLARE_API_TOKEN)
    assert.equal("${{ secrets.CLOUDFLARE_API_TOKEN }}", step(w.jobs.apply, "apply").env.CLOUDFLARE_API_TOKEN)
    assert.equal("${{ secrets.CLOUDFLARE_READ_TOKEN }}", step(w.jobs.drift, "drift").env.CLOUDFLARE_API_TOKEN)
    for name, value in pairs(step(w.jobs.validate, "validate").env or {}) do
      error(name .. "=" .. value)
    end
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

  it("lies where GitHub looks, when the project is a folder of the repository", function()
    local p = project.quick()
    project.ok(p:sh "git init -q .")
    project.ok(p:run("init", "--ci", "github", "apps/my api"))
    assert.is_false(p:exists("apps/my api/" .. GITHUB))
    local w = lyaml.load(p:read(GITHUB))
    assert.equal("apps/my api", w.defaults.run["working-directory"])
    assert.equal("apps/my api/.cfkv/backups/*.jsonl*", step(w.jobs.apply, "keep backups as an artefact").with.path)
    local r = project.ok(p:run("init", "--ci", "github", ".", { cwd = "apps/my api" }))
    assert.truthy(r.out:find("left  ../../.github/workflows/kv.yml, which is there", 1, true), r.out)
  end)
end)

describe("cfkv init --ci gitlab", function()
  after_each(project.cleanup)

  it("is in the words of a shell, and applies one at a time", function()
    local c = lyaml.load(begun("gitlab"):read(GITLAB))
    assert.equal("kv-plan.json", c["kv plan"].artifacts.reports.terraform)
    assert.equal("cloudflare", c["kv apply"].environment)
    assert.equal("cfkv", c["kv apply"].resource_group)
    assert.is_false(c["kv apply"].interruptible)
    local function check(lines)
      for _, line in ipairs(type(lines) == "table" and lines or { lines }) do
        if type(line) == "table" then
          check(line)
        else
          assert.equal(0, project.quick():sh("bash -n", { stdin = line }).code, line)
        end
      end
    end
    for name, job in pairs(c) do
      check(name ~= "stages" and job.script or {})
      check(name ~= "stages" and job.before_script or {})
      check(name ~= "stages" and job.after_script or {})
    end
  end)

  it("lies where GitLab looks, when the project is a folder of the repository", function()
    local p = project.quick()
    project.ok(p:sh "git init -q .")
    project.ok(p:run("init", "--ci", "gitlab", "apps/my api"))
    local c = lyaml.load(p:read(GITLAB))
    assert.equal("apps/my api", c[".cfkv"].variables.FOLDER)
    assert.same({ "apps/my api/.cfkv/backups/*.jsonl*" }, c["kv apply"].artifacts.paths)
  end)
end)
