variable "name" {
  description = "Prefix of every name."
  type        = string
}

variable "resource_group_name" {
  description = "Where everything of this region is put."
  type        = string
}

variable "location" {
  description = "Azure region."
  type        = string
}

variable "role" {
  description = "primary, or replica: one that follows the server of another region."
  type        = string

  validation {
    condition     = contains(["primary", "replica"], var.role)
    error_message = "role must be primary or replica."
  }
}

variable "source_server_id" {
  description = "The server that a replica follows; null for a primary."
  type        = string
  default     = null
}

variable "postgresql" {
  description = "Size of the server. A standby in another zone is what a lost zone is survived with."
  type = object({
    version           = string
    sku               = string
    storage_mb        = number
    zone_redundant    = bool
    retention_days    = number
    geo_redundant     = bool
    max_connections   = number
    zone              = optional(string, "1")
    standby_zone      = optional(string, "2")
    maintenance_day   = optional(number, 0)
    maintenance_start = optional(number, 2)
  })

  validation {
    condition     = !var.postgresql.zone_redundant || var.postgresql.zone != var.postgresql.standby_zone
    error_message = "postgresql.standby_zone must differ from postgresql.zone: one lost zone would take both."
  }

  validation {
    condition     = var.postgresql.retention_days >= 7 && var.postgresql.retention_days <= 35
    error_message = "postgresql.retention_days must be 7 to 35: Azure keeps no more, and point-in-time recovery needs some."
  }

  validation {
    condition     = !var.postgresql.zone_redundant || !startswith(var.postgresql.sku, "B_")
    error_message = "postgresql.sku is burstable: Azure offers no standby for it; take GP_ or MO_, or set zone_redundant to false."
  }
}

variable "administrator" {
  description = "The login that Vault's database engine makes short-lived users with. version goes up by one to change the password."
  type        = object({ login = string, password_version = number })
}

variable "administrator_password" {
  description = "Handed to Azure and forgotten: write-only, in no plan and no state. From TF_VAR_administrator_password."
  type        = string
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = length(var.administrator_password) >= 24
    error_message = "administrator_password must have 24 characters or more; let a password generator make it."
  }
}

variable "redis_sku" {
  description = "Size of Azure Managed Redis; null for none of it in this region."
  type        = string
}

variable "redis_geo_group" {
  description = "Name of the group of Redis instances that hold the same data; null where there is one region."
  type        = string
  default     = null
}

variable "mcp_server_principal_id" {
  description = "Object id of the identity of this region's MCP server: whom Redis lets in."
  type        = string
}

variable "subnet_id" {
  description = "The data zone's subnet."
  type        = string
}

variable "private_dns_zone_ids" {
  description = "Zones of the private endpoints: postgresql, redis, blob, vault."
  type        = map(string)
}

variable "log_analytics_workspace_id" {
  description = "Where the servers write their logs."
  type        = string
}

variable "backup_replication" {
  description = "How the backup storage of this region is kept: ZRS, three zones; LRS where that is not worth it."
  type        = string
  default     = "ZRS"

  validation {
    condition     = contains(["ZRS", "LRS"], var.backup_replication)
    error_message = "backup_replication must be ZRS or LRS: geo-replication to Azure's choice of region would leave the residency table out."
  }
}

variable "tags" {
  description = "On every resource."
  type        = map(string)
}
