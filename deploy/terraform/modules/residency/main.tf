# Where data may be, by the residency that its tenants were promised: the one table. No resources.

locals {
  table = {
    eu = {
      # Members of the EU only: neither Norway, Switzerland nor the United Kingdom is inside Azure's EU data zone.
      regions    = ["swedencentral", "germanywestcentral", "westeurope", "northeurope", "francecentral", "polandcentral", "italynorth", "spaincentral"]
      processing = "eu"
    }
    us = {
      regions    = ["eastus2", "centralus", "westus3", "eastus", "southcentralus", "westus2"]
      processing = "us"
    }
  }

  # "Standard" is processed in its own region, "DataZoneStandard" within the data zone; "GlobalStandard" anywhere.
  deployment_skus = ["Standard", "DataZoneStandard", "ProvisionedManaged", "DataZoneProvisionedManaged"]
}
