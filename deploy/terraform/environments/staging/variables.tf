# What differs between two owners of this repository; what differs between environments is in main.tf.

variable "subscription_id" {
  description = "Azure subscription of this environment."
  type        = string
}

variable "container_registry_id" {
  description = "Output of global."
  type        = string
}

variable "admin_group_ids" {
  description = "Entra groups that administer the clusters."
  type        = list(string)
}

variable "management_ssh_key" {
  description = "Public key for the management host."
  type        = string
}

variable "contacts" {
  description = "Who is told of alerts."
  type        = object({ pagerduty_url = optional(string), email = string })
}

variable "administrator_password" {
  description = "PostgreSQL's, for Vault; write-only. From TF_VAR_administrator_password, out of a password store."
  type        = string
  ephemeral   = true
  sensitive   = true
}
