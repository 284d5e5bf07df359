import type { Target } from './coverage-guided.js';

const words = (...texts: string[]): Buffer[] => texts.map((text) => Buffer.from(text, 'latin1'));

/** Refusals of the protocol's kind are what is wanted; anything else goes on. */
function refusing(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if ((error as { name?: string }).name !== 'WireError' || (error as { status?: number }).status !== 400)
      throw error;
  }
}

/** By name; each loads what it tries when its coverage is counted already. */
export const TARGETS: Record<string, () => Promise<Target>> = {
  'a bencoded list': async () => {
    const { decodeByteStrings, encodeByteStrings } = await import('../../libs/protocol/bencode.js');
    return {
      seeds: words('', 'le', 'l5:hello0:e'),
      words: words('l', 'e', ':', '0:', '10:', '999999999:'),
      run: (bytes) => {
        const parts = decodeByteStrings(bytes, 2);
        if (parts && !encodeByteStrings(parts).equals(bytes))
          throw new Error('it is not written as it was read');
      },
    };
  },
  'a JSON body': async () => {
    const { parseJson } = await import('../../libs/protocol/json.js');
    return {
      seeds: words('', '{"a":[1,"\\"]"]}', '['.repeat(40)),
      words: words('"', '\\', '[', ']', '{', '}', '\\u0000', '[[[[[[[[[[[[[[[[', '"__proto__":'),
      run: (bytes) => refusing(() => JSON.stringify(parseJson(bytes, 32))),
    };
  },
  'the content of a message': async () => {
    const { readContent } = await import('../../libs/protocol/content.js');
    const { contentBytes } = await import('../support/content-writer.js');
    const whole = contentBytes({
      body: 'a',
      displayName: 'b',
      timestampMs: 1,
      attachments: [{ fileName: 'c' }],
      quote: { timestampMs: 1, author: 'd' },
      previews: [{ url: 'e' }],
      invitation: { url: 'f' },
    });
    return {
      seeds: [Buffer.alloc(0), whole],
      words: words('\x0a', '\x0b', '\x0c', '\x08', '\x80\x80', '\xff\xff\xff\xff\x0f', '\xaa\x06'),
      run: (bytes) => void readContent(bytes),
    };
  },
  'the envelope of an onion': async () => {
    const { parseEnvelope } = await import('../../libs/onion-gateway/envelope.js');
    const control = `{"ephemeral_key":"${'ab'.repeat(32)}","enc_type":"gcm"}`;
    return {
      seeds: [Buffer.alloc(0), Buffer.from(`\x02\0\0\0xx${control}`, 'latin1')],
      words: words('"enc_type":', '"xchacha20"', 'null', '"ephemeral_key":', '\0\0\0\0', '{', '}'),
      run: (bytes) => refusing(() => parseEnvelope(bytes)),
    };
  },
  'the inside of an onion': async () => {
    const [{ onionV3 }, { onionV4 }] = [
      await import('../../libs/onion-gateway/onion-v3.js'),
      await import('../../libs/onion-gateway/onion-v4.js'),
    ];
    const limits = { jsonDepthMax: 32, httpHeaderBytesMax: 1024 };
    const metadata = '{"method":"POST","endpoint":"/a%20?b","headers":{"A":"b"},"body":"x"}';
    return {
      seeds: words(metadata, `l${metadata.length}:${metadata}1:xe`),
      words: words(
        '"method":',
        '"endpoint":',
        '"headers":',
        '"body":',
        '"GET"',
        'null',
        '%ff',
        '"/"',
        'l69:',
        '{',
        '}',
      ),
      run: (bytes) => {
        for (const version of [onionV3, onionV4])
          try {
            version.readRequest(bytes, limits);
          } catch (error) {
            if (![400, 404].includes((error as { status: number }).status)) throw error;
          }
      },
    };
  },
  'a path, ids, base64 and hex': async () => {
    const { parseTarget } = await import('../../libs/protocol/wire.js');
    const { decodeBase64, decodeHexOrBase64 } = await import('../../libs/protocol/encodings.js');
    const { parseSessionId, parseRoomToken } = await import('../../libs/protocol/ids.js');
    const { storedFileName, attachmentDisposition } = await import('../../libs/protocol/file-name.js');
    return {
      seeds: words('/room/lobby?limit=1', 'QUJD', `15${'ab'.repeat(32)}`),
      words: words('%', '%41', '%ff', '?', '/', '=', '==', '15', '05'),
      run: (bytes) => {
        const text = bytes.toString();
        refusing(() => parseTarget(text));
        decodeBase64(text);
        decodeHexOrBase64(text, 33);
        parseSessionId(text);
        parseRoomToken(text);
        attachmentDisposition(storedFileName(text, 64));
      },
    };
  },
  'links in a text': async () => {
    const { someLink } = await import('../../libs/moderation/links/links.js');
    return {
      seeds: words('see https://example.org/a and example[.]com', 'http://1.2.3.4:80'),
      words: words('http', '://', '.', '[.]', '.com', '@', '/', ' ', '(', ')', '\xc2\xad'),
      run: (bytes) => void someLink(bytes.toString(), () => false),
    };
  },
  'a planted bug': async () => {
    const { plantedBug } = await import('./planted-bug.js');
    return { seeds: words('nothing'), words: [], run: plantedBug };
  },
};
