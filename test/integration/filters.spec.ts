import { createPublicKey, verify } from 'node:crypto';
import { ModerationLogService } from '../../libs/community/moderation-log.service.js';
import { ModerationRulesService } from '../../libs/community/moderation-rules.service.js';
import { readContent } from '../../libs/protocol/content.js';
import type { MessageObject } from '../../libs/protocol/schemas/message.schema.js';
import { allWithCommunity, type Member } from '../support/scratch-community.js';
import { RoomScene } from '../support/room-scene.js';

const community = allWithCommunity();

const BAD = 'what a wibble';
const PAGE = { limit: 100, reactors: 4 };

let scene: RoomScene;
let ann: Member;
let mod: Member;
beforeEach(async () => {
  scene = await RoomScene.of(community(), 'filtered');
  [ann, mod] = [await scene.member('ann'), await scene.member('mod', { moderator: true })];
});

const rules = () => community().service(ModerationRulesService);
const filter = (change: object) => rules().change(community().operator, scene.token, 'filters', () => change);
const words = (over: object = {}, others: object = {}) =>
  filter({ profanity: { enabled: true, words: ['wibble'], ...over }, ...others });
const seenBy = async (member: Member): Promise<MessageObject[]> =>
  (await community().messages.recent((await scene.as(member)).access, PAGE)).toReversed();
const textOf = ({ data }: MessageObject) =>
  readContent(Buffer.from(data!, 'base64').subarray(0, Buffer.from(data!, 'base64').lastIndexOf(0x80)))?.body;
const textsFor = async (member: Member) => (await seenBy(member)).map(textOf);
const logged = () =>
  community().service(ModerationLogService).list({ room: scene.token, via: 'filter', limit: 10 });

describe('a silent filter', () => {
  beforeEach(() => words());

  it('lets its author believe that all is well, and delivers to nobody', async () => {
    const posted = await scene.post(ann, BAD);
    expect(posted).toMatchObject({ filtered: true, seqno: 1 });
    expect([await textsFor(ann), await textsFor(mod)]).toEqual([[], []]);
    expect(await scene.post(ann, 'fine')).not.toHaveProperty('filtered');
    expect(await textsFor(mod)).toEqual(['fine']);
  });

  it('takes an id and a sequence number, so that readers skip it', async () => {
    await scene.post(ann, BAD);
    const after = await scene.post(ann, 'fine');
    expect(after.seqno).toBe(2);
  });

  it('does not hold up moderators, unless it is told to', async () => {
    expect(await scene.post(mod, BAD)).not.toHaveProperty('filtered');
    await words({}, { filterModerators: true });
    expect(await scene.post(mod, BAD)).toHaveProperty('filtered', true);
  });

  it('leaves an edited message as it was, and answers as if not', async () => {
    const { id, seqno } = await scene.post(ann, 'fine');
    await scene.edit(ann, id, BAD);
    expect(await seenBy(mod)).toMatchObject([{ id, seqno }]);
    expect(await textsFor(mod)).toEqual(['fine']);
    expect(await logged()).toMatchObject([{ action: 'message.hide', messageId: id, detail: { edit: true } }]);
  });

  it('says so in the moderation log, without a word of the message', async () => {
    const { id } = await scene.post(ann, BAD);
    const entries = await logged();
    expect(entries).toMatchObject([
      { action: 'message.hide', target: ann.sessionId, messageId: id, detail: { filter: 'profanity' } },
    ]);
    expect(JSON.stringify(entries)).not.toContain('wibble');
  });

  it('counts for the rate limit', async () => {
    for (let n = 0; n < 5; n++) await scene.post(ann, BAD);
    await expect(scene.post(ann, 'fine')).rejects.toMatchObject({ status: 429, text: 'Rate limited' });
  });
});

describe('a rejecting filter', () => {
  it.each([
    ['words', { profanity: { enabled: true, silent: false, words: ['wibble'] } }, BAD, 'profanity'],
    ['an alphabet', { alphabets: { names: ['cyrillic'], silent: false } }, 'привет', 'alphabet'],
  ])('of %s answers 429 and stores nothing', async (_what, change, text, type) => {
    await filter(change);
    const refusal = { status: 429, text: `filtration rejected message (${type})` };
    await expect(scene.post(ann, text)).rejects.toMatchObject(refusal);
    const { id } = await scene.post(ann, 'fine');
    await expect(scene.edit(ann, id, text)).rejects.toMatchObject(refusal);
    expect(await textsFor(ann)).toEqual(['fine']);
    expect((await logged()).map(({ action }) => action)).toEqual(['message.reject', 'message.reject']);
  });

  it('comes before the rate limit, and before a message that is not there', async () => {
    await words({ silent: false });
    for (let n = 0; n < 5; n++) await scene.post(ann, 'fine');
    await expect(scene.post(ann, BAD)).rejects.toMatchObject({
      text: 'filtration rejected message (profanity)',
    });
    await expect(scene.edit(ann, 99_999_999, BAD)).rejects.toMatchObject({ status: 429 });
    await expect(scene.edit(ann, 99_999_999, 'fine')).rejects.toMatchObject({ status: 404 });
  });
});

describe('a reply', () => {
  const replies = (over: object = {}) => ({
    replies: [
      { type: '*', profileName: 'Warden', templates: ['{mention}, no such words in {room}'], ...over },
    ],
  });

  it('is whispered to the author by a user that the server signs for', async () => {
    await words({}, replies());
    const eve = await scene.member('eve');
    await scene.post(ann, BAD);
    const [reply] = await seenBy(ann);
    expect(reply).toMatchObject({ whisper: true, whisper_mods: false, whisper_to: ann.sessionId });
    expect(textOf(reply!)).toBe(`@${ann.sessionId}, no such words in Room ${scene.token}`);
    expect(await seenBy(eve)).toEqual([]);
    const [data, signature] = [reply!.data!, reply!.signature!].map((text) => Buffer.from(text, 'base64'));
    const x = Buffer.from(reply!.session_id.slice(2), 'hex').toString('base64url');
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    expect(verify(null, data!, key, signature!)).toBe(true);
  });

  it('is for everybody where the rules say so, and follows rejected messages too', async () => {
    await words({ silent: false }, replies({ public: true }));
    await expect(scene.post(ann, BAD)).rejects.toMatchObject({ status: 429 });
    expect(await seenBy(mod)).toMatchObject([{ session_id: expect.stringMatching(/^15/) as string }]);
  });

  it('has one author per profile name, in every room', async () => {
    await words({}, replies());
    await scene.post(ann, BAD);
    await scene.post(ann, BAD);
    const authors = (await seenBy(ann)).map(({ session_id }) => session_id);
    expect(new Set(authors).size).toBe(1);
  });

  it('also follows a silently filtered edit', async () => {
    await words({}, replies());
    const { id } = await scene.post(ann, 'fine');
    await scene.edit(ann, id, BAD);
    expect(await seenBy(ann)).toHaveLength(2);
  });

  it('does not come without end, however often somebody tries', async () => {
    await words({ silent: false }, replies());
    for (let n = 0; n < 30; n++) await scene.post(ann, BAD).catch(() => undefined);
    expect((await seenBy(ann)).length).toBeLessThanOrEqual(5);
    expect((await logged()).length).toBeGreaterThan(0);
  });
});

describe('rules', () => {
  it('of the server count in rooms that say nothing else', async () => {
    const { operator } = community();
    await rules().change(operator, undefined, 'filters', () => ({
      profanity: { enabled: true, words: ['wobble'] },
    }));
    expect(await scene.post(ann, 'wobble')).toHaveProperty('filtered', true);
    await filter({ profanity: { enabled: false } });
    expect(await scene.post(ann, 'wobble')).not.toHaveProperty('filtered');
    await rules().change(operator, undefined, 'filters', () => ({}));
  });

  it('that are not understood are refused, and nothing is changed', async () => {
    await words();
    await expect(filter({ profanity: { enabled: 'yes' } })).rejects.toThrow(/profanity\.enabled/);
    expect((await rules().stored(scene.token)).filters).toMatchObject({ profanity: { words: ['wibble'] } });
  });

  it('go with their room', async () => {
    await words();
    await community().rooms.delete(community().operator, scene.token);
    await expect(rules().stored(scene.token)).rejects.toMatchObject({ status: 404 });
  });
});
