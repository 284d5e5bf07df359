import { randomBytes } from 'node:crypto';
import {
  call,
  messageBody,
  newAccount,
  type Answer,
  type CallOptions,
  type Community,
} from '../plaza-calls.js';
import type { Account } from '../session-client.js';
import type { Moments } from './fault-run.js';
import type { Ledger } from './ledger.js';
import type { RoomView } from './room-view.js';

/** What a message of one's own may look like, by what was acknowledged and what may have happened. */
interface OwnMessage {
  room: string;
  id: number;
  seqno: number;
  /** Data that it may show; null: that it is deleted. */
  shows: (string | null)[];
  /** By emoji: whether one's own reaction may be there, may not be there, or either. */
  reactions: Map<string, boolean[]>;
  file?: { id: number; bytes: Buffer };
  /** An answer about it was lost, which may still take effect: it is left alone from then on. */
  isDoubtful: boolean;
}

const EMOJI = ['🐟', '👍', '🦀'];
const OWN_MAX = 30;
const DEEDS = { post: 8, edit: 4, delete: 2, react: 4, unreact: 2, file: 2, mail: 3 };

/** A member who writes all kinds of things, one after the other, and remembers what was acknowledged. */
export class Writer {
  readonly account: Account;
  private readonly own: OwnMessage[] = [];
  /** Posts that were not acknowledged: once, or not at all. */
  private readonly lost: { room: string; data: string }[] = [];
  private readonly mail: { to: Account; message: string; isSure: boolean }[] = [];
  private count = 0;
  private current: OwnMessage[] = [];

  constructor(
    readonly name: string,
    private readonly at: Community,
    private readonly parts: { ledger: Ledger; moments: Moments; rooms: readonly string[] },
  ) {
    this.account = newAccount(at);
  }

  async step(peers: readonly Writer[]): Promise<void> {
    const { moments } = this.parts;
    const deed = moments.weighted(DEEDS);
    if (deed === 'post' || this.current.length === 0) return this.post(undefined);
    if (deed === 'file') return this.postFile();
    if (deed === 'mail') return this.write(moments.oneOf(peers).account);
    const message = moments.oneOf(this.current);
    if (deed === 'edit') await this.edit(message);
    else if (deed === 'delete') await this.delete(message);
    else await this.react(message, deed === 'react');
    this.current = this.current.filter(({ isDoubtful, shows }) => !isDoubtful && shows[0] !== null);
  }

  /** Complaints about what is there now. */
  async check(
    view: ReadonlyMap<string, RoomView>,
    mailOf: (account: Account) => Promise<string[]>,
    judgesFiles: boolean,
  ) {
    const complaints: string[] = [];
    for (const message of this.own) complaints.push(...this.checkMessage(message, view.get(message.room)!));
    for (const { room, data } of this.lost)
      if (view.get(room)!.copiesOf(data) > 1) complaints.push(`a post of ${this.name} is there twice`);
    for (const { to, message, isSure } of this.mail) {
      const copies = (await mailOf(to)).filter((each) => each === message).length;
      if (copies > 1 || (isSure && copies === 0))
        complaints.push(`mail of ${this.name} is there ${copies} times, acknowledged: ${isSure}`);
    }
    for (const { room, id, file, shows } of this.own.slice(-OWN_MAX))
      if (judgesFiles && file && !shows.includes(null))
        complaints.push(...(await this.checkFile(room, id, file)));
    return complaints;
  }

  /** In the order in which they were acknowledged. */
  seqnos(room: string): number[] {
    return this.own.filter((message) => message.room === room).map(({ seqno }) => seqno);
  }

  private async ask(what: string, method: string, target: string, options: CallOptions = {}) {
    const asked = () => call(this.at, this.account, method, target, options);
    return this.parts.ledger.attempt<Answer>(this.name, what, asked);
  }

  private text(): { data: string; signature: string } {
    return messageBody(this.account, `${this.name} ${++this.count}`);
  }

  private async post(file: { room: string; id: number; bytes: Buffer } | undefined): Promise<void> {
    const room = file?.room ?? this.parts.moments.oneOf(this.parts.rooms);
    const json = { ...this.text(), ...(file && { files: [file.id] }) };
    const { outcome, answer } = await this.ask('post', 'POST', `/room/${room}/message`, { json });
    if (outcome === 'unknown') this.lost.push({ room, data: json.data });
    if (outcome !== 'acknowledged') return;
    const { id, seqno } = answer!.json as { id: number; seqno: number };
    const reactions = new Map<string, boolean[]>();
    const message = { room, id, seqno, shows: [json.data], reactions, isDoubtful: false };
    this.own.push({ ...message, ...(file && { file }) });
    this.current = [...this.current, this.own.at(-1)!].slice(-OWN_MAX);
  }

  private async postFile(): Promise<void> {
    const [room, body] = [this.parts.moments.oneOf(this.parts.rooms), randomBytes(2_000)];
    const { outcome, answer } = await this.ask('upload', 'POST', `/room/${room}/file`, { body });
    if (outcome === 'acknowledged') await this.post({ room, id: answer!.json.id, bytes: body });
  }

  private async write(to: Account): Promise<void> {
    const message = randomBytes(60).toString('base64');
    const { outcome } = await this.ask('mail', 'POST', `/inbox/${to.blindedId}`, { json: { message } });
    if (outcome !== 'refused') this.mail.push({ to, message, isSure: outcome === 'acknowledged' });
  }

  private async edit(message: OwnMessage): Promise<void> {
    const json = this.text();
    const target = `/room/${message.room}/message/${message.id}`;
    const { outcome } = await this.ask('edit', 'PUT', target, { json });
    settle(message, outcome, { shows: json.data });
  }

  private async delete(message: OwnMessage): Promise<void> {
    const { outcome } = await this.ask('delete', 'DELETE', `/room/${message.room}/message/${message.id}`);
    settle(message, outcome, { shows: null });
  }

  private async react(message: OwnMessage, wants: boolean): Promise<void> {
    const emoji = this.parts.moments.oneOf(EMOJI);
    const target = `/room/${message.room}/reaction/${message.id}/${encodeURIComponent(emoji)}`;
    const what = wants ? 'react' : 'unreact';
    const { outcome } = await this.ask(what, wants ? 'PUT' : 'DELETE', target);
    const before = message.reactions.get(emoji) ?? [false];
    if (outcome === 'acknowledged') message.reactions.set(emoji, [wants]);
    if (outcome !== 'unknown') return;
    message.reactions.set(emoji, [...before, wants]);
    message.isDoubtful = true;
  }

  private checkMessage({ id, shows, reactions }: OwnMessage, view: RoomView): string[] {
    const found = view.message(id);
    const about = `message ${id} of ${this.name}`;
    if (!shows.includes(found?.data ?? null))
      return [`${about} shows ${found?.data ?? 'nothing'}, not one of ${shows.join(', ')}`];
    if (!found) return [];
    if (view.copiesOf(found.data!) > 1) return [`${about} is there twice`];
    return [...reactions].flatMap(([emoji, may]) => {
      const has = found.reactions?.[emoji]?.reactors?.includes(this.account.blindedId) ?? false;
      return may.includes(has) ? [] : [`${about}: the reaction ${emoji} is ${has ? '' : 'not '}there`];
    });
  }

  private async checkFile(room: string, id: number, file: { id: number; bytes: Buffer }): Promise<string[]> {
    const { status, body } = await call(this.at, this.account, 'GET', `/room/${room}/file/${file.id}`);
    return status === 200 && body.equals(file.bytes)
      ? []
      : [`file ${file.id} of message ${id}: ${status}, ${body.length} bytes`];
  }
}

function settle(message: OwnMessage, outcome: string, { shows }: { shows: string | null }): void {
  if (outcome === 'acknowledged') message.shows = [shows];
  if (outcome !== 'unknown') return;
  message.shows.push(shows);
  message.isDoubtful = true;
}
