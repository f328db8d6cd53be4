# What the rotation of Azure's keys may do: write the new key, and note which of the two it is and when.

path "kv/data/b2xgate/mcp-server/azure-openai" {
  capabilities = ["create", "update"]
}

path "kv/metadata/b2xgate/mcp-server/azure-openai" {
  capabilities = ["create", "read", "update"]
}
