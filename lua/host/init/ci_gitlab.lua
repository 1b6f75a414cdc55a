-- GitLab CI: a plan for each merge request, apply and deploy when it is merged, and on a schedule a look for
-- what was changed by hand and for environments of branches that are gone.

local github = require "init.ci_github"
local text = require "text"

local gitlab = {}

local PIPELINE = [==[
# KV namespaces: a plan for each merge request, apply and deploy when it is merged; on a schedule a look for
# what was changed by hand, and for environments of branches that are gone. Once, in the settings of the
# project:
#
#   CI/CD, Variables
#     CFKV_SOURCE             the URL that cfkv is cloned from
#     CFKV_VERSION            the commit or the tag of it that is built
#     CFKV_STATE              where the state is kept: s3://BUCKET/NAME.json, a bucket of R2; without it GitLab
#                             keeps it (Operate, Terraform states)
#     AWS_ENDPOINT_URL_S3     of R2: https://ACCOUNT_ID.r2.cloudflarestorage.com
#     CLOUDFLARE_ACCOUNT_ID   where kv.lua names no account
#     CLOUDFLARE_READ_TOKEN   masked: an API token that may read Workers KV, for plans
#     STATE_READ_KEY_ID, STATE_READ_KEY   masked: an R2 key that may read the bucket
#     CLOUDFLARE_EDIT_TOKEN   masked, protected, for the environment "cloudflare": one that may edit Workers KV
#                             and deploy Workers
#     STATE_KEY_ID, STATE_KEY masked, protected, for "cloudflare": an R2 key that may write to the bucket
#   Build, Pipeline schedules: one each morning, of the default branch
#
# What exit codes mean: cfkv help ci.
stages: [plan, apply, sweep]

.cfkv:
  image: debian:13
  variables:
    DEBIAN_FRONTEND: noninteractive
    GIT_TERMINAL_PROMPT: "0"
    AWS_REGION: auto
    FOLDER: @FOLDER@
  before_script:
    - ': "${CFKV_SOURCE:?set the variable CFKV_SOURCE}" "${CFKV_VERSION:?set the variable CFKV_VERSION}"'
    - apt-get update -q
    - apt-get install -qy --no-install-recommends ca-certificates curl git jq make
    - git clone -q -- "$CFKV_SOURCE" /tmp/cfkv
    - git -C /tmp/cfkv checkout -q --detach "$CFKV_VERSION"
    - make -s -C /tmp/cfkv build-debs
    - make -s -C /tmp/cfkv install
    - cd "$FOLDER"

# Credentials, and where the state is: in the shell of a job, before all else.
.read: &read
  - |
    export CLOUDFLARE_API_TOKEN="${CLOUDFLARE_READ_TOKEN:-}"
    export AWS_ACCESS_KEY_ID="${STATE_READ_KEY_ID:-}" AWS_SECRET_ACCESS_KEY="${STATE_READ_KEY:-}"

.edit: &edit
  - |
    export CLOUDFLARE_API_TOKEN="${CLOUDFLARE_EDIT_TOKEN:-}"
    export AWS_ACCESS_KEY_ID="${STATE_KEY_ID:-}" AWS_SECRET_ACCESS_KEY="${STATE_KEY:-}"

.state: &state
  - |
    export TF_HTTP_USERNAME=gitlab-ci-token TF_HTTP_PASSWORD="${CI_JOB_TOKEN:-}"
    export CFKV_STATE="${CFKV_STATE:-$CI_API_V4_URL/projects/$CI_PROJECT_ID/terraform/state/kv}"
    if [ -e kv.state.json ]; then
      echo 'kv.state.json is in git, while the state is kept elsewhere: bring it there once (cfkv state move),' \
        'and take the file out of git.' >&2
      exit 5
    fi

# What was saved before it was deleted dies with the machine otherwise. Only the team reads it: an artefact
# for developers where the project is private, else a copy in the bucket of the state, of which no artefact is
# left.
.keep: &keep
  - |
    if [ "$CI_PROJECT_VISIBILITY" = private ]; then exit 0; fi
    cd "$FOLDER"
    export AWS_ACCESS_KEY_ID="${STATE_KEY_ID:-}" AWS_SECRET_ACCESS_KEY="${STATE_KEY:-}"
@COPY@

# A merge request from a fork runs in the fork's project and gets no variables: what it declares is checked,
# and not compared.
kv validate:
  extends: .cfkv
  stage: plan
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event" && $CI_MERGE_REQUEST_SOURCE_PROJECT_ID != $CI_PROJECT_ID
    - if: $CI_PIPELINE_SOURCE == "merge_request_event" && $CLOUDFLARE_READ_TOKEN == null
  script:
    - cfkv validate
    - echo 'A fork gets no credentials, so this was validated, but not planned.'

kv plan:
  extends: .cfkv
  stage: plan
  rules:
    - if: $CI_MERGE_REQUEST_SOURCE_PROJECT_ID != $CI_PROJECT_ID
      when: never
    - if: $CI_PIPELINE_SOURCE == "merge_request_event" && $CLOUDFLARE_READ_TOKEN
  script:
    - *read
    - *state
    - cfkv plan --state "$CFKV_STATE"
    - cfkv plan --state "$CFKV_STATE" --format gitlab >"$CI_PROJECT_DIR/kv-plan.json"
  artifacts:
    reports:
      terraform: kv-plan.json

kv apply:
  extends: .cfkv
  stage: apply
  rules:
    - if: $CI_PIPELINE_SOURCE == "push" && $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  environment: cloudflare
  resource_group: cfkv
  interruptible: false
  retry:
    max: 2
    exit_codes: 75 # somebody else's run, or the state out of reach
  script:
    - *edit
    - *state
    # What is newest, so that a job that is repeated later brings nothing old back.
    - git fetch -q --depth 1 origin "$CI_COMMIT_BRANCH"
    - git checkout -q --detach FETCH_HEAD
    # Backups go where only the team reads. Where there is no such place, nothing is done that needs one.
    - |
      saved=
      if [ "$CI_PROJECT_VISIBILITY" != private ] && [ "${CFKV_STATE#s3://}" = "$CFKV_STATE" ]; then
        cfkv plan --state "$CFKV_STATE" --out /tmp/kv.plan --json >/tmp/kv-plan.json
        if jq -e '.summary | .delete + .delete_keys + .overwrite > 0' /tmp/kv-plan.json >/dev/null; then
          echo 'This deletes or overwrites, and there is no place for a backup that only the team reads: keep' \
            'the state in a bucket (s3://), or apply it by hand. Nothing was changed.' >&2
          exit 5
        fi
        saved=--plan=/tmp/kv.plan
      fi
      cfkv apply --state "$CFKV_STATE" --yes --lock-timeout 10m $saved
    # A script of yours, else wrangler with the config into which apply wrote the ids.
    - |
      if [ -x ./deploy ]; then
        ./deploy
      elif [ -e wrangler.toml ] || [ -e wrangler.jsonc ] || [ -e wrangler.json ]; then
        apt-get install -qy --no-install-recommends npm
        npx --yes wrangler@4 deploy
      fi
  after_script:
    - *keep
  artifacts: &backups
    when: always
    access: developer
    expire_in: 7 days
    paths:
      - @PATH@

# A failed job tells that something was changed behind cfkv's back (2); tomorrow again where the state was
# out of reach (75).
kv drift:
  extends: .cfkv
  stage: plan
  rules:
    - if: $CI_PIPELINE_SOURCE == "schedule"
  allow_failure:
    exit_codes: 75
  script:
    - *read
    - *state
    - cfkv drift --state "$CFKV_STATE"

# Environments that kv.lua calls ephemeral, once their branches are gone.
kv sweep:
  extends: .cfkv
  stage: sweep
  rules:
    - if: $CI_PIPELINE_SOURCE == "schedule"
    - if: $CI_PIPELINE_SOURCE == "push" && $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  environment: cloudflare
  resource_group: cfkv
  interruptible: false
  script:
    - *edit
    - *state
    - |
      match=$(cfkv eval | jq -r '.project.ephemeral.match // ""')
      if [ -z "$match" ]; then exit 0; fi # no environment comes and goes
      if [ "$CI_PROJECT_VISIBILITY" != private ] && [ "${CFKV_STATE#s3://}" = "$CFKV_STATE" ]; then
        echo 'There is no place for backups that only the team reads. Nothing was changed.' >&2
        exit 5
      fi
      git ls-remote --heads origin >/tmp/heads
      sed 's|.*refs/heads/||' /tmp/heads >/tmp/branches
      cfkv sweep --state "$CFKV_STATE" --yes --lock-timeout 10m --keep-file /tmp/branches \
        --allow-data-loss="*/$match"
  after_script:
    - *keep
  artifacts: *backups
]==]


-- As for GitHub (ci_github.lua).
function gitlab.files(view)
  local below = view.below == "." and "" or view.below:gsub("/*$", "/")
  return { {
    path = view.top .. ".gitlab-ci.yml",
    text = github.fill(PIPELINE, {
      FOLDER = text.string(view.below) .. "\n",
      PATH = text.string(below .. ".cfkv/backups/*.jsonl*") .. "\n",
      COPY = github.indent(github.COPY:gsub("@RUN@", "$CI_PIPELINE_ID"), 4),
    }),
  } }
end


return gitlab
