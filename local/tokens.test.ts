import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fingerprintOf } from '../collect-lambdas/shared/token.ts';
import { databaseKinds } from '../tests/support/databases.ts';
import { InProcessProxy } from '../tests/support/in-process-proxy.ts';
import { dbProxyBehind } from './local-aws.ts';
import { LOCAL_COLLECTOR, prepareTokens, storeToken, type StackTokens } from './tokens.ts';

describe.each(databaseKinds)('the tokens of a local stack on %s', (kind) => {
  let proxy: InProcessProxy;
  let home: string;
  const prepare = (given: Partial<StackTokens> = {}): Promise<StackTokens> => prepareTokens(proxy, home, given);
  const whose = async (token: string) => {
    const checked = await proxy.call('checkToken', fingerprintOf(token));
    return checked.outcome === 'valid' ? [checked.token.role, checked.token.user_id] : checked.outcome;
  };
  const revoke = async (token: string): Promise<void> => {
    const checked = await proxy.call('checkToken', fingerprintOf(token));
    if (checked.outcome === 'valid') await proxy.call('revokeToken', { token_id: checked.token.token_id });
  };

  beforeEach(async () => {
    home = mkdtempSync(path.join(tmpdir(), 'collect-tokens-'));
    proxy = await InProcessProxy.start(kind);
  });
  afterEach(async () => {
    await proxy.stop();
    rmSync(home, { recursive: true, force: true });
  });

  test('are a manager’s, a collector’s and a device’s, and the same at the next start', async () => {
    const tokens = await prepare();

    expect(await whose(tokens.manager)).toEqual(['manager', null]);
    expect(await whose(tokens.collector)).toEqual(['collector', LOCAL_COLLECTOR]);
    expect(await whose(tokens.device)).toEqual(['device', LOCAL_COLLECTOR]);
    expect(await prepare()).toEqual(tokens);
  });

  test('are readable by their owner only, even if the file was readable by others before', async () => {
    const file = path.join(home, 'tokens.json');
    writeFileSync(file, 'not JSON', { mode: 0o644 });

    const tokens = await prepare();

    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(tokens);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('are those in the environment variables, if set; a revoked token of an earlier start is replaced', async () => {
    const kept = await prepare();
    await revoke(kept.collector);

    const tokens = await prepare({ manager: 'of-our-own' });

    expect(tokens.manager).toBe('of-our-own');
    expect(await whose('of-our-own')).toEqual(['manager', null]);
    expect(tokens.collector).not.toBe(kept.collector);
    expect(await whose(tokens.collector)).toEqual(['collector', LOCAL_COLLECTOR]);
  });

  test('in the environment variables are refused if they are revoked or belong to another user', async () => {
    const { manager, collector } = await prepare();
    await revoke(manager);

    await expect(prepare({ manager })).rejects.toThrow(/^COLLECT_MANAGER_TOKEN is revoked or belongs to another user/);
    await expect(prepare({ manager: collector })).rejects.toThrow(/^COLLECT_MANAGER_TOKEN is revoked or belongs/);
    await expect(prepare({ collector: manager })).rejects.toThrow(/^COLLECT_COLLECTOR_TOKEN is revoked or belongs/);
  });

  test("appear neither in the proxy's request nor in its error", async () => {
    const asked: unknown[] = [];
    const refusing = dbProxyBehind((request) => {
      asked.push(request);
      return Promise.resolve('{"ok":false,"error":{"code":"DATABASE_UNAVAILABLE","message":"Try again."}}');
    });

    const stored = storeToken(refusing, 'of-our-own-choice', { role: 'manager', label: 'local', days: 1 });

    await expect(stored).rejects.toThrow('The call of the db-proxy failed: DATABASE_UNAVAILABLE.');
    expect(JSON.stringify(asked)).not.toContain('of-our-own-choice');
  });
});
