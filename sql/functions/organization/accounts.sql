-- Accounts that an organisation keeps.

-- Whether the account of one of its members is the organisation's to look after: an operator has said so, of them or of all
-- whom a directory of the organisation names, and they are a member of no other organisation.
CREATE FUNCTION keeps_account(organization bigint, person bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM organizations o WHERE o.id = organization AND o.keeps_accounts)
       AND EXISTS (SELECT FROM organization_members m
                   WHERE m.organization_id = organization AND m.user_id = person AND m.kind = 'member'
                     AND (m.account_kept OR m.source NOT IN ('person', 'workspace')))
       AND NOT EXISTS (SELECT FROM organization_members m
                       WHERE m.user_id = person AND m.kind = 'member' AND m.organization_id <> organization)
$$;

-- The organisation that keeps somebody's account; null: they keep it themselves.
CREATE FUNCTION keeper_of_account(person bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT m.organization_id FROM organization_members m WHERE m.user_id = person AND keeps_account(m.organization_id, person)
$$;
