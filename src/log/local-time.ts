/** A moment in local time, as log lines begin: `22 Nov 14:27:10`. Intl would cost every healthy check its memory. */
export function localTime(ms: number): string {
  // The form of this text is fixed by ECMAScript (Date.prototype.toString).
  const [, month, day, , time] = new Date(ms).toString().split(' ');
  return `${Number(day)} ${month} ${time}`;
}
