/** The one table: a row a work. */
export interface Row {
  work: string;
  result: string;
  against: string;
  wanted: string;
  reached: boolean | null;
}

const cells = ({ work, result, against, wanted, reached }: Row) => [
  work,
  result,
  against,
  wanted,
  reached === null ? '' : reached ? 'yes' : '**no**',
];

export const tableOf = (rows: readonly Row[]): string => {
  const head = ['work', 'ours', 'others, in the same run', 'must reach', 'reached'];
  const lines = [head, head.map(() => '---'), ...rows.map(cells)];
  return lines.map((line) => `| ${line.join(' | ')} |`).join('\n');
};

export const number = (value: number, digits = 0): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
