import { setTimeout as delay } from 'node:timers/promises';
import { AdminClient } from '../support/admin-client.js';
import { describeInChromium } from '../support/chromium.js';
import { ConsoleScene } from '../support/console-scene.js';
import type { ConsoleVisitor } from '../support/console-visitor.js';
import { call, newAccount } from '../support/plaza-calls.js';
import type { Account } from '../support/session-client.js';

/** Browsers take their time where others work, too. */
jest.setTimeout(300_000);

const POLL_MS = 100;
const DAY_MS = 86_400_000;

let scene: ConsoleScene;
let admin: AdminClient;
let visitor: ConsoleVisitor;

/** Somebody who has written this in the lobby. */
async function authorOf(text: string): Promise<Account> {
  const author = newAccount(scene.server);
  expect(await scene.post(author, 'lobby', text)).toBe(201);
  return author;
}

function moderationTests(): void {
  beforeAll(async () => {
    scene = await ConsoleScene.open();
    admin = AdminClient.withToken(scene.server.base, scene.adminToken);
  });
  beforeEach(async () => {
    visitor = await scene.visit();
    await visitor.signIn(scene.adminToken);
  });
  afterEach(() => visitor.close());
  afterAll(() => scene?.close());

  it('to see what a new ban takes the place of', async () => {
    const { page } = visitor;
    const author = await authorOf('Herring again');
    const ban = ['ban', 'add', author.blindedId, '--room', 'lobby'];
    await scene.server.plaza(...ban, '--reason', 'too many herrings');
    await visitor.goTo('/rooms/lobby');
    await visitor.act('Herring again', /^Ban the author/);
    const dialog = page.getByRole('dialog');
    const standing = dialog.getByRole('status').filter({ hasText: 'Banned in lobby already' });
    await standing.getByText('too many herrings').waitFor();
    await standing.getByText('Ends: never').waitFor();
    await standing.getByText('The new ban takes its place.', { exact: true }).waitFor();
    await dialog.getByLabel('For how long').selectOption({ label: 'For a day' });
    await standing.getByText('The new ban takes its place, and ends sooner.').waitFor();
    await dialog.getByLabel('Where').selectOption({ label: 'In all rooms of this server' });
    await standing.waitFor({ state: 'detached' });
    expect(visitor.troubles()).toEqual([]);
  });

  it('to mute and ban somebody from the list of members', async () => {
    const { page } = visitor;
    const author = await authorOf('Cod again');
    await call(scene.server, author, 'GET', '/room/lobby/pollInfo/0');
    const members = `/rooms/lobby/members?prefix=${author.blindedId}`;
    // Who was here is written every few seconds.
    while ((await admin.get(members)).json.items.length === 0) await delay(POLL_MS);
    await visitor.goTo('/rooms/lobby/members');
    const row = page.getByRole('row').filter({ has: page.locator(`a[href$="${author.blindedId}"]`) });
    const act = async (action: RegExp): Promise<void> => {
      await row.getByRole('button', { name: /^Actions for/ }).click();
      await page.getByRole('menuitem', { name: action }).click();
    };
    await act(/^Mute/);
    await page.getByRole('dialog').getByRole('button', { name: 'Mute' }).click();
    await row.getByText('Muted').waitFor();
    expect(await scene.post(author, 'lobby', 'Cod, muted')).toBe(403);
    await act(/^Ban/);
    await page.getByRole('dialog').getByText('Muted in lobby already').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Ban' }).click();
    await row.getByText('Banned').waitFor();
    expect(visitor.troubles()).toEqual([]);
  });

  it('to mute somebody on their page, in a room that is chosen', async () => {
    const { page } = visitor;
    await scene.server.plaza('room', 'create', 'harbour', '--name', 'Harbour');
    const author = await authorOf('Sprat again');
    expect(await scene.post(author, 'harbour', 'Sprat, too')).toBe(201);
    await visitor.goTo(`/users/${author.blindedId}`);
    await page.getByRole('button', { name: /^Mute/ }).click();
    const dialog = page.getByRole('dialog');
    const submit = dialog.getByRole('button', { name: 'Mute' });
    expect(await submit.isDisabled()).toBe(true);
    await dialog.getByLabel('Where').selectOption({ label: 'In harbour' });
    await submit.click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('row', { name: /Mute harbour/ }).waitFor();
    expect(await scene.post(author, 'harbour', 'Sprat, muted')).toBe(403);
    expect(await scene.post(author, 'lobby', 'Sprat, not muted')).toBe(201);
    expect(visitor.troubles()).toEqual([]);
  });

  it('to copy a Session ID where a page may not write to the clipboard', async () => {
    const { page } = visitor;
    const author = await authorOf('Dab again');
    await visitor.goTo(`/users/${author.blindedId}`);
    // As over plain HTTP, of which the machine's own address is excepted.
    await page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })");
    await page.getByRole('button', { name: 'Copy' }).click();
    await page.getByText('The text is selected').waitFor();
    expect(await page.evaluate('getSelection().toString()')).toBe(author.blindedId);
    expect(visitor.troubles()).toEqual([]);
  });

  it('to delete what the server itself wrote, and not to ban it', async () => {
    const { page } = visitor;
    await scene.server.plaza('room', 'create', 'board', '--name', 'Board');
    await visitor.goTo('/rooms/board');
    await page.getByRole('button', { name: 'Announce' }).click();
    await page.getByRole('textbox', { name: 'Text' }).fill('Meeting at noon');
    await page.getByRole('button', { name: 'Post it' }).click();
    const announcement = visitor.message('Meeting at noon');
    await announcement.getByText('The server itself').waitFor();
    await announcement.getByRole('button', { name: /^Actions for/ }).click();
    await page.getByRole('menuitem', { name: /^Delete/ }).waitFor();
    expect(await page.getByRole('menuitem', { name: /author/ }).count()).toBe(0);
    await page.keyboard.press('Escape');
    await announcement.getByRole('link').click();
    await page.getByText('This is the server itself').waitFor();
    expect(await page.getByRole('button', { name: /^(Ban|Mute|Delete)/ }).count()).toBe(0);
    const [, id = ''] = /\/users\/(\w+)$/.exec(page.url()) ?? [];
    const { code, stderr } = await scene.server.plaza('ban', 'add', id, '--global');
    expect([code, stderr]).toEqual([1, 'This is the server itself: it cannot be banned\n']);
    expect(visitor.troubles()).toEqual([]);
  });

  it('to be asked before what is not saved is left', async () => {
    const { page } = visitor;
    await page.getByRole('link', { name: 'Bans and mutes' }).click();
    await page.getByRole('link', { name: 'Server rules' }).click();
    const filter = page.getByRole('combobox', { name: 'Filter words' });
    const question = page.getByRole('dialog', { name: 'Leave without saving?' });
    await filter.selectOption('Yes');
    for (const leave of [
      () => page.getByRole('tab', { name: 'Automod' }).click(),
      () => page.getByRole('link', { name: 'Users' }).click(),
      () => page.evaluate('history.back()'),
      async () => {
        await page.getByRole('button', { name: /^Account:/ }).click();
        await page.getByRole('menuitem', { name: 'Sign out' }).click();
      },
    ]) {
      await leave();
      await question.getByRole('button', { name: 'Cancel' }).click();
      await question.waitFor({ state: 'detached' });
      expect(page.url()).toMatch(/\/admin\/rules$/);
      expect(await filter.inputValue()).toBe('true');
    }
    const asked = page.waitForEvent('dialog');
    await page.close({ runBeforeUnload: true });
    expect((await asked).type()).toBe('beforeunload');
    await page.evaluate('history.back()');
    await question.getByRole('button', { name: 'Leave' }).click();
    await page.getByRole('heading', { level: 1, name: 'Bans and mutes' }).waitFor();
  });

  it('to leave unasked what is saved, or as it was', async () => {
    const { page } = visitor;
    await visitor.goTo('/rooms/lobby/settings');
    const description = page.getByRole('textbox', { name: 'Description' });
    await description.fill('Everybody meets here');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The room was changed').waitFor();
    await page.getByRole('tab', { name: 'Automod' }).click();
    await page.getByRole('combobox', { name: 'Floods' }).selectOption({ label: 'Its own rule' });
    await page.getByRole('button', { name: 'Discard changes' }).click();
    await page.getByText('Not saved yet').waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Bans and mutes' }).click();
    await page.getByRole('heading', { level: 1, name: 'Bans and mutes' }).waitFor();
    expect(visitor.troubles()).toEqual([]);
  });

  it('to be told in plain words which field of a rule is wrong', async () => {
    const { page } = visitor;
    await visitor.goTo('/rooms/lobby/automod');
    await page.getByRole('combobox', { name: 'Floods' }).selectOption({ label: 'Its own rule' });
    const rule = page.getByRole('region', { name: 'Floods' });
    await rule.getByRole('textbox', { name: 'Posts' }).fill('');
    await page.getByRole('combobox', { name: 'Links' }).selectOption({ label: 'Its own rule' });
    await page.getByRole('button', { name: 'Save' }).click();
    const failure = page.getByRole('alert');
    await failure.getByText('Floods, “Posts”: is missing').waitFor();
    await failure.getByText('Links: needs one of “Allowed domains; with any').waitFor();
    await page.getByRole('button', { name: 'Try it' }).click();
    await failure.getByText('These rules cannot be tried').waitFor();
    expect(await failure.getByText('is missing').count()).toBe(2);
    expect(visitor.troubles()).toEqual([]);
  });

  it('to find each of many rooms', async () => {
    const { page } = visitor;
    for (let number = 100; number < 160; number++)
      await admin.post('/rooms', { token: `pond-${number}`, name: `Pond ${number}` });
    await visitor.goTo('/rooms');
    const last = page.getByRole('link', { name: 'Pond 159' });
    expect(await last.count()).toBe(0);
    await page.getByRole('textbox', { name: 'Find a room by name or token' }).fill('ND 159');
    await last.waitFor();
    await visitor.goTo('/rules');
    const choice = page.getByRole('combobox', { name: 'Room', exact: true });
    await choice.click();
    await page.getByRole('option', { name: 'Type to find others' }).waitFor();
    await choice.fill('pond-159');
    await page.getByRole('option', { name: 'Pond 159 (pond-159)' }).click();
    expect(await choice.inputValue()).toBe('Pond 159 (pond-159)');
    await page.getByRole('button', { name: 'Try it' }).click();
    await page.getByText('0 messages of 0 would be caught').waitFor();
    expect(visitor.troubles()).toEqual([]);
  });

  it('to read a long room to its beginning', async () => {
    const { page } = visitor;
    await scene.server.plaza('room', 'create', 'stream', '--name', 'Stream');
    const author = newAccount(scene.server);
    for (let number = 1; number <= 510; number++)
      expect(await scene.post(author, 'stream', `Message ${number}.`)).toBe(201);
    await visitor.goTo('/rooms/stream');
    await visitor.message('Message 510.').waitFor();
    for (let shown = 50; shown < 500; shown += 50) {
      await page.getByRole('button', { name: 'Load older messages' }).click();
      await visitor.message(`Message ${510 - shown}.`).waitFor();
    }
    await page.getByText('No more messages are shown at once').waitFor();
    await page.getByRole('button', { name: 'Go on with older messages' }).click();
    await visitor.message('Message 1.').waitFor();
    expect(await page.getByRole('listitem').filter({ hasText: 'Message' }).count()).toBe(10);
    await page.getByRole('button', { name: 'Back to the newest' }).click();
    await visitor.message('Message 510.').waitFor();
    expect(visitor.troubles()).toEqual([]);
  });

  it.each(['light', 'dark'] as const)(
    'with menus and failures to be read, in the %s',
    async (colorScheme) => {
      // What is fading in stands out less.
      await visitor.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const { page } = visitor;
      const text = `Whiting in the ${colorScheme}`;
      const { blindedId: sessionId } = await authorOf(text);
      const until = new Date(Date.now() + DAY_MS).toISOString();
      for (const place of [{}, { room: 'lobby' }]) await admin.post('/bans', { sessionId, until, ...place });
      await visitor.goTo('/rooms/lobby');
      const legible = async (selector: string): Promise<void> => {
        const contrasts = await visitor.contrasts(selector);
        expect(contrasts.length).toBeGreaterThan(0);
        expect(contrasts.filter(({ ratio }) => ratio < 4.5)).toEqual([]);
      };
      await visitor.act(text, /^Ban the author/);
      await page.getByText('This goes on beside the new ban.').waitFor();
      await legible('[role=dialog]');
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await visitor
        .message(text)
        .getByRole('button', { name: /^Actions for/ })
        .click();
      await page.getByRole('menuitem', { name: /^Ban/ }).hover();
      await legible('[role=menu]');
      expect(await visitor.graveFindings()).toEqual([]);
      await page.route('**/pin', (route) => route.fulfill({ status: 409, body: 'It is pinned by others' }));
      await page.getByRole('menuitem', { name: /^Pin/ }).click();
      await page.getByText('That did not work').waitFor();
      await legible('.mantine-Notification-root');
      for (const menu of [/^Account/, /^Colours/]) {
        await page.getByRole('button', { name: menu }).click();
        await page.getByRole('menu').waitFor();
        await legible('[role=menu]');
        expect(await visitor.graveFindings()).toEqual([]);
        await page.keyboard.press('Escape');
        await page.getByRole('menu').waitFor({ state: 'detached' });
      }
    },
  );

  it('to find in the log what was done, with which token, where and to whom', async () => {
    const { page } = visitor;
    const author = await authorOf('Plaice again');
    const own = AdminClient.withToken(scene.server.base, await scene.newToken('night shift', 'moderator'));
    for (const token of ['lobby', 'lagoon'])
      await scene.server.plaza('room', 'create', token, '--name', token);
    for (const room of ['lobby', 'lagoon']) await own.post('/mutes', { sessionId: author.blindedId, room });
    await own.post('/bans', { sessionId: author.blindedId, room: 'lagoon' });
    await visitor.goTo('/log');
    const rows = page.getByRole('table', { name: 'Moderation log' }).getByRole('row');
    const filter = async (label: string, value: string, count: number): Promise<void> => {
      await page.getByRole('textbox', { name: label, exact: true }).fill(value);
      await page.getByRole('button', { name: 'Filter' }).click();
      await rows.nth(count).waitFor();
      await rows.nth(count + 1).waitFor({ state: 'detached' });
    };
    await filter('By which token', 'night shift', 3);
    await filter('Room', 'lagoon', 2);
    await filter('What', 'ban', 1);
    await filter('To whom', author.sessionId, 1);
    expect(await rows.last().innerText()).toContain('night shift');
    expect(visitor.troubles()).toEqual([]);
  });
}

describeInChromium('the console is used by moderators', moderationTests);
