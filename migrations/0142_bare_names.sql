-- migrate:up

-- A folded name without accents, as people type it who look for somebody: Zoé is zoe, Ångström angstrom. The parts of
-- hangul and of kana with their marks are put together again. An index depends on this, as on fold_name, and ANALYZE
-- calls it without a search path.
CREATE FUNCTION bare_name(name text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    IF octet_length(name) = length(name) THEN
        RETURN public.fold_name(name);
    END IF;
    RETURN normalize(regexp_replace(normalize(public.fold_name(name), NFD), '[\u0300-\u036F]', '', 'g'), NFC);
END
$$;

-- Members of large chats are found by the beginnings of their names.
CREATE INDEX users_bare_names_idx ON users USING gin (bare_name(fullname) gin_trgm_ops, bare_name(username) gin_trgm_ops);

-- migrate:down

DROP INDEX users_bare_names_idx;
DROP FUNCTION bare_name(text);
