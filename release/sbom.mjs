import { execFileSync } from 'node:child_process';
import { commitTime } from './commit.mjs';

/**
 * What the programs consist of, as a CycloneDX document: the packages that the build took files from, and Bun's runtimes.
 * The tools of the build are not in it.
 *
 * @param sources the paths of the source files in a program
 * @param runtimes the names of the packages of Bun's runtimes
 * @returns the same for every build of a commit
 */
export function sbomOf(sources, runtimes) {
  const sbom = npmSbom('.');
  const bundled = packagesOf(sources);
  const components = [
    ...sbom.components.filter(({ name }) => bundled.has(name)),
    ...npmSbom('release').components.filter(({ name }) => runtimes.includes(name)),
  ].map((component) => ({ ...component, scope: 'required', properties: [] }));
  const { component } = sbom.metadata;
  const refs = components.map((one) => one['bom-ref']);
  // A serial number would be another in each build.
  const { serialNumber, ...rest } = sbom;
  return {
    ...rest,
    metadata: {
      ...sbom.metadata,
      timestamp: new Date(commitTime() * 1000).toISOString(),
      component: { ...component, type: 'application', name: 'sipwd' },
    },
    components,
    dependencies: [
      { ref: component['bom-ref'], dependsOn: refs },
      ...refs.map((ref) => ({ ref, dependsOn: dependenciesOf(sbom, ref).filter((other) => refs.includes(other)) })),
    ],
  };
}

function npmSbom(folder) {
  const args = ['sbom', '--package-lock-only', '--sbom-format', 'cyclonedx'];
  return JSON.parse(execFileSync('npm', args, { cwd: folder, encoding: 'utf8' }));
}

/** The names of the packages that hold these files. */
export function packagesOf(paths) {
  return new Set(paths.flatMap((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []));
}

function dependenciesOf(sbom, ref) {
  return sbom.dependencies.find((entry) => entry.ref === ref)?.dependsOn ?? [];
}
