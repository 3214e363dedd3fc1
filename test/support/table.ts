import { quoted } from './caller.ts';
import { type TestService, testService } from './service.ts';
import { type Run, sipwd } from './sipwd.ts';

/** The line of a service, with options before its arguments. */
export function lineOf({ args }: { readonly args: readonly string[] }, ...options: readonly string[]): string {
  return [...options, ...args].map(quoted).join(' ');
}

/** Writes a table into the directory of a service. */
export function tableOf(service: TestService, ...lines: readonly string[]): string {
  return service.write('sipwd.tab', lines.map((line) => `${line}\n`).join(''));
}

/** Services that are down, and the table of them. */
export function servicesInTable(count: number, ...options: readonly string[]) {
  const services = Array.from({ length: count }, () => testService());
  const [first] = services;
  if (first === undefined) throw new Error('no service');
  return { services, table: tableOf(first, ...services.map((each) => lineOf(each, ...options))) };
}

export function runTable(table: string, ...options: readonly string[]): Promise<Run> {
  return sipwd([...options, '--table', table]);
}
