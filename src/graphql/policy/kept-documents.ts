import type { DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';

/** Of all documents in one store together. */
const maxBytes = 32 * 1024 * 1024;
/** A token is kept with its place, and with the node that it is part of. */
const bytesPerToken = 120;

/** Makes a store of what is known of documents, bounded in number and in the memory that they take, which their texts do not show. */
export const createDocumentStore = <Known extends object>(max: number, documentOf: (known: Known) => DocumentNode | null) =>
  new LRUCache<string, Known>({
    max,
    maxSize: maxBytes,
    sizeCalculation: (known, key) => {
      const document = documentOf(known);
      return key.length + (document?.loc?.source.body.length ?? 0) + (document?.tokenCount ?? 0) * bytesPerToken;
    },
  });
