# What the rotation of Azure's keys may do: write the new key, and see when the last one was written.

path "kv/data/b2xgate/mcp-server/azure-openai" {
  capabilities = ["create", "update"]
}

path "kv/metadata/b2xgate/mcp-server/azure-openai" {
  capabilities = ["read"]
}
