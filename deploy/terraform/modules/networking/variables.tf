variable "name" {
  description = "Prefix of every name, such as b2xgate-production-swedencentral."
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

variable "address_space" {
  description = "The network's /16. Regions of one environment must not overlap: they are peered."
  type        = string

  validation {
    condition     = can(cidrhost(var.address_space, 0)) && endswith(var.address_space, "/16")
    error_message = "address_space must be a /16 such as 10.10.0.0/16."
  }
}

variable "log_analytics_workspace_id" {
  description = "Where the network security groups write their events."
  type        = string
}

variable "tags" {
  description = "On every resource."
  type        = map(string)
}
