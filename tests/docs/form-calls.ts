/** Calls of the routes of forms, XForms, exports and live sheets. */
import { household, INCOME } from '../support/responses.ts';
import { sampleXform } from '../support/sample-xform.ts';
import { STRANGER, type Call } from './call.ts';

const wells = {
  title: 'Wells',
  questions: [{ key: 'depth', column: 'depth', type: 'decimal' }],
  facts: [{ name: 'level', add: ['depth'] }],
  rules: [{ name: 'Deep', message: '{depth}', conditions: { fact: 'level', operator: 'greaterThan', value: 2 } }],
};
const well = Object.fromEntries(Object.entries(household({ response_id: 'well-1' })).slice(0, 8));
const rules = [{ name: 'Rich', message: 'x', conditions: { fact: INCOME, operator: 'greaterThan', value: 1e6 } }];
const liveSheet = { spreadsheet_id: '1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms', tab: 'Wells' };

export const forms: Call[] = [
  { operationId: 'putForm', status: 201, path: { form_id: 'wells' }, body: wells },
  { operationId: 'putForm', status: 200, path: { form_id: 'wells' }, body: { ...wells, title: 'All wells' } },
  { operationId: 'putForm', status: 412, path: { form_id: 'wells' }, body: { ...wells, version: 1 } },
  { operationId: 'putForm', status: 422, path: { form_id: 'wells' }, body: {} },
  { operationId: 'putForm', status: 422, path: { form_id: 'wells' }, body: wells, headers: { 'if-match': '1' } },
  { operationId: 'listForms', status: 200 },
  { operationId: 'listForms', status: 401, headers: STRANGER },
  { operationId: 'getForm', status: 200, path: { form_id: 'wells' } },
  { operationId: 'getForm', status: 200, path: { form_id: 'household_finances' } },
  { operationId: 'getForm', status: 200, path: { form_id: 'wells' }, query: { version: '1' } },
  { operationId: 'getForm', status: 422, path: { form_id: 'wells' }, query: { version: '0' } },
  { operationId: 'getForm', status: 404, path: { form_id: 'nothing' } },
  { operationId: 'dryRun', status: 200, path: { form_id: 'household_finances' }, body: { rules } },
  { operationId: 'dryRun', status: 422, path: { form_id: 'household_finances' }, body: { rules: [{}] } },
  { operationId: 'startRejudge', status: 202, path: { form_id: 'household_finances' }, body: {} },
  { operationId: 'startRejudge', status: 404, path: { form_id: 'nothing' }, body: {} },
  { operationId: 'startRejudge', status: 422, path: { form_id: 'household_finances' }, body: { since: 'now' } },
  { operationId: 'getRejudge', status: 404, path: { form_id: 'household_finances', rejudge_id: 'nothing' } },
  { operationId: 'collectForm', status: 201, path: { form_id: 'wells' }, body: { ...well, depth: '2.5' } },
  { operationId: 'collectForm', status: 404, path: { form_id: 'nothing' }, body: well },
  {
    operationId: 'collectForm',
    status: 409,
    path: { form_id: 'wells' },
    body: { ...well, response_id: 'household-1', depth: 1 },
  },
  { operationId: 'collectFormBatch', status: 200, path: { form_id: 'wells' }, body: [{ ...well, depth: 2.5 }] },
  { operationId: 'collectFormBatch', status: 404, path: { form_id: 'nothing' }, body: [] },
  { operationId: 'listVersions', status: 200, path: { form_id: 'wells' } },
  { operationId: 'listVersions', status: 404, path: { form_id: 'nothing' } },
  { operationId: 'getVersion', status: 200, path: { form_id: 'wells', version: '1' } },
  { operationId: 'getVersion', status: 404, path: { form_id: 'wells', version: '9' } },
  { operationId: 'deleteForm', status: 409, path: { form_id: 'wells' } },
  { operationId: 'putForm', status: 201, path: { form_id: 'pumps' }, body: { ...wells, state: 'draft' } },
  { operationId: 'putForm', status: 200, path: { form_id: 'pumps' }, body: { ...wells, state: 'closed' } },
  { operationId: 'putForm', status: 422, path: { form_id: 'pumps' }, body: { ...wells, state: 'draft' } },
  {
    operationId: 'collectForm',
    status: 409,
    path: { form_id: 'pumps' },
    body: { ...well, response_id: 'p', depth: 1 },
  },
  { operationId: 'deleteForm', status: 204, path: { form_id: 'pumps' } },
  { operationId: 'deleteForm', status: 404, path: { form_id: 'pumps' } },
];

const water = { form_id: 'water_points' };
const districts = { ...water, file: 'districts.csv' };
const xml = { 'content-type': 'text/xml' };
const csv = { 'content-type': 'text/csv' };

export const xforms: Call[] = [
  { operationId: 'putXform', status: 200, path: water, body: sampleXform(), headers: xml, query: { dry_run: 'true' } },
  { operationId: 'putXform', status: 201, path: water, body: sampleXform(), headers: xml },
  { operationId: 'putXform', status: 200, path: water, body: sampleXform(), headers: xml },
  { operationId: 'putXform', status: 409, path: water, body: sampleXform({ constraint: '. &gt; 1' }), headers: xml },
  { operationId: 'putXform', status: 409, path: { form_id: 'springs' }, body: sampleXform(), headers: xml },
  {
    operationId: 'putXform',
    status: 412,
    path: water,
    body: sampleXform({ version: '2' }),
    headers: { ...xml, 'if-match': '"9"' },
  },
  { operationId: 'putXform', status: 415, path: water, body: sampleXform() },
  { operationId: 'putXform', status: 422, path: water, body: '<a/>', headers: xml },
  { operationId: 'getXform', status: 200, path: water },
  { operationId: 'getXform', status: 304, path: water, headers: { 'if-none-match': '*' } },
  { operationId: 'getXform', status: 404, path: { form_id: 'nothing' } },
  { operationId: 'putXformMedia', status: 200, path: districts, body: 'name\n', headers: csv },
  { operationId: 'putXformMedia', status: 422, path: { ...water, file: 'a\\b' }, body: 'name\n', headers: csv },
  { operationId: 'listXformMedia', status: 200, path: water },
  { operationId: 'listXformMedia', status: 404, path: { form_id: 'nothing' } },
  { operationId: 'deleteXformMedia', status: 204, path: districts },
  { operationId: 'deleteXformMedia', status: 404, path: districts },
];

export const exporting: Call[] = [
  { operationId: 'listTables', status: 200 },
  { operationId: 'listTables', status: 401, headers: STRANGER },
  { operationId: 'requestExport', status: 202, body: { table_name: 'household_finances' } },
  { operationId: 'requestExport', status: 422, body: { table_name: 'nothing' } },
  { operationId: 'getLiveSheet', status: 404, path: { form_id: 'wells' } },
  { operationId: 'putLiveSheet', status: 201, path: { form_id: 'wells' }, body: liveSheet },
  { operationId: 'putLiveSheet', status: 200, path: { form_id: 'wells' }, body: liveSheet },
  { operationId: 'putLiveSheet', status: 409, path: { form_id: 'household_finances' }, body: liveSheet },
  { operationId: 'putLiveSheet', status: 422, path: { form_id: 'wells' }, body: {} },
  { operationId: 'listLiveSheets', status: 200 },
  { operationId: 'listLiveSheets', status: 401, headers: STRANGER },
  { operationId: 'getLiveSheet', status: 200, path: { form_id: 'wells' } },
  { operationId: 'deleteLiveSheet', status: 204, path: { form_id: 'wells' } },
  { operationId: 'deleteLiveSheet', status: 404, path: { form_id: 'wells' } },
  { operationId: 'getExport', status: 404, path: { export_id: 'nothing' } },
  { operationId: 'listExports', status: 200 },
  { operationId: 'listExports', status: 422, query: { cursor: 'nothing' } },
];
