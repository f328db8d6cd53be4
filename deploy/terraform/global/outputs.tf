output "container_registry_id" {
  description = "Goes into every environment's variables."
  value       = azurerm_container_registry.this.id
}

output "container_registry" {
  description = "Where images are pushed to and pulled from."
  value       = azurerm_container_registry.this.login_server
}

output "state_account" {
  description = "Goes into every backend.hcl."
  value       = azurerm_storage_account.state.name
}

output "name_servers" {
  description = "What the domain is delegated to."
  value       = azurerm_dns_zone.this.name_servers
}
