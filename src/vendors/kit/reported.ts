/** Keeps the fields that have a value: one that a vendor leaves empty says nothing about what is known, and wipes nothing. */
export const reported = <T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null)) as { [K in keyof T]?: NonNullable<T[K]> };
