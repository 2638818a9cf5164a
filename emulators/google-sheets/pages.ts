/** Pages that show spreadsheets, without scripts. Every text of a sheet is escaped. */
import { createHash } from 'node:crypto';
import { columnName } from './a1.ts';
import { formatAt, showTime } from './number-formats.ts';
import type { Cell, Spreadsheet, SpreadsheetStore, Tab } from './spreadsheet-store.ts';

const ROWS_SHOWN = 200;

// `:target` shows the tab that the fragment names, as in `#gid=0`. Without a fragment the first tab is shown.
const STYLE = `
body { font: 14px system-ui, sans-serif; margin: 1.5rem; color: #202124; }
nav a { display: inline-block; padding: .3rem .8rem; border: 1px solid #dadce0; }
section { display: none; }
section:target, body:not(:has(section:target)) section:first-of-type { display: block; }
table { border-collapse: collapse; white-space: pre; }
th, td { border: 1px solid #dadce0; padding: .15rem .5rem; max-width: 30rem; overflow: hidden; text-overflow: ellipsis; }
th { background: #f8f9fa; font-weight: normal; color: #5f6368; }
.bold { font-weight: bold; }
.number { text-align: right; }
`;

/** Sent with every page. They allow only the page's own style: no scripts, and no frame around it. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

/** Renders the page of a path: the list of spreadsheets, or one spreadsheet. @returns undefined if none exists */
export function renderPage(path: string, store: SpreadsheetStore): string | undefined {
  if (path === '/') return renderIndex(store.list());
  const id = /^\/spreadsheets\/d\/([\w-]+)\/edit$/.exec(path)?.[1];
  const spreadsheet = id === undefined ? undefined : store.find(id);
  return spreadsheet === undefined ? undefined : renderSpreadsheet(spreadsheet, store);
}

export function renderNotFound(): string {
  return page('Not found', '<p>There is no such page here.</p>');
}

function renderIndex(spreadsheets: readonly Spreadsheet[]): string {
  const items = spreadsheets.map(({ id, title, shared }) => {
    const note = shared ? '' : ' (not shared with the service account)';
    return `<li><a href="/spreadsheets/d/${id}/edit">${escape(title)}</a>${note}</li>`;
  });
  return page('Spreadsheets', `<ul>${items.join('\n')}</ul>`);
}

function renderSpreadsheet(spreadsheet: Spreadsheet, store: SpreadsheetStore): string {
  const { id, title, tabs } = spreadsheet;
  const links = tabs.map((tab) => `<a href="#gid=${tab.sheetId}">${escape(tab.title)}</a>`);
  const sections = tabs.map((tab) => renderTab(id, tab, store));
  return page(title, `<nav>${links.join('\n')}</nav>\n${sections.join('\n')}`);
}

function renderTab(spreadsheetId: string, tab: Tab, store: SpreadsheetStore): string {
  const used = store.usedRows(spreadsheetId, tab.sheetId);
  const shown = Math.min(used, ROWS_SHOWN);
  const rows = store.rows(spreadsheetId, tab.sheetId, { startRow: 0, endRow: shown });
  const width = Math.max(1, ...[...rows.values()].map((row) => row.length));
  const letters = Array.from({ length: width }, (_, column) => `<th>${columnName(column)}</th>`);
  const body = Array.from({ length: shown }, (_, index) => {
    const row = rows.get(index) ?? [];
    const cells = letters.map((_letter, column) => renderCell(tab, index, column, row[column] ?? ''));
    return `<tr><th>${index + 1}</th>${cells.join('')}</tr>`;
  });
  const note = `${used} rows with values of ${tab.rowCount} × ${tab.columnCount}`;
  return `<section id="gid=${tab.sheetId}">
<h2>${escape(tab.title)}</h2>
<p>${note}${used > shown ? `; the first ${shown} are shown` : ''}</p>
<table>
<thead><tr><th></th>${letters.join('')}</tr></thead>
<tbody>
${body.join('\n')}
</tbody>
</table>
</section>`;
}

function renderCell(tab: Tab, row: number, column: number, cell: Cell): string {
  const isBold = tab.bold.some(
    (box) => row >= box.startRow && row < box.endRow && column >= box.startColumn && column < box.endColumn,
  );
  const classes = [...(isBold ? ['bold'] : []), ...(typeof cell === 'number' ? ['number'] : [])];
  const attribute = classes.length === 0 ? '' : ` class="${classes.join(' ')}"`;
  const format = typeof cell === 'number' ? formatAt(tab.formats ?? [], row, column) : undefined;
  const shown = typeof cell === 'number' && format?.pattern ? showTime(cell, format.pattern) : String(cell);
  return `<td${attribute}>${escape(shown)}</td>`;
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escape(title)}</title><style>${STYLE}</style></head>
<body>
<h1>${escape(title)}</h1>
${body}
</body>
</html>
`;
}

function escape(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}
