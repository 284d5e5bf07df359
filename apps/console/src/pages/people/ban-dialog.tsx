import { Checkbox, NativeSelect, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { ban, mute } from '../../api/people.js';
import { useAction } from '../../parts/action.js';
import { FormDialog } from '../../parts/form-dialog.jsx';
import { endOf, LastingInput, type Lasting } from '../../parts/lasting.jsx';
import { shortId } from '../../parts/shown.js';
import { useMay } from '../../session/session.js';

interface BanDialogProps {
  kind: 'ban' | 'mute';
  sessionId: string;
  /** Where; without it in the whole server. */
  room?: string;
  onClose(): void;
}

export function BanDialog({ kind, sessionId, room, onClose }: BanDialogProps) {
  const may = useMay();
  const [isEverywhere, setEverywhere] = useState(room === undefined);
  const [lasting, setLasting] = useState<Lasting>();
  const [reason, setReason] = useState('');
  const [deletesPosts, setDeletesPosts] = useState(false);
  const isBan = kind === 'ban';
  const act = useAction<void>({
    run: () => {
      const until = endOf(lasting);
      const about = {
        sessionId,
        ...(until && { until }),
        ...(reason.trim() !== '' && { reason: reason.trim() }),
      };
      if (!isBan) return mute({ ...about, room });
      return ban({ ...about, ...(!isEverywhere && { room }), ...(deletesPosts && { deletePosts: true }) });
    },
    done: `${shortId(sessionId)} was ${isBan ? 'banned' : 'muted'}`,
    changes: [['bans'], ['members'], ['user'], ['users'], ['messages']],
    isQuiet: true,
    onDone: onClose,
  });
  return (
    <FormDialog
      title={isBan ? 'Ban somebody' : 'Mute somebody'}
      isOpen
      onClose={onClose}
      onSubmit={() => act.mutate()}
      submit={isBan ? 'Ban' : 'Mute'}
      isDanger
      isReady={lasting !== ''}
      isBusy={act.isPending}
      error={act.error}
    >
      <Text>
        <code className="wrap-anywhere">{shortId(sessionId)}</code>{' '}
        {isBan ? 'will neither read nor write.' : 'will read along and not write.'}
      </Text>
      {isBan && room !== undefined && may('moderator') && (
        <NativeSelect
          label="Where"
          value={isEverywhere ? 'server' : 'room'}
          onChange={(event) => setEverywhere(event.currentTarget.value === 'server')}
          data={[
            { value: 'room', label: `In ${room}` },
            { value: 'server', label: 'In all rooms of this server' },
          ]}
        />
      )}
      <LastingInput label="For how long" value={lasting} onChange={setLasting} />
      <TextInput
        label="Reason"
        description="For other moderators; the person does not see it."
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        maxLength={200}
      />
      {isBan && (
        <Checkbox
          label={isEverywhere ? 'Delete all their posts, too' : 'Delete their posts in this room, too'}
          checked={deletesPosts}
          onChange={(event) => setDeletesPosts(event.currentTarget.checked)}
        />
      )}
    </FormDialog>
  );
}
