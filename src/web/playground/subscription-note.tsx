import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { createPortal } from 'react-dom';

const shownForMs = 8_000;

/** What runs: the tab that it was started in, and the text that the editor held then. */
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
  // biome-ignore lint/correctness/useExhaustiveDependencies: only the beginning and the end of a subscription count
  useEffect(() => {
    const text = queryEditor?.getValue() ?? '';
    const before = running.current;
    running.current = open ? { tab, title, text } : null;
    if (open) setNote('');
    else if (before !== null && before.tab === tab && before.text !== text) {
      setNote(`${before.title} was stopped. Run again to send what the editor holds now.`);
    }
  }, [open]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each change of the tab stops what runs in another one
  useEffect(() => {
    const before = running.current;
    if (before !== null && before.tab !== tab) setNote(`${before.title} was stopped, because another tab was opened.`);
    stop();
  }, [tab]);
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
