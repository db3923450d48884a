#!/bin/sh
# Makes the empty database that dynoxide starts from: its own schema, and the indexes that its look-ups of stream
# records need, and no record of a write that changes nothing, as AWS has none. Needs sqlite3. Run it once for a new version of dynoxide, and commit the file it writes.
set -eu
cd "$(dirname "$0")"
package=../../../node_modules/@dynoxide/linux-x64
version=$(node -p "require('$package/package.json').version")
rm -f "$version.db"
"$package/dynoxide" --host 127.0.0.1 -p "${PORT:-18765}" --db-path "$version.db" &
server=$!
trap 'kill "$server" 2>/dev/null || true' EXIT
until sqlite3 "$version.db" 'SELECT 1 FROM _stream_records LIMIT 1; SELECT 1 FROM _config LIMIT 1' 2>/dev/null; do sleep 0.1; done
kill "$server"
wait "$server" || true
sqlite3 "$version.db" '
  CREATE INDEX stream_records_newest ON _stream_records (table_name, CAST(sequence_number AS INTEGER));
  CREATE INDEX stream_records_shard ON _stream_records (shard_id, CAST(sequence_number AS INTEGER));
  CREATE TRIGGER stream_records_changes BEFORE INSERT ON _stream_records
    WHEN NEW.event_name = '\''MODIFY'\'' AND NOT EXISTS (
      SELECT fullkey, type, atom FROM json_tree(NEW.old_image) EXCEPT SELECT fullkey, type, atom FROM json_tree(NEW.new_image)
    ) AND NOT EXISTS (
      SELECT fullkey, type, atom FROM json_tree(NEW.new_image) EXCEPT SELECT fullkey, type, atom FROM json_tree(NEW.old_image)
    )
    BEGIN SELECT RAISE(IGNORE); END;
  PRAGMA wal_checkpoint(TRUNCATE);' >/dev/null
rm -f "$version.db-wal" "$version.db-shm"
