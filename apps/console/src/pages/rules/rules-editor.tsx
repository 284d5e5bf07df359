import { Fieldset, Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Versioned } from '../../api/request.js';
import { readRules, writeRules, type RulesKind } from '../../api/rules.js';
import type { Rules } from '../../api/types.js';
import { useAction } from '../../parts/action.js';
import { Card } from '../../parts/card.jsx';
import { useDraft } from '../../parts/draft.js';
import { SaveBar } from '../../parts/save-bar.jsx';
import { Loaded } from '../../parts/states.jsx';
import { useMay } from '../../session/session.js';
import { AutomodForm } from './automod-form.jsx';
import { FilterForm } from './filter-form.jsx';
import { JsonEditor } from './json-editor.jsx';
import { ruleProblem } from './rule-problem.js';
import { TryIt } from './try-it.jsx';

interface RulesEditorProps {
  kind: RulesKind;
  /** Without it the server's. */
  room?: string;
}

export function RulesEditor({ kind, room }: RulesEditorProps) {
  const query = useQuery({ queryKey: ['rules', room ?? '', kind], queryFn: () => readRules(kind, room) });
  return <Loaded query={query}>{(rules) => <Editor kind={kind} room={room} rules={rules} />}</Loaded>;
}

const NOTES: Readonly<Record<RulesKind, string>> = {
  filters: 'Words and alphabets that nobody is to read here.',
  automod:
    'Rules for floods, copies, links, files and raids. What breaks a rule is refused or hidden at once.',
};

function Editor({ kind, room, rules }: RulesEditorProps & { rules: Versioned<Rules> }) {
  const may = useMay();
  const client = useQueryClient();
  const draft = useDraft(rules);
  const [view, setView] = useState('form');
  const [isWhole, setWhole] = useState(true);
  const canEdit = may('admin', room);
  const save = useAction<void, unknown>({
    run: () => writeRules(kind, room, draft.value, draft.etag),
    done: 'The rules were saved and hold from now on',
    changes: [],
    isQuiet: true,
    onDone: () => void reload(),
  });
  const reload = async (): Promise<void> => {
    await client.invalidateQueries({ queryKey: ['rules', room ?? '', kind] });
    draft.reset();
    save.reset();
  };
  const Form = kind === 'filters' ? FilterForm : AutomodForm;
  return (
    <Stack gap="lg">
      <Card>
        <Group justify="space-between" mb="lg">
          <Text c="dimmed">{NOTES[kind]}</Text>
          <SegmentedControl
            aria-label="How the rules are edited"
            value={view}
            onChange={setView}
            data={[
              { value: 'form', label: 'Form' },
              { value: 'json', label: 'JSON' },
            ]}
          />
        </Group>
        <Fieldset
          variant="unstyled"
          disabled={!canEdit}
          legend={<span className="visually-hidden">Rules</span>}
        >
          {view === 'form' ? (
            <Form rules={draft.value} isRoom={room !== undefined} onChange={draft.change} />
          ) : (
            <JsonEditor rules={draft.value} onChange={draft.change} onWhole={setWhole} />
          )}
        </Fieldset>
        {canEdit ? (
          <SaveBar
            isChanged={draft.isChanged}
            isReady={isWhole || view === 'form'}
            isBusy={save.isPending}
            error={save.error}
            textOf={(error) => ruleProblem(kind, error)}
            onSave={() => save.mutate()}
            onReset={() => void reload()}
          />
        ) : (
          <Text c="dimmed" mt="md">
            Only an admin can change them.
          </Text>
        )}
      </Card>
      <TryIt kind={kind} room={room} rules={draft.value} />
    </Stack>
  );
}
