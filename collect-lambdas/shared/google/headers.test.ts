import type { Column, TableDescription } from '../../../db-proxy-lambda/contract.ts';
import { withHeaders } from './headers.ts';

function table(...columns: Omit<Column, 'type'>[]): TableDescription {
  const typed = columns.map((column): Column => ({ ...column, type: 'text' }));
  return { name: 'wells', kind: 'form', title: 'Wells', columns: typed, rows: null, spreadsheet_id: null };
}

const names = ({ columns }: TableDescription) => columns.map(({ name }) => name);

describe('the headers of a table', () => {
  it('are the labels of its questions, or their keys', () => {
    const wells = table(
      { name: 'user_id' },
      { name: 'depth', label: 'How deep?' },
      { name: 'Is it in use?', short_name: 'used' },
    );

    expect(names(withHeaders(wells, {}))).toEqual(['user_id', 'How deep?', 'Is it in use?']);
  });

  it('are numbered if columns share a label', () => {
    const wells = table(
      { name: 'status' },
      { name: 'a', label: 'Depth' },
      { name: 'b', label: 'Depth' },
      { name: 'c', label: 'status' },
    );

    expect(names(withHeaders(wells, {}))).toEqual(['status', 'Depth', 'Depth_2', 'status_2']);
  });

  it('are their short names on request; a column without a short name keeps its name', () => {
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

  it('keep the name of a question in the description of its column if the header differs', () => {
    const wells = table(
      { name: 'user_id' },
      { name: 'depth', label: 'How deep?' },
      { name: 'Is it in use?', short_name: 'used', label: 'Used?' },
      { name: 'status', short_name: 'state' },
      { name: 'depth_now', label: 'How deep?' },
    );

    const described = withHeaders(wells, {}).columns.map(({ type: _type, ...column }) => column);

    expect(described).toEqual([
      { name: 'user_id' },
      { name: 'How deep?', short_name: 'depth' },
      { name: 'Used?', short_name: 'used' },
      { name: 'status', short_name: 'state' },
      { name: 'How deep?_2', short_name: 'depth_now' },
    ]);
  });

  it('keep the short name in the description of a column if the header has a number', () => {
    const wells = table({ name: 'depth' }, { name: 'How deep?', short_name: 'depth' });

    const described = withHeaders(wells, { headers: 'names' }).columns;

    expect(described).toEqual([
      { name: 'depth', type: 'text' },
      { name: 'depth_2', short_name: 'depth', type: 'text' },
    ]);
  });
});
