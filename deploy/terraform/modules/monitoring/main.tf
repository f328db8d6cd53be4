# Eyes on what Azure runs for us. What runs in the cluster is watched by Prometheus: deploy/observability.

resource "azurerm_log_analytics_workspace" "this" {
  name                         = var.name
  resource_group_name          = var.resource_group_name
  location                     = var.location
  sku                          = "PerGB2018"
  retention_in_days            = var.retention_days
  local_authentication_enabled = false
  tags                         = var.tags
}

resource "azurerm_monitor_action_group" "critical" {
  name                = "${var.name}-critical"
  resource_group_name = var.resource_group_name
  short_name          = "critical"
  tags                = var.tags

  email_receiver {
    name                    = "on-call"
    email_address           = var.contacts.email
    use_common_alert_schema = true
  }

  dynamic "webhook_receiver" {
    for_each = var.contacts.pagerduty_url == null ? [] : [var.contacts.pagerduty_url]

    content {
      name                    = "pagerduty"
      service_uri             = webhook_receiver.value
      use_common_alert_schema = true
    }
  }
}

resource "azurerm_monitor_action_group" "warning" {
  name                = "${var.name}-warning"
  resource_group_name = var.resource_group_name
  short_name          = "warning"
  tags                = var.tags

  email_receiver {
    name                    = "team"
    email_address           = var.contacts.email
    use_common_alert_schema = true
  }
}

locals {
  # Severity 1 calls someone, 2 writes to someone. Thresholds are those of the alerting and recovery tables.
  postgresql_alerts = {
    disk-space = {
      metric      = "storage_percent"
      aggregation = "Average"
      threshold   = 85
      severity    = 2
      text        = "PostgreSQL's disk is more than 85 % full."
      regions     = toset(keys(var.postgresql_ids))
    }
    connection-pool = {
      metric      = "active_connections"
      aggregation = "Average"
      threshold   = floor(0.8 * var.max_connections)
      severity    = 2
      text        = "More than 80 % of PostgreSQL's connections are taken."
      regions     = toset(keys(var.postgresql_ids))
    }
    replication-lag = {
      metric      = "physical_replication_delay_in_seconds"
      aggregation = "Maximum"
      # Half of the minute that a lost region may cost.
      threshold = 30
      severity  = 1
      text      = "The replica is more than 30 s behind: losing the region now might lose more than a minute."
      regions   = var.replica_regions
    }
  }

  postgresql_watches = merge([
    for alert, spec in local.postgresql_alerts : {
      for region in spec.regions : "${alert}-${region}" => merge(spec, { scope = var.postgresql_ids[region] })
    }
  ]...)
}

resource "azurerm_monitor_metric_alert" "postgresql" {
  for_each = local.postgresql_watches

  name                = "${var.name}-${each.key}"
  resource_group_name = var.resource_group_name
  scopes              = [each.value.scope]
  description         = each.value.text
  severity            = each.value.severity
  frequency           = "PT1M"
  window_size         = "PT5M"
  tags                = var.tags

  criteria {
    metric_namespace = "Microsoft.DBforPostgreSQL/flexibleServers"
    metric_name      = each.value.metric
    aggregation      = each.value.aggregation
    operator         = "GreaterThan"
    threshold        = each.value.threshold
  }

  action {
    action_group_id = each.value.severity == 1 ? azurerm_monitor_action_group.critical.id : azurerm_monitor_action_group.warning.id
  }
}

resource "azurerm_consumption_budget_subscription" "this" {
  name            = var.name
  subscription_id = "/subscriptions/${var.subscription_id}"
  amount          = var.monthly_budget
  time_grain      = "Monthly"

  # Every region of the environment, and nobody else's.
  filter {
    tag {
      name   = "environment"
      values = [var.tags["environment"]]
    }
  }

  time_period {
    start_date = "${var.budget_start}T00:00:00Z"
  }

  notification {
    operator       = "GreaterThan"
    threshold      = 80
    threshold_type = "Forecasted"
    contact_groups = [azurerm_monitor_action_group.warning.id]
  }

  notification {
    operator       = "GreaterThan"
    threshold      = 100
    threshold_type = "Actual"
    contact_groups = [azurerm_monitor_action_group.critical.id]
  }
}
