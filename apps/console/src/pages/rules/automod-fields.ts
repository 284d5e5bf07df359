/** The rules of automod as a form sees them. What is right and wrong, the server knows (libs/moderation/automod-rules.ts). */

export type AutomodField = { path: string; label: string } & (
  | { kind: 'number'; unit?: string; min: number; max: number; initial?: number }
  | { kind: 'yes' }
  | { kind: 'lines'; hint: string }
  | { kind: 'hashes' }
  | { kind: 'choice'; options: readonly { value: string; label: string }[] }
);

export interface AutomodRule {
  name: string;
  label: string;
  about: string;
  fields: readonly AutomodField[];
  /** Rules of the server as a whole have no room's. */
  isServerOnly?: boolean;
  /** What does not fit into the form's own consequences. */
  hasNoConsequences?: boolean;
}

const DAY_SECONDS = 86_400;
const COUNT_MAX = 1_000;

const count = (path: string, label: string, initial?: number): AutomodField => ({
  path,
  label,
  kind: 'number',
  min: 1,
  max: COUNT_MAX,
  initial,
});
const seconds = (path: string, label: string, initial?: number): AutomodField => ({
  path,
  label,
  kind: 'number',
  unit: 's',
  min: 1,
  max: DAY_SECONDS,
  initial,
});
const whole = (path: string, label: string, min: number, max: number, initial?: number) => ({
  path,
  label,
  kind: 'number' as const,
  min,
  max,
  initial,
});
const yes = (path: string, label: string): AutomodField => ({ path, label, kind: 'yes' });
const lines = (path: string, label: string, hint: string): AutomodField => ({
  path,
  label,
  kind: 'lines',
  hint,
});

const YEAR_MINUTES = 365 * 24 * 60;
const TEXT_LENGTH_MAX = 262_144;

export const AUTOMOD_RULES: readonly AutomodRule[] = [
  {
    name: 'flood',
    label: 'Floods',
    about: 'Somebody posts more than so many messages in so many seconds.',
    fields: [count('posts', 'Posts', 5), seconds('seconds', 'Within', 10)],
  },
  {
    name: 'duplicates',
    label: 'Copies',
    about: 'The same text or file comes again and again.',
    fields: [
      count('copies', 'Copies', 3),
      seconds('seconds', 'Within', 60),
      {
        path: 'scope',
        label: 'By',
        kind: 'choice',
        options: [
          { value: 'user', label: 'The same user' },
          { value: 'everybody', label: 'Anybody' },
        ],
      },
      whole('textLengthMin', 'Only texts of so many letters', 1, TEXT_LENGTH_MAX),
    ],
  },
  {
    name: 'newMembers',
    label: 'New members',
    about: 'What somebody may not do in their first minutes or messages.',
    fields: [
      whole('minutes', 'New for minutes', 1, YEAR_MINUTES, 10),
      whole('messages', 'New for messages', 1, 10_000),
      yes('noLinks', 'No links'),
      yes('noFiles', 'No files'),
      yes('noMentions', 'No mentions'),
      yes('noWriting', 'No writing at all'),
    ],
  },
  {
    name: 'slowMode',
    label: 'Slow mode',
    about: 'So many seconds between two messages of a user.',
    fields: [seconds('seconds', 'Seconds', 30)],
  },
  {
    name: 'links',
    label: 'Links',
    about: 'Domains stand for what is under them, too.',
    fields: [
      lines('deny', 'Forbidden domains', 'One per line: example.com'),
      lines('allow', 'Allowed domains; with any, no others are', 'One per line: example.org'),
      yes('denyAll', 'No links at all'),
      yes('noCommunityLinks', 'No links to communities'),
      yes('noSessionIds', 'No Session IDs'),
    ],
  },
  {
    name: 'mentions',
    label: 'Mentions',
    about: 'A message mentions too many people.',
    fields: [whole('max', 'At most', 0, COUNT_MAX, 5)],
  },
  {
    name: 'length',
    label: 'Length',
    about: 'A message is too long.',
    fields: [
      whole('charactersMax', 'Characters', 1, TEXT_LENGTH_MAX, 2_000),
      whole('linesMax', 'Lines', 1, TEXT_LENGTH_MAX),
    ],
  },
  {
    name: 'files',
    label: 'Files',
    about: 'Kinds of files, by media type (image/*), ending (.exe) or “executable”.',
    fields: [
      lines('denyTypes', 'Forbidden kinds', 'One per line: executable'),
      lines('allowTypes', 'Allowed kinds; with any, no others are', 'One per line: image/*'),
      whole('perMessageMax', 'Files per message', 0, 64),
    ],
  },
  {
    name: 'images',
    label: 'Known images',
    about: 'Images that nobody is to see again, also when they were changed a little.',
    fields: [
      { path: 'hashes', label: 'Hashes', kind: 'hashes' },
      whole('distanceMax', 'May differ in bits (of 64)', 0, 16),
    ],
  },
  {
    name: 'raid',
    label: 'Raids',
    about: 'Many newcomers at once: writing is closed to newcomers for a while.',
    fields: [
      count('joins.count', 'More newcomers than'),
      seconds('joins.seconds', 'coming within'),
      count('posts.count', 'More posts of newcomers than', 30),
      seconds('posts.seconds', 'written within', 60),
      whole('newcomerMinutes', 'New for minutes', 1, YEAR_MINUTES, 60),
      whole('lockSeconds', 'Close for seconds', 1, 7 * DAY_SECONDS, 600),
    ],
  },
  {
    name: 'directMessages',
    label: 'Direct messages',
    about: 'Who may write to strangers. What is not allowed is swallowed without a sign.',
    isServerOnly: true,
    hasNoConsequences: true,
    fields: [
      whole('minPosts', 'Only after posts', 1, 10_000, 5),
      whole('minMinutes', '… or after minutes here', 1, YEAR_MINUTES),
      whole('newRecipientsPerDayMax', 'New recipients a day', 0, COUNT_MAX),
      yes('noBannedSenders', 'None from the banned'),
    ],
  },
];

const ACTIONS = [
  { value: 'hide', label: 'Hide it' },
  { value: 'reject', label: 'Refuse it' },
  { value: 'delete', label: 'Hide it and the rest of the wave' },
] as const;

/** What follows when a rule is broken. */
export const CONSEQUENCES: readonly AutomodField[] = [
  { path: 'action', label: 'The message', kind: 'choice', options: ACTIONS },
  { ...whole('muteSeconds', 'Mute the author for', 1, 30 * DAY_SECONDS), unit: 's' },
  { ...whole('banSeconds', 'Ban the author for (0: ever)', 0, 365 * DAY_SECONDS), unit: 's' },
];
export const RECORDS: readonly AutomodField[] = [
  yes('notify', 'Tell moderators'),
  yes('dryRun', 'Only record it'),
];

/** What a rule begins with when somebody turns it on. */
export const initialRule = ({ fields }: AutomodRule): Record<string, unknown> => {
  const rule: Record<string, unknown> = {};
  for (const field of fields) {
    if (field.kind === 'hashes') rule[field.path] = [];
    if (field.kind !== 'number' || field.initial === undefined) continue;
    const [key = '', inner] = field.path.split('.');
    rule[key] = inner === undefined ? field.initial : { ...(rule[key] as object), [inner]: field.initial };
  }
  return rule;
};

export interface ImageHash {
  hash: string;
  kind: 'sha256' | 'perceptual';
  note?: string;
}

const SHA256_DIGITS = 64;

/** `HASH note`, one per line; the kind follows from the length. */
export const hashLines = (hashes: readonly ImageHash[]): string[] =>
  hashes.map(({ hash, note }) => (note === undefined ? hash : `${hash} ${note}`));

export const hashesOf = (texts: readonly string[]): ImageHash[] =>
  texts.map((text) => {
    const [hash = '', ...note] = text.split(/\s+/);
    const kind = hash.length === SHA256_DIGITS ? 'sha256' : 'perceptual';
    return { hash, kind, ...(note.length > 0 && { note: note.join(' ') }) };
  });
