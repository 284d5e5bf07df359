import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { RoomAccess } from '../../../../libs/community/room-access.js';
import { FilesService } from '../../../../libs/community/files.service.js';
import { attachmentDisposition, givenFileName } from '../../../../libs/protocol/file-name.js';
import { CONTENT_TYPE_BYTES, jsonResponse, type WireResponse } from '../../../../libs/protocol/wire.js';
import { HeldBytes } from '../held-bytes.js';
import { route, type Handler } from '../dispatch/route.js';

const uploadedObject = z.object({ id: z.number().int().describe('File id, to be named in a message') });

/** Bytes are moved, looked at and made to last. */
const UPLOAD_COST = 20;

/** Uploads and downloads (protocol.md §8). */
@Injectable()
export class FilesHandler implements Handler {
  constructor(
    private readonly files: FilesService,
    private readonly held: HeldBytes,
  ) {}

  readonly routes = [
    route({
      method: 'POST',
      path: '/room/{room}/file',
      summary: 'Uploads a file: the body is its bytes, Content-Disposition its name',
      auth: 'user',
      access: 'upload',
      takesBytes: true,
      cost: UPLOAD_COST,
      response: uploadedObject,
      successStatus: 201,
      handle: async ({ identity, access, request }) => {
        const name = givenFileName(request.headers['content-disposition']);
        return jsonResponse({ id: await this.files.upload(identity, access, request.body, name) }, 201);
      },
    }),
    route({
      method: 'GET',
      path: '/room/{room}/file/{id}',
      summary: 'Downloads a file',
      auth: 'public',
      access: 'read',
      response: 'bytes',
      handle: ({ access, params }) => this.download(access, params.number('id')),
    }),
    route({
      method: 'GET',
      path: '/room/{room}/file/{id}/{name...}',
      summary: 'The same; the name is for people to see and means nothing here',
      auth: 'public',
      access: 'read',
      response: 'bytes',
      handle: ({ access, params }) => this.download(access, params.number('id')),
    }),
  ];

  private async download(access: RoomAccess, id: number): Promise<WireResponse> {
    const { file, bytes } = await this.files.download(access, id, (size, read) =>
      this.held.during(size, read),
    );
    return {
      status: 200,
      headers: {
        'content-type': CONTENT_TYPE_BYTES,
        'content-disposition': attachmentDisposition(file.filename),
        date: httpDate(file.uploadedAt),
        ...(file.expiresAt !== null && { expires: httpDate(file.expiresAt) }),
      },
      body: bytes,
    };
  }
}

const httpDate = (seconds: number): string => new Date(seconds * 1000).toUTCString();
