CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON dlp_rules
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON dlp_rules
    FOR EACH ROW WHEN ((OLD.id, OLD.workspace_id, OLD.created_by, OLD.created_at) IS DISTINCT FROM (NEW.id, NEW.workspace_id, NEW.created_by, NEW.created_at))
    EXECUTE FUNCTION refuse_key_change();

-- How long PostgreSQL may take to compile what all rules of a workspace search for: each connection does it once, and again when it
-- has forgotten it. What a pattern costs bounds this; the clock is for what that does not foresee.
CREATE FUNCTION dlp_screen_compiles_within() RETURNS interval LANGUAGE sql IMMUTABLE AS $$SELECT interval '0.5 seconds'$$;

CREATE FUNCTION refuse_patterns(why text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'dlp_patterns_cost', MESSAGE = format('the patterns of this workspace are too complex: %s', why);
END
$$;

-- A rule is written as it is searched, and no workspace has too many.
CREATE FUNCTION fill_dlp_rule() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    costs integer;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('fechatter.dlp'), hashint8(NEW.workspace_id));
    IF TG_OP = 'INSERT' AND (SELECT count(*) FROM dlp_rules WHERE workspace_id = NEW.workspace_id) >= dlp_rules_most() THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'dlp_rules_amount',
            MESSAGE = format('workspace %s has %s rules already', NEW.workspace_id, dlp_rules_most());
    END IF;
    IF EXISTS (SELECT FROM unnest(NEW.words) AS word WHERE btrim(dlp_plain(word)) = '') THEN
        PERFORM refuse_pattern('a word is empty');
    END IF;
    NEW.words := ARRAY(SELECT btrim(dlp_plain(word)) FROM unnest(NEW.words) WITH ORDINALITY AS listed (word, place) ORDER BY place);
    NEW.words := nullif(NEW.words, '{}');
    NEW.expression := NULL;
    IF NEW.kind = 'pattern' THEN
        SELECT made, cost INTO NEW.expression, costs FROM dlp_expression(NEW.pattern);
        costs := costs + coalesce((SELECT sum((dlp_expression(pattern)).cost) FROM dlp_rules
                                   WHERE workspace_id = NEW.workspace_id AND id <> NEW.id AND kind = 'pattern' AND enabled), 0);
        IF NEW.enabled AND costs > dlp_patterns_most() THEN
            PERFORM refuse_patterns(format('they cost %s, of %s', costs, dlp_patterns_most()));
        END IF;
    END IF;
    NEW.updated_at := now();
    RETURN NEW;
END
$$;
CREATE TRIGGER p20_fill BEFORE INSERT OR UPDATE ON dlp_rules FOR EACH ROW EXECUTE FUNCTION fill_dlp_rule();

-- Maintains `dlp_screens`.
CREATE FUNCTION keep_dlp_screen() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    place CONSTANT bigint := coalesce(NEW.workspace_id, OLD.workspace_id);
    begun CONSTANT timestamptz := clock_timestamp();
BEGIN
    DELETE FROM dlp_screens WHERE workspace_id = place;
    INSERT INTO dlp_screens (workspace_id, words, pattern)
    SELECT place, ARRAY(SELECT DISTINCT lower(word) FROM dlp_rules, unnest(words) AS word WHERE workspace_id = place AND enabled),
           string_agg(DISTINCT CASE kind WHEN 'pattern' THEN '(?:' || expression || ')' WHEN 'card_number' THEN '\d(?:[^[:alnum:]]{0,3}\d){12}'
                                         WHEN 'resident_id' THEN '\d{17}[\dx]' END, '|')
    FROM dlp_rules WHERE workspace_id = place AND enabled AND EXISTS (SELECT FROM workspaces WHERE id = place)
    HAVING count(*) > 0;
    PERFORM '' ~* pattern FROM dlp_screens WHERE workspace_id = place;
    IF TG_OP <> 'DELETE' AND clock_timestamp() - begun > dlp_screen_compiles_within() THEN
        PERFORM refuse_patterns('compiling them takes too long');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_screen AFTER INSERT OR UPDATE OR DELETE ON dlp_rules FOR EACH ROW EXECUTE FUNCTION keep_dlp_screen();

-- Not what it searches for.
CREATE FUNCTION audit_dlp_rules() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    rule dlp_rules := coalesce(NEW, OLD);
BEGIN
    IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT FROM workspaces WHERE id = OLD.workspace_id) THEN
        RETURN NULL;
    END IF;
    PERFORM audit(CASE TG_OP WHEN 'INSERT' THEN 'dlp_rule_added' WHEN 'UPDATE' THEN 'dlp_rule_changed' ELSE 'dlp_rule_removed' END,
                  workspace_id => rule.workspace_id, target_type => 'dlp_rule', target_id => rule.id,
                  before => CASE WHEN TG_OP <> 'INSERT'
                                 THEN jsonb_build_object('name', OLD.name, 'kind', OLD.kind, 'action', OLD.action, 'enabled', OLD.enabled) END,
                  after => CASE WHEN TG_OP <> 'DELETE'
                                THEN jsonb_build_object('name', NEW.name, 'kind', NEW.kind, 'action', NEW.action, 'enabled', NEW.enabled) END);
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit AFTER INSERT OR UPDATE OR DELETE ON dlp_rules FOR EACH ROW EXECUTE FUNCTION audit_dlp_rules();
