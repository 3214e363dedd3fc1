/** What the standalone program runs in; undefined in Node. */
declare const Bun: { readonly unsafe: { setJITPolicy(scale: number): void } } | undefined;

/** The runtime compiles as early as usual. The standalone program starts reluctantly (release/program.mjs). */
export function compileEarly(): void {
  if (typeof Bun !== 'undefined') Bun.unsafe.setJITPolicy(1);
}
