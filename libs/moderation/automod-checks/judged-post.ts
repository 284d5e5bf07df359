import { readContent, type MessageContent } from '../../protocol/content.js';
import type { AttachedFile, AutomodFacts, AutomodPost, Standing } from '../automod-post.js';
import type { FindingDetail } from '../automod-finding.js';
import { fingerprint, type Fingerprint } from '../fingerprint.js';
import { judgedText, judgedTexts } from '../judged-text.js';
import { linkText } from '../links/link-text.js';

/** Looks at a post by one rule: what is wrong with it, if anything. */
export type Check = (post: JudgedPost) => FindingDetail | undefined | Promise<FindingDetail | undefined>;

/** A post with what rules want to know of it, each worked out once, when the first rule asks. */
export class JudgedPost {
  readonly isEdit: boolean;
  private readonly known: {
    content?: MessageContent;
    bodyText?: string;
    otherTexts?: readonly string[];
    fingerprint?: Fingerprint | undefined;
    standing?: Promise<Standing>;
  } = {};

  constructor(
    private readonly post: AutomodPost,
    private readonly facts: AutomodFacts,
  ) {
    this.isEdit = post.isEdit ?? false;
  }

  /** What cannot be read may be of a newer client: it has no texts (clients.md, "What is inside data"). */
  get content(): MessageContent {
    return (this.known.content ??= readContent(this.post.data) ?? { attachments: [] });
  }

  get body(): string {
    return this.content.body ?? '';
  }

  /** As `linkText` gives it. */
  get bodyText(): string {
    return (this.known.bodyText ??= linkText(judgedText(this.body)));
  }

  /** The other places that links are put in, no more of them together than of the body, as `linkText` gives them. */
  get otherTexts(): readonly string[] {
    return (this.known.otherTexts ??= judgedTexts(textsBesideBody(this.content)).map(linkText));
  }

  /** Of the body. */
  get fingerprint(): Fingerprint | undefined {
    if (!('fingerprint' in this.known)) this.known.fingerprint = fingerprint(this.body);
    return this.known.fingerprint;
  }

  get files(): readonly AttachedFile[] {
    return this.post.files;
  }

  /** Those that the post takes, or those that it shows: clients write down both. */
  get fileCount(): number {
    return Math.max(this.post.files.length, this.content.attachments.length);
  }

  standing(): Promise<Standing> {
    return (this.known.standing ??= this.facts.standing());
  }

  /** Counts this post in a window of the room, as the author's. `name`: `flood`, `copies/…`. */
  record(name: string, seconds: number, eventsMax?: number): Promise<{ events: number; members: number }> {
    const window = `${this.post.room.id}/${name}`;
    return this.facts.record(window, this.author, seconds, eventsMax);
  }

  get author(): string {
    return String(this.post.author.id);
  }
}

const textsBesideBody = ({ displayName, previews = [], invitation }: MessageContent): string[] =>
  [
    displayName,
    ...previews.flatMap(({ url, title }) => [url, title]),
    invitation?.url,
    invitation?.name,
  ].filter((text) => text !== undefined);
