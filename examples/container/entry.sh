#!/bin/sh
# PID 1 of a container without systemd: entry.sh NAME...
#
# Enables the services with the runfiles /run/NAME.runs, and runs sipwd for the table /etc/sipwd.tab, which starts them and
# keeps them running. If there is a crontab in /etc/crontabs, busybox crond runs it, with the line of sipwd in it:
#   * * * * * /usr/local/bin/sipwd --table /etc/sipwd.tab
#
# SIGTERM (docker stop) stops the services, then the container. docker stop waits for 10 s, and then kills all.

sipwd=/usr/local/bin/sipwd
table=/etc/sipwd.tab
interval=${INTERVAL:-60}

stop() {
  trap '' TERM INT
  # Not PID 1: the container goes on, and so do its services.
  [ $$ -eq 1 ] || exit 0
  # First: from here on, sipwd starts nothing.
  rm -f /run/*.runs
  # -1: all processes except PID 1.
  kill -TERM -1
  # A shell reaps the processes whose parent has exited while it waits for sleep.
  tries=40
  while kill -0 -1 2>/dev/null && [ $((tries -= 1)) -gt 0 ]; do sleep 0.2; done
  exit 0
}
# A trap waits for the command in the foreground, but not for wait: so each command runs in the background.
trap stop TERM INT

for name; do touch "/run/$name.runs"; done

"$sipwd" --table "$table" &
wait $!
if [ -d /etc/crontabs ]; then
  busybox crond -f -c /etc/crontabs &
  wait $!
  exit 1
fi
while :; do
  sleep "$interval" &
  wait $!
  "$sipwd" --table "$table" &
  wait $!
done
