# Arguments: psql, the primary's host and port, role, database, slot. Standard input: the password
# file. A slot that nobody reads would make the primary keep what it has written.
umask 077
export PGPASSFILE="$PWD/pgpass" PGCONNECT_TIMEOUT=5
cat >pgpass
for _ in 1 2 3 4 5; do
    "$1" -X -q -w "host=$2 port=$3 user=$4 dbname=$5 replication=database" \
        -c "DROP_REPLICATION_SLOT \"$6\"" && break
    # Its last reader may not be noticed as gone yet.
    sleep 1
done
