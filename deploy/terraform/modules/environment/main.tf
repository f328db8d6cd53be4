# One environment: the same modules in one region, or in two that stand in for each other.

module "residency" {
  source = "../residency"

  residency = var.residency
}

locals {
  name = "b2xgate-${var.environment}"

  tags = {
    environment = var.environment
    platform    = "b2xgate"
    residency   = var.residency
    managed-by  = "terraform"
  }

  # The primary always, the other where there is one.
  regions = toset([for region in [var.location, var.dr_location] : region if region != null])

  nodes = merge(
    { (var.location) = var.cluster.nodes },
    var.dr_location == null ? {} : { (var.dr_location) = var.cluster.dr_nodes },
  )

  postgresql_ids = merge(
    { (var.location) = module.database.postgresql_id },
    { for region, replica in module.replica : region => replica.postgresql_id },
  )
}

# A resource group a region: the group's own records are kept in its region, and must not be lost with another.
resource "azurerm_resource_group" "region" {
  for_each = local.regions

  name     = "${local.name}-${each.key}"
  location = each.key
  tags     = local.tags
}

module "monitoring" {
  source = "../monitoring"

  name                = local.name
  resource_group_name = azurerm_resource_group.region[var.location].name
  subscription_id     = var.subscription_id
  location            = var.location
  retention_days      = var.logs_retention_days
  contacts            = var.contacts
  postgresql_ids      = local.postgresql_ids
  replica_regions     = toset(keys(module.replica))
  max_connections     = var.database.max_connections
  monthly_budget      = var.budget.amount
  budget_start        = var.budget.start
  tags                = local.tags
}

module "networking" {
  source   = "../networking"
  for_each = local.regions

  name                       = "${local.name}-${each.key}"
  resource_group_name        = azurerm_resource_group.region[each.key].name
  location                   = each.key
  address_space              = var.address_spaces[each.key]
  log_analytics_workspace_id = module.monitoring.log_analytics_workspace_id
  tags                       = local.tags
}

module "kubernetes" {
  source   = "../kubernetes"
  for_each = local.regions

  name                       = "${local.name}-${each.key}"
  resource_group_name        = azurerm_resource_group.region[each.key].name
  location                   = each.key
  zones                      = var.cluster.zones
  kubernetes_version         = var.cluster.version
  node_size                  = var.cluster.node_size
  nodes                      = local.nodes[each.key]
  spot_nodes_max             = var.cluster.spot_nodes_max
  subnet_id                  = module.networking[each.key].subnet_ids["application"]
  admin_group_ids            = var.admin_group_ids
  private_dns_zone_id        = azurerm_private_dns_zone.this["${each.key}/kubernetes"].id
  container_registry_id      = var.container_registry_id
  log_analytics_workspace_id = module.monitoring.log_analytics_workspace_id
  tags                       = local.tags
}

module "database" {
  source = "../database"

  role                       = "primary"
  name                       = "${local.name}-${var.location}"
  resource_group_name        = azurerm_resource_group.region[var.location].name
  location                   = var.location
  postgresql                 = var.database
  administrator              = var.administrator
  administrator_password     = var.administrator_password
  redis_sku                  = var.database.redis_sku
  redis_geo_group            = var.dr_location == null ? null : local.name
  mcp_server_principal_id    = module.kubernetes[var.location].mcp_server_principal_id
  backup_replication         = var.database.backup
  subnet_id                  = module.networking[var.location].subnet_ids["data"]
  private_dns_zone_ids       = local.private_dns_zone_ids[var.location]
  log_analytics_workspace_id = module.monitoring.log_analytics_workspace_id
  tags                       = local.tags
}

module "replica" {
  source   = "../database"
  for_each = toset(var.dr_location == null ? [] : [var.dr_location])

  name                       = "${local.name}-${each.key}"
  resource_group_name        = azurerm_resource_group.region[each.key].name
  location                   = each.key
  role                       = "replica"
  source_server_id           = module.database.postgresql_id
  postgresql                 = var.database
  administrator              = var.administrator
  administrator_password     = var.administrator_password
  redis_sku                  = var.database.redis_sku
  redis_geo_group            = local.name
  mcp_server_principal_id    = module.kubernetes[each.key].mcp_server_principal_id
  backup_replication         = var.database.backup
  subnet_id                  = module.networking[each.key].subnet_ids["data"]
  private_dns_zone_ids       = local.private_dns_zone_ids[each.key]
  log_analytics_workspace_id = module.monitoring.log_analytics_workspace_id
  tags                       = local.tags
}

resource "azurerm_managed_redis_geo_replication" "regions" {
  for_each = module.replica

  managed_redis_id         = module.database.redis_id
  linked_managed_redis_ids = [each.value.redis_id]
}

module "ai" {
  source   = "../ai"
  for_each = var.ai

  name                       = "${local.name}-${each.key}"
  resource_group_name        = azurerm_resource_group.region[var.location].name
  residency                  = var.residency
  location                   = each.key
  deployments                = each.value
  caller_principal_ids       = { for region in local.regions : region => module.kubernetes[region].mcp_server_principal_id }
  subnet_ids                 = { for region in local.regions : region => module.networking[region].subnet_ids["ai"] }
  private_dns_zone_ids       = { for region in local.regions : region => azurerm_private_dns_zone.this["${region}/openai"].id }
  log_analytics_workspace_id = module.monitoring.log_analytics_workspace_id
  tags                       = local.tags
}
