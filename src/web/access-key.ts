const storageKey = 'tapegraph.access-key';

/** The key of this browser tab; it is gone when the tab closes. Null where none was entered. */
export const readAccessKey = (): string | null => sessionStorage.getItem(storageKey);

/** Null or an empty text forgets the key. */
export const writeAccessKey = (key: string | null): void => {
  if (key) sessionStorage.setItem(storageKey, key);
  else sessionStorage.removeItem(storageKey);
};

/** The credential as HTTP headers and as the payload of `connection_init`, which carry the same name. */
export const credentials = (): Record<string, string> => {
  const key = readAccessKey();
  return key === null ? {} : { Authorization: `Bearer ${key}` };
};
