import { AdminAnswersService } from '../../libs/community/admin/admin-answers.service.js';
import { AdminMessagesService } from '../../libs/community/admin/admin-messages.service.js';
import { AdminSessionsService, SESSION_SECONDS } from '../../libs/community/admin/admin-sessions.service.js';
import { AdminTokensService } from '../../libs/community/admin/admin-tokens.service.js';
import { BanListService } from '../../libs/community/admin/ban-list.service.js';
import { LINK_SECONDS, LoginService } from '../../libs/community/admin/login.service.js';
import { RulesPreviewService } from '../../libs/community/admin/rules-preview.service.js';
import { BansService } from '../../libs/community/bans.service.js';
import { DirectMessagesService } from '../../libs/community/direct-messages.service.js';
import { MutesService } from '../../libs/community/mutes.service.js';
import { PermissionsService } from '../../libs/community/permissions.service.js';
import { ScheduledChangesService } from '../../libs/community/scheduled-changes.service.js';
import { Filters } from '../../libs/moderation/filters.js';
import { readContent } from '../../libs/protocol/content.js';
import { removePadding } from '../../libs/protocol/padding.js';
import { openDirectMessage } from '../support/direct-message-client.js';
import { RoomScene, tableState } from '../support/room-scene.js';
import { eachWithCommunity, type Member } from '../support/scratch-community.js';

const community = eachWithCommunity({ config: { rateLimit: { posts: 0, windowSeconds: 1 } } });
let scene: RoomScene;
let ann: Member;
beforeEach(async () => {
  scene = await RoomScene.of(community());
  ann = await scene.member('ann');
});

const pass = (seconds: number) => (community().clock.now += seconds);
const here = (member?: Member) => community().access(scene.token, member);

describe('tokens', () => {
  const tokens = () => community().service(AdminTokensService);

  it('work until they expire', async () => {
    const expiresAt = community().clock.now + 60;
    const wish = { name: 'bot', role: 'viewer', expiresAt } as const;
    const { token } = (await tokens().create(community().operator, wish))!;
    expect((await tokens().authenticate(token))?.name).toBe('bot');
    pass(60);
    expect(await tokens().authenticate(token)).toBeUndefined();
  });

  it('tell to the minute when they were used', async () => {
    const { token, record } = (await tokens().create(community().operator, { name: 'bot', role: 'viewer' }))!;
    pass(90);
    await tokens().authenticate(token);
    const { lastUsedAt } = (await tokens().find(record.id))!;
    expect(lastUsedAt).toBe(Math.floor(community().clock.now / 60) * 60);
  });

  it('are kept as hashes', async () => {
    const { token } = (await tokens().create(community().operator, { name: 'bot', role: 'admin' }))!;
    const secret = Buffer.from(token.split('_').slice(2).join('_'), 'base64url');
    const [row] = await community().sql<{ secret_hash: Buffer }>('SELECT secret_hash FROM admin_tokens');
    expect(row!.secret_hash.equals(secret)).toBe(false);
    expect(row!.secret_hash).toHaveLength(32);
  });
});

describe('logging in', () => {
  const login = () => community().service(LoginService);

  /** Asks for a link and reads it as the moderator's client does. */
  async function ask(member: Member): Promise<{ browser: string; code: string }> {
    const browser = await login().request(member.sessionId, 'https://chat.example');
    await login().onModuleDestroy();
    const identity = await community().identity(member);
    const inbox = await community()
      .service(DirectMessagesService)
      .list(identity, 'inbox', { sinceId: 0, limit: 10 });
    const { sender, body } = inbox.at(-1)!;
    const { content } = openDirectMessage(member.account, sender, body);
    const text = readContent(removePadding(content).data)!.body!;
    return { browser, code: /#code=(\S+)/.exec(text)![1]! };
  }

  beforeEach(() => scene.appoint(ann, { moderator: true }));

  it('a link works for ten minutes', async () => {
    const [early, late] = [await ask(ann), await ask(ann)];
    pass(LINK_SECONDS - 1);
    expect(await login().redeem(early.code, early.browser)).toBeDefined();
    pass(1);
    expect(await login().redeem(late.code, late.browser)).toBeUndefined();
  });

  it('a session lasts for twelve hours', async () => {
    const { code, browser } = await ask(ann);
    const cookie = (await login().redeem(code, browser))!;
    const sessions = community().service(AdminSessionsService);
    pass(SESSION_SECONDS - 1);
    expect((await sessions.find(cookie))?.userId).toBe(ann.id);
    pass(1);
    expect(await sessions.find(cookie)).toBeUndefined();
  });

  it('a link is worth nothing to somebody who has lost their role meanwhile', async () => {
    const { code, browser } = await ask(ann);
    await scene.appoint(ann, { moderator: false });
    expect(await login().redeem(code, browser)).toBeUndefined();
  });

  it('nothing is written for somebody without a role', async () => {
    const bob = await scene.member('bob');
    const before = await tableState(community());
    await login().request(bob.sessionId, 'https://chat.example');
    await login().onModuleDestroy();
    expect(await tableState(community())).toEqual(before);
  });
});

describe('answers under a key', () => {
  const answers = () => community().service(AdminAnswersService);
  const request = { principal: 'p', key: 'k', line: 'POST /x', body: Buffer.from('{}') };
  const answer = { status: 201, headers: { etag: '"x"' }, body: '{"a":1}' };

  it('are given again for a day', async () => {
    expect(await answers().begin(request)).toBe('first');
    expect(await answers().begin(request)).toBe('under-way');
    await answers().finish(request, answer);
    pass(86_400);
    expect(await answers().begin(request)).toEqual(answer);
    pass(1);
    expect(await answers().begin(request)).toBe('first');
  });

  it('may be begun anew when the process died over the first', async () => {
    expect(await answers().begin(request)).toBe('first');
    pass(61);
    expect(await answers().begin(request)).toBe('first');
  });
});

describe('looking for messages', () => {
  const search = async (wish: object) => {
    const found = await community()
      .service(AdminMessagesService)
      .search(await here(), { limit: 10, ...wish });
    return found.messages.map(({ message }) => message.id);
  };

  it('finds by author, time and text, whatever the case, hidden ones too', async () => {
    const bob = await scene.member('bob');
    const first = await scene.post(ann, 'Hello World');
    pass(60);
    const second = await scene.post(bob, 'hello again');
    const third = await scene.post(bob, 'something else');
    await scene.filter(second.id);
    expect(await search({})).toEqual([third.id, second.id, first.id]);
    expect(await search({ text: 'HELLO' })).toEqual([second.id, first.id]);
    expect(await search({ author: bob.sessionId })).toEqual([third.id, second.id]);
    expect(await search({ author: ann.account.sessionId })).toEqual([first.id]);
    expect(await search({ from: community().clock.now - 1 })).toEqual([third.id, second.id]);
    expect(await search({ to: community().clock.now - 1 })).toEqual([first.id]);
    expect(await search({ before: third.id })).toEqual([second.id, first.id]);
    expect(await search({ after: first.id })).toEqual([second.id, third.id]);
    expect(await search({ author: `15${'a'.repeat(64)}` })).toEqual([]);
  });

  it('finds whispers for whom they are, and for nobody else', async () => {
    const [author, mod] = [
      await scene.member('author', { admin: true }),
      await scene.member('mod', { moderator: true }),
    ];
    const toAnn = await scene.post(author, { whisper_to: ann.sessionId });
    const toMods = await scene.post(author, { whisper_mods: true });
    const seenBy = async (member?: Member) => {
      const { messages } = await community()
        .service(AdminMessagesService)
        .search(await here(member), { limit: 10 });
      return messages.map(({ message }) => message.id);
    };
    expect(await seenBy(author)).toEqual([toMods.id, toAnn.id]);
    expect(await seenBy(mod)).toEqual([toMods.id]);
    expect(await seenBy(ann)).toEqual([toAnn.id]);
    expect(await seenBy()).toEqual([]);
  });

  it('goes on where the page ended', async () => {
    const ids: number[] = [];
    for (let count = 0; count < 5; count++) ids.unshift((await scene.post(ann, `hello ${count}`)).id);
    const service = community().service(AdminMessagesService);
    const seen: number[] = [];
    let before: number | undefined;
    for (let pages = 0; pages < 3; pages++) {
      const page = await service.search(await here(), { limit: 2, text: 'hello', before });
      seen.push(...page.messages.map(({ message }) => message.id));
      expect(page.hasMore).toBe(pages < 2);
      before = page.scannedUntil;
    }
    expect(seen).toEqual(ids);
  });
});

describe('trying rules out', () => {
  it('tells what filters and automod would have done, in the order of the messages, and changes nothing', async () => {
    const mod = await scene.member('mod', { moderator: true });
    await scene.post(ann, 'a sunny day');
    const rude = await scene.post(ann, 'you fiend');
    await scene.post(mod, 'fiend? tell me');
    const copies = [];
    for (let count = 0; count < 4; count++) copies.push(await scene.post(ann, 'buy my things now please'));
    const before = await tableState(community());
    const rules = {
      filters: { profanity: { enabled: true, builtIn: false, words: ['fiend'], silent: false } },
      automod: { duplicates: { action: 'hide', copies: 3, seconds: 600 } },
    };
    const { items, judged } = await community()
      .service(RulesPreviewService)
      .preview(await here(), rules, 100);
    expect(judged).toBe(7);
    expect(items.map(({ messageId, outcome, reasons }) => [messageId, outcome, reasons])).toEqual([
      [rude.id, 'reject', ['profanity']],
      [copies[3]!.id, 'hide', ['duplicates']],
    ]);
    expect(await tableState(community())).toEqual(before);
  });

  it('lets others be served between two messages', async () => {
    for (let count = 0; count < 3; count++) await scene.post(ann, `hello ${count}`);
    const happened: string[] = [];
    jest.spyOn(Filters.prototype, 'forRoom').mockReturnValue({
      check: () => {
        happened.push('judged');
        setImmediate(() => happened.push('served'));
        return { pass: true };
      },
    });
    const rules = { filters: { profanity: { enabled: true } } };
    await community()
      .service(RulesPreviewService)
      .preview(await here(), rules, 100);
    jest.restoreAllMocks();
    expect(happened).toEqual(['judged', 'served', 'judged', 'served', 'judged', 'served']);
  });

  it('refuses rules that are none', async () => {
    const preview = community()
      .service(RulesPreviewService)
      .preview(await here(), { filters: { x: 1 } }, 10);
    await expect(preview).rejects.toThrow('filter rules');
  });
});

describe('mutes', () => {
  const mutes = () => community().service(MutesService);
  const mayWrite = async () => (await scene.as(ann)).access.write;
  const list = () => community().service(BanListService).list({ withServer: true, limit: 10 });

  it('hold until their time, or until they are lifted, and are listed', async () => {
    const access = await community().access(scene.token);
    const actor = { ...community().operator, reason: 'loud' };
    await mutes().mute(actor, access, ann.sessionId, 60);
    expect(await mayWrite()).toBe(false);
    expect(await list()).toMatchObject([{ kind: 'mute', reason: 'loud', until: community().clock.now + 60 }]);
    pass(61);
    await community().service(ScheduledChangesService).applyDue();
    expect(await mayWrite()).toBe(true);
    await mutes().mute(actor, access, ann.sessionId);
    expect(await mayWrite()).toBe(false);
    await mutes().lift(actor, access, ann.sessionId);
    expect(await mayWrite()).toBe(true);
    expect(await list()).toEqual([]);
  });

  describe('end where they began:', () => {
    const permissions = () => community().service(PermissionsService);
    const wait = async (seconds: number) => {
      pass(seconds);
      await community().service(ScheduledChangesService).applyDue();
    };
    const makeReadOnly = () =>
      community().rooms.update(community().operator, scene.token, { defaultWrite: false });

    it.each([
      ['by a moderator', async () => mutes().mute(community().operator, await here(), ann.sessionId, 60)],
      ['by automod', async () => permissions().mute(community().operator, await here(), ann.id, 60)],
      [
        'among permissions',
        async () => {
          const change = { change: { write: false, upload: false }, unschedule: true, inSeconds: 60 };
          await permissions().change(community().operator, await here(), ann.sessionId, change);
        },
      ],
    ])('a room that became read-only meanwhile is read-only for them too (%s)', async (_, mute) => {
      await mute();
      expect(await mayWrite()).toBe(false);
      expect(await permissions().scheduled(await here(), ann.sessionId)).toMatchObject([{ write: true }]);
      await makeReadOnly();
      expect(await permissions().scheduled(await here(), ann.sessionId)).toMatchObject([{ write: false }]);
      await wait(61);
      expect(await mayWrite()).toBe(false);
      expect(await permissions().of(await here(), ann.sessionId)).toBeUndefined();
    });

    it('whoever may write in a read-only room may do so again, also when the mute was replaced', async () => {
      await makeReadOnly();
      await scene.override(ann, { write: true });
      for (const seconds of [60, 30])
        await mutes().mute(community().operator, await here(), ann.sessionId, seconds);
      await wait(31);
      expect(await mayWrite()).toBe(true);
      expect(await permissions().scheduled(await here(), ann.sessionId)).toEqual([]);
    });

    it('one without an end that gets one ends', async () => {
      for (const seconds of [undefined, 60])
        await mutes().mute(community().operator, await here(), ann.sessionId, seconds);
      await wait(61);
      expect(await mayWrite()).toBe(true);
    });
  });

  it('are not for moderators', async () => {
    const access = await community().access(scene.token);
    await scene.appoint(ann, { moderator: true });
    await expect(mutes().mute(community().operator, access, ann.sessionId)).rejects.toThrow('403');
  });
});

it('bans are listed newest first, with who, why and until when; page by page', async () => {
  const bans = community().service(BansService);
  const bob = await scene.member('bob');
  await bans.banInRooms(
    { ...community().operator, reason: 'spam' },
    [await community().access(scene.token)],
    ann.sessionId,
    3600,
  );
  pass(1);
  await bans.banGlobally({ ...community().operator, token: 'ada' }, bob.sessionId, 0);
  const service = community().service(BanListService);
  const [first] = await service.list({ withServer: true, limit: 1 });
  expect(first).toMatchObject({
    sessionId: bob.sessionId,
    room: null,
    until: null,
    token: 'ada',
    reason: null,
  });
  const after = { at: first!.at, userId: first!.userId, roomId: 0 };
  expect(await service.list({ withServer: true, limit: 1, after })).toMatchObject([
    { sessionId: ann.sessionId, room: scene.token, until: community().clock.now - 1 + 3600, reason: 'spam' },
  ]);
  expect(await service.list({ withServer: false, roomIds: [], limit: 9 })).toEqual([]);
  expect(await service.list({ withServer: true, prefix: ann.sessionId.slice(0, 20), limit: 9 })).toHaveLength(
    1,
  );
});
