/** The samples of the only service, or of one, in metrics: values by name, without the prefix. */
export function samplesIn(text: string, name?: string): Record<string, number> {
  const lines = text.split('\n').filter((line) => line.startsWith('sipwd_'));
  const own = lines.filter((line) => name === undefined || new RegExp(`[{,]name="${name}"`).test(line));
  return Object.fromEntries(own.map((line) => [line.slice(6, line.indexOf('{')), Number(line.split(' ').at(-1))]));
}
