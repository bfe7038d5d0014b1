import type { NameOf } from './agent-name.ts';
import { reasonLabels, statusLabels } from './labels.ts';
import { type AgentView, isBlackedOut } from './live-types.ts';

const columns: readonly (readonly [title: string, value: (view: AgentView, nameOf: NameOf) => string | null | undefined])[] = [
  ['Name', ({ agent }, nameOf) => nameOf(agent)],
  ['Source', ({ agent }) => agent.sourceName],
  ['Agent id', ({ agent }) => agent.externalId],
  ['Team', ({ agent }) => agent.businessUnit],
  ['Status', ({ agent }) => statusLabels[agent.status]],
  ['Status since', ({ agent }) => agent.statusSince],
  ['Queue', ({ call }) => call?.queue],
  ['Other party', ({ call }) => (call?.direction === 'OUTBOUND' ? call.called : call?.caller)],
  ['Recording', (view) => (view.recordings.length === 0 ? 'no' : isBlackedOut(view) ? 'masked' : 'yes')],
  ['Blackout', ({ blackout }) => (blackout === null ? '' : reasonLabels[blackout.reason])],
  ['Blackout ends at', ({ blackout }) => blackout?.stopsAt ?? blackout?.deadline],
  ['Warnings', ({ warnings }) => warnings.join(' ')],
];

/** A spreadsheet runs what begins like a formula; an apostrophe makes it text. */
const cell = (value: string | null | undefined): string => {
  const text = /^[=+\-@\t\r\n＝＋－＠]/.test(value ?? '') ? `'${value}` : (value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** The agents as RFC 4180 writes them, with a heading. */
export const agentsCsv = (views: readonly AgentView[], nameOf: NameOf): string =>
  [columns.map(([title]) => title), ...views.map((view) => columns.map(([, value]) => value(view, nameOf)))]
    .map((row) => row.map(cell).join(','))
    .join('\r\n');

/** Hands a text to the browser as a download. The mark in front tells spreadsheets that it is UTF-8. */
export const downloadCsv = (fileName: string, text: string): void => {
  const url = URL.createObjectURL(new Blob(['\uFEFF', text], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  link.click();
  URL.revokeObjectURL(url);
};
