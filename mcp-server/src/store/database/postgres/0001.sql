-- What calls took, for whoever pays.
CREATE TABLE mcp_ledger (
    id TEXT NOT NULL PRIMARY KEY,
    at_ms BIGINT NOT NULL,
    tenant TEXT NOT NULL,
    principal TEXT NOT NULL,
    tool TEXT NOT NULL,
    backend TEXT,
    model TEXT,
    input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    cost_nanos BIGINT NOT NULL,
    currency TEXT,
    outcome TEXT NOT NULL,
    code TEXT,
    degraded BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    trace_id TEXT
);
CREATE INDEX mcp_ledger_by_tenant ON mcp_ledger (tenant, at_ms);
CREATE INDEX mcp_ledger_by_time ON mcp_ledger (at_ms);

-- Who was let do what. Rows are only added; an erasure puts a pseudonym in the place of a name, and nothing else.
CREATE TABLE mcp_audit (
    id TEXT NOT NULL PRIMARY KEY,
    at_ms BIGINT NOT NULL,
    tenant TEXT NOT NULL,
    principal TEXT NOT NULL,
    proof TEXT NOT NULL,
    client TEXT,
    tool TEXT NOT NULL,
    arguments_sha256 TEXT NOT NULL,
    decision TEXT NOT NULL,
    trace_id TEXT
);
CREATE INDEX mcp_audit_by_tenant ON mcp_audit (tenant, at_ms);

CREATE FUNCTION mcp_audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.principal LIKE 'erased-%' AND NEW.client IS NULL
        AND (OLD.id, OLD.at_ms, OLD.tenant, OLD.proof, OLD.tool, OLD.arguments_sha256, OLD.decision, OLD.trace_id)
            IS NOT DISTINCT FROM
            (NEW.id, NEW.at_ms, NEW.tenant, NEW.proof, NEW.tool, NEW.arguments_sha256, NEW.decision, NEW.trace_id)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the audit trail is append-only';
END
$$;
CREATE TRIGGER mcp_audit_stays BEFORE UPDATE OR DELETE ON mcp_audit
    FOR EACH ROW EXECUTE FUNCTION mcp_audit_stays();
CREATE FUNCTION mcp_audit_keeps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only';
END
$$;
CREATE TRIGGER mcp_audit_keeps BEFORE TRUNCATE ON mcp_audit
    FOR EACH STATEMENT EXECUTE FUNCTION mcp_audit_keeps();

-- Receipts of erasures.
CREATE TABLE mcp_erasures (
    id TEXT NOT NULL PRIMARY KEY,
    at_ms BIGINT NOT NULL,
    tenant TEXT NOT NULL,
    subject_sha256 TEXT,
    pseudonym TEXT NOT NULL,
    ledger_rows BIGINT NOT NULL,
    audit_rows BIGINT NOT NULL
);

-- What is spent, summed up: a server has to know it of every tenant, and nothing else of any.
CREATE FUNCTION mcp_spent(today_ms BIGINT, month_ms BIGINT)
    RETURNS TABLE (tenant TEXT, today BIGINT, this_month BIGINT)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT l.tenant,
        CAST(COALESCE(SUM(l.cost_nanos) FILTER (WHERE l.at_ms >= today_ms), 0) AS BIGINT),
        CAST(SUM(l.cost_nanos) AS BIGINT)
    FROM mcp_ledger l WHERE l.at_ms >= month_ms GROUP BY l.tenant
$$;
REVOKE ALL ON FUNCTION mcp_spent FROM PUBLIC;

-- The role of servers adds rows and reads those of one tenant at a time: the one that mcp.tenant names.
-- GRANT mcp_server TO the role that servers log in as.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'mcp_server') THEN
        CREATE ROLE mcp_server NOLOGIN;
    END IF;
END
$$;
ALTER TABLE mcp_ledger ENABLE ROW LEVEL SECURITY;
ALTER TABLE mcp_audit ENABLE ROW LEVEL SECURITY;
ALTER TABLE mcp_erasures ENABLE ROW LEVEL SECURITY;
CREATE POLICY mcp_add ON mcp_ledger FOR INSERT TO mcp_server WITH CHECK (true);
CREATE POLICY mcp_add ON mcp_audit FOR INSERT TO mcp_server WITH CHECK (true);
CREATE POLICY mcp_read ON mcp_ledger FOR SELECT TO mcp_server USING (tenant = current_setting('mcp.tenant', true));
CREATE POLICY mcp_read ON mcp_audit FOR SELECT TO mcp_server USING (tenant = current_setting('mcp.tenant', true));
GRANT SELECT, INSERT ON mcp_ledger, mcp_audit TO mcp_server;
GRANT EXECUTE ON FUNCTION mcp_spent TO mcp_server;
