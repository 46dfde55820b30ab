import assert from 'node:assert/strict';
import { DigitMerge } from '../../../lib/calls/digits/merge';
import type { DigitEvent } from '../../../lib/calls/types';

type Report = [digit: string, method: DigitEvent['method'], atMs: number, durationMs: number];

/** The reports that count, in order. */
function merged(...reports: Report[]): string {
  const merge = new DigitMerge();
  return reports
    .filter(([digit, method, atMs, durationMs]) => merge.accept({ digit, method, atMs, durationMs }))
    .map(([digit]) => digit)
    .join('');
}

describe('calls: one press reported by two methods', () => {
  const CASES: [name: string, expected: string, reports: Report[]][] = [
    [
      'one method alone',
      '555',
      [
        ['5', 'rfc4733', 0, 100],
        ['5', 'rfc4733', 150, 100],
        ['5', 'rfc4733', 300, 100],
      ],
    ],
    [
      'event and tone together',
      '5',
      [
        ['5', 'rfc4733', 1000, 100],
        ['5', 'inband', 1010, 80],
      ],
    ],
    [
      'tone found first',
      '5',
      [
        ['5', 'inband', 1010, 80],
        ['5', 'rfc4733', 1000, 100],
      ],
    ],
    [
      'event when the gateway had heard the whole tone',
      '5',
      [
        ['5', 'inband', 1000, 100],
        ['5', 'rfc4733', 1350, 20],
      ],
    ],
    [
      'pressed twice, events after the tones',
      '55',
      [
        ['5', 'inband', 1000, 80],
        ['5', 'inband', 1160, 80],
        ['5', 'rfc4733', 1290, 20],
        ['5', 'rfc4733', 1450, 20],
      ],
    ],
    [
      'tone a little late',
      '5',
      [
        ['5', 'rfc4733', 1000, 100],
        ['5', 'inband', 1190, 60],
      ],
    ],
    [
      'tone too late: another press',
      '55',
      [
        ['5', 'rfc4733', 1000, 100],
        ['5', 'inband', 1210, 60],
      ],
    ],
    [
      'different digits at one time',
      '56',
      [
        ['5', 'rfc4733', 1000, 100],
        ['6', 'inband', 1000, 100],
      ],
    ],
    [
      'INFO half a second later',
      '5',
      [
        ['5', 'rfc4733', 1000, 100],
        ['5', 'info', 1590, 160],
      ],
    ],
    [
      'INFO much later',
      '55',
      [
        ['5', 'rfc4733', 1000, 100],
        ['5', 'info', 1610, 160],
      ],
    ],
    [
      'INFO before the event',
      '5',
      [
        ['5', 'info', 1000, 160],
        ['5', 'rfc4733', 1400, 100],
      ],
    ],
    [
      'all three methods',
      '5',
      [
        ['5', 'rfc4733', 1000, 100],
        ['5', 'inband', 1010, 80],
        ['5', 'info', 1200, 160],
      ],
    ],
    [
      'pressed twice, reported twice each',
      '55',
      [
        ['5', 'rfc4733', 0, 60],
        ['5', 'inband', 10, 50],
        ['5', 'rfc4733', 100, 60],
        ['5', 'inband', 110, 50],
      ],
    ],
    [
      'pressed twice, the tones found later',
      '55',
      [
        ['5', 'rfc4733', 0, 60],
        ['5', 'rfc4733', 100, 60],
        ['5', 'inband', 10, 50],
        ['5', 'inband', 110, 50],
      ],
    ],
    [
      'pressed twice, INFO lagging behind',
      '55',
      [
        ['5', 'rfc4733', 0, 100],
        ['5', 'rfc4733', 200, 100],
        ['5', 'info', 350, 100],
        ['5', 'info', 500, 100],
      ],
    ],
    [
      'a number by event and tone',
      '1123',
      [
        ['1', 'rfc4733', 0, 100],
        ['1', 'inband', 20, 80],
        ['1', 'rfc4733', 200, 100],
        ['1', 'inband', 220, 80],
        ['2', 'inband', 420, 80],
        ['2', 'rfc4733', 400, 100],
        ['3', 'rfc4733', 600, 100],
      ],
    ],
    [
      'a long press overlaps its tone',
      '5',
      [
        ['5', 'inband', 500, 100],
        ['5', 'rfc4733', 0, 3000],
      ],
    ],
  ];
  for (const [name, expected, reports] of CASES) {
    it(`${name}: ${expected}`, () => {
      assert.equal(merged(...reports), expected);
    });
  }

  it('goes on working for a long call', () => {
    const merge = new DigitMerge();
    for (let index = 0; index < 1000; index += 1) {
      const at = { atMs: index * 200, durationMs: 100 };
      assert.equal(merge.accept({ digit: '1', method: 'rfc4733', ...at }), true);
      assert.equal(merge.accept({ digit: '1', method: 'inband', ...at }), false);
    }
  });
});
