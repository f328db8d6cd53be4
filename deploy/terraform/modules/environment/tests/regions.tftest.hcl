# Two regions stand in for each other, and both are where the residency says.

mock_provider "azurerm" {}

variables {
  environment            = "production"
  subscription_id        = "00000000-0000-0000-0000-000000000000"
  residency              = "eu"
  location               = "swedencentral"
  dr_location            = "germanywestcentral"
  address_spaces         = { swedencentral = "10.10.0.0/16", germanywestcentral = "10.11.0.0/16" }
  cluster                = { version = "1.35", node_size = "Standard_D4s_v3", nodes = { min = 6, max = 24 }, dr_nodes = { min = 3, max = 24 } }
  database               = { version = "16", sku = "GP_Standard_D8ds_v5", storage_mb = 524288, zone_redundant = true, retention_days = 35, geo_redundant = true, max_connections = 800, redis_sku = "Balanced_B10" }
  ai                     = { swedencentral = { "gpt-4.1-mini" = { model = "gpt-4.1-mini", version = "2025-04-14", sku = "DataZoneStandard", capacity = 100 } } }
  administrator          = { login = "vault_root", password_version = 1 }
  administrator_password = "long-enough-for-the-test-only"
  admin_group_ids        = ["11111111-1111-1111-1111-111111111111"]
  management_ssh_key     = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA operator"
  container_registry_id  = "/registries/test"
  logs_retention_days    = 90
  contacts               = { email = "team@example.com" }
  budget                 = { amount = 1000, start = "2026-01-01" }
}

run "everything_stands_in_both_regions" {
  command = plan

  assert {
    condition     = toset(keys(output.clusters)) == toset(["swedencentral", "germanywestcentral"])
    error_message = "a region has no cluster"
  }

  assert {
    condition     = toset(keys(output.hosts)) == toset(["swedencentral", "germanywestcentral"])
    error_message = "a region has no data stores"
  }

  assert {
    condition     = length(azurerm_managed_redis_geo_replication.regions) == 1
    error_message = "Redis of the two regions is not linked"
  }

  assert {
    condition     = length(azurerm_virtual_network_peering.this) == 2
    error_message = "a peering has two sides"
  }

  assert {
    condition     = alltrue([for group in azurerm_resource_group.region : group.tags["residency"] == "eu"])
    error_message = "a resource does not say whose data it holds"
  }
}

run "one_region_is_enough" {
  command = plan

  variables {
    dr_location    = null
    address_spaces = { swedencentral = "10.10.0.0/16" }
    cluster        = { version = "1.35", node_size = "Standard_D4s_v3", nodes = { min = 6, max = 24 } }
  }

  assert {
    condition     = keys(output.clusters) == ["swedencentral"] && length(azurerm_virtual_network_peering.this) == 0
    error_message = "there is more than one region"
  }
}

run "only_the_ways_out_and_the_bastion_have_addresses" {
  command = plan

  assert {
    condition     = alltrue([for host in azurerm_linux_virtual_machine.management : host.disable_password_authentication]) && alltrue([for vault in azurerm_key_vault.unseal : !vault.public_network_access_enabled])
    error_message = "a management host takes passwords, or a key vault is public"
  }

  assert {
    condition     = alltrue([for vault in azurerm_key_vault.unseal : can(regex("^[a-z][a-z0-9-]{1,22}[a-z0-9]$", vault.name))])
    error_message = "Azure would refuse the key vault's name"
  }
}

run "the_key_is_changed_within_a_year_and_by_hand" {
  command = plan

  assert {
    condition     = alltrue([for key in azurerm_key_vault_key.unseal : key.rotation_policy[0].expire_after == "P365D" && length(key.rotation_policy[0].automatic) == 0])
    error_message = "the rotation table says 365 days, by hand with audit"
  }
}

run "failing_over_out_of_the_union_is_refused" {
  command = plan

  variables {
    dr_location    = "eastus2"
    address_spaces = { swedencentral = "10.10.0.0/16", eastus2 = "10.11.0.0/16" }
  }

  expect_failures = [var.dr_location]
}

run "failing_over_to_itself_is_refused" {
  command = plan

  variables {
    dr_location    = "swedencentral"
    address_spaces = { swedencentral = "10.10.0.0/16" }
  }

  expect_failures = [var.dr_location]
}

run "a_primary_in_the_us_is_refused" {
  command = plan

  variables {
    location       = "eastus2"
    address_spaces = { eastus2 = "10.10.0.0/16", germanywestcentral = "10.11.0.0/16" }
  }

  expect_failures = [var.location]
}

run "overlapping_networks_are_refused" {
  command = plan

  variables {
    address_spaces = { swedencentral = "10.10.0.0/16", germanywestcentral = "10.10.0.0/16" }
  }

  expect_failures = [var.address_spaces]
}

run "a_waiting_region_that_cannot_grow_is_refused" {
  command = plan

  variables {
    cluster = { version = "1.35", node_size = "Standard_D4s_v3", nodes = { min = 6, max = 24 }, dr_nodes = { min = 1, max = 3 } }
  }

  expect_failures = [var.cluster]
}

run "a_password_in_place_of_a_key_is_refused" {
  command = plan

  variables {
    management_ssh_key = "hunter2"
  }

  expect_failures = [var.management_ssh_key]
}
