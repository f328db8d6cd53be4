output "cluster_name" {
  description = "For az aks get-credentials."
  value       = azurerm_kubernetes_cluster.this.name
}

output "cluster_id" {
  description = "For backups and alerts."
  value       = azurerm_kubernetes_cluster.this.id
}

output "node_resource_group" {
  description = "Where AKS keeps load balancers and the edge's private link service."
  value       = azurerm_kubernetes_cluster.this.node_resource_group
}

output "mcp_server_client_id" {
  description = "Goes under [shared.workload_identity] of the server's configuration, as client_id."
  value       = azurerm_user_assigned_identity.mcp_server.client_id
}

output "mcp_server_principal_id" {
  description = "Is given the right to call the model deployments, and is let into Redis."
  value       = azurerm_user_assigned_identity.mcp_server.principal_id
}
