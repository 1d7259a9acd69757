-- migrate:up

-- Workspaces whose members sign in by one provider alone. The break-glass owner may sign in otherwise: when the provider
-- is away, somebody must be able to get in.
CREATE TABLE required_providers (
    workspace_id bigint PRIMARY KEY CONSTRAINT required_providers_workspace_exists REFERENCES workspaces ON DELETE CASCADE,
    provider text NOT NULL
        CONSTRAINT required_providers_format CHECK (provider ~ '^[a-z][a-z0-9_-]{0,31}$' AND provider <> 'password'),
    break_glass_owner bigint NOT NULL,
    required_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT required_providers_break_glass_owner_stays
        FOREIGN KEY (workspace_id, break_glass_owner) REFERENCES workspace_members (workspace_id, user_id)
);

-- Every part that ends sessions has its reasons: docs/events.md lists them.
ALTER TABLE sessions DROP CONSTRAINT sessions_revoked_reason, ADD CONSTRAINT sessions_revoked_reason
    CHECK (num_nulls(revoked_at, revoked_reason) IN (0, 2) AND revoked_reason ~ '^[a-z][a-z_]{0,31}$');

-- migrate:down
ALTER TABLE sessions DROP CONSTRAINT sessions_revoked_reason, ADD CONSTRAINT sessions_revoked_reason
    CHECK (num_nulls(revoked_at, revoked_reason) IN (0, 2)
           AND revoked_reason IN ('logout', 'logout_all', 'ended', 'password_changed', 'token_reused', 'suspended', 'deactivated',
                                  'operator', 'provider', 'unlinked', 'claimed')) NOT VALID;
DROP TABLE required_providers;
