// The targets of a release: the end of the program's name, and the package that holds Bun's runtime for it.
export const TARGETS = {
  x64: '@oven/bun-linux-x64',
  arm64: '@oven/bun-linux-aarch64',
  'x64-musl': '@oven/bun-linux-x64-musl',
  'arm64-musl': '@oven/bun-linux-aarch64-musl',
};

// The targets that have a Debian package, with Debian's word for the architecture.
export const DEBIAN = { x64: 'amd64', arm64: 'arm64' };
