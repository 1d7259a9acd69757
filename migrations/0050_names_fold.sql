-- migrate:up

-- A name as names are compared: its letters without their case (Unicode's full case folding: ΟΔΟΣ, οδος and οδοσ are one, so
-- are ß and ss), compatible forms as one (NFKC), and without what is not seen, as NFKC_Casefold has it. Postgres' lower() knows
-- neither, and differs by the database's locale; its casefold() is new in 18. An index depends on this, so it is not among
-- the functions in sql/: another folding is another migration, which makes the indexes anew.
-- From CaseFolding.txt of Unicode 14, statuses C and F, what NFKD leaves of it: first, last, step, and what is added.
DO $$
DECLARE
    capitals text;
    small text;
    -- Default_Ignorable_Code_Point, without the tags of flags: translate() takes out what has no counterpart.
    ignored text := chr(173) || chr(847) || chr(1564) || (SELECT string_agg(chr(code), '') FROM (
        VALUES (4447,4448), (6068,6069), (6155,6159), (8203,8207), (8234,8238), (8288,8303), (12644,12644), (65024,65039), (65279,65279)
    ) AS range (first, last), generate_series(first, last) AS code);
BEGIN
    SELECT string_agg(chr(code), '' ORDER BY code), string_agg(chr(code + shift), '' ORDER BY code) INTO capitals, small
    FROM (VALUES
    (65,90,1,32), (198,198,1,32), (208,208,1,32), (216,216,1,32), (222,222,1,32), (272,272,1,1), (294,294,1,1),
    (321,321,1,1), (330,330,1,1), (338,338,1,1), (358,358,1,1), (385,385,1,210), (386,388,2,1), (390,390,1,206),
    (391,391,1,1), (393,394,1,205), (395,395,1,1), (398,398,1,79), (399,399,1,202), (400,400,1,203), (401,401,1,1),
    (403,403,1,205), (404,404,1,207), (406,406,1,211), (407,407,1,209), (408,408,1,1), (412,412,1,211),
    (413,413,1,213), (415,415,1,214), (418,420,2,1), (422,422,1,218), (423,423,1,1), (425,425,1,218), (428,428,1,1),
    (430,430,1,218), (433,434,1,217), (435,437,2,1), (439,439,1,219), (440,440,1,1), (444,444,1,1), (484,484,1,1),
    (502,502,1,-97), (503,503,1,-56), (540,540,1,1), (544,544,1,-130), (546,548,2,1), (570,570,1,10795),
    (571,571,1,1), (573,573,1,-163), (574,574,1,10792), (577,577,1,1), (579,579,1,-195), (580,580,1,69),
    (581,581,1,71), (582,590,2,1), (837,837,1,116), (880,882,2,1), (886,886,1,1), (895,895,1,116), (913,929,1,32),
    (931,937,1,32), (962,962,1,1), (975,975,1,8), (984,1006,2,1), (1015,1015,1,1), (1018,1018,1,1),
    (1021,1023,1,-130), (1026,1026,1,80), (1028,1030,1,80), (1032,1035,1,80), (1039,1039,1,80), (1040,1048,1,32),
    (1050,1071,1,32), (1120,1140,2,1), (1144,1152,2,1), (1162,1214,2,1), (1216,1216,1,15), (1219,1229,2,1),
    (1236,1236,1,1), (1240,1240,1,1), (1248,1248,1,1), (1256,1256,1,1), (1270,1270,1,1), (1274,1326,2,1),
    (1329,1366,1,48), (4256,4293,1,7264), (4295,4295,1,7264), (4301,4301,1,7264), (5112,5117,1,-8),
    (7296,7296,1,-6222), (7297,7297,1,-6221), (7298,7298,1,-6212), (7299,7300,1,-6210), (7301,7301,1,-6211),
    (7302,7302,1,-6204), (7303,7303,1,-6180), (7304,7304,1,35267), (7312,7354,1,-3008), (7357,7359,1,-3008),
    (7930,7934,2,1), (8498,8498,1,28), (8579,8579,1,1), (11264,11311,1,48), (11360,11360,1,1),
    (11362,11362,1,-10743), (11363,11363,1,-3814), (11364,11364,1,-10727), (11367,11371,2,1), (11373,11373,1,-10780),
    (11374,11374,1,-10749), (11375,11375,1,-10783), (11376,11376,1,-10782), (11378,11378,1,1), (11381,11381,1,1),
    (11390,11391,1,-10815), (11392,11490,2,1), (11499,11501,2,1), (11506,11506,1,1), (42560,42604,2,1),
    (42624,42650,2,1), (42786,42798,2,1), (42802,42862,2,1), (42873,42875,2,1), (42877,42877,1,-35332),
    (42878,42886,2,1), (42891,42891,1,1), (42893,42893,1,-42280), (42896,42898,2,1), (42902,42920,2,1),
    (42922,42922,1,-42308), (42923,42923,1,-42319), (42924,42924,1,-42315), (42925,42925,1,-42305),
    (42926,42926,1,-42308), (42928,42928,1,-42258), (42929,42929,1,-42282), (42930,42930,1,-42261),
    (42931,42931,1,928), (42932,42946,2,1), (42948,42948,1,-48), (42949,42949,1,-42307), (42950,42950,1,-35384),
    (42951,42953,2,1), (42960,42960,1,1), (42966,42968,2,1), (42997,42997,1,1), (43888,43967,1,-38864),
    (66560,66599,1,40), (66736,66771,1,40), (66928,66938,1,39), (66940,66954,1,39), (66956,66962,1,39),
    (66964,66965,1,39), (68736,68786,1,64), (71840,71871,1,32), (93760,93791,1,32), (125184,125217,1,34)
    ) AS range (first, last, step, shift), generate_series(first, last, step) AS code;
    EXECUTE format($function$
        CREATE FUNCTION fold_name(name text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $body$
        BEGIN
            IF octet_length(name) = length(name) THEN
                RETURN lower(name COLLATE "C");
            END IF;
            RETURN normalize(replace(replace(translate(normalize(name, NFKD), %L, %L), 'ß', 'ss'), 'ẞ', 'ss'), NFKC);
        END
        $body$
    $function$, capitals || ignored, small);
END
$$;

-- Where several public channels are alike now, the oldest keeps its name, and the others get their id behind it.
UPDATE chats SET name = left(name, 77 - length(id::text)) || ' (' || id || ')'
WHERE type = 'PublicChannel' AND EXISTS (
    SELECT FROM chats older
    WHERE older.type = 'PublicChannel' AND older.workspace_id = chats.workspace_id AND fold_name(older.name) = fold_name(chats.name)
      AND older.id < chats.id);
-- What waits for COMMIT would keep the index from being made.
SET CONSTRAINTS ALL IMMEDIATE;
DROP INDEX chats_public_name_key, chats_joinable_name_idx;
CREATE UNIQUE INDEX chats_public_name_key ON chats (workspace_id, fold_name(name)) WHERE type = 'PublicChannel';
CREATE INDEX chats_joinable_name_idx ON chats USING gin (fold_name(name) gin_trgm_ops)
    WHERE (type = 'PublicChannel' OR password_hash IS NOT NULL) AND archived_at IS NULL;

-- migrate:down
DROP INDEX chats_public_name_key, chats_joinable_name_idx;
CREATE UNIQUE INDEX chats_public_name_key ON chats (workspace_id, lower(name)) WHERE type = 'PublicChannel';
CREATE INDEX chats_joinable_name_idx ON chats USING gin (lower(name) gin_trgm_ops)
    WHERE (type = 'PublicChannel' OR password_hash IS NOT NULL) AND archived_at IS NULL;
DROP FUNCTION fold_name(text);
