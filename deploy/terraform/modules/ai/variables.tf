variable "name" {
  description = "Prefix of every name; the endpoint becomes https://NAME.openai.azure.com."
  type        = string
}

variable "resource_group_name" {
  description = "Where everything of this region is put."
  type        = string
}

variable "residency" {
  description = "Whose data is sent here: eu or us."
  type        = string
}

variable "location" {
  description = "Azure region of the account."
  type        = string

  validation {
    condition     = contains(module.residency.regions, var.location)
    error_message = "location ${var.location} is not in the residency ${var.residency}; it may be one of ${join(", ", module.residency.regions)}."
  }
}

variable "deployments" {
  description = "Model deployments, by name. capacity is in thousands of tokens a minute."
  type = map(object({
    model    = string
    version  = string
    sku      = string
    capacity = number
  }))

  validation {
    condition     = length(var.deployments) > 0
    error_message = "deployments must not be empty: without one, every call falls back to the local model."
  }

  validation {
    condition     = alltrue([for deployment in var.deployments : contains(module.residency.deployment_skus, deployment.sku)])
    error_message = "sku must be one of ${join(", ", module.residency.deployment_skus)}: a Global deployment is processed anywhere in the world."
  }

  validation {
    condition     = alltrue([for deployment in var.deployments : deployment.capacity > 0])
    error_message = "capacity must be above 0."
  }
}

variable "caller_principal_ids" {
  description = "Identities that may call the deployments, by a name of yours: the MCP server's, in each region."
  type        = map(string)
}

variable "subnet_ids" {
  description = "Subnets of the AI zones from which the account is reachable, by region."
  type        = map(string)
}

variable "private_dns_zone_ids" {
  description = "The zone privatelink.openai.azure.com of each of these regions' networks."
  type        = map(string)
}

variable "log_analytics_workspace_id" {
  description = "Where the account writes who called and what was refused; never what was said."
  type        = string
}

variable "tags" {
  description = "On every resource."
  type        = map(string)
}
