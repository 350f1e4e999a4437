# Arguments: locust, port, users, users a second, seconds. Run in the folder of its data.
set -eu
umask 077
home=$(cd .. && pwd)
wanted=$(printf '%s\n' "$@" "$(cat ../etc/locustfile.py)" | cksum)
# The number in the file may be another's by now.
is_ours() {
    [ -n "$pid" ] && tr '\0' '\n' <"/proc/$pid/environ" 2>/dev/null |
        grep -qxF "DISPLACE_SERVER=$home/locust"
}
pid=$(cat locust.pid 2>/dev/null || true)
if is_ours; then
    if [ "$(cat started 2>/dev/null)" = "$wanted" ]; then exit 0; fi
    kill -TERM "$pid"
    for _ in $(seq 150); do
        is_ours || break
        sleep 0.2
    done
    if is_ours; then kill -KILL "$pid"; fi
fi
rm -f started
HOME="$PWD" PYTHONDONTWRITEBYTECODE=1 DISPLACE_SERVER="$home/locust" setsid "$1" \
    -f ../etc/locustfile.py --web-host 127.0.0.1 --web-port "$2" --autostart \
    -u "$3" -r "$4" -t "$5s" --loglevel WARNING >>../log/locust.log 2>&1 </dev/null &
pid=$!
printf '%s\n' "$pid" >locust.pid
sleep 1
if ! kill -0 "$pid" 2>/dev/null; then
    tail -n 3 ../log/locust.log >&2
    exit 1
fi
# With which settings it was started: a run that is killed before this starts it again.
printf '%s\n' "$wanted" >started
echo CHANGED
