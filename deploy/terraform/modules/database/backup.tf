# Backup storage of one region: Elasticsearch's snapshots, exports of the ledger, files. Azure keeps PostgreSQL's own
# backups itself; what lies here outlives the server.

locals {
  # Names of storage accounts: 3 to 24 small letters and digits, unique in the world.
  backup_account = substr("b2xbk${replace(var.name, "/[^a-z0-9]/", "")}", 0, 24)
}

resource "azurerm_storage_account" "backup" {
  name                     = local.backup_account
  resource_group_name      = var.resource_group_name
  location                 = var.location
  account_tier             = "Standard"
  account_replication_type = var.backup_replication
  access_tier              = "Cool"
  min_tls_version          = "TLS1_2"

  public_network_access_enabled     = false
  allow_nested_items_to_be_public   = false
  shared_access_key_enabled         = false
  default_to_oauth_authentication   = true
  local_user_enabled                = false
  cross_tenant_replication_enabled  = false
  infrastructure_encryption_enabled = true

  blob_properties {
    versioning_enabled = true

    delete_retention_policy {
      days = 30
    }

    container_delete_retention_policy {
      days = 30
    }
  }

  network_rules {
    default_action = "Deny"
    bypass         = ["AzureServices"]
  }

  tags = var.tags

  lifecycle {
    prevent_destroy = true
  }
}

resource "azurerm_storage_container" "backup" {
  for_each = toset(["elasticsearch", "ledger", "files"])

  name                  = each.key
  storage_account_id    = azurerm_storage_account.backup.id
  container_access_type = "private"

  lifecycle {
    prevent_destroy = true
  }
}

resource "azurerm_storage_management_policy" "backup" {
  storage_account_id = azurerm_storage_account.backup.id

  rule {
    name    = "archive"
    enabled = true

    filters {
      blob_types = ["blockBlob"]
      # Elasticsearch reads old parts of its snapshots again; an archived one would break them all.
      prefix_match = ["ledger/", "files/"]
    }

    actions {
      base_blob {
        tier_to_archive_after_days_since_modification_greater_than = 30
      }
    }
  }
}

resource "azurerm_private_endpoint" "backup" {
  name                = "${var.name}-backup"
  resource_group_name = var.resource_group_name
  location            = var.location
  subnet_id           = var.subnet_id
  tags                = var.tags

  private_service_connection {
    name                           = "backup"
    private_connection_resource_id = azurerm_storage_account.backup.id
    subresource_names              = ["blob"]
    is_manual_connection           = false
  }

  private_dns_zone_group {
    name                 = "backup"
    private_dns_zone_ids = [var.private_dns_zone_ids["blob"]]
  }
}
