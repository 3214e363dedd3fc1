import { execa } from 'execa';
import { isInstalled } from './caller.ts';
import { temporaryFolder } from './folder.ts';

/** It is in the package of Prometheus. */
export const hasPromtool = isInstalled('promtool');

/** Tests rules with the input of a test, in which RULES stands for the path of the rules. */
export function testRules(rules: string, input: string) {
  const folder = temporaryFolder({ 'rules.yml': rules });
  const test = temporaryFolder({ 'test.yml': input.replace('RULES', `${folder}/rules.yml`) });
  return promtool('test', 'rules', `${test}/test.yml`);
}

/** Checks the form of rules, and of the queries in them. */
export function checkRules(rules: string) {
  return promtool('check', 'rules', `${temporaryFolder({ 'rules.yml': rules })}/rules.yml`);
}

async function promtool(...args: readonly string[]) {
  const { exitCode, all } = await execa('promtool', args, { all: true, reject: false });
  return { status: exitCode, said: all };
}
