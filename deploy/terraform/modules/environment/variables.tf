variable "environment" {
  description = "production, staging or development."
  type        = string

  validation {
    condition     = contains(["production", "staging", "development"], var.environment)
    error_message = "environment must be production, staging or development."
  }
}

variable "subscription_id" {
  description = "Azure subscription; one an environment keeps their quotas and rights apart."
  type        = string
}

variable "residency" {
  description = "Whose tenants are served here: eu or us. Another residency is another environment, with a state of its own."
  type        = string
}

variable "location" {
  description = "Primary region."
  type        = string

  validation {
    condition     = contains(module.residency.regions, var.location)
    error_message = "location ${var.location} is not in the residency ${var.residency}; it may be one of ${join(", ", module.residency.regions)}."
  }
}

variable "dr_location" {
  description = "Region that takes over when the primary is lost; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.dr_location == null || contains(module.residency.regions, coalesce(var.dr_location, "none"))
    error_message = "dr_location must be one of ${join(", ", module.residency.regions)}: tenants of the residency ${var.residency} fail over within it."
  }

  validation {
    condition     = var.dr_location != var.location
    error_message = "dr_location must differ from location: it is for the day on which that region is lost."
  }
}

variable "address_spaces" {
  description = "A /16 for each region."
  type        = map(string)

  validation {
    condition     = toset(keys(var.address_spaces)) == toset([for region in [var.location, var.dr_location] : region if region != null])
    error_message = "address_spaces must have exactly the keys location and, where there is one, dr_location."
  }

  validation {
    condition     = length(distinct(values(var.address_spaces))) == length(var.address_spaces)
    error_message = "address_spaces must not repeat: the networks are peered."
  }
}

variable "cluster" {
  description = "The Kubernetes cluster: size of its nodes, how many of them, and how few in the waiting region."
  type = object({
    version        = string
    node_size      = string
    nodes          = object({ min = number, max = number })
    dr_nodes       = optional(object({ min = number, max = number }))
    zones          = optional(list(string), ["1", "2", "3"])
    spot_nodes_max = optional(number, 0)
  })

  validation {
    condition     = var.dr_location == null || var.cluster.dr_nodes != null
    error_message = "cluster.dr_nodes is missing: say how far the cluster in ${coalesce(var.dr_location, "the other region")} is scaled down."
  }

  validation {
    condition     = var.cluster.dr_nodes == null || try(var.cluster.dr_nodes.max >= var.cluster.nodes.min, false)
    error_message = "cluster.dr_nodes.max is below cluster.nodes.min: the waiting region could not carry what the primary carries at rest."
  }
}

variable "database" {
  description = "PostgreSQL and Redis; see modules/database."
  type = object({
    version         = string
    sku             = string
    storage_mb      = number
    zone_redundant  = bool
    retention_days  = number
    geo_redundant   = bool
    max_connections = number
    redis_sku       = string
    backup          = optional(string, "ZRS")
  })
}

variable "ai" {
  description = "Azure OpenAI accounts: region, and in it deployments. Equal models in two regions are equal peers to the server."
  type = map(map(object({
    model    = string
    version  = string
    sku      = string
    capacity = number
  })))
}

variable "administrator" {
  description = "PostgreSQL's administrator, for Vault; see modules/database."
  type        = object({ login = string, password_version = number })
}

variable "administrator_password" {
  description = "Write-only: in no plan and no state. From TF_VAR_administrator_password."
  type        = string
  ephemeral   = true
  sensitive   = true
}

variable "admin_group_ids" {
  description = "Entra groups that administer clusters and hosts."
  type        = list(string)
}

variable "management_ssh_key" {
  description = "Public key of whoever sets up the management host, which is reached through Azure Bastion only."
  type        = string

  validation {
    condition     = can(regex("^(ssh-ed25519|ssh-rsa) [A-Za-z0-9+/=]+", var.management_ssh_key))
    error_message = "management_ssh_key must be a public key such as \"ssh-ed25519 AAAA...\"."
  }
}

variable "container_registry_id" {
  description = "From global."
  type        = string
}

variable "logs_retention_days" {
  description = "How long logs are kept at hand."
  type        = number
}

variable "contacts" {
  description = "Who is told; see modules/monitoring."
  type        = object({ pagerduty_url = optional(string), email = string })
}

variable "budget" {
  description = "A month's money, and from when."
  type        = object({ amount = number, start = string })
}
