# Read by servers.sh. Run in the folder of the servers' data.
set -eu
umask 077
home=$(cd .. && pwd)
. ../etc/secrets.env
# The number in the file may be another's by now.
is_ours() {
    tr '\0' '\n' <"/proc/$pid/environ" 2>/dev/null | grep -qxF "DISPLACE_SERVER=$home/$name"
}
end() {
    name=$1
    pid=$(cat "$name.pid" 2>/dev/null || true)
    if [ -n "$pid" ] && is_ours; then
        kill -TERM "$pid"
        for _ in $(seq 150); do
            is_ours || break
            sleep 0.2
        done
        if is_ours; then kill -KILL "$pid"; fi
        echo CHANGED
    fi
    rm -f "$name.pid" "$name.started"
}
# A name, what it depends on beside its command, and the command: starts it as a server, again
# where its settings are newer.
keep() {
    name=$1
    wanted=$(printf '%s\n' "$@" | cksum)
    shift 2
    pid=$(cat "$name.pid" 2>/dev/null || true)
    if [ -n "$pid" ] && is_ours && [ "$(cat "$name.started" 2>/dev/null)" = "$wanted" ]; then
        return 0
    fi
    end "$name"
    DISPLACE_SERVER="$home/$name" setsid "$@" >>"../log/$name.log" 2>&1 </dev/null &
    pid=$!
    printf '%s\n' "$pid" >"$name.pid"
    sleep 0.5
    if ! kill -0 "$pid" 2>/dev/null; then
        # Its words may hold a password.
        echo "$name did not start. See log/$name.log." >&2
        exit 1
    fi
    # With which settings it was started: a run that is killed before this starts it again.
    printf '%s\n' "$wanted" >"$name.started"
    echo CHANGED
}
