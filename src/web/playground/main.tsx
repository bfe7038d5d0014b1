import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import '@graphiql/plugin-explorer/style.css';
import './playground.css';
import { createRoot } from 'react-dom/client';
import { showDemoBadge } from '../demo-badge.ts';
import { Playground } from './playground.tsx';
import { fetchSample } from './sample.ts';

showDemoBadge();
const root = createRoot(document.getElementById('root')!);
root.render(<Playground sample={await fetchSample()} />);
