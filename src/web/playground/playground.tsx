import { explorerPlugin } from '@graphiql/plugin-explorer';
import { ToolbarButton, useGraphiQL } from '@graphiql/react';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { examples } from './examples.ts';
import { createFetcher } from './fetcher.ts';
import { KeyField } from './key-field.tsx';
import type { SampleAgent } from './sample.ts';
import { readSharedLink, sharedLink } from './shared-link.ts';
import { SubscriptionNote } from './subscription-note.tsx';
import { mendTabRoles } from './tab-roles.ts';

const ShareButton = (): ReactNode => {
  const queryEditor = useGraphiQL((state) => state.queryEditor);
  const variableEditor = useGraphiQL((state) => state.variableEditor);
  const [copied, setCopied] = useState(false);
  const share = async () => {
    const url = sharedLink(location.href, { query: queryEditor?.getValue() ?? '', variables: variableEditor?.getValue() ?? '' });
    history.replaceState(null, '', url);
    await navigator.clipboard?.writeText(url).catch(() => {});
    setCopied(true);
    setTimeout(() => setCopied(false), 2_000);
  };
  return (
    <ToolbarButton onClick={share} label={copied ? 'The link is in the address bar and copied' : 'Share as a link'}>
      <svg
        viewBox="0 0 24 24"
        className="graphiql-toolbar-icon"
        fill="none"
        stroke="currentColor"
        strokeWidth={2}
        strokeLinecap="round"
        aria-hidden="true"
      >
        {copied ? (
          <path d="M5 12l5 5L20 7" />
        ) : (
          <path d="M10 14a4 4 0 0 0 6 0l4-4a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-4 4a4 4 0 0 0 6 6l1-1" />
        )}
      </svg>
    </ToolbarButton>
  );
};

/** GraphiQL with an example for each journey, a field for the key, and links that carry an operation. */
export const Playground = ({ sample }: { sample: SampleAgent | null }): ReactNode => {
  const plugins = useMemo(() => [HISTORY_PLUGIN, explorerPlugin()], []);
  const shared = useMemo(() => readSharedLink(location.hash), []);
  const tabs = useMemo(() => [...(shared ? [shared] : []), ...examples(sample)], [shared, sample]);
  // A new key means another schema, perhaps: the editor starts anew and requests it again.
  const [generation, setGeneration] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a generation has a socket of its own
  const fetcher = useMemo(() => createFetcher(), [generation]);
  const editor = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a generation has tabs of its own
  useEffect(() => (editor.current === null ? undefined : mendTabRoles(editor.current)), [generation]);
  return (
    <div className="playground">
      <header className="playground-bar">
        <h1>Playground</h1>
        <a href="./">Wallboard</a>
        <KeyField onChange={() => setGeneration(generation + 1)} />
      </header>
      <main className="playground-editor" ref={editor}>
        <GraphiQL
          key={generation}
          fetcher={fetcher}
          plugins={plugins}
          defaultTabs={tabs}
          defaultEditorToolsVisibility="variables"
          shouldPersistHeaders={false}
          {...(shared ? { initialQuery: shared.query, initialVariables: shared.variables } : {})}
        >
          <GraphiQL.Logo>
            <span className="playground-logo">Tapegraph</span>
          </GraphiQL.Logo>
          <GraphiQL.Toolbar>
            {({ prettify, copy, merge }) => (
              <>
                <SubscriptionNote />
                <ShareButton />
                {prettify}
                {merge}
                {copy}
              </>
            )}
          </GraphiQL.Toolbar>
        </GraphiQL>
      </main>
    </div>
  );
};
