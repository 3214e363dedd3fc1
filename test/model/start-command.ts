/** How a process of the service behaves. */
export const KINDS = ['plain', 'deaf', 'abort-deaf', 'zombie', 'brief'] as const;

export type Kind = (typeof KINDS)[number];

/**
 * A start command that records what it does. It starts one generation of the service, a process for each kind in the
 * file `next`. It writes them into `roll`, and into `overlaps` the processes of earlier generations that still run. When
 * it exits, every process runs the binary, and the pidfile, which was replaced in one step, names them all.
 */
export function startCommand(folder: string, binfile: string): string {
  return `#!/bin/sh
cd '${folder}' || exit 1
read -r generation <generation
generation=$((generation + 1))
while read -r older pid kind; do
  [ "/proc/$pid/exe" -ef '${binfile}' ] && echo "$kind PID $pid of $older lives at the start of $generation" >>overlaps
done <roll
echo "$generation" >generation
pids=
for kind in $(cat next); do
  case $kind in
    plain) '${binfile}' 1000 "$generation" </dev/null >/dev/null 2>&1 & pid=$! ;;
    deaf) (trap '' TERM; exec '${binfile}' 1000 "$generation") </dev/null >/dev/null 2>&1 & pid=$! ;;
    abort-deaf) (trap '' ABRT; exec '${binfile}' 1000 "$generation") </dev/null >/dev/null 2>&1 & pid=$! ;;
    brief) '${binfile}' 0.2 </dev/null >/dev/null 2>&1 & pid=$! ;;
    zombie) # Its parent does not reap it.
      ('${binfile}' 1000 "$generation" & echo $! >child; exec sleep 1000) </dev/null >/dev/null 2>&1 &
      echo $! >>parents
      until [ -s child ]; do :; done
      read -r pid <child
      rm child ;;
  esac
  echo "$generation $pid $kind" >>roll
  while [ "/proc/$pid/exe" -ef "/proc/$$/exe" ]; do :; done
  pids="$pids $pid"
done
echo $pids >new
mv -T new svc.pid
`;
}
