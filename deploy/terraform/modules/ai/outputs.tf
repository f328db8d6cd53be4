output "backends" {
  description = "One entry a deployment, in the words of the server's configuration: paste it under [[backends]]."
  value = {
    for name, deployment in azurerm_cognitive_deployment.model : name => {
      kind       = "azure"
      endpoint   = "https://${azurerm_cognitive_account.openai.custom_subdomain_name}.openai.azure.com"
      deployment = deployment.name
      model      = deployment.model[0].name
      region     = var.location
      # A "Standard" deployment stays in its region, which is inside this zone.
      processing = module.residency.processing
    }
  }
}

output "account_id" {
  description = "For alerts."
  value       = azurerm_cognitive_account.openai.id
}
