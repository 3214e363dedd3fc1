/** @typedef {ReturnType<typeof import('./options.mjs').optionsIn>[number]} Option */

// The words of the help for a value that is a path. Any other value is a number or a name, which no shell can know.
const PATHS = { file: 'file', dir: 'directory', directory: 'directory' };

/** @param {Option} option */
const pathOf = ({ value = '' }) => PATHS[value.toLowerCase()];

/** @param {Option[]} options */
const namesOf = (options) => options.flatMap(({ names }) => names);

/** @param {Option[]} options */
export function bashCompletion(options) {
  const withValue = options.filter(({ value }) => value !== undefined);
  const files = 'mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;';
  const values = [
    { path: undefined, completes: 'return ;;' },
    { path: 'file', completes: files },
    { path: 'directory', completes: files.replace('-f', '-d') },
  ].flatMap(({ path, completes }) => {
    const names = namesOf(withValue.filter((option) => pathOf(option) === path));
    return names.length > 0 ? [`${names.join(' | ')}) ${completes}`] : [];
  });
  return `# bash completion for sipwd(8)
_sipwd() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]}
  # --option=value is three words.
  if [[ $word == = ]]; then
    word=
  elif [[ $before == = ]]; then
    before=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  COMPREPLY=()
  case $before in
    ${values.join('\n    ')}
    *)
      case $word in
        -*) mapfile -t COMPREPLY < <(compgen -W '${namesOf(options).join(' ')}' -- "$word") ;;
        *) ${files}
      esac
      ;;
  esac
}
complete -o filenames -F _sipwd sipwd
`;
}

/** @param {Option[]} options */
export function zshCompletion(options) {
  const actions = { file: '_files', directory: '_directories' };
  const specs = options.map((option) => {
    const { names, value, text } = option;
    const action = value === undefined ? '' : `:${value}:${actions[pathOf(option)] ?? ''}`;
    const explained = quoted(`[${text.replaceAll(/[[\]]/g, '\\$&')}]${action}`);
    const [short, long] = names;
    if (long === undefined) return `${short}${value === undefined ? '' : '='}${explained}`;
    return `'(${names.join(' ')})'{${names.join(',')}}${explained}`;
  });
  const words = ['runfile:_files', 'binfile:_files', 'pidfile:_files', 'command:_command_names -e'];
  const positionals = [...words.map((word) => `':${word}'`), "'::force_restart_file:_files'"];
  return `#compdef sipwd
_arguments -s -S \\
  ${[...specs, ...positionals].join(' \\\n  ')}
`;
}

/** @param {Option[]} options */
export function fishCompletion(options) {
  const actions = { file: '-r -F', directory: "-x -a '(__fish_complete_directories)'" };
  const lines = options.map((option) => {
    const { names, value, text } = option;
    const flags = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
    const action = value === undefined ? [] : [actions[pathOf(option)] ?? '-x'];
    return ['complete -c sipwd', ...flags, ...action, `-d ${quoted(text)}`].join(' ');
  });
  return `# fish completion for sipwd(8)\n${lines.join('\n')}\n`;
}

/** A text as a word of any of these shells. */
function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
