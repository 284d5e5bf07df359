import { Button, Text } from '@mantine/core';
import { useState } from 'react';
import { deletePosts } from '../../api/people.js';
import { ApiProblem, type ProblemBody } from '../../api/problem.js';
import { tell, useAction } from '../../parts/action.js';
import { FormDialog } from '../../parts/form-dialog.jsx';
import { Icon } from '../../parts/icon.jsx';
import { shortId } from '../../parts/shown.js';
import { SummaryList } from '../../parts/summary-list.jsx';

/**
 * All that somebody posted: in a room, or everywhere, for which the server wants to be asked twice and tells in its
 * first answer what would be gone.
 */
export function DeletePostsButton({ sessionId, room }: { sessionId: string; room?: string }) {
  const [asked, setAsked] = useState<ProblemBody>();
  const rooms = room === undefined ? undefined : [room];
  const finish = (): void => {
    setAsked(undefined);
    tell(`The posts of ${shortId(sessionId)} are being deleted`);
  };
  const first = useAction<void>({
    run: async () => {
      if (rooms) return setAsked({});
      try {
        await deletePosts(sessionId, rooms);
        finish();
      } catch (error) {
        if (!(error instanceof ApiProblem) || error.kind !== 'confirmation-required') throw error;
        setAsked(error.body);
      }
    },
    changes: [],
  });
  const second = useAction<void>({
    run: () => deletePosts(sessionId, rooms, asked?.confirmationToken),
    changes: [['jobs'], ['messages'], ['user', sessionId]],
    isQuiet: true,
    onDone: finish,
  });
  return (
    <>
      <Button
        variant="default"
        size={room === undefined ? 'sm' : 'xs'}
        leftSection={<Icon name="trash" size={16} />}
        onClick={() => first.mutate()}
        loading={first.isPending}
        aria-label={room === undefined ? undefined : `Delete posts: ${room}`}
      >
        Delete posts
      </Button>
      <FormDialog
        title="Delete all posts?"
        isOpen={asked !== undefined}
        onClose={() => setAsked(undefined)}
        onSubmit={() => second.mutate()}
        submit="Delete all"
        isDanger
        isBusy={second.isPending}
        error={second.error}
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
