import type { DocumentNode, OperationDefinitionNode } from 'graphql';
import { LRUCache } from 'lru-cache';

/** Of all documents in one store together. */
const maxBytes = 32 * 1024 * 1024;
/** A token is kept with its place, and with the node that it is part of; a priced field with its size and its weight. */
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

interface Priced {
  /** It is kept as long as what is known of its operation. */
  document: DocumentNode;
  /** Priced fields. */
  fields: number;
}

/** Makes a store of what is known of operations, bounded in the memory that it takes. */
export const createOperationStore = <Known extends Priced>() =>
  new LRUCache<OperationDefinitionNode, Known>({
    maxSize: maxBytes,
    sizeCalculation: ({ document, fields }) => (1 + fields + (document.tokenCount ?? 0)) * bytesPerToken,
  });
