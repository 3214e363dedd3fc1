#!/bin/sh
# Starts and stops memcached, and keeps its runfile: while the runfile exists, sipwd keeps memcached running.

self=/usr/local/etc/rc.d/memcached.sh
runfile=/run/memcached.runs
binfile=/usr/bin/memcached
user=memcache
# memcached writes its pidfile as this user, so it needs a directory of its own.
directory=/run/memcached
pidfile=$directory/memcached.pid

# The binary is compared, too: the PID in an old pidfile may belong to another program by now.
is_running() {
  pid=$(cat "$pidfile" 2>/dev/null) && exe=$(readlink "/proc/$pid/exe") || return 1
  [ "${exe% (deleted)}" = "$binfile" ]
}

case "${1-}" in
start)
  # First: sipwd starts only a service that is enabled.
  touch "$runfile"
  # sipwd holds a lock during the start: if cron runs sipwd now, there is still only one start.
  exec /usr/local/bin/sipwd "$runfile" "$binfile" "$pidfile" "$self run"
  ;;

run)
  # Only sipwd calls this. It does not touch the runfile: a stop during the start stays a stop.
  install -d -o "$user" "$directory"
  # Some daemons refuse to start while the PID in an old pidfile exists.
  rm -f "$pidfile"
  exec "$binfile" -d -u "$user" -l 127.0.0.1 -p 11211 -P "$pidfile"
  ;;

stop)
  # First: from here on, sipwd does not start memcached again.
  rm -f "$runfile"
  is_running && kill "$pid"
  tries=40
  while is_running; do
    [ $((tries -= 1)) -gt 0 ] || exit 1
    sleep 0.2
  done
  ;;

status)
  # Exit status 0: it runs, 3: it does not, as for an init script.
  [ -e "$runfile" ] && enabled=enabled || enabled=disabled
  if is_running; then
    echo "memcached runs, $enabled"
  else
    echo "memcached does not run, $enabled"
    exit 3
  fi
  ;;

*)
  echo "usage: $0 start | stop | status" >&2
  exit 1
  ;;
esac
