# Arguments: pg_ctl. Run in the folder that holds the cluster "main". The number in the server's file
# may be another's by now.
pid=$(head -n 1 main/postmaster.pid)
if [ "$(readlink "/proc/$pid/cwd" 2>/dev/null)" = "$(pwd -P)/main" ]; then
    exec "$1" -D main -w -t 30 -m immediate stop
fi
rm -f main/postmaster.pid
