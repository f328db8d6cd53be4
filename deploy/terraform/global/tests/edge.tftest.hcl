# The edge sends to the first region that is ready, over private links only, with the firewall on.

mock_provider "azurerm" {}

variables {
  subscription_id = "00000000-0000-0000-0000-000000000000"
  domain          = "example.com"
  unique          = "abc12"
  origins = {
    primary = { priority = 1, location = "swedencentral", host = "api.example.com", private_link_id = "/links/primary" }
    standby = { priority = 2, location = "germanywestcentral", host = "api.example.com", private_link_id = "/links/standby" }
  }
}

run "the_edge" {
  command = plan

  assert {
    condition     = azurerm_cdn_frontdoor_firewall_policy.edge.mode == "Prevention"
    error_message = "the firewall only looks on"
  }

  assert {
    condition     = azurerm_cdn_frontdoor_origin_group.regions.health_probe[0].path == "/health/ready"
    error_message = "a region that cannot answer would still be sent to"
  }

  assert {
    condition     = alltrue([for origin in azurerm_cdn_frontdoor_origin.region : length(origin.private_link) == 1])
    error_message = "an origin is reached over the internet"
  }

  assert {
    condition     = toset(azurerm_cdn_frontdoor_route.api.supported_protocols) == toset(["Https"]) && length(azurerm_cdn_frontdoor_route.api.cache) == 0
    error_message = "plain HTTP is answered, or answers to tenants are cached"
  }
}

run "shared_things_are_closed" {
  command = plan

  assert {
    condition = (
      !azurerm_storage_account.state.shared_access_key_enabled
      && !azurerm_storage_account.state.public_network_access_enabled
      && !azurerm_container_registry.this.admin_enabled
      && !azurerm_container_registry.this.public_network_access_enabled
    )
    error_message = "the states or the registry can be reached with a key, or by anyone"
  }

  assert {
    condition     = one(azurerm_container_registry.this.georeplications[*].location) == "germanywestcentral"
    error_message = "images would be lost with the region"
  }
}

run "without_clusters_it_can_be_made_too" {
  command = plan

  variables {
    origins = {}
  }

  assert {
    condition     = length(azurerm_cdn_frontdoor_origin.region) == 0
    error_message = "an origin without a cluster"
  }
}

run "two_primaries_are_refused" {
  command = plan

  variables {
    origins = {
      primary = { priority = 1, location = "swedencentral", host = "api.example.com", private_link_id = "/links/primary" }
      standby = { priority = 1, location = "germanywestcentral", host = "api.example.com", private_link_id = "/links/standby" }
    }
  }

  expect_failures = [var.origins]
}

run "a_domain_that_is_none_is_refused" {
  command = plan

  variables {
    domain = "https://example.com"
  }

  expect_failures = [var.domain]
}

run "a_name_that_azure_would_refuse_is_refused" {
  command = plan

  variables {
    unique = "Not Unique"
  }

  expect_failures = [var.unique]
}

run "one_region_for_images_is_refused" {
  command = plan

  variables {
    replica_location = "swedencentral"
  }

  expect_failures = [var.replica_location]
}
