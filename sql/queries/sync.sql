-- name: snapshot(user)
-- All that the user may see, and the cursor to resume from: one statement, so one moment.
SELECT sync_json(:user)::text;
