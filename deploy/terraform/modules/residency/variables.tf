variable "residency" {
  description = "Whose law the data is under: eu or us."
  type        = string

  validation {
    condition     = contains(["eu", "us"], var.residency)
    error_message = "residency must be eu or us: add a row to modules/residency before promising another one."
  }
}
