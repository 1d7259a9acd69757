-- migrate:up

-- Bots came into organisations as members, to whom announcements go and who may be appointed.
DELETE FROM appointments a USING users u WHERE u.id = a.user_id AND u.kind = 'bot';
UPDATE organization_members m SET kind = 'bot' FROM users u WHERE u.id = m.user_id AND u.kind = 'bot' AND m.kind <> 'bot';

-- migrate:down
UPDATE organization_members SET kind = 'member' WHERE kind = 'bot';
