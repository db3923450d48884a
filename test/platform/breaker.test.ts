import { Breaker } from '../../lambdas/platform/breaker';

function stand() {
  const clock = { now: 0 };
  return { clock, breaker: new Breaker({ threshold: 3, openMs: 1_000, now: () => clock.now }) };
}

test('opens after three failures in a row, and lets one caller try each second', () => {
  const { clock, breaker } = stand();
  for (let i = 0; i < 3; i++) {
    expect(breaker.allows()).toBe(true);
    breaker.failed();
  }
  expect(breaker.allows()).toBe(false);
  clock.now = 1_000;
  expect([breaker.allows(), breaker.allows()]).toEqual([true, false]);
  clock.now = 2_000;
  expect(breaker.allows()).toBe(true);
});

test('closes on the first success', () => {
  const { clock, breaker } = stand();
  for (let i = 0; i < 3; i++) breaker.failed();
  clock.now = 1_000;
  expect(breaker.allows()).toBe(true);
  breaker.succeeded();
  expect([breaker.allows(), breaker.allows()]).toEqual([true, true]);
});

test('failures that are not in a row don’t add up', () => {
  const { breaker } = stand();
  for (let i = 0; i < 5; i++) {
    breaker.failed();
    breaker.failed();
    breaker.succeeded();
  }
  expect(breaker.allows()).toBe(true);
});
