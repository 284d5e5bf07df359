const TOKEN_KEY = 'plaza.token';
const COOKIE_KEY = 'plaza.cookie';

/**
 * How this browser signs in. A token lives as long as the tab; the cookie of a login link cannot be seen from here, so
 * a mark says that there is one and that asking the server makes sense.
 */
export const credentials = {
  /** Of the cookie session, from `GET /session`. */
  csrfToken: undefined as string | undefined,

  get token(): string | undefined {
    return sessionStorage.getItem(TOKEN_KEY) ?? undefined;
  },

  get areThere(): boolean {
    return credentials.token !== undefined || localStorage.getItem(COOKIE_KEY) !== null;
  },

  useToken(token: string): void {
    localStorage.removeItem(COOKIE_KEY);
    sessionStorage.setItem(TOKEN_KEY, token);
  },

  useCookie(): void {
    sessionStorage.removeItem(TOKEN_KEY);
    localStorage.setItem(COOKIE_KEY, 'yes');
  },

  forget(): void {
    credentials.csrfToken = undefined;
    sessionStorage.removeItem(TOKEN_KEY);
    localStorage.removeItem(COOKIE_KEY);
  },
};
