import { Button, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { deletePosts } from '../../api/people.js';
import { tell } from '../../parts/action.js';
import { useConfirmedAction } from '../../parts/confirmed-action.js';
import { FormDialog } from '../../parts/form-dialog.jsx';
import { Icon } from '../../parts/icon.jsx';
import { shortId } from '../../parts/shown.js';
import { SummaryList } from '../../parts/summary-list.jsx';

/**
 * All that somebody posted: in a room, or everywhere, for which the server wants to be asked twice and tells in its
 * first answer what would be gone.
 */
export function DeletePostsButton({ sessionId, room }: { sessionId: string; room?: string }) {
  const rooms = room === undefined ? undefined : [room];
  const [isOpen, dialog] = useDisclosure();
  const { act, isBusy, error, asked, drop } = useConfirmedAction({
    run: (confirmationToken) => deletePosts(sessionId, rooms, confirmationToken),
    changes: [['jobs'], ['messages'], ['user', sessionId]],
    tellsFirstFailure: rooms === undefined,
    onDone: () => {
      dialog.close();
      tell(`The posts of ${shortId(sessionId)} are being deleted`);
    },
  });
  const isAsked = isOpen || asked !== undefined;
  const close = (): void => {
    dialog.close();
    drop();
  };
  return (
    <>
      <Button
        variant="default"
        size={room === undefined ? 'sm' : 'xs'}
        leftSection={<Icon name="trash" size={16} />}
        onClick={rooms ? dialog.open : act}
        loading={isBusy && !isAsked}
        aria-label={room === undefined ? undefined : `Delete posts: ${room}`}
      >
        Delete posts
      </Button>
      <FormDialog
        title="Delete all posts?"
        isOpen={isAsked}
        onClose={close}
        onSubmit={act}
        submit="Delete all"
        isDanger
        isBusy={isBusy}
        error={error}
      >
        <Text>
          Everything that <code>{shortId(sessionId)}</code> posted{' '}
          {room === undefined ? 'in any room' : `in ${room}`} is gone for everybody, with its files.
        </Text>
        <SummaryList summary={asked?.summary} />
      </FormDialog>
    </>
  );
}
