# What the MCP server's pods may do: read their own secrets, get their own database account, use their own key. Nothing is listed.

path "kv/data/b2xgate/mcp-server/*" {
  capabilities = ["read"]
}

path "database/creds/mcp-server" {
  capabilities = ["read"]
}

path "transit/encrypt/mcp-server" {
  capabilities = ["update"]
}

path "transit/decrypt/mcp-server" {
  capabilities = ["update"]
}
