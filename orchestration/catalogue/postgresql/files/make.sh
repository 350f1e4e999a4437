# Arguments: initdb. The administrator's password comes on the standard input.
# The cluster is made beside its place first: a half made one is never taken for one.
set -eu
umask 077
exec 2>../log/initdb.log
rm -rf new
mkdir new
cat >new/password
"$1" -D new/main --username=dpl_admin --pwfile=new/password --auth=scram-sha-256 \
    --encoding=UTF8 --no-locale --data-checksums >&2
rm new/password
echo "include '../../etc/postgresql.conf'" >new/main/postgresql.conf
cat >new/main/pg_hba.conf <<END
host all all 127.0.0.1/32 scram-sha-256
host replication dpl_replication 127.0.0.1/32 scram-sha-256
END
mv new/main main
rmdir new
