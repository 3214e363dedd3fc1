import { describe, expect, test } from 'vitest';
import { Binary } from '../../src/files/binary.ts';
import { quickVerdictOn } from '../../src/process/match.ts';
import { Procfs } from '../../src/process/procfs.ts';
import { ancestors, matchingDescendants } from '../../src/service/workers.ts';
import { Crew, WORKER } from '../support/crew.ts';
import { temporaryFolder } from '../support/folder.ts';
import { start, startTimeOf } from '../support/process.ts';
import { until } from '../support/wait.ts';

const proc = new Procfs();

function found({ service }: Crew, ...pids: readonly number[]) {
  const binary = new Binary(service.binfile, process.env.PATH);
  const processes = pids.map((pid) => ({ pid, threads: 1 }));
  return matchingDescendants(processes, (pid) => quickVerdictOn(pid, binary, proc), proc);
}

const pidsOf = (ids: readonly { pid: number }[]) => ids.map(({ pid }) => pid);

async function running(...lines: string[]): Promise<Crew> {
  const crew = new Crew(lines);
  await crew.start();
  return crew;
}

describe('the matching descendants', () => {
  test('when there are children, each is found with its start time', async () => {
    const crew = await running(WORKER.plain, WORKER.plain);
    const ids = crew.workers.map((pid) => ({ pid, startTime: Number(startTimeOf(pid)) }));
    expect(ids).toHaveLength(2);
    expect(found(crew, crew.main).map(({ pid, startTime }) => ({ pid, startTime }))).toEqual(ids);
  });

  test('when there are no children, none is found', async () => {
    const crew = await running();
    expect(found(crew, crew.main)).toEqual([]);
  });

  test('when a child runs another binary, it is not found, but its own children are', async () => {
    const crew = await running(WORKER.grandchild);
    expect(pidsOf(found(crew, crew.main))).toEqual(crew.workers);
  });

  test('when the children have descendants, these are found, too', async () => {
    // A subshell is a process of the binary of its shell.
    const crew = await running('( ( $WORKER 1000 & wait ) & wait ) &');
    const pids = pidsOf(found(crew, crew.main));
    expect(pids).toHaveLength(3);
    expect(pids).toEqual(expect.arrayContaining(crew.workers));
  });

  test('when one process descends from another, it is not found again', async () => {
    const crew = await running(WORKER.plain, WORKER.plain);
    const [first = 0, second = 0] = crew.workers;
    expect(pidsOf(found(crew, crew.main, first))).toEqual([second]);
  });

  test('when the process no longer exists, none of its former children is found', async () => {
    const crew = await running(WORKER.plain);
    const { main } = crew;
    expect(pidsOf(found(crew, main))).toEqual(crew.workers);
    await crew.killMain();
    expect(crew.workers).toHaveLength(1);
    expect(found(crew, main)).toEqual([]);
  });
});

test('when there are more children than one read of /proc gives, all of them are found', async () => {
  const many = 900;
  const script = `n=0; while [ $n -lt ${many} ]; do sleep 1000 & n=$((n + 1)); done; wait`;
  const { pid } = start('/bin/sh', ['-c', script], { detached: true });
  try {
    await until('all of them are found', () => proc.children(pid, 1).length === many);
  } finally {
    process.kill(-pid, 'SIGKILL');
  }
});

describe('the ancestors', () => {
  /** A stat line in which only the parent matters. */
  const childOf = (parent: number) => `7 (svc) S ${parent} ${'0 '.repeat(48)}`;

  test('when there are several generations, all are found, the nearest first', () => {
    const root = temporaryFolder({
      '9/stat': childOf(8),
      '8/stat': childOf(7),
      '7/stat': childOf(1),
      '1/stat': childOf(0),
    });
    expect(ancestors(9, new Procfs(root))).toEqual([8, 7, 1]);
  });

  test('when an ancestor exits meanwhile, those before it are found', () => {
    const root = temporaryFolder({ '9/stat': childOf(8), '8/stat': childOf(7) });
    expect(ancestors(9, new Procfs(root))).toEqual([8, 7]);
  });

  test('when there is no such process, there are none', () => {
    expect(ancestors(9, new Procfs(temporaryFolder()))).toEqual([]);
  });
});
