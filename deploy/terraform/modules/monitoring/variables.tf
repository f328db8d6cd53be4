variable "name" {
  description = "Prefix of every name."
  type        = string
}

variable "resource_group_name" {
  description = "Where everything of this environment is put."
  type        = string
}

variable "subscription_id" {
  description = "Whose costs the budget looks at."
  type        = string
}

variable "location" {
  description = "Azure region; logs hold personal data, so it is one of the residency's."
  type        = string
}

variable "retention_days" {
  description = "How long logs are kept at hand."
  type        = number

  validation {
    condition     = var.retention_days >= 30 && var.retention_days <= 730
    error_message = "retention_days must be 30 to 730, as Azure offers."
  }
}

variable "contacts" {
  description = "Who is told: a PagerDuty integration URL for what is critical (null for none), an address for warnings."
  type        = object({ pagerduty_url = optional(string), email = string })

  validation {
    condition     = can(regex("^[^@ ]+@[^@ ]+$", var.contacts.email))
    error_message = "contacts.email must be an e-mail address."
  }
}

variable "postgresql_ids" {
  description = "PostgreSQL servers, by region."
  type        = map(string)
}

variable "replica_regions" {
  description = "Regions whose PostgreSQL follows another."
  type        = set(string)
  default     = []
}

variable "max_connections" {
  description = "Of each PostgreSQL server; the alert is at 80 % of it."
  type        = number
}

variable "monthly_budget" {
  description = "In the currency of the subscription."
  type        = number
}

variable "budget_start" {
  description = "First day of the month from which the budget counts, such as 2026-01-01."
  type        = string

  validation {
    condition     = can(regex("^20[0-9]{2}-(0[1-9]|1[0-2])-01$", var.budget_start))
    error_message = "budget_start must be the first day of a month, such as 2026-01-01."
  }
}

variable "tags" {
  description = "On every resource. environment is what the budget filters by."
  type        = map(string)

  validation {
    condition     = contains(keys(var.tags), "environment")
    error_message = "tags must have the key environment: the budget filters by it."
  }
}
