# Azure OpenAI of one region: private, without keys, and processed where the residency says.

module "residency" {
  source = "../residency"

  residency = var.residency
}

resource "azurerm_cognitive_account" "openai" {
  name                  = var.name
  resource_group_name   = var.resource_group_name
  location              = var.location
  kind                  = "OpenAI"
  sku_name              = "S0"
  custom_subdomain_name = var.name

  public_network_access_enabled      = false
  outbound_network_access_restricted = true
  # No keys: the pods' identity is enough, and a key that does not exist is in no state file.
  local_auth_enabled = false

  identity {
    type = "SystemAssigned"
  }

  network_acls {
    default_action = "Deny"
  }

  tags = var.tags
}

resource "azurerm_cognitive_deployment" "model" {
  for_each = var.deployments

  name                 = each.key
  cognitive_account_id = azurerm_cognitive_account.openai.id
  # A model changes when we say so: its answers are what tests were run against.
  version_upgrade_option = "NoAutoUpgrade"

  model {
    format  = "OpenAI"
    name    = each.value.model
    version = each.value.version
  }

  sku {
    name     = each.value.sku
    capacity = each.value.capacity
  }
}

resource "azurerm_role_assignment" "caller" {
  for_each = var.caller_principal_ids

  scope                = azurerm_cognitive_account.openai.id
  role_definition_name = "Cognitive Services OpenAI User"
  principal_id         = each.value
  principal_type       = "ServicePrincipal"
}

resource "azurerm_private_endpoint" "openai" {
  for_each = var.subnet_ids

  name                = "${var.name}-from-${each.key}"
  resource_group_name = var.resource_group_name
  location            = each.key
  subnet_id           = each.value
  tags                = var.tags

  private_service_connection {
    name                           = "openai"
    private_connection_resource_id = azurerm_cognitive_account.openai.id
    subresource_names              = ["account"]
    is_manual_connection           = false
  }

  private_dns_zone_group {
    name                 = "openai"
    private_dns_zone_ids = [var.private_dns_zone_ids[each.key]]
  }
}

resource "azurerm_monitor_diagnostic_setting" "openai" {
  name                       = "logs"
  target_resource_id         = azurerm_cognitive_account.openai.id
  log_analytics_workspace_id = var.log_analytics_workspace_id

  # Not "RequestResponse", nor a group that contains it: bodies of requests are nobody's business here.
  enabled_log {
    category = "Audit"
  }
}
