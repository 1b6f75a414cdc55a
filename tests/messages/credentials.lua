-- The credentials of the API and of a state's host: what can be wrong with them (tests/cli/messages_spec.lua).
local emulator = require "support.emulator"

local LIST = { "kv", "namespace", "list" }
local PLAN = { "plan" }
local KEYS = { AWS_ACCESS_KEY_ID = "a", AWS_SECRET_ACCESS_KEY = "b" }
local HTTP = 'cfkv.project { name = "a", state = "https://state.example.com/x" }'

-- A project whose state is an object of S3, at an endpoint of its own (Lua).
local function s3(endpoint)
  return ('cfkv.project { name = "a", account_id = "%s", state = { url = "s3://bucket/kv.json"%s } }')
    :format(emulator.ACCOUNT, endpoint and ", endpoint = " .. endpoint or "")
end


return {
  { "failure.failed", name = "a credentials command that ends badly", run = LIST,
    env = { CFKV_CREDENTIALS_COMMAND = "false", CFKV_WAIT_UNIT_MS = "100" } },
  { "failure.failed", name = "a credentials command that is not there", run = LIST,
    env = { CFKV_CREDENTIALS_COMMAND = "no-such-program --json", CFKV_WAIT_UNIT_MS = "100" } },
  { "failure.failed", name = "a credentials command that prints something else", run = LIST,
    env = { CFKV_CREDENTIALS_COMMAND = "echo you are logged in", CFKV_WAIT_UNIT_MS = "100" } },
  { "failure.format", name = "another setting of the user's", run = LIST,
    files = { ["user/cfkv/config"] = "credential_command = x\n" }, sh = "chmod 644 user/cfkv/config",
    env = { XDG_CONFIG_HOME = "user" } },
  { "failure.guard", name = "settings that others may write", run = LIST, json = false,
    files = { ["user/cfkv/config"] = "credentials_command = x\n" }, sh = "chmod 664 user/cfkv/config",
    env = { XDG_CONFIG_HOME = "user" } },
  { "failure.failed", name = "an endpoint that the project names alone", run = PLAN, account = true, env = KEYS,
    lua = s3 '"https://minio.example.com"' },
  { "failure.failed", name = "R2 of another account", run = PLAN, account = true, env = KEYS,
    lua = s3(('"https://%s.r2.cloudflarestorage.com"'):format(("9"):rep(32))) },
  { "failure.failed", name = "R2 of no account that is known", run = { "state", "list" }, env = KEYS,
    lua = 'cfkv.project { name = "a", state = { url = "s3://bucket/kv.json", endpoint = "https://'
      .. ("9"):rep(32) .. '.r2.cloudflarestorage.com" } }' },
  { "failure.failed", name = "a state's host without credentials", run = PLAN, account = true,
    env = { AWS_ENDPOINT_URL_S3 = "http://127.0.0.1:1", HOME = "/nowhere" }, lua = s3() },
  { "failure.failed", name = "the API's token for a state's host", run = PLAN, account = true,
    env = { CFKV_STATE_TOKEN_state_example_com = emulator.TOKEN },
    lua = HTTP },
  { "failure.usage", name = "half a pair of keys", run = PLAN, account = true, lua = s3(),
    env = { AWS_ACCESS_KEY_ID = "a", AWS_ENDPOINT_URL_S3 = "http://127.0.0.1:1" } },
  { "failure.usage", name = "a key of two lines", run = PLAN, account = true, lua = s3(),
    env = { AWS_ACCESS_KEY_ID = "a\nb", AWS_SECRET_ACCESS_KEY = "b", AWS_ENDPOINT_URL_S3 = "http://127.0.0.1:1" } },
  { "failure.usage", name = "half a pair of Terraform's", run = PLAN, account = true,
    env = { TF_HTTP_ADDRESS = "https://state.example.com/x", TF_HTTP_PASSWORD = "b" },
    lua = HTTP },
  { "failure.usage", name = "a user of Terraform's with a password", run = PLAN, account = true,
    env = { TF_HTTP_ADDRESS = "https://state.example.com/x", TF_HTTP_USERNAME = "a:b" },
    lua = HTTP },
  { "failure.usage", name = "a key of Terraform's that is a file", run = PLAN, account = true,
    env = { TF_HTTP_ADDRESS = "https://state.example.com/x", TF_HTTP_CLIENT_PRIVATE_KEY_PEM = "key.pem" },
    lua = HTTP },
  { "failure.usage", name = "an S3 state in no region", run = PLAN, account = true, lua = s3(), env = KEYS },
  { "failure.usage", name = "a profile that there is not", run = PLAN, account = true, lua = s3(),
    env = { AWS_PROFILE = "work", AWS_CONFIG_FILE = "config", AWS_SHARED_CREDENTIALS_FILE = "credentials" } },
  { "failure.format", name = "half a pair of keys in a profile", run = PLAN, account = true, lua = s3(),
    files = { config = "[default]\naws_access_key_id = a\n" }, sh = "chmod 600 config",
    env = { AWS_CONFIG_FILE = "config" } },
  { "failure.format", name = "a program that goes on on a further line", run = PLAN, account = true, lua = s3(),
    files = { config = "[default]\ncredential_process = a\n  b\n" }, sh = "chmod 600 config",
    env = { AWS_CONFIG_FILE = "config" } },
  { "failure.format", name = "what is no configuration of AWS's", run = PLAN, account = true, lua = s3(),
    files = { config = "<html>\n" }, sh = "chmod 600 config", env = { AWS_CONFIG_FILE = "config" } },
  { "failure.failed", name = "a program that prints no keys", run = PLAN, account = true, lua = s3(),
    files = { config = "[default]\ncredential_process = echo no\n" }, sh = "chmod 600 config",
    env = { AWS_CONFIG_FILE = "config", AWS_ENDPOINT_URL_S3 = "http://127.0.0.1:1", CFKV_WAIT_UNIT_MS = "100" } },
}
