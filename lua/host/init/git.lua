-- What git is to know of a project.

local git = {}

local IGNORED = {
  comment = {
    "cfkv: what stays on this machine. kv.state.json (ids and salted digests, never a value) is",
    "committed, so that colleagues and CI know what cfkv made; whoever keeps it elsewhere",
    "(--state PATH) adds it here.",
  },
  lines = {
    ".wrangler/", ".cfkv/", "*.state.json.journal", "*.state.json.lock", "*.state.json.tmp", ".dev.vars", ".env",
  },
}

local MERGED = {
  comment = {
    "cfkv: states are merged record by record. Once a clone:",
    "  git config merge.cfkv.driver 'cfkv state merge %O %A %B'",
  },
  lines = { "*.state.json merge=cfkv" },
}


function git.files()
  return {
    { path = ".gitignore", comment = IGNORED.comment, lines = IGNORED.lines },
    { path = ".gitattributes", comment = MERGED.comment, lines = MERGED.lines },
  }
end


return git
