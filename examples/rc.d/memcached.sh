#!/bin/sh
# Starts and stops memcached, and keeps the runfile, by which sipwd knows whether it is meant to run.

self=/usr/local/etc/rc.d/memcached.sh
runfile=/run/memcached.runs
binfile=/usr/bin/memcached
user=memcache
# memcached writes its pidfile when it is root no more: hence a folder of its own.
folder=/run/memcached
pidfile=$folder/memcached.pid

case "${1-}" in
start)
  touch "$runfile"
  # By sipwd itself: its lock keeps this start apart from one by cron, and what runs is not started twice.
  exec /usr/local/bin/sipwd "$runfile" "$binfile" "$pidfile" "$self run"
  ;;

run)
  # For sipwd. It leaves the runfile alone, so that a stop meanwhile is not undone.
  install -d -o "$user" "$folder"
  # sipwd has seen to it that none of its processes runs, and some daemons refuse to start over an old pidfile.
  rm -f "$pidfile"
  exec "$binfile" -d -u "$user" -l 127.0.0.1 -p 11211 -P "$pidfile"
  ;;

stop)
  # The runfile first, or sipwd brings the service back.
  rm -f "$runfile"
  # By name as well: the PID in an old pidfile may be somebody else's.
  pkill --pidfile "$pidfile" --exact "${binfile##*/}" 2>/dev/null
  tries=40
  while pgrep --pidfile "$pidfile" --exact "${binfile##*/}" >/dev/null 2>&1; do
    [ $((tries -= 1)) -gt 0 ] || exit 1
    sleep 0.2
  done
  ;;

*)
  echo "usage: $0 start | stop" >&2
  exit 1
  ;;
esac
