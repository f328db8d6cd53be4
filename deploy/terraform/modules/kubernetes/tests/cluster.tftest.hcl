# The cluster survives a zone, is private, and knows no password.

mock_provider "azurerm" {}

variables {
  name                       = "b2xgate-test-swedencentral"
  resource_group_name        = "test"
  location                   = "swedencentral"
  kubernetes_version         = "1.35"
  node_size                  = "Standard_D4s_v3"
  nodes                      = { min = 6, max = 24 }
  subnet_id                  = "/subnets/application"
  admin_group_ids            = ["11111111-1111-1111-1111-111111111111"]
  private_dns_zone_id        = "/zones/kubernetes"
  container_registry_id      = "/registries/test"
  log_analytics_workspace_id = "/workspaces/test"
  tags                       = { environment = "test" }
}

run "three_zones" {
  command = plan

  assert {
    condition     = toset(azurerm_kubernetes_cluster.this.default_node_pool[0].zones) == toset(["1", "2", "3"]) && azurerm_kubernetes_cluster.this.default_node_pool[0].min_count == 3
    error_message = "the system's nodes do not span three zones"
  }

  assert {
    condition     = toset(azurerm_kubernetes_cluster_node_pool.workload.zones) == toset(["1", "2", "3"])
    error_message = "the workload's nodes do not span three zones"
  }
}

run "closed_and_without_passwords" {
  command = plan

  assert {
    condition = (
      azurerm_kubernetes_cluster.this.private_cluster_enabled
      && !azurerm_kubernetes_cluster.this.private_cluster_public_fqdn_enabled
      && azurerm_kubernetes_cluster.this.local_account_disabled
      && !azurerm_kubernetes_cluster.this.run_command_enabled
      && azurerm_kubernetes_cluster.this.workload_identity_enabled
    )
    error_message = "the cluster can be reached or entered in a way that it should not"
  }

  assert {
    condition     = azurerm_kubernetes_cluster.this.network_profile[0].network_policy == "cilium"
    error_message = "nobody would enforce the network policies"
  }
}

run "spot_nodes_only_where_wanted" {
  command = plan

  assert {
    condition     = length(azurerm_kubernetes_cluster_node_pool.spot) == 0
    error_message = "there are spot nodes although none were asked for"
  }
}

run "spot_nodes_keep_others_off" {
  command = plan

  variables {
    spot_nodes_max = 3
  }

  assert {
    condition     = azurerm_kubernetes_cluster_node_pool.spot[0].priority == "Spot" && length(azurerm_kubernetes_cluster_node_pool.spot[0].node_taints) == 1
    error_message = "anything would be scheduled on nodes that may vanish"
  }
}

run "the_identity_is_the_pods" {
  command = plan

  assert {
    condition     = azurerm_federated_identity_credential.mcp_server.subject == "system:serviceaccount:b2x-application:mcp-server"
    error_message = "another service account would be trusted"
  }
}

run "a_version_without_in_place_resize_is_refused" {
  command = plan

  variables {
    kubernetes_version = "1.31"
  }

  expect_failures = [var.kubernetes_version]
}

run "bounds_the_wrong_way_round_are_refused" {
  command = plan

  variables {
    nodes = { min = 5, max = 4 }
  }

  expect_failures = [var.nodes]
}

run "a_cluster_that_nobody_may_enter_is_refused" {
  command = plan

  variables {
    admin_group_ids = []
  }

  expect_failures = [var.admin_group_ids]
}

run "a_zone_named_twice_is_refused" {
  command = plan

  variables {
    zones = ["1", "1"]
  }

  expect_failures = [var.zones]
}
