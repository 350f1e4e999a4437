# Arguments: epmd, the port of the name server. Run in the folder of its data.
home=$(cd .. && pwd)
pid=$(cat rabbit.pid)
is_ours() {
    grep -aqF "$home/data" "/proc/$pid/cmdline" 2>/dev/null
}
# The folder goes with it: there is nothing to write down before.
if is_ours; then kill -KILL "$pid"; fi
for _ in $(seq 50); do
    is_ours || break
    sleep 0.1
done
rm -f rabbit.pid
# The name server is ours alone: it has a port of its own.
ERL_EPMD_PORT=$2 "$1" -port "$2" -kill >/dev/null 2>&1
exit 0
