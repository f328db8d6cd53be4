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

CREATE TRIGGER mcp_audit_keeps BEFORE DELETE ON mcp_audit
BEGIN
    SELECT RAISE(ABORT, 'the audit trail is append-only');
END;

CREATE TRIGGER mcp_audit_stays BEFORE UPDATE ON mcp_audit
WHEN NEW.principal NOT LIKE 'erased-%'
    OR (OLD.id, OLD.at_ms, OLD.tenant, OLD.proof, OLD.tool, OLD.arguments_sha256, OLD.decision)
        IS NOT (NEW.id, NEW.at_ms, NEW.tenant, NEW.proof, NEW.tool, NEW.arguments_sha256, NEW.decision)
    OR OLD.trace_id IS NOT NEW.trace_id
    OR NEW.client IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'the audit trail is append-only');
END;

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
