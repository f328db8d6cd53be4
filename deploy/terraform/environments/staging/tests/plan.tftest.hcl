# The environment as a whole can be planned.

mock_provider "azurerm" {}

variables {
  subscription_id        = "00000000-0000-0000-0000-000000000000"
  container_registry_id  = "/registries/test"
  admin_group_ids        = ["11111111-1111-1111-1111-111111111111"]
  management_ssh_key     = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA operator"
  contacts               = { email = "team@example.com" }
  administrator_password = "long-enough-for-the-test-only"
}

run "plan" {
  command = plan

  assert {
    condition     = length(output.clusters) == 1 && length(output.hosts) == 1
    error_message = "this environment has another number of regions"
  }

  assert {
    condition     = alltrue(flatten([for account in values(output.backends) : [for backend in values(account) : backend.processing == "eu"]]))
    error_message = "a backend would process outside the EU"
  }
}
