output "clusters" {
  description = "By region: name, and the client id of the MCP server's identity."
  value = {
    for region, cluster in module.kubernetes : region => {
      name                 = cluster.cluster_name
      mcp_server_client_id = cluster.mcp_server_client_id
      node_resource_group  = cluster.node_resource_group
    }
  }
}

output "hosts" {
  description = "By region: where its pods find PostgreSQL and Redis."
  value = merge(
    { (var.location) = { postgresql = module.database.postgresql_host, redis = module.database.redis_host } },
    { for region, replica in module.replica : region => { postgresql = replica.postgresql_host, redis = replica.redis_host } },
  )
}

output "backends" {
  description = "By region: what goes under [[backends]] in the server's configuration."
  value       = { for region, account in module.ai : region => account.backends }
}
