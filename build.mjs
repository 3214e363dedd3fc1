// Run by Bun: makes dist/, one entry for the fast path and the late parts beside it.
import { readdir, rm } from 'node:fs/promises';

/** These load only when there is something to do, to say, or to explain. */
const LATE = ['src/repair.ts', 'src/log/siplog.ts', 'src/options.ts', 'src/dry-run/dry-run.ts'];

const OUT = 'dist';

/** Leaves the late parts out of the entry. */
const apart = {
  name: 'apart',
  setup(build) {
    build.onResolve({ filter: /\/(repair|siplog|options|dry-run)\.ts$/ }, ({ path, kind }) =>
      kind === 'dynamic-import' ? { path: `./${path.replace(/^.*\/(.*)\.ts$/, '$1.js')}`, external: true } : undefined,
    );
  },
};

async function bundle(config) {
  const { success, logs } = await Bun.build({ target: 'node', outdir: OUT, ...config });
  for (const log of logs) console.error(log);
  if (!success) process.exit(1);
}

// What an earlier build left is no part of this one; the standalone program is built by itself.
for (const name of await readdir(OUT).catch(() => [])) {
  if (name !== 'sipwd') await rm(`${OUT}/${name}`);
}
await bundle({ entrypoints: ['src/cli.ts'], format: 'cjs', naming: 'cli.cjs', plugins: [apart] });
await bundle({
  entrypoints: LATE,
  format: 'esm',
  splitting: true,
  naming: { entry: '[name].js', chunk: '[name]-[hash].js' },
});
