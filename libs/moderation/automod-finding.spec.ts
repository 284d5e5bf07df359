import fc from 'fast-check';
import { strongestFirst, verdictOf, type AutomodFinding } from './automod-finding.js';

const finding = (parts: Partial<AutomodFinding> = {}): AutomodFinding => ({
  rule: 'flood',
  action: 'reject',
  notify: false,
  dryRun: false,
  detail: {},
  ...parts,
});

describe('the order of findings', () => {
  it('is by what they do: silence before a refusal, dry runs last', () => {
    const findings = [
      finding({ action: 'delete', dryRun: true }),
      finding({ action: 'reject' }),
      finding({ action: 'hide' }),
      finding({ action: 'delete' }),
    ];
    expect(strongestFirst(findings).map(({ action, dryRun }) => [action, dryRun])).toEqual([
      ['delete', false],
      ['hide', false],
      ['reject', false],
      ['delete', true],
    ]);
  });

  it('is by bans and mutes among equals; a ban without end is the longest', () => {
    const findings = [
      finding(),
      finding({ muteSeconds: 5 }),
      finding({ muteSeconds: 60 }),
      finding({ banSeconds: 5 }),
      finding({ banSeconds: 0 }),
      finding({ banSeconds: 0, muteSeconds: 1 }),
    ];
    expect(strongestFirst(findings)).toEqual(findings.toReversed());
  });

  it('keeps equals as they are', () => {
    const findings = ['links', 'mentions', 'length'].map((rule) => finding({ rule: rule as 'links' }));
    expect(strongestFirst(findings)).toEqual(findings);
  });
});

describe('the verdict', () => {
  it('is to pass without findings, or with dry runs only', () => {
    expect(verdictOf([])).toEqual({ notify: false });
    expect(verdictOf([finding({ dryRun: true, banSeconds: 0, notify: true })])).toEqual({ notify: false });
  });

  it('is the strongest action, the longest mute and ban, and told to moderators if any wants it', () => {
    expect(
      verdictOf([
        finding({ rule: 'length', action: 'reject', muteSeconds: 600, notify: true }),
        finding({ rule: 'images', action: 'hide', muteSeconds: 5, banSeconds: 60 }),
        finding({ rule: 'links', action: 'reject', banSeconds: 30 }),
        finding({ rule: 'raid', action: 'delete', banSeconds: 0, dryRun: true }),
      ]),
    ).toEqual({ action: 'hide', rule: 'images', muteSeconds: 600, banSeconds: 60, notify: true });
  });

  it('has a ban without end before any other', () => {
    expect(verdictOf([finding({ banSeconds: 99 }), finding({ banSeconds: 0 })])).toMatchObject({
      banSeconds: 0,
    });
    expect(verdictOf([finding()])).toEqual({ action: 'reject', rule: 'flood', notify: false });
  });

  it('does not depend on the order of findings', () => {
    const any = fc.record(
      {
        action: fc.constantFrom('hide', 'reject', 'delete'),
        muteSeconds: fc.integer({ min: 1, max: 9 }),
        banSeconds: fc.nat(9),
        notify: fc.boolean(),
        dryRun: fc.boolean(),
      },
      { requiredKeys: ['action', 'notify', 'dryRun'] },
    );
    fc.assert(
      fc.property(fc.array(any, { maxLength: 6 }), (parts) => {
        const findings = parts.map((each) => finding(each as Partial<AutomodFinding>));
        expect(verdictOf(findings.toReversed())).toEqual(verdictOf(findings));
      }),
    );
  });
});
