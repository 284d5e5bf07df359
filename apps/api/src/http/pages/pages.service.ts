import { Injectable } from '@nestjs/common';
import { toBuffer as qrCodePng } from 'qrcode';
import { joinLink, publicOrigin } from '../../../../../libs/community/join-link.js';
import { MessagesService } from '../../../../../libs/community/messages.service.js';
import { RoomsService } from '../../../../../libs/community/rooms.service.js';
import { ServerIdentity } from '../../../../../libs/community/server-identity.js';
import { Config } from '../../../../../libs/config/config.js';
import { BoundedCache } from '../../../../../libs/protocol/bounded-cache.js';
import { parseRoomToken, roomTokenKey, type RoomToken } from '../../../../../libs/protocol/ids.js';
import type { RoomObject } from '../../../../../libs/protocol/schemas/room.schema.js';
import type { WireRequest, WireResponse } from '../../../../../libs/protocol/wire.js';
import { UnavailableError } from '../../../../../libs/protocol/unavailable-error.js';
import { FailureLog } from '../../failure-log.js';
import { indexPage } from './index-page.js';
import { isKeyOfLink } from './join-link-key.js';
import { PageAssets } from './page-assets.js';
import { assetResponse, htmlResponse, redirect } from './page-response.js';
import { refusalPage, refusalStatus, type Refusal } from './refusal-page.js';
import { roomPage } from './room-page.js';
import { SharedAnswers } from './shared-answers.js';
import { shownMessages } from './shown-message.js';

const KEPT_FOR_MS = 2_000;
const ROOM_PAGES_KEPT_MAX = 64;
const QR_CODES_KEPT_MAX = 256;
const INDEX_ROOMS_MAX = 500;
const MESSAGES_MAX = 50;
const INVITE_MAX_AGE_SECONDS = 600;
const QR_CODE = { errorCorrectionLevel: 'M', margin: 3, scale: 8 } as const;

/** Where a browser came: needed for links when no PUBLIC_URL is set. */
export interface Visit {
  port: number;
}

/** The pages for people (protocol.md §11). Everybody sees what an anonymous client would; nobody is asked who they are. */
@Injectable()
export class PagesService {
  private readonly log = new FailureLog('pages');
  private readonly assets = new PageAssets();
  private readonly indexes = new SharedAnswers<WireResponse>({ entriesMax: 1, keptForMs: KEPT_FOR_MS });
  private readonly roomPages = new SharedAnswers<WireResponse>({
    entriesMax: ROOM_PAGES_KEPT_MAX,
    keptForMs: KEPT_FOR_MS,
  });
  private readonly publicRooms = new SharedAnswers<{ token: RoomToken; read: boolean }>({
    entriesMax: QR_CODES_KEPT_MAX,
    keptForMs: KEPT_FOR_MS,
  });
  private readonly qrCodes = new BoundedCache<string, Buffer>(QR_CODES_KEPT_MAX);

  constructor(
    private readonly rooms: RoomsService,
    private readonly messages: MessagesService,
    private readonly identity: ServerIdentity,
    private readonly config: Config,
  ) {}

  /** `GET /` */
  async index(visit: Visit): Promise<WireResponse> {
    if (!this.config.showIndex) return this.refusal('noIndex', visit);
    const answer = await this.indexes.get('', async () => {
      const all = (await this.rooms.list(undefined)).filter(({ read }) => read).sort(livelierFirst);
      const rooms = all.slice(0, INDEX_ROOMS_MAX);
      return htmlResponse(200, indexPage(this.frame(visit), { rooms, more: all.length - rooms.length }));
    });
    return answer!;
  }

  /** `GET /r/ROOM/`. A key in the query is that of the join link by which somebody came. */
  async room(token: string, request: Pick<WireRequest, 'rawQuery'>, visit: Visit): Promise<WireResponse> {
    if (isForOther(request.rawQuery, this.identity.keys.publicKey)) return this.refusal('otherServer', visit);
    const parsed = parseRoomToken(token);
    const answer =
      parsed && (await this.roomPages.get(roomTokenKey(parsed), () => this.makeRoomPage(parsed, visit)));
    return answer ?? this.refusal('noSuchRoom', visit);
  }

  /** `GET /r/ROOM` goes to the page, with the key of the link if there is one. */
  bareRoom(token: string, { rawQuery }: Pick<WireRequest, 'rawQuery'>, visit: Visit): WireResponse {
    if (!parseRoomToken(token)) return this.refusal('noSuchRoom', visit);
    const key = new URLSearchParams(rawQuery).get('public_key');
    return redirect(308, `/r/${token}/${key === null ? '' : `?public_key=${encodeURIComponent(key)}`}`);
  }

  /** `GET /r/ROOM/invite.png` */
  async invite(token: string, visit: Visit): Promise<WireResponse> {
    const room = await this.publicRoom(token);
    if (!room) return this.refusal('noSuchRoom', visit);
    if (!room.read) return this.refusal('hiddenRoom', visit);
    const png = await this.qrCode(this.joinLink(room.token, visit));
    return assetResponse('image/png', png, { 'cache-control': `public, max-age=${INVITE_MAX_AGE_SECONDS}` });
  }

  /** `GET /pages/NAME`: undefined when there is no such file. */
  asset(name: string, request: WireRequest): WireResponse | undefined {
    return this.assets.answer(name, request);
  }

  /** Whether there is a room that has the name of this path, such as one that is called `rooms`. */
  async isRoom(path: string): Promise<boolean> {
    return (await this.publicRoom(path.slice(1))) !== undefined;
  }

  private async publicRoom(token: string): Promise<{ token: RoomToken; read: boolean } | undefined> {
    const parsed = parseRoomToken(token);
    return (
      parsed &&
      this.publicRooms.get(roomTokenKey(parsed), async () => {
        const access = await this.rooms.open(parsed, undefined);
        return access && { token: access.room.token, read: access.read };
      })
    );
  }

  /** A browser that opens a join link (protocol.md §11); undefined for any other request. */
  joinLinkLanding(request: WireRequest, visit: Visit): WireResponse | undefined {
    const { method, path, rawQuery, headers } = request;
    if ((method !== 'GET' && method !== 'HEAD') || !rawQuery.includes('public_key=')) return undefined;
    const token = parseRoomToken(path.slice(1));
    if (!token || !new URLSearchParams(rawQuery).has('public_key')) return undefined;
    if (Object.keys(headers).some((name) => name.startsWith('x-sogs-'))) return undefined;
    return isForOther(rawQuery, this.identity.keys.publicKey)
      ? this.refusal('otherServer', visit)
      : redirect(302, `/r/${token}/`);
  }

  /** What somebody sees when a page could not be made. */
  failure(error: unknown, visit: Visit): WireResponse {
    if (error instanceof UnavailableError) {
      this.log.unavailable('a page', error);
      const response = this.refusal('busy', visit);
      return { ...response, headers: { ...response.headers, 'retry-after': '5' } };
    }
    this.log.failed('a page', error);
    return this.refusal('broken', visit);
  }

  private async makeRoomPage(token: RoomToken, visit: Visit): Promise<WireResponse | undefined> {
    const access = await this.rooms.open(token, undefined);
    if (!access) return undefined;
    if (!access.read) return this.refusal('hiddenRoom', visit);
    const room = await this.rooms.object(access);
    const messages = this.config.showRecent
      ? await this.messages.recent(access, { limit: MESSAGES_MAX, reactors: 0 })
      : undefined;
    const page = roomPage(this.frame(visit), {
      room,
      origin: publicOrigin(this.config, visit.port),
      joinLink: this.joinLink(access.room.token, visit),
      messages: messages && shownMessages(messages, room),
    });
    return htmlResponse(200, page);
  }

  private refusal(refusal: Refusal, visit: Visit): WireResponse {
    return htmlResponse(refusalStatus(refusal), refusalPage(this.frame(visit), refusal));
  }

  private frame({ port }: Visit) {
    const { host } = new URL(publicOrigin(this.config, port));
    return { host, assets: this.assets.paths, hasIndex: this.config.showIndex };
  }

  private joinLink(token: RoomToken, { port }: Visit): string {
    return joinLink(publicOrigin(this.config, port), token, this.identity.keys.publicKeyHex);
  }

  private async qrCode(text: string): Promise<Buffer> {
    const known = this.qrCodes.get(text);
    if (known) return known;
    const png = await qrCodePng(text, QR_CODE);
    this.qrCodes.set(text, png);
    return png;
  }
}

function isForOther(rawQuery: string, publicKey: Buffer): boolean {
  const key = new URLSearchParams(rawQuery).get('public_key');
  return key !== null && !isKeyOfLink(key, publicKey);
}

const livelierFirst = (a: RoomObject, b: RoomObject): number => b.active_users - a.active_users;
