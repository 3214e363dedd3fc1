/**
 * The options in a help text.
 *
 * @param {string} help what `sipwd --help` prints
 * @returns {{ names: string[], value: string | undefined, text: string }[]} names: as one types them, the long one last;
 *   value: what follows the option, in the word of the help; text: what it does
 */
export function optionsIn(help) {
  const [, rest = ''] = help.split('\nOptions:\n');
  const [list = ''] = rest.split('\n\n', 1);
  // A line that begins further right continues the one before.
  const lines = list.replaceAll(/\n {4,}/g, ' ').split('\n');
  return lines.map((line) => {
    const [, flags = '', text = ''] = /^ {2}(-.*?) {2,}(.*)$/.exec(line) ?? [];
    return { names: flags.match(/--?[a-z-]+/gi) ?? [], value: /<(.*)>/.exec(flags)?.[1], text: brief(text) };
  });
}

/** A completion says what an option does, not how. */
function brief(text) {
  return text.replace(/ \(default: .*\)$/, '').replace(/;.*$/, '');
}
