/** Reads and writes what a link to the playground carries, behind its `#`: there it reaches no server and no log, and runs nothing by itself. */
interface SharedOperation {
  query: string;
  variables: string;
}

/** Null where the address shares nothing. */
export const readSharedLink = (hash: string): SharedOperation | null => {
  const parameters = new URLSearchParams(hash.replace(/^#/, ''));
  const query = parameters.get('query');
  return query === null ? null : { query, variables: parameters.get('variables') ?? '' };
};

export const sharedLink = (pageUrl: string, { query, variables }: SharedOperation): string => {
  const url = new URL(pageUrl);
  url.hash = new URLSearchParams({ query, ...(variables.trim() ? { variables } : {}) }).toString();
  return url.href;
};
