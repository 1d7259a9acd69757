-- migrate:up

-- What screens search for where there is a rule about cards, as sql/triggers/compliance/dlp_rules.sql writes it from now on.
UPDATE dlp_screens SET pattern = replace(pattern, '\d(?:[ .-]?\d){12}', '\d(?:[^[:alnum:]]{0,3}\d){12}');

-- migrate:down
UPDATE dlp_screens SET pattern = replace(pattern, '\d(?:[^[:alnum:]]{0,3}\d){12}', '\d(?:[ .-]?\d){12}');
