# The zone table of the cloud architecture, row by row, and that nothing else is let in.

mock_provider "azurerm" {}

variables {
  name                       = "b2xgate-test-swedencentral"
  resource_group_name        = "test"
  location                   = "swedencentral"
  address_space              = "10.10.0.0/16"
  log_analytics_workspace_id = "/workspaces/test"
  tags                       = { environment = "test" }
}

run "the_table_is_what_is_allowed" {
  command = plan

  assert {
    condition = alltrue([
      for row in [
        { rule = "application-from-dmz", from = "10.10.0.0/24", to = "10.10.16.0/20", ports = ["8000", "8080", "8090"] },
        { rule = "data-from-application", from = "10.10.16.0/20", to = "10.10.32.0/24", ports = ["10000", "443", "5432", "6379", "9200"] },
        { rule = "ai-from-application", from = "10.10.16.0/20", to = "10.10.33.0/24", ports = ["443"] },
        { rule = "application-from-management", from = "10.10.48.0/24", to = "10.10.16.0/20", ports = ["22", "443"] },
        { rule = "data-from-management", from = "10.10.48.0/24", to = "10.10.32.0/24", ports = ["22", "443"] },
        { rule = "dmz-from-management", from = "10.10.48.0/24", to = "10.10.0.0/24", ports = ["22", "443"] },
        ] : (
        azurerm_network_security_rule.allowed[row.rule].source_address_prefix == row.from
        && azurerm_network_security_rule.allowed[row.rule].destination_address_prefix == row.to
        && toset(azurerm_network_security_rule.allowed[row.rule].destination_port_ranges) == toset(row.ports)
        && azurerm_network_security_rule.allowed[row.rule].direction == "Inbound"
        && azurerm_network_security_rule.allowed[row.rule].protocol == "Tcp"
      )
    ])
    error_message = "a row of the zone table is not what the rules say"
  }

  assert {
    condition = toset(keys(azurerm_network_security_rule.allowed)) == toset([
      "dmz-from-edge", "dmz-from-management", "application-from-dmz", "application-from-nodes", "application-from-management",
      "data-from-application", "data-from-cluster", "data-from-management", "ai-from-application", "ai-from-management", "management-from-bastion",
    ])
    error_message = "a rule was added or lost: the zone table and this list must be changed with it"
  }

  assert {
    condition     = alltrue([for rule in azurerm_network_security_rule.allowed : !contains(["*", "Internet", "0.0.0.0/0"], rule.source_address_prefix)])
    error_message = "a rule lets everyone in"
  }
}

run "every_zone_is_closed_after_its_rules" {
  command = plan

  assert {
    condition     = toset(keys(azurerm_network_security_rule.deny)) == toset(keys(azurerm_subnet.zone))
    error_message = "a zone has no last rule that denies"
  }

  assert {
    condition     = alltrue([for rule in azurerm_network_security_rule.deny : rule.access == "Deny" && rule.priority == 4096 && rule.protocol == "*"])
    error_message = "a last rule does not deny everything"
  }

  assert {
    condition     = toset(keys(azurerm_subnet_network_security_group_association.zone)) == toset(keys(azurerm_subnet.zone))
    error_message = "a subnet stands without its rules"
  }

  assert {
    condition     = alltrue([for subnet in azurerm_subnet.zone : subnet.private_endpoint_network_policies == "NetworkSecurityGroupEnabled"])
    error_message = "rules would not hold for private endpoints"
  }
}

run "zones_do_not_overlap" {
  command = plan

  assert {
    condition     = length(distinct(flatten([for subnet in azurerm_subnet.zone : subnet.address_prefixes]))) == length(azurerm_subnet.zone)
    error_message = "two zones share addresses"
  }

  assert {
    condition     = azurerm_subnet.bastion.address_prefixes[0] == "10.10.49.0/26"
    error_message = "the bastion's subnet has moved into another zone"
  }
}

run "a_small_network_is_refused" {
  command = plan

  variables {
    address_space = "10.10.0.0/24"
  }

  expect_failures = [var.address_space]
}
