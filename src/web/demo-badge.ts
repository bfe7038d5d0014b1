import './demo-badge.css';

/** Says on the page and in its title that the recorders are simulated, where the server marked the page so. */
export const showDemoBadge = (): void => {
  if (document.documentElement.dataset.demo === undefined) return;
  document.title = `DEMO · ${document.title}`;
  const badge = document.createElement('aside');
  badge.className = 'demo-badge';
  badge.setAttribute('aria-label', 'Demo');
  badge.textContent = 'DEMO: simulated recorders';
  document.body.append(badge);
};
