import { useCallback, useEffect, useState } from 'react';
import { type BoardView, readView, writeView } from './board-view.ts';

export type ChangeView = (change: Partial<BoardView>) => void;

/** The view that the address names. Each change is written back to the address, so that a bookmark or a shared link shows the same. */
export const useView = (): [BoardView, ChangeView] => {
  const [view, setView] = useState(() => readView(location));
  useEffect(() => history.replaceState(null, '', `${location.pathname}${writeView(view)}`), [view]);
  useEffect(() => {
    const read = () => setView(readView(location));
    addEventListener('popstate', read);
    addEventListener('hashchange', read);
    return () => {
      removeEventListener('popstate', read);
      removeEventListener('hashchange', read);
    };
  }, []);
  return [view, useCallback((change) => setView((current) => ({ ...current, ...change })), [])];
};
