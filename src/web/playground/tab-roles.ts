/**
 * GraphiQL marks each of its tabs as one control and puts two buttons into it, which a screen reader cannot reach.
 * A list of buttons, of which one is the current one, says the same. The returned function stops the mending.
 */
export const mendTabRoles = (page: Element): (() => void) => {
  const mend = (): void => {
    for (const list of page.querySelectorAll('.graphiql-tabs[role]')) list.removeAttribute('role');
    for (const tab of page.querySelectorAll('.graphiql-tab')) {
      tab.removeAttribute('role');
      tab.removeAttribute('aria-selected');
      tab.querySelector('.graphiql-tab-button')?.setAttribute('aria-current', String(tab.classList.contains('graphiql-tab-active')));
    }
  };
  const observer = new MutationObserver(mend);
  mend();
  const header = page.querySelector('.graphiql-session-header') ?? page;
  observer.observe(header, { subtree: true, childList: true, attributes: true, attributeFilter: ['role', 'aria-selected'] });
  return () => observer.disconnect();
};
