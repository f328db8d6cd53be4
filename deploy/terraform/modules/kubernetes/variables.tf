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

variable "zones" {
  description = "Availability zones that nodes are spread over."
  type        = list(string)
  default     = ["1", "2", "3"]

  validation {
    condition     = length(var.zones) == length(distinct(var.zones)) && length(var.zones) > 0
    error_message = "zones must name each zone once, and at least one."
  }
}

variable "kubernetes_version" {
  description = "Minor version; the patch follows Azure's channel. 1.35 has in-place resize, which the VPA uses."
  type        = string

  validation {
    condition     = can(regex("^1\\.(3[5-9]|[4-9][0-9])$", var.kubernetes_version))
    error_message = "kubernetes_version must be a minor version such as 1.35 or newer: the VPA resizes pods in place."
  }
}

variable "node_size" {
  description = "Size of a node, as the resource tiers say."
  type        = string
}

variable "nodes" {
  description = "Bounds of the pool that carries gateways, workers and the MCP server."
  type        = object({ min = number, max = number })

  validation {
    condition     = var.nodes.min >= 1 && var.nodes.min <= var.nodes.max
    error_message = "nodes.min must be at least 1 and not above nodes.max."
  }
}

variable "spot_nodes_max" {
  description = "Largest number of spot nodes for workers; 0 for none."
  type        = number
  default     = 0
}

variable "subnet_id" {
  description = "The application zone's subnet."
  type        = string
}

variable "admin_group_ids" {
  description = "Entra groups whose members administer the cluster."
  type        = list(string)

  validation {
    condition     = length(var.admin_group_ids) > 0
    error_message = "admin_group_ids must name a group: local accounts are off, so nobody else could enter."
  }
}

variable "private_dns_zone_id" {
  description = "The zone of private API servers in this region, linked to the networks that administer them."
  type        = string
}

variable "container_registry_id" {
  description = "Registry that nodes may pull from."
  type        = string
}

variable "log_analytics_workspace_id" {
  description = "Where the control plane writes its audit log."
  type        = string
}

variable "tags" {
  description = "On every resource."
  type        = map(string)
}

variable "mcp_server" {
  description = "Namespace and service account of the MCP server's pods, as deploy/kubernetes names them."
  type        = object({ namespace = string, service_account = string })
  default     = { namespace = "b2x-application", service_account = "mcp-server" }
}
