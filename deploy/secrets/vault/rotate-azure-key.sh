#!/bin/sh
# Rotates the key of Azure OpenAI when it is older than MAX_AGE_DAYS, without a moment without a good key: Azure has two, the one
# that nobody uses is made anew and put into Vault, and the pods read it within minutes. Run it every day; most days it does
# nothing. Wants AZURE_ACCOUNT, AZURE_GROUP and VAULT_ADDR, and the rights of policies/azure-key-rotation.hcl.
set -eu

: "${AZURE_ACCOUNT:?the name of the Azure OpenAI account}"
: "${AZURE_GROUP:?its resource group}"
: "${VAULT_ADDR:?the address of Vault}"
MAX_AGE_DAYS=${MAX_AGE_DAYS:-80}
SECRET=b2xgate/mcp-server/azure-openai

# One line each: when it was written, and which of the two keys it is. Nothing there yet: key 2, written long ago.
metadata=$(vault kv metadata get -mount=kv -format=json "$SECRET" 2>/dev/null) || metadata='{}'
field() { printf '%s' "$metadata" | tr -d ' \n' | sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }
written=$(field updated_time)
current=$(field key_name)
age_days=$((($(date +%s) - $(date -d "${written:-1970-01-01}" +%s)) / 86400))
if [ "$age_days" -lt "$MAX_AGE_DAYS" ]; then
    echo "the key is $age_days days old; nothing to do before $MAX_AGE_DAYS"
    exit 0
fi
case ${current:-key2} in
key1) next=key2 ;;
*) next=key1 ;;
esac

# Through a pipe: no key is ever an argument, which others on the machine could read.
az cognitiveservices account keys regenerate --name "$AZURE_ACCOUNT" --resource-group "$AZURE_GROUP" \
    --key-name "$next" --query "$next" --output tsv | vault kv put -mount=kv "$SECRET" api_key=-
vault kv metadata put -mount=kv -custom-metadata=key_name="$next" "$SECRET"
echo "$next is in use now; the other one stays good until its turn"
