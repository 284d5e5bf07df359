import { Checkbox, MultiSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { changeWebhook, createWebhook, readWebhook, type WebhookInput } from '../../api/access.js';
import type { Webhook } from '../../api/types.js';
import { useAction } from '../../parts/action.js';
import { FormDialog } from '../../parts/form-dialog.jsx';
import { listOf } from '../../parts/list-text.js';
import { SecretDialog } from '../../parts/secret-dialog.jsx';
import { wordsOf } from '../../parts/shown.js';
import { ErrorState, LoadingState } from '../../parts/states.jsx';
import { WEBHOOK_EVENTS } from './webhook-events.js';

/** A new webhook, or the change of an old one from the version that is there now. */
export function WebhookDialog({ id, onClose }: { id: string | undefined; onClose(): void }) {
  const query = useQuery({
    queryKey: ['webhooks', 'one', id],
    queryFn: () => readWebhook(id!),
    enabled: id !== undefined,
    staleTime: 0,
    gcTime: 0,
  });
  if (id === undefined) return <WebhookForm onClose={onClose} />;
  if (query.data) return <WebhookForm webhook={query.data.value} etag={query.data.etag} onClose={onClose} />;
  return (
    <FormDialog title="Webhook" isOpen onClose={onClose} onSubmit={onClose} submit="Close">
      {query.isError ? <ErrorState error={query.error} /> : <LoadingState rows={3} />}
    </FormDialog>
  );
}

function WebhookForm({ webhook, etag, onClose }: { webhook?: Webhook; etag?: string; onClose(): void }) {
  const [name, setName] = useState(webhook?.name ?? '');
  const [url, setUrl] = useState(webhook?.url ?? '');
  const [events, setEvents] = useState(webhook?.events ?? []);
  const [rooms, setRooms] = useState(webhook?.rooms?.join(', ') ?? '');
  const [isActive, setActive] = useState(webhook?.isActive ?? true);
  const save = useAction<void, Webhook | undefined>({
    run: async () => {
      const scope = listOf(rooms);
      const input: WebhookInput = {
        name: name.trim(),
        url: url.trim(),
        events,
        ...(scope.length > 0 && { rooms: scope }),
      };
      if (!webhook) return createWebhook(input);
      await changeWebhook(webhook.id, { ...input, isActive }, etag);
      return undefined;
    },
    done: webhook ? 'The webhook was changed' : undefined,
    changes: [['webhooks']],
    isQuiet: true,
    onDone: (made) => {
      if (made?.secret === undefined) onClose();
    },
  });
  if (save.data?.secret !== undefined)
    return (
      <SecretDialog title="The signing secret" secret={save.data.secret} onClose={onClose}>
        Whoever receives the deliveries checks their signatures with it. It will not be shown again.
      </SecretDialog>
    );
  return (
    <FormDialog
      title={webhook ? 'Edit the webhook' : 'New webhook'}
      isOpen
      onClose={onClose}
      onSubmit={() => save.mutate()}
      submit={webhook ? 'Save' : 'Create the webhook'}
      isReady={/^https?:\/\/\S+$/.test(url.trim()) && events.length > 0}
      isBusy={save.isPending}
      error={save.error}
    >
      <TextInput
        label="Name"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
      />
      <TextInput
        label="Address"
        placeholder="https://bot.example.org/plaza"
        value={url}
        onChange={(event) => setUrl(event.currentTarget.value)}
        spellCheck={false}
        required
      />
      <MultiSelect
        label="Events"
        data={[...new Set([...WEBHOOK_EVENTS, ...events])].map((value) => ({ value, label: wordsOf(value) }))}
        value={events}
        onChange={setEvents}
        required
      />
      <TextInput
        label="Rooms"
        description="Tokens, with commas between them. None: the whole server."
        value={rooms}
        onChange={(event) => setRooms(event.currentTarget.value)}
        spellCheck={false}
      />
      {webhook && (
        <Checkbox
          label="Active"
          checked={isActive}
          onChange={(event) => setActive(event.currentTarget.checked)}
        />
      )}
    </FormDialog>
  );
}
