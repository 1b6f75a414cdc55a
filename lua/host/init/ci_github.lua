-- GitHub Actions: a plan for each pull request, apply when it is merged. No action of others is used, so
-- there is none to pin.

local github = {}

local WORKFLOW = [==[
# KV namespaces: a plan for each pull request, apply when it is merged. Once, in the settings of the
# repository:
#
#   Secrets and variables, Actions
#     variable CFKV_SOURCE             the URL that cfkv is cloned from
#     variable CFKV_VERSION            the commit or the tag of it that is built
#     variable CLOUDFLARE_ACCOUNT_ID   where kv.lua names no account
#     secret   CLOUDFLARE_READ_TOKEN   an API token that may read Workers KV, for plans
#   Environments, "cloudflare": for the default branch only, with reviewers where somebody is to agree
#     secret   CLOUDFLARE_API_TOKEN    an API token that may edit Workers KV, for apply
#   Rules of the default branch: they let this workflow push what apply recorded (the state, and ids)
name: kv

on:
  pull_request:
  push:
    branches: [main, master]

permissions: {}

defaults:
  run:
    shell: bash
    working-directory: @FOLDER@

env:
  GIT_TERMINAL_PROMPT: "0"

jobs:
  plan:
    if: github.event_name == 'pull_request'
    runs-on: ubuntu-latest
    timeout-minutes: 20
    permissions:
      contents: read
    steps:
@CHECKOUT_PLAN@
@INSTALL@
      # A pull request from a fork gets no secrets: what it declares is checked, and not compared.
      - name: plan
        env:
          CLOUDFLARE_API_TOKEN: ${{ secrets.CLOUDFLARE_READ_TOKEN }}
          CLOUDFLARE_ACCOUNT_ID: ${{ vars.CLOUDFLARE_ACCOUNT_ID }}
        run: |
          if [ -n "$CLOUDFLARE_API_TOKEN" ]; then
            cfkv plan --format github
          else
            cfkv validate --format github
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
      contents: write # what apply recorded is committed
    steps:
@CHECKOUT_APPLY@
@INSTALL@
      - name: apply
        env:
          CLOUDFLARE_API_TOKEN: ${{ secrets.CLOUDFLARE_API_TOKEN }}
          CLOUDFLARE_ACCOUNT_ID: ${{ vars.CLOUDFLARE_ACCOUNT_ID }}
        run: cfkv apply --yes

      # Also what a run recorded that failed half-way: the next one goes on from there.
      - name: keep the state and the ids
        if: always()
        env:
          TOKEN: ${{ github.token }}
        run: |
          git config merge.cfkv.driver 'cfkv state merge %O %A %B'
          git config user.name cfkv
          git config user.email cfkv@users.noreply.github.com
          [ ! -e kv.state.json ] || git add -- kv.state.json
          git add -u -- .
          if git diff --cached --quiet; then exit 0; fi
          git commit -q -m 'cfkv: what was applied [skip ci]'
          auth="Authorization: basic $(printf 'x-access-token:%s' "$TOKEN" | base64 -w0)"
          for try in 1 2 3; do
            if git -c http.extraheader="$auth" push -q origin "HEAD:$GITHUB_REF_NAME"; then exit 0; fi
            git -c http.extraheader="$auth" fetch -q origin "$GITHUB_REF_NAME"
            git rebase -q FETCH_HEAD
          done
          exit 1
]==]

-- `ref`: what is fetched. A plan is of the pull request; apply takes what is newest, since runs before it
-- have committed what they recorded.
local CHECKOUT = [==[
      - name: check out
        working-directory: .
        env:
          TOKEN: ${{ github.token }}
        run: |
          git -c init.defaultBranch=main init -q .
          git remote add origin "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY"
          auth="Authorization: basic $(printf 'x-access-token:%s' "$TOKEN" | base64 -w0)"
          git -c http.extraheader="$auth" fetch -q@DEPTH@ origin "$@REF@"
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


local function fill(template, values)
  return (template:gsub("@([A-Z_]+)@\n?", function(name)
    return values[name]
  end))
end


local function checkout(ref, depth)
  return fill(CHECKOUT, { REF = ref, DEPTH = depth })
end


-- `view.top`: the way from the project's folder up to the repository's, where workflows lie; `view.below`:
-- and back.
function github.files(view)
  local text = require "text"
  return {
    {
      path = view.top .. ".github/workflows/kv.yml",
      text = fill(WORKFLOW, {
        FOLDER = text.string(view.below) .. "\n", INSTALL = INSTALL .. "\n",
        CHECKOUT_PLAN = checkout("GITHUB_SHA", " --depth 1") .. "\n",
        CHECKOUT_APPLY = checkout("GITHUB_REF_NAME", "") .. "\n",
      }),
    },
  }
end


return github
