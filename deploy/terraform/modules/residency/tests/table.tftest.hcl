# The table itself: who is in it, and that it cannot be left.

run "eu_is_the_union_only" {
  command = plan

  variables {
    residency = "eu"
  }

  assert {
    condition     = length(setintersection(output.regions, ["norwayeast", "switzerlandnorth", "uksouth", "eastus2"])) == 0
    error_message = "a region outside the European Union is in the row eu"
  }

  assert {
    condition     = output.processing == "eu"
    error_message = "the server would be told of another data zone"
  }
}

run "us_shares_no_region_with_eu" {
  command = plan

  variables {
    residency = "us"
  }

  assert {
    condition     = length(setintersection(output.regions, ["swedencentral", "germanywestcentral", "westeurope", "northeurope", "francecentral", "polandcentral", "italynorth", "spaincentral"])) == 0
    error_message = "a region is in both rows"
  }
}

run "no_deployment_leaves_the_zone" {
  command = plan

  variables {
    residency = "eu"
  }

  assert {
    condition     = alltrue([for sku in output.deployment_skus : !strcontains(lower(sku), "global")])
    error_message = "a Global deployment is processed anywhere"
  }
}

run "an_unknown_residency_is_refused" {
  command = plan

  variables {
    residency = "mars"
  }

  expect_failures = [var.residency]
}
