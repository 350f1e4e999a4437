# Arguments: port. Run in the folder of its data. The number in the file may be another's by now.
pid=$(cat redis.pid)
if grep -aq "^redis-server 127.0.0.1:$1" "/proc/$pid/cmdline" 2>/dev/null; then
    kill -TERM "$pid"
fi
rm -f redis.pid
