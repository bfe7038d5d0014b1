/** Where this server answers GraphQL, beside the page that asks. */
export const graphqlUrl = (): string => new URL('graphql', document.baseURI).href;

export const webSocketUrl = (): string => graphqlUrl().replace(/^http/, 'ws');

/** The same file by way of the address that the page came from, which may differ from the one the server knows itself by. */
export const sameOrigin = (url: string): string => {
  const { pathname, search } = new URL(url);
  return new URL(pathname + search, document.baseURI).href;
};
