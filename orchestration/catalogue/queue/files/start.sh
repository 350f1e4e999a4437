# Arguments: rabbitmq-server, its port for other nodes, the port of its name server. The cookie
# comes on the standard input. Run in the folder of its data.
set -eu
umask 077
home=$(cd .. && pwd)
settings=$(cat ../etc/rabbitmq.conf ../etc/definitions.json | cksum)
is_ours() {
    grep -aqF "$home/data" "/proc/$1/cmdline" 2>/dev/null
}
pid=$(cat rabbit.pid 2>/dev/null || true)
if [ -n "$pid" ] && is_ours "$pid"; then
    if [ "$(cat started 2>/dev/null)" = "$settings" ]; then exit 0; fi
    # It writes down what it holds before it ends.
    kill -TERM "$pid"
    for _ in $(seq 300); do
        is_ours "$pid" || break
        sleep 0.2
    done
    if is_ours "$pid"; then kill -KILL "$pid"; fi
fi
rm -f .erlang.cookie
cat >.erlang.cookie
chmod 400 .erlang.cookie
printf '[rabbitmq_prometheus].\n' >plugins
export HOME="$PWD"
export ERL_EPMD_PORT="$3" ERL_EPMD_ADDRESS=127.0.0.1
export RABBITMQ_CONF_ENV_FILE=/dev/null
export RABBITMQ_NODENAME=displace@localhost
export RABBITMQ_DIST_PORT="$2"
export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1}"
export RABBITMQ_CONFIG_FILE="$home/etc/rabbitmq"
export RABBITMQ_ENABLED_PLUGINS_FILE="$PWD/plugins"
export RABBITMQ_MNESIA_BASE="$PWD/mnesia"
export RABBITMQ_GENERATED_CONFIG_DIR="$PWD/config"
export RABBITMQ_PID_FILE="$PWD/rabbit.pid"
export RABBITMQ_LOG_BASE="$home/log"
"$1" -detached >../log/start.log 2>&1
for _ in $(seq 300); do
    pid=$(cat rabbit.pid 2>/dev/null || true)
    if [ -n "$pid" ] && is_ours "$pid"; then
        # With which settings it was started: a run that is killed before starts it again.
        printf '%s\n' "$settings" >started
        echo CHANGED
        exit 0
    fi
    sleep 0.2
done
echo "RabbitMQ did not start. See log/start.log." >&2
exit 1
