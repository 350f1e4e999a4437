# Run in the folder of its data. The number in the file may be another's by now.
home=$(cd .. && pwd)
pid=$(cat unleash.pid)
if tr '\0' '\n' <"/proc/$pid/environ" 2>/dev/null | grep -qxF "DISPLACE_SERVER=$home/unleash"; then
    kill -TERM "$pid"
fi
rm -f unleash.pid
