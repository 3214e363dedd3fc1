/**
 * What is in the way of a release, before anything is built.
 *
 * @param {{ version: string, repository?: unknown }} packageJson
 * @param {string} changelog the text of CHANGELOG.md
 * @param {string} changes what `git status --porcelain` prints
 * @returns {string[]} one sentence for each problem
 */
export function problemsOf(packageJson, changelog, changes) {
  const { version, repository } = packageJson;
  const headings = changelog.split('\n').filter((line) => line.startsWith('## '));
  const problems = [];
  if (changes !== '') problems.push(`the working tree has changes:\n${changes.trimEnd()}`);
  if (headings[0] !== `## ${version}`) {
    problems.push(`CHANGELOG.md begins with "${headings[0] ?? ''}", not with "## ${version}"`);
  }
  if (repository === undefined) problems.push('package.json has no "repository": npm needs it to state the provenance');
  return problems;
}
