-- name: person_delete(person)
-- Takes an account away from its person; the rest of their data goes by person_erase.
SELECT delete_person(:person);

-- name: person_erase(person, batch)
-- Erases the next part of a deleted person's data; true once nothing is left but what holds keep.
SELECT erase_person(:person, :batch);

-- name: deletions_unfinished(after, limit)
-- Deleted people of whom something may be left.
SELECT user_id FROM person_deletions WHERE finished_at IS NULL AND user_id > :after ORDER BY user_id LIMIT :limit;

-- name: deletion_preview(person)
-- What goes when a person is deleted, and what stays and why.
SELECT what, amount, happens, why FROM deletion_preview(:person) WHERE amount > 0;
