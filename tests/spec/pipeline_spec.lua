-- That the pipelines of examples are run as their runners would run them (tests/support/pipeline.lua).

local pipeline = require "support.pipeline"
local project = require "support.project"

local HEAD = "on: [push]\n"


describe("an expression", function()
  local names = { a = "x", yes = true, no = false, ["github.event_name"] = "push", ["$CI"] = "push" }

  for text, value in pairs {
    ["a == 'x'"] = true, ["a != 'x'"] = false, ["!yes"] = false, ["!(no || no)"] = true,
    ["github.event_name == 'push' && yes"] = true, ["yes && a || 'other'"] = "x", ["no && a || 'other'"] = "other",
    ['$CI == "push"'] = true, ["missing"] = false, ["no || yes && no"] = false,
  } do
    it("has a value: " .. text, function()
      local got = pipeline.evaluate(text, function(name) return names[name] end)
      assert.equal(value, got or false)
    end)
  end

  it("that is not understood is an error", function()
    for _, text in ipairs { "a =", "a b", "(a", "f(a)", "a ~ b" } do
      assert.is_false(pcall(pipeline.evaluate, text, function() end), text)
    end
  end)
end)


describe("a workflow of GitHub", function()
  after_each(project.cleanup)

  local function start(text, options)
    local p = project.quick()
    return pipeline.github(p, HEAD .. text, options or {}), p
  end

  it("runs the jobs whose condition holds", function()
    local text = [[
jobs:
  merged: { if: "github.event_name == 'push'" }
  asked: { if: "github.event_name == 'pull_request' && github.event.pull_request.head.repo.fork != true" }
  always: {}
]]
    assert.same({ "always", "merged" }, (start(text, { github = { event_name = "push" } })):jobs())
    local fork = { event_name = "pull_request", event = { pull_request = { head = { repo = { fork = true } } } } }
    assert.same({ "always" }, (start(text, { github = fork })):jobs())
    fork.event.pull_request.head.repo.fork = false
    assert.same({ "always", "asked" }, (start(text, { github = fork })):jobs())
  end)

  it("gives steps the variables of workflow, job and step, and what the ones before left", function()
    local w, p = start([[
env: { A: "${{ vars.A }}", B: b }
defaults: { run: { shell: bash } }
jobs:
  one:
    env: { B: "${{ env.A }}2", C: "${{ secrets.NONE }}" }
    steps:
      - id: first
        run: |
          echo "LEFT=l e f t" >>"$GITHUB_ENV"
          printf 'many<<END\n1\n2\nEND\n' >>"$GITHUB_OUTPUT"
          echo "$GITHUB_WORKSPACE/bin" >>"$GITHUB_PATH"
          mkdir bin; printf '#!/bin/sh\necho tool\n' >bin/tool; chmod +x bin/tool
          echo '# one' >>"$GITHUB_STEP_SUMMARY"
      - name: second
        env: { M: "${{ steps.first.outputs.many }}", A: "${{ github.ref_name }}" }
        working-directory: bin
        run: |
          echo "$A $B [$C] $LEFT $M $(tool) $(basename $PWD)"
          echo '# two' >>"$GITHUB_STEP_SUMMARY"
]], { vars = { A = "a" } })
    local r = project.ok(w:run("one", "disk"))
    assert.equal("main a2 [] l e f t 1\n2 tool bin\n", r.step("second").out)
    assert.equal("# one\n# two\n", r.summary)
    assert.is_true(p:exists "disk/bin/tool")
    assert.is_false(pcall(w.run, w, "one", "disk"))
  end)

  it("hands the outputs of a job on to those that need it", function()
    local w = start [[
jobs:
  plan:
    outputs: { comment: "${{ steps.it.outputs.text }}" }
    steps: [{ id: it, run: 'printf "text<<E\na\nb\nE\n" >>"$GITHUB_OUTPUT"' }]
  comment:
    needs: plan
    if: needs.plan.outputs.comment != ''
    steps: [{ env: { TEXT: "${{ needs.plan.outputs.comment }}" }, run: 'echo "$TEXT"' }]
]]
    assert.same({ "plan" }, w:jobs())
    project.ok(w:run("plan", "a"))
    assert.same({ "comment", "plan" }, w:jobs())
    assert.equal("a\nb\n", project.ok(w:run("comment", "b")).out)
  end)

  it("leaves out what comes behind a failure, but what is to run always", function()
    local w = start [[
jobs:
  one:
    steps:
      - { name: pipe, shell: bash, run: "false | true" }
      - { name: next, run: echo next }
      - { name: cleanup, if: always(), run: echo cleanup }
      - { name: told, if: "failure() && github.ref_name == 'main'", run: echo told }
      - { name: fine, if: success(), run: echo fine }
]]
    local r = w:run("one", "disk")
    assert.equal(1, r.code)
    assert.equal("cleanup\ntold\n", r.out)
    assert.is_true(r.step("next").skipped)
  end)

  it("knows no action, and no name that nothing has", function()
    for _, text in ipairs {
      "uses: actions/checkout@v6", "run: echo ${{ githib.token }}", "if: github.evnt == 1\n        run: x",
    } do
      local w = start("jobs:\n  one:\n    steps:\n      - " .. text .. "\n")
      assert.is_false(pcall(w.run, w, "one", "disk"), text)
    end
    local checked
    local w = start("jobs: { one: { steps: [{ uses: actions/checkout@v6 }] } }\n", {
      uses = { ["actions/checkout"] = function(step) checked = step.uses end },
    })
    w:run("one", "disk")
    assert.equal("actions/checkout@v6", checked)
  end)

  it("tells when a secret is shown", function()
    local w = start([[
jobs: { one: { steps: [{ env: { T: "${{ secrets.T }}" }, run: "echo ${T:1}; [ -z $SHOW ] || echo $T >&2" }] } }
]], { secrets = { T = "hidden" }, env = { SHOW = "" } })
    assert.is_nil(w:leak(w:run("one", "a")))
    w.options.env.SHOW = "1"
    assert.equal("T", w:leak(w:run("one", "b")))
  end)

  it("has programs that write down how they were called", function()
    local w, p = start [==[
jobs: { one: { steps: [{ run: 'echo x | gh api "a b" -d @- ; gh', env: { GH_TOKEN: "${{ github.token }}" } }] } }
]==]
    local calls = pipeline.recorded(p, "gh", function(n) return n == 1 and "first" end)
    assert.equal("first", project.ok(w:run("one", "disk")).out)
    local log = calls()
    assert.equal(2, #log)
    assert.same({ "api", "a b", "-d", "@-" }, log[1].args)
    assert.equal("x\n", log[1].stdin)
    assert.matches("GH_TOKEN=ghs_token%-of%-the%-job\n", log[1].env)
  end)
end)


describe("a pipeline of GitLab", function()
  after_each(project.cleanup)

  local TEXT = [[
stages: [plan]
variables: { ALL: all }
.base:
  before_script: [cd sub, 'x=1']
  variables: { FROM: base, BOTH: base }
asked:
  extends: .base
  rules: [{ if: '$CI_PIPELINE_SOURCE == "merge_request_event" && $TOKEN' }]
  variables: { BOTH: "$FROM2 job" }
  script:
    - echo "$ALL $FROM $BOTH $x $(cat file)"
    - exit 3
  after_script: [echo after, 'false']
merged:
  rules: [{ if: "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH" }]
  script: [true]
]]

  it("runs a job's script in one shell, in a clone, and what comes after it whatever happened", function()
    local p = project.quick { ["repo/sub/file"] = "content" }
    project.ok(p:sh "cd repo && git init -q && git add -A && git -c user.name=x -c user.email=x@x commit -qm x")
    local w = pipeline.gitlab(p, TEXT, {
      repository = p:path "repo", variables = { FROM2 = "two", CI_PIPELINE_SOURCE = "merge_request_event" },
    })
    assert.same({}, w:jobs())
    w.hidden.TOKEN = "t"
    assert.same({ "asked" }, w:jobs())
    local r = w:run("asked", "disk")
    assert.equal(3, r.code)
    assert.equal("all base two job 1 content\nafter\n", r.out)
    w.variables.CI_COMMIT_BRANCH = "main"
    assert.same({ "asked", "merged" }, w:jobs())
  end)
end)
