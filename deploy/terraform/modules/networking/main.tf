# One region's network: a subnet a security zone, and between them nothing but what the zone table allows.

locals {
  # Fixed places in the /16, so that a rule can be read without looking anything up.
  zones = {
    dmz         = cidrsubnet(var.address_space, 8, 0)
    application = cidrsubnet(var.address_space, 4, 1)
    data        = cidrsubnet(var.address_space, 8, 32)
    ai          = cidrsubnet(var.address_space, 8, 33)
    management  = cidrsubnet(var.address_space, 8, 48)
  }
  bastion = cidrsubnet(var.address_space, 10, 196)

  # The zone table of the cloud architecture. Ports inside the cluster (Elasticsearch, scraping, Vault) are the
  # network policies' business: pods of all zones share the application subnet's nodes.
  allowed = {
    dmz = [
      # Front Door comes through the private link, whose addresses are the subnet's own.
      { name = "edge", from = "dmz", ports = ["443"] },
      { name = "management", from = "management", ports = ["22", "443"] },
    ]
    application = [
      { name = "dmz", from = "dmz", ports = ["8000", "8080", "8090"] },
      # Traefik's internal load balancer reaches its pods through the nodes.
      { name = "nodes", from = "application", ports = ["0-65535"] },
      { name = "management", from = "management", ports = ["22", "443"] },
    ]
    data = [
      # PostgreSQL; Redis and Elasticsearch as the table says; 10000 is the port of Azure Managed Redis; 443 is the
      # door of the registry, the key vault and the backup storage.
      { name = "application", from = "application", ports = ["5432", "6379", "9200", "10000", "443"] },
      { name = "cluster", from = "data", ports = ["5432", "6379", "9200", "9300", "10000"] },
      { name = "management", from = "management", ports = ["22", "443"] },
    ]
    ai = [
      { name = "application", from = "application", ports = ["443"] },
      { name = "management", from = "management", ports = ["443"] },
    ]
    management = [
      { name = "bastion", from = "bastion", ports = ["22"] },
    ]
  }

  sources = merge(local.zones, { bastion = local.bastion })

  rules = merge([
    for zone, entries in local.allowed : {
      for index, entry in entries : "${zone}-from-${entry.name}" => {
        zone     = zone
        from     = local.sources[entry.from]
        ports    = entry.ports
        priority = 100 + 10 * index
      }
    }
  ]...)
}

resource "azurerm_virtual_network" "this" {
  name                = var.name
  resource_group_name = var.resource_group_name
  location            = var.location
  address_space       = [var.address_space]
  tags                = var.tags
}

resource "azurerm_subnet" "zone" {
  for_each = local.zones

  name                 = each.key
  resource_group_name  = var.resource_group_name
  virtual_network_name = azurerm_virtual_network.this.name
  address_prefixes     = [each.value]

  # Without this, a network security group does not see what goes to a private endpoint.
  private_endpoint_network_policies = "NetworkSecurityGroupEnabled"
  # The edge's private link service takes its addresses from here.
  private_link_service_network_policies_enabled = each.key != "dmz"
  # What leaves, leaves through the gateway below, or not at all.
  default_outbound_access_enabled = false
}

resource "azurerm_subnet" "bastion" {
  # Azure wants this very name.
  name                            = "AzureBastionSubnet"
  resource_group_name             = var.resource_group_name
  virtual_network_name            = azurerm_virtual_network.this.name
  address_prefixes                = [local.bastion]
  default_outbound_access_enabled = false
}

resource "azurerm_network_security_group" "zone" {
  for_each = local.zones

  name                = "${var.name}-${each.key}"
  resource_group_name = var.resource_group_name
  location            = var.location
  tags                = var.tags
}

resource "azurerm_network_security_rule" "allowed" {
  for_each = local.rules

  name                        = each.key
  resource_group_name         = var.resource_group_name
  network_security_group_name = azurerm_network_security_group.zone[each.value.zone].name
  priority                    = each.value.priority
  direction                   = "Inbound"
  access                      = "Allow"
  protocol                    = "Tcp"
  source_address_prefix       = each.value.from
  source_port_range           = "*"
  destination_address_prefix  = local.zones[each.value.zone]
  destination_port_ranges     = each.value.ports
}

resource "azurerm_network_security_rule" "load_balancer" {
  # Its health checks come from outside every zone.
  for_each = toset(["application", "dmz"])

  name                        = "${each.key}-from-load-balancer"
  resource_group_name         = var.resource_group_name
  network_security_group_name = azurerm_network_security_group.zone[each.key].name
  priority                    = 200
  direction                   = "Inbound"
  access                      = "Allow"
  protocol                    = "Tcp"
  source_address_prefix       = "AzureLoadBalancer"
  source_port_range           = "*"
  destination_address_prefix  = "*"
  destination_port_range      = "*"
}

resource "azurerm_network_security_rule" "deny" {
  # Azure's own last rules let the whole network in; this one comes before them.
  for_each = local.zones

  name                        = "${each.key}-deny-the-rest"
  resource_group_name         = var.resource_group_name
  network_security_group_name = azurerm_network_security_group.zone[each.key].name
  priority                    = 4096
  direction                   = "Inbound"
  access                      = "Deny"
  protocol                    = "*"
  source_address_prefix       = "*"
  source_port_range           = "*"
  destination_address_prefix  = "*"
  destination_port_range      = "*"
}

resource "azurerm_subnet_network_security_group_association" "zone" {
  for_each = local.zones

  subnet_id                 = azurerm_subnet.zone[each.key].id
  network_security_group_id = azurerm_network_security_group.zone[each.key].id

  # A subnet is closed before it is opened.
  depends_on = [azurerm_network_security_rule.deny]
}

resource "azurerm_monitor_diagnostic_setting" "security_groups" {
  for_each = local.zones

  name                       = "events"
  target_resource_id         = azurerm_network_security_group.zone[each.key].id
  log_analytics_workspace_id = var.log_analytics_workspace_id

  enabled_log {
    category_group = "allLogs"
  }
}
