# A private cluster over three zones, and the identity under which the MCP server's pods call Azure OpenAI.

resource "azurerm_user_assigned_identity" "cluster" {
  name                = "${var.name}-cluster"
  resource_group_name = var.resource_group_name
  location            = var.location
  tags                = var.tags
}

resource "azurerm_user_assigned_identity" "nodes" {
  name                = "${var.name}-nodes"
  resource_group_name = var.resource_group_name
  location            = var.location
  tags                = var.tags
}

resource "azurerm_role_assignment" "cluster_nodes" {
  # The cluster hands this identity to its nodes.
  scope                = azurerm_user_assigned_identity.nodes.id
  role_definition_name = "Managed Identity Operator"
  principal_id         = azurerm_user_assigned_identity.cluster.principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_role_assignment" "cluster_dns" {
  scope                = var.private_dns_zone_id
  role_definition_name = "Private DNS Zone Contributor"
  principal_id         = azurerm_user_assigned_identity.cluster.principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_role_assignment" "cluster_network" {
  # For internal load balancers, within this subnet and no other.
  scope                = var.subnet_id
  role_definition_name = "Network Contributor"
  principal_id         = azurerm_user_assigned_identity.cluster.principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_kubernetes_cluster" "this" {
  name                = var.name
  resource_group_name = var.resource_group_name
  location            = var.location
  kubernetes_version  = var.kubernetes_version
  sku_tier            = "Standard"

  private_cluster_enabled             = true
  private_cluster_public_fqdn_enabled = false
  private_dns_zone_id                 = var.private_dns_zone_id
  dns_prefix_private_cluster          = var.name
  run_command_enabled                 = false

  # People come through Entra, pods through workload identity; there is no password that could be in a state file.
  local_account_disabled            = true
  role_based_access_control_enabled = true
  oidc_issuer_enabled               = true
  workload_identity_enabled         = true
  azure_policy_enabled              = true

  automatic_upgrade_channel = "patch"
  node_os_upgrade_channel   = "NodeImage"
  image_cleaner_enabled     = true
  cost_analysis_enabled     = true

  azure_active_directory_role_based_access_control {
    azure_rbac_enabled     = true
    admin_group_object_ids = var.admin_group_ids
  }

  # Only what the cluster itself needs runs here, so that it never waits for our pods to make room.
  default_node_pool {
    name                         = "system"
    vm_size                      = var.node_size
    auto_scaling_enabled         = true
    min_count                    = length(var.zones)
    max_count                    = 2 * length(var.zones)
    zones                        = var.zones
    vnet_subnet_id               = var.subnet_id
    only_critical_addons_enabled = true
    host_encryption_enabled      = true
    max_pods                     = 110
    temporary_name_for_rotation  = "systemtmp"
    tags                         = var.tags

    upgrade_settings {
      max_surge                     = "33%"
      drain_timeout_in_minutes      = 30
      node_soak_duration_in_minutes = 5
    }
  }

  node_provisioning_profile {
    mode = "Manual"
  }

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.cluster.id]
  }

  kubelet_identity {
    client_id                 = azurerm_user_assigned_identity.nodes.client_id
    object_id                 = azurerm_user_assigned_identity.nodes.principal_id
    user_assigned_identity_id = azurerm_user_assigned_identity.nodes.id
  }

  network_profile {
    network_plugin      = "azure"
    network_plugin_mode = "overlay"
    # Policies that the network ignores are worse than none; Cilium enforces ours.
    network_policy     = "cilium"
    network_data_plane = "cilium"
    outbound_type      = "userAssignedNATGateway"
    load_balancer_sku  = "standard"
    pod_cidr           = "192.168.0.0/16"
    service_cidr       = "172.16.0.0/16"
    dns_service_ip     = "172.16.0.10"
  }

  # Secrets come from Vault through the CSI driver's own Vault provider, which Argo CD installs.
  workload_autoscaler_profile {
    # The alternative that deploy/kubernetes offers brings its own KEDA; two of them would fight.
    keda_enabled                    = false
    vertical_pod_autoscaler_enabled = true
  }

  auto_scaler_profile {
    # One node group spans the zones; balanced, a new node lands where the spread needs it.
    balance_similar_node_groups = true
    # Longest stream, and a little more.
    max_graceful_termination_sec = "600"
  }

  maintenance_window_auto_upgrade {
    frequency   = "Weekly"
    interval    = 1
    duration    = 4
    day_of_week = "Sunday"
    start_time  = "02:00"
    utc_offset  = "+00:00"
  }

  maintenance_window_node_os {
    frequency   = "Weekly"
    interval    = 1
    duration    = 4
    day_of_week = "Saturday"
    start_time  = "02:00"
    utc_offset  = "+00:00"
  }

  tags = var.tags

  lifecycle {
    # The channel moves the patch version; a plan should not move it back.
    ignore_changes = [kubernetes_version, default_node_pool[0].orchestrator_version]
  }

  depends_on = [azurerm_role_assignment.cluster_dns, azurerm_role_assignment.cluster_network, azurerm_role_assignment.cluster_nodes]
}

resource "azurerm_kubernetes_cluster_node_pool" "workload" {
  name                        = "workload"
  kubernetes_cluster_id       = azurerm_kubernetes_cluster.this.id
  mode                        = "User"
  vm_size                     = var.node_size
  auto_scaling_enabled        = true
  min_count                   = var.nodes.min
  max_count                   = var.nodes.max
  zones                       = var.zones
  vnet_subnet_id              = var.subnet_id
  host_encryption_enabled     = true
  max_pods                    = 110
  temporary_name_for_rotation = "workloadtmp"
  tags                        = var.tags

  upgrade_settings {
    max_surge                     = "33%"
    drain_timeout_in_minutes      = 30
    node_soak_duration_in_minutes = 5
  }
}

resource "azurerm_kubernetes_cluster_node_pool" "spot" {
  # Batch work of the workers, as the cost strategy says; the taint keeps everyone else off.
  count = var.spot_nodes_max > 0 ? 1 : 0

  name                    = "spot"
  kubernetes_cluster_id   = azurerm_kubernetes_cluster.this.id
  mode                    = "User"
  priority                = "Spot"
  eviction_policy         = "Delete"
  spot_max_price          = -1
  vm_size                 = var.node_size
  auto_scaling_enabled    = true
  min_count               = 0
  max_count               = var.spot_nodes_max
  zones                   = var.zones
  vnet_subnet_id          = var.subnet_id
  host_encryption_enabled = true
  max_pods                = 110
  node_taints             = ["kubernetes.azure.com/scalesetpriority=spot:NoSchedule"]
  tags                    = var.tags
}

resource "azurerm_role_assignment" "pull" {
  scope                = var.container_registry_id
  role_definition_name = "AcrPull"
  principal_id         = azurerm_user_assigned_identity.nodes.principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_monitor_diagnostic_setting" "control_plane" {
  name                       = "control-plane"
  target_resource_id         = azurerm_kubernetes_cluster.this.id
  log_analytics_workspace_id = var.log_analytics_workspace_id

  dynamic "enabled_log" {
    for_each = ["kube-audit-admin", "guard", "cluster-autoscaler", "kube-controller-manager"]

    content {
      category = enabled_log.value
    }
  }
}
