import { describeBlobStore, listed, streamOf } from '../../libs/storage/blob-store.contract.js';
import { S3BlobStore } from '../../libs/storage/s3-blob-store.js';
import { FilesUnavailableError } from '../../libs/storage/storage-errors.js';
import { ScratchS3 } from '../support/scratch-s3.js';
import { until } from '../support/until.js';

jest.setTimeout(120_000);

let s3: ScratchS3;
beforeAll(async () => {
  s3 = await ScratchS3.start();
});
afterAll(() => s3.stop());
beforeEach(() => {
  s3.fault = undefined;
  s3.requests.length = 0;
});

let prefixes = 0;
const bytes = Buffer.from('bytes');

/** Under a prefix of its own. */
function fresh(
  over: { bucket?: string; prefix?: string; access?: Partial<ScratchS3['access']> } = {},
): S3BlobStore {
  const { bucket = s3.bucket, prefix = `some/prefix-${++prefixes}` } = over;
  return new S3BlobStore({ kind: 's3', bucket, prefix }, { ...s3.access, ...over.access });
}

describeBlobStore('S3', async () => fresh());

describe('a bucket', () => {
  it('holds an object per blob, laid out as in a folder', async () => {
    const store = fresh({ prefix: 'here' });
    await store.put(1234, bytes);
    await store.get(1234);
    expect(s3.requests).toEqual(['PUT /plaza-files/here/d2/1234?x-id', 'GET /plaza-files/here/d2/1234?x-id']);
  });

  it('may be used without a prefix, beside others in it', async () => {
    const [whole, part] = [fresh({ prefix: '' }), fresh({ prefix: 'd2' })];
    await whole.put(1, bytes);
    await part.put(1234, bytes);
    await part.writeNote('1234', 'as bad as can be');
    expect((await listed(part)).map(({ id }) => id)).toEqual([1234]);
    await part.removeNote('1234');
    expect((await listed(whole)).map(({ id }) => id)).toEqual([1]);
    await whole.delete([1]);
  });

  it('is not asked for anything before the first use', () => {
    fresh().close();
    expect(s3.requests).toEqual([]);
  });

  it('loses many objects in one request', async () => {
    const store = fresh();
    await store.put(1, bytes);
    s3.requests.length = 0;
    await store.delete(Array.from({ length: 1500 }, (_, id) => id));
    expect(s3.requests).toEqual(['POST /plaza-files/?delete', 'POST /plaza-files/?delete']);
    expect(await listed(store)).toEqual([]);
  });

  it('loses them one by one where the server knows no such request, which is asked once', async () => {
    const store = fresh();
    for (const id of [1, 2, 3, 4]) await store.put(id, bytes);
    s3.fault = { kind: 'status', status: 501, code: 'NotImplemented', method: 'POST' };
    s3.requests.length = 0;
    await store.delete([1, 2]);
    await store.delete([3, 4]);
    expect(s3.requests.filter((request) => request.startsWith('POST'))).toHaveLength(1);
    expect(await listed(store)).toEqual([]);
  });
});

describe('what the server does not let happen', () => {
  it('is told in a sentence for the operator, without a secret', async () => {
    const store = fresh({
      prefix: 'p',
      access: { credentials: { accessKeyId: 'NOBODY', secretAccessKey: 'hunter2' } },
    });
    const failure = store.put(1, bytes);
    await expect(failure).rejects.toThrow(FilesUnavailableError);
    await expect(failure).rejects.toThrow(
      'The file store s3://plaza-files/p does not accept our credentials (InvalidAccessKeyId). Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.',
    );
  });

  it('is a bucket that is not there', async () => {
    const store = fresh({ bucket: 'nowhere' });
    const sentence = /needs a bucket "nowhere", and there is none\. Make it, or correct its name\.$/;
    const failing = [store.put(1, bytes), store.get(1), listed(store), store.putStream(1, streamOf(bytes))];
    // All at once: one that failed while another was being looked at would count as handled by nobody.
    await Promise.all(failing.map((each) => expect(each).rejects.toThrow(sentence)));
  });

  it.each([
    ['AccessDenied', 403, /refuses access.*s3:DeleteObject/],
    ['PermanentRedirect', 301, /another region \(PermanentRedirect\)\. Correct AWS_REGION/],
    ['RequestTimeTooSkewed', 403, /clock of this machine/],
    ['SignatureDoesNotMatch', 403, /does not accept our credentials/],
    ['InsufficientStorage', 507, /fails \(InsufficientStorage, status 507\)/],
  ])('is named: %s', async (code, status, sentence) => {
    s3.fault = { kind: 'status', status, code };
    await expect(fresh().get(1)).rejects.toThrow(sentence);
  });

  it('is an object that arrives changed', async () => {
    s3.fault = { kind: 'wrong-etag' };
    await expect(fresh().putStream(1, streamOf(bytes))).rejects.toThrow('got other bytes than were sent');
  });
});

describe('a server that is away', () => {
  it('is asked again, and may come back', async () => {
    const store = fresh();
    s3.fault = { kind: 'status', status: 503, code: 'SlowDown' };
    const putting = store.put(1, bytes);
    const back = until(() => s3.requests.length > 0).then(() => (s3.fault = undefined));
    await Promise.all([putting, back]);
    expect(await store.get(1)).toEqual(bytes);
  });

  it('is not asked for ever', async () => {
    s3.fault = { kind: 'status', status: 500, code: 'InternalError' };
    await expect(fresh().put(1, bytes)).rejects.toThrow(/fails \(InternalError, status 500\)/);
    expect(s3.requests).toHaveLength(3);
  });

  it('is named with its address', async () => {
    const store = fresh({ access: { endpoint: 'http://127.0.0.1:1' } });
    await expect(store.get(1)).rejects.toThrow(
      /cannot be reached at http:\/\/127\.0\.0\.1:1 \(ECONNREFUSED\)\. Check that it runs, and AWS_ENDPOINT_URL\.$/,
    );
  });

  it('and takes requests but never answers is waited for no longer than is bearable', async () => {
    const limits = { connectMs: 200, idleMs: 200, callMs: 500 };
    const store = new S3BlobStore({ kind: 's3', bucket: s3.bucket, prefix: 'p' }, s3.access, limits);
    s3.fault = { kind: 'silence' };
    const start = Date.now();
    const asks = [
      store.get(1),
      store.put(1, bytes),
      store.putStream(1, streamOf(bytes)),
      store.delete([1]),
      listed(store),
    ];
    for (const { status, reason } of (await Promise.allSettled(asks)) as PromiseRejectedResult[]) {
      expect(status).toBe('rejected');
      expect(String(reason)).toMatch(/cannot be reached at .* \(no answer in time\)/);
    }
    expect(Date.now() - start).toBeLessThan(8_000); // they are seconds by themselves
  });

  it('and cuts a download off makes that fail', async () => {
    const store = fresh();
    await store.put(1, Buffer.alloc(100_000));
    s3.fault = { kind: 'cut' };
    await expect(store.get(1)).rejects.toThrow(FilesUnavailableError);
    const { stream } = (await store.openStream(1))!;
    await expect(fresh().putStream(2, { size: 100_000, stream })).rejects.toThrow(FilesUnavailableError);
  });
});
