import { LocalEventWindows } from '../../libs/coordination/local-event-windows.js';
import type { AttachedFile, AutomodFacts, Standing } from '../../libs/moderation/automod-post.js';
import { overlayAutomod, parseServerAutomod } from '../../libs/moderation/automod-rules.js';
import { Automod, type AutomodFinding } from '../../libs/moderation/automod.js';
import { contentBytes, type WrittenContent } from './content-writer.js';

export interface WrittenPost {
  author?: number;
  files?: readonly Partial<AttachedFile>[];
  standing?: Partial<Standing>;
  isEdit?: boolean;
  /** Instead of a content. */
  data?: Buffer;
}

const ESTABLISHED: Standing = { ageSeconds: 1e9, posts: 1e6 };
const NO_FILE: AttachedFile = { id: 1, mediaType: null, filename: null, sha256: null, imageHash: null };

/** A room with automod rules, its time in the test's hand, and real counters. */
export class AutomodRoom {
  now = 1_700_000_000;
  /** What rules asked about authors, in order. */
  readonly asked: string[] = [];
  readonly automod: Automod;
  private readonly windows = new LocalEventWindows({ clock: { nowSeconds: () => this.now } });

  constructor(
    rules: object,
    readonly id = 1,
  ) {
    this.automod = new Automod(overlayAutomod(parseServerAutomod(rules), {}));
  }

  post(content: WrittenContent | string, post: WrittenPost = {}): Promise<AutomodFinding[]> {
    const { author = 7, files = [], isEdit = false } = post;
    const data = post.data ?? contentBytes(typeof content === 'string' ? { body: content } : content);
    return this.automod.judge(
      {
        data,
        room: { id: this.id },
        author: { id: author },
        files: files.map((file) => ({ ...NO_FILE, ...file })),
        isEdit,
      },
      this.facts(post.standing),
    );
  }

  /** The rules that a post breaks. */
  async broken(content: WrittenContent | string, post: WrittenPost = {}): Promise<string[]> {
    return (await this.post(content, post)).map(({ rule }) => rule);
  }

  join(user: number, standing: Partial<Standing> = {}): Promise<AutomodFinding | undefined> {
    return this.automod.judgeJoin({ room: { id: this.id }, user: { id: user } }, this.facts(standing));
  }

  private facts(standing: Partial<Standing> = {}): AutomodFacts {
    return {
      standing: async () => {
        this.asked.push('standing');
        return { ...ESTABLISHED, ...standing };
      },
      record: (window, ...rest) => {
        this.asked.push(window);
        return this.windows.record(window, ...rest);
      },
    };
  }
}
