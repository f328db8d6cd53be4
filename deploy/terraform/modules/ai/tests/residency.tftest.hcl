# What a tenant was promised holds: no account outside the residency's regions, no deployment that is processed anywhere.

mock_provider "azurerm" {}

variables {
  name                       = "b2xgate-test-swedencentral"
  resource_group_name        = "test"
  residency                  = "eu"
  location                   = "swedencentral"
  deployments                = { "gpt-4.1-mini" = { model = "gpt-4.1-mini", version = "2025-04-14", sku = "DataZoneStandard", capacity = 100 } }
  caller_principal_ids       = { swedencentral = "22222222-2222-2222-2222-222222222222" }
  subnet_ids                 = { swedencentral = "/subnets/ai", germanywestcentral = "/subnets/ai-dr" }
  private_dns_zone_ids       = { swedencentral = "/zones/openai", germanywestcentral = "/zones/openai-dr" }
  log_analytics_workspace_id = "/workspaces/test"
  tags                       = { environment = "test" }
}

run "private_and_without_keys" {
  command = plan

  assert {
    condition = (
      !azurerm_cognitive_account.openai.public_network_access_enabled
      && !azurerm_cognitive_account.openai.local_auth_enabled
      && azurerm_cognitive_account.openai.network_acls[0].default_action == "Deny"
    )
    error_message = "the account is public or has keys"
  }

  assert {
    condition     = toset(keys(azurerm_private_endpoint.openai)) == toset(["swedencentral", "germanywestcentral"])
    error_message = "a region cannot reach its peer's deployments, so it could not fail over to them"
  }

  assert {
    condition     = azurerm_role_assignment.caller["swedencentral"].role_definition_name == "Cognitive Services OpenAI User"
    error_message = "the pods may do more than call"
  }
}

run "the_log_holds_no_prompts" {
  command = plan

  assert {
    condition     = alltrue([for log in azurerm_monitor_diagnostic_setting.openai.enabled_log : log.category == "Audit"])
    error_message = "bodies of requests would be logged"
  }
}

run "the_output_speaks_the_servers_configuration" {
  command = apply

  assert {
    condition = output.backends["gpt-4.1-mini"] == {
      kind       = "azure"
      endpoint   = "https://b2xgate-test-swedencentral.openai.azure.com"
      deployment = "gpt-4.1-mini"
      model      = "gpt-4.1-mini"
      region     = "swedencentral"
      processing = "eu"
    }
    error_message = "the entry does not fit [[backends]]"
  }
}

run "a_us_region_for_eu_tenants_is_refused" {
  command = plan

  variables {
    location = "eastus2"
  }

  expect_failures = [var.location]
}

run "a_european_region_outside_the_union_is_refused" {
  command = plan

  variables {
    location = "switzerlandnorth"
  }

  expect_failures = [var.location]
}

run "an_eu_region_for_us_tenants_is_refused" {
  command = plan

  variables {
    residency = "us"
  }

  expect_failures = [var.location]
}

run "a_global_deployment_is_refused" {
  command = plan

  variables {
    deployments = { "gpt-4.1-mini" = { model = "gpt-4.1-mini", version = "2025-04-14", sku = "GlobalStandard", capacity = 100 } }
  }

  expect_failures = [var.deployments]
}

run "no_deployment_is_refused" {
  command = plan

  variables {
    deployments = {}
  }

  expect_failures = [var.deployments]
}
