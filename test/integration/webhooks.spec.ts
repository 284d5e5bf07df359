import { ModerationLogService } from '../../libs/community/moderation-log.service.js';
import { WebhookDeliveryService } from '../../libs/community/webhooks/webhook-delivery.service.js';
import {
  ENDED_KEPT,
  ENDED_KEPT_SECONDS,
  WEBHOOKS_MAX,
} from '../../libs/community/webhooks/webhook-limits.js';
import { WebhooksService, type NewWebhook } from '../../libs/community/webhooks/webhooks.service.js';
import type { RoomToken } from '../../libs/protocol/ids.js';
import { communityOn } from '../support/scratch-community.js';
import { signaturesOf } from '../support/webhook-receiver.js';
import { eachWithWebhooks, type WebhookScene } from '../support/webhook-scene.js';

const at = eachWithWebhooks();
const community = () => at().community;

let { scene, ann, bot, webhooks, make, deliver, deliveries, deliverAll } = {} as WebhookScene;
beforeEach(() => {
  ({ scene, ann, bot, webhooks, make, deliver, deliveries, deliverAll } = at());
});

describe('whoever looks after webhooks', () => {
  it('can try one at once, also when it is paused, and sees what came of it', async () => {
    const { webhook, secret } = await make();
    await webhooks().edit(community().operator, webhook.id, { paused: true });
    bot.answer = { status: 202, body: 'noted' };
    expect(await webhooks().test(webhook.id)).toMatchObject({ ok: true, status: 202, outcome: 'noted' });
    expect(bot.received[0]!.json).toMatchObject({ event: 'ping', webhook: { id: webhook.id, name: 'bot' } });
    expect(signaturesOf(bot.received[0]!, secret)).toBe(1);
    bot = await at().nextBot();
    expect(await webhooks().test(webhook.id)).toMatchObject({ ok: false, outcome: 'ECONNREFUSED' });
    expect((await deliveries(webhook.id)).map(({ event, state }) => [event, state])).toEqual([
      ['ping', 'dead'],
      ['ping', 'delivered'],
    ]);
  });

  it('changes what it is told', async () => {
    const { webhook } = await make({ events: ['member.banned'] });
    await scene.post(ann, 'before');
    await webhooks().edit(community().operator, webhook.id, { events: ['message.posted'], name: 'renamed' });
    await scene.post(ann, 'after');
    await deliverAll(webhook.id);
    expect(bot.received.map(({ json }) => json.message.text)).toEqual(['after']);
    expect(await webhooks().find(webhook.id)).toMatchObject({
      name: 'renamed',
      events: ['message.posted'],
      version: 2,
    });
  });

  it('does not change or remove what somebody else has changed meanwhile', async () => {
    const { webhook } = await make();
    const { operator } = community();
    const seen = ({ version }: { version: number }): void => {
      if (version !== webhook.version) throw new Error('changed');
    };
    await webhooks().edit(operator, webhook.id, { name: 'first' }, seen);
    await expect(webhooks().edit(operator, webhook.id, { name: 'second' }, seen)).rejects.toThrow('changed');
    await expect(webhooks().delete(operator, webhook.id, seen)).rejects.toThrow('changed');
    expect((await webhooks().find(webhook.id)).name).toBe('first');
  });

  it('removes one with all that waits', async () => {
    const { webhook } = await make();
    await scene.ban(await scene.member('mod', { admin: true }), ann);
    await webhooks().delete(community().operator, webhook.id);
    await deliver();
    expect(bot.received).toEqual([]);
    await expect(webhooks().find(webhook.id)).rejects.toMatchObject({ status: 404 });
  });

  it('finds that of a room gone with the room', async () => {
    const { webhook } = await make({ room: scene.token });
    await community().rooms.delete(community().operator, scene.token);
    await expect(webhooks().find(webhook.id)).rejects.toMatchObject({ status: 404 });
  });

  it('is never shown the secret again, which is in no table either', async () => {
    const { webhook, secret } = await make();
    const shown = JSON.stringify([webhook, await webhooks().find(webhook.id), await webhooks().list()]);
    const stored = JSON.stringify(await community().sql('SELECT * FROM webhooks'));
    expect(secret).toMatch(/^whs_/);
    for (const text of [shown, stored]) expect(text).not.toContain(secret.slice(4, 30));
    expect(shown).not.toMatch(/salt/i);
  });

  it('leaves traces in the moderation log, without the address', async () => {
    const { webhook } = await make({ url: `${bot.url}?key=hush` });
    await webhooks().edit(community().operator, webhook.id, { paused: true });
    await webhooks().rotateSecret(community().operator, webhook.id);
    await webhooks().delete(community().operator, webhook.id);
    const entries = await community().service(ModerationLogService).list({ action: 'webhook', limit: 9 });
    expect(entries.map(({ action }) => action)).toEqual([
      'webhook.delete',
      'webhook.rotate',
      'webhook.update',
      'webhook.create',
    ]);
    expect(JSON.stringify(entries)).not.toMatch(/hush|127\.0\.0\.1/);
  });

  it.each<[string, Partial<NewWebhook>, number]>([
    ['no name', { name: '  ' }, 400],
    ['an endless name', { name: 'x'.repeat(101) }, 400],
    ['a name that steers a terminal', { name: 'a\u001b[31m' }, 400],
    ['no address', { url: 'nowhere' }, 400],
    ['an address with a password', { url: 'https://a:b@example.org/' }, 400],
    ['no events', { events: [] }, 400],
    ['an unknown event', { events: ['message.read'] }, 400],
    ['an unknown room', { room: 'nowhere' as RoomToken }, 404],
  ])('cannot make one with %s', async (_, over, status) => {
    await expect(make(over)).rejects.toMatchObject({ status });
    expect(await webhooks().list()).toEqual([]);
  });

  it('names the events that there are to whoever wants another', async () => {
    const refusal = 'There is no event "message.read", but message.posted, ';
    await expect(make({ events: ['message.read'] })).rejects.toThrow(refusal);
  });

  it('cannot make too many', async () => {
    await community().sql(
      `INSERT INTO webhooks (name, url, events, salt, created_at)
       SELECT 'bot', 'https://example.org/', '["*"]', decode(repeat('00', 16), 'hex'), 0 FROM generate_series(1, $1)`,
      [WEBHOOKS_MAX],
    );
    await expect(make()).rejects.toMatchObject({ status: 409 });
  });
});

describe('deliveries that came to an end', () => {
  const ended = (webhookId: number, count: number, at: number) =>
    community().sql(
      `INSERT INTO webhook_deliveries (webhook_id, event, happened_at, state, attempts, attempted_at)
       SELECT $1, 'ping', $3, 'delivered', 1, $3 FROM generate_series(1, $2)`,
      [webhookId, count, at],
    );
  const forget = () => community().service(WebhookDeliveryService).forget();

  it('are kept for a while, and not too many; what waits is kept', async () => {
    const { webhook } = await make();
    const { now } = community().clock;
    await scene.ban(await scene.member('mod', { admin: true }), ann); // two that wait
    await ended(webhook.id, 3, now - ENDED_KEPT_SECONDS - 1);
    await ended(webhook.id, ENDED_KEPT + 2, now);
    expect(await forget()).toBe(5);
    expect(await forget()).toBe(0);
    expect(await community().value('SELECT count(*) FROM webhook_deliveries')).toBe(ENDED_KEPT + 2);
  });
});

it('where private addresses are not allowed, none can be made for one, and none that is there is gone to', async () => {
  const { webhook } = await make();
  const strict = await communityOn(community().url);
  const service = strict.service(WebhooksService);
  await expect(
    service.create(strict.operator, { name: 'inside', url: bot.url, events: ['*'] }),
  ).rejects.toMatchObject({ status: 400 });
  expect(await service.test(webhook.id)).toMatchObject({ ok: false, status: undefined });
  await strict.close();
  expect(bot.received).toEqual([]);
});
