import { useCallback, useEffect, useRef, useState } from 'react';
import type { CombinedError } from 'urql';

interface Page<T> {
  nodes: readonly T[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

export interface PageRequest {
  first: number;
  after: string | null;
}

type LoadPage<T> = (request: PageRequest) => Promise<{ page: Page<T> | null | undefined; error: CombinedError | undefined }>;

export interface Pages<T> {
  /** Null before the first answer. */
  nodes: readonly T[] | null;
  error: string | null;
  hasOlder: boolean;
  loadingOlder: boolean;
  loadOlder(): void;
}

const pageSize = 15;
/** The largest page that the server gives. */
const maxPageSize = 100;

export const errorText = (error: CombinedError | undefined): string => error?.graphQLErrors[0]?.message ?? 'The server did not answer.';

/** A list that grows at its end on demand. When `news` changes, what is shown is loaded again from the beginning. */
export const usePages = <T>(load: LoadPage<T>, news: unknown): Pages<T> => {
  const [nodes, setNodes] = useState<readonly T[] | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [cursor, setCursor] = useState<string | null>(null);
  const [loadingOlder, setLoadingOlder] = useState(false);
  const shown = useRef(0);
  shown.current = nodes?.length ?? 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: news means that the list may have grown
  useEffect(() => {
    // A list longer than the largest page stays as it is, until it is opened again.
    if (shown.current > maxPageSize) return;
    let current = true;
    void load({ first: Math.max(pageSize, shown.current), after: null }).then(({ page, error: failure }) => {
      if (!current) return;
      setError(page ? null : errorText(failure));
      if (!page) return;
      setNodes(page.nodes);
      setCursor(page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null);
    });
    return () => {
      current = false;
    };
  }, [load, news]);
  const loadOlder = useCallback(async () => {
    setLoadingOlder(true);
    const { page, error: failure } = await load({ first: pageSize, after: cursor });
    setLoadingOlder(false);
    setError(page ? null : errorText(failure));
    if (!page) return;
    setNodes((known) => [...(known ?? []), ...page.nodes]);
    setCursor(page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null);
  }, [load, cursor]);
  return { nodes, error, hasOlder: cursor !== null, loadingOlder, loadOlder: () => void loadOlder() };
};
