/** What file names promise. Kinds that people exchange, and all that a system runs when it is opened. */
const TYPES_BY_EXTENSION: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'image/jpeg': 'jpg jpeg jpe jfif',
    'image/png': 'png apng',
    'image/gif': 'gif',
    'image/webp': 'webp',
    'image/bmp': 'bmp dib',
    'image/tiff': 'tif tiff',
    'image/avif': 'avif',
    'image/heic': 'heic',
    'image/heif': 'heif',
    'image/svg+xml': 'svg svgz',
    'image/x-icon': 'ico',
    'video/mp4': 'mp4 m4v',
    'video/webm': 'webm',
    'video/quicktime': 'mov qt',
    'video/matroska': 'mkv',
    'video/vnd.avi': 'avi',
    'video/mpeg': 'mpg mpeg',
    'video/3gpp': '3gp',
    'audio/mpeg': 'mp3',
    'audio/mp4': 'm4a',
    'audio/aac': 'aac',
    'audio/ogg': 'ogg oga opus',
    'audio/wav': 'wav',
    'audio/flac': 'flac',
    'audio/amr': 'amr',
    'application/pdf': 'pdf',
    'application/rtf': 'rtf',
    'application/epub+zip': 'epub',
    'application/msword': 'doc',
    'application/vnd.ms-excel': 'xls',
    'application/vnd.ms-powerpoint': 'ppt',
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
    'application/vnd.openxmlformats-officedocument.presentationml.presentation': 'pptx',
    'application/vnd.ms-word.document.macroenabled.12': 'docm',
    'application/vnd.ms-excel.sheet.macroenabled.12': 'xlsm',
    'application/vnd.oasis.opendocument.text': 'odt',
    'application/vnd.oasis.opendocument.spreadsheet': 'ods',
    'application/vnd.oasis.opendocument.presentation': 'odp',
    'text/plain': 'txt text log',
    'text/markdown': 'md',
    'text/csv': 'csv',
    'text/html': 'html htm xhtml shtml hta',
    'application/json': 'json',
    'application/xml': 'xml',
    'application/zip': 'zip',
    'application/gzip': 'gz tgz',
    'application/x-tar': 'tar',
    'application/x-7z-compressed': '7z',
    'application/x-rar-compressed': 'rar',
    'application/x-bzip2': 'bz2',
    'application/x-xz': 'xz',
    'application/zstd': 'zst',
    'application/vnd.ms-cab-compressed': 'cab',
    'application/x-iso9660-image': 'iso img',
    'application/x-apple-diskimage': 'dmg',
    'application/x-msdownload': 'exe dll scr cpl sys ocx drv pif com',
    'application/x-msi': 'msi msp msix appx',
    'application/x-bat': 'bat cmd',
    'application/x-powershell': 'ps1 psm1',
    'application/x-sh': 'sh bash zsh command run',
    'application/x-elf': 'elf so appimage',
    'application/x-mach-binary': 'dylib',
    'application/vnd.android.package-archive': 'apk apks xapk aab',
    'application/x-ios-app': 'ipa',
    'application/java-archive': 'jar war',
    'application/java-vm': 'class',
    'application/x-deb': 'deb',
    'application/x-rpm': 'rpm',
    'application/x-python': 'py pyc pyw',
    'text/javascript': 'js mjs cjs jse',
    'application/x-vbscript': 'vbs vbe wsf wsh',
    'application/x.ms.shortcut': 'lnk url scf',
    'application/x-ms-regedit': 'reg',
    'application/vnd.ms-htmlhelp': 'chm',
    'application/x-xpinstall': 'xpi',
    'application/x-google-chrome-extension': 'crx',
  }).flatMap(([type, extensions]) => extensions.split(' ').map((extension) => [extension, type] as const)),
);

/** Programs, scripts, packages and shortcuts. */
const EXECUTABLE_TYPES: ReadonlySet<string> = new Set(
  'exe msi bat ps1 sh elf dylib apk ipa jar class deb rpm py js vbs lnk reg chm html xpi crx dmg'
    .split(' ')
    .map((extension) => TYPES_BY_EXTENSION.get(extension)!),
);

/** One thing has many names. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['image/jpg', 'image/jpeg'],
  ['image/pjpeg', 'image/jpeg'],
  ['image/apng', 'image/png'],
  ['image/heic-sequence', 'image/heic'],
  ['image/heif-sequence', 'image/heif'],
  ['image/x-ms-bmp', 'image/bmp'],
  ['image/vnd.microsoft.icon', 'image/x-icon'],
  ['audio/mp3', 'audio/mpeg'],
  ['audio/x-m4a', 'audio/mp4'],
  ['audio/x-wav', 'audio/wav'],
  ['audio/wave', 'audio/wav'],
  ['video/x-m4v', 'video/mp4'],
  ['video/x-matroska', 'video/matroska'],
  ['video/x-msvideo', 'video/vnd.avi'],
  ['application/x-zip-compressed', 'application/zip'],
  ['application/x-rar', 'application/x-rar-compressed'],
  ['application/vnd.rar', 'application/x-rar-compressed'],
  ['application/x-gzip', 'application/gzip'],
  ['application/x-executable', 'application/x-elf'],
  ['application/x-msdos-program', 'application/x-msdownload'],
  ['application/vnd.microsoft.portable-executable', 'application/x-msdownload'],
  ['application/javascript', 'text/javascript'],
  ['application/x-javascript', 'text/javascript'],
  ['application/vnd.debian.binary-package', 'application/x-deb'],
  ['text/xml', 'application/xml'],
]);

/** Kinds that begin with a mark which no true one lacks: a name that promises one lies when the content has none. */
const ALWAYS_MARKED = /^(?:image\/(?!svg)|video\/|application\/(?:pdf|zip)$)/;

/** In lower case, without parameters, under the name that is used here. */
export function mediaTypeOf(written: string): string {
  const type = written.split(';', 1)[0]!.trim().toLowerCase();
  return ALIASES.get(type) ?? type;
}

const EXTENSION = /\.([a-z0-9]{1,12})[\s.]*$/;

/** The last extension, in lower case; undefined when the name has none. Dots and spaces at the end are not seen by Windows. */
export function extensionOf(fileName: string): string | undefined {
  const end = fileName.slice(-64).replace(/[\p{Cf}\p{Cc}]/gu, '');
  return EXTENSION.exec(end.normalize('NFKC').toLowerCase())?.[1];
}

/** What the name promises; undefined for names without an extension, or with one that is not known here. */
export const mediaTypeByName = (fileName: string): string | undefined =>
  TYPES_BY_EXTENSION.get(extensionOf(fileName) ?? '');

const ZIP_INSIDE = /openxmlformats|opendocument|macroenabled|epub\+zip|java-archive|android\.package/;
const CFB_INSIDE = /^application\/(?:msword|vnd\.ms-(?:excel|powerpoint))$/;

/** Whether a file of type `promised` may look like one of type `found`, which many kinds are made of. */
export function isContainerOf(found: string, promised: string): boolean {
  if (found === 'application/zip') return ZIP_INSIDE.test(promised);
  return found === 'application/x-cfb' && CFB_INSIDE.test(promised);
}

export const isAlwaysMarked = (type: string): boolean => ALWAYS_MARKED.test(type);

const TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,99}\/(?:\*|[a-z0-9][a-z0-9!#$&^_.+-]{0,99})$/;
const WRITTEN_EXTENSION = /^\.[a-z0-9]{1,12}$/;
const EXECUTABLE = 'executable';

/** Whether it is an entry of a list of types: `image/png`, `image/*`, `.exe`, or `executable`. */
export function isTypeEntry(text: string): boolean {
  const entry = text.toLowerCase();
  return entry === EXECUTABLE || WRITTEN_EXTENSION.test(entry) || TYPE.test(entry);
}

/** A list of types, compiled. */
export class MediaTypeSet {
  private readonly types: ReadonlySet<string>;
  /** `image/` of `image/*`. */
  private readonly families: readonly string[];
  private readonly extensions: ReadonlySet<string>;
  private readonly hasExecutables: boolean;

  /** `entries` are those of {@link isTypeEntry}. */
  constructor(entries: readonly string[] = []) {
    const lower = entries.map((entry) => entry.toLowerCase());
    const types = lower.filter((entry) => TYPE.test(entry));
    this.types = new Set(types.map(mediaTypeOf));
    this.families = types.filter((type) => type.endsWith('/*')).map((type) => type.slice(0, -1));
    this.extensions = new Set(lower.filter((entry) => entry.startsWith('.')).map((entry) => entry.slice(1)));
    this.hasExecutables = lower.includes(EXECUTABLE);
  }

  hasType(type: string): boolean {
    if (this.hasExecutables && EXECUTABLE_TYPES.has(type)) return true;
    return this.types.has(type) || this.families.some((family) => type.startsWith(family));
  }

  hasExtension(extension: string): boolean {
    return this.extensions.has(extension);
  }
}
