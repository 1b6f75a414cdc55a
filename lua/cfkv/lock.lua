-- Tables that user code can read and nobody can change; both kinds of files get them.
--
-- Arguments: native helpers, Lua's own libraries, and the functions of src/script/guard.c (for its
-- `pairs`, which keeps an order). Everything is captured in locals: nothing is looked up again where
-- user code could have changed it.

local native, lib, guard = ...

local setmetatable, type, rawpairs = lib.setmetatable, lib.type, guard.pairs
local raise, quote, nearest = native.raise, native.quote, native.nearest

local function names_of(fields)
  local names = {}
  for name in rawpairs(fields) do
    names[#names + 1] = name
  end
  return names
end

-- Raises about a name that is not there; `prefix` is "string." or "" for globals. `hints` say why a
-- name that plain Lua has is missing; `otherwise` is the hint in place of the names there are.
local function unknown(kind, prefix, name, names, hints, otherwise)
  local hint = type(name) == "string" and hints and hints[prefix .. name]
  local near = type(name) == "string" and nearest(name, names)
  if not hint and near then
    hint = "did you mean '" .. prefix .. near .. "'?"
  end
  if not hint and not otherwise and #names > 0 then
    hint = "there is " .. lib.table.concat(names, ", ")
  end
  local what = type(name) == "string" and "'" .. prefix .. name .. "'" or quote(name)
  raise(kind .. " " .. what, hint or otherwise or nil)
end

-- A view of `fields` that user code can read and nobody can change. Reading a name that is not
-- there is an error: it is a slip of the pen. Options: `optional` names may be nil, `any` names may
-- be; `names` are the known ones, `unknown` the word for another, `hints` and `otherwise` as above,
-- `assign` and `call` metamethods.
local function lock(what, fields, options)
  options = options or {}
  local names = options.names or names_of(fields)
  local optional = options.optional or {}
  local prefix = what and what .. "." or ""
  if not options.any then
    setmetatable(fields, {
      __index = function(_, name)
        if not optional[name] then
          unknown(options.unknown or "unknown name", prefix, name, names, options.hints, options.otherwise)
        end
      end,
    })
  end
  return setmetatable({}, {
    __index = fields,
    __newindex = options.assign or function(_, name)
      raise((what or "this table") .. " cannot be changed (field " .. quote(name) .. ")")
    end,
    __pairs = function() return (rawpairs(fields)) end,
    __len = function() return #fields end,
    __call = options.call,
    __metatable = false,
  })
end

-- `cfkv.naming`, beside which stdlib has a module of that name.
local function naming(slug)
  local hints = {}
  for _, name in lib.ipairs { "render", "parse", "default" } do
    hints["cfkv.naming." .. name] = 'that is a name of the module: require "cfkv.naming".' .. name
  end
  return lock("cfkv.naming", { slug = slug }, { hints = hints })
end

return {
  naming = naming, lock = lock, names_of = names_of, raise = raise, quote = quote, pairs = rawpairs, type = type,
  integer = lib.math.tointeger, setmetatable = setmetatable,
}
