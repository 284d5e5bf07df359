import fc from 'fast-check';
import { fillTemplate, translateReferencePlaceholders, unknownPlaceholder } from './reply-template.js';

const CONTEXT = { displayName: 'Ada', sessionId: '15ab', roomName: 'Fishing', roomToken: 'fish' };

it.each([
  ['Hi {name} ({mention}) in {room}/{token}', 'Hi Ada (@15ab) in Fishing/fish'],
  ['{name}{name}', 'AdaAda'],
  ['{{name} is {name}', '{name} is Ada'],
  ['{ name } {} } {', '{ name } {} } {'],
  ['$& $1 {name}', '$& $1 Ada'],
])('%j says %j', (template, text) => {
  expect(fillTemplate(template, CONTEXT)).toBe(text);
  expect(unknownPlaceholder(template)).toBeUndefined();
});

it('has nothing for an author without a name', () => {
  expect(fillTemplate('<{name}>', { ...CONTEXT, displayName: undefined })).toBe('<>');
});

it.each([
  ['a placeholder', '{token} $& $$', '{token} $& $$'],
  ['a line break', 'a\n\nb\u2028c', 'a b c'],
  ['a long text', '👋'.repeat(1000), '👋'.repeat(100)],
])('is not led astray by %s in a name', (_, displayName, shown) => {
  expect(fillTemplate('{name}', { ...CONTEXT, displayName })).toBe(shown);
});

it.each(['{nick}', 'x {Name}', '{toString}'])('knows that %j is no placeholder', (template) =>
  expect(unknownPlaceholder(template)).toMatch(/^\{\w+\}$/),
);

describe('a reply of the reference server', () => {
  it.each([
    [String.raw`\@: no, \p! (\r, \t)\nBye`, '{mention}: no, {name}! ({room}, {token})\nBye'],
    [String.raw`\\p \x \ {room}`, String.raw`\p \x \ {{room}`],
    ['\\', '\\'],
    [String.raw`\{x}`, String.raw`\{{x}`],
  ])('%j becomes %j', (reply, template) => expect(translateReferencePlaceholders(reply)).toBe(template));

  it('has no placeholder of ours by accident', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}name@\\prt n') }), (reply) => {
        expect(unknownPlaceholder(translateReferencePlaceholders(reply))).toBeUndefined();
      }),
    );
  });
});
