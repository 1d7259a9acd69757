-- migrate:up
-- Epochs in their order, so that frames of an earlier one are recognised (ADR 91).
ALTER TABLE log_state ADD epoch_no bigint NOT NULL DEFAULT 1;
-- Leaders of the relay in their order.
CREATE SEQUENCE relay_terms;

-- migrate:down
DROP SEQUENCE relay_terms;
ALTER TABLE log_state DROP epoch_no;
