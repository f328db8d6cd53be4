output "log_analytics_workspace_id" {
  description = "Where everything else sends its logs."
  value       = azurerm_log_analytics_workspace.this.id
}
