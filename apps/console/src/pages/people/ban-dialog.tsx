import { Checkbox, NativeSelect, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { ban, mute } from '../../api/people.js';
import { tell } from '../../parts/action.js';
import { useConfirmedAction } from '../../parts/confirmed-action.js';
import { FormDialog } from '../../parts/form-dialog.jsx';
import { endOf, LastingInput, type Lasting } from '../../parts/lasting.jsx';
import { shortId } from '../../parts/shown.js';
import { SummaryList } from '../../parts/summary-list.jsx';
import { useMay } from '../../session/session.js';
import { StandingSanctions, useSanctions } from './standing-sanctions.jsx';

interface BanDialogProps {
  kind: 'ban' | 'mute';
  sessionId: string;
  /** Where; without it in the whole server. */
  room?: string;
  onClose(): void;
}

interface Sanction {
  isEverywhere: boolean;
  lasting: Lasting;
  reason: string;
  deletesPosts: boolean;
}

export function BanDialog({ kind, sessionId, room, onClose }: BanDialogProps) {
  const [sanction, setSanction] = useState<Sanction>({
    isEverywhere: room === undefined,
    lasting: undefined,
    reason: '',
    deletesPosts: false,
  });
  const isBan = kind === 'ban';
  const known = useSanctions(sessionId);
  const { act, isBusy, error, asked, drop } = useConfirmedAction({
    run: (confirmationToken) => impose({ kind, sessionId, room }, sanction, confirmationToken),
    changes: [['bans'], ['members'], ['user'], ['users'], ['messages']],
    onDone: () => {
      tell(`${shortId(sessionId)} was ${isBan ? 'banned' : 'muted'}`);
      onClose();
    },
  });
  const dialog = { isOpen: true, onSubmit: act, isDanger: true, isBusy, error };
  if (asked)
    return (
      <FormDialog {...dialog} title="Ban, and delete all posts?" onClose={drop} submit="Ban and delete all">
        <SummaryList summary={asked.summary} />
      </FormDialog>
    );
  return (
    <FormDialog
      {...dialog}
      title={isBan ? 'Ban somebody' : 'Mute somebody'}
      onClose={onClose}
      submit={isBan ? 'Ban' : 'Mute'}
      isReady={sanction.lasting !== '' && !known.isPending}
    >
      <Text>
        <code className="wrap-anywhere">{shortId(sessionId)}</code>{' '}
        {isBan ? 'will neither read nor write.' : 'will read along and not write.'}
      </Text>
      <SanctionFields isBan={isBan} room={room} sanction={sanction} onChange={setSanction} />
      <StandingSanctions
        known={known}
        wanted={{ kind, room: sanction.isEverywhere ? undefined : room, until: endOf(sanction.lasting) }}
      />
    </FormDialog>
  );
}

function impose(
  { kind, sessionId, room }: Omit<BanDialogProps, 'onClose'>,
  { isEverywhere, lasting, reason, deletesPosts }: Sanction,
  confirmationToken: string | undefined,
): Promise<void> {
  const until = endOf(lasting);
  const about = {
    sessionId,
    ...(until && { until }),
    ...(reason.trim() !== '' && { reason: reason.trim() }),
  };
  if (kind === 'mute') return mute({ ...about, room });
  const wish = { ...about, ...(!isEverywhere && { room }), ...(deletesPosts && { deletePosts: true }) };
  return ban(wish, confirmationToken);
}

interface SanctionFieldsProps {
  isBan: boolean;
  room: string | undefined;
  sanction: Sanction;
  onChange(sanction: Sanction): void;
}

function SanctionFields({ isBan, room, sanction, onChange }: SanctionFieldsProps) {
  const may = useMay();
  const { isEverywhere, lasting, reason, deletesPosts } = sanction;
  const change = (part: Partial<Sanction>): void => onChange({ ...sanction, ...part });
  return (
    <>
      {isBan && room !== undefined && may('moderator') && (
        <NativeSelect
          label="Where"
          value={isEverywhere ? 'server' : 'room'}
          onChange={(event) => change({ isEverywhere: event.currentTarget.value === 'server' })}
          data={[
            { value: 'room', label: `In ${room}` },
            { value: 'server', label: 'In all rooms of this server' },
          ]}
        />
      )}
      <LastingInput label="For how long" value={lasting} onChange={(value) => change({ lasting: value })} />
      <TextInput
        label="Reason"
        description="For other moderators; the person does not see it."
        value={reason}
        onChange={(event) => change({ reason: event.currentTarget.value })}
        maxLength={200}
      />
      {isBan && (
        <Checkbox
          label={isEverywhere ? 'Delete all their posts, too' : 'Delete their posts in this room, too'}
          checked={deletesPosts}
          onChange={(event) => change({ deletesPosts: event.currentTarget.checked })}
        />
      )}
    </>
  );
}
