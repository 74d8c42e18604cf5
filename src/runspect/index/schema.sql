-- Append-only long tables without keys or indexes; `*_now` views give the newest row per key.
-- `upd` grows with every write of the engine. The same text must run on DuckDB 1.5 and 2.x.
-- No column is named at, last or by: those are words of the grammar in one version or the other.

CREATE TABLE IF NOT EXISTS runs(
    rid BIGINT, uid VARCHAR, watch VARCHAR, path VARCHAR, key VARCHAR, name VARCHAR, project VARCHAR, grp VARCHAR,
    tools VARCHAR, evidence VARCHAR, state VARCHAR, reason VARCHAR, started TIMESTAMP, ended TIMESTAMP,
    updated TIMESTAMP, steps BIGINT, host VARCHAR, owner VARCHAR, parent VARCHAR, problems INTEGER,
    hidden BOOLEAN, upd BIGINT);
CREATE TABLE IF NOT EXISTS ids(uid VARCHAR, rid BIGINT, upd BIGINT);

-- All rows of a run's params (and of its facts) are written together: the newest `upd` of a run is the whole set.
-- `live` false: another file of the run tells the same key and wins; a row with a NULL key only says "no rows".
CREATE TABLE IF NOT EXISTS cfg(
    rid BIGINT, key VARCHAR, num DOUBLE, val VARCHAR, source VARCHAR, shared BOOLEAN, live BOOLEAN, upd BIGINT);
CREATE TABLE IF NOT EXISTS facts(
    rid BIGINT, name VARCHAR, num DOUBLE, val VARCHAR, source VARCHAR, live BOOLEAN, upd BIGINT);

CREATE TABLE IF NOT EXISTS metrics(mid INTEGER, name VARCHAR);
CREATE TABLE IF NOT EXISTS points(rid BIGINT, mid INTEGER, segment BIGINT, step BIGINT, t TIMESTAMP, v DOUBLE);
CREATE TABLE IF NOT EXISTS segments(
    segment BIGINT, rid BIGINT, path VARCHAR, generation INTEGER, reader VARCHAR, "precision" INTEGER,
    writer_start DOUBLE, purge_from BIGINT, live BOOLEAN, upd BIGINT);
CREATE TABLE IF NOT EXISTS series(
    rid BIGINT, mid INTEGER, n BIGINT, nonfinite BIGINT, first_nonfinite_step BIGINT, first_step BIGINT, first_v DOUBLE,
    last_step BIGINT, last_t TIMESTAMP, last_v DOUBLE, lo DOUBLE, lo_step BIGINT, hi DOUBLE, hi_step BIGINT,
    mean_tail DOUBLE, spark VARCHAR, live BOOLEAN, upd BIGINT);
-- Outlines of long series over their steps (`reads.outline`), so that a first chart reads not all points: what each was made
-- of, and its points in their order. A series has one at most; a newer one takes its place.
CREATE TABLE IF NOT EXISTS outlines(
    rid BIGINT, mid INTEGER, size BIGINT, kept BIGINT, stored BIGINT, last_place BIGINT, living VARCHAR, parts VARCHAR,
    upd BIGINT);
CREATE TABLE IF NOT EXISTS outline_points(rid BIGINT, mid INTEGER, step BIGINT, v DOUBLE);
CREATE TABLE IF NOT EXISTS texts(rid BIGINT, segment BIGINT, key VARCHAR, step BIGINT, t TIMESTAMP, val VARCHAR);

CREATE TABLE IF NOT EXISTS artifacts(
    rid BIGINT, path VARCHAR, kind VARCHAR, size BIGINT, modified TIMESTAMP, step BIGINT, live BOOLEAN, upd BIGINT);
CREATE TABLE IF NOT EXISTS sources(
    watch VARCHAR, path VARCHAR, rid BIGINT, reader VARCHAR, use VARCHAR, prefix VARCHAR, shared BOOLEAN,
    segment BIGINT, generation INTEGER, offset_bytes BIGINT, size BIGINT, mtime DOUBLE, ctime BIGINT, head_sig VARCHAR,
    tail_sig VARCHAR, state VARCHAR, told VARCHAR, key VARCHAR, live BOOLEAN, upd BIGINT);
-- `told`: JSON list of the ids that the file gave for its run. `key`: what a store calls a run that is not its own.
CREATE TABLE IF NOT EXISTS claims(
    watch VARCHAR, path VARCHAR, size BIGINT, mtime DOUBLE, inode BIGINT, claim VARCHAR, live BOOLEAN, upd BIGINT);
CREATE TABLE IF NOT EXISTS problems(
    watch VARCHAR, rid BIGINT, path VARCHAR, reader VARCHAR, offset_bytes BIGINT, what VARCHAR, effect VARCHAR,
    live BOOLEAN, upd BIGINT);
CREATE TABLE IF NOT EXISTS ann(id VARCHAR, ts BIGINT, who VARCHAR, target VARCHAR, key VARCHAR, val VARCHAR);
CREATE TABLE IF NOT EXISTS watches(watch VARCHAR, live BOOLEAN, upd BIGINT);
CREATE TABLE IF NOT EXISTS meta(key VARCHAR, val VARCHAR);

-- Annotations hang on uids; a run answers to every uid it ever had.
-- A place is that of one run: of the one that was told of it last, once a run that was in two places became two.
CREATE OR REPLACE VIEW ids_own AS
    SELECT uid, arg_max(rid, upd) AS rid FROM ids WHERE starts_with(uid, 'path:') GROUP BY uid
    UNION ALL
    SELECT DISTINCT uid, rid FROM ids WHERE NOT starts_with(uid, 'path:');

-- An export answers to the place of the run that it was made from as well (`was:path:…`). What is behind the @ of a place
-- in a shared folder is the place on this host, which is that of one run (`identity.seen_from`).
CREATE OR REPLACE VIEW ids_now AS
    SELECT CASE WHEN starts_with(uid, 'path:') THEN split_part(uid, '@', 1) ELSE uid END AS uid, rid
    FROM ids_own WHERE NOT starts_with(uid, 'was:')
    UNION ALL
    SELECT substr(uid, 5) AS uid, rid FROM ids_own WHERE starts_with(uid, 'was:');

CREATE OR REPLACE VIEW ann_all AS
    SELECT i.rid, a.key, arg_max(a.val, struct_pack(ts := a.ts, id := a.id)) AS val
    FROM ann a JOIN ids_now i ON i.uid = substr(a.target, 5)
    WHERE starts_with(a.target, 'run:')
    GROUP BY i.rid, a.key;

CREATE OR REPLACE VIEW ann_now AS
    SELECT rid, key, val FROM ann_all WHERE NOT starts_with(key, 'tag:') AND val IS NOT NULL AND val <> 'null';

CREATE OR REPLACE VIEW facts_now AS
    SELECT f.rid, f.name, f.num, f.val, f.source
    FROM facts f JOIN (SELECT rid, max(upd) AS upd FROM facts GROUP BY rid) newest USING (rid, upd)
    WHERE f.live;

CREATE OR REPLACE VIEW cfg_now AS
    SELECT c.rid, c.key, c.num, c.val, c.source, c.shared
    FROM cfg c JOIN (SELECT rid, max(upd) AS upd FROM cfg GROUP BY rid) newest USING (rid, upd)
    WHERE c.live;

CREATE OR REPLACE VIEW tags_now AS
    SELECT rid, substr(key, 5) AS tag FROM ann_all WHERE starts_with(key, 'tag:') AND val = 'true'
    UNION
    SELECT told.rid, told.tag
    FROM (SELECT rid, unnest(from_json(val, '["VARCHAR"]')) AS tag FROM facts_now WHERE name = 'tags') told
    WHERE told.tag IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM ann_all a WHERE a.rid = told.rid AND a.key = 'tag:' || told.tag AND a.val = 'false');

CREATE OR REPLACE VIEW runs_now AS
    SELECT r.rid, r.uid, r.watch, r.path, CASE WHEN r.path = '.' THEN r.watch ELSE rtrim(r.watch, '/') || '/' || r.path END AS abspath,
        r.key, coalesce(json_extract_string(n.val, '$'), r.name) AS name,
        coalesce(json_extract_string(p.val, '$'), r.project) AS project, r.grp, r.tools, r.evidence, r.state, r.reason,
        r.started, r.ended, r.updated, r.steps, r.host, r.owner, r.parent, r.problems, r.hidden, r.upd,
        r.name AS own_name
    FROM runs r JOIN (SELECT rid, max(upd) AS upd FROM runs GROUP BY rid) newest USING (rid, upd)
    LEFT JOIN (SELECT rid, val FROM ann_now WHERE key = 'name') n ON n.rid = r.rid
    LEFT JOIN (SELECT rid, val FROM ann_now WHERE key = 'project') p ON p.rid = r.rid
    WHERE NOT r.hidden;

CREATE OR REPLACE VIEW series_now AS
    SELECT s.rid, m.name, s.mid, s.n, s.nonfinite, s.first_nonfinite_step, s.first_step, s.first_v, s.last_step, s.last_t,
        s.last_v, s.lo, s.lo_step, s.hi, s.hi_step, s.mean_tail, s.spark
    FROM series s JOIN (SELECT rid, mid, max(upd) AS upd FROM series GROUP BY rid, mid) newest USING (rid, mid, upd)
    JOIN metrics m USING (mid)
    WHERE s.live;

CREATE OR REPLACE VIEW segments_now AS
    SELECT s.* FROM segments s JOIN (SELECT segment, max(upd) AS upd FROM segments GROUP BY segment) newest
    USING (segment, upd) WHERE s.live;

CREATE OR REPLACE VIEW points_now AS
    SELECT p.rid, m.name, p.mid, p.segment, p.step, p.t, p.v
    FROM points p JOIN segments_now g USING (segment) JOIN metrics m USING (mid);

CREATE OR REPLACE VIEW sources_now AS
    SELECT s.* FROM sources s JOIN (SELECT watch, path, rid, max(upd) AS upd FROM sources GROUP BY watch, path, rid) newest
    USING (watch, path, rid, upd) WHERE s.live;

CREATE OR REPLACE VIEW claims_now AS
    SELECT c.* FROM claims c JOIN (SELECT watch, path, max(upd) AS upd FROM claims GROUP BY watch, path) newest
    USING (watch, path, upd) WHERE c.live;

-- Problems of a file, and artifacts of a run, are written as whole sets like params.
CREATE OR REPLACE VIEW problems_now AS
    SELECT p.* FROM problems p
    JOIN (SELECT watch, path, reader, max(upd) AS upd FROM problems GROUP BY watch, path, reader) newest
    USING (watch, path, reader, upd) WHERE p.live;

CREATE OR REPLACE VIEW artifacts_now AS
    SELECT a.* FROM artifacts a JOIN (SELECT rid, max(upd) AS upd FROM artifacts GROUP BY rid) newest
    USING (rid, upd) WHERE a.live;

CREATE OR REPLACE VIEW watches_now AS
    SELECT w.watch FROM watches w JOIN (SELECT watch, max(upd) AS upd FROM watches GROUP BY watch) newest
    USING (watch, upd) WHERE w.live;
