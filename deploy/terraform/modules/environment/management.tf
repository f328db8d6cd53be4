# The management zone: a bastion as the only way in, a host that Ansible sets up, and the key that unseals Vault.

data "azurerm_client_config" "current" {}

resource "azurerm_public_ip" "bastion" {
  for_each = local.regions

  name                = "${local.name}-${each.key}-bastion"
  resource_group_name = azurerm_resource_group.region[each.key].name
  location            = each.key
  allocation_method   = "Static"
  sku                 = "Standard"
  zones               = var.cluster.zones
  tags                = local.tags
}

resource "azurerm_bastion_host" "this" {
  for_each = local.regions

  name                = "${local.name}-${each.key}"
  resource_group_name = azurerm_resource_group.region[each.key].name
  location            = each.key
  sku                 = "Standard"
  # ssh with a certificate of Entra through `az network bastion ssh`; Ansible's connections take the same tunnel.
  tunneling_enabled      = true
  file_copy_enabled      = false
  copy_paste_enabled     = false
  shareable_link_enabled = false
  zones                  = var.cluster.zones
  tags                   = local.tags

  ip_configuration {
    name                 = "bastion"
    subnet_id            = module.networking[each.key].bastion_subnet_id
    public_ip_address_id = azurerm_public_ip.bastion[each.key].id
  }
}

resource "azurerm_network_interface" "management" {
  for_each = local.regions

  name                = "${local.name}-${each.key}-management"
  resource_group_name = azurerm_resource_group.region[each.key].name
  location            = each.key
  tags                = local.tags

  ip_configuration {
    name                          = "internal"
    subnet_id                     = module.networking[each.key].subnet_ids["management"]
    private_ip_address_allocation = "Dynamic"
  }
}

resource "azurerm_linux_virtual_machine" "management" {
  for_each = local.regions

  name                            = "${local.name}-${each.key}-management"
  resource_group_name             = azurerm_resource_group.region[each.key].name
  location                        = each.key
  size                            = "Standard_B2s"
  admin_username                  = "operator"
  disable_password_authentication = true
  network_interface_ids           = [azurerm_network_interface.management[each.key].id]
  encryption_at_host_enabled      = true
  secure_boot_enabled             = true
  vtpm_enabled                    = true
  patch_mode                      = "AutomaticByPlatform"
  patch_assessment_mode           = "AutomaticByPlatform"
  allow_extension_operations      = false
  tags                            = local.tags

  # Its rights are given in Entra, to this identity; no credential lies on the disk.
  identity {
    type = "SystemAssigned"
  }

  admin_ssh_key {
    username   = "operator"
    public_key = var.management_ssh_key
  }

  os_disk {
    caching              = "ReadWrite"
    storage_account_type = "StandardSSD_LRS"
  }

  source_image_reference {
    publisher = "Debian"
    offer     = "debian-12"
    sku       = "12-gen2"
    version   = "latest"
  }
}

resource "azurerm_key_vault" "unseal" {
  for_each = local.regions

  # 24 characters at most, unique in the world.
  name                          = substr("b2x-${substr(var.environment, 0, 4)}-${each.key}", 0, 24)
  resource_group_name           = azurerm_resource_group.region[each.key].name
  location                      = each.key
  tenant_id                     = data.azurerm_client_config.current.tenant_id
  sku_name                      = "premium"
  rbac_authorization_enabled    = true
  purge_protection_enabled      = true
  soft_delete_retention_days    = 90
  public_network_access_enabled = false
  tags                          = local.tags

  network_acls {
    default_action = "Deny"
    bypass         = "AzureServices"
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "azurerm_key_vault_key" "unseal" {
  for_each = local.regions

  name         = "vault-unseal"
  key_vault_id = azurerm_key_vault.unseal[each.key].id
  key_type     = "RSA-HSM"
  key_size     = 3072
  key_opts     = ["wrapKey", "unwrapKey"]
  tags         = local.tags

  # Encryption keys: 365 days, changed by hand and audited. Azure reminds, nobody rotates behind the auditor's back.
  rotation_policy {
    expire_after         = "P365D"
    notify_before_expiry = "P30D"
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "azurerm_private_endpoint" "vault" {
  for_each = local.regions

  name                = "${local.name}-${each.key}-vault"
  resource_group_name = azurerm_resource_group.region[each.key].name
  location            = each.key
  subnet_id           = module.networking[each.key].subnet_ids["data"]
  tags                = local.tags

  private_service_connection {
    name                           = "vault"
    private_connection_resource_id = azurerm_key_vault.unseal[each.key].id
    subresource_names              = ["vault"]
    is_manual_connection           = false
  }

  private_dns_zone_group {
    name                 = "vault"
    private_dns_zone_ids = [local.private_dns_zone_ids[each.key]["vault"]]
  }
}

resource "azurerm_monitor_diagnostic_setting" "vault" {
  for_each = local.regions

  name                       = "audit"
  target_resource_id         = azurerm_key_vault.unseal[each.key].id
  log_analytics_workspace_id = module.monitoring.log_analytics_workspace_id

  enabled_log {
    category = "AuditEvent"
  }
}
