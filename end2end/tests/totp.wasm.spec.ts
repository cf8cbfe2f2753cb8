import { expect, test } from '@playwright/test';
import { totp } from '../support';

// The secret of RFC 6238, appendix B, and the last 6 of its 8 digits.
const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

test('codes are those of RFC 6238', () => {
  expect(totp(SECRET, 0, 59_000)).toBe('287082');
  expect(totp(SECRET, 0, 1_111_111_109_000)).toBe('081804');
  expect(totp(SECRET, 0, 20_000_000_000_000)).toBe('353130');
  expect(totp(SECRET, 1, 29_000)).toBe('287082');
});
