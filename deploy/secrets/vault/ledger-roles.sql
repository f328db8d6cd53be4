-- The two lasting roles of the ledger. Nobody logs in as one of them: Vault makes accounts that act as one, and end.
-- Once, by the account that Vault will use, in the database of the ledger; harmless to run again.
DO $$
BEGIN
    -- Owns the tables. The job that migrates acts as it.
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'mcp_owner') THEN
        CREATE ROLE mcp_owner NOLOGIN;
    END IF;
    -- Adds rows, and reads those of one tenant at a time. Servers act as it; what it may is in the migrations.
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'mcp_server') THEN
        CREATE ROLE mcp_server NOLOGIN;
    END IF;
END
$$;
GRANT USAGE, CREATE ON SCHEMA public TO mcp_owner;
