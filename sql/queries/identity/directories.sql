-- name: directory_sync(source, subjects, fullnames, emails, are_active, grant_subjects, grant_workspaces, read_at, forced, group_subjects, groups, department_subjects, departments, named_groups, named_departments)
-- Synchronises with all people of a directory; with the addresses of those who leave and come back, up to 100.
SELECT outcome, had, granted, withdrawn, grants_stopped,
       cardinality(leaving) AS leaving, cardinality(returning_users) AS returning, cardinality(changed) AS changed,
       ARRAY(SELECT email FROM users WHERE id = ANY (leaving[1 : 100]) ORDER BY id) AS leaving_emails,
       ARRAY(SELECT email FROM users WHERE id = ANY (returning_users[1 : 100]) ORDER BY id) AS returning_emails
FROM sync_directory(:source, :subjects, :fullnames, :emails, :are_active, :grant_subjects, :grant_workspaces, :read_at, :forced,
                    :group_subjects, :groups, :department_subjects, :departments, :named_groups, :named_departments);

-- name: directory_follow(source, user, identity, fullname, email)
-- The directory has just vouched for one person: takes its own suspension back, and follows their name and address.
SELECT follow_person(:source, :user, :identity, :fullname, :email);

-- name: directory_synchronised(source, seconds)
-- Whether a directory has been synchronised, or stopped at it, within these seconds.
SELECT EXISTS (SELECT FROM synchronisations
               WHERE source = :source AND greatest(synchronised_at, stopped_at) > now() - make_interval(secs => :seconds::integer));
