import type { MessageObject } from '../../../libs/protocol/schemas/message.schema.js';
import { ModelReader, type Change } from '../model-reader.js';
import { call, type Community } from '../plaza-calls.js';
import type { Account } from '../session-client.js';

/** What a client shows of a room. */
export class RoomView {
  private readonly byId: Map<number, MessageObject>;
  private readonly copies = new Map<string, number>();

  constructor(readonly messages: readonly MessageObject[]) {
    this.byId = new Map(messages.map((message) => [message.id, message]));
    for (const { data } of messages) if (data) this.copies.set(data, this.copiesOf(data) + 1);
  }

  message(id: number): MessageObject | undefined {
    return this.byId.get(id);
  }

  copiesOf(data: string): number {
    return this.copies.get(data) ?? 0;
  }
}

const POLL_TARGET = (room: string, since: number) =>
  `/room/${room}/messages/since/${since}?t=r&limit=256&reactors=20`;

/** A client that polls a room all the time, trusts the numbers, and must end up where a fresh one does. */
export class RoomWatcher {
  private readonly reader = new ModelReader();

  constructor(
    readonly room: string,
    private readonly at: Community,
    private readonly account: Account,
  ) {}

  /** One page. Rejects when it is not answered with one. */
  async poll(): Promise<void> {
    await this.reader.poll((since) => this.page(since), { untilQuiet: false });
  }

  /** Complaints about what it shows, against a reader that begins at the beginning; and what that one shows. */
  async compare(): Promise<{ view: RoomView; complaints: string[] }> {
    const fresh = new ModelReader();
    for (const reader of [fresh, this.reader])
      await reader.poll((since) => this.page(since), { untilQuiet: true });
    const [shown, expected] = [this.reader.shown(), fresh.shown()];
    const missed = expected.filter((each, at) => JSON.stringify(each) !== JSON.stringify(shown[at]));
    const complaints =
      missed.length === 0 && shown.length === expected.length
        ? []
        : [
            `who polled ${this.room} shows ${shown.length} messages, who came later ${expected.length}; ` +
              `first difference: ${JSON.stringify(missed[0])}`,
          ];
    return { view: new RoomView(expected), complaints };
  }

  private async page(since: number): Promise<Change[]> {
    const { status, json, text } = await call(this.at, this.account, 'GET', POLL_TARGET(this.room, since));
    if (status !== 200) throw new Error(`the poll was answered ${status} ${text}`);
    return json as Change[];
  }
}
