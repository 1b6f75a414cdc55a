-- GitHub Actions: a plan for each pull request, apply and deploy when it is merged, and each morning a look
-- for what was changed by hand and for environments of closed pull requests. `cfkv init --ci github` writes
-- it, and examples/ci has what that writes. But for artefacts, of which only a runner's own action makes any,
-- no action of others is used.

local text = require "text"

local github = {}

local WORKFLOW = [==[
# KV namespaces: a plan for each pull request, apply and deploy when it is merged; each morning a look for
# what was changed by hand, and for environments of closed pull requests. Once, in the settings of the
# repository:
#
#   Secrets and variables, Actions
#     variable CFKV_SOURCE             the URL that cfkv is cloned from
#     variable CFKV_VERSION            the commit or the tag of it that is built
#     variable CFKV_STATE              where the state is kept: s3://BUCKET/NAME.json, a bucket of R2
#     variable AWS_ENDPOINT_URL_S3     of R2: https://ACCOUNT_ID.r2.cloudflarestorage.com
#     variable CLOUDFLARE_ACCOUNT_ID   where kv.lua names no account
#     secret   CLOUDFLARE_READ_TOKEN   an API token that may read Workers KV, for plans
#     secret   STATE_READ_KEY_ID, STATE_READ_KEY   an R2 key that may read the bucket
#   Environments, "cloudflare": for the default branch only, with reviewers where somebody is to agree
#     secret   CLOUDFLARE_API_TOKEN    an API token that may edit Workers KV and deploy Workers
#     secret   STATE_KEY_ID, STATE_KEY an R2 key that may write to the bucket
#
# Never pull_request_target: that gives secrets to the code of a fork. What exit codes mean: cfkv help ci.
name: kv

on:
  pull_request:
  push:
    branches: [main, master]
  schedule:
    - cron: "17 5 * * *"

permissions: {}

defaults:
  run:
    shell: bash
    working-directory: @FOLDER@

env:
  GIT_TERMINAL_PROMPT: "0"
  CFKV_STATE: ${{ vars.CFKV_STATE }}
  AWS_ENDPOINT_URL_S3: ${{ vars.AWS_ENDPOINT_URL_S3 }}
  AWS_REGION: auto
  CLOUDFLARE_ACCOUNT_ID: ${{ vars.CLOUDFLARE_ACCOUNT_ID }}

jobs:
  # A pull request from a fork gets no secrets: what it declares is checked, and not compared.
  validate:
    if: github.event_name == 'pull_request' && github.event.pull_request.head.repo.full_name != github.repository
    runs-on: ubuntu-latest
    timeout-minutes: 20
    permissions:
      contents: read
    steps:
@CHECKOUT_COMMIT@
@INSTALL@
      - name: validate
        run: |
          cfkv validate --format github
          echo '::notice title=cfkv::A fork gets no credentials: this was validated, but not planned.'

  plan:
    if: github.event_name == 'pull_request' && github.event.pull_request.head.repo.full_name == github.repository
    runs-on: ubuntu-latest
    timeout-minutes: 20
    permissions:
      contents: read
    outputs:
      comment: ${{ steps.plan.outputs.comment }}
    steps:
@CHECKOUT_COMMIT@
@INSTALL@
      # In the log with annotations, in the summary of the run, and for the comment: one plan.
      - name: plan
        id: plan
        env:
@READ@
        run: |
@STATE@
          : >"$RUNNER_TEMP/plan.md"
          code=0
          GITHUB_STEP_SUMMARY="$RUNNER_TEMP/plan.md" \
            cfkv plan --state "$CFKV_STATE" --detailed-exitcode --format github || code=$?
          cat "$RUNNER_TEMP/plan.md" >>"$GITHUB_STEP_SUMMARY"
          end=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
          { echo "comment<<$end"; head -c 120000 "$RUNNER_TEMP/plan.md" | iconv -c -t utf-8; echo; echo "$end"; } \
            >>"$GITHUB_OUTPUT"
          if [ "$code" = 2 ]; then code=0; fi # there are changes, as there should be
          exit "$code"

  # On its own, so that what runs the code of the pull request may write nothing.
  comment:
    needs: plan
    if: always() && needs.plan.outputs.comment
    runs-on: ubuntu-latest
    timeout-minutes: 5
    permissions:
      pull-requests: write
    steps:
      - name: comment
        working-directory: .
        env:
          GH_TOKEN: ${{ github.token }}
          NUMBER: ${{ github.event.pull_request.number }}
          COMMENT: ${{ needs.plan.outputs.comment }}
        run: |
          mark='<!-- cfkv plan -->'
          printf '%s\n%s\n' "$mark" "$COMMENT" >"$RUNNER_TEMP/comment.md"
          ours=".[] | select(.user.login == \"github-actions[bot]\" and (.body | startswith(\"$mark\"))) | .id"
          id=$(gh api --paginate "repos/$GITHUB_REPOSITORY/issues/$NUMBER/comments" --jq "$ours" | sed -n 1p)
          if [ -n "$id" ]; then
            gh api --silent -X PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$id" -F "body=@$RUNNER_TEMP/comment.md"
          else
            gh api --silent "repos/$GITHUB_REPOSITORY/issues/$NUMBER/comments" -F "body=@$RUNNER_TEMP/comment.md"
          fi

  apply:
    if: github.event_name == 'push' && github.ref_name == github.event.repository.default_branch
    runs-on: ubuntu-latest
    timeout-minutes: 60
    environment: cloudflare
    concurrency:
      group: cfkv-apply
      cancel-in-progress: false
    permissions:
      contents: read
    steps:
@CHECKOUT_BRANCH@
@INSTALL@
      - name: apply
        env:
@EDIT@
          PRIVATE: ${{ github.event.repository.private }}
        run: |
@STATE@
          # Backups go where only the team reads. Where there is no such place, nothing is done that needs one.
          saved=()
          if [ "$PRIVATE" != true ] && [[ $CFKV_STATE != s3://* ]]; then
            cfkv plan --state "$CFKV_STATE" --out "$RUNNER_TEMP/kv.plan" --json >"$RUNNER_TEMP/plan.json"
            if jq -e '.summary | .delete + .delete_keys + .overwrite > 0' "$RUNNER_TEMP/plan.json" >/dev/null; then
              echo '::error title=cfkv::This deletes or overwrites, and there is no place for a backup that only the' \
                'team reads: keep the state in a bucket (s3://), or apply it by hand. Nothing was changed.'
              exit 5
            fi
            saved=(--plan "$RUNNER_TEMP/kv.plan")
          fi
          code=75
          for pause in 30 120 0; do
            code=0
            cfkv apply --state "$CFKV_STATE" --yes --lock-timeout 10m "${saved[@]}" || code=$?
            if [ "$code" != 75 ] || [ "$pause" = 0 ]; then break; fi
            sleep "$pause" # somebody else's run, or the state out of reach
          done
          case $code in
            4) echo '::error title=cfkv::Applied in part: run this job again, it goes on from there.' ;;
            5) echo '::error title=cfkv::A guard refused: its hint says what to write into kv.lua (cfkv.removed).' ;;
            75) echo '::error title=cfkv::The state is held or out of reach: run this job again later.' ;;
          esac
          exit "$code"
@KEEP@
      - name: deploy
        env:
@EDIT@
        run: |
          # A script of yours, else wrangler with the config into which apply wrote the ids.
          if [ -x ./deploy ]; then
            ./deploy
          elif [ -e wrangler.toml ] || [ -e wrangler.jsonc ] || [ -e wrangler.json ]; then
            npx --yes wrangler@4 deploy
          fi

  # A failed run tells that something was changed behind cfkv's back.
  drift:
    if: github.event_name == 'schedule'
    runs-on: ubuntu-latest
    timeout-minutes: 20
    permissions:
      contents: read
    steps:
@CHECKOUT_BRANCH@
@INSTALL@
      - name: drift
        env:
@READ@
        run: |
@STATE@
          code=0
          cfkv drift --state "$CFKV_STATE" --format github || code=$?
          case $code in
            2) echo '::error title=cfkv::Something was changed by hand: the next apply puts it back as declared.' ;;
            75) echo '::warning title=cfkv::The state is out of reach: tomorrow again.'; code=0 ;;
          esac
          exit "$code"

  # Environments that kv.lua calls ephemeral, once their pull requests are closed.
  sweep:
    if: >-
      github.event_name == 'schedule' ||
      github.event_name == 'push' && github.ref_name == github.event.repository.default_branch
    runs-on: ubuntu-latest
    timeout-minutes: 60
    environment: cloudflare
    concurrency:
      group: cfkv-sweep
      cancel-in-progress: false
    permissions:
      contents: read
      pull-requests: read
    steps:
@CHECKOUT_BRANCH@
@INSTALL@
      - name: sweep
        env:
@EDIT@
          PRIVATE: ${{ github.event.repository.private }}
          GH_TOKEN: ${{ github.token }}
        run: |
@STATE@
          match=$(cfkv eval | jq -r '.project.ephemeral.match // ""')
          if [ -z "$match" ]; then exit 0; fi # no environment comes and goes
          if [ "$PRIVATE" != true ] && [[ $CFKV_STATE != s3://* ]]; then
            echo '::error title=cfkv::There is no place for backups that only the team reads. Nothing was changed.'
            exit 5
          fi
          gh api --paginate "repos/$GITHUB_REPOSITORY/pulls?state=open&per_page=100" --jq '.[].number' \
            >"$RUNNER_TEMP/open"
          keep=(--keep-file "$RUNNER_TEMP/open")
          if [ ! -s "$RUNNER_TEMP/open" ]; then keep=(--keep-none); fi # GitHub has answered: none is open
          cfkv sweep --state "$CFKV_STATE" --yes --lock-timeout 10m "${keep[@]}" --allow-data-loss="*/$match"
@KEEP@
]==]

-- `ref`: what is fetched. A plan is of the pull request; apply takes what is newest, so that a run that is
-- repeated later brings nothing old back.
local CHECKOUT = [==[
      - name: check out
        working-directory: .
        env:
          TOKEN: ${{ github.token }}
        run: |
          git -c init.defaultBranch=main init -q .
          git remote add origin "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY"
          # The token goes by the environment: command lines are read by every process.
          export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0="http.$GITHUB_SERVER_URL/.extraheader"
          GIT_CONFIG_VALUE_0="Authorization: basic $(printf 'x-access-token:%s' "$TOKEN" | base64 -w0)" \
            git fetch -q --depth 1 origin "$@REF@"
          unset GIT_CONFIG_COUNT
          git checkout -q FETCH_HEAD
]==]

local INSTALL = [==[
      - name: install cfkv
        working-directory: .
        env:
          CFKV_SOURCE: ${{ vars.CFKV_SOURCE }}
          CFKV_VERSION: ${{ vars.CFKV_VERSION }}
        run: |
          : "${CFKV_SOURCE:?set the variable CFKV_SOURCE: the URL that cfkv is cloned from}"
          : "${CFKV_VERSION:?set the variable CFKV_VERSION: the commit or the tag to build}"
          git clone -q -- "$CFKV_SOURCE" "$RUNNER_TEMP/cfkv"
          git -C "$RUNNER_TEMP/cfkv" checkout -q --detach "$CFKV_VERSION"
          make -s -C "$RUNNER_TEMP/cfkv" build-debs
          make -s -C "$RUNNER_TEMP/cfkv" all
          sudo make -s -C "$RUNNER_TEMP/cfkv" install
]==]

-- A state in git is what was recorded before the service had it: beside an empty one all would be adopted.
local STATE = [==[
          : "${CFKV_STATE:?set the variable CFKV_STATE: where the state is kept}"
          if [ -e kv.state.json ]; then
            echo '::error title=cfkv::kv.state.json is in git, while the state is kept at CFKV_STATE: bring it there' \
              'once (cfkv state move), and take the file out of git.'
            exit 5
          fi
]==]

-- Of the repository: for plans.
local READ = [==[
          CLOUDFLARE_API_TOKEN: ${{ secrets.CLOUDFLARE_READ_TOKEN }}
          AWS_ACCESS_KEY_ID: ${{ secrets.STATE_READ_KEY_ID }}
          AWS_SECRET_ACCESS_KEY: ${{ secrets.STATE_READ_KEY }}
]==]

-- Of the environment.
local EDIT = [==[
          CLOUDFLARE_API_TOKEN: ${{ secrets.CLOUDFLARE_API_TOKEN }}
          AWS_ACCESS_KEY_ID: ${{ secrets.STATE_KEY_ID }}
          AWS_SECRET_ACCESS_KEY: ${{ secrets.STATE_KEY }}
]==]

-- What was saved before it was deleted dies with the machine otherwise. An artefact of a public repository is
-- everybody's to read. Credentials go through a pipe: command lines are read by every process.
local KEEP = [==[
      - name: keep backups as an artefact
        if: always() && github.event.repository.private
        uses: actions/upload-artifact@b7c566a772e6b6bfb58ed0dc250532a479d7789f # v6.0.0
        with:
          name: cfkv-backups-${{ github.job }}
          path: @PATH@
          include-hidden-files: true
          if-no-files-found: ignore
          retention-days: 7
      - name: keep backups
        if: always() && !github.event.repository.private
        env:
          AWS_ACCESS_KEY_ID: ${{ secrets.STATE_KEY_ID }}
          AWS_SECRET_ACCESS_KEY: ${{ secrets.STATE_KEY }}
        run: |
@COPY@
]==]

-- `keep backups` of GitLab, too (ci_gitlab.lua): into the bucket of the state, below backups/RUN/.
github.COPY = [==[
bucket=${CFKV_STATE#s3://}
bucket=${bucket%%/*}
code=0
shopt -s nullglob
for file in .cfkv/backups/*.jsonl*; do
  key=backups/@RUN@/${file##*/}
  if printf 'user = "%s:%s"\n' "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY" |
    curl --config - -fsS --retry 5 --aws-sigv4 "aws:amz:$AWS_REGION:s3" -T "$file" \
      -H "x-amz-content-sha256: $(sha256sum "$file" | cut -d' ' -f1)" "$AWS_ENDPOINT_URL_S3/$bucket/$key"; then
    echo "kept: s3://$bucket/$key"
    rm -- "$file"
  else
    code=1
  fi
done
exit "$code"
]==]


function github.fill(template, values)
  return (template:gsub("@([A-Z_]+)@\n?", function(name)
    return values[name]
  end))
end

local fill = github.fill


-- Each line of a text, further in.
function github.indent(lines, blanks)
  return (lines:gsub("[^\n]+", (" "):rep(blanks) .. "%0"))
end


-- `view.top`: the way from the project's folder up to the repository's, where workflows lie; `view.below`:
-- and back.
function github.files(view)
  local below = view.below == "." and "" or view.below:gsub("/*$", "/")
  local copy = github.indent(github.COPY:gsub("@RUN@", "$GITHUB_RUN_ID"), 10)
  return {
    {
      path = view.top .. ".github/workflows/kv.yml",
      text = fill(WORKFLOW, {
        FOLDER = text.string(view.below) .. "\n", INSTALL = INSTALL .. "\n", READ = READ, EDIT = EDIT,
        STATE = STATE,
        KEEP = fill(KEEP, { COPY = copy, PATH = text.string(below .. ".cfkv/backups/*.jsonl*") .. "\n" }),
        CHECKOUT_COMMIT = fill(CHECKOUT, { REF = "GITHUB_SHA" }) .. "\n",
        CHECKOUT_BRANCH = fill(CHECKOUT, { REF = "GITHUB_REF_NAME" }) .. "\n",
      }),
    },
  }
end


return github
