/** How the agents are laid out on the screen. */
export interface BoardFit {
  shape: 'tiles' | 'rows';
  /** Null lets the style sheet choose, for a page that scrolls. */
  columns: number | null;
  /** Of the font, on which every length of a tile depends. */
  sizePx: number;
  /** Height of one tile or row; null where its content decides. */
  heightPx: number | null;
  /** How many agents a page of kiosk mode holds. */
  perPage: number;
}

interface FitSpace {
  widthPx: number;
  heightPx: number;
}

interface Shape {
  shape: BoardFit['shape'];
  /** The size of a tile, in its own font size. */
  widthEm: number;
  heightEm: number;
  gapPx: number;
  minPx: number;
  maxPx: number;
}

const tiles: Shape = { shape: 'tiles', widthEm: 16.5, heightEm: 11, gapPx: 8, minPx: 11.5, maxPx: 96 };
/** Returns what names of so many lines add to the height of every tile. */
const nameHeightsEm = { 1: 0, 2: 0.65, 3: 1.4 } as const;
const rows: Shape = { shape: 'rows', widthEm: 37, heightEm: 2.3, gapPx: 4, minPx: 12.5, maxPx: 22 };
/** Of the heading above a group, in pixels. */
const headingPx = 34;

const fitInto = (shape: Shape, groupSizes: readonly number[], { widthPx, heightPx }: FitSpace): BoardFit | null => {
  const { gapPx } = shape;
  const headings = groupSizes.length > 1 ? groupSizes.length : 0;
  let best: BoardFit | null = null;
  const most = Math.max(...groupSizes);
  for (let columns = 1; columns <= most; columns += 1) {
    const lines = groupSizes.reduce((sum, size) => sum + Math.ceil(size / columns), 0);
    const cellWidth = (widthPx - gapPx * (columns - 1)) / columns;
    const cellHeight = (heightPx - headings * headingPx - gapPx * (lines + headings - 1)) / lines;
    const sizePx = Math.min(cellWidth / shape.widthEm, cellHeight / shape.heightEm, shape.maxPx);
    if (cellWidth < shape.minPx * shape.widthEm) break;
    if (sizePx < shape.minPx || sizePx <= (best?.sizePx ?? 0)) continue;
    const tallestPx = shape.shape === 'rows' ? sizePx * 3.4 : cellHeight;
    const total = groupSizes.reduce((sum, size) => sum + size, 0);
    best = { shape: shape.shape, columns, sizePx, heightPx: Math.floor(Math.min(cellHeight, tallestPx)), perPage: total };
  }
  return best;
};

/** The smallest rows that can be read, as many as the screen holds. */
const fullPage = ({ widthPx, heightPx }: FitSpace, headings: number): BoardFit => {
  const sizePx = rows.minPx;
  const columns = Math.max(1, Math.floor((widthPx + rows.gapPx) / (sizePx * rows.widthEm + rows.gapPx)));
  const linePx = sizePx * rows.heightEm + rows.gapPx;
  const lines = Math.max(1, Math.floor((heightPx - headings * (headingPx + rows.gapPx)) / linePx));
  return { shape: 'rows', columns, sizePx, heightPx: Math.floor(linePx - rows.gapPx), perPage: columns * lines };
};

interface FitWishes {
  kiosk: boolean;
  /** Of the longest name. */
  nameLines: keyof typeof nameHeightsEm;
}

/** The largest tiles that show every agent at once, else rows; where even these are too many, rows that scroll or, in kiosk mode, pages. */
export const fitBoard = (groupSizes: readonly number[], space: FitSpace, { kiosk, nameLines }: FitWishes): BoardFit => {
  const sizes = groupSizes.length === 0 ? [1] : groupSizes;
  const named = { ...tiles, heightEm: tiles.heightEm + nameHeightsEm[nameLines] };
  const fitting = fitInto(named, sizes, space) ?? fitInto(rows, sizes, space);
  if (fitting !== null) return fitting;
  const headings = sizes.length > 1 ? sizes.length : 0;
  if (kiosk) return fullPage(space, headings);
  return { shape: 'rows', columns: null, sizePx: 14, heightPx: null, perPage: Number.POSITIVE_INFINITY };
};
