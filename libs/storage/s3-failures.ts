import { FilesUnavailableError } from './storage-errors.js';

/** What an operator calls the store by. */
export interface S3Place {
  readonly url: string;
  readonly bucket: string;
  /** Undefined: Amazon's. */
  readonly endpoint: string | undefined;
}

interface SdkError {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly statusCode?: number };
}

const CREDENTIALS = new Set([
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'ExpiredToken',
  'InvalidToken',
  'TokenRefreshRequired',
  'InvalidSecurity',
]);
const REGION = new Set([
  'PermanentRedirect',
  'AuthorizationHeaderMalformed',
  'IllegalLocationConstraintException',
]);
/** From the network below, or from our own time limits. */
const NETWORK = new Set(['TimeoutError', 'AbortError', 'NetworkingError']);

/** The SDK may wrap an error of the network, which is then only in the text. */
const SYSTEM_CODE = /\bE[A-Z]{4,}\b/;

const NOT_FOUND = 404;
const FORBIDDEN = 403;

/** There is no such object (but there is the bucket, or one cannot tell). */
export function isMissingObject(error: unknown): boolean {
  const { name, $metadata } = error as SdkError;
  return name === 'NoSuchKey' || (name === 'NotFound' && $metadata?.httpStatusCode === NOT_FOUND);
}

/**
 * Turns whatever the SDK throws for a store that is away, full, or refuses into {@link FilesUnavailableError}, with a
 * sentence for the operator that leaves out the SDK's own text, which may quote keys. Leaves bugs alone.
 */
export function toFilesError(error: unknown, { url, bucket, endpoint }: S3Place): unknown {
  if (error instanceof FilesUnavailableError) return error;
  const { name = '', message = '', $metadata, $response } = error as SdkError;
  const code = (error as SdkError).code ?? SYSTEM_CODE.exec(message)?.[0];
  const status = $metadata?.httpStatusCode ?? $response?.statusCode;
  const say = (sentence: string): FilesUnavailableError =>
    new FilesUnavailableError(`The file store ${url} ${sentence}`);

  if (name === 'NoSuchBucket')
    return say(`needs a bucket "${bucket}", and there is none. Make it, or correct its name.`);
  if (CREDENTIALS.has(name))
    return say(
      `does not accept our credentials (${name}). Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.`,
    );
  if (REGION.has(name)) return say(`is in another region (${name}). Correct AWS_REGION.`);
  if (name === 'RequestTimeTooSkewed')
    return say('refuses us because the clock of this machine is wrong. Set it.');
  if (name === 'AccessDenied' || status === FORBIDDEN)
    return say(
      'refuses access. Our credentials need to list the bucket, and to read, write and delete objects in it ' +
        '(s3:ListBucket, s3:GetObject, s3:PutObject, s3:DeleteObject).',
    );
  if (name === 'CredentialsProviderError')
    return say(
      'needs credentials. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give this machine a role.',
    );
  if (message === 'Region is missing') return say('is in a region that we do not know. Set AWS_REGION.');
  if (status !== undefined) return say(`fails (${name || 'no reason given'}, status ${status}).`);
  if (NETWORK.has(name) || code !== undefined)
    return say(
      `cannot be reached${endpoint === undefined ? '' : ` at ${endpoint}`} (${code ?? 'no answer in time'}). ` +
        (endpoint === undefined
          ? 'Check the network and AWS_REGION.'
          : 'Check that it runs, and AWS_ENDPOINT_URL.'),
    );
  return error;
}
