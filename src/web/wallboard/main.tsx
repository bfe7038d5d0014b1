import '@mantine/core/styles.css';
import './wallboard.css';
import { MantineProvider } from '@mantine/core';
import { createRoot } from 'react-dom/client';
import { Client, fetchExchange, Provider } from 'urql';
import { credentials } from '../access-key.ts';
import { showDemoBadge } from '../demo-badge.ts';
import { graphqlUrl } from '../endpoints.ts';
import { createStore } from '../external-store.ts';
import { type Board, BoardContext } from './board.ts';
import { sampleCalls } from './call-samples.ts';
import { createConnection } from './connection.ts';
import { createControl } from './control.ts';
import { ErrorBoundary } from './error-boundary.tsx';
import { createLiveStore } from './live-store.ts';
import { subscribeAll } from './live-streams.ts';
import { NameProvider } from './name-provider.tsx';
import { createSettings } from './settings.ts';
import { watchSources } from './sources.ts';
import { theme } from './theme.ts';
import { createTicker } from './ticker.ts';
import { Wallboard } from './wallboard.tsx';

/** A hidden page paints nothing, and still has to keep up. */
const nextFrame = (show: () => void): void => {
  if (document.hidden) setTimeout(show, 250);
  else requestAnimationFrame(show);
};

const createBoard = (): Board => {
  const ticker = createTicker();
  // Live state lives in its own store, and histories are fetched anew each time they are opened: no cache in between.
  const client = new Client({
    url: graphqlUrl(),
    exchanges: [fetchExchange],
    preferGetMethod: false,
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      const date = Date.parse(response.headers.get('date') ?? '');
      if (!Number.isNaN(date)) ticker.setServerTime(date);
      return response;
    },
    fetchOptions: () => ({ headers: credentials() }),
  });
  const live = createLiveStore(nextFrame);
  const { state: connection, socket } = createConnection();
  const faults = subscribeAll(socket, live);
  return {
    client,
    live,
    connection,
    faults,
    sources: watchSources(client).state,
    control: createControl(client),
    ticker,
    settings: createSettings(localStorage),
    tabStop: createStore<string | null>(null),
    samples: sampleCalls(live, () => connection.get().stage === 'live', ticker.now),
  };
};

// The server was upgraded while the page stayed open: its parts now have other names.
addEventListener('vite:preloadError', () => location.reload());

showDemoBadge();

const board = createBoard();

createRoot(document.getElementById('root')!).render(
  <MantineProvider theme={theme} defaultColorScheme="auto">
    <ErrorBoundary part="The wallboard">
      <Provider value={board.client}>
        <BoardContext value={board}>
          <NameProvider>
            <Wallboard />
          </NameProvider>
        </BoardContext>
      </Provider>
    </ErrorBoundary>
  </MantineProvider>,
);
