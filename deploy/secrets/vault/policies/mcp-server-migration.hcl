# What the job that makes the ledger's tables may do: get an account that acts as their owner.

path "database/creds/mcp-server-owner" {
  capabilities = ["read"]
}
