import { type KeyboardEvent, type RefObject, useCallback } from 'react';
import { useBoard } from './board.ts';

const directions: Readonly<Record<string, { x: number; y: number }>> = {
  ArrowRight: { x: 1, y: 0 },
  ArrowLeft: { x: -1, y: 0 },
  ArrowDown: { x: 0, y: 1 },
  ArrowUp: { x: 0, y: -1 },
};

const tileButtons = 'button[data-agent]';

/** The nearest tile in a direction; a tile of the same line or column comes before one that is askew. */
const neighbour = (from: Element, all: readonly HTMLElement[], { x, y }: { x: number; y: number }): HTMLElement | null => {
  const centre = (element: Element) => {
    const { left, top, width, height } = element.closest('article')!.getBoundingClientRect();
    return { left: left + width / 2, top: top + height / 2 };
  };
  const start = centre(from);
  let best: { element: HTMLElement; distance: number } | null = null;
  for (const element of all) {
    const { left, top } = centre(element);
    const along = (left - start.left) * x + (top - start.top) * y;
    const across = Math.abs((left - start.left) * y) + Math.abs((top - start.top) * x);
    if (along < 1) continue;
    const distance = along + across * 4;
    if (best === null || distance < best.distance) best = { element, distance };
  }
  return best?.element ?? null;
};

/** Makes the grid one tab stop: the arrow keys, Home and End go from tile to tile. */
export const useArrowKeys = (grid: RefObject<HTMLElement | null>): ((event: KeyboardEvent) => void) => {
  const { tabStop } = useBoard();
  return useCallback(
    (event) => {
      const from = (event.target as Element).closest('article')?.querySelector(tileButtons);
      if (!from || grid.current === null || event.ctrlKey || event.metaKey || event.altKey) return;
      const all = [...grid.current.querySelectorAll<HTMLElement>(tileButtons)];
      const direction = directions[event.key];
      const next = direction ? neighbour(from, all, direction) : event.key === 'Home' ? all[0] : event.key === 'End' ? all.at(-1) : null;
      if (!next) return;
      event.preventDefault();
      tabStop.set(next.dataset.agent ?? null);
      next.focus();
    },
    [grid, tabStop],
  );
};
