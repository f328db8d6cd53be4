output "clusters" {
  description = "By region: name of the cluster, and the client id of the MCP server's identity."
  value       = module.environment.clusters
}

output "hosts" {
  description = "By region: PostgreSQL and Redis."
  value       = module.environment.hosts
}

output "backends" {
  description = "By region: entries for the server's configuration."
  value       = module.environment.backends
}
