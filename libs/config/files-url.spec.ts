import { filesUrl, formatFilesUrl, overlap } from './files-url.js';

const parse = (text: string) => filesUrl.parse(text, { cwd: '/srv/plaza' });

describe('the address of the files', () => {
  it.each([
    ['file:/var/files', '/var/files'],
    ['file:///var/my files', '/var/my files'],
    ['file:files', '/srv/plaza/files'],
    ['file:./files/', '/srv/plaza/files'],
    ['file:../files', '/srv/files'],
  ])('%s is the folder %s', (text, path) => {
    expect(parse(text)).toEqual({ kind: 'folder', path });
    expect(parse(formatFilesUrl(parse(text)!))).toEqual(parse(text));
  });

  it.each([
    ['s3://bucket', 'bucket', ''],
    ['s3://bucket/', 'bucket', ''],
    ['s3://My_Bucket.1/a', 'My_Bucket.1', 'a'],
    ['s3://bucket/a/b-c_d.e/', 'bucket', 'a/b-c_d.e'],
  ])('%s is the bucket %s with the prefix "%s"', (text, bucket, prefix) => {
    expect(parse(text)).toEqual({ kind: 's3', bucket, prefix });
    expect(parse(formatFilesUrl(parse(text)!))).toEqual(parse(text));
  });

  it.each([
    '/var/files',
    'files',
    'file:',
    'file://',
    'file://host/files',
    'file:////files',
    'file:///my%20files',
    'file:~/files',
    'FILE:/files',
    'http://host/bucket',
    's3:bucket',
    's3://',
    's3:///prefix',
    's3://b',
    's3://-bucket',
    's3://key:secret@bucket',
    's3://bucket:9000/prefix',
    's3://bucket//prefix',
    's3://bucket/a//b',
    's3://bucket/../other',
    's3://bucket/./a',
    's3://bucket/a b',
    's3://bucket/a?endpoint=x',
    's3://bucket/a#b',
    's3://bucket/a%2Fb',
    `s3://bucket/${'a'.repeat(501)}`,
  ])('refuses %s', (text) => expect(parse(text)).toBeUndefined());
});

describe('two places', () => {
  it.each([
    ['file:/a', 'file:/a/'],
    ['file:/a', 'file:/a/b'],
    ['file:/', 'file:/a'],
    ['s3://bucket', 's3://bucket/a'],
    ['s3://bucket/a', 's3://bucket/a/b'],
  ])('overlap: %s and %s', (one, other) => {
    expect(overlap(parse(one)!, parse(other)!)).toBe(true);
    expect(overlap(parse(other)!, parse(one)!)).toBe(true);
  });

  it.each([
    ['file:/a', 'file:/ab'],
    ['file:/a/b', 'file:/a/c'],
    ['file:/bucket', 's3://bucket'],
    ['s3://bucket', 's3://bucket2'],
    ['s3://bucket/a', 's3://bucket/ab'],
  ])('are apart: %s and %s', (one, other) => {
    expect(overlap(parse(one)!, parse(other)!)).toBe(false);
    expect(overlap(parse(other)!, parse(one)!)).toBe(false);
  });
});
