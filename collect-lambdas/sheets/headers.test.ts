import type { Column, TableDescription } from '../../db-proxy-lambda/contract.ts';
import { withHeaders } from './headers.ts';

function table(...columns: Omit<Column, 'type'>[]): TableDescription {
  const typed = columns.map((column): Column => ({ ...column, type: 'text' }));
  return { name: 'wells', kind: 'form', title: 'Wells', columns: typed, rows: null, spreadsheet_id: null };
}

const names = ({ columns }: TableDescription) => columns.map(({ name }) => name);

describe('the headers of a table', () => {
  it('are the names of its columns', () => {
    const wells = table({ name: 'user_id' }, { name: 'How deep is the well?', short_name: 'depth' });

    expect(withHeaders(wells, {})).toBe(wells);
  });

  it('are their short names on request; a column without one keeps its name', () => {
    const wells = table({ name: 'user_id' }, { name: 'How deep is the well?', short_name: 'depth' });

    expect(names(withHeaders(wells, { headers: 'names' }))).toEqual(['user_id', 'depth']);
  });

  it('are numbered if columns share a short name, so that each is unique', () => {
    const wells = table(
      { name: 'saved_at' },
      { name: 'How deep?', short_name: 'depth' },
      { name: 'Depth in feet?', short_name: 'depth_2' },
      { name: 'Depth?', short_name: 'depth' },
      { name: 'When was it saved?', short_name: 'saved_at' },
    );

    const headers = names(withHeaders(wells, { headers: 'names' }));

    expect(headers).toEqual(['saved_at', 'depth', 'depth_2', 'depth_3', 'saved_at_2']);
  });
});
