import { ActionIcon, Badge, Checkbox, Menu } from '@mantine/core';
import { pinMessage, unpinMessage } from '../../api/messages.js';
import type { Message } from '../../api/types.js';
import { useAction } from '../../parts/action.js';
import { Icon } from '../../parts/icon.jsx';
import { PersonAvatar, PersonLink } from '../../parts/person.jsx';
import { shortId } from '../../parts/shown.js';
import { ClockTime } from '../../parts/time.jsx';
import { useMay } from '../../session/session.js';
import { SanctionItems } from '../people/sanction-items.jsx';
import type { FeedDialog } from './feed-dialogs.jsx';
import { MessageBody } from './message-body.jsx';

interface MessageItemProps {
  room: string;
  message: Message;
  canModerate: boolean;
  isChosen: boolean;
  onToggle(): void;
  onDialog(kind: FeedDialog['kind']): void;
}

export function MessageItem(props: MessageItemProps) {
  const { message, canModerate, isChosen, onToggle } = props;
  const { sessionId, displayName, postedAt, editedAt } = message;
  const who = displayName === undefined || displayName === '' ? shortId(sessionId) : displayName;
  return (
    <li className={isChosen ? 'message chosen' : 'message'} data-message={message.id}>
      {canModerate && (
        <Checkbox
          checked={isChosen}
          onChange={onToggle}
          aria-label={`Select the message of ${who}`}
          className="message-check"
          size="xs"
        />
      )}
      <PersonAvatar sessionId={sessionId} name={displayName} />
      <article>
        <header className="byline">
          {displayName !== undefined && displayName !== '' && <bdi className="author">{displayName}</bdi>}
          <PersonLink sessionId={sessionId} />
          <ClockTime at={postedAt} />
          {editedAt !== undefined && <span>edited</span>}
          <Marks message={message} />
        </header>
        <MessageBody message={message} />
      </article>
      {canModerate && <MessageMenu {...props} who={who} />}
    </li>
  );
}

function Marks({ message }: { message: Message }) {
  const { isByServer, isPinned, isFiltered, whisperTo, isForModerators } = message;
  return (
    <>
      {isByServer && <Badge color="gray">The server itself</Badge>}
      {isPinned && <Badge leftSection={<Icon name="pin" size={12} />}>Pinned</Badge>}
      {isFiltered && <Badge color="yellow">Hidden by a filter</Badge>}
      {isForModerators && <Badge color="gray">To moderators</Badge>}
      {whisperTo !== undefined && <Badge color="gray">Whisper to {shortId(whisperTo)}</Badge>}
    </>
  );
}

function MessageMenu({ room, message, who, onDialog }: MessageItemProps & { who: string }) {
  const may = useMay();
  const { id, isByServer, isPinned } = message;
  const pin = useAction<void>({
    run: () => (isPinned ? unpinMessage(room, id) : pinMessage(room, id)),
    done: isPinned ? 'The message is no longer pinned' : 'The message was pinned',
    changes: [['messages', room]],
  });
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={`Actions for the message of ${who}`}
          className="message-menu"
        >
          <Icon name="more" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {may('admin', room) && (
          <Menu.Item leftSection={<Icon name="pin" />} onClick={() => pin.mutate()}>
            {isPinned ? 'Unpin' : 'Pin'}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<Icon name="trash" />} onClick={() => onDialog('delete')}>
          Delete …
        </Menu.Item>
        {!isByServer && <SanctionItems whom="the author" onAsk={onDialog} />}
      </Menu.Dropdown>
    </Menu>
  );
}
