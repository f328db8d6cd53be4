#!/bin/sh
# Lays out Vault for the MCP server: engines, policies, roles. Harmless to run again. Wants VAULT_ADDR and a token that may
# configure Vault; DATABASE_URL and DATABASE_USER for the account that makes accounts (its password is asked for by Vault's own file).
set -eu

cd "$(dirname "$0")"
: "${VAULT_ADDR:?name the address of Vault, for example https://vault.b2x-management.svc:8200}"
: "${DATABASE_URL:?how Vault reaches PostgreSQL, with its own places for user and password; README.md has an example}"
: "${DATABASE_USER:?the account that may make accounts}"
: "${DATABASE_PASSWORD_FILE:?the file with its password; Vault changes the password at once}"

enable() { # `secrets` or `auth`, type, path
    if ! vault "$1" list -format=json | grep -q "\"$3/\""; then
        vault "$1" enable -path="$3" "$2"
    fi
}

# Who asked for what, before anything is answered.
if ! vault audit list -format=json | grep -q '"file/"'; then
    vault audit enable file file_path=stdout
fi
enable auth kubernetes kubernetes
enable secrets kv-v2 kv
enable secrets database database
enable secrets pki pki
enable secrets transit transit

for policy in mcp-server mcp-server-migration cert-manager azure-key-rotation; do
    vault policy write "$policy" "policies/$policy.hcl"
done

vault write auth/kubernetes/config kubernetes_host=https://kubernetes.default.svc
vault write auth/kubernetes/role/mcp-server @roles/kubernetes-mcp-server.json
vault write auth/kubernetes/role/mcp-server-migration @roles/kubernetes-mcp-server-migration.json
vault write auth/kubernetes/role/cert-manager @roles/kubernetes-cert-manager.json

if ! vault read database/config/b2xgate >/dev/null 2>&1; then
    vault write database/config/b2xgate plugin_name=postgresql-database-plugin allowed_roles=mcp-server,mcp-server-owner \
        connection_url="$DATABASE_URL" username="$DATABASE_USER" password=@"$DATABASE_PASSWORD_FILE"
    # From now on Vault alone knows it.
    vault write -force database/rotate-root/b2xgate
fi
vault write database/roles/mcp-server @roles/database-mcp-server.json
vault write database/roles/mcp-server-owner @roles/database-mcp-server-owner.json

# The authority of the platform: made once, its key never leaves Vault.
vault secrets tune -max-lease-ttl=87600h pki
if ! vault read pki/cert/ca >/dev/null 2>&1; then
    authority=pki/root
    vault write "$authority"/generate/internal common_name="B2XGate services" key_type=ec key_bits=384 ttl=87600h
fi
vault write pki/roles/b2xgate-services @roles/pki-b2xgate-services.json

if ! vault read transit/keys/mcp-server >/dev/null 2>&1; then
    vault write transit/keys/mcp-server @roles/transit-mcp-server.json
fi
