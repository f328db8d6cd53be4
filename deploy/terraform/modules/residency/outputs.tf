output "regions" {
  description = "Azure regions in which data of this residency may be stored and processed."
  value       = local.table[var.residency].regions
}

output "processing" {
  description = "What the server's configuration says under processing for a backend of this residency."
  value       = local.table[var.residency].processing
}

output "deployment_skus" {
  description = "Kinds of model deployments whose processing stays inside the data zone."
  value       = local.deployment_skus
}
