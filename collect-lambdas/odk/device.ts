/** Checks the token in the path of a request. Field apps cannot send it in a header. */
import { isId } from '../../db-proxy-lambda/contract.ts';
import { Problem, unavailable } from '../shared/problem.ts';
import { TOKEN_REFUSALS, type TokenCheck } from '../shared/token-check.ts';
import { fingerprintOf, isToken } from '../shared/token.ts';

/** How long a valid token stays cached. A revoked token may work for that long, as elsewhere in the API. */
const CACHED_MS = 60_000;
/** Cache size; the oldest entry is evicted. */
const MAX_CACHED = 10_000;

const ADVICE = 'Ask the manager for a new code for this phone, and scan it in the settings of the app.';

/** A phone's app, and the collector to whom its token belongs. */
export interface Device {
  userId: string;
}

/**
 * Checks a token.
 *
 * @throws {Problem} 403 if it is not the valid token of a device (401 would make the app ask for a password), 503 if it
 * cannot be looked up now
 */
export type DeviceCheck = (token: string) => Promise<Device>;

export function createDeviceCheck(check: TokenCheck, now: () => number): DeviceCheck {
  const cache = new Map<string, { device: Device; until: number }>();
  return async (token) => {
    if (!isToken(token)) throw refused('The address of the server has no valid token.');
    const fingerprint = fingerprintOf(token);
    const known = cache.get(fingerprint.sha256);
    if (known !== undefined && now() < known.until) return known.device;
    const device = await checkDevice(check, fingerprint);
    cache.delete(fingerprint.sha256);
    cache.set(fingerprint.sha256, { device, until: now() + CACHED_MS });
    const [oldest] = cache.keys();
    if (cache.size > MAX_CACHED && oldest !== undefined) cache.delete(oldest);
    return device;
  };
}

async function checkDevice(check: TokenCheck, fingerprint: Parameters<TokenCheck>[0]): Promise<Device> {
  const checked = await check(fingerprint);
  if (checked.outcome === 'unavailable') throw unavailable('The token cannot be looked up now. Try again in a minute.');
  if (checked.outcome !== 'valid') throw refused(TOKEN_REFUSALS[checked.outcome]);
  const { role, user_id: userId } = checked.token;
  if (role !== 'device') throw refused(`This address needs the token of a phone; this token has the role ${role}.`);
  if (userId === null || !isId(userId)) throw refused('This token belongs to no collector.');
  return { userId };
}

function refused(why: string): Problem {
  return new Problem('forbidden', { detail: `${why} ${ADVICE}` });
}
