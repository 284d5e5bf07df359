import type { Config } from '../../../../libs/config/config.js';
import { headerOf, type AdminReply, type AdminRequest } from './exchange.js';

export const SESSION_COOKIE = 'plaza_session';
/** Which browser asked for a link. */
export const LOGIN_COOKIE = 'plaza_login';

const COOKIES_LENGTH_MAX = 4_096;

/** Undefined when the browser sent none, or one with nothing in it. */
export function cookieOf(request: AdminRequest, name: string): string | undefined {
  const sent = headerOf(request, 'cookie')?.slice(0, COOKIES_LENGTH_MAX).split(';') ?? [];
  const found = sent.map((each) => each.trim()).find((each) => each.startsWith(`${name}=`));
  return found?.slice(name.length + 1) || undefined;
}

/** Scripts cannot read it, other sites cannot make a browser send it; with https, nothing else carries it. */
export function setCookie(
  reply: AdminReply,
  { publicUrl }: Pick<Config, 'publicUrl'>,
  cookie: { name: string; value: string; maxAgeSeconds: number },
): void {
  const secure = publicUrl?.startsWith('https:') ? '; Secure' : '';
  const attributes = `Max-Age=${cookie.maxAgeSeconds}; Path=/admin; HttpOnly; SameSite=Strict${secure}`;
  void reply.header('set-cookie', `${cookie.name}=${cookie.value}; ${attributes}`); // Fastify keeps others
}

export const dropCookie = (reply: AdminReply, config: Pick<Config, 'publicUrl'>, name: string): void =>
  setCookie(reply, config, { name, value: '', maxAgeSeconds: 0 });
