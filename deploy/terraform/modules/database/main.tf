# PostgreSQL of one region: the primary with a synchronous standby in another zone, or the asynchronous replica of another region.

locals {
  is_replica = var.role == "replica"

  parameters = {
    # Without these, a lost connection goes unnoticed for minutes after a failover.
    "tcp_keepalives_idle"        = "30"
    "tcp_keepalives_interval"    = "10"
    "tcp_keepalives_count"       = "3"
    "max_connections"            = tostring(var.postgresql.max_connections)
    "require_secure_transport"   = "on"
    "log_checkpoints"            = "on"
    "log_connections"            = "on"
    "log_disconnections"         = "on"
    "connection_throttle.enable" = "on"
  }
}

resource "azurerm_postgresql_flexible_server" "this" {
  name                = var.name
  resource_group_name = var.resource_group_name
  location            = var.location

  create_mode      = local.is_replica ? "Replica" : "Default"
  source_server_id = local.is_replica ? var.source_server_id : null

  version           = local.is_replica ? null : var.postgresql.version
  sku_name          = var.postgresql.sku
  storage_mb        = var.postgresql.storage_mb
  auto_grow_enabled = true
  zone              = var.postgresql.zone

  # Backups and archived WAL: any second of the last days can be restored.
  backup_retention_days        = var.postgresql.retention_days
  geo_redundant_backup_enabled = local.is_replica ? false : var.postgresql.geo_redundant

  public_network_access_enabled = false

  administrator_login               = local.is_replica ? null : var.administrator.login
  administrator_password_wo         = local.is_replica ? null : var.administrator_password
  administrator_password_wo_version = local.is_replica ? null : var.administrator.password_version

  authentication {
    # Vault makes accounts that live for 30 days at most; people come through Entra.
    password_auth_enabled         = true
    active_directory_auth_enabled = true
    tenant_id                     = data.azurerm_client_config.current.tenant_id
  }

  dynamic "high_availability" {
    for_each = var.postgresql.zone_redundant && !local.is_replica ? [1] : []

    content {
      mode                      = "ZoneRedundant"
      standby_availability_zone = var.postgresql.standby_zone
    }
  }

  maintenance_window {
    day_of_week  = var.postgresql.maintenance_day
    start_hour   = var.postgresql.maintenance_start
    start_minute = 0
  }

  tags = var.tags

  lifecycle {
    prevent_destroy = true
    # After a failover the zones have changed places; a promoted replica has no source any more.
    ignore_changes = [zone, high_availability[0].standby_availability_zone, create_mode, source_server_id]
  }
}

data "azurerm_client_config" "current" {}

resource "azurerm_postgresql_flexible_server_configuration" "this" {
  for_each = local.parameters

  name      = each.key
  server_id = azurerm_postgresql_flexible_server.this.id
  value     = each.value
}

resource "azurerm_postgresql_flexible_server_database" "ledger" {
  # A replica brings the database along.
  count = local.is_replica ? 0 : 1

  name      = "mcp_server"
  server_id = azurerm_postgresql_flexible_server.this.id
  charset   = "UTF8"
  collation = "C.utf8"

  lifecycle {
    prevent_destroy = true
  }
}

resource "azurerm_private_endpoint" "postgresql" {
  name                = "${var.name}-postgresql"
  resource_group_name = var.resource_group_name
  location            = var.location
  subnet_id           = var.subnet_id
  tags                = var.tags

  private_service_connection {
    name                           = "postgresql"
    private_connection_resource_id = azurerm_postgresql_flexible_server.this.id
    subresource_names              = ["postgresqlServer"]
    is_manual_connection           = false
  }

  private_dns_zone_group {
    name                 = "postgresql"
    private_dns_zone_ids = [var.private_dns_zone_ids["postgresql"]]
  }
}

resource "azurerm_monitor_diagnostic_setting" "postgresql" {
  name                       = "logs"
  target_resource_id         = azurerm_postgresql_flexible_server.this.id
  log_analytics_workspace_id = var.log_analytics_workspace_id

  enabled_log {
    category_group = "allLogs"
  }
}
