-- name: person_delete(person, organization)
-- Takes an account away from its person, by an organisation that keeps it or by the person; the rest goes by person_erase.
SELECT delete_person(:person, :organization);

-- name: person_erase(person, batch)
-- Erases the next part of a deleted person's data; true once nothing is left but what holds keep.
SELECT erase_person(:person, :batch);

-- name: person_erase_tried(person, batch)
-- The same by a server's own task; null while another server does it.
SELECT CASE WHEN pg_try_advisory_xact_lock(hashtext('fechatter.deletions')) THEN erase_person(:person, :batch) END;

-- name: deletions_unfinished(after, limit)
-- Deleted people of whom something may be left.
SELECT user_id FROM person_deletions WHERE finished_at IS NULL AND user_id > :after ORDER BY user_id LIMIT :limit;

-- name: deletion_preview(person)
-- What goes when a person is deleted, and what stays and why.
SELECT what, amount, happens, why FROM deletion_preview(:person) WHERE amount > 0;

-- name: deletion_state(person)
-- Whether a deleted person's data waits for holds.
SELECT finished_at IS NOT NULL FROM person_deletions WHERE user_id = :person;

-- name: deletions_of_organization(organization, viewer, is_done, after, limit)
-- A page of the deletions of people who were in the organisation, by user id: of those that are done, of those that are not, or of all.
WITH page AS (
    SELECT user_id AS id, deletion_json(d, :organization, :viewer) AS item FROM person_deletions d
    WHERE organizations @> ARRAY[:organization::bigint] AND user_id > :after
      AND (:is_done::boolean IS NULL OR (finished_at IS NOT NULL) = :is_done)
    ORDER BY user_id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: person_export_begin(person, organization)
-- Notes in the audit log that a person's data is exported.
SELECT begin_person_export(:person, :organization);

-- name: account_keeper(person)
-- The organisation that keeps an account, or null.
SELECT keeper_of_account(:person);

-- name: account_is_kept(organization, person)
-- Whether the organisation keeps this account.
SELECT keeps_account(:organization, :person);
