-- name: relay_lead()
-- The term of this session as the leader of the relay, with the number of the epoch. No row if another session leads.
SELECT term, epoch_no FROM relay_lead();

-- name: relay_evict(lease_seconds)
-- Ends the session of a leader whose frames do not arrive, unless it has led for less than this.
SELECT relay_evict(:lease_seconds);
