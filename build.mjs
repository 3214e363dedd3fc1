// Run by Bun: builds dist/ for Node. What src imports dynamically becomes files that load only when they are needed.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const OUT = 'dist';

const naming = { entry: '[name].js', chunk: 'late-[hash].js' };

/**
 * A library of pino's needs `assert`. That of Node makes stderr non-blocking, for the caller and for the start command,
 * too (internal/util/colors asks process.stderr whether it is a terminal): messages would be lost.
 */
const plainAssert = {
  name: 'assert',
  setup(builder) {
    builder.onResolve({ filter: /^(node:)?assert$/ }, () => ({ path: 'assert', namespace: 'plain' }));
    builder.onLoad({ filter: /./, namespace: 'plain' }, () => ({
      contents: 'module.exports = (value, message) => { if (!value) throw new Error(message); };',
      loader: 'js',
    }));
  },
};

async function build(config) {
  const { success, logs, outputs } = await Bun.build({ target: 'node', plugins: [plainAssert], ...config });
  for (const log of logs) console.error(log);
  if (!success) process.exit(1);
  return outputs;
}

// The standalone program is built by itself.
for (const name of await readdir(OUT).catch(() => [])) {
  if (name !== 'sipwd') await rm(join(OUT, name));
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
  for (const output of outputs) {
    // Named imports of CommonJS work with require(), not with import().
    const text = (await output.text()).replaceAll('import("./', 'require("./');
    await Bun.write(join(OUT, output.path), text);
  }
  await Bun.write(join(OUT, 'package.json'), '{ "type": "commonjs" }\n');
} finally {
  await rm(modules, { recursive: true });
}
