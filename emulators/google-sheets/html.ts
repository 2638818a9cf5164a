/** Spreadsheets for people: plain pages without scripts. Every text of a sheet is escaped. */
import { createHash } from 'node:crypto';
import { columnName } from './a1.ts';
import { isBoldCell } from './spreadsheet.ts';
import type { Cell, Spreadsheet, Tab } from './spreadsheet.ts';
import { formatNumber } from './values.ts';

const ROWS_SHOWN = 200;
const COLUMNS_SHOWN = 200;

// The tab that the fragment names is shown, as in `#gid=0`; the first one when it names none.
const STYLE = `
body { font: 14px system-ui, sans-serif; margin: 1.5rem; color: #202124; }
h1 { font-size: 1.3rem; }
nav a { display: inline-block; padding: .3rem .8rem; border: 1px solid #dadce0; border-radius: 4px 4px 0 0; text-decoration: none; }
section { display: none; }
section:target, body:not(:has(section:target)) section:first-of-type { display: block; }
.scroll { overflow: auto; max-height: 80vh; border: 1px solid #dadce0; }
table { border-collapse: collapse; white-space: pre; }
th, td { border: 1px solid #dadce0; padding: .15rem .5rem; max-width: 30rem; overflow: hidden; text-overflow: ellipsis; }
th { background: #f8f9fa; font-weight: normal; color: #5f6368; }
.bold { font-weight: bold; }
.frozen { border-bottom: 2px solid #9aa0a6; background: #f1f3f4; }
.number { text-align: right; }
p.note { color: #5f6368; }
`;

/** Sent with every page: nothing but its own style is loaded or run, and no other page frames it. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

/** The list of all spreadsheets. */
export function renderIndex(spreadsheets: readonly Spreadsheet[]): string {
  const items = spreadsheets.map(({ id, title, shared }) => {
    const note = shared ? '' : ' (not shared with the service account)';
    return `<li><a href="/spreadsheets/d/${encodeURIComponent(id)}/edit">${escape(title)}</a>${note}</li>`;
  });
  return page('Spreadsheets', `<ul>${items.join('\n')}</ul>`);
}

/**
 * A spreadsheet with the first rows of its tabs.
 * @param gid a tab's id: only that one is written.
 */
export function renderSpreadsheet(spreadsheet: Spreadsheet, gid?: string): string {
  const links = spreadsheet.tabs.map(({ sheetId, title }) => `<a href="#gid=${sheetId}">${escape(title)}</a>`);
  const chosen = spreadsheet.tabs.filter(({ sheetId }) => gid === undefined || String(sheetId) === gid);
  const shown = chosen.length === 0 ? spreadsheet.tabs : chosen;
  return page(spreadsheet.title, `<nav>${links.join('\n')}</nav>\n${shown.map(renderTab).join('\n')}`);
}

/** The page for what is not there. */
export function renderNotFound(): string {
  return page('Not found', '<p>There is no such page here.</p>');
}

function renderTab(tab: Tab): string {
  const rows = tab.rows.slice(0, ROWS_SHOWN);
  const widest = rows.reduce((most, row) => Math.max(most, row.length), 1);
  const width = Math.min(widest, COLUMNS_SHOWN);
  const letters = Array.from({ length: width }, (_, column) => `<th>${columnName(column)}</th>`).join('');
  const body = rows.map((row, index) => renderRow(tab, row, index, width));
  const more = tab.rows.length > rows.length ? `; the first ${rows.length} are shown` : '';
  return `<section id="gid=${tab.sheetId}">
<h2>${escape(tab.title)}</h2>
<p class="note">${tab.rows.length} rows with values of ${tab.rowCount} × ${tab.columnCount}${more}</p>
<div class="scroll"><table>
<thead><tr><th></th>${letters}</tr></thead>
<tbody>
${body.join('\n')}
</tbody>
</table></div>
</section>`;
}

function renderRow(tab: Tab, row: readonly Cell[], index: number, width: number): string {
  const isFrozen = index < tab.frozenRowCount;
  const cells = Array.from({ length: width }, (_, column) => {
    const cell = row[column];
    const classes = [
      ...(isFrozen || isBoldCell(tab, index, column) ? ['bold'] : []),
      ...(typeof cell === 'number' ? ['number'] : []),
    ];
    const attribute = classes.length === 0 ? '' : ` class="${classes.join(' ')}"`;
    return `<td${attribute}>${escape(textOf(cell))}</td>`;
  });
  return `<tr${isFrozen ? ' class="frozen"' : ''}><th>${index + 1}</th>${cells.join('')}</tr>`;
}

function textOf(cell: Cell): string {
  if (cell === undefined) return '';
  if (typeof cell === 'number') return formatNumber(cell);
  return typeof cell === 'boolean' ? String(cell).toUpperCase() : cell;
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
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
