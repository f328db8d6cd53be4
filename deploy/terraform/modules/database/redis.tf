# Redis of one region: limits, budgets, tasks and sessions that pods share. Losing it costs no ledger row.

resource "azurerm_managed_redis" "this" {
  count = var.redis_sku == null ? 0 : 1

  name                = var.name
  resource_group_name = var.resource_group_name
  location            = var.location
  sku_name            = var.redis_sku

  # Nodes in different zones, wherever the region has them.
  high_availability_enabled = true
  public_network_access     = "Disabled"

  default_database {
    # Identities instead of keys: what does not exist cannot lie in a state file.
    access_keys_authentication_enabled = false
    client_protocol                    = "Encrypted"
    clustering_policy                  = "EnterpriseCluster"
    # Budgets and sessions must not be thrown out silently to make room.
    eviction_policy            = "NoEviction"
    geo_replication_group_name = var.redis_geo_group
    # A group that replicates cannot persist as well; alone, a snapshot an hour bounds the loss.
    persistence_redis_database_backup_frequency = var.redis_geo_group == null ? "1h" : null
  }

  tags = var.tags
}

# Who may come in: the pods of this region, by their identity. It is their user there, with its object id as its name.
resource "azurerm_managed_redis_access_policy_assignment" "mcp_server" {
  count = var.redis_sku == null ? 0 : 1

  managed_redis_id = azurerm_managed_redis.this[0].id
  object_id        = var.mcp_server_principal_id
}

resource "azurerm_private_endpoint" "redis" {
  count = var.redis_sku == null ? 0 : 1

  name                = "${var.name}-redis"
  resource_group_name = var.resource_group_name
  location            = var.location
  subnet_id           = var.subnet_id
  tags                = var.tags

  private_service_connection {
    name                           = "redis"
    private_connection_resource_id = azurerm_managed_redis.this[0].id
    subresource_names              = ["redisEnterprise"]
    is_manual_connection           = false
  }

  private_dns_zone_group {
    name                 = "redis"
    private_dns_zone_ids = [var.private_dns_zone_ids["redis"]]
  }
}
