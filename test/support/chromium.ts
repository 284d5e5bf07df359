import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';

/** Debian's: Playwright's own download is not needed. */
export const CHROMIUM = '/usr/bin/chromium';
/** For each thing that a browser is to do or to show: on a busy machine it is slow, not wrong. */
export const PATIENCE_MS = 90_000;
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const launchChromium = (): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM, args: FLAGS });

/** What a person with the developer tools open would be told of, and who was asked for anything. */
export interface Watched {
  /** Console messages, script errors, violations of the policy, dialogs. */
  troubles: string[];
  hosts: Set<string>;
}

export function watch(page: Page): Watched {
  const troubles: string[] = [];
  const hosts = new Set<string>();
  page.on('console', (message) => troubles.push(message.text()));
  page.on('pageerror', (error) => troubles.push(error.message));
  page.on('dialog', (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => hosts.add(new URL(request.url()).host));
  return { troubles, hosts };
}

/** Runs a suite where there is a browser, and says what is missing where there is none. */
export function describeInChromium(name: string, suite: () => void): void {
  if (existsSync(CHROMIUM)) return describe(name, suite);
  it(`${name}: not looked at in a browser`, () => {
    console.log(`Not run: there is no ${CHROMIUM} (apt-get install --no-install-recommends chromium)`);
  });
}
