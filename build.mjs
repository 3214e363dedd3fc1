// Run by Bun: builds dist/ for Node. What src imports dynamically becomes files that load only when they are needed.
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { NO_CHECKOUT } from './release/program.mjs';

const OUT = 'dist';

const naming = { entry: '[name].js', chunk: 'late-[hash].js' };

async function build(config) {
  const { success, logs, outputs } = await Bun.build({ target: 'node', ...config });
  for (const log of logs) console.error(log);
  if (!success) process.exit(1);
  return outputs;
}

/** A program that runs meanwhile finds the old files or the new ones. */
async function replace(name, text) {
  const draft = join(OUT, `${name}.${process.pid}`);
  await Bun.write(draft, text);
  await rename(draft, join(OUT, name));
  return name;
}

/** The text of a file of dist: without the temporary directory, which is another in each build, and is not trusted. */
function finished(text) {
  return (
    text
      // Named imports of CommonJS work with require(), not with import().
      .replaceAll('import("./', 'require("./')
      .replaceAll(new RegExp(`"file://${modules}/[^"]+"`, 'g'), '__filename')
      .replaceAll(new RegExp(`^// .*${basename(modules)}/`, 'gm'), '// ')
  );
}

const modules = await mkdtemp(join(tmpdir(), 'sipwd-build-'));
try {
  // Bun splits ES modules only, but CommonJS starts some milliseconds faster: hence two passes.
  await build({
    entrypoints: ['src/main.ts'],
    outdir: modules,
    format: 'esm',
    splitting: true,
    naming,
    define: NO_CHECKOUT,
  });
  const names = await readdir(modules);
  const outputs = await build({
    entrypoints: names.map((name) => join(modules, name)),
    external: ['./*'],
    format: 'cjs',
    naming: '[name].js',
  });
  const written = [await replace('package.json', '{ "type": "commonjs" }\n')];
  for (const output of outputs) {
    written.push(await replace(basename(output.path), finished(await output.text())));
  }
  // The standalone program is built by itself.
  for (const name of await readdir(OUT)) {
    if (/^(main|late)\b.*\.js$/.test(name) && !written.includes(name)) await rm(join(OUT, name), { force: true });
  }
} finally {
  await rm(modules, { recursive: true });
}
