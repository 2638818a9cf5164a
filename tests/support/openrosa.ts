/** The OpenRosa API and its worker in the test's process, with a real database and a bucket in memory. */
import { createDeviceCheck } from '../../collect-lambdas/odk/device.ts';
import { createFormFiles } from '../../collect-lambdas/odk/form-files.ts';
import { createHandler } from '../../collect-lambdas/odk/routes.ts';
import { createHandler as createWorker } from '../../collect-lambdas/odk-pending/handler.ts';
import { createFormStore } from '../../collect-lambdas/shared/form-store.ts';
import type { HttpEvent } from '../../collect-lambdas/shared/http.ts';
import { createSnapshot, formObject, tokenObject } from '../../collect-lambdas/shared/snapshot.ts';
import { createFindForm } from '../../collect-lambdas/shared/submissions/find-form.ts';
import { createTokenCheck } from '../../collect-lambdas/shared/token-check.ts';
import { fingerprintOf, generateToken } from '../../collect-lambdas/shared/token.ts';
import type { Role } from '../../db-proxy-lambda/contract.ts';
import type { TestDatabaseKind } from './databases.ts';
import { httpEvent, type HttpRequest } from './http-event.ts';
import { InProcessProxy } from './in-process-proxy.ts';
import { MemoryStore } from './memory-store.ts';
import { multipartEvent } from './multipart.ts';
import { RecordingLogger } from './recording-logger.ts';
import { RecordingQueue } from './recording-queue.ts';

const IN_A_YEAR = new Date(Date.now() + 31_536_000_000).toISOString();

export interface OpenRosaReply {
  status: number | undefined;
  headers: Record<string, string | number | boolean>;
  /** The body's text; a binary body is decoded as UTF-8. */
  text: string;
  /** The message of an OpenRosaResponse. */
  message: string | undefined;
}

export interface SentInstance {
  form?: string;
  version?: string;
  /** The XML of the answers. */
  answers?: string;
  deprecated?: string;
  files?: Record<string, Uint8Array | string>;
  token?: string;
}

export class OpenRosa {
  readonly proxy: InProcessProxy;
  readonly files = new MemoryStore();
  readonly snapshot = new MemoryStore();
  readonly queue = new RecordingQueue();
  /** The metrics of each run of the worker. */
  readonly metrics: object[] = [];
  logger = new RecordingLogger();
  /** The server's clock. */
  time = Date.parse('2026-10-15T12:00:00Z');
  token = '';
  #handle: (event: HttpEvent) => ReturnType<ReturnType<typeof createHandler>>;
  #work: () => Promise<void>;

  private constructor(proxy: InProcessProxy) {
    this.proxy = proxy;
    [this.#handle, this.#work] = this.#createFunctions();
  }

  static async start(kind: TestDatabaseKind): Promise<OpenRosa> {
    const openRosa = new OpenRosa(await InProcessProxy.start(kind));
    openRosa.token = await openRosa.makeToken('device', 'collector-1');
    return openRosa;
  }

  /** Starts new environments, without caches. */
  restart(): void {
    this.logger = new RecordingLogger();
    [this.#handle, this.#work] = this.#createFunctions();
  }

  #createFunctions() {
    const { proxy, files, logger } = this;
    const now = () => (this.time += 10);
    const { findForm: find, findToken } = createSnapshot(this.snapshot);
    const forms = createFormStore(proxy, { findForm: find }, logger, now);
    const dependencies = {
      dbProxy: proxy,
      forms,
      findForm: createFindForm(forms, files),
      files,
      enqueue: this.queue.send,
      triggerPublish: () => Promise.resolve(),
      logger,
      now,
    };
    const clock = { now: Date.now };
    const checkToken = createTokenCheck({ dbProxy: proxy, findToken, logger, ...clock });
    const formFiles = createFormFiles({ forms, files, logger, now });
    const handle = createHandler({ ...dependencies, checkDevice: createDeviceCheck(checkToken, Date.now), formFiles });
    return [handle, createWorker(dependencies, (values) => this.metrics.push(values))] as const;
  }

  /** Creates a token, in the database and in the snapshot. */
  async makeToken(role: Role, userId: string | null = null): Promise<string> {
    const token = generateToken();
    const fingerprint = fingerprintOf(token);
    const tokenId = crypto.randomUUID();
    const values = { role, user_id: userId, expires_at: IN_A_YEAR };
    await this.proxy.call('createToken', { token_id: tokenId, ...fingerprint, ...values, label: null });
    await this.snapshot.keep(
      tokenObject({ ...values, sha256: fingerprint.sha256, token_id: tokenId, revoked_at: null }),
    );
    return token;
  }

  /** Stores a form, in the database and in the snapshot. */
  async putForm(definition: Record<string, unknown> & { form_id: string }): Promise<number> {
    const result = await this.proxy.call('putForm', { form_id: definition.form_id, definition });
    if (result.outcome === 'outdated' || result.outcome === 'was_open') throw new Error(result.outcome);
    await this.snapshot.keep(formObject(result.form));
    return result.form.version;
  }

  async send(routeKey: string, request: HttpRequest = {}): Promise<OpenRosaReply> {
    const event = httpEvent(routeKey, { ...request, path: { token: this.token, ...request.path }, caller: null });
    return await this.#reply({
      ...event,
      headers: { host: 'api.example.org', 'x-forwarded-proto': 'https', ...event.headers },
    });
  }

  /** Sends a submission with its files in one request. */
  async submit(instanceId: string | undefined, sent: SentInstance = {}): Promise<OpenRosaReply> {
    return await this.post(instanceXml(instanceId, sent), sent);
  }

  /** Sends any bytes as a submission. */
  async post(xml: string | Uint8Array, { files = {}, token = this.token }: SentInstance = {}): Promise<OpenRosaReply> {
    const event = multipartEvent('POST /odk/{token}/submission', [
      { name: 'xml_submission_file', filename: 'a.xml', content: xml },
      ...Object.entries(files).map(([name, content]) => ({ name, filename: name, content })),
    ]);
    return await this.#reply({ ...event, pathParameters: { token } });
  }

  /** Runs the worker once. */
  work(): Promise<void> {
    return this.#work();
  }

  async #reply(event: HttpEvent): Promise<OpenRosaReply> {
    const { statusCode, headers = {}, body = '', isBase64Encoded = false } = await this.#handle(event);
    const text = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8').toString();
    return { status: statusCode, headers, text, message: /<message[^>]*>([^]*)<\/message>/.exec(text)?.[1] };
  }

  /** The revisions of a response, oldest first. */
  async history(responseId: string) {
    const { items } = await this.proxy.call('listRevisions', { response_id: responseId, after_revision: 0 });
    return items;
  }

  async stop(): Promise<void> {
    await this.proxy.stop();
  }
}

export function instanceXml(
  instanceId: string | undefined,
  { form = 'wells', version = '1', answers = '<depth>12.5</depth>', deprecated }: SentInstance = {},
): string {
  const ids = [
    instanceId === undefined ? '' : `<orx:instanceID>${instanceId}</orx:instanceID>`,
    deprecated === undefined ? '' : `<orx:deprecatedID>${deprecated}</orx:deprecatedID>`,
  ].join('');
  return `<?xml version="1.0"?><data xmlns:orx="http://openrosa.org/xforms" id="${form}" version="${version}">${answers}<orx:meta>${ids}</orx:meta></data>`;
}
