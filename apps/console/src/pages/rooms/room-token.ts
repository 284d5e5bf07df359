const TOKEN_LENGTH_MAX = 64;

/** A token that suits a name: `Überraschung & Co.` → `uberraschung-co`. Empty where no letter can be kept. */
export const tokenFor = (name: string): string =>
  name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, '-')
    .slice(0, TOKEN_LENGTH_MAX)
    .replace(/^-+|-+$/g, '');
