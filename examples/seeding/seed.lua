-- Seeds a namespace with products: from a CSV file as a spreadsheet writes it, or generated, any number.
--
--   cfkv run --local seed.lua products.csv
--   cfkv run --local seed.lua 5000
local cfkv = require "cfkv"

local TITLE = "shop-products-dev"
local from = arg[1] or "products.csv"


-- Both give one item after the other: nothing is ever in memory as a whole.

local function generated(n)
  local i = 0
  return function()
    i = i + 1
    if i <= n then
      return { key = ("product/%06d"):format(i), value = { name = "Product " .. i, cents = 100 + i % 900 } }
    end
  end
end


local function products(file)
  local rows = cfkv.rows.csv(file, {
    delimiter = ";", decimal = ",",
    columns = { Artikel = "sku", Bezeichnung = "name", Preis = "price", Lager = "stock", Schlagworte = "tags" },
    types = { price = "number", stock = "integer", tags = "json" },
  })
  return function()
    local row = rows()
    if row then
      return {
        key = "product/" .. row.sku,
        value = { name = row.name, cents = math.floor(row.price * 100 + 0.5), stock = row.stock, tags = row.tags },
      }
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
local result = assert(cfkv.bulk.put(ns, n and generated(n) or products(from), { ttl = 0 }))
local bad = values_that_do_not_fit(ns)
print(("%s: %d written, %d failed, %d do not fit"):format(ns.title, result.written, #result.failed, bad))
for _, key in ipairs(result.failed) do
  io.stderr:write("not written: ", key, "\n")
end
os.exit(#result.failed == 0 and bad == 0)
