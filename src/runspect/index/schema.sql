-- Append-only long tables without keys or indexes; `*_now` views give the newest row per key.
-- `upd` grows with every write of the engine. The same text must run on DuckDB 1.5 and 2.x.

CREATE TABLE IF NOT EXISTS runs(
    rid BIGINT, uid VARCHAR, watch VARCHAR, path VARCHAR, key VARCHAR, name VARCHAR, project VARCHAR, grp VARCHAR,
    tools VARCHAR, evidence VARCHAR, state VARCHAR, reason VARCHAR, started TIMESTAMP, ended TIMESTAMP,
    updated TIMESTAMP, steps BIGINT, host VARCHAR, owner VARCHAR, parent VARCHAR, problems INTEGER,
    hidden BOOLEAN, upd BIGINT);
CREATE TABLE IF NOT EXISTS ids(uid VARCHAR, rid BIGINT, upd BIGINT);
CREATE TABLE IF NOT EXISTS cfg(rid BIGINT, key VARCHAR, num DOUBLE, val VARCHAR, source VARCHAR, shared BOOLEAN, live BOOLEAN, upd BIGINT);
CREATE TABLE IF NOT EXISTS facts(rid BIGINT, name VARCHAR, num DOUBLE, val VARCHAR, source VARCHAR, live BOOLEAN, upd BIGINT);
CREATE TABLE IF NOT EXISTS metrics(mid INTEGER, name VARCHAR);
CREATE TABLE IF NOT EXISTS points(rid BIGINT, mid INTEGER, segment BIGINT, step BIGINT, t TIMESTAMP, v DOUBLE);
CREATE TABLE IF NOT EXISTS segments(
    segment BIGINT, rid BIGINT, path VARCHAR, generation INTEGER, reader VARCHAR, "precision" INTEGER,
    writer_start DOUBLE, purge_from BIGINT, live BOOLEAN, upd BIGINT);
CREATE TABLE IF NOT EXISTS series(
    rid BIGINT, mid INTEGER, n BIGINT, nonfinite BIGINT, first_nonfinite_step BIGINT, first_step BIGINT, first_v DOUBLE,
    last_step BIGINT, last_t TIMESTAMP, last_v DOUBLE, lo DOUBLE, lo_step BIGINT, hi DOUBLE, hi_step BIGINT,
    mean_tail DOUBLE, spark VARCHAR, live BOOLEAN, upd BIGINT);
CREATE TABLE IF NOT EXISTS texts(rid BIGINT, segment BIGINT, key VARCHAR, step BIGINT, t TIMESTAMP, val VARCHAR);
CREATE TABLE IF NOT EXISTS artifacts(rid BIGINT, path VARCHAR, kind VARCHAR, size BIGINT, modified TIMESTAMP, step BIGINT, live BOOLEAN, upd BIGINT);
CREATE TABLE IF NOT EXISTS sources(
    watch VARCHAR, path VARCHAR, rid BIGINT, reader VARCHAR, use VARCHAR, prefix VARCHAR, segment BIGINT, generation INTEGER,
    offset_bytes BIGINT, size BIGINT, mtime DOUBLE, head_sig VARCHAR, tail_sig VARCHAR, state VARCHAR, live BOOLEAN, upd BIGINT);
CREATE TABLE IF NOT EXISTS claims(
    watch VARCHAR, path VARCHAR, size BIGINT, mtime DOUBLE, inode BIGINT, claim VARCHAR, live BOOLEAN, upd BIGINT);
CREATE TABLE IF NOT EXISTS problems(
    watch VARCHAR, rid BIGINT, path VARCHAR, reader VARCHAR, generation INTEGER, offset_bytes BIGINT, what VARCHAR, effect VARCHAR,
    live BOOLEAN, upd BIGINT);
CREATE TABLE IF NOT EXISTS ann(id VARCHAR, ts BIGINT, who VARCHAR, target VARCHAR, key VARCHAR, val VARCHAR);
CREATE TABLE IF NOT EXISTS watches(watch VARCHAR, live BOOLEAN, upd BIGINT);
CREATE TABLE IF NOT EXISTS meta(key VARCHAR, val VARCHAR);
