# Development: the smallest thing that is still the same thing. No standby, no spot nodes.

module "environment" {
  source = "../../modules/environment"

  environment    = "development"
  residency      = "eu"
  location       = "swedencentral"
  address_spaces = { swedencentral = "10.30.0.0/16" }

  cluster = {
    version   = "1.35"
    node_size = "Standard_B2s"
    nodes     = { min = 1, max = 4 }
  }

  database = {
    version         = "16"
    sku             = "GP_Standard_D2ds_v5"
    storage_mb      = 32768
    zone_redundant  = false
    retention_days  = 7
    geo_redundant   = false
    max_connections = 200
    redis_sku       = "Balanced_B0"
    backup          = "LRS"
  }

  ai = {
    swedencentral = {
      "gpt-4.1-mini" = { model = "gpt-4.1-mini", version = "2025-04-14", sku = "DataZoneStandard", capacity = 20 }
    }
  }

  logs_retention_days = 30
  budget              = { amount = 600, start = "2026-01-01" }

  subscription_id        = var.subscription_id
  container_registry_id  = var.container_registry_id
  admin_group_ids        = var.admin_group_ids
  management_ssh_key     = var.management_ssh_key
  contacts               = var.contacts
  administrator          = { login = "vault_root", password_version = 1 }
  administrator_password = var.administrator_password
}
