let stage = 0;

/** @param {...string} lines */
export function tell(...lines) {
  console.log(lines.join('\n'));
}

/**
 * @param {string} title
 * @param {...string} lines
 */
export function begin(title, ...lines) {
  stage += 1;
  tell('', '', `${stage}. ${title}`, '', ...lines);
}

/** @param {string} line */
export function tellCommand(line) {
  tell('', `  $ ${line}`);
}

/** @param {import('./place.mjs').Run} run */
export function tellRun({ output, status, seconds }) {
  for (const line of output.split('\n').filter(Boolean)) tell(`  ${line}`);
  tell(`  (exit status ${status}, ${seconds} s)`);
}

/** @param {string} what */
export function tellResult(what) {
  tell('', `Result: ${what}`);
}
