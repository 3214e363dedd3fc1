import type { ChildProcess } from 'node:child_process';
import { searchDirectories } from '../files/binary.ts';
import { errnoOf } from '../files/errno.ts';

/** The errno of a program that was killed after its timeout. */
export const TIMED_OUT = 'ETIMEDOUT';

/** ms: what takes longer is blocked in the kernel, and may be for ever */
export const BLOCKED_MS = 2000;

/** What became of a program that sipwd ran for itself. */
export interface ToolResult {
  /** undefined: it did not exit by itself, or could not be run */
  readonly status: number | undefined;
  readonly stdout: string;
  /** why there is no status: an errno, or ETIMEDOUT */
  readonly errno: string | undefined;
}

export interface ToolOptions {
  /** what it reads */
  readonly input?: string;
  /** the descriptor that it gets as its standard input */
  readonly descriptor?: number;
  /** in its environment, beside PATH */
  readonly environment?: Readonly<Record<string, string>>;
  /** ms until it is killed */
  readonly timeout: number;
}

/**
 * Runs a program of the system, found by absolute paths only, and never waits longer than the timeout: a process that
 * the kernel does not let go is left behind.
 */
export async function runTool(name: string, args: readonly string[], options: ToolOptions): Promise<ToolResult> {
  const { input, descriptor, environment, timeout } = options;
  const { spawn } = await import('node:child_process');
  let child: ChildProcess;
  try {
    child = spawn(name, args, {
      stdio: [descriptor ?? (input === undefined ? 'ignore' : 'pipe'), 'pipe', 'ignore'],
      env: { ...environment, PATH: searchDirectories(process.env.PATH).join(':') },
      cwd: '/',
    });
  } catch (error) {
    return { status: undefined, stdout: '', errno: errnoOf(error) ?? String(error) };
  }
  // A program that does not read all of its input is no failure of sipwd.
  child.stdin?.on('error', () => undefined).end(input);
  const chunks: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve) => {
    const end = (status: number | undefined, errno: string | undefined) => {
      clearTimeout(timer);
      clearImmediate(next);
      resolve({ status, stdout: Buffer.concat(chunks).toString('latin1'), errno });
    };
    const giveUp = () => {
      child.kill('SIGKILL');
      child.unref();
      child.stdout?.destroy();
      end(undefined, TIMED_OUT);
    };
    // If sipwd itself stood still, the program may have exited meanwhile: that is noticed within two turns.
    let next: NodeJS.Immediate | undefined;
    const timer = setTimeout(() => {
      next = setImmediate(() => {
        next = setImmediate(giveUp);
      });
    }, timeout);
    child.on('error', (error) => end(undefined, errnoOf(error) ?? error.message));
    child.on('close', (status, signal) => end(status ?? undefined, signal ?? undefined));
  });
}
