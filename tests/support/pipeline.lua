--- A workflow of GitHub Actions, or a pipeline of GitLab, run as their runners do it, on fresh disks.
--
--     local pipeline = require "support.pipeline"
--
--     local w = pipeline.github(p, p:read "app/.github/workflows/kv.yml", {
--       env = e:env(),                                   -- what the runner has, whatever the workflow says
--       github = { event_name = "push", ref_name = "main" },
--       secrets = { CLOUDFLARE_API_TOKEN = "…" }, vars = { CLOUDFLARE_ACCOUNT_ID = "…" } })
--     assert.same({ "apply" }, w:jobs())
--     local r = project.ok(w:run("apply", "disk1"))
--
-- pipeline.github(p, text, options)   the workflow in `text`; works in folders of the project `p`
-- pipeline.gitlab(p, text, options)   the pipeline in `text`; options: env, variables, repository (what
--                                     is cloned before a job, as GitLab does)
-- w:jobs()           the names of the jobs whose `if` or `rules` hold, in alphabetic order
-- w:run(job, folder) runs it in a new folder of the project →
--     { code = of the first step that failed, else 0; out, err = of all steps;
--       steps = { { name, code, out, err, skipped } … }, step = function(name) → that one,
--       summary = what was written to GITHUB_STEP_SUMMARY, env = what the last step had }
--     Steps run as GitHub says: `bash -e`, with pipefail where the shell is said; after one that failed
--     only those whose `if` asks for it. GITHUB_ENV, GITHUB_PATH and GITHUB_OUTPUT are handed on, and
--     the outputs of jobs that ran to those that run later, as `needs`. Of GitLab, before_script and
--     script are one step, after_script the other, which fails nothing.
-- w.document         the decoded file
-- w:leak(r)          the name of a secret or variable that is a secret whose value r shows; nil: none
-- pipeline.fake(p, name, script)      a program that comes first on the PATH of every run in `p`
-- pipeline.recorded(p, name, answer?)  a program that writes down how it was called, and prints
--                    `answer(n)`, if any → function() → its calls: { args = {…}, stdin, env } each
--
-- A step that `uses` an action is an error unless options.uses has a function of that name, which gets
-- the step and the folder. Expressions are those of GitHub as far as workflows here need them; a name
-- that nothing has is an error outside of `secrets`, `vars` and `github.event`, where it is empty.

local lyaml = require "lyaml"
local project = require "support.project"

local quote = project.quote
local API = "https://api.github.test"

local pipeline = {}

local workflow = {} -- what both kinds have
workflow.__index = workflow


-- ---- Expressions: those of GitHub, and of the rules of GitLab, whose names begin with $ ----------

local TOKENS = { "^'([^']*)'()", '^"([^"]*)"()', "^(%d+)()", "^([%$%a_][%w_.%-]*)()" }
local CONSTANTS = { ["true"] = { value = true }, ["false"] = { value = false }, null = {} }
local OPERATORS = { "&&", "||", "==", "!=", "(", ")", "!" }


local function tokens(text)
  local list, at = {}, 1
  while true do
    at = text:find("%S", at)
    if not at then
      return list
    end
    local token
    for kind, pattern in ipairs(TOKENS) do
      local word, after = text:match(pattern, at)
      if not token and word then
        token, at = { kind = kind <= 2 and "text" or kind == 3 and "number" or "name", word = word }, after
      end
    end
    for _, operator in ipairs(OPERATORS) do
      if not token and text:sub(at, at + #operator - 1) == operator then
        token, at = { kind = operator }, at + #operator
      end
    end
    list[#list + 1] = assert(token, "an expression that support/pipeline.lua does not know: " .. text)
  end
end


local function truth(value)
  return not (value == nil or value == false or value == "" or value == 0 or value == lyaml.null)
end


-- To GitHub, what is not there is the same as an empty text.
local function same(a, b)
  return a == b or not (truth(a) or truth(b)) and (a == nil or b == nil)
end


-- The value of an expression; `lookup(name, called)` is that of a name.
local function evaluate(text, lookup)
  local list, at = tokens(text), 1
  local either

  local function take(kind)
    local token = list[at]
    if token and token.kind == kind then
      at = at + 1
      return token
    end
  end

  local function one()
    if take "!" then
      return not truth(one())
    elseif take "(" then
      local value = either()
      assert(take ")", "a ) is missing: " .. text)
      return value
    end
    local token = assert(take "text" or take "number" or take "name", "not understood: " .. text)
    if token.kind == "text" then
      return token.word
    elseif token.kind == "number" then
      return tonumber(token.word)
    elseif CONSTANTS[token.word] then
      return CONSTANTS[token.word].value
    elseif take "(" then
      assert(take ")", "a function with arguments: " .. text)
      return lookup(token.word, true)
    end
    return lookup(token.word, false)
  end

  local function compared()
    local left = one()
    if take "==" then
      return same(left, one())
    elseif take "!=" then
      return not same(left, one())
    end
    return left
  end

  local function both()
    local left = compared()
    while take "&&" do
      local right = compared()
      if truth(left) then
        left = right
      end
    end
    return left
  end

  function either()
    local left = both()
    while take "||" do
      local right = both()
      left = truth(left) and left or right
    end
    return left
  end

  local value = either()
  assert(at > #list, "not understood: " .. text)
  return value
end

pipeline.evaluate = evaluate


-- ---- What both have ------------------------------------------------------------------------------

local function join(...)
  local all = {}
  for _, map in ipairs { ... } do
    for name, value in pairs(map) do
      all[name] = value
    end
  end
  return all
end


local function bash(w, script, options)
  w.scripts = w.scripts + 1
  local path = ("%s.runscript%d"):format(w.p.dir, w.scripts)
  local f = assert(io.open(path, "wb"))
  assert(f:write(script))
  assert(f:close())
  local fakes = w.p:path ".fakes"
  local command = ("PATH=%s:$PATH bash %s %s"):format(quote(fakes), options.flags, quote(path))
  return w.p:sh(command, { env = options.env, cwd = options.cwd, timeout = 60 })
end


local function add(r, name, done)
  done.name = name
  r.steps[#r.steps + 1] = done
  r.out, r.err = r.out .. done.out, r.err .. done.err
  return done
end


local function result()
  local r = { code = 0, out = "", err = "", steps = {} }
  function r.step(name)
    for _, done in ipairs(r.steps) do
      if done.name == name then
        return done
      end
    end
    error("there is no step " .. name)
  end
  return r
end


local function sorted(map, holds)
  local names = {}
  for name, value in pairs(map) do
    if holds(name, value) then
      names[#names + 1] = name
    end
  end
  table.sort(names)
  return names
end


function workflow:leak(r)
  local shown = r.out .. r.err .. (r.summary or "")
  for name, value in pairs(self.hidden) do
    if value ~= "" and shown:find(value, 1, true) then
      return name
    end
  end
end


-- ---- GitHub --------------------------------------------------------------------------------------

local github = setmetatable({}, { __index = workflow })
github.__index = github

local LENIENT = { secrets = true, vars = true, event = true, env = true, steps = true, needs = true }


-- The value of "github.event.pull_request.number" in the contexts; `place` is for the message.
local function context(contexts, name)
  local value, lenient = contexts, false
  for part in name:gmatch "[^.]+" do
    lenient = lenient or LENIENT[part]
    value = type(value) == "table" and value[part] or nil
    if value == nil then
      assert(lenient, "no such name: " .. name)
      return nil
    end
  end
  return value
end


local function resolver(contexts, status)
  return function(name, called)
    if called then
      return assert(status[name], "no such function: " .. name)()
    end
    return context(contexts, name)
  end
end


-- A text with its ${{ … }} filled in.
local function fill(text, contexts)
  return (tostring(text):gsub("%${{(.-)}}", function(expression)
    local value = evaluate(expression, resolver(contexts, {}))
    return truth(value) and tostring(value) or value == 0 and "0" or value == false and "false" or ""
  end))
end


local function filled(map, contexts)
  local all = {}
  for name, value in pairs(map or {}) do
    all[name] = fill(value, contexts)
  end
  return all
end


-- Whether an `if` holds; without one of the functions in it only while nothing has failed.
local function holds(condition, contexts, failed)
  local status = {
    always = function() return true end,
    cancelled = function() return false end,
    failure = function() return failed end,
    success = function() return not failed end,
  }
  local text = condition == nil and "success()" or tostring(condition):gsub("^%s*%${{(.*)}}%s*$", "%1")
  local asks = text:find "always%s*%(" or text:find "failure%s*%(" or text:find "success%s*%("
    or text:find "cancelled%s*%("
  return truth(evaluate(text, resolver(contexts, status))) and (asks ~= nil or not failed)
end


function pipeline.github(p, text, options)
  local w = setmetatable({ p = p, options = options, document = lyaml.load(text), scripts = 0 }, github)
  w.contexts = {
    github = join({
      token = "ghs_token-of-the-job", repository = "acme/shop", repository_owner = "acme", ref_name = "main",
      run_id = "4711", event = {},
    }, options.github or {}),
    secrets = options.secrets or {},
    vars = options.vars or {},
    env = {},
    steps = {},
    needs = {},
    runner = { os = "Linux" },
  }
  w.hidden = join(options.secrets or {}, { ["github.token"] = w.contexts.github.token })
  return w
end


function github:jobs()
  return sorted(self.document.jobs, function(_, job)
    return holds(job["if"], self.contexts, false)
  end)
end


-- The variables that a runner sets.
local function runner(w, folder, temp)
  local g = w.contexts.github
  return {
    CI = "true", GITHUB_ACTIONS = "true", GITHUB_API_URL = API, GITHUB_EVENT_NAME = g.event_name,
    GITHUB_REF_NAME = g.ref_name, GITHUB_REPOSITORY = g.repository, GITHUB_RUN_ID = g.run_id,
    GITHUB_RUN_ATTEMPT = "1", GITHUB_SERVER_URL = g.server_url or "https://github.test", GITHUB_SHA = g.sha,
    GITHUB_WORKSPACE = folder, RUNNER_TEMP = temp, GITHUB_HEAD_REF = g.head_ref, GITHUB_BASE_REF = g.base_ref,
  }
end


-- NAME=VALUE, and NAME<<END … END, as GITHUB_ENV and GITHUB_OUTPUT have them.
local function pairs_of(text)
  local all, name, stop, lines = {}, nil, nil, nil
  for line in ((text or "") .. "\n"):gmatch "(.-)\n" do
    if stop and line == stop then
      all[name], stop = table.concat(lines, "\n"), nil
    elseif stop then
      lines[#lines + 1] = line
    elseif line:find "^[^=]+<<" then
      name, stop = line:match "^([^=]+)<<(.*)$"
      lines = {}
    elseif line:find "=" then
      local key, value = line:match "^([^=]*)=(.*)$"
      all[key] = value
    end
  end
  return all
end


-- Runs a step; what it left for later ones goes into `handed`.
local function run_step(w, step, job, place, handed)
  local contexts = join(w.contexts, { env = place.env })
  local env = join(place.env, filled(step.env, contexts))
  contexts.env = env
  local files = {}
  for _, name in ipairs { "GITHUB_ENV", "GITHUB_PATH", "GITHUB_OUTPUT" } do
    files[name] = ("%s/%s"):format(place.temp, name)
    local f = assert(io.open(files[name], "w"))
    f:close()
  end
  files.GITHUB_STEP_SUMMARY = place.temp .. "/GITHUB_STEP_SUMMARY"
  local defaults = join((w.document.defaults or {}).run or {}, (job.defaults or {}).run or {})
  local shell = step.shell or defaults.shell
  local cwd = fill(step["working-directory"] or defaults["working-directory"] or ".", contexts)
  local all = join(w.options.env or {}, place.runner, files, env)
  local path = table.concat(handed.path, ":")
  local script = (path == "" and "" or ('PATH="%s:$PATH"\n'):format(path)) .. fill(step.run, contexts)
  local done = bash(w, script, {
    env = all, cwd = cwd:sub(1, 1) == "/" and cwd or place.folder .. "/" .. cwd,
    flags = shell == "bash" and "--noprofile --norc -eo pipefail" or "-e",
  })
  for name, value in pairs(pairs_of(project.slurp(files.GITHUB_ENV))) do
    place.env[name] = value
  end
  for line in (project.slurp(files.GITHUB_PATH) or ""):gmatch "[^\n]+" do
    table.insert(handed.path, 1, line)
  end
  if step.id then
    w.contexts.steps[step.id] = { outputs = pairs_of(project.slurp(files.GITHUB_OUTPUT)), outcome = done.code == 0
      and "success" or "failure" }
  end
  done.env = all
  return done
end


-- A new disk: the folder that a job works in, and what its steps have in common.
local function disk(w, folder)
  assert(not w.p:exists(folder), folder .. " is there already")
  local place = { folder = w.p:path(folder), temp = w.p:path(folder .. ".temp") }
  assert(os.execute(("mkdir -p %s %s"):format(quote(place.folder), quote(place.temp))))
  return place
end


function github:run(name, folder)
  local job = assert(self.document.jobs[name], "there is no job " .. name)
  local place = disk(self, folder)
  place.runner = runner(self, place.folder, place.temp)
  place.env = filled(self.document.env, self.contexts)
  place.env = join(place.env, filled(job.env, join(self.contexts, { env = place.env })))
  self.contexts.steps = {}
  local r, handed = result(), { path = {} }
  for i, step in ipairs(job.steps) do
    local title = step.name or step.id or step.uses or ("step " .. i)
    local contexts = join(self.contexts, { env = place.env })
    contexts.env = join(place.env, filled(step.env, contexts))
    if not holds(step["if"], contexts, r.code ~= 0) then
      add(r, title, { code = 0, out = "", err = "", skipped = true })
    elseif step.uses then
      local action = (self.options.uses or {})[step.uses:match "^[^@]+"]
      assert(action, "nothing stands in for the action " .. step.uses)(step, place.folder)
    else
      local done = add(r, title, run_step(self, step, job, place, handed))
      r.env = done.env
      if done.code ~= 0 and r.code == 0 and not step["continue-on-error"] then
        r.code = done.code
      end
    end
  end
  self.contexts.needs[name] = {
    outputs = filled(job.outputs, self.contexts), result = r.code == 0 and "success" or "failure",
  }
  r.summary = project.slurp(place.temp .. "/GITHUB_STEP_SUMMARY") or ""
  return r
end


-- ---- GitLab --------------------------------------------------------------------------------------

local gitlab = setmetatable({}, { __index = workflow })
gitlab.__index = gitlab

local RESERVED = { stages = true, default = true, variables = true, workflow = true, include = true, image = true }


function pipeline.gitlab(p, text, options)
  local w = setmetatable({ p = p, options = options, document = lyaml.load(text), scripts = 0 }, gitlab)
  w.variables = join({
    CI = "true", GITLAB_CI = "true", CI_DEFAULT_BRANCH = "main", CI_PIPELINE_ID = "815", CI_PROJECT_ID = "7",
    CI_API_V4_URL = "https://gitlab.test/api/v4", CI_JOB_URL = "https://gitlab.test/acme/shop/-/jobs/1",
  }, options.variables or {})
  w.hidden = options.secrets or {}
  return w
end


-- A job with what it extends and the defaults.
function gitlab:job(name)
  local job = assert(self.document[name], "there is no job " .. name)
  local bases = type(job.extends) == "table" and job.extends or { job.extends }
  local all = join(self.document.default or {})
  for _, base in ipairs(bases) do
    local there = self:job(base)
    all = join(all, there, { variables = join(all.variables or {}, there.variables or {}) })
  end
  return join(all, job, { variables = join(all.variables or {}, job.variables or {}) })
end


function gitlab:jobs()
  local function lookup(name)
    assert(name:sub(1, 1) == "$", "not understood in a rule: " .. name)
    local value = self.variables[name:sub(2)]
    if value == nil then
      value = self.hidden[name:sub(2)]
    end
    return value
  end
  return sorted(self.document, function(name)
    if RESERVED[name] or name:sub(1, 1) == "." then
      return false
    end
    local rules = self:job(name).rules
    if not rules then
      return true
    end
    for _, rule in ipairs(rules) do
      if rule["if"] == nil or truth(evaluate(rule["if"], lookup)) then
        return rule.when ~= "never"
      end
    end
    return false
  end)
end


local function lines_of(script)
  local list = {}
  for _, line in ipairs(type(script) == "table" and script or { script }) do
    list[#list + 1] = type(line) == "table" and table.concat(line, "\n") or line
  end
  return table.concat(list, "\n") .. "\n"
end


function gitlab:run(name, folder)
  local job = self:job(name)
  local place = disk(self, folder)
  if self.options.repository then
    project.ok(self.p:sh(("git clone -q %s %s"):format(quote(self.options.repository), quote(place.folder))))
  end
  local known = join(self.options.env or {}, self.variables, self.hidden, { CI_PROJECT_DIR = place.folder })
  local env = join(known)
  for key, value in pairs(join(self.document.variables or {}, job.variables)) do
    env[key] = tostring(value):gsub("%${?([%a_][%w_]*)}?", function(word) return known[word] or "" end)
  end
  local r = result()
  local options = { env = env, cwd = place.folder, flags = "--noprofile --norc -eo pipefail" }
  local before = job.before_script or self.document.before_script or {}
  local done = add(r, "script", bash(self, lines_of(before) .. lines_of(job.script), options))
  r.code, r.env = done.code, env
  if job.after_script then
    add(r, "after_script", bash(self, lines_of(job.after_script), options))
  end
  return r
end


-- ---- What stands in for programs -----------------------------------------------------------------

function pipeline.fake(p, name, script)
  p:write(".fakes/" .. name, script)
  assert(os.execute("chmod +x " .. quote(p:path(".fakes/" .. name))))
end


function pipeline.recorded(p, name, answer)
  local folder = p:path(".fakes/" .. name .. ".log")
  assert(os.execute("mkdir -p " .. quote(folder)))
  for n = 1, answer and 9 or 0 do
    p:write((".fakes/%s.log/answer%d"):format(name, n), answer(n) or "")
  end
  pipeline.fake(p, name, ([[
#!/bin/bash
log=%s n=1
while ! mkdir "$log/$n" 2>/dev/null; do n=$((n + 1)); done
printf '%%s\0' "$@" >"$log/$n/args"
env >"$log/$n/env"
cat >"$log/$n/stdin"
cat "$log/answer$n" 2>/dev/null || true
]]):format(quote(folder)))
  return function()
    local calls = {}
    for n = 1, math.huge do
      local args = project.slurp(("%s/%d/args"):format(folder, n))
      if not args then
        return calls
      end
      local list = {}
      for word in args:gmatch "([^\0]*)\0" do
        list[#list + 1] = word
      end
      calls[n] = { args = list, stdin = project.slurp(("%s/%d/stdin"):format(folder, n)),
        env = project.slurp(("%s/%d/env"):format(folder, n)) }
    end
  end
end


return pipeline
