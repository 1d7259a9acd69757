-- migrate:up

-- When somebody first asked for bytes that the store does not have any more, or has otherwise; null again once they have been
-- read.
ALTER TABLE blobs ADD COLUMN lost_at timestamptz;
ALTER TABLE previews ADD COLUMN lost_at timestamptz;
CREATE INDEX blobs_lost_idx ON blobs (lost_at) WHERE lost_at IS NOT NULL;
CREATE INDEX previews_lost_idx ON previews (lost_at) WHERE lost_at IS NOT NULL;

-- migrate:down
ALTER TABLE blobs DROP COLUMN lost_at;
ALTER TABLE previews DROP COLUMN lost_at;
