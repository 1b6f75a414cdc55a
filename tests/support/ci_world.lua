-- The pipelines of examples/ci on a server of their own: a repository, the services for namespaces and state,
-- and what stands in for the programs of a runner. Each job has a fresh disk, and nothing that it says may
-- hold a secret.
--
--     local w = ci_world.start()
--     ci_world.github(w, { event_name = "push", ref_name = "main" })    -- w.flow:jobs()
--     local r = project.ok(ci_world.run(w, "apply"))
--
-- ci_world.start(mode?, options?)  of the state server; the first commit is on main; w.p, w.e, w.s: project,
--                                 emulator, state server
-- ci_world.commit(w, branch, kv)  another kv.lua, pushed → its commit
-- ci_world.github(w, github, private?)  an event of GitHub; push, pull_request and schedule are short for it
-- ci_world.gitlab(w, variables)   a pipeline of GitLab
-- ci_world.titles(w)              of the namespaces that are there
-- ci_world.try_out(w, pr...)      somebody applies environments of pull requests
-- ci_world.SECOND                 another kv.lua: a namespace, a key and an output more
-- w.p                           has files git.log, git.headers (what git was called with, and sent), and
-- w.uploaded                      what upload-artifact found, a text each; files gh.pulls (open ones), gh.down (no
--                                 answer), gh.log, gh.comment; npx.log, deployed.toml; slept

local emulator = require "support.emulator"
local pipeline = require "support.pipeline"
local project = require "support.project"
local state_server = require "support.state_server"

local ci_world = { WORKFLOW = ".github/workflows/kv.yml", PIPELINE = ".gitlab-ci.yml" }

function ci_world.example(path)
  return assert(project.slurp("examples/ci/" .. path))
end

local example = ci_world.example

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
function ci_world.start(mode, options)
  local w = { p = project.quick() }
  local p = w.p
  w.e = emulator.start(p, "--memory")
  w.s = state_server.start(p, mode or "s3", options)
  for path, text in pairs { ["gh.pulls"] = "", ["gh.ids"] = "", ["gh.log"] = "",
    ["source/Makefile"] = "build-debs all install:\n\t@true\n" } do
    p:write(path, text)
  end
  pipeline.fake(p, "gh", GH:format(project.quote(p.dir)))
  pipeline.fake(p, "git", ([[
#!/bin/sh
echo "$*" >>%s.log
[ -z "$GIT_CONFIG_COUNT" ] || echo "$GIT_CONFIG_KEY_0: $GIT_CONFIG_VALUE_0" >>%s.headers
exec %s "$@"
]]):format(project.quote(p:path "git"), project.quote(p:path "git"), (p:sh "command -v git".out:gsub("\n", ""))))
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

function ci_world.commit(w, branch, kv)
  w.p:write("dev/kv.lua", kv)
  project.ok(w.p:sh(("cd dev && git checkout -qB %s && git commit -qam more && git push -qf origin %s"):format(branch,
    branch)))
  return project.ok(w.p:sh "git -C dev rev-parse HEAD").out:match "%x+"
end


ci_world.SECOND = example "kv.lua":gsub('dark_mode = env ~= "production"', "dark_mode = true")
  .. 'cfkv.output("sessions", cfkv.namespace { app = "shop", purpose = "session", env = "staging" }.id)\n'

function ci_world.titles(w)
  local _, answer = w.e:ask("GET", "/accounts/" .. emulator.ACCOUNT .. "/storage/kv/namespaces?per_page=100")
  local list = {}
  for _, ns in ipairs(answer.result) do
    list[#list + 1] = ns.title
  end
  table.sort(list)
  return table.concat(list, " ")
end

ci_world.FIRST_TITLES = "shop-cache-production shop-cache-staging shop-config-production shop-config-staging"

-- How often the state was.
function ci_world.written(w)
  return #w.s:requests "PUT" + #w.s:requests "POST"
end

-- Somebody tries pull requests out.
function ci_world.try_out(w, ...)
  for _, pr in ipairs { ... } do
    project.ok(w.p:run("-C", "dev", "apply", "--state", w.s.url, "--yes", "--var", "pr=" .. pr,
      "--env", "pr-" .. pr, { env = w.e:env(w.s:env { CLOUDFLARE_ACCOUNT_ID = emulator.ACCOUNT }) }))
  end
end

function ci_world.github(w, github, private)
  github.server_url = "file://" .. w.p.dir
  github.event = github.event or {}
  github.event.repository = { default_branch = "main", private = private or false }
  w.uploaded = {}
  w.flow = pipeline.github(w.p, example(ci_world.WORKFLOW), {
    env = w.env, github = github, secrets = w.secrets, vars = w.vars,
    uses = { ["actions/upload-artifact"] = function(step, folder)
      local found = w.p:sh(("cd %s && ls %s 2>/dev/null"):format(project.quote(folder), step.with.path)).out
      w.uploaded[#w.uploaded + 1] = found
    end },
  })
  return w.flow
end

function ci_world.push(w, private)
  return ci_world.github(w, { event_name = "push", ref_name = "main", sha = "of no use" }, private)
end

function ci_world.pull_request(w, sha, from)
  return ci_world.github(w, { event_name = "pull_request", ref_name = "7/merge", sha = sha,
    event = { pull_request = { number = 7, head = { repo = { full_name = from or "acme/shop" } } } } })
end

-- On a fresh disk; nothing it says holds a secret.
function ci_world.run(w, job)
  w.disks = w.disks + 1
  project.ok(w.p:sh "rm -rf tmp && mkdir tmp")
  local r = w.flow:run(job, "disk" .. w.disks)
  assert(not w.flow:leak(r), "a secret is shown")
  r.disk = "disk" .. w.disks
  return r
end

function ci_world.schedule(w)
  return ci_world.github(w, { event_name = "schedule", ref_name = "main" })
end


function ci_world.gitlab(w, variables)
  local known = { CI_DEFAULT_BRANCH = "main", CI_PROJECT_VISIBILITY = "public", CI_JOB_TOKEN = "job-token-of-gitlab" }
  for _, map in ipairs { w.vars, variables } do
    for name, value in pairs(map) do
      known[name] = value
    end
  end
  w.flow = pipeline.gitlab(w.p, (example(ci_world.PIPELINE):gsub("/tmp/", w.p.dir .. "/tmp/")), {
    env = w.env, variables = known, secrets = w.secrets, repository = w.p:path "acme/shop" })
  return w.flow
end

ci_world.PUSH = { CI_PIPELINE_SOURCE = "push", CI_COMMIT_BRANCH = "main" }
ci_world.MERGE = { CI_PIPELINE_SOURCE = "merge_request_event", CI_MERGE_REQUEST_SOURCE_PROJECT_ID = "7" }


return ci_world
