output "postgresql_id" {
  description = "What a replica of another region follows, and alerts watch."
  value       = azurerm_postgresql_flexible_server.this.id
}

output "postgresql_host" {
  description = "Where this region's pods find the ledger. After a failover the name stays: each region uses its own server."
  value       = azurerm_postgresql_flexible_server.this.fqdn
}

output "redis_id" {
  description = "For the link between regions; null without Redis."
  value       = one(azurerm_managed_redis.this[*].id)
}

output "redis_host" {
  description = "Where this region's pods find shared state; port 10000."
  value       = one(azurerm_managed_redis.this[*].hostname)
}

output "backup_account_id" {
  description = "For the identities that write backups."
  value       = azurerm_storage_account.backup.id
}
