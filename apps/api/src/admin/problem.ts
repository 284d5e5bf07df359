/** Kinds of refusals, as programs tell them apart: `urn:plaza:problem:…`, each with its status and title. */
const PROBLEMS = {
  invalid: { status: 400, title: 'The request is not valid' },
  unauthenticated: { status: 401, title: 'Nobody is logged in' },
  forbidden: { status: 403, title: 'Not allowed' },
  'not-found': { status: 404, title: 'There is no such thing' },
  conflict: { status: 409, title: 'This contradicts what is there' },
  'confirmation-required': { status: 409, title: 'This destroys something and has to be confirmed' },
  'precondition-failed': { status: 412, title: 'Somebody else has changed it' },
  'too-large': { status: 413, title: 'Too large' },
  'precondition-required': { status: 428, title: 'If-Match is required' },
  'rate-limited': { status: 429, title: 'Too many requests' },
  failed: { status: 500, title: 'Something went wrong' },
  unavailable: { status: 503, title: 'Try again later' },
} as const;

export type ProblemKind = keyof typeof PROBLEMS;

export interface ProblemBody {
  type: string;
  title: string;
  status: number;
  detail?: string;
  errors?: { path: string; message: string }[];
  [more: string]: unknown;
}

/** A refusal of the admin API (RFC 9457). */
export class ProblemError extends Error {
  override name = 'ProblemError';

  constructor(
    readonly kind: ProblemKind,
    readonly detail?: string,
    readonly more: Record<string, unknown> = {},
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail ?? kind);
  }

  get status(): number {
    return PROBLEMS[this.kind].status;
  }

  body(): ProblemBody {
    const { status, title } = PROBLEMS[this.kind];
    const type = `urn:plaza:problem:${this.kind}`;
    return { type, title, status, ...(this.detail !== undefined && { detail: this.detail }), ...this.more };
  }
}

/** Of a refusal that arose elsewhere, by its status. */
export function kindOfStatus(status: number): ProblemKind {
  const known = (Object.keys(PROBLEMS) as ProblemKind[]).find((kind) => PROBLEMS[kind].status === status);
  if (known) return known;
  if (status === 425) return 'unauthenticated'; // the protocol's word for a nonce or a time that does not hold
  return status < 500 ? 'invalid' : 'failed';
}

export const noSuch = (thing: string): ProblemError =>
  new ProblemError('not-found', `There is no such ${thing}`);
