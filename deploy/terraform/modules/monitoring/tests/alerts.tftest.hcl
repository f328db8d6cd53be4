# Thresholds of the alerting and recovery tables, where Azure measures them.

mock_provider "azurerm" {}

variables {
  name                = "b2xgate-test"
  resource_group_name = "test"
  subscription_id     = "00000000-0000-0000-0000-000000000000"
  location            = "swedencentral"
  retention_days      = 90
  contacts            = { email = "team@example.com" }
  postgresql_ids      = { swedencentral = "/servers/primary", germanywestcentral = "/servers/replica" }
  replica_regions     = ["germanywestcentral"]
  max_connections     = 800
  monthly_budget      = 1000
  budget_start        = "2026-01-01"
  tags                = { environment = "test" }
}

run "thresholds" {
  command = plan

  assert {
    condition     = azurerm_monitor_metric_alert.postgresql["disk-space-swedencentral"].criteria[0].threshold == 85
    error_message = "disk space: the alerting table says 85 %"
  }

  assert {
    condition     = azurerm_monitor_metric_alert.postgresql["connection-pool-swedencentral"].criteria[0].threshold == 640
    error_message = "connections: the alerting table says 80 %"
  }

  assert {
    condition     = azurerm_monitor_metric_alert.postgresql["replication-lag-germanywestcentral"].criteria[0].threshold < 60
    error_message = "replication lag: a lost region may cost a minute, so the alert must come before"
  }

  assert {
    condition     = length(azurerm_monitor_metric_alert.postgresql) == 5
    error_message = "the lag of a server that follows nobody is watched, or a server is not watched"
  }
}

run "pagerduty_only_where_given" {
  command = plan

  assert {
    condition     = length(azurerm_monitor_action_group.critical.webhook_receiver) == 0
    error_message = "a webhook without a URL"
  }
}

run "a_budget_from_the_middle_of_a_month_is_refused" {
  command = plan

  variables {
    budget_start = "2026-01-15"
  }

  expect_failures = [var.budget_start]
}

run "an_address_that_is_none_is_refused" {
  command = plan

  variables {
    contacts = { email = "the team" }
  }

  expect_failures = [var.contacts]
}

run "logs_for_a_week_are_refused" {
  command = plan

  variables {
    retention_days = 7
  }

  expect_failures = [var.retention_days]
}

run "tags_without_an_environment_are_refused" {
  command = plan

  variables {
    tags = {}
  }

  expect_failures = [var.tags]
}
