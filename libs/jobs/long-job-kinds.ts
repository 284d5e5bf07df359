import { z } from 'zod';
import { ID_MAX } from '../protocol/limits.js';

/** Rooms that a job may name. */
const ROOMS_MAX = 10_000;
/** Of one message. */
const FILES_MAX = 1_000;
const REASON_LENGTH_MAX = 200;

const id = z.int().positive().max(ID_MAX);

/** On whose behalf, for the moderation log. */
const actor = z.strictObject({
  userId: id,
  via: z.enum(['protocol', 'command-line', 'admin-api', 'filter', 'worker']),
  token: z.string().optional(),
});

/**
 * What takes too long to wait for, by kind, with what each has to know. A kind that is added here needs a handler in
 * libs/community/long-job-handlers.ts, or nothing compiles. Ids are those of rows.
 */
export const LONG_JOBS = {
  /** Everything that somebody posted and uploaded, in some rooms or (null) in all. */
  'delete-posts': z.strictObject({ actor, authorId: id, roomIds: z.array(id).max(ROOMS_MAX).nullable() }),
  /** What a spam wave left visible: messages of one author, or copies of a text or of files. */
  'delete-wave': z.strictObject({
    roomId: id,
    /** Unix seconds: not posted before. */
    since: z.number(),
    /** Which rule saw it, for the log. */
    rule: z.string(),
    authorId: id.optional(),
    /** As `fingerprintOf` of libs/moderation gives it. */
    fingerprint: z.string().optional(),
    /** SHA-256 of files, in hex. */
    files: z.array(z.string()).max(FILES_MAX).optional(),
  }),
};

export type LongJobKind = keyof typeof LONG_JOBS;
export type LongJobPayload<Kind extends LongJobKind> = z.infer<(typeof LONG_JOBS)[Kind]>;

/** A job can never be done as it is. */
export class JobRefusedError extends Error {
  override name = 'JobRefusedError';
}

/** One kind with its payload. */
export type LongJob = { [Kind in LongJobKind]: { kind: Kind; payload: LongJobPayload<Kind> } }[LongJobKind];

/** Throws {@link JobRefusedError} for a kind that nobody knows, or a payload that is not of its form. */
export function parseLongJob(kind: string, payload: unknown): LongJob {
  if (!isLongJobKind(kind)) throw new JobRefusedError('there is no such kind of job');
  const parsed = LONG_JOBS[kind].safeParse(payload);
  if (!parsed.success) throw new JobRefusedError(`not a payload of this kind: ${problemsOf(parsed.error)}`);
  return { kind, payload: parsed.data } as LongJob;
}

const isLongJobKind = (kind: string): kind is LongJobKind => Object.hasOwn(LONG_JOBS, kind);

const problemsOf = (error: z.ZodError): string =>
  z.prettifyError(error).replaceAll('\n', ' ').slice(0, REASON_LENGTH_MAX);

/** How far a job is. */
export interface LongJobProgress {
  rooms: number;
  roomsTotal: number;
  messages: number;
}

export const NO_PROGRESS: LongJobProgress = { rooms: 0, roomsTotal: 0, messages: 0 };

/** One run of a job: a job that was interrupted, or failed and is tried again, has several. */
export interface JobRun {
  /** Names the job in the moderation log, the same in every run. */
  readonly key: string;
  /** What the runs before this one had told. */
  readonly before: LongJobProgress;
  /** Aborted when the process is to end: the batch that is under way should be the last. */
  readonly signal: AbortSignal;
  tell(progress: LongJobProgress): Promise<void>;
}

/** The process is to end; the job goes on in another one from where it is. */
export class JobInterruptedError extends Error {
  override name = 'JobInterruptedError';

  constructor() {
    super('interrupted');
  }
}
