import {
  Button,
  Checkbox,
  Fieldset,
  Group,
  NativeSelect,
  Paper,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { wordsOf } from '../../parts/shown.js';
import { REPLY_LABELS, REPLY_TYPES, type Reply } from './filter-choices.js';
import { LinesInput } from './lines-input.jsx';

interface ReplyFieldsProps {
  replies: readonly Reply[];
  onChange(replies: Reply[]): void;
}

/** What the room answers to somebody whose message was filtered. */
export function ReplyFields({ replies, onChange }: ReplyFieldsProps) {
  const free = REPLY_TYPES.filter((type) => replies.every((reply) => reply.type !== type));
  const replace = (index: number, reply: Reply): void =>
    onChange(replies.map((each, at) => (at === index ? reply : each)));
  return (
    <Fieldset legend="Replies" radius="md">
      <Stack gap="md">
        {replies.length === 0 && (
          <Text size="sm" c="dimmed">
            Nobody is told that a message was filtered.
          </Text>
        )}
        {replies.map((reply, index) => (
          <ReplyCard
            key={reply.type}
            reply={reply}
            types={[reply.type, ...free]}
            onChange={(changed) => replace(index, changed)}
            onRemove={() => onChange(replies.filter((_, at) => at !== index))}
          />
        ))}
        <Group>
          <Button
            variant="default"
            size="xs"
            disabled={free.length === 0}
            onClick={() => onChange([...replies, { type: free[0]!, templates: [] }])}
          >
            Add a reply
          </Button>
        </Group>
      </Stack>
    </Fieldset>
  );
}

interface ReplyCardProps {
  reply: Reply;
  types: readonly string[];
  onChange(reply: Reply): void;
  onRemove(): void;
}

function ReplyCard({ reply, types, onChange, onRemove }: ReplyCardProps) {
  return (
    <Paper withBorder p="md" radius="md">
      <Stack gap="sm">
        <Group align="flex-end" gap="sm">
          <NativeSelect
            label={REPLY_LABELS.type}
            value={reply.type}
            onChange={(event) => onChange({ ...reply, type: event.currentTarget.value })}
            data={types.map((value) => ({ value, label: value === '*' ? 'Anything' : wordsOf(value) }))}
            flex="1 1 10rem"
          />
          <TextInput
            label={REPLY_LABELS.profileName}
            value={reply.profileName ?? ''}
            onChange={(event) => onChange(withName(reply, event.currentTarget.value))}
            maxLength={64}
            flex="1 1 10rem"
          />
          <Button variant="subtle" color="red" onClick={onRemove}>
            Remove
          </Button>
        </Group>
        <LinesInput
          label={REPLY_LABELS.templates}
          description="One per line; one is chosen each time. {name}, {mention}, {room} and {token} are filled in."
          value={reply.templates ?? []}
          onChange={(templates) => onChange({ ...reply, templates })}
          rows={2}
        />
        <Checkbox
          label={REPLY_LABELS.public}
          checked={reply.public ?? false}
          onChange={(event) => onChange({ ...reply, public: event.currentTarget.checked })}
        />
      </Stack>
    </Paper>
  );
}

const withName = (reply: Reply, name: string): Reply => ({
  ...reply,
  // Left out of the JSON.
  profileName: name === '' ? undefined : name,
});
