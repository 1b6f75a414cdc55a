-- An audit as one page for a browser, which brings all that it needs and asks nobody for more.
--
-- Nothing from outside is markup in it. The data is one script element that is not run, JSON with each `<` as
-- \u003c; the page's own script puts it into the document as text. Its style and its script are the only ones
-- that the policy lets through, by their digests: what came in by another way would not run, and could load
-- nothing.

local script = require "audit.script"
local style = require "audit.style"
local text = require "text"
local view = require "view"
local words = require "audit.words"

local html = {}

local PAGE = [==[
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="cfkv audit">
<title>KV namespaces</title>
<style>{style}</style>
</head>
<body>
<main>
<header>
<h1>KV namespaces</h1>
<p class="where" id="where"></p>
<p class="line" id="line"></p>
<p class="line" id="naming"></p>
</header>
<noscript><p>This page makes its table by its own script, which does not run here.</p></noscript>
<div class="chips" id="chips" role="group" aria-label="Show only"></div>
<div class="tools">
<input id="find" type="search" placeholder="Filter by title, id, owner, file …" aria-label="Filter the namespaces"
autocomplete="off" spellcheck="false">
<p class="shown" id="shown" role="status" aria-live="polite"></p>
</div>
<div class="sheet grid">
<table role="table">
<caption class="unseen">Namespaces, what each of them is, and where it is bound. Headings sort.</caption>
<thead role="rowgroup"><tr id="heads" role="row"></tr></thead>
<tbody id="rows" role="rowgroup"></tbody>
</table>
<p class="nothing" id="nothing" hidden>No namespace is so.</p>
</div>
<details class="sheet warnings" id="warnings" hidden open>
<summary id="warnings-count"></summary>
<ul id="warnings-list"></ul>
</details>
<details class="sheet">
<summary>What the words mean</summary>
<dl class="words" id="words"></dl>
</details>
</main>
<script type="application/json" id="data">{data}</script>
<script>{script}</script>
</body>
</html>
]==]


-- As a policy names a text that it lets through.
local function source(s)
  local digest = text.digest(s):gsub("%x%x", function(byte)
    return string.char(tonumber(byte, 16))
  end)
  return "'sha256-" .. text.base64(digest) .. "'"
end


local function concat(first, second)
  local list = table.move(first, 1, #first, 1, {})
  return view.array(table.move(second, 1, #second, #list + 1, list))
end


-- What the page knows besides the document: words, in their order, and spans in words.
local function data(all)
  local durations = {}
  for _, ns in ipairs(all.namespaces) do
    if words.known(ns.ttl_seconds) then
      durations[tostring(ns.ttl_seconds)] = words.duration(ns.ttl_seconds)
    end
  end
  return {
    audit = all,
    durations = durations,
    line = words.summary(all.summary),
    naming = words.naming(all.naming) or text.null,
    words = {
      marks = view.array(words.MARKS),
      meanings = words.MEANINGS,
      statuses = concat(words.LIVE, words.NOT_LIVE),
    },
  }
end


-- No tag can begin in it, and no command of a log.
local function embedded(json)
  return (json:gsub("<", "\\u003c"):gsub("##%[", "\\u0023#["))
end


function html.text(all)
  local parts = {
    data = embedded(view.json(data(all))),
    policy = ("default-src 'none'; style-src %s; script-src %s; base-uri 'none'; form-action 'none'"):format(
      source(style), source(script)),
    script = script,
    style = style,
  }
  return (PAGE:gsub("{(%l+)}", parts))
end


return html
