-- Seeds a namespace with products: from a CSV file, or generated, any number of them.
--
--   cfkv run --local seed.lua products.csv
--   cfkv run --local seed.lua 5000
local cfkv = require "cfkv"

local TITLE = "shop-products-dev"
local from = arg[1] or "products.csv"


-- One item after the other: nothing is ever in memory as a whole.
local function generated(n)
  local i = 0
  return function()
    i = i + 1
    if i <= n then
      return { key = ("product/%06d"):format(i), value = { name = "Product " .. i, cents = 100 + i % 900 } }
    end
  end
end


local function rows_of(file)
  local lines = io.lines(file)
  lines() -- the header: sku,name,cents
  return function()
    local line = lines()
    if line then
      local sku, name, cents = line:match "^([^,]+),([^,]+),(%d+)$"
      if not sku then
        error("not sku,name,cents: " .. line)
      end
      return { key = "product/" .. sku, value = { name = name, cents = math.tointeger(tonumber(cents)) } }
    end
  end
end


-- What is there already is fine: a seed can be run again.
local function namespace(title)
  local ns, err = cfkv.namespace.create(title)
  if not ns and err.code == "exists" then
    ns, err = cfkv.namespace.get(title)
  end
  return assert(ns, err)
end


local function values_that_do_not_fit(ns)
  local bad = 0
  for _, value in assert(cfkv.bulk.get(ns, cfkv.key.list(ns, { prefix = "product/" }))) do
    local ok, product = pcall(cfkv.json.decode, value)
    if not (ok and product.name and product.cents > 0) then
      bad = bad + 1
    end
  end
  return bad
end


local ns = namespace(TITLE)
local n = math.tointeger(tonumber(from))
local result = assert(cfkv.bulk.put(ns, n and generated(n) or rows_of(from), { ttl = 0 }))
local bad = values_that_do_not_fit(ns)
print(("%s: %d written, %d failed, %d do not fit"):format(ns.title, result.written, #result.failed, bad))
for _, key in ipairs(result.failed) do
  io.stderr:write("not written: ", key, "\n")
end
os.exit(#result.failed == 0 and bad == 0)
