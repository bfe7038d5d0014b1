import type { SourceKey } from './model/entities.ts';

/** A map by source and external id, which makes no text of the two to find what is in it. */
export class SourceMap<T> {
  readonly #sources = new Map<string, Map<string, T>>();

  get({ source, externalId }: SourceKey): T | undefined {
    return this.#sources.get(source)?.get(externalId);
  }

  has(key: SourceKey): boolean {
    return this.get(key) !== undefined;
  }

  set({ source, externalId }: SourceKey, value: T): void {
    const known = this.#sources.get(source);
    if (known) known.set(externalId, value);
    else this.#sources.set(source, new Map([[externalId, value]]));
  }

  delete({ source, externalId }: SourceKey): void {
    const known = this.#sources.get(source);
    known?.delete(externalId);
    if (known?.size === 0) this.#sources.delete(source);
  }

  *values(): Iterable<T> {
    for (const known of this.#sources.values()) yield* known.values();
  }

  /** By external id. */
  of(source: string): ReadonlyMap<string, T> {
    return this.#sources.get(source) ?? new Map();
  }
}
