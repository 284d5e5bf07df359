import { readFileSync } from 'node:fs';
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { PATIENCE_MS, watch, type Watched } from './chromium.js';

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const GRAVE = ['serious', 'critical'];
/** Chromium itself remarks on every refusal. */
const REMARK = /^Failed to load resource: the server responded with a status of 4\d\d /;

interface AxeResults {
  violations: { id: string; impact: string | null; nodes: { html: string }[] }[];
}

interface ContrastResults {
  passes: ContrastRule[];
  violations: ContrastRule[];
}

interface ContrastRule {
  nodes: { html: string; any: { data: { contrastRatio: number } }[] }[];
}

export interface Contrast {
  html: string;
  ratio: number;
}

/** Somebody in front of the console: a browser window with its own storage. */
export class ConsoleVisitor {
  private constructor(
    readonly base: string,
    readonly context: BrowserContext,
    readonly page: Page,
    private readonly watched: Watched,
  ) {}

  static async open(
    browser: Browser,
    base: string,
    options: BrowserContextOptions = {},
  ): Promise<ConsoleVisitor> {
    const context = await browser.newContext(options);
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    return new ConsoleVisitor(base, context, page, watch(page));
  }

  /** Goes to a path below /admin and waits for its heading and what it loads. */
  async goTo(path: string): Promise<void> {
    await this.page.goto(`${this.base}/admin${path}`);
    await this.page.getByRole('heading', { level: 1 }).waitFor();
    await this.settled();
  }

  async signIn(token: string): Promise<void> {
    await this.goTo('/');
    await this.page.getByRole('tab', { name: 'Access token' }).click();
    await this.page.getByRole('textbox', { name: 'Access token' }).fill(token);
    await this.page.getByRole('button', { name: 'Sign in' }).click();
    await this.page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await this.settled();
  }

  /** Nothing says "Loading" any more. */
  async settled(): Promise<void> {
    await this.page.getByRole('status', { name: 'Loading' }).first().waitFor({ state: 'detached' });
  }

  message(text: string): Locator {
    return this.page.getByRole('listitem').filter({ hasText: text });
  }

  /** Opens the menu of a message and chooses from it. */
  async act(text: string, action: RegExp): Promise<void> {
    await this.message(text)
      .getByRole('button', { name: /^Actions for/ })
      .click();
    await this.page.getByRole('menuitem', { name: action }).click();
  }

  /** The graver findings of axe on what is to be seen now. */
  async graveFindings(): Promise<string[]> {
    await this.page.evaluate(AXE);
    const { violations } = await this.page.evaluate<AxeResults>('axe.run(document, { preload: false })');
    return violations
      .filter(({ impact }) => GRAVE.includes(impact ?? ''))
      .map(({ id, nodes }) => `${id}: ${nodes[0]!.html}`);
  }

  /** How texts stand out from what is behind them (WCAG 2.2, 1.4.3), as axe measures it, below a selector. */
  async contrasts(selector: string): Promise<Contrast[]> {
    await this.page.evaluate(AXE);
    const options = { runOnly: ['color-contrast'], preload: false };
    const call = `axe.run(${JSON.stringify(selector)}, ${JSON.stringify(options)})`;
    const { passes, violations } = await this.page.evaluate<ContrastResults>(call);
    return [...passes, ...violations]
      .flatMap(({ nodes }) => nodes)
      .map(({ html, any: [check] }) => ({ html, ratio: check!.data.contrastRatio }));
  }

  overflow(): Promise<number> {
    return this.page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
  }

  /** What the developer tools would show; refusals that were asked for are none. */
  troubles(): string[] {
    return this.watched.troubles.filter((text) => !REMARK.test(text));
  }

  hosts(): string[] {
    return [...this.watched.hosts];
  }

  close(): Promise<void> {
    return this.context.close();
  }
}
