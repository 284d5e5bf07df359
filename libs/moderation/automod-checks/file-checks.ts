import { IMAGE_DISTANCE_DEFAULT } from '../automod-limits.js';
import type { AttachedFile } from '../automod-post.js';
import type { AutomodRule } from '../automod-rules.js';
import type { FindingDetail } from '../automod-finding.js';
import { ImageHashes } from '../image-hashes.js';
import {
  extensionOf,
  isAlwaysMarked,
  isContainerOf,
  MediaTypeSet,
  mediaTypeByName,
  mediaTypeOf,
} from '../media-types.js';
import type { Check } from './judged-post.js';

/** Kinds of files, by content and by name: denied when either is, allowed when both are. And how many. */
export function filesCheck({ allowTypes, denyTypes, perMessageMax }: AutomodRule<'files'>): Check {
  const denied = new MediaTypeSet(denyTypes);
  const allowed = allowTypes && new MediaTypeSet(allowTypes);
  const isWrong = (kind: FileKind): boolean =>
    isDenied(kind, denied) || (allowed !== undefined && !isAllowed(kind, allowed));
  return ({ files, fileCount, content }) => {
    if (perMessageMax !== undefined && fileCount > perMessageMax)
      return { files: fileCount, limit: perMessageMax };
    const wrong =
      files.map(kindOfFile).find(isWrong) ??
      // What clients show beside a file is written in the message once more.
      content.attachments
        .map(({ fileName, contentType }) => kindOfShown(fileName, contentType))
        .find((kind) => isDenied(kind, denied) || (allowed && kind.byName && !isAllowed(kind, allowed)));
    return wrong && kindDetail(wrong);
  };
}

interface FileKind {
  readonly byContent: string | undefined;
  readonly byName: string | undefined;
  readonly extension: string | undefined;
  /** Whether somebody looked for what it is. */
  readonly isKnown: boolean;
}

const kindOfFile = ({ mediaType, filename, sha256 }: AttachedFile): FileKind => ({
  byContent: mediaType === null ? undefined : mediaTypeOf(mediaType),
  byName: mediaTypeByName(filename ?? ''),
  extension: extensionOf(filename ?? ''),
  isKnown: sha256 !== null,
});

const GENERIC_TYPE = 'application/octet-stream';

function kindOfShown(fileName = '', contentType = GENERIC_TYPE): FileKind {
  const type = mediaTypeOf(contentType);
  return {
    byContent: type === GENERIC_TYPE || type === '' ? undefined : type,
    byName: mediaTypeByName(fileName),
    extension: extensionOf(fileName),
    isKnown: false,
  };
}

const isDenied = ({ byContent, byName, extension }: FileKind, denied: MediaTypeSet): boolean =>
  (byContent !== undefined && denied.hasType(byContent)) ||
  (byName !== undefined && denied.hasType(byName)) ||
  (extension !== undefined && denied.hasExtension(extension));

function isAllowed({ byContent, byName, extension, isKnown }: FileKind, allowed: MediaTypeSet): boolean {
  const isNameAllowed =
    (byName !== undefined && allowed.hasType(byName)) ||
    (extension !== undefined && allowed.hasExtension(extension));
  if (byContent !== undefined) {
    const isAsPromised =
      isNameAllowed && (byContent === byName || (byName !== undefined && isContainerOf(byContent, byName)));
    return isAsPromised || (allowed.hasType(byContent) && (isNameAllowed || byName === undefined));
  }
  const isLie = isKnown && byName !== undefined && isAlwaysMarked(byName);
  return isNameAllowed && !isLie;
}

const kindDetail = ({ byContent, byName, extension }: FileKind): FindingDetail => ({
  ...(byContent !== undefined && { type: byContent }),
  ...(byName !== undefined && { typeByName: byName }),
  ...(byName === undefined && extension !== undefined && { extension }),
});

/** Images that are on a list, byte for byte or by their looks. */
export function imagesCheck({ hashes, distanceMax = IMAGE_DISTANCE_DEFAULT }: AutomodRule<'images'>): Check {
  const listed = new ImageHashes(hashes, distanceMax);
  return ({ files }) => {
    for (const { sha256, imageHash } of files) {
      const found = (sha256 && listed.findFile(sha256)) ?? (imageHash && listed.findImage(imageHash));
      if (found) return { ...found };
    }
    return undefined;
  };
}
