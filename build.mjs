// Run by Bun: builds dist/ for Node. What src imports dynamically becomes files that load only when they are needed.
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

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

const modules = await mkdtemp(join(tmpdir(), 'sipwd-build-'));
try {
  // Bun splits ES modules only, but CommonJS starts some milliseconds faster: hence two passes.
  await build({ entrypoints: ['src/main.ts'], outdir: modules, format: 'esm', splitting: true, naming });
  const names = await readdir(modules);
  const outputs = await build({
    entrypoints: names.map((name) => join(modules, name)),
    external: ['./*'],
    format: 'cjs',
    naming: '[name].js',
  });
  const written = [await replace('package.json', '{ "type": "commonjs" }\n')];
  for (const output of outputs) {
    // Named imports of CommonJS work with require(), not with import().
    const text = (await output.text()).replaceAll('import("./', 'require("./');
    written.push(await replace(basename(output.path), text));
  }
  // The standalone program is built by itself.
  for (const name of await readdir(OUT)) {
    if (/^(main|late)\b.*\.js$/.test(name) && !written.includes(name)) await rm(join(OUT, name), { force: true });
  }
} finally {
  await rm(modules, { recursive: true });
}
