import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { createPortal } from 'react-dom';

const shownForMs = 8_000;

/** The subscription that runs: the tab that it was started in, and the text that the editor held then. */
interface Running {
  tab: number;
  title: string;
  text: string;
}

/**
 * GraphiQL runs one operation at a time: while a subscription is open, it answers the next press on its button with a stop. This ends the
 * subscription when another tab is opened, so that the next press there runs what the tab holds, and says each time what was stopped.
 */
export const SubscriptionNote = (): ReactNode => {
  const tab = useGraphiQL((state) => state.activeTabIndex);
  const title = useGraphiQL((state) => state.tabs[state.activeTabIndex]?.title ?? '');
  const queryEditor = useGraphiQL((state) => state.queryEditor);
  const open = useGraphiQL((state) => state.subscription !== null);
  const { stop } = useGraphiQLActions();
  const running = useRef<Running | null>(null);
  const [note, setNote] = useState('');
  // biome-ignore lint/correctness/useExhaustiveDependencies: only the beginning and the end of a subscription and a change of the tab count
  useEffect(() => {
    const text = queryEditor?.getValue() ?? '';
    const before = running.current;
    const isElsewhere = before !== null && before.tab !== tab;
    if (isElsewhere) {
      setNote(`${before.title} was stopped, because another tab was opened.`);
      stop();
    } else if (before !== null && !open && before.text !== text) {
      setNote(`${before.title} was stopped. Run again to send what the editor holds now.`);
    } else if (before === null && open) setNote('');
    running.current = open && !isElsewhere ? { tab, title, text: before?.text ?? text } : null;
  }, [open, tab]);
  useEffect(() => {
    const timer = note === '' ? undefined : setTimeout(() => setNote(''), shownForMs);
    return () => clearTimeout(timer);
  }, [note]);
  return createPortal(
    <p className="playground-note" role="status">
      {note}
    </p>,
    document.body,
  );
};
