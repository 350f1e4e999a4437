# Arguments: unleash-server. Run in the folder of its data.
set -eu
umask 077
home=$(cd .. && pwd)
wanted=$(printf '%s\n' "$@" "$(cat ../etc/unleash.env)" | cksum)
# The number in the file may be another's by now.
is_ours() {
    [ -n "$pid" ] && tr '\0' '\n' <"/proc/$pid/environ" 2>/dev/null |
        grep -qxF "DISPLACE_SERVER=$home/unleash"
}
pid=$(cat unleash.pid 2>/dev/null || true)
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
set -a
. ../etc/unleash.env
set +a
HOME="$PWD" DISPLACE_SERVER="$home/unleash" setsid "$1" >>../log/unleash.log 2>&1 </dev/null &
pid=$!
printf '%s\n' "$pid" >unleash.pid
sleep 1
if ! kill -0 "$pid" 2>/dev/null; then
    # Its words may hold a password.
    echo "Unleash did not start. See log/unleash.log." >&2
    exit 1
fi
# With which settings it was started: a run that is killed before this starts it again.
printf '%s\n' "$wanted" >started
echo CHANGED
