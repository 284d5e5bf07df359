import { Text } from '@mantine/core';
import type { Attachment, Message } from '../../api/types.js';
import { bytesText, shortId } from '../../parts/shown.js';

/** What somebody wrote, as text: nothing of it is markup, a link or an image here. */
export function MessageBody({
  message: { text, quote, attachments = [], reactions = [] },
}: {
  message: Message;
}) {
  const isEmpty = (text === undefined || text === '') && attachments.length === 0;
  return (
    <>
      {quote && (
        <blockquote className="quote">
          {quote.sessionId !== undefined && <span className="author">{shortId(quote.sessionId)} </span>}
          <bdi>{quote.text}</bdi>
        </blockquote>
      )}
      {text !== undefined && text !== '' && (
        <p className="message-text" dir="auto">
          {text}
        </p>
      )}
      {isEmpty && (
        <Text size="sm" c="dimmed">
          Something that only the Session app can show.
        </Text>
      )}
      {attachments.length > 0 && (
        <ul className="chips" aria-label="Attachments">
          {attachments.map((attachment, index) => (
            <li key={index}>{attachmentText(attachment)}</li>
          ))}
        </ul>
      )}
      {reactions.length > 0 && (
        <ul className="chips round" aria-label="Reactions">
          {reactions.map(({ emoji, count }) => (
            <li key={emoji}>
              <bdi>{emoji}</bdi> <span className="count">{count.toLocaleString('en')}</span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function attachmentText({ name, contentType, size }: Attachment): string {
  const what = name ?? contentType ?? 'A file';
  return size === undefined ? what : `${what} · ${bytesText(size)}`;
}
