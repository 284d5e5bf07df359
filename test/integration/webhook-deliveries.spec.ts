import { BansService } from '../../libs/community/bans.service.js';
import { ModerationLogService } from '../../libs/community/moderation-log.service.js';
import { ModerationRulesService } from '../../libs/community/moderation-rules.service.js';
import { WebhookDeliveryService } from '../../libs/community/webhooks/webhook-delivery.service.js';
import {
  ATTEMPTS_MAX,
  FAILING_SECONDS_MAX,
  OLD_SECRET_SECONDS,
} from '../../libs/community/webhooks/webhook-limits.js';
import { RoomScene } from '../support/room-scene.js';
import { communityOn } from '../support/scratch-community.js';
import { signaturesOf, WebhookReceiver } from '../support/webhook-receiver.js';
import { eachWithWebhooks, type WebhookScene } from '../support/webhook-scene.js';

const at = eachWithWebhooks();
const community = () => at().community;

let { scene, ann, bot, webhooks, make, deliver, deliveries, deliverAll } = {} as WebhookScene;
beforeEach(() => {
  ({ scene, ann, bot, webhooks, make, deliver, deliveries, deliverAll } = at());
});

describe('a webhook', () => {
  it('is told of messages, in their order, with what anybody could read', async () => {
    const { webhook } = await make({ events: ['message.posted', 'message.edited', 'message.deleted'] });
    const { id } = await scene.post(ann, 'hello');
    await deliverAll(webhook.id);
    await scene.edit(ann, id, 'hello again');
    await deliverAll(webhook.id);
    await scene.delete(ann, id);
    await deliverAll(webhook.id);
    expect(bot.events).toEqual(['message.posted', 'message.edited', 'message.deleted']);
    const [posted, edited, deleted] = bot.received.map(({ json }) => json);
    expect(posted).toMatchObject({
      at: '2023-11-14T22:13:20.250Z',
      server: community().publicKeyHex,
      room: { token: scene.token, name: `Room ${scene.token}` },
      message: {
        id,
        seqno: 1,
        sessionId: ann.sessionId,
        postedAt: '2023-11-14T22:13:20.250Z',
        text: 'hello',
      },
    });
    expect(edited.message).toMatchObject({ id, seqno: 2, text: 'hello again', editedAt: expect.any(String) });
    expect(deleted.message).toEqual({ id, seqno: 3 });
  });

  it('gets the message as it was signed', async () => {
    const { webhook } = await make();
    const { data, signature } = await scene.post(ann, 'hello');
    await deliverAll(webhook.id);
    expect(bot.received[0]!.json.message).toMatchObject({ data, signature });
  });

  it('is told what moderators do', async () => {
    const { webhook } = await make({ events: ['member.banned', 'member.unbanned', 'moderator.changed'] });
    const mod = await scene.member('mod', { admin: true });
    await scene.ban(mod, ann, 60);
    await scene.unban(mod, ann);
    await deliverAll(webhook.id);
    expect(bot.events).toEqual(['moderator.changed', 'member.banned', 'member.unbanned']);
    expect(bot.received[1]!.json).toMatchObject({
      room: { token: scene.token },
      action: 'ban.set',
      via: 'protocol',
      actor: mod.sessionId,
      target: ann.sessionId,
      detail: { timeoutSeconds: 60 },
    });
  });

  it('is told of rooms that come, change and go', async () => {
    const { webhook } = await make({ events: ['room.created', 'room.changed', 'room.deleted'] });
    const room = await RoomScene.of(community(), 'short-lived');
    await community().rooms.update(community().operator, room.token, { name: 'Another name' });
    await community().rooms.delete(community().operator, room.token);
    await deliverAll(webhook.id);
    expect(bot.received.map(({ json }) => [json.event, json.room.token])).toEqual([
      ['room.created', room.token],
      ['room.changed', room.token],
      ['room.deleted', room.token],
    ]);
  });

  it('is told of messages in rooms that are newer than itself', async () => {
    const { webhook } = await make({ events: ['message.posted'] });
    const room = await RoomScene.of(community(), 'new');
    const { id } = await room.post(ann);
    await deliverAll(webhook.id);
    expect(bot.received.map(({ json }) => json.message.id)).toEqual([id]);
  });

  it('is told nothing of what was before', async () => {
    await scene.post(ann);
    const { webhook } = await make();
    await deliverAll(webhook.id);
    expect(bot.received).toEqual([]);
  });

  it('of one room is told nothing of another, nor of the whole server', async () => {
    const { webhook } = await make({ room: scene.token });
    const other = await RoomScene.of(community(), 'other');
    await other.post(ann);
    await scene.banGlobally(await scene.member('ben'));
    const { id } = await scene.post(ann);
    await deliverAll(webhook.id);
    expect(bot.received.map(({ json }) => json.message.id)).toEqual([id]);
  });

  it('is told nothing that it did not ask for', async () => {
    const { webhook } = await make({ events: ['member.muted'] });
    await scene.post(ann);
    await scene.ban(await scene.member('mod', { admin: true }), ann);
    await deliverAll(webhook.id);
    expect(bot.received).toEqual([]);
  });

  it('is told of a hundred posts by many in the order of their numbers, each once', async () => {
    const { webhook } = await make({ events: ['message.posted'], room: scene.token });
    const members = await Promise.all(['a', 'b', 'c', 'd'].map((name) => scene.member(name)));
    await Promise.all(Array.from({ length: 100 }, (_, at) => scene.post(members[at % 4]!)));
    await deliverAll(webhook.id);
    const seqnos = bot.received.map(({ json }) => json.message.seqno as number);
    expect(seqnos).toEqual(Array.from({ length: 100 }, (_, at) => at + 1));
  });

  it('is told of changes under many reactions that came later', async () => {
    const { webhook } = await make({ events: ['message.posted', 'message.edited'] });
    const ids: number[] = [];
    for (let count = 0; count < 3; count++) ids.push((await scene.post(ann)).id);
    for (const id of ids) await scene.react(ann, id, '🐟');
    await deliverAll(webhook.id);
    expect(bot.received.map(({ json }) => json.message.id)).toEqual(ids);
    await scene.edit(ann, ids[0]!, 'edited');
    await scene.react(ann, ids[0]!, '👍');
    await deliverAll(webhook.id);
    expect(bot.events.at(-1)).toBe('message.edited');
    expect(bot.received).toHaveLength(4);
    await scene.react(ann, ids[1]!, '👍');
    await deliverAll(webhook.id);
    expect(bot.received).toHaveLength(4);
  });
});

describe('nobody is told', () => {
  it('of whispers, not even that they were there', async () => {
    const { webhook } = await make({ events: ['message.posted', 'message.edited', 'message.deleted'] });
    const mod = await scene.member('mod', { moderator: true });
    const whispers = [
      await scene.post(mod, { whisper_to: ann.sessionId }),
      await scene.post(mod, { whisper_mods: true }),
    ];
    await deliverAll(webhook.id);
    await scene.edit(mod, whispers[0]!.id, 'changed');
    for (const { id } of whispers) await scene.delete(mod, id);
    await deliverAll(webhook.id);
    expect(bot.received).toEqual([]);
  });

  it('of what a filter hides but that it did so, without words and without the message', async () => {
    const { webhook } = await make();
    await community()
      .service(ModerationRulesService)
      .change(community().operator, scene.token, 'filters', () => ({
        profanity: { enabled: true, words: ['pineapple'], silent: true },
      }));
    const { id } = await scene.post(ann, 'a pineapple');
    await deliverAll(webhook.id);
    expect(bot.events).toEqual(['rules.changed', 'automod.acted']);
    const { text, json } = bot.received[1]!;
    expect(json).toMatchObject({ action: 'message.hide', target: ann.sessionId });
    expect(json).not.toHaveProperty('messageId');
    expect(text).not.toMatch(/pineapple/);
    expect(id).toBeGreaterThan(0);
  });

  it('what a message said that was deleted before it was told', async () => {
    const { webhook } = await make({ events: ['message.posted', 'message.deleted'] });
    bot.answer = { status: 500 };
    const { id } = await scene.post(ann, 'a secret');
    await scene.post(ann, 'no secret');
    await deliver(); // the first is tried in vain
    await scene.delete(ann, id);
    bot.answer = { status: 200 };
    bot.received.length = 0;
    community().clock.now += 60;
    await deliverAll(webhook.id);
    expect(bot.events).toEqual(['message.posted', 'message.deleted']);
    expect(bot.received[0]!.json.message.text).toBe('no secret');
    expect(JSON.stringify(await community().sql('SELECT * FROM webhook_deliveries'))).not.toMatch(/secret/);
  });

  it('of messages that nobody was told of and that are gone', async () => {
    const { webhook } = await make();
    const { id } = await scene.post(ann);
    await scene.delete(ann, id);
    await deliverAll(webhook.id);
    expect(bot.received).toEqual([]);
  });

  it('of what is rolled back', async () => {
    const { webhook } = await make();
    const log = community().service(ModerationLogService);
    const failing = community().database.transaction(async (tx) => {
      await log.record(tx, community().operator, { action: 'ban.set', targetId: ann.id });
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    await deliverAll(webhook.id);
    expect(await deliveries(webhook.id)).toEqual([]);
  });
});

describe('a delivery', () => {
  it('is signed with the secret that was shown once', async () => {
    const { webhook, secret } = await make();
    await scene.post(ann, 'ü');
    await deliverAll(webhook.id);
    const [received] = bot.received;
    expect(signaturesOf(received!, secret)).toBe(1);
    expect(signaturesOf(received!, `${secret}x`)).toBe(0);
    expect(received!.headers['plaza-signature']).toMatch(/^t=1700000000,v1=[0-9a-f]{64}$/);
    expect(received!.headers).toMatchObject({
      'content-type': 'application/json',
      'plaza-event': 'message.posted',
      'plaza-delivery': String((await deliveries(webhook.id))[0]!.id),
    });
  });

  it('is signed with the old secret too for a day after a change', async () => {
    const { webhook, secret: old } = await make();
    const fresh = await webhooks().rotateSecret(community().operator, webhook.id);
    await scene.post(ann);
    await deliverAll(webhook.id);
    expect([old, fresh].map((secret) => signaturesOf(bot.received[0]!, secret))).toEqual([1, 1]);
    community().clock.now += OLD_SECRET_SECONDS + 1;
    await scene.post(ann);
    await deliverAll(webhook.id);
    expect([old, fresh].map((secret) => signaturesOf(bot.received[1]!, secret))).toEqual([0, 1]);
  });

  it('that fails is tried again, later and later, with the same number, and those behind it wait', async () => {
    const { webhook } = await make({ events: ['message.posted'] });
    bot.first.push({ status: 503, body: 'out of order' }, { status: 503 });
    const ids = [(await scene.post(ann)).id, (await scene.post(ann)).id];
    await deliver();
    await deliver();
    expect(bot.received).toHaveLength(1);
    const [second, first] = await deliveries(webhook.id);
    expect(first).toMatchObject({ state: 'waiting', attempts: 1, status: 503, outcome: 'out of order' });
    expect(second).toMatchObject({ state: 'waiting', attempts: 0 });
    community().clock.now += 6;
    await deliver();
    community().clock.now += 6; // the second pause is twice as long
    await deliver();
    expect(bot.received).toHaveLength(2);
    community().clock.now += 6;
    await deliverAll(webhook.id);
    const told = bot.received.map(({ headers, json }) => [
      Number(headers['plaza-delivery']),
      json.message.id,
    ]);
    expect(told).toEqual([
      [first!.id, ids[0]],
      [first!.id, ids[0]],
      [first!.id, ids[0]],
      [second!.id, ids[1]],
    ]);
    expect(await webhooks().find(webhook.id)).toMatchObject({ failures: 0, failingSince: null });
  });

  it('that fails for good is dead, the next one follows, and somebody may try it again', async () => {
    const { webhook } = await make({ events: ['message.posted'] });
    for (let count = 0; count < ATTEMPTS_MAX; count++) bot.first.push({ status: 400, body: 'not that one' });
    await scene.post(ann);
    await scene.post(ann);
    for (let count = 0; count <= ATTEMPTS_MAX; count++) {
      await deliver();
      community().clock.now += 901;
    }
    const [second, first] = await deliveries(webhook.id);
    expect(first).toMatchObject({
      state: 'dead',
      attempts: ATTEMPTS_MAX,
      status: 400,
      outcome: 'not that one',
    });
    expect(second).toMatchObject({ state: 'delivered', attempts: 1 });
    await webhooks().retry(webhook.id, first!.id);
    await deliverAll(webhook.id);
    expect((await webhooks().deliveries(webhook.id, { state: 'dead', limit: 9 })).length).toBe(0);
    expect(bot.received.at(-1)!.headers['plaza-delivery']).toBe(String(first!.id));
    await expect(webhooks().retry(webhook.id, second!.id)).rejects.toMatchObject({ status: 404 });
  });

  it('to one webhook does not wait for another that does not answer', async () => {
    const slow = await WebhookReceiver.open();
    slow.answer = { status: 500 };
    const { webhook: bad } = await make({ url: slow.url, events: ['message.posted'] });
    const { webhook: good } = await make({ events: ['message.posted'] });
    for (let count = 0; count < 3; count++) await scene.post(ann);
    await deliver();
    await deliverAll(good.id);
    await slow.close();
    expect(bot.received).toHaveLength(3);
    expect((await deliveries(bad.id)).map(({ state }) => state)).toEqual(['waiting', 'waiting', 'waiting']);
  });

  it('that a crash interrupted comes again rather than never', async () => {
    const { webhook } = await make({ events: ['message.posted'] });
    await scene.post(ann);
    bot.silent = true;
    const ending = new AbortController();
    const run = community().service(WebhookDeliveryService).run(ending.signal, 900);
    while (bot.received.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    ending.abort();
    await run;
    expect(await deliveries(webhook.id)).toMatchObject([{ state: 'waiting', attempts: 0 }]);
    bot.silent = false;
    await deliverAll(webhook.id);
    expect(bot.received).toHaveLength(2);
  });

  it('of what several processes do is made by whichever worker', async () => {
    const { webhook } = await make({ events: ['message.posted', 'member.banned'] });
    const second = await communityOn(community().url);
    const there = RoomScene.at(second, scene.token);
    await there.post(ann);
    await second.service(BansService).banGlobally(second.operator, ann.sessionId, 0);
    await second.close();
    await deliverAll(webhook.id);
    expect([...bot.events].sort()).toEqual(['member.banned', 'message.posted']);
  });
});

describe('a webhook of which nothing is taken', () => {
  /** Fails for as long as it may, and once more. */
  async function exhausted() {
    const { webhook } = await make({ events: ['message.posted'] });
    bot.answer = { status: 500 };
    await scene.post(ann);
    await deliver();
    community().clock.now += FAILING_SECONDS_MAX;
    await deliver();
    return webhooks().find(webhook.id);
  }

  it('pauses by itself after a day, says why, and nothing waits for it', async () => {
    const webhook = await exhausted();
    expect(webhook).toMatchObject({
      paused: true,
      pauseReason: expect.stringMatching(/^nothing was taken since/),
    });
    const [entry] = await community().service(ModerationLogService).list({ action: 'webhook', limit: 1 });
    expect(entry).toMatchObject({ action: 'webhook.pause', via: 'worker', detail: { webhook: webhook.id } });
    bot.received.length = 0;
    await scene.post(ann);
    await deliver();
    expect(bot.received).toEqual([]);
    expect(await webhooks().deliveries(webhook.id, { state: 'waiting', limit: 1 })).toEqual([]);
  });

  it('goes on when somebody says so, with what happens from then on', async () => {
    const { id } = await exhausted();
    await scene.post(ann, 'meanwhile');
    await webhooks().edit(community().operator, id, { paused: false });
    bot.answer = { status: 200 };
    bot.received.length = 0;
    await scene.post(ann, 'later');
    await deliverAll(id);
    expect(bot.received.map(({ json }) => json.message.text)).toEqual(['later']);
    expect(await webhooks().find(id)).toMatchObject({ paused: false, pauseReason: null, failures: 0 });
  });
});
