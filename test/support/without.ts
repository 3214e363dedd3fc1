/**
 * Shell code that hides a program in the usual directories, in a mount namespace: the rest of a directory is linked there.
 *
 * @param scratch a directory of the test
 */
export function without(name: string, scratch: string): string {
  return `for dir in /usr/local/sbin /usr/local/bin /usr/sbin /usr/bin /opt/node/bin /snap/bin; do
    [ -e "$dir/${name}" ] || continue
    real=${scratch}/real$dir
    mkdir -p "$real" && mount --bind "$dir" "$real" && mount -t tmpfs none "$dir"
    PATH=$real:$PATH ln -s "$real"/* "$dir"
    rm "$dir/${name}"
  done`;
}
