# Arguments: psql, port, owner, database. Standard input: the password file.
# Says one line "name=value" for each thing that it sees.
set -eu
umask 077
export PGPASSFILE=$PWD/pgpass
cat >pgpass
psql=$1 port=$2 owner=$3 database=$4
as() {
    "$psql" -X -q -w -A -t -F = -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$port" -U "$@" 2>/dev/null
}
as dpl_admin -d postgres -c "
    SELECT name, setting FROM pg_settings
        WHERE name IN ('max_connections', 'shared_buffers', 'listen_addresses', 'wal_level');
    SELECT 'roles', count(*) FROM pg_roles
        WHERE rolname IN ('$owner', 'dpl_replication') AND rolcanlogin;
    SELECT 'databases', count(*) FROM pg_database WHERE datname = '$database';
    SELECT 'rights', count(*) FROM pg_database d, pg_roles owner, pg_roles replication
        WHERE d.datname = '$database' AND owner.rolname = '$owner'
        AND replication.rolname = 'dpl_replication'
        AND pg_has_role(owner.oid, 'pg_monitor', 'MEMBER')
        AND NOT has_database_privilege('public', d.oid, 'CONNECT')
        AND has_database_privilege(replication.oid, d.oid, 'CONNECT');
    SELECT 'waiting', count(*) FROM pg_settings WHERE pending_restart;
    SELECT 'altered', count(*) FROM pg_file_settings
        WHERE sourcefile LIKE '%/postgresql.auto.conf'" || echo answers=no
as "$owner" -d "$database" -c "SELECT 'login', 'yes'" || echo login=no
