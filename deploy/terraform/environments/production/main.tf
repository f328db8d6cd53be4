# Production: two regions of the EU, three zones each.

module "environment" {
  source = "../../modules/environment"

  environment    = "production"
  residency      = "eu"
  location       = "swedencentral"
  dr_location    = "germanywestcentral"
  address_spaces = { swedencentral = "10.10.0.0/16", germanywestcentral = "10.11.0.0/16" }

  cluster = {
    version   = "1.35"
    node_size = "Standard_D4s_v3"
    # A zone lost takes a third of the nodes; the rest of the pods must fit on what is left.
    nodes = { min = 6, max = 24 }
    # Awake in every zone, and with leave to grow to the primary's size.
    dr_nodes       = { min = 3, max = 24 }
    spot_nodes_max = 12
  }

  database = {
    version         = "16"
    sku             = "GP_Standard_D8ds_v5"
    storage_mb      = 524288
    zone_redundant  = true
    retention_days  = 35
    geo_redundant   = true
    max_connections = 800
    redis_sku       = "Balanced_B10"
  }

  ai = {
    swedencentral = {
      "gpt-4.1-mini" = { model = "gpt-4.1-mini", version = "2025-04-14", sku = "DataZoneStandard", capacity = 500 }
    }
    germanywestcentral = {
      "gpt-4.1-mini" = { model = "gpt-4.1-mini", version = "2025-04-14", sku = "DataZoneStandard", capacity = 500 }
    }
  }

  logs_retention_days = 365
  budget              = { amount = 12000, start = "2026-01-01" }

  subscription_id        = var.subscription_id
  container_registry_id  = var.container_registry_id
  admin_group_ids        = var.admin_group_ids
  management_ssh_key     = var.management_ssh_key
  contacts               = var.contacts
  administrator          = { login = "vault_root", password_version = 1 }
  administrator_password = var.administrator_password
}
