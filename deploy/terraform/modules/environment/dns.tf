# Names of private endpoints, a set of zones a region: the same account has another address in each network.

locals {
  private_zones = {
    postgresql = "privatelink.postgres.database.azure.com"
    redis      = "privatelink.redis.azure.net"
    blob       = "privatelink.blob.core.windows.net"
    vault      = "privatelink.vaultcore.azure.net"
    openai     = "privatelink.openai.azure.com"
    registry   = "privatelink.azurecr.io"
  }

  region_zones = merge([
    for region in local.regions : {
      for service, zone in merge(local.private_zones, { kubernetes = "privatelink.${region}.azmk8s.io" }) :
      "${region}/${service}" => { region = region, zone = zone }
    }
  ]...)

  private_dns_zone_ids = {
    for region in local.regions : region => {
      for service in keys(local.private_zones) : service => azurerm_private_dns_zone.this["${region}/${service}"].id
    }
  }
}

resource "azurerm_private_dns_zone" "this" {
  for_each = local.region_zones

  name                = each.value.zone
  resource_group_name = azurerm_resource_group.region[each.value.region].name
  tags                = local.tags
}

resource "azurerm_private_dns_zone_virtual_network_link" "this" {
  for_each = local.region_zones

  name                 = each.value.region
  private_dns_zone_id  = azurerm_private_dns_zone.this[each.key].id
  virtual_network_id   = module.networking[each.value.region].virtual_network_id
  registration_enabled = false
  tags                 = local.tags
}

# Where images come from: the registry is private too.
resource "azurerm_private_endpoint" "registry" {
  for_each = local.regions

  name                = "${local.name}-${each.key}-registry"
  resource_group_name = azurerm_resource_group.region[each.key].name
  location            = each.key
  subnet_id           = module.networking[each.key].subnet_ids["data"]
  tags                = local.tags

  private_service_connection {
    name                           = "registry"
    private_connection_resource_id = var.container_registry_id
    subresource_names              = ["registry"]
    is_manual_connection           = false
  }

  private_dns_zone_group {
    name                 = "registry"
    private_dns_zone_ids = [local.private_dns_zone_ids[each.key]["registry"]]
  }
}

# Administration and cross-region clean-up use the same private way in both directions.
locals {
  peerings = var.dr_location == null ? {} : {
    (var.location)    = var.dr_location
    (var.dr_location) = var.location
  }
}

resource "azurerm_virtual_network_peering" "this" {
  for_each = local.peerings

  name                      = "to-${each.value}"
  resource_group_name       = azurerm_resource_group.region[each.key].name
  virtual_network_name      = module.networking[each.key].virtual_network_name
  remote_virtual_network_id = module.networking[each.value].virtual_network_id
}
