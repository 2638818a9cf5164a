/** A device of a collector at a running stack, which speaks OpenRosa over HTTP. */
import { instanceXml, type SentInstance } from './openrosa.ts';
import type { TestStack } from './test-stack.ts';

export class Collector {
  readonly stack: TestStack;
  readonly token: string;

  private constructor(stack: TestStack, token: string) {
    this.stack = stack;
    this.token = token;
  }

  /** Makes a device's token for a collector. */
  static async at(stack: TestStack, userId: string): Promise<Collector> {
    const reply = await manage(stack, 'POST', '/tokens', { role: 'device', user_id: userId });
    const { token }: { token: string } = JSON.parse(await reply.text());
    return new Collector(stack, token);
  }

  /** The address that a collector enters into the app. */
  get url(): string {
    return `${this.stack.url}/odk/${this.token}`;
  }

  request(path: string, init?: RequestInit): Promise<Response> {
    return fetch(`${this.url}${path}`, init);
  }

  /** Sends a submission with its files in one request. */
  async submit(instanceId: string, sent: SentInstance = {}): Promise<{ status: number; text: string }> {
    const body = new FormData();
    body.append('xml_submission_file', new Blob([instanceXml(instanceId, sent)], { type: 'text/xml' }), 'a.xml');
    for (const [name, content] of Object.entries(sent.files ?? {})) {
      body.append(name, new Blob([typeof content === 'string' ? content : new Uint8Array(content)]), name);
    }
    const reply = await this.request('/submission', { method: 'POST', body });
    return { status: reply.status, text: await reply.text() };
  }
}

/** Sends a request as a manager. */
export function manage(stack: TestStack, method: string, path: string, body?: unknown): Promise<Response> {
  const headers = { authorization: `Bearer ${stack.tokens.manager}`, 'content-type': 'application/json' };
  return fetch(stack.url + path, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
}
