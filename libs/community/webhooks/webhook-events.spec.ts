import { eventOfEntry, isWebhookEvent, wants, wantsMessages, WEBHOOK_EVENTS } from './webhook-events.js';

describe('an entry of the moderation log is an event', () => {
  it.each([
    ['room.create', 'command-line', 'room.created'],
    ['ban.set', 'protocol', 'member.banned'],
    ['ban.set', 'filter', 'member.banned'],
    ['ban.lift', 'worker', 'member.unbanned'],
    ['mute.set', 'filter', 'member.muted'],
    ['mute.lift', 'admin-api', 'member.unmuted'],
    ['moderator.set', 'protocol', 'moderator.changed'],
    ['automod.change', 'command-line', 'rules.changed'],
    ['message.hide', 'filter', 'automod.acted'],
    ['message.delete', 'filter', 'automod.acted'],
    ['raid.end', 'worker', 'automod.acted'],
  ] as const)('%s by %s', (action, via, event) => expect(eventOfEntry({ action, via })).toBe(event));

  it.each([
    ['message.delete', 'protocol'], // told by the message itself, if anybody saw it
    ['direct-message.swallow', 'filter'],
    ['webhook.create', 'command-line'],
  ] as const)('but not %s by %s', (action, via) => expect(eventOfEntry({ action, via })).toBeUndefined());

  it('but not what automod only tried', () => {
    const entry = { action: 'message.hide', via: 'filter' } as const;
    expect(eventOfEntry({ ...entry, detail: { rule: 'flood', dryRun: true } })).toBeUndefined();
    expect(eventOfEntry({ ...entry, detail: { rule: 'flood' } })).toBe('automod.acted');
  });
});

describe('what a webhook wants', () => {
  it('is what it names, or everything', () => {
    expect(wants(['member.banned'], 'member.banned')).toBe(true);
    expect(wants(['member.banned'], 'member.muted')).toBe(false);
    expect(wants(['*'], 'member.muted')).toBe(true);
  });

  it('needs a look at messages only where messages are wanted', () => {
    expect(
      ['message.posted', 'message.edited', 'message.deleted', '*'].map((event) => wantsMessages([event])),
    ).toEqual([true, true, true, true]);
    expect(wantsMessages(['message.pinned', 'member.banned'])).toBe(false);
  });

  it('is known by name', () => {
    expect(Object.keys(WEBHOOK_EVENTS).every(isWebhookEvent)).toBe(true);
    expect(['toString', '*', 'message'].some(isWebhookEvent)).toBe(false);
  });
});
