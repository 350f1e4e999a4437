# Arguments: redis-server, redis-cli, port. Run in the folder of its data.
set -eu
umask 077
server=$1 cli=$2 port=$3
answers() {
    timeout 5 "$cli" -h 127.0.0.1 -p "$port" PING 2>&1 | grep -q 'PONG\|NOAUTH'
}
until_it() {
    for _ in $(seq 600); do
        if "$@"; then return 0; fi
        sleep 0.1
    done
    echo "It does not: $*. See log/redis.log." >&2
    exit 1
}
is_gone() {
    ! kill -0 "$pid" 2>/dev/null
}
settings=$(cat ../etc/redis.conf ../etc/users.acl | cksum)
if answers; then
    if [ "$(cat started 2>/dev/null)" = "$settings" ]; then exit 0; fi
    # It writes down what it holds before it ends.
    pid=$(cat redis.pid)
    kill -TERM "$pid"
    until_it is_gone
fi
"$server" ../etc/redis.conf >/dev/null
until_it answers
# With which settings it was started: a run that is killed before this starts it again.
printf '%s\n' "$settings" >started
echo CHANGED
