import type { Browser, BrowserContextOptions } from 'playwright-core';
import { launchChromium } from './chromium.js';
import { ConsoleVisitor } from './console-visitor.js';
import { endEverything } from './kept-processes.js';
import { messageBody, onionCall } from './plaza-calls.js';
import { startPlaza, type PlazaProcess } from './plaza-process.js';
import { sessionClientReady, type Account } from './session-client.js';

/** A server, and a browser to look at its console with. */
export class ConsoleScene {
  private constructor(
    readonly server: PlazaProcess,
    readonly browser: Browser,
    /** Of an admin of the whole server. */
    readonly adminToken: string,
  ) {}

  static async open(): Promise<ConsoleScene> {
    await sessionClientReady();
    const server = await startPlaza({ env: { RATE_LIMIT_POSTS: '0', WEBHOOK_PRIVATE_ADDRESSES: 'true' } });
    return new ConsoleScene(server, await launchChromium(), await newToken(server, 'tester', 'admin'));
  }

  newToken(name: string, role: string, ...more: string[]): Promise<string> {
    return newToken(this.server, name, role, ...more);
  }

  /** Posts as a client does. Returns the status. */
  async post(author: Account, room: string, text: string): Promise<number> {
    const json = messageBody(author, text);
    return (await onionCall(this.server, author, 'POST', `/room/${room}/message`, { json })).status;
  }

  visit(options: BrowserContextOptions = {}): Promise<ConsoleVisitor> {
    return ConsoleVisitor.open(this.browser, this.server.base, options);
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.server.stop();
    await endEverything();
  }
}

async function newToken(
  server: PlazaProcess,
  name: string,
  role: string,
  ...more: string[]
): Promise<string> {
  const { stdout, stderr } = await server.plaza('token', 'create', '--name', name, '--role', role, ...more);
  const [token] = /plz_\S+/.exec(stdout) ?? [];
  if (token === undefined) throw new Error(`no token: ${stdout}${stderr}`);
  return token;
}
