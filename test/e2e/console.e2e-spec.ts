import type { BrowserContextOptions } from 'playwright-core';
import { describeInChromium } from '../support/chromium.js';
import { ConsoleScene } from '../support/console-scene.js';
import type { ConsoleVisitor } from '../support/console-visitor.js';
import { contentBytes, padded } from '../support/content-writer.js';
import { letterTo } from '../support/login-letter.js';
import { PAYLOADS } from '../support/page-samples.js';
import { call, newAccount, untilModerator } from '../support/plaza-calls.js';
import type { PlazaProcess } from '../support/plaza-process.js';
import { signedMessage } from '../support/session-client.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';

/** Looking at every page twice takes its time where others work, too. */
jest.setTimeout(300_000);

const PAGES = [
  '/',
  '/rooms',
  '/rooms/lobby',
  '/rooms/lobby/members',
  '/rooms/lobby/settings',
  '/rooms/lobby/filters',
  '/rooms/lobby/automod',
  '/rooms/lobby/files',
  '/users',
  '/bans',
  '/rules',
  '/log',
  '/files',
  '/jobs',
  '/tokens',
  '/webhooks',
];
const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };

let scene: ConsoleScene;
let server: PlazaProcess;
let adminToken: string;
let visitor: ConsoleVisitor;

async function start(): Promise<void> {
  scene = await ConsoleScene.open();
  ({ server, adminToken } = scene);
  for (const payload of PAYLOADS) await postPayload(payload);
  await server.plaza('room', 'create', 'payload', '--name', PAYLOADS[0]!, '--description', PAYLOADS[0]!);
}

/** A message whose text, author and file are called like this. */
async function postPayload(text: string): Promise<void> {
  const author = newAccount(server);
  const content = { body: text, displayName: text, attachments: [{ fileName: text }] };
  const json = signedMessage(author, padded(contentBytes(content)));
  const { status } = await call(server, author, 'POST', '/room/lobby/message', { json });
  expect(status).toBe(201);
}

async function visit(options: BrowserContextOptions = {}): Promise<void> {
  visitor = await scene.visit(options);
}

function consoleTests(): void {
  beforeAll(start);
  afterEach(() => visitor.close());
  afterAll(() => scene?.close());

  it('by nobody without a token, and says so', async () => {
    await visit();
    await visitor.goTo('/rooms');
    const { page } = visitor;
    await page.getByRole('tab', { name: 'Access token' }).click();
    await page.getByRole('textbox', { name: 'Access token' }).fill('plz_wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').getByText('This token does not work').waitFor();
    expect(await visitor.graveFindings()).toEqual([]);
    expect(visitor.troubles()).toEqual([]);
  });

  it('by a moderator with a link from the community', async () => {
    const moderator = newAccount(server);
    await call(server, moderator, 'GET', '/room/lobby');
    await server.plaza('moderator', 'add', moderator.sessionId, '--room', 'lobby');
    await untilModerator(server, moderator);
    await visit();
    const { page } = visitor;
    await visitor.goTo('/login');
    await page.getByRole('textbox', { name: 'Your Session ID' }).fill(moderator.sessionId);
    await page.getByRole('button', { name: 'Send me a link' }).click();
    await page.getByText('Look into Session').waitFor();
    // Its host is the machine's own address, where this server does not listen.
    const [, path = ''] =
      /^http:\/\/[^/]+(\/admin\/login#\S+)$/m.exec(await letterTo(moderator, server)) ?? [];
    const link = server.base + path;
    await page.goto(link);
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    expect(page.url()).toBe(`${server.base}/admin/`);

    await visitor.goTo('/rooms/lobby');
    await visitor.act(PAYLOADS[0]!, /^Mute the author/);
    expect(await page.getByRole('menuitem', { name: /^Pin/ }).count()).toBe(0); // for admins
    await page.getByRole('dialog').getByRole('button', { name: 'Mute' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await visitor.goTo('/rooms/lobby/settings');
    await page.getByText('Only an admin of the room can change it.').waitFor();
    await page.getByRole('button', { name: /^Account/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('tab', { name: 'Session ID' }).waitFor();
    await page.goto(link);
    await page.reload();
    await page.getByRole('alert').getByText('This link does not work').waitFor();
    expect(visitor.troubles()).toEqual([]);
  });

  it('from making a room to banning somebody in it', async () => {
    await visit();
    const { page } = visitor;
    await visitor.signIn(adminToken);
    await page.getByRole('link', { name: 'Rooms' }).click();
    await page.getByRole('button', { name: 'New room' }).click();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Fish tank');
    await page.getByRole('button', { name: 'Create the room' }).click();
    await page.getByRole('heading', { level: 1, name: 'Fish tank' }).waitFor();
    await page.getByRole('tab', { name: 'Messages' }).click();
    await page.getByText('No messages yet').waitFor();

    const author = newAccount(server);
    expect(await scene.post(author, 'fish-tank', 'Carp of the day')).toBe(201);
    await visitor.message('Carp of the day').waitFor();
    await visitor.act('Carp of the day', /^Delete/);
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await visitor.message('Carp of the day').waitFor({ state: 'detached' });

    expect(await scene.post(author, 'fish-tank', 'Carp again')).toBe(201);
    await visitor.act('Carp again', /^Ban the author/);
    await page.getByRole('textbox', { name: 'Reason' }).fill('too many carps');
    await page.getByRole('dialog').getByRole('button', { name: 'Ban' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await scene.post(author, 'fish-tank', 'Carp for ever')).toBe(403);

    const flooder = newAccount(server);
    expect(await scene.post(flooder, 'fish-tank', 'Carp from elsewhere')).toBe(201);
    await visitor.act('Carp from elsewhere', /^Ban the author/);
    await page.getByLabel('Where').selectOption({ label: 'In all rooms of this server' });
    await page.getByRole('checkbox', { name: 'Delete all their posts, too' }).check();
    await page.getByRole('dialog').getByRole('button', { name: 'Ban' }).click();
    await page.getByText('1 message in 1 room, with all files, will be gone for good.').waitFor();
    expect(await scene.post(flooder, 'fish-tank', 'Not banned yet')).toBe(201);
    await page.getByRole('button', { name: 'Ban and delete all' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await scene.post(flooder, 'fish-tank', 'Carp no more')).toBe(403);

    await page.getByRole('link', { name: 'Bans and mutes' }).click();
    await page.getByRole('cell', { name: 'too many carps' }).waitFor();
    await page.getByRole('link', { name: 'Log', exact: true }).click();
    await page.getByRole('row', { name: /Message delete (?!all).*fish-tank/ }).waitFor();
    await page.getByRole('row', { name: /Ban.*fish-tank.*too many carps/ }).waitFor();
    expect(visitor.troubles()).toEqual([]);
    expect(visitor.hosts()).toEqual([new URL(server.base).host]);
  });

  it('with what strangers wrote shown as text', async () => {
    await visit();
    const { page } = visitor;
    await visitor.signIn(adminToken);
    await visitor.goTo('/rooms/lobby');
    const texts = await page.locator('.message-text').allInnerTexts();
    expect(texts).toEqual(expect.arrayContaining(PAYLOADS));
    const names = await page.locator('.byline .author').allInnerTexts();
    expect(names).toEqual(expect.arrayContaining(PAYLOADS));
    await visitor.goTo('/rooms/payload/settings');
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe(PAYLOADS[0]);
    expect(await page.getByRole('textbox', { name: 'Description' }).inputValue()).toBe(PAYLOADS[0]);
    expect(visitor.troubles()).toEqual([]);
  });

  it('to tell a room something, and to clear it up', async () => {
    await visit();
    const { page } = visitor;
    await server.plaza('room', 'create', 'board', '--name', 'Board');
    await visitor.signIn(adminToken);
    await visitor.goTo('/rooms/board');
    await page.getByRole('button', { name: 'Announce' }).click();
    await page.getByRole('textbox', { name: 'Text' }).fill('Meeting at noon');
    await page.getByRole('checkbox', { name: 'Pin it' }).check();
    await page.getByRole('button', { name: 'Post it' }).click();
    await visitor.message('Meeting at noon').getByText('Pinned').waitFor();

    const author = newAccount(server);
    for (const text of ['one', 'two']) expect(await scene.post(author, 'board', `spam ${text}`)).toBe(201);
    for (const text of ['one', 'two']) await visitor.message(`spam ${text}`).getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Delete: 2 messages' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    for (const text of ['one', 'two']) await visitor.message(`spam ${text}`).waitFor({ state: 'detached' });
    expect(visitor.troubles()).toEqual([]);
  });

  it('to try rules on recent messages, and to have them hold', async () => {
    await visit();
    const { page } = visitor;
    await server.plaza('room', 'create', 'words', '--name', 'Words');
    const author = newAccount(server);
    expect(await scene.post(author, 'words', 'a carp, again')).toBe(201);
    await visitor.signIn(adminToken);
    await visitor.goTo('/rooms/words/filters');
    await page.getByRole('combobox', { name: 'Filter words' }).selectOption('Yes');
    await page.getByRole('combobox', { name: 'Hide instead of refusing' }).first().selectOption('No');
    await page.getByRole('textbox', { name: 'Words of this room' }).fill('carp');
    await page.getByRole('button', { name: 'Try it' }).click();
    await page.getByText('1 message of 1 would be caught').waitFor();
    expect(await scene.post(author, 'words', 'a carp, before')).toBe(201);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The rules were saved').waitFor();
    expect(await scene.post(author, 'words', 'a carp, after')).toBe(429);
    expect(visitor.troubles()).toEqual([]);
  });

  it('to make a token, which is shown once, and to revoke it', async () => {
    await visit();
    const { page } = visitor;
    await visitor.signIn(adminToken);
    await visitor.goTo('/tokens');
    await page.getByRole('button', { name: 'New token' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill(PAYLOADS[0]!);
    await page.getByRole('combobox', { name: 'Role' }).selectOption('viewer');
    await page.getByRole('button', { name: 'Create the token' }).click();
    const token = await page.getByRole('dialog').getByText(/^plz_/).innerText();
    await page.getByRole('button', { name: 'Done' }).click();
    const headers = { authorization: `Bearer ${token}` };
    expect((await call(server, undefined, 'GET', '/admin/v1/session', { headers })).status).toBe(200);
    await page.getByRole('button', { name: `Revoke: ${PAYLOADS[0]!}` }).click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^Revoke/ })
      .click();
    await page.getByText('The token was revoked').waitFor();
    expect((await call(server, undefined, 'GET', '/admin/v1/session', { headers })).status).toBe(401);
    expect(visitor.troubles()).toEqual([]);
  });

  it('to tell a bot, with a test before', async () => {
    const bot = await WebhookReceiver.open();
    await visit();
    const { page } = visitor;
    await visitor.signIn(adminToken);
    await visitor.goTo('/webhooks');
    await page.getByRole('button', { name: 'New webhook' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('bot');
    await page.getByRole('textbox', { name: 'Address' }).fill(bot.url);
    await page.getByRole('combobox', { name: 'Events' }).click();
    await page.getByRole('option', { name: 'Message pinned' }).click();
    await page.keyboard.press('Tab');
    await page.getByRole('button', { name: 'Create the webhook' }).click();
    await page.getByText('The signing secret').waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('button', { name: 'Test: bot' }).click();
    await page.getByText('The test was taken').waitFor();
    expect(bot.events).toEqual(['ping']);
    await page.getByRole('button', { name: 'Delete: bot' }).click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^Delete/ })
      .click();
    await page.getByText('No webhooks').waitFor();
    expect(visitor.troubles()).toEqual([]);
    await bot.close();
  });

  it('with numbers that were counted, as charts and as tables', async () => {
    await visit();
    const { page } = visitor;
    await visitor.signIn(adminToken);
    await page.getByRole('img', { name: /^Messages: / }).waitFor();
    await page.getByRole('button', { name: 'Messages as a table' }).click();
    await page.getByRole('button', { name: 'Messages as a chart' }).waitFor();
    expect(await page.getByRole('img', { name: /^Messages: / }).count()).toBe(0);
    expect(await visitor.graveFindings()).toEqual([]);
  });

  it('by two at once, of whom the later one is told', async () => {
    await visit();
    const { page } = visitor;
    await visitor.signIn(adminToken);
    await visitor.goTo('/rooms/lobby/settings');
    const description = page.getByRole('textbox', { name: 'Description' });
    await description.fill('mine');
    await server.plaza('room', 'set', 'lobby', '--description', 'of the other');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('alert').getByText('Somebody else changed this').waitFor();
    await page.getByRole('button', { name: 'Load what is there now' }).click();
    await page.getByText('of the other').waitFor();
    await description.fill('of both');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The room was changed').waitFor();
    expect(visitor.troubles()).toEqual([]);
  });

  it('by a room’s deleter who types its token', async () => {
    await server.plaza('room', 'create', 'doomed', '--name', 'Doomed');
    await visit();
    const { page } = visitor;
    await visitor.signIn(adminToken);
    await visitor.goTo('/rooms/doomed/settings');
    await page.getByRole('button', { name: /^Delete the room/ }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/all its messages and files will be gone/).waitFor();
    const button = dialog.getByRole('button', { name: 'Delete for ever' });
    expect(await button.isDisabled()).toBe(true);
    await dialog.getByRole('textbox').fill('doomed');
    await button.click();
    await page.getByRole('heading', { level: 1, name: 'Rooms' }).waitFor();
    await page.getByRole('link', { name: 'Doomed' }).waitFor({ state: 'detached' });
    expect((await call(server, undefined, 'GET', '/room/doomed')).status).toBe(404);
  });

  it('without what the role does not allow', async () => {
    const token = await scene.newToken('reader', 'viewer', '--room', 'lobby');
    await visit();
    const { page } = visitor;
    await visitor.signIn(token);
    await visitor.goTo('/rooms');
    expect(await page.getByRole('button', { name: 'New room' }).count()).toBe(0);
    await visitor.goTo('/rooms/lobby');
    expect(await page.getByRole('button', { name: /^Actions for/ }).count()).toBe(0);
    expect(await page.getByRole('link', { name: 'Access tokens' }).count()).toBe(0);
    await page.goto(`${server.base}/admin/rooms/payload`);
    await page.getByText('This is not here').waitFor();
  });

  it.each(['light', 'dark'] as const)('without grave findings of axe, in the %s', async (colorScheme) => {
    await visit({ colorScheme });
    await visitor.signIn(adminToken);
    for (const path of PAGES) {
      await visitor.goTo(path);
      expect([path, await visitor.graveFindings()]).toEqual([path, []]);
    }
    expect(visitor.troubles()).toEqual([]);
    expect(visitor.hosts()).toEqual([new URL(server.base).host]);
  });

  it('on a phone without scrolling sideways', async () => {
    await visit(PHONE);
    await visitor.signIn(adminToken);
    for (const path of PAGES) {
      await visitor.goTo(path);
      expect([path, await visitor.overflow()]).toEqual([path, 0]);
    }
  });

  it('by keyboard alone', async () => {
    await visit();
    const { page } = visitor;
    await visitor.signIn(adminToken);
    await visitor.goTo('/rooms/lobby');
    await page
      .getByRole('button', { name: /^Actions for/ })
      .last()
      .focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: /^Pin/ }).waitFor();
    const focused = (): Promise<string> => page.evaluate('document.activeElement.textContent');
    // The first may come before the menu has the focus.
    for (let presses = 0; presses < 10 && !(await focused()).startsWith('Delete'); presses++)
      await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Delete this message?' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('with links that lead into it', async () => {
    await visit();
    for (const path of ['/admin', '/admin/', '/admin/rooms/lobby/members', '/admin/no/such/page']) {
      const { status, headers } = await call(server, undefined, 'GET', path);
      expect([path, status, headers['cache-control']]).toEqual([path, 200, 'no-store']);
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self'; /);
    }
    const head = await call(server, undefined, 'HEAD', '/admin/rooms');
    expect([head.status, head.text]).toEqual([200, '']);
    expect((await call(server, undefined, 'POST', '/admin/rooms')).status).toBe(405);
    expect((await call(server, undefined, 'GET', '/admin/assets/none.js')).status).toBe(404);
    const page = (await call(server, undefined, 'GET', '/admin')).text;
    const [script = ''] = /\/admin\/assets\/[\w-]+\.js/.exec(page) ?? [];
    const asset = await call(server, undefined, 'GET', script, { headers: { 'accept-encoding': 'br' } });
    expect(asset.headers).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'content-encoding': 'br',
      'content-type': 'text/javascript; charset=utf-8',
    });
  });
}

describeInChromium('the console is used', consoleTests);
