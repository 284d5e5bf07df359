/** The part before the host of an address that names no password itself. PostgreSQL may name several hosts, or none. */
const WITHOUT_PASSWORD = /^([a-z]+:\/\/)(?:([^:@/?#]*)@)?(?![^/?#]*@)/;

/** The address with the password, unless it has one already: that one counts. */
export function withPassword(url: string, password: string): string {
  return url.replace(
    WITHOUT_PASSWORD,
    (_start, scheme: string, user = '') => `${scheme}${user}:${encodeURIComponent(password)}@`,
  );
}

/** Whether the address says who we are; PostgreSQL would take the account's name otherwise. */
export const namesUser = (url: string): boolean => /^[a-z]+:\/\/[^:@/?#]+(?::[^@/?#]*)?@/.test(url);
