# Arguments: pg_ctl, pg_basebackup, psql, the primary's host and port, role, database, slot, the
# least connections. The password file comes on the standard input. Run in the folder of its data.
set -eu
umask 077
ctl=$1 basebackup=$2 psql=$3 host=$4 port=$5 role=$6 database=$7 slot=$8 least=$9
rm -f replication.pass
cat >replication.pass
export PGPASSFILE="$PWD/replication.pass" PGCONNECT_TIMEOUT=20
primary() {
    "$psql" -X -q -w -A -t -v ON_ERROR_STOP=1 -v VERBOSITY=terse \
        "host=$host port=$port user=$role dbname=$database replication=database" -c "$1"
}
# The number in the server's file may be another's by now, after the host was started again: that one
# would be taken for the server, and be signaled.
here=$(pwd -P)/main
pid=$(head -n 1 main/postmaster.pid 2>/dev/null || true)
if [ -n "$pid" ] && [ -d "/proc/$pid" ] && [ "$(readlink "/proc/$pid/cwd")" != "$here" ] &&
    [ -z "$(find /proc -maxdepth 2 -name cwd -lname "$here" 2>/dev/null)" ]
then
    rm -f main/postmaster.pid
fi
# Where the primary has thrown away what we have not seen yet, or this became a database of its
# own, only a new copy helps.
kept=$(primary "SELECT count(*) FROM pg_replication_slots
    WHERE slot_name = '$slot' AND wal_status IS DISTINCT FROM 'lost'")
if [ "$kept" = 0 ] || ! [ -e main/PG_VERSION ] || ! [ -e main/standby.signal ]; then
    if [ -e main ]; then
        "$ctl" -D main -w -m immediate stop >/dev/null 2>&1 || true
        rm -rf main
    fi
    primary "SELECT pg_drop_replication_slot('$slot')" >/dev/null 2>&1 || true
    primary "CREATE_REPLICATION_SLOT \"$slot\" PHYSICAL RESERVE_WAL" >/dev/null
    rm -rf new
    mkdir new
    "$basebackup" -w -h "$host" -p "$port" -U "$role" -D new/main -X stream -S "$slot" \
        --checkpoint=fast 2>../log/basebackup.log
    : >new/main/standby.signal
    mv new/main main
    rmdir new
    rm -f started
fi
# A replica may not allow fewer connections than its primary: it would not follow any more.
most=$(primary "SELECT setting FROM pg_settings WHERE name = 'max_connections'")
if [ "$most" -lt "$least" ]; then most=$least; fi
wanted="include '../../etc/postgresql.conf'
max_connections = $most"
if [ "$(cat main/postgresql.conf)" != "$wanted" ]; then
    printf '%s\n' "$wanted" >main/postgresql.conf
fi
if grep -q '^[^#]' main/postgresql.auto.conf 2>/dev/null; then
    : >main/postgresql.auto.conf
    rm -f started
fi
settings=$(cat ../etc/postgresql.conf main/postgresql.conf | cksum)
if ! "$ctl" -D main status >/dev/null 2>&1; then
    "$ctl" -D main -w -t 120 -l ../log/start.log start >/dev/null
elif [ "$(cat started 2>/dev/null)" != "$settings" ]; then
    "$ctl" -D main -w -t 120 -m fast -l ../log/start.log restart >/dev/null
else
    exit 0
fi
# With which settings it was started: a run that is killed before this starts it again.
printf '%s\n' "$settings" >started
echo CHANGED
