output "virtual_network_id" {
  description = "For peering and private DNS."
  value       = azurerm_virtual_network.this.id
}

output "virtual_network_name" {
  description = "For peering."
  value       = azurerm_virtual_network.this.name
}

output "subnet_ids" {
  description = "By security zone."
  # Not before its rules stand.
  value      = { for zone, subnet in azurerm_subnet.zone : zone => subnet.id }
  depends_on = [azurerm_subnet_network_security_group_association.zone, azurerm_network_security_rule.allowed]
}

output "bastion_subnet_id" {
  description = "For Azure Bastion alone."
  value       = azurerm_subnet.bastion.id
}
