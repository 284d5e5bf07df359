import { Textarea } from '@mantine/core';
import { useState } from 'react';
import type { Rules } from '../../api/types.js';
import { useUnsavedChanges } from '../../parts/unsaved-changes.js';
import { parseRules } from './rules-json.js';

interface JsonEditorProps {
  rules: Rules;
  onChange(rules: Rules): void;
  /** Whether the text is JSON right now. */
  onWhole(isWhole: boolean): void;
}

export function JsonEditor({ rules, onChange, onWhole }: JsonEditorProps) {
  const [text, setText] = useState(() => JSON.stringify(rules, undefined, 2));
  const [problem, setProblem] = useState<string>();
  // What is no JSON yet is not in the draft.
  useUnsavedChanges(problem !== undefined);
  // The rules were replaced from outside: discarded, or loaded anew.
  const [seen, setSeen] = useState(rules);
  if (rules !== seen) {
    setSeen(rules);
    setText(JSON.stringify(rules, undefined, 2));
    setProblem(undefined);
  }
  const type = (typed: string): void => {
    setText(typed);
    const parsed = parseRules(typed);
    const isWhole = !('problem' in parsed);
    setProblem(isWhole ? undefined : parsed.problem);
    onWhole(isWhole);
    if (!isWhole) return;
    setSeen(parsed.rules);
    onChange(parsed.rules);
  };
  return (
    <Textarea
      label="Rules as JSON"
      description="As plaza filter and plaza automod print and take them."
      value={text}
      onChange={(event) => type(event.currentTarget.value)}
      error={problem}
      autosize
      minRows={12}
      maxRows={30}
      spellCheck={false}
      classNames={{ input: 'code-input' }}
    />
  );
}
