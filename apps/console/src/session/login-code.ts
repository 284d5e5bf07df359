/** The one-time code of a login link (`/admin/login#code=…`). In the fragment, so that no server logs it. */
export function codeOfLink(hash: string): string | undefined {
  const code = new URLSearchParams(hash.replace(/^#/, '')).get('code');
  return code === null || code === '' ? undefined : code;
}
