/**
 * `npm run xlsform -- FILE --form FORM_ID`: uploads an XLSForm or an XForm with its media to the running local stack,
 * or to a deployed one, and prints what the server checks and what only the phone checks. `npm run xlsform --
 * --install` installs pyxform.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { findPython } from '../local/python.ts';
import { findRunningStack, homeFolder } from '../local/running-stack.ts';
import { runCommand, UserError } from '../local/user-error.ts';

const USAGE = `Usage: npm run xlsform -- FILE --form FORM_ID [--media FOLDER] [--url URL] [--dry-run]
       npm run xlsform -- --install

  FILE            an XLSForm (.xlsx), which pyxform on this machine converts, or an XForm (.xml)
  --form FORM_ID  the form: lowercase letters, digits and underscores
  --media FOLDER  uploads the files in it that the form names; by default those in the folder of FILE
  --url URL       a deployed API; the manager's token is then in COLLECT_TOKEN. By default the running local stack
  --dry-run       prints the report and stores nothing
  --install       installs pyxform beside the function, for this machine and for the next deployment`;

const INSTALL = 'Install Python 3.10 or newer, and pyxform: npm run xlsform -- --install';
const INSTALLER = 'xlsform-lambda/install.sh';
const CONVERTER = 'xlsform-lambda/function/handler.py';

/** The converter's reply (xlsform-lambda/function/handler.py). */
const conversion = z.union([
  z.object({ ok: z.literal(true), xform: z.string(), warnings: z.array(z.string()), itemsets: z.string().nullable() }),
  z.object({ ok: z.literal(false), reason: z.string(), message: z.string() }),
]);

/** The parts of replies that are printed. */
const uploaded = z.object({
  version: z.number().optional(),
  report: z.object({
    questions: z.array(
      z.object({
        path: z.string(),
        type: z.string(),
        checks: z.array(z.object({ what: z.string(), where: z.string(), why: z.string().optional() })),
      }),
    ),
    warnings: z.array(z.object({ path: z.string().optional(), detail: z.string() })),
  }),
  /** After a dry run, only the names. */
  media: z.union([
    z.object({ files: z.array(z.object({ name: z.string() })), missing: z.array(z.string()) }),
    z.array(z.string()),
  ]),
});
const problem = z.object({
  title: z.string(),
  detail: z.string().optional(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
});

interface Target {
  url: string;
  token: string;
}

function targetOf(url: string | undefined): Target {
  const { COLLECT_TOKEN: token } = process.env;
  if (url !== undefined) {
    if (token === undefined) throw new UserError('Put a manager’s token into COLLECT_TOKEN.');
    return { url: url.replace(/\/$/, ''), token };
  }
  const running = findRunningStack(homeFolder());
  if (running === undefined) throw new UserError('No stack is running here: start one with npm start, or send --url.');
  return { url: running.api, token: running.token };
}

/** An XForm, and the files that its conversion made. */
function readForm(file: string, formId: string): { xform: Buffer; warnings: string[]; made: Map<string, Buffer> } {
  if (!existsSync(file)) throw new UserError(`There is no file ${file}.`);
  if (!/\.xlsx$/i.test(file)) return { xform: readFileSync(file), warnings: [], made: new Map() };
  const { status, stdout, error } = spawnSync(findPython(), [CONVERTER, formId, resolve(file)], {
    encoding: 'utf8',
    maxBuffer: 20_000_000,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (error !== undefined || status !== 0) throw new UserError(`The workbook cannot be converted. ${INSTALL}`);
  const reply = conversion.parse(JSON.parse(stdout));
  if (!reply.ok) throw new UserError(reply.reason === 'workbook' ? reply.message : `${reply.message} ${INSTALL}`);
  const { xform, warnings, itemsets } = reply;
  return {
    xform: Buffer.from(xform),
    warnings,
    made: new Map(itemsets === null ? [] : [['itemsets.csv', Buffer.from(itemsets)]]),
  };
}

async function put({ url, token }: Target, address: string, body: Buffer, type: string): Promise<unknown> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': type };
  const reply = await fetch(url + address, { method: 'PUT', headers, body: new Uint8Array(body) });
  const text = await reply.text();
  const content: unknown = /json/.test(reply.headers.get('content-type') ?? '') ? JSON.parse(text) : text;
  if (reply.ok) return content;
  const refused = problem.safeParse(content);
  if (!refused.success) throw new UserError(`${url} replied ${reply.status}.`);
  const { title, detail = '', errors = [] } = refused.data;
  throw new UserError([`${title} ${detail}`, ...errors.map((each) => `${each.pointer}: ${each.detail}`)].join('\n'));
}

async function upload(file: string, formId: string, target: Target, folder: string, isDryRun: boolean): Promise<void> {
  const { xform, warnings, made } = readForm(file, formId);
  const address = `/forms/${encodeURIComponent(formId)}/xform`;
  const sent = await put(target, `${address}${isDryRun ? '?dry_run=true' : ''}`, xform, 'text/xml');
  const { version, report, media } = uploaded.parse(sent);
  for (const { path, type, checks } of report.questions) {
    const onPhone = checks.filter(({ where }) => where === 'phone');
    const told = onPhone.map(({ what, why }) => `${what} on the phone only${why === undefined ? '' : ` (${why})`}`);
    console.log(`${path}: ${type}${told.length === 0 ? '' : `; ${told.join('; ')}`}`);
  }
  for (const detail of warnings) console.log(`Warning: ${detail}`);
  for (const { path, detail } of report.warnings) {
    console.log(`Warning: ${path === undefined ? '' : `${path}: `}${detail}`);
  }
  if (Array.isArray(media)) {
    console.log(`Nothing was stored. The form names these files: ${media.join(', ') || 'none'}.`);
    return;
  }
  const stored = media.files.map(({ name }) => name);
  for (const name of new Set([...made.keys(), ...media.missing, ...stored])) {
    const content = made.get(name) ?? (existsSync(join(folder, name)) ? readFileSync(join(folder, name)) : undefined);
    if (content !== undefined) {
      await put(target, `${address}/media/${encodeURIComponent(name)}`, content, 'application/octet-stream');
      console.log(`Uploaded ${name}.`);
    } else if (!stored.includes(name)) console.log(`Missing: ${name}. Put it into ${folder}, or send --media.`);
  }
  console.log(`${formId} has version ${version}.`);
}

await runCommand(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      form: { type: 'string' },
      media: { type: 'string' },
      url: { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      install: { type: 'boolean', default: false },
    },
  });
  if (values.install) {
    execFileSync(INSTALLER, { stdio: 'inherit' });
    return;
  }
  const [file] = positionals;
  if (file === undefined || values.form === undefined) throw new UserError(USAGE);
  const folder = resolve(values.media ?? join(file, '..'));
  await upload(file, values.form, targetOf(values.url), folder, values['dry-run']);
});
