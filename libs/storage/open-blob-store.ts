import type { FilesLocation, S3Access } from '../config/files-url.js';
import type { BlobStore } from './blob-store.js';
import { FolderBlobStore } from './folder-blob-store.js';
import { S3BlobStore } from './s3-blob-store.js';

/** The one place that chooses. Nothing is touched or connected before the first use. */
export const openBlobStore = ({ files, s3 }: { files: FilesLocation; s3: S3Access }): BlobStore =>
  files.kind === 'folder' ? new FolderBlobStore(files.path) : new S3BlobStore(files, s3);
