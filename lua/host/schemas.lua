-- `cfkv schema`: what the documents that commands print are made of, as JSON Schema.
--
-- A module of host/schema/*.lua is a list of documents, of which each has
--
--   name, about   as the list shows them
--   commands      those that print it with --json
--   version       makes the version of its format of the view; without it 1
--   shape         makes its shape (shape.lua) of the view, which is
--                 {"asked":…,"audited":[NAME…],"fields":{"namespace":{NAME:SCHEMA,…},…},
--                 "item":[FIELD…] (model/fields.h),"modules":[…],"recorded":[NAME…],"state":SCHEMA,
--                 "state_version":N,"words":{"action":[…],"audit":[…],"kind":[…],
--                 "status":[…]}}

local layout = require "layout"
local shape = require "shape"
local text = require "text"
local view = require "view"

local schemas = {}


-- All documents by name.
local function documents(all)
  local by_name = {}
  for _, module in ipairs(all.modules) do
    for _, document in ipairs(require("schema." .. module)) do
      by_name[document.name] = document
    end
  end
  return by_name
end


-- What may be asked for, a line each: documents, and the commands that print them.
function schemas.names(all)
  local names, lines = {}, {}
  for name, document in pairs(documents(all)) do
    names[name] = true
    for _, command in ipairs(document.commands or {}) do
      names[command] = true
    end
  end
  for name in view.sorted(names) do
    lines[#lines + 1] = name .. "\n"
  end
  return table.concat(lines)
end


local function find(all)
  local by_name = documents(all)
  if by_name[all.asked] then
    return by_name[all.asked]
  end
  for _, document in view.sorted(by_name) do
    for _, command in ipairs(document.commands or {}) do
      if command == all.asked then
        return document
      end
    end
  end
end


function schemas.document(all)
  local document = find(all)
  local version = document.version and document.version(all) or 1
  return shape.print(document.name, version, document.about, document.shape(all))
end


function schemas.list(all)
  local by_name, rows, width = documents(all), {}, 0
  for name in pairs(by_name) do
    width = math.max(width, #name)
  end
  for name, document in view.sorted(by_name) do
    rows[#rows + 1] = layout.pad(name, width + 2) .. layout.wrap(document.about, width + 2)
  end
  return table.concat(rows)
end


-- The same as data.
function schemas.list_json(all)
  local rows = {}
  for name, document in view.sorted(documents(all)) do
    local commands = {}
    for i, command in ipairs(document.commands or {}) do
      commands[i] = "        " .. text.string(command)
    end
    rows[#rows + 1] = ('    {\n      "about": %s,\n      "commands": [%s],\n      "name": %s\n    }'):format(
      text.string(document.about), #commands > 0 and "\n" .. table.concat(commands, ",\n") .. "\n      " or "",
      text.string(name))
  end
  return ('{\n  "documents": [\n%s\n  ],\n  "format_version": 1\n}\n'):format(table.concat(rows, ",\n"))
end


return schemas
