# The edge layer: CDN, WAF, protection against floods and the balancer between regions are one Front Door. It reaches the
# reverse proxies through private link, so that nothing behind it has a public address.

resource "azurerm_cdn_frontdoor_profile" "edge" {
  name                = "b2xgate-edge"
  resource_group_name = azurerm_resource_group.this.name
  sku_name            = "Premium_AzureFrontDoor"
  # A stream may be silent while a model thinks: the server's own longest wait and a little more.
  response_timeout_seconds = 240
  tags                     = local.tags

  # Neither query nor address: the edge's logs are kept longer than either may be.
  log_scrubbing_rule {
    match_variable = "QueryStringArgNames"
  }

  log_scrubbing_rule {
    match_variable = "RequestIPAddress"
  }
}

resource "azurerm_cdn_frontdoor_endpoint" "edge" {
  name                     = "b2xgate-${var.unique}"
  cdn_frontdoor_profile_id = azurerm_cdn_frontdoor_profile.edge.id
  tags                     = local.tags
}

resource "azurerm_cdn_frontdoor_origin_group" "regions" {
  name                     = "regions"
  cdn_frontdoor_profile_id = azurerm_cdn_frontdoor_profile.edge.id
  session_affinity_enabled = false
  # A region that comes back is not believed at once.
  restore_traffic_time_to_healed_or_new_endpoint_in_minutes = 10

  load_balancing {
    sample_size                 = 4
    successful_samples_required = 2
  }

  # Readiness, not liveness: a region that cannot answer must not be sent to. Two of four samples at 30 s: traffic has moved
  # after about a minute and a half, and no name has to expire for it.
  health_probe {
    interval_in_seconds = 30
    protocol            = "Https"
    path                = "/health/ready"
    request_type        = "GET"
  }
}

resource "azurerm_cdn_frontdoor_origin" "region" {
  for_each = var.origins

  name                           = each.key
  cdn_frontdoor_origin_group_id  = azurerm_cdn_frontdoor_origin_group.regions.id
  enabled                        = true
  host_name                      = each.value.host
  origin_host_header             = "api.${var.domain}"
  https_port                     = 443
  priority                       = each.value.priority
  weight                         = 500
  certificate_name_check_enabled = true

  private_link {
    location               = each.value.location
    private_link_target_id = each.value.private_link_id
    request_message        = "b2xgate-edge"
  }
}

resource "azurerm_cdn_frontdoor_custom_domain" "api" {
  name                     = "api"
  cdn_frontdoor_profile_id = azurerm_cdn_frontdoor_profile.edge.id
  dns_zone_id              = azurerm_dns_zone.this.id
  host_name                = "api.${var.domain}"

  tls {
    certificate_type = "ManagedCertificate"
  }
}

resource "azurerm_cdn_frontdoor_route" "api" {
  name                            = "api"
  cdn_frontdoor_endpoint_id       = azurerm_cdn_frontdoor_endpoint.edge.id
  cdn_frontdoor_origin_group_id   = azurerm_cdn_frontdoor_origin_group.regions.id
  cdn_frontdoor_origin_ids        = values(azurerm_cdn_frontdoor_origin.region)[*].id
  cdn_frontdoor_custom_domain_ids = [azurerm_cdn_frontdoor_custom_domain.api.id]
  patterns_to_match               = ["/*"]
  supported_protocols             = ["Https"]
  https_redirect_enabled          = false
  forwarding_protocol             = "HttpsOnly"
  link_to_default_domain          = false
}

resource "azurerm_dns_cname_record" "api" {
  name                = "api"
  zone_name           = azurerm_dns_zone.this.name
  resource_group_name = azurerm_resource_group.this.name
  ttl                 = 300
  record              = azurerm_cdn_frontdoor_endpoint.edge.host_name
  tags                = local.tags
}

resource "azurerm_dns_txt_record" "api" {
  # Proves to Front Door that the name is ours.
  name                = "_dnsauth.api"
  zone_name           = azurerm_dns_zone.this.name
  resource_group_name = azurerm_resource_group.this.name
  ttl                 = 300
  tags                = local.tags

  record {
    value = azurerm_cdn_frontdoor_custom_domain.api.validation_token
  }
}

resource "azurerm_cdn_frontdoor_firewall_policy" "edge" {
  name                       = "b2xgateedge"
  resource_group_name        = azurerm_resource_group.this.name
  sku_name                   = azurerm_cdn_frontdoor_profile.edge.sku_name
  mode                       = "Prevention"
  request_body_check_enabled = true
  tags                       = local.tags

  managed_rule {
    type    = "Microsoft_DefaultRuleSet"
    version = "2.1"
    action  = "Block"

    # Tickets and product texts hold anything, SQL and HTML too; the body of a tool call is data, and the server treats it so.
    exclusion {
      match_variable = "RequestBodyJsonArgNames"
      operator       = "StartsWith"
      selector       = "params.arguments"
    }
  }

  managed_rule {
    type    = "Microsoft_BotManagerRuleSet"
    version = "1.1"
    action  = "Block"
  }

  custom_rule {
    name                           = "RatePerAddress"
    type                           = "RateLimitRule"
    action                         = "Block"
    priority                       = 100
    rate_limit_duration_in_minutes = 1
    rate_limit_threshold           = var.rate_limit_per_minute

    match_condition {
      match_variable     = "SocketAddr"
      operator           = "IPMatch"
      negation_condition = true
      match_values       = ["192.0.2.0/24"]
    }
  }
}

resource "azurerm_cdn_frontdoor_security_policy" "edge" {
  name                     = "edge"
  cdn_frontdoor_profile_id = azurerm_cdn_frontdoor_profile.edge.id

  security_policies {
    firewall {
      cdn_frontdoor_firewall_policy_id = azurerm_cdn_frontdoor_firewall_policy.edge.id

      association {
        patterns_to_match = ["/*"]

        domain {
          cdn_frontdoor_domain_id = azurerm_cdn_frontdoor_custom_domain.api.id
        }
      }
    }
  }
}

resource "azurerm_monitor_diagnostic_setting" "edge" {
  count = var.log_analytics_workspace_id == null ? 0 : 1

  name                       = "logs"
  target_resource_id         = azurerm_cdn_frontdoor_profile.edge.id
  log_analytics_workspace_id = var.log_analytics_workspace_id

  enabled_log {
    category_group = "allLogs"
  }
}
