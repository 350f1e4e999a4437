# Arguments: psql, port, owner, database. Standard input: the password file.
# Says one line "name=value" for each thing that it sees.
set -eu
umask 077
export PGPASSFILE="$PWD/pgpass"
cat >pgpass
"$1" -X -q -w -A -t -F = -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$2" -U "$3" -d "$4" -c "
    SELECT name, setting FROM pg_settings WHERE name IN ('max_connections', 'shared_buffers');
    SELECT 'standby', pg_is_in_recovery();
    SELECT 'follows', count(*) FROM pg_stat_wal_receiver WHERE status = 'streaming';
    SELECT 'altered', count(*) FROM pg_settings WHERE pending_restart
        OR sourcefile LIKE '%/postgresql.auto.conf'" 2>/dev/null || echo answers=no
