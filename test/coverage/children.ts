import { RAW } from './program.ts';

// Set here, after the start of the process that runs the tests: only its children write what they ran.
process.env.NODE_V8_COVERAGE = process.env[RAW];
