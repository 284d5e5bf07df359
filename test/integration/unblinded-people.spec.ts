import { PermissionsService } from '../../libs/community/permissions.service.js';
import type { RoomToken, SessionId } from '../../libs/protocol/ids.js';
import { eachWithCommunity } from '../support/scratch-community.js';

const community = eachWithCommunity({ config: { requireBlindedIds: false } });

const PAGE = { limit: 100, reactors: 0 };

let room: RoomToken;
let unblinded: SessionId;
let blinded: SessionId;
beforeEach(async () => {
  room = await community().room('lobby');
  const account = community().account('somebody');
  [unblinded, blinded] = [account.sessionId as SessionId, account.blindedId as SessionId];
});

const named = (id: SessionId) => community().database.transaction((tx) => community().people.named(tx, id));
const appoint = (id: SessionId) =>
  community().moderators.changeInRooms(community().operator, id, [room], { moderator: true });
const moderators = async () => (await community().rooms.object(await community().access(room))).moderators;
const permissions = () => community().service(PermissionsService);

/** What may be said of somebody in the room, as it is answered and as it is read afterwards. */
async function restrict(id: SessionId) {
  const access = await community().access(room);
  const answered = await permissions().change(community().operator, access, id, {
    change: { upload: false },
    unschedule: false,
  });
  return { answered, read: await permissions().of(access, id) };
}

describe('where ids need not be blinded, somebody who comes under both of theirs', () => {
  it('is two people, and each is meant by their own id', async () => {
    const one = await community().people.arrive(unblinded);
    const other = await community().people.arrive(blinded);
    expect([await named(unblinded), await named(blinded)]).toMatchObject([{ id: one.id }, { id: other.id }]);
    expect(await community().people.known(unblinded)).toMatchObject({ id: one.id });
  });

  it('keeps the role of the one when the other arrives', async () => {
    await appoint(unblinded);
    await community().people.arrive(unblinded);
    await community().sql('UPDATE users SET last_active_at = 0 WHERE session_id = $1', [unblinded]);
    await community().people.arrive(blinded);
    expect(await moderators()).toEqual([unblinded]);
  });

  it('is shown the permissions that were set', async () => {
    await community().people.arrive(unblinded);
    await community().people.arrive(blinded);
    const { answered, read } = await restrict(unblinded);
    expect(answered).toMatchObject({ upload: false });
    expect(read).toMatchObject({ upload: false });
    const access = await community().access(room);
    expect(await permissions().of(access, blinded)).toBeUndefined();
  });

  it('reads the whispers to the one as that one', async () => {
    await community().people.arrive(unblinded);
    await community().people.arrive(blinded);
    const author = await community().member('author');
    await appoint(author.sessionId);
    const whisper = await community().post(room, author, { whisper_to: unblinded });
    expect(whisper.whisper_to).toBe(unblinded);
    const { id } = (await community().people.find(unblinded))!;
    const access = (await community().rooms.open(room, {
      ...(await community().identity(author)),
      user: { id, sessionId: unblinded, banned: false, moderator: false, admin: false },
    }))!;
    expect(await community().messages.recent(access, PAGE)).toMatchObject([{ id: whisper.id }]);
  });
});

describe('where ids need not be blinded, somebody who was only named by their 05 id', () => {
  it('gets what was set when they come with a blinded one', async () => {
    await appoint(unblinded);
    await community().people.arrive(blinded);
    expect(await moderators()).toEqual([blinded]);
  });

  it('is meant by it afterwards, in answers and in what is read', async () => {
    await community().people.arrive(blinded);
    const { answered, read } = await restrict(unblinded);
    expect([answered, read]).toMatchObject([{ upload: false }, { upload: false }]);
  });
});
