import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { describeInChromium, launchChromium, PATIENCE_MS, watch, type Watched } from '../support/chromium.js';
import { contentBytes, padded, type WrittenContent } from '../support/content-writer.js';
import { endEverything } from '../support/kept-processes.js';
import { PAYLOADS } from '../support/page-samples.js';
import { call, newAccount } from '../support/plaza-calls.js';
import { startPlaza, type PlazaProcess } from '../support/plaza-process.js';
import { sessionClientReady, signedMessage } from '../support/session-client.js';

jest.setTimeout(300_000);

const PHONE = { width: 360, height: 740 };
const LONG_WORD = 'w'.repeat(400);

let server: PlazaProcess;
let browser: Browser;

async function start(): Promise<void> {
  await sessionClientReady();
  server = await startPlaza({ env: { RATE_LIMIT_POSTS: '0' } });
  browser = await launchChromium();
  const texts = [...PAYLOADS, LONG_WORD, 'سلام دوستان', 'Line one\nLine two 🐟'];
  for (const text of texts) await write({ body: text, displayName: text, attachments: [{ fileName: text }] });
  await server.plaza(
    'room',
    'create',
    'long',
    '--name',
    LONG_WORD,
    '--description',
    PAYLOADS.join(' ') + LONG_WORD,
  );
  await server.plaza('room', 'create', 'hidden', '--name', 'Hidden');
  await server.plaza('room', 'set', 'hidden', '--no-read');
}

async function write(content: WrittenContent): Promise<void> {
  const author = newAccount(server);
  const json = signedMessage(author, padded(contentBytes(content)));
  const { status, text } = await call(server, author, 'POST', '/room/lobby/message', { json });
  if (status !== 201) throw new Error(text);
}

/** An open page. */
interface Visit extends Watched {
  page: Page;
  status: number;
}

async function visit(path: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const watched = watch(page);
  const response = await page.goto(server.base + path, { waitUntil: 'networkidle' });
  return { page, status: response!.status(), ...watched };
}

const overflow = (page: Page): Promise<number> =>
  page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
const style = (page: Page, property: string): Promise<string> =>
  page.evaluate(`getComputedStyle(document.body).${property}`);
/** Sum of red, green and blue, 0 to 765. */
const brightness = (color: string): number =>
  color
    .match(/\d+/g)!
    .slice(0, 3)
    .reduce((sum, part) => sum + Number(part), 0);

const PATHS = ['/', '/r/lobby/', '/r/long/', '/r/hidden/', '/r/nowhere/'];

function browserTests(): void {
  beforeAll(start);
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    await endEverything();
  });

  it.each(PATHS)('without a word in the console, and from nowhere else: %s', async (path) => {
    const { page, troubles, hosts, status } = await visit(path);
    // Chromium itself remarks on the status of a refused page.
    const remarks = troubles.filter(
      (text) => !text.startsWith(`Failed to load resource: the server responded with a status of ${status} `),
    );
    expect(remarks).toEqual([]);
    expect([...hosts]).toEqual([new URL(server.base).host]);
    await page.context().close();
  });

  it.each(PATHS)('without scrolling sideways on a phone: %s', async (path) => {
    const { page } = await visit(path, { viewport: PHONE, isMobile: true, hasTouch: true });
    expect(await overflow(page)).toBe(0);
    await page.context().close();
  });

  it('in light and in dark colours', async () => {
    const light = await visit('/r/lobby/', { colorScheme: 'light' });
    const dark = await visit('/r/lobby/', { colorScheme: 'dark' });
    expect(brightness(await style(light.page, 'backgroundColor'))).toBeGreaterThan(600);
    expect(brightness(await style(light.page, 'color'))).toBeLessThan(150);
    expect(brightness(await style(dark.page, 'backgroundColor'))).toBeLessThan(150);
    expect(brightness(await style(dark.page, 'color'))).toBeGreaterThan(600);
    await light.page.context().close();
    await dark.page.context().close();
  });

  it('with what strangers wrote to be read as they wrote it', async () => {
    const { page } = await visit('/r/lobby/');
    const texts = await page.locator('.message .text').allInnerTexts();
    expect(texts).toEqual(expect.arrayContaining([...PAYLOADS, LONG_WORD]));
    const names = await page.locator('.message .author').allInnerTexts();
    expect(names).toEqual(expect.arrayContaining(PAYLOADS));
    await page.context().close();
  });

  it('with an image of the QR code, the styles and the icon', async () => {
    const { page } = await visit('/r/lobby/');
    const loaded = await page.evaluate('[...document.images].map((image) => image.naturalWidth > 0)');
    expect(loaded).toEqual([true, true]);
    expect(await page.evaluate('document.styleSheets[0].cssRules.length > 10')).toBe(true);
    await page.context().close();
  });

  it('complete without JavaScript', async () => {
    const { page } = await visit('/', { javaScriptEnabled: false });
    await page.getByRole('link', { name: 'Lobby' }).click();
    await page.getByRole('heading', { level: 1, name: 'Lobby' }).waitFor();
    const link = page.locator('#join-link');
    expect(await link.innerText()).toMatch(
      new RegExp(`/lobby\\?public_key=${server.publicKey.toString('hex')}$`),
    );
    expect(await page.locator('.message').count()).toBe(PAYLOADS.length + 3);
    expect(await page.getByRole('button').count()).toBe(0);
    expect(await page.locator('time').first().innerText()).toMatch(/ UTC$/);
    await page.context().close();
  });

  it('with a button that copies the link', async () => {
    const { page, troubles } = await visit('/r/lobby/', {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await page.getByRole('button', { name: 'Copy link' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    const copied = await page.evaluate('navigator.clipboard.readText()');
    expect(copied).toBe(await page.locator('#join-link').innerText());
    expect(troubles).toEqual([]);
    await page.context().close();
  });

  it('where a join link leads', async () => {
    const { page } = await visit(`/lobby?public_key=${server.publicKey.toString('hex')}`);
    expect(page.url()).toBe(`${server.base}/r/lobby/`);
    await page.context().close();
  });

  it('with a way through by keyboard', async () => {
    const { page } = await visit('/');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.className')).toBe('room');
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
    await page.context().close();
  });
}

describeInChromium('pages are shown', browserTests);
