/** Whether the runtime could decode an argument: U+FFFD stands for what it could not, and makes another name of it. */
export function isUtf8(argument: string): boolean {
  return !argument.includes('\uFFFD');
}
