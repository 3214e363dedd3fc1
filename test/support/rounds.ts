/**
 * How often something is repeated that takes a while.
 *
 * @param thorough for `SIPWD_THOROUGH=1`, as in one stage of .ci/run
 */
export function rounds(usual: number, thorough: number): number {
  return process.env.SIPWD_THOROUGH === '1' ? thorough : usual;
}
