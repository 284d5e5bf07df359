const URN = 'urn:plaza:problem:';

/** What is wrong at one place of what was sent. */
export interface FieldError {
  path: string;
  message: string;
}

/** The body of an answer of `application/problem+json`. */
export interface ProblemBody {
  type?: string;
  title?: string;
  detail?: string;
  errors?: FieldError[];
  confirmationToken?: string;
  expiresAt?: string;
  summary?: unknown;
}

/** The API refused, or could not be reached (status 0). */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly body: ProblemBody = {},
  ) {
    super(messageOf(status, body));
    this.name = 'ApiProblem';
  }

  /** `not-found`, `precondition-failed` …; empty where there is none. */
  get kind(): string {
    return this.body.type?.startsWith(URN) ? this.body.type.slice(URN.length) : '';
  }

  /** Somebody else changed it since it was loaded. */
  get isStale(): boolean {
    return this.status === 412;
  }

  /** What is wrong with single fields, by their path. */
  get fieldErrors(): Record<string, string> {
    return Object.fromEntries((this.body.errors ?? []).map(({ path, message }) => [path, message]));
  }
}

function messageOf(status: number, { title, detail, errors = [] }: ProblemBody): string {
  const [first] = errors;
  if (first) return fieldText(first);
  return detail ?? title ?? FALLBACKS[status] ?? `The server answered ${status}.`;
}

const fieldText = ({ path, message }: FieldError): string => (path === '' ? message : `${path}: ${message}`);

const FALLBACKS: Readonly<Record<number, string>> = {
  0: 'The server cannot be reached.',
  401: 'You are not signed in.',
  403: 'You have no right to do this.',
  404: 'There is no such thing.',
  412: 'Somebody else changed this in the meantime.',
  413: 'That is too large.',
  429: 'Too many requests. Wait a moment.',
  503: 'The server is busy. Try again in a moment.',
};

/** A sentence for people, whatever was thrown. */
export const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : 'Something went wrong.';

/** The same, with a sentence of its own for every field that is wrong. */
export function reasonsOf(error: unknown, textOf: (error: FieldError) => string = fieldText): string[] {
  const errors = error instanceof ApiProblem ? (error.body.errors ?? []) : [];
  return errors.length === 0 ? [reasonOf(error)] : errors.map(textOf);
}
