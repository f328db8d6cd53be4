# The way out, for nodes (images of others, updates) and the management host. Nothing comes in this way.

resource "azurerm_public_ip" "egress" {
  name                = "${var.name}-egress"
  resource_group_name = var.resource_group_name
  location            = var.location
  allocation_method   = "Static"
  sku                 = "StandardV2"
  zones               = ["1", "2", "3"]
  tags                = var.tags
}

resource "azurerm_nat_gateway" "egress" {
  name                = "${var.name}-egress"
  resource_group_name = var.resource_group_name
  location            = var.location
  # StandardV2 spans zones; the older one lives in a single zone, and a lost zone would take the way out with it.
  sku_name = "StandardV2"
  tags     = var.tags
}

resource "azurerm_nat_gateway_public_ip_association" "egress" {
  nat_gateway_id       = azurerm_nat_gateway.egress.id
  public_ip_address_id = azurerm_public_ip.egress.id
}

resource "azurerm_subnet_nat_gateway_association" "egress" {
  for_each = toset(["application", "management"])

  subnet_id      = azurerm_subnet.zone[each.key].id
  nat_gateway_id = azurerm_nat_gateway.egress.id
}
