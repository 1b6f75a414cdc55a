return {
  about = "which credentials the host of a remote state gets",
  rows = "ENVIRONMENT",
  text = [==[
`state` of cfkv.project names where the state is kept, and a configuration may
be anybody's. So its host gets only what you have bound to that very host,
outside of the project. The token of Cloudflare's API is never sent to one,
not even where a variable for states holds it.

Over https, with Terraform's protocol (GitLab, Gitea, examples/state-worker):

  CFKV_STATE_TOKEN_HOST     a bearer token for that host and no other: in
                            lower case, `_` for `.` and `__` for `-`, so that
                            CFKV_STATE_TOKEN_state_my__shop_dev is for
                            state.my-shop.dev; with `_8443` behind it for that
                            port only
  TF_HTTP_USERNAME, TF_HTTP_PASSWORD
                            where TF_HTTP_ADDRESS is the state's URL, or
                            `--state` names it
  TF_HTTP_CLIENT_CERTIFICATE_PEM, TF_HTTP_CLIENT_PRIVATE_KEY_PEM,
  TF_HTTP_CLIENT_CA_CERTIFICATE_PEM
                            likewise: the texts, not the names of files

For `s3://BUCKET/KEY`:

  AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN
                            the pair, and the token of one that ends
  AWS_PROFILE               a profile of ~/.aws/config and ~/.aws/credentials,
                            without it `default`: its keys, or those that its
                            `credential_process` prints, its `region` and
                            `endpoint_url`
  AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE
                            other files than these two
  AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL
                            the service that the keys are for, when it is not
                            Amazon's
  AWS_REGION                the region, when the project says none
  AWS_CA_BUNDLE             a file of certificates to trust instead

Such keys go to Amazon's S3, to the endpoint that these variables, the profile
or `--state` name, and to R2 of the account that is worked on. Another
endpoint of the project's is refused by name, and nothing is signed for it;
if it is yours, AWS_ENDPOINT_URL_S3 says so. On R2 of the account a token of
the API is enough, where it has "Workers R2 Storage Bucket Item Write" for the
bucket: the service makes a pair of keys of each token, which cfkv derives
(its id is asked for in one request). R2's keys come before it where they are
set, Amazon's (AKIA…) are no use there.

  cfkv.project {
    name = "shop", account_id = "ACCOUNT_ID",
    state = {
      url = "s3://shop-state/kv.json",
      endpoint = "https://ACCOUNT_ID.r2.cloudflarestorage.com",
    },
  }

`credential_process` is run without a shell, has 30 seconds, and is asked
again when its keys are about to end, also in the middle of a run. A profile
that gets its keys by SSO or a role has one: `credential_process = aws
configure export-credentials --profile NAME --format process`. A file that
belongs to neither you nor root, or that your group or others may write, is
refused by name.

`--env-file` gives the tokens, passwords and keys above, never where they go
or what is run for them. `cfkv doctor` says which of all this counts for the
state's host. No credential is ever in an output, a log, a lock or the state.
]==],
}
