-- The double of services that hold a remote state does what those services do, or nothing that is
-- proved with it would hold.
local project = require "support.project"
local state_server = require "support.state_server"

local ONE, TWO = '{"serial":1}', '{"serial":2}'
local ANY = { ["If-Match"] = "*" }


local function info(id, more)
  local text = ('"ID":%q,"Operation":"apply","Info":"","Who":"a@b","Version":"1","Created":"","Path":"p"'):format(id)
  return "{" .. text .. (more or "") .. "}"
end


describe("the double of a state's service", function()
  local p, s

  after_each(state_server.cleanup_all)


  local function start(mode, options)
    p = project.quick()
    s = state_server.start(p, mode, options)
    return "/" .. s.name
  end


  local function status(...)
    return (s:ask(...))
  end


  describe("with S3", function()
    it("replaces what the ETag names, and nothing else", function()
      local path = start "s3"
      assert.equal(404, status("GET", path))
      assert.equal(412, status("PUT", path, ONE, ANY))
      local code, _, headers = s:ask("PUT", path, ONE, { ["If-None-Match"] = "*" })
      assert.equal(200, code)
      assert.matches('^"%x+"$', headers.etag)
      assert.equal(412, status("PUT", path, TWO, { ["If-None-Match"] = "*" }))
      assert.equal(412, status("PUT", path, TWO, { ["If-Match"] = '"0123"' }))
      assert.equal(412, status("PUT", path, TWO, { ["If-Match"] = "W/" .. headers.etag }))
      assert.equal(500, status("PUT", path, TWO, { ["If-Match"] = headers.etag:gsub('"', "") }))
      assert.equal(200, status("PUT", path, TWO, { ["If-Match"] = headers.etag }))
      assert.equal(TWO, select(2, s:ask("GET", path)))
      assert.equal(TWO, s:text())
    end)

    it("wants credentials, and the hash of the body", function()
      local path = start "s3"
      assert.equal(403, status("GET", path, nil, { Authorization = false }))
      assert.equal(403, status("GET", path, nil, { Authorization = "Bearer " .. state_server.TOKEN }))
      assert.equal(400, status("PUT", path, ONE, { ["x-amz-content-sha256"] = ("0"):rep(64) }))
      assert.equal(404, status("GET", "/other/kv.json"))
      assert.is_nil(s:text())
    end)

    it("has the whims of those that do it otherwise", function()
      local path = start("s3", { conditions = "unquoted", missing = 404 })
      assert.equal(404, status("PUT", path, ONE, ANY))
      local _, _, headers = s:ask("PUT", path, ONE)
      assert.equal(412, status("PUT", path, TWO, { ["If-Match"] = headers.etag }))
      assert.equal(200, status("PUT", path, TWO, { ["If-Match"] = headers.etag:gsub('"', "") }))
      path = start("s3", { conditions = "ignored", etag = false })
      status("PUT", path, ONE)
      assert.equal(200, status("PUT", path, TWO, { ["If-None-Match"] = "*" }))
      assert.is_nil(select(3, s:ask("GET", path)).etag)
      path = start("s3", { pace_ms = 60000 })
      assert.equal(200, status("PUT", path, ONE))
      assert.equal(429, status("PUT", path, ONE))
      assert.equal(200, status("PUT", path .. ".other", ONE))
    end)
  end)


  describe("with Terraform's protocol", function()
    it("lets nobody write but who holds the lock", function()
      local path = start "http"
      assert.equal(404, status("GET", path))
      assert.equal(200, status("LOCK", path, info "one"))
      local code, text = s:ask("LOCK", path, info "two")
      assert.equal(423, code)
      assert.equal(info "one", text)
      assert.equal(423, status("POST", path, ONE))
      assert.equal(423, status("POST", path .. "?ID=two", ONE))
      assert.equal(200, status("POST", path .. "?ID=one", ONE))
      assert.equal(409, status("UNLOCK", path, info "two"))
      assert.equal("one", s:lock().ID)
      assert.equal(200, status("UNLOCK", path, '{"ID":"one"}'))
      assert.equal(200, status("UNLOCK", path, '{"ID":"one"}'))
      assert.equal(412, status("POST", path, TWO, { ["If-Match"] = '"0123"' }))
      assert.equal(ONE, s:text())
    end)

    it("asks for the token", function()
      local path = start "http"
      assert.equal(401, status("GET", path, nil, { Authorization = false }))
      assert.equal(403, status("GET", path, nil, { Authorization = "Bearer no" }))
    end)

    it("does it as GitLab: each serial once, all seven fields", function()
      local path = start "gitlab"
      assert.equal(204, status("GET", path))
      assert.equal(400, status("POST", path .. "/lock", '{"ID":"one"}'))
      assert.equal(200, status("POST", path .. "/lock", info "one"))
      assert.equal(409, status("POST", path .. "/lock", info "one"))
      assert.equal(200, status("POST", path .. "?ID=one", ONE))
      assert.equal(422, status("POST", path .. "?ID=one", ONE))
      assert.equal(400, status("POST", path .. "?ID=one", "{}"))
      assert.equal(200, status("DELETE", path .. "/lock", '{"ID":"one"}'))
      assert.is_nil(select(3, s:ask("GET", path)).etag)
    end)

    it("has leases, which are renewed and end", function()
      local path = start "leases"
      local lease = ',"Lease":60'
      local code, text = s:ask("LOCK", path, info("one", lease))
      assert.equal(200, code)
      assert.matches('"Expires":%d+', text)
      s:advance(50)
      assert.equal(423, status("LOCK", path, info("two", lease)))
      assert.equal(200, status("LOCK", path, info("one", lease)))
      s:advance(50)
      assert.equal(423, status("POST", path .. "/lock", info("two", lease)))
      s:advance(50)
      assert.equal(200, status("POST", path .. "/lock", info("two", lease)))
      assert.equal(423, status("POST", path .. "?ID=one", ONE))
      assert.equal(200, status("DELETE", path .. "/lock", info "two"))
      assert.equal(409, status("POST", path .. "?ID=two", ONE))
    end)
  end)


  it("breaks what it is told to", function()
    local path = start("s3", { anybody = true })
    s:faults {
      { match = { nth = 1 }, fault = "drop" },
      { match = { nth = 2 }, fault = "reset", after = true },
      { match = { nth = 3 }, fault = "status", status = 503, retry_after = 7 },
      { match = { method = "GET", nth = 1 }, fault = "truncate" },
      { match = { method = "PUT", nth = 4 }, fault = "twice" },
      { match = { method = "PUT", nth = 5 }, fault = "other" },
    }
    assert.is_nil(status("PUT", path, ONE))
    assert.is_nil(s:text())
    assert.is_nil(status("PUT", path, ONE))
    assert.equal(ONE, s:text())
    local code, _, headers = s:ask("PUT", path, TWO)
    assert.equal(503, code)
    assert.equal("7", headers["retry-after"])
    assert.equal(ONE, s:text())
    assert.matches("curl: %(18%)", select(2, s:ask("GET", path)))
    headers = select(3, s:ask("GET", path))
    assert.equal(412, status("PUT", path, TWO, { ["If-Match"] = headers.etag }))
    assert.equal(TWO, s:text())
    headers = select(3, s:ask("GET", path))
    assert.equal(412, status("PUT", path, ONE, { ["If-Match"] = headers.etag }))
    assert.equal(3, s:document().serial)
    local log = s:requests()
    assert.same({ 1, "PUT", "drop", 0, false },
      { log[1].n, log[1].verb, log[1].fault, log[1].status, log[1].done })
    assert.equal(ONE, log[2].body)
  end)


  it("lets one of twenty at a time", function()
    local path = start("s3", { anybody = true })
    local r = p:sh(("seq 20 | xargs -P 20 -I{} curl -q -s -o /dev/null -w '%%{http_code}\\n' -X PUT " ..
      "-H 'If-None-Match: *' --data-binary {} %s%s | sort | uniq -c"):format(s.endpoint, path))
    assert.equal("1 200 19 412", (r.out:gsub("%s+", " "):gsub("^ ", ""):gsub(" $", "")))
  end)
end)
