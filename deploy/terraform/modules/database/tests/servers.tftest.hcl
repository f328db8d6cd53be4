# Primary with a standby in another zone; a replica follows; nothing has a public address or a key.

mock_provider "azurerm" {}

variables {
  role                       = "primary"
  name                       = "b2xgate-test-swedencentral"
  resource_group_name        = "test"
  location                   = "swedencentral"
  postgresql                 = { version = "16", sku = "GP_Standard_D8ds_v5", storage_mb = 524288, zone_redundant = true, retention_days = 35, geo_redundant = true, max_connections = 800 }
  administrator              = { login = "vault_root", password_version = 1 }
  administrator_password     = "long-enough-for-the-test-only"
  redis_sku                  = "Balanced_B10"
  mcp_server_principal_id    = "99999999-aaaa-bbbb-cccc-dddddddddddd"
  subnet_id                  = "/subnets/data"
  private_dns_zone_ids       = { postgresql = "/zones/p", redis = "/zones/r", blob = "/zones/b", vault = "/zones/v" }
  log_analytics_workspace_id = "/workspaces/test"
  tags                       = { environment = "test" }
}

run "the_primary_has_a_standby_in_another_zone" {
  command = plan

  assert {
    condition = (
      azurerm_postgresql_flexible_server.this.create_mode == "Default"
      && azurerm_postgresql_flexible_server.this.high_availability[0].mode == "ZoneRedundant"
      && azurerm_postgresql_flexible_server.this.high_availability[0].standby_availability_zone != azurerm_postgresql_flexible_server.this.zone
    )
    error_message = "one lost zone would take primary and standby"
  }

  assert {
    condition     = azurerm_postgresql_flexible_server.this.backup_retention_days == 35 && azurerm_postgresql_flexible_server.this.geo_redundant_backup_enabled
    error_message = "backups are shorter or nearer than asked for"
  }
}

run "nothing_is_public_and_nothing_has_a_key" {
  command = plan

  assert {
    condition = (
      !azurerm_postgresql_flexible_server.this.public_network_access_enabled
      && azurerm_managed_redis.this[0].public_network_access == "Disabled"
      && !azurerm_managed_redis.this[0].default_database[0].access_keys_authentication_enabled
      && !azurerm_storage_account.backup.public_network_access_enabled
      && !azurerm_storage_account.backup.shared_access_key_enabled
    )
    error_message = "a data store is public or has a key"
  }

  assert {
    condition     = azurerm_managed_redis.this[0].default_database[0].client_protocol == "Encrypted" && azurerm_managed_redis.this[0].high_availability_enabled
    error_message = "Redis talks in the clear, or stands alone"
  }
}

run "redis_lets_the_server_in_by_its_identity" {
  command = plan

  assert {
    condition     = one(azurerm_managed_redis_access_policy_assignment.mcp_server[*].object_id) == "99999999-aaaa-bbbb-cccc-dddddddddddd"
    error_message = "Redis has no keys, and nobody's identity is let in"
  }
}

run "without_redis_nobody_is_let_in" {
  command = plan

  variables {
    redis_sku = null
  }

  assert {
    condition     = length(azurerm_managed_redis_access_policy_assignment.mcp_server) == 0
    error_message = "somebody is let into a Redis that is not there"
  }
}

run "the_password_is_in_no_state" {
  command = plan

  assert {
    condition     = azurerm_postgresql_flexible_server.this.administrator_password_wo == null
    error_message = "the password was written to the state"
  }

  assert {
    condition     = azurerm_postgresql_flexible_server.this.administrator_password_wo_version == 1
    error_message = "without a version, the password can never be changed"
  }
}

run "backups_grow_cold_after_thirty_days_except_snapshots" {
  command = plan

  assert {
    condition = (
      azurerm_storage_management_policy.backup.rule[0].actions[0].base_blob[0].tier_to_archive_after_days_since_modification_greater_than == 30
      && !contains(azurerm_storage_management_policy.backup.rule[0].filters[0].prefix_match, "elasticsearch/")
    )
    error_message = "the wrong backups are archived, or at the wrong time"
  }

  assert {
    condition     = can(regex("^[a-z0-9]{3,24}$", azurerm_storage_account.backup.name))
    error_message = "Azure would refuse the account's name"
  }
}

run "a_replica_follows" {
  command = plan

  variables {
    role             = "replica"
    name             = "b2xgate-test-germanywestcentral"
    location         = "germanywestcentral"
    source_server_id = "/servers/primary"
    redis_geo_group  = "b2xgate-test"
  }

  assert {
    condition = (
      azurerm_postgresql_flexible_server.this.create_mode == "Replica"
      && azurerm_postgresql_flexible_server.this.source_server_id == "/servers/primary"
      && length(azurerm_postgresql_flexible_server.this.high_availability) == 0
      && length(azurerm_postgresql_flexible_server_database.ledger) == 0
    )
    error_message = "the replica is a server of its own"
  }

  assert {
    condition     = azurerm_managed_redis.this[0].default_database[0].geo_replication_group_name == "b2xgate-test"
    error_message = "Redis of the two regions would not be one group"
  }
}

run "both_in_one_zone_is_refused" {
  command = plan

  variables {
    postgresql = { version = "16", sku = "GP_Standard_D8ds_v5", storage_mb = 524288, zone_redundant = true, retention_days = 35, geo_redundant = true, max_connections = 800, zone = "2", standby_zone = "2" }
  }

  expect_failures = [var.postgresql]
}

run "a_standby_for_a_burstable_server_is_refused" {
  command = plan

  variables {
    postgresql = { version = "16", sku = "B_Standard_B2ms", storage_mb = 32768, zone_redundant = true, retention_days = 7, geo_redundant = false, max_connections = 100 }
  }

  expect_failures = [var.postgresql]
}

run "a_day_of_backups_is_refused" {
  command = plan

  variables {
    postgresql = { version = "16", sku = "GP_Standard_D2ds_v5", storage_mb = 32768, zone_redundant = false, retention_days = 1, geo_redundant = false, max_connections = 100 }
  }

  expect_failures = [var.postgresql]
}

run "geo_replicated_backup_storage_is_refused" {
  command = plan

  variables {
    backup_replication = "GRS"
  }

  expect_failures = [var.backup_replication]
}

run "a_short_password_is_refused" {
  command = plan

  variables {
    administrator_password = "short"
  }

  expect_failures = [var.administrator_password]
}

run "a_role_that_is_none_is_refused" {
  command = plan

  variables {
    role = "leader"
  }

  expect_failures = [var.role]
}
