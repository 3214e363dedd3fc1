import { createHash } from 'node:crypto';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes longest, mostly waits for real daemons: begun last, it would keep one core busy while the other has no work. */
const LONG =
  /(daemons(-one-copy|-unreaped)?|faults|hook|watchdog|demo|core-dump|twins|forest|runfile-unit|upgrade|pidfile-lost|fleet|cron|failure|metrics|forced)\.test\.ts$/;

/** The order of the files of tests: long ones first. In random order, that of the seed. */
export default class Order extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { shuffle, seed } = this.ctx.config.sequence;
    if (!shuffle) {
      const sorted = await super.sort(files);
      const isLong = ({ moduleId }: TestSpecification) => LONG.test(moduleId);
      return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
    }
    const rankOf = ({ moduleId }: TestSpecification) =>
      createHash('sha256').update(`${seed} ${moduleId}`).digest('hex');
    return files.toSorted((one, other) => (rankOf(one) < rankOf(other) ? -1 : 1));
  }
}
