# Who the MCP server's pods are to Azure: no key is mounted for Azure OpenAI where workload identity is used.

resource "azurerm_user_assigned_identity" "mcp_server" {
  name                = "${var.name}-mcp-server"
  resource_group_name = var.resource_group_name
  location            = var.location
  tags                = var.tags
}

resource "azurerm_federated_identity_credential" "mcp_server" {
  name                      = "mcp-server"
  user_assigned_identity_id = azurerm_user_assigned_identity.mcp_server.id
  issuer                    = azurerm_kubernetes_cluster.this.oidc_issuer_url
  audience                  = ["api://AzureADTokenExchange"]
  subject                   = "system:serviceaccount:${var.mcp_server.namespace}:${var.mcp_server.service_account}"
}
