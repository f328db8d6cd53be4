# Staging: production's shape in one region, smaller.

module "environment" {
  source = "../../modules/environment"

  environment    = "staging"
  residency      = "eu"
  location       = "swedencentral"
  address_spaces = { swedencentral = "10.20.0.0/16" }

  cluster = {
    version        = "1.35"
    node_size      = "Standard_D2s_v3"
    nodes          = { min = 3, max = 9 }
    spot_nodes_max = 3
  }

  database = {
    version         = "16"
    sku             = "GP_Standard_D4ds_v5"
    storage_mb      = 131072
    zone_redundant  = true
    retention_days  = 14
    geo_redundant   = false
    max_connections = 400
    redis_sku       = "Balanced_B1"
  }

  ai = {
    swedencentral = {
      "gpt-4.1-mini" = { model = "gpt-4.1-mini", version = "2025-04-14", sku = "DataZoneStandard", capacity = 100 }
    }
  }

  logs_retention_days = 90
  budget              = { amount = 3000, start = "2026-01-01" }

  subscription_id        = var.subscription_id
  container_registry_id  = var.container_registry_id
  admin_group_ids        = var.admin_group_ids
  management_ssh_key     = var.management_ssh_key
  contacts               = var.contacts
  administrator          = { login = "vault_root", password_version = 1 }
  administrator_password = var.administrator_password
}
