import { Button, Loader, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Pages } from './use-pages.ts';

interface PagedListProps<T> {
  pages: Pages<T>;
  /** Shown where there is nothing. */
  empty: string;
  children(nodes: readonly T[]): ReactNode;
}

/** A list with a button for what is older, and words for what is loading, empty or refused. */
export const PagedList = <T,>({ pages, empty, children }: PagedListProps<T>): ReactNode => {
  const { nodes, error, hasOlder, loadingOlder, loadOlder } = pages;
  const failure = error === null ? null : <Text role="alert">{error}</Text>;
  if (nodes === null) return failure ?? <Loader aria-label="Loading" />;
  return (
    <>
      {nodes.length === 0 ? <Text c="var(--muted)">{empty}</Text> : children(nodes)}
      {failure}
      {hasOlder ? (
        <Button variant="default" mt="md" loading={loadingOlder} onClick={loadOlder}>
          Older
        </Button>
      ) : null}
    </>
  );
};
