import { describeInChromium } from '../support/chromium.js';
import { ConsoleScene } from '../support/console-scene.js';
import type { ConsoleVisitor } from '../support/console-visitor.js';
import { newAccount } from '../support/plaza-calls.js';
import type { Account } from '../support/session-client.js';

/** Browsers take their time where others work, too. */
jest.setTimeout(120_000);

let scene: ConsoleScene;
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
}

describeInChromium('the console is used by moderators', moderationTests);
