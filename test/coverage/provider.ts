import v8 from '@vitest/coverage-v8';
import type { CoverageProvider, CoverageProviderModule } from 'vitest/node';
import { type FileCoverage, placedAs } from './places.ts';
import { coverageOfProgram } from './runs.ts';

/** As far as it is used here. */
interface CoverageMap {
  readonly files: () => string[];
  readonly fileCoverageFor: (file: string) => { readonly data: FileCoverage };
  readonly addFileCoverage: (coverage: FileCoverage) => void;
}

/** The coverage of vitest's own provider, which has the tests of functions, and that of all runs of the program. */
const module: CoverageProviderModule = {
  ...v8,
  async getProvider(): Promise<CoverageProvider> {
    const provider = await v8.getProvider();
    const ofFunctions = provider.generateCoverage.bind(provider);
    provider.generateCoverage = async (context) => {
      const coverage = (await ofFunctions(context)) as CoverageMap;
      for (const other of await coverageOfProgram()) {
        for (const [file, theirs] of Object.entries(other)) {
          if (!coverage.files().includes(file)) continue;
          const { data } = coverage.fileCoverageFor(file);
          coverage.addFileCoverage(placedAs(theirs, data));
        }
      }
      return coverage;
    };
    return provider;
  },
};

export default module;
