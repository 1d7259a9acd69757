-- migrate:up

-- Who has suspended whom: 'operator', or the settings' name of a directory. A user stays suspended while anyone says so,
-- and each can only take back its own word; an operator's reinstatement takes back all of them.
CREATE TABLE suspensions (
    user_id bigint NOT NULL CONSTRAINT suspensions_user_exists REFERENCES users ON DELETE CASCADE,
    source text NOT NULL CONSTRAINT suspensions_source_format CHECK (source ~ '^[a-z][a-z0-9_-]{0,31}$'),
    suspended_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, source)
);
INSERT INTO suspensions (user_id, source) SELECT id, 'operator' FROM users WHERE status = 'suspended';

-- migrate:down
DROP TABLE suspensions;
