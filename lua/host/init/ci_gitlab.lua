-- GitLab CI: a plan for each merge request, apply when it is merged.

local text = require "text"

local gitlab = {}

local PIPELINE = [==[
# KV namespaces: a plan for each merge request, apply when it is merged. Once, in the settings of the
# project, CI/CD, Variables:
#
#   CFKV_SOURCE             the URL that cfkv is cloned from
#   CFKV_VERSION            the commit or the tag of it that is built
#   CLOUDFLARE_ACCOUNT_ID   where kv.lua names no account
#   CLOUDFLARE_READ_TOKEN   masked: an API token that may read Workers KV, for plans
#   CLOUDFLARE_EDIT_TOKEN   masked, protected, for the environment "cloudflare": one that may edit it
#   CFKV_PUSH_TOKEN         masked, protected: a project access token (write_repository), with which what
#                           apply recorded is committed
stages: [plan, apply]

.cfkv:
  image: debian:13
  variables:
    DEBIAN_FRONTEND: noninteractive
    GIT_TERMINAL_PROMPT: "0"
    FOLDER: @FOLDER@
  before_script:
    - ': "${CFKV_SOURCE:?set the variable CFKV_SOURCE}" "${CFKV_VERSION:?set the variable CFKV_VERSION}"'
    - apt-get update -q
    - apt-get install -qy --no-install-recommends ca-certificates git make
    - git clone -q -- "$CFKV_SOURCE" /tmp/cfkv
    - git -C /tmp/cfkv checkout -q --detach "$CFKV_VERSION"
    - make -s -C /tmp/cfkv build-debs
    - make -s -C /tmp/cfkv install
    - cd "$FOLDER"

kv plan:
  extends: .cfkv
  stage: plan
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
  script:
    - export CLOUDFLARE_API_TOKEN="${CLOUDFLARE_READ_TOKEN:-}"
    # A merge request from a fork gets no variables: what it declares is checked, and not compared.
    - if [ -z "$CLOUDFLARE_API_TOKEN" ]; then cfkv validate; exit; fi
    - cfkv plan
    - cfkv plan --format gitlab >"$CI_PROJECT_DIR/kv-plan.json"
  artifacts:
    reports:
      terraform: kv-plan.json

kv apply:
  extends: .cfkv
  stage: apply
  rules:
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  environment: cloudflare
  resource_group: cfkv
  interruptible: false
  script:
    # Runs before this one have committed what they recorded.
    - git fetch -q origin "$CI_COMMIT_BRANCH"
    - git checkout -q --detach FETCH_HEAD
    - CLOUDFLARE_API_TOKEN="$CLOUDFLARE_EDIT_TOKEN" cfkv apply --yes
  # Also what a run recorded that failed half-way: the next one goes on from there.
  after_script:
    - |
      set -eu
      cd "$FOLDER"
      git config merge.cfkv.driver 'cfkv state merge %O %A %B'
      git config user.name cfkv
      git config user.email cfkv@noreply.invalid
      [ ! -e kv.state.json ] || git add -- kv.state.json
      git add -u -- .
      if git diff --cached --quiet; then exit 0; fi
      git commit -q -m 'cfkv: what was applied [skip ci]'
      url="$CI_SERVER_PROTOCOL://cfkv:$CFKV_PUSH_TOKEN@$CI_SERVER_HOST:$CI_SERVER_PORT/$CI_PROJECT_PATH.git"
      for try in 1 2 3; do
        if git push -q "$url" "HEAD:$CI_COMMIT_BRANCH"; then exit 0; fi
        git fetch -q "$url" "$CI_COMMIT_BRANCH"
        git rebase -q FETCH_HEAD
      done
      exit 1
]==]


-- As for GitHub (ci_github.lua).
function gitlab.files(view)
  local folder = text.string(view.below):gsub("%%", "%%%%")
  return { { path = view.top .. ".gitlab-ci.yml", text = (PIPELINE:gsub("@FOLDER@", folder)) } }
end


return gitlab
