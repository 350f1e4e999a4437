# Arguments: psql, port, owner, database. Standard input: the password file, a line "--", SQL that
# makes what is missing, a line "--", SQL that sets the passwords. Run in a folder of ours.
set -eu
umask 077
export PGPASSFILE=$PWD/pgpass
psql=$1 port=$2 owner=$3 database=$4
as() {
    "$psql" -X -q -w -v ON_ERROR_STOP=1 -v SHOW_CONTEXT=never -v VERBOSITY=terse \
        -h 127.0.0.1 -p "$port" -U "$@"
}
part=pgpass
: >missing.sql
while IFS= read -r line; do
    case $part,$line in
        pgpass,--) part=missing.sql ;;
        missing.sql,--) part=passwords.sql ;;
        *) printf '%s\n' "$line" >>"$part" ;;
    esac
done
as dpl_admin -d postgres -f missing.sql
# A password is only set anew where it does not work.
if ! as "$owner" -d "$database" -c 'SELECT 1' >/dev/null 2>&1 ||
    ! as dpl_replication -d "dbname=$database replication=true" -c IDENTIFY_SYSTEM >/dev/null 2>&1
then
    as dpl_admin -d postgres -f passwords.sql
    echo CHANGED
fi
