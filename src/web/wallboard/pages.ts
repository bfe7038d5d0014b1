import type { AgentGroup } from './board-order.ts';

/** Cuts groups into pages of so many agents; a group that is cut is named again on the next page. */
export const pagesOf = (groups: readonly AgentGroup[], perPage: number): AgentGroup[][] => {
  const pages: AgentGroup[][] = [];
  let page: AgentGroup[] = [];
  let room = perPage;
  for (const { label, ids } of groups) {
    for (let at = 0; at < ids.length; ) {
      if (room === 0) {
        pages.push(page);
        page = [];
        room = perPage;
      }
      const part = ids.slice(at, at + room);
      page.push({ label, ids: part });
      at += part.length;
      room -= part.length;
    }
  }
  return page.length > 0 ? [...pages, page] : pages;
};
