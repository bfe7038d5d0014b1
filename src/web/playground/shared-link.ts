/** What a link to the playground carries; the names are those of GraphQL over HTTP. */
export interface SharedOperation {
  query: string;
  variables: string;
}

/** Null where the address shares nothing. */
export const readSharedLink = (search: string): SharedOperation | null => {
  const parameters = new URLSearchParams(search);
  const query = parameters.get('query');
  return query === null ? null : { query, variables: parameters.get('variables') ?? '' };
};

export const sharedLink = (pageUrl: string, { query, variables }: SharedOperation): string => {
  const url = new URL(pageUrl);
  url.search = new URLSearchParams({ query, ...(variables.trim() ? { variables } : {}) }).toString();
  return url.href;
};
