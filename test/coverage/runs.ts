import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { convert } from 'ast-v8-to-istanbul';
import { parseAstAsync } from 'vitest/node';
import type { FileCoverage } from './places.ts';
import { DIST, RAW } from './program.ts';

type Script = Parameters<typeof convert>[0]['coverage'];

const { mergeScriptCovs } = createRequire(import.meta.url)('@bcoe/v8-coverage') as {
  readonly mergeScriptCovs: (scripts: readonly Script[]) => Script;
};

/** Merged at once: a run of all tests leaves thousands of files. */
const AT_ONCE = 100;

const MAP = '.map';

/** What all runs of the program have executed, by file of the source. A run that was killed has left nothing. */
export async function coverageOfProgram(): Promise<Readonly<Record<string, FileCoverage>>[]> {
  const merged = new Map<string, Script>();
  const files = readdirSync(process.env[RAW] ?? '').map((name) => join(process.env[RAW] ?? '', name));
  for (let first = 0; first < files.length; first += AT_ONCE) {
    const scripts = files.slice(first, first + AT_ONCE).flatMap(scriptsIn);
    for (const name of new Set(scripts.map(nameOf))) {
      const some = scripts.filter((script) => nameOf(script) === name);
      merged.set(name, mergeScriptCovs([...some, ...[merged.get(name) ?? []].flat()]));
    }
  }
  return Promise.all([...merged].map(([name, script]) => inSource(name, script)));
}

/** A test may run a copy of the program: it has the same names. */
function nameOf({ url }: Script): string {
  return basename(url);
}

/** The scripts of the program in one file; none in that of another program, or of a run that was killed in between. */
function scriptsIn(file: string): Script[] {
  const names = readdirSync(DIST);
  try {
    const { result } = JSON.parse(readFileSync(file, 'utf8')) as { readonly result: readonly Script[] };
    return result.filter((script) => script.url.includes('/dist/') && names.includes(nameOf(script) + MAP));
  } catch {
    return [];
  }
}

async function inSource(name: string, script: Script): Promise<Readonly<Record<string, FileCoverage>>> {
  const path = resolve(DIST, name);
  const code = readFileSync(path, 'utf8');
  const sourceMap = JSON.parse(readFileSync(path + MAP, 'utf8'));
  const coverage = { ...script, url: pathToFileURL(path).href };
  return convert({ code, sourceMap, coverage, ast: parseAstAsync(code) });
}
