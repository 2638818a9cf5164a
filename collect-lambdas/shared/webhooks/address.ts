/** Which addresses a webhook may have. */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { MAX_WEBHOOK_URL } from '../../../db-proxy-lambda/contract.ts';

/** The addresses of IPv6 that are routed in the internet (RFC 4291, section 2.4). */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Whether an address is in the public internet. Private, link-local, loopback, shared and reserved addresses are not,
 * and neither are addresses that lead to them, such as IPv4-mapped IPv6. The metadata addresses of clouds are
 * link-local or private.
 *
 * @param address an IPv4 or IPv6 address
 */
export function isPublicAddress(address: string): boolean {
  const parsed = parse(address);
  if (parsed === undefined || parsed.range() !== 'unicast') return false;
  return parsed instanceof ipaddr.IPv4 || parsed.match(GLOBAL_UNICAST);
}

export function isLoopback(address: string): boolean {
  return parse(address)?.range() === 'loopback';
}

/** IPv4-mapped IPv6 addresses become IPv4. */
function parse(address: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  return ipaddr.isValid(address) ? ipaddr.process(address) : undefined;
}

/** The host of a URL as the resolver and the sockets take it: an IPv6 address without brackets. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

/**
 * What is wrong with a webhook's URL; undefined if it may be stored. Names are resolved at each send.
 *
 * @param allowsLoopback whether this installation may also send to its own machine, and without TLS
 */
export function urlFault(text: string, allowsLoopback: boolean): string | undefined {
  if (text.length > MAX_WEBHOOK_URL) return `Send at most ${MAX_WEBHOOK_URL} characters.`;
  const url = URL.parse(text);
  if (url === null || !schemes(allowsLoopback).includes(url.protocol)) {
    return 'Send the address of the receiver, such as https://example.org/collect.';
  }
  if (url.username !== '' || url.password !== '') {
    return 'Leave out the user and the password: the receiver recognises us by the signature.';
  }
  const host = hostOf(url);
  return isIP(host) !== 0 && !mayConnect(host, allowsLoopback)
    ? `Send a public address; ${host} is not public.`
    : undefined;
}

function schemes(allowsLoopback: boolean): string[] {
  return allowsLoopback ? ['https:', 'http:'] : ['https:'];
}

export function mayConnect(address: string, allowsLoopback: boolean): boolean {
  return isPublicAddress(address) || (allowsLoopback && isLoopback(address));
}
