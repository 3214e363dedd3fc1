// Run by Bun: builds dist/sipwd, which needs no Node, for this machine.
import { buildProgram, withBytecodeOrder } from './release/program.mjs';

await withBytecodeOrder((bytecodeOrder) => buildProgram('dist/sipwd', { bytecodeOrder }));
