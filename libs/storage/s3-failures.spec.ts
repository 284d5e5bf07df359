import { isMissingObject, toFilesError } from './s3-failures.js';
import { FilesUnavailableError } from './storage-errors.js';

const amazon = { url: 's3://b/p', bucket: 'b', endpoint: undefined };
const own = { ...amazon, endpoint: 'http://minio:9000' };
const error = (fields: object, message = 'keeps quiet about hunter2'): Error =>
  Object.assign(new Error(message), fields);
const answered = (name: string, httpStatusCode: number): Error =>
  error({ name, $metadata: { httpStatusCode } });

describe('what the SDK throws', () => {
  it.each([
    ['no bucket', answered('NoSuchBucket', 404), /needs a bucket "b", and there is none/],
    ['an old token', answered('ExpiredToken', 400), /does not accept our credentials \(ExpiredToken\)/],
    ['no right', answered('AccessDenied', 403), /refuses access\. .*s3:ListBucket/],
    ['no right, to HEAD', answered('Forbidden', 403), /refuses access/],
    ['a wrong region', answered('AuthorizationHeaderMalformed', 400), /is in another region/],
    ['too many requests', answered('SlowDown', 503), /fails \(SlowDown, status 503\)\.$/],
    [
      'no S3 at all',
      error({ name: 'SyntaxError', $response: { statusCode: 200 } }),
      /fails \(SyntaxError, status 200\)/,
    ],
    [
      'no credentials',
      error({ name: 'CredentialsProviderError' }),
      /needs credentials\. Set AWS_ACCESS_KEY_ID/,
    ],
    ['no region', error({}, 'Region is missing'), /in a region that we do not know\. Set AWS_REGION\.$/],
    [
      'an unknown host',
      error({ code: 'ENOTFOUND' }),
      /cannot be reached \(ENOTFOUND\)\. Check the network and AWS_REGION\.$/,
    ],
    ['our own time limit', error({ name: 'AbortError' }), /cannot be reached \(no answer in time\)/],
    [
      'a refused connection',
      error({}, 'AWS SDK error wrapper for Error: connect ECONNREFUSED 1.2.3.4:5'),
      /\(ECONNREFUSED\)/,
    ],
  ])('is a sentence for the operator: %s', (_, thrown, sentence) => {
    const made = toFilesError(thrown, amazon) as Error;
    expect(made).toBeInstanceOf(FilesUnavailableError);
    expect(made.message).toMatch(sentence);
    expect(made.message).toMatch(/^The file store s3:\/\/b\/p /);
    expect(made.message).not.toContain('hunter2');
  });

  it('names the address of a server of one’s own', () =>
    expect((toFilesError(error({ name: 'TimeoutError' }), own) as Error).message).toBe(
      'The file store s3://b/p cannot be reached at http://minio:9000 (no answer in time). Check that it runs, and AWS_ENDPOINT_URL.',
    ));

  it('stays what it is when it is a bug, or told already', () => {
    const bug = new TypeError('x is not a function');
    expect(toFilesError(bug, amazon)).toBe(bug);
    const told = new FilesUnavailableError('told');
    expect(toFilesError(told, own)).toBe(told);
  });

  it('is no failure when there is just no such object', () => {
    expect(isMissingObject(answered('NoSuchKey', 404))).toBe(true);
    expect(isMissingObject(answered('NotFound', 404))).toBe(true);
    expect(isMissingObject(answered('NoSuchBucket', 404))).toBe(false);
    expect(isMissingObject(answered('AccessDenied', 403))).toBe(false);
  });
});
