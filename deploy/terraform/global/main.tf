# What exists once: the states of Terraform, the registry, the domain. The edge is in edge.tf.

locals {
  tags = { platform = "b2xgate", environment = "global", managed-by = "terraform" }
}

resource "azurerm_resource_group" "this" {
  name     = "b2xgate-global"
  location = var.location
  tags     = local.tags
}

resource "azurerm_storage_account" "state" {
  name                = "b2xstate${var.unique}"
  resource_group_name = azurerm_resource_group.this.name
  location            = var.location
  account_tier        = "Standard"
  # Three zones. A lost region is no time to change infrastructure by a plan; dr/README.md does without the state.
  account_replication_type = "ZRS"
  min_tls_version          = "TLS1_2"

  public_network_access_enabled     = var.bootstrap
  allow_nested_items_to_be_public   = false
  shared_access_key_enabled         = false
  default_to_oauth_authentication   = true
  local_user_enabled                = false
  cross_tenant_replication_enabled  = false
  infrastructure_encryption_enabled = true

  blob_properties {
    versioning_enabled = true

    delete_retention_policy {
      days = 90
    }

    container_delete_retention_policy {
      days = 90
    }
  }

  network_rules {
    default_action = var.bootstrap ? "Allow" : "Deny"
    bypass         = ["AzureServices"]
  }

  tags = local.tags

  lifecycle {
    prevent_destroy = true
  }
}

resource "azurerm_storage_container" "state" {
  # One an environment, so that rights can differ.
  for_each = toset(["global", "production", "staging", "development"])

  name                  = each.key
  storage_account_id    = azurerm_storage_account.state.id
  container_access_type = "private"

  lifecycle {
    prevent_destroy = true
  }
}

resource "azurerm_container_registry" "this" {
  name                          = "b2xgate${var.unique}"
  resource_group_name           = azurerm_resource_group.this.name
  location                      = var.location
  sku                           = "Premium"
  admin_enabled                 = false
  anonymous_pull_enabled        = false
  public_network_access_enabled = false
  zone_redundancy_enabled       = true
  data_endpoint_enabled         = true
  retention_policy_in_days      = 30
  tags                          = local.tags

  georeplications {
    location                        = var.replica_location
    zone_redundancy_enabled         = true
    global_endpoint_routing_enabled = true
    tags                            = local.tags
  }
}

resource "azurerm_dns_zone" "this" {
  name                = var.domain
  resource_group_name = azurerm_resource_group.this.name
  tags                = local.tags

  lifecycle {
    prevent_destroy = true
  }
}
