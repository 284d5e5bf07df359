import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseRoomRules, parseServerRules, type FilterRules } from '../../../../moderation/filter-rules.js';
import { ImportError } from '../../import-error.js';
import { joined } from './ini-filters.js';
import { readSogsIni, type SogsIni } from './sogs-ini.js';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'plaza-ini-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function read(text: string): Promise<SogsIni> {
  const path = join(folder, 'sogs.ini');
  writeFileSync(path, text);
  return readSogsIni(path);
}

const settingsOf = async (text: string): Promise<Record<string, string>> =>
  Object.fromEntries((await read(text)).settings.map(({ name, value }) => [name, value]));

describe('places', () => {
  it('are beside the file when nothing is said', async () => {
    expect(await read('')).toMatchObject({
      database: join(folder, 'sogs.db'),
      uploads: join(folder, 'uploads'),
      key: join(folder, 'key_x25519'),
    });
  });

  it.each([
    ['sqlite:///data/x.db', () => join(folder, 'data/x.db')],
    ['sqlite:////srv/x.db', () => '/srv/x.db'],
    ['postgresql://u:p@h/sogs', () => 'postgresql://u:p@h/sogs'],
  ])('are where it says: %s', async (url, path) =>
    expect((await read(`[db]\nurl = ${url}`)).database).toBe(path()),
  );

  it('are refused when they are of another kind, without a password in the text', async () => {
    await expect(read('[db]\nurl = mysql://u:secret@h/x')).rejects.toThrow(ImportError);
    await expect(read('[db]\nurl = mysql://u:secret@h/x')).rejects.not.toThrow(/secret/);
  });
});

describe('settings', () => {
  it('get their names here', async () => {
    const text = `[net]\nbase_url = https://chat.example\nhttp_show_index = off\nhttp_show_recent = 0
[files]\nexpiry = 30 days\nmax_size = 5000000
[rooms]\nactive_threshold = 0.5\nactive_prune_threshold = 90
[direct_messages]\nexpiry = 7\n[users]\nrequire_blind_keys = no
[messages]\nhistory_prune_threshold = 10\n[log]\nlevel = WARNING`;
    expect(await settingsOf(text)).toEqual({
      PUBLIC_URL: 'https://chat.example',
      SHOW_INDEX: 'false',
      SHOW_RECENT: 'false',
      FILE_LIFETIME: '30d',
      FILE_BYTES_MAX: '5000000',
      ACTIVE_USER_WINDOW: '43200',
      ROOM_ACTIVITY_LIFETIME: '90d',
      DIRECT_MESSAGE_LIFETIME: '7d',
      REQUIRE_BLINDED_IDS: 'false',
      EDIT_HISTORY_LIFETIME: '10d',
      LOG_LEVEL: 'warn',
    });
    expect((await read(text)).left).toEqual([]);
  });

  it('keep files for ever when that is said', async () => {
    expect(await settingsOf('[files]\nexpiry = 0')).toEqual({ FILE_LIFETIME: '36500d' });
  });

  it('make room for larger files', async () => {
    expect(await settingsOf('[files]\nmax_size = 20000000')).toEqual({
      FILE_BYTES_MAX: '20000000',
      HTTP_BODY_BYTES_MAX: String(20_000_000 + 1024 ** 2),
    });
  });

  it('are told when there is nothing like them, or nothing to understand', async () => {
    const { settings, left } = await read(
      '[net]\nomq_listen = x\n[files]\nexpiry = soon\n[toString]\nvalueOf = 1',
    );
    expect(settings).toEqual([]);
    expect(left).toEqual([
      { from: '[net] omq_listen', why: 'There is nothing like it here.' },
      { from: '[files] expiry', why: '"soon" is not a number of days.' },
      { from: '[toString] valueof', why: 'There is nothing like it here.' },
    ]);
  });
});

describe('filters', () => {
  it('become rules of the server and of rooms, in our words', async () => {
    writeFileSync(join(folder, 'words.txt'), 'darn\nheck*\n');
    const { filters, left } = await read(`[messages]\nprofanity_filter = yes\nprofanity_custom = words.txt
alphabet_filters = Arabic, persian\nalphabet_silent = no\nfilter_mods = yes
[room:fish]\nprofanity_silent = no
[filter:*:*]\nprofile_name = Warden\nreply = Hi \\@, \\p!\n  See {rules} of \\r\n[filter:fish:arabic]\npublic = yes`);
    expect(left).toEqual([]);
    expect(parseServerRules(filters.server)).toEqual({
      profanity: { enabled: true, words: ['darn', 'heck*'] },
      alphabets: { names: ['arabic', 'persian'], silent: false },
      filterModerators: true,
      replies: [
        { type: '*', profileName: 'Warden', templates: ['Hi {mention}, {name}!', 'See {{rules} of {room}'] },
      ],
    });
    expect([...filters.rooms.keys()]).toEqual(['fish']);
    expect(parseRoomRules(filters.rooms.get('fish'), 'fish')).toEqual({
      profanity: { silent: false },
      replies: [{ type: 'arabic', public: true }],
    });
  });

  it('are told when they cannot be', async () => {
    const { filters, left } = await read(`[messages]\nfilter_mods = maybe\nprofanity_custom = none.txt
[room:fish]\nalphabet_filters = klingon\nname = Fish\n[filter:fish:elvish]\nreply = x\n[filter:fish]\nreply = y`);
    expect(filters).toEqual({ server: {}, rooms: new Map([['fish', { alphabets: { names: [] } }]]) });
    expect(left.map(({ from }) => from)).toEqual([
      '[messages] profanity_custom',
      '[messages] filter_mods',
      '[room:fish] name',
      '[room:fish] alphabet_filters',
      '[filter:fish:elvish]',
      '[filter:fish]',
    ]);
  });

  it('of a room count before those of its server when the two are joined', () => {
    const server: FilterRules = {
      profanity: { enabled: true, words: ['a'] },
      filterModerators: true,
      replies: [
        { type: '*', templates: ['s'] },
        { type: 'profanity', templates: ['p'] },
      ],
    };
    const room: FilterRules = {
      profanity: { enabled: false, words: ['b'] },
      replies: [{ type: '*', public: true }],
    };
    expect(joined(server, room)).toEqual({
      profanity: { enabled: false, words: ['a', 'b'] },
      filterModerators: true,
      replies: [
        { type: '*', templates: ['s'], public: true },
        { type: 'profanity', templates: ['p'] },
      ],
    });
  });
});

it('names a file that is not there', async () => {
  await expect(readSogsIni(join(folder, 'none.ini'))).rejects.toThrow(
    /none\.ini cannot be read \(ENOENT\)\.$/,
  );
});
