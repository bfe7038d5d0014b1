const messages: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file; correct the path',
  ENOTDIR: 'there is no such file; correct the path',
  EISDIR: 'it is a directory; name a file in it',
};

/** Tells why a file could not be read, and what to do. */
export const fileFault = (error: unknown): string =>
  messages[(error as NodeJS.ErrnoException).code ?? ''] ?? 'it cannot be read; check its permissions';
