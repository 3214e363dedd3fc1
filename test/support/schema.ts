import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Report } from '../../src/dry-run/report.ts';

/** The part of a JSON Schema that the tests read. */
interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly $ref?: string;
}

/** The JSON Schema of the JSON form of a dry run. */
const SCHEMA: Schema = JSON.parse(readFileSync('docs/dry-run.schema.json', 'utf8'));

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });

/** Whether the schema allows a value; `problems` says why not. */
export const isReport = ajv.compile<Report>(SCHEMA);

export function problems(): string {
  return ajv.errorsText(isReport.errors, { dataVar: 'report' });
}

/** The keys of an object of the schema: of the report itself, or of the one of that name. */
export function keysOf(name?: string): string[] {
  const schema = name === undefined ? SCHEMA : SCHEMA.$defs?.[name];
  return Object.keys(schema?.properties ?? {});
}

/** The names of the actions that a plan can have. */
export function actionsOfSchema(): (string | undefined)[] {
  const actions = SCHEMA.$defs?.plan?.properties?.actions?.items?.oneOf ?? [];
  return actions.map(({ $ref }) => $ref?.split('/').at(-1));
}

/** The keys of all objects of the schema. */
export function allKeys(schema: Schema = SCHEMA): string[] {
  const nested = [...Object.values(schema.properties ?? {}), ...Object.values(schema.$defs ?? {})];
  return [...Object.keys(schema.properties ?? {}), ...nested.flatMap((each) => allKeys(each))];
}
