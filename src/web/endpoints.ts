/** Where this server answers GraphQL: beside this page, under whatever path a proxy puts both. */
export const graphqlUrl = (): string => new URL('graphql', document.baseURI).href;

export const webSocketUrl = (): string => graphqlUrl().replace(/^http/, 'ws');

/** A media link by way of the address that this page came from, which may differ from the one that the server is configured with. */
export const mediaUrl = (url: string): string => {
  const { pathname, search } = new URL(url);
  return new URL(pathname.slice(pathname.lastIndexOf('/media/') + 1) + search, document.baseURI).href;
};
