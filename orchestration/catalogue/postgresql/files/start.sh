# Arguments: pg_ctl. Run in the folder that holds the cluster "main".
set -eu
umask 077
# The number in the server's file may be another's by now, after the host was started again: that one
# would be taken for the server, and be signaled.
here=$(pwd -P)/main
pid=$(head -n 1 main/postmaster.pid 2>/dev/null || true)
if [ -n "$pid" ] && [ -d "/proc/$pid" ] && [ "$(readlink "/proc/$pid/cwd")" != "$here" ] &&
    [ -z "$(find /proc -maxdepth 2 -name cwd -lname "$here" 2>/dev/null)" ]
then
    rm -f main/postmaster.pid
fi
keep() {
    if [ "$(cat "main/$1")" != "$2" ]; then
        printf '%s\n' "$2" >"main/$1"
        rm -f started
    fi
}
keep postgresql.conf "include '../../etc/postgresql.conf'"
keep pg_hba.conf "host all all 127.0.0.1/32 scram-sha-256
host replication dpl_replication 127.0.0.1/32 scram-sha-256"
# What ALTER SYSTEM left behind would win over what was declared.
if grep -q '^[^#]' main/postgresql.auto.conf 2>/dev/null; then
    : >main/postgresql.auto.conf
    rm -f started
fi
settings=$(cksum <../etc/postgresql.conf)
if ! "$1" -D main status >/dev/null 2>&1; then
    "$1" -D main -w -t 120 -l ../log/start.log start >/dev/null
elif [ "$(cat started 2>/dev/null)" != "$settings" ]; then
    "$1" -D main -w -t 120 -m fast -l ../log/start.log restart >/dev/null
else
    exit 0
fi
# With which settings it was started: a run that is killed before this starts it again.
printf '%s\n' "$settings" >started
echo CHANGED
