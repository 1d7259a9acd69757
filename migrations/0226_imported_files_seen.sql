-- migrate:up

-- Whether a file of an earlier, finished import is in use here: an archive may not move it to another place.
ALTER TABLE import_files ADD COLUMN seen boolean NOT NULL DEFAULT false;

-- migrate:down
ALTER TABLE import_files DROP COLUMN seen;
