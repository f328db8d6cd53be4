variable "subscription_id" {
  description = "Azure subscription of what all environments share."
  type        = string
}

variable "location" {
  description = "Region of the registry and of the states."
  type        = string
  default     = "swedencentral"
}

variable "replica_location" {
  description = "Second region of the registry: images must be there when the first region is not."
  type        = string
  default     = "germanywestcentral"

  validation {
    condition     = var.replica_location != var.location
    error_message = "replica_location must differ from location."
  }
}

variable "domain" {
  description = "The platform's domain, such as example.com; the edge answers for api.DOMAIN."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9-]+(\\.[a-z0-9-]+)+$", var.domain))
    error_message = "domain must be a domain name such as example.com."
  }
}

variable "unique" {
  description = "A few letters and digits of yours that make names unique in the world."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]{3,8}$", var.unique))
    error_message = "unique must be 3 to 8 small letters and digits."
  }
}

variable "origins" {
  description = "Private link services of the reverse proxies, in the order in which they are used; null before the clusters exist."
  type = map(object({
    priority        = number
    location        = string
    host            = string
    private_link_id = string
  }))
  default = {}

  validation {
    condition     = length(distinct([for origin in var.origins : origin.priority])) == length(var.origins)
    error_message = "origins must have different priorities: 1 is used, 2 stands by."
  }
}

variable "rate_limit_per_minute" {
  description = "Requests of one address in a minute beyond which the edge refuses; tenants' own limits are the server's."
  type        = number
  default     = 3000
}

variable "log_analytics_workspace_id" {
  description = "Where the edge writes its logs: production's workspace."
  type        = string
  default     = null
}

variable "bootstrap" {
  description = "True for the very first runs, from outside: the states' storage is open to the internet (to Entra's identities only) until a host inside exists."
  type        = bool
  default     = false
}
