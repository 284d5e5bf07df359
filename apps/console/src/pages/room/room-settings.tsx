import { Checkbox, Fieldset, NumberInput, SimpleGrid, Stack, Textarea, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiProblem } from '../../api/problem.js';
import { changeRoom } from '../../api/rooms.js';
import type { Room, RoomDefaults } from '../../api/types.js';
import { useAction } from '../../parts/action.js';
import { Card } from '../../parts/card.jsx';
import { useDraft } from '../../parts/draft.js';
import { SaveBar } from '../../parts/save-bar.jsx';
import { counted } from '../../parts/shown.js';
import { useMay } from '../../session/session.js';
import { DeleteRoom } from './delete-room.jsx';
import { RoomImage } from './room-image.jsx';
import { changesOf } from './room-changes.js';

/** As the server takes it. */
const RETENTION_DAYS_MAX = 36_500;

const DEFAULTS: readonly { key: keyof RoomDefaults; label: string; description: string }[] = [
  { key: 'accessible', label: 'See that it exists', description: 'Also where they may not read.' },
  { key: 'read', label: 'Read', description: 'Messages and files.' },
  { key: 'write', label: 'Write', description: 'Messages and reactions.' },
  { key: 'upload', label: 'Upload', description: 'Files and images.' },
];

export function RoomSettings({ room, etag }: { room: Room; etag: string | undefined }) {
  const may = useMay();
  const isAdmin = may('admin', room.token);
  return (
    <Stack gap="lg">
      <Details room={room} etag={etag} isLocked={!isAdmin} />
      {isAdmin && <RoomImage room={room} />}
      {isAdmin && <DeleteRoom room={room} etag={etag} />}
    </Stack>
  );
}

function Details({ room, etag, isLocked }: { room: Room; etag: string | undefined; isLocked: boolean }) {
  const client = useQueryClient();
  const { token } = room;
  const draft = useDraft({ value: room, etag });
  const { value } = draft;
  const [isAgreed, setAgreed] = useState(false);
  const isLosing = isShortened(room, value);
  const set = (part: Partial<Room>): void => draft.change({ ...value, ...part });
  const save = useAction<void, unknown>({
    run: () => changeRoom(token, changesOf(room, value), draft.etag),
    done: 'The room was changed',
    changes: [['rooms']],
    isQuiet: true,
    onDone: () => void reload(),
  });
  const reload = async (): Promise<void> => {
    await client.invalidateQueries({ queryKey: ['room', token] });
    draft.reset();
    setAgreed(false);
    save.reset();
  };
  const errors = save.error instanceof ApiProblem ? save.error.fieldErrors : {};
  return (
    <Card title="Room" note={isLocked ? 'Only an admin of the room can change it.' : undefined}>
      <Fieldset variant="unstyled" disabled={isLocked} legend={<span className="visually-hidden">Room</span>}>
        <Stack maw={640}>
          <TextInput
            label="Name"
            value={value.name}
            onChange={(event) => set({ name: event.currentTarget.value })}
            error={errors['name']}
            maxLength={200}
            required
          />
          <Textarea
            label="Description"
            value={value.description ?? ''}
            onChange={(event) => set({ description: event.currentTarget.value })}
            error={errors['description']}
            autosize
            minRows={3}
            maxRows={12}
            maxLength={4_000}
          />
          <DefaultsFields value={value.defaults} onChange={(defaults) => set({ defaults })} />
          <LimitFields value={value} onChange={set} />
          {isLosing && (
            <Checkbox
              label={`Delete all messages that are older than ${counted(value.retentionDays ?? 0, 'day', 'days')}`}
              description="They and their files will be gone for good."
              checked={isAgreed}
              onChange={(event) => setAgreed(event.currentTarget.checked)}
            />
          )}
        </Stack>
      </Fieldset>
      {!isLocked && (
        <SaveBar
          isChanged={draft.isChanged}
          isReady={value.name.trim() !== '' && (isAgreed || !isLosing)}
          isBusy={save.isPending}
          error={save.error}
          onSave={() => save.mutate()}
          onReset={() => void reload()}
        />
      )}
    </Card>
  );
}

function DefaultsFields({ value, onChange }: { value: RoomDefaults; onChange(value: RoomDefaults): void }) {
  return (
    <Fieldset legend="What everybody may do" radius="md">
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        {DEFAULTS.map(({ key, label, description }) => (
          <Checkbox
            key={key}
            label={label}
            description={description}
            checked={value[key]}
            onChange={(event) => onChange({ ...value, [key]: event.currentTarget.checked })}
          />
        ))}
      </SimpleGrid>
    </Fieldset>
  );
}

/** Whether messages that are kept now will not be kept any more. */
const isShortened = (before: Room, after: Room): boolean =>
  after.retentionDays !== undefined && after.retentionDays < (before.retentionDays ?? Infinity);

/** Empty: no limit of the room's own. */
const numberOf = (value: number | string): number | undefined =>
  typeof value === 'number' ? value : undefined;

function LimitFields({ value, onChange }: { value: Room; onChange(part: Partial<Room>): void }) {
  const { retentionDays, rateLimit } = value;
  return (
    <SimpleGrid cols={{ base: 1, xs: 3 }}>
      <NumberInput
        label="Keep messages (days)"
        placeholder="For ever"
        value={retentionDays ?? ''}
        onChange={(days) => onChange({ retentionDays: numberOf(days) })}
        min={1}
        max={RETENTION_DAYS_MAX}
        allowDecimal={false}
      />
      <NumberInput
        label="Posts per user"
        placeholder="As the server"
        value={rateLimit?.posts ?? ''}
        onChange={(posts) => {
          const count = numberOf(posts);
          onChange({
            rateLimit: count === undefined ? undefined : { windowSeconds: 60, ...rateLimit, posts: count },
          });
        }}
        min={1}
        allowDecimal={false}
      />
      <NumberInput
        label="… in seconds"
        value={rateLimit?.windowSeconds ?? ''}
        disabled={rateLimit === undefined}
        onChange={(seconds) => {
          const count = numberOf(seconds);
          if (rateLimit && count !== undefined)
            onChange({ rateLimit: { ...rateLimit, windowSeconds: count } });
        }}
        min={1}
        allowDecimal={false}
      />
    </SimpleGrid>
  );
}
